//! Repairs, over all cases: afterwards the finding is gone, nothing that worked fails, and a second run changes nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::run::{Output, precollect_with};

fn check(case: &Case, project: &Project, more: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy().into_owned();
    let settings = &case.settings;
    let mut arguments = vec!["check", "--output-format", "json"];
    let select = settings.select.join(",");
    if !select.is_empty() {
        arguments.extend(["--extend-select", &select]);
    }
    arguments.extend(["--python", if settings.no_environment { "none" } else { &environment }]);
    if settings.module {
        arguments.extend(["--config", "python-dash-m=true"]);
    }
    arguments.extend(more);
    arguments.push("--");
    arguments.extend(settings.args.iter().map(String::as_str));
    let folder = project.folder.join(settings.cwd.as_deref().unwrap_or("."));
    let output = precollect_with(&folder, &arguments, &settings.env);
    output.assert_orderly();
    output
}

fn findings(output: &Output) -> Vec<Value> {
    output.json()["findings"].as_array().cloned().unwrap_or_default()
}

/// What a finding is about.
fn key(finding: &Value) -> String {
    format!("{} {}", finding["code"].as_str().unwrap_or_default(), finding["subject"].as_str().unwrap_or_default())
}

fn victims(finding: &Value) -> BTreeSet<String> {
    let victims = finding["victims"].as_array().into_iter().flatten();
    victims.filter_map(|victim| victim["path"].as_str()).map(str::to_owned).collect()
}

/// What is wrong with the repairs of a case, and the codes that were repaired.
fn judge(case: &Case, run: &str) -> (Vec<String>, BTreeSet<String>) {
    let project = Project::of(case, run);
    let before = findings(&check(case, &project, &[]));
    let fixed: Vec<&Value> = before.iter().filter(|finding| !finding["fix"].is_null()).collect();
    let mut wrong = Vec::new();
    let codes = fixed.iter().filter_map(|finding| finding["code"].as_str()).map(str::to_owned).collect();
    if fixed.is_empty() {
        return (wrong, codes);
    }
    let diff = check(case, &project, &["--diff", "--unsafe-fixes"]);
    if diff.code != 1 || diff.text().is_empty() {
        wrong.push(format!("--diff shows nothing for {}", key(fixed[0])));
    }
    let after = findings(&check(case, &project, &["--fix", "--unsafe-fixes"]));
    let left: BTreeSet<String> = after.iter().map(|finding| finding["fingerprint"].to_string()).collect();
    let stays = |finding: &&&Value| left.contains(&finding["fingerprint"].to_string());
    wrong.extend(fixed.iter().filter(stays).map(|finding| format!("{} stays", key(finding))));
    // Behind what is repaired more may come to light, in modules that failed; nothing else may.
    let known: BTreeSet<String> = before.iter().map(key).collect();
    let failed: BTreeSet<String> = before.iter().flat_map(victims).collect();
    for finding in after.iter().filter(|finding| !known.contains(&key(finding))) {
        let new: Vec<String> = victims(finding).difference(&failed).cloned().collect();
        if !new.is_empty() || failed.is_empty() {
            wrong.push(format!("{} is new: {}", key(finding), finding["message"]));
        }
    }
    let again = check(case, &project, &["--diff", "--unsafe-fixes"]);
    if again.code != 0 || !again.text().is_empty() {
        wrong.push(format!("a second run changes more:\n{}", again.text()));
    }
    (wrong.into_iter().map(|text| format!("{} ({run}): {text}", case.title)).collect(), codes)
}

#[test]
fn a_repair_mends_and_breaks_nothing() {
    let (mut wrong, mut codes) = (Vec::new(), BTreeSet::new());
    for case in case::all() {
        // One run shows what a repair does.
        let Some(run) = case.runs().into_iter().next_back() else { continue };
        let (found, repaired) = judge(&case, &run);
        wrong.extend(found);
        codes.extend(repaired);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let offered = precollect::rules::all().iter().map(|rule| rule.meta().code);
    let offered = offered.filter(|code| precollect::rules::fixes::offered(code).is_some());
    let unseen: Vec<&str> = offered.filter(|code| !codes.contains(*code)).collect();
    assert_eq!(unseen, Vec::<&str>::new(), "every kind of repair is made in a case");
}
