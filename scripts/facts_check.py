#!/usr/bin/env python3
"""Compares what summaries say of Python files with CPython's own ast: imports, definitions, calls, names, attributes.

    python3.13 scripts/facts_check.py --facts target/debug/examples/facts [--wrong 40] PATH...

Files that this Python does not parse are left out. Nothing is executed.
"""

import argparse
import ast
import collections
import json
import os
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")


def files_of(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def facts(tree):
    out = {key: [] for key in ("imports", "definitions", "calls", "names", "attributes")}

    def visit(node, outer):
        inner = outer
        if isinstance(node, ast.Import):
            out["imports"] += [[a.lineno, 0, a.name, None, a.asname] for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            out["imports"] += [[a.lineno, node.level, node.module or "", a.name, a.asname] for a in node.names]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{outer}.{node.name}" if outer else node.name
            out["definitions"].append([node.lineno, inner, isinstance(node, ast.ClassDef)])
        elif isinstance(node, ast.Call):
            out["calls"].append([node.lineno, len(node.args), len(node.keywords)])
        elif isinstance(node, ast.Name):
            out["names"].append([node.lineno, node.id])
        elif isinstance(node, ast.Attribute):
            out["attributes"].append([node.lineno, node.attr])
        elif isinstance(node, (ast.pattern, ast.TypeAlias)) or type(node).__name__ in ("TypeVar", "ParamSpec", "TypeVarTuple"):
            return
        for child in ast.iter_child_nodes(node):
            visit(child, inner)

    visit(tree, "")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", required=True)
    parser.add_argument("--wrong", type=int, default=40)
    parser.add_argument("paths", nargs="+")
    arguments = parser.parse_args()
    sys.setrecursionlimit(10000)
    files, trees = [], []
    for path in files_of(arguments.paths):
        try:
            with open(path, "rb") as file:
                trees.append(facts(ast.parse(file.read())))
            files.append(path)
        except (SyntaxError, ValueError, RecursionError, OSError):
            continue
    done = subprocess.run([arguments.facts], input="\n".join(files) + "\n", capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    counts = collections.Counter(files=len(files))
    shown = 0
    for path, theirs, line in zip(files, trees, done.stdout.splitlines()):
        ours = json.loads(line)
        key = lambda item: json.dumps(item)
        for what, expected in theirs.items():
            got = collections.Counter(map(key, ours[what]))
            want = collections.Counter(map(key, expected))
            if what in ("calls", "imports"):
                # Dynamic imports are noted besides.
                extra = {item for item in got - want if what == "imports" and json.loads(item)[3] is None}
                for item in extra:
                    del got[item]
            counts[what] += sum(want.values())
            missing, more = want - got, got - want
            if missing or more:
                counts[f"files with other {what}"] += 1
                counts[f"other {what}"] += sum(missing.values()) + sum(more.values())
                if shown < arguments.wrong:
                    shown += 1
                    print(f"{path}: {what}: missing {list(missing)[:4]}, more {list(more)[:4]}")
        if ours["unreadable"]:
            counts["files with unreadable parts"] += 1
            if shown < arguments.wrong:
                shown += 1
                print(f"{path}: unreadable at {ours['unreadable'][:8]}")
    print(json.dumps(counts, indent=1))


main()
