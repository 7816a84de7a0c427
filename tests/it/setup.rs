//! Getting started: `init`, `completions`, `man`.

use std::path::Path;

use crate::support::run::{precollect, precollect_with};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    folder
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_default()
}

#[test]
fn init_writes_what_it_showed_and_nothing_twice() {
    let project = folder(&[("pyproject.toml", "[project]\nname = \"shop\"  # kept\n")]);
    let output = precollect(project.path(), &["init", "--yes"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let settings = read(project.path(), "pyproject.toml");
    assert!(settings.starts_with("[project]\nname = \"shop\"  # kept\n\n[tool.precollect]\n"), "{settings}");
    let hooks = read(project.path(), ".pre-commit-config.yaml");
    assert!(hooks.starts_with("repos:\n  - repo: https://"), "{hooks}");
    assert!(hooks.contains("- id: precollect"), "{hooks}");
    assert!(output.text().contains("[tool.precollect]") && output.text().contains("- id: precollect"));
    assert_eq!(precollect(project.path(), &["config"]).code, 0, "what was written is understood");
    let again = precollect(project.path(), &["init", "--yes"]);
    assert_eq!(again.code, 0);
    assert!(again.text().contains("already"), "{}", again.text());
    assert_eq!(read(project.path(), "pyproject.toml"), settings);
    assert_eq!(read(project.path(), ".pre-commit-config.yaml"), hooks);
}

#[test]
fn init_keeps_what_a_hook_file_holds() {
    let project = folder(&[(".pre-commit-config.yaml", "repos:\n- repo: local\n  hooks:\n  - id: own\n")]);
    assert_eq!(precollect(project.path(), &["init", "-y"]).code, 0);
    let hooks = read(project.path(), ".pre-commit-config.yaml");
    assert!(hooks.starts_with("repos:\n- repo: local\n  hooks:\n  - id: own\n- repo: https://"), "{hooks}");
    assert!(read(project.path(), "precollect.toml").contains("fail-on"));
}

#[test]
fn init_puts_the_hook_where_the_repository_begins() {
    let top = folder(&[("services/web.shop/pyproject.toml", "[project]\nname = \"shop\"\n")]);
    let made = std::process::Command::new("git").args(["init", "-q"]).current_dir(top.path()).status();
    assert!(made.expect("git can be run").success());
    let project = top.path().join("services/web.shop");
    let variables = std::env::var("PATH").into_iter().map(|path| ("PATH".to_owned(), path)).collect();
    let output = precollect_with(&project, &["init", "--yes"], &variables);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let hooks = read(top.path(), ".pre-commit-config.yaml");
    assert!(hooks.ends_with("    - id: precollect\n        files: ^services/web\\.shop/\n"), "{hooks}");
    assert!(read(&project, "pyproject.toml").contains("[tool.precollect]"));
    assert!(!project.join(".pre-commit-config.yaml").exists());
}

#[test]
fn init_asks_and_writes_nothing_without_an_answer() {
    let project = folder(&[]);
    let output = precollect(project.path(), &["init"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("--yes"), "{}", output.stderr);
    assert_eq!(std::fs::read_dir(project.path()).expect("it is a directory").count(), 0);
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let project = folder(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = precollect(project.path(), &["completions", shell]);
        assert_eq!(output.code, 0);
        assert!(output.text().contains("exports"), "{shell}");
    }
    let man = precollect(project.path(), &["man"]);
    assert_eq!(man.code, 0);
    assert!(man.text().contains(".TH precollect") && man.text().contains("exports"), "{}", man.text());
    std::fs::create_dir(project.path().join("man1")).expect("a directory can be made");
    assert_eq!(precollect(project.path(), &["man", "--directory", "man1"]).code, 0);
    assert!(read(project.path(), "man1/precollect-check.1").contains("statistics"));
    assert!(read(project.path(), "man1/precollect.1").contains(".TH"));
}

#[test]
fn azure_is_a_format() {
    let project = folder(&[("shop.py", ""), ("test_a.py", "from shop import y\n")]);
    let output = precollect(project.path(), &["check", "--python", "none", "--output-format", "azure"]);
    let start = "##vso[task.logissue type=error;sourcepath=test_a.py;linenumber=1;columnnumber=18;code=IMP002;]";
    assert!(output.text().starts_with(start), "{}", output.text());
}

/// Reads lines until one holds the text; gives up after a while, so that a lost change fails the test.
fn wait_for(lines: &std::sync::mpsc::Receiver<String>, wanted: &str) -> String {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut seen = String::new();
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        let line = lines.recv_timeout(left).unwrap_or_else(|_| panic!("{wanted:?} is never said:\n{seen}"));
        seen += &line;
        if line.contains(wanted) {
            return seen;
        }
        seen += "\n";
    }
}

#[test]
fn watch_answers_again_after_each_change() {
    use std::io::{BufRead, BufReader};
    let project = folder(&[("shop.py", "x = 1\n"), ("test_a.py", "from shop import x\n\ndef test_a(): ...\n")]);
    let arguments = ["check", "--watch", "--python", "none"];
    let mut child = crate::support::run::command(project.path(), &arguments, &std::collections::BTreeMap::new())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let output = child.stdout.take().expect("its output is piped");
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).all(|line| sender.send(line).is_ok())
    });
    wait_for(&lines, "watching");
    std::fs::write(project.path().join("shop.py"), "y = 1\n").expect("a file can be written");
    let told = wait_for(&lines, "watching");
    assert!(told.contains("shop.py has changed") && told.contains("IMP002"), "{told}");
    std::fs::write(project.path().join("shop.py"), "x = 2\n").expect("a file can be written");
    let told = wait_for(&lines, "watching");
    assert!(told.contains("1 module, 1 test"), "{told}");
    child.kill().expect("it still runs");
    child.wait().expect("it ends");
}
