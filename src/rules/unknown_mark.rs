//! COL006: a mark that nothing registers, in a run that is strict about marks.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Sink, declare_rule};
use crate::base::intern::Name;
use crate::diagnostic::{Label, Place, Severity};
use crate::pytest::notes::NoteKind;

declare_rule!(
    UnknownMark,
    "COL006",
    "unknown-mark",
    Error,
    on,
    "a mark that nobody registers; an error in a run that is strict about marks",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| matches!(kind, FaultKind::UnknownMark { .. }), describe);
    warned(facts, sink);
}

/// Without strict markers pytest warns: one finding per mark.
fn warned(facts: &Facts, sink: &mut Sink) {
    let mut groups: Vec<(Name, Vec<Place>)> = Vec::new();
    for note in &facts.collection.notes.all {
        let NoteKind::UnknownMark(mark) = note.kind else { continue };
        let place = facts.place(&note.file, note.span);
        match groups.iter_mut().find(|(known, _)| *known == mark) {
            Some((_, places)) => places.push(place),
            None => groups.push((mark, vec![place])),
        }
    }
    for (mark, places) in groups {
        let Some((first, others)) = places.split_first() else { continue };
        let mut finding = sink.finding(first.clone(), format!("the mark {mark} is not registered"));
        finding.severity = Severity::Warning;
        finding.subject = mark.to_string();
        finding.label = "unknown mark".to_owned();
        finding.pytest = Some(format!("PytestUnknownMarkWarning: Unknown pytest.mark.{mark} - is this a typo?"));
        for place in others {
            finding.related.push(Label { place: place.clone(), text: "and here".to_owned() });
        }
        finding.help.push(format!("add {mark} to markers in pytest's configuration"));
        sink.push(finding);
    }
}

fn describe(_: &Facts, fault: &Fault) -> Described {
    let FaultKind::UnknownMark { mark } = &fault.kind else { return Described::default() };
    Described {
        what: format!("the mark {mark} is not registered"),
        subject: mark.clone(),
        label: "unknown mark".to_owned(),
        help: vec![
            format!("add {mark} to markers in pytest's configuration"),
            "or install the plugin that registers it".to_owned(),
        ],
        ..Described::default()
    }
}
