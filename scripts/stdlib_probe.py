"""Prints what the standard library of *this* interpreter holds, one JSON object per line.

Run by make_stdlib.py under each CPython, as `python -I -S -W ignore stdlib_probe.py MODE`, with a JSON list on stdin:
names of modules (MODE `modules`) or `module:qualified.name` (MODE `classes`). Each is imported in a process of its
own, forked from one that has imported next to nothing, so that attributes left behind by other imports do not show.
"""

import sys

LOADED_AT_START = set(sys.modules)
Function, Builtin, Module = type(lambda: 0), type(len), type(sys)
MethodDescriptor = type(str.join)
COROUTINE = 0x80
SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")
# Modules whose constants tell about the machine they run on.
LOCAL = {"sys", "site", "sysconfig", "platform", "tempfile", "time", "_sysconfigdata", "posix", "_locale"}
ATTRIBUTES = {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__name__", "__package__", "__path__",
    "__spec__", "__warningregistry__", "__conditional_annotations__",
}


def home(value):
    """`module.qualified.name` of a class or function; None where it does not say so itself."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str) and "<" not in name:
        return module + "." + name
    return None


def describe(module, name, value):
    """(kind, information): see data/stdlib.md."""
    own = module + "." + name
    if isinstance(value, Module):
        return "m", "" if value.__name__ == own else value.__name__
    if isinstance(value, type) and type(value).__module__ != "types":
        try:
            exception = issubclass(value, BaseException)
        except TypeError:
            exception = False
        where = home(value) or own
        bases = ",".join(base.__qualname__ for base in value.__bases__) if exception else ""
        return ("e", ("" if where == own else where) + "(" + bases + ")") if exception else ("c", "" if where == own else where)
    if isinstance(value, (Function, Builtin, MethodDescriptor)):
        code = getattr(value, "__code__", None)
        kind = "a" if code is not None and code.co_flags & COROUTINE else "f"
        where = home(value) or own
        return kind, "" if where == own or where.startswith("builtins.") and module != "builtins" else where
    text = ""
    if value is None or value is True or value is False:
        text = repr(value)
    elif type(value) is int and module not in LOCAL and abs(value) < 2 ** 40:
        text = "int:%d" % value
    elif type(value) is str and module not in LOCAL and value and len(value) <= 24 and set(value) <= SIMPLE:
        text = "str:" + value
    else:
        text = type(value).__name__
    return "v", text if set(text) <= SIMPLE | {":"} else ""


def load(name):
    __import__(name)
    return sys.modules[name]


def kind_of(module):
    spec = getattr(module, "__spec__", None)
    file = getattr(module, "__file__", None)
    origin = getattr(spec, "origin", None)
    package = hasattr(module, "__path__")
    if origin == "built-in" or module.__name__ in sys.builtin_module_names:
        return "b", None
    if origin == "frozen":
        return ("g" if package else "f") if file else "z", file
    if file and not file.endswith((".py", ".pyc")):
        return "x", file
    return "p" if package else "m", file


def probe_module(item):
    name, extra = item
    module = load(name)
    kind, file = kind_of(module)
    names = {}
    listed = set(vars(module)) if isinstance(module, Module) else set(dir(module))
    served = "__getattr__" in listed
    if served:
        listed = listed | set(extra) | set(dir(module))
    for attribute in sorted(listed - ATTRIBUTES):
        try:
            value = getattr(module, attribute)
        except AttributeError:
            continue
        except Exception:
            names[attribute] = ("v", "")
            continue
        names[attribute] = describe(name, attribute, value)
    return {"kind": kind, "file": file, "names": names, "all": [str(n) for n in getattr(module, "__all__", ())] if hasattr(module, "__all__") else None}


def probe_class(item):
    module, _, path = item.partition(":")
    value = load(module)
    for part in path.split("."):
        value = getattr(value, part)
    names = {}
    for attribute in dir(value):
        try:
            found = getattr(value, attribute)
        except Exception:
            names[attribute] = ("v", "")
            continue
        raw = next((vars(base)[attribute] for base in value.__mro__ if attribute in vars(base)), found)
        if isinstance(raw, property):
            names[attribute] = ("p", "")
        elif isinstance(raw, (staticmethod, classmethod)):
            names[attribute] = ("s" if isinstance(raw, staticmethod) else "k", "")
        elif isinstance(found, type):
            names[attribute] = ("c", "")
        elif callable(found):
            code = getattr(found, "__code__", None)
            names[attribute] = ("a" if code is not None and code.co_flags & COROUTINE else "f", "")
        else:
            names[attribute] = ("v", "")
    return {"names": names, "mro": [home(base) or base.__name__ for base in value.__mro__[1:]]}


def list_modules():
    """Everything that could be imported: builtin, frozen and every file of the library."""
    import os

    root = os.path.dirname(os.__file__)
    found = set(sys.builtin_module_names)
    if hasattr(__import__("_imp"), "_frozen_module_names"):
        found.update(n for n in __import__("_imp")._frozen_module_names() if "hello" not in n or n in ("__hello__", "__phello__"))
    found.update(("os.path", "_frozen_importlib", "_frozen_importlib_external", "zipimport"))
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f.isidentifier() and f not in ("test", "tests", "idle_test", "__pycache__", "_bundled", "pgen2_tests"))
        below = os.path.relpath(folder, root).split(os.sep)
        if below[0] in ("site-packages", "lib-dynload") or below[0].startswith("config-"):
            folders[:] = []
            continue
        package = [] if below == ["."] else below
        if package and "__init__.py" not in files and package[0] != "importlib":
            continue
        for file in files:
            stem, dot, suffix = file.partition(".")
            if suffix == "py" and stem.isidentifier() and stem != "__main__":
                found.add(".".join(package if stem == "__init__" else package + [stem]))
    dynload = os.path.join(root, "lib-dynload")
    for file in os.listdir(dynload):
        if file.endswith(".so"):
            found.add(file.partition(".")[0])
    found.discard("")
    # Importing these opens a browser, prints, or starts an editor; and nobody needs the names of CPython's own tests.
    risky = ("antigravity", "this", "idlelib.idle", "__phello__", "__hello__")
    unasked = {n for n in found if n in risky or "_test" in n or n.startswith(("_sysconfigdata", "_xx", "xx", "turtledemo."))}
    return {"root": root, "modules": sorted(found - unasked), "unasked": sorted(unasked)}


def main():
    import json
    import os

    mode = sys.argv[1]
    if mode == "list":
        print(json.dumps(list_modules()))
        return
    probe = probe_module if mode == "modules" else probe_class
    items = json.loads(sys.stdin.read())
    for item in items:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            try:
                # What this script itself needs must not show in the child.
                for name in set(sys.modules) - LOADED_AT_START:
                    del sys.modules[name]
                answer = probe(item)
            except BaseException as error:
                answer = {"error": type(error).__name__ + ": " + str(error)}
            data = json.dumps(answer).encode()
            while data:
                data = data[os.write(write, data):]
            os._exit(0)
        os.close(write)
        parts = []
        while True:
            part = os.read(read, 1 << 16)
            if not part:
                break
            parts.append(part)
        os.close(read)
        os.waitpid(pid, 0)
        label = item if isinstance(item, str) else item[0]
        answer = json.loads(b"".join(parts) or b'{"error": "died"}')
        print(json.dumps({"item": label, "answer": answer}))


main()
