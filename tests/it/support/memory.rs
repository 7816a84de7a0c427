//! Trees in memory, for the machine alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use precollect::base::system::{Kind, MemorySystem, System};
use precollect::environment::Environment;
use precollect::machine::{Machine, Modules, Setup};
use precollect::python::location::Location;
use precollect::python::version::PythonVersion;
use precollect::resolve::Resolver;
use precollect::store::Store;
use precollect::summary::{ProgramId, Summary};

/// Files below `/p`, of which `/p/site` is somebody else's.
pub struct Tree {
    system: Arc<MemorySystem>,
    resolver: Resolver,
    store: Store,
}

impl Tree {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let system = Arc::new(MemorySystem::new("/p", files));
        let resolver = Resolver::new(Arc::clone(&system) as Arc<dyn System>, &Environment::default());
        let store = Store::new(Arc::clone(&system) as Arc<dyn System>);
        Self { system, resolver, store }
    }
}

impl Modules for Tree {
    fn find(&self, directories: &[Arc<PathBuf>], tail: &str) -> Location {
        self.resolver.find(directories, tail)
    }
    fn find_late(&self, name: &str) -> Location {
        self.resolver.find_late(name)
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
        !file.starts_with("/p/site")
    }
    fn is_assumed(&self, _: &str) -> bool {
        false
    }
    fn variable(&self, name: &str) -> Option<Option<String>> {
        (name != "UNKNOWN").then_some(None)
    }
    fn distribution_version(&self, _: &str) -> Option<String> {
        None
    }
}

impl Tree {
    /// A process of Python 3.`minor` that has imported nothing.
    pub fn machine(&self, minor: u8) -> Machine<'_> {
        let path = ["/p", "", "/p/site"].map(|entry| Arc::new(PathBuf::from(entry)));
        let setup = Setup {
            version: PythonVersion::three(minor),
            path: path.to_vec(),
            current_dir: PathBuf::from("/p"),
            pytest_version: (8, 4),
            ..Setup::default()
        };
        Machine::new(self, setup)
    }
}
