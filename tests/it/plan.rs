//! The audit's plan: what it promises after each step is what real pytest recorded for the tree repaired so far.

use serde_json::Value;

use crate::support::answer::run_on;
use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::record::Record;
use crate::support::root;

fn cases(file: &str) -> Vec<Case> {
    case::read(&root().join("testdata/cases/plan").join(file))
}

/// Modules that really collected, or were skipped.
fn good(case: &Case, run: &str) -> usize {
    let record = Record::parse(case.recorded(run).expect("the case is recorded")).expect("the record is readable");
    record.modules.values().filter(|module| matches!(module.kind(), "collected" | "skipped")).count()
}

#[test]
fn every_promise_of_the_plan_is_kept_by_pytest() {
    let cases = cases("shop.md");
    let (today, repaired) = cases.split_first().expect("the file has cases");
    for run in today.runs() {
        let project = Project::of(today, &run);
        let output = run_on(today, &project, &["report", "--output-format", "json"]);
        let audit: Value = serde_json::from_slice(&output.stdout).expect("the report is JSON");
        let promised: Vec<(String, u64)> = audit["plan"].as_array().expect("it has a plan").iter().map(step).collect();
        let kept: Vec<(String, u64)> =
            repaired.iter().map(|case| (case.title.clone(), good(case, &run) as u64)).collect();
        assert_eq!(promised, kept, "{run}");
        assert_eq!(audit["numbers"]["collected"], good(today, &run), "{run}");
    }
}

fn step(step: &Value) -> (String, u64) {
    (step["code"].as_str().unwrap_or_default().to_owned(), step["then"]["good"].as_u64().unwrap_or_default())
}
