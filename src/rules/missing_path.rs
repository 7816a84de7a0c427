//! CFG005: `testpaths` or `pythonpath` name something that does not exist.

use super::{Facts, Sink, declare_rule, refused_run};

declare_rule!(
    MissingPath,
    "CFG005",
    "missing-path",
    Warning,
    on,
    "an entry of testpaths or pythonpath does not exist",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let notes = &facts.collection.notes;
    for (key, entry) in &notes.missing_paths {
        let place = refused_run::place(facts, &[entry, key]);
        let mut finding = sink.finding(place, format!("{entry} in {key} does not exist"));
        finding.subject = format!("{key} {entry}");
        finding.label = "no such directory or file".to_owned();
        if *key == "testpaths" && notes.no_testpaths {
            finding.pytest = Some(
                "PytestConfigWarning: No files were found in testpaths; consider removing or adjusting your \
                 testpaths configuration. Searching recursively from the current directory instead."
                    .to_owned(),
            );
        }
        finding.help.push("correct the path, or take the entry out".to_owned());
        sink.push(finding);
    }
}
