#!/usr/bin/env python3
"""Differential fuzzer of the import machine: random small module sets, collected by real pytest and by precollect.

fuzz_imports.py --precollect BIN --python VENV/bin/python [--seconds 60] [--seed 1] [--keep DIR]

The given Python must have pytest. One process imports pytest once and forks for each set. A certain answer of
precollect that differs from pytest's (outcome, exception class or message) is a finding: the set is printed, and
kept below --keep. Answers that are unknown, or only likely, are counted, not compared.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

SERVER = r'''
import json, os, sys
sys.path[:] = [entry for entry in sys.path if entry]  # as the pytest command has it
import pytest, _pytest.assertion.rewrite, importlib, typing, types  # warm

class Recorder:
    def __init__(self):
        self.modules = {}
    @pytest.hookimpl(hookwrapper=True)
    def pytest_make_collect_report(self, collector):
        result = yield
        self.note(collector, result.get_result())
    def note(self, collector, report):
        if not isinstance(collector, pytest.Module) or isinstance(collector, pytest.Package):
            return
        entry = {"outcome": {"passed": "collected", "failed": "error"}.get(report.outcome, report.outcome)}
        self.modules[collector.nodeid] = entry
        failure = FAILURES.pop(collector.nodeid, None)
        if failure is not None and entry["outcome"] == "error":
            exc = failure
            if exc.__cause__ is not None and type(exc).__name__ == "CollectError":
                exc = exc.__cause__
            entry["exception"] = type(exc).__name__
            entry["message"] = exc.msg if isinstance(exc, SyntaxError) else (str(exc).splitlines() or [""])[-1]

FAILURES = {}
original = pytest.Module._importtestmodule if hasattr(pytest.Module, "_importtestmodule") else None
owner = pytest.Module
name = "_importtestmodule"
if original is None:
    import _pytest.python as mod
    name, owner = "importtestmodule", mod
    original = mod.importtestmodule
    def wrapped(path, config):
        try:
            return original(path, config)
        except BaseException as err:
            from pathlib import Path
            FAILURES[os.path.relpath(path, config.rootpath).replace(os.sep, "/")] = err
            raise
else:
    def wrapped(self):
        try:
            return original(self)
        except BaseException as err:
            FAILURES[self.nodeid] = err
            raise
setattr(owner, name, wrapped)

for line in sys.stdin:
    folder = line.strip()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.chdir(folder)
        recorder = Recorder()
        try:
            code = int(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider"], plugins=[recorder]))
        except BaseException as err:
            code = 3
        os.write(write, json.dumps({"exit": code, "modules": recorder.modules}).encode())
        os._exit(0)
    os.close(write)
    data = b""
    while True:
        part = os.read(read, 65536)
        if not part:
            break
        data += part
    os.close(read)
    os.waitpid(pid, 0)
    print(data.decode() or "{}", flush=True)
'''

NAMES = ["alpha", "beta", "gamma"]


class Maker:
    """Writes one random set of modules."""

    def __init__(self, rng):
        self.rng = rng
        pick = rng.choice
        self.packages = rng.sample(["pkg", "lib", "core"], rng.randint(1, 2))
        self.modules = rng.sample(["one", "two", "util", "conf"], rng.randint(1, 3))
        self.subs = {p: rng.sample(["a", "b", "c", "d"], rng.randint(1, 4)) for p in self.packages}
        self.namespace = pick([None, None, "space"])
        self.bound = []  # what the module being written may have bound so far, so that most uses succeed

    def dotted(self):
        pick = self.rng.choice
        every = list(self.modules) + list(self.packages) + ["%s.%s" % (p, s) for p in self.packages for s in self.subs[p]]
        if self.rng.random() < 0.06:
            every += ["nowhere", self.packages[0] + ".nowhere", self.modules[0] + ".inner", "collections", "json.decoder"]
        if self.namespace:
            every += ["space.x"]
        return pick(every)

    def name(self):
        return self.rng.choice(NAMES if self.rng.random() < 0.93 else ["missing"])

    def known(self):
        """Mostly a name that the module being written has bound."""
        return self.rng.choice(self.bound) if self.bound and self.rng.random() < 0.93 else self.name()

    def import_line(self, package):
        line = self.any_import(package)
        tail = line.split()[-1]
        if tail != "*":
            self.bound.append(tail.split(".")[0] if line.startswith("import") else tail)
        return line

    def any_import(self, package):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.2:
            return "import " + self.dotted()
        if kind < 0.3:
            return "import %s as %s" % (self.dotted(), self.name())
        if kind < 0.6:
            return "from %s import %s" % (self.dotted(), self.name())
        if kind < 0.7 and package:
            return "from . import %s" % rng.choice(self.subs.get(package, ["a"]) + NAMES[:1])
        if kind < 0.8 and package:
            return "from .%s import %s" % (rng.choice(self.subs.get(package, ["a"])), self.name())
        if kind < 0.84 and package:
            return "from .. import %s" % self.name()
        if kind < 0.92:
            return "from %s import *" % self.dotted()
        p = rng.choice(self.packages)
        return "from %s import %s" % (p, rng.choice(self.subs[p] + NAMES[:2]))

    def use(self):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.7:
            return self.known()
        imported = [name for name in self.bound if name not in NAMES]
        if imported:
            return "%s.%s" % (rng.choice(imported), rng.choice(NAMES + ["a", "b", "__name__"]))
        return "%s.%s" % (rng.choice(self.packages + self.modules), rng.choice(["a", "b", "alpha", "beta", "__name__"]))

    def simple(self, package):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.36:
            return [self.import_line(package)]
        if kind < 0.56:
            self.bound.append(self.name())
            return ["%s = %d" % (self.bound[-1], rng.randint(0, 9))]
        if kind < 0.66:
            lines = self.function(package)
            self.bound.append(lines[0][4:-3])
            return lines + ["%s()" % self.bound[-1]] * rng.randint(0, 1)
        if kind < 0.72:
            name = self.name().title()
            lines = ["class %s:" % name, "    %s = %s" % (self.name(), rng.choice(["1", self.known()]))]
            return lines + (["%s.%s" % (name, self.name())] if rng.random() < 0.2 else [])
        if kind < 0.82:
            return ["_ = " + self.use()]
        if kind < 0.845:
            return ["del " + self.known()]
        if kind < 0.875:
            return ["__all__ = %r" % rng.sample(NAMES + ["a", "b"], 2)]
        if kind < 0.885:
            return ["raise %s('%s')" % (rng.choice(["ValueError", "ImportError", "KeyError", "RuntimeError"]), self.name())]
        if kind < 0.895:
            return ["assert %s" % rng.choice(["True", "False", self.known(), "1 == 1"])]
        if kind < 0.915:
            return ["def __getattr__(name):", "    if name == %r:" % self.name(), "        return 5",
                    "    raise AttributeError(name)"]
        if kind < 0.94:
            name = self.name()
            self.bound.append(name)
            return ["for %s in (1, 2):" % name, "    " + self.one_import(package)]
        if kind < 0.95:
            return ["import sys", "sys.modules[%r] = None" % self.dotted()]
        if kind < 0.975:
            self.bound.append(self.name())
            return ["import importlib", "%s = importlib.import_module(%r)" % (self.bound[-1], self.dotted())]
        return ["with __import__('contextlib').suppress(%s):" % rng.choice(["ImportError", "NameError", "Exception"]),
                "    " + rng.choice([self.one_import(package), self.use()])]

    def one_import(self, package):
        return self.import_line(package).replace("import *", "import beta")

    def function(self, package):
        held, lines = list(self.bound), ["def %s():" % self.name()]
        if self.rng.random() < 0.4:
            lines += ["    global %s" % NAMES[0], "    %s = 3" % NAMES[0]]
        if self.rng.random() < 0.6:
            lines += ["    " + self.one_import(package)]
        lines += ["    return " + self.rng.choice(["1", self.known()])]
        self.bound = held
        return lines

    def block(self, package, depth, size):
        rng, lines = self.rng, []
        for _ in range(rng.randint(1, size)):
            kind = rng.random()
            if depth < 2 and kind < 0.16:
                caught = rng.choice(["ImportError", "ModuleNotFoundError", "AttributeError", "NameError", "Exception",
                                     "(ImportError, NameError)", ""])
                lines += ["try:"] + self.indent(self.block(package, depth + 1, 2))
                lines += [("except %s:" % caught) if caught else "except:"] + self.indent(self.block(package, depth + 1, 2))
                if rng.random() < 0.3:
                    lines += ["else:"] + self.indent(self.block(package, depth + 1, 1))
                if rng.random() < 0.2:
                    lines += ["finally:"] + self.indent(self.block(package, depth + 1, 1))
            elif depth < 2 and kind < 0.26:
                test = rng.choice(["True", "0", "__name__ == '__main__'", "__import__('sys').version_info >= (3, 9)",
                                   "__import__('sys').platform == 'win32'", "__import__('typing').TYPE_CHECKING"])
                lines += ["if %s:" % test] + self.indent(self.block(package, depth + 1, 2))
                if rng.random() < 0.5:
                    lines += ["else:"] + self.indent(self.block(package, depth + 1, 2))
            else:
                lines += self.simple(package)
        return lines

    @staticmethod
    def indent(lines):
        return ["    " + line for line in lines]

    def module(self, package, size):
        first = self.rng.sample(NAMES, self.rng.randint(0, 3))
        self.bound = list(first)
        return ["%s = 1" % name for name in first] + self.block(package, 0, size)

    def files(self):
        out = {"conftest.py": "", "pytest.ini": "[pytest]\n"}
        for module in self.modules:
            out[module + ".py"] = self.module(None, 5)
        for package in self.packages:
            out[package + "/__init__.py"] = self.module(package, 3)
            for sub in self.subs[package]:
                out["%s/%s.py" % (package, sub)] = self.module(package, 4)
        if self.namespace:
            out["space/x.py"] = self.module(None, 3)
        for index in range(self.rng.randint(1, 3)):
            out["test_%d.py" % index] = self.module(None, 4) + ["def test_it():", "    pass"]
        return {path: text if isinstance(text, str) else "\n".join(text) + "\n" for path, text in out.items()}


class WideMaker(Maker):
    """Also writes classes, decorators, loops, failing operations and edits of what imports look at."""

    def simple(self, package):
        if self.rng.random() < 0.62:
            return super().simple(package)
        return self.rng.choice([
            self.family, self.decorated, self.metaclass, self.instance, self.failing, self.failing, self.local, self.entries,
            self.dynamic, self.path, self.loop, self.manager, self.attributes, self.closure, self.finally_, self.body, self.registry,
            self.exported, self.removed, self.data, self.recursive, self.argument])(package)

    def often(self, good, bad):
        return self.rng.choice(good) if self.rng.random() < 0.85 else self.rng.choice(bad)

    def klass(self):
        name = self.name().title()
        self.bound.append(name)
        return name

    def family(self, package):
        rng, name, base = self.rng, self.klass(), "Base%d" % self.rng.randint(0, 9)
        body = rng.choice(["cls.alpha = kw.get('key')", "cls.beta = 1", "cls.alpha = %s" % self.known(), "pass"])
        taken = self.often(["**kw", "key=None, **kw"], ["key", "key, **kw"])
        lines = ["class %s:" % base, "    gamma = 3", "    def __init_subclass__(cls, %s):" % taken,
                 "        super().__init_subclass__()", "        " + body.replace("kw.get('key')", "kw" if "key" not in taken else "key")]
        lines += ["class %s(%s%s):" % (name, base, self.often(["", ", key=1"], [", other=2"])), "    pass"]
        return lines + ["_ = %s.%s" % (name, self.often(["gamma", "__name__"], NAMES))] * rng.randint(0, 1)

    def decorated(self, package):
        rng, name = self.rng, self.name()
        deco = "deco%d" % rng.randint(0, 9)
        body = rng.choice([["    return f"], ["    def inner(*args, **kwargs):", "        return f(*args, **kwargs)", "    return inner"],
                           ["    f.alpha = 1", "    return f"], ["    return 5"]])
        self.bound.append(name)
        lines = ["def %s(f):" % deco] + body + ["@%s" % self.often([deco], ["undecorated", deco + "()"])]
        lines += ["def %s(a=%s):" % (name, self.often(["1", self.known()], ["nothing"])), "    return a"]
        return lines + [rng.choice(["_ = %s()", "_ = %s.alpha", "_ = %s(1)", "_ = %s"]) % name] * rng.randint(0, 1)

    def metaclass(self, package):
        name, meta = self.klass(), "Meta%d" % self.rng.randint(0, 9)
        extra = self.rng.choice([["    def __new__(mcs, name, bases, body):", "        body['alpha'] = 1",
                                  "        return super().__new__(mcs, name, bases, body)"],
                                 ["    beta = 2"], ["    def __getattr__(cls, name):", "        return name"]])
        lines = ["class %s(type):" % meta] + extra + ["class %s(metaclass=%s):" % (name, meta), "    gamma = 1"]
        return lines + ["_ = %s.%s" % (name, self.rng.choice(NAMES))] * self.rng.randint(0, 1)

    def instance(self, package):
        rng, name = self.rng, self.klass()
        lines = ["class %s:" % name, "    def __init__(self, a%s):" % rng.choice(["", "=1", ", b=2"]), "        self.alpha = a",
                 "    @property", "    def beta(self):", "        return self.alpha", "    @staticmethod", "    def gamma():",
                 "        return 3"]
        made = "%s(%s)" % (name, self.often(["1", "a=1"], ["", "1, 2, 3", "c=1", "1, a=2"]))
        return lines + ["_ = %s%s" % (made, self.often(["", ".alpha", ".beta", ".gamma()"], [".missing", ".beta()"]))]

    FAILURES = [("KeyError", "_ = {'a': 1}['b']"), ("IndexError", "_ = [1][3]"), ("ZeroDivisionError", "_ = 1 / 0"),
                ("ZeroDivisionError", "_ = 1 // 0"), ("ZeroDivisionError", "_ = 1 % 0"), ("AssertionError", "assert 1 == 2"),
                ("ValueError", "_ = int('x')"), ("TypeError", "_ = 'a' + 1"), ("TypeError", "_ = 1 + 'a'"), ("TypeError", "_ = len(5)"),
                ("TypeError", "for _ in 5: pass"), ("ValueError", "_, _ = (1, 2, 3)"), ("ValueError", "_, _, _ = (1, 2)"),
                ("TypeError", "_ = None + 1"), ("TypeError", "_ = (1)()"), ("TypeError", "_ = 5[0]"), ("TypeError", "_ = [] + ()"),
                ("AttributeError", "_ = (1).alpha"), ("AttributeError", "_ = 'a'.beta"), ("AttributeError", "_ = [].gamma"),
                ("AttributeError", "_ = {}.alpha"), ("TypeError", "_ = {}[[]]"), ("TypeError", "_ = {[]: 1}"), ("IndexError", "_ = ()[0]"),
                ("IndexError", "_ = 'ab'[7]"), ("TypeError", "_ = [1]['a']"), ("TypeError", "_ = -'a'"), ("ValueError", "_ = [1].index(2)"),
                ("KeyError", "_ = {}.pop('x')"), ("IndexError", "_ = [].pop()"), ("TypeError", "_ = 1 < 'a'"), ("TypeError", "_ = 3 in 5"),
                ("StopIteration", "_ = next(iter([]))"), ("ValueError", "_ = float('x')"), ("TypeError", "_ = int([])"),
                ("TypeError", "raise 5"), ("TypeError", "class X(5): pass"), ("NameError", "_ = undefined_name"),
                ("NameError", "del undefined_name"), ("KeyError", "_ = set().pop()"), ("TypeError", "_ = sum(['a'])"),
                ("ValueError", "_ = 'a'.index('x')"), ("ValueError", "_ = 'a'.split('')"), ("TypeError", "_ = ','.join(['a', 1])"),
                ("IndexError", "_ = '{} {}'.format(1)"), ("KeyError", "_ = '{a}'.format(b=1)"), ("TypeError", "_ = '%s %s' % (1,)"),
                ("TypeError", "_ = '%d' % 'a'"), ("ValueError", "[1].remove(2)"), ("KeyError", "{1}.remove(2)"), ("TypeError", "[].append()"),
                ("ValueError", "_ = max([])"), ("TypeError", "_ = sorted([1, 'a'])"), ("TypeError", "_ = dict([1])"), ("TypeError", "_ = list(5)"),
                ("TypeError", "_ = range('a')"), ("TypeError", "(1, 2)[0] = 1"), ("IndexError", "[][0] = 1"), ("KeyError", "del {}['a']"),
                ("TypeError", "_, _ = 5"), ("TypeError", "_ = [*5]"), ("TypeError", "with 5: pass"), ("AttributeError", "with 5: pass"),
                ("TypeError", "_ = len(None)"), ("AttributeError", "_ = {}.get('a').b"), ("TypeError", "_ = (lambda: 1)[0]"),
                ("TypeError", "class X(int, object, int): pass"), ("AttributeError", "(1).real = 2"), ("UnicodeEncodeError", "'\\xe9'.encode('ascii')")]

    def failing(self, package):
        rng = self.rng
        kind, line = rng.choice(self.FAILURES)
        if rng.random() < 0.14:
            return [line]
        caught = rng.choice([kind, kind, "Exception", "(KeyError, IndexError, ZeroDivisionError, TypeError)", "LookupError", "ValueError"]
                            if rng.random() < 0.3 else [kind, "Exception"])
        name = self.name()
        after = rng.choice([["pass"], ["%s = 1" % name], ["_ = str(error)"], ["raise"] if rng.random() < 0.2 else ["pass"],
                            ["raise RuntimeError(str(error))"] if rng.random() < 0.3 else ["pass"]])
        if after[0].startswith(name):
            self.bound.append(name)
        return ["try:", "    " + line, "except %s as error:" % caught] + self.indent(after)

    def local(self, package):
        rng, name = self.rng, "local%d" % self.rng.randint(0, 9)
        good = [["return 1"], ["x = 1", "x += 1", "return x"], ["return %s" % self.known()], ["for y in (1, 2):", "    pass", "return y"],
                ["import sys", "return sys"], ["try:", "    return %s" % self.known(), "finally:", "    pass"]]
        bad = [["x += 1"], ["y = x", "x = 1"], ["del x"], ["for y in ():", "    pass", "return y"], ["return undefined_name"],
               ["try:", "    1 / 0", "except ZeroDivisionError as e:", "    pass", "return e"], ["if 0:", "    z = 1", "return z"]]
        call = self.often(["%s()"], ["%s(1)", "%s(a=1)"]) % name
        return ["def %s():" % name] + self.indent(self.often(good, bad)) + ["_ = " + call]

    def entries(self, package):
        target = self.dotted()
        return ["import sys, types", self.often(
            ["sys.modules.pop(%r, None)" % target, "_ = %r in sys.modules" % target, "sys.modules.setdefault(%r, types.ModuleType(%r))" % (target, target),
             "sys.modules['virtual'] = types.ModuleType('virtual')"],
            ["del sys.modules[%r]" % target, "import virtual", "from virtual import alpha", "sys.modules[%r] = types.ModuleType('made')" % target])]

    def dynamic(self, package):
        rng, target = self.rng, self.dotted()
        name = self.name()
        self.bound.append(name)
        choices = ["%s = __import__(%r)" % (name, target), "%s = __import__(%r, fromlist=['alpha'])" % (name, target),
                   "%s = importlib.import_module(%r)" % (name, target), "%s = importlib.util.find_spec(%r)" % (name, rng.choice(self.modules))]
        if package:
            choices += ["%s = importlib.import_module('.%s', __package__)" % (name, rng.choice(self.subs[package])),
                        "%s = importlib.import_module('.%s', __name__)" % (name, rng.choice(self.subs[package]))]
        return ["import importlib, importlib.util", rng.choice(choices)]

    def path(self, package):
        if not package:
            return ["import os, sys", "sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))"]
        other = self.rng.choice(self.packages)
        return ["import os", "if '__path__' in globals():",
                "    " + self.rng.choice(["__path__.append(os.path.join(os.path.dirname(os.path.dirname(__file__)), %r))" % other,
                                          "__path__ = list(__path__)", "__path__.insert(0, os.path.dirname(__file__))"])]

    def loop(self, package):
        rng, name = self.rng, self.name()
        self.bound.append(name)
        return rng.choice([
            ["for i in range(3):", "    if i == %d:" % rng.randint(0, 4), "        break", "    %s = i" % name, "else:", "    %s = 9" % name],
            ["n = 0", "while n < 3:", "    n += 1", "    if n == 2:", "        continue", "    %s = n" % name],
            ["%s = [i * 2 for i in (1, 2, 3) if i > 1][%s]" % (name, self.often(["0", "-1"], ["5"]))],
            ["%s = {k: v for k, v in [('a', 1)]}[%s]" % (name, self.often(["'a'"], ["'b'"]))],
            ["for %s, other in [(1, 2), (3, 4)]:" % name, "    " + self.one_import(package)],
            ["%s = sum(x for x in (1, 2))" % name], ["(%s := 4)" % name]])

    def manager(self, package):
        rng, made = self.rng, "manager%d" % self.rng.randint(0, 9)
        inner = rng.choice([self.one_import(package), self.rng.choice(self.FAILURES)[1], "_ = " + self.known()])
        if rng.random() < 0.5:
            return ["class %s:" % made, "    def __enter__(self):", "        return 5", "    def __exit__(self, kind, error, trace):",
                    "        return %s" % self.often(["True"], ["False", "kind is ValueError"]), "with %s() as held:" % made, "    " + inner]
        return ["import contextlib", "@contextlib.contextmanager", "def %s():" % made, "    try:", "        yield 1",
                "    except Exception:", "        pass", "with %s() as held:" % made, "    " + inner]

    def attributes(self, package):
        rng, name = self.rng, self.name()
        target = rng.choice(self.modules)
        self.bound.append(name)
        return rng.choice([
            ["import %s" % target, "%s.%s = 7" % (target, rng.choice(NAMES)), "%s = 1" % name],
            ["import sys", "setattr(sys.modules[__name__], %r, 3)" % name],
            ["globals()[%r] = 4" % name],
            ["import %s" % target, "%s = getattr(%s, %r, 3)" % (name, target, self.name())],
            ["import %s" % target, "%s = hasattr(%s, %r)" % (name, target, self.name()), "if %s:" % name, "    _ = %s.%s" % (target, self.name())],
            ["%s = 1" % name, "def __dir__():", "    return []"]])

    def closure(self, package):
        name = self.name()
        self.bound.append(name)
        body = self.often(["        held += 1"], ["        held = other", "        missing_one()"])
        return ["def outer():", "    held = 1", "    def inner():", "        nonlocal held", body, "        return held", "    return inner",
                "%s = outer()()" % name]

    def body(self, package):
        """A class whose body runs imports and loops, and reads names around it."""
        name, inner = self.klass(), self.name()
        lines = ["class %s:" % name, "    " + self.one_import(package), "    %s = 1" % inner,
                 self.often(["    other = [x for x in (1, 2)]", "    for _ in (1, 2): pass", "    del %s" % inner, "    class Inner: pass"],
                            ["    other = [%s for x in (1, 2)]" % inner, "    _ = nothing", "    del missing"])]
        return lines + ["_ = %s.%s" % (name, self.often(["__name__", inner, "__dict__"], ["other", "missing"]))] * self.rng.randint(0, 1)

    def registry(self, package):
        """A decorator that notes what it decorates, asked for it afterwards."""
        name = self.name()
        self.bound.append(name)
        lines = ["registry = {}", "def register(key):", "    def note(f):", "        registry[key] = f", "        return f", "    return note",
                 "@register('a')", "def %s():" % name, "    return 1"]
        return lines + [self.often(["_ = registry['a']()", "_ = len(registry)", "assert 'a' in registry"], ["_ = registry['b']", "_ = registry.alpha"])]

    def exported(self, package):
        """`__all__` put together in steps."""
        names = self.rng.sample(self.bound + NAMES, min(2, len(self.bound) + len(NAMES)))
        return self.rng.choice([["__all__ = []", "__all__ += %r" % names], ["__all__ = %r + []" % names], ["__all__ = tuple(%r)" % names],
                                ["__all__ = [n for n in dir() if not n.startswith('_')]"], ["__all__ = %r" % names, "__all__.remove(%r)" % names[0]],
                                ["__all__ = []", "__all__.append(%r)" % names[0], "__all__.extend(%r)" % names[1:]]])

    def removed(self, package):
        name = self.name()
        return self.rng.choice([["%s = 1" % name, "del %s" % name], ["%s = other = 1" % name, "del %s, other" % name],
                                ["import sys", "del sys"], ["%s = {'a': 1}" % name, "del %s['a']" % name, "_ = %s.get('a')" % name],
                                ["%s = [1, 2]" % name, "del %s[0]" % name, "_ = %s[%s]" % (name, self.often(["0"], ["1"]))]])

    def data(self, package):
        """Dataclasses, enumerations and named tuples, made and used."""
        rng, name = self.rng, self.klass()
        return rng.choice([
            ["import dataclasses", "@dataclasses.dataclass", "class %s:" % name, "    alpha: int", "    beta: int = 1",
             "_ = %s(%s)" % (name, self.often(["1", "1, 2", "alpha=1"], ["", "1, 2, 3", "gamma=1"]))],
            ["import dataclasses", "@dataclasses.dataclass", "class %s:" % name, "    alpha: int = 1",
             "    beta: %s" % self.often(["int = 2", "str = 'a'"], ["int", "list = []"])],
            ["import enum", "class %s(enum.Enum):" % name, "    alpha = 1", "    beta = 2",
             "_ = %s" % (self.often(["%s.alpha", "%s(2)", "%s['beta']", "list(%s)"], ["%s.gamma", "%s(3)", "%s['gamma']"]) % name)],
            ["import collections", "%s = collections.namedtuple('%s', 'alpha beta')" % (name, name),
             "_ = %s" % (self.often(["%s(1, 2)", "%s(1, beta=2).alpha", "%s(1, 2)[0]"], ["%s(1)", "%s(1, 2, 3)", "%s(1, 2).gamma"]) % name)],
            ["import abc", "class %s(abc.ABC):" % name, "    @abc.abstractmethod", "    def alpha(self): pass", "class Made(%s):" % name,
             "    " + self.often(["def alpha(self): return 1"], ["def beta(self): return 1"]), "_ = Made()"],
            ["class %s:" % name, "    __slots__ = ('alpha',)", "made = %s()" % name, "made.alpha = 1",
             self.often(["_ = made.alpha"], ["made.beta = 1", "_ = made.beta"])]])

    def recursive(self, package):
        name = "deep%d" % self.rng.randint(0, 9)
        body = self.often(["return 0 if n < 1 else %s(n - 1)"], ["return %s(n)", "return %s(n + 1)"]) % name
        return ["def %s(n):" % name, "    " + body, "_ = %s(3)" % name]

    def argument(self, package):
        """A function that uses what it is given."""
        name = "given%d" % self.rng.randint(0, 9)
        body = self.rng.choice(["return a + 1", "return a['x']", "return a[0]", "return a.alpha", "return len(a)", "a, b = a", "return [*a]"])
        given = self.rng.choice(["1", "'ab'", "{'x': 1}", "[1, 2]", "(1, 2)", "None", "{}"])
        call = ["_ = %s(%s)" % (name, given)]
        if self.rng.random() < 0.8:
            call = ["try:", "    " + call[0], "except (TypeError, KeyError, IndexError, AttributeError, ValueError):", "    pass"]
        return ["def %s(a):" % name, "    " + body] + call

    def files(self):
        out, rng = super().files(), self.rng
        mode = rng.choice(["prepend"] * 4 + ["append", "importlib"])
        out["pytest.ini"] = "[pytest]\naddopts = --import-mode=%s\n" % mode
        for folder in rng.sample(["tests", "tests/unit", "checks"], rng.randint(0, 2)):
            if rng.random() < 0.5:
                out[folder + "/__init__.py"] = ""
                out[folder + "/helper.py"] = "\n".join(self.module(None, 2)) + "\n"
                relative = ["from .helper import %s" % self.name()] if rng.random() < 0.4 else []
            else:
                relative = ["from . import helper"] if rng.random() < 0.05 else []
            if rng.random() < 0.5:
                out[folder + "/conftest.py"] = "\n".join(["alpha = 1"] + self.entries(None)[:1] + ["beta = sys"]) + "\n"
            out["%s/test_%s.py" % (folder, rng.choice(["inner", "0"]))] = "\n".join(relative + self.module(None, 3) + ["def test_it(): pass"]) + "\n"
        return out

    def finally_(self, package):
        rng, name = self.rng, self.name()
        self.bound.append(name)
        inner = rng.choice([self.one_import(package), self.FAILURES[0][1], "_ = " + self.known(), "pass", "pass"])
        return ["try:", "    try:", "        " + inner, "    finally:", "        %s = 2" % name, "except %s:" % rng.choice(["Exception", "ImportError", "KeyError"]),
                "    pass"]


def squeeze(text, folder):
    """One line, with paths as predictions print them."""
    text = re.sub(r"/[^ ()]*/lib/python3\.\d+/(?!site-packages)", "<stdlib>/", str(text or ""))
    return " ".join(text.replace(folder + "/", "").split())


def compare(truth, guess, folder):
    """(compared, unsure, list of differences)"""
    compared = unsure = 0
    wrong = []
    if bool(guess.get("aborted")) != (truth.get("exit") in (3, 4) and not truth.get("modules")):
        return 0, 0, ["pytest exit %s, precollect aborted: %s" % (truth.get("exit"), guess.get("aborted"))]
    for path, actual in truth.get("modules", {}).items():
        found = guess.get("modules", {}).get(path)
        if found is None:
            wrong.append("%s: not predicted" % path)
        elif found["outcome"] == "unknown" or found.get("certainty") == "likely":
            unsure += 1
        else:
            compared += 1
            ours = (found["outcome"], found.get("exception"), squeeze(found.get("message"), folder))
            real = (actual["outcome"], actual.get("exception"), squeeze(actual.get("message"), folder))
            if actual.get("exception") == "ImportPathMismatchError":
                ours, real = ours[:2], real[:2]  # pytest words it anew for its report
            if actual["outcome"] != "error":
                ours, real = ours[:1], real[:1]
            if ours != real:
                wrong.append("%s: pytest %s, precollect %s" % (path, real, ours))
    return compared, unsure, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precollect", required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=int, default=10, help="stop after so many differing sets")
    parser.add_argument("--tolerate", type=float, default=0, metavar="PERCENT",
                        help="differing sets that are no failure; their causes are known and listed elsewhere")
    parser.add_argument("--plain", action="store_true", help="imports and names alone")
    parser.add_argument("--keep", help="keep differing sets below this directory")
    opts = parser.parse_args()
    work = os.path.realpath(tempfile.mkdtemp(prefix="fuzz-"))
    server = subprocess.Popen([opts.python, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONSAFEPATH="1"))
    venv = os.path.dirname(os.path.dirname(os.path.abspath(opts.python)))
    sets = compared = unsure = differing = 0
    end, seed = time.monotonic() + opts.seconds, opts.seed
    while time.monotonic() < end and differing < opts.most:
        folder = os.path.join(work, "s%d" % seed)
        for path, text in (Maker if opts.plain else WideMaker)(random.Random(seed)).files().items():
            target = os.path.join(folder, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w") as file:
                file.write(text)
        server.stdin.write(folder + "\n")
        server.stdin.flush()
        truth = json.loads(server.stdout.readline())
        done = subprocess.run([opts.precollect, "collect", "--output-format", "json", "--python", venv, folder],
                              cwd=folder, capture_output=True, text=True)
        try:
            guess = json.loads(done.stdout)
            one, doubt, wrong = compare(truth, guess, folder)
        except ValueError:
            one, doubt, wrong = 0, 0, ["no answer, status %d: %s" % (done.returncode, done.stderr[-300:])]
        sets, compared, unsure = sets + 1, compared + one, unsure + doubt
        if wrong:
            differing += 1
            print("seed %d:\n  %s" % (seed, "\n  ".join(wrong)), flush=True)
            if opts.keep:
                shutil.copytree(folder, os.path.join(opts.keep, "s%d" % seed), dirs_exist_ok=True)
        shutil.rmtree(folder)
        seed += 1
    server.stdin.close()
    shutil.rmtree(work, ignore_errors=True)
    print("fuzz: %d sets (seeds %d to %d), %d modules compared, %d unsure, %d sets differ" % (
        sets, opts.seed, seed - 1, compared, unsure, differing))
    return 1 if differing > sets * opts.tolerate / 100 else 0


if __name__ == "__main__":
    sys.exit(main())
