//! Input that is broken, huge or strange: no panic, an orderly end, a clear word about the file at fault, and an answer for
//! every other file. Beside each hostile file stands `test_healthy.py`, which must always be answered.

use std::path::Path;

use serde_json::Value;

use crate::support::project::Project;
use crate::support::root;
use crate::support::run::{Output, precollect};

const RUN: &str = "9/3.13";
const HEALTHY: &str = "import healthy\n\n\ndef test_healthy():\n    assert healthy.x\n";

/// A project with one healthy test module.
fn project() -> Project {
    let project = Project::new(RUN);
    project.write("test_healthy.py", HEALTHY);
    project.write("healthy.py", "x = 1\n");
    project
}

fn run(project: &Project, command: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy();
    let mut arguments = command.to_vec();
    arguments.extend(["--python", &environment]);
    let output = precollect(&project.folder, &arguments);
    output.assert_orderly();
    output
}

/// The modules of `collect`, after the checks that hold for every hostile tree.
fn collected(project: &Project) -> Value {
    let document = run(project, &["collect", "--output-format", "json"]).json();
    let healthy = &document["modules"]["test_healthy.py"];
    assert_eq!(healthy["outcome"], "collected", "the healthy module is answered: {document:#}");
    document["modules"].clone()
}

/// The lines of `check --output-format concise` that name a file.
fn said_of(project: &Project, file: &str) -> Vec<String> {
    let output = run(project, &["check", "--output-format", "concise"]);
    let all = output.text() + &output.stderr;
    all.lines().filter(|line| line.contains(file)).map(str::to_owned).collect()
}

/// Exactly one finding names the file, and it has this code.
fn assert_finding(project: &Project, file: &str, code: &str) {
    let lines = said_of(project, file);
    assert_eq!(lines.iter().filter(|line| line.contains(code)).count(), 1, "one {code} for {file}: {lines:?}");
    assert!(lines.iter().all(|line| line.contains(code)), "nothing but {code} for {file}: {lines:?}");
}

fn hostile(name: &str) -> Vec<u8> {
    std::fs::read(root().join("testdata/hostile").join(name)).expect("the file is there")
}

fn error_of(modules: &Value, path: &str) -> (String, String) {
    let module = &modules[path];
    let text = |key: &str| module[key].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("exception"))
}

const SYNTAX: (&str, &str) = ("error", "SyntaxError");

fn assert_refused(name: &str, code: &str) {
    let project = project();
    project.write("test_hostile.py", hostile(name));
    let modules = collected(&project);
    let (outcome, class) = error_of(&modules, "test_hostile.py");
    assert_eq!((outcome.as_str(), class.as_str()), SYNTAX, "{name}");
    assert_finding(&project, "test_hostile.py", code);
}

#[test]
fn broken_syntax() {
    assert_refused("broken_syntax.py", "SRC001");
}

#[test]
fn wrong_encoding() {
    assert_refused("wrong_encoding.py", "SRC002");
}

#[test]
fn unknown_cookie() {
    assert_refused("unknown_cookie.py", "SRC003");
}

#[test]
fn null_bytes() {
    assert_refused("null_bytes.py", "SRC004");
}

#[test]
fn a_binary_file_with_the_name_of_a_module() {
    let project = project();
    project.write("test_hostile.py", (0..=255).cycle().take(10_000).collect::<Vec<u8>>());
    let modules = collected(&project);
    assert_eq!(modules["test_hostile.py"]["outcome"], "error");
    assert_eq!(said_of(&project, "test_hostile.py").len(), 1);
}

#[test]
fn an_empty_tree() {
    let project = Project::new(RUN);
    let document = run(&project, &["collect", "--output-format", "json"]).json();
    assert_eq!(document["modules"], serde_json::json!({}));
    let check = run(&project, &["check"]);
    assert!(!(check.text() + &check.stderr).trim().is_empty(), "an empty tree is told to be empty");
}

#[test]
fn empty_files_and_files_of_blank_lines() {
    let project = project();
    for (name, bytes) in
        [("test_a.py", &b""[..]), ("test_b.py", b"\n\n\n"), ("test_c.py", b"\xef\xbb\xbf"), ("test_d.py", b"\\\n")]
    {
        project.write(name, bytes);
    }
    let modules = collected(&project);
    for name in ["test_a.py", "test_b.py", "test_c.py"] {
        assert_eq!(modules[name]["outcome"], "collected", "{name}");
    }
}

#[test]
fn every_kind_of_line_end() {
    let project = project();
    for (name, end) in [("test_crlf.py", "\r\n"), ("test_cr.py", "\r"), ("test_mixed.py", "\n\r\n")] {
        project.write(name, ["import healthy", "", "def test_a():", "    assert healthy", ""].join(end));
    }
    let modules = collected(&project);
    for name in ["test_crlf.py", "test_cr.py", "test_mixed.py"] {
        assert_eq!(modules[name]["outcome"], "collected", "{name}");
    }
}

#[test]
fn deep_nesting() {
    let depth = 5_000;
    let texts = [
        ("brackets", format!("x = {}1{}\n", "(".repeat(depth), ")".repeat(depth))),
        ("lists", format!("x = {}{}\n", "[".repeat(depth), "]".repeat(depth))),
        ("unary", format!("x = {}1\n", "-".repeat(depth))),
        ("nots", format!("x = {}1\n", "not ".repeat(depth))),
        ("sums", format!("x = {}1\n", "1 + ".repeat(depth))),
        ("attributes", format!("import healthy\nx = healthy{}\n", ".x".repeat(depth))),
        ("calls", format!("x = print{}\n", "()".repeat(depth))),
        ("elif", format!("if 0:\n    pass\n{}", "elif 0:\n    pass\n".repeat(depth))),
        (
            "blocks",
            (0..200).map(|n| format!("{}if 1:\n", " ".repeat(n))).collect::<String>() + &" ".repeat(200) + "x = 1\n",
        ),
        ("strings", format!("x = {}\n", "'a' ".repeat(depth))),
        ("lambdas", format!("x = {}1\n", "lambda: ".repeat(depth))),
        ("subscripts", format!("x = print{}\n", "[0]".repeat(depth))),
        ("fstrings", format!("x = {}1{}\n", "f'{".repeat(60), "}'".repeat(60))),
    ];
    for (name, text) in texts {
        let project = project();
        project.write("test_hostile.py", text);
        let modules = collected(&project);
        assert!(modules["test_hostile.py"].is_object(), "{name}: it has an answer");
    }
}

#[test]
fn a_giant_file_and_a_giant_line() {
    let project = project();
    project.write("test_lines.py", "x = 1\n".repeat(200_000));
    project.write("test_line.py", format!("x = '{}'\n", "a".repeat(4_000_000)));
    let modules = collected(&project);
    for name in ["test_lines.py", "test_line.py"] {
        assert!(modules[name].is_object(), "{name} has an answer");
    }
}

#[test]
fn a_directory_named_like_a_module() {
    let project = project();
    std::fs::create_dir(project.folder.join("test_folder.py")).expect("a directory can be made");
    project.write("test_folder.py/test_inside.py", "def test_inside():\n    pass\n");
    project.write("conftest.py/x.txt", "");
    assert_eq!(collected(&project)["test_folder.py/test_inside.py"]["outcome"], "collected");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_loop_of_links() {
        let project = project();
        project.write("sub/test_sub.py", "def test_sub():\n    pass\n");
        symlink(&project.folder, project.folder.join("sub/again")).expect("a link can be made");
        symlink("self.py", project.folder.join("self.py")).expect("a link can be made");
        assert_eq!(collected(&project)["sub/test_sub.py"]["outcome"], "collected");
    }

    #[test]
    fn a_link_to_nowhere() {
        let project = project();
        symlink("gone.py", project.folder.join("test_gone.py")).expect("a link can be made");
        symlink("gone.py", project.folder.join("dangling.py")).expect("a link can be made");
        collected(&project);
    }

    #[test]
    fn a_pipe_named_like_a_module() {
        let project = project();
        let pipe = project.folder.join("test_pipe.py");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo can be run");
        assert!(made.success());
        collected(&project);
    }

    #[test]
    fn a_name_that_is_not_unicode() {
        let project = project();
        let name = OsStr::from_bytes(b"test_\xff\xfe.py");
        // Some file systems refuse such names.
        if std::fs::write(project.folder.join(name), "def test_x():\n    pass\n").is_ok() {
            collected(&project);
            run(&project, &["check"]);
        }
    }

    #[test]
    fn a_file_that_cannot_be_opened() {
        use std::os::unix::fs::PermissionsExt;
        let project = project();
        project.write("test_secret.py", "def test_x():\n    pass\n");
        let path = project.folder.join("test_secret.py");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).expect("permissions can be set");
        let modules = collected(&project);
        // The superuser reads it nevertheless.
        if std::fs::read(&path).is_err() {
            assert_eq!(modules["test_secret.py"]["outcome"], "error");
        }
    }
}

/// A configuration that cannot be read is said once, with file and reason.
fn assert_told(file: &str, text: &[u8], codes: &[i32]) {
    let project = project();
    project.write(file, text);
    let output = run(&project, &["check"]);
    let all = output.text() + &output.stderr;
    assert!(codes.contains(&output.code), "{file}: code {}\n{all}", output.code);
    assert!(all.contains(file), "{file} is named:\n{all}");
}

#[test]
fn a_broken_pyproject() {
    assert_told("pyproject.toml", b"[tool.pytest.ini_options\naddopts = '-q'\n", &[1, 2]);
    assert_told("pyproject.toml", b"\xff\xfe[tool]\n", &[1, 2]);
}

#[test]
fn a_broken_pytest_ini() {
    assert_told("pytest.ini", b"[pytest]\nthis line is nothing\n", &[1, 2]);
    assert_told("pytest.ini", b"addopts = -q\n", &[1, 2]);
}

#[test]
fn a_broken_configuration_of_ours() {
    assert_told("precollect.toml", b"select = [\n", &[2]);
    assert_told("precollect.toml", b"select = 5\n", &[2]);
    assert_told("precollect.toml", b"selekt = [\"IMP\"]\n", &[2]);
}

#[test]
fn broken_metadata_of_packages() {
    let project = project();
    let site = project.site_packages(RUN);
    let write = |path: &str, bytes: &[u8]| crate::support::project::write(&site.join(path), bytes);
    write("broken-1.0.dist-info/METADATA", b"\xff\xff\x00");
    write("broken-1.0.dist-info/RECORD", b"\x00\"\n");
    write("broken-1.0.dist-info/entry_points.txt", b"[[[\n=\n[pytest11]\nx\n");
    write("-.dist-info/METADATA", b"");
    write("broken.pth", b"\xff\n\x00\n/nowhere\nimport nothing\n");
    write("easy-install.pth", b"../../../../../../../../../..\n");
    project.write("requirements.txt", b"\xff\n-r requirements.txt\n-r gone.txt\n@@@\n");
    collected(&project);
    run(&project, &["env"]);
}

#[test]
fn a_broken_environment() {
    let project = project();
    let gone = project.folder.join("gone");
    let output = precollect(&project.folder, &["check", "--python", &gone.to_string_lossy()]);
    output.assert_orderly();
    assert!((output.text() + &output.stderr).contains("gone"), "it is named: {}", output.stderr);
}

#[test]
fn paths_that_do_not_exist() {
    let project = project();
    let output = run(&project, &["check", "no/such/path"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("no/such/path"), "{}", output.stderr);
}

#[test]
fn every_command_survives_every_hostile_file() {
    let project = project();
    let folder = root().join("testdata/hostile");
    for path in crate::support::files_below(&folder) {
        let name = path.strip_prefix(&folder).map(Path::to_string_lossy).expect("below the folder").replace('/', "_");
        project.write(&format!("test_{name}"), std::fs::read(&path).expect("readable"));
    }
    let commands: [&[&str]; 7] = [
        &["check"],
        &["check", "--output-format", "sarif"],
        &["collect"],
        &["graph"],
        &["exports", "healthy"],
        &["env"],
        &["report"],
    ];
    for command in commands {
        run(&project, command);
    }
}
