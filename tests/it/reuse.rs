//! What a run worked out serves later ones that ask for a part of it, or after changes that change nothing of it; and it
//! serves nobody else. A run without a cache is the judge. Costs are counted, never timed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use precollect::base::system::MemorySystem;
use precollect::store::{Store, alike};
use precollect::syntax::summarise;

use crate::support::run::{Output, precollect_with};
use crate::support::{case, files_below, root};

/// A tree that is changed, and a cache for it.
struct Warm {
    temporary: tempfile::TempDir,
}

impl Warm {
    /// With these files; the cache knows what a check of all of it comes to.
    fn new(files: &[(String, Vec<u8>)]) -> Self {
        let warm = Self { temporary: tempfile::tempdir().expect("can be made") };
        std::fs::create_dir(warm.folder()).expect("can be made");
        for (path, bytes) in files {
            warm.write(path, bytes);
        }
        // What was written just now would have to be read again.
        std::thread::sleep(Duration::from_millis(70));
        warm.check(&[], true);
        warm
    }

    fn folder(&self) -> PathBuf {
        self.temporary.path().canonicalize().expect("is there").join("project")
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().expect("is below the project")).expect("can be made");
        std::fs::write(path, bytes).expect("can be written");
    }

    /// A check of these paths, and what it cost.
    fn check(&self, paths: &[&str], cached: bool) -> (Output, Value) {
        let cache = self.temporary.path().join("cache").to_string_lossy().into_owned();
        let place: &[&str] = if cached { &["--cache-dir", &cache] } else { &["--no-cache"] };
        let fixed = ["check", "--python", "none", "--output-format", "json", "--timings=json"];
        let arguments = [&fixed[..], place, paths].concat();
        let variables = BTreeMap::from([("PRECOLLECT_NO_CACHE".to_owned(), "0".to_owned())]);
        let mut output = precollect_with(&self.folder(), &arguments, &variables);
        let told = output.stderr.lines().rfind(|line| line.starts_with("{\"answer\"")).unwrap_or_default().to_owned();
        output.stderr = output.stderr.replace(&format!("{told}\n"), "");
        let costs = serde_json::from_str(&told).unwrap_or_else(|error| panic!("no costs: {error}\n{}", output.stderr));
        (output, costs)
    }

    /// The costs of a check with the cache, which must say what one without it says.
    fn assert_right(&self, paths: &[&str], what: &str) -> Value {
        let (found, costs) = self.check(paths, true);
        let (expected, _) = self.check(paths, false);
        assert_eq!(found.text(), expected.text(), "{what}: {paths:?}");
        assert_eq!(found, expected, "{what}: {paths:?}");
        costs
    }
}

fn files(given: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    given.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
}

fn shop() -> Vec<(String, Vec<u8>)> {
    files(&[
        ("pytest.ini", "[pytest]\npythonpath = .\n"),
        ("shop/__init__.py", ""),
        ("shop/cart.py", "from shop.money import price\n\n\ndef total():\n    return price()\n"),
        ("shop/money.py", "def price():\n    return 1\n\n\nRATE = price()\n"),
        ("tests/test_cart.py", "from shop.cart import total\n\n\ndef test_total():\n    assert total()\n"),
        ("tests/test_gone.py", "from shop.cart import gone\n\n\ndef test_gone():\n    gone()\n"),
    ])
}

fn counters(costs: &Value, names: &[&str]) -> Vec<u64> {
    names.iter().map(|name| costs["counters"][name].as_u64().expect("is told")).collect()
}

const WORK: [&str; 4] = ["files_read", "files_parsed", "bodies_on_demand", "machine_steps"];

#[test]
fn counters_are_exact_and_the_same_every_time() {
    let warm = Warm::new(&shop());
    let names = ["files_seen", "files_read", "files_parsed", "fall_backs", "bodies_on_demand", "cache_hits"];
    let told: Vec<Vec<u64>> = (0..2).map(|_| counters(&warm.check(&[], false).1, &names)).collect();
    // The body of `price` runs while its module is imported.
    assert_eq!(told, [[5, 5, 5, 0, 1, 0], [5, 5, 5, 0, 1, 0]]);
    let steps = |costs: &Value| counters(costs, &["machine_steps", "bytes_given_to_parser", "bytes_of_parsed_files"]);
    let (first, second) = (steps(&warm.check(&[], false).1), steps(&warm.check(&[], false).1));
    assert_eq!(first, second);
    assert!(first.iter().all(|count| *count > 5), "{first:?}");
    let parts = warm.check(&[], false).1["parts"].as_array().map(Vec::len);
    assert!(parts.is_some_and(|parts| parts > 5), "{parts:?}");
}

#[test]
fn costs_are_told_to_people_too_and_change_no_answer() {
    let warm = Warm::new(&shop());
    let none = BTreeMap::new();
    let plain = precollect_with(&warm.folder(), &["check", "--python", "none"], &none);
    let told = precollect_with(&warm.folder(), &["check", "--python", "none", "--timings"], &none);
    assert_eq!((told.code, told.text()), (plain.code, plain.text()));
    assert!(told.stderr.contains("machine steps") && told.stderr.contains("wall s"), "{}", told.stderr);
}

/// What pytest does not import is no matter for `collect`, and other runs than the one that is asked for are none of its.
#[test]
fn collecting_looks_at_what_tests_import_and_no_further() {
    let mut given = shop();
    given.extend(files(&[("shop/unused.py", "import shop.cart\n"), ("setup.py", "import shop\n")]));
    let warm = Warm::new(&given);
    let costs = |command: &str| {
        let arguments = [command, "--no-cache", "--python", "none", "--timings=json"];
        let told = precollect_with(&warm.folder(), &arguments, &BTreeMap::new());
        let costs = told.stderr.lines().rfind(|line| line.starts_with("{\"answer\"")).expect("costs are told");
        serde_json::from_str::<Value>(costs).expect("is JSON")
    };
    let parsed = |command: &str| counters(&costs(command), &["files_parsed"])[0];
    assert_eq!([parsed("collect"), parsed("graph"), parsed("check")], [5, 7, 7]);
    let parts = |command: &str| costs(command)["parts"].to_string();
    assert!(
        !parts("collect").contains("graph") && !parts("graph").contains("rules") && parts("check").contains("rules")
    );
}

#[test]
fn nothing_is_read_for_a_part_of_what_is_known() {
    let warm = Warm::new(&shop());
    let costs = warm.assert_right(&[], "nothing changed");
    assert_eq!((&costs["answer"], counters(&costs, &WORK)), (&"used".into(), vec![0; 4]));
    for path in ["tests/test_cart.py", "tests/test_gone.py", "shop/cart.py", "shop/money.py", "tests", "shop"] {
        let costs = warm.assert_right(&[path], "a part");
        assert_eq!((&costs["answer"], counters(&costs, &WORK)), (&"reused".into(), vec![0; 4]), "{path}");
    }
    warm.assert_right(&["tests/test_cart.py", "shop/cart.py"], "two parts");
}

#[test]
fn a_body_that_nobody_runs_costs_one_parse() {
    let warm = Warm::new(&shop());
    for (turn, body) in
        ["return 2", "# Now with a comment\n    return price() + 1", "x = price()\n    return x"].iter().enumerate()
    {
        let text = format!("from shop.money import price\n\n\ndef total():\n    {body}\n");
        warm.write("shop/cart.py", format!("{}{text}", "\n".repeat(turn)).as_bytes());
        // It is mentioned by what test_gone.py lacks.
        let costs = warm.assert_right(&[], "a file that findings tell of");
        assert_eq!(costs["answer"], "outdated");
    }
    for (turn, body) in ["assert total() == 1", "x = total()\n    assert x"].iter().enumerate() {
        let text = format!("{}from shop.cart import total\n\n\ndef test_total():\n    {body}\n", "# x\n".repeat(turn));
        warm.write("tests/test_cart.py", text.as_bytes());
        for path in [&[][..], &["tests/test_cart.py"][..], &["tests/test_gone.py"][..]] {
            let costs = warm.assert_right(path, "a body that nobody runs");
            let parsed = u64::from(path.is_empty());
            let expected = vec![parsed, parsed, 0, 0];
            assert_eq!((&costs["answer"], counters(&costs, &WORK)), (&"reused".into(), expected), "{path:?}");
        }
    }
}

#[test]
fn what_runs_or_means_something_else_is_worked_out_again() {
    let warm = Warm::new(&shop());
    let edits = [
        ("shop/money.py", "def price():\n    raise ValueError\n\n\nRATE = price()\n"),
        ("shop/money.py", "def price():\n    return 2\n\n\nRATE = price()\nOTHER = 1\n"),
        ("tests/test_cart.py", "from shop.cart import total\n\n\ndef test_other():\n    assert total()\n"),
        ("tests/test_cart.py", "from shop.cart import total\n\n\ndef test_other():\n    import nowhere.at_all\n"),
        ("tests/test_cart.py", "from shop.cart import total\n\n\ndef test_other(:\n    assert total()\n"),
        (
            "tests/test_cart.py",
            "from shop.cart import total\n\n\ndef test_total():\n    assert total()  # noqa: IMP001\n",
        ),
    ];
    for (path, text) in edits {
        warm.write(path, text.as_bytes());
        let costs = warm.assert_right(&[], text);
        assert_eq!((&costs["answer"], counters(&costs, &["files_parsed"])), (&"outdated".into(), vec![1]), "{text}");
        assert_eq!(warm.assert_right(&[], text)["answer"], "used", "{text}");
    }
}

const TEXT: &str = "import a\n\nX = [1, 'b']\n\n\ndef f(x=1):\n    return x\n\n\ndef g():\n    return 2\n";

fn is_alike(now: &str) -> bool {
    alike(&summarise(TEXT.as_bytes()), now.as_bytes(), None).is_some_and(|found| found.same)
}

#[test]
fn places_comments_and_bodies_do_not_count() {
    assert!(is_alike(TEXT));
    assert!(is_alike(&format!("# new\n\n{TEXT}\n")));
    assert!(is_alike(&TEXT.replace("return x", "y = x + 1\n    return y")));
    assert!(is_alike(&TEXT.replace("[1, 'b']", "[1,\n     'b']")));
}

#[test]
fn everything_else_does() {
    let edits = [
        ("[1, 'b']", "[1, 'c']"),
        ("[1, 'b']", "(1, 'b')"),
        ("import a", "import b"),
        ("x=1", "x=2"),
        ("def g", "async def g"),
        ("return 2", "yield 2"),
        ("return 2", "import c"),
        ("return 2", "other.attribute = 2"),
        ("return 2", "return ("),
        ("return 2", "return 2  # noqa: IMP001"),
        ("def g", "X = 2\ndef g"),
    ];
    for (old, new) in edits {
        assert!(!is_alike(&TEXT.replace(old, new)), "{old} -> {new}");
    }
}

#[test]
fn a_body_that_was_asked_for_has_to_be_the_same() {
    let store = Store::new(Arc::new(MemorySystem::new("/p", &[("a.py", TEXT)])));
    let path = Path::new("/p/a.py");
    let before = store.summary(path).expect("is readable");
    let first = before.programs.ids().find(|id| before.programs.left(*id).is_some()).expect("f has a body");
    assert!(store.body(path, &before, first).is_some());
    let bodies = store.bodies();
    let check = |now: &str| alike(&before, now.as_bytes(), bodies.get(path)).is_some_and(|found| found.same);
    assert!(check(&format!("# new\n{TEXT}")));
    assert!(check(&TEXT.replace("return 2", "return 3")));
    assert!(!check(&TEXT.replace("return x", "return -x")));
}

/// Cycles are entered once, whatever changes elsewhere; and again if what that asks of the tree is different.
#[test]
fn entering_cycles_is_not_repeated_in_vain() {
    let warm = Warm::new(&files(&[
        ("pytest.ini", "[pytest]\npythonpath = .\n"),
        ("pkg/__init__.py", ""),
        ("pkg/a.py", "from pkg.b import two\n\none = 1\n"),
        ("pkg/b.py", "import pkg.a\nimport pkg.later\n\ntwo = 2\n"),
        ("pkg/later.py", "def three():\n    return 3\n\n\nthree()\n"),
        ("tests/test_a.py", "import pkg.b\n\n\ndef test_one():\n    pass\n"),
    ]));
    let steps = |text: &str, path: &str| {
        warm.write(path, text.as_bytes());
        let costs = warm.assert_right(&[], text);
        assert_eq!(costs["answer"], "outdated", "{text}");
        counters(&costs, &["machine_steps"])[0]
    };
    let test = "import pkg.b\n\n\ndef test_one():\n    pass\n\n\ndef test_two():\n    pass\n";
    let all = counters(&warm.check(&[], false).1, &["machine_steps"])[0];
    let elsewhere = steps(test, "tests/test_a.py");
    assert!(elsewhere < all, "{elsewhere} of {all}");
    let inside = steps("from pkg.b import two\n\none = 1\nother = 2\n", "pkg/a.py");
    assert!(inside > elsewhere, "{inside} after {elsewhere}");
    let back = steps("from pkg.b import two\n\none = 1\n", "pkg/a.py");
    assert!(back <= elsewhere, "{back} after {elsewhere}: what the tree as it was came to is known");
    // The body ran while a cycle was entered, in this run or in an earlier one.
    steps(&test.replace("test_two", "test_three"), "tests/test_a.py");
    steps("def three():\n    raise ValueError\n\n\nthree()\n", "pkg/later.py");
}

/// Edits of a source, of which some change what it means.
fn edits(text: &str) -> Vec<String> {
    let body = text.match_indices("\n    ").nth(1).map_or(text.len(), |(at, _)| at + 1);
    let inside = format!("{}    added = 1\n{}", &text[..body], &text[body..]);
    let without_import: Vec<&str> = text.lines().filter(|line| !line.starts_with("import ")).collect();
    vec![
        format!("# added\n{text}"),
        inside,
        format!("{text}\n\ndef _added():\n    return 1\n"),
        format!("{text}\nimport os.path as _added\n"),
        without_import.join("\n") + "\n",
    ]
}

fn assert_edits_are_right(name: &str, given: &[(String, Vec<u8>)]) {
    let warm = Warm::new(given);
    let sources = || given.iter().filter(|(path, _)| path.ends_with(".py"));
    for (path, _) in sources() {
        warm.assert_right(&[path], name);
    }
    for (path, bytes) in sources() {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        for edit in edits(text) {
            warm.write(path, edit.as_bytes());
            warm.assert_right(&[], &format!("{name}: {path} is now\n{edit}"));
            warm.assert_right(&[path], &format!("{name}: {path} is now\n{edit}"));
        }
        warm.write(path, bytes);
    }
}

fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let below = |path: &PathBuf| path.strip_prefix(folder).expect("lies below").to_string_lossy().into_owned();
    files_below(folder).iter().map(|path| (below(path), std::fs::read(path).expect("is readable"))).collect()
}

#[test]
fn edits_of_the_demo_are_judged_as_if_nothing_was_known() {
    assert_edits_are_right("demo", &tree(&root().join("demo")));
}

/// Every thirtieth case; with `PRECOLLECT_REUSE=n` every n-th.
#[test]
fn edits_of_cases_are_judged_as_if_nothing_was_known() {
    let step = std::env::var("PRECOLLECT_REUSE").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    for case in case::all().iter().filter(|case| case.settings.cwd.is_none()).step_by(step) {
        assert_edits_are_right(&case.title, &case.files());
    }
}
