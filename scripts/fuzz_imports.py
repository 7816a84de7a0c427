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


def squeeze(text, folder):
    """One line, with paths as predictions print them."""
    text = re.sub(r"/[^ ()]*/lib/python3\.\d+/(?!site-packages)", "<stdlib>/", str(text or ""))
    return " ".join(text.replace(folder + "/", "").split())


def compare(truth, guess, folder):
    """(compared, unsure, list of differences)"""
    compared = unsure = 0
    wrong = []
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
    parser.add_argument("--keep", help="keep differing sets below this directory")
    opts = parser.parse_args()
    work = os.path.realpath(tempfile.mkdtemp(prefix="fuzz-"))
    server = subprocess.Popen([opts.python, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    venv = os.path.dirname(os.path.dirname(os.path.abspath(opts.python)))
    sets = compared = unsure = differing = 0
    end, seed = time.monotonic() + opts.seconds, opts.seed
    while time.monotonic() < end and differing < opts.most:
        folder = os.path.join(work, "s%d" % seed)
        for path, text in Maker(random.Random(seed)).files().items():
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
