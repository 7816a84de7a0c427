//! Settings as their readers meet them: every key shows its effect, mistakes are shown where they stand, files extend
//! each other, and the published schema is the one in force.

use std::path::Path;

use precollect::config::settings::{keys, schema};

use crate::support::project::Project;
use crate::support::root;
use crate::support::run::{Output, precollect};

const RUN: &str = "8/3.11";

/// A project in which a key makes a difference.
struct Effect {
    key: &'static str,
    value: &'static str,
    files: &'static [(&'static str, &'static str)],
    arguments: &'static [&'static str],
    /// Printed without the key only.
    without: &'static str,
    /// Printed with the key only.
    with: &'static str,
}

const CHECK: &[&str] = &["check", "--output-format", "concise"];
const BROKEN: &[(&str, &str)] = &[("shop.py", "def login(): ...\n"), ("test_a.py", "from shop import logout\n")];
const RETRIED: &[(&str, &str)] = &[("test_a.py", "import time\ntime.sleep(0.5)\ndef test_a(): ...\n")];
const CYCLE: &[(&str, &str)] = &[
    ("shop/__init__.py", ""),
    ("shop/a.py", "def f():\n    import shop.b\n"),
    ("shop/b.py", "import shop.a\n"),
    ("test_a.py", "import shop.b\n\ndef test_a(): ...\n"),
];

const EFFECTS: &[Effect] = &[
    Effect { key: "include", value: "['src']", files: BROKEN, arguments: CHECK, without: "IMP002", with: "" },
    Effect { key: "exclude", value: "['test_*']", files: BROKEN, arguments: CHECK, without: "IMP002", with: "" },
    Effect { key: "extend-exclude", value: "['test_*']", files: BROKEN, arguments: CHECK, without: "IMP002", with: "" },
    Effect {
        key: "respect-gitignore",
        value: "false",
        files: &[
            (".git/HEAD", ""),
            (".gitignore", "test_local.py\n"),
            ("test_local.py", "import time\ntime.sleep(0.5)\ndef test_a(): ...\n"),
        ],
        arguments: CHECK,
        without: "",
        with: "test_local.py:2",
    },
    Effect {
        key: "python",
        value: "'none'",
        files: BROKEN,
        arguments: &["check"],
        without: "",
        with: "no environment",
    },
    Effect {
        key: "python-version",
        value: "'3.13'",
        files: &[("test_a.py", "import imp\n")],
        arguments: CHECK,
        without: "",
        with: "IMP015",
    },
    Effect {
        key: "python-platform",
        value: "'win32'",
        files: &[("test_a.py", "import sys\nif sys.platform == 'win32':\n    import nowhere_at_all\n")],
        arguments: CHECK,
        without: "",
        with: "ENV001",
    },
    Effect {
        key: "pytest-version",
        value: "'9.0'",
        files: &[("pytest.toml", "[pytest]\npython_files = ['check_*.py']\n"), ("check_a.py", "def test_a(): ...\n")],
        arguments: &["collect"],
        without: "",
        with: "check_a.py",
    },
    Effect { key: "select", value: "['ENV']", files: BROKEN, arguments: CHECK, without: "IMP002", with: "" },
    Effect { key: "extend-select", value: "['CYC004']", files: CYCLE, arguments: CHECK, without: "", with: "CYC004" },
    Effect { key: "ignore", value: "['missing-name']", files: BROKEN, arguments: CHECK, without: "IMP002", with: "" },
    Effect {
        key: "per-file-ignores",
        value: "{ 'test_a.py' = ['IMP'] }",
        files: BROKEN,
        arguments: CHECK,
        without: "IMP002",
        with: "",
    },
    Effect {
        key: "severity",
        value: "{ IMP = 'info' }",
        files: BROKEN,
        arguments: CHECK,
        without: "error[IMP002]",
        with: "info[IMP002]",
    },
    Effect {
        key: "output-format",
        value: "['pylint']",
        files: BROKEN,
        arguments: &["check"],
        without: "would not collect",
        with: "[IMP002(missing-name)]",
    },
    Effect {
        key: "assume-installed",
        value: "['acme']",
        files: &[("test_a.py", "import acme\n")],
        arguments: CHECK,
        without: "ENV001",
        with: "",
    },
    Effect {
        key: "module-map",
        value: "{ acme = 'acme-sdk' }",
        files: &[("test_a.py", "import acme\n")],
        arguments: &["check"],
        without: "",
        with: "acme-sdk",
    },
    Effect {
        key: "environment-variables",
        value: "['ACME_URL']",
        files: &[("test_a.py", "import os\nos.environ['ACME_URL']\ndef test_a(): ...\n")],
        arguments: CHECK,
        without: "ENV006",
        with: "",
    },
    Effect {
        key: "python-dash-m",
        value: "true",
        files: &[("helpers.py", ""), ("tests/test_a.py", "import helpers\n")],
        arguments: CHECK,
        without: "ENV009",
        with: "",
    },
    Effect {
        key: "report.title",
        value: "'Test audit'",
        files: BROKEN,
        arguments: &["report"],
        without: "# Collection audit of",
        with: "# Test audit",
    },
    Effect {
        key: "report.sections",
        value: "['verdict', 'plan']",
        files: BROKEN,
        arguments: &["report"],
        without: "## Numbers",
        with: "",
    },
];

/// Keys whose effect is shown elsewhere.
const SHOWN_ELSEWHERE: &[&str] = &[
    "extend",
    "follow-symlinks",
    "fail-on",
    "fixable",
    "unfixable",
    "baseline",
    "blocking.sleep-limit",
    "blocking.calls",
    "blocking.allow",
    "blocking.queries",
    "preview",
];

fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new(RUN);
    for (path, text) in files {
        project.write(path, text);
    }
    project
}

fn run(project: &Project, arguments: &[&str]) -> Output {
    let output = precollect(&project.folder, arguments);
    output.assert_orderly();
    output
}

/// The environment is named by a weaker file further up, so that every key can be set.
fn with_environment(project: &Project) {
    let file = project.folder.parent().expect("has a parent").join("environment.toml");
    crate::support::project::write(&file, format!("python = {:?}\n", project.environment.to_string_lossy()).as_bytes());
}

#[test]
fn every_key_shows_its_effect() {
    let mut shown: Vec<&str> = EFFECTS.iter().map(|effect| effect.key).chain(SHOWN_ELSEWHERE.iter().copied()).collect();
    let mut declared: Vec<&str> = keys::KEYS.iter().map(|key| key.name).collect();
    shown.sort_unstable();
    declared.sort_unstable();
    assert_eq!(shown, declared);
    for effect in EFFECTS {
        let project = project(effect.files);
        with_environment(&project);
        project.write("precollect.toml", "extend = '../environment.toml'\n");
        let without = run(&project, effect.arguments);
        project
            .write("precollect.toml", format!("extend = '../environment.toml'\n{} = {}\n", effect.key, effect.value));
        let with = run(&project, effect.arguments);
        for (present, absent, needle) in [(&without, &with, effect.without), (&with, &without, effect.with)] {
            if !needle.is_empty() {
                let told = format!(
                    "{}\n--- without\n{}{}\n--- with\n{}{}",
                    effect.key,
                    without.text(),
                    without.stderr,
                    with.text(),
                    with.stderr
                );
                assert!(present.text().contains(needle) && !absent.text().contains(needle), "{needle:?}: {told}");
            }
        }
    }
}

#[test]
fn fail_on_decides_the_exit_code() {
    let project = project(RETRIED);
    with_environment(&project);
    for (value, code) in [("info", 1), ("warning", 1), ("error", 0)] {
        project.write("precollect.toml", format!("extend = '../environment.toml'\nfail-on = '{value}'\n"));
        assert_eq!(run(&project, &["check"]).code, code, "{value}");
    }
    assert_eq!(run(&project, &["check", "--fail-on", "info"]).code, 1, "the option is stronger");
}

#[cfg(unix)]
#[test]
fn symlinked_directories_are_followed_if_asked() {
    let project = project(&[("test_a.py", "def test_a(): ...\n")]);
    let elsewhere = project.folder.parent().expect("has a parent").join("elsewhere");
    crate::support::project::write(&elsewhere.join("linked/__init__.py"), b"");
    crate::support::project::write(&elsewhere.join("linked/far.py"), b"import test_a\n");
    std::os::unix::fs::symlink(elsewhere.join("linked"), project.folder.join("linked")).expect("a link can be made");
    std::os::unix::fs::symlink(&project.folder, project.folder.join("circle")).expect("a link can be made");
    let environment = format!("python={:?}", project.environment.to_string_lossy());
    let graph = |more: &str| {
        run(&project, &["graph", "--output-format", "json", "--config", &environment, "--config", more]).text()
    };
    assert!(!graph("follow-symlinks=false").contains("linked.far"));
    let followed = graph("follow-symlinks=true");
    assert!(followed.contains("linked.far") && !followed.contains("circle.test_a"), "{followed}");
}

#[test]
fn mistakes_are_shown_where_they_stand() {
    let project = project(BROKEN);
    for (text, told) in [
        ("slect = ['IMP']", ["there is no key `slect`", "precollect.toml:1:1]", "did you mean `select`?"]),
        (
            "\nselect = ['IMP', 'IMPP002']",
            ["there is no rule `IMPP002`", "precollect.toml:2:19]", "did you mean IMP002?"],
        ),
        (
            "[severity]\nmissing-nam = 'info'",
            ["there is no rule `missing-nam`", "ml:2:1]", "did you mean missing-name?"],
        ),
        ("extend = 'none.toml'", ["failed to find", "precollect.toml:1:10]", "none.toml"]),
        ("select = [", ["this is not TOML", "precollect.toml:1:", "["]),
        ("report.sections = ['plans']", ["no section `plans`", "precollect.toml:1:20]", "plan,"]),
    ] {
        project.write("precollect.toml", text);
        let output = run(&project, &["check"]);
        assert_eq!((output.code, output.text().as_str()), (2, ""), "{text}");
        for part in told {
            assert!(output.stderr.replace('\n', " ").contains(part), "{text}: {part}\n{}", output.stderr);
        }
    }
    let inline = run(&project, &["check", "--isolated", "--config", "select=['IMQ']"]);
    assert!(inline.stderr.contains("there is no rule `IMQ`"), "{}", inline.stderr);
}

#[test]
fn config_tells_where_each_value_comes_from() {
    let project = project(&[
        ("base.toml", "ignore = ['ENV']\nfail-on = 'info'\n"),
        ("pyproject.toml", "[tool.precollect]\nextend = 'base.toml'\nignore = ['IMP']\n"),
    ]);
    let text = run(&project, &["config", "--config", "preview=true", "--python", "none"]).text();
    for line in [
        "configuration: pyproject.toml, which extends base.toml",
        "fail-on = 'info'  (base.toml:2)",
        "ignore = ['IMP']  (pyproject.toml:3)",
        "preview = true  (--config)",
        "python = none  (--python)",
        "select = []  (default)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let isolated = run(&project, &["config", "--isolated"]).text();
    assert!(isolated.contains("no file") && isolated.contains("ignore = []  (default)"), "{isolated}");
    let verbose = run(&project, &["config", "-v"]).text();
    assert!(verbose.contains("Lowest severity that makes the exit code 1"), "{verbose}");
}

#[test]
fn a_named_file_is_read_instead_of_the_nearest() {
    let project = project(BROKEN);
    project.write("precollect.toml", "python = 'none'\n");
    project.write("ci/strict.toml", "python = 'none'\nignore = ['IMP']\n");
    assert_eq!(run(&project, &["check"]).code, 1);
    assert_eq!(run(&project, &["check", "--config", "ci/strict.toml"]).code, 0);
    assert_eq!(run(&project, &["check", "--config", "ci/strict.toml", "--config", "ignore=[]"]).code, 1);
    assert_eq!(run(&project, &["check", "--config", "ci/none.toml"]).code, 2);
}

/// `precollect.schema.json` is written anew with `UPDATE_DOCS=1 cargo test --test it schema`.
#[test]
fn the_published_schema_is_current() {
    let printed = precollect(root(), &["config", "--schema"]).text();
    published(&root().join("precollect.schema.json"), &printed);
}

fn published(file: &Path, current: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, current).expect("the schema can be written");
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(written == current, "{} is made with UPDATE_DOCS=1 cargo test --test it schema", file.display());
}

/// What the reader accepts the schema accepts, and the other way round.
#[test]
fn the_schema_and_the_reader_agree() {
    let validator = jsonschema::validator_for(&schema::document()).expect("the schema is one");
    for key in keys::KEYS {
        let table: toml::Table = toml::from_str(&format!("{} = {}", key.name, key.example)).expect("is TOML");
        let value = serde_json::to_value(&table).expect("TOML is JSON");
        assert!(validator.is_valid(&value), "{} = {}", key.name, key.example);
    }
    let project = project(&[]);
    for wrong in [
        "slect = []",
        "select = 3",
        "select = [1]",
        "fail-on = 'never'",
        "python-platform = 'beos'",
        "preview = 'yes'",
        "blocking.sleep-limit = 'long'",
        "severity = { IMP = 'bad' }",
        "output-format = ['xml']",
        "blocking = 1",
        "report.sections = ['all']",
        "per-file-ignores = ['a']",
    ] {
        let table: toml::Table = toml::from_str(wrong).expect("is TOML");
        assert!(!validator.is_valid(&serde_json::to_value(&table).expect("TOML is JSON")), "{wrong}");
        project.write("precollect.toml", wrong);
        assert_eq!(precollect(&project.folder, &["config"]).code, 2, "{wrong}");
    }
}
