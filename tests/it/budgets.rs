//! Any program ends: the machine gives up by counting steps, depth and imports, never by a clock; and what it does for a
//! program grows with the program.

use std::fmt::Write;
use std::time::{Duration, Instant};

use precollect::machine::Outcome;

use crate::support::memory::Tree;

/// Generous for a debug build on a busy machine; without a budget most of these would not end at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// What importing the first file's module comes to, and the steps it took.
fn import(files: &[(String, String)]) -> (Outcome, u64) {
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let tree = Tree::new(&files);
    let mut machine = tree.machine(12);
    let name = files[0].0.trim_end_matches(".py").replace('/', ".");
    let began = Instant::now();
    let outcome = machine.import(&name);
    assert!(began.elapsed() < PATIENCE, "{name} took {:?}", began.elapsed());
    (outcome, machine.steps())
}

fn module(text: impl Into<String>) -> (Outcome, u64) {
    import(&[("m.py".to_owned(), text.into())])
}

fn completes(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Completes)
}

#[test]
fn deep_recursion_ends() {
    module("def f(n):\n    return f(n + 1)\nf(0)\n");
    module(
        "def f(n):\n    return g(n)\ndef g(n):\n    return [f(n), f(n)]\ntry:\n    f(0)\nexcept RecursionError:\n    pass\n",
    );
    module("class A:\n    def __getattr__(self, name):\n        return getattr(self, name + 'x')\nA().b\n");
    module("class A:\n    def __init__(self):\n        self.child = A()\nA()\n");
    let mut text = String::from("x = 0\n");
    (0..400).for_each(|n| writeln!(text, "def f{n}():\n    return f{}()", n + 1).expect("strings grow"));
    text.push_str("def f400():\n    return 1\nf0()\n");
    module(text);
}

#[test]
fn exponential_branching_ends() {
    let mut text = String::from("import os\nvalue = os.environ.get('UNKNOWN')\n");
    (0..40).for_each(|n| writeln!(text, "if value == {n}:\n    x{n} = 1\nelse:\n    x{n} = 2").expect("strings grow"));
    assert!(completes(&module(text.clone()).0));
    // Each function calls the next on both sides of a condition.
    let mut calls = String::from("import os\nvalue = os.environ.get('UNKNOWN')\n");
    for n in 0..40 {
        writeln!(calls, "def f{n}():\n    if value:\n        return f{0}()\n    return f{0}()", n + 1)
            .expect("strings grow");
    }
    calls.push_str("def f40():\n    return 1\nf0()\n");
    module(calls);
    // Nested, not in a row.
    let mut nested = String::from("import os\nvalue = os.environ.get('UNKNOWN')\n");
    (0..30).for_each(|n| {
        let pad = "    ".repeat(n);
        writeln!(
            nested,
            "{pad}try:\n{pad}    import nowhere{n}\n{pad}except ImportError:\n{pad}    pass\n{pad}if value == {n}:"
        )
        .expect("strings grow");
    });
    writeln!(nested, "{}x = 1", "    ".repeat(30)).expect("strings grow");
    assert!(completes(&module(nested).0));
}

#[test]
fn storms_of_imports_end() {
    let mut files = vec![("m.py".to_owned(), (0..1500).map(|n| format!("import s{n}\n")).collect::<String>())];
    files.extend((0..1500).map(|n| (format!("s{n}.py"), "import m\nfrom m import *\n".to_owned())));
    assert!(completes(&import(&files).0));
    // Each imports all others, in functions that are called.
    let all: String = (0..60).map(|n| format!("    import t{n}\n")).collect();
    let body = format!("def load():\n{all}load()\n");
    let files: Vec<_> = (0..60).map(|n| (format!("t{n}.py"), body.clone())).collect();
    assert!(completes(&import(&files).0));
    // Dynamic ones.
    let text = "import importlib\nfor name in range(100000):\n    try:\n        importlib.import_module('x%d' % name)\n    except ImportError:\n        pass\n";
    assert!(completes(&module(text).0));
}

#[test]
fn a_cycle_of_a_thousand_modules_ends() {
    let next = |n: usize| (n + 1) % 1000;
    let files: Vec<_> = (0..1000).map(|n| (format!("c{n}.py"), format!("import c{}\nx{n} = 1\n", next(n)))).collect();
    assert!(completes(&import(&files).0));
    let files: Vec<_> =
        (0..1000).map(|n| (format!("c{n}.py"), format!("from c{0} import x{0}\nx{n} = 1\n", next(n)))).collect();
    let Outcome::Raises(raised) = import(&files).0 else { panic!("the cycle is fatal") };
    let message = raised.message.unwrap_or_default();
    assert!(message.contains("partially initialized module 'c0'"), "{message}");
}

#[test]
fn giant_literals_end() {
    let list: String = (0..200_000).map(|n| format!("{n}, ")).collect();
    assert!(completes(&module(format!("x = [{list}]\ny = len(x)\n")).0));
    let dict: String = (0..20_000).map(|n| format!("'k{n}': {{'a': [{n}]}}, ")).collect();
    assert!(completes(&module(format!("x = {{{dict}}}\ny = x['k7']['a'][0]\n")).0));
    assert!(completes(&module("x = 'a' * 10 ** 9\ny = [0] * 10 ** 9\nz = range(10 ** 12)\nw = 2 ** 100000\n").0));
    assert!(completes(&module("x = [0]\nfor _ in range(60):\n    x = x + x\n").0));
    assert!(completes(&module("x = 'ab'\nfor _ in range(60):\n    x = x + x\n").0));
    // Values that hold themselves, and values that hold each other many times over.
    module("x = []\nx.append(x)\ny = str(x)\nz = x == [x]\nw = f'{x}'\n");
    module("x = {}\nx['x'] = x\ny = str(x)\nz = x == {'x': x}\n");
    let tuples = "import os\nx = (1,)\ny = (1,)\nfor _ in range(60):\n    x = (x, x)\n    y = (y, y)\nz = x == y\n\
                  if os.environ.get('UNKNOWN'):\n    x = y\nw = repr(x)\n";
    assert!(completes(&module(tuples).0));
    assert!(completes(&module("x = 'ab'\nfor _ in range(60):\n    x = x.replace('a', 'aa')\n").0));
    assert!(completes(&module("x = 'ab'\nfor _ in range(60):\n    x = f'{x}{x}'\n").0));
    assert!(completes(&module("x = 'ab'\nfor _ in range(60):\n    x = ''.join([x, x])\n").0));
    assert!(completes(&module("x = [1]\nfor _ in range(60):\n    x += x\n    x.extend(x)\n").0));
    let sum: String = (0..3_000).map(|n| format!(" + {n}")).collect();
    module(format!("x = 0{sum}\n"));
}

#[test]
fn loops_end() {
    let (outcome, _) = module("while True:\n    pass\n");
    assert!(matches!(outcome, Outcome::Hangs(_)), "{outcome:?}");
    module("n = 0\nwhile n >= 0:\n    n += 1\n");
    module(
        "for a in range(10000):\n    for b in range(10000):\n        for c in range(10000):\n            x = a + b + c\n",
    );
    module("x = [a + b for a in range(10 ** 5) for b in range(10 ** 5)]\n");
    module("def g():\n    while True:\n        yield 1\nfor x in g():\n    pass\n");
    module("import itertools\nfor x in itertools.count():\n    pass\n");
    module("x = [1]\nfor y in x:\n    x.append(y)\n");
}

/// A package of modules that import each other, define classes, and call each other's functions.
fn tree(size: usize) -> Vec<(String, String)> {
    let mut files = vec![
        ("app/main.py".to_owned(), (0..size).map(|n| format!("from app import m{n}\n")).collect::<String>()),
        ("app/__init__.py".to_owned(), String::new()),
    ];
    for n in 0..size {
        let before = n.saturating_sub(1);
        let import = if n == 0 { String::new() } else { format!("from app.m{before} import make, Base{before}\n") };
        let base = if n % 10 == 0 { "object".to_owned() } else { format!("Base{before}") };
        let text = format!(
            "import os\n{import}\n\ndef make(value):\n    return [value, os.path.join('a', str(value))]\n\n\nclass \
             Base{n}({base}):\n    items = make({n})\n    if items:\n        kind = 'x'\n\n\ntry:\n    import nowhere\nexcept \
             ImportError:\n    nowhere = None\nx{n} = make({n})\n"
        );
        files.push((format!("app/m{n}.py"), text));
    }
    files
}

#[test]
fn steps_grow_with_the_program() {
    let steps = |size| {
        let (outcome, steps) = import(&tree(size));
        assert!(completes(&outcome), "{outcome:?}");
        steps
    };
    let (small, large) = (steps(100), steps(400));
    assert!(large <= small * 5, "four times the program takes {large} steps instead of {small}");
}
