//! CFG007: a key of pytest's configuration that nobody reads; a run that is strict about it ends with a usage error.

use super::{Facts, Sink, declare_rule, refused_run};
use crate::diagnostic::Severity;

declare_rule!(
    UnknownKey,
    "CFG007",
    "unknown-key",
    Warning,
    on,
    "a key of pytest's configuration that neither pytest nor a plugin knows",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let notes = &facts.collection.notes;
    let aborted = facts.collection.aborted.as_ref();
    let mut ends = aborted.is_some_and(|abort| ENDS.iter().any(|start| abort.reason.starts_with(start)));
    for key in &notes.unknown_keys {
        let place = refused_run::place(facts, &[key]);
        let text = format!("{MESSAGE}{key}");
        let mut finding = sink.finding(place, format!("pytest knows no configuration key {key}"));
        finding.subject.clone_from(key);
        finding.help.push("correct the key, or install the plugin that reads it".to_owned());
        if notes.strict_keys {
            finding.severity = Severity::Error;
            finding.pytest = Some(format!("ERROR: {text}, exit code 4 behind the collection"));
        } else {
            finding.pytest = Some(format!("PytestConfigWarning: {text}"));
            // The first one is where a run ends whose filters make an error of it.
            if std::mem::take(&mut ends) {
                finding.severity = Severity::Error;
            }
        }
        sink.push(finding);
    }
}

/// How a run ends for which the warning is an error.
pub const ENDS: [&str; 2] = ["internal: PytestConfigWarning: ", "internal: PluggyTeardownRaisedWarning: "];
/// pytest's words.
pub const MESSAGE: &str = "Unknown config option: ";
