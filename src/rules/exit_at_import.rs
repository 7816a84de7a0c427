//! BLK001: the process is ended during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(ExitAtImport, "BLK001", "exit-at-import", Error, on, "the process is ended during an import");

impl Rule for ExitAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK001", "ends the process");
    }
}
