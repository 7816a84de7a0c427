//! Finds fixture definitions in plugins, conftests, modules and classes, as pytest's `parsefactories` does.

use std::sync::Arc;

use super::fixtures::{FixtureDef, Registry, Scope, Written};
use super::params::Failure;
use super::{signature, view};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::state::State;
use crate::machine::value::{ClassId, DescriptorKind, FnId, NsId, Value};

/// Registers the fixtures of a module's namespace for the node `baseid`.
///
/// # Errors
/// pytest's complaint about a definition.
pub fn scan_module(
    machine: &mut Machine<'_>,
    registry: &mut Registry,
    ns: NsId,
    baseid: &Arc<str>,
) -> Result<(), Failure> {
    if machine.state().ns(ns).open.is_some() {
        registry.open(baseid);
    }
    note_possible(machine.state(), registry, ns, baseid);
    for (name, value, maybe) in sorted(machine.state(), &[ns]) {
        register(machine, registry, &name, &value, maybe, baseid, false)?;
    }
    Ok(())
}

/// Registers the fixtures of a class and its bases.
///
/// # Errors
/// pytest's complaint about a definition.
pub fn scan_class(
    machine: &mut Machine<'_>,
    registry: &mut Registry,
    class: ClassId,
    baseid: &Arc<str>,
) -> Result<(), Failure> {
    let state = machine.state();
    let spaces: Vec<_> =
        state.classes[class].mro.iter().filter_map(view::as_class).map(|base| state.classes[base].ns).collect();
    if spaces.iter().any(|ns| state.ns(*ns).open.is_some()) {
        registry.open(baseid);
    }
    for ns in &spaces {
        note_possible(state, registry, *ns, baseid);
    }
    for (name, value, maybe) in sorted(state, &spaces) {
        register(machine, registry, &name, &value, maybe, baseid, true)?;
    }
    Ok(())
}

/// What a library's factory made may be a fixture; some factories even bind names behind our back.
fn note_possible(state: &State, registry: &mut Registry, ns: NsId, baseid: &Arc<str>) {
    for (name, slot) in state.ns(ns).iter() {
        match &slot.value {
            Value::Unknown => registry.note_possible(name, baseid),
            Value::External(made) if made.as_str().ends_with(')') => registry.note_possible(name, baseid),
            Value::External(made) if made.as_str().starts_with("pytest_factoryboy") => registry.open(baseid),
            Value::Instance(id) if matches!(state.instances[*id].class, Value::External(_) | Value::Unknown) => {
                registry.note_possible(name, baseid);
            }
            Value::Function(id)
                if state.modules[state.functions[*id].module].name.as_str().starts_with("pytest_factoryboy") =>
            {
                registry.open(baseid);
            }
            Value::Function(id) if state.functions[*id].opaque && state.functions[*id].fixture.is_none() => {
                registry.note_possible(name, baseid);
            }
            _ => {}
        }
    }
}

/// Functions in the order of `dir()`, the first namespace that has a name wins; none where none is a fixture.
fn sorted(state: &State, spaces: &[NsId]) -> Vec<(Name, Value, bool)> {
    let is_fixture = |value: &Value| function_of(value).is_some_and(|id| state.functions[id].fixture.is_some());
    let mut slots = spaces.iter().flat_map(|ns| state.ns(*ns).iter());
    // Most classes have hundreds of methods and no fixture.
    if !slots.any(|(_, slot)| is_fixture(&slot.value)) {
        return Vec::new();
    }
    let mut found: Vec<(Name, Value, bool)> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    for ns in spaces {
        for (name, slot) in state.ns(*ns).iter() {
            if seen.insert(name) && function_of(&slot.value).is_some() {
                found.push((name, slot.value.clone(), slot.maybe));
            }
        }
    }
    found.sort_by_key(|(name, _, _)| name.as_str());
    found
}

/// The function of a value that may be a fixture.
fn function_of(value: &Value) -> Option<FnId> {
    match value {
        Value::Function(id) => Some(*id),
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner) => function_of(inner),
        _ => None,
    }
}

/// The fixture arguments of a value, if it is a fixture definition.
#[must_use]
pub fn definition(state: &State, value: &Value) -> Option<Arc<Vec<(Name, Value)>>> {
    match value {
        Value::Function(id) => state.functions[*id].fixture.clone(),
        Value::Method(parts) => definition(state, &parts.0),
        Value::Descriptor(_, inner) => definition(state, inner),
        _ => None,
    }
}

fn register(
    machine: &mut Machine<'_>,
    registry: &mut Registry,
    name: &Name,
    value: &Value,
    maybe: bool,
    baseid: &Arc<str>,
    in_class: bool,
) -> Result<(), Failure> {
    let Some(id) = function_of(value) else { return Ok(()) };
    let Some(given) = machine.state().functions[id].fixture.clone() else { return Ok(()) };
    if maybe {
        registry.open(baseid);
    }
    let argument = |wanted: &str| given.iter().find(|(key, _)| key.as_str() == wanted).map(|(_, value)| value);
    let shown = match argument("name") {
        Some(Value::Str(text)) if !text.is_empty() => Name::new(text),
        Some(Value::Unknown) => {
            registry.open(baseid);
            return Ok(());
        }
        _ => *name,
    };
    let scope = match argument("scope") {
        None | Some(Value::None) => Some(Scope::Function),
        Some(Value::Str(text)) => match Scope::from_text(text) {
            Some(scope) => Some(scope),
            None => {
                let place = if baseid.is_empty() { String::new() } else { format!(" from {baseid}") };
                let text = format!("Fixture '{shown}'{place} got an unexpected scope value '{text}'");
                registry.note_refused(location(machine, id));
                return Err(Failure::failed(Some(text)));
            }
        },
        Some(function @ Value::Function(_)) => {
            let function = function.clone();
            let result = machine.evaluate(&function, vec![Value::str(shown.as_str()), Value::Unknown]);
            result.and_then(|value| Scope::from_text(value.as_str()?))
        }
        Some(_) => None,
    };
    let autouse = argument("autouse").map_or(Some(false), |value| view::truth(machine.state(), value));
    let params = argument("params").filter(|value| **value != Value::None).cloned();
    let ids = argument("ids").filter(|value| **value != Value::None).cloned();
    let is_static = matches!(value, Value::Descriptor(DescriptorKind::Static, _));
    let found = signature::of(machine, &Value::Function(id));
    let found = if in_class && !is_static { found.bound() } else { found };
    let source = location(machine, id);
    registry.register(FixtureDef {
        name: shown,
        baseid: Arc::clone(baseid),
        scope,
        autouse,
        params,
        ids,
        arguments: found.requested().to_vec(),
        source: Some(source),
        generated: false,
    });
    Ok(())
}

/// Where a function is written.
pub fn location(machine: &mut Machine<'_>, id: FnId) -> Written {
    let def = machine.function_def(id);
    let function = &machine.state().functions[id];
    let (unit, span, owner, body) = (function.unit, function.span, function.owner, function.body);
    let start = def.as_ref().and_then(|def| def.decorators.first()).map_or(span.start, |first| first.span.start);
    let (file, summary) = machine.unit(unit);
    let within = machine.within(unit);
    Written { file: Arc::clone(file), line: summary.line(start.min(span.start)), within, owner, body }
}
