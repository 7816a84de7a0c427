//! `text % values`: what the format refuses.

use super::mistakes::{Refusal, type_error};
use super::value::Value;
use crate::python::version::PythonVersion;

/// What `format % right` raises, if its conversions are plain; `kind` is the type of `right`.
pub(super) fn refused(version: PythonVersion, format: &str, right: &Value, kind: &str) -> Option<Refusal> {
    let conversions = conversions(format)?;
    let given: &[Value] = match right {
        Value::Tuple(items) => items,
        other => std::slice::from_ref(other),
    };
    // A mapping, or anything that has items, may be given without being used.
    let is_mapping =
        !matches!(right, Value::Tuple(_) | Value::Str(_)) && !matches!(kind, "int" | "bool" | "float" | "NoneType");
    for (at, conversion) in conversions.iter().enumerate() {
        let Some(value) = given.get(at) else {
            return type_error("not enough arguments for format string".to_owned());
        };
        if let Some(text) = mismatch(version, *conversion, value) {
            return type_error(text);
        }
    }
    let more = given.len() > conversions.len();
    if more && !is_mapping {
        return type_error("not all arguments converted during string formatting".to_owned());
    }
    None
}

fn mismatch(version: PythonVersion, conversion: char, value: &Value) -> Option<String> {
    let kind = match value {
        Value::Str(_) => "str",
        Value::Tuple(_) => "tuple",
        _ => return None,
    };
    let number = if version >= PythonVersion::three(10) { "a real number" } else { "a number" };
    match conversion {
        'd' | 'i' | 'u' => Some(format!("%{conversion} format: {number} is required, not {kind}")),
        'x' | 'X' | 'o' => Some(format!("%{conversion} format: an integer is required, not {kind}")),
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => Some(match kind {
            "str" | "tuple" => format!("must be real number, not {kind}"),
            _ => return None,
        }),
        _ => None,
    }
}

/// The conversions in order; none if one of them takes its width from the arguments or is named.
fn conversions(format: &str) -> Option<Vec<char>> {
    let mut found = Vec::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            continue;
        }
        let mut kind = chars.next()?;
        while matches!(kind, '#' | '0'..='9' | '-' | ' ' | '+' | '.') {
            kind = chars.next()?;
        }
        match kind {
            '%' => {}
            's' | 'r' | 'a' | 'd' | 'i' | 'u' | 'x' | 'X' | 'o' | 'f' | 'F' | 'e' | 'E' | 'g' | 'G' | 'c' => {
                found.push(kind)
            }
            _ => return None,
        }
    }
    Some(found)
}
