//! SRC002: bytes do not fit the declared or default encoding.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(
    UndecodableSource,
    "SRC002",
    "undecodable-source",
    Error,
    on,
    "bytes do not fit the declared or default encoding"
);

impl Rule for UndecodableSource {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::Undecodable);
    }
}
