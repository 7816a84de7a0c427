//! The binary as people and scripts meet it: exit codes, colours, width, pipes, mistakes in configuration.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("has a parent")).expect("a directory can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
}

/// A project with one module that fails, one that collects, and no environment.
fn broken() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory");
    write(
        folder.path(),
        &[
            ("pyproject.toml", "[project]\nname = 'shop'\n[tool.precollect]\npython = 'none'\n"),
            ("shop/__init__.py", ""),
            ("shop/auth.py", "def login(user): ...\n"),
            ("conftest.py", ""),
            ("tests/test_auth.py", "from shop.auth import AuthService\n\ndef test_a(): ...\n"),
            ("tests/test_fine.py", "from shop.auth import login\n\ndef test_b(): ...\n"),
        ],
    );
    folder
}

fn precollect(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_precollect"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    finished(precollect(folder, arguments).output().expect("the binary runs"))
}

fn finished(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    (output.status.code().expect("it exits"), text(output.stdout), text(output.stderr))
}

#[test]
fn the_exit_code_tells_findings_from_failures() {
    let folder = broken();
    let code = |arguments: &[&str]| run(folder.path(), arguments).0;
    assert_eq!(code(&["check"]), 1);
    assert_eq!(code(&[]), 1, "check is the default command");
    assert_eq!(code(&["check", "--exit-zero"]), 0);
    assert_eq!(code(&["check", "--ignore", "IMP"]), 0);
    assert_eq!(code(&["check", "tests/test_fine.py"]), 0);
    assert_eq!(code(&["check", "tests/test_auth.py"]), 1);
    assert_eq!(code(&["collect"]), 0);
    assert_eq!(code(&["check", "--severity"]), 2);
    assert_eq!(code(&["check", "nowhere"]), 2);
    assert_eq!(code(&["check", "--select", "NOPE"]), 2);
    assert_eq!(code(&["--python", "nowhere"]), 2);
    assert_eq!(code(&["check", "--", "tests/nowhere.py"]), 1, "pytest would not start");
}

#[test]
fn the_answer_comes_first() {
    let folder = broken();
    let (_, out, err) = run(folder.path(), &[]);
    assert_eq!(err, "");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "tests/ would not collect: 1 of 2 modules fails");
    assert!(lines[1].ends_with("nothing was executed"), "{out}");
    assert!(out.contains("error[IMP002]: shop.auth has no AuthService"), "{out}");
    let said = "  pytest    ImportError: cannot import name 'AuthService' from 'shop.auth' (shop/auth.py)\n";
    assert!(out.contains(said), "{out}");
    assert!(out.contains("tests/test_auth.py:1:23]"), "places can be followed:\n{out}");
}

#[test]
fn a_hook_is_told_of_its_files_only() {
    let folder = broken();
    let (_, out, _) = run(folder.path(), &["check", "tests/test_fine.py"]);
    assert!(out.starts_with("1 module"), "{out}");
    let (code, out, _) = run(folder.path(), &["check", "shop/__init__.py", "conftest.py"]);
    assert!(code == 0 && out.starts_with("2 files: nothing here keeps"), "{out}");
    let (code, out, _) = run(folder.path(), &["check", "shop/auth.py"]);
    assert!(
        code == 1 && out.starts_with("shop/auth.py has a part in the failure of 1 of 2 modules"),
        "who took a name out is told who needs it:\n{out}"
    );
}

#[test]
fn paths_lead_from_where_the_reader_is() {
    let folder = broken();
    let (_, out, _) = run(&folder.path().join("tests"), &["check", "..", "--output-format", "concise"]);
    assert!(out.starts_with("../tests/test_auth.py:1:"), "{out}");
}

#[test]
fn colour_is_for_terminals() {
    let folder = broken();
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = precollect(folder.path(), arguments);
        finished(command.envs(variables.iter().copied()).output().expect("the binary runs")).1.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]), "a pipe is no terminal");
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]), "an option is stronger than a variable");
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn columns_are_kept_to() {
    let folder = broken();
    let output = precollect(folder.path(), &[]).env("COLUMNS", "60").output().expect("the binary runs");
    let (_, out, _) = finished(output);
    for line in out.lines().filter(|line| line.chars().count() > 60) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(words.iter().any(|word| word.chars().count() > 40), "{line:?} could be broken");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = "def f(): ...\n".repeat(20_000);
    write(folder.path(), &[("pyproject.toml", ""), ("big.py", &text)]);
    let mut child = precollect(folder.path(), &["explain", "--all", "--output-format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().expect("is piped").read_to_string(&mut err).expect("is readable");
    assert_eq!((child.wait().expect("it ends").code(), err.as_str()), (Some(0), ""));
}

#[test]
fn a_mistake_in_the_configuration_is_one_diagnostic() {
    for (file, text, place, message) in [
        ("precollect.toml", "slect = ['IMP']\n", "precollect.toml:1:1", "there is no key `slect`"),
        (
            "pyproject.toml",
            "[tool.precollect]\nignore = 3\n",
            "pyproject.toml:2:10",
            "`ignore`: expected a list of strings",
        ),
        ("pyproject.toml", "[tool.precollect]\nignore = [\n", "pyproject.toml:", "this is not TOML"),
        (".precollect.toml", "fail-on = 'never'\n", ".precollect.toml:1:11", "expected `error`, `warning` or `info`"),
    ] {
        let folder = tempfile::tempdir().expect("a temporary directory");
        write(folder.path(), &[(file, text), ("test_a.py", "")]);
        let (code, out, err) = run(folder.path(), &["check"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(place) && err.contains(message), "{place} {message}:\n{err}");
        assert_eq!(err.matches("error: ").count(), 1, "{err}");
        let (code, ..) = run(folder.path(), &["check", "--isolated", "--python", "none"]);
        assert_ne!(code, 2, "--isolated does not read {file}");
    }
}

#[test]
fn formats_go_to_files_and_one_to_the_screen() {
    let folder = broken();
    let arguments =
        ["--output-format", "concise", "--output-format", "sarif=out.sarif", "--output-format", "junit=out.xml"];
    let (code, out, err) = run(folder.path(), &arguments);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.starts_with("tests/test_auth.py:1:"), "{out}");
    let sarif = std::fs::read_to_string(folder.path().join("out.sarif")).expect("is written");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("is JSON");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "IMP002");
    assert!(std::fs::read_to_string(folder.path().join("out.xml")).expect("is written").starts_with("<?xml"));
    let (code, _, err) = run(folder.path(), &["--output-format", "json", "--output-format", "sarif"]);
    assert_eq!(code, 2);
    assert!(err.contains("several formats"), "{err}");
    let (code, _, err) = run(folder.path(), &["--output-format", "json=nowhere/x.json"]);
    assert!(code == 2 && err.contains("failed to write nowhere/x.json"), "{err}");
}

#[test]
fn the_audit_opens_with_a_verdict() {
    let folder = broken();
    let (code, out, err) = run(folder.path(), &["report"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(
        out.starts_with("# Collection audit of tests\n\n**tests/ would not collect: 1 of 2 modules fails.**"),
        "{out}"
    );
    let row = "| `shop.auth` (shop/auth.py) | `AuthService` | `login` |";
    assert!(out.contains(row), "exports stand beside what is imported:\n{out}");
}

#[test]
fn exports_and_graph_answer_for_a_module() {
    let folder = broken();
    let (code, out, err) = run(folder.path(), &["exports", "shop.auth"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("shop.auth  shop/auth.py\n"), "{out}");
    assert!(out.contains("    1  login  function  imported by tests/test_fine.py:1"), "{out}");
    let (code, _, err) = run(folder.path(), &["exports", "shop.auht"]);
    assert!(code == 2 && err.contains("did you mean shop.auth?"), "{err}");
    for format in ["json", "dot", "mermaid", "text"] {
        let (code, out, err) = run(folder.path(), &["graph", "--output-format", format]);
        assert_eq!((code, err.as_str()), (0, ""), "{format}");
        assert!(out.contains("shop.auth"), "{format}: {out}");
    }
}

#[test]
fn the_reference_of_the_configuration_is_current() {
    let mut page = String::from(
        "# Configuration\n\n`[tool.precollect]` in `pyproject.toml`, or the same keys at the top of `precollect.toml` or \
         `.precollect.toml`. The file nearest\nto the project, from its directory upwards, is read; options of the command line \
         are stronger. pytest's own configuration is\nread as pytest reads it and is not repeated here.\n",
    );
    for key in precollect::config::settings::keys::KEYS {
        let (name, kind, default, help, example) = (key.name, key.kind, key.default, key.help, key.example);
        page.push_str(&format!(
            "\n## `{name}`\n\n{help}.\n\n- value: {kind}\n- default: `{default}`\n- example: `{name} = {example}`\n"
        ));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).expect("is writable");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(written, page, "docs/configuration.md is made with UPDATE_DOCS=1 cargo test --test it reference");
}

#[test]
fn why_tells_the_steps_to_a_failure() {
    let folder = broken();
    let (code, out, err) = run(folder.path(), &["why", "tests/test_auth.py::test_a"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("tests/test_auth.py fails: ImportError: cannot import name 'AuthService'"), "{out}");
    let places =
        ["  1  conftest.py", "  2  tests/test_auth.py ", "tests/test_auth.py:1  from shop.auth import AuthService"];
    let found: Vec<_> = places.iter().map(|place| out.find(place)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?} in\n{out}");
    assert!(out.contains("raises ImportError") && out.contains("error[IMP002]"), "{out}");
    let (code, out, _) = run(folder.path(), &["why", "shop.auth"]);
    assert_eq!(code, 0);
    assert!(out.contains("runs      first for tests/test_auth.py"), "{out}");
}

#[test]
fn why_takes_findings_and_names() {
    let folder = broken();
    let why = |target: &str| run(folder.path(), &["why", target]);
    let (code, of_rule, _) = why("IMP002");
    assert_eq!(code, 0);
    assert!(of_rule.starts_with("error[IMP002]") && of_rule.contains("raises ImportError"), "{of_rule}");
    for same in ["missing-name", "tests/test_auth.py:1", "tests/test_auth.py:1:23", "shop.auth.AuthService"] {
        assert_eq!(why(same).1, of_rule, "{same}");
    }
    let json = run(folder.path(), &["why", "--output-format", "json", "tests/test_auth.py:1"]).1;
    let document: serde_json::Value = serde_json::from_str(&json).expect("is JSON");
    assert_eq!(document["findings"][0]["code"], "IMP002");
    assert_eq!(document["path"], "tests/test_auth.py");
    let (code, out, _) = why("shop.auth.login");
    assert_eq!(code, 0);
    assert!(out.starts_with("shop.auth.login  function, ") && out.contains("imported"), "{out}");
    for (target, told) in [
        ("BLK001", "there is no finding of BLK001"),
        ("tests/test_auth.py:99", "there is no finding at tests/test_auth.py:99"),
        ("nowhere.at_all", "failed to find a module called nowhere.at_all"),
    ] {
        let (code, _, err) = why(target);
        assert!(code == 2 && err.contains(told), "{target}: {err}");
    }
}
