#!/usr/bin/env python3
"""Records what real pytest does with the projects of testdata/cases and testdata/scenarios, or checks the records.

    scripts/record_cases.py                    write the `pytest` blocks of all cases
    scripts/record_cases.py testdata/cases/x   ... of these files and folders only
    scripts/record_cases.py --verify           compare instead of writing; exit code 1 if anything differs

The format of a case is described in testdata/README.md. Python 3.11 or newer runs this script. The interpreters of the
cases are looked for in $PRECOLLECT_PYTHONS, ~/.pyenv/versions and PATH; one that is absent is left out, with a line
that says so. Environments with pytest are made below target/recording and kept there.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "recording"
PYTEST = {"7": "7.4.4", "8": "8.4.2", "9": "9.2.0"}
DEFAULT_RUNS = ["8/3.11", "9/3.13"]
LIMIT = 4  # seconds without progress after which a module counts as hanging
FENCE = re.compile(r"^(`{3,})(.*)$")


# --- reading cases -------------------------------------------------------------------------------------------------

class Block:
    def __init__(self, info, text, first, last):
        self.info, self.text, self.first, self.last = info, text, first, last  # line numbers of the fences


class Case:
    """One heading of a case file with the blocks below it."""

    def __init__(self, path, title, line):
        self.path, self.title, self.line = path, title, line
        self.blocks, self.end = [], line

    def __str__(self):
        return "%s: %s" % (self.path.relative_to(ROOT), self.title)

    @property
    def settings(self):
        found = [block.text for block in self.blocks if block.info == "toml settings"]
        return tomllib.loads("".join(found))

    def records(self):
        return [block for block in self.blocks if block.info == "text pytest" or block.info.startswith("text pytest ")]

    def files(self):
        """(path, bytes) of every file of the project and its site-packages."""
        settings = self.settings
        if "tree" in settings:
            top = self.path.parent / settings["tree"]
            for path in sorted(top.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    yield path.relative_to(top).as_posix(), path.read_bytes()
        for path in settings.get("empty", []):
            yield path, b""
        for block in self.blocks:
            language, _, path = block.info.partition(" ")
            if path and not (language == "toml" and path == "settings") and language != "text":
                yield path, unescaped(block.text) if language == "escaped" else block.text.encode()

    def runs(self):
        return self.settings.get("runs", DEFAULT_RUNS)


def unescaped(text):
    r"""A block whose language is `escaped`: \xHH, \t, \r, \f and \\ stand for bytes, and \ at a line's end joins lines."""
    text = text.replace("\\\n", "")
    simple = {"t": b"\t", "r": b"\r", "f": b"\f", "n": b"\n", "\\": b"\\"}
    parts = re.split(r"\\(x[0-9a-fA-F]{2}|.)", text)
    out = parts[0].encode()
    for code, rest in zip(parts[1::2], parts[2::2]):
        out += bytes([int(code[1:], 16)]) if code[0] == "x" and len(code) == 3 else simple[code]
        out += rest.encode()
    return out


def read_cases(path):
    """The cases of one file: every `##` heading with blocks below it, or the whole file if it has none."""
    lines = path.read_text().splitlines()
    case = Case(path, path.stem, 0)
    cases, fence, start, info, body = [case], None, 0, "", []
    for number, line in enumerate(lines):
        match = FENCE.match(line)
        if fence is None and match:
            fence, start, info, body = match[1], number, match[2].strip(), []
        elif fence is not None and line.strip() == fence:
            case.blocks.append(Block(info, "".join(text + "\n" for text in body), start, number))
            case.end, fence = number, None
        elif fence is not None:
            body.append(line)
        elif line.startswith("## "):
            case = Case(path, line[3:].strip(), number)
            cases.append(case)
    return [case for case in cases if case.blocks]


def all_cases(arguments):
    tops = [pathlib.Path(argument).resolve() for argument in arguments] or [ROOT / "testdata/cases", ROOT / "testdata/scenarios"]
    files = []
    for top in tops:
        files += [top] if top.is_file() else sorted(top.rglob("*.md"))
    return [case for file in files if file.name != "README.md" for case in read_cases(file)]


# --- interpreters and environments ---------------------------------------------------------------------------------

def find_python(version):
    folders = []
    for top in filter(None, [os.environ.get("PRECOLLECT_PYTHONS"), os.path.expanduser("~/.pyenv/versions")]):
        if os.path.isdir(top):
            names = [name for name in os.listdir(top) if name == version or name.startswith(version + ".")]
            names.sort(key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
            folders += [os.path.join(top, name, "bin", "python") for name in reversed(names)]
    on_path = shutil.which("python" + version)
    for python in folders + ([on_path] if on_path else []):
        ask = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True) if os.path.exists(python) else None
        if done is not None and done.stdout.strip() == version:
            return python
    return None


def base_environment(run):
    """A virtual environment with the pytest of a run ("8/3.11"), or a text that says why there is none."""
    major, version = run.split("/")
    folder = WORK / ("pytest-%s-python-%s" % (PYTEST[major], version))
    if (folder / "ready").exists():
        return folder
    python = find_python(version)
    if python is None:
        return "no Python %s here" % version
    shutil.rmtree(folder, ignore_errors=True)
    steps = [[python, "-m", "venv", str(folder)],
             [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "pytest==" + PYTEST[major]]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True)
        if done.returncode:
            return "failed to make it: " + (done.stderr.strip() or done.stdout.strip())[-300:]
    (folder / "ready").touch()
    return folder


def case_environment(base, folder, files):
    """A small environment of the case's own: the base's packages by link, the case's installed files beside them."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").symlink_to(base / "bin/python")
    shutil.copy(base / "bin/pytest", folder / "bin/pytest")
    shutil.copy(base / "pyvenv.cfg", folder / "pyvenv.cfg")
    site = next((base / "lib").iterdir()) / "site-packages"
    own = folder / site.relative_to(base)
    own.mkdir(parents=True)
    for entry in site.iterdir():
        if not re.match(r"pip\b|setuptools|pkg_resources|_distutils_hack|distutils-|__pycache__", entry.name):
            (own / entry.name).symlink_to(entry)
    (own / "recording_plugin.py").symlink_to(ROOT / "scripts/recording_plugin.py")
    write(own, [(path.partition("/")[2], data) for path, data in files if path.startswith("site-packages/")])


def write(top, files):
    for path, data in files:
        target = top / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


# --- running -------------------------------------------------------------------------------------------------------

def read_record(path):
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:  # the process was killed within a line
            continue
    return found


def unfinished(record):
    """The module whose collection began and did not end."""
    open_ones = []
    for line in record:
        if line["kind"] == "begins":
            open_ones.append(line["path"])
        elif line["kind"] == "ends" and line["path"] in open_ones:
            open_ones.remove(line["path"])
    return open_ones[-1] if open_ones else None


def run_pytest(environment, project, settings, record, leave_out, home, mode=("--collect-only",)):
    """(exit code or None if it hangs, last lines of output)"""
    python = environment / "bin/python"
    command = [str(python), "-m", "pytest"] if settings.get("module") else [str(python), str(environment / "bin/pytest")]
    command += ["-p", "recording_plugin", *mode, "-q", "--maxfail=0", "-p", "no:cacheprovider"]
    variables = {"PATH": "%s:/usr/bin:/bin" % (environment / "bin"), "HOME": str(home), "TMPDIR": str(home), "TZ": "UTC",
                 "LC_ALL": "C.UTF-8", "COLUMNS": "160", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1",
                 "VIRTUAL_ENV": str(environment), **settings.get("env", {}), "PRECOLLECT_RECORD": str(record),
                 "PRECOLLECT_LEAVE_OUT": json.dumps(leave_out)}
    with open(home / "output", "wb") as output:
        process = subprocess.Popen(command + settings.get("args", []), cwd=project / settings.get("cwd", "."), env=variables,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        size, since, code = -1, time.monotonic(), None
        while time.monotonic() - since < (LIMIT if size > 0 else 60):
            try:
                code = process.wait(0.05)
                break
            except subprocess.TimeoutExpired:
                pass
            grown = record.stat().st_size if record.exists() else -1
            if grown != size:
                size, since = grown, time.monotonic()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    return code, (home / "output").read_text(errors="replace").strip().splitlines()[-6:]


def collect(case, base, top):
    """Runs pytest until every module has an outcome: a module that ends or hangs the run is left out of the next."""
    files, settings = list(case.files()), case.settings
    environment, project = top / "env", top / "project"
    project.mkdir(parents=True)
    case_environment(base, environment, files)
    write(project, [(path, data) for path, data in files if not path.startswith("site-packages/")])
    leave_out, modules, first_exit, aborted = [], {}, None, None
    for attempt in range(40):
        record, home = top / ("record-%d" % attempt), top / ("home-%d" % attempt)
        home.mkdir()
        code, output = run_pytest(environment, project, settings, record, leave_out, home)
        lines = read_record(record)
        reasons = [line["reason"] for line in lines if line["kind"] == "aborted"]
        culprit = next((line for line in lines if line["kind"] == "module" and line["outcome"] == "exit"), None)
        if culprit is None and (stuck := unfinished(lines)) is not None:
            outcome = "timeout" if code is None else "exit"
            culprit = {"path": stuck, "outcome": outcome, "exception": None, "message": "", "frames": []}
            reasons.append("%s in %s" % (outcome, stuck))
        if attempt == 0:
            first_exit = "none: it hangs" if code is None else code
            aborted = reasons[0] if reasons else None
            started = any(line["kind"] == "started" for line in lines)
            if not started and aborted is None:
                telling = [line for line in output if "rror: " in line] or output or ["no output"]
                aborted = "startup: " + telling[-1].strip()
        kept = {path: found for path, found in modules.items() if path in leave_out}
        modules = gather(lines)
        modules.update(kept)
        if culprit is None or culprit["path"] in leave_out:
            break
        modules[culprit["path"]] = dict(culprit, items=[])
        leave_out.append(culprit["path"])
    if settings.get("setup"):
        record, home = top / "record-setup", top / "home-setup"
        home.mkdir()
        run_pytest(environment, project, settings, record, leave_out, home, ())
        for line in read_record(record):
            if line["kind"] == "setup":
                modules[line["path"]].setdefault("setups", []).append("%s: %s" % (line["name"], line["message"]))
    return show(first_exit, aborted, modules)


def gather(lines):
    modules = {}
    for line in lines:
        if line["kind"] == "module":
            found = modules.get(line["path"])
            if found is None or found["outcome"] == "collected":
                modules[line["path"]] = dict(line, items=[])
    for line in lines:
        if line["kind"] == "item" and line["path"] in modules:
            modules[line["path"]]["items"].append(line["name"])
    return modules


def show(code, aborted, modules):
    lines = ["exit %s" % code]
    if aborted:
        lines.append("aborted %s" % aborted)
    for path, found in sorted(modules.items()):
        head = "%s %s" % (path, found["outcome"])
        if found["outcome"] == "skipped":
            head += ": " + found["reason"]
        elif found.get("exception"):
            head += " %s: %s" % (found["exception"], found["message"])
        lines.append(head.rstrip().rstrip(":"))
        lines += ["  at " + frame for frame in found.get("frames", [])]
        lines += ["  " + item for item in found["items"]]
        lines += ["  fails " + text for text in found.get("setups", [])]
    return "".join(line + "\n" for line in lines)


def record_case(case, bases):
    """{run: text} for the runs of this case that can be made here."""
    found = {}
    for run in case.runs():
        if isinstance(bases[run], pathlib.Path):
            with tempfile.TemporaryDirectory(prefix="case-", ignore_cleanup_errors=True) as top:
                found[run] = collect(case, bases[run], pathlib.Path(top).resolve())
    return found


# --- blocks --------------------------------------------------------------------------------------------------------

def recorded(case):
    """{run: text} as the file has it."""
    found = {}
    for block in case.records():
        runs = block.info.removeprefix("text pytest").replace(",", " ").split()
        found.update((run, block.text) for run in runs or case.runs())
    return found


def blocks_for(case, texts):
    """The lines to write: one block per distinct text; a block without runs in its head holds for all."""
    groups = {}
    for run in case.runs():
        if run in texts:
            groups.setdefault(texts[run], []).append(run)
    lines = []
    for text, runs in groups.items():
        head = "```text pytest" + (" " + ", ".join(runs) if len(groups) > 1 else "")
        lines += ([""] if lines else []) + [head] + text.splitlines() + ["```"]
    return lines


def write_back(path, cases, results):
    lines = path.read_text().splitlines()
    for case in reversed(cases):
        texts = {**recorded(case), **results[case]}
        new, old = blocks_for(case, texts), case.records()
        if old:
            lines[old[0].first:old[-1].last + 1] = new
        else:
            findings = [block.first for block in case.blocks if block.info.startswith("text ")]
            at = findings[0] if findings else case.end + 1
            lines[at:at] = new + [""] if findings else [""] + new
    path.write_text("".join(line + "\n" for line in lines))


def differences(case, result):
    old = recorded(case)
    for run, text in result.items():
        if old.get(run) != text:
            yield "%s: %s\n--- recorded\n%s--- now\n%s" % (case, run, old.get(run, "nothing\n"), text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("paths", nargs="*")
    opts = parser.parse_args()
    cases = all_cases(opts.paths)
    runs = sorted({run for case in cases for run in case.runs()})
    WORK.mkdir(parents=True, exist_ok=True)
    bases = {run: base_environment(run) for run in runs}
    for run, base in bases.items():
        if isinstance(base, str):
            print("record_cases: pytest %s is left out: %s" % (run, base))
    with concurrent.futures.ThreadPoolExecutor(opts.jobs) as pool:
        results = dict(zip(cases, pool.map(lambda case: record_case(case, bases), cases)))
    count = sum(len(result) for result in results.values())
    if not opts.verify:
        for path in sorted({case.path for case in cases}):
            write_back(path, [case for case in cases if case.path == path], results)
        print("record_cases: %d cases recorded in %d runs" % (len(cases), count))
        return 0
    wrong = [line for case in cases for line in differences(case, results[case])]
    for line in wrong:
        print(line)
    left_out = sum(isinstance(base, str) for base in bases.values())
    print("record_cases: %d passed, %d failed, %d of %d environments left out (%d cases, %d runs)" % (
        count - len(wrong), len(wrong), left_out, len(bases), len(cases), count))
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
