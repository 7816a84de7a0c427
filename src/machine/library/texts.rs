//! `str` and `repr` of instances of library classes whose arguments are known.

use super::dtypes::TEXT;
use crate::machine::Machine;
use crate::machine::numbers::whole;
use crate::machine::value::{InstId, Instance, Value};
use crate::python::repr::str_repr;

impl Machine<'_> {
    /// `repr(instance)` or `str(instance)`, where it is known without running code of the project.
    pub(in crate::machine) fn instance_text(&self, id: InstId, repr: bool) -> Option<String> {
        let data = &self.state.instances[id];
        let class = match &data.class {
            Value::External(class) => class.as_str().to_owned(),
            Value::Class(class) => {
                let class = &self.state.classes[*class];
                let module = self.state.modules[class.module].name;
                if !module.as_str().starts_with("dateutil.") {
                    return None;
                }
                format!("{module}.{}", class.qualname)
            }
            _ => return None,
        };
        let dtype = data.kwargs.iter().find(|(name, _)| name.as_str() == TEXT).and_then(|(_, text)| text.as_str());
        if let Some(text) = dtype.filter(|_| !repr) {
            return Some(text.to_owned());
        }
        let numbers = || data.args.iter().map(whole).collect::<Option<Vec<i128>>>().filter(|_| data.kwargs.is_empty());
        match (class.as_str(), data.args.as_slice()) {
            ("operator.methodcaller" | "operator.attrgetter" | "operator.itemgetter", args) => {
                let mut shown = args.iter().map(|arg| self.repr(arg)).collect::<Option<Vec<_>>>()?;
                for (name, value) in &data.kwargs {
                    shown.push(format!("{name}={}", self.repr(value)?));
                }
                Some(format!("{class}({})", shown.join(", ")))
            }
            ("dateutil.tz.tz.tzutc", _) => Some("tzutc()".to_owned()),
            ("dateutil.tz.tz.tzlocal", _) => Some("tzlocal()".to_owned()),
            ("datetime.timedelta", _) => Some(timedelta(micros(data)?, repr)),
            ("datetime.timezone", args) if repr => self.timezone(args, data),
            ("zoneinfo.ZoneInfo", [Value::Str(key)]) => {
                Some(if repr { format!("zoneinfo.ZoneInfo(key={})", str_repr(key)) } else { key.to_string() })
            }
            ("datetime.date", [_, _, _]) => date(&numbers()?, repr),
            ("datetime.datetime", _) => datetime(&numbers()?, repr),
            ("decimal.Decimal", [Value::Str(text)]) if is_plain_decimal(text) => {
                Some(if repr { format!("Decimal('{text}')") } else { text.to_string() })
            }
            ("decimal.Decimal", [number]) => {
                let number = whole(number)?;
                Some(if repr { format!("Decimal('{number}')") } else { number.to_string() })
            }
            (class, _) => self.foreign_text(class, data, repr),
        }
    }

    fn timezone(&self, args: &[Value], data: &Instance) -> Option<String> {
        let named = |name: &str| data.kwargs.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value);
        let Value::Instance(offset) = args.first().or(named("offset"))? else { return None };
        let micros = match &self.state.instances[*offset].class {
            Value::External(class) if class.as_str() == "datetime.timedelta" => micros(&self.state.instances[*offset])?,
            _ => return None,
        };
        Some(match args.get(1).or(named("name")) {
            Some(Value::Str(name)) => format!("datetime.timezone({}, {})", timedelta(micros, true), str_repr(name)),
            Some(_) => return None,
            None if micros == 0 => "datetime.timezone.utc".to_owned(),
            None => format!("datetime.timezone({})", timedelta(micros, true)),
        })
    }
}

const UNITS: [(&str, i128); 7] = [
    ("days", 86_400_000_000),
    ("seconds", 1_000_000),
    ("microseconds", 1),
    ("milliseconds", 1_000),
    ("minutes", 60_000_000),
    ("hours", 3_600_000_000),
    ("weeks", 604_800_000_000),
];

/// A `timedelta` in microseconds.
fn micros(data: &Instance) -> Option<i128> {
    let mut total = 0i128;
    for (value, (_, unit)) in data.args.iter().zip(UNITS) {
        total = total.checked_add(whole(value)?.checked_mul(unit)?)?;
    }
    for (name, value) in &data.kwargs {
        let (_, unit) = UNITS.into_iter().find(|(unit, _)| *unit == name.as_str())?;
        total = total.checked_add(whole(value)?.checked_mul(unit)?)?;
    }
    Some(total)
}

fn timedelta(micros: i128, repr: bool) -> String {
    let (days, rest) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
    let (seconds, rest) = (rest / 1_000_000, rest % 1_000_000);
    if repr {
        let parts = [("days", days), ("seconds", seconds), ("microseconds", rest)];
        let shown: Vec<_> =
            parts.iter().filter(|(_, part)| *part != 0).map(|(name, part)| format!("{name}={part}")).collect();
        return format!("datetime.timedelta({})", if shown.is_empty() { "0".to_owned() } else { shown.join(", ") });
    }
    let mut text = match days {
        0 => String::new(),
        1 | -1 => format!("{days} day, "),
        _ => format!("{days} days, "),
    };
    text += &format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest != 0 {
        text += &format!(".{rest:06}");
    }
    text
}

fn date(parts: &[i128], repr: bool) -> Option<String> {
    let [year, month, day] = parts else { return None };
    Some(if repr { format!("datetime.date({year}, {month}, {day})") } else { format!("{year:04}-{month:02}-{day:02}") })
}

fn datetime(parts: &[i128], repr: bool) -> Option<String> {
    if !(3..=7).contains(&parts.len()) {
        return None;
    }
    let part = |at: usize| parts.get(at).copied().unwrap_or(0);
    if !repr {
        let date = date(&parts[..3], false)?;
        let fraction = if part(6) == 0 { String::new() } else { format!(".{:06}", part(6)) };
        return Some(format!("{date} {:02}:{:02}:{:02}{fraction}", part(3), part(4), part(5)));
    }
    let shown = if part(6) != 0 {
        7
    } else if part(5) != 0 {
        6
    } else {
        5
    };
    let texts: Vec<_> = (0..shown).map(|at| part(at).to_string()).collect();
    Some(format!("datetime.datetime({})", texts.join(", ")))
}

/// Digits, perhaps with a point between them.
fn is_plain_decimal(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    // Leading zeros go.
    let usual = text == "0" || !text.starts_with('0') || text.starts_with("0.");
    usual
        && match text.split_once('.') {
            Some((whole, fraction)) => digits(whole) && digits(fraction) && fraction.len() <= 6,
            None => digits(text),
        }
}

#[cfg(test)]
mod tests {
    use super::{datetime, is_plain_decimal, timedelta};

    #[test]
    fn times_are_written_as_python_writes_them() {
        assert_eq!(timedelta(3_600_000_000, true), "datetime.timedelta(seconds=3600)");
        assert_eq!(timedelta(-1, true), "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)");
        assert_eq!(timedelta(0, true), "datetime.timedelta(0)");
        assert_eq!(timedelta(90_061_000_001, false), "1 day, 1:01:01.000001");
        assert_eq!(datetime(&[2012, 1, 2], true).as_deref(), Some("datetime.datetime(2012, 1, 2, 0, 0)"));
        assert_eq!(datetime(&[2012, 1, 2, 3, 4, 5], false).as_deref(), Some("2012-01-02 03:04:05"));
        assert!(is_plain_decimal("-1.50") && !is_plain_decimal("1e5") && !is_plain_decimal("01"));
    }
}
