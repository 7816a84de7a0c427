//! BLK011: a server is started during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(ServerAtImport, "BLK011", "server-at-import", Error, on, "a server is started during an import");

impl Rule for ServerAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK011", "starts a server");
    }
}
