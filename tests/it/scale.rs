//! Work grows as the tree does: counted, not timed, on shapes that are hard on an analysis which looks at everything for
//! everything. `benches/scale.rs` times the same shapes at larger sizes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use precollect::base::system::{Entry, MemorySystem, Metadata, System};
use precollect::config::settings::{PythonChoice, Settings};
use precollect::session::analyse;

#[path = "../../benches/support/shapes.rs"]
mod shapes;

/// A tree in memory, and how often it is asked.
struct Counting {
    tree: MemorySystem,
    asked: AtomicU64,
}

impl Counting {
    fn count(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }
}

impl System for Counting {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.count();
        self.tree.read(path)
    }
    fn metadata(&self, path: &Path) -> std::io::Result<Metadata> {
        self.count();
        self.tree.metadata(path)
    }
    fn read_dir(&self, path: &Path) -> std::io::Result<Vec<Entry>> {
        self.count();
        self.tree.read_dir(path)
    }
    fn canonical(&self, path: &Path) -> std::io::Result<PathBuf> {
        self.tree.canonical(path)
    }
    fn variable(&self, name: &str) -> Option<String> {
        self.tree.variable(name)
    }
    fn current_dir(&self) -> PathBuf {
        self.tree.current_dir()
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        self.tree.write(path, bytes)
    }
}

/// How often the tree of a size is asked, and how many of its files are parsed.
fn work(files: fn(usize) -> shapes::Files, size: usize) -> (u64, u64, usize) {
    let files = files(size);
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let system = Arc::new(Counting { tree: MemorySystem::new("/p", &borrowed), asked: AtomicU64::new(0) });
    let settings = Settings { root: "/p".into(), python: PythonChoice::None, ..Settings::default() };
    let analysis = analyse(system.clone(), settings);
    let python = files.iter().filter(|(path, _)| path.ends_with(".py")).count();
    (system.asked.load(Ordering::Relaxed), analysis.world.store.counters().parsed, python)
}

#[test]
fn twice_the_tree_is_twice_the_questions() {
    for shape in shapes::SHAPES {
        let size = shape.sizes[0].min(80);
        let (small, parsed, files) = work(shape.files, size);
        let (large, ..) = work(shape.files, size * 2);
        assert_eq!(parsed as usize, files, "{}: every file is parsed once", shape.name);
        assert!(large * 10 <= small * 22, "{}: {small} questions, then {large}", shape.name);
    }
}
