//! A tree in memory as a [`Source`], for tests of graph and rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Source;
use crate::base::system::{Kind, MemorySystem, System};
use crate::machine::Modules;
use crate::python::location::Location;
use crate::store::Store;
use crate::summary::{ProgramId, Summary};

/// The tree.
pub struct Tree {
    system: Arc<MemorySystem>,
    store: Store,
}

impl Tree {
    /// Files below `/p`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let system = Arc::new(MemorySystem::new("/p", files));
        Self { store: Store::new(system.clone()), system }
    }
}

impl Source for Tree {
    fn system(&self) -> &dyn System {
        &*self.system
    }

    fn search_path(&self) -> Vec<Arc<PathBuf>> {
        vec![Arc::new(PathBuf::from("/p"))]
    }

    fn config_file(&self) -> Option<PathBuf> {
        None
    }

    fn text(&self, file: &Path) -> Option<Arc<str>> {
        self.store.text(file)
    }

    fn project_files(&self) -> Vec<Arc<PathBuf>> {
        self.system.files.keys().filter(|f| f.extension().is_some_and(|e| e == "py")).cloned().map(Arc::new).collect()
    }
}

impl Modules for Tree {
    fn find(&self, _: &[Arc<PathBuf>], _: &str) -> Location {
        Location::Missing
    }

    fn find_late(&self, _: &str) -> Location {
        Location::Missing
    }

    fn summary(&self, file: &Path) -> Option<Arc<Summary>> {
        self.store.summary(file).ok()
    }

    fn body(&self, file: &Path, summary: &Summary, body: ProgramId) -> Option<Arc<Summary>> {
        self.store.body(file, summary, body)
    }

    fn whole(&self, file: &Path) -> Option<Arc<Summary>> {
        self.store.whole(file).ok()
    }

    fn path_kind(&self, path: &Path) -> Option<Kind> {
        self.system.metadata(path).ok().map(|metadata| metadata.kind)
    }

    fn same_file(&self, a: &Path, b: &Path) -> bool {
        a == b
    }

    fn is_project(&self, file: &Path) -> bool {
        file.starts_with("/p")
    }

    fn is_assumed(&self, _: &str) -> bool {
        false
    }

    fn variable(&self, _: &str) -> Option<Option<String>> {
        None
    }

    fn distribution_version(&self, _: &str) -> Option<String> {
        None
    }
}
