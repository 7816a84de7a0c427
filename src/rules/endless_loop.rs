//! BLK006: a loop at import that cannot end.

use super::blocking;
use super::declare_rule;

declare_rule!(EndlessLoop, "BLK006", "endless-loop", Error, on, "a loop at import that cannot end", |facts, sink| {
    blocking::report(facts, sink, "BLK006", "never ends")
});
