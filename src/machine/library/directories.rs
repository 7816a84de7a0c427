//! What lies in a directory of the project: `glob`, `os.walk`, `pathlib`'s `glob` and `iterdir`.
//!
//! The order of the file system is anybody's guess: ours is sorted. Files that are made when tests run may be there or not:
//! caches are left out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Played, Request};
use crate::base::system::Kind;
use crate::machine::Machine;
use crate::machine::value::Value;

/// Entries that a search may find.
const LIMIT: usize = 4_000;

/// Directories that running Python or pytest leaves behind.
const CACHES: &[&str] = &["__pycache__", ".pytest_cache", ".hypothesis"];

impl Machine<'_> {
    /// Searches by name; none if it is another function, or what it finds is not known.
    pub(super) fn play_directories(&mut self, request: &Request) -> Played {
        let found = match (request.name, request.args) {
            ("glob.glob" | "glob.iglob", [Value::Str(pattern)]) => self.globbed(pattern, request)?,
            ("os.walk", [Value::Str(top)]) => self.walked(top, request)?,
            ("pathlib.Path.iterdir", [Value::Path(directory)]) => {
                let entries = self.inside(&self.absolute(&directory.to_string_lossy()))?;
                paths(entries.into_iter().map(|(name, _)| directory.join(name)))
            }
            ("pathlib.Path.glob" | "pathlib.Path.rglob", [Value::Path(directory), Value::Str(pattern)]) => {
                let deep = request.name.ends_with("rglob");
                let pattern = if deep { format!("**/{pattern}") } else { pattern.to_string() };
                paths(self.matching(directory, &pattern, true)?.into_iter())
            }
            _ => return None,
        };
        let list = self.state.list(found);
        Some(Ok(self.disguised(list)))
    }

    fn globbed(&self, pattern: &str, request: &Request) -> Option<Vec<Value>> {
        let recursive = match request.keyword("recursive") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => return None,
        };
        let others = request.kwargs.iter().any(|(name, _)| name.as_str() != "recursive");
        // Those that do not start at the root give back what is relative.
        let rest = pattern.strip_prefix('/').filter(|_| !others)?;
        if rest.contains("**") && !recursive {
            return None;
        }
        let mut found = self.matching(Path::new("/"), rest, false)?;
        found.sort();
        Some(found.iter().map(|path| Value::str(&path.to_string_lossy())).collect())
    }

    /// Paths below a directory that a pattern fits, part by part.
    fn matching(&self, directory: &Path, pattern: &str, hidden: bool) -> Option<Vec<PathBuf>> {
        if pattern.contains(['[', ']']) || pattern.ends_with('/') {
            return None;
        }
        let mut places = vec![directory.to_path_buf()];
        let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
        for (at, part) in parts.iter().enumerate() {
            let mut next = Vec::new();
            for place in &places {
                match *part {
                    "**" => self.below(place, hidden, &mut next)?,
                    wild if wild.contains(['*', '?']) => {
                        let shown = |name: &str| hidden || wild.starts_with('.') || !name.starts_with('.');
                        let entries = self.inside(&self.absolute(&place.to_string_lossy()))?;
                        let last = at + 1 == parts.len();
                        let fits = entries.into_iter().filter(|(name, kind)| {
                            shown(name) && fits(wild, name) && (last || *kind == Kind::Directory)
                        });
                        next.extend(fits.map(|(name, _)| place.join(name)));
                    }
                    plain => {
                        let path = place.join(plain);
                        if self.world.path_kind(&self.absolute(&path.to_string_lossy())).is_some() {
                            next.push(path);
                        }
                    }
                }
                if next.len() > LIMIT {
                    return None;
                }
            }
            places = next;
        }
        Some(places)
    }

    /// A directory and all directories below it.
    fn below(&self, directory: &Path, hidden: bool, out: &mut Vec<PathBuf>) -> Option<()> {
        out.push(directory.to_path_buf());
        if out.len() > LIMIT {
            return None;
        }
        for (name, kind) in self.inside(&self.absolute(&directory.to_string_lossy()))? {
            if kind == Kind::Directory && (hidden || !name.starts_with('.')) {
                self.below(&directory.join(name), hidden, out)?;
            }
        }
        Some(())
    }

    /// `os.walk(top)`: from the top down, links followed by nobody.
    fn walked(&mut self, top: &str, request: &Request) -> Option<Vec<Value>> {
        if !request.kwargs.is_empty() {
            return None;
        }
        let mut places = Vec::new();
        self.below(Path::new(top), true, &mut places)?;
        if self.world.path_kind(&self.absolute(top)).is_none() {
            return Some(Vec::new());
        }
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            let entries = self.inside(&self.absolute(&place.to_string_lossy()))?;
            let names = |directories: bool| {
                let entries = entries.iter().filter(|(_, kind)| (*kind == Kind::Directory) == directories);
                entries.map(|(name, _)| Value::str(name)).collect::<Vec<_>>()
            };
            let (directories, files) = (names(true), names(false));
            let parts =
                vec![Value::str(&place.to_string_lossy()), self.state.list(directories), self.state.list(files)];
            found.push(Value::tuple(parts));
        }
        Some(found)
    }

    /// Names in a directory; nothing in one that is not there, none if it cannot be told.
    fn inside(&self, directory: &Path) -> Option<Vec<(String, Kind)>> {
        match self.world.entries(directory) {
            Some(mut entries) => {
                entries.retain(|(name, _)| !CACHES.contains(&name.as_str()));
                Some(entries)
            }
            None => self.world.path_kind(directory).is_none().then(Vec::new),
        }
    }
}

fn paths(found: impl Iterator<Item = PathBuf>) -> Vec<Value> {
    found.map(|path| Value::Path(Arc::new(path))).collect()
}

/// `fnmatch` with stars and question marks.
fn fits(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| fits(rest, &name[at..]))
        }
        Some(c) => name
            .chars()
            .next()
            .is_some_and(|own| (c == '?' || c == own) && fits(rest.as_str(), &name[own.len_utf8()..])),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_whole_names() {
        assert!(fits("*.json", "a.json") && fits("test_?.py", "test_a.py") && fits("*", ""));
        assert!(!fits("*.json", "a.json5") && !fits("test_?.py", "test_ab.py") && !fits("a", "ab"));
    }
}
