//! Reading the values that the machine left behind: sequences, attributes of classes, `repr`. Runs nothing.

use std::fmt::Write as _;

use crate::base::intern::Name;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, FnId, InstId, Value};

/// What `bool(value)` gives, if that is known.
#[must_use]
pub fn truth(state: &State, value: &Value) -> Option<bool> {
    Some(match value {
        Value::None => false,
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Str(text) | Value::Bytes(text) => !text.is_empty(),
        Value::Tuple(items) => !items.is_empty(),
        Value::List(id) | Value::Set(id) | Value::Dict(id) => {
            let object = state.object(*id);
            if object.items.is_empty() && !object.exact {
                return None;
            }
            !object.items.is_empty()
        }
        Value::Unknown | Value::Instance(_) | Value::External(_) => return None,
        _ => true,
    })
}

/// The elements of an iterable whose contents are known. Of a dict, the keys.
#[must_use]
pub fn elements(state: &State, value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Tuple(items) => Some(items.to_vec()),
        Value::List(id) | Value::Set(id) | Value::Dict(id) => {
            let object = state.object(*id);
            object.exact.then(|| object.items.clone())
        }
        Value::Str(text) => Some(text.chars().map(|c| Value::str(c.encode_utf8(&mut [0; 4]))).collect()),
        Value::Class(class) if is_enum(state, *class) => members(state, *class),
        _ => None,
    }
}

/// `len(value)`: `Err` for what has none, `Ok(None)` where it is not known.
pub fn length(state: &State, value: &Value) -> Result<Option<usize>, &'static str> {
    Ok(match value {
        Value::Tuple(items) => Some(items.len()),
        Value::List(id) | Value::Set(id) | Value::Dict(id) => {
            let object = state.object(*id);
            object.exact.then_some(object.items.len())
        }
        Value::Str(text) | Value::Bytes(text) => Some(text.chars().count()),
        Value::None => return Err("NoneType"),
        Value::Bool(_) => return Err("bool"),
        Value::Int(_) => return Err("int"),
        Value::Float(_) => return Err("float"),
        Value::Ellipsis => return Err("ellipsis"),
        Value::Function(_) => return Err("function"),
        Value::Class(class) if !is_enum(state, *class) && state.classes[*class].metaclass.is_none() => {
            return Err("type");
        }
        _ => None,
    })
}

/// The attribute of a class where one of ours binds it, foreign bases passed over: for names that no library defines.
#[must_use]
pub fn own_attribute(state: &State, class: ClassId, name: &str) -> Option<Slot> {
    let name = Name::new(name);
    let bases = state.classes[class].mro.iter();
    bases.filter_map(as_class).find_map(|id| state.slot(state.classes[id].ns, name).cloned())
}

/// The class, if it is one of ours.
#[must_use]
pub const fn as_class(value: &Value) -> Option<ClassId> {
    match value {
        Value::Class(id) => Some(*id),
        _ => None,
    }
}

/// Whether a class or one of its bases is the external class with one of these names.
#[must_use]
pub fn inherits(state: &State, class: ClassId, names: &[&str]) -> bool {
    state.classes[class].mro.iter().any(|base| matches!(base, Value::External(name) if names.contains(&name.as_str())))
}

/// Whether some base is not known at all.
#[must_use]
pub fn has_unknown_base(state: &State, class: ClassId) -> bool {
    state.classes[class].mro.iter().any(|base| !matches!(base, Value::Class(_) | Value::External(_)))
}

const ENUMS: &[&str] = &["enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "enum.StrEnum", "enum.ReprEnum"];

/// Whether it is a subclass of `enum.Enum`.
#[must_use]
pub fn is_enum(state: &State, class: ClassId) -> bool {
    inherits(state, class, ENUMS)
}

/// The members of an enumeration, aliases left out.
fn members(state: &State, class: ClassId) -> Option<Vec<Value>> {
    let ns = state.ns(state.classes[class].ns);
    if ns.open.is_some() {
        return None;
    }
    let mut found: Vec<Value> = Vec::new();
    for (name, slot) in ns.iter() {
        if let Value::Instance(id) = slot.value
            && state.instances[id].class == Value::Class(class)
            && !found.contains(&slot.value)
        {
            found.push(slot.value.clone());
        } else if !name.as_str().starts_with('_') && matches!(slot.value, Value::Unknown) {
            return None;
        }
    }
    Some(found)
}

/// An attribute that an instance holds itself.
#[must_use]
pub fn instance_attribute<'a>(state: &'a State, instance: InstId, name: &str) -> Option<&'a Value> {
    state.slot(state.instances[instance].ns, Name::new(name)).map(|slot| &slot.value)
}

/// An attribute set on a function object.
#[must_use]
pub fn function_attribute<'a>(state: &'a State, function: FnId, name: &str) -> Option<&'a Value> {
    let ns = state.functions[function].attributes?;
    state.slot(ns, Name::new(name)).map(|slot| &slot.value)
}

/// `repr(float)`.
#[must_use]
pub fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) || number == 0.0 {
        let plain = format!("{number}");
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// `repr(str)`.
#[must_use]
pub fn str_repr(text: &str) -> String {
    quoted(text, |c, out| {
        if is_printable(c) {
            out.push(c);
        } else {
            escape(c, out);
        }
    })
}

/// `repr(bytes)`, each byte given as the character of the same number.
#[must_use]
pub fn bytes_repr(text: &str) -> String {
    let body = quoted(text, |c, out| {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            escape(c, out);
        }
    });
    format!("b{body}")
}

fn quoted(text: &str, mut put: impl FnMut(char, &mut String)) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ => put(c, &mut out),
        }
    }
    out.push(quote);
    out
}

/// Close to `str.isprintable`: control characters, separators and surrogates are not.
fn is_printable(c: char) -> bool {
    c == ' '
        || !(c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e000}'..='\u{f8ff}'))
}

/// The escape sequence of the `unicode_escape` codec.
pub fn escape(c: char, out: &mut String) {
    let code = c as u32;
    let _ = match c {
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ if code < 0x1_0000 => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

/// `repr(value)` of plain data; none for what has a `repr` of its own.
#[must_use]
pub fn repr(state: &State, value: &Value) -> Option<String> {
    repr_within(state, value, 32)
}

fn repr_within(state: &State, value: &Value, depth: u32) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    let list =
        |items: &[Value]| -> Option<Vec<String>> { items.iter().map(|item| repr_within(state, item, depth)).collect() };
    Some(match value {
        Value::None => "None".to_owned(),
        Value::Ellipsis => "Ellipsis".to_owned(),
        Value::NotImplemented => "NotImplemented".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float_repr(*number),
        Value::Str(text) => str_repr(text),
        Value::Bytes(text) => bytes_repr(text),
        Value::Tuple(items) => {
            let texts = list(items)?;
            let comma = if texts.len() == 1 { "," } else { "" };
            format!("({}{comma})", texts.join(", "))
        }
        Value::List(id) if state.object(*id).exact => format!("[{}]", list(&state.object(*id).items)?.join(", ")),
        Value::Dict(id) if state.object(*id).exact => {
            let object = state.object(*id);
            let (keys, values) = (list(&object.items)?, list(&object.values)?);
            let pairs: Vec<_> = keys.iter().zip(values).map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{bytes_repr, float_repr, str_repr};

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let shown: Vec<_> =
            [1.0, -0.0, 1e16, 1e15, 1e-4, 1e-5, 1.5e300, 0.1, f64::NAN, 1e22, 123_456.789].map(float_repr).to_vec();
        let expected = [
            "1.0",
            "-0.0",
            "1e+16",
            "1000000000000000.0",
            "0.0001",
            "1e-05",
            "1.5e+300",
            "0.1",
            "nan",
            "1e+22",
            "123456.789",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn strings_choose_their_quotes() {
        assert_eq!(str_repr("it's"), "\"it's\"");
        assert_eq!(str_repr("a\"b'c\n"), "'a\"b\\'c\\n'");
        assert_eq!(bytes_repr("a\u{ff}\\"), "b'a\\xff\\\\'");
    }
}
