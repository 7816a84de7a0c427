//! Which environment is meant: the user's word, the shell's variables, the usual directories, the settings of project
//! managers. Says for each answer where it comes from.

use std::path::{Path, PathBuf};

use super::Request;
use crate::base::system::{System, absolute};
use crate::config::settings::PythonChoice;
use crate::python::version::{Platform, PythonVersion};

/// The answer: a directory or an interpreter, or none.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// An environment's directory or an interpreter's file; absolute, symlinks kept.
    pub(super) path: Option<PathBuf>,
    /// How it was found, or why there is none.
    pub(super) origin: String,
}

impl Found {
    fn at(path: PathBuf, origin: impl Into<String>) -> Self {
        Self { path: Some(path), origin: origin.into() }
    }

    fn nothing(origin: impl Into<String>) -> Self {
        Self { origin: origin.into(), ..Self::default() }
    }
}

/// Looks in all places, nearest word first.
pub(super) fn locate(system: &dyn System, request: &Request, problems: &mut Vec<String>) -> Found {
    match &request.python {
        PythonChoice::None => Found::nothing("turned off by `python = \"none\"`"),
        PythonChoice::Path(path) => given(system, &request.root, path, problems),
        PythonChoice::Discover => usual_places(system, request, problems),
    }
}

/// `--python PATH`: a directory, an interpreter, or the name of one on `PATH`.
fn given(system: &dyn System, root: &Path, path: &Path, problems: &mut Vec<String>) -> Found {
    let full = absolute(root, path);
    if system.metadata(&full).is_ok() {
        return Found::at(full, "--python");
    }
    if path.components().count() == 1
        && let Some(found) = on_path(system, path)
    {
        return Found::at(found, "--python, found on PATH");
    }
    problems.push(format!("failed to find the Python environment {}", path.display()));
    Found::nothing(format!("{} does not exist", path.display()))
}

fn on_path(system: &dyn System, name: &Path) -> Option<PathBuf> {
    let separator = if Platform::current() == Platform::Win32 { ';' } else { ':' };
    let value = system.variable("PATH")?;
    let mut candidates =
        value.split(separator).filter(|entry| !entry.is_empty()).map(|entry| Path::new(entry).join(name));
    candidates.find(|candidate| system.is_file(candidate))
}

fn usual_places(system: &dyn System, request: &Request, problems: &mut Vec<String>) -> Found {
    if let Some(found) = from_variable(system, "VIRTUAL_ENV", problems) {
        return found;
    }
    // conda's base environment is active in every shell of its users; it is rarely the project's.
    let base = system.variable("CONDA_DEFAULT_ENV").is_some_and(|name| name == "base");
    if !base && let Some(found) = from_variable(system, "CONDA_PREFIX", problems) {
        return found;
    }
    let folders = project_folders(system, &request.root);
    let managed = folders.iter().find_map(|folder| super::managers::locate(system, folder));
    if let Some((path, origin)) = managed.clone().filter(|(_, origin)| origin.starts_with("UV_PROJECT_ENVIRONMENT")) {
        return Found::at(path, origin);
    }
    for folder in &folders {
        for name in [".venv", "venv"] {
            if let Some(path) = environment_at(system, &folder.join(name)) {
                return Found::at(path, name);
            }
        }
    }
    if let Some((path, origin)) = managed {
        return Found::at(path, origin);
    }
    if base && let Some(found) = from_variable(system, "CONDA_PREFIX", problems) {
        return found;
    }
    Found::nothing("no environment found: no VIRTUAL_ENV, CONDA_PREFIX, .venv or venv")
}

fn from_variable(system: &dyn System, variable: &str, problems: &mut Vec<String>) -> Option<Found> {
    let value = system.variable(variable).filter(|value| !value.is_empty())?;
    let path = absolute(&system.current_dir(), Path::new(&value));
    if is_hook_environment(&path) {
        return None;
    }
    if !system.is_dir(&path) {
        problems.push(format!("{variable} names {value}, which is not a directory"));
        return None;
    }
    Some(Found::at(path, variable))
}

/// pre-commit runs hooks in environments of their own (`py_env-python3.12`): those hold the hook, not the project.
fn is_hook_environment(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("py_env-"))
}

/// The root and the folders above it, up to the top of the repository. Without a repository only the root: what lies
/// further up may be anybody's.
pub(super) fn project_folders(system: &dyn System, root: &Path) -> Vec<PathBuf> {
    let above: Vec<&Path> = root.ancestors().collect();
    let top = above.iter().position(|folder| system.metadata(&folder.join(".git")).is_ok()).unwrap_or(0);
    above[..=top.min(above.len().saturating_sub(1))].iter().map(|folder| folder.to_path_buf()).collect()
}

/// An environment at this place: a directory with `pyvenv.cfg` or conda's record, or a file that holds the directory.
pub(super) fn environment_at(system: &dyn System, path: &Path) -> Option<PathBuf> {
    if system.is_file(&path.join("pyvenv.cfg")) || system.is_dir(&path.join("conda-meta")) {
        return Some(path.to_path_buf());
    }
    // A `.venv` file names the directory (PEP 832's draft; pipenv and virtualenvwrapper plugins write it).
    let text = system.is_file(path).then(|| system.read(path).ok())?;
    let text = String::from_utf8(text?).ok()?;
    let named = absolute(path.parent()?, Path::new(text.trim()));
    system.is_file(&named.join("pyvenv.cfg")).then_some(named)
}

/// The version in the nearest `.python-version`.
pub(super) fn version_file(system: &dyn System, root: &Path) -> Option<PythonVersion> {
    project_folders(system, root).iter().find_map(|folder| {
        let text = String::from_utf8(system.read(&folder.join(".python-version")).ok()?).ok()?;
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        let version = line.trim_start_matches("cpython").trim_start_matches(['-', '@']);
        version.parse().ok().filter(|version| *version >= PythonVersion::OLDEST)
    })
}
