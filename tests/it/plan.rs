//! The audit's plan: what it promises after each step is what real pytest recorded for the tree repaired so far.

use serde_json::Value;

use crate::support::answer::run_on;
use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::record::Record;
use crate::support::root;
use crate::support::run::precollect;

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

#[test]
fn what_one_command_repairs_is_one_step() {
    let project = Project::new("8/3.11");
    project.write("test_a.py", "import requests\nimport shop_rates\n");
    project.write("test_b.py", "import numpy\n");
    project.write("test_c.py", "from collections import Mapping\n");
    project.write("test_d.py", "import imp\n");
    let environment = project.environment.to_string_lossy().into_owned();
    let report = |more: &[&str]| {
        let output = precollect(
            &project.folder,
            &[&["report", "--python", &environment, "--python-version", "3.13"], more].concat(),
        );
        assert_eq!(output.code, 0, "{}", output.stderr);
        output
    };
    let audit = report(&["--output-format", "json"]).json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let steps = audit["plan"].as_array().cloned().unwrap_or_default();
    let first = &steps[0];
    let subjects: Vec<String> =
        first["findings"].as_array().into_iter().flatten().map(|finding| text(&finding["subject"])).collect();
    assert_eq!(subjects, ["requests", "numpy", "shop_rates"], "the one behind the first comes to light with it");
    assert_eq!(first["commands"], serde_json::json!(["pip install numpy requests"]), "only what is known is installed");
    assert_eq!(first["then"]["good"], 2);
    assert!(audit["plan_runs"].as_u64().is_some_and(|runs| runs > 0 && runs <= 24));
    assert_eq!((&audit["plan_untried"], &audit["run"]["revision"]), (&Value::from(0), &Value::Null));
    let markdown = report(&[]).text();
    assert!(
        markdown.contains("Run `pip install numpy requests`. Look up which distribution provides `shop_rates`"),
        "{markdown}"
    );
}
