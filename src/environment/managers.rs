//! Environments that project managers keep: uv, pdm, poetry, pipenv, hatch. Their settings and caches are read as far as
//! the environment's place follows from them; the manager itself is never asked.

use std::path::{Path, PathBuf};

use super::locate::environment_at;
use crate::base::system::{System, absolute};
use crate::python::version::Platform;

/// The environment of the project in `folder`, and how it was found.
pub(super) fn locate(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    uv(system, folder)
        .or_else(|| pdm(system, folder))
        .or_else(|| poetry(system, folder))
        .or_else(|| pipenv(system, folder))
        .or_else(|| hatch(system, folder))
}

fn uv(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    let value = system.variable("UV_PROJECT_ENVIRONMENT").filter(|value| !value.is_empty())?;
    let path = environment_at(system, &absolute(folder, Path::new(&value)))?;
    Some((path, "UV_PROJECT_ENVIRONMENT".to_owned()))
}

/// `.pdm-python` holds the interpreter's path.
fn pdm(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    let text = String::from_utf8(system.read(&folder.join(".pdm-python")).ok()?).ok()?;
    let path = absolute(folder, Path::new(text.trim()));
    system.is_file(&path).then(|| (path, ".pdm-python".to_owned()))
}

/// `{cache}/virtualenvs/{name}-{hash}-py{version}`. The hash stands for the project's directory; with several candidates
/// it cannot be told which one is meant, so only a single one counts.
fn poetry(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    let table = pyproject(system, folder)?;
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry"));
    let name = poetry.and_then(|t| t.get("name")).or_else(|| table.get("project")?.get("name"))?.as_str()?;
    let backend = table.get("build-system").and_then(|b| b.get("build-backend")).and_then(toml::Value::as_str);
    if poetry.is_none() && !backend.is_some_and(|b| b.starts_with("poetry")) {
        return None;
    }
    let folder = poetry_cache(system, folder)?;
    let prefix = format!("{}-", poetry_name(name));
    let mut found = system.read_dir(&folder).ok()?.into_iter().filter_map(|entry| {
        let hash = entry.name.strip_prefix(&prefix)?.split_once("-py")?.0;
        if hash.len() == 8 { environment_at(system, &folder.join(&entry.name)) } else { None }
    });
    let only = found.next()?;
    found.next().is_none().then(|| (only, "poetry's cache of virtual environments".to_owned()))
}

fn poetry_cache(system: &dyn System, folder: &Path) -> Option<PathBuf> {
    if let Some(path) = system.variable("POETRY_VIRTUALENVS_PATH") {
        return Some(PathBuf::from(path));
    }
    let settings = system.read(&folder.join("poetry.toml")).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let settings: Option<toml::Table> = settings.and_then(|text| text.parse().ok());
    if let Some(path) = settings.as_ref().and_then(|t| t.get("virtualenvs")?.get("path")?.as_str()) {
        return Some(absolute(folder, Path::new(path)));
    }
    if let Some(path) = system.variable("POETRY_CACHE_DIR") {
        return Some(PathBuf::from(path).join("virtualenvs"));
    }
    let home = PathBuf::from(system.variable("HOME").or_else(|| system.variable("USERPROFILE"))?);
    Some(match Platform::current() {
        Platform::Darwin => home.join("Library/Caches/pypoetry/virtualenvs"),
        Platform::Win32 => PathBuf::from(system.variable("LOCALAPPDATA")?).join("pypoetry/Cache/virtualenvs"),
        Platform::Linux => xdg(system, "XDG_CACHE_HOME", &home, ".cache").join("pypoetry/virtualenvs"),
    })
}

/// Poetry lower-cases the name, replaces what a shell minds, and cuts at 42 characters.
fn poetry_name(name: &str) -> String {
    let safe = |c: char| if " $`!*@\"\\\r\n\t".contains(c) { '_' } else { c };
    name.to_lowercase().chars().map(safe).take(42).collect()
}

/// `{data}/virtualenvs/{folder}-{hash}`; the environment's `.project` names the project's directory.
fn pipenv(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    if !system.is_file(&folder.join("Pipfile")) {
        return None;
    }
    let home = PathBuf::from(system.variable("HOME").or_else(|| system.variable("USERPROFILE"))?);
    let cache = match system.variable("WORKON_HOME") {
        Some(path) => PathBuf::from(path),
        None if Platform::current() == Platform::Win32 => home.join(".virtualenvs"),
        None => xdg(system, "XDG_DATA_HOME", &home, ".local/share").join("virtualenvs"),
    };
    let prefix = format!("{}-", folder.file_name()?.to_string_lossy());
    let mut entries = system.read_dir(&cache).ok()?.into_iter().filter(|entry| entry.name.starts_with(&prefix));
    let found = entries.find_map(|entry| {
        let path = cache.join(&entry.name);
        let project = String::from_utf8(system.read(&path.join(".project")).ok()?).ok()?;
        if Path::new(project.trim()) == folder { environment_at(system, &path) } else { None }
    })?;
    Some((found, "pipenv's virtual environments".to_owned()))
}

/// `{data}/env/virtual/{project}/{hash}/{environment}`: the environment for tests, else the default one.
fn hatch(system: &dyn System, folder: &Path) -> Option<(PathBuf, String)> {
    let table = pyproject(system, folder)?;
    let name = table.get("project")?.get("name")?.as_str()?;
    let data = match system.variable("HATCH_DATA_DIR") {
        Some(path) => PathBuf::from(path),
        None => {
            let home = PathBuf::from(system.variable("HOME")?);
            match Platform::current() {
                Platform::Darwin => home.join("Library/Application Support/hatch"),
                Platform::Win32 => PathBuf::from(system.variable("LOCALAPPDATA")?).join("hatch"),
                Platform::Linux => xdg(system, "XDG_DATA_HOME", &home, ".local/share").join("hatch"),
            }
        }
    };
    let name = super::normalise(name);
    let project = data.join("env/virtual").join(&name);
    let hashes = system.read_dir(&project).ok()?;
    // One directory per checkout; several cannot be told apart.
    let [hash] = hashes.as_slice() else { return None };
    let environments = project.join(&hash.name);
    let entries = system.read_dir(&environments).ok()?;
    let wanted = entries
        .iter()
        .find(|e| e.name.starts_with("hatch-test"))
        .or_else(|| entries.iter().find(|e| e.name == name))?;
    Some((environment_at(system, &environments.join(&wanted.name))?, format!("hatch's environment {}", wanted.name)))
}

fn xdg(system: &dyn System, variable: &str, home: &Path, default: &str) -> PathBuf {
    system.variable(variable).filter(|v| !v.is_empty()).map_or_else(|| home.join(default), PathBuf::from)
}

fn pyproject(system: &dyn System, folder: &Path) -> Option<toml::Table> {
    let text = String::from_utf8(system.read(&folder.join("pyproject.toml")).ok()?).ok()?;
    text.parse().ok()
}
