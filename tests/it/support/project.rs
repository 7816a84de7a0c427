//! A case on disk: its files, and an environment that has what a fresh virtual environment with pytest has, without
//! any interpreter in it.

use std::path::{Path, PathBuf};

use super::case::Case;

/// pytest's versions by major version, those that `scripts/record_cases.py` installs.
const PYTEST: [(&str, &str); 3] = [("7", "7.4.4"), ("8", "8.4.2"), ("9", "9.2.0")];
/// Python's patch versions, as far as a `pyvenv.cfg` tells them.
const PYTHON: [(&str, &str); 6] = [
    ("3.8", "3.8.18"),
    ("3.9", "3.9.18"),
    ("3.10", "3.10.13"),
    ("3.11", "3.11.7"),
    ("3.12", "3.12.1"),
    ("3.13", "3.13.0"),
];
/// Names that pytest offers; enough for projects, which reach the rest through objects.
const PYTEST_NAMES: &str = "HIDDEN_PARAM Approx Cache CallInfo CaptureFixture Class CollectReport Collector Config Dir \
    Directory DoctestItem ExceptionInfo ExitCode File FixtureDef FixtureLookupError FixtureRequest Function \
    HookRecorder Item LineMatcher LogCaptureFixture Mark MarkDecorator MarkGenerator Metafunc Module MonkeyPatch \
    OptionGroup Package Parser PytestAssertRewriteWarning PytestCollectionWarning PytestConfigWarning \
    PytestDeprecationWarning PytestPluginManager PytestUnknownMarkWarning PytestWarning Pytester RaisesExc RaisesGroup \
    RunResult Session Stash StashKey TempPathFactory TerminalReporter TestReport UsageError WarningsRecorder approx \
    cmdline console_main deprecated_call exit fail fixture freeze_includes hookimpl hookspec importorskip main mark \
    param raises register_assert_rewrite set_trace skip version_tuple warns xfail yield_fixture";

/// A project and its environment in a temporary directory that goes when this does.
pub struct Project {
    _temporary: tempfile::TempDir,
    /// The project.
    pub folder: PathBuf,
    /// The environment.
    pub environment: PathBuf,
}

impl Project {
    /// An empty project with the environment of a run such as `8/3.11`.
    pub fn new(run: &str) -> Self {
        let temporary = tempfile::tempdir().expect("a temporary directory can be made");
        let top = temporary.path().canonicalize().expect("the temporary directory exists");
        let project = Self { _temporary: temporary, folder: top.join("project"), environment: top.join("env") };
        std::fs::create_dir(&project.folder).expect("the project's directory can be made");
        project.make_environment(run);
        project
    }

    /// A case's project for a run.
    pub fn of(case: &Case, run: &str) -> Self {
        let project = Self::new(run);
        for (path, bytes) in case.files() {
            match path.strip_prefix("site-packages/") {
                Some(path) => write(&project.site_packages(run).join(path), &bytes),
                None => project.write(&path, &bytes),
            }
        }
        project
    }

    /// Adds a file to the project.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        write(&self.folder.join(path), bytes.as_ref());
    }

    /// Where installed packages lie.
    pub fn site_packages(&self, run: &str) -> PathBuf {
        let (_, python) = split(run);
        self.environment.join(format!("lib/python{python}/site-packages"))
    }

    fn make_environment(&self, run: &str) {
        let (pytest, python) = split(run);
        let full = lookup(&PYTHON, python);
        let config = format!("home = /usr/nowhere/bin\ninclude-system-site-packages = false\nversion = {full}\n");
        write(&self.environment.join("pyvenv.cfg"), config.as_bytes());
        write(&self.environment.join("bin/python"), b"");
        let site = self.site_packages(run);
        let names: Vec<&str> = PYTEST_NAMES.split_whitespace().collect();
        // As in the real one, all names come from elsewhere.
        let body: String = names.iter().map(|name| format!("from _pytest.all import {name}\n")).collect();
        let version = lookup(&PYTEST, pytest);
        let pytest_source = format!("__version__ = '{version}'\n__all__ = {names:?}\n{body}");
        for (path, source) in
            [("pytest", pytest_source.as_str()), ("_pytest", ""), ("pluggy", ""), ("iniconfig", ""), ("packaging", "")]
        {
            write(&site.join(path).join("__init__.py"), source.as_bytes());
        }
        let distributions = [
            ("pytest", version, "pytest\n_pytest\n"),
            ("pluggy", "1.7.0", "pluggy\n"),
            ("iniconfig", "2.3.1", "iniconfig\n"),
            ("packaging", "26.3", "packaging\n"),
        ];
        for (name, version, top_level) in distributions {
            let folder = site.join(format!("{name}-{version}.dist-info"));
            let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
            write(&folder.join("METADATA"), metadata.as_bytes());
            write(&folder.join("top_level.txt"), top_level.as_bytes());
        }
    }
}

/// pytest's and Python's version of a run.
fn split(run: &str) -> (&str, &str) {
    run.split_once('/').unwrap_or_else(|| panic!("a run is PYTEST/PYTHON, not {run}"))
}

fn lookup(table: &'static [(&str, &str)], key: &str) -> &'static str {
    table.iter().find(|(name, _)| *name == key).unwrap_or_else(|| panic!("no version is known for {key}")).1
}

/// Writes a file and the directories above it.
pub fn write(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("a file has a directory");
    std::fs::create_dir_all(folder).unwrap_or_else(|error| panic!("failed to make {folder:?}: {error}"));
    std::fs::write(path, bytes).unwrap_or_else(|error| panic!("failed to write {path:?}: {error}"));
}
