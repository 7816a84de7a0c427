#!/usr/bin/env python3
"""Node ids right and wrong, and the time they take: `precollect collect -q` beside `rtest --collect-only`.

    python3 scripts/compare_rtest.py --truths DIR --corpus DIR --rtest VENV/bin/rtest [PROJECT...]

A truth is what pytest itself collected, recorded as NAME.json.gz; the project lies in CORPUS/NAME/src, its environment in
CORPUS/NAME/venv. An id is right if pytest lists it, wrong if pytest does not. Ids that a tool itself leaves open (`[...]` at
their end; listed as `rtest-cannot-expand`, which is for pytest to find out) are counted apart; for rtest it is also said how many of
them pytest lists as they stand. rtest takes no environment; both run in the project.
Times are CPU seconds of the whole process, the median of --rounds runs in turn.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path


def run(command, folder, variables):
    with tempfile.TemporaryFile() as out:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
        )
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        return out.read().decode("utf-8", "replace"), usage.ru_utime + usage.ru_stime


def ids(text, rootdir):
    """What is listed as an id: known ones, and those that are said to be open. pytest's are relative to its rootdir."""
    known, unknown = set(), set()
    prefix = "" if rootdir in (None, ".") else rootdir + "/"
    for line in text.splitlines():
        line = line.strip()
        opened = line.startswith("rtest-cannot-expand: ")
        line = line.removeprefix("rtest-cannot-expand: ").removeprefix(prefix)
        path = line.split("::")[0]
        if path == line or not path.endswith(".py") or ": " in path:
            continue
        (unknown if opened or line.endswith("[...]") else known).add(line)
    return known - unknown, unknown


def truth_of(path):
    with gzip.open(path) as file:
        document = json.load(file)
    listed = {item for module in document["modules"].values() for item in module.get("items", [])}
    return document, listed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truths", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--precollect", default="target/release/precollect")
    parser.add_argument("--rtest", default="rtest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("projects", nargs="*")
    options = parser.parse_args()
    binary = os.path.abspath(options.precollect)
    print("| project | ids | precollect: right | wrong | open | CPU s | rtest: right | wrong | open (listed by pytest) | CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    total, spent = [0] * 8, [0.0, 0.0]
    for path in sorted(options.truths.glob("*.json.gz")):
        name = path.name.removesuffix(".json.gz")
        source, environment = options.corpus / name / "src", options.corpus / name / "venv"
        if options.projects and name not in options.projects or not source.is_dir():
            continue
        document, listed = truth_of(path)
        arguments = document.get("args") or []
        ours = [binary, "collect", "-q", "--no-cache", "--python", str(environment), ".", *(["--", *arguments] if arguments else [])]
        theirs = [options.rtest, "--collect-only", *[a for a in arguments if not a.startswith("-")]]
        found, times = {}, {"ours": [], "theirs": []}
        for _ in range(options.rounds):
            for key, command in (("ours", ours), ("theirs", theirs)):
                text, cpu = run(command, source, document.get("env") or {})
                found[key] = ids(text, document.get("rootdir"))
                times[key].append(cpu)
        row = [len(listed)]
        for key in ("ours", "theirs"):
            known, unknown = found[key]
            row += [len(known & listed), len(known - listed), len(unknown)]
        row.append(len(found["theirs"][1] & listed))
        total = [a + b for a, b in zip(total, row)]
        seconds = {key: statistics.median(values) for key, values in times.items()}
        cells = [f"{row[at]:,}" for at in (0, 1, 2, 3)] + [f"{seconds['ours']:.2f}"]
        cells += [f"{row[4]:,}", f"{row[5]:,}", f"{row[6]:,} ({row[7]:,})", f"{seconds['theirs']:.2f}"]
        spent = [sum(pair) for pair in zip(spent, seconds.values())]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    cells = [f"{total[at]:,}" for at in (0, 1, 2, 3)] + [f"{spent[0]:.2f}"]
    cells += [f"{total[4]:,}", f"{total[5]:,}", f"{total[6]:,} ({total[7]:,})", f"{spent[1]:.2f}"]
    print(f"| together | {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
