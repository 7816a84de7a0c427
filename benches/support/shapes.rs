//! Trees that are hard on an analysis which looks at everything for everything: one shape each, at any size.

use std::fmt::Write;

/// Files of a generated tree.
pub type Files = Vec<(String, String)>;

/// A kind of tree.
pub struct Shape {
    /// What it is called.
    pub name: &'static str,
    /// Sizes to measure, each twice the one before or so.
    pub sizes: &'static [usize],
    /// The tree of a size.
    pub files: fn(usize) -> Files,
}

/// All of them.
pub const SHAPES: &[Shape] = &[
    Shape { name: "wide-package", sizes: &[1250, 2500, 5000], files: wide_package },
    Shape { name: "growing-project", sizes: &[1000, 5000, 20_000], files: growing_project },
    Shape { name: "import-chain", sizes: &[500, 1000, 2000], files: import_chain },
    Shape { name: "star-tower", sizes: &[100, 200, 400], files: star_tower },
    Shape { name: "one-cycle", sizes: &[250, 500, 1000], files: one_cycle },
    Shape { name: "many-parameters", sizes: &[25_000, 50_000, 100_000], files: many_parameters },
    Shape { name: "conftests-side-by-side", sizes: &[750, 1500, 3000], files: conftests_side_by_side },
    Shape { name: "conftests-in-a-row", sizes: &[50, 100, 200], files: conftests_in_a_row },
    Shape { name: "missing-everywhere", sizes: &[750, 1500, 3000], files: missing_everywhere },
    Shape { name: "one-long-file", sizes: &[5000, 10_000, 20_000], files: one_long_file },
];

const TEST: &str = "\n\ndef test_x():\n    pass\n";

fn with_settings(files: impl IntoIterator<Item = (String, String)>) -> Files {
    let settings = ("pytest.ini".to_string(), "[pytest]\npythonpath = .\n".to_string());
    std::iter::once(settings).chain(files).collect()
}

fn file(path: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (path.into(), text.into())
}

/// One package with all modules, and a test that imports them all.
pub fn wide_package(size: usize) -> Files {
    let mut test = String::new();
    let mut files = vec![file("big/__init__.py", "")];
    for n in 0..size {
        files.push(file(format!("big/m{n}.py"), format!("def f{n}():\n    return {n}\n\n\nclass C{n}:\n    pass\n")));
        let _ = writeln!(test, "from big.m{n} import f{n}");
    }
    files.push(file("tests/test_all.py", test + TEST));
    with_settings(files)
}

/// Packages of twenty modules, each using the one before, with tests in directories like theirs.
fn growing_project(size: usize) -> Files {
    let mut files = Vec::new();
    for n in 0..size / 2 {
        let (package, before) = (n / 20, n.saturating_sub(1));
        let text =
            format!("from lib.p{}.m{before} import f{before} as other\n\n\ndef f{n}():\n    return {n}\n", before / 20);
        // The first of a package stands alone, so that chains stay short.
        let text = if n % 20 == 0 { format!("def f{n}():\n    return {n}\n") } else { text };
        files.push(file(format!("lib/p{package}/m{n}.py"), text));
        files.push(file(
            format!("tests/p{package}/test_{n}.py"),
            format!("from lib.p{package}.m{n} import f{n}\n{TEST}"),
        ));
        if n % 20 == 0 {
            files.push(file(format!("lib/p{package}/__init__.py"), ""));
        }
    }
    files.push(file("lib/__init__.py", ""));
    with_settings(files)
}

/// Each module imports the next.
pub fn import_chain(size: usize) -> Files {
    let module =
        |n: usize| if n + 1 < size { format!("from c.m{} import value\n", n + 1) } else { "value = 1\n".into() };
    let modules = (0..size).map(|n| file(format!("c/m{n}.py"), module(n)));
    let ends = [file("c/__init__.py", ""), file("tests/test_c.py", format!("from c.m0 import value\n{TEST}"))];
    with_settings(modules.chain(ends))
}

/// Each module takes all names of the next: the last name passes through all of them, as in CPython.
fn star_tower(size: usize) -> Files {
    let star = |n: usize| if n + 1 < size { format!("from s.m{} import *\n", n + 1) } else { String::new() };
    let modules = (0..size).map(|n| file(format!("s/m{n}.py"), format!("{}name_{n} = {n}\n", star(n))));
    let test = format!("from s.m0 import name_{}\n{TEST}", size - 1);
    with_settings(modules.chain([file("s/__init__.py", ""), file("tests/test_s.py", test)]))
}

/// All modules in one cycle, with further edges across it.
pub fn one_cycle(size: usize) -> Files {
    let text = |n: usize| format!("import y.m{}\nimport y.m{}\n\nv{n} = {n}\n", (n + 1) % size, (n * 7 + 3) % size);
    let modules = (0..size).map(|n| file(format!("y/m{n}.py"), text(n)));
    with_settings(modules.chain([file("y/__init__.py", ""), file("tests/test_y.py", format!("import y.m0\n{TEST}"))]))
}

/// One test with many ids.
fn many_parameters(size: usize) -> Files {
    let values: Vec<String> = (0..size).map(|n| format!("\"v{n}\"")).collect();
    let head = format!("import pytest\n\n\n@pytest.mark.parametrize(\"x\", [{}])\n", values.join(", "));
    with_settings([file("test_p.py", head + "def test_x(x):\n    pass\n")])
}

/// Directories with a conftest and a test each.
pub fn conftests_side_by_side(size: usize) -> Files {
    let fixture = "import pytest\n\n\n@pytest.fixture\ndef fix():\n    return 1\n";
    let test = "def test_x(fix):\n    pass\n";
    with_settings(
        (0..size)
            .flat_map(|n| [file(format!("t/d{n}/conftest.py"), fixture), file(format!("t/d{n}/test_{n}.py"), test)]),
    )
}

/// Directories in each other, with a conftest each.
pub fn conftests_in_a_row(size: usize) -> Files {
    let mut directory = "top/".to_string();
    let mut files = Vec::new();
    for n in 0..size {
        let fixture = format!("import pytest\n\n\n@pytest.fixture\ndef fix_{n}():\n    return {n}\n");
        files.push(file(format!("{directory}conftest.py"), fixture));
        directory += "d/";
    }
    files.push(file(format!("{directory}test_deep.py"), format!("def test_x(fix_0, fix_{}):\n    pass\n", size - 1)));
    with_settings(files)
}

/// Every test module lacks something of its own and something that all lack.
fn missing_everywhere(size: usize) -> Files {
    let test = |n: usize| match n % 2 {
        0 => format!("from lib import gone_{n}\n{TEST}"),
        _ => format!("from gone.a{} import b\n{TEST}", n % 10),
    };
    with_settings((0..size).map(|n| file(format!("test_{n}.py"), test(n))).chain([file("lib.py", "x = 1\n")]))
}

/// Many tests in one file.
fn one_long_file(size: usize) -> Files {
    let mut text = String::new();
    for n in 0..size {
        let _ = write!(text, "def test_{n}():\n    assert {n}\n\n\n");
    }
    with_settings([file("test_one.py", text)])
}
