//! `pytest_generate_tests`: runs such a hook for one test function, and tells with what it calls `parametrize`.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::{ClassId, FnId, Keywords, Mark, ModId, Value};

/// Bound in the namespace of a `Metafunc`: the calls of its `parametrize` so far, as tuples.
const CALLS: &str = "calls()";
/// `metafunc.parametrize`
const PARAMETRIZE: &str = "pytest.Metafunc.parametrize()";
/// `metafunc.definition.iter_markers`
const ITER_MARKERS: &str = "pytest.FunctionDefinition.iter_markers()";
/// `metafunc.definition.get_closest_marker`
const CLOSEST_MARKER: &str = "pytest.FunctionDefinition.get_closest_marker()";
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
    /// `config`
    pub config: Value,
    /// Marks of the function and of the nodes above it, innermost first.
    pub marks: Vec<Arc<Mark>>,
    /// Node id of the function.
    pub nodeid: &'a str,
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
        let definition = self.definition_node(metafunc);
        let attributes = [
            ("definition", definition),
            ("fixturenames", names),
            ("function", Value::Function(metafunc.function)),
            ("cls", metafunc.class.map_or(Value::None, Value::Class)),
            ("module", metafunc.module.map_or(Value::Unknown, Value::Module)),
            ("config", metafunc.config.clone()),
            ("parametrize", parametrize),
            (CALLS, Value::List(calls)),
        ];
        for (name, value) in attributes {
            self.state.bind(ns, Name::new(name), value);
        }
        self.limit = self.steps + STEPS;
        self.tries.push(Vec::new());
        let args = vec![Value::Instance(object)];
        // The hook of an installed plugin is what counts here, and no call in passing.
        let result = match hook {
            Value::Function(id) if !self.units[self.state.functions[*id].unit].is_project => {
                self.follow_package(*id, args, Vec::new(), true)
            }
            _ => self.call(hook, args, Vec::new()),
        };
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

    /// `metafunc.definition`: the node, with its marks.
    fn definition_node(&mut self, metafunc: &Metafunc<'_>) -> Value {
        let node = self.instance(Value::external("pytest.FunctionDefinition"), Vec::new(), Vec::new());
        let Value::Instance(object) = node else { return Value::Unknown };
        let ns = self.state.instances[object].ns;
        let marks = Value::tuple(metafunc.marks.iter().cloned().map(Value::Mark).collect());
        let name = Value::str(metafunc.nodeid.rsplit("::").next().unwrap_or(metafunc.nodeid));
        let method = |name: &str| Value::Method(Arc::new((Value::external(name), marks.clone())));
        let attributes = [
            ("name", name.clone()),
            ("originalname", name),
            ("nodeid", Value::str(metafunc.nodeid)),
            ("obj", Value::Function(metafunc.function)),
            ("function", Value::Function(metafunc.function)),
            ("config", metafunc.config.clone()),
            ("iter_markers", method(ITER_MARKERS)),
            ("get_closest_marker", method(CLOSEST_MARKER)),
        ];
        for (name, value) in attributes {
            self.state.bind(ns, Name::new(name), value);
        }
        node
    }

    /// `node.iter_markers(name)`, `node.get_closest_marker(name, default)`
    fn play_markers(request: &Request) -> Played {
        let [Value::Tuple(marks), rest @ ..] = request.args else { return None };
        let named =
            |wanted: &str| request.kwargs.iter().find(|(key, _)| key.as_str() == wanted).map(|(_, value)| value);
        let name = rest.first().or_else(|| named("name"));
        if !request.complete || name.is_some_and(|name| name.as_str().is_none() && *name != Value::None) {
            return None;
        }
        let wanted = name.and_then(Value::as_str);
        let is = |mark: &&Value| match mark {
            Value::Mark(mark) => wanted.is_none_or(|wanted| mark.name.as_str() == wanted),
            _ => false,
        };
        let mut found = marks.iter().filter(is).cloned();
        Some(Ok(if request.name == ITER_MARKERS {
            Value::tuple(found.collect())
        } else {
            let default = rest.get(1).or_else(|| named("default")).cloned().unwrap_or(Value::None);
            found.next().unwrap_or(default)
        }))
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
        if matches!(request.name, ITER_MARKERS | CLOSEST_MARKER) {
            return Self::play_markers(request);
        }
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
