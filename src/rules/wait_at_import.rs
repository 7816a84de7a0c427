//! BLK007: an import waits for something that may never come.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(WaitAtImport, "BLK007", "wait-at-import", Error, on, "an import waits for something that may never come");

impl Rule for WaitAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK007", "waits");
    }
}
