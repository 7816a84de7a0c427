//! `[tool.precollect]` and what the command line adds to it.
//!
//! [`keys`] declares every key once; [`file`](mod@file) finds and reads the files; [`ConfigError`] says what is wrong and where.

pub mod file;
pub mod keys;
pub mod schema;

use std::ops::Range;
use std::path::PathBuf;

use crate::diagnostic::Severity;
use crate::python::version::{Platform, PythonVersion};

/// Everything the user can say, resolved: command line over file over default.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The directory the run starts in (`cd` there before reading relative paths); absolute.
    pub root: PathBuf,
    /// The configuration file that was read, if one was; absolute.
    pub file: Option<PathBuf>,
    /// pytest's positional arguments and options, as they would be given to pytest.
    pub pytest_args: Vec<String>,
    /// Globs of the files that findings may name; empty means all.
    pub include: Vec<String>,
    /// Globs of files that no finding names.
    pub exclude: Vec<String>,
    /// More of them; unlike `exclude` it adds up over files that extend each other.
    pub extend_exclude: Vec<String>,
    /// Whether files that git ignores are named only if they break a test module.
    pub respect_gitignore: bool,
    /// Whether modules of the project are looked for behind symlinked directories.
    pub follow_symlinks: bool,
    /// Which interpreter's world to read.
    pub python: PythonChoice,
    /// Target version, where it is not the environment's.
    pub python_version: Option<PythonVersion>,
    /// Target platform, where it is not this one.
    pub python_platform: Option<Platform>,
    /// pytest's version as (major, minor), where it is not the environment's.
    pub pytest_version: Option<(u32, u32)>,
    /// Codes, prefixes or names; empty means the defaults.
    pub select: Vec<String>,
    /// Added to the selection.
    pub extend_select: Vec<String>,
    /// Taken out of it.
    pub ignore: Vec<String>,
    /// Rules that fixes may be made for; none means all.
    pub fixable: Option<Vec<String>>,
    /// Taken out of them.
    pub unfixable: Vec<String>,
    /// Glob to codes that are silent there.
    pub per_file_ignores: Vec<(String, Vec<String>)>,
    /// Code, prefix or name to the severity its findings get.
    pub severity: Vec<(String, Severity)>,
    /// The lowest severity that makes `check` exit with 1; none means warning.
    pub fail_on: Option<Severity>,
    /// The file with known findings; absolute.
    pub baseline: Option<PathBuf>,
    /// What to print, and where; empty means `full` on standard output.
    pub output_format: Vec<Output>,
    /// Modules taken as importable whatever the environment says.
    pub assume_installed: Vec<String>,
    /// Import name to distribution name.
    pub module_map: Vec<(String, String)>,
    /// Variables that are set when tests run.
    pub environment_variables: Vec<String>,
    /// The blocking rules.
    pub blocking: Blocking,
    /// The audit report.
    pub report: Report,
    /// Whether rules still under trial run.
    pub preview: bool,
    /// Whether tests and fixtures are followed to the calls they reach.
    pub follow_tests: bool,
    /// Whether `python -m pytest` is meant (the current directory is on `sys.path`).
    pub python_dash_m: bool,
    /// Note what is imported step by step, for `why`; no key of the file.
    pub trace: bool,
    /// Threads; 0 lets rayon choose.
    pub jobs: usize,
}

impl Settings {
    /// The lowest severity that makes `check` exit with 1.
    #[must_use]
    pub fn fails_on(&self) -> Severity {
        self.fail_on.unwrap_or(Severity::Warning)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            root: PathBuf::new(),
            file: None,
            pytest_args: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            extend_exclude: Vec::new(),
            respect_gitignore: true,
            follow_symlinks: false,
            python: PythonChoice::default(),
            python_version: None,
            python_platform: None,
            pytest_version: None,
            select: Vec::new(),
            extend_select: Vec::new(),
            ignore: Vec::new(),
            fixable: None,
            unfixable: Vec::new(),
            per_file_ignores: Vec::new(),
            severity: Vec::new(),
            fail_on: None,
            baseline: None,
            output_format: Vec::new(),
            assume_installed: Vec::new(),
            module_map: Vec::new(),
            environment_variables: Vec::new(),
            blocking: Blocking::default(),
            report: Report::default(),
            preview: false,
            follow_tests: false,
            python_dash_m: false,
            trace: false,
            jobs: 0,
        }
    }
}

/// `[tool.precollect.report]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its title, where it is not made from the project's name.
    pub title: Option<String>,
    /// Names of the sections it has; empty means all.
    pub sections: Vec<String>,
}

impl Report {
    /// Names of the sections, in the order of the report.
    pub const SECTIONS: &[&str] = &[
        "verdict",
        "numbers",
        "blocking",
        "findings",
        "packages",
        "modules",
        "mismatches",
        "cycles",
        "fixtures",
        "lost-tests",
        "may-hang",
        "needs",
        "doubles",
        "plan",
        "unknowns",
        "appendix",
    ];
}

/// Which environment to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PythonChoice {
    /// Look in the usual places.
    #[default]
    Discover,
    /// No environment: judge third-party modules from declared dependencies.
    None,
    /// A virtual environment's directory or an interpreter.
    Path(PathBuf),
}

/// `[tool.precollect.blocking]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Blocking {
    /// A sleep at import of this many seconds or more is an error, below it a warning.
    pub sleep_limit: f64,
    /// Qualified name to effect, beside the built-in table.
    pub calls: Vec<(String, String)>,
    /// `path` or `path::qualname` that may block.
    pub allow: Vec<String>,
    /// Files with patterns of calls that block.
    pub queries: Vec<QueryFiles>,
}

/// One glob of `blocking.queries`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryFiles {
    /// As it is written.
    pub written: String,
    /// Absolute.
    pub pattern: PathBuf,
}

impl Default for Blocking {
    fn default() -> Self {
        Self { sleep_limit: 1.0, calls: Vec::new(), allow: Vec::new(), queries: Vec::new() }
    }
}

/// One `FORMAT` or `FORMAT=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How to render.
    pub format: Format,
    /// Where to write; none is standard output.
    pub file: Option<PathBuf>,
}

/// The formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Source excerpt, chain, help.
    Full,
    /// One line per finding.
    Concise,
    /// One line per finding, under its file.
    Grouped,
    /// One JSON document.
    Json,
    /// One JSON object per finding and line.
    JsonLines,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// `JUnit` XML.
    Junit,
    /// pylint's text format.
    Pylint,
    /// reviewdog's diagnostic format.
    Rdjson,
    /// Log commands of Azure Pipelines.
    Azure,
    /// The audit as Markdown.
    Markdown,
}

impl Format {
    /// Every format with its name and a word on it, in the order of the help text.
    pub const ALL: &[(Self, &str, &str)] = &[
        (Self::Full, "full", "source excerpt, chain and next step"),
        (Self::Concise, "concise", "one line per finding"),
        (Self::Grouped, "grouped", "one line per finding, under its file"),
        (Self::Json, "json", "one document"),
        (Self::JsonLines, "json-lines", "one object per finding"),
        (Self::Sarif, "sarif", "SARIF 2.1.0 for code scanning"),
        (Self::Github, "github", "annotations in GitHub Actions"),
        (Self::Gitlab, "gitlab", "GitLab code quality"),
        (Self::Junit, "junit", "JUnit XML"),
        (Self::Pylint, "pylint", "pylint's text format"),
        (Self::Rdjson, "rdjson", "reviewdog"),
        (Self::Azure, "azure", "log commands of Azure Pipelines"),
        (Self::Markdown, "markdown", "the audit report"),
    ];

    /// The name in settings and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(format, ..)| *format == self).map_or("full", |(_, name, _)| name)
    }
}

impl std::str::FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(PathBuf::from(file))));
        let names: Vec<&str> = Format::ALL.iter().map(|(_, name, _)| *name).collect();
        match Format::ALL.iter().find(|(_, known, _)| *known == name) {
            Some((format, ..)) => Ok(Self { format: *format, file }),
            None => Err(format!("no output format is called `{name}`; there are {}", names.join(", "))),
        }
    }
}

/// A configuration that cannot be used, with the place that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, or `--config`.
    pub path: PathBuf,
    /// Its text; empty if it could not be read.
    pub text: String,
    /// Byte range of what is wrong.
    pub span: Option<Range<usize>>,
    /// What is wrong: a phrase.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "failed to read the configuration in {}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for ConfigError {}
