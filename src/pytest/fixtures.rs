//! The fixtures of a run: who defines them, who sees them, what a test needs (spec: pytest-collection.md section 9).
//! Knows no module: `factories` finds definitions in namespaces and registers them here.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::rules::ItemRules;
use crate::base::intern::Name;
use crate::machine::value::Value;
use crate::summary::ProgramId;

/// Scopes, narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `function`
    Function,
    /// `class`
    Class,
    /// `module`
    Module,
    /// `package`
    Package,
    /// `session`
    Session,
}

impl Scope {
    /// Reads what `scope=` is given.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "function" => Self::Function,
            "class" => Self::Class,
            "module" => Self::Module,
            "package" => Self::Package,
            "session" => Self::Session,
            _ => return None,
        })
    }

    /// As `scope=` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Class => "class",
            Self::Module => "module",
            Self::Package => "package",
            Self::Session => "session",
        }
    }

    /// The next narrower scope; of `function`, itself.
    #[must_use]
    pub const fn narrower(self) -> Self {
        match self {
            Self::Session => Self::Package,
            Self::Package => Self::Module,
            Self::Module => Self::Class,
            Self::Class | Self::Function => Self::Function,
        }
    }
}

/// Where a function is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Written {
    /// The file.
    pub file: Arc<PathBuf>,
    /// Line of its first decorator, or of itself.
    pub line: u32,
    /// The function body that is left in the text and defines it, if one does: its programs have ids of their own.
    pub within: Option<ProgramId>,
    /// The program whose statement defines it.
    pub owner: ProgramId,
    /// Its body.
    pub body: ProgramId,
}

/// A fixture as it is registered for one node.
#[derive(Debug, Clone)]
pub struct FixtureDef {
    /// The name tests request.
    pub name: Name,
    /// Node id of the node below which it is visible; empty for the whole run.
    pub baseid: Arc<str>,
    /// Its scope; none if that is not known.
    pub scope: Option<Scope>,
    /// Whether it is used without being requested; none if that is not known.
    pub autouse: Option<bool>,
    /// `params=`, if given.
    pub params: Option<Value>,
    /// `ids=`
    pub ids: Option<Value>,
    /// Names that it requests.
    pub arguments: Vec<Name>,
    /// The function; none for those that pytest makes up and for its own.
    pub source: Option<Written>,
    /// Made by pytest for `setup_module`, `setUpClass` and the like: never shown.
    pub generated: bool,
}

impl FixtureDef {
    /// A function-scoped fixture without parameters.
    #[must_use]
    pub fn new(name: &str, baseid: &Arc<str>, arguments: &[&str]) -> Self {
        Self {
            name: Name::new(name),
            baseid: Arc::clone(baseid),
            scope: Some(Scope::Function),
            autouse: Some(false),
            params: None,
            ids: None,
            arguments: arguments.iter().map(|argument| Name::new(argument)).collect(),
            source: None,
            generated: false,
        }
    }

    /// One that pytest makes up: used by every test below its node, requests `request`.
    #[must_use]
    pub fn generated(name: &str, baseid: &Arc<str>, scope: Scope, requests: bool) -> Self {
        let arguments: &[&str] = if requests { &["request"] } else { &[] };
        Self { scope: Some(scope), autouse: Some(true), generated: true, ..Self::new(name, baseid, arguments) }
    }
}

/// All fixtures registered so far.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    definitions: Vec<FixtureDef>,
    by_name: FxHashMap<Name, FxHashMap<Arc<str>, Vec<usize>>>,
    autouse: FxHashMap<Arc<str>, Vec<Name>>,
    open: FxHashSet<Arc<str>>,
    /// Names bound to something that is not known and may be a fixture, by node.
    possible: FxHashSet<(Name, Arc<str>)>,
    unseen_plugins: bool,
    /// The definition that pytest refused last.
    refused: Option<Written>,
}

/// What a test needs.
#[derive(Debug, Clone, Default)]
pub struct Closure {
    /// Names in pytest's order.
    pub names: Vec<Name>,
    /// Definitions per name, the most specific last; indices into the registry.
    pub definitions: FxHashMap<Name, Vec<usize>>,
    /// Whether it may hold more, or less.
    pub open: bool,
}

impl Registry {
    /// Adds a definition; later ones of the same node hide earlier ones.
    pub fn register(&mut self, definition: FixtureDef) {
        let index = self.definitions.len();
        let named = self.by_name.entry(definition.name).or_default();
        named.entry(Arc::clone(&definition.baseid)).or_default().push(index);
        if definition.autouse == Some(true) {
            self.autouse.entry(Arc::clone(&definition.baseid)).or_default().push(definition.name);
        }
        if definition.autouse.is_none() {
            self.open.insert(Arc::clone(&definition.baseid));
        }
        self.definitions.push(definition);
    }

    /// Sets the parameters of a fixture whose definition computes them.
    pub fn set_parameters(&mut self, name: &str, values: &[&str]) {
        let values = Value::tuple(values.iter().map(|value| Value::str(value)).collect());
        let found = self.definitions.iter_mut().rev().find(|definition| definition.name.as_str() == name);
        if let Some(definition) = found.filter(|definition| definition.params.is_some()) {
            definition.params = Some(values);
        }
    }

    /// Says that a node may define fixtures that nobody has seen.
    pub fn open(&mut self, baseid: &Arc<str>) {
        self.open.insert(Arc::clone(baseid));
    }

    /// Says that a node binds a name to something that may be a fixture.
    pub fn note_possible(&mut self, name: Name, baseid: &Arc<str>) {
        self.possible.insert((name, Arc::clone(baseid)));
    }

    /// Says which definition pytest refuses.
    pub fn note_refused(&mut self, written: Written) {
        self.refused = Some(written);
    }

    /// The definition that pytest refused last.
    pub const fn take_refused(&mut self) -> Option<Written> {
        self.refused.take()
    }

    /// Says that a plugin or conftest could not be looked into.
    pub const fn note_unseen_plugin(&mut self) {
        self.unseen_plugins = true;
    }

    /// Whether a plugin or conftest may define fixtures that nobody has seen.
    #[must_use]
    pub const fn has_unseen_plugins(&self) -> bool {
        self.unseen_plugins
    }

    /// Whether one of these nodes may define a fixture of this name that nobody has seen.
    #[must_use]
    pub fn may_define(&self, name: Name, chain: &[Arc<str>]) -> bool {
        chain.iter().any(|node| self.open.contains(node) || self.possible.contains(&(name, Arc::clone(node))))
    }

    /// All definitions in order of registration.
    #[must_use]
    pub fn definitions(&self) -> &[FixtureDef] {
        &self.definitions
    }

    /// A definition.
    #[must_use]
    pub fn get(&self, index: usize) -> &FixtureDef {
        &self.definitions[index]
    }

    /// Definitions of a name for one node, in order of registration.
    #[must_use]
    pub fn of(&self, name: Name, baseid: &str) -> &[usize] {
        self.by_name.get(&name).and_then(|named| named.get(baseid)).map_or(&[], Vec::as_slice)
    }

    /// Definitions of a name that a node sees, the most specific last. `chain` are the node ids from the session down.
    #[must_use]
    pub fn visible(&self, name: Name, chain: &[Arc<str>]) -> Vec<usize> {
        let Some(all) = self.by_name.get(&name) else { return Vec::new() };
        // A directory may stand in the chain more than once.
        let first = |(at, node): &(usize, &Arc<str>)| !chain[..*at].contains(node);
        let places = chain.iter().enumerate().filter(first).filter_map(|(_, node)| all.get(node));
        places.flatten().copied().collect()
    }

    /// Names of the fixtures that every test below these nodes uses.
    #[must_use]
    pub fn autouse(&self, chain: &[Arc<str>]) -> Vec<Name> {
        chain.iter().filter_map(|node| self.autouse.get(node)).flatten().copied().collect()
    }

    /// The names that a test with these initial names needs.
    #[must_use]
    pub fn closure(&self, rules: &ItemRules, initial: &[Name], ignored: &[Name], chain: &[Arc<str>]) -> Closure {
        let mut found = Closure { open: chain.iter().any(|node| self.open.contains(node)), ..Closure::default() };
        let mut unique = Vec::with_capacity(initial.len());
        for name in initial {
            if !unique.contains(name) {
                unique.push(*name);
            }
        }
        if rules.at_least(9, 0) {
            let mut walk = Walk { registry: self, ignored, chain, indices: FxHashMap::default(), found: &mut found };
            for name in unique {
                walk.visit(name, 0);
            }
        } else {
            self.breadth_first(&mut found, unique, ignored, chain);
        }
        let scope = |name: &Name| {
            let last = found.definitions.get(name).and_then(|all| all.last());
            last.map_or(Scope::Function, |index| self.definitions[*index].scope.unwrap_or(Scope::Function))
        };
        found.names.sort_by_key(|name| std::cmp::Reverse(scope(name)));
        found
    }

    fn breadth_first(&self, found: &mut Closure, initial: Vec<Name>, ignored: &[Name], chain: &[Arc<str>]) {
        found.names = initial;
        let mut seen: FxHashSet<Name> = found.names.iter().copied().collect();
        let mut at = 0;
        while let Some(name) = found.names.get(at).copied() {
            at += 1;
            if ignored.contains(&name) {
                continue;
            }
            let visible = self.visible(name, chain);
            if let Some(last) = visible.last() {
                let wanted = &self.definitions[*last].arguments;
                found.names.extend(wanted.iter().filter(|argument| seen.insert(**argument)));
                found.definitions.insert(name, visible);
            }
        }
    }
}

/// pytest's `traverse_fixture_closure`: depth first, following a fixture that requests its own name outward.
struct Walk<'a> {
    registry: &'a Registry,
    ignored: &'a [Name],
    chain: &'a [Arc<str>],
    /// Position from the end of the definition that is looked at next.
    indices: FxHashMap<Name, usize>,
    found: &'a mut Closure,
}

/// Fixtures that need each other without end fail when the test runs; here the walk just ends.
const DEPTH: u32 = 500;

impl Walk<'_> {
    fn visit(&mut self, name: Name, depth: u32) {
        let known = self.indices.get(&name).copied();
        if known == Some(1) || depth > DEPTH {
            return;
        }
        if known.is_none() {
            self.found.names.push(name);
            self.indices.insert(name, 1);
        }
        if self.ignored.contains(&name) {
            return;
        }
        let visible = match self.found.definitions.get(&name) {
            Some(visible) => visible.clone(),
            None => self.registry.visible(name, self.chain),
        };
        if visible.is_empty() {
            return;
        }
        self.found.definitions.insert(name, visible.clone());
        let index = known.unwrap_or(1);
        let Some(at) = visible.len().checked_sub(index) else { return };
        let arguments = self.registry.definitions[visible[at]].arguments.clone();
        self.indices.insert(name, index + 1);
        for argument in arguments {
            self.visit(argument, depth + 1);
        }
        self.indices.insert(name, index);
    }
}

/// Name, scope, what it requests, since which version.
type OwnFixture = (&'static str, Scope, &'static [&'static str], (u32, u32));

/// pytest's own fixtures: name, scope, what they request, since which version.
const OWN: &[OwnFixture] = &[
    ("pytestconfig", Scope::Session, &["request"], (0, 0)),
    ("cache", Scope::Function, &["request"], (0, 0)),
    ("capfd", Scope::Function, &["request"], (0, 0)),
    ("capfdbinary", Scope::Function, &["request"], (0, 0)),
    ("capsys", Scope::Function, &["request"], (0, 0)),
    ("capsysbinary", Scope::Function, &["request"], (0, 0)),
    ("capteesys", Scope::Function, &["request"], (8, 4)),
    ("tmp_path", Scope::Function, &["request", "tmp_path_factory"], (0, 0)),
    ("tmp_path_factory", Scope::Session, &["request"], (0, 0)),
    ("monkeypatch", Scope::Function, &[], (0, 0)),
    ("recwarn", Scope::Function, &[], (0, 0)),
    ("record_property", Scope::Function, &["request"], (0, 0)),
    ("record_testsuite_property", Scope::Session, &["request"], (0, 0)),
    ("record_xml_attribute", Scope::Function, &["request"], (0, 0)),
    ("doctest_namespace", Scope::Session, &[], (0, 0)),
    ("caplog", Scope::Function, &["request"], (0, 0)),
    ("subtests", Scope::Function, &["request"], (9, 0)),
    ("tmpdir", Scope::Function, &["tmp_path"], (0, 0)),
    ("tmpdir_factory", Scope::Session, &["request"], (0, 0)),
];

/// Those of the plugin `pytester`, which is off unless asked for.
const PYTESTER: &[(&str, &[&str])] = &[
    ("LineMatcher", &["request"]),
    ("_config_for_test", &[]),
    ("_pytest", &["request"]),
    ("_sys_snapshot", &[]),
    ("linecomp", &["request"]),
    ("pytester", &["request", "tmp_path_factory", "monkeypatch"]),
    ("testdir", &["pytester"]),
];

/// Registers the fixtures of pytest's default plugins.
pub fn register_own(registry: &mut Registry, rules: &ItemRules) {
    let root: Arc<str> = Arc::from("");
    for (name, scope, arguments, (major, minor)) in OWN {
        if rules.at_least(*major, *minor) {
            registry.register(FixtureDef { scope: Some(*scope), ..FixtureDef::new(name, &root, arguments) });
        }
    }
}

/// Registers the fixtures of the plugin `pytester`.
pub fn register_pytester(registry: &mut Registry) {
    let root: Arc<str> = Arc::from("");
    for (name, arguments) in PYTESTER {
        registry.register(FixtureDef::new(name, &root, arguments));
    }
}

/// Node ids from the session down to a module: every directory that may hold a conftest.
#[must_use]
pub fn chain(module: &str) -> Vec<Arc<str>> {
    let mut nodes = vec![Arc::from("")];
    let directories = module.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| &module[..at]);
    nodes.extend(directories.map(Arc::from));
    nodes.push(Arc::from(module));
    nodes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{FixtureDef, Registry, Scope, chain, register_own};
    use crate::base::intern::Name;
    use crate::config::pytest_ini::{PytestConfig, PytestVersion};
    use crate::pytest::rules::ItemRules;
    use crate::python::version::PythonVersion;

    fn rules(version: &str) -> ItemRules {
        let config = PytestConfig { version: PytestVersion::new(version), ..PytestConfig::default() };
        ItemRules::new(&config, PythonVersion::three(12))
    }

    fn names(version: &str, registry: &Registry, initial: &[&str]) -> Vec<&'static str> {
        let initial: Vec<_> = initial.iter().map(|name| Name::new(name)).collect();
        let closure = registry.closure(&rules(version), &initial, &[], &chain("a/b/test_x.py"));
        closure.names.into_iter().map(Name::as_str).collect()
    }

    #[test]
    fn a_module_sees_its_directories() {
        let nodes = chain("a/b/test_x.py");
        assert_eq!(nodes, ["", "a", "a/b", "a/b/test_x.py"].map(Arc::<str>::from));
        assert_eq!(chain("test_x.py").len(), 2);
    }

    #[test]
    fn wider_scopes_come_first() {
        let mut registry = Registry::default();
        register_own(&mut registry, &rules("9.2.0"));
        assert_eq!(names("9.2.0", &registry, &["tmp_path"]), ["tmp_path_factory", "tmp_path", "request"]);
        assert_eq!(names("8.4.2", &registry, &["tmp_path"]), ["tmp_path_factory", "tmp_path", "request"]);
        assert_eq!(names("8.4.2", &registry, &["absent"]), ["absent"]);
    }

    #[test]
    fn an_override_that_wants_the_outer_one_brings_its_needs() {
        let (root, inner): (Arc<str>, Arc<str>) = (Arc::from(""), Arc::from("a"));
        let mut registry = Registry::default();
        registry.register(FixtureDef::new("db", &root, &["server"]));
        registry.register(FixtureDef::new("db", &inner, &["db"]));
        registry.register(FixtureDef { scope: Some(Scope::Session), ..FixtureDef::new("other", &Arc::from("c"), &[]) });
        assert_eq!(names("9.2.0", &registry, &["db"]), ["db", "server"]);
        assert_eq!(names("8.4.2", &registry, &["db", "other"]), ["db", "other"]);
    }
}
