//! Classes of tests: what pytest collects from them, also from `unittest.TestCase` (spec: pytest-collection.md section 7).

use std::sync::Arc;

use super::classes::{self, Kind};
use super::fixtures::{FixtureDef, Scope};
use super::generate::Test;
use super::generators::Generator;
use super::items::{Item, ItemCollector, ModuleItems, Node, NodeFailure, is_setup};
use super::notes::NoteKind;
use super::params::Failure;
use super::signature::Signature;
use super::{factories, view};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::state::State;
use crate::machine::value::ClassId;
use crate::machine::{Machine, Outcome};

impl ItemCollector {
    pub(super) fn class(
        &mut self,
        machine: &mut Machine<'_>,
        parent: &Node,
        name: Name,
        class: ClassId,
        kind: &Kind,
        out: &mut ModuleItems,
    ) {
        let id: Arc<str> = Arc::from(format!("{}::{name}", parent.id));
        let noted = self.functions.len();
        let result = self.collect_class(machine, parent, &id, class, kind, out);
        if result.is_err() {
            self.functions.truncate(noted);
        }
        if let Err(failure) = result
            && out.failure.is_none()
        {
            let at = self.failed_place();
            if self.makes_own_items || machine.conftest_runs_unread_code() {
                out.blur("hooks may make the items in their own way");
            } else {
                out.failure = Some(NodeFailure { node: Some(id.to_string()), failure, at });
            }
        }
    }

    pub(super) fn collect_class(
        &mut self,
        machine: &mut Machine<'_>,
        parent: &Node,
        id: &Arc<str>,
        class: ClassId,
        kind: &Kind,
        out: &mut ModuleItems,
    ) -> Result<(), Failure> {
        let state = machine.state();
        if let Some(slot) = view::own_attribute(state, class, "__test__")
            && view::truth(state, &slot.value) == Some(false)
        {
            return Ok(());
        }
        let mut node = Node { id: Arc::clone(id), class: Some(class), ..parent.clone() };
        node.chain = parent.chain.iter().chain([id]).cloned().collect();
        node.marks.insert(0, classes::class_marks(state, class)?);
        if let Some(slot) = view::own_attribute(state, class, "pytest_generate_tests") {
            node.generators.push(Generator::new(machine, slot.value, Some(class), true));
        }
        if matches!(kind, Kind::Unsure | Kind::PerhapsUnitTest) {
            out.blur(format!("the bases of {} are not all known", machine.state().classes[class].name));
        }
        if matches!(kind, Kind::UnitTest | Kind::PerhapsUnitTest) {
            return self.collect_test_case(machine, &node, class, out);
        }
        match classes::constructor(machine, &self.rules, class) {
            classes::Constructor::None => {}
            classes::Constructor::Unknown => {
                out.blur(format!("whether {} has a constructor is not known", machine.state().classes[class].name))
            }
            classes::Constructor::Has => return self.left_out(machine, parent, id, class),
        }
        self.class_setup(machine.state(), class, &node.id);
        factories::scan_class(machine, &mut self.registry, class, &node.id)?;
        let groups = classes::groups(machine.state(), class);
        if let Some(reason) = groups.open {
            out.blur(reason);
        }
        let mut groups_of_entries = Vec::new();
        for group in groups.names {
            let mut entries = Vec::new();
            for (name, slot) in group {
                entries.extend(self.entry(machine, &node, name, &slot, out)?);
            }
            groups_of_entries.push(entries);
        }
        for entries in groups_of_entries.into_iter().rev() {
            self.expand(machine, &node, entries, out);
        }
        Ok(())
    }

    /// A test class with a constructor: pytest warns, and filters may make an error of that.
    pub(super) fn left_out(
        &mut self,
        machine: &mut Machine<'_>,
        parent: &Node,
        id: &Arc<str>,
        class: ClassId,
    ) -> Result<(), Failure> {
        let method = classes::constructor_name(machine.state(), &self.rules, class);
        let name = machine.state().classes[class].name;
        let text =
            format!("cannot collect test class '{name}' because it has a {method} constructor (from: {})", parent.id);
        if machine.becomes_error("pytest.PytestCollectionWarning", &text) == Some(true) {
            return Err(Failure { class: "PytestCollectionWarning", message: Some(text), raised: None });
        }
        let tests = self.test_methods(machine.state(), class);
        self.note_class(machine, NoteKind::Constructor { class: name, method, tests }, id, class);
        Ok(())
    }

    pub(super) fn class_setup(&mut self, state: &State, class: ClassId, id: &Arc<str>) {
        let old = !self.rules.at_least(8, 0);
        let has = |names: &[&str]| {
            names
                .iter()
                .any(|name| is_setup(state, view::own_attribute(state, class, name).map(|slot| slot.value).as_ref()))
        };
        if has(&["setup_class", "teardown_class"]) {
            self.registry.register(FixtureDef::generated("_xunit_setup_class_fixture", id, Scope::Class, !old));
        }
        if has(&["setup_method", "teardown_method"]) || old && has(&["setup", "teardown"]) {
            self.registry.register(FixtureDef::generated("_xunit_setup_method_fixture", id, Scope::Function, true));
        }
    }

    /// Since 8.2 pytest makes an instance to look for fixtures.
    fn instantiate(&self, machine: &mut Machine<'_>, class: ClassId) -> Result<(), Failure> {
        if !self.rules.at_least(8, 2) {
            return Ok(());
        }
        match machine.instantiate(class, "runTest") {
            Outcome::Raises(raised) if raised.certainty == Certainty::Certain => {
                Err(Failure { class: "Exception", message: None, raised: Some(raised) })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn collect_test_case(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        class: ClassId,
        out: &mut ModuleItems,
    ) -> Result<(), Failure> {
        let old = !self.rules.at_least(8, 0);
        let skipped = classes::is_skipped(machine, class);
        let state = machine.state();
        let has = |names: &[&str]| {
            names
                .iter()
                .any(|name| is_setup(state, view::own_attribute(state, class, name).map(|slot| slot.value).as_ref()))
        };
        if !skipped || self.rules.at_least(9, 1) {
            self.registry.register(FixtureDef::generated("_unittest_setUpClass_fixture", &node.id, Scope::Class, true));
        }
        if !skipped {
            if has(&["setup_method", "teardown_method"]) {
                let made = FixtureDef::generated("_unittest_setup_method_fixture", &node.id, Scope::Function, true);
                self.registry.register(made);
            }
            if has(&["setup_class", "teardown_class"]) {
                let made = FixtureDef::generated("_xunit_setup_class_fixture", &node.id, Scope::Class, !old);
                self.registry.register(made);
            }
        }
        let mut found = classes::test_case_names(state, class);
        if found.names == ["runTest"] && is_of_trial(machine, class) {
            found.names.clear();
        }
        self.instantiate(machine, class)?;
        factories::scan_class(machine, &mut self.registry, class, &node.id)?;
        if let Some(reason) = found.open {
            out.blur(reason);
        }
        let closure = self.closure(node, &[], &Signature::default(), &[]);
        for name in found.names {
            let nodeid = format!("{}::{name}", node.id);
            let own = classes::method_marks(machine.state(), class, name);
            let test = Test { function: None, marks: &own };
            if self.kept(machine.state(), node, &nodeid, test, Vec::new()).is_some() {
                self.remember(&nodeid, &closure);
                self.note_method(machine, node, &nodeid, name, skipped);
                out.items.push(Item { nodeid, keys: Vec::new() });
            }
        }
        Ok(())
    }
}

/// Whether `runTest` is the one that Twisted gives to all its test cases, which pytest leaves out.
fn is_of_trial(machine: &Machine<'_>, class: ClassId) -> bool {
    let state = machine.state();
    let run = |class| view::own_attribute(state, class, "runTest").map(|slot| slot.value);
    let given = machine.module("twisted.trial.unittest").and_then(|module| {
        let slot = state.slot(state.modules[module].ns, Name::new("TestCase"))?;
        run(view::as_class(&slot.value)?)
    });
    given.is_some() && given == run(class)
}
