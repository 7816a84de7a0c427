//! BLK009: pytest.exit is called during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    PytestExit,
    "BLK009",
    "pytest-exit",
    Error,
    on,
    "pytest.exit is called during an import",
    |facts, sink| blocking::report(facts, sink, "BLK009", "calls pytest.exit")
);
