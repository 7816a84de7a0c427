//! The world as one command finds it: what a path was when it was looked at first. A log of an earlier run is compared with the
//! world before a command runs, perhaps two are, and then the run looks at the same paths.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::base::paths::PathMap;
use crate::base::system::{Entry, Metadata, System};

/// Remembers metadata of what is there.
pub struct Glance {
    system: Arc<dyn System>,
    started: u64,
    looked: RwLock<PathMap<Metadata>>,
}

impl Glance {
    /// Nothing is looked at yet.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self { started: system.now(), system, looked: RwLock::default() }
    }

    /// What is written changes what was seen.
    fn forget(&self) {
        *self.looked.write().unwrap_or_else(PoisonError::into_inner) = PathMap::default();
    }
}

impl System for Glance {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.system.read(path)
    }

    fn read_source(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.system.read_source(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        if let Some(known) = self.looked.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Ok(*known);
        }
        let found = self.system.metadata(path)?;
        let mut looked = self.looked.write().unwrap_or_else(PoisonError::into_inner);
        Ok(*looked.get_or_insert_with(path, || found))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        self.system.read_dir(path)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.system.canonical(path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.system.variable(name)
    }

    fn current_dir(&self) -> PathBuf {
        self.system.current_dir()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.forget();
        self.system.write(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.forget();
        self.system.replace(path, bytes)
    }

    fn git(&self, directory: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        self.system.git(directory, arguments, input)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.system.is_link(path)
    }

    /// The time before anything was looked at: metadata are not to be trusted more than when they were taken.
    fn now(&self) -> u64 {
        self.started
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::Glance;
    use crate::base::system::{MemorySystem, System};

    #[test]
    fn what_was_seen_stays_until_something_is_written() {
        let glance = Glance::new(Arc::new(MemorySystem::new("/p", &[("a.py", "1")])));
        let before = glance.metadata(Path::new("/p/a.py")).expect("it is there");
        assert_eq!(glance.metadata(Path::new("/p/a.py")).ok(), Some(before));
        assert!(glance.metadata(Path::new("/p/b.py")).is_err());
        let _ = glance.write(Path::new("/p/b.py"), b"2");
        assert_eq!(glance.looked.read().map(|looked| looked.len()).ok(), Some(0));
    }
}
