//! BLK002: the network is used during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    NetworkAtImport,
    "BLK002",
    "network-at-import",
    Error,
    on,
    "the network is used during an import",
    |facts, sink| blocking::report(facts, sink, "BLK002", "uses the network")
);
