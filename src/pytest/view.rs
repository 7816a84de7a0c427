//! Reading the values that the machine left behind: sequences, attributes of classes, `repr`. Runs nothing.

use crate::base::intern::Name;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, FnId, InstId, Value};
pub use crate::python::repr::{bytes_repr, complex_repr, escape, float_repr, str_repr};

/// What `bool(value)` gives, if that is known.
#[must_use]
pub fn truth(state: &State, value: &Value) -> Option<bool> {
    Some(match value {
        Value::None => false,
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        Value::BigInt(number) => **number != 0,
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
        Value::Instance(instance) => state.namedtuple_items(*instance),
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
        Value::Instance(instance) => state.namedtuple_items(*instance).map(|items| items.len()),
        Value::None => return Err("NoneType"),
        Value::Bool(_) => return Err("bool"),
        Value::Int(_) => return Err("int"),
        Value::BigInt(_) => return Err("int"),
        Value::Float(_) => return Err("float"),
        Value::Complex(..) => return Err("complex"),
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
        Value::BigInt(number) => number.to_string(),
        Value::Float(number) => float_repr(*number),
        Value::Complex(real, imaginary) => complex_repr(*real, *imaginary),
        Value::Str(text) => str_repr(text),
        Value::Bytes(text) => bytes_repr(text),
        Value::Tuple(items) => {
            let texts = list(items)?;
            let comma = if texts.len() == 1 { "," } else { "" };
            format!("({}{comma})", texts.join(", "))
        }
        Value::List(_) | Value::Dict(_) if state.is_disguised(value) => return None,
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
