//! CYC003: an import cycle that works as the run enters it.

use super::cycles;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(HarmlessCycle, "CYC003", "harmless-cycle", Info, off, "an import cycle that works as the run enters it");

impl Rule for HarmlessCycle {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        cycles::report(facts, sink, true);
    }
}
