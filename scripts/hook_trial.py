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
        self.tests = [path for path in self.texts if path.name.startswith("test_")]

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


HARMLESS = [comment, function, class_, library_import, optional_import, test, new_module, guarded_main, repeated_import]
BREAKING = [wrong_name, wrong_module, renamed, syntax_error, exits, undefined, removed, key_error]


def apply(files):
    for path, text in files.items():
        path.unlink() if text is None else path.write_text(text, encoding="utf-8")


def restore(tree, files):
    for path in files:
        path.write_text(tree.texts[path], encoding="utf-8") if path in tree.texts else path.unlink()


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
