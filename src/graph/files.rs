//! Which Python files are the project's.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::paths::by_parts;
use crate::base::system::{Kind, System};

/// Directories that hold copies, caches or other people's code.
const SKIPPED: &[&str] = &["__pycache__", "node_modules", "site-packages", "build", "dist", "venv", "env"];

/// Deeper than any project; a loop of bind mounts ends here.
const DEEPEST: usize = 60;

/// All `.py` files below a directory, sorted. Hidden directories, environments, caches and symlinked directories are
/// left out; the last only unless they are to be followed.
#[must_use]
pub fn below(system: &dyn System, root: &Path, environment: Option<&Path>, follow_symlinks: bool) -> Vec<Arc<PathBuf>> {
    let mut found = Vec::new();
    let mut entered = BTreeSet::new();
    let mut queue = vec![(root.to_path_buf(), 0)];
    while let Some((directory, depth)) = queue.pop() {
        let entries = system.read_dir(&directory).unwrap_or_default();
        if depth > 0 && entries.iter().any(|entry| entry.name == "pyvenv.cfg") {
            continue;
        }
        for entry in entries {
            let path = directory.join(&entry.name);
            match entry.kind {
                Kind::File if path.extension().is_some_and(|suffix| suffix == "py") => found.push(Arc::new(path)),
                Kind::Directory
                    if depth < DEEPEST
                        && (!entry.symlink || follow_symlinks && first_visit(system, &path, &mut entered))
                        && enters(&entry.name)
                        && environment != Some(path.as_path()) =>
                {
                    queue.push((path, depth + 1));
                }
                _ => {}
            }
        }
    }
    found.sort_by(|one, other| by_parts(one, other));
    found
}

/// Whether a symlinked directory is not one that a symlink has led to before: links may lead in circles.
fn first_visit(system: &dyn System, path: &Path, entered: &mut BTreeSet<PathBuf>) -> bool {
    system.canonical(path).is_ok_and(|real| !path.starts_with(&real) && entered.insert(real))
}

fn enters(name: &str) -> bool {
    let egg = Path::new(name).extension().is_some_and(|suffix| suffix == "egg-info" || suffix == "egg");
    !name.starts_with('.') && !egg && !SKIPPED.contains(&name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::below;
    use crate::base::system::MemorySystem;

    #[test]
    fn caches_and_environments_are_left_out() {
        let files = [
            ("b.py", ""),
            ("a/x.py", ""),
            ("a/notes.txt", ""),
            (".tox/py/lib/x.py", ""),
            ("my/pyvenv.cfg", ""),
            ("my/lib/x.py", ""),
            ("a/__pycache__/x.py", ""),
        ];
        let system = MemorySystem::new("/p", &files);
        let found = below(&system, Path::new("/p"), None, false);
        let shown: Vec<_> = found.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        assert_eq!(shown, ["/p/a/x.py", "/p/b.py"]);
    }
}
