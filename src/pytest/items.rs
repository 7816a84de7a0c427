//! The items of a module that was imported: what pytest collects from its namespace, in pytest's order
//! (spec: pytest-collection.md sections 6 to 9). `suites` goes on with classes, `generate` with functions, `params` holds the
//! rules of parameters, `fixtures` what tests need. Imports nothing itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::callables::{Candidate, candidate, is_foreign, is_marked};
use super::chosen::{Choice, Missed};
use super::classes::Kind;
use super::fixtures::{self, FixtureDef, Registry, Scope, Written};
use super::functions::TestFunction;
use super::generators::Generator;
use super::hooks;
use super::live::{self, Truths};
use super::notes::{Notes, Patterns};
use super::params::Failure;
use super::reorder::{self, Key};
use super::rules::ItemRules;
use super::select::Selection;
use super::{classes, factories, patterns, view};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, Mark, ModId, NsId, Value};

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its node id; one that ends in `[...]` stands for one or more.
    pub nodeid: String,
    /// Parameters of wide scope, for the order of the run.
    pub(super) keys: Vec<(Scope, Key)>,
}

/// What one module comes to.
#[derive(Debug, Clone, Default)]
pub struct ModuleItems {
    /// Tests in order of collection.
    pub items: Vec<Item>,
    /// Why the ids are not all exact; none if they are.
    pub inexact: Option<String>,
    /// The same for each id that stands for others.
    pub reasons: Vec<(String, String)>,
    /// Why their order is not known; none if it is.
    pub unordered: Option<&'static str>,
    /// A collect error of the module or of a class in it.
    pub failure: Option<NodeFailure>,
}

impl ModuleItems {
    pub(super) fn blur(&mut self, reason: impl Into<String>) {
        self.inexact.get_or_insert_with(|| reason.into());
    }
}

/// A collect error behind the import.
#[derive(Debug, Clone)]
pub struct NodeFailure {
    /// The class's node id; none if the module itself fails, which then has no items.
    pub node: Option<String>,
    /// The exception.
    pub failure: Failure,
    /// The function at fault.
    pub at: Option<Written>,
}

/// Collects items and fixtures, module by module, as the run goes on.
#[derive(Debug)]
pub struct ItemCollector {
    pub(super) rules: ItemRules,
    pub(super) registry: Registry,
    pub(super) generators: Vec<(Arc<str>, Generator)>,
    /// Tests are collected by now: conftests found from here on are late.
    pub(super) is_collecting: bool,
    /// `pytest_generate_tests` of installed plugins.
    pub(super) foreign_generators: Vec<Generator>,
    /// `pytest_collection_modifyitems` of those loaded before the options are known, and whether the project has it.
    modifying: Vec<(Value, bool)>,
    /// What conditions on options come to in hooks.
    options: Truths,
    /// `config` of hooks.
    pub(super) config: Value,
    pub(super) blurred: Option<&'static str>,
    /// Without an environment nobody knows which plugins there are.
    pub(super) plugins_unknown: bool,
    /// A hook makes items: what pytest itself would refuse may be taken.
    pub(super) makes_own_items: bool,
    /// anyio's plugin is loaded, or may be.
    pub(super) anyio: bool,
    pub(super) selection: Selection,
    /// How many tests it took away.
    pub(super) deselected: usize,
    /// What a hook sets `-m` to.
    pub(super) mark_expression: Option<String>,
    pub(super) closures: BTreeMap<String, Vec<Name>>,
    pub(super) collected: Vec<Vec<(Scope, Key)>>,
    pub(super) functions: Vec<TestFunction>,
    pub(super) marks_change: bool,
    /// A hook puts the tests into an order that is not followed.
    pub(super) unordered: Option<&'static str>,
    pub(super) notes: Notes,
    /// The module that is collected.
    pub(super) module: Option<ModId>,
    pub(super) failed_at: Option<Written>,
    /// What the arguments name in the module that is collected next; all of it if that is nothing.
    pub(super) chosen: Vec<Choice>,
    /// Arguments whose names lead nowhere.
    pub(super) missed: Vec<Missed>,
}

/// A module or class whose names are collected.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its node id.
    pub id: Arc<str>,
    /// Node ids from the session down to it.
    pub chain: Arc<[Arc<str>]>,
    /// Marks per node, innermost node first.
    pub marks: Vec<Vec<Arc<Mark>>>,
    /// The class, if it is one.
    pub class: Option<ClassId>,
    /// `pytest_generate_tests` of module and classes.
    pub generators: Vec<Generator>,
}

impl Node {
    /// A module, its marks not read yet.
    pub fn module(nodeid: &str) -> Self {
        Self {
            id: Arc::from(nodeid),
            chain: fixtures::chain(nodeid).into(),
            marks: Vec::new(),
            class: None,
            generators: Vec::new(),
        }
    }
}

/// What a name of a namespace becomes.
pub(super) enum Entry {
    Items(Vec<Item>),
    Class(Name, ClassId, Kind),
}

impl ItemCollector {
    /// A run before its first conftest; pytest's own fixtures are registered.
    #[must_use]
    pub fn new(rules: ItemRules) -> Self {
        let mut registry = Registry::default();
        let patterns =
            Patterns { files: rules.files.clone(), classes: rules.classes.clone(), functions: rules.functions.clone() };
        fixtures::register_own(&mut registry, &rules);
        Self {
            rules,
            registry,
            generators: Vec::new(),
            is_collecting: false,
            foreign_generators: Vec::new(),
            modifying: Vec::new(),
            options: Truths::new(),
            config: Value::Unknown,
            blurred: None,
            plugins_unknown: false,
            makes_own_items: false,
            anyio: false,
            selection: Selection::default(),
            deselected: 0,
            mark_expression: None,
            closures: BTreeMap::new(),
            collected: Vec::new(),
            functions: Vec::new(),
            marks_change: false,
            unordered: None,
            notes: Notes { patterns, ..Notes::default() },
            module: None,
            failed_at: None,
            chosen: Vec::new(),
            missed: Vec::new(),
        }
    }

    /// All fixtures registered so far.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// A plugin or conftest could not be looked into: whose fixtures hold below a node, or in the whole run.
    pub(super) fn unseen_plugin(&mut self, baseid: Option<&str>) {
        match baseid {
            Some(baseid) => self.registry.open(&Arc::from(baseid)),
            None => self.registry.note_unseen_plugin(),
        }
    }

    /// Sets what the command line selects.
    pub(super) fn select(&mut self, selection: Selection) {
        self.selection = selection;
        if let Some(text) = &self.mark_expression {
            self.selection.add_marks(text);
        }
    }

    /// The options are known: judges the hooks that wait for them.
    pub(super) fn configure(&mut self, machine: &mut Machine<'_>, options: &[(String, Value)]) {
        self.options = live::truths(machine.state(), options);
        self.config = machine.pytest_config(options);
        for (hook, is_project) in std::mem::take(&mut self.modifying) {
            self.judge_changes(machine, &hook, is_project);
        }
    }

    /// Reads a `pytest_collection_modifyitems`; those of installed plugins leave the items alone unless their options are given.
    fn judge_changes(&mut self, machine: &mut Machine<'_>, hook: &Value, is_project: bool) {
        if hooks::changes_order(machine, hook, &self.options) {
            self.unordered.get_or_insert("pytest_collection_modifyitems may put the tests into another order");
        }
        if is_project && hooks::changes_membership(machine, hook, &self.options) {
            self.blurred.get_or_insert("pytest_collection_modifyitems may change which items there are");
        }
    }

    /// Registers a plugin that pytest brings along and that somebody names.
    pub fn own_plugin(&mut self, name: &str) {
        let known = self.registry.definitions().iter().any(|definition| definition.name.as_str() == "pytester");
        if matches!(name, "pytester" | "_pytest.pytester") && !known {
            fixtures::register_pytester(&mut self.registry);
        }
    }

    /// Registers an imported plugin or conftest: its fixtures and hooks hold below `baseid`.
    ///
    /// # Errors
    /// pytest's complaint about a fixture.
    pub fn plugin(
        &mut self,
        machine: &mut Machine<'_>,
        module: ModId,
        baseid: &str,
        is_project: bool,
    ) -> Result<(), Failure> {
        let data = &machine.state().modules[module];
        let (ns, name) = (data.ns, data.name);
        if name.as_str().starts_with("_pytest.") {
            self.own_plugin(name.as_str());
            return Ok(());
        }
        // Conftests above the rootdir hold for the whole run.
        let baseid: Arc<str> = Arc::from(if baseid.starts_with("..") { "" } else { baseid });
        // Hooks of installed plugins leave ids alone unless their options are given.
        if is_project {
            self.hooks(machine, ns, &baseid);
        } else if let Some(value) = bound(machine.state(), ns, "pytest_generate_tests") {
            self.foreign_generators.push(Generator::new(machine, value, None, false));
        }
        if let Some(value) = bound(machine.state(), ns, "pytest_collection_modifyitems") {
            if self.is_collecting {
                self.judge_changes(machine, &value, is_project);
            } else {
                self.modifying.push((value, is_project));
            }
        }
        if CALLERS.iter().any(|hook| bound(machine.state(), ns, hook).is_some()) {
            self.notes.callers.push(name);
        }
        factories::scan_module(machine, &mut self.registry, ns, &baseid)?;
        if name.as_str() == "anyio.pytest_plugin" {
            self.anyio = true;
            let available = machine.is_loaded("trio") || machine.module_exists("trio");
            self.registry
                .set_parameters("anyio_backend", if available { ["asyncio", "trio"].as_slice() } else { &["asyncio"] });
        }
        Ok(())
    }

    fn hooks(&mut self, machine: &mut Machine<'_>, ns: NsId, baseid: &Arc<str>) {
        if machine.state().ns(ns).open.is_some() {
            self.blurred.get_or_insert("a conftest may hold hooks that nobody sees being bound");
        }
        let hook = |machine: &Machine<'_>, name: &str| bound(machine.state(), ns, name);
        if let Some(value) = hook(machine, "pytest_generate_tests") {
            let hook = Generator::new(machine, value, None, self.is_collecting);
            self.generators.push((Arc::clone(baseid), hook));
        }
        for name in ["pytest_collection_modifyitems", "pytest_itemcollected", "pytest_runtest_setup"] {
            if let Some(value) = hook(machine, name) {
                self.marks_change |= hooks::changes_marks(machine, &value);
            }
        }
        if let Some(value) = hook(machine, "pytest_itemcollected")
            && hooks::renames(machine, &value)
        {
            self.blurred.get_or_insert("pytest_itemcollected changes ids");
        }
        for name in ["pytest_configure", "pytest_cmdline_main", "pytest_sessionstart"] {
            if let Some(value) = hook(machine, name)
                && let Some(text) = hooks::mark_expression(machine, &value)
            {
                self.mark_expression = Some(text);
            }
        }
        for (name, reason) in OTHER_HOOKS {
            if hook(machine, name).is_some() {
                self.blurred.get_or_insert(reason);
                self.makes_own_items |= *name == "pytest_pycollect_makeitem";
            }
        }
    }

    /// Plugins are not known: the ones that change what tests ask for may be there.
    pub fn assume_plugins(&mut self) {
        self.anyio = true;
        self.plugins_unknown = true;
    }

    /// Collects a module that was imported.
    pub fn module(&mut self, machine: &mut Machine<'_>, module: ModId, nodeid: &str) -> ModuleItems {
        let mut out = ModuleItems::default();
        self.module = Some(module);
        let (functions, notes) = (self.functions.len(), self.notes.all.len());
        if let Some(reason) = self.blurred.or(self.selection.unclear) {
            out.blur(reason);
        }
        if let Err(failure) = self.collect_module(machine, module, nodeid, &mut out) {
            out.items.clear();
            self.functions.truncate(functions);
            self.notes.all.truncate(notes);
            let at = self.failed_place();
            // What pytest refuses in its own classes and functions, others may take.
            if self.makes_own_items || machine.conftest_runs_unread_code() {
                out.blur("hooks may make the items in their own way");
            } else {
                out.failure = Some(NodeFailure { node: None, failure, at });
            }
        }
        self.choose(machine, module, nodeid, functions, &mut out);
        self.collected.extend(out.items.iter().map(|item| item.keys.clone()));
        out
    }

    /// Where what failed just now is written.
    pub(super) fn failed_place(&mut self) -> Option<Written> {
        let at = self.failed_at.take();
        self.registry.take_refused().or(at)
    }

    fn collect_module(
        &mut self,
        machine: &mut Machine<'_>,
        id: ModId,
        nodeid: &str,
        out: &mut ModuleItems,
    ) -> Result<(), Failure> {
        let ns = machine.state().modules[id].ns;
        let mut node = Node::module(nodeid);
        node.marks.push(classes::marks_of(machine.state(), bound(machine.state(), ns, "pytestmark").as_ref())?);
        if let Some(value) = bound(machine.state(), ns, "pytest_generate_tests") {
            node.generators.push(Generator::new(machine, value, None, true));
        }
        self.module_setup(machine.state(), ns, &node.id);
        factories::scan_module(machine, &mut self.registry, ns, &node.id)?;
        if let Some(reason) = machine.state().ns(ns).open {
            out.blur(reason);
        }
        if let Some(value) = bound(machine.state(), ns, "__test__")
            && view::truth(machine.state(), &value) == Some(false)
        {
            return Ok(());
        }
        let slots: Vec<_> = machine.state().ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect();
        let mut entries = Vec::new();
        for (name, slot) in slots {
            if !self.rules.imported_tests && is_foreign(machine.state(), id, &slot.value) {
                continue;
            }
            entries.extend(self.entry(machine, &node, name, &slot, out)?);
        }
        self.expand(machine, &node, entries, out);
        Ok(())
    }

    /// `setup_module` and `setup_function` become fixtures that every test uses.
    fn module_setup(&mut self, state: &State, ns: NsId, nodeid: &Arc<str>) {
        let old = !self.rules.at_least(8, 0);
        let has = |names: &[&str]| names.iter().any(|name| is_setup(state, bound(state, ns, name).as_ref()));
        let nose = old && has(&["setup", "teardown"]);
        if has(&["setUpModule", "setup_module", "tearDownModule", "teardown_module"]) || nose {
            self.registry.register(FixtureDef::generated("_xunit_setup_module_fixture", nodeid, Scope::Module, true));
        }
        if has(&["setup_function", "teardown_function"]) {
            self.registry.register(FixtureDef::generated(
                "_xunit_setup_function_fixture",
                nodeid,
                Scope::Function,
                true,
            ));
        }
    }

    /// What pytest makes of one name.
    pub(super) fn entry(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        name: Name,
        slot: &Slot,
        out: &mut ModuleItems,
    ) -> Result<Option<Entry>, Failure> {
        let text = name.as_str();
        if patterns::is_ignored(text) {
            return Ok(None);
        }
        let state = machine.state();
        if let Value::Class(class) = slot.value {
            let kind = classes::kind(machine, &self.rules, class, text);
            if kind == Kind::None {
                self.note_unmatched(machine, node, name, class);
                return Ok(None);
            }
            if slot.maybe {
                out.blur(format!("{text} may not be defined"));
            }
            return Ok(Some(Entry::Class(name, class, kind)));
        }
        let wanted = patterns::matches(&self.rules.functions, text) || is_marked(state, &slot.value);
        let value = slot.value.clone();
        if !wanted {
            if value.is_unknown() && (patterns::matches(&self.rules.classes, text) || sounds_like_tests(text)) {
                out.blur(format!("what {text} is bound to is not known"));
            }
            return Ok(None);
        }
        match candidate(state, &value) {
            Candidate::No => Ok(None),
            Candidate::Unknown => {
                out.blur(format!("what {text} is bound to is not known"));
                Ok(None)
            }
            Candidate::Function => {
                if slot.maybe {
                    out.blur(format!("{text} may not be defined"));
                }
                let items = self.function(machine, node, name, &value, out)?;
                self.note_imported(machine, node, name, &value, items.len());
                Ok(Some(Entry::Items(items)))
            }
        }
    }

    pub(super) fn expand(
        &mut self,
        machine: &mut Machine<'_>,
        node: &Node,
        entries: Vec<Entry>,
        out: &mut ModuleItems,
    ) {
        for entry in entries {
            match entry {
                Entry::Items(items) => out.items.extend(items),
                Entry::Class(name, class, kind) => {
                    let before = out.items.len();
                    self.class(machine, node, name, class, &kind, out);
                    let tests = out.items.len() - before;
                    self.note_imported(machine, node, name, &Value::Class(class), tests);
                }
            }
        }
    }

    /// The run lists no tests after all.
    pub(super) fn forget_collected(&mut self) {
        self.collected.clear();
    }

    /// Tests that no module holds, which nothing reorders.
    pub fn plain(&mut self, count: usize) {
        self.collected.extend(std::iter::repeat_n(Vec::new(), count));
    }

    /// The order in which the items of the run are listed: indices in order of collection.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        reorder::reorder(&self.collected)
    }
}

/// Whether a class of this name is likely to be a `unittest.TestCase`, which needs no name that matches.
fn sounds_like_tests(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.contains("Test")
        && name.contains(|c: char| c.is_ascii_lowercase())
}

/// Hooks that may call tests in their own way.
const CALLERS: &[&str] =
    &["pytest_pyfunc_call", "pytest_pycollect_makeitem", "pytest_runtest_call", "pytest_runtest_protocol"];

/// Hooks that change which items there are in ways that are not followed.
const OTHER_HOOKS: &[(&str, &str)] = &[
    ("pytest_pycollect_makeitem", "pytest_pycollect_makeitem may change which items there are"),
    ("pytest_pycollect_makemodule", "pytest_pycollect_makemodule may change which items there are"),
    ("pytest_make_parametrize_id", "pytest_make_parametrize_id may change ids"),
];

pub(super) fn bound(state: &State, ns: NsId, name: &str) -> Option<Value> {
    state.slot(ns, Name::new(name)).map(|slot| slot.value.clone())
}

/// Whether pytest calls this as an xunit-style set-up: anything but `None` and fixtures.
pub(super) fn is_setup(state: &State, value: Option<&Value>) -> bool {
    value.is_some_and(|value| *value != Value::None && factories::definition(state, value).is_none())
}
