//! BLK005: standard input is read during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(InputAtImport, "BLK005", "input-at-import", Error, on, "standard input is read during an import");

impl Rule for InputAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK005", "reads standard input");
    }
}
