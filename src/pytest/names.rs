//! Under which name, and from which directory, pytest imports a file (spec: pytest-collection.md section 4).

use std::path::{Path, PathBuf};

use crate::base::system::System;
use crate::python::names::is_identifier;

/// `--import-mode`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportMode {
    /// The root directory goes to the front of `sys.path`.
    #[default]
    Prepend,
    /// The root directory goes to the end of `sys.path`, unless it is there.
    Append,
    /// `sys.path` stays; the file is loaded by its path.
    Importlib,
}

impl ImportMode {
    /// The mode of an option's value.
    #[must_use]
    pub fn new(value: Option<&str>) -> Self {
        match value {
            Some("append") => Self::Append,
            Some("importlib") => Self::Importlib,
            _ => Self::Prepend,
        }
    }
}

/// Where a file is imported from, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleName {
    /// The directory that holds the top-level package or the flat module.
    pub root: PathBuf,
    /// The dotted name.
    pub name: String,
    /// Whether the file lies in a package.
    pub in_package: bool,
}

/// The outermost directory of an unbroken chain of packages above the file.
#[must_use]
pub fn package_path(system: &dyn System, file: &Path) -> Option<PathBuf> {
    let mut found = None;
    for parent in file.ancestors().skip(1) {
        let name = parent.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if !is_identifier(name) || !system.is_file(&parent.join("__init__.py")) {
            break;
        }
        found = Some(parent.to_path_buf());
    }
    found
}

/// Path parts without the last suffix, `__init__` left out.
fn dotted(root: &Path, file: &Path) -> Vec<String> {
    let stem = file.with_extension("");
    let below = stem.strip_prefix(root).unwrap_or(&stem);
    let mut parts: Vec<String> = below
        .components()
        .filter(|part| matches!(part, std::path::Component::Normal(_)))
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.len() > 1 && parts.last().is_some_and(|last| last == "__init__") {
        parts.pop();
    }
    parts
}

/// The name in the modes that use `sys.path`.
#[must_use]
pub fn by_path(system: &dyn System, file: &Path) -> ModuleName {
    if let Some(package) = package_path(system, file)
        && let Some(root) = package.parent()
    {
        return ModuleName { root: root.to_path_buf(), name: dotted(root, file).join("."), in_package: true };
    }
    let root = file.parent().unwrap_or(file).to_path_buf();
    let name = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    ModuleName { root, name, in_package: false }
}

/// The name that `--import-mode=importlib` makes up for a file outside packages: its path below rootdir, or its whole
/// path.
#[must_use]
pub fn by_location(file: &Path, rootdir: &Path) -> String {
    let parts = dotted(rootdir, file);
    parts.iter().map(|part| part.replace('.', "_")).collect::<Vec<_>>().join(".")
}

/// pytest's node id of a file or directory: its path below rootdir with slashes, empty for rootdir itself; outside it, the
/// path below the argument that holds it, else the whole path.
#[must_use]
pub fn node_id(path: &Path, rootdir: &Path, arguments: &[PathBuf]) -> String {
    let below = std::iter::once(rootdir)
        .chain(arguments.iter().map(PathBuf::as_path))
        .find_map(|base| path.strip_prefix(base).ok());
    below.unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::{by_location, by_path};
    use crate::base::system::MemorySystem;
    use std::path::Path;

    #[test]
    fn names_follow_packages() {
        let files = [
            ("pkg/__init__.py", ""),
            ("pkg/sub/__init__.py", ""),
            ("pkg/sub/test_a.py", ""),
            ("pkg/flat/test_b.py", ""),
            ("bad-name/__init__.py", ""),
            ("bad-name/test_c.py", ""),
            ("test_a.b_test.py", ""),
        ];
        let system = MemorySystem::new("/r", &files);
        let name = |file: &str| {
            let found = by_path(&system, &Path::new("/r").join(file));
            (found.root.to_string_lossy().into_owned(), found.name)
        };
        assert_eq!(name("pkg/sub/test_a.py"), ("/r".into(), "pkg.sub.test_a".into()));
        assert_eq!(name("pkg/__init__.py"), ("/r".into(), "pkg".into()));
        assert_eq!(name("pkg/flat/test_b.py"), ("/r/pkg/flat".into(), "test_b".into()));
        assert_eq!(name("bad-name/test_c.py"), ("/r/bad-name".into(), "test_c".into()));
        assert_eq!(name("test_a.b_test.py"), ("/r".into(), "test_a.b_test".into()));
    }

    #[test]
    fn importlib_mode_names_by_location() {
        assert_eq!(by_location(Path::new("/r/bad-name/x.y/test_a.py"), Path::new("/r")), "bad-name.x_y.test_a");
        assert_eq!(by_location(Path::new("/o/p/test_a.py"), Path::new("/r")), "o.p.test_a");
    }
}
