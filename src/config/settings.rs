//! `[tool.precollect]` and what the command line adds to it.

use std::path::PathBuf;

use crate::diagnostic::Severity;
use crate::python::version::{Platform, PythonVersion};

/// Everything the user can say, resolved: command line over file over default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The directory the run starts in (`cd` there before reading relative paths); absolute.
    pub root: PathBuf,
    /// pytest's positional arguments and options, as they would be given to pytest.
    pub pytest_args: Vec<String>,
    /// Which interpreter's world to read.
    pub python: PythonChoice,
    /// Target version, where it is not the environment's.
    pub python_version: Option<PythonVersion>,
    /// Target platform, where it is not this one.
    pub python_platform: Option<Platform>,
    /// Codes, prefixes or names; empty means the defaults.
    pub select: Vec<String>,
    /// Added to the selection.
    pub extend_select: Vec<String>,
    /// Taken out of it.
    pub ignore: Vec<String>,
    /// Glob to codes that are silent there.
    pub per_file_ignores: Vec<(String, Vec<String>)>,
    /// Code, prefix or name to the severity its findings get.
    pub severity: Vec<(String, Severity)>,
    /// Modules taken as importable whatever the environment says.
    pub assume_installed: Vec<String>,
    /// Import name to distribution name.
    pub module_map: Vec<(String, String)>,
    /// Variables that are set when tests run.
    pub environment_variables: Vec<String>,
    /// Whether `python -m pytest` is meant (the current directory is on `sys.path`).
    pub python_dash_m: bool,
    /// Threads; 0 lets rayon choose.
    pub jobs: usize,
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
