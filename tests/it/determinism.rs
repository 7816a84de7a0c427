//! Same input, same output, byte for byte: whatever the number of threads, and again in the next run.

use std::path::{Path, PathBuf};

use crate::support::root;
use crate::support::run::precollect;

const FORMATS: [&str; 10] =
    ["full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab", "junit", "markdown"];

/// The demo and the scenarios: real projects with many findings.
fn projects() -> Vec<PathBuf> {
    let scenarios = root().join("testdata/scenarios");
    let names = ["broken-suite", "stacked-conftests", "hanging-constructor", "server-names", "needs-services"];
    let scenarios = names.iter().map(|name| scenarios.join(name).join("project"));
    std::iter::once(root().join("demo")).chain(scenarios).collect()
}

fn assert_same(project: &Path, command: &[&str]) {
    let run = |jobs: &str| {
        let mut arguments = command.to_vec();
        arguments.extend(["--python", "none", "--jobs", jobs]);
        let output = precollect(project, &arguments);
        output.assert_orderly();
        output
    };
    let first = run("1");
    for jobs in ["1", "2"] {
        let next = run(jobs);
        assert_eq!(next.text(), first.text(), "{command:?} with {jobs} threads in {}", project.display());
        assert_eq!(next, first, "{command:?} with {jobs} threads in {}", project.display());
    }
}

#[test]
fn check_in_every_format() {
    let broken = root().join("testdata/scenarios/broken-suite/project");
    for format in FORMATS {
        assert_same(&broken, &["check", "--output-format", format]);
    }
}

#[test]
fn every_project() {
    for project in projects() {
        assert_same(&project, &["check", "--output-format", "json"]);
        assert_same(&project, &["collect", "--output-format", "json"]);
    }
}

#[test]
fn the_other_commands() {
    let broken = root().join("testdata/scenarios/broken-suite/project");
    let commands: [&[&str]; 7] = [
        &["collect"],
        &["collect", "-q"],
        &["graph", "--output-format", "json"],
        &["graph", "--output-format", "dot"],
        &["graph", "--cycles"],
        &["exports", "shop.api.auth"],
        &["report"],
    ];
    for command in commands {
        assert_same(&broken, command);
    }
}
