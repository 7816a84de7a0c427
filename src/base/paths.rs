//! Tables by path. A `Path` is hashed and compared part by part, which takes many times as long as its bytes do; paths that
//! one run asks for are spelt in one way, so that bytes tell them apart as well.

use std::cmp::Ordering;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

/// Values by path.
#[derive(Debug, Clone)]
pub struct PathMap<V>(FxHashMap<OsString, V>);

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<V> PathMap<V> {
    /// The value of a path.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&V> {
        self.0.get(path.as_os_str())
    }

    /// The value of a path, to be changed.
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut V> {
        self.0.get_mut(path.as_os_str())
    }

    /// Whether the path has a value.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains_key(path.as_os_str())
    }

    /// Gives the path a value, in place of the one it has.
    pub fn insert(&mut self, path: &Path, value: V) {
        self.0.insert(path.into(), value);
    }

    /// The value of the path, made if it has none.
    pub fn get_or_insert_with(&mut self, path: &Path, make: impl FnOnce() -> V) -> &mut V {
        self.0.entry(path.into()).or_insert_with(make)
    }

    /// How many paths there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All paths with their values, sorted by bytes.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&Path, &V)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable_by_key(|(path, _)| path.as_os_str());
        all.into_iter().map(|(path, value)| (Path::new(path), value)).collect()
    }
}

/// A set of paths.
#[derive(Debug, Clone, Default)]
pub struct PathSet(FxHashSet<OsString>);

impl PathSet {
    /// Adds a path; whether it was not there.
    pub fn insert(&mut self, path: &Path) -> bool {
        !self.contains(path) && self.0.insert(path.into())
    }

    /// Whether a path is in it.
    #[must_use]
    pub fn contains(&self, path: &Path) -> bool {
        self.0.contains(path.as_os_str())
    }
}

impl<'a> FromIterator<&'a Path> for PathSet {
    fn from_iter<T: IntoIterator<Item = &'a Path>>(paths: T) -> Self {
        Self(paths.into_iter().map(OsString::from).collect())
    }
}

/// The order of paths part by part, as `Path` has it, for absolute paths without `.`, `..` and doubled separators.
#[must_use]
pub fn by_parts(one: &Path, other: &Path) -> Ordering {
    // A separator ends a part, and what ends first comes first.
    let rank = |byte: &u8| if *byte == SEPARATOR { 0 } else { u16::from(*byte) + 1 };
    let (one, other) = (bytes(one.as_os_str()), bytes(other.as_os_str()));
    match one.iter().zip(other).position(|(one, other)| one != other) {
        Some(at) => rank(&one[at]).cmp(&rank(&other[at])),
        None => one.len().cmp(&other.len()),
    }
}

const SEPARATOR: u8 = std::path::MAIN_SEPARATOR as u8;

fn bytes(text: &OsStr) -> &[u8] {
    text.as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{PathMap, PathSet, by_parts};

    #[test]
    fn paths_are_found_again() {
        let mut map = PathMap::default();
        map.insert(Path::new("/p/b"), 1);
        *map.get_or_insert_with(Path::new("/p/a"), || 5) += 1;
        assert_eq!(map.sorted(), [(Path::new("/p/a"), &6), (Path::new("/p/b"), &1)]);
        let mut set = PathSet::default();
        assert!(set.insert(Path::new("/p")) && !set.insert(Path::new("/p")) && !set.contains(Path::new("/q")));
    }

    #[test]
    fn the_order_is_that_of_paths() {
        let texts =
            ["/", "/p", "/p/a", "/p/a.b", "/p/a/b", "/p/a-b/c", "/p/ab", "/p/a b", "/p/a/b/c", "/q", "/p/\u{e4}"];
        let mut quick: Vec<PathBuf> = texts.map(PathBuf::from).into();
        let mut plain = quick.clone();
        quick.sort_by(|one, other| by_parts(one, other));
        plain.sort();
        assert_eq!(quick, plain);
    }
}
