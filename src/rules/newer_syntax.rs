//! SRC006: syntax that needs a later Python than the target.

use super::refused;
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::summary::ProblemKind;

declare_rule!(NewerSyntax, "SRC006", "newer-syntax", Error, on, "syntax that needs a later Python than the target");

impl Rule for NewerSyntax {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        refused::report(facts, sink, ProblemKind::NewerSyntax);
    }
}
