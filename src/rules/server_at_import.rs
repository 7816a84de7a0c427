//! BLK011: a server is started during an import.

use super::blocking;
use super::declare_rule;

declare_rule!(
    ServerAtImport,
    "BLK011",
    "server-at-import",
    Error,
    on,
    "a server is started during an import",
    |facts, sink| blocking::report(facts, sink, "BLK011", "starts a server")
);
