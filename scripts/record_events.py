#!/usr/bin/env python3
"""Records what the code of blocking cases really does: audit events, exits and hangs, in real Python with a time limit.

    scripts/record_events.py                               write the `events` blocks of testdata/cases/blocking
    scripts/record_events.py testdata/cases/blocking/x.md  ... of these files only
    scripts/record_events.py --verify                      compare instead of writing; exit code 1 if anything differs

A case's project is put into an empty folder and pytest runs there under an audit hook: with `--collect-only`, or with its
tests where the settings say `tests = true`. A line is `EVENT at PATH:LINE` with the innermost line of the project, in order
and once each; `hangs at PATH:LINE` where nothing moves for LIMIT seconds; `ends with STATUS` where the process ends before
pytest is done. Nothing leaves the machine: a connection to anything but the loopback is refused by the hook.

`base_environment` and the reading of cases come from record_cases.py, whose cases these are.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import record_cases

ROOT = record_cases.ROOT
LIMIT = 4

PLUGIN = '''
import os, sys, threading, time
OUT = os.open(os.environ["PRECOLLECT_EVENTS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
TOP = os.path.realpath(os.environ["PRECOLLECT_PROJECT"]) + os.sep
HOME = os.path.dirname(os.path.realpath(os.environ["PRECOLLECT_EVENTS"]))
NAMES = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system", "os.exec",
         "os.fork", "os.forkpty", "os.posix_spawn", "time.sleep", "sqlite3.connect", "builtins.input", "urllib.Request",
         "http.client.connect", "smtplib.connect", "ftplib.connect", "imaplib.open", "poplib.connect", "telnetlib.Telnet.open",
         "webbrowser.open", "fcntl.flock", "fcntl.lockf", "signal.pthread_kill", "_thread.start_new_thread"}
seen = set()
busy = threading.local()


def place(frame):
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(TOP):
            return "%s:%d" % (name[len(TOP):], frame.f_lineno)
        frame = frame.f_back
    return None


def tell(line):
    if line not in seen:
        seen.add(line)
        os.write(OUT, (line + "\\n").encode())


def hook(event, args):
    if event not in NAMES or getattr(busy, "on", False):
        return
    busy.on = True
    try:
        at = place(sys._getframe(1))
        if at is None:
            return
        tell("%s at %s" % (event, at))
    finally:
        busy.on = False
    if event == "socket.connect":
        address = args[1]
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
        if host not in ("127.0.0.1", "::1", "localhost") and isinstance(host, str):
            raise ConnectionRefusedError(111, "Connection refused")
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if args[0] not in (None, "127.0.0.1", "localhost", "::1", ""):
            import socket
            raise socket.gaierror(-2, "Name or service not known")


def watch():
    """Where the main thread stands, for a run that hangs."""
    main = threading.main_thread().ident
    while True:
        clock.wait(0.25)
        frame = sys._current_frames().get(main)
        at = place(frame) if frame is not None else None
        # The process is killed at any moment: never leave half a file.
        with open(os.path.join(HOME, "stands.new"), "w") as file:
            file.write(at or "")
        os.replace(os.path.join(HOME, "stands.new"), os.path.join(HOME, "stands"))


class Clock:
    """A wait that no case can patch."""
    def __init__(self):
        self.lock = threading.Lock()
        self.lock.acquire()

    def wait(self, seconds):
        self.lock.acquire(timeout=seconds)


clock = Clock()
threading.Thread(target=watch, daemon=True).start()
sys.addaudithook(hook)

real_exit = os._exit


def leave(status):
    """CPython does not audit it."""
    at = place(sys._getframe(1))
    if at is not None:
        tell("os._exit at " + at)
    real_exit(status)


os._exit = leave

import asyncio
real_sleep = asyncio.sleep


async def sleep(delay, result=None):
    """CPython does not audit it."""
    at = place(sys._getframe(1))
    if at is not None:
        tell("asyncio.sleep at " + at)
    return await real_sleep(delay, result)


asyncio.sleep = asyncio.tasks.sleep = sleep


def pytest_unconfigure(config):
    os.write(OUT, b"done\\n")
'''


def watched(command, project, variables, home, limit):
    """Runs pytest under the hook: what happened, in order of place, then how it ended if that was no ordinary end."""
    (home / "events").unlink(missing_ok=True)
    with open(home / "output", "wb") as output:
        process = subprocess.Popen(command, cwd=project, env=variables, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    record = home / "events"
    lines = record.read_text().splitlines() if record.exists() else []
    done = "done" in lines
    lines = sorted((line for line in lines if line != "done"), key=order)
    if code is None:
        stands = home / "stands"
        at = stands.read_text() if stands.exists() else ""
        lines.append("hangs" + (" at exit" if done else " at " + at if at else ""))
    elif not done:
        lines.append("ends with %d" % code)
    return lines


def surroundings(environment, project, home, more=()):
    """The variables of such a run."""
    return {"PATH": "%s:/usr/bin:/bin" % (environment / "bin"), "HOME": str(home), "TMPDIR": str(home), "TZ": "UTC",
            "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "VIRTUAL_ENV": str(environment),
            **dict(more), "PRECOLLECT_EVENTS": str(home / "events"), "PRECOLLECT_PROJECT": str(project)}


def run(case, base, top):
    files, settings = list(case.files()), case.settings
    environment, project, home = top / "env", top / "project", top / "home"
    for folder in (project, home):
        folder.mkdir(parents=True)
    record_cases.case_environment(base, environment, files)
    site = next((environment / "lib").iterdir()) / "site-packages"
    (site / "events_plugin.py").write_text(PLUGIN)
    record_cases.write(project, [(path, data) for path, data in files if not path.startswith("site-packages/")])
    pytest = ["-m", "pytest"] if settings.get("module") else [str(environment / "bin/pytest")]
    command = [str(environment / "bin/python"), *pytest, "-p", "events_plugin", "-q", "-p", "no:cacheprovider"]
    if not settings.get("tests"):
        command.append("--collect-only")
    variables = surroundings(environment, project, home, settings.get("env", {}))
    limit = 60 if settings.get("slow") else LIMIT + 6
    lines = watched(command + settings.get("args", []), project, variables, home, limit)
    return "".join(line + "\n" for line in lines) or "nothing\n"


def order(line):
    path, _, number = line.rpartition(" at ")[2].rpartition(":")
    return (path, int(number) if number.isdigit() else 0, line)


def write_back(path, results):
    lines = path.read_text().splitlines()
    for case in reversed([case for case in results if case.path == path]):
        block = ["```text events"] + results[case].splitlines() + ["```"]
        old = [one for one in case.blocks if one.info == "text events"]
        if old:
            lines[old[0].first:old[0].last + 1] = block
        else:
            told = [one.first for one in case.blocks if one.info.startswith("text findings")]
            at = told[0] if told else case.end + 1
            lines[at:at] = block + [""] if told else [""] + block
    path.write_text("".join(line + "\n" for line in lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--verify", action="store_true", help="compare instead of writing")
    parser.add_argument("--jobs", type=int, default=4, help="cases that run at once (default 4)")
    parser.add_argument("paths", nargs="*", help="files of cases (default: all of testdata/cases/blocking)")
    opts = parser.parse_args()
    cases = record_cases.all_cases(opts.paths or [str(ROOT / "testdata/cases/blocking")])
    record_cases.WORK.mkdir(parents=True, exist_ok=True)
    runs = {case: case.runs()[-1] for case in cases}
    bases = {run: record_cases.base_environment(run) for run in set(runs.values())}
    for name, base in bases.items():
        if isinstance(base, str):
            print("record_events: pytest %s is left out: %s" % (name, base))
    cases = [case for case in cases if isinstance(bases[runs[case]], pathlib.Path)]

    def one(case):
        with tempfile.TemporaryDirectory(prefix="events-", ignore_cleanup_errors=True) as top:
            return run(case, bases[runs[case]], pathlib.Path(top).resolve())

    with concurrent.futures.ThreadPoolExecutor(opts.jobs) as pool:
        results = dict(zip(cases, pool.map(one, cases)))
    if not opts.verify:
        for path in sorted({case.path for case in cases}):
            write_back(path, results)
        print("record_events: %d cases recorded" % len(cases))
        return 0
    wrong = 0
    for case in cases:
        old = next((block.text for block in case.blocks if block.info == "text events"), "nothing is recorded\n")
        if old != results[case]:
            wrong += 1
            print("%s\n--- recorded\n%s--- now\n%s" % (case, old, results[case]))
    print("record_events: %d passed, %d failed" % (len(cases) - wrong, wrong))
    return 1 if wrong or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
