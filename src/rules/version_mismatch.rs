//! ENV004: an installed version outside the declared range.

use std::collections::BTreeMap;

use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::environment::{Requirement, normalise};

declare_rule!(
    VersionMismatch,
    "ENV004",
    "version-mismatch",
    Warning,
    on,
    "an installed version lies outside the declared range",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    if !facts.environment.is_found() {
        return;
    }
    let mut declared: BTreeMap<String, Vec<&Requirement>> = BTreeMap::new();
    for requirement in &facts.environment.declared.requirements {
        // Build tools have an environment of their own.
        if requirement.applies && !matches!(requirement.group.as_str(), "build" | "lock" | "tox") {
            declared.entry(normalise(&requirement.name)).or_default().push(requirement);
        }
    }
    for (name, requirements) in declared {
        let Some(installed) = facts.environment.distribution(&name).filter(|found| !found.editable) else {
            continue;
        };
        // A development list may pin another version than a range allows: one that fits is enough.
        if requirements.iter().any(|requirement| requirement.admits(&installed.version) != Some(false)) {
            continue;
        }
        let first = requirements[0];
        let mut place = facts.place(&first.file, Span::default());
        place.line = first.line.max(1);
        let shown = facts.environment.display_name(installed);
        let text = format!("{shown} {} is installed, and {} is declared", installed.version, first.specifier);
        let mut found = sink.finding(place, text);
        found.subject = name;
        found.help.push(format!("install what is declared, or widen the range: {}{}", first.name, first.specifier));
        sink.push(found);
    }
}
