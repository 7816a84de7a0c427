//! SRC001: the parser of the target Python rejects the file.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    SyntaxError,
    "SRC001",
    "syntax-error",
    Error,
    on,
    "the parser of the target Python rejects the file",
    |facts, sink| refused::report(facts, sink, ProblemKind::Syntax)
);
