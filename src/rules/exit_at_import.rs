//! BLK001: the process is ended during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    ExitAtImport,
    "BLK001",
    "exit-at-import",
    Error,
    on,
    "the process is ended during an import",
    |facts, sink| blocking::report(facts, sink, "BLK001", "ends the process")
);
