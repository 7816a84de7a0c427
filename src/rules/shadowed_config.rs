//! CFG006: a configuration file that pytest passes over, because another one beside it comes first.

use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;

declare_rule!(
    ShadowedConfig,
    "CFG006",
    "shadowed-config",
    Warning,
    on,
    "pytest passes over a configuration file, because another one comes first",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let Some(used) = facts.source.config_file() else { return };
    for file in &facts.collection.notes.shadowed {
        let (hidden, used) = (facts.shown(file), facts.shown(&used));
        let place =
            crate::diagnostic::Place { path: hidden.as_str().into(), line: 1, column: 1, span: Span::default() };
        let mut finding = sink.finding(place, format!("pytest reads {used} and passes over {hidden}"));
        finding.subject = hidden.clone();
        finding.label = format!("hidden by {used}");
        finding.pytest = Some(format!("WARNING: ignoring pytest config in {hidden}!"));
        finding.help.push(format!("move what it says to {used}"));
        sink.push(finding);
    }
}
