//! What is written down beside the items: what tests ask for, and what pytest would warn of.

use std::sync::Arc;

use super::callables::{Candidate, candidate, function_behind};
use super::functions::{self, TestFunction};
use super::generate::is_skipped;
use super::hooks::Generates;
use super::items::{ItemCollector, Node};
use super::notes::{Note, NoteKind};
use super::signature::Signature;
use super::{classes, factories, params, patterns, view};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::machine::Machine;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, FnId, Function, Mark, UnitId, Value};

impl ItemCollector {
    /// A class of this module that holds tests, and that no pattern collects.
    pub(super) fn note_unmatched(&mut self, machine: &mut Machine<'_>, node: &Node, name: Name, class: ClassId) {
        let state = machine.state();
        let data = &state.classes[class];
        let here = node.chain.last().is_some_and(|id| !id.contains("::"))
            && self.module.is_some_and(|module| data.module == module)
            && data.name == name;
        if here && !classes::is_abstract_base(state, class) {
            let tests = self.test_methods(state, class);
            if tests > 0 {
                let id = format!("{}::{name}", node.id);
                self.note_class(machine, NoteKind::UnmatchedClass { class: name, tests }, &id, class);
            }
        }
    }

    /// What was made in another module, and is collected here.
    pub(super) fn note_imported(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        name: Name,
        value: &Value,
        tests: usize,
    ) {
        let Some(here) = self.module.filter(|_| node.class.is_none() && tests > 0) else { return };
        let state = machine.state();
        let made = match value {
            Value::Function(id) => (state.functions[*id].module, state.functions[*id].unit),
            Value::Class(id) => (state.classes[*id].module, state.classes[*id].unit),
            _ => return,
        };
        if made.0 != here {
            let (from, unit) = (state.modules[made.0].name, state.modules[here].unit);
            let id = format!("{}::{name}", node.id);
            self.note(machine, NoteKind::Imported { name, from, tests }, &id, unit.unwrap_or(made.1), Span::default());
        }
    }

    /// Writes down what a function asks for.
    pub(super) fn note_function(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        nodeid: &str,
        function: FnId,
        own: &Function,
        signature: &Signature,
    ) {
        let source = Some(factories::location(machine, function));
        let noted = self.noted(machine.state(), node, nodeid, &own.marks);
        self.functions.push(TestFunction {
            source,
            asked: signature.requested().to_vec(),
            is_coroutine: own.is_async,
            open: noted.open || signature.open,
            runs: if is_skipped(machine.state(), function) { Some(false) } else { noted.runs },
            ..noted
        });
    }

    /// Writes down a method of a `TestCase`.
    pub(super) fn note_method(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        nodeid: &str,
        name: &str,
        skipped: bool,
    ) {
        let slot = node.class.and_then(|class| view::own_attribute(machine.state(), class, name));
        let function = slot.and_then(|slot| function_behind(machine.state(), &slot.value));
        let own = function.map(|function| machine.state().functions[function].clone());
        let source = function.map(|function| factories::location(machine, function));
        let marks = own.as_ref().map(|own| own.marks.as_slice()).unwrap_or_default();
        let noted = self.noted(machine.state(), node, nodeid, marks);
        let skipped = skipped || function.is_some_and(|function| is_skipped(machine.state(), function));
        self.functions.push(TestFunction {
            source,
            is_coroutine: own.as_ref().is_some_and(|own| own.is_async),
            is_unittest: true,
            runs: if skipped { Some(false) } else { noted.runs },
            ..noted
        });
    }

    /// What marks and hooks say about a test.
    pub(super) fn noted(&self, state: &State, node: &Node, nodeid: &str, own: &[Arc<Mark>]) -> TestFunction {
        let marks = || own.iter().chain(node.marks.iter().flatten());
        let mut generated = Generates::nothing();
        let foreign = self.foreign_generators.iter().map(|hook| &hook.touches);
        for hook in self.generators(node).chain(foreign) {
            generated.add(hook);
        }
        let mut used: Vec<Name> = self.rules.use_fixtures.iter().map(|name| Name::new(name)).collect();
        let wanted = |name: &'static str| marks().filter(move |mark| mark.name.as_str() == name);
        used.extend(
            wanted("usefixtures").flat_map(|mark| &mark.args).filter_map(|name| Some(Name::new(name.as_str()?))),
        );
        let names = wanted("parametrize").map(|mark| params::direct_scopes(state, &self.rules, mark));
        let names: Vec<_> = names.collect();
        TestFunction {
            nodeid: Arc::from(nodeid),
            chain: Arc::clone(&node.chain),
            source: None,
            asked: Vec::new(),
            used,
            open: names.iter().any(Result::is_err),
            direct: names.into_iter().flatten().flatten().collect(),
            generated,
            runs: functions::runs(state, marks()),
            is_coroutine: false,
            is_unittest: false,
            marks: marks().map(|mark| mark.name).collect(),
        }
    }

    /// Writes down something at a definition.
    pub(super) fn note(&mut self, machine: &mut Machine<'_>, kind: NoteKind, nodeid: &str, unit: UnitId, span: Span) {
        if self.makes_own_items || machine.conftest_runs_unread_code() {
            return;
        }
        let file = Arc::clone(machine.unit(unit).0);
        self.notes.all.push(Note { kind, nodeid: Arc::from(nodeid), file, span });
    }

    /// Writes down something at a class.
    pub(super) fn note_class(&mut self, machine: &mut Machine<'_>, kind: NoteKind, nodeid: &str, class: ClassId) {
        let data = &machine.state().classes[class];
        let (unit, span) = (data.unit, data.span);
        self.note(machine, kind, nodeid, unit, span);
    }

    /// Names of a class and its bases that pytest would take for tests.
    pub(super) fn test_methods(&self, state: &State, class: ClassId) -> usize {
        let groups = classes::groups(state, class);
        let is_test = |name: &Name, slot: &Slot| {
            patterns::matches(&self.rules.functions, name.as_str())
                && matches!(candidate(state, &slot.value), Candidate::Function)
        };
        groups.names.iter().flatten().filter(|(name, slot)| is_test(name, slot)).count()
    }
}
