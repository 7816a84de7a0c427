//! BLK005: standard input is read during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    InputAtImport,
    "BLK005",
    "input-at-import",
    Error,
    on,
    "standard input is read during an import",
    |facts, sink| blocking::report(facts, sink, "BLK005", "reads standard input")
);
