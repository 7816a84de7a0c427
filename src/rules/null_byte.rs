//! SRC004: a NUL byte in the source.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(NullByte, "SRC004", "null-byte", Error, on, "a NUL byte in the source", |facts, sink| refused::report(
    facts,
    sink,
    ProblemKind::NullByte
));
