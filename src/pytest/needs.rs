//! What tests need and do not get: fixtures that are not found, of too narrow a scope, or that need each other. pytest
//! notices when a test is set up; collection hides it. Looked for when the run is over: fixtures that were registered
//! late are found as well.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::fixtures::{Registry, Scope};
use super::functions::{Generates, TestFunction};
use crate::base::intern::Name;

/// Something that keeps tests from being set up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Problem {
    /// A name that no fixture in reach has.
    NotFound {
        /// The name.
        name: Name,
        /// Who asks for it.
        by: Asker,
    },
    /// A fixture asks for one of a narrower scope.
    ScopeMismatch {
        /// What it asks for.
        wanted: Wanted,
        /// The fixture that asks, as an index into the registry.
        by: usize,
    },
    /// Fixtures ask for each other, or one for itself: indices into the registry, the first is asked for by the last.
    Recursion(Vec<usize>),
}

/// Who asks for a fixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A test: index into the functions of the run.
    Test(usize),
    /// A fixture: index into the registry.
    Fixture(usize),
}

/// What a fixture asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// A fixture: index into the registry.
    Fixture(usize),
    /// A name that the test parametrizes directly, with this scope.
    Parameter(Name, Scope),
}

/// A problem with the tests that it breaks.
#[derive(Debug, Clone)]
pub struct Need {
    /// What is wrong.
    pub problem: Problem,
    /// Indices into the functions of the run, in order.
    pub tests: Vec<usize>,
}

/// All problems of these functions, in order of the first test that has each.
#[must_use]
pub fn find(registry: &Registry, functions: &[TestFunction]) -> Vec<Need> {
    let mut found = Found::default();
    let mut reach = Reach::new(registry);
    for (at, function) in functions.iter().enumerate() {
        // What a hook may parametrize is not looked up.
        if matches!(function.generated, Generates::Anything) || function.open {
            continue;
        }
        reach.enter(&function.chain);
        let mut walk =
            Walk { function, reach: &mut reach, seen: FxHashSet::default(), path: Vec::new(), problems: Vec::new() };
        walk.test(at);
        for problem in walk.problems {
            found.add(problem, at);
        }
    }
    found.needs
}

#[derive(Default)]
struct Found {
    needs: Vec<Need>,
    known: FxHashMap<Problem, usize>,
}

impl Found {
    fn add(&mut self, problem: Problem, test: usize) {
        if let Some(at) = self.known.get(&problem) {
            let tests = &mut self.needs[*at].tests;
            if tests.last() != Some(&test) {
                tests.push(test);
            }
            return;
        }
        self.known.insert(problem.clone(), self.needs.len());
        self.needs.push(Need { problem, tests: vec![test] });
    }
}

/// Definitions that a node sees, looked up once per node and name.
struct Reach<'a> {
    registry: &'a Registry,
    chain: Arc<[Arc<str>]>,
    visible: FxHashMap<Name, Arc<[usize]>>,
    autouse: Arc<[Name]>,
}

impl<'a> Reach<'a> {
    fn new(registry: &'a Registry) -> Self {
        Self { registry, chain: Arc::from([]), visible: FxHashMap::default(), autouse: Arc::from([]) }
    }

    fn enter(&mut self, chain: &Arc<[Arc<str>]>) {
        if !Arc::ptr_eq(&self.chain, chain) {
            self.chain = Arc::clone(chain);
            self.visible.clear();
            self.autouse = self.registry.autouse(chain).into();
        }
    }

    fn of(&mut self, name: Name) -> Arc<[usize]> {
        let (registry, chain) = (self.registry, &self.chain);
        Arc::clone(self.visible.entry(name).or_insert_with(|| registry.visible(name, chain).into()))
    }
}

struct Walk<'w, 'a> {
    function: &'w TestFunction,
    reach: &'w mut Reach<'a>,
    /// Definitions that were looked at.
    seen: FxHashSet<usize>,
    /// Definitions on the way from the test.
    path: Vec<usize>,
    problems: Vec<Problem>,
}

/// Deeper chains of fixtures are nobody's; the walk just ends.
const DEPTH: usize = 200;

impl Walk<'_, '_> {
    fn test(&mut self, at: usize) {
        let autouse = Arc::clone(&self.reach.autouse);
        let function = self.function;
        for name in autouse.iter().chain(&function.used).chain(&function.asked) {
            self.ask(*name, Asker::Test(at));
        }
    }

    fn ask(&mut self, name: Name, by: Asker) {
        let function = self.function;
        let elsewhere = matches!(&function.generated, Generates::Names(names) if names.contains(&name));
        if name.as_str() == "request" || elsewhere {
            return;
        }
        if let Some((_, inner)) = function.direct.iter().find(|(direct, _)| *direct == name) {
            if let (Asker::Fixture(by), Some(inner)) = (by, *inner)
                && self.reach.registry.get(by).scope.is_some_and(|outer| outer > inner)
            {
                self.problems.push(Problem::ScopeMismatch { wanted: Wanted::Parameter(name, inner), by });
            }
            return;
        }
        let visible = self.reach.of(name);
        // One that asks for its own name gets the next one outside.
        let wanted = match by {
            Asker::Fixture(by) if self.reach.registry.get(by).name == name => {
                let at = visible.iter().position(|index| *index == by).unwrap_or(0);
                at.checked_sub(1).map(|outer| visible[outer])
            }
            _ => visible.last().copied(),
        };
        match (wanted, by) {
            (Some(index), _) => self.get(index, by),
            (None, Asker::Fixture(by)) if visible.contains(&by) => self.problems.push(Problem::Recursion(vec![by])),
            (None, _) if self.reach.registry.may_define(name, &function.chain) => {}
            (None, _) => self.problems.push(Problem::NotFound { name, by }),
        }
    }

    fn get(&mut self, index: usize, by: Asker) {
        let registry = self.reach.registry;
        let definition = registry.get(index);
        if let Asker::Fixture(by) = by
            && let (Some(inner), Some(outer)) = (definition.scope, registry.get(by).scope)
            && inner < outer
        {
            self.problems.push(Problem::ScopeMismatch { wanted: Wanted::Fixture(index), by });
        }
        if let Some(at) = self.path.iter().position(|other| *other == index) {
            self.problems.push(Problem::Recursion(self.path[at..].to_vec()));
            return;
        }
        if !self.seen.insert(index) || self.path.len() > DEPTH {
            return;
        }
        self.path.push(index);
        for argument in &definition.arguments {
            self.ask(*argument, Asker::Fixture(index));
        }
        self.path.pop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Asker, Problem, Wanted, find};
    use crate::base::intern::Name;
    use crate::pytest::fixtures::{FixtureDef, Registry, Scope, chain};
    use crate::pytest::functions::{Generates, TestFunction};

    fn function(asked: &[&str]) -> TestFunction {
        TestFunction {
            nodeid: Arc::from("a/test_x.py::test_x"),
            chain: chain("a/test_x.py").into(),
            source: None,
            asked: asked.iter().map(|name| Name::new(name)).collect(),
            used: Vec::new(),
            direct: Vec::new(),
            generated: Generates::nothing(),
            runs: Some(true),
            is_coroutine: false,
            is_unittest: false,
            open: false,
            marks: Vec::new(),
        }
    }

    fn problems(registry: &Registry, asked: &[&str]) -> Vec<Problem> {
        find(registry, &[function(asked)]).into_iter().map(|need| need.problem).collect()
    }

    #[test]
    fn what_a_fixture_wants_counts_too() {
        let mut registry = Registry::default();
        registry.register(FixtureDef::new("db", &Arc::from(""), &["server"]));
        let missing = |name: &str, by| Problem::NotFound { name: Name::new(name), by };
        assert_eq!(
            problems(&registry, &["db", "x"]),
            [missing("server", Asker::Fixture(0)), missing("x", Asker::Test(0))]
        );
    }

    #[test]
    fn scopes_are_compared_after_overrides() {
        let (root, inner): (Arc<str>, Arc<str>) = (Arc::from(""), Arc::from("a"));
        let session = |name: &str, base, asked: &[&str]| FixtureDef {
            scope: Some(Scope::Session),
            ..FixtureDef::new(name, base, asked)
        };
        let mut registry = Registry::default();
        registry.register(session("db", &root, &["settings"]));
        registry.register(session("settings", &root, &[]));
        assert!(problems(&registry, &["db"]).is_empty());
        registry.register(FixtureDef::new("settings", &inner, &[]));
        assert_eq!(problems(&registry, &["db"]), [Problem::ScopeMismatch { wanted: Wanted::Fixture(2), by: 0 }]);
    }

    #[test]
    fn fixtures_that_need_each_other_are_one_problem() {
        let root: Arc<str> = Arc::from("");
        let mut registry = Registry::default();
        registry.register(FixtureDef::new("a", &root, &["b"]));
        registry.register(FixtureDef::new("b", &root, &["a"]));
        registry.register(FixtureDef::new("own", &root, &["own"]));
        assert_eq!(problems(&registry, &["a", "own"]), [Problem::Recursion(vec![0, 1]), Problem::Recursion(vec![2])]);
    }
}
