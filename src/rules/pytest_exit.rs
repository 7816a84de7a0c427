//! BLK009: pytest.exit is called during an import.

use super::blocking;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(PytestExit, "BLK009", "pytest-exit", Error, on, "pytest.exit is called during an import");

impl Rule for PytestExit {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        blocking::report(facts, sink, "BLK009", "calls pytest.exit");
    }
}
