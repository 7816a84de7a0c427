//! FXT005: a fixture that overrides another and does not keep its scope or its parameters.

use super::fixtures::{described, name_place, source};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Label, Severity};
use crate::pytest::fixtures::FixtureDef;

declare_rule!(
    OverrideNarrows,
    "FXT005",
    "override-narrows",
    Warning,
    on,
    "a fixture that overrides another changes its scope, autouse or params",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let definitions = facts.collection.registry.definitions();
    let mut told = Vec::new();
    for inner in definitions.iter().filter(|definition| is_ours(facts, definition)) {
        let above = |outer: &&FixtureDef| {
            outer.name == inner.name && covers(&outer.baseid, &inner.baseid) && is_ours(facts, outer)
        };
        let Some(outer) = definitions.iter().filter(above).max_by_key(|outer| outer.baseid.len()) else { continue };
        // A class collected under two names is one.
        if !told.contains(&&inner.source) {
            told.push(&inner.source);
            compare(facts, sink, inner, outer);
        }
    }
}

fn is_ours(facts: &Facts, definition: &FixtureDef) -> bool {
    definition.source.as_ref().is_some_and(|written| facts.source.is_project(&written.file))
}

/// Whether one node lies below another.
fn covers(outer: &str, inner: &str) -> bool {
    outer.is_empty() && !inner.is_empty()
        || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/') || rest.starts_with("::"))
}

fn compare(facts: &Facts, sink: &mut Sink, inner: &FixtureDef, outer: &FixtureDef) {
    let (Some(written), Some(above)) = (&inner.source, &outer.source) else { return };
    let builds_on = inner.arguments.contains(&inner.name);
    // Conftests that hide one another without need are another rule's.
    let conftests = [written, above].iter().all(|written| written.file.ends_with("conftest.py"));
    if written == above || conftests && !builds_on {
        return;
    }
    let mut changes = Vec::new();
    if let (Some(new), Some(old)) = (inner.scope, outer.scope)
        && new < old
    {
        changes.push(format!("scope {} instead of {}", new.as_str(), old.as_str()));
    }
    if outer.params.is_some() && inner.params.is_none() && !builds_on {
        changes.push("no params: tests run once, not once per parameter".to_owned());
    }
    if changes.is_empty() || source(facts, written).is_none() {
        return;
    }
    let name = inner.name;
    let place = name_place(facts, written);
    let mut finding =
        sink.finding(place, format!("fixture {name} overrides another and changes it: {}", changes.join(", ")));
    // Within one module that is a usual way to write it; for a whole directory it is more than meets the eye.
    if inner.baseid.ends_with(".py") || inner.baseid.contains("::") {
        finding.severity = Severity::Info;
    }
    finding.subject = format!("{} {name}", inner.baseid);
    finding.label = changes.join(", ");
    finding.facts.push(("overrides", described(facts, outer)));
    finding.related.push(Label { place: name_place(facts, above), text: "overridden".to_owned() });
    finding.help.push("keep scope and params, or give it a name of its own".to_owned());
    sink.push(finding);
}
