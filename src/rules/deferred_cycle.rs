//! CYC004: an import cycle closed by deferred or type-only imports.

use super::cycles;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    DeferredCycle,
    "CYC004",
    "deferred-cycle",
    Info,
    off,
    "an import cycle closed by deferred or type-only imports"
);

impl Rule for DeferredCycle {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        cycles::report(facts, sink, false);
    }
}
