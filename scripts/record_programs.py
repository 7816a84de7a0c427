#!/usr/bin/env python3
"""Records what CPython does with the programs of testdata/machine/programs.txt, for each version.

    scripts/record_programs.py [VERSIONS_FOLDER]      writes testdata/machine/3.X.txt (default folder: ~/.pyenv/versions)

A line of a record is `NAME => ok` or `NAME => CLASS: MESSAGE`; the program's folder is `/p`, the library's `<stdlib>`. 3.14.txt is written by
hand from the published sources, and holds only what differs from 3.13.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent / "testdata/machine"
CHILD = """
import importlib, sys
sys.path[:0] = [sys.argv[1]]
sys.stdout = sys.stderr = open("/dev/null", "w")
try:
    importlib.import_module("m")
    answer = "ok"
except BaseException as error:
    answer = "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
sys.__stdout__.write(answer)
"""


def programs():
    name, path, found = None, None, {}
    for line in (HERE / "programs.txt").read_text().splitlines():
        if line.startswith("=== "):
            name = line[4:]
            found[name] = {}
        elif line.startswith("--- "):
            path = line[4:]
            found[name][path] = ""
        elif name:
            found[name][path] += line + "\n"
    return found


def answer(python, files):
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        for path, text in files.items():
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        done = subprocess.run([python, "-B", "-W", "ignore", "-c", CHILD, folder], capture_output=True, text=True)
    library = re.compile(r"/[^ ()]*/lib/python3\.\d+/")
    return library.sub("<stdlib>/", done.stdout.replace(folder, "/p"))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.expanduser("~/.pyenv/versions"))
    for entry in sorted(folder.iterdir()):
        match = re.match(r"(3\.\d+)\.", entry.name)
        if match and int(match.group(1)[2:]) >= 8:
            lines = ["%s => %s\n" % (name, answer(entry / "bin/python", files)) for name, files in programs().items()]
            (HERE / (match.group(1) + ".txt")).write_text("".join(lines))
            print("%s.txt: %d programs" % (match.group(1), len(lines)))


if __name__ == "__main__":
    main()
