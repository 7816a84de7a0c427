//! BLK004: another process is started during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    ProcessAtImport,
    "BLK004",
    "process-at-import",
    Warning,
    on,
    "another process is started during an import",
    |facts, sink| blocking::report(facts, sink, "BLK004", "starts a process")
);
