//! Lowering, seen through the text form.

use super::forms::{forms, parsers};
use super::{read, summarise};
use crate::summary::pretty;

fn module(text: &str) -> String {
    let both = forms(text.as_bytes());
    assert_eq!(both.parts, both.whole);
    pretty::module(&read(text.as_bytes(), false).summary, None)
}

/// The digest lines of a text.
fn digest(text: &str) -> Vec<String> {
    let all = pretty::summary(&summarise(text.as_bytes()), None);
    all.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_owned).collect()
}

#[test]
fn simple_statements() {
    let text = "import a.b, c as d\nfrom ..x import (y as z, w)\nfrom . import *\na = b = c, *d = 1, 'x' \"y\\n\"\n\
                x: int\ny: List[int] = []\nx += -1\ndel a, b.c\nraise E from None\nassert a, 'm'\n";
    let expected = "import a.b\nimport c as d\nfrom ..x import y as z, w\nfrom . import *\n\
                    a = b = (c, *d) = (1, \"xy\\n\")\nx: int\ny: List[int] = []\nx Add= -1\ndel a, b.c\n\
                    raise E from None\nassert a, \"m\"\n";
    assert_eq!(module(text), expected);
}

#[test]
fn python_2_statements_are_unreadable() {
    assert_eq!(module("print 'x'\nprint(1)\n"), "<unreadable>\nprint(1)\n");
    assert_eq!(module("exec 'x'\nx = 0777\n"), "<unreadable>\nx = <unreadable>\n");
    assert_eq!(module("print >>f, x\n"), "((print RShift f), x)\n");
}

#[test]
fn soft_keywords_are_names_elsewhere() {
    assert_eq!(module("type(a).b.c = d(e)\ntype(a, b)[0] = 1\n"), "type(a).b.c = d(e)\ntype(a, b)[0] = 1\n");
    assert_eq!(
        module("type = 1\nmatch = type(x)\nmatch.a = 2\nprint = 3\n"),
        "type = 1\nmatch = type(x)\nmatch.a = 2\nprint = 3\n"
    );
    assert_eq!(module("type X[T] = list[T]\ntype Y = int\n"), "type X\ntype Y\n");
}

#[test]
fn a_function_is_a_program_with_its_locals() {
    let text = "def f(a, *, b=1):\n    global g\n    import os.path\n    g = 1\n    for i, (j, *k) in x: pass\n    \
                try: pass\n    except E as e: pass\n    with a as w: pass\n    class C:\n        inner = 1\n    \
                [c for c in d if (n := c)]\n    def h(): yield\n    return lambda s: s\n";
    let out = module(text);
    let expected = "def f(a, *, b=1):\n    # locals: os, i, j, k, e, w, C, n, h\n    global g\n";
    assert!(out.starts_with(expected), "{out}");
    assert!(out.contains("    def h(): # generator\n"), "{out}");
}

#[test]
fn imports_have_kinds() {
    let text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\nelse:\n    import b\n\
                if not typing.TYPE_CHECKING:\n    import c\nelse:\n    import d\n\
                try:\n    import e\nexcept ImportError:\n    import f\ntry:\n    import g\nexcept KeyError: pass\n\
                def fn():\n    import h\n    try: import i\n    except: pass\nimportlib.import_module('j.k')\n\
                with suppress(ImportError): import l\n\
                from typing import TYPE_CHECKING as checks\nif checks:\n    import m\n";
    let expected = [
        "import 1: Plain typing > TYPE_CHECKING",
        "import 3: Guarded a",
        "import 5: Plain b",
        "import 7: Plain c",
        "import 9: Guarded d",
        "import 11: Optional? e",
        "import 13: Plain f",
        "import 15: Plain g",
        "import 18: Deferred h",
        "import 19: Deferred? i",
        "import 21: Dynamic j.k",
        "import 22: Optional? l",
        "import 23: Plain typing > TYPE_CHECKING as checks",
        "import 25: Guarded m",
        "function 17: fn",
    ];
    assert_eq!(digest(text), expected);
}

#[test]
fn fixtures_are_read_from_decorators() {
    let text = "@pytest.fixture(scope='module', name='n', autouse=True)\ndef f(request, a, b=1, *c): pass\n\
                class T:\n    @fixture\n    def g(self, x): pass\n";
    let expected = [
        "function 2: f",
        "class 3: T",
        "function 5: T.g",
        "fixture 1: n module autouse=Some(true) requests (request, a)",
        "fixture 4: g function autouse=Some(false) requests (x)",
    ];
    assert_eq!(digest(text), expected);
}

#[test]
fn match_statements_read_and_bind() {
    let text = "match a.b(c):\n    case [x, *r] if x: pass\n    case {'k': 1, **m}: pass\n    \
                case P.Q(a=0, b=y) | -1: pass\n    case e.f | None: pass\n    case z: pass\n";
    let expected = "match a.b(c):\n    case reads () binds (x, r) if x:\n        pass\n    \
                    case reads (\"k\", 1) binds (m):\n        pass\n    \
                    case reads (P.Q, 0, -1) binds (y):\n        pass\n    \
                    case reads (e.f, None) binds ():\n        pass\n    \
                    case reads () binds (z) any:\n        pass\n";
    assert_eq!(module(text), expected);
}

#[test]
fn strings_are_joined_and_fields_kept() {
    assert_eq!(
        module("x = f'a{b!r:>{w}}{{}}' 'c' rf'\\d{e=}'\n"),
        "x = f(\"a\" {b!r:\">\" {w}} \"{}\" \"c\" \"\\\\d\" {\"e=\" e!r})\n"
    );
}

#[test]
fn both_parsers_place_everything_alike() {
    let texts = [
        "x = (a or b) or c and (d)\ny = a.b().c[1:2, ::3, *z][(0, 1)]\n",
        "f(x for x in y)\nf((x for x in y), *a, b=1, **c)\nclass C(A, metaclass=M): 'doc'; x = 1\n",
        "@a.b\n@c(1)\nasync def f(a, /, b: int = 1, *args: T, c, **kw) -> (int): pass\n",
        "def g(*, a): pass\ndef h(a, /): pass\nk = lambda *a, b=2: (yield)\n",
        "try: pass\nexcept (A, B) as e: pass\nelse: pass\nfinally: pass\ntry: pass\nexcept* C: pass\n",
        "with (a as b, c()): pass\nasync def f():\n    async with a as (b, c): pass\n    async for x, in y: pass\n",
        "for x in 1, 2: pass\nelse: pass\nwhile x: pass\nelse: pass\nif (a): pass\nelif b: pass\nelse: pass\n",
        "x = {1: 2, **a}, {1}, [*b], {k: v for k, v in x if k if v}\nasync def f(): return {x async for x in y}\n",
        "from . import (a as b, c)\nfrom .. x import y\nfrom __future__ import annotations\nimport a . b as c\n",
        "del (a), b\ndel (c, d)\nassert (a, b), c\nraise A(b) from c\nx: (int) = y\n",
        "match a, b:\n    case (1 | -2.0), *_: pass\n    case {**r} | [x]: pass\n    case (y): pass\n    case _: pass\n",
        "x = f'{a, b}{c!r:{d}.{e}}{f = }{{'  rf\"{g:\\n}\" 'h'\nb'1' b'2'\n('doc')\n",
        "x = not -a ** b if c is not d not in e else (y := 1)\nx @= 2; x //= 3;\n",
    ];
    for text in texts {
        assert_eq!(parsers(text.as_bytes()), None, "{text}");
        assert!(!read(text.as_bytes(), true).fell_back, "{text}");
    }
}

#[test]
fn deep_nesting_ends_in_an_unreadable_part() {
    for text in ["(".repeat(100_000), "[".repeat(100_000), format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000))] {
        assert!(!summarise(text.as_bytes()).lines.is_empty());
    }
    let sums = format!("x = {}1\nimport a\n", "1 + ".repeat(20_000));
    assert_eq!(summarise(sums.as_bytes()).imports.len(), 1);
}
