//! BLK006: a loop at import that cannot end.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(EndlessLoop, "BLK006", "endless-loop", Error, on, "a loop at import that cannot end");

impl Rule for EndlessLoop {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK006", "never ends");
    }
}
