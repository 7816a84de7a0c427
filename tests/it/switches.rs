//! Options that change what is looked at or how much is said, each by what it changes.

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

fn run(project: &Project, arguments: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut all = arguments.to_vec();
    all.extend(["--python", &environment]);
    let output = precollect(&project.folder, &all);
    output.assert_orderly();
    output
}

#[test]
fn the_target_can_be_another_python() {
    let project =
        project(&[("test_a.py", "import sys\nimport imp\nif sys.platform == 'win32':\n    import nowhere\n")]);
    let check = |more: &[&str]| run(&project, &[&["check", "--output-format", "concise"], more].concat()).text();
    assert!(!check(&[]).contains("IMP015"));
    assert!(check(&["--python-version", "3.13"]).contains("IMP015"));
    assert!(!check(&[]).contains("ENV001") && check(&["--python-platform", "win32"]).contains("ENV001"));
    assert_eq!(run(&project, &["check", "--python-version", "new"]).code, 2);
    assert_eq!(run(&project, &["check", "--python-platform", "beos"]).code, 2);
}

#[test]
fn findings_can_be_counted() {
    let project =
        project(&[("shop.py", ""), ("test_a.py", "from shop import a\n"), ("test_b.py", "from shop import b\n")]);
    let output = run(&project, &["check", "--statistics"]);
    assert_eq!((output.code, output.text().as_str()), (1, "     2  IMP002  missing-name  2 affected\n"));
    assert_eq!(run(&project, &["check", "--statistics", "--exit-zero"]).code, 0);
}

#[test]
fn more_and_less_can_be_said() {
    let project =
        project(&[("shop.py", ""), ("test_a.py", "from shop import a\n"), ("test_b.py", "from shop import a\n")]);
    let said = |option: &str| run(&project, &["check", option]).text();
    assert!(said("--quiet").starts_with("error[IMP002]"), "findings only");
    assert!(run(&project, &["check"]).text().contains("nothing was executed"));
    assert!(said("--verbose").contains("test_b.py"), "every victim");
    assert_eq!(run(&project, &["check", "--quiet", "--verbose"]).code, 2);
}

#[test]
fn a_chain_of_imports_leads_from_one_module_to_another() {
    let project = project(&[("a.py", "import b\n"), ("b.py", "import c\n"), ("c.py", ""), ("test_a.py", "import a\n")]);
    let output = run(&project, &["graph", "--from", "a", "--to", "c"]);
    assert!(output.code == 0 && output.text().contains("b.py:1"), "{}", output.text());
    assert_eq!(run(&project, &["graph", "--from", "c", "--to", "a"]).code, 2);
    assert_eq!(run(&project, &["graph", "--from", "a"]).code, 2, "one needs the other");
}

#[test]
fn cycles_are_drawn_alone() {
    let project =
        project(&[("a.py", "import b\n"), ("b.py", "import a\n"), ("c.py", "import a\n"), ("test_a.py", "import a\n")]);
    let text = run(&project, &["graph", "--cycles"]).text();
    assert!(text.contains("cycle of 2 modules") && !text.contains("c.py"), "{text}");
    assert!(run(&project, &["graph"]).text().contains("c.py"));
}
