//! CYC003: an import cycle that works as the run enters it.

use super::cycles;
use super::declare_rule;

declare_rule!(
    HarmlessCycle,
    "CYC003",
    "harmless-cycle",
    Info,
    off,
    "an import cycle that works as the run enters it",
    |facts, sink| cycles::report(facts, sink, true)
);
