#!/usr/bin/env python3
"""Tries the pre-commit hook as a team would: the real pre-commit from PyPI, a git repository, this repository as the hook.

    scripts/try_hook.py        exit code 1 if a commit that breaks an import passes, or one that does not is refused

pre-commit builds the wheel of the committed HEAD with cargo's dev profile in target/, so that it costs little after the tests.
Environments are made below target/hook and kept there.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
WORK = TARGET / "hook"
FILES = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["requests"]\n\n'
                      '[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    "src/shop/__init__.py": "",
    "src/shop/auth.py": "import requests\n\n\ndef login(user):\n    return requests.get(user)\n",
    "tests/test_auth.py": "from shop.auth import login\n\n\ndef test_login():\n    assert login\n",
    "tests/test_other.py": "def test_other():\n    pass\n",
}
CONFIG = "repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: precollect\n"


def run(command, folder, variables, **kwargs):
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, **kwargs)


def environment():
    """The variables of a run with pre-commit on PATH, and nothing of the caller's git."""
    venv = WORK / "venv"
    if not (venv / "bin/pre-commit").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check", "pre-commit"], check=True)
    variables = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    variables.update(
        PATH="%s:%s" % (venv / "bin", os.environ["PATH"]), PRE_COMMIT_HOME=str(WORK / "cache"), PRE_COMMIT_COLOR="never",
        CARGO_TARGET_DIR=str(TARGET), MATURIN_PEP517_ARGS="--profile dev",
        GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@example.org", GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@example.org")
    return variables


def commit(folder, variables, path, text, message):
    """Commits one changed file: (was it accepted, what was printed, seconds)."""
    (folder / path).write_text(text)
    run(["git", "add", "-A"], folder, variables, check=True)
    start = time.monotonic()
    done = run(["git", "commit", "-q", "-m", message], folder, variables)
    return done.returncode == 0, done.stdout + done.stderr, time.monotonic() - start


def main():
    variables = environment()
    head = run(["git", "rev-parse", "HEAD"], ROOT, variables, check=True).stdout.strip()
    failures = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path, text in FILES.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        (folder / ".pre-commit-config.yaml").write_text(CONFIG % (ROOT, head))
        run(["git", "init", "-q"], folder, variables, check=True)
        run(["pre-commit", "install"], folder, variables, check=True)
        accepted, text, seconds = commit(folder, variables, "src/shop/empty.py", "", "start")
        print("first commit, wheel built: %s, %.0f s" % ("accepted" if accepted else "refused", seconds))
        if not accepted:
            failures.append("a clean tree is refused:\n" + text)
        steps = [
            (True, "src/shop/auth.py", FILES["src/shop/auth.py"] + "\n\ndef logout():\n    pass\n", None),
            (False, "src/shop/auth.py", FILES["src/shop/auth.py"].replace("def login", "def sign_in"), "IMP002"),
            (True, "src/shop/auth.py", FILES["src/shop/auth.py"], None),
            (False, "tests/test_other.py", "import shop.nothing\n", "IMP001"),
            (True, "tests/test_other.py", FILES["tests/test_other.py"] + "\n", None),
        ]
        for right, path, text, needed in steps:
            accepted, printed, seconds = commit(folder, variables, path, text, "change")
            verdict = "accepted" if accepted else "refused"
            print("%s, %s: %.2f s" % (path, verdict, seconds))
            if accepted != right or needed and needed not in printed:
                failures.append("%s was %s:\n%s" % (path, verdict, printed))
            if not accepted:
                run(["git", "reset", "-q"], folder, variables, check=True)
    for failure in failures:
        print(failure)
    print("%d failures" % len(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
