//! BLK004: another process is started during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    ProcessAtImport,
    "BLK004",
    "process-at-import",
    Warning,
    on,
    "another process is started during an import"
);

impl Rule for ProcessAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK004", "starts a process");
    }
}
