#!/usr/bin/env python3
"""Repairs a copy of a project step by step, as the plan of its audit says, and counts with real pytest what each step promised.

    scripts/try_plan.py SRC --python VENV [--precollect BIN] [--steps N] [--env KEY=VALUE] [-- PYTEST ARGUMENTS...]

A step is repaired as little as its promise takes: a missing module or name becomes one that accepts everything (put in by a plugin
of pytest, so that nothing is installed), a directory that is not on `sys.path` is put there, what `check --fix` repairs is repaired by it, a test that yields is renamed. Prints one line
per step, promised and counted, and exits with 1 if they differ. Steps that it cannot repair end the trial, with a line that says so.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

PLUGIN = '''
import importlib.abc, importlib.machinery, importlib.util, json, os, sys, types

PLAN = json.load(open(os.environ["TRY_PLAN"]))
MODULES, NAMES = PLAN["modules"], {tuple(name) for name in PLAN["names"]}


class Anything:
    """Accepts what code at import does with a class, function, decorator or value."""

    def __call__(self, *args, **kwargs):
        return args[0] if len(args) == 1 and not kwargs and callable(args[0]) else self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __mro_entries__(self, bases):
        return ()

    def __lt__(self, other):
        return False

    __gt__ = __le__ = __ge__ = __lt__

    def __iter__(self):
        return iter(())

    def __getitem__(self, key):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None


class Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()


class Loader(importlib.abc.Loader):
    def create_module(self, spec):
        return Module(spec.name)

    def exec_module(self, module):
        module.__path__ = []


class Missing(importlib.abc.MetaPathFinder):
    """Behind all others: modules that are there now."""

    def find_spec(self, name, path=None, target=None):
        if any(name == known or name.startswith(known + ".") for known in MODULES):
            return importlib.machinery.ModuleSpec(name, Loader(), is_package=True)


class Named(importlib.abc.MetaPathFinder):
    """In front of all others: modules that get a name more once they have run."""

    def __init__(self):
        self.open = set()

    def find_spec(self, name, path=None, target=None):
        if name in self.open or not any(module == name for module, _ in NAMES):
            return None
        self.open.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.open.discard(name)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            add(module)

        spec.loader.exec_module = exec_module
        return spec


def add(module):
    for owner, name in NAMES:
        if owner == module.__name__ and not hasattr(module, name):
            setattr(module, name, type(name, (), {}))


for loaded in list(sys.modules.values()):
    if isinstance(loaded, types.ModuleType):
        add(loaded)
sys.path.extend(PLAN["paths"])
sys.meta_path.insert(0, Named())
sys.meta_path.append(Missing())
OUTCOMES = {}


def pytest_collectreport(report):
    if report.nodeid.endswith(".py"):
        OUTCOMES[report.nodeid] = report.outcome


def pytest_sessionfinish(session):
    json.dump(OUTCOMES, open(os.environ["TRY_PLAN"] + ".out", "w"))
'''


def plan(options, top, variables):
    command = [options.precollect, "report", "--no-cache", "--output-format", "json", "--python", options.python, ".", "--"]
    done = subprocess.run(command + options.arguments, cwd=top, env=variables, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def repair(finding, made, top, options):
    """Whether one cause could be repaired; `fix` asks for a run of --fix."""
    text = finding["pytest"] or ""
    missing = re.search(r"No module named '([^']+)'", text)
    name = re.search(r"cannot import name '([^']+)' from '([^']+)'", text)
    attribute = re.search(r"module '([^']+)' has no attribute '([^']+)'", text)
    if "partially initialized" in text:
        return None
    if missing and finding["code"] == "ENV009":
        places = [base for base in (top, *sorted(top.iterdir())) if (base / missing[1].split(".")[0]).is_dir()]
        if not places:
            return None
        made["paths"].append(str(places[0]))
    elif missing:
        made["modules"].append(missing[1])
    elif name:
        made["names"].append([name[2], name[1]])
    elif attribute:
        made["names"].append([attribute[1], attribute[2]])
    elif finding["code"] == "COL001":
        path = top / finding["path"]
        new = path.with_name("%s_%s.py" % (path.stem, path.parent.name))
        path.rename(new)
        made["renamed"][finding["path"]] = new.relative_to(top).as_posix()
    elif finding["code"] == "COL006":
        return "fix"
    elif finding["code"] == "COL012":
        path = top / finding["path"]
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"\bdef %s\b" % finding["subject"].split(".")[-1].split("::")[-1], "def no_longer_a_test", text), encoding="utf-8")
    else:
        return None
    return "done"


def fix(code, options, top, variables):
    """As often as it finds more to do."""
    command = [options.precollect, "check", "--no-cache", "--select", code, "--fix", "--unsafe-fixes", "--exit-zero", "--python", options.python]
    for _ in range(10):
        done = subprocess.run(command + [".", "--"] + options.arguments, cwd=top, env=variables, capture_output=True, text=True)
        if "repaired" not in done.stderr:
            return


def count(options, top, made, folder, variables, modules):
    file = folder / "made.json"
    file.write_text(json.dumps(made))
    (folder / "try_plan_repairs.py").write_text(PLUGIN)
    path = os.pathsep.join(filter(None, [str(folder), variables.get("PYTHONPATH")]))
    variables = dict(variables, TRY_PLAN=str(file), PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")
    program = "import sys; del sys.path[0]; import pytest; sys.exit(pytest.main(sys.argv[1:]))"
    command = [str(pathlib.Path(options.python) / "bin/python"), "-c", program, "-p", "try_plan_repairs", "-p", "no:cacheprovider", "--collect-only", "-q"]
    done = subprocess.run(command + options.arguments, cwd=top, env=variables, capture_output=True, text=True, timeout=900)
    if os.environ.get("TRY_PLAN_VERBOSE"):
        print(done.stdout[-6000:])
    outcomes = json.loads((folder / "made.json.out").read_text())
    return sum(outcomes.get(made["renamed"].get(module, module)) in ("passed", "skipped") for module in modules), outcomes


def main():
    arguments = sys.argv[1:]
    at = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser()
    parser.add_argument("src")
    parser.add_argument("--python", required=True)
    parser.add_argument("--precollect", default="precollect")
    parser.add_argument("--steps", type=int, default=99)
    parser.add_argument("--env", action="append", default=[])
    options = parser.parse_args(arguments[:at])
    options.arguments = arguments[at + 1:]
    options.python = os.path.abspath(options.python)
    options.precollect = os.path.abspath(options.precollect) if os.sep in options.precollect else options.precollect
    variables = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8", "TZ": "UTC"}
    variables.update(text.split("=", 1) for text in options.env)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        top = folder / pathlib.Path(options.src).resolve().name
        shutil.copytree(options.src, top, symlinks=True)
        audit = plan(options, top, variables)
        modules, made = [module["path"] for module in audit["modules"]], {"modules": [], "names": [], "paths": [], "renamed": {}}
        good, _ = count(options, top, made, folder, variables, modules)
        promised = audit["numbers"]["collected"] + audit["numbers"]["skipped"]
        wrong += good != promised
        print("today: %d of %d collect, said %d" % (good, len(modules), promised))
        for number, step in enumerate(audit["plan"][:options.steps], 1):
            ways = {repair(finding, made, top, options) for finding in step["findings"]}
            if None in ways or not ways:
                print("%d. %s %s: not repaired by this script" % (number, step["code"], step["message"]))
                break
            if "fix" in ways:
                fix(step["code"], options, top, variables)
            good, outcomes = count(options, top, made, folder, variables, modules)
            wrong += good != step["then"]["good"]
            print("%d. %s, %d causes: promised %d, counted %d" % (number, step["code"], step["causes"], step["then"]["good"], good))
            if good != step["then"]["good"] and os.environ.get("TRY_PLAN_VERBOSE"):
                print("\n".join("   %s %s" % pair for pair in sorted(outcomes.items()) if pair[1] == "failed"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
