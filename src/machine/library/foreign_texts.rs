//! `str` and `repr` of objects of numpy and pandas that are made of plain numbers.

use crate::machine::Machine;
use crate::machine::value::{Instance, Value};

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

impl Machine<'_> {
    /// The text of an object of such a class.
    pub(super) fn foreign_text(&self, class: &str, data: &Instance, repr: bool) -> Option<String> {
        let plain = data.kwargs.is_empty();
        match (class, data.args.as_slice()) {
            ("pandas._libs.missing.NAType", _) => Some("<NA>".to_owned()),
            ("pandas._libs.tslibs.nattype.NaTType", _) => Some("NaT".to_owned()),
            ("pandas._libs.interval.Interval", [left, right, closed @ ..]) if !repr && plain => {
                let (open, close) = match closed.first().map_or(Some("right"), Value::as_str)? {
                    "right" => ('(', ']'),
                    "left" => ('[', ')'),
                    "both" => ('[', ']'),
                    _ => ('(', ')'),
                };
                let number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_));
                if ![left, right].into_iter().all(number) {
                    return None;
                }
                Some(format!("{open}{}, {}{close}", self.to_str(left)?, self.to_str(right)?))
            }
            ("pandas._libs.tslibs.timedeltas.Timedelta", [Value::Int(span @ 0..)]) if !repr && plain => {
                Some(format!("{} days {}", span / DAY, time_of_day(span % DAY)))
            }
            ("pandas._libs.tslibs.timestamps.Timestamp", [Value::Int(point @ 0..DAY)]) if !repr && plain => {
                Some(format!("1970-01-01 {}", time_of_day(*point)))
            }
            (class, [number @ Value::Int(_)]) if repr && plain && is_whole(class) => {
                let text = self.repr(number)?;
                let (_, name) = class.split_once('.')?;
                match self.majors.get("numpy")?.as_ref()? {
                    2.. => Some(format!("np.{name}({text})")),
                    _ => Some(text),
                }
            }
            _ => None,
        }
    }
}

fn is_whole(class: &str) -> bool {
    let bits = class.strip_prefix("numpy.").map(|name| name.strip_prefix('u').unwrap_or(name));
    matches!(bits, Some("int8" | "int16" | "int32" | "int64"))
}

/// Hours, minutes and seconds as pandas writes them: six digits behind the point, or nine where they are needed.
fn time_of_day(nanos: i64) -> String {
    let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    let clock = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    match rest {
        0 => clock,
        rest if rest % 1000 == 0 => format!("{clock}.{:06}", rest / 1000),
        rest => format!("{clock}.{rest:09}"),
    }
}

#[cfg(test)]
mod tests {
    use super::time_of_day;

    #[test]
    fn times_have_as_many_digits_as_they_need() {
        assert_eq!(time_of_day(0), "00:00:00");
        assert_eq!(time_of_day(1), "00:00:00.000000001");
        assert_eq!(time_of_day(3_723_000_001_000), "01:02:03.000001");
    }
}
