//! `fixtures`, and a prediction beside a recorded or a real run.

use crate::support::project::Project;
use crate::support::run::{Output, precollect};

fn project() -> Project {
    let project = Project::new("9/3.13");
    project.write("conftest.py", "import pytest\n\n\n@pytest.fixture(scope=\"session\")\ndef db():\n    return 1\n");
    project.write("api/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef db(db):\n    return db\n");
    project.write("api/test_a.py", "def test_a(db, settings):\n    pass\n");
    project
}

fn run(project: &Project, arguments: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = vec!["--python", &*environment];
    all.extend(arguments);
    precollect(&project.folder, &all)
}

#[test]
fn a_test_shows_what_it_needs_and_from_where() {
    let project = project();
    let text = run(&project, &["fixtures", "api/test_a.py::test_a"]).text();
    assert!(text.contains("api/conftest.py:4") && text.contains("builds on conftest.py:4"), "{text}");
    assert!(text.contains("not found"), "{text}");
}

#[test]
fn the_tree_and_what_nobody_asks_for() {
    let project = project();
    let tree = run(&project, &["fixtures", "--tree"]).text();
    assert!(tree.contains("api/") && tree.contains("2 fixtures in 2 places"), "{tree}");
    assert!(run(&project, &["fixtures", "--unused"]).text().contains("no unused fixtures"));
    project.write("api/conftest.py", "import pytest\n\n\n@pytest.fixture\ndef spare():\n    return 1\n");
    assert!(run(&project, &["fixtures", "--unused"]).text().contains("spare"));
}

#[test]
fn a_recorded_run_is_compared() {
    let project = project();
    project.write("same.txt", "api/test_a.py::test_a\n\n1 test collected in 0.01s\n");
    project.write("other.txt", "api/test_a.py::test_b\n\n1 test collected in 0.01s\n");
    assert_eq!(run(&project, &["collect", "--compare", "same.txt"]).code, 0);
    let other = run(&project, &["collect", "--compare", "other.txt"]);
    assert_eq!(other.code, 1);
    assert!(other.text().contains("missing  api/test_a.py::test_b"), "{}", other.text());
}

/// A stand-in for the interpreter: nothing of the project runs in this test.
#[cfg(unix)]
#[test]
fn verify_runs_the_interpreter_and_reports_what_differs() {
    use std::os::unix::fs::PermissionsExt;
    let project = project();
    let python = project.environment.join("bin/python");
    let script = "#!/bin/sh\necho 'api/test_a.py::test_a'\necho 'api/test_a.py::test_z'\necho\n";
    crate::support::project::write(&python, script.as_bytes());
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755))
        .expect("the script can be made executable");
    let output = run(&project, &["collect", "--verify", "--time-limit", "60"]);
    assert_eq!(output.code, 1, "{}", output.text());
    assert!(output.text().contains("missing  api/test_a.py::test_z"), "{}", output.text());
}

/// Since pytest 9.1 `skip` and its kin are instances of classes: making one ends nothing, calling it does.
#[test]
fn outcome_functions_are_made_before_they_are_called() {
    let project = Project::new("9/3.13");
    let outcomes = "class Skipped(BaseException): pass\nclass _Skip:\n    Exception = Skipped\n    \
                    def __call__(self, reason=''):\n        raise Skipped(reason)\nskip: _Skip = _Skip()\n";
    let file = project.site_packages("9/3.13").join("_pytest/outcomes.py");
    crate::support::project::write(&file, outcomes.as_bytes());
    project.write("test_a.py", "import _pytest.outcomes\n\ndef test_a(): pass\n");
    project.write("test_b.py", "from _pytest.outcomes import skip\nskip('why')\n");
    let report = run(&project, &["check", "--output-format", "json"]).text();
    assert!(report.contains("\"collected\": 1") && report.contains("\"error\": 1"), "{report}");
}
