//! Test functions as they are collected: what each asks for, and what may keep its set-up from running.

use std::sync::Arc;

use super::fixtures::{Scope, Written};
pub use super::hooks::Generates;
use super::view;
use crate::base::intern::Name;
use crate::machine::state::State;
use crate::machine::value::{Mark, Value};

/// A test function or method as it is collected, whatever its parameters.
#[derive(Debug, Clone)]
pub struct TestFunction {
    /// Its node id without parameters.
    pub nodeid: Arc<str>,
    /// Node ids from the session down to the node that holds it.
    pub chain: Arc<[Arc<str>]>,
    /// Where its function is written; none for what we did not see being made.
    pub source: Option<Written>,
    /// Arguments that fixtures have to fill.
    pub asked: Vec<Name>,
    /// Names that `usefixtures` marks and settings hold.
    pub used: Vec<Name>,
    /// Names that are parametrized directly, each with its scope if that is known.
    pub direct: Vec<(Name, Option<Scope>)>,
    /// What hooks may parametrize.
    pub generated: Generates,
    /// Whether set-up and call decide its outcome: `false` for `skip` and `xfail`, none if a condition decides.
    pub runs: Option<bool>,
    /// `async def`.
    pub is_coroutine: bool,
    /// It lies in a `unittest.TestCase`.
    pub is_unittest: bool,
    /// What it asks for may differ: a decorator or an argument list is not known.
    pub open: bool,
    /// Names of the marks of it and of the nodes above.
    pub marks: Vec<Name>,
}

/// Whether set-up and call decide the outcome of a test with these marks; none if a condition does.
#[must_use]
pub fn runs<'m>(state: &State, marks: impl Iterator<Item = &'m Arc<Mark>>) -> Option<bool> {
    let mut certain = Some(true);
    for mark in marks {
        match mark.name.as_str() {
            "skip" => return Some(false),
            "xfail" | "skipif" => {
                let named = mark.kwargs.iter().find(|(name, _)| name.as_str() == "condition").map(|(_, value)| value);
                let conditions: Vec<&Value> = mark.args.iter().chain(named).collect();
                let unconditional = conditions.is_empty() && mark.name.as_str() == "xfail";
                let holds = |value: &&Value| match value {
                    // A text is evaluated when the test runs.
                    Value::Str(_) => None,
                    value => view::truth(state, value),
                };
                if unconditional || conditions.iter().any(|value| holds(value) == Some(true)) {
                    return Some(false);
                }
                if mark.inexact || conditions.iter().any(|value| holds(value).is_none()) {
                    certain = None;
                }
            }
            _ => {}
        }
    }
    certain
}
