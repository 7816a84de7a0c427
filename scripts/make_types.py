#!/usr/bin/env python3
"""Makes data/types.txt: the attributes of plain values, for each Python version.

    scripts/make_types.py [VERSIONS_FOLDER]

Asks every interpreter from 3.8 on below VERSIONS_FOLDER (default: ~/.pyenv/versions) for `dir` of each type. A line is a type, a tab, and its
attributes; `name@9` is there from 3.9 on, `name@-9` up to 3.9. The newest version's answer stands for all later ones.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

PROBE = """
import collections, json, types
def generator():
    yield 1
kinds = {"bool": True, "bytes": b"", "complex": 1j, "dict": {}, "ellipsis": ..., "float": 1.0, "frozenset": frozenset(),
         "function": generator, "int": 1, "list": [], "range": range(1), "set": set(), "str": "", "tuple": (),
         "Counter": collections.Counter(), "OrderedDict": collections.OrderedDict(), "UserDict": collections.UserDict(),
         "defaultdict": collections.defaultdict(), "deque": collections.deque(), "type": type}
print(json.dumps({kind: sorted(dir(value)) for kind, value in kinds.items()}))
"""


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.expanduser("~/.pyenv/versions"))
    found = {}
    for entry in sorted(folder.iterdir()):
        match = re.match(r"3\.(\d+)\.", entry.name)
        if match and int(match.group(1)) >= 8:
            done = subprocess.run([entry / "bin/python", "-c", PROBE], capture_output=True, text=True, check=True)
            found[int(match.group(1))] = json.loads(done.stdout)
    minors = sorted(found)
    lines = []
    for kind in sorted(found[minors[0]]):
        words = []
        for name in sorted({name for minor in minors for name in found[minor][kind]}):
            has = [minor for minor in minors if name in found[minor][kind]]
            if has != list(range(has[0], has[-1] + 1)):
                sys.exit("%s.%s comes and goes: %s" % (kind, name, has))
            if has[0] != minors[0]:
                name += "@%d" % has[0]
            elif has[-1] != minors[-1]:
                name += "@-%d" % has[-1]
            words.append(name)
        lines.append("%s\t%s\n" % (kind, " ".join(words)))
    target = pathlib.Path(__file__).resolve().parent.parent / "data/types.txt"
    target.write_text("".join(lines))
    print("%s: %d types of Python 3.%d to 3.%d" % (target.name, len(lines), minors[0], minors[-1]))


if __name__ == "__main__":
    main()
