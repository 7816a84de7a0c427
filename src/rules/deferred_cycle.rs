//! CYC004: an import cycle closed by deferred or type-only imports.

use super::cycles;
use super::declare_rule;

declare_rule!(
    DeferredCycle,
    "CYC004",
    "deferred-cycle",
    Info,
    off,
    "an import cycle closed by deferred or type-only imports",
    |facts, sink| cycles::report(facts, sink, false)
);
