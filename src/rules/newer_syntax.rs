//! SRC006: syntax that needs a later Python than the target.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    NewerSyntax,
    "SRC006",
    "newer-syntax",
    Error,
    on,
    "syntax that needs a later Python than the target",
    |facts, sink| refused::report(facts, sink, ProblemKind::NewerSyntax)
);
