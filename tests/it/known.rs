//! Only what is new: baselines and `--since`, through the edits that happen to real files.

use std::path::Path;
use std::process::Command;

use crate::support::project::Project;
use crate::support::run::{Output, precollect_with};

const RUN: &str = "8/3.11";

fn project() -> Project {
    let project = Project::new(RUN);
    project.write("shop.py", "def login(): ...\n");
    project.write("test_a.py", "from shop import logout\n\n\ndef test_a(): ...\n");
    project.write("test_b.py", "def test_b():\n    from shop import rates\n\n    assert rates\n");
    project.write("test_c.py", "from shop import login\n\n\ndef test_c(): ...\n");
    project
}

fn check(project: &Project, arguments: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = vec!["check", "--output-format", "concise", "--python", &environment];
    all.extend(arguments);
    let variables = std::env::var("PATH").into_iter().map(|path| ("PATH".to_owned(), path)).collect();
    let output = precollect_with(&project.folder, &all, &variables);
    output.assert_orderly();
    output
}

fn codes(output: &Output) -> Vec<String> {
    let lines = output.text();
    let codes = lines.lines().filter_map(|line| line.split_once('[')).filter_map(|(_, rest)| rest.split_once(']'));
    codes.map(|(code, _)| code.to_owned()).collect()
}

#[test]
fn known_findings_are_told_no_more() {
    let project = project();
    assert_eq!(codes(&check(&project, &[])), ["IMP002", "IMP002"]);
    let updated = check(&project, &["--update-baseline"]);
    assert_eq!((updated.code, updated.text().as_str()), (0, ""));
    let hint = "`baseline = \"precollect-baseline.json\"` in the configuration makes every run tell only what is new\n";
    assert_eq!(updated.stderr, format!("2 findings in precollect-baseline.json: 2 new, 0 gone\n{hint}"));
    let option = ["--baseline", "precollect-baseline.json"];
    assert_eq!(check(&project, &option).code, 0);
    assert_eq!(check(&project, &[]).code, 1, "a baseline is used where it is named");
    project.write("precollect.toml", "baseline = 'precollect-baseline.json'\n");
    assert_eq!(check(&project, &[]).code, 0);
    project.write("test_d.py", "from shop import logout, login\nimport nowhere_at_all\n");
    project.write("test_e.py", "import nowhere_at_all\n");
    assert_eq!(codes(&check(&project, &[])), ["ENV001"]);
}

#[test]
fn known_findings_survive_edits_around_them() {
    let project = project();
    project.write("precollect.toml", "baseline = 'known.json'\n");
    check(&project, &["--update-baseline"]);
    let edited = [
        (
            "test_a.py",
            "\"\"\"New words.\"\"\"\n\nimport json\n\nfrom shop import (\n    login,\n    logout,\n)\n\n\ndef test_renamed(): ...\n",
        ),
        (
            "test_b.py",
            "class TestB:\n    def test_renamed(self):\n        # moved and renamed\n        from shop import rates\n\n        assert rates\n",
        ),
    ];
    for (path, text) in edited {
        project.write(path, text);
    }
    assert_eq!(codes(&check(&project, &[])), Vec::<String>::new(), "moved, renamed and edited");
    std::fs::create_dir(project.folder.join("unit")).expect("a directory can be made");
    for name in ["test_a.py", "test_b.py"] {
        std::fs::rename(project.folder.join(name), project.folder.join("unit").join(name)).expect("can be moved");
    }
    project.write("conftest.py", "");
    assert_eq!(codes(&check(&project, &[])), Vec::<String>::new(), "moved to another directory");
}

#[test]
fn a_baseline_only_shrinks_by_itself() {
    let project = project();
    project.write("precollect.toml", "baseline = 'known.json'\n");
    check(&project, &["--update-baseline"]);
    project.write("test_a.py", "from shop import login\nimport nowhere_at_all\n");
    let output = check(&project, &[]);
    assert_eq!(codes(&output), ["ENV001", "PRE002"]);
    assert_eq!(codes(&check(&project, &["test_c.py"])), Vec::<String>::new());
    let fixed = check(&project, &["--fix"]);
    assert_eq!(codes(&fixed), ["ENV001"], "what is new stays new");
    let known = std::fs::read_to_string(project.folder.join("known.json")).expect("is there");
    assert!(known.contains("shop.rates") && !known.contains("shop.logout"), "{known}");
    let updated = check(&project, &["--update-baseline"]);
    assert_eq!(updated.stderr, "2 findings in known.json: 1 new, 0 gone\n");
    project.write("known.json", "{");
    let broken = check(&project, &[]);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("failed to read the baseline"), "{}", broken.stderr);
    assert_eq!(check(&project, &["--baseline", "none.json"]).code, 2);
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments);
    let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().expect("git can be run");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn only_what_a_change_brings_is_told() {
    let project = project();
    project.write("old/__init__.py", "");
    project.write("old/thing.py", "value = 1\n");
    project.write("test_old.py", "from old.thing import value\n");
    git(&project.folder, &["init", "-q"]);
    git(&project.folder, &["add", "."]);
    git(&project.folder, &["commit", "-q", "-m", "first"]);
    let since = |revision: &str| check(&project, &["--since", revision]);
    let nothing = since("HEAD");
    assert_eq!((nothing.code, codes(&nothing)), (0, vec![]), "{}", nothing.text());
    // Edits around old findings bring nothing new.
    project.write("test_a.py", "import json\nfrom shop import logout\n\n\ndef test_a(): ...\n");
    assert_eq!(since("HEAD").code, 0);
    // A file that goes breaks a test module that nobody touched.
    std::fs::remove_dir_all(project.folder.join("old")).expect("can be removed");
    let output = since("HEAD");
    assert_eq!((output.code, codes(&output).len()), (1, 1), "{}", output.text());
    assert!(output.text().contains("test_old.py:1"), "{}", output.text());
    git(&project.folder, &["add", "-A"]);
    git(&project.folder, &["commit", "-q", "-m", "second"]);
    assert_eq!(since("HEAD").code, 0);
    assert_eq!(since("HEAD~1").code, 1);
    // A new module with an old cause is new.
    project.write("unit/test_n.py", "from shop import logout\n");
    let output = since("HEAD");
    assert_eq!(codes(&output), ["IMP002"], "{}", output.text());
    assert!(std::fs::metadata(project.folder.join("unit/test_n.py")).is_ok(), "nothing is checked out");
    let wrong = since("nowhere");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("failed to read the tree at nowhere"), "{}", wrong.stderr);
}
