//! The interpreter's world, read without running it: version, search path, distributions, declared dependencies.
//! (spec: python-import.md section 1; PRODUCT.md section 4)

mod assumed;
mod declared;
mod discover;
mod distributions;
mod editable;
mod interpreter;
mod literals;
mod locate;
mod managers;
mod provided;
mod pth;

use std::path::PathBuf;

use crate::python::version::{Platform, PythonVersion};
pub use declared::{Declared, Requirement};
pub use discover::{Request, discover};
pub use distributions::Distribution;
pub use provided::Provided;

/// What is known of the interpreter that would run the tests. Each part remembers where it came from.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Where it was found, or none: then declared dependencies stand in for installed ones.
    pub prefix: Option<PathBuf>,
    /// How it was found (`--python`, `VIRTUAL_ENV`, `.venv` ...), or why there is none.
    pub origin: String,
    /// The standard library's directory, where the base interpreter was found.
    pub stdlib: Option<PathBuf>,
    /// Version of the interpreter that is installed there; the target may be another one.
    pub installed_version: Option<PythonVersion>,
    /// Its version in full, such as `3.12.1`, where that is written down.
    pub full_version: Option<String>,
    /// The platform it was built for.
    pub interpreter_platform: Platform,
    /// Target version.
    pub version: PythonVersion,
    /// Where the version was found.
    pub version_origin: String,
    /// Target platform.
    pub platform: Platform,
    /// `PYTHONPATH` entries, absolute.
    pub python_path: Vec<PathBuf>,
    /// Site directories and what their `.pth` files append, in `sys.path` order; behind the standard library.
    pub site: Vec<SearchEntry>,
    /// setuptools editable finders: asked for names that the path does not have.
    pub finders: Vec<EditableFinder>,
    /// Modules that a hook takes from elsewhere when the path does not have them: `distutils` from setuptools.
    pub shims: Vec<(String, PathBuf)>,
    /// Import hooks that cannot be read; a missing name may come from them.
    pub opaque_finders: Vec<OpaqueFinder>,
    /// Installed distributions, sorted by normalised name.
    pub distributions: Vec<Distribution>,
    /// What the project's files declare.
    pub declared: Declared,
    /// Things that could not be read, as sentences.
    pub problems: Vec<String>,
    /// What is read on demand.
    pub provided: Provided,
}

impl Environment {
    /// Whether an environment was found.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        self.prefix.is_some()
    }

    /// The version whose extension modules can be loaded: the installed interpreter's, else the target.
    #[must_use]
    pub fn interpreter_version(&self) -> PythonVersion {
        self.installed_version.unwrap_or(self.version)
    }

    /// Whether a top-level module is called like the project, or as modules of projects are called and distributions
    /// are not.
    #[must_use]
    pub fn sounds_like_project(&self, top_level: &str) -> bool {
        let own = self.declared.project_name.as_deref();
        HELPERS.contains(&top_level)
            || top_level.starts_with("test_")
            || own.is_some_and(|name| normalise(name) == normalise(top_level))
    }

    /// The distribution that an installed file belongs to, with its version, as far as its path tells: `pytest-mock 3.14`.
    #[must_use]
    pub fn owner(&self, file: &std::path::Path) -> Option<String> {
        let below = self.site.iter().find_map(|entry| file.strip_prefix(&entry.path).ok())?;
        let top = below.components().next()?.as_os_str().to_string_lossy().into_owned();
        let top = top.trim_end_matches(".py");
        Some(match self.providers(top).next() {
            Some(found) => format!("{} {}", self.display_name(found), found.version),
            None => top.to_owned(),
        })
    }

    /// The installed distribution of a (normalised or not) name.
    #[must_use]
    pub fn distribution(&self, name: &str) -> Option<&Distribution> {
        let name = normalise(name);
        self.distributions.iter().find(|d| d.key == name)
    }
}

/// Names of modules that every project has of its own.
const HELPERS: &[&str] = &[
    "app",
    "common",
    "config",
    "conftest",
    "fixtures",
    "helpers",
    "lib",
    "main",
    "models",
    "settings",
    "src",
    "test",
    "test_utils",
    "testing",
    "tests",
    "testutils",
    "tools",
    "util",
    "utils",
];

/// PEP 503 normalisation: lower case, runs of `-_.` become one `-`.
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if matches!(c, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(c.to_lowercase());
        }
    }
    out
}

/// One entry of `sys.path`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchEntry {
    /// The directory (or zip file).
    pub path: PathBuf,
    /// What put it there: `site-packages`, a `.pth` file.
    pub origin: String,
}

/// The literals of a setuptools `__editable___*_finder.py`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EditableFinder {
    /// The finder file.
    pub file: PathBuf,
    /// Module name to directory or file (without suffix).
    pub mapping: Vec<(String, PathBuf)>,
    /// Namespace name to directories.
    pub namespaces: Vec<(String, Vec<PathBuf>)>,
}

/// An import hook that cannot be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpaqueFinder {
    /// The `.pth` line or file that installs it.
    pub origin: String,
    /// Top-level names it may provide; none if it may provide any.
    pub names: Option<Vec<String>>,
}

impl OpaqueFinder {
    /// Whether this top-level module may come from it.
    #[must_use]
    pub fn may_provide(&self, top_level: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|name| name == top_level))
    }
}

#[cfg(test)]
mod tests;
