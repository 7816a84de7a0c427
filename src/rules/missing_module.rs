//! IMP001: first-party module that does not exist.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::late::{self, Missing};
use super::words::{listed, nearest};
use super::{Facts, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(MissingModule, "IMP001", "missing-module", Error, on, "first-party module that does not exist", check);

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| matches!(kind, FaultKind::MissingModule), describe);
    late(facts, sink);
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingModule { missing, not_a_package, .. } = &fault.raised.cause else { return Described::default() };
    let missing = missing.as_str();
    let suggestions = nearest_modules(facts, missing);
    let parent = missing.rsplit_once('.').map_or("", |(parent, _)| parent);
    let label =
        if *not_a_package { format!("{parent} is a module, not a package") } else { "does not exist".to_owned() };
    let help = suggestions.first().map(|near| format!("the nearest existing module is {near}"));
    Described {
        what: format!("there is no module {missing}"),
        subject: missing.to_owned(),
        label,
        facts: siblings(facts, parent),
        suggestions: suggestions.clone(),
        help: help.into_iter().collect(),
        ..Described::default()
    }
}

/// The same in functions that have not run.
fn late(facts: &Facts, sink: &mut Sink) {
    for group in late::grouped(facts.late(), |what| matches!(what, Missing::Project(_))) {
        let Missing::Project(module) = &group[0].what else { continue };
        let message = format!("there is no module {module}: it collects, then fails");
        let Some(mut found) = late::finding(facts, sink, &group, message) else { continue };
        found.subject.clone_from(module);
        found.suggestions = nearest_modules(facts, module);
        found.help.extend(found.suggestions.first().map(|near| format!("the nearest existing module is {near}")));
        sink.push(found);
    }
}

/// Names that differ little, and modules elsewhere with the same last name.
fn nearest_modules(facts: &Facts, missing: &str) -> Vec<String> {
    let last = missing.rsplit('.').next().unwrap_or(missing);
    let moved = facts.graph.module_names().filter(|name| *name != missing && name.rsplit('.').next() == Some(last));
    let mut found: Vec<String> = moved.take(2).map(str::to_owned).collect();
    found.extend(nearest(missing, facts.graph.module_names()));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|name| seen.insert(name.clone()));
    found.truncate(3);
    found
}

fn siblings(facts: &Facts, parent: &str) -> Vec<(&'static str, String)> {
    let is_child = |name: &&str| name.get(parent.len() + 1..).is_some_and(|tail| !tail.contains('.'));
    let children: Vec<&str> = facts.graph.names_below(parent).filter(is_child).collect();
    if parent.is_empty() || children.is_empty() { Vec::new() } else { vec![("modules", listed(&children, 8))] }
}
