//! Comments that silence: written by `--add-ignore`, taken out by `--fix` when they are of no use.

use crate::support::project::Project;
use crate::support::run::{Output, precollect};

const RUN: &str = "8/3.11";

fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(RUN);
    for (path, text) in files {
        project.write(path, text);
    }
    project
}

fn check(project: &Project, arguments: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = vec!["check", "--output-format", "concise", "--python", &environment];
    all.extend(arguments);
    let output = precollect(&project.folder, &all);
    output.assert_orderly();
    output
}

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.folder.join(path)).expect("the file is there")
}

#[test]
fn todays_findings_are_silenced_with_their_reason() {
    let project = project(&[
        ("shop.py", "def login(): ...\n"),
        ("test_a.py", "from shop import (\r\n    login,\r\n    logout,\r\n)\r\n"),
        ("tests/test_b.py", "from shop import rates  # mind the gap\nimport shop.gone\n"),
        ("test_c.py", "import nowhere_at_all; x = '''\n'''\n"),
    ]);
    assert_eq!(check(&project, &[]).code, 1);
    let output = check(&project, &["--add-ignore=until the move"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.starts_with("silenced "), "{}", output.stderr);
    let after = check(&project, &[]);
    assert_eq!(after.code, 0, "{}\n{}", after.text(), read(&project, "test_a.py"));
    let comment = "# precollect: ignore[IMP002] until the move";
    assert!(read(&project, "test_a.py").contains(&format!("{comment}\r\n")), "line ends are kept");
    let b = read(&project, "tests/test_b.py");
    assert!(b.contains("# mind the gap  # precollect: ignore[") || b.contains("ignore[IMP001]"), "{b}");
    assert!(read(&project, "test_c.py").starts_with("# precollect: ignore[ENV001] until the move\nimport nowhere"));
    assert_eq!(check(&project, &["--add-ignore"]).stderr, "silenced 0 findings in 0 files\n");
}

#[test]
fn comments_of_no_use_are_taken_out() {
    let project = project(&[
        ("shop.py", "def login(): ...\n"),
        (
            "test_a.py",
            "from shop import login  # precollect: ignore[IMP002] old\n# precollect: ignore\nx = 1  # noqa: E501, IMP001\n",
        ),
    ]);
    let diff = check(&project, &["--diff"]);
    assert_eq!(diff.code, 1);
    assert!(diff.text().starts_with("--- a/test_a.py\n+++ b/test_a.py\n@@"), "{}", diff.text());
    assert_eq!(diff.stderr, "would repair 3 findings in 1 file: PRE001 3\n");
    let fixed = check(&project, &["--fix"]);
    assert_eq!((fixed.code, fixed.stderr.as_str()), (0, "repaired 3 findings in 1 file: PRE001 3\n"));
    assert_eq!(read(&project, "test_a.py"), "from shop import login\nx = 1  # noqa: E501\n");
    let again = check(&project, &["--fix"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert_eq!(check(&project, &["--diff"]).code, 0);
}

#[test]
fn lines_of_per_file_ignores_are_judged_too() {
    let project = project(&[
        ("shop.py", "def login(): ...\n"),
        ("test_a.py", "from shop import logout\n"),
        ("test_b.py", "from shop import login\n"),
    ]);
    project.write(
        "precollect.toml",
        "[per-file-ignores]\n'test_a.py' = ['IMP']\n'test_b.py' = ['IMP002']\n'z/**' = ['IMP']\n",
    );
    let output = check(&project, &[]);
    let found: Vec<_> = output.text().lines().filter(|line| line.contains("PRE001")).map(str::to_owned).collect();
    assert_eq!(found.len(), 1, "{}", output.text());
    assert!(found[0].starts_with("precollect.toml:3:1: warning[PRE001]"), "{}", found[0]);
    let options = ["--per-file-ignores", "test_a.py:IMP", "--isolated"];
    assert_eq!(check(&project, &options).code, 0, "nothing is told of options");
}

#[test]
fn fixes_can_be_limited() {
    let project = project(&[("test_a.py", "import json  # precollect: ignore[IMP002]\n")]);
    assert_eq!(check(&project, &["--diff", "--config", "unfixable=['PRE']"]).code, 0);
    assert_eq!(check(&project, &["--diff", "--config", "fixable=['IMP']"]).code, 0);
    assert_eq!(check(&project, &["--diff", "--config", "fixable=['IMP', 'PRE001']"]).code, 1);
    project.write("test_b.py", "import json  # precollect: ignore[IMP002]\n");
    let diff = check(&project, &["--diff", "test_b.py"]).text();
    assert!(diff.contains("test_b.py") && !diff.contains("test_a.py"), "only the given files are changed: {diff}");
}
