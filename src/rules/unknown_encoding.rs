//! SRC003: the encoding cookie names no codec.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(UnknownEncoding, "SRC003", "unknown-encoding", Error, on, "the encoding cookie names no codec");

impl Rule for UnknownEncoding {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::UnknownEncoding);
    }
}
