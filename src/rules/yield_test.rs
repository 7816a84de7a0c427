//! COL012: a test that yields: a collect error from pytest 8.4 on, and nothing but an expected failure before.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::pytest::notes::NoteKind;

declare_rule!(YieldTest, "COL012", "yield-test", Error, on, "a test function yields", check);

const HELP: &str = "parametrize the test, or move what yields into a fixture";

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| *kind == FaultKind::Said("COL012"), describe);
    for note in &facts.collection.notes.all {
        let NoteKind::YieldTest(name) = &note.kind else { continue };
        let place = facts.name_place(&note.file, note.span);
        let mut finding = sink.finding(place, format!("the test {name} yields: it never runs"));
        finding.severity = Severity::Warning;
        finding.subject = note.nodeid.to_string();
        finding.label = "yields".to_owned();
        finding.pytest = Some(format!("yield tests were removed in pytest 4.0 - {name} will be ignored"));
        finding.help.push(HELP.to_owned());
        sink.push(finding);
    }
}

fn describe(_: &Facts, fault: &Fault) -> Described {
    let message = fault.raised.message.clone().unwrap_or_default();
    let name = message.rsplit('(').next().unwrap_or_default().trim_end_matches(')').to_owned();
    Described {
        what: format!("the test {name} yields"),
        subject: name,
        label: "yields".to_owned(),
        help: vec![HELP.to_owned()],
        ..Described::default()
    }
}
