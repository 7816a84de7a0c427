//! Classes: which ones pytest collects, and which of their names (spec: pytest-collection.md section 6).

use std::sync::Arc;

use super::params::Failure;
use super::rules::ItemRules;
use super::{objects, patterns, signature, view};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, DescriptorKind, FnId, Mark, Value};
use crate::summary::program::ExprKind;

/// What a class is to pytest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Not collected.
    None,
    /// A test class.
    Plain,
    /// A `unittest.TestCase`.
    UnitTest,
    /// Collected only if an unknown base makes it a `unittest.TestCase`.
    PerhapsUnitTest,
    /// A test class, unless an unknown base makes it something else.
    Unsure,
}

/// What pytest makes of a class bound to `name`.
pub fn kind(machine: &mut Machine<'_>, rules: &ItemRules, class: ClassId, name: &str) -> Kind {
    let state = machine.state();
    let named = patterns::matches(&rules.classes, name)
        || view::own_attribute(state, class, "__test__").is_some_and(|slot| slot.value == Value::Bool(true));
    match objects::is_test_case(state, class) {
        Some(true) if rules.at_least(8, 0) && is_abstract(machine, class) => Kind::None,
        Some(true) => Kind::UnitTest,
        None if !named => {
            // With a TestCase among its bases it would be collected.
            let state = machine.state();
            let ns = state.ns(state.classes[class].ns);
            if ns.iter().any(|(name, _)| name.as_str().starts_with("test")) {
                Kind::PerhapsUnitTest
            } else {
                Kind::None
            }
        }
        None => Kind::Unsure,
        Some(false) if !named || is_abstract(machine, class) => Kind::None,
        Some(false) => Kind::Plain,
    }
}

/// `inspect.isabstract`
fn is_abstract(machine: &mut Machine<'_>, class: ClassId) -> bool {
    let state = machine.state();
    let data = &state.classes[class];
    let by_base = view::inherits(state, class, &["abc.ABC", "_py_abc.ABC"]);
    let is_abc = |value: &Value| matches!(value, Value::External(name) if name.as_str().ends_with("ABCMeta"));
    let by_meta = data.metaclass.as_ref().is_some_and(is_abc)
        || data
            .mro
            .iter()
            .filter_map(view::as_class)
            .any(|base| state.classes[base].metaclass.as_ref().is_some_and(is_abc));
    if !by_base && !by_meta {
        return false;
    }
    let mut seen = rustc_hash::FxHashSet::default();
    let mut candidates = Vec::new();
    for base in data.mro.iter().filter_map(view::as_class) {
        for (name, slot) in state.ns(state.classes[base].ns).iter() {
            if seen.insert(name)
                && let Some(id) = function_of(&slot.value)
            {
                candidates.push(id);
            }
        }
    }
    candidates.into_iter().any(|id| is_abstract_function(machine, id))
}

fn function_of(value: &Value) -> Option<FnId> {
    match value {
        Value::Function(id) => Some(*id),
        Value::Descriptor(_, inner) => function_of(inner),
        _ => None,
    }
}

fn is_abstract_function(machine: &mut Machine<'_>, id: FnId) -> bool {
    let Some(def) = machine.function_def(id) else { return false };
    let unit = machine.state().functions[id].unit;
    let (_, summary) = machine.unit(unit);
    def.decorators.iter().any(|decorator| {
        let name = match &decorator.kind {
            ExprKind::Name(name) => *name,
            ExprKind::Attribute { name, .. } => *name,
            _ => return false,
        };
        matches!(
            summary.text(name),
            "abstractmethod" | "abstractproperty" | "abstractclassmethod" | "abstractstaticmethod"
        )
    })
}

/// Whether a constructor keeps pytest from collecting a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constructor {
    /// It has neither `__init__` nor `__new__`.
    None,
    /// It has one.
    Has,
    /// A base or decorator decides that is not known.
    Unknown,
}

/// Whether a class, or a base of it, has a constructor.
pub fn constructor(machine: &mut Machine<'_>, rules: &ItemRules, class: ClassId) -> Constructor {
    let state = machine.state();
    let mut unknown = false;
    for base in &state.classes[class].mro {
        match base {
            Value::Class(id) => {
                let data = &state.classes[*id];
                for name in ["__init__", "__new__"] {
                    if let Some(slot) = state.slot(data.ns, Name::new(name)) {
                        return if slot.maybe { Constructor::Unknown } else { Constructor::Has };
                    }
                }
                if data.decorators.iter().any(is_dataclass) {
                    return Constructor::Has;
                }
                unknown |= state.ns(data.ns).open.is_some();
            }
            Value::External(name) => {
                if objects::is_unfamiliar(*name) {
                    unknown = true;
                } else if objects::has_constructor(*name, rules.python).is_some() {
                    return Constructor::Has;
                }
            }
            _ => unknown = true,
        }
    }
    if unknown { Constructor::Unknown } else { Constructor::None }
}

/// The constructor that pytest names: `__init__` is asked for first.
#[must_use]
pub fn constructor_name(state: &State, rules: &ItemRules, class: ClassId) -> &'static str {
    let has = |name: &str| {
        state.classes[class].mro.iter().any(|base| match base {
            Value::Class(id) => {
                let data = &state.classes[*id];
                state.slot(data.ns, Name::new(name)).is_some()
                    || name == "__init__" && data.decorators.iter().any(is_dataclass)
            }
            Value::External(external) => objects::has_constructor(*external, rules.python) == Some(name),
            _ => false,
        })
    };
    if has("__init__") { "__init__" } else { "__new__" }
}

/// Whether another class that was made derives from it: then its tests run there.
#[must_use]
pub fn is_abstract_base(state: &State, class: ClassId) -> bool {
    state.classes.iter().any(|other| other.bases.contains(&Value::Class(class)))
}

fn is_dataclass(decorator: &Value) -> bool {
    match decorator {
        Value::External(name) => matches!(name.as_str(), "dataclasses.dataclass" | "dataclasses.dataclass()"),
        Value::Partial(parts) => is_dataclass(&parts.0),
        _ => false,
    }
}

/// Names of a class and its bases.
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// Per class of the resolution order, the class itself first: names that no class before it has.
    pub names: Vec<Vec<(Name, Slot)>>,
    /// Why there may be more.
    pub open: Option<String>,
}

/// The names that pytest looks at in a class.
#[must_use]
pub fn groups(state: &State, class: ClassId) -> Groups {
    let mut found = Groups::default();
    let mut seen = rustc_hash::FxHashSet::default();
    let data = &state.classes[class];
    for base in &data.mro {
        let id = match base {
            Value::Class(id) => *id,
            Value::External(name) if !objects::is_unfamiliar(*name) => continue,
            _ => {
                found.open.get_or_insert_with(|| format!("a base of {} is not known", data.name));
                continue;
            }
        };
        let ns = state.ns(state.classes[id].ns);
        if let Some(reason) = ns.open {
            found.open.get_or_insert_with(|| reason.to_owned());
        }
        found
            .names
            .push(ns.iter().filter(|(name, _)| seen.insert(*name)).map(|(name, slot)| (name, slot.clone())).collect());
    }
    if data.open && found.open.is_none() && !is_decorated_plainly(state, class) {
        found.open = Some(format!("a base, metaclass or decorator of {} cannot be followed", data.name));
    }
    found
}

/// Whether a class is open only for decorators that leave its names alone.
fn is_decorated_plainly(state: &State, class: ClassId) -> bool {
    let data = &state.classes[class];
    let plain = |decorator: &Value| {
        let owner = match decorator {
            Value::Instance(id) => &state.instances[*id].class,
            other => other,
        };
        let module = match owner {
            Value::Class(id) => state.modules[state.classes[*id].module].name.as_str(),
            Value::Function(id) => state.modules[state.functions[*id].module].name.as_str(),
            Value::External(name) => name.as_str(),
            _ => return false,
        };
        let top = module.split('.').next().unwrap_or(module);
        module.starts_with("django.test") || signature::KEEPERS.contains(&top)
    };
    !data.decorators.is_empty() && data.decorators.iter().all(plain) && !view::has_unknown_base(state, class)
}

/// Test methods of a `TestCase`.
#[derive(Debug, Clone, Default)]
pub struct Methods {
    /// In pytest's order.
    pub names: Vec<&'static str>,
    /// Why they are not certain.
    pub open: Option<String>,
}

/// What `unittest.TestLoader().getTestCaseNames` gives, or `runTest`.
#[must_use]
pub fn test_case_names(state: &State, class: ClassId) -> Methods {
    let groups = groups(state, class);
    let mut found = Methods { names: Vec::new(), open: groups.open };
    let mut runs = false;
    for (name, slot) in groups.names.into_iter().flatten() {
        let text = name.as_str();
        let is_test = text.starts_with("test");
        if !is_test && text != "runTest" {
            continue;
        }
        match callable(state, &slot.value) {
            Some(false) => continue,
            Some(true) if !slot.maybe => {}
            _ => {
                found.open.get_or_insert_with(|| format!("what {text} is bound to is not known"));
            }
        }
        if let Value::Function(id) = slot.value
            && let Some(flag) = view::function_attribute(state, id, "__test__")
            && view::truth(state, flag) == Some(false)
        {
            continue;
        }
        if is_test {
            found.names.push(text);
        } else {
            runs = true;
        }
    }
    found.names.sort_unstable();
    if found.names.is_empty() && runs {
        found.names.push("runTest");
    }
    found
}

fn callable(state: &State, value: &Value) -> Option<bool> {
    Some(match value {
        Value::Function(_) | Value::Class(_) | Value::Method(_) | Value::Partial(_) => true,
        Value::Descriptor(DescriptorKind::Property, _) => false,
        Value::Descriptor(..) => true,
        Value::Unknown | Value::External(_) | Value::Super(..) => return None,
        Value::Instance(id) => match state.instances[*id].class {
            Value::Class(class) if view::has_unknown_base(state, class) => return None,
            Value::Class(class) => view::own_attribute(state, class, "__call__").is_some(),
            _ => return None,
        },
        _ => false,
    })
}

/// Whether `unittest.skip` and its like stand above the class.
pub fn is_skipped(machine: &mut Machine<'_>, class: ClassId) -> bool {
    let state = machine.state();
    view::own_attribute(state, class, "__unittest_skip__")
        .is_some_and(|slot| view::truth(state, &slot.value) != Some(false))
}

/// Marks of a class and its bases, as pytest merges them: those of the outermost base first.
///
/// # Errors
/// If `pytestmark` holds something else.
pub fn class_marks(state: &State, class: ClassId) -> Result<Vec<Arc<Mark>>, Failure> {
    let mut found: Vec<Arc<Mark>> = Vec::new();
    for base in state.classes[class].mro.iter().rev().filter_map(view::as_class) {
        let data = &state.classes[base];
        let written = state.slot(data.ns, Name::new("pytestmark")).map(|slot| slot.value.clone());
        let mut own = marks_of(state, written.as_ref())?;
        for mark in &data.marks {
            if !own.iter().any(|other| Arc::ptr_eq(other, mark)) {
                own.push(Arc::clone(mark));
            }
        }
        found.extend(own);
    }
    Ok(found)
}

/// The marks of a `pytestmark` value.
///
/// # Errors
/// If it holds something else.
pub fn marks_of(state: &State, value: Option<&Value>) -> Result<Vec<Arc<Mark>>, Failure> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let items = match value {
        Value::List(_) | Value::Tuple(_) => view::elements(state, value).unwrap_or_default(),
        other => vec![other.clone()],
    };
    let mut found = Vec::new();
    for item in items {
        match item {
            Value::Mark(mark) => found.push(mark),
            Value::Str(_) | Value::Int(_) | Value::None | Value::Bool(_) => {
                let text = view::repr(state, &item).map(|shown| format!("got {shown} instead of Mark"));
                return Err(Failure::type_error(text));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Marks of a method of a class.
#[must_use]
pub fn method_marks(state: &State, class: ClassId, name: &str) -> Vec<Arc<Mark>> {
    match view::own_attribute(state, class, name).map(|slot| slot.value) {
        Some(value) => function_of(&value).map_or(Vec::new(), |id| state.functions[id].marks.clone()),
        None => Vec::new(),
    }
}
