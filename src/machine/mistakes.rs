//! Operations that values refuse, in CPython's words. Only values whose type is certain are judged.

use super::Machine;
use super::lacks::Kind;
use super::log::Eval;
use super::value::Value;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, CompareOp, UnaryOp};

/// Class and message of an exception.
pub(super) type Refusal = (&'static str, String);

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

fn is_row(kind: &str) -> bool {
    matches!(kind, "str" | "bytes" | "tuple" | "list")
}

fn is_builtin(kind: &str) -> bool {
    is_number(kind) || is_row(kind) || matches!(kind, "dict" | "set" | "NoneType")
}

pub(super) fn type_error(text: String) -> Option<Refusal> {
    Some(("TypeError", text))
}

/// The operator as messages show it, and the methods behind it.
const fn operator(op: BinaryOp) -> (&'static str, [&'static str; 4]) {
    match op {
        BinaryOp::Add => ("+", ["__add__", "__radd__", "__iadd__", ""]),
        BinaryOp::Sub => ("-", ["__sub__", "__rsub__", "__isub__", ""]),
        BinaryOp::Mult => ("*", ["__mul__", "__rmul__", "__imul__", "__index__"]),
        BinaryOp::MatMult => ("@", ["__matmul__", "__rmatmul__", "__imatmul__", ""]),
        BinaryOp::Div => ("/", ["__truediv__", "__rtruediv__", "__itruediv__", ""]),
        BinaryOp::Mod => ("%", ["__mod__", "__rmod__", "__imod__", ""]),
        BinaryOp::Pow => ("** or pow()", ["__pow__", "__rpow__", "__ipow__", ""]),
        BinaryOp::LShift => ("<<", ["__lshift__", "__rlshift__", "__ilshift__", ""]),
        BinaryOp::RShift => (">>", ["__rshift__", "__rrshift__", "__irshift__", ""]),
        BinaryOp::BitOr => ("|", ["__or__", "__ror__", "__ior__", ""]),
        BinaryOp::BitXor => ("^", ["__xor__", "__rxor__", "__ixor__", ""]),
        BinaryOp::BitAnd => ("&", ["__and__", "__rand__", "__iand__", ""]),
        BinaryOp::FloorDiv => ("//", ["__floordiv__", "__rfloordiv__", "__ifloordiv__", ""]),
    }
}

/// Whether types take each other, whatever the values.
fn takes(version: PythonVersion, op: BinaryOp, a: &str, b: &str) -> bool {
    match op {
        BinaryOp::MatMult => false,
        BinaryOp::LShift | BinaryOp::RShift => is_whole(a) && is_whole(b),
        BinaryOp::BitOr | BinaryOp::BitXor | BinaryOp::BitAnd => {
            is_whole(a) && is_whole(b)
                || a == "set" && b == "set"
                || op == BinaryOp::BitOr && a == "dict" && b == "dict" && version >= PythonVersion::three(9)
                || op == BinaryOp::BitOr && matches!((a, b), ("type", "type" | "NoneType") | ("NoneType", "type"))
        }
        BinaryOp::Sub => is_number(a) && is_number(b) || a == "set" && b == "set",
        BinaryOp::Add => is_number(a) && is_number(b) || is_row(a) && a == b,
        BinaryOp::Mult => is_number(a) && is_number(b) || is_row(a) && is_whole(b) || is_whole(a) && is_row(b),
        BinaryOp::Mod => is_number(a) && is_number(b) || matches!(a, "str" | "bytes"),
        BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Pow => is_number(a) && is_number(b),
    }
}

fn binary(version: PythonVersion, op: BinaryOp, a: &str, b: &str) -> Option<Refusal> {
    if takes(version, op, a, b) {
        return None;
    }
    match op {
        BinaryOp::Add if a == "bytes" => type_error(format!("can't concat {b} to bytes")),
        BinaryOp::Add if is_row(a) => type_error(format!("can only concatenate {a} (not \"{b}\") to {a}")),
        BinaryOp::Mult if is_row(a) || is_row(b) => {
            let other = if is_row(a) { b } else { a };
            type_error(format!("can't multiply sequence by non-int of type '{other}'"))
        }
        _ => type_error(format!("unsupported operand type(s) for {}: '{a}' and '{b}'", operator(op).0)),
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

/// The operators that order, as messages show them, and the methods behind them.
const fn order(op: CompareOp) -> Option<(&'static str, [&'static str; 2])> {
    Some(match op {
        CompareOp::Lt => ("<", ["__lt__", "__gt__"]),
        CompareOp::LtE => ("<=", ["__le__", "__ge__"]),
        CompareOp::Gt => (">", ["__gt__", "__lt__"]),
        CompareOp::GtE => (">=", ["__ge__", "__le__"]),
        _ => return None,
    })
}

/// Methods that make a value a container.
const CONTAINS: &[&str] = &["__contains__", "__iter__", "__getitem__"];
/// Methods that make a value iterable.
const ITERATES: &[&str] = &["__iter__", "__getitem__"];

/// What `int(value)` raises for a container.
pub(super) fn int(version: PythonVersion, value: &Value) -> Option<Refusal> {
    let kind = kind(value).filter(|kind| matches!(*kind, "list" | "tuple" | "dict" | "set"))?;
    let number = if version >= PythonVersion::three(10) { "a real number" } else { "a number" };
    type_error(format!("int() argument must be a string, a bytes-like object or {number}, not '{kind}'"))
}

/// What `float(value)` raises.
pub(super) fn float(value: &Value) -> Option<Refusal> {
    let Value::Str(text) = value else { return None };
    let plain = text.len() < 40 && !text.contains(['\'', '\\', '_']) && text.chars().all(|c| c.is_ascii_graphic());
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    let number = text.parse::<f64>().is_ok() || matches!(&*bare, "inf" | "infinity" | "nan");
    (plain && !number).then(|| ("ValueError", format!("could not convert string to float: '{text}'")))
}

impl Machine<'_> {
    /// What `left op right` raises, if it does for certain.
    pub(super) fn refused_binary(&self, op: BinaryOp, left: &Value, right: &Value) -> Option<Refusal> {
        let version = self.setup.version;
        let methods = operator(op).1;
        let (a, b) = (self.kind_without(left, &methods)?, self.kind_without(right, &methods)?);
        if op == BinaryOp::Mod
            && let Value::Str(format) = left
        {
            return super::percent::refused(version, format, right, &b);
        }
        zero(version, op, left, right).or_else(|| binary(version, op, &a, &b))
    }

    /// What a comparison raises.
    pub(super) fn refused_comparison(&self, op: CompareOp, left: &Value, right: &Value) -> Option<Refusal> {
        if matches!(op, CompareOp::In | CompareOp::NotIn) {
            let b = self.kind_without(right, CONTAINS)?;
            let holds = is_row(&b) || matches!(&*b, "dict" | "set");
            let new = self.setup.version >= PythonVersion::three(14);
            let what = if new { "a container or iterable" } else { "iterable" };
            return if holds { None } else { type_error(format!("argument of type '{b}' is not {what}")) };
        }
        let (sign, methods) = order(op)?;
        let (a, b) = (self.kind_without(left, &methods)?, self.kind_without(right, &methods)?);
        let same = a == b && is_builtin(&a) && !matches!(&*a, "dict" | "NoneType");
        let ordered = is_number(&a) && is_number(&b) || same;
        if ordered {
            return None;
        }
        type_error(format!("'{sign}' not supported between instances of '{a}' and '{b}'"))
    }

    /// What `op value` raises.
    pub(super) fn refused_unary(&self, op: UnaryOp, value: &Value) -> Option<Refusal> {
        let (sign, method) = match op {
            UnaryOp::USub => ("-", "__neg__"),
            UnaryOp::UAdd => ("+", "__pos__"),
            UnaryOp::Invert => ("~", "__invert__"),
            UnaryOp::Not => return None,
        };
        let kind = self.kind_without(value, &[method]).filter(|kind| !is_number(kind))?;
        type_error(format!("bad operand type for unary {sign}: '{kind}'"))
    }

    /// What `value[index]` raises, whatever is in the value.
    pub(super) fn refused_item(&self, value: &Value, index: &Value) -> Option<Refusal> {
        let version = self.setup.version;
        let own = self.kind_without(value, &["__getitem__", "__class_getitem__"])?;
        if let Value::Class(class) = value {
            let lacks = self.class_lacks(*class, &["__class_getitem__"]);
            let text = match version >= PythonVersion::three(11) {
                true => format!("type '{}' is not subscriptable", self.state.classes[*class].name),
                false => "'type' object is not subscriptable".to_owned(),
            };
            return if lacks { type_error(text) } else { None };
        }
        if !is_row(&own) && own != "dict" {
            return type_error(format!("'{own}' object is not subscriptable"));
        }
        if own == "dict" {
            return self.unhashable(index, Use::Key);
        }
        let other = self.kind_without(index, &["__index__"]).filter(|kind| !is_whole(kind))?;
        type_error(match &*own {
            "list" | "tuple" => format!("{own} indices must be integers or slices, not {other}"),
            "str" if version >= PythonVersion::three(11) => format!("string indices must be integers, not '{other}'"),
            "str" => "string indices must be integers".to_owned(),
            _ => return None,
        })
    }

    /// What `value[index] = new` raises.
    pub(super) fn refused_item_set(&self, value: &Value, index: &Value, deletes: bool) -> Option<Refusal> {
        let method = if deletes { "__delitem__" } else { "__setitem__" };
        let own = self.kind_without(value, &[method])?;
        match (&*own, value) {
            ("dict", Value::Dict(dict)) => self.unhashable(index, Use::Key).or_else(|| {
                let object = self.state.object(*dict);
                let known = super::operate::is_literal(index) && object.items.iter().all(super::operate::is_literal);
                let lacks = deletes && known && !object.items.iter().any(|key| self.equal(key, index) != Some(false));
                if lacks { Some(("KeyError", self.repr(index)?)) } else { None }
            }),
            ("list", Value::List(list)) => {
                let len = i64::try_from(self.state.object(*list).items.len()).unwrap_or(i64::MAX);
                match index {
                    Value::Int(at) if *at >= len || *at < -len => {
                        Some(("IndexError", "list assignment index out of range".to_owned()))
                    }
                    _ => None,
                }
            }
            ("type", _) => None,
            (_, Value::Bytes(_)) if deletes => type_error(format!("'{own}' object doesn't support item deletion")),
            _ if deletes => type_error(format!("'{own}' object doesn't support item deletion")),
            _ => type_error(format!("'{own}' object does not support item assignment")),
        }
    }

    /// What `len(value)` raises.
    pub(super) fn refused_length(&self, value: &Value) -> Option<Refusal> {
        let kind = self.kind_without(value, &["__len__"])?;
        let sized = is_row(&kind) || matches!(&*kind, "dict" | "set");
        if sized { None } else { type_error(format!("object of type '{kind}' has no len()")) }
    }

    /// The name of a type that cannot be iterated.
    pub(super) fn not_iterable(&self, value: &Value) -> Option<Kind> {
        let kind = self.kind_without(value, ITERATES)?;
        let iterates = is_row(&kind) || matches!(&*kind, "dict" | "set");
        (!iterates).then_some(kind)
    }

    /// What hashing the value raises.
    pub(super) fn unhashable(&self, value: &Value, role: Use) -> Option<Refusal> {
        let found = self.unhashable_kind(value)?;
        let outer: Kind = if matches!(value, Value::Tuple(_)) { "tuple".into() } else { found.clone() };
        let new = self.setup.version >= PythonVersion::three(14);
        type_error(match role {
            Use::Key if new => format!("cannot use '{outer}' as a dict key (unhashable type: '{found}')"),
            Use::Element if new => format!("cannot use '{outer}' as a set element (unhashable type: '{found}')"),
            _ => format!("unhashable type: '{found}'"),
        })
    }

    fn unhashable_kind(&self, value: &Value) -> Option<Kind> {
        match value {
            Value::List(_) | Value::Dict(_) | Value::Set(_) => self.kind_without(value, &[]),
            Value::Tuple(items) => items.iter().find_map(|item| self.unhashable_kind(item)),
            _ => None,
        }
    }

    /// Raises what is refused, where values are trusted.
    pub(super) fn refuse(&mut self, refusal: Option<Refusal>) -> Eval<()> {
        match refusal {
            Some((class, message)) => self.fails(class, message).map(|_| ()),
            None => Ok(()),
        }
    }
}

/// What a value is hashed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A key of a dict.
    Key,
    /// An element of a set.
    Element,
    /// `hash(value)`
    Hash,
}
