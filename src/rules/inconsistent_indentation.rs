//! SRC005: tabs and spaces mixed, or a dedent that fits no level.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(
    InconsistentIndentation,
    "SRC005",
    "inconsistent-indentation",
    Error,
    on,
    "tabs and spaces mixed, or a dedent that fits no level"
);

impl Rule for InconsistentIndentation {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::Indentation);
    }
}
