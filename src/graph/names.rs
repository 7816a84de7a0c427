//! The names that the run gives the project's files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::paths::{PathMap, PathSet};
use crate::machine::Event;
use crate::python::names::is_identifier;

/// Every file with each of its names, sorted by path: the names it ran under, else the one that an import would use.
#[must_use]
pub fn modules(files: &[Arc<PathBuf>], root: &Path, events: &[Event]) -> Vec<(String, Arc<PathBuf>)> {
    let ran = names_that_ran(events);
    let bases = search_directories(&ran, root);
    let present: PathSet = files.iter().map(|file| file.as_path()).collect();
    let mut found = Vec::new();
    for file in files {
        match ran.get(file) {
            Some(names) => found.extend(names.iter().map(|name| (name.clone(), file.clone()))),
            None => found.extend(static_name(file, &bases, &present).map(|name| (name, file.clone()))),
        }
    }
    found
}

/// The names under which files ran, in order.
fn names_that_ran(events: &[Event]) -> PathMap<Vec<String>> {
    let mut ran: PathMap<Vec<String>> = PathMap::default();
    for event in events {
        if let Event::Executes { module, file, .. } = event {
            let names = ran.get_or_insert_with(file, Vec::new);
            if !names.iter().any(|name| name == module.as_str()) {
                names.push(module.as_str().to_owned());
            }
        }
    }
    ran
}

/// Directories from which the run imported the project's files: what its `sys.path` held of the tree.
fn search_directories(ran: &PathMap<Vec<String>>, root: &Path) -> PathSet {
    let mut bases = PathSet::default();
    bases.insert(root);
    for (file, names) in ran.sorted() {
        names.iter().filter_map(|name| base_of(file, name)).for_each(|base| {
            bases.insert(&base);
        });
    }
    bases
}

/// The directory from which `file` has the name `name`, if the two agree.
#[must_use]
pub fn base_of(file: &Path, name: &str) -> Option<PathBuf> {
    let mut directory = file.parent()?.to_path_buf();
    let stem = file.file_stem()?.to_str()?;
    let mut parts: Vec<&str> = name.split('.').collect();
    if stem != "__init__" && parts.pop()? != stem {
        return None;
    }
    for part in parts.into_iter().rev() {
        if directory.file_name()?.to_str()? != part {
            return None;
        }
        directory.pop();
    }
    Some(directory)
}

/// The name an import would use: from the parent of the outermost package, or from the nearest search directory above.
fn static_name(file: &Path, bases: &PathSet, present: &PathSet) -> Option<String> {
    let root = package_parent(file, present)?;
    if bases.contains(&root) {
        return name_from(file, &root);
    }
    let above = root.ancestors().skip(1).find(|directory| bases.contains(directory));
    above.and_then(|base| name_from(file, base)).or_else(|| name_from(file, &root))
}

/// The first directory above the file that has no `__init__.py`.
fn package_parent(file: &Path, present: &PathSet) -> Option<PathBuf> {
    let mut directory = file.parent()?;
    while present.contains(&directory.join("__init__.py")) {
        directory = directory.parent()?;
    }
    Some(directory.to_path_buf())
}

fn name_from(file: &Path, base: &Path) -> Option<String> {
    let below = file.strip_prefix(base).ok()?.with_extension("");
    let mut parts: Vec<&str> = below.iter().map(std::ffi::OsStr::to_str).collect::<Option<_>>()?;
    if parts.last() == Some(&"__init__") {
        parts.pop();
    }
    (!parts.is_empty() && parts.iter().all(|part| is_identifier(part))).then(|| parts.join("."))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::base_of;

    #[test]
    fn a_name_tells_where_the_search_began() {
        assert_eq!(base_of(Path::new("/p/src/a/b.py"), "a.b"), Some(PathBuf::from("/p/src")));
        assert_eq!(base_of(Path::new("/p/src/a/__init__.py"), "a"), Some(PathBuf::from("/p/src")));
        assert_eq!(base_of(Path::new("/p/src/a/b.py"), "x.b"), None);
    }
}
