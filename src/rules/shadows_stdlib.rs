//! IMP016: a module of the project hides one of the standard library or an installed one.

use std::collections::BTreeSet;

use super::fault::{Fault, FaultKind, Hidden};
use super::finding::{self, Described};
use super::{Facts, Sink, declare_rule, lacking};
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Severity};
use crate::machine::{Cause, Event};
use crate::python::stdlib;

declare_rule!(
    ShadowsStdlib,
    "IMP016",
    "shadows-stdlib",
    Warning,
    on,
    "a module of the project hides a standard or installed one",
    check
);

/// Modules of the library that nobody but CPython's own tests imports.
const NOBODY_IMPORTS: [&str; 3] = ["test", "this", "antigravity"];

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| matches!(kind, FaultKind::Shadows { .. }), describe);
    harmless(facts, sink);
}

fn hidden_name(hidden: &Hidden) -> &str {
    match hidden {
        Hidden::Stdlib(name) | Hidden::Installed(name, _) => name,
    }
}

fn what_is_hidden(hidden: &Hidden) -> String {
    match hidden {
        Hidden::Stdlib(name) => format!("the standard library's {name}"),
        Hidden::Installed(name, Some(distribution)) => format!("{distribution}'s {name}"),
        Hidden::Installed(name, None) => format!("the installed {name}"),
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::Shadows { hidden } = &fault.kind else { return Described::default() };
    let top = hidden_name(hidden);
    let file = facts.graph.named(top).map(|index| facts.shown(&facts.graph.module(index).file)).unwrap_or_default();
    let wanted = match &fault.raised.cause {
        Cause::MissingModule { missing, .. } => missing.as_str().to_owned(),
        cause => lacking::name_of(cause).map(|(module, name)| format!("{module}.{name}")).unwrap_or_default(),
    };
    Described {
        what: format!("{file} hides {}", what_is_hidden(hidden)),
        subject: wanted.clone(),
        label: format!("{top} is {file} here"),
        facts: vec![("wanted", wanted)],
        help: vec![format!("rename {file}, or move it into a package")],
        severity: Some(Severity::Error),
        ..Described::default()
    }
}

/// Modules that hide another one and break nothing today.
fn harmless(facts: &Facts, sink: &mut Sink) {
    let broken: BTreeSet<&str> = facts
        .faults
        .iter()
        .filter_map(|fault| match &fault.kind {
            FaultKind::Shadows { hidden } => Some(hidden_name(hidden)),
            _ => None,
        })
        .collect();
    let mut told = BTreeSet::new();
    for event in &facts.collection.events {
        let Event::Executes { module, file, .. } = event else { continue };
        let name = module.as_str();
        if name.contains('.') || !facts.source.is_project(file) || broken.contains(name) || !told.insert(name) {
            continue;
        }
        let Some(hidden) = hidden_by(facts, name) else { continue };
        let mut found = sink.finding(
            facts.place(file, Span::default()),
            format!("{} hides {}", facts.shown(file), what_is_hidden(&hidden)),
        );
        name.clone_into(&mut found.subject);
        found.certainty = Certainty::Certain;
        found.facts.push(("then", format!("import {name} anywhere in the run gets this file")));
        found.help.push("rename it, or move it into a package".to_owned());
        sink.push(found);
    }
}

fn hidden_by(facts: &Facts, name: &str) -> Option<Hidden> {
    let environment = facts.environment;
    if NOBODY_IMPORTS.contains(&name) || name.starts_with("__") {
        return None;
    }
    if stdlib::exists(name, environment.version, environment.platform) {
        return Some(Hidden::Stdlib(name.to_owned()));
    }
    lacking::installed_behind(facts, name).map(|(hidden, _)| hidden)
}
