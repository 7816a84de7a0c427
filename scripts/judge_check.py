#!/usr/bin/env python3
"""Compares what the strict judge says about Python files with what each CPython's compile() says.

    scripts/judge_check.py --judge target/debug/examples/judge [--versions 3.8,3.13] [--wrong 40] PATH...

A PATH is a directory, a .py file, or a .txt file of snippets separated by lines of `####`. Nothing is executed: files
are only compiled. Interpreters are looked for in ~/.pyenv/versions.
"""

import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

WORKER = r"""
import json, sys, warnings
warnings.simplefilter("ignore")
for line in sys.stdin:
    path = line.rstrip("\n")
    with open(path, "rb") as file:
        data = file.read()
    try:
        compile(data, path, "exec", dont_inherit=True)
        said = None
    except SyntaxError as error:
        said = [type(error).__name__, str(error.msg), error.lineno]
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        said = [type(error).__name__, str(error), None]
    print(json.dumps(said), flush=True)
"""


def sources(paths, scratch):
    for path in paths:
        if path.endswith(".txt"):
            with open(path, encoding="utf-8") as file:
                snippets = file.read().split("####\n")
            for number, text in enumerate(snippets):
                name = os.path.join(scratch, f"{os.path.basename(path)}-{number:04}.py")
                with open(name, "w", encoding="utf-8", newline="") as file:
                    file.write(text)
                yield name
        elif os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders.sort()
                yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))
        else:
            yield path


def run(command, files):
    done = subprocess.run(command, input="\n".join(files) + "\n", capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", required=True)
    parser.add_argument("--versions", default="3.8,3.9,3.10,3.11,3.12,3.13")
    parser.add_argument("--wrong", type=int, default=40)
    parser.add_argument("--record", help="write what CPython says to this JSON file, for the tests")
    parser.add_argument("paths", nargs="+")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files = [path for path in sources(arguments.paths, scratch) if os.path.isfile(path)]
        ours = run([arguments.judge], files)
        shown = 0
        recorded = {}
        for version in arguments.versions.split(","):
            python = sorted(glob.glob(os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")))[-1]
            theirs = run([python, "-I", "-c", WORKER], files)
            recorded[version] = theirs
            counts = collections.Counter()
            for path, own, said in zip(files, ours, theirs):
                own = own[version]
                counts["files"] += 1
                counts["refused"] += said is not None
                if (own is None) != (said is None):
                    verdict = "false alarm" if said is None else "missed"
                elif own is None:
                    continue
                elif own[0] != said[0]:
                    verdict = "class"
                elif own[1] != said[1]:
                    verdict = "message"
                elif said[2] and own[2] != said[2]:
                    verdict = "line"
                else:
                    counts["exact"] += 1
                    continue
                counts[verdict] += 1
                if shown < arguments.wrong:
                    shown += 1
                    head = ""
                    if path.startswith(scratch):
                        with open(path, encoding="utf-8") as file:
                            head = " <- " + json.dumps(file.read(120))
                    print(f"{version} {verdict}: {os.path.relpath(path, scratch) if head else path}{head}")
                    print(f"    ours   {own}\n    theirs {said}")
            print(version, dict(counts))
        if arguments.record:
            with open(arguments.record, "w", encoding="utf-8") as file:
                rows = (f"{json.dumps(v)}: [\n" + ",\n".join(map(json.dumps, said)) + "\n]" for v, said in recorded.items())
                file.write("{\n" + ",\n".join(rows) + "\n}\n")


main()
