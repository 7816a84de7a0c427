"""pytest plugin: reports what collection does, one JSON object per line, into the file named by PRECOLLECT_RECORD.

Used by record_cases.py with pytest 7, 8 and 9 on Python 3.8 and newer. It observes only; the one thing it changes
is that files listed in PRECOLLECT_LEAVE_OUT (they ended or hung an earlier run) are not collected.
"""
import fnmatch
import json
import os
import re
import sys
import sysconfig

import pytest

RECORD = open(os.environ.pop("PRECOLLECT_RECORD"), "a", buffering=1)
LEAVE_OUT = json.loads(os.environ.pop("PRECOLLECT_LEAVE_OUT", "[]"))
START = os.path.realpath(os.getcwd())


class Paths:
    """Paths as the cases write them: relative to rootdir, else below <env>, <stdlib> or <python>."""

    root = START
    outside = [
        (os.path.realpath(sys.prefix), "<env>"),
        (os.path.abspath(sys.prefix), "<env>"),
        (os.path.realpath(sysconfig.get_path("stdlib")), "<stdlib>"),
        (os.path.realpath(sys.base_prefix), "<python>"),
    ]

    @classmethod
    def short(cls, path):
        path = os.path.realpath(str(path))
        for folder, name in cls.outside:
            if path.startswith(folder + os.sep):
                return name + path[len(folder):]
        return os.path.relpath(path, cls.root).replace(os.sep, "/")

    @classmethod
    def ours(cls, path):
        path = os.path.realpath(str(path))
        return path.startswith(START + os.sep) and not path.startswith(cls.outside[0][0] + os.sep)

    @classmethod
    def in_text(cls, text):
        for folder, name in cls.outside:
            text = text.replace(folder, name)
        for folder in (cls.root, START):
            text = text.replace(folder + os.sep, "").replace(folder, ".")
        return re.sub(r"\b0x[0-9a-fA-F]{6,}\b", "0x..", text)


def say(**record):
    RECORD.write(json.dumps(record) + "\n")


def innermost_cause(error):
    """The exception that the code under test raised, where pytest wraps it in one of its own."""
    if type(error).__name__ == "ConftestImportFailure":
        excinfo = getattr(error, "excinfo", None)
        return getattr(error, "cause", None) or (excinfo[1] if excinfo else None) or error
    if isinstance(error, pytest.Collector.CollectError) and error.__cause__ is not None:
        return error.__cause__
    return error


def message_of(error):
    if isinstance(error, SyntaxError):
        return error.msg or ""
    if type(error).__name__ == "ImportPathMismatchError":
        names = [Paths.in_text(str(part)) for part in error.args]
        return "imported module %r has __file__ %r which is not %r" % tuple(names)
    # A usage error may have several texts, which pytest prints one below the other.
    text = "\n".join(str(part) for part in error.args) if isinstance(error, pytest.UsageError) else str(error)
    text = Paths.in_text(text).strip()
    return text.splitlines()[-1].strip() if text else ""


def frames_of(error):
    places, traceback = [], error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith("<") and Paths.ours(name):
            places.append("%s:%d" % (Paths.short(name), traceback.tb_lineno))
        traceback = traceback.tb_next
    if isinstance(error, RecursionError):
        # How often they repeat depends on how deep pytest itself stands.
        places = list(dict.fromkeys(places))
    if isinstance(error, SyntaxError) and error.filename and Paths.ours(error.filename):
        place = "%s:%s" % (Paths.short(error.filename), error.lineno)
        if os.path.exists(str(error.filename)) and place not in places:
            places.append(place)
    return places


def described(error):
    error = innermost_cause(error)
    return {"exception": type(error).__name__, "message": message_of(error), "frames": frames_of(error)}


def aborted(where, error):
    found = described(error)
    where = "usage" if found["exception"] == "UsageError" else where
    say(kind="aborted", reason="%s: %s: %s" % (where, found["exception"], found["message"]))


def file_of(node):
    """The test file a collector is or lies in; nothing for directories and packages."""
    file = node.getparent(pytest.File)
    return None if isinstance(file, pytest.Package) else file


def test_files_below(node):
    """Those that a failing directory takes along."""
    patterns, skipped = node.config.getini("python_files"), node.config.getini("norecursedirs")
    top = str(node.path)
    if isinstance(node, pytest.Session):
        top = START
    elif os.path.isfile(top):
        top = os.path.dirname(top)
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, pattern) for pattern in skipped)]
        for name in files:
            if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                yield Paths.short(os.path.join(folder, name))


def fails(node, outcome, error):
    file, found = file_of(node), described(error)
    if file is None:
        for path in test_files_below(node):
            say(kind="module", path=path, outcome=outcome, **found)
    else:
        say(kind="module", path=Paths.short(file.path), outcome=outcome, **found)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    Paths.root = os.path.realpath(str(early_config.rootpath))
    result = yield
    if result.excinfo is not None:
        aborted("conftest", result.excinfo[1])


def pytest_configure(config):
    Paths.root = os.path.realpath(str(config.rootpath))
    say(kind="started", rootdir=os.path.relpath(Paths.root, START).replace(os.sep, "/"))


def pytest_ignore_collect(collection_path):
    return True if Paths.short(collection_path) in LEAVE_OUT else None


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_make_collect_report(collector):
    file = file_of(collector)
    if file is collector:
        say(kind="begins", path=Paths.short(file.path))
    result = yield
    if file is collector:
        say(kind="ends", path=Paths.short(file.path))
    if result.excinfo is not None:  # not for pytest to report: the run is over
        fails(collector, "exit", result.excinfo[1])
        aborted("exit in %s" % Paths.short(collector.path), result.excinfo[1])
        return
    report = result.get_result()
    error = getattr(getattr(report.__dict__.get("call"), "excinfo", None), "value", None)
    if report.outcome == "failed" and error is not None:
        fails(collector, "error", error)
    elif report.outcome == "skipped" and file is collector:
        say(kind="module", path=Paths.short(file.path), outcome="skipped", reason=message_of(error) if error else "")
    elif file is collector:
        say(kind="module", path=Paths.short(file.path), outcome="collected")


def told_at_setup(error):
    """pytest's own text about a fixture: of one that is not found the sentence, without the list of those that are."""
    text = error.formatrepr().errorstring if type(error).__name__ == "FixtureLookupError" else str(error)
    lines = [line.rstrip() for line in Paths.in_text(text).strip().splitlines()]
    return lines[0] if type(error).__name__ == "FixtureLookupError" else " | ".join(lines)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "setup" and report.outcome == "failed":
        name = Paths.in_text(item.nodeid).partition("::")[2]
        say(kind="setup", path=Paths.short(file_of(item).path), name=name, message=told_at_setup(call.excinfo.value))


def pytest_internalerror(excinfo):
    aborted("internal", excinfo.value)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection():
    """Arguments that lead nowhere are refused here."""
    result = yield
    if result.excinfo is not None and isinstance(result.excinfo[1], pytest.UsageError):
        aborted("usage", result.excinfo[1])


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    for item in session.items:
        file = item.getparent(pytest.File)
        name = Paths.in_text(item.nodeid).partition("::")[2]
        say(kind="item", path=Paths.short(file.path if file else item.path), name=name)
