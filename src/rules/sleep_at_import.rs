//! BLK003: an import sleeps.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(SleepAtImport, "BLK003", "sleep-at-import", Error, on, "an import sleeps");

impl Rule for SleepAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK003", "sleeps");
    }
}
