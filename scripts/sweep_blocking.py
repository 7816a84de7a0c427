#!/usr/bin/env python3
"""Checks certain BLK findings against real imports: projects with their environments, and every package installed there.

    scripts/sweep_blocking.py --precollect target/release/precollect PROJECT...     each with `src` and `venv` below it
    scripts/sweep_blocking.py --precollect ... --source DIR --python VENV           one project
    ... --packages           judge the installed packages too, each as a project of its own with one test module per module
    ... --likely             check likely findings as well, counted apart: not all of them need to agree
    ... --json FILE          write what was found, one object per finding

precollect judges; then, for each certain finding that code makes at import, pytest collects the module that leads there for
real, with a time limit and under the audit hook of record_events.py, which refuses connections to anything but the loopback.
Packages are copied into a throw-away directory; projects are collected where they are, without bytecode or pytest's cache. A
finding agrees if an event of its kind, a hang or an end of the process happened at its line. Exit code 1 if any does not.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import record_events

KINDS = {
    "BLK001": ("os._exit", "os.exec", "ends"),
    "BLK002": ("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "poplib."),
    "BLK003": ("time.sleep", "asyncio.sleep"),
    "BLK004": ("subprocess.Popen", "os.", "_thread.", "webbrowser."),
    "BLK005": ("builtins.input", "fails"),
    "BLK006": (),
    "BLK007": ("_thread.",),
    "BLK008": ("fails", "ends"),
    "BLK009": ("fails", "ends"),
    "BLK010": ("sqlite3.connect", "socket."),
    "BLK011": ("socket.bind",),
    "BLK012": ("",),
}
# Not imported one by one: they are tests themselves, or refuse to be imported outside their program.
LEFT_OUT = {"tests", "test", "testing", "__main__", "_vendor", "conftest"}
MOST_MODULES = 300


def judge(precollect, project, venv, wanted=("certain",)):
    """BLK findings of a project, of the certainties that are wanted."""
    command = [precollect, "check", "--no-cache", "--select", "BLK", "--ignore", "BLK020", "--python", str(venv), "--output-format", "json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=600)
    try:
        findings = json.loads(done.stdout)["findings"]
    except (json.JSONDecodeError, KeyError):
        print("sweep: precollect failed in %s: %s" % (project, done.stderr.strip()[-300:]))
        return []
    return [finding for finding in findings if finding["certainty"] in wanted]


def entry(finding):
    """The module or conftest that pytest imports on the way to a finding."""
    steps = [step[0] for step in finding.get("chain") or []]
    victims = [victim if isinstance(victim, str) else victim["path"] for victim in finding.get("victims") or []]
    first = (steps or victims or [finding["path"]])[0]
    if pathlib.PurePath(first).name == "conftest.py":
        return str(pathlib.PurePath(first).parent)
    is_test = pathlib.PurePath(first).name.startswith("test") or first.endswith("_test.py")
    return first if is_test or not victims else victims[0]


def collect(project, venv, target, home, limit):
    """What really happens: events with their place, and how it ends."""
    (home / "events_plugin.py").write_text(record_events.PLUGIN)
    command = [str(venv / "bin/python"), "-m", "pytest", "-p", "events_plugin", "--collect-only", "-q", "-p", "no:cacheprovider", target]
    variables = record_events.surroundings(venv, project, home, {"PYTHONPATH": str(home)})
    lines = record_events.watched(command, project, variables, home, limit)
    return lines, (home / "output").read_text(errors="replace")


def agrees(finding, lines, text):
    place = "%s:%d" % (finding["path"], line_of(finding))
    kinds = KINDS.get(finding["code"], ())
    for line in lines:
        what, _, at = line.partition(" at ")
        if at == place and (what == "hangs" or what.startswith(kinds)):
            return True
        if what.startswith("hangs") and finding["code"] == "BLK006" and at.rpartition(":")[0] == finding["path"]:
            return True
        if what.startswith("ends with") and "ends" in kinds:
            return True
    return "fails" in kinds and "%s:%d:" % (finding["path"], line_of(finding)) in text or "ends" in kinds and "SystemExit" in text


def line_of(finding):
    return finding["range"]["start"]["line"]


def copied(source, target):
    """A tree without what no import reads; links where the file system allows it."""
    def place(a, b):
        try:
            os.link(a, b)
        except OSError:
            shutil.copyfile(a, b)
    ignore = shutil.ignore_patterns("__pycache__", ".git", "*.pyc")
    shutil.copytree(source, target, copy_function=place, ignore=ignore, symlinks=True)


def modules(package):
    """Dotted names of a package's modules, or of a module that stands alone."""
    if package.is_file():
        return [package.stem]
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if LEFT_OUT.isdisjoint(parts) and all(part.isidentifier() for part in parts):
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found[:MOST_MODULES]


def packages(venv):
    """Pure Python packages and modules of an environment, with a key that is the same for the same version and Python."""
    site = next((venv / "lib").glob("python*/site-packages"))
    versions = {}
    for info in site.glob("*.dist-info"):
        top = info / "top_level.txt"
        names = top.read_text().split() if top.exists() else []
        record = info / "RECORD"
        if not names and record.exists():
            firsts = (line.split(",")[0].split("/") for line in record.read_text().splitlines())
            names = sorted({parts[0].removesuffix(".py") for parts in firsts if parts[-1].endswith(".py") and parts[0] != ".."})
        versions.update((name, info.name) for name in names)
    for path in sorted(site.iterdir()):
        name = path.stem if path.suffix == ".py" else path.name
        if name in versions and name.isidentifier() and (path.suffix == ".py" or (path / "__init__.py").exists()):
            if name not in ("pytest", "_pytest", "pip", "setuptools", "pkg_resources", "_distutils_hack"):
                yield path, (site.parent.name, versions[name], name)


def sweep(precollect, project, venv, top, label, results, limit, wanted):
    """Judges a project and checks what is found."""
    for finding in judge(precollect, project, venv, wanted):
        target = entry(finding)
        home = pathlib.Path(tempfile.mkdtemp(prefix="home-", dir=top))
        lines, text = collect(project, venv, target, home, limit)
        good = agrees(finding, lines, text)
        results.append({"project": label, "agrees": good, "certainty": finding["certainty"], "code": finding["code"], "place": "%s:%d" % (finding["path"], line_of(finding)),
                        "message": finding["message"], "entry": target, "events": lines, "output": text[-2000:]})
        print("%s %s %s %s %s:%d %s" % ("agrees  " if good else "DISAGREES", finding["certainty"], label, finding["code"], finding["path"], line_of(finding), finding["message"]))
        if not good:
            print("          " + "; ".join(lines[:12]))
        sys.stdout.flush()


def sweep_package(precollect, path, venv, label, results, limit, wanted):
    with tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True) as top:
        project = pathlib.Path(top).resolve() / "project"
        project.mkdir()
        if path.is_dir():
            copied(path, project / path.name)
            # Shared libraries that wheels bring lie beside the package.
            libraries = path.with_name(path.name + ".libs")
            if libraries.is_dir():
                copied(libraries, project / libraries.name)
        else:
            shutil.copyfile(path, project / path.name)
        names = modules(project / path.name)
        for index, name in enumerate(names):
            (project / ("test_%04d.py" % index)).write_text("import %s\n" % name)
        (project / "pytest.ini").write_text("[pytest]\npython_files = test_[0-9]*.py\nnorecursedirs = %s\n" % path.name)
        if names:
            sweep(precollect, project, venv, top, label, results, limit, wanted)
        return len(names)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--precollect", required=True, help="the binary that judges")
    parser.add_argument("--packages", action="store_true", help="judge the installed packages too")
    parser.add_argument("--likely", action="store_true", help="check likely findings as well")
    parser.add_argument("--source", type=pathlib.Path, help="source tree of one project")
    parser.add_argument("--python", type=pathlib.Path, help="its environment")
    parser.add_argument("--json", type=pathlib.Path, help="where to write what was found, one object per finding")
    parser.add_argument("--limit", type=int, default=20, help="seconds that a real import may take (default 20)")
    parser.add_argument("projects", nargs="*", type=pathlib.Path, help="folders with `src` and `venv`")
    opts = parser.parse_args()
    precollect = str(pathlib.Path(opts.precollect).resolve())
    projects = [(path.name, (path / "src").resolve(), (path / "venv").absolute()) for path in opts.projects]
    if opts.source and opts.python:
        projects.append((opts.source.name, opts.source.resolve(), opts.python.absolute()))
    results, seen, counted = [], set(), 0
    wanted = ("certain", "likely") if opts.likely else ("certain",)
    for label, source, venv in projects:
        if not source.is_dir() or not (venv / "bin/python").exists():
            print("sweep: %s has no source or no environment" % label)
            continue
        with tempfile.TemporaryDirectory(prefix="sweep-", ignore_cleanup_errors=True) as top:
            sweep(precollect, source, venv, top, label, results, opts.limit, wanted)
        for path, key in packages(venv) if opts.packages else ():
            if key not in seen:
                seen.add(key)
                counted += sweep_package(precollect, path, venv, "%s/%s" % (label, key[1]), results, opts.limit, wanted)
    print("sweep: %d projects, %d packages with %d modules" % (len(projects), len(seen), counted))
    for certainty in wanted:
        of_kind = [result for result in results if result["certainty"] == certainty]
        print("       %d %s findings, %d agree" % (len(of_kind), certainty, sum(result["agrees"] for result in of_kind)))
    if opts.json:
        opts.json.write_text("".join(json.dumps(result) + "\n" for result in results))
    return 1 if any(result["certainty"] == "certain" and not result["agrees"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
