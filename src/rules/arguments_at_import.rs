//! BLK008: pytest's own arguments are parsed during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    ArgumentsAtImport,
    "BLK008",
    "arguments-at-import",
    Error,
    on,
    "pytest's own arguments are parsed during an import"
);

impl Rule for ArgumentsAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK008", "parses pytest's arguments");
    }
}
