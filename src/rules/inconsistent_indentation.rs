//! SRC005: tabs and spaces mixed, or a dedent that fits no level.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    InconsistentIndentation,
    "SRC005",
    "inconsistent-indentation",
    Error,
    on,
    "tabs and spaces mixed, or a dedent that fits no level",
    |facts, sink| refused::report(facts, sink, ProblemKind::Indentation)
);
