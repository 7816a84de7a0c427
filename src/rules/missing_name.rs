//! IMP002: the module exists, the name is never bound.

use std::path::PathBuf;

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::late::{self, Missing};
use super::wanted::Wanted;
use super::{Facts, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(MissingName, "IMP002", "missing-name", Error, on, "the module exists, the name is never bound", check);

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| matches!(kind, FaultKind::MissingName), describe);
    late(facts, sink);
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingName { module, file, name, .. } = &fault.raised.cause else { return Described::default() };
    let wanted = Wanted { module: module.as_str(), name: name.as_str(), file: file.as_deref().map(PathBuf::as_path) };
    Described {
        what: format!("{} has no {name}", wanted.described_module(facts)),
        subject: format!("{module}.{name}"),
        label: "never bound".to_owned(),
        facts: wanted.exports_fact(facts),
        suggestions: wanted.nearest(facts),
        help: wanted.help(facts),
        ..Described::default()
    }
}

/// The same in functions that have not run.
fn late(facts: &Facts, sink: &mut Sink) {
    for group in late::grouped(facts.late(), |what| matches!(what, Missing::Name { .. })) {
        let Missing::Name { module, name } = &group[0].what else { continue };
        let message = format!("{module} has no {name}: it collects, then fails");
        let Some(mut found) = late::finding(facts, sink, &group, message) else { continue };
        let wanted = Wanted { module, name, file: None };
        found.subject = format!("{module}.{name}");
        found.facts = wanted.exports_fact(facts);
        found.suggestions = wanted.nearest(facts);
        found.help = wanted.help(facts);
        sink.push(found);
    }
}
