//! The project itself where no environment is at hand: whoever runs its tests has installed it, so its packages count as
//! importable, as an editable install would make them.

use std::path::{Path, PathBuf};

use super::{EditableFinder, normalise};
use crate::base::system::{Kind, System};
use crate::python::names::is_identifier;

/// What an editable install of the project in this folder would map; none if it has no name to be installed under.
pub(super) fn finder(system: &dyn System, folder: &Path, project: Option<&str>) -> Option<EditableFinder> {
    let project = normalise(project?);
    let mut mapping = modules_in(system, &folder.join("src"));
    if mapping.is_empty() {
        // Beside tests and tools, only what is called like the project is known to be part of it.
        let places = [folder.to_path_buf(), folder.join("lib"), folder.join("python")];
        let named = places.iter().flat_map(|place| modules_in(system, place));
        mapping = named.filter(|(name, _)| normalise(name) == project).collect();
    }
    (!mapping.is_empty()).then(|| EditableFinder {
        file: folder.join("pyproject.toml"),
        mapping,
        namespaces: Vec::new(),
    })
}

/// Packages and modules directly in a directory, with their paths without suffix.
fn modules_in(system: &dyn System, folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for entry in system.read_dir(folder).unwrap_or_default() {
        let name = match entry.kind {
            Kind::File => entry.name.strip_suffix(".py"),
            Kind::Directory => Some(entry.name.as_str()),
            Kind::Other => None,
        };
        let Some(name) = name.filter(|name| is_identifier(name) && *name != "setup" && *name != "conftest") else {
            continue;
        };
        if entry.kind == Kind::File || system.is_file(&folder.join(name).join("__init__.py")) {
            found.push((name.to_owned(), folder.join(name)));
        }
    }
    found
}
