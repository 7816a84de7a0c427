//! IMP009: `__all__` names what the module does not have.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::words::{listed, nearest};
use super::{Facts, Sink, declare_rule, lacking};
use crate::base::span::Span;
use crate::diagnostic::{Label, Place, Severity};
use crate::machine::Unlisted;

declare_rule!(
    AllListsMissing,
    "IMP009",
    "all-lists-missing",
    Error,
    on,
    "__all__ names what the module does not have",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| *kind == FaultKind::AllLists, describe);
    unimported(facts, sink);
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Some((module, name)) = lacking::name_of(&fault.raised.cause) else { return Described::default() };
    let label = |place| Label { place, text: format!("{name} is listed here") };
    Described {
        what: format!("{module}.__all__ lists {name}, which {module} does not have"),
        subject: format!("{module}.{name}"),
        label: "imports all that __all__ lists".to_owned(),
        suggestions: near(facts, module, name),
        related: listed_at(facts, module, name).map(label).into_iter().collect(),
        help: help(facts, module, name),
        ..Described::default()
    }
}

/// Lists that nobody star-imports yet: no import fails, and the first that would does.
fn unimported(facts: &Facts, sink: &mut Sink) {
    let is_told = |unlisted: &&Unlisted| {
        let same = Some((unlisted.module.as_str(), unlisted.name.as_str()));
        let told = |fault: &Fault| fault.kind == FaultKind::AllLists && lacking::name_of(&fault.raised.cause) == same;
        !facts.faults.iter().any(told)
    };
    let due: Vec<&Unlisted> = facts.collection.unlisted.iter().filter(is_told).collect();
    for group in due.chunk_by(|a, b| a.module == b.module) {
        let module = group[0].module.as_str();
        let names: Vec<&str> = group.iter().map(|unlisted| unlisted.name.as_str()).collect();
        let place = listed_at(facts, module, names[0]).unwrap_or_else(|| facts.place(&group[0].file, Span::default()));
        let text = format!("{module}.__all__ lists {}, which {module} does not have", listed(&names, 3));
        let mut found = sink.finding(place, text);
        found.severity = Severity::Warning;
        found.subject = format!("{module}.{}", names.join(" "));
        "does not exist".clone_into(&mut found.label);
        let message = format!("module '{module}' has no attribute '{}'", names[0]);
        found.facts.push(("then", format!("from {module} import * raises AttributeError: {message}")));
        let others = names.iter().skip(1).filter_map(|name| Some((*name, listed_at(facts, module, name)?)));
        found.related = others.map(|(name, place)| Label { place, text: format!("nor does {name}") }).collect();
        found.suggestions = near(facts, module, names[0]);
        found.help = help(facts, module, names[0]);
        sink.push(found);
    }
}

fn listed_at(facts: &Facts, module: &str, name: &str) -> Option<Place> {
    let module = facts.graph.module(facts.graph.named(module)?);
    let (_, span) = module.exports().all_spans.iter().find(|(listed, _)| listed == name)?;
    Some(facts.place(&module.file, *span))
}

fn near(facts: &Facts, module: &str, name: &str) -> Vec<String> {
    let offered = facts.graph.named(module).map(|index| facts.graph.offered(index)).unwrap_or_default();
    nearest(name, offered.iter().map(String::as_str))
}

fn help(facts: &Facts, module: &str, name: &str) -> Vec<String> {
    let near = near(facts, module, name);
    let meant = near.first().map(|near| format!("{module} has {near}"));
    meant.into_iter().chain([format!("take {name} out of __all__, or bind it in {module}")]).collect()
}
