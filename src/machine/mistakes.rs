//! Operations that builtin values refuse, in CPython's words. Only values whose type is certain are judged, and never
//! None, which often stands for what somebody sets before it is used.

use super::Machine;
use super::value::Value;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, CompareOp, UnaryOp};

/// Class and message of an exception.
type Refusal = (&'static str, String);

/// The type of a builtin value.
pub(super) const fn kind(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Tuple(_) => "tuple",
        Value::List(_) => "list",
        Value::Dict(_) => "dict",
        Value::Set(_) => "set",
        _ => return None,
    })
}

fn is_number(kind: &str) -> bool {
    matches!(kind, "bool" | "int" | "float")
}

fn is_whole(kind: &str) -> bool {
    matches!(kind, "bool" | "int")
}

fn is_scalar(kind: &str) -> bool {
    is_number(kind) || matches!(kind, "str" | "bytes")
}

fn is_row(kind: &str) -> bool {
    matches!(kind, "str" | "bytes" | "tuple" | "list")
}

/// The operators that are judged, as messages show them.
const fn sign(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mult => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
        _ => return None,
    })
}

/// What `left op right` raises, if it does for certain.
pub(super) fn binary(version: PythonVersion, op: BinaryOp, left: &Value, right: &Value) -> Option<Refusal> {
    let (a, b, sign) = (kind(left)?, kind(right)?, sign(op)?);
    let unsupported = || Some(("TypeError", format!("unsupported operand type(s) for {sign}: '{a}' and '{b}'")));
    if is_number(a) && is_number(b) {
        return zero(version, op, left, right);
    }
    // Views of dicts are lists to us, and take more than lists do.
    if op != BinaryOp::Add && !is_scalar(a) && !is_scalar(b) {
        return None;
    }
    match op {
        BinaryOp::Add if is_row(a) && a == b => None,
        BinaryOp::Add if a == "bytes" => Some(("TypeError", format!("can't concat {b} to bytes"))),
        BinaryOp::Add if is_row(a) => Some(("TypeError", format!("can only concatenate {a} (not \"{b}\") to {a}"))),
        BinaryOp::Mult if is_row(a) && is_whole(b) || is_whole(a) && is_row(b) => None,
        BinaryOp::Mult if is_row(a) || is_row(b) => {
            let other = if is_row(a) { b } else { a };
            Some(("TypeError", format!("can't multiply sequence by non-int of type '{other}'")))
        }
        BinaryOp::Mod if matches!(a, "str" | "bytes") => None,
        _ => unsupported(),
    }
}

/// Division of whole numbers by zero.
fn zero(version: PythonVersion, op: BinaryOp, left: &Value, right: &Value) -> Option<Refusal> {
    let whole = matches!(left, Value::Int(_) | Value::Bool(_));
    if !whole || !matches!(right, Value::Int(0) | Value::Bool(false)) {
        return None;
    }
    let text = match op {
        BinaryOp::Div => "division by zero",
        BinaryOp::Mod if version >= PythonVersion::three(11) => "integer modulo by zero",
        BinaryOp::FloorDiv | BinaryOp::Mod => "integer division or modulo by zero",
        _ => return None,
    };
    Some(("ZeroDivisionError", text.to_owned()))
}

/// What a comparison raises.
pub(super) fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<Refusal> {
    let (a, b) = (kind(left)?, kind(right)?);
    let sign = match op {
        CompareOp::Lt => "<",
        CompareOp::LtE => "<=",
        CompareOp::Gt => ">",
        CompareOp::GtE => ">=",
        CompareOp::In | CompareOp::NotIn if is_number(b) => {
            return Some(("TypeError", format!("argument of type '{b}' is not iterable")));
        }
        _ => return None,
    };
    let ordered = is_number(a) && is_number(b) || a == b || !is_scalar(a) && !is_scalar(b);
    (!ordered).then(|| ("TypeError", format!("'{sign}' not supported between instances of '{a}' and '{b}'")))
}

/// What `op value` raises.
pub(super) fn unary(op: UnaryOp, value: &Value) -> Option<Refusal> {
    let kind = kind(value).filter(|kind| !is_number(kind))?;
    let sign = match op {
        UnaryOp::USub => "-",
        UnaryOp::UAdd => "+",
        UnaryOp::Invert => "~",
        UnaryOp::Not => return None,
    };
    Some(("TypeError", format!("bad operand type for unary {sign}: '{kind}'")))
}

/// What `value[index]` raises, whatever is in the value.
pub(super) fn item(version: PythonVersion, value: &Value, index: &Value) -> Option<Refusal> {
    let own = kind(value)?;
    if is_number(own) {
        return Some(("TypeError", format!("'{own}' object is not subscriptable")));
    }
    let other = kind(index).filter(|kind| !is_whole(kind))?;
    let text = match own {
        "list" | "tuple" => format!("{own} indices must be integers or slices, not {other}"),
        "str" if version >= PythonVersion::three(11) => format!("string indices must be integers, not '{other}'"),
        "str" => "string indices must be integers".to_owned(),
        _ => return None,
    };
    Some(("TypeError", text))
}

/// What `len(value)` raises.
pub(super) fn length(value: &Value) -> Option<Refusal> {
    let kind = kind(value).filter(|kind| is_number(kind))?;
    Some(("TypeError", format!("object of type '{kind}' has no len()")))
}

/// What `float(value)` raises.
pub(super) fn float(value: &Value) -> Option<Refusal> {
    let Value::Str(text) = value else { return None };
    let plain = text.len() < 40 && !text.contains(['\'', '\\', '_']) && text.chars().all(|c| c.is_ascii_graphic());
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let number = text.parse::<f64>().is_ok() || matches!(&*bare, "inf" | "infinity" | "nan");
    (plain && !number).then(|| ("ValueError", format!("could not convert string to float: '{text}'")))
}

/// What `int(value)` raises for a container.
pub(super) fn int(version: PythonVersion, value: &Value) -> Option<Refusal> {
    let kind = kind(value).filter(|kind| matches!(*kind, "list" | "tuple" | "dict" | "set"))?;
    let number = if version >= PythonVersion::three(10) { "a real number" } else { "a number" };
    Some(("TypeError", format!("int() argument must be a string, a bytes-like object or {number}, not '{kind}'")))
}

impl Machine<'_> {
    /// Raises what is refused, where values are trusted.
    pub(super) fn refuse(&mut self, refusal: Option<Refusal>) -> super::log::Eval<()> {
        match refusal {
            Some((class, message)) => self.fails(class, message).map(|_| ()),
            None => Ok(()),
        }
    }
}
