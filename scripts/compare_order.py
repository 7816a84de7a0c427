#!/usr/bin/env python3
"""Compares the order of items, their closures and the counts per directory with recorded runs.

compare_order.py TRUTHS PREDICTIONS [NAME ...]

TRUTHS holds NAME.json or NAME.json.gz of real pytest, PREDICTIONS what `precollect collect --output-format json` printed.
Modules whose ids are not all exact are left out; a project is fully exact if none is. Where the prediction says that the order
is not known ("unordered"), it is not compared. Standard library only.
"""
import collections
import gzip
import json
import pathlib
import sys


def read(folder, name):
    for path in (folder / f"{name}.json.gz", folder / f"{name}.json"):
        if path.exists():
            opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
            with opened as file:
                return json.load(file)
    return None


def base(nodeid):
    path, sep, rest = nodeid.partition("::")
    return path + sep + rest.split("[", 1)[0]


def directory(path):
    return path.rsplit("/", 1)[0] if "/" in path else "."


def compare(truth, guess):
    """Figures of one project."""
    found = collections.Counter()
    ours, theirs = collections.Counter(), collections.Counter()
    blurred = set()
    wrong = []
    for path, actual in truth["modules"].items():
        if actual["outcome"] != "collected" or actual.get("kind"):
            continue
        said = guess["modules"].get(path, {})
        found["collected"] += 1
        theirs[directory(path)] += len(actual["items"])
        ours[directory(path)] += len(said.get("items", []))
        if not said.get("exact", True) or said.get("outcome") != "collected":
            blurred.add(directory(path))
            continue
        found["exact"] += 1
        if guess.get("unordered") or said.get("unordered"):
            found["open"] += 1
        elif said["items"] == actual["items"]:
            found["ordered"] += 1
        else:
            wrong.append(path)
    for where in theirs.keys() - blurred:
        found["directories"] += 1
        found["counted"] += ours[where] == theirs[where]
    for nodeid, names in truth.get("item_fixtures", {}).items():
        said = guess.get("item_fixtures", {})
        found["closures"] += 1
        mine = said.get(nodeid, said.get(base(nodeid)))
        found["closed"] += mine is not None and set(mine) == set(names)
    return found, wrong


def main():
    truths, guesses = map(pathlib.Path, sys.argv[1:3])
    names = sys.argv[3:] or sorted(path.name.split(".json")[0] for path in guesses.glob("*.json*"))
    print(f"{'project':32} {'modules':>8} {'exact':>6} {'in order':>9} {'open':>5} {'directories':>12} {'counts equal':>13} {'closures':>9}")
    total, full, whole = collections.Counter(), 0, 0
    late = []
    for name in names:
        truth, guess = read(truths, name), read(guesses, name)
        if not truth or not guess:
            continue
        found, wrong = compare(truth, guess)
        if not found["collected"]:
            continue
        total += found
        if found["exact"] == found["collected"]:
            full += 1
            whole += not wrong
        late.extend((name, path) for path in wrong)
        closures = f"{100 * found['closed'] / found['closures']:.1f}" if found["closures"] else "-"
        print(f"{name:32} {found['collected']:8} {found['exact']:6} {found['ordered']:9} {found['open']:5} {found['directories']:12}"
              f" {found['counted']:13} {closures:>9}")
    closures = f"{100 * total['closed'] / max(total['closures'], 1):.1f}"
    print(f"{'TOTAL':32} {total['collected']:8} {total['exact']:6} {total['ordered']:9} {total['open']:5} {total['directories']:12}"
          f" {total['counted']:13} {closures:>9}")
    print(f"fully exact projects: {full}, all in order: {whole}")
    for name, path in late:
        print(f"order differs: {name}: {path}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
