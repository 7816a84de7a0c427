//! BLK003: an import sleeps.

use super::blocking;
use super::declare_rule;

declare_rule!(SleepAtImport, "BLK003", "sleep-at-import", Error, on, "an import sleeps", |facts, sink| {
    blocking::report(facts, sink, "BLK003", "sleeps")
});
