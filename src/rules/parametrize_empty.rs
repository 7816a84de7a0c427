//! COL010: a parametrize without rows: pytest skips the test without a word, or refuses it if it is told to.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::pytest::notes::NoteKind;

declare_rule!(
    ParametrizeEmpty,
    "COL010",
    "parametrize-empty",
    Warning,
    on,
    "a parametrize has no rows: the test is skipped silently",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let first = sink.len();
    finding::report(facts, sink, |kind| *kind == FaultKind::Said("COL010"), describe);
    sink.set_severity(first, Severity::Error);
    let mut told: Vec<&crate::pytest::notes::Note> = Vec::new();
    for note in facts.collection.notes.all.iter().filter(|note| note.kind == NoteKind::EmptyParameters) {
        // Of a method that several classes inherit, one.
        if !facts.source.is_project(&note.file)
            || told.iter().any(|other| (&other.file, other.span) == (&note.file, note.span))
        {
            continue;
        }
        told.push(note);
        let name = note.nodeid.rsplit("::").next().unwrap_or(&note.nodeid);
        let place = facts.name_place(&note.file, note.span);
        let mut finding = sink.finding(place, format!("{name} is parametrized with nothing: it never runs"));
        finding.subject = note.nodeid.to_string();
        finding.label = "no rows".to_owned();
        finding.pytest = Some("got empty parameter set".to_owned());
        finding
            .help
            .push("give it rows, or set empty_parameter_set_mark = fail_at_collect to be told by pytest".to_owned());
        sink.push(finding);
    }
}

fn describe(_: &Facts, fault: &Fault) -> Described {
    Described {
        what: "a parametrize has no rows, which this configuration refuses".to_owned(),
        subject: fault.raised.message.clone().unwrap_or_default(),
        label: "no rows".to_owned(),
        help: vec!["give it rows".to_owned()],
        ..Described::default()
    }
}
