//! COL005: a class with test methods whose name no pattern collects.

use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::pytest::notes::NoteKind;

declare_rule!(
    UnmatchedClass,
    "COL005",
    "unmatched-class",
    Info,
    off,
    "a class with test methods that no pattern collects",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let patterns = facts.collection.notes.patterns.classes.join(" ");
    for note in &facts.collection.notes.all {
        let NoteKind::UnmatchedClass { class, tests } = &note.kind else { continue };
        let lost =
            if *tests == 1 { "1 test method is".to_owned() } else { format!("{} test methods are", thousands(*tests)) };
        let place = facts.name_place(&note.file, note.span);
        let mut finding = sink.finding(place, format!("no pattern collects the class {class}: {lost} not run"));
        finding.subject = note.nodeid.to_string();
        finding.label = format!("python_classes is {patterns}");
        finding.help.push(format!("rename it to Test{class}, or derive from it in a class that is collected"));
        sink.push(finding);
    }
}
