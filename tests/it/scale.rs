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

/// What the tree of a size takes.
struct Work {
    /// How often it is asked.
    asked: u64,
    /// Files that are parsed, and that there are.
    parsed: u64,
    files: usize,
    /// Steps of the machine, and sources that it looked through. Entering cycles from everywhere has a limit of its own.
    steps: u64,
    searched: u64,
}

fn work(files: fn(usize) -> shapes::Files, size: usize) -> Work {
    let files = files(size);
    let borrowed: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
    let system = Arc::new(Counting { tree: MemorySystem::new("/p", &borrowed), asked: AtomicU64::new(0) });
    let settings = Settings { root: "/p".into(), python: PythonChoice::None, ..Settings::default() };
    let analysis = analyse(system.clone(), settings);
    Work {
        asked: system.asked.load(Ordering::Relaxed),
        parsed: analysis.world.store.counters().parsed,
        files: files.iter().filter(|(path, _)| path.ends_with(".py")).count(),
        steps: analysis.collection.steps,
        searched: analysis.cost.searched,
    }
}

#[test]
fn twice_the_tree_is_twice_the_work() {
    for shape in shapes::SHAPES {
        let size = shape.sizes[0].min(80);
        let (small, large) = (work(shape.files, size), work(shape.files, size * 2));
        assert_eq!(small.parsed as usize, small.files, "{}: every file is parsed once", shape.name);
        let grows = |what: &str, small: u64, large: u64| {
            assert!(large * 10 <= small * 22 + 20, "{}: {small} {what}, then {large}", shape.name);
        };
        grows("questions", small.asked, large.asked);
        grows("steps", small.steps, large.steps);
        grows("sources searched", small.searched, large.searched);
        assert!(small.searched <= 2 * small.files as u64, "{}: {} sources searched", shape.name, small.searched);
    }
}
