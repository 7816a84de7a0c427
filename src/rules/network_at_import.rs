//! BLK002: the network is used during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(NetworkAtImport, "BLK002", "network-at-import", Error, on, "the network is used during an import");

impl Rule for NetworkAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK002", "uses the network");
    }
}
