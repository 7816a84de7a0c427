//! Our answers to a case, in the forms in which its file states the right ones.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::Case;
use super::project::Project;
use super::record::{Module, Record};
use super::run::{Output, precollect_with};

/// Our answers to one run of a case.
pub struct Answer {
    pub collection: Record,
    pub findings: Vec<String>,
    /// pytest's words in the findings about fixtures, lines joined as the records join them.
    pub setups: BTreeSet<String>,
    /// Runs that did not end as runs should.
    pub disorder: Vec<String>,
}

/// Runs `collect` and `check` on a case.
pub fn answer(case: &Case, run: &str) -> Answer {
    let project = Project::of(case, run);
    let collect = run_on(case, &project, &["collect", "--output-format", "json"]);
    let mut check = vec!["check", "--output-format", "json"];
    let select = case.settings.select.join(",");
    if !select.is_empty() {
        check.extend(["--extend-select", &select]);
    }
    let check = run_on(case, &project, &check);
    let clean = |text: &str| neutral(text, &project);
    let json = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default();
    let findings = json(&check)["findings"].as_array().cloned().unwrap_or_default();
    Answer {
        disorder: [&collect, &check].into_iter().filter_map(Output::disorder).collect(),
        collection: collection(&json(&collect), clean),
        findings: findings.iter().map(|finding| clean(&finding_line(finding))).collect(),
        setups: findings.iter().filter_map(setup_text).map(|text| clean(&text)).collect(),
    }
}

/// What pytest says when it sets a test up, of the findings that tell it.
fn setup_text(finding: &Value) -> Option<String> {
    let code = finding["code"].as_str()?;
    let told = matches!(code, "FXT001" | "FXT004" | "FXT006").then(|| finding["cause"].as_str())??;
    Some(told.lines().collect::<Vec<_>>().join(" | "))
}

/// Where our words about tests that cannot be set up differ from pytest's; nothing if those were not recorded.
pub fn setup_differences(case: &Case, truth: &Record, answer: &Answer) -> Vec<String> {
    if !case.settings.setup {
        return Vec::new();
    }
    let told = truth.modules.values().flat_map(|module| &module.setups);
    let told: BTreeSet<String> = told.filter_map(|line| Some(line.split_once(": ")?.1.to_owned())).collect();
    let missing = told.difference(&answer.setups).map(|text| format!("pytest says, we do not: {text}"));
    missing.chain(answer.setups.difference(&told).map(|text| format!("we say, pytest does not: {text}"))).collect()
}

/// Runs a command on a project as its case says.
pub fn run_on(case: &Case, project: &Project, command: &[&str]) -> Output {
    let settings = &case.settings;
    let environment = project.environment.to_string_lossy().into_owned();
    let mut arguments = command.to_vec();
    arguments.extend(["--python", if settings.no_environment { "none" } else { &environment }]);
    if settings.module {
        arguments.extend(["--config", "python-dash-m=true"]);
    }
    arguments.push("--");
    arguments.extend(settings.args.iter().map(String::as_str));
    let folder = project.folder.join(settings.cwd.as_deref().unwrap_or("."));
    precollect_with(&folder, &arguments, &settings.env)
}

/// Paths as the records write them.
fn neutral(text: &str, project: &Project) -> String {
    let folder = format!("{}/", project.folder.display());
    text.replace(&folder, "").replace(&*project.environment.to_string_lossy(), "<env>")
}

fn collection(document: &Value, clean: impl Fn(&str) -> String) -> Record {
    let mut record = Record {
        exit: document["exit"].as_i64().map(|code| code.to_string()).unwrap_or_default(),
        aborted: document["aborted"].as_str().map(&clean),
        ..Record::default()
    };
    for (path, module) in document["modules"].as_object().into_iter().flatten() {
        let text = |key: &str| module[key].as_str().map(&clean).unwrap_or_default();
        let mut outcome = text("outcome");
        match module["exception"].as_str() {
            Some(class) => outcome.push_str(&format!(" {class}: {}", text("message"))),
            None if !text("reason").is_empty() => outcome.push_str(&format!(": {}", text("reason"))),
            None => {}
        }
        let outcome = outcome.trim_end().trim_end_matches(':').to_owned();
        let frames = module["frames"].as_array().into_iter().flatten();
        let frame = |frame: &Value| format!("{}:{}", frame[0].as_str().unwrap_or_default(), frame[1]);
        let items = module["items"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let name = |id: &str| id.split_once("::").map_or(id, |(_, name)| name).to_owned();
        let mut frames: Vec<String> = frames.map(frame).collect();
        if outcome.contains("RecursionError") {
            // The record holds each place once, too.
            let mut seen = std::collections::BTreeSet::new();
            frames.retain(|frame| seen.insert(frame.clone()));
        }
        let module = Module { outcome, frames, items: items.map(name).collect(), setups: Vec::new() };
        record.modules.insert(clean(path), module);
    }
    record
}

fn finding_line(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let line = &finding["range"]["start"]["line"];
    let mut shown = format!("{}:{line} {} {}", text("path"), text("code"), text("severity"));
    if text("certainty") == "likely" {
        shown.push_str(" likely");
    }
    let victims: Vec<&str> =
        finding["victims"].as_array().into_iter().flatten().filter_map(|victim| victim["path"].as_str()).collect();
    if !victims.is_empty() {
        shown.push_str(&format!(", breaks {}", victims.join(" ")));
    }
    shown
}

/// Where our collection differs from pytest's, as lines that say what we answer.
pub fn disagreements(truth: &Record, ours: &Record) -> Vec<String> {
    let mut found = Vec::new();
    if !ours.exit.is_empty() && ours.exit != truth.exit && !truth.exit.starts_with("none") {
        found.push(format!("exit {}", ours.exit));
    }
    // Of a process that ends itself nothing more is recorded.
    let same = match (&truth.aborted, &ours.aborted) {
        (Some(truth), Some(ours)) => {
            ours == truth || ours.strip_prefix(truth.as_str()).is_some_and(|r| r.starts_with(':'))
        }
        (truth, ours) => truth.is_none() && ours.is_none(),
    };
    if !same {
        found.push(ours.aborted.as_ref().map_or("not aborted".to_owned(), |reason| format!("aborted {reason}")));
    }
    for (path, truth) in &truth.modules {
        match ours.modules.get(path) {
            None => found.push(format!("{path} is not mentioned")),
            Some(ours) => found.extend(differences(truth, ours).into_iter().map(|text| format!("{path} {text}"))),
        }
    }
    let extra = ours.modules.iter().filter(|(path, _)| !truth.modules.contains_key(*path));
    found.extend(extra.map(|(path, module)| format!("{path} {}, though pytest does not mention it", module.outcome)));
    found
}

fn differences(truth: &Module, ours: &Module) -> Vec<String> {
    let bare = matches!(truth.outcome.as_str(), "exit" | "timeout");
    let same = if bare { truth.kind() == ours.kind() } else { truth.outcome == ours.outcome };
    if !same {
        return vec![ours.outcome.clone()];
    }
    let mut found = Vec::new();
    if !truth.frames.is_empty() && truth.frames != ours.frames {
        found.push(format!("at {}", ours.frames.join(", ")));
    }
    if !ours.items.is_empty() && truth.items != ours.items {
        found.push(format!("with the tests {}", ours.items.join(", ")));
    }
    found
}
