//! Each kind of declaring file, in memory.

use super::*;
use crate::base::system::MemorySystem;
use crate::python::version::{Platform, PythonVersion};

fn declared(files: &[(&str, &str)]) -> Declared {
    let system = MemorySystem::new("/w", files);
    let mut problems = Vec::new();
    let mut declared = read(&system, &[PathBuf::from("/w")], &mut problems);
    apply(&mut declared, &Target::new(PythonVersion::three(11), None, Platform::Linux));
    declared
}

/// `name specifier group file:line`, with `!` in front where the marker does not hold.
fn shown(declared: &Declared) -> Vec<String> {
    let one = |r: &Requirement| {
        let file = r.file.strip_prefix("/w").unwrap_or(&r.file).display().to_string();
        let off = if r.applies { "" } else { "!" };
        format!("{off}{}{} {} {file}:{}", r.name, r.specifier, r.group, r.line)
    };
    declared.requirements.iter().map(one).collect()
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(shown(&declared(files)), expected);
}

#[test]
fn pyproject_of_the_standards() {
    let text = r#"
[build-system]
requires = ["hatchling>=1"]

[project]
name = "mine"
requires-python = ">=3.9"
dependencies = [
  "a>=1",
  "b; sys_platform == 'win32'",
]

[project.optional-dependencies]
test = ["pytest", "mine[extra]"]

[dependency-groups]
dev = ["c", {include-group = "lint"}]
lint = ["ruff"]

[tool.uv]
dev-dependencies = ["d"]

[tool.pdm.dev-dependencies]
more = ["-e file:///x#egg=e"]

[tool.hatch.envs.types]
extra-dependencies = ["mypy"]
"#;
    let declared = declared(&[("pyproject.toml", text)]);
    assert_eq!((declared.project_name.as_deref(), declared.requires_python.as_deref()), (Some("mine"), Some(">=3.9")));
    let expected = [
        "a>=1 dependencies pyproject.toml:9",
        "!b dependencies pyproject.toml:10",
        "pytest test pyproject.toml:14",
        "c dev pyproject.toml:17",
        "ruff lint pyproject.toml:18",
        "hatchling>=1 build pyproject.toml:3",
        "e more pyproject.toml:24",
        "d dev pyproject.toml:21",
        "mypy types pyproject.toml:27",
    ];
    assert_eq!(shown(&declared), expected);
    assert!(declared.is_known());
}

#[test]
fn poetry_tables() {
    let text = r#"
[tool.poetry]
name = "mine"
[tool.poetry.dependencies]
python = "^3.9"
a = "^1.2"
b = { version = "*", optional = true, markers = "python_version < '3.10'" }
c = [{ version = "1.0", python = "<3.10" }, { version = "2.0", python = ">=3.10" }]
d = { git = "https://h/d" }
[tool.poetry.group.test.dependencies]
pytest = ">=7"
"#;
    let expected = [
        "a>=1.2,<2 dependencies pyproject.toml:6",
        "!b dependencies pyproject.toml:7",
        "!c==1.0 dependencies pyproject.toml:8",
        "c==2.0 dependencies pyproject.toml:8",
        "d dependencies pyproject.toml:9",
        "pytest>=7 test pyproject.toml:11",
    ];
    let found = declared(&[("pyproject.toml", text)]);
    assert_eq!(shown(&found), expected);
    assert_eq!(found.requires_python.as_deref(), Some(">=3.9,<4"));
}

#[test]
fn requirements_files_and_their_includes() {
    check(
        &[
            (
                "requirements.txt",
                "# note\na==1 # why\nb \\\n  >=2\n-r more/base.txt\n-c limits.txt\n--index-url https://x\nx==1 --hash=sha256:0\n",
            ),
            (
                "more/base.txt",
                "-r ../requirements.txt\nc[x]>1 ; os_name == 'nt'\n-e git+https://h/d#egg=d\n./local\nhttps://h/e.whl\n",
            ),
            ("requirements/dev.in", "f\n"),
            ("tests/notes.txt", "no requirement\n"),
        ],
        &[
            "f dev requirements/dev.in:1",
            "a==1 requirements requirements.txt:2",
            "b>=2 requirements requirements.txt:3",
            "!c>1 base more/base.txt:2",
            "d base more/base.txt:3",
            "x==1 requirements requirements.txt:8",
        ],
    );
}

#[test]
fn setup_files() {
    check(
        &[(
            "setup.cfg",
            "[metadata]\nname = mine\n[options]\ninstall_requires =\n    a>=1  # why\n    # no\n    b\ntests_require = c\n[options.extras_require]\ntest =\n    d\n[tool:pytest]\naddopts = -x\n",
        )],
        &["a>=1 dependencies setup.cfg:5", "b dependencies setup.cfg:7", "c test setup.cfg:8", "d test setup.cfg:11"],
    );
    let text = "from setuptools import setup\nREQ = [\n    'a>=1',\n    'b',\n]\nNAME = \"mine\"\nsetup(\n    name=NAME, version=get(1, [2]),\n    python_requires='>=3.7',\n    install_requires=REQ,\n    tests_require=['c'] + x,\n    extras_require={'x': ['d'], ':python_version<\"3\"': ['e']},\n)\n";
    let found = declared(&[("setup.py", text)]);
    let expected = [
        "a>=1 dependencies setup.py:3",
        "b dependencies setup.py:4",
        "c test setup.py:11",
        "d x setup.py:12",
        "e dependencies setup.py:12",
    ];
    assert_eq!(shown(&found), expected);
    assert_eq!((found.project_name.as_deref(), found.requires_python.as_deref()), (Some("mine"), Some(">=3.7")));
    assert!(found.incomplete.is_some(), "tests_require is computed");
}

#[test]
fn a_setup_that_reads_requirements_is_complete() {
    let text = "setup(install_requires=open('reqs/base.txt').read().split())\n";
    let found = declared(&[("setup.py", text), ("reqs/base.txt", "a\n")]);
    assert_eq!(shown(&found), ["a base reqs/base.txt:1"]);
    assert!(found.is_known());
    assert!(!declared(&[("setup.py", "setup(install_requires=find())\n")]).is_known());
}

#[test]
fn tox_alone_makes_no_list() {
    let found = declared(&[
        ("tox.ini", "[testenv]\ndeps =\n    a\n    py38,py39: b\n    -r{toxinidir}/test.txt\n"),
        ("test.txt", "c\n"),
    ]);
    assert_eq!(shown(&found), ["a tox tox.ini:3", "b tox tox.ini:4", "c test test.txt:1"]);
    assert!(!declared(&[("tox.ini", "[testenv]\ndeps = a\n")]).is_known());
    assert!(!declared(&[("pyproject.toml", "[tool.black]\nline-length = 9\n")]).is_known());
}

#[test]
fn lock_files_come_last() {
    check(
        &[
            (
                "poetry.lock",
                "[[package]]\nname = \"a\"\nversion = \"1\"\ndescription = \"x\"\n[package.dependencies]\nname = \"no\"\n[[package]]\nname = \"b\"\nversion = \"2\"\n",
            ),
            ("uv.lock", "version = 1\n[[package]]\nname = \"c\"\nsource = { virtual = \".\" }\n"),
            ("Pipfile", "[packages]\nd = \"*\"\n[dev-packages]\ne = {version = \"~=1.0\"}\n"),
            ("Pipfile.lock", "{\"default\": {\"d\": {\"version\": \"==3\"}}}"),
        ],
        &[
            "d dependencies Pipfile:2",
            "e~=1.0 dev Pipfile:4",
            "a==1 lock poetry.lock:2",
            "b==2 lock poetry.lock:8",
            "c lock uv.lock:3",
            "d==3 lock Pipfile.lock:0",
        ],
    );
}

#[test]
fn conda_lists() {
    let text = "name: x\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.9\n  - conda-forge::a=1.2=py\n  - b>=2\n  - pip\n  - pip:\n    - c==3\n    - -r x.txt\n  - d\nprefix: /x\n";
    check(
        &[("environment.yml", text)],
        &[
            "a==1.2.* conda environment.yml:6",
            "b>=2 conda environment.yml:7",
            "c==3 conda environment.yml:10",
            "d conda environment.yml:12",
        ],
    );
}

#[test]
fn broken_files_leave_the_list_incomplete() {
    let found = declared(&[("pyproject.toml", "[project]\nname = \"x\ndependencies = [\n")]);
    assert!(!found.is_known() && found.incomplete.is_some());
    assert!(!declared(&[("Pipfile.lock", "{")]).is_known());
    for junk in
        ["", "\0\u{1}", "[[", "setup(", "setup(install_requires=[", "= = =", "-r\n-r\n", "[testenv]\ndeps", "\\"]
    {
        for name in [
            "pyproject.toml",
            "setup.py",
            "setup.cfg",
            "tox.ini",
            "requirements.txt",
            "uv.lock",
            "environment.yml",
            "Pipfile",
        ] {
            let _ = declared(&[(name, junk)]);
        }
    }
}
