//! BLK008: pytest's own arguments are parsed during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    ArgumentsAtImport,
    "BLK008",
    "arguments-at-import",
    Error,
    on,
    "pytest's own arguments are parsed during an import",
    |facts, sink| blocking::report(facts, sink, "BLK008", "parses pytest's arguments")
);
