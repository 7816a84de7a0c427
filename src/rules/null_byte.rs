//! SRC004: a NUL byte in the source.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(NullByte, "SRC004", "null-byte", Error, on, "a NUL byte in the source");

impl Rule for NullByte {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::NullByte);
    }
}
