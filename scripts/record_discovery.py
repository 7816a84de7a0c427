#!/usr/bin/env python3
"""Records what real pytest makes of small trees: rootdir, configuration file, order of test files, usage errors.

record_discovery.py PYTHON ...     each PYTHON has pytest installed; writes testdata/truths/discovery.json

The cases are made of files without content that matters: discovery and configuration alone are asked. `<R>` stands
for the tree's directory.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TEST = "def test():\n    pass\n"
SHOW = """
import os
import _pytest.config
def pytest_configure(config):
    print("ROOTDIR=%s" % config.rootpath)
    print("INIFILE=%s" % config.inipath)
"""


def tests(*paths, **files):
    found = {path: TEST for path in paths}
    found.update(files)
    return found


CASES = {
    "order": {"files": tests("Z/test_z.py", "a/test_a.py", "b_test.py", "test_B.py", "test_a.py", "test_dir/test_x.py")},
    "order in a package": {"files": tests("p/__init__.py", "p/test_b.py", "p/a/test_a.py", "p/q/__init__.py", "p/q/test_q.py", "p/test_z.py")},
    "patterns": {"files": tests("check_a.py", "test_b.py", "x/check_c.py", "x/y.py", **{"pytest.ini": "[pytest]\npython_files = check_*.py x/*.py\n"})},
    "norecursedirs": {"files": tests("build/test_a.py", ".h/test_b.py", "node_modules/test_c.py", "venv/test_d.py", "x.egg/test_e.py", "ok/test_f.py")},
    "norecursedirs replaced": {"files": tests("build/test_a.py", "skip/test_b.py", **{"tox.ini": "[pytest]\nnorecursedirs = skip a/b\n", "a/b/test_c.py": TEST})},
    "virtualenvs": {"files": tests("one/test_a.py", "two/test_b.py", "three/test_c.py", **{"one/pyvenv.cfg": "", "two/bin/activate": "", "three/conda-meta/history": ""})},
    "virtualenvs wanted": {"files": tests("one/test_a.py", **{"one/pyvenv.cfg": "", "one/bin/activate": ""}), "args": ["--collect-in-virtualenv"]},
    "ignore": {"files": tests("a/test_a.py", "b/test_b.py", "b/test_c.py", "c/d/test_e.py"), "args": ["--ignore=a", "--ignore=b/test_b.py", "--ignore-glob=*/d/*"]},
    "given despite ignore": {"files": tests("a/test_a.py", "a/test_b.py", "other.py"), "args": ["--ignore=a/test_a.py", "a/test_a.py", "other.py"]},
    "collect_ignore": {"files": tests("a/test_a.py", "a/test_b.py", "b/test_c.py", "b/test_d.py", "test_e.py", **{
        "conftest.py": "collect_ignore = ['a/test_a.py', 'test_e.py']\ncollect_ignore_glob = ['*_d.py']\n", "b/conftest.py": "collect_ignore = []\n"})},
    "arguments in order": {"files": tests("a/test_a.py", "b/test_b.py", "c/test_c.py"), "args": ["c", "a/test_a.py", "b"]},
    "overlapping arguments": {"files": tests("a/test_a.py", "a/test_b.py"), "args": ["a/test_b.py", "a", "a/test_a.py"]},
    "missing argument": {"files": tests("a/test_a.py"), "args": ["a", "nope"]},
    "directory with selection": {"files": tests("a/test_a.py"), "args": ["a::x"]},
    "brackets in a path": {"files": tests("a/test_a.py"), "args": ["a/test_a.py[1]"]},
    "testpaths": {"files": tests("pkg/a/tests/test_a.py", "pkg/b/tests/test_b.py", "tests/test_c.py", "other/test_d.py", **{
        "setup.cfg": "[tool:pytest]\ntestpaths = tests pkg/*/tests\n"})},
    "testpaths from below": {"files": tests("tests/test_c.py", "other/test_d.py", **{"setup.cfg": "[tool:pytest]\ntestpaths = tests\n"}), "cwd": "other"},
    "testpaths without match": {"files": tests("tests/test_c.py", **{"pytest.ini": "[pytest]\ntestpaths = nope\n"})},
    "config of the arguments' directory": {"files": tests("tests/test_a.py", **{"tests/pytest.ini": "[pytest]\n", "setup.cfg": "[tool:pytest]\n"}), "args": ["tests"]},
    "config above": {"files": tests("tests/test_a.py", **{"tests/pytest.ini": "[pytest]\n", "setup.cfg": "[tool:pytest]\n"})},
    "pyproject without options": {"files": tests("a/test_a.py", **{"pyproject.toml": "[project]\nname = 'x'\n", "setup.py": ""}), "args": ["a"]},
    "empty hidden ini": {"files": tests("a/test_a.py", **{".pytest.ini": "", "tox.ini": "[pytest]\n"})},
    "native toml": {"files": tests("a/test_a.py", "a/check_b.py", **{"pyproject.toml": "[tool.pytest]\npython_files = ['check_*.py']\n"})},
    "native toml file": {"files": tests("a/test_a.py", "a/check_b.py", **{"pytest.toml": "[pytest]\npython_files = ['check_*.py']\n", "pytest.ini": ""})},
    "native toml of a wrong type": {"files": tests("test_a.py", **{"pytest.toml": "[pytest]\naddopts = '-v'\n"})},
    "both toml tables": {"files": tests("test_a.py", **{"pyproject.toml": "[tool.pytest]\naddopts = ['-ra']\n[tool.pytest.ini_options]\naddopts = '-ra'\n"})},
    "ini_options of other types": {"files": tests("test_a.py", "x/check_a.py", **{"pyproject.toml": "[tool.pytest.ini_options]\npython_files = ['check_*.py']\nxfail_strict = true\naddopts = '-ra'\n"})},
    "continuation without a key": {"files": tests("test_a.py", **{"pytest.ini": " x\n"})},
    "duplicate key": {"files": tests("test_a.py", **{"pytest.ini": "[pytest]\naddopts = -v\naddopts = -q\n"})},
    "no section": {"files": tests("test_a.py", **{"tox.ini": "a = 1\n"})},
    "unexpected line": {"files": tests("test_a.py", **{"tox.ini": "[tox]\nword\n"})},
    "inline comments stay": {"files": tests("a/test_a.py", "b/test_b.py", **{"pytest.ini": "[pytest]\ntestpaths = a ; b\n"})},
    "unknown option": {"files": tests("test_a.py", **{"pytest.ini": "[pytest]\naddopts = --nope=1 --other\n"})},
    "option without its value": {"files": tests("test_a.py"), "args": ["test_a.py", "-k"]},
    "bad choice": {"files": tests("test_a.py"), "args": ["--import-mode=other"]},
    "option of a conftest": {"files": tests("test_a.py", **{"conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--mine', action='store')\n"}), "args": ["--mine", "value"]},
    "minversion": {"files": tests("test_a.py", **{"pytest.ini": "[pytest]\nminversion = 99.1\n"})},
    "required plugins": {"files": tests("test_a.py", **{"pytest.ini": "[pytest]\nrequired_plugins = pytest-zzz pytest-aaa>=1\n"})},
    "missing config file": {"files": tests("test_a.py"), "args": ["-c", "nope.ini"]},
    "given config file": {"files": tests("a/test_a.py", "b/check_a.py", **{"conf/other.ini": "[pytest]\npython_files = check_*.py\n"}), "args": ["-c", "conf/other.ini", "a", "b"]},
    "missing rootdir": {"files": tests("test_a.py"), "args": ["--rootdir=nope"]},
    "given rootdir": {"files": tests("a/test_a.py"), "args": ["--rootdir=a", "a"]},
    "override": {"files": tests("test_a.py", "check_a.py", **{"pytest.ini": "[pytest]\n"}), "args": ["-o", "python_files=check_*.py"]},
    "override without a value": {"files": tests("test_a.py"), "args": ["-o", "x"]},
    "missing plugin": {"files": tests("test_a.py"), "args": ["-p", "nope_plugin"]},
    "addopts with a path": {"files": tests("a/test_a.py", "b/test_b.py", **{"pytest.ini": "[pytest]\naddopts = a\n"})},
    "addopts variable": {"files": tests("test_a.py", "check_a.py", **{"pytest.ini": "[pytest]\naddopts = -o python_files=test_*.py\n"}), "env": {"PYTEST_ADDOPTS": "-o 'python_files=check_*.py'"}},
    "broken conftest": {"files": tests("test_a.py", **{"conftest.py": "import nope_module\n"})},
    "broken conftest below": {"files": tests("test_a.py", "x/test_b.py", "z/test_c.py", **{"x/conftest.py": "import nope_module\n"})},
    "not a test": {"files": tests("test_a.py", **{"README.md": ""}), "args": ["README.md"]},
    "init given": {"files": tests("p/__init__.py", "p/test_a.py"), "args": ["p/__init__.py"]},
    "init matches": {"files": tests("p/__init__.py", "p/test_a.py", **{"pytest.ini": "[pytest]\npython_files = *.py\n"})},
    "doctest modules": {"files": {"m.py": '"""\n>>> 1\n1\n"""\n', "test_a.py": TEST, "__main__.py": '"""\n>>> 1\n1\n"""\n'}, "args": ["--doctest-modules"]},
    "setup.cfg of the old kind": {"files": tests("test_a.py", **{"setup.cfg": "[pytest]\naddopts = -v\n"})},
}


def run(python, case):
    with tempfile.TemporaryDirectory() as top:
        root = pathlib.Path(os.path.realpath(top)) / "r"
        for path, text in case["files"].items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        plugin = pathlib.Path(top) / "show"
        plugin.mkdir()
        (plugin / "show_config.py").write_text(SHOW)
        script = "import sys; sys.path.append(%r); sys.path[0] = '/nonexistent'; import pytest, show_config; " \
                 "sys.exit(pytest.main(sys.argv[1:], plugins=[show_config]))" % str(plugin)
        command = [python, "-B", "-c", script, "--collect-only", "-q", "-p", "no:cacheprovider", *case.get("args", [])]
        env = {"PATH": os.environ["PATH"], "HOME": top, "PYTHONDONTWRITEBYTECODE": "1", **case.get("env", {})}
        done = subprocess.run(command, cwd=root / case.get("cwd", "."), env=env, capture_output=True, text=True)
        clean = lambda text: text.replace(str(root), "<R>")
        out = clean(done.stdout).splitlines()
        value = lambda name: next((line.partition("=")[2] for line in out if line.startswith(name + "=")), None)
        files = []
        for line in out:
            if "::" in line and " " not in line and line.partition("::")[0] not in files:
                files.append(line.partition("::")[0])
        errors = [line.removeprefix("ERROR: ") for line in clean(done.stderr).splitlines() if line.strip()]
        # The program's name depends on how it is started; warnings of plugins and tracebacks on where it is installed.
        errors = [re.sub(r"(usage: |^)(-c|pytest\.main\(\))(: error| \[options\])", r"\1pytest\3", line) for line in errors]
        marks = [at for at, line in enumerate(errors) if "pluginmanager.hook" in line]
        errors = errors[marks[-1] + 1:] if marks else errors
        errors = errors[-1:] if done.returncode == 1 else errors
        failing = sorted({line.split()[1] for line in out if line.startswith("ERROR ") and not line.startswith("ERROR: ")})
        return {"exit": int(done.returncode), "rootdir": value("ROOTDIR"), "inifile": value("INIFILE"), "files": files,
                "errors": errors, "failing": failing}


def main():
    versions = {}
    for python in sys.argv[1:]:
        shown = subprocess.run([python, "-c", "import pytest; print(pytest.__version__)"], capture_output=True, text=True, check=True)
        versions[shown.stdout.strip()] = python
    found = {}
    for name, case in CASES.items():
        found[name] = dict(case, expected={version: run(python, case) for version, python in sorted(versions.items())})
    target = HERE.parent / "testdata" / "truths" / "discovery.json"
    target.write_text(json.dumps(found, indent=1) + "\n")
    print("%d cases, pytest %s" % (len(found), ", ".join(sorted(versions))))


if __name__ == "__main__":
    main()
