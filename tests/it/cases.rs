//! The cases of `testdata/cases` and `testdata/scenarios`.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::answer::{Answer, answer, disagreements, setup_differences};
use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::record::Record;
use crate::support::root;
use crate::support::update::{self, Kind, Texts};

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

const HINT: &str = "PRECOLLECT_UPDATE=findings CASE=... cargo test --test it answers takes our findings as right, \
    PRECOLLECT_UPDATE=known-wrong labels what is wrong today; read the diff before you commit it.";

/// We collect what pytest collects, and find what the case says.
#[test]
fn answers_are_right() {
    let cases: Vec<Case> = case::all().into_iter().filter(is_wanted).collect();
    let answers = in_parallel(&cases, |case| {
        let runs = case.runs();
        runs.into_iter().map(|run| (answer(case, &run), run)).collect::<Vec<_>>()
    });
    if let Some(kind) = update::wanted() {
        write_back(kind, &cases, &answers);
        return;
    }
    let mut wrong = Vec::new();
    for (case, answers) in cases.iter().zip(&answers) {
        for (answer, run) in answers {
            wrong.extend(problems(case, run, answer).into_iter().map(|text| format!("{} ({run}): {text}", name(case))));
        }
    }
    assert!(wrong.is_empty(), "{} wrong answers\n\n{}\n\n{HINT}", wrong.len(), wrong.join("\n\n"));
}

/// `CASE=text` picks cases by file or title.
fn is_wanted(case: &Case) -> bool {
    std::env::var("CASE").map_or(true, |wanted| name(case).contains(&wanted))
}

fn name(case: &Case) -> String {
    format!("{}: {}", case.file.strip_prefix(root()).unwrap_or(&case.file).display(), case.title)
}

fn problems(case: &Case, run: &str, answer: &Answer) -> Vec<String> {
    let mut found = answer.disorder.clone();
    let known = case.known_wrong(run).unwrap_or_default();
    let wrong = lines(wrong_answers(case, run, answer));
    // A label that no longer holds is as wrong as a missing one.
    if wrong != known {
        let truth = case.recorded(run).unwrap_or_default();
        let due = case.findings(run).unwrap_or_default();
        found.push(format!("pytest\n{truth}findings due\n{due}wrong\n{wrong}known to be wrong\n{known}"));
    }
    let truth = Record::parse(case.recorded(run).unwrap_or_default()).expect("the case is complete");
    found.extend(false_alarms(&truth, answer, known));
    found
}

/// Where our collection differs from pytest's, then findings that are due (`-`) and those that are not (`+`).
fn wrong_answers(case: &Case, run: &str, answer: &Answer) -> Vec<String> {
    let truth = Record::parse(case.recorded(run).unwrap_or_default()).expect("the case is complete");
    let mut wrong = disagreements(&truth, &answer.collection);
    wrong.extend(setup_differences(case, &truth, answer));
    let due: BTreeSet<&str> = case.findings(run).unwrap_or_default().lines().collect();
    let ours: BTreeSet<&str> = answer.findings.iter().map(String::as_str).collect();
    wrong.extend(due.difference(&ours).map(|line| format!("- {line}")));
    wrong.extend(ours.difference(&due).map(|line| format!("+ {line}")));
    wrong
}

/// Whatever the case states: a certain error that breaks a module which collects is a false alarm.
fn false_alarms(truth: &Record, answer: &Answer, known: &str) -> Vec<String> {
    let errors =
        answer.findings.iter().filter(|line| line.contains(" error, breaks ") && !known.contains(line.as_str()));
    let collects = |path: &str| truth.modules.get(path).is_some_and(|module| module.kind() == "collected");
    let victims = errors.flat_map(|line| line.split(", breaks ").nth(1).unwrap_or_default().split(' '));
    victims.filter(|path| collects(path)).map(|path| format!("false alarm: {path} collects")).collect()
}

fn lines(lines: Vec<String>) -> String {
    lines.into_iter().map(|line| line + "\n").collect()
}

fn sorted(findings: &[String]) -> String {
    let mut findings = findings.to_vec();
    findings.sort_by_key(|line| {
        let (place, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (path, number) = place.rsplit_once(':').unwrap_or((place, "0"));
        (path.to_owned(), number.parse::<u32>().unwrap_or(0), rest.to_owned())
    });
    lines(findings)
}

fn write_back(kind: Kind, cases: &[Case], answers: &[Vec<(Answer, String)>]) {
    let text = |case: &Case, run: &str, answer: &Answer| match kind {
        Kind::Findings => sorted(&answer.findings),
        Kind::KnownWrong => lines(wrong_answers(case, run, answer)),
    };
    let texts = cases.iter().zip(answers).map(|(case, answers)| Texts {
        case: case.clone(),
        runs: answers.iter().map(|(answer, run)| (run.clone(), text(case, run, answer))).collect(),
    });
    update::blocks(kind, &texts.collect::<Vec<_>>());
}

/// Maps with one thread per core.
fn in_parallel<T: Sync, R: Send>(inputs: &[T], map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(input) = inputs.get(index) else { break };
                    let result = map(input);
                    results.lock().expect("no thread failed").push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread failed");
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
