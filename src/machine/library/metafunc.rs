//! `pytest_generate_tests`: runs such a hook for one test function, and tells with what it calls `parametrize`.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::{ClassId, FnId, Keywords, ModId, Value};

/// Bound in the namespace of a `Metafunc`: the calls of its `parametrize` so far, as tuples.
const CALLS: &str = "calls()";
/// `metafunc.parametrize`
const PARAMETRIZE: &str = "pytest.Metafunc.parametrize()";
/// Steps that one hook may take for one test.
const STEPS: u64 = 20_000;

/// What a hook sees of a test function.
pub struct Metafunc<'a> {
    /// `fixturenames`
    pub names: &'a [Name],
    /// `function`
    pub function: FnId,
    /// `cls`
    pub class: Option<ClassId>,
    /// `module`
    pub module: Option<ModId>,
}

impl Machine<'_> {
    /// Arguments of each `parametrize` that the hook calls; none if they are not known for certain.
    pub fn generate_tests(&mut self, hook: &Value, metafunc: &Metafunc<'_>) -> Option<Vec<(Vec<Value>, Keywords)>> {
        let Value::Instance(object) = self.instance(Value::external("pytest.Metafunc"), Vec::new(), Vec::new()) else {
            return None;
        };
        let ns = self.state.instances[object].ns;
        // What it is handed to opens it again.
        self.state.close(ns);
        let names = metafunc.names.iter().map(|name| Value::str(name.as_str())).collect();
        let names = self.state.list(names);
        let calls = self.state.new_object(Vec::new(), Vec::new(), true);
        let parametrize = Value::Method(Arc::new((Value::external(PARAMETRIZE), Value::Instance(object))));
        let attributes = [
            ("fixturenames", names),
            ("function", Value::Function(metafunc.function)),
            ("cls", metafunc.class.map_or(Value::None, Value::Class)),
            ("module", metafunc.module.map_or(Value::Unknown, Value::Module)),
            ("parametrize", parametrize),
            (CALLS, Value::List(calls)),
        ];
        for (name, value) in attributes {
            self.state.bind(ns, Name::new(name), value);
        }
        self.limit = self.steps + STEPS;
        self.tries.push(Vec::new());
        let result = self.call(hook, vec![Value::Instance(object)], Vec::new());
        self.tries.pop();
        self.frames.clear();
        result.ok().filter(|value| !value.is_unknown() && !matches!(value, Value::Suspended(_)))?;
        let found = self.state.object(calls);
        if !found.exact || self.state.ns(ns).open.is_some() {
            return None;
        }
        let found = found.items.clone();
        found.iter().map(|call| self.arguments_of(call)).collect()
    }

    fn arguments_of(&self, call: &Value) -> Option<(Vec<Value>, Keywords)> {
        let Value::Tuple(parts) = call else { return None };
        let [Value::Tuple(args), Value::Tuple(named)] = &**parts else { return None };
        let pair = |pair: &Value| match pair {
            Value::Tuple(pair) => Some((Name::new(pair.first()?.as_str()?), pair.get(1)?.clone())),
            _ => None,
        };
        Some((args.to_vec(), named.iter().map(pair).collect::<Option<_>>()?))
    }

    /// `metafunc.parametrize(...)`
    pub(super) fn play_metafunc(&mut self, request: &Request) -> Played {
        let [Value::Instance(object), args @ ..] = request.args else { return None };
        if request.name != PARAMETRIZE {
            return None;
        }
        let ns = self.state.instances[*object].ns;
        let Some(Value::List(calls)) = self.state.slot(ns, Name::new(CALLS)).map(|slot| slot.value.clone()) else {
            return None;
        };
        let named =
            request.kwargs.iter().map(|(name, value)| Value::tuple(vec![Value::str(name.as_str()), value.clone()]));
        let call = Value::tuple(vec![Value::tuple(args.to_vec()), Value::tuple(named.collect())]);
        let certain = request.complete && !self.has_left();
        self.state.change(calls, |object| {
            object.items.push(call);
            object.exact &= certain;
        });
        Some(Ok(Value::None))
    }
}
