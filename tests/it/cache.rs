//! What is kept between runs changes no answer, whatever happens to the tree, to the clock or to the cache itself; and an
//! unchanged tree is answered for without reading it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use precollect::base::system::{Entry, Metadata, RealSystem, System};
use precollect::cache::recorder::Recorder;
use precollect::cache::{Answer, Cache, DEFAULT_LIMIT, Lookup};
use precollect::config::settings::{PythonChoice, Settings};
use precollect::session::{Analysis, analyse};

use crate::support::root;
use crate::support::run::{Output, command, precollect, precollect_with};

/// A project whose files are old enough to be trusted by their metadata, and a cache for it.
struct Tree {
    temporary: tempfile::TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { temporary: tempfile::tempdir().expect("can be made") };
        std::fs::create_dir(tree.folder()).expect("can be made");
        tree.write("pyproject.toml", "[tool.pytest.ini_options]\n");
        tree.write("shop/__init__.py", "");
        tree.write("shop/cart.py", "def total():\n    return 1\n");
        tree.write("tests/test_cart.py", "from shop.cart import total\n\n\ndef test_total():\n    assert total()\n");
        tree.write("tests/test_gone.py", "from shop.cart import gone\n\n\ndef test_gone():\n    gone()\n");
        tree
    }

    fn folder(&self) -> PathBuf {
        self.temporary.path().canonicalize().expect("is there").join("project")
    }

    fn cache(&self) -> PathBuf {
        self.temporary.path().join("cache")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().expect("is below the project")).expect("can be made");
        std::fs::write(path, text).expect("can be written");
    }

    fn check(&self) -> Output {
        self.run(&["check", "--output-format", "json"])
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let cache = self.cache().to_string_lossy().into_owned();
        let arguments = [arguments, &["--python", "none", "--cache-dir", &cache]].concat();
        precollect_with(&self.folder(), &arguments, &with_cache())
    }

    /// What a run says that knows nothing of earlier ones.
    fn afresh(&self) -> Output {
        precollect(&self.folder(), &["check", "--output-format", "json", "--python", "none", "--no-cache"])
    }

    fn assert_right(&self, what: &str) {
        let expected = self.afresh();
        for turn in ["first", "second"] {
            let found = self.check();
            assert_eq!(found.text(), expected.text(), "{what}, {turn} run");
            assert_eq!(found, expected, "{what}, {turn} run");
        }
    }

    /// Files of the cache with this suffix.
    fn kept(&self, suffix: &str) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.cache()).into_iter().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("is readable").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|found| found == suffix));
        paths.sort();
        paths
    }
}

fn with_cache() -> BTreeMap<String, String> {
    BTreeMap::from([("PRECOLLECT_NO_CACHE".to_string(), "0".to_string())])
}

/// Waits until what was written so far can be told from what is written next.
fn let_time_pass() {
    std::thread::sleep(Duration::from_millis(70));
}

/// The real system, and how often it is asked.
#[derive(Default)]
struct Counting {
    real: RealSystem,
    reads: AtomicU64,
    listings: AtomicU64,
    looks: AtomicU64,
}

impl Counting {
    fn counts(&self) -> (u64, u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        (take(&self.reads), take(&self.listings), take(&self.looks))
    }
}

impl System for Counting {
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.real.read(path)
    }
    fn metadata(&self, path: &Path) -> std::io::Result<Metadata> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.real.metadata(path)
    }
    fn read_dir(&self, path: &Path) -> std::io::Result<Vec<Entry>> {
        self.listings.fetch_add(1, Ordering::Relaxed);
        self.real.read_dir(path)
    }
    fn canonical(&self, path: &Path) -> std::io::Result<PathBuf> {
        self.real.canonical(path)
    }
    fn variable(&self, name: &str) -> Option<String> {
        self.real.variable(name)
    }
    fn current_dir(&self) -> PathBuf {
        self.real.current_dir()
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        self.real.write(path, bytes)
    }
    fn is_link(&self, path: &Path) -> bool {
        self.real.is_link(path)
    }
    fn now(&self) -> u64 {
        self.real.now()
    }
}

/// One analysis through a recorder, kept under a key.
fn analyse_and_keep(system: &Arc<Counting>, cache: &Cache, folder: &Path) -> Analysis {
    let recorder = Arc::new(Recorder::new(system.clone()));
    recorder.use_shelf(cache.shelf(folder));
    let settings = Settings { root: folder.to_path_buf(), python: PythonChoice::None, ..Settings::default() };
    let analysis = analyse(recorder.clone(), settings);
    recorder.flush();
    let log = recorder.log().and_then(|log| log.encode());
    cache.keep(1, &log.expect("it only asked"), &Answer::default());
    analysis
}

#[test]
fn an_unchanged_tree_is_not_read_and_one_change_is_parsed_once() {
    let tree = Tree::new();
    let folder = tree.folder();
    let_time_pass();
    let cache = Cache::open(tree.cache(), DEFAULT_LIMIT).expect("can be made");
    let system = Arc::new(Counting::default());
    let cold = analyse_and_keep(&system, &cache, &folder);
    assert_eq!(cold.world.store.counters().parsed, 4);
    system.counts();

    let Lookup::Same(_, verdict) = cache.look_up(1, &*system) else { panic!("nothing changed") };
    assert_eq!(verdict.read, 0);
    let (reads, listings, looks) = system.counts();
    assert_eq!((reads, listings), (0, 0), "neither a file nor a directory is read");
    // Five files, three directories, those above them, and where managers of environments keep things.
    assert!(looks <= 8 + folder.ancestors().count() as u64 + 6, "{looks} looks");

    tree.write("tests/test_gone.py", "from shop.cart import total as gone\n\n\ndef test_gone():\n    gone()\n");
    let Lookup::Changed(_, verdict) = cache.look_up(1, &*system) else { panic!("a file changed") };
    // A finding shows its text.
    let files: Vec<_> = verdict.files.iter().map(|changed| (&changed.path, changed.source)).collect();
    assert_eq!((verdict.structure, files), (false, vec![(&folder.join("tests/test_gone.py"), false)]));
    let_time_pass();
    let next = analyse_and_keep(&system, &cache, &folder).world.store.counters();
    assert_eq!((next.read, next.parsed, next.recalled), (1, 1, 3));
}

#[test]
fn a_touched_file_is_read_once_and_trusted_again() {
    let tree = Tree::new();
    let_time_pass();
    let cache = Cache::open(tree.cache(), DEFAULT_LIMIT).expect("can be made");
    let system = Arc::new(Counting::default());
    analyse_and_keep(&system, &cache, &tree.folder());
    let file = std::fs::File::options().write(true).open(tree.folder().join("shop/cart.py")).expect("is there");
    file.set_modified(SystemTime::now() - Duration::from_secs(1000)).expect("can be touched");
    let_time_pass();
    for reads in [1, 0] {
        let Lookup::Same(_, verdict) = cache.look_up(1, &*system) else { panic!("no byte changed") };
        assert_eq!(verdict.read, reads);
    }
}

#[test]
fn a_clock_that_jumps_makes_files_be_read_again() {
    let tree = Tree::new();
    let file = std::fs::File::options().write(true).open(tree.folder().join("shop/cart.py")).expect("is there");
    file.set_modified(SystemTime::now() + Duration::from_secs(10_000)).expect("can be touched");
    let_time_pass();
    let cache = Cache::open(tree.cache(), DEFAULT_LIMIT).expect("can be made");
    let system = Arc::new(Counting::default());
    analyse_and_keep(&system, &cache, &tree.folder());
    for _ in 0..2 {
        let Lookup::Same(_, verdict) = cache.look_up(1, &*system) else { panic!("no byte changed") };
        assert_eq!(verdict.read, 1, "what was changed in the future may be changed again without looking different");
    }
}

#[test]
fn every_kind_of_change_is_seen() {
    let tree = Tree::new();
    tree.assert_right("at first");
    let steps: [(&str, &dyn Fn()); 9] = [
        ("other bytes of the same length", &|| {
            tree.write("tests/test_gone.py", "from shop.cart import tota1\nx = 12\n")
        }),
        ("a new module", &|| tree.write("shop/extra.py", "x = 1\n")),
        ("a new test file", &|| tree.write("tests/test_new.py", "import shop.none\n")),
        ("a new conftest", &|| tree.write("tests/conftest.py", "import nowhere_at_all_x.y\n1 / 0\n")),
        ("a file that was not there", &|| tree.write("pytest.ini", "[pytest]\npython_files = test_c*.py\n")),
        ("a file removed", &|| std::fs::remove_file(tree.folder().join("tests/conftest.py")).expect("is there")),
        ("a directory in place of a module", &|| {
            std::fs::remove_file(tree.folder().join("shop/cart.py")).expect("is there");
            tree.write("shop/cart/__init__.py", "total = gone = 1\n");
        }),
        ("a directory moved", &|| {
            std::fs::rename(tree.folder().join("shop"), tree.folder().join("store")).expect("can be moved");
        }),
        ("a configuration of our own", &|| tree.write("precollect.toml", "ignore = ['IMP']\n")),
    ];
    for (what, step) in steps {
        step();
        tree.assert_right(what);
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_what_they_mean_now() {
    use std::os::unix::fs::symlink;
    let tree = Tree::new();
    let folder = tree.folder();
    tree.write("one/target.py", "total = 1\n");
    tree.write("two/target.py", "gone = 1\n");
    tree.write("tests/test_link.py", "from linked.target import total\nfrom hanging import gone\n");
    symlink(folder.join("one"), folder.join("linked")).expect("can be made");
    symlink(folder.join("later.py"), folder.join("hanging.py")).expect("can be made");
    tree.assert_right("at first");
    std::fs::remove_file(folder.join("linked")).expect("is there");
    symlink(folder.join("two"), folder.join("linked")).expect("can be made");
    tree.assert_right("a link that leads elsewhere");
    tree.write("later.py", "gone = 1\n");
    tree.assert_right("a link that leads somewhere now");
}

#[test]
fn a_variable_that_was_asked_for_counts() {
    let tree = Tree::new();
    tree.write("tests/test_variable.py", "import os\nos.environ['SHOP_URL']\n\n\ndef test_x():\n    pass\n");
    let cache = tree.cache();
    let run = |value: Option<&str>, no_cache: &str| {
        let mut variables = with_cache();
        variables.insert("PRECOLLECT_NO_CACHE".into(), no_cache.into());
        variables.extend(value.map(|value| ("SHOP_URL".to_string(), value.to_string())));
        let arguments = ["check", "--python", "none", "--cache-dir", &cache.to_string_lossy()];
        precollect_with(&tree.folder(), &arguments, &variables)
    };
    for value in [None, Some("x"), Some("y"), None] {
        assert_eq!(run(value, "0"), run(value, "1"), "{value:?}");
    }
}

#[test]
fn damage_is_noted_once_and_costs_no_answer() {
    for suffix in ["answer", "work", "files"] {
        let tree = Tree::new();
        let expected = tree.check();
        let [file] = &*tree.kept(suffix) else { panic!("one file is kept") };
        let whole = std::fs::read(file).expect("is readable");
        let mut damaged: Vec<Vec<u8>> =
            (0..whole.len()).step_by(whole.len() / 25 + 1).map(|at| whole[..at].to_vec()).collect();
        for at in (0..whole.len()).step_by(whole.len() / 40 + 1) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            damaged.push(bytes);
        }
        damaged.push([whole.as_slice(), &[7; 100]].concat());
        for bytes in damaged {
            std::fs::write(file, &bytes).expect("can be written");
            // Without an answer, the findings are used; without them, the summaries.
            let earlier: &[&str] = match suffix {
                "answer" => &[],
                "work" => &["answer"],
                _ => &["answer", "work"],
            };
            let hides = earlier.iter().flat_map(|suffix| tree.kept(suffix));
            hides.for_each(|path| std::fs::remove_file(path).expect("is there"));
            let found = tree.check();
            assert_eq!((found.code, found.text()), (expected.code, expected.text()));
            assert!(found.stderr.lines().count() <= 1, "{}", found.stderr);
            assert_eq!(tree.check(), expected, "the run after it finds everything in order");
        }
    }
}

#[test]
fn a_place_that_cannot_be_used_is_no_error() {
    let tree = Tree::new();
    let expected = tree.afresh();
    tree.write("../in-the-way", "");
    let blocked = tree.temporary.path().join("in-the-way/cache");
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut all = with_cache();
        all.extend(variables.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())));
        let arguments = [&["check", "--output-format", "json", "--python", "none"], arguments].concat();
        precollect_with(&tree.folder(), &arguments, &all)
    };
    assert_eq!(run(&["--cache-dir", &blocked.to_string_lossy()], &[]), expected);
    assert_eq!(run(&["--cache-dir", "/proc/none"], &[]), expected);
    assert_eq!(run(&[], &[("HOME", "/nonexistent")]), expected);
    assert_eq!(run(&[], &[("HOME", "")]), expected);
    assert!(!Path::new("/nonexistent").exists(), "a home that is not there is not made");
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let tree = Tree::new();
    for number in 0..40 {
        tree.write(&format!("shop/part_{number}.py"), &format!("value_{number} = {number}\n"));
    }
    let expected = tree.afresh();
    let cache = tree.cache();
    let arguments = ["check", "--output-format", "json", "--python", "none", "--cache-dir", &cache.to_string_lossy()];
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = command(&tree.folder(), &arguments, &with_cache());
            command.stdout(std::process::Stdio::piped()).spawn().expect("can be run")
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected.text());
    }
    assert_eq!(tree.check(), expected);
}

#[test]
fn the_analysed_tree_stays_as_it_was() {
    let tree = Tree::new();
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(tree.folder())
            .expect("is there")
            .map(|entry| entry.expect("is readable").file_name())
            .collect();
        names.sort();
        names
    };
    let before = names();
    tree.check();
    assert_eq!(names(), before);
}

#[test]
fn what_writes_files_is_done_again() {
    let tree = Tree::new();
    let file = tree.folder().join("../out.json");
    for _ in 0..2 {
        tree.run(&["check", "--output-format", "json=../out.json"]);
        std::fs::remove_file(&file).expect("is written each time");
    }
}

#[test]
fn the_command_shows_and_cleans() {
    let tree = Tree::new();
    assert!(tree.run(&["cache"]).text().contains("0 answers, files of 0 projects"));
    tree.check();
    let info = tree.run(&["cache", "info"]).text();
    assert!(info.contains("1 answer, files of 1 project") && info.contains("(--cache-dir)"), "{info}");
    assert_eq!(tree.run(&["cache", "dir"]).text().trim(), tree.cache().to_string_lossy());
    assert!(tree.run(&["cache", "clean"]).text().starts_with("removed 3 files"));
    assert!(!tree.cache().exists());
    assert_eq!(tree.run(&["cache", "clean"]).code, 0);
    tree.assert_right("after cleaning");
}

#[test]
fn answers_are_the_same_with_and_without() {
    let scenarios = std::fs::read_dir(root().join("testdata/scenarios")).expect("is there");
    let mut projects: Vec<PathBuf> =
        scenarios.map(|entry| entry.expect("is readable").path().join("project")).collect();
    projects.push(root().join("demo"));
    projects.retain(|project| project.is_dir());
    assert!(projects.len() > 3);
    let temporary = tempfile::tempdir().expect("can be made");
    let cache = temporary.path().to_string_lossy().into_owned();
    let commands: [&[&str]; 6] = [
        &["check"],
        &["check", "--output-format", "json"],
        &["collect", "--output-format", "json"],
        &["collect", "-q"],
        &["graph", "--output-format", "json"],
        &["report"],
    ];
    for project in projects {
        for arguments in commands {
            let without = [arguments, &["--python", "none", "--no-cache"]].concat();
            let with = [arguments, &["--python", "none", "--cache-dir", &cache]].concat();
            let expected = precollect(&project, &without);
            for turn in ["first", "second"] {
                let found = precollect_with(&project, &with, &with_cache());
                assert_eq!(found, expected, "{arguments:?} in {}, {turn} run", project.display());
            }
        }
    }
}
