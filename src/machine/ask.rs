//! Questions of pytest's part about what imports left behind: signatures, and results of small pure functions.

use std::sync::Arc;

use super::Machine;
use super::value::{ClassId, FnId, Value};
use crate::base::intern::Name;
use crate::summary::program::Parameter;

/// Steps that one evaluation may take.
const STEPS: u64 = 20_000;

impl Machine<'_> {
    /// The parameters of a function or lambda.
    pub fn signature(&mut self, function: FnId) -> Option<Arc<[Parameter]>> {
        self.parameters(function)
    }

    /// A method of a new object of a class whose construction nothing asks for.
    pub fn method_of(&mut self, class: super::value::ClassId, function: FnId) -> Value {
        let object = self.instance(Value::Class(class), Vec::new(), Vec::new());
        Value::Method(Arc::new((Value::Function(function), object)))
    }

    /// Whether a top-level module of this name would be found.
    #[must_use]
    pub fn module_exists(&self, name: &str) -> bool {
        let path: Vec<_> = self.path().into_iter().filter(|entry| !entry.as_os_str().is_empty()).collect();
        !matches!(self.world.find(&path, name), crate::python::location::Location::Missing)
    }

    /// A list of what a generator yields in place of it.
    pub fn listed(&mut self, value: Value) -> Value {
        if let Value::Instance(array) = value {
            return self.array_elements(array).map_or(value, |items| self.state.list(items));
        }
        let Value::Suspended(generator) = &value else { return value };
        self.limit = self.steps + STEPS;
        self.tries.push(Vec::new());
        let items = self.list_generator(generator);
        self.tries.pop();
        self.frames.clear();
        match items {
            Ok(Some(items)) => self.state.list(items),
            _ => value,
        }
    }

    /// What a call gives; none if that is not known or it raises.
    pub fn evaluate(&mut self, function: &Value, args: Vec<Value>) -> Option<Value> {
        self.limit = self.steps + STEPS;
        self.tries.push(Vec::new());
        let result = self.call(function, args, Vec::new());
        self.tries.pop();
        self.frames.clear();
        result.ok().filter(|value| !value.is_unknown())
    }

    /// Makes an instance as pytest does, where a constructor of the project decides what comes of it.
    pub fn instantiate(&mut self, class: ClassId, argument: &str) -> super::Outcome {
        let has_own = |base: &Value| match base {
            Value::Class(base) => self.state.slot(self.state.classes[*base].ns, Name::new("__init__")).is_some(),
            _ => false,
        };
        if !self.state.classes[class].mro.iter().any(has_own) {
            return super::Outcome::Completes;
        }
        let args = vec![Value::str(argument)];
        self.drive("pytest", |machine| {
            machine.tries.push(Vec::new());
            machine.call(&Value::Class(class), args, Vec::new()).map(|_| ())
        })
    }

    /// Reads an attribute as `hasattr` does.
    pub fn asked_for(&mut self, value: &Value, name: &str) -> super::Outcome {
        self.drive("pytest", |machine| {
            machine.tries.push(Vec::new());
            machine.attribute(value, Name::new(name)).map(|_| ())
        })
    }

    /// Runs a hook as pytest does before it collects; of its arguments nothing is known. What it raises is the
    /// caller's to judge: values behind a hook's argument are not known well.
    pub fn run_hook(&mut self, hook: &Value) -> super::Outcome {
        let (function, first) = match hook {
            Value::Function(function) => (*function, None),
            Value::Method(method) => match &method.0 {
                Value::Function(function) => (*function, Some(method.1.clone())),
                _ => return super::Outcome::Unknown("a hook that is no function".to_owned()),
            },
            _ => return super::Outcome::Unknown("a hook that is no function".to_owned()),
        };
        let Some(parameters) = self.parameters(function) else {
            return super::Outcome::Unknown("a hook without a definition".to_owned());
        };
        let unit = self.state.functions[function].unit;
        let names: Vec<_> = parameters.iter().map(|parameter| self.name_in(unit, parameter.name)).collect();
        let kwargs = names.into_iter().skip(usize::from(first.is_some())).map(|name| (name, Value::Unknown)).collect();
        let args: Vec<Value> = first.into_iter().collect();
        self.drive("pytest", |machine| {
            machine.tries.push(Vec::new());
            machine.follow(function, args, kwargs, true).map(|_| ())
        })
    }
}
