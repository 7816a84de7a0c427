//! SRC007: a statement that compiles nowhere or not here, such as return outside a function.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(
    MisplacedStatement,
    "SRC007",
    "misplaced-statement",
    Error,
    on,
    "a statement that compiles nowhere or not here, such as return outside a function"
);

impl Rule for MisplacedStatement {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::Misplaced);
    }
}
