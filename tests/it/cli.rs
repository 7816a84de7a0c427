//! What a user of the command line can rely on: exit codes, colours, pipes, formats, help.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::Stdio;

use crate::support::project::Project;
use crate::support::root;
use crate::support::run::{Output, command, precollect, precollect_typed, precollect_with};

const RUN: &str = "9/3.13";

fn clean_project() -> Project {
    let project = Project::new(RUN);
    project.write("test_a.py", "def test_a():\n    pass\n");
    project
}

fn broken_project() -> Project {
    let project = clean_project();
    project.write("shop.py", "x = 1\n");
    project.write("test_b.py", "from shop import y\n\n\ndef test_b():\n    assert y\n");
    project
}

fn check(project: &Project, arguments: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = vec!["check", "--python", &environment];
    all.extend(arguments);
    precollect(&project.folder, &all)
}

#[test]
fn exit_codes() {
    assert_eq!(check(&clean_project(), &[]).code, 0);
    let broken = broken_project();
    assert_eq!(check(&broken, &[]).code, 1);
    assert_eq!(check(&broken, &["--exit-zero"]).code, 0);
    assert_eq!(check(&broken, &["--ignore", "IMP002"]).code, 0);
    assert_eq!(check(&broken, &["--select", "missing-name"]).code, 1);
    assert_eq!(check(&broken, &["--no-such-option"]).code, 2);
    assert_eq!(check(&broken, &["--select", "XYZ999"]).code, 2);
    assert_eq!(check(&broken, &["no/such/path"]).code, 2);
}

#[test]
fn fail_on_sets_the_severity_that_counts() {
    let project = clean_project();
    project.write("test_b.py", "def test_b():\n    from shop_x import y\n");
    project.write("shop_x.py", "");
    assert_eq!(check(&project, &[]).code, 1, "a warning fails by default");
    assert_eq!(check(&project, &["--fail-on", "error"]).code, 0);
}

#[test]
fn a_healthy_tree_is_one_line() {
    let output = check(&clean_project(), &[]);
    assert_eq!(output.text().trim().lines().count(), 1, "{}", output.text());
    assert!(output.text().contains("1 module"), "{}", output.text());
    assert_eq!(check(&clean_project(), &["-q"]).text(), "");
}

#[test]
fn a_finding_names_file_line_cause_and_next_step() {
    let output = check(&broken_project(), &[]);
    let text = output.text();
    for needed in ["IMP002", "test_b.py:1", "cannot import name 'y' from 'shop'", "shop"] {
        assert!(text.contains(needed), "{needed} is told:\n{text}");
    }
}

#[test]
fn colour_is_for_terminals_and_adds_nothing() {
    let project = broken_project();
    let plain = check(&project, &[]).text();
    assert!(!plain.contains('\u{1b}'), "no colour in a pipe");
    assert_eq!(check(&project, &["--color", "never"]).text(), plain);
    let coloured = check(&project, &["--color", "always"]).text();
    assert!(coloured.contains('\u{1b}'), "colour on request");
    assert_eq!(without_colour(&coloured), plain);
}

#[test]
fn no_color_wins_over_auto() {
    let project = broken_project();
    let environment = project.environment.to_string_lossy();
    let variables = BTreeMap::from([("NO_COLOR".to_owned(), "1".to_owned())]);
    let output = precollect_with(&project.folder, &["check", "--color", "auto", "--python", &environment], &variables);
    assert!(!output.text().contains('\u{1b}'));
}

fn without_colour(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split("\u{1b}[");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str(part.split_once('m').map_or("", |(_, rest)| rest));
    }
    out
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let mut child = command(&root().join("demo"), &["check", "--output-format", "json"], &BTreeMap::new())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().expect("is piped").read_to_string(&mut stderr).expect("is readable");
    child.wait().expect("the process ends");
    assert!(!stderr.contains("panicked") && !stderr.contains("Broken pipe"), "{stderr}");
}

#[test]
fn machine_formats_are_what_they_say() {
    let project = broken_project();
    let json = |format: &str| check(&project, &["--output-format", format]).json();
    assert_eq!(json("json")["findings"][0]["code"], "IMP002");
    let sarif = json("sarif");
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "IMP002");
    assert!(json("gitlab").as_array().is_some_and(|entries| entries.len() == 1));
    let github = check(&project, &["--output-format", "github"]).text();
    assert!(github.starts_with("::error "), "{github}");
    assert!(github.contains("file=test_b.py,line=1"), "{github}");
    let concise = check(&project, &["--output-format", "concise"]).text();
    assert!(concise.starts_with("test_b.py:1:"), "{concise}");
}

#[test]
fn a_format_can_go_to_a_file() {
    let project = broken_project();
    let output = check(&project, &["--output-format", "concise", "--output-format", "sarif=out.sarif"]);
    assert_eq!(output.code, 1);
    let written = std::fs::read_to_string(project.folder.join("out.sarif")).expect("the file is written");
    assert!(written.contains("\"2.1.0\""));
}

#[test]
fn single_files_show_what_concerns_them() {
    let project = broken_project();
    assert_eq!(check(&project, &["test_a.py"]).code, 0);
    assert_eq!(check(&project, &["test_b.py"]).code, 1);
    let output = check(&project, &["--output-format", "concise", "shop.py", "test_a.py", "test_b.py"]);
    assert!(output.text().contains("IMP002"), "{}", output.text());
}

#[test]
fn suppressions() {
    let project = broken_project();
    for comment in ["# precollect: ignore[IMP002]", "# precollect: ignore", "# noqa: IMP002"] {
        project.write("test_b.py", format!("from shop import y  {comment}\n"));
        assert_eq!(check(&project, &[]).code, 0, "{comment}");
    }
    project.write("test_b.py", "from shop import y  # precollect: ignore[IMP001]\n");
    assert_eq!(check(&project, &[]).code, 1);
}

#[test]
fn configuration_in_pyproject() {
    let project = broken_project();
    project.write("pyproject.toml", "[tool.precollect]\nignore = [\"IMP002\"]\n");
    assert_eq!(check(&project, &[]).code, 0);
    assert_eq!(check(&project, &["--isolated"]).code, 1);
    project.write("pyproject.toml", "[tool.precollect.per-file-ignores]\n\"test_b.py\" = [\"IMP\"]\n");
    assert_eq!(check(&project, &[]).code, 0);
}

#[test]
fn help_names_every_command() {
    let output = precollect(root(), &["--help"]);
    assert_eq!(output.code, 0);
    for name in ["check", "collect", "graph", "exports", "explain", "env", "report"] {
        assert!(output.text().contains(name), "{name}");
        let help = precollect(root(), &[name, "--help"]);
        assert_eq!(help.code, 0, "{name}");
        assert!(help.text().contains("Usage"), "{name}");
    }
    let version = precollect(root(), &["--version"]).text();
    assert_eq!(version.trim(), concat!("precollect ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_rule_is_explained() {
    let output = precollect(root(), &["explain", "--all"]);
    assert_eq!(output.code, 0);
    let all = output.text();
    for rule in precollect::rules::all() {
        let meta = rule.meta();
        assert!(all.contains(meta.code) && all.contains(meta.name), "{}", meta.code);
        let one = precollect(root(), &["explain", meta.code]);
        assert_eq!(one.code, 0, "{}", meta.code);
        assert!(one.text().len() > 200, "{} says little: {}", meta.code, one.text());
    }
    assert_eq!(precollect(root(), &["explain", "XYZ999"]).code, 2);
}

#[test]
fn the_environment_is_told() {
    let project = clean_project();
    let environment = project.environment.to_string_lossy();
    let output = precollect(&project.folder, &["env", "--python", &environment]);
    assert_eq!(output.code, 0);
    assert!(output.text().contains("3.13"), "{}", output.text());
    let none = precollect(&project.folder, &["env", "--python", "none"]);
    assert_eq!(none.code, 0);
}

#[test]
fn nothing_is_executed() {
    let project = clean_project();
    let evidence = project.folder.join("evidence");
    let code = format!("open({:?}, 'w').close()\n", evidence.to_string_lossy());
    for name in ["conftest.py", "test_b.py", "setup.py"] {
        project.write(name, &code);
    }
    crate::support::project::write(&project.site_packages(RUN).join("x.pth"), format!("import os; {code}").as_bytes());
    check(&project, &[]);
    assert!(!evidence.exists());
}

/// `--stdin-filename`: the text as an editor has it stands for the file, in the midst of its project; the file is not needed.
#[test]
fn an_unsaved_text_stands_for_its_file() {
    let project = Project::new(RUN);
    project.write("pyproject.toml", "[tool.precollect]\npython = 'none'\n");
    project.write("shop.py", "def order(): ...\n");
    project.write("test_shop.py", "from shop import order\n\n\ndef test_order(): ...\n");
    let check = |file: &str, text: &str| {
        let args = ["check", "--output-format", "concise", "--stdin-filename", file];
        let output = precollect_typed(&project.folder, &args, text);
        (output.code, output.text())
    };
    assert_eq!(check("test_shop.py", "from shop import order\n").0, 0);
    let (code, text) = check("test_shop.py", "from shop import orders\n\n\ndef test_order(): ...\n");
    assert!(code == 1 && text.contains("test_shop.py:1:18: error[IMP002]"), "{text}");
    // What the text breaks elsewhere is its fault.
    let (code, text) = check("shop.py", "def orders(): ...\n");
    assert!(code == 1 && text.contains("IMP002"), "{text}");
    let (code, text) = check("test_new.py", "import shop.nothing\n");
    assert!(code == 1 && text.contains("test_new.py:1"), "{text}");
    let written = std::fs::read_to_string(project.folder.join("test_shop.py")).expect("is there");
    assert!(written.contains("import order\n") && !project.folder.join("test_new.py").exists());
}
