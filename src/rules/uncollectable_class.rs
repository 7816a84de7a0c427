//! COL003: a test class with a constructor: pytest leaves it out, with a warning.

use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::pytest::notes::NoteKind;

declare_rule!(
    UncollectableClass,
    "COL003",
    "uncollectable-class",
    Warning,
    on,
    "a test class has a constructor: none of its tests is collected",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for note in &facts.collection.notes.all {
        let NoteKind::Constructor { class, method, tests } = &note.kind else { continue };
        // A helper that is called like a test loses nothing, and neither does one that is imported.
        let module = note.nodeid.split("::").next().unwrap_or_default();
        if *tests == 0 || facts.shown(&note.file) != module {
            continue;
        }
        let lost = if *tests == 1 {
            "its test is lost".to_owned()
        } else {
            format!("its {} tests are lost", thousands(*tests))
        };
        let place = facts.name_place(&note.file, note.span);
        let mut finding = sink.finding(place, format!("{class} has a {method}, so that pytest leaves it out: {lost}"));
        finding.subject = note.nodeid.to_string();
        finding.label = format!("not collected for its {method}");
        let from = note.nodeid.rsplit_once("::").map_or("", |(above, _)| above);
        finding.pytest = Some(format!(
            "PytestCollectionWarning: cannot collect test class '{class}' because it has a {method} constructor \
             (from: {from})"
        ));
        finding.help.push("set things up in a fixture or in setup_method instead".to_owned());
        finding.help.push("if it is no test class, __test__ = False says so".to_owned());
        sink.push(finding);
    }
}
