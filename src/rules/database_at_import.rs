//! BLK010: a database is used during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    DatabaseAtImport,
    "BLK010",
    "database-at-import",
    Warning,
    on,
    "a database is used during an import",
    |facts, sink| blocking::report(facts, sink, "BLK010", "uses a database")
);
