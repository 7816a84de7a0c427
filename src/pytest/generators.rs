//! Hooks of the project that parametrize tests (`pytest_generate_tests`): run for each test that they may touch, in
//! pytest's order.

use std::sync::Arc;

use super::hooks::{self, Generates};
use super::items::{ItemCollector, Node};
use super::params::{self, Arguments, Stop};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::machine::value::{ClassId, FnId, Mark, Value};
use crate::machine::{Machine, Metafunc};

/// One such hook.
#[derive(Debug, Clone)]
pub(super) struct Generator {
    /// What its text says that it may parametrize.
    pub touches: Generates,
    hook: Value,
    /// The class that has it, where it is a method.
    class: Option<ClassId>,
    /// It is registered while tests are collected: it comes before those of the conftests that were loaded at the start.
    is_late: bool,
}

/// What hooks add to a test.
#[derive(Debug, Default)]
pub(super) struct Generated {
    /// By hooks that come before the parameters of fixtures: they were registered late.
    pub first: Vec<Arguments>,
    /// By those that come between these and marks.
    pub then: Vec<Arguments>,
    /// Names that the test itself gets.
    pub direct: Vec<Name>,
}

impl Generator {
    pub fn new(machine: &mut Machine<'_>, hook: Value, class: Option<ClassId>, is_late: bool) -> Self {
        Self { touches: hooks::generates(machine, &hook), hook, class, is_late }
    }
}

impl ItemCollector {
    /// Runs the hooks that may touch a test.
    pub(super) fn run_generators(
        &self,
        machine: &mut Machine<'_>,
        node: &Node,
        nodeid: &str,
        function: FnId,
        names: &[Name],
        own: &[Arc<Mark>],
    ) -> Result<Generated, Stop> {
        let mut found = Generated::default();
        let seen = |hook: &&Generator| hook.class.is_none() || hook.class == node.class;
        let methods = node.generators.iter().rev().filter(seen);
        let conftests =
            || self.generators.iter().rev().filter(|(base, _)| node.chain.contains(base)).map(|(_, hook)| hook);
        // Those of installed plugins that may touch anything wait for options of theirs.
        let foreign = self.foreign_generators.iter().rev().filter(|hook| hook.touches != Generates::Anything);
        let hooks: Vec<&Generator> = methods
            .chain(conftests().filter(|hook| hook.is_late))
            .chain(conftests().filter(|hook| !hook.is_late))
            .chain(foreign)
            .filter(|hook| hook.touches.touches(names))
            .collect();
        for hook in hooks {
            let metafunc = Metafunc {
                names,
                function,
                class: node.class,
                module: self.module,
                config: self.config.clone(),
                marks: own.iter().chain(node.marks.iter().flatten()).cloned().collect(),
                nodeid,
            };
            let arguments = self.run_generator(machine, &metafunc, hook)?;
            for given in &arguments {
                found.direct.extend(params::names_given_directly(machine.state(), given)?);
            }
            if hook.is_late { found.first.extend(arguments) } else { found.then.extend(arguments) }
        }
        Ok(found)
    }

    fn run_generator(
        &self,
        machine: &mut Machine<'_>,
        metafunc: &Metafunc<'_>,
        hook: &Generator,
    ) -> Result<Vec<Arguments>, Stop> {
        let unknown = || Stop::Unknown("what pytest_generate_tests adds".into());
        let callable = match (&hook.hook, hook.class) {
            // A decorator may say when it comes.
            (Value::Function(id), class) if machine.state().functions[*id].decorators.is_empty() => match class {
                Some(class) => machine.method_of(class, *id),
                None => hook.hook.clone(),
            },
            _ => return Err(unknown()),
        };
        let calls = machine.generate_tests(&callable, metafunc).ok_or_else(unknown)?;
        let (unit, name) = (machine.state().functions[metafunc.function].unit, Name::new("parametrize"));
        let mark =
            |(args, kwargs)| Mark { name, args, kwargs, inexact: false, unit, span: Span::default(), called: true };
        calls.into_iter().map(|call| params::arguments(&self.rules, &mark(call))).collect()
    }
}
