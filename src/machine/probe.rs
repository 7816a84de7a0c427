//! Follows functions that nobody calls during collection: hooks, fixtures, tests. What they do is told, and undone.
//!
//! Arguments that pytest would give are unknown, but for those that annotations, fixtures or a class tell of. Peers are
//! taken as present, so that all of a function is seen.

use super::Machine;
use super::attribute::Found;
use super::library::Waits;
use super::log::ThrowKind;
use super::outcome::{Cause, Event, Raised};
use super::value::{ClassId, DescriptorKind, FnId, Value};
use crate::base::intern::Name;
use crate::python::effects;
use crate::summary::program::{Expr, ExprKind, ParameterKind};

/// Steps that one function and all that it calls may take.
const PROBE_STEPS: u64 = 20_000;

/// How a function that was followed ends.
#[derive(Debug, Clone, Default)]
pub enum Ending {
    /// It comes back, as far as can be seen.
    #[default]
    Returns,
    /// It raises an exception.
    Raises(Box<Raised>),
    /// It ends the process or the run.
    Exits(Box<Raised>),
    /// It does not come back.
    Hangs(Box<Raised>),
    /// It takes too long to follow.
    Unknown,
}

/// What following a function gave.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// Calls with an effect, in order: [`Event::Effect`] only.
    pub effects: Vec<Event>,
    /// How it ends.
    pub ending: Ending,
    /// Environment variables that it reads.
    pub variables: Vec<Name>,
}

/// A process as it was before a probe.
pub struct Before {
    waits: Waits,
    limit: u64,
    call_steps: u64,
    events: usize,
}

impl Machine<'_> {
    /// Begins to follow calls that are undone at the end.
    pub fn begin_probe(&mut self) -> Before {
        self.state.fork();
        let before = Before {
            waits: self.waits.clone(),
            limit: self.limit,
            call_steps: self.call_steps,
            events: self.events.len(),
        };
        self.probing = true;
        self.limit = self.steps + PROBE_STEPS;
        self.call_steps = 0;
        self.frames.clear();
        self.tries.clear();
        self.handled.clear();
        self.guarded = 0;
        self.spent.clear();
        before
    }

    /// Undoes what was done since.
    pub fn end_probe(&mut self, before: Before) {
        self.state.rewind();
        self.waits = before.waits;
        self.limit = before.limit;
        self.call_steps = before.call_steps;
        self.events.truncate(before.events);
        self.variables_read.clear();
        self.probing = false;
        self.frames.clear();
        self.tries.clear();
    }

    /// From here on connections stay inside the process.
    pub fn mute(&mut self) {
        self.waits.muted += 1;
    }

    /// Calls a function as pytest does: by name, with what is known of its arguments. The value is what it returns, or
    /// yields first.
    pub fn probe(&mut self, function: &Value, own: Option<Value>, given: &[(Name, Value)]) -> (Followed, Value) {
        let Some(id) = function_of(function) else { return (Followed::default(), Value::Unknown) };
        let first = self.events.len();
        let mut args: Vec<Value> = own.into_iter().collect();
        let parameters = self.parameters(id).unwrap_or_else(|| Vec::new().into());
        let unit = self.state.functions[id].unit;
        let mut kwargs = Vec::new();
        for parameter in parameters.iter().skip(args.len()) {
            if matches!(parameter.kind, ParameterKind::VarPositional | ParameterKind::VarKeyword) {
                continue;
            }
            let name = self.name_in(unit, parameter.name);
            let known = given.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
            let has_default = self.state.functions[id].defaults.iter().any(|(own, _)| *own == name);
            if known.is_none() && has_default {
                continue;
            }
            let known = known.filter(|value| !value.is_unknown());
            let value = known.or_else(|| self.annotated(id, parameter.annotation.as_ref()?)).unwrap_or(Value::Unknown);
            match parameter.kind {
                ParameterKind::PositionalOnly => args.push(value),
                _ => kwargs.push((name, value)),
            }
        }
        self.yielded = None;
        let result = self.follow(id, args, kwargs, true);
        self.frames.clear();
        self.tries.clear();
        let yielded = self.yielded.take();
        let events = self.events.split_off(first.min(self.events.len()));
        let effects = events.into_iter().filter(|event| matches!(event, Event::Effect { .. })).collect();
        let (ending, value) = match result {
            Ok(value) => (Ending::Returns, value),
            Err(throw) => {
                let raised = Box::new(throw.raised);
                let ending = match (throw.kind, &raised.cause) {
                    (ThrowKind::Hang, _) => Ending::Hangs(raised),
                    (ThrowKind::Dead, _) | (_, Cause::Exit(_)) => Ending::Exits(raised),
                    (ThrowKind::GiveUp, _) => Ending::Unknown,
                    (ThrowKind::Exception, _) => Ending::Raises(raised),
                };
                (ending, Value::Unknown)
            }
        };
        let variables = std::mem::take(&mut self.variables_read);
        (Followed { effects, ending, variables }, yielded.unwrap_or(value))
    }

    /// Calls the function that a test replaces things by: `@patch(...)` above it. How many values it adds.
    pub fn apply_decorators(&mut self, function: &Value) -> usize {
        let Some(id) = function_of(function) else { return 0 };
        let decorators = self.state.functions[id].decorators.clone();
        decorators.iter().filter(|decorator| self.apply_patch(decorator).is_some()).count()
    }

    /// Whether a decorator of a function answers in the network's place.
    #[must_use]
    pub fn is_muted_by_decorators(&self, function: &Value) -> bool {
        let Some(id) = function_of(function) else { return false };
        let data = &self.state.functions[id];
        let names = data.marks.iter().any(|mark| MUTING_MARKS.contains(&mark.name.as_str()));
        names || data.decorators.iter().any(|decorator| self.mutes(decorator))
    }

    /// An object of a class, without running its constructor: a test class's, a unittest case's.
    pub fn bare_instance(&mut self, class: ClassId) -> Value {
        let made = self.instance(Value::Class(class), Vec::new(), Vec::new());
        if let Value::Instance(instance) = made {
            let ns = self.state.instances[instance].ns;
            self.state.open(ns, "it is made by pytest");
        }
        made
    }

    /// An object that pytest or a plugin hands to tests under a well-known name.
    pub fn well_known(&mut self, fixture: &str) -> Option<Value> {
        let class = match fixture {
            "monkeypatch" => "pytest.MonkeyPatch",
            "mocker" | "class_mocker" | "module_mocker" | "package_mocker" | "session_mocker" => {
                "pytest_mock.MockerFixture"
            }
            _ => return None,
        };
        Some(self.instance(Value::external(class), Vec::new(), Vec::new()))
    }

    /// What a name of a loaded module stands for, through classes: the value, and the class that holds it.
    #[must_use]
    pub fn member(&self, module: &str, parts: &[&str]) -> Option<(Value, Option<ClassId>)> {
        let (first, rest) = parts.split_first()?;
        let mut value = self.namespace(module)?.get(Name::new(first))?.value.clone();
        let mut owner = None;
        for part in rest {
            let Value::Class(class) = value else { return None };
            let (Found::Yes(found) | Found::Maybe(found)) = self.class_lookup(class, Name::new(part)).0 else {
                return None;
            };
            owner = Some(class);
            value = found;
        }
        Some((value, owner))
    }

    /// A method of a class, if the project defines it.
    #[must_use]
    pub fn project_method(&self, class: ClassId, name: &str) -> Option<Value> {
        let (Found::Yes(found) | Found::Maybe(found)) = self.class_lookup(class, Name::new(name)).0 else {
            return None;
        };
        let id = function_of(&found)?;
        self.units[self.state.functions[id].unit].is_project.then_some(found)
    }

    /// Functions of the project that are fixtures, with the name that tests request.
    #[must_use]
    pub fn fixture_functions(&self) -> Vec<(FnId, Name)> {
        let own = self.state.functions.iter_ids().filter(|(_, function)| self.units[function.unit].is_project);
        own.filter_map(|(id, function)| {
            let arguments = function.fixture.as_ref()?;
            let named = arguments.iter().find(|(key, _)| key.as_str() == "name").and_then(|(_, value)| value.as_str());
            Some((id, named.map_or(function.name, Name::new)))
        })
        .collect()
    }

    /// Whether the first argument of a fixture is the object of its class.
    #[must_use]
    pub fn takes_self(&self, function: FnId) -> bool {
        self.state.functions[function].class.is_some()
    }

    /// Where a function is: file, place, line.
    #[must_use]
    pub fn place_of(&self, function: &Value) -> Option<super::outcome::Frame> {
        let id = function_of(function)?;
        let data = &self.state.functions[id];
        let is_project = self.units[data.unit].is_project;
        is_project.then(|| self.frame_at(data.unit, data.module, data.span))
    }

    /// An object of the class that an annotation names, where its methods are worth following.
    fn annotated(&mut self, id: FnId, annotation: &Expr) -> Option<Value> {
        let class = self.annotation_value(id, annotation)?;
        match &class {
            Value::Class(class) => Some(self.bare_instance(*class)),
            Value::External(name) => {
                let known = effects::receiver(name.as_str())?;
                Some(self.instance(Value::external(known), Vec::new(), Vec::new()))
            }
            _ => None,
        }
    }

    pub(super) fn annotation_value(&mut self, id: FnId, annotation: &Expr) -> Option<Value> {
        let data = &self.state.functions[id];
        let (unit, module) = (data.unit, data.module);
        match &annotation.kind {
            ExprKind::Name(name) => {
                let name = self.name_in(unit, *name);
                let ns = self.state.modules[module].ns;
                self.state.slot(ns, name).map(|slot| slot.value.clone())
            }
            ExprKind::Attribute { value, name, .. } => {
                let owner = self.annotation_value(id, value)?;
                let name = self.name_in(unit, *name);
                self.attribute(&owner, name).ok()
            }
            _ => None,
        }
    }
}

/// Marks of plugins that answer in the network's place.
const MUTING_MARKS: &[&str] = &["vcr", "respx", "disable_socket", "default_cassette", "httpx_mock", "block_network"];

/// The function behind a value.
fn function_of(value: &Value) -> Option<FnId> {
    match value {
        Value::Function(id) => Some(*id),
        Value::Method(method) => function_of(&method.0),
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner) => function_of(inner),
        _ => None,
    }
}
