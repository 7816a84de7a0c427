//! FXT005: a fixture that overrides another and does not keep its scope or its parameters.

use rustc_hash::FxHashSet;

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
    let registry = &facts.collection.registry;
    let mut told = FxHashSet::default();
    for inner in registry.definitions().iter().filter(|definition| is_ours(facts, definition)) {
        let of = |node: &str| registry.of(inner.name, node).iter().rev().map(|index| registry.get(*index));
        let outer = above(&inner.baseid).into_iter().flat_map(of).find(|outer| is_ours(facts, outer));
        let Some(outer) = outer else { continue };
        // A class collected under two names is one.
        if told.insert(&inner.source) {
            compare(facts, sink, inner, outer);
        }
    }
}

fn is_ours(facts: &Facts, definition: &FixtureDef) -> bool {
    definition.source.as_ref().is_some_and(|written| facts.source.is_project(&written.file))
}

/// The nodes above one, the nearest first.
fn above(node: &str) -> Vec<&str> {
    let ends = node.match_indices('/').chain(node.match_indices("::")).map(|(at, _)| at);
    let mut ends: Vec<usize> = ends.chain((!node.is_empty()).then_some(0)).collect();
    ends.sort_unstable_by_key(|at| std::cmp::Reverse(*at));
    ends.dedup();
    ends.into_iter().map(|at| &node[..at]).collect()
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
