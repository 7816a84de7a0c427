#!/usr/bin/env python3
"""Makes data/warnings.txt (its format: data/stdlib.md) by asking CPython 3.8 to 3.13.

    python scripts/make_warnings.py --pythons ~/.pyenv/versions
"""

import argparse
import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
MINORS = range(8, 14)


def modules():
    """Public module names of the library's table."""
    names = [line.split("\t", 1)[0] for line in (DATA / "stdlib.txt").read_text().splitlines()]
    skipped = {"antigravity", "this", "idlelib", "lib2to3", "test", "turtledemo", "__main__", "__hello__", "__phello__"}
    names = [name for name in names if name.split(".")[0] not in skipped and not name.endswith("__main__")]
    return sorted(set(names) | {"typing.io", "typing.re"})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pythons", type=pathlib.Path, default=pathlib.Path.home() / ".pyenv/versions")
    options = parser.parse_args()
    found = {}
    for minor in MINORS:
        python = sorted(options.pythons.glob(f"3.{minor}.*/bin/python"))[0]
        probe = [python, "-I", "-S", HERE / "warnings_probe.py"]
        output = subprocess.run(probe, input="\n".join(modules()), capture_output=True, text=True, check=True).stdout
        order = {}
        for line in output.splitlines():
            kind, name, category, blame, message = json.loads(line)
            at = order[kind, name] = order.get((kind, name), -1) + 1
            found.setdefault((kind, name, at, category, blame, message), []).append(minor)
    lines = []
    for (kind, name, at, category, blame, message), minors in sorted(found.items()):
        mask = sum(1 << minor - 8 for minor in minors)
        # What is not said to be gone lasts into the version that nobody was asked about.
        if minors[-1] == 13 and "3.14" not in message:
            mask |= 1 << 6
        text = message.replace("\\", "\\\\").replace("\n", "\\n")
        lines.append("\t".join([kind, name, f"{mask:02x}", category, blame, text]))
    (DATA / "warnings.txt").write_text("\n".join(lines) + "\n")
    print(f"make_warnings: {len(lines)} warnings")


if __name__ == "__main__":
    main()
