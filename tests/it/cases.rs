//! The cases of `testdata/cases` and `testdata/scenarios`.

use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::record::Record;

/// Every case is complete: pytest's answer is recorded for each of its runs, and the findings are stated.
#[test]
fn every_case_is_complete() {
    let cases = case::all();
    assert!(!cases.is_empty(), "there are cases");
    let problems: Vec<String> = cases.iter().flat_map(incomplete).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn incomplete(case: &Case) -> Vec<String> {
    let mut problems = Vec::new();
    let mut tell = |what: String| problems.push(format!("{}: {}: {what}", case.file.display(), case.title));
    for run in case.runs() {
        match case.recorded(&run).map(Record::parse) {
            None => tell(format!("nothing is recorded for {run}: run scripts/record_cases.py")),
            Some(Err(reason)) => tell(format!("the record for {run} is damaged: {reason}")),
            Some(Ok(_)) => {}
        }
        if case.known_wrong(&run).is_some_and(|ours| Some(ours) == case.recorded(&run)) {
            tell(format!("for {run} the truth is labelled as known to be wrong"));
        }
        if case.findings(&run).is_none() {
            tell(format!("no findings are stated for {run}"));
        }
    }
    if case.files().is_empty() {
        tell("it has no files".to_owned());
    }
    problems
}

#[test]
fn a_case_can_be_put_on_disk() {
    for case in case::all() {
        for run in case.runs() {
            let project = Project::of(&case, &run);
            let site = project.site_packages(&run);
            assert!(site.join("pytest/__init__.py").exists(), "{}: pytest is installed", case.title);
            for (path, bytes) in case.files() {
                let file = match path.strip_prefix("site-packages/") {
                    Some(path) => site.join(path),
                    None => project.folder.join(&path),
                };
                assert_eq!(std::fs::read(&file).ok(), Some(bytes), "{}: {path}", case.title);
            }
        }
    }
}
