//! Which project the given paths belong to, and which settings hold for it.

use std::path::{Path, PathBuf};

use clap::CommandFactory;

use super::args::{Cli, Global};
use crate::base::system::{System, absolute};
use crate::config::settings::file::{self, Loaded, Origin};
use crate::config::settings::{ConfigError, keys};
use crate::python::version::PythonVersion;
use crate::rules;
use crate::world::patterns::{self, PatternsError};

/// Files and directories that only the top of a project has.
const MARKS: &[&str] = &[
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "precollect.toml",
    ".precollect.toml",
    "Pipfile",
    ".git",
    ".hg",
];

/// What the paths of the command line mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The directory to analyse.
    pub root: PathBuf,
    /// Paths in it that the answer is to concern; none means all of it.
    pub paths: Vec<PathBuf>,
}

/// Why a command cannot start.
#[derive(Debug)]
pub enum Failure {
    /// A sentence, and what to do.
    Usage(String, Option<String>),
    /// A configuration with a mistake in it.
    Config(ConfigError),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

/// Finds the project: a directory with one of [`MARKS`] is itself one; else the nearest one above, within the current
/// directory if the path lies there; else the current directory if the path lies there; else the path itself. A part behind
/// `::` (a node id) stays with its path.
///
/// # Errors
/// A path that does not exist.
pub fn find(system: &dyn System, paths: &[PathBuf]) -> Result<Project, Failure> {
    let current = system.current_dir();
    let mut given = Vec::new();
    for path in paths {
        let text = path.to_string_lossy();
        let file = text.split_once("::").map_or(path.as_path(), |(file, _)| Path::new(file));
        let full = absolute(&current, file);
        if system.metadata(&full).is_err() {
            return Err(missing(file));
        }
        given.push((full, absolute(&current, path)));
    }
    let Some((first, _)) = given.first() else { return Ok(Project { root: current, paths: Vec::new() }) };
    let mut root = root_of(system, &current, first);
    while !given.iter().all(|(path, _)| path.starts_with(&root)) {
        if !root.pop() {
            break;
        }
    }
    let paths = if given.iter().any(|(path, _)| *path == root) {
        Vec::new()
    } else {
        given.into_iter().map(|(_, path)| path).collect()
    };
    Ok(Project { root, paths })
}

fn missing(path: &Path) -> Failure {
    let text = path.to_string_lossy();
    let declared = Cli::command();
    let names = declared.get_subcommands().flat_map(|c| std::iter::once(c.get_name()).chain(c.get_all_aliases()));
    let nearest = names.map(|name| (strsim::damerau_levenshtein(name, &text), name)).min();
    let help = match nearest {
        Some((distance, command)) if distance <= 2 => Some(format!("did you mean the command `{command}`?")),
        _ => None,
    };
    Failure::Usage(format!("failed to find {text}: no such file or directory"), help)
}

fn root_of(system: &dyn System, current: &Path, path: &Path) -> PathBuf {
    let marked = |directory: &Path| MARKS.iter().any(|mark| system.metadata(&directory.join(mark)).is_ok());
    let inside = path.starts_with(current);
    let directory = if system.is_dir(path) { path } else { path.parent().unwrap_or(path) };
    let above = directory.ancestors().take_while(|above| !inside || above.starts_with(current));
    // A file in a directory of its own configuration still belongs to the project around it.
    let found = if system.is_dir(path) && marked(path) { Some(path) } else { above.into_iter().find(|d| marked(d)) };
    match found {
        Some(root) => root.to_path_buf(),
        None if inside => current.to_path_buf(),
        None => directory.to_path_buf(),
    }
}

/// Settings of a project: its nearest file, then `--config`, then options.
///
/// # Errors
/// A file or option that cannot be read as it should.
pub fn settings(system: &dyn System, root: &Path, global: &Global) -> Result<Loaded, Failure> {
    let current = system.current_dir();
    let (inline, files): (Vec<_>, Vec<_>) = global
        .config
        .iter()
        .partition(|text| text.contains('=') && !system.is_file(&absolute(&current, Path::new(text))));
    let mut loaded = match files.last() {
        Some(file) => file::read(system, &absolute(&current, Path::new(file)))?,
        None if global.isolated => Loaded::default(),
        None => file::discover(system, root)?,
    };
    for text in inline {
        file::apply_inline(text, &current, &mut loaded)?;
    }
    options(&current, global, &mut loaded)?;
    known_rules(&loaded)?;
    readable_queries(system, &loaded)?;
    loaded.settings.root = root.to_path_buf();
    loaded.settings.file = loaded.files.first().cloned();
    loaded.settings.jobs = global.jobs;
    Ok(loaded)
}

/// A misspelt rule in a file or `--config` is shown where it stands.
fn known_rules(loaded: &Loaded) -> Result<(), ConfigError> {
    const KEYS: [&str; 7] =
        ["select", "extend-select", "ignore", "fixable", "unfixable", "per-file-ignores", "severity"];
    for word in rules::unknown_selectors(&loaded.settings) {
        let help = rules::nearest_rule(&word).map(|near| format!("did you mean {near}?"));
        let help = help.or_else(|| Some("`precollect explain --all` lists the rules".to_string()));
        let told = |key: &str| {
            let message = format!("`{key}`: there is no rule `{word}`");
            loaded.origins.get(key)?.error(&word, message, help.clone())
        };
        if let Some(error) = KEYS.iter().find_map(|key| told(key)) {
            return Err(error);
        }
    }
    Ok(())
}

/// Mistakes in the user's patterns are told where they stand.
fn readable_queries(system: &dyn System, loaded: &Loaded) -> Result<(), Failure> {
    match patterns::read(system, &loaded.settings.blocking.queries) {
        Ok(_) => Ok(()),
        Err(PatternsError::File(error)) => Err(error.into()),
        Err(PatternsError::Glob(glob, wrong)) => {
            let message = format!("`blocking.queries`: {glob}: {wrong}");
            let origin = loaded.origins.get("blocking.queries");
            let error = origin.and_then(|origin| origin.error(&glob, message.clone(), None));
            Err(error.map_or(Failure::Usage(message, None), Failure::Config))
        }
    }
}

fn options(current: &Path, global: &Global, loaded: &mut Loaded) -> Result<(), Failure> {
    let wrong = |option: &str, error: String| Failure::Usage(format!("--{option}: {error}"), None);
    if let Some(text) = &global.python {
        loaded.settings.python = keys::python_choice(text, current);
        loaded.origins.insert("python", Origin::option("--python", text));
    }
    if let Some(text) = &global.python_version {
        let version: PythonVersion = text.parse().map_err(|error| wrong("python-version", error))?;
        loaded.settings.python_version = Some(version);
        loaded.origins.insert("python-version", Origin::option("--python-version", text));
    }
    if let Some(text) = &global.python_platform {
        let platform = keys::platform(text).map_err(|error| wrong("python-platform", error))?;
        loaded.settings.python_platform = Some(platform);
        loaded.origins.insert("python-platform", Origin::option("--python-platform", text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::system::MemorySystem;

    fn project(current: &str, path: &str) -> (String, Vec<String>) {
        let files = [
            ("shop/pyproject.toml", ""),
            ("shop/tests/test_a.py", ""),
            ("shop/tests/fixtures/setup.cfg", ""),
            ("bare/tests/test_b.py", ""),
        ];
        let mut system = MemorySystem::new("/home", &files);
        system.current_dir = current.into();
        let found = find(&system, &[PathBuf::from(path)]).expect("exists");
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        (text(&found.root), found.paths.iter().map(text).collect())
    }

    #[test]
    fn a_directory_with_configuration_is_the_project() {
        assert_eq!(project("/home", "shop"), ("/home/shop".into(), vec![]));
        assert_eq!(project("/home/shop", "."), ("/home/shop".into(), vec![]));
        assert_eq!(project("/home/shop/tests", "../../bare/tests/.."), ("/home/bare".into(), vec![]));
    }

    #[test]
    fn other_paths_are_looked_at_inside_their_project() {
        let inside = |path: &str| ("/home/shop".to_string(), vec![path.to_string()]);
        assert_eq!(project("/home/shop", "tests"), inside("/home/shop/tests"));
        assert_eq!(project("/home/shop", "tests/test_a.py"), inside("/home/shop/tests/test_a.py"));
        assert_eq!(project("/home/shop", "tests/test_a.py::test_x"), inside("/home/shop/tests/test_a.py::test_x"));
        assert_eq!(project("/home/bare", "../shop/tests/test_a.py"), inside("/home/shop/tests/test_a.py"));
        assert_eq!(project("/home/bare", "tests"), ("/home/bare".into(), vec!["/home/bare/tests".into()]));
    }

    #[test]
    fn a_misspelt_command_is_recognised() {
        let system = MemorySystem::new("/home", &[("a.py", "")]);
        let Err(Failure::Usage(text, help)) = find(&system, &["chekc".into()]) else { panic!("does not exist") };
        assert_eq!(text, "failed to find chekc: no such file or directory");
        assert_eq!(help.as_deref(), Some("did you mean the command `check`?"));
    }
}
