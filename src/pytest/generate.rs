//! One function to its items: fixtures, parameters, `pytest_generate_tests`, and what the run's selection leaves.

use std::sync::Arc;

use super::callables::{function_behind, unwrapped};
use super::fixtures::{self, Scope};
use super::hooks::Generates;
use super::items::{Item, ItemCollector, ModuleItems, Node};
use super::notes::NoteKind;
use super::params::{self, CallSpec, Failure, Stop, Target};
use super::reorder::Key;
use super::signature::{self, Signature};
use super::{factories, view};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::state::State;
use crate::machine::value::{DescriptorKind, FnId, Mark, Value};

impl ItemCollector {
    pub(super) fn remember(&mut self, nodeid: &str, closure: &fixtures::Closure) {
        let shown = |name: &&Name| !is_generated(name.as_str());
        self.closures.insert(nodeid.to_owned(), closure.names.iter().filter(shown).copied().collect());
    }

    /// The fixtures that a test in `node` needs.
    pub(super) fn closure(
        &self,
        node: &Node,
        own_marks: &[Arc<Mark>],
        signature: &Signature,
        direct: &[Name],
    ) -> fixtures::Closure {
        let mut initial: Vec<Name> = self.rules.use_fixtures.iter().map(|name| Name::new(name)).collect();
        initial.extend(self.registry.autouse(&node.chain));
        let marks = || own_marks.iter().chain(node.marks.iter().flatten());
        // The plugin of anyio adds its fixture to the coroutines that carry its mark.
        if signature.is_coroutine && self.anyio && marks().any(|mark| mark.name.as_str() == "anyio") {
            initial.push(Name::new("anyio_backend"));
        }
        for mark in marks().filter(|mark| mark.name.as_str() == "usefixtures") {
            initial.extend(mark.args.iter().filter_map(|name| Some(Name::new(name.as_str()?))));
        }
        initial.extend(signature.requested());
        let mut found = self.registry.closure(&self.rules, &initial, direct, &node.chain);
        found.open |= signature.open;
        found
    }

    /// Items of one function.
    pub(super) fn function(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        name: Name,
        value: &Value,
        out: &mut ModuleItems,
    ) -> Result<Vec<Item>, Failure> {
        let nodeid = format!("{}::{name}", node.id);
        let inner = unwrapped(value);
        let Some(function) = function_behind(machine.state(), inner) else {
            out.blur(format!("what {name} is bound to is not known"));
            return Ok(Vec::new());
        };
        let own = machine.state().functions[function].clone();
        if let Some(flag) = view::function_attribute(machine.state(), function, "__test__")
            && view::truth(machine.state(), flag) == Some(false)
        {
            return Ok(Vec::new());
        }
        let decorators = signature::decorators(machine, function);
        if own.opaque && decorators.unknown {
            out.blur(format!("a decorator of {name} cannot be followed"));
        } else if own.is_generator && !own.is_async {
            self.failed_at = Some(factories::location(machine, function));
            if self.rules.at_least(8, 4) {
                let text = format!("'yield' keyword is allowed in fixtures, but not in tests ({name})");
                return Err(Failure::failed(Some(text)));
            }
            let closure = self.closure(node, &own.marks, &Signature::default(), &[]);
            self.remember(&nodeid, &closure);
            self.note(machine, NoteKind::YieldTest(name), &nodeid, own.unit, own.span);
            return Ok(vec![Item { nodeid, keys: Vec::new() }]);
        }
        let signature = signature::of(machine, inner);
        let is_static = matches!(value, Value::Descriptor(DescriptorKind::Static, _));
        let signature = if node.class.is_some() && !is_static { signature.bound() } else { signature };
        let marks = &own.marks;
        self.note_function(machine, node, &nodeid, function, &own, &signature);
        match self.generate(machine, node, &nodeid, function, &signature, marks) {
            Ok((closure, calls)) => {
                self.remember(&nodeid, &closure);
                if self.has_no_rows(machine.state(), node, marks) {
                    self.note(machine, NoteKind::EmptyParameters, &nodeid, own.unit, own.span);
                }
                if self.takes_a_set(machine.state(), node, marks) {
                    out.unordered.get_or_insert("parameters come from a set, whose order is another one in each run");
                }
                let test = Test { function: Some(function), marks };
                let kept = self.kept(machine.state(), node, &nodeid, test, calls);
                Ok(kept.map_or(Vec::new(), |calls| self.list(node, &nodeid, calls)))
            }
            Err(Stop::Fails(failure)) => {
                self.failed_at = Some(factories::location(machine, function));
                Err(failure)
            }
            Err(Stop::Unknown(what)) => {
                let reason = format!("{name}: {what} cannot be evaluated");
                let direct = self.functions.last().map(|noted| noted.direct.iter().map(|(name, _)| *name).collect());
                let direct: Vec<Name> = direct.unwrap_or_default();
                let closure = self.closure(node, marks, &signature, &direct);
                self.remember(&nodeid, &closure);
                let nodeid = format!("{nodeid}[...]");
                out.reasons.push((nodeid.clone(), reason.clone()));
                out.blur(reason);
                let test = Test { function: Some(function), marks };
                let kept = self.kept(machine.state(), node, &nodeid, test, Vec::new());
                Ok(kept.map_or_else(Vec::new, |_| vec![Item { nodeid, keys: Vec::new() }]))
            }
        }
    }

    /// Whether a `parametrize` mark of a test takes its rows from a set.
    fn takes_a_set(&self, state: &State, node: &Node, own: &[Arc<Mark>]) -> bool {
        let marks = own.iter().chain(node.marks.iter().flatten()).filter(|mark| mark.name.as_str() == "parametrize");
        marks.filter_map(|mark| params::arguments(&self.rules, mark).ok()?.values).any(|values| {
            matches!(values, Value::Set(_)) && view::elements(state, &values).is_none_or(|rows| rows.len() > 1)
        })
    }

    /// Whether a `parametrize` mark of a test holds no rows.
    pub(super) fn has_no_rows(&self, state: &State, node: &Node, own: &[Arc<Mark>]) -> bool {
        let marks = own.iter().chain(node.marks.iter().flatten()).filter(|mark| mark.name.as_str() == "parametrize");
        marks.filter_map(|mark| params::arguments(&self.rules, mark).ok()?.values).any(|values| {
            let is_list = matches!(values, Value::List(_) | Value::Tuple(_));
            is_list && view::elements(state, &values).is_some_and(|rows| rows.is_empty())
        })
    }

    /// Runs through fixture parameters and marks as pytest's `pytest_generate_tests` hooks do.
    pub(super) fn generate(
        &self,
        machine: &mut Machine<'_>,
        node: &Node,
        nodeid: &str,
        function: FnId,
        signature: &Signature,
        own_marks: &[Arc<Mark>],
    ) -> Result<(fixtures::Closure, Vec<CallSpec>), Stop> {
        let marks: Vec<_> = own_marks
            .iter()
            .chain(node.marks.iter().flatten())
            .filter(|mark| mark.name.as_str() == "parametrize")
            .cloned()
            .collect();
        let mut direct = Vec::new();
        let mut given = Vec::new();
        for mark in &marks {
            direct.extend(params::direct_names(machine.state(), &self.rules, mark)?);
            given.push(params::arguments(&self.rules, mark)?);
        }
        let mut closure = self.closure(node, own_marks, signature, &direct);
        let generated = self.run_generators(machine, node, nodeid, function, &closure.names, own_marks)?;
        if !generated.direct.is_empty() {
            direct.extend(&generated.direct);
            closure = self.closure(node, own_marks, signature, &direct);
        }
        let line = factories::location(machine, function).line;
        let scope = |name: Name| {
            let index = *closure.definitions.get(&name)?.last()?;
            self.registry.get(index).scope
        };
        // A fixture of a plugin that is not known may ask for any other.
        let missing = |name: &Name| !closure.definitions.contains_key(name) && !direct.contains(name);
        let target = Target {
            nodeid,
            function: machine.state().functions[function].name.as_str(),
            line: Some(line),
            closure: &closure.names,
            closure_open: closure.open || self.plugins_unknown && closure.names.iter().any(missing),
            defaults: &signature.defaults,
            fixture_scope: &scope,
        };
        let mut calls = Vec::new();
        for arguments in &generated.first {
            calls = params::apply(machine, &self.rules, &target, arguments, calls)?;
        }
        let mut named = Vec::new();
        for arguments in &given {
            named.extend(params::split_names(machine.state(), arguments.names.as_ref().unwrap_or(&Value::Unknown))?.0);
        }
        for name in &closure.names {
            if named.contains(name) {
                continue;
            }
            if let Some(arguments) = self.fixture_parameters(machine.state(), &closure, *name)? {
                calls = params::apply(machine, &self.rules, &target, &arguments, calls).map_err(|stop| match stop {
                    Stop::Unknown(what) => Stop::Unknown(format!("{what} (of the fixture {name})").into()),
                    fails => fails,
                })?;
            }
        }
        for arguments in generated.then.iter().chain(&given) {
            calls = params::apply(machine, &self.rules, &target, arguments, calls)?;
        }
        Ok((closure, calls))
    }

    /// The `pytest_generate_tests` of the project that see the tests of a node.
    pub(super) fn generators<'s>(&'s self, node: &'s Node) -> impl Iterator<Item = &'s Generates> {
        let hooks = self.generators.iter().filter(|(base, _)| node.chain.contains(base)).map(|(_, hook)| hook);
        hooks.chain(&node.generators).map(|hook| &hook.touches)
    }

    /// The parameters of a fixture: of its deepest definition, or of one further out that it requests itself.
    pub(super) fn fixture_parameters(
        &self,
        state: &State,
        closure: &fixtures::Closure,
        name: Name,
    ) -> Result<Option<params::Arguments>, Stop> {
        let Some(definitions) = closure.definitions.get(&name) else { return Ok(None) };
        for index in definitions.iter().rev() {
            let definition = self.registry.get(*index);
            if let Some(values) = &definition.params {
                if view::elements(state, values).is_none() {
                    return Err(Stop::Unknown(format!("params of the fixture {name}").into()));
                }
                let scope = definition.scope.ok_or(Stop::Unknown("scope of a fixture".into()))?;
                return Ok(Some(params::Arguments {
                    names: Some(Value::str(name.as_str())),
                    values: Some(values.clone()),
                    indirect: Some(Value::Bool(true)),
                    ids: definition.ids.clone(),
                    scope: Some(Value::str(scope.as_str())),
                }));
            }
            if !definition.arguments.contains(&name) {
                break;
            }
        }
        Ok(None)
    }

    /// What the run's selection leaves of a function's calls; none if nothing. Counts what it takes away.
    pub(super) fn kept(
        &mut self,
        state: &State,
        node: &Node,
        nodeid: &str,
        test: Test<'_>,
        mut calls: Vec<CallSpec>,
    ) -> Option<Vec<CallSpec>> {
        if self.selection.is_everything() {
            return Some(calls);
        }
        let marks: Vec<Name> = test.marks.iter().chain(node.marks.iter().flatten()).map(|mark| mark.name).collect();
        let attributes: Vec<Name> = test
            .function
            .and_then(|function| state.functions[function].attributes)
            .map_or_else(Vec::new, |ns| state.ns(ns).iter().map(|(name, _)| name).collect());
        if calls.is_empty() {
            let keeps = self.selection.keeps(nodeid, &marks, &attributes) != Some(false);
            self.deselected += usize::from(!keeps);
            return keeps.then_some(calls);
        }
        let before = calls.len();
        calls.retain(|call| {
            let all: Vec<Name> = marks.iter().chain(&call.marks).copied().collect();
            self.selection.keeps(&shown_id(nodeid, call), &all, &attributes) != Some(false)
        });
        self.deselected += before - calls.len();
        (!calls.is_empty()).then_some(calls)
    }

    pub(super) fn list(&self, node: &Node, nodeid: &str, calls: Vec<CallSpec>) -> Vec<Item> {
        if calls.is_empty() {
            return vec![Item { nodeid: nodeid.to_owned(), keys: Vec::new() }];
        }
        let item =
            |(at, call): (usize, &CallSpec)| Item { nodeid: shown_id(nodeid, call), keys: self.keys(node, call, at) };
        calls.iter().enumerate().map(item).collect()
    }

    pub(super) fn keys(&self, node: &Node, call: &CallSpec, at: usize) -> Vec<(Scope, Key)> {
        if call.parameters.iter().all(|parameter| parameter.scope == Scope::Function) {
            return Vec::new();
        }
        let module = node.id.split("::").next().unwrap_or_default();
        let by_value = self.rules.at_least(9, 1);
        let mut keys = Vec::new();
        for parameter in call.parameters.iter().filter(|parameter| parameter.scope != Scope::Function) {
            let place = match parameter.scope {
                Scope::Session | Scope::Function => "",
                Scope::Package => module.rsplit_once('/').map_or("", |(directory, _)| directory),
                Scope::Module => module,
                Scope::Class => &node.id,
            };
            let index = if parameter.direct { at } else { parameter.index };
            let value = match hashable(&parameter.value) {
                Some(text) if by_value => text,
                _ => format!("#{index}"),
            };
            keys.push((parameter.scope, Key { name: parameter.name.as_str(), value, place: place.to_owned() }));
        }
        if !self.rules.at_least(8, 0) {
            keys.sort_by_key(|(_, key)| key.name);
        }
        keys
    }
}

/// What selection looks at beside names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test<'a> {
    /// The function, if it is known.
    pub function: Option<FnId>,
    /// Its own marks.
    pub marks: &'a [Arc<Mark>],
}

pub(super) fn shown_id(nodeid: &str, call: &CallSpec) -> String {
    if call.ids.is_empty() { nodeid.to_owned() } else { format!("{nodeid}[{}]", call.ids.join("-")) }
}

/// A text that is equal for equal values; none for what cannot be hashed.
pub(super) fn hashable(value: &Value) -> Option<String> {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Unknown => None,
        Value::Tuple(items) => {
            let texts: Option<Vec<_>> = items.iter().map(hashable).collect();
            Some(format!("({})", texts?.join(",")))
        }
        other => Some(format!("{other:?}")),
    }
}

/// `unittest.skip` stands above it.
pub(super) fn is_skipped(state: &State, function: FnId) -> bool {
    view::function_attribute(state, function, "__unittest_skip__")
        .is_some_and(|flag| view::truth(state, flag) != Some(false))
}

pub(super) fn is_generated(name: &str) -> bool {
    name.starts_with("_xunit_setup") || name.starts_with("_unittest_")
}
