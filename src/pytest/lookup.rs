//! Looking into the machine's values: attributes of modules, lists of texts and paths.

use std::path::PathBuf;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::state::Slot;
use crate::machine::value::{ModId, Value};

/// An attribute of a module object, whatever `sys.modules` says by now.
pub fn attribute<'m>(machine: &'m Machine<'_>, module: ModId, name: &str) -> Option<&'m Slot> {
    let state = machine.state();
    state.ns(state.modules[module].ns).get(Name::new(name))
}

/// Elements of a list, tuple or set, and whether these are all.
pub fn elements(machine: &Machine<'_>, value: &Value) -> Option<(Vec<Value>, bool)> {
    match value {
        Value::Tuple(items) => Some((items.to_vec(), true)),
        Value::List(id) | Value::Set(id) => {
            let object = machine.state().object(*id);
            Some((object.items.clone(), object.exact))
        }
        _ => None,
    }
}

/// Texts and paths of a sequence, and whether these are all.
pub fn texts(machine: &Machine<'_>, value: &Value) -> (Vec<String>, bool) {
    let Some((items, mut exact)) = elements(machine, value) else { return (Vec::new(), false) };
    let mut found = Vec::new();
    for item in &items {
        match item {
            Value::Str(text) => found.push(text.to_string()),
            Value::Path(path) => found.push(PathBuf::clone(path).to_string_lossy().into_owned()),
            _ => exact = false,
        }
    }
    (found, exact)
}
