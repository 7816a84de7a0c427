//! SRC003: the encoding cookie names no codec.

use super::declare_rule;
use super::refused;
use crate::summary::ProblemKind;

declare_rule!(
    UnknownEncoding,
    "SRC003",
    "unknown-encoding",
    Error,
    on,
    "the encoding cookie names no codec",
    |facts, sink| refused::report(facts, sink, ProblemKind::UnknownEncoding)
);
