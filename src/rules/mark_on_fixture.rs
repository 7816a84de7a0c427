//! FXT009: a mark on a fixture: refused from pytest 9 on, without effect before.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::pytest::notes::NoteKind;

declare_rule!(MarkOnFixture, "FXT009", "mark-on-fixture", Error, on, "a mark is applied to a fixture", check);

const HELP: &str = "take the mark off; a fixture that needs another asks for it as an argument";

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| *kind == FaultKind::Said("FXT009"), describe);
    for note in &facts.collection.notes.all {
        let NoteKind::MarkOnFixture { mark, fixture } = &note.kind else { continue };
        if !facts.source.is_project(&note.file) {
            continue;
        }
        let place = facts.place(&note.file, note.span);
        let mut finding = sink.finding(place, format!("the mark {mark} on fixture {fixture} has no effect"));
        finding.severity = Severity::Warning;
        finding.subject = format!("{fixture} {mark}");
        finding.label = "marks do nothing here".to_owned();
        finding.pytest = Some("PytestRemovedIn9Warning: Marks applied to fixtures have no effect".to_owned());
        finding.help.push(HELP.to_owned());
        sink.push(finding);
    }
}

fn describe(_: &Facts, fault: &Fault) -> Described {
    Described {
        what: "a mark is applied to a fixture".to_owned(),
        subject: format!("{}", fault.span.start),
        label: "mark on a fixture".to_owned(),
        help: vec![HELP.to_owned()],
        ..Described::default()
    }
}
