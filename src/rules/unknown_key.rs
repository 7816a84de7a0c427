//! CFG007: a key of pytest's configuration that nobody reads, in a run that is strict about it.

use super::refused_run::{report, text, unexplained};
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    UnknownKey,
    "CFG007",
    "unknown-key",
    Error,
    on,
    "an unknown configuration key in a run that is strict about them: nothing collects"
);

impl Rule for UnknownKey {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        let Some(abort) = unexplained(facts) else { return };
        let text = text(abort);
        let Some(key) = text.split(MESSAGE).nth(1).and_then(|rest| rest.lines().next()) else { return };
        let what = format!("pytest knows no configuration key {}", key.trim());
        report(facts, sink, abort, what, vec!["correct the key, or install the plugin that reads it".to_owned()]);
    }
}

/// pytest's words.
pub const MESSAGE: &str = "Unknown config option: ";
