//! SRC002: bytes do not fit the declared or default encoding.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    UndecodableSource,
    "SRC002",
    "undecodable-source",
    Error,
    on,
    "bytes do not fit the declared or default encoding",
    |facts, sink| refused::report(facts, sink, ProblemKind::Undecodable)
);
