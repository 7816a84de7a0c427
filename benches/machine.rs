//! What the import machine costs beside parsing.
//!
//! `cargo bench --bench machine` runs it over growing trees: seconds per module should stay the same.
//! `cargo bench --bench machine -- TREE [PYTEST ARGUMENTS]` measures one tree: its files are parsed on one thread, then collected with all
//! summaries at hand. Take the ratio of the two: seconds depend on what else the machine does.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use precollect::base::system::{MemorySystem, RealSystem, System};
use precollect::config::settings::{PythonChoice, Settings};
use precollect::graph::Source;
use precollect::pytest::collect::collect;
use precollect::world::World;

const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    println!(
        "{:>28} {:>8} {:>10} {:>10} {:>8} {:>12}",
        "tree", "files", "parse s", "collect s", "ratio", "us per file"
    );
    match arguments.split_first() {
        Some((tree, rest)) => {
            let root = std::fs::canonicalize(tree).unwrap_or_else(|_| PathBuf::from(tree));
            measure(tree, &root, || Arc::new(RealSystem), rest);
        }
        None => {
            for size in [250, 500, 1000, 2000, 4000] {
                let files = generated(size);
                let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
                let system: Arc<dyn System> = Arc::new(MemorySystem::new("/p", &files));
                measure(&format!("{size} generated modules"), Path::new("/p"), || Arc::clone(&system), &[]);
            }
        }
    }
}

/// The best of some rounds, each with a world of its own.
fn measure(name: &str, root: &Path, system: impl Fn() -> Arc<dyn System>, arguments: &[String]) {
    let (mut parsing, mut collecting, mut files) = (f64::MAX, f64::MAX, 0);
    for _ in 0..ROUNDS {
        let settings = Settings {
            root: root.to_path_buf(),
            python: PythonChoice::None,
            pytest_args: arguments.to_vec(),
            ..Settings::default()
        };
        let world = World::load(system(), settings);
        let list = world.project_files();
        files = list.len();
        let began = Instant::now();
        for file in &list {
            std::hint::black_box(world.store.summary(file).is_ok());
        }
        parsing = parsing.min(began.elapsed().as_secs_f64());
        let began = Instant::now();
        std::hint::black_box(collect(&world));
        collecting = collecting.min(began.elapsed().as_secs_f64());
    }
    let each = collecting * 1e6 / files.max(1) as f64;
    println!("{name:>28} {files:>8} {parsing:>10.3} {collecting:>10.3} {:>8.2} {each:>12.0}", collecting / parsing);
}

/// A package whose modules import, define and call, with a test module for each ten of them.
fn generated(size: usize) -> Vec<(String, String)> {
    let mut files = vec![("app/__init__.py".to_owned(), String::new())];
    for n in 0..size {
        let import = if n == 0 { String::new() } else { format!("from app.m{} import make\n", n - 1) };
        let own = if n == 0 { "def make(value):\n    return [value]\n" } else { "" };
        let methods: String =
            (0..8).map(|m| format!("    def method{m}(self, a, b=None):\n        return a or b\n\n")).collect();
        let text = format!(
            "\"\"\"Module {n}.\"\"\"\nimport os\nimport sys\nfrom collections import OrderedDict\n{import}\n{own}\nTABLE = \
             OrderedDict(a={n}, b=[1, 2, 3])\nif sys.version_info >= (3, 8):\n    NEW = True\nelse:\n    NEW = False\n\n\nclass \
             Model{n}:\n    items = make({n})\n    path = os.path.join('a', 'b')\n\n{methods}\nVALUE = Model{n}()\n"
        );
        files.push((format!("app/m{n}.py"), text));
        if n % 10 == 0 {
            let tests: String = (0..10).map(|t| format!("def test_{t}():\n    assert Model{n}\n\n\n")).collect();
            files.push((format!("tests/test_m{n}.py"), format!("from app.m{n} import Model{n}\n\n\n{tests}")));
        }
    }
    files
}
