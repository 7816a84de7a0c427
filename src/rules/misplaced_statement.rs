//! SRC007: a statement that compiles nowhere or not here, such as return outside a function.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    MisplacedStatement,
    "SRC007",
    "misplaced-statement",
    Error,
    on,
    "a statement that compiles nowhere or not here, such as return outside a function",
    |facts, sink| refused::report(facts, sink, ProblemKind::Misplaced)
);
