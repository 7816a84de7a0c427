#!/usr/bin/env python3
"""Node ids right and wrong, and the time they take: `precollect collect -q` beside `rtest --collect-only`.

    python3 scripts/compare_rtest.py --truths DIR --corpus DIR --rtest VENV/bin/rtest [PROJECT...]

A truth is what pytest itself collected, recorded as NAME.json.gz; the project lies in CORPUS/NAME/src, its environment in
CORPUS/NAME/venv. An id is right if pytest lists it, wrong if pytest does not. Ids that a tool marks as not fully known
(`rtest-cannot-expand`, a trailing `[...]`) count as neither. rtest takes no environment; both run in the project.
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


def run(command, folder):
    with tempfile.TemporaryFile() as out:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
        )
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        out.seek(0)
        return out.read().decode("utf-8", "replace"), usage.ru_utime + usage.ru_stime


def ids(text):
    """What is listed as an id: known ones, and those that are said to be open."""
    known, unknown = set(), set()
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("rtest-cannot-expand: "):
            unknown.add(line.removeprefix("rtest-cannot-expand: "))
        elif "::" in line and ".py" in line and not line.startswith(("ERROR", "WARNING")):
            (unknown if line.endswith("[...]") else known).add(line)
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
    print("| project | ids | precollect right | wrong | CPU s | rtest right | wrong | CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    total = [0] * 5
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
                text, cpu = run(command, source)
                found[key] = ids(text)[0]
                times[key].append(cpu)
        row = [len(listed)]
        for key in ("ours", "theirs"):
            row += [len(found[key] & listed), len(found[key] - listed)]
        total = [a + b for a, b in zip(total, row)]
        seconds = {key: statistics.median(values) for key, values in times.items()}
        print(
            f"| {name} | {row[0]} | {row[1]} | {row[2]} | {seconds['ours']:.2f} | {row[3]} | {row[4]} | {seconds['theirs']:.2f} |",
            flush=True,
        )
    print(f"| together | {total[0]} | {total[1]} | {total[2]} | | {total[3]} | {total[4]} | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
