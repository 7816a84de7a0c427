//! The import machine on trees in memory. Expectations are what CPython does.

use precollect::machine::Outcome;

use crate::support::memory::Tree;

fn run(minor: u8, files: &[(&str, &str)], imports: &[&str]) -> Vec<String> {
    let tree = Tree::new(files);
    let mut machine = tree.machine(minor);
    imports.iter().map(|name| show(&machine.import(name))).collect()
}

fn show(outcome: &Outcome) -> String {
    let raised = match outcome {
        Outcome::Completes => return "ok".to_owned(),
        Outcome::Unknown(reason) => return format!("unknown: {reason}"),
        Outcome::Raises(raised) => raised,
        Outcome::Hangs(raised) => return format!("hangs at {:?}", raised.frames.last().map(|frame| frame.line)),
    };
    let place = raised.frames.last().map(|frame| {
        let file = frame.file.strip_prefix("/p").unwrap_or(&frame.file);
        format!("{}:{}", file.display(), frame.line)
    });
    let certainty = format!("{:?}", raised.certainty).to_lowercase();
    let message = raised.message.as_deref().unwrap_or("?").replace("/p/", "");
    format!("{certainty} {}: {message} @ {}", raised.class, place.unwrap_or_default())
}

/// What importing module `m` of this text comes to, in version 3.12.
fn module(text: &str) -> String {
    run(12, &[("m.py", text)], &["m"]).remove(0)
}

#[test]
fn missing_modules_are_named_as_cpython_names_them() {
    assert_eq!(module("import nope\n"), "certain ModuleNotFoundError: No module named 'nope' @ m.py:1");
    assert_eq!(module("\nimport json.nope.x\n"), "certain ModuleNotFoundError: No module named 'json.nope' @ m.py:2");
    assert_eq!(
        module("import csv.x\n"),
        "certain ModuleNotFoundError: No module named 'csv.x'; 'csv' is not a package @ m.py:1"
    );
    assert_eq!(module("import imp\n"), "certain ModuleNotFoundError: No module named 'imp' @ m.py:1");
    assert_eq!(
        module("from collections import Mapping\n"),
        "certain ImportError: cannot import name 'Mapping' from 'collections' (<stdlib>/collections/__init__.py) @ m.py:1"
    );
}

#[test]
fn handlers_catch_by_class() {
    assert_eq!(module("try:\n    import nope\nexcept ImportError:\n    nope = None\nnope\n"), "ok");
    assert_eq!(
        module("try:\n    from json import nope\nexcept ModuleNotFoundError:\n    pass\n"),
        "certain ImportError: cannot import name 'nope' from 'json' (<stdlib>/json/__init__.py) @ m.py:2"
    );
    assert_eq!(module("class E(ValueError): pass\ntry:\n    raise E('x')\nexcept ValueError:\n    pass\n"), "ok");
    assert_eq!(
        module("try:\n    import nope\nexcept ImportError as e:\n    pass\ne\n"),
        "certain NameError: name 'e' is not defined @ m.py:5"
    );
    assert_eq!(module("import contextlib\nwith contextlib.suppress(ImportError):\n    import nope\n"), "ok");
}

#[test]
fn cycles_fail_where_they_are_entered() {
    let files = [("a.py", "from b import y\nx = 1\n"), ("b.py", "from a import x\ny = 1\n")];
    assert_eq!(
        run(12, &files, &["a", "b"]),
        [
            "certain ImportError: cannot import name 'x' from partially initialized module 'a' (most likely due to a \
             circular import) (a.py) @ b.py:1",
            "certain ImportError: cannot import name 'y' from partially initialized module 'b' (most likely due to a \
             circular import) (b.py) @ a.py:1",
        ]
    );
    assert_eq!(run(12, &[("a.py", "import b\nx = 1\n"), ("b.py", "import a\n")], &["a"]), ["ok"]);
}

#[test]
fn packages_bind_children_and_keep_them() {
    let files = [
        ("p/__init__.py", "from .good import g\nfrom .bad import b\n"),
        ("p/good.py", "g = 1\n"),
        ("p/bad.py", "import nope\n"),
        ("t.py", "import sys\nassert 'p.good' in sys.modules\nassert 'p' not in sys.modules\n"),
    ];
    let missing = "certain ModuleNotFoundError: No module named 'nope' @ p/bad.py:1";
    assert_eq!(run(12, &files, &["p", "t", "p.good"]), [missing, "ok", "ok"]);
}

#[test]
fn relative_imports_need_a_package() {
    assert_eq!(
        module("from . import x\n"),
        "certain ImportError: attempted relative import with no known parent package @ m.py:1"
    );
    let files = [("p/__init__.py", ""), ("p/m.py", "from .. import x\n")];
    assert_eq!(
        run(8, &files, &["p.m"]),
        ["certain ValueError: attempted relative import beyond top-level package @ p/m.py:1"]
    );
}

#[test]
fn conditions_on_the_version_decide() {
    let text = "import sys\nif sys.version_info >= (3, 8):\n    import json\nelse:\n    import nope\n\
                if sys.version_info[0] == 2:\n    import nope\nPY3 = sys.version_info.major == 3\n\
                if not PY3:\n    import nope\n";
    assert_eq!(module(text), "ok");
    assert_eq!(module("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nope\n"), "ok");
}

#[test]
fn unknown_conditions_take_both_sides() {
    assert_eq!(module("import os\nif os.environ.get('UNKNOWN'):\n    import nope\n"), "ok");
    assert_eq!(
        module("import os\nif os.environ.get('UNKNOWN'):\n    x = 1\n    import nope\nelse:\n    import nope\n"),
        "certain ModuleNotFoundError: No module named 'nope' @ m.py:4"
    );
}

#[test]
fn calls_are_followed() {
    assert_eq!(
        module(
            "import sys\ndef stop(code=2):\n    sys.exit(code)\nclass A:\n    def __init__(self):\n        stop()\nA()\n"
        ),
        "certain SystemExit: 2 @ m.py:3"
    );
    assert_eq!(
        module("def f(a, b=1): pass\nf(c=1)\n"),
        "certain TypeError: f() got an unexpected keyword argument 'c' @ m.py:2"
    );
    assert_eq!(module("import pytest\n"), "certain ModuleNotFoundError: No module named 'pytest' @ m.py:1");
}

#[test]
fn stars_follow_all() {
    let files = [
        ("a.py", "__all__ = ['x', 'zz']\nx = 1\n"),
        ("b.py", "from c import *\nx\n_y\n"),
        ("c.py", "x = 1\n_y = 2\n"),
        ("m.py", "from a import *\n"),
    ];
    assert_eq!(
        run(12, &files, &["m", "b"]),
        [
            "certain AttributeError: module 'a' has no attribute 'zz' @ m.py:1",
            "certain NameError: name '_y' is not defined @ b.py:3"
        ]
    );
}

#[test]
fn module_getattr_is_run() {
    let files = [
        (
            "n.py",
            "def __getattr__(name):\n    if name in ('bool8',):\n        raise AttributeError('module {!r} has no attribute {!r}'.format(__name__, name))\n    return 1\n",
        ),
        ("m.py", "import n\nn.other\nn.bool8\n"),
        ("k.py", "from n import bool8\n"),
    ];
    assert_eq!(
        run(12, &files, &["m", "k"]),
        [
            "certain AttributeError: module 'n' has no attribute 'bool8' @ n.py:3",
            "certain ImportError: cannot import name 'bool8' from 'n' (n.py) @ k.py:1"
        ]
    );
}

#[test]
fn loops_that_cannot_end_hang() {
    assert_eq!(module("import time\nwhile True:\n    time.sleep(1)\n"), "hangs at Some(2)");
}

#[test]
fn generators_run_around_with_statements() {
    let text = "import contextlib\n@contextlib.contextmanager\ndef prefix(p):\n    global register\n    old = register\n    \
                register = lambda key: old(p + key)\n    try:\n        yield p\n    finally:\n        register = old\n\
                names = []\ndef register(key):\n    if key in names:\n        raise ValueError(key)\n    names.append(key)\n\
                with prefix('a.') as p:\n    register('x')\nwith prefix('b.'):\n    register('x')\nassert names == ['a.x', 'b.x'] and p == 'a.'\n\
                register('a.x')\n";
    assert_eq!(module(text), "certain ValueError: a.x @ m.py:14");
}

#[test]
fn a_module_that_is_none_stops_its_import_only() {
    let files = [
        ("p/__init__.py", ""),
        ("a.py", "import sys\nsys.modules['p'] = None\nimport p\n"),
        ("b.py", "import p.x\n"),
        ("s.py", "import sys\nsys.modules['s'] = None\n"),
        ("c.py", "from s import x\n"),
    ];
    assert_eq!(
        run(12, &files, &["a", "b", "c"]),
        [
            "certain ModuleNotFoundError: import of p halted; None in sys.modules @ a.py:3",
            "certain ModuleNotFoundError: No module named 'p.x'; 'p' is not a package @ b.py:1",
            "certain ImportError: cannot import name 'x' from '<unknown module name>' (unknown location) @ c.py:1",
        ]
    );
}

#[test]
fn packages_that_replace_themselves_keep_their_submodules() {
    let files = [
        (
            "p/__init__.py",
            "import sys, types\nclass Lazy(types.ModuleType):\n    pass\nsys.modules[__name__] = Lazy(__name__)\n",
        ),
        ("p/x.py", "import nope\n"),
        ("m.py", "from p import x\n"),
    ];
    assert_eq!(run(12, &files, &["m"]), ["certain ModuleNotFoundError: No module named 'nope' @ p/x.py:1"]);
}

#[test]
fn code_that_is_not_read_may_provide_modules() {
    assert_eq!(module("exec(compile(open(__file__).read(), 'x', 'exec'))\nimport nope\n"), "ok");
}

#[test]
fn installed_packages_break_by_imports_not_by_values() {
    let files = [
        ("site/dep/__init__.py", "from . import inner\nNone.x\nundefined_name\n{}['k']\n"),
        ("site/dep/inner.py", "import imp\n"),
        ("site/fine.py", "None.x\nundefined_name\n{}['k']\n"),
        ("site/old.py", "unicode\n"),
        ("m.py", "import fine\nimport dep\n"),
        ("k.py", "import old\n"),
    ];
    assert_eq!(
        run(12, &files, &["m", "k"]),
        [
            "certain ModuleNotFoundError: No module named 'imp' @ site/dep/inner.py:1",
            "certain NameError: name 'unicode' is not defined @ site/old.py:1",
        ]
    );
}

#[test]
fn every_input_ends() {
    let chain: Vec<(String, String)> =
        (0..1_200).map(|at| (format!("m{at}.py"), format!("import m{}\nx = 1\n", (at + 1) % 1_200))).collect();
    let files: Vec<(&str, &str)> = chain.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    assert_eq!(run(12, &files, &["m0"]), ["ok"]);
    let doubling = "def f0(): return 1\n".to_owned()
        + &(1..60).map(|at| format!("def f{at}(): return f{}() + f{}()\n", at - 1, at - 1)).collect::<String>()
        + "f59()\n";
    assert_eq!(module(&doubling), "ok");
    let branches = "import os\nx = os.environ.get('UNKNOWN')\n".to_owned()
        + &(0..400).map(|at| format!("if x:\n    y{at} = 1\nelse:\n    y{at} = 2\n")).collect::<String>();
    assert_eq!(module(&branches), "ok");
    let nested: String = (0..90).map(|at| format!("{}if x:\n", " ".repeat(at))).collect();
    assert_eq!(module(&format!("import os\nx = os.environ.get('UNKNOWN')\n{nested}{}pass\n", " ".repeat(90))), "ok");
    let endless = module("def f(n): return f(n + 1)\nf(0)\n");
    assert_eq!(endless, "certain RecursionError: maximum recursion depth exceeded @ m.py:1");
    assert_eq!(module("class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nA().y\n"), "ok");
    assert_eq!(module("x = 0\nwhile x < 10 ** 9:\n    x += 1\n"), "ok");
    let sum = format!("x = {}\n", vec!["1"; 3_000].join(" + "));
    assert_eq!(module(&sum), "ok");
}
