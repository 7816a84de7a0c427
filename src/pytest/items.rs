//! The items of a module that was imported: what pytest collects from its namespace, in pytest's order
//! (spec: pytest-collection.md sections 6 to 9). `classes` holds the rules of classes, `params` those of parameters,
//! `fixtures` what tests need. Imports nothing itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::classes::Kind;
use super::fixtures::{self, FixtureDef, Registry, Scope, Written};
use super::functions::{self, TestFunction};
use super::hooks::{self, Generates};
use super::notes::{Note, NoteKind, Notes, Patterns};
use super::params::{self, CallSpec, Failure, Stop, Target};
use super::reorder::{self, Key};
use super::rules::ItemRules;
use super::run::Run;
use super::select::Selection;
use super::signature::Signature;
use super::verdict::FixtureReport;
use super::{classes, factories, objects, patterns, signature, view};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, DescriptorKind, FnId, Function, Mark, ModId, NsId, UnitId, Value};
use crate::machine::{Machine, NoticeKind};

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its node id; one that ends in `[...]` stands for one or more.
    pub nodeid: String,
    /// Parameters of wide scope, for the order of the run.
    keys: Vec<(Scope, Key)>,
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
    /// A collect error of the module or of a class in it.
    pub failure: Option<NodeFailure>,
}

impl ModuleItems {
    fn blur(&mut self, reason: impl Into<String>) {
        self.inexact.get_or_insert_with(|| reason.into());
    }
}

/// A collect error behind the import.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    rules: ItemRules,
    registry: Registry,
    generators: Vec<(Arc<str>, Generates)>,
    /// `pytest_generate_tests` of installed plugins.
    foreign_generators: Vec<Generates>,
    blurred: Option<&'static str>,
    /// Without an environment nobody knows which plugins there are.
    plugins_unknown: bool,
    /// A hook makes items: what pytest itself would refuse may be taken.
    makes_own_items: bool,
    /// anyio's plugin is loaded, or may be.
    anyio: bool,
    selection: Selection,
    /// What a hook sets `-m` to.
    mark_expression: Option<String>,
    closures: BTreeMap<String, Vec<Name>>,
    collected: Vec<Vec<(Scope, Key)>>,
    functions: Vec<TestFunction>,
    marks_change: bool,
    notes: Notes,
    /// The module that is collected.
    module: Option<ModId>,
    failed_at: Option<Written>,
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
    pub generators: Vec<Generates>,
}

/// What a name of a namespace becomes.
enum Entry {
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
            foreign_generators: Vec::new(),
            blurred: None,
            plugins_unknown: false,
            makes_own_items: false,
            anyio: false,
            selection: Selection::default(),
            mark_expression: None,
            closures: BTreeMap::new(),
            collected: Vec::new(),
            functions: Vec::new(),
            marks_change: false,
            notes: Notes { patterns, ..Notes::default() },
            module: None,
            failed_at: None,
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
            self.foreign_generators.push(hooks::generates(machine, &value));
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
        let hook = |machine: &Machine<'_>, name: &str| bound(machine.state(), ns, name);
        if let Some(value) = hook(machine, "pytest_generate_tests") {
            self.generators.push((Arc::clone(baseid), hooks::generates(machine, &value)));
        }
        if let Some(value) = hook(machine, "pytest_collection_modifyitems")
            && hooks::changes_membership(machine, &value)
        {
            self.blurred.get_or_insert("pytest_collection_modifyitems may change which items there are");
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
        let mut node = Node {
            id: Arc::from(nodeid),
            chain: fixtures::chain(nodeid).into(),
            marks: vec![classes::marks_of(machine.state(), bound(machine.state(), ns, "pytestmark").as_ref())?],
            class: None,
            generators: Vec::new(),
        };
        if let Some(value) = bound(machine.state(), ns, "pytest_generate_tests") {
            node.generators.push(hooks::generates(machine, &value));
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
    fn entry(
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
            if value.is_unknown() && patterns::matches(&self.rules.classes, text) {
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

    /// A class of this module that holds tests, and that no pattern collects.
    fn note_unmatched(&mut self, machine: &mut Machine<'_>, node: &Node, name: Name, class: ClassId) {
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
    fn note_imported(&mut self, machine: &mut Machine<'_>, node: &Node, name: Name, value: &Value, tests: usize) {
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

    fn expand(&mut self, machine: &mut Machine<'_>, node: &Node, entries: Vec<Entry>, out: &mut ModuleItems) {
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

    fn class(
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

    fn collect_class(
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
            node.generators.push(hooks::generates(machine, &slot.value));
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
    fn left_out(
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
            return Err(Failure { class: "PytestCollectionWarning", message: Some(text) });
        }
        let tests = self.test_methods(machine.state(), class);
        self.note_class(machine, NoteKind::Constructor { class: name, method, tests }, id, class);
        Ok(())
    }

    fn class_setup(&mut self, state: &State, class: ClassId, id: &Arc<str>) {
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

    fn collect_test_case(
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
        let found = classes::test_case_names(state, class);
        factories::scan_class(machine, &mut self.registry, class, &node.id)?;
        if let Some(reason) = found.open {
            out.blur(reason);
        }
        let closure = self.closure(node, &[], &Signature::default(), &[]);
        for name in found.names {
            let nodeid = format!("{}::{name}", node.id);
            let own = classes::method_marks(machine.state(), class, name);
            if self.kept(node, &nodeid, &own, Vec::new()).is_some() {
                self.remember(&nodeid, &closure);
                self.note_method(machine, node, &nodeid, name, skipped);
                out.items.push(Item { nodeid, keys: Vec::new() });
            }
        }
        Ok(())
    }

    fn remember(&mut self, nodeid: &str, closure: &fixtures::Closure) {
        let shown = |name: &&Name| !is_generated(name.as_str());
        self.closures.insert(nodeid.to_owned(), closure.names.iter().filter(shown).copied().collect());
    }

    /// Writes down what a function asks for.
    fn note_function(
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
    fn note_method(&mut self, machine: &mut Machine<'_>, node: &Node, nodeid: &str, name: &str, skipped: bool) {
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
    fn noted(&self, state: &State, node: &Node, nodeid: &str, own: &[Arc<Mark>]) -> TestFunction {
        let marks = || own.iter().chain(node.marks.iter().flatten());
        let mut generated = Generates::nothing();
        for hook in self.generators(node).chain(&self.foreign_generators) {
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

    /// The fixtures that a test in `node` needs.
    fn closure(
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
    fn function(
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
                let kept = self.kept(node, &nodeid, marks, calls);
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
                Ok(vec![Item { nodeid, keys: Vec::new() }])
            }
        }
    }

    /// Whether a `parametrize` mark of a test holds no rows.
    fn has_no_rows(&self, state: &State, node: &Node, own: &[Arc<Mark>]) -> bool {
        let marks = own.iter().chain(node.marks.iter().flatten()).filter(|mark| mark.name.as_str() == "parametrize");
        marks.filter_map(|mark| params::arguments(&self.rules, mark).ok()?.values).any(|values| {
            let is_list = matches!(values, Value::List(_) | Value::Tuple(_));
            is_list && view::elements(state, &values).is_some_and(|rows| rows.is_empty())
        })
    }

    /// Writes down something at a definition.
    fn note(&mut self, machine: &mut Machine<'_>, kind: NoteKind, nodeid: &str, unit: UnitId, span: Span) {
        if self.makes_own_items || machine.conftest_runs_unread_code() {
            return;
        }
        let file = Arc::clone(machine.unit(unit).0);
        self.notes.all.push(Note { kind, nodeid: Arc::from(nodeid), file, span });
    }

    /// Writes down something at a class.
    fn note_class(&mut self, machine: &mut Machine<'_>, kind: NoteKind, nodeid: &str, class: ClassId) {
        let data = &machine.state().classes[class];
        let (unit, span) = (data.unit, data.span);
        self.note(machine, kind, nodeid, unit, span);
    }

    /// Names of a class and its bases that pytest would take for tests.
    fn test_methods(&self, state: &State, class: ClassId) -> usize {
        let groups = classes::groups(state, class);
        let is_test = |name: &Name, slot: &Slot| {
            patterns::matches(&self.rules.functions, name.as_str())
                && matches!(candidate(state, &slot.value), Candidate::Function)
        };
        groups.names.iter().flatten().filter(|(name, slot)| is_test(name, slot)).count()
    }

    /// Runs through fixture parameters and marks as pytest's `pytest_generate_tests` hooks do.
    fn generate(
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
        let closure = self.closure(node, own_marks, signature, &direct);
        if self.generators(node).any(|hook| hook.touches(&closure.names)) {
            return Err(Stop::Unknown("what pytest_generate_tests adds".into()));
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
        for arguments in &given {
            calls = params::apply(machine, &self.rules, &target, arguments, calls)?;
        }
        Ok((closure, calls))
    }

    /// The `pytest_generate_tests` of the project that see the tests of a node.
    fn generators<'s>(&'s self, node: &'s Node) -> impl Iterator<Item = &'s Generates> {
        let hooks = self.generators.iter().filter(|(base, _)| node.chain.contains(base)).map(|(_, hook)| hook);
        hooks.chain(&node.generators)
    }

    /// The parameters of a fixture: of its deepest definition, or of one further out that it requests itself.
    fn fixture_parameters(
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

    /// What the run's selection leaves of a function's calls; none if nothing.
    fn kept(&self, node: &Node, nodeid: &str, own: &[Arc<Mark>], mut calls: Vec<CallSpec>) -> Option<Vec<CallSpec>> {
        let marks: Vec<Name> = own.iter().chain(node.marks.iter().flatten()).map(|mark| mark.name).collect();
        if calls.is_empty() {
            return self.selection.keeps(nodeid, &marks).then_some(calls);
        }
        calls.retain(|call| {
            let all: Vec<Name> = marks.iter().chain(&call.marks).copied().collect();
            self.selection.keeps(&shown_id(nodeid, call), &all)
        });
        (!calls.is_empty()).then_some(calls)
    }

    fn list(&self, node: &Node, nodeid: &str, calls: Vec<CallSpec>) -> Vec<Item> {
        if calls.is_empty() {
            return vec![Item { nodeid: nodeid.to_owned(), keys: Vec::new() }];
        }
        let item =
            |(at, call): (usize, &CallSpec)| Item { nodeid: shown_id(nodeid, call), keys: self.keys(node, call, at) };
        calls.iter().enumerate().map(item).collect()
    }

    fn keys(&self, node: &Node, call: &CallSpec, at: usize) -> Vec<(Scope, Key)> {
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

impl Run<'_> {
    /// Puts what was collected into the run's result.
    pub(super) fn finish_items(&mut self) {
        let shown = self.items.registry.definitions().iter().filter(|definition| !definition.generated);
        let report = |definition: &FixtureDef| {
            let Written { file, line, .. } = definition.source.clone()?;
            Some(FixtureReport {
                name: definition.name,
                baseid: Arc::clone(&definition.baseid),
                file,
                line,
                scope: definition.scope.map(Scope::as_str),
                autouse: definition.autouse,
            })
        };
        self.collection.own_items = self.items.makes_own_items || self.machine.conftest_runs_unread_code();
        self.collection.fixtures = shown.filter_map(report).collect();
        let noted = std::mem::take(&mut self.collection.notes);
        self.collection.notes = std::mem::take(&mut self.items.notes);
        (self.collection.notes.unknown_keys, self.collection.notes.strict_keys) =
            (noted.unknown_keys, noted.strict_keys);
        let quiet = self.ignored_warnings();
        for notice in self.machine.take_notices() {
            let told = match notice.kind {
                NoticeKind::UnknownMark(mark) => format!("unknown pytest.mark.{mark} - "),
                NoticeKind::MarkOnFixture { .. } => "marks applied to fixtures have no effect".to_owned(),
            };
            if quiet.iter().any(|start| told.starts_with(start)) {
                continue;
            }
            let kind = match notice.kind {
                NoticeKind::UnknownMark(mark) => NoteKind::UnknownMark(mark),
                NoticeKind::MarkOnFixture { mark, fixture } => NoteKind::MarkOnFixture { mark, fixture },
            };
            let note = Note { kind, nodeid: Arc::from(""), file: notice.file, span: notice.span };
            self.collection.notes.all.push(note);
        }
        self.note_settings();
        self.collection.marks_change = self.items.marks_change;
        self.collection.functions = std::mem::take(&mut self.items.functions);
        self.collection.registry = std::mem::take(&mut self.items.registry);
        self.collection.item_fixtures = std::mem::take(&mut self.items.closures);
        self.sort_items();
    }

    /// How the texts of pytest's own warnings start that filters let nobody see, in lower case.
    fn ignored_warnings(&self) -> Vec<String> {
        let mut lines = self.world.config.lines("filterwarnings");
        lines.extend(self.line.values("-W").map(ToOwned::to_owned));
        let mut found = Vec::new();
        for line in lines {
            let mut parts = line.splitn(4, ':').map(str::trim);
            let (action, text) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let category = parts.next().and_then(|category| category.rsplit('.').next()).unwrap_or("");
            let all = matches!(category, "" | "Warning" | "UserWarning" | "PytestWarning" | "PytestUnknownMarkWarning");
            if action == "ignore" && all {
                found.push(text.replace('\\', "").trim_end_matches(".*").to_lowercase());
            }
        }
        found
    }

    /// Puts the tests of each module into the order in which they run.
    fn sort_items(&mut self) {
        let order = self.items.order();
        let modules = &mut self.collection.modules;
        let mut starts = Vec::with_capacity(modules.len());
        let mut owners = Vec::with_capacity(order.len());
        for (at, module) in modules.iter().enumerate() {
            starts.push(owners.len());
            owners.extend(std::iter::repeat_n(at, module.items.len()));
        }
        if owners.len() != order.len() {
            return;
        }
        let mut sorted: Vec<Vec<String>> =
            modules.iter().map(|module| Vec::with_capacity(module.items.len())).collect();
        let mut places = Vec::with_capacity(order.len());
        for position in order {
            let owner = owners[position];
            places.push(starts[owner] + sorted[owner].len());
            sorted[owner].push(std::mem::take(&mut modules[owner].items[position - starts[owner]]));
        }
        for (module, items) in modules.iter_mut().zip(sorted) {
            module.items = items;
        }
        self.collection.order = places;
    }
}

fn shown_id(nodeid: &str, call: &CallSpec) -> String {
    if call.ids.is_empty() { nodeid.to_owned() } else { format!("{nodeid}[{}]", call.ids.join("-")) }
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

/// A text that is equal for equal values; none for what cannot be hashed.
fn hashable(value: &Value) -> Option<String> {
    match value {
        Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Unknown => None,
        Value::Tuple(items) => {
            let texts: Option<Vec<_>> = items.iter().map(hashable).collect();
            Some(format!("({})", texts?.join(",")))
        }
        other => Some(format!("{other:?}")),
    }
}

fn bound(state: &State, ns: NsId, name: &str) -> Option<Value> {
    state.slot(ns, Name::new(name)).map(|slot| slot.value.clone())
}

/// Whether pytest calls this as an xunit-style set-up: anything but `None` and fixtures.
fn is_setup(state: &State, value: Option<&Value>) -> bool {
    value.is_some_and(|value| *value != Value::None && factories::definition(state, value).is_none())
}

/// `unittest.skip` stands above it.
fn is_skipped(state: &State, function: FnId) -> bool {
    view::function_attribute(state, function, "__unittest_skip__")
        .is_some_and(|flag| view::truth(state, flag) != Some(false))
}

fn is_generated(name: &str) -> bool {
    name.starts_with("_xunit_setup") || name.starts_with("_unittest_")
}

/// Whether a function or class was made in another module.
fn is_foreign(state: &State, module: ModId, value: &Value) -> bool {
    match value {
        Value::Function(id) => state.functions[*id].module != module,
        Value::Class(id) => state.classes[*id].module != module,
        _ => false,
    }
}

/// `value.__test__ is True`
fn is_marked(state: &State, value: &Value) -> bool {
    matches!(value, Value::Function(id) if view::function_attribute(state, *id, "__test__") == Some(&Value::Bool(true)))
}

/// `staticmethod` and `classmethod` taken off.
fn unwrapped(value: &Value) -> &Value {
    match value {
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner) => inner,
        other => other,
    }
}

enum Candidate {
    Function,
    No,
    Unknown,
}

/// Whether the value is a function for pytest.
fn candidate(state: &State, value: &Value) -> Candidate {
    if factories::definition(state, value).is_some() {
        return Candidate::No;
    }
    match value {
        Value::Function(_) | Value::Method(_) | Value::Partial(_) => Candidate::Function,
        Value::Descriptor(DescriptorKind::Property, _) => Candidate::No,
        Value::Descriptor(_, inner) => candidate(state, inner),
        Value::Instance(id) => match view::instance_attribute(state, *id, "__wrapped__") {
            Some(Value::Function(_)) => Candidate::Function,
            Some(_) => Candidate::Unknown,
            None => match state.ns(state.instances[*id].ns).open {
                Some(_) => Candidate::Unknown,
                None => Candidate::No,
            },
        },
        Value::External(name) if name.as_str().starts_with("builtins.") => Candidate::No,
        Value::External(name) if objects::is_known_module(*name) => Candidate::No,
        Value::Unknown | Value::External(_) | Value::Super(..) => Candidate::Unknown,
        Value::Class(_)
        | Value::None
        | Value::Ellipsis
        | Value::NotImplemented
        | Value::Bool(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Float(_)
        | Value::Complex(..)
        | Value::Str(_)
        | Value::Bytes(_)
        | Value::Tuple(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Module(_)
        | Value::NamespaceDict(_)
        | Value::Path(_)
        | Value::Mark(_)
        | Value::Param(_)
        | Value::FixtureDecorator(_)
        | Value::Suspended(_) => Candidate::No,
    }
}

/// The function that runs when the value is called.
fn function_behind(state: &State, value: &Value) -> Option<FnId> {
    match value {
        Value::Function(id) => Some(*id),
        Value::Method(parts) => function_behind(state, &parts.0),
        Value::Partial(parts) => function_behind(state, &parts.0),
        Value::Descriptor(_, inner) => function_behind(state, inner),
        Value::Instance(id) => match view::instance_attribute(state, *id, "__wrapped__") {
            Some(inner) => function_behind(state, inner),
            None => None,
        },
        _ => None,
    }
}
