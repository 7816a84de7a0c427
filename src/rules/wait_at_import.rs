//! BLK007: an import waits for something that may never come.

use super::blocking;
use super::declare_rule;

declare_rule!(
    WaitAtImport,
    "BLK007",
    "wait-at-import",
    Error,
    on,
    "an import waits for something that may never come",
    |facts, sink| blocking::report(facts, sink, "BLK007", "waits")
);
