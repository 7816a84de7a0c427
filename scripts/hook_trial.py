#!/usr/bin/env python3
"""Random commits against the hook: harmless ones must pass, breaking ones must be refused.

    scripts/hook_trial.py TREE [--precollect BIN] [--count 50] [--seed 1] [--verify PYTHON]

Works on a copy of TREE. Each commit changes one file (or adds or removes one) in one of the ways below; `precollect check
--python none FILE...` is run on the changed files as pre-commit runs it, and its CPU time is measured on a warm cache. With
--verify, `PYTHON -m pytest --collect-only` says whether the commit really breaks the collection.
"""
import argparse
import ast
import json
import os
import pathlib
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile


def module_level_imports(tree):
    """(node, module, name) of plain `from a.b import c` statements that run at import."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level and node.module != "__future__":
            for alias in node.names:
                if alias.name != "*":
                    yield node, node.module, alias.name


class Tree:
    def __init__(self, top):
        self.top = top
        self.files = sorted(path for path in top.rglob("*.py") if "__pycache__" not in path.parts)
        self.texts = {}
        for path in self.files:
            try:
                text = path.read_text(encoding="utf-8")
                ast.parse(text)
                self.texts[path] = text
            except (SyntaxError, UnicodeDecodeError, ValueError):
                pass
        # A module that skips itself where a package is missing is broken by nothing that stands behind that line.
        skips = re.compile(r"importorskip|allow_module_level")
        self.tests = [path for path in self.texts if path.name.startswith("test_") and not skips.search(self.texts[path])]

    def file_of(self, module):
        base = self.top.joinpath(*module.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path in self.texts:
                return path

    def own_imports(self, path):
        tree = ast.parse(self.texts[path])
        return [(node, module, name) for node, module, name in module_level_imports(tree) if self.file_of(module)]


# --- harmless --------------------------------------------------------------------------------------------------------

def comment(tree, rng):
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path] + "\n# a remark\n"}


def function(tree, rng):
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path] + "\n\ndef added_by_a_commit(value=None):\n    import json\n    return json.dumps(value)\n"}


def class_(tree, rng):
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path] + "\n\nclass AddedByACommit(dict):\n    LIMIT = 3 * 4\n\n    def get_it(self):\n        return self.LIMIT\n"}


def library_import(tree, rng):
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path] + "\n\nfrom collections import OrderedDict as _AddedByACommit\n"}


def optional_import(tree, rng):
    path = rng.choice(list(tree.texts))
    text = "\n\ntry:\n    import no_such_accelerator as _fast\nexcept ImportError:\n    _fast = None\n"
    return {path: tree.texts[path] + text}


def test(tree, rng):
    path = rng.choice(tree.tests)
    return {path: tree.texts[path] + "\n\ndef test_added_by_a_commit():\n    assert 1 + 1 == 2\n"}


def new_module(tree, rng):
    path = rng.choice(tree.tests)
    return {path.with_name("added_by_a_commit.py"): "VALUE = 1\n"}


def guarded_main(tree, rng):
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path] + "\n\nif __name__ == '__main__':\n    import sys\n    sys.exit(1)\n"}


def repeated_import(tree, rng):
    """A name that another test imports, imported once more under another name."""
    path = rng.choice([path for path in tree.tests if tree.own_imports(path)])
    _, module, name = rng.choice(tree.own_imports(path))
    return {path: tree.texts[path] + "\n\nfrom %s import %s as _added_by_a_commit\n" % (module, name)}


def renamed_with_updates(tree, rng):
    """A private function of a module is renamed with all its uses in the file, which nobody else says."""
    names = {}
    for path, text in tree.texts.items():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_") and not node.name.startswith("__") and not node.decorator_list:
                names.setdefault(node.name, []).append(path)
    alone = [(name, paths[0]) for name, paths in sorted(names.items()) if len(paths) == 1 and len(name) > 6]
    alone = [(name, path) for name, path in alone if not any(name in text for other, text in tree.texts.items() if other != path)]
    if not alone:
        return function(tree, rng)
    name, path = rng.choice(alone)
    return {path: re.sub(r"\b%s\b" % name, name + "_new", tree.texts[path])}


def moved_function(tree, rng):
    """A new module defines something, and a test imports it from there."""
    path = rng.choice(tree.tests)
    helper = path.with_name("added_helper_module.py")
    package = path.with_name("__init__.py").exists()
    line = "from .added_helper_module import added_helper" if package else "from added_helper_module import added_helper"
    return {helper: "def added_helper():\n    return 1\n", path: tree.texts[path] + "\n\n%s\n" % line}


def new_test_file(tree, rng):
    path = rng.choice(tree.tests)
    text = "import pytest\n\n\n@pytest.mark.parametrize('one, two', [(1, 2), (3, 4)])\ndef test_it(one, two):\n    assert one < two\n"
    return {path.with_name("test_added_by_a_commit_only.py"): text}


def new_fixture(tree, rng):
    path = rng.choice(tree.tests)
    text = "\n\nimport pytest as _pytest_added\n\n\n@_pytest_added.fixture\ndef added_fixture(tmp_path):\n    yield tmp_path\n\n\ndef test_with_added_fixture(added_fixture):\n    assert added_fixture\n"
    return {path: tree.texts[path] + text}


def reformatted(tree, rng):
    """Written anew from its tree: no comments, other quotes, other blank lines."""
    path = rng.choice(list(tree.texts))
    return {path: ast.unparse(ast.parse(tree.texts[path])) + "\n"}


def annotated(tree, rng):
    path = rng.choice(list(tree.texts))
    text = "\n\nfrom typing import TYPE_CHECKING as _CHECKING\n\nif _CHECKING:\n    from no_such_types import Thing\n\n\ndef added_annotated(thing: 'Thing', count: int = 1) -> 'list[Thing]':\n    return [thing] * count\n"
    return {path: tree.texts[path] + text}


def conditional_import(tree, rng):
    path = rng.choice(list(tree.texts))
    text = "\n\nimport sys as _sys\n\nif _sys.version_info < (3, 0):\n    import __builtin__ as _builtins_added\nelse:\n    import builtins as _builtins_added\n"
    return {path: tree.texts[path] + text}


def joined_lines(tree, rng):
    """Line ends of another system."""
    path = rng.choice(list(tree.texts))
    return {path: tree.texts[path].replace("\n", "\r\n")}


# --- breaking --------------------------------------------------------------------------------------------------------

def wrong_name(tree, rng):
    path = rng.choice([path for path in tree.tests if tree.own_imports(path)])
    _, module, name = rng.choice(tree.own_imports(path))
    return {path: tree.texts[path] + "\n\nfrom %s import %sx_gone\n" % (module, name)}


def wrong_module(tree, rng):
    path = rng.choice([path for path in tree.tests if tree.own_imports(path)])
    _, module, _ = rng.choice(tree.own_imports(path))
    return {path: tree.texts[path] + "\n\nimport %s_gone\n" % module}


def renamed(tree, rng):
    """A function or class that a test imports by name is renamed where it is defined."""
    while True:
        path = rng.choice(tree.tests)
        own = tree.own_imports(path)
        if not own:
            continue
        _, module, name = rng.choice(own)
        home = tree.file_of(module)
        parsed = ast.parse(tree.texts[home])
        binders = [node for node in ast.walk(parsed) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name]
        imported = [a for node in ast.walk(parsed) if isinstance(node, (ast.ImportFrom, ast.Import)) for a in node.names]
        stores = [node for node in ast.walk(parsed) if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)]
        if len(binders) != 1 or binders[0] not in parsed.body or stores or any((a.asname or a.name) in (name, "*") for a in imported):
            continue
        lines = tree.texts[home].split("\n")
        row = binders[0].lineno - 1
        lines[row] = lines[row].replace(name, name + "_renamed", 1)
        return {home: "\n".join(lines)}


def syntax_error(tree, rng):
    path = rng.choice(tree.tests)
    return {path: tree.texts[path] + "\n\ndef broken(:\n"}


def exits(tree, rng):
    path = rng.choice(tree.tests)
    return {path: tree.texts[path] + "\n\nimport sys\nsys.exit(1)\n"}


def undefined(tree, rng):
    path = rng.choice(tree.tests)
    return {path: tree.texts[path] + "\n\nTABLE = {1: no_such_name_anywhere}\n"}


def removed(tree, rng):
    """A module that a test imports by its full name is deleted."""
    while True:
        path = rng.choice(tree.tests)
        own = [(module, tree.file_of(module)) for _, module, _ in tree.own_imports(path)]
        own = [home for module, home in own if home.name != "__init__.py"]
        if own:
            return {rng.choice(own): None}


def key_error(tree, rng):
    path = rng.choice(tree.tests)
    return {path: tree.texts[path] + "\n\nCHOICES = {'a': 1}\nFIRST = CHOICES['b']\n"}


def broken_conftest(tree, rng):
    """The conftest of a directory that had none, or one with a line more."""
    path = rng.choice(tree.tests).with_name("conftest.py")
    before = tree.texts.get(path) or (path.read_text(encoding="utf-8") if path.exists() else "")
    tree.texts.setdefault(path, before) if path.exists() else None
    return {path: before + "\n\nimport no_such_plugin_module\n"}


def cycle(tree, rng):
    path = rng.choice(tree.tests)
    dot = "." if path.with_name("__init__.py").exists() else ""
    one, two = path.with_name("added_cycle_one.py"), path.with_name("added_cycle_two.py")
    return {
        one: "from %sadded_cycle_two import second\n\nfirst = 1\n" % dot,
        two: "from %sadded_cycle_one import first\n\nsecond = 2\n" % dot,
        path: tree.texts[path] + "\n\nfrom %sadded_cycle_one import first as _first\n" % dot,
    }


def parametrize_arity(tree, rng):
    path = rng.choice(tree.tests)
    text = "\n\nimport pytest as _pytest_added\n\n\n@_pytest_added.mark.parametrize('one, two', [(1, 2), (3,)])\ndef test_arity(one, two):\n    assert one\n"
    return {path: tree.texts[path] + text}


def missing_argument(tree, rng):
    path = rng.choice(tree.tests)
    text = "\n\nimport pytest as _pytest_added\n\n\n@_pytest_added.mark.parametrize('absent', [1])\ndef test_argument(other=1):\n    assert other\n"
    return {path: tree.texts[path] + text}


def duplicate_basename(tree, rng):
    """Two test files of one name in directories that are no packages."""
    folder = rng.choice(tree.tests).parent
    text = "def test_it():\n    assert True\n"
    return {folder / name / "test_added_basename.py": text for name in ("added_one", "added_two")}


def bad_scope(tree, rng):
    path = rng.choice(tree.tests)
    text = "\n\nimport pytest as _pytest_added\n\n\n@_pytest_added.fixture(scope='sesion')\ndef added_scope():\n    return 1\n\n\ndef test_scope(added_scope):\n    assert added_scope\n"
    return {path: tree.texts[path] + text}


HARMLESS = [
    comment, function, class_, library_import, optional_import, test, new_module, guarded_main, repeated_import,
    renamed_with_updates, moved_function, new_test_file, new_fixture, reformatted, annotated, conditional_import, joined_lines,
]
BREAKING = [
    wrong_name, wrong_module, renamed, syntax_error, exits, undefined, removed, key_error,
    broken_conftest, cycle, parametrize_arity, missing_argument, duplicate_basename, bad_scope,
]


def apply(files):
    for path, text in files.items():
        path.parent.mkdir(exist_ok=True)
        path.unlink() if text is None else path.write_bytes(text.encode("utf-8"))


def restore(tree, files):
    for path in files:
        path.write_text(tree.texts[path], encoding="utf-8") if path in tree.texts else path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def check(binary, tree, paths, variables):
    """The exit code, the output and the CPU seconds of one check."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([binary, "check", "--python", "none", "--output-format", "concise", *map(str, paths)],
                          cwd=tree.top, env=variables, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.returncode, done.stdout + done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def leave_out_findings(binary, tree, variables):
    """Files in which something is found as they are cannot show what a commit adds; this also fills the cache."""
    done = subprocess.run([binary, "check", "--python", "none", "--output-format", "json"], cwd=tree.top, env=variables,
                          capture_output=True, text=True)
    named = set()
    for finding in json.loads(done.stdout)["findings"]:
        named.add(finding["path"])
        named.update(victim["path"] for victim in finding["victims"])
        named.update(related["path"] for related in finding["related"])
        named.update(path for path, _ in finding["chain"])
    for path in named:
        tree.texts.pop(tree.top / path, None)
    tree.tests = [path for path in tree.tests if path in tree.texts]
    print("%d files, %d without findings, %d of them tests" % (len(tree.files), len(tree.texts), len(tree.tests)))


def collects(python, tree):
    done = subprocess.run([python, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"], cwd=tree.top, capture_output=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree")
    parser.add_argument("--precollect", default="precollect")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verify", metavar="PYTHON")
    options = parser.parse_args()
    rng, wrong, seconds = random.Random(options.seed), [], []
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name).resolve() / pathlib.Path(options.tree).resolve().name
        shutil.copytree(options.tree, top, symlinks=True)
        tree = Tree(top)
        variables = dict(os.environ, XDG_CACHE_HOME=str(pathlib.Path(name) / "cache"), PYTHONDONTWRITEBYTECODE="1")
        binary = os.path.abspath(options.precollect) if os.sep in options.precollect else options.precollect
        leave_out_findings(binary, tree, variables)
        for kind, ways in (("harmless", HARMLESS), ("breaking", BREAKING)):
            refused = 0
            for number in range(options.count):
                way = ways[number % len(ways)]
                files = way(tree, rng)
                apply(files)
                # pre-commit passes no deleted files; a commit of deletions alone is checked as a whole.
                paths = [path.relative_to(top) for path, text in files.items() if text is not None]
                code, printed, cpu = check(binary, tree, paths, variables)
                seconds.append(cpu)
                refused += code == 1
                if code != (kind == "breaking"):
                    wrong.append("%s %s: exit %d for %s\n%s" % (kind, way.__name__, code, sorted(map(str, files)), printed[-600:]))
                if options.verify and collects(options.verify, tree) != (kind == "harmless"):
                    wrong.append("%s %s: pytest disagrees for %s" % (kind, way.__name__, sorted(map(str, files))))
                restore(tree, files)
            print("%s: %d of %d refused" % (kind, refused, options.count))
    print("CPU seconds per commit: median %.2f, most %.2f" % (statistics.median(seconds), max(seconds)))
    for text in wrong:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
