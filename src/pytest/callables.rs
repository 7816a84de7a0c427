//! What pytest takes for a test function, and the function that runs behind an object that is called.

use super::{factories, objects, view};
use crate::machine::state::State;
use crate::machine::value::{DescriptorKind, FnId, ModId, Value};

/// Whether a function or class was made in another module.
pub(super) fn is_foreign(state: &State, module: ModId, value: &Value) -> bool {
    match value {
        Value::Function(id) => state.functions[*id].module != module,
        Value::Class(id) => state.classes[*id].module != module,
        _ => false,
    }
}

/// `value.__test__ is True`
pub(super) fn is_marked(state: &State, value: &Value) -> bool {
    matches!(value, Value::Function(id) if view::function_attribute(state, *id, "__test__") == Some(&Value::Bool(true)))
}

/// `staticmethod` and `classmethod` taken off.
pub(super) fn unwrapped(value: &Value) -> &Value {
    match value {
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner) => inner,
        other => other,
    }
}

pub(super) enum Candidate {
    Function,
    No,
    Unknown,
}

/// Whether the value is a function for pytest.
pub(super) fn candidate(state: &State, value: &Value) -> Candidate {
    if factories::definition(state, value).is_some() {
        return Candidate::No;
    }
    match value {
        Value::Function(_) | Value::Method(_) | Value::Partial(_) => Candidate::Function,
        Value::Descriptor(DescriptorKind::Property, _) => Candidate::No,
        Value::Descriptor(_, inner) => candidate(state, inner),
        Value::Instance(id) => match view::instance_attribute(state, *id, "__wrapped__") {
            Some(Value::Function(_)) => Candidate::Function,
            Some(_) => Candidate::Unknown,
            None => match state.ns(state.instances[*id].ns).open {
                Some(_) => Candidate::Unknown,
                None => Candidate::No,
            },
        },
        Value::External(name) if name.as_str().starts_with("builtins.") => Candidate::No,
        Value::External(name) if objects::is_known_module(*name) => Candidate::No,
        Value::Unknown | Value::External(_) | Value::Super(..) => Candidate::Unknown,
        Value::Class(_)
        | Value::None
        | Value::Ellipsis
        | Value::NotImplemented
        | Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Float(_)
        | Value::Complex(..)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Module(_)
        | Value::NamespaceDict(_)
        | Value::Path(_)
        | Value::Mark(_)
        | Value::Param(_)
        | Value::FixtureDecorator(_)
        | Value::Suspended(_) => Candidate::No,
    }
}

/// The function that runs when the value is called.
pub(super) fn function_behind(state: &State, value: &Value) -> Option<FnId> {
    match value {
        Value::Function(id) => Some(*id),
        Value::Method(parts) => function_behind(state, &parts.0),
        Value::Partial(parts) => function_behind(state, &parts.0),
        Value::Descriptor(_, inner) => function_behind(state, inner),
        Value::Instance(id) => match view::instance_attribute(state, *id, "__wrapped__") {
            Some(inner) => function_behind(state, inner),
            None => None,
        },
        _ => None,
    }
}
