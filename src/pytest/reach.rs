//! What hooks, fixtures and tests reach when they run: followed once collection is over, each as pytest would call it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::run::Run;
use super::verdict::{Reached, Reaches, Verdict};
use crate::base::intern::Name;
use crate::machine::value::{ClassId, FnId, Value};
use crate::machine::{Cause, Ending, Followed, Frame, Modules, is_muting_fixture};

/// Hooks that run while pytest collects, or around it.
const COLLECTION_HOOKS: &[&str] = &[
    "pytest_addoption",
    "pytest_cmdline_main",
    "pytest_cmdline_parse",
    "pytest_cmdline_preparse",
    "pytest_collect_directory",
    "pytest_collect_file",
    "pytest_collection",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_collectreport",
    "pytest_collectstart",
    "pytest_configure",
    "pytest_deselected",
    "pytest_generate_tests",
    "pytest_ignore_collect",
    "pytest_itemcollected",
    "pytest_load_initial_conftests",
    "pytest_make_collect_report",
    "pytest_make_parametrize_id",
    "pytest_plugin_registered",
    "pytest_pycollect_makeitem",
    "pytest_pycollect_makemodule",
    "pytest_report_collectionfinish",
    "pytest_report_header",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_terminal_summary",
    "pytest_unconfigure",
];

/// Hooks that run with the tests.
const TEST_HOOKS: &[&str] = &[
    "pytest_fixture_post_finalizer",
    "pytest_fixture_setup",
    "pytest_pyfunc_call",
    "pytest_runtest_call",
    "pytest_runtest_logfinish",
    "pytest_runtest_logreport",
    "pytest_runtest_logstart",
    "pytest_runtest_makereport",
    "pytest_runtest_protocol",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
    "pytest_runtestloop",
];

/// Tests that are followed at most: each costs a fraction of a millisecond, and more of a kind tell nothing new.
const TESTS: usize = 20_000;
/// Steps that all of them may take together.
const STEPS: u64 = 60_000_000;

impl Run<'_> {
    /// Follows the hooks of the project's conftests and plugins.
    pub(super) fn follow_hooks(&mut self) {
        let plugins: Vec<_> =
            self.plugins.iter().filter_map(|plugin| Some((plugin.file.clone()?, plugin.module))).collect();
        for (file, module) in plugins {
            if !self.world.is_project(&file) {
                continue;
            }
            let ns = self.machine.state().modules[module].ns;
            for hook in COLLECTION_HOOKS.iter().chain(TEST_HOOKS) {
                let slot = self.machine.state().slot(ns, Name::new(hook));
                let Some(function @ Value::Function(_)) = slot.map(|slot| slot.value.clone()) else { continue };
                let Some(at) = self.machine.place_of(&function) else { continue };
                let before = self.machine.begin_probe();
                let known = [(Name::new("config"), self.items.config.clone())];
                let (followed, _) = self.machine.probe(&function, None, &known);
                self.machine.end_probe(before);
                let what = Reaches::Hook { collecting: COLLECTION_HOOKS.contains(hook) };
                self.reached(what, hook, at, followed);
            }
        }
    }

    /// Follows every test with the fixtures it uses.
    pub(super) fn follow_tests(&mut self) {
        let mut fixtures: BTreeMap<(Arc<PathBuf>, Name), FnId> = BTreeMap::new();
        for (id, name) in self.machine.fixture_functions() {
            if let Some(at) = self.machine.place_of(&Value::Function(id)) {
                fixtures.insert((at.file, name), id);
            }
        }
        let start = self.machine.steps();
        let mut tests = 0;
        for index in 0..self.collection.modules.len() {
            let report = &self.collection.modules[index];
            if !matches!(report.verdict, Verdict::Collected) {
                continue;
            }
            let (path, module) = (report.nodeid.clone(), report.module.clone());
            let mut last = String::new();
            for nodeid in report.items.clone() {
                let base = without_parameters(&nodeid);
                if base == last {
                    continue;
                }
                tests += 1;
                if tests > TESTS || self.machine.steps() - start > STEPS {
                    return;
                }
                base.clone_into(&mut last);
                self.follow_test(&path, &module, base, &fixtures);
            }
        }
    }

    fn follow_test(&mut self, path: &str, module: &str, nodeid: &str, fixtures: &BTreeMap<(Arc<PathBuf>, Name), FnId>) {
        let Some(below) = nodeid.strip_prefix(path).and_then(|rest| rest.strip_prefix("::")) else { return };
        let parts: Vec<&str> = below.split("::").collect();
        let Some((test, class)) = self.machine.member(module, &parts) else { return };
        let Some(at) = self.machine.place_of(&test) else { return };
        let names = self.collection.item_fixtures.get(nodeid).cloned().unwrap_or_default();
        let before = self.machine.begin_probe();
        if names.iter().any(|name| is_muting_fixture(name.as_str())) || self.machine.is_muted_by_decorators(&test) {
            self.machine.mute();
        }
        let mut all = Followed::default();
        let own = class.map(|class| self.machine.bare_instance(class));
        if !self.follow_setup(module, class, own.as_ref(), &mut all) {
            self.follow_fixtures((path, nodeid), &names, own.as_ref(), fixtures, &test, &mut all);
        }
        self.machine.end_probe(before);
        self.reached(Reaches::Test, nodeid, at, all);
    }

    /// `setUpModule`, `setUpClass`, `setUp` and their kin. Whether one of them does not come back.
    fn follow_setup(&mut self, module: &str, class: Option<ClassId>, own: Option<&Value>, all: &mut Followed) -> bool {
        for name in ["setUpModule", "setup_module"] {
            if let Some((function, _)) = self.machine.member(module, &[name])
                && self.add(&function, None, &[], all).1
            {
                return true;
            }
        }
        let Some(class) = class else {
            let function = self.machine.member(module, &["setup_function"]);
            return function.is_some_and(|(function, _)| self.add(&function, None, &[], all).1);
        };
        for name in ["setUpClass", "setup_class", "asyncSetUp", "setUp", "setup_method", "setup"] {
            let Some(method) = self.machine.project_method(class, name) else { continue };
            let first = if name.ends_with("lass") { Some(Value::Class(class)) } else { own.cloned() };
            if self.add(&method, first, &[], all).1 {
                return true;
            }
        }
        false
    }

    /// Fixtures in pytest's order, then the test itself. Whether one of them does not come back.
    fn follow_fixtures(
        &mut self,
        (path, nodeid): (&str, &str),
        names: &[Name],
        own: Option<&Value>,
        functions: &BTreeMap<(Arc<PathBuf>, Name), FnId>,
        test: &Value,
        all: &mut Followed,
    ) -> bool {
        let mut given: Vec<(Name, Value)> = Vec::new();
        let mut chain = super::fixtures::chain(path);
        let below = nodeid.strip_prefix(path).unwrap_or_default().match_indices("::").skip(1);
        chain.extend(below.map(|(at, _)| Arc::from(&nodeid[..path.len() + at])));
        for name in names {
            let visible = self.collection.registry.visible(*name, &chain);
            let source = visible.last().and_then(|index| self.collection.registry.get(*index).source.clone());
            let function = source.and_then(|written| functions.get(&(written.file, *name)).copied());
            let value = match function {
                Some(id) => {
                    let first = self.machine.takes_self(id).then(|| own.cloned().unwrap_or(Value::Unknown));
                    let (value, ends) = self.add(&Value::Function(id), first, &given, all);
                    if ends {
                        return true;
                    }
                    value
                }
                None => self.machine.well_known(name.as_str()).unwrap_or(Value::Unknown),
            };
            given.push((*name, value));
        }
        self.machine.apply_decorators(test);
        let first = own.filter(|_| !matches!(test, Value::Descriptor(..))).cloned();
        self.add(test, first, &given, all).1
    }

    /// Follows one function; its value, and whether nothing comes behind it.
    fn add(
        &mut self,
        function: &Value,
        own: Option<Value>,
        given: &[(Name, Value)],
        all: &mut Followed,
    ) -> (Value, bool) {
        let (mut followed, value) = self.machine.probe(function, own, given);
        all.effects.append(&mut followed.effects);
        all.variables.append(&mut followed.variables);
        let ends = matches!(followed.ending, Ending::Hangs(_) | Ending::Exits(_));
        if ends || lacks_file(&followed.ending) && matches!(all.ending, Ending::Returns) {
            all.ending = followed.ending;
        }
        (value, ends)
    }

    fn reached(&mut self, what: Reaches, name: &str, at: Frame, followed: Followed) {
        let quiet = match &followed.ending {
            Ending::Returns | Ending::Unknown => true,
            ending @ Ending::Raises(_) => !lacks_file(ending),
            Ending::Hangs(_) | Ending::Exits(_) => false,
        };
        if quiet && followed.effects.is_empty() && followed.variables.is_empty() {
            return;
        }
        self.collection.reached.push(Reached { what, name: name.to_owned(), at, followed });
    }
}

/// Whether something ends because a file that it opens is not there.
fn lacks_file(ending: &Ending) -> bool {
    matches!(ending, Ending::Raises(raised) if matches!(raised.cause, Cause::File(_)))
}

/// A node id without its parameters.
fn without_parameters(nodeid: &str) -> &str {
    let after = nodeid.rfind("::").map_or(0, |at| at + 2);
    match nodeid[after..].find('[') {
        Some(at) => &nodeid[..after + at],
        // A parameter may hold `::` itself.
        None => nodeid.find('[').map_or(nodeid, |at| &nodeid[..at]),
    }
}
