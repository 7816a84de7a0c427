#!/usr/bin/env python3
"""Times precollect beside other tools on the same trees: pairs A B A B in one go, whole processes, medians and ratios.

    python3 scripts/peers.py --precollect target/release/precollect --bin VENV/bin TREE...

Tools are taken from --bin (or PATH); those that are not there are left out with a line that says so. CPU is user and system
time of the process and its children, as the operating system accounts for it. They do different things: ruff reads imports,
rtest lists tests in test files, ty and pyrefly check types, pytest imports everything. Take the ratios, not the seconds.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PEERS = {
    "stat-only walk": ["find", "{tree}", "-newermt", "2999-01-01"],
    "ruff analyze graph": ["ruff", "analyze", "graph", "--quiet", "{tree}"],
    "rtest --collect-only": ["rtest", "--collect-only"],
    "pyrefly check": ["pyrefly", "check", "{tree}"],
    "ty check": ["ty", "check", "{tree}"],
    "pytest --collect-only": ["pytest", "--collect-only", "-q", "-p", "no:cacheprovider"],
}
# What of ours each peer stands beside.
AGAINST = {"rtest --collect-only": "collect", "stat-only walk": "warm", "pytest --collect-only": "collect"}


@dataclass
class Cost:
    cpu: float
    wall: float
    peak: float  # MB


def run(command, tree):
    start = time.perf_counter()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        command, cwd=tree, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024)


def ours(binary, kind, tree, cache):
    if kind == "warm":
        return [binary, "check", "--python", "none", "--exit-zero", "--cache-dir", cache]
    command = "collect" if kind == "collect" else "check"
    return [binary, command, "--python", "none", "--no-cache"]


def pairs(first, second, tree, count):
    for command in (first, second):
        run(command, tree)
    return [(run(first, tree), run(second, tree)) for _ in range(count)]


def median(values):
    return statistics.median(values)


def row(name, kind, measured):
    a = [pair[0] for pair in measured]
    b = [pair[1] for pair in measured]
    ratio = median([x.cpu / max(y.cpu, 0.001) for x, y in measured])
    cells = [f"{median([c.cpu for c in side]):.3f} s, {median([c.wall for c in side]):.2f} s, {max(c.peak for c in side):.0f} MB" for side in (a, b)]
    return f"| {name} | {kind} | {cells[0]} | {cells[1]} | {ratio:.2f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", type=Path, metavar="TREE")
    parser.add_argument("--precollect", default="target/release/precollect")
    parser.add_argument("--bin", default="", help="directory of the other tools")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", action="append", help="names of peers, all if not given")
    options = parser.parse_args()
    binary = shutil.which(options.precollect)
    if not binary:
        sys.exit(f"failed to find {options.precollect}: build it with cargo build --release")
    binary = os.path.abspath(binary)
    path = os.pathsep.join(filter(None, [options.bin and os.path.abspath(options.bin), os.environ.get("PATH", "")]))
    for tree in options.trees:
        tree = tree.resolve()
        files = sum(1 for _ in tree.rglob("*.py"))
        print(f"\n{tree.name}: {files} files, medians of {options.pairs} pairs; each cell is CPU, wall, peak memory\n")
        print("| peer | precollect | precollect's cost | peer's cost | CPU ratio |")
        print("| --- | --- | ---: | ---: | ---: |")
        with tempfile.TemporaryDirectory() as cache:
            for name, command in PEERS.items():
                if options.only and name not in options.only:
                    continue
                found = shutil.which(command[0], path=path)
                if not found:
                    print(f"{name} is not installed", file=sys.stderr)
                    continue
                command = [found] + [word.format(tree=tree) for word in command[1:]]
                kind = AGAINST.get(name, "check")
                measured = pairs(ours(binary, kind, tree, cache), command, tree, options.pairs)
                print(row(name, kind, measured), flush=True)


if __name__ == "__main__":
    main()
