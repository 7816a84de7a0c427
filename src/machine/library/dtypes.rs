//! Of which dtype arrays and indices of numpy and pandas are, where what they are made of is plain: ids show its text.

use super::foreign::MAKER;
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::{InstId, Value};
use crate::python::foreign;

/// A keyword that no call has: the dtype of the array that it stands with.
pub(super) const DTYPE: &str = "dtype()";

/// A keyword that no call has: the text of the dtype that it stands with.
pub(super) const TEXT: &str = "text()";

/// Names of numpy's dtypes behind the shorter ways to write them.
const SHORT: &[(&str, &str)] = &[
    ("int", "int64"),
    ("int_", "int64"),
    ("intp", "int64"),
    ("i1", "int8"),
    ("i2", "int16"),
    ("i4", "int32"),
    ("i8", "int64"),
    ("u1", "uint8"),
    ("u2", "uint16"),
    ("u4", "uint32"),
    ("u8", "uint64"),
    ("float", "float64"),
    ("f2", "float16"),
    ("f4", "float32"),
    ("f8", "float64"),
    ("complex", "complex128"),
    ("c8", "complex64"),
    ("c16", "complex128"),
    ("bool_", "bool"),
    ("?", "bool"),
    ("object_", "object"),
    ("O", "object"),
];

/// What numpy writes as it is read.
const PLAIN: &[&str] = &[
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "bool",
    "object",
];

/// What pandas adds to these.
const EXTENDED: &[&str] = &[
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean",
    "category", "string",
];

/// The kinds of elements that arrays are made of, wider ones behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Int,
    Float,
    Bool,
    Str,
}

/// The text of numpy's dtype of that name.
fn of_numpy(name: &str) -> Option<String> {
    if PLAIN.contains(&name) {
        return Some(name.to_owned());
    }
    if let Some((_, full)) = SHORT.iter().find(|(short, _)| *short == name) {
        return Some((*full).to_owned());
    }
    let (kind, unit) = name.strip_suffix(']')?.split_once('[')?;
    let kind = match kind {
        "M8" | "datetime64" => "datetime64",
        "m8" | "timedelta64" => "timedelta64",
        _ => return None,
    };
    matches!(unit, "s" | "ms" | "us" | "ns").then(|| format!("{kind}[{unit}]"))
}

fn named<'a>(kwargs: &'a [(Name, Value)], name: &str) -> Option<&'a Value> {
    kwargs.iter().find(|(own, _)| own.as_str() == name).map(|(_, value)| value)
}

/// Whether a text is a day, or a time of day to the second, without a zone.
fn is_day(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ':' | ' ' | '/' | 'T'))
}

/// Whether a text is a span of days, hours and the like.
fn is_span(text: &str) -> bool {
    let word = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let mut units = word.split(' ');
    let unit = units.next().unwrap_or_default();
    word.len() < text.len()
        && units.next().is_none()
        && matches!(
            unit.to_ascii_lowercase().trim_end_matches('s'),
            "day" | "d" | "hour" | "h" | "min" | "minute" | "second"
        )
}

impl Machine<'_> {
    /// The text of an object's dtype.
    pub(super) fn dtype_of(&mut self, object: InstId) -> Option<String> {
        let data = self.state.instances[object].clone();
        if let Some(Value::Str(text)) = named(&data.kwargs, DTYPE) {
            return Some(text.to_string());
        }
        let made_by = named(&data.kwargs, MAKER).and_then(Value::as_str).map(str::to_owned);
        let maker = made_by.or_else(|| self.foreign_class(object))?;
        let kwargs: Vec<_> = data.kwargs.into_iter().filter(|(name, _)| !name.as_str().ends_with("()")).collect();
        self.dtype_of_made(&maker, &data.args, &kwargs)
    }

    fn dtype_of_made(&mut self, maker: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<String> {
        let numpy = maker.strip_prefix("numpy.");
        let last = maker.rsplit('.').next()?;
        let place = match (numpy, last) {
            (Some(_), "arange" | "linspace") => None,
            _ => args.get(1),
        };
        if let Some(dtype) = named(kwargs, "dtype").or(place.filter(|_| takes_dtype(last))) {
            return self.dtype_text(dtype);
        }
        match (numpy, last) {
            (Some(_), "arange") => self.dtype_of_elements(args, numpy.is_some()),
            (Some(_), "zeros" | "ones" | "empty" | "linspace") => Some("float64".to_owned()),
            (Some(_), "array" | "asarray") => self.dtype_of_data(args.first()?, true),
            (None, "array") => self.dtype_of_extension(args.first()?),
            (None, "Index" | "Series") => self.dtype_of_data(args.first()?, false),
            (None, "RangeIndex") => Some("int64".to_owned()),
            (None, "Categorical" | "CategoricalIndex") => Some("category".to_owned()),
            (None, "date_range" | "DatetimeIndex") => self.dtype_of_times(last, args, kwargs),
            (None, "timedelta_range" | "TimedeltaIndex") => self.dtype_of_spans(last, args, kwargs),
            (None, "period_range") => match named(kwargs, "freq").and_then(Value::as_str)? {
                freq @ ("D" | "M" | "h" | "min" | "s") => Some(format!("period[{freq}]")),
                _ => None,
            },
            (None, "from_breaks") => {
                // The class stands first, if it was bound.
                let breaks = args.last()?;
                let closed = match named(kwargs, "closed") {
                    None => "right",
                    Some(closed) => closed.as_str()?,
                };
                Some(format!("interval[{}, {closed}]", self.dtype_of_breaks(breaks)?))
            }
            _ => None,
        }
    }

    fn dtype_of_breaks(&mut self, breaks: &Value) -> Option<String> {
        match breaks {
            Value::List(_) => {
                let (items, true) = self.elements(breaks)? else { return None };
                self.dtype_of_elements(&items, true)
            }
            other => self.dtype_of_data(other, true),
        }
    }

    /// The dtype of an array of this, which may be an array itself.
    fn dtype_of_data(&mut self, data: &Value, numpy: bool) -> Option<String> {
        match data {
            Value::Instance(id) => self.dtype_of(*id),
            Value::List(_) | Value::Tuple(_) if !self.state.is_disguised(data) => {
                let (items, true) = self.elements(data)? else { return None };
                if items.is_empty() && !numpy {
                    return Some("object".to_owned());
                }
                self.dtype_of_elements(&items, numpy)
            }
            _ => None,
        }
    }

    /// The dtype that is found for plain elements.
    fn dtype_of_elements(&mut self, items: &[Value], numpy: bool) -> Option<String> {
        let mut kinds: Vec<Element> = Vec::new();
        self.kinds_of_elements(items, &mut kinds)?;
        kinds.sort_unstable();
        kinds.dedup();
        let text = match kinds.as_slice() {
            [Element::Int] => "int64",
            [] | [Element::Float] | [Element::Int, Element::Float] => "float64",
            [Element::Bool] => "bool",
            [Element::Str] if !numpy => match self.foreign_major("pandas")? {
                3.. => "str",
                _ => "object",
            },
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn kinds_of_elements(&mut self, items: &[Value], kinds: &mut Vec<Element>) -> Option<()> {
        for item in items {
            kinds.push(match item {
                Value::Int(_) => Element::Int,
                Value::Float(_) => Element::Float,
                Value::Bool(_) => Element::Bool,
                Value::Str(_) => Element::Str,
                Value::List(_) if !self.state.is_disguised(item) => {
                    let (inner, true) = self.elements(item)? else { return None };
                    self.kinds_of_elements(&inner, kinds)?;
                    continue;
                }
                _ => return None,
            });
        }
        Some(())
    }

    /// What `pandas.array` makes of plain elements.
    fn dtype_of_extension(&mut self, data: &Value) -> Option<String> {
        let text = match self.dtype_of_data(data, false)?.as_str() {
            "int64" => "Int64",
            "float64" => "Float64",
            "bool" => "boolean",
            "str" => "string",
            _ => return None,
        };
        matches!(data, Value::List(_)).then(|| text.to_owned())
    }

    /// The unit of times that no text makes finer.
    fn unit_of_times(&mut self, kwargs: &[(Name, Value)]) -> Option<String> {
        if let Some(unit) = named(kwargs, "unit") {
            return unit.as_str().map(str::to_owned);
        }
        let fine = match named(kwargs, "freq") {
            None => false,
            Some(freq) => freq.as_str()?.ends_with(['n', 'N']) || freq.as_str()?.ends_with("ns"),
        };
        if fine {
            return None;
        }
        Some(if self.foreign_major("pandas")? >= 3 { "us" } else { "ns" }.to_owned())
    }

    fn dtype_of_times(&mut self, maker: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<String> {
        let known = ["start", "end", "periods", "freq", "tz", "name", "unit"];
        if kwargs.iter().any(|(name, _)| !known.contains(&name.as_str()))
            || !self.are_plain(maker, args, kwargs, is_day)
        {
            return None;
        }
        let unit = self.unit_of_times(kwargs)?;
        Some(match named(kwargs, "tz") {
            None | Some(Value::None) => format!("datetime64[{unit}]"),
            Some(zone) => format!("datetime64[{unit}, {}]", zone.as_str()?),
        })
    }

    fn dtype_of_spans(&mut self, maker: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<String> {
        let known = ["start", "end", "periods", "freq", "name", "unit"];
        if kwargs.iter().any(|(name, _)| !known.contains(&name.as_str()))
            || !self.are_plain(maker, args, kwargs, is_span)
        {
            return None;
        }
        Some(format!("timedelta64[{}]", self.unit_of_times(kwargs)?))
    }

    /// Whether all points or spans that something is made of are such texts, or missing ones among them.
    fn are_plain(&mut self, maker: &str, args: &[Value], kwargs: &[(Name, Value)], plain: fn(&str) -> bool) -> bool {
        let text = |value: &Value| value.as_str().is_some_and(plain);
        if maker.ends_with("_range") {
            let given = args.iter().take(2).chain(named(kwargs, "start")).chain(named(kwargs, "end"));
            return args.len() <= 2 && given.into_iter().all(text);
        }
        let [data @ Value::List(_)] = args else { return false };
        match self.elements(data) {
            Some((items, true)) => {
                items.iter().any(text) && items.iter().all(|item| text(item) || self.is_missing_time(item))
            }
            _ => false,
        }
    }

    /// `pandas.NaT`
    fn is_missing_time(&self, value: &Value) -> bool {
        let Value::Instance(id) = value else { return false };
        matches!(&self.state.instances[*id].class, Value::External(name) if name.as_str().ends_with(".NaTType"))
    }

    /// The text of a dtype as it is handed over.
    pub(super) fn dtype_text(&mut self, dtype: &Value) -> Option<String> {
        match dtype {
            Value::Str(name) => match &**name {
                extended if EXTENDED.contains(&extended) => Some(extended.to_owned()),
                "string[python]" => Some("string".to_owned()),
                "str" if self.foreign_major("pandas")? >= 3 => Some("str".to_owned()),
                name => of_numpy(name),
            },
            Value::External(class) => {
                let (owner, name) = class.as_str().rsplit_once('.')?;
                let builtin = owner == "builtins" && matches!(name, "int" | "float" | "complex" | "bool" | "object");
                if builtin || owner == "numpy" { of_numpy(name) } else { None }
            }
            Value::Instance(id) => {
                named(&self.state.instances[*id].kwargs, TEXT).and_then(Value::as_str).map(str::to_owned)
            }
            _ => None,
        }
    }

    /// The dtype of the sum or product of two arrays, or of one with a number that its dtype holds.
    pub(super) fn combined_dtype(&mut self, left: &Value, right: &Value) -> Option<String> {
        let (array, other) = match (left, right) {
            (Value::Instance(id), other) | (other, Value::Instance(id)) => (self.dtype_of(*id)?, other),
            _ => return None,
        };
        let holds = match other {
            Value::Instance(id) => self.dtype_of(*id)? == array,
            Value::Int(_) => array.contains("int") || array.starts_with("float") || array.starts_with("complex"),
            Value::Float(_) => array.starts_with("float") || array.starts_with("complex"),
            Value::Complex(..) => array.starts_with("complex"),
            _ => false,
        };
        holds.then_some(array)
    }

    /// `numpy.dtype(...)`, `object.dtype`: an object with this text.
    pub(super) fn dtype_object(&mut self, text: &str) -> Value {
        let text = (Name::new(TEXT), Value::str(text));
        self.instance(Value::external(foreign::PLAIN), vec![Value::Unknown], vec![text])
    }

    /// `numpy.dtype(value)`
    pub(super) fn dtype_made_of(&mut self, class: &str, args: &[Value]) -> Option<Value> {
        let text = match (class, args) {
            ("numpy.dtype", [Value::Str(name)]) => of_numpy(name)?,
            ("numpy.dtype", [value @ Value::External(_)]) => self.dtype_text(value)?,
            _ => return None,
        };
        Some(self.dtype_object(&text))
    }

    /// Members of dtypes, and the dtypes of other objects.
    pub(super) fn dtype_member(&mut self, instance: InstId, name: Name) -> Option<Value> {
        if name.as_str() == "dtype" {
            let text = self.dtype_of(instance)?;
            return Some(self.dtype_object(&text));
        }
        let text = named(&self.state.instances[instance].kwargs, TEXT)?.as_str()?;
        // That of intervals says nothing of what they hold.
        (name.as_str() == "name" && !text.starts_with("interval")).then(|| Value::str(text))
    }

    /// Notes the dtype of what a method of an array gives.
    pub(super) fn note_dtype(&mut self, method: &str, source: InstId, args: &[Value], made: &Value) {
        let Value::Instance(made) = made else { return };
        let kept = match method {
            "copy" | "repeat" | "[]" => true,
            "insert" => {
                let class = self.foreign_class(source).unwrap_or_default();
                (class.ends_with(".DatetimeIndex") || class.ends_with(".TimedeltaIndex"))
                    && args.get(1).is_some_and(|value| self.is_missing_time(value))
            }
            _ => false,
        };
        let text = match (method, args) {
            _ if kept => self.dtype_of(source),
            ("astype", [dtype, ..]) => self.dtype_text(dtype),
            _ => None,
        };
        if let Some(text) = text {
            self.state.instances[*made].kwargs.push((Name::new(DTYPE), Value::str(&text)));
        }
    }
}

/// Whether the second argument of such a function or class is the dtype.
fn takes_dtype(name: &str) -> bool {
    matches!(name, "array" | "asarray" | "zeros" | "ones" | "empty" | "Index")
}
