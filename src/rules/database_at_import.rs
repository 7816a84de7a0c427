//! BLK010: a database is used during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(DatabaseAtImport, "BLK010", "database-at-import", Warning, on, "a database is used during an import");

impl Rule for DatabaseAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK010", "uses a database");
    }
}
