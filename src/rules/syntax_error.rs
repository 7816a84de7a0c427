//! SRC001: the parser of the target Python rejects the file.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(SyntaxError, "SRC001", "syntax-error", Error, on, "the parser of the target Python rejects the file");

impl Rule for SyntaxError {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::Syntax);
    }
}
