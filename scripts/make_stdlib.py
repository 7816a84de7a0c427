#!/usr/bin/env python3
"""Makes data/stdlib.txt and data/stdlib-classes.txt (their format: data/stdlib.md).

    python scripts/make_stdlib.py --pythons ~/.pyenv/versions --typeshed DIR

CPython 3.8 to 3.13 are asked by importing every module (stdlib_probe.py). 3.14, Windows and macOS come from published
stubs: DIR is the `typeshed/stdlib` folder of typeshed or of a type checker's wheel.
"""

import argparse
import ast
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parent / "data"
MINORS = range(8, 15)
PROBED = range(8, 14)
NEWEST = 14
PLATFORMS = ("linux", "darwin", "win32")

# Names that a module's `__getattr__` serves and no `dir()` shows (found by asking for names of other versions too).
SERVED = {
    "ast": ["Num", "Str", "Bytes", "NameConstant", "Ellipsis", "Index", "ExtSlice", "Suite", "AugLoad", "AugStore", "Param"],
    "calendar": ["January", "February"],
    "collections": [
        "AsyncGenerator", "AsyncIterable", "AsyncIterator", "Awaitable", "ByteString", "Callable", "Collection", "Container",
        "Coroutine", "Generator", "Hashable", "ItemsView", "Iterable", "Iterator", "KeysView", "Mapping", "MappingView",
        "MutableMapping", "MutableSequence", "MutableSet", "Reversible", "Sequence", "Set", "Sized", "ValuesView",
    ],
    "sqlite3": ["version", "version_info", "OptimizedUnicode"],
    "typing": ["ContextManager", "AsyncContextManager", "Pattern", "Match"],
}

# Present in a normal start, absent under -S: `site` adds them.
SITE_BUILTINS = ("copyright", "credits", "exit", "license", "quit")

# Gone in 3.14 beyond what the stubs tell.
GONE_IN_314 = {
    "ast": ["Num", "Str", "Bytes", "NameConstant", "Ellipsis", "_const_types", "_const_types_not", "_const_node_type_names"],
    "asyncio": [
        "AbstractChildWatcher", "SafeChildWatcher", "FastChildWatcher", "MultiLoopChildWatcher", "PidfdChildWatcher",
        "ThreadedChildWatcher", "get_child_watcher", "set_child_watcher",
    ],
    "asyncio.events": ["get_child_watcher", "set_child_watcher"],
    "asyncio.unix_events": [
        "AbstractChildWatcher", "SafeChildWatcher", "FastChildWatcher", "MultiLoopChildWatcher", "BaseChildWatcher",
    ],
    "importlib.abc": ["ResourceReader", "Traversable", "TraversableResources"],
    "importlib._bootstrap": ["_ERR_MSG"],
    "pkgutil": ["find_loader", "get_loader"],
    "pty": ["master_open", "slave_open"],
    "sqlite3": ["version", "version_info"],
    "sqlite3.dbapi2": ["version", "version_info"],
    "urllib.request": ["URLopener", "FancyURLopener", "_urlopener", "ftpwrapper"],
}
# The stubs leave these out, yet they are there.
KEPT_IN_314 = {"collections.abc": ["ByteString"], "typing": ["ByteString"], "_collections_abc": ["ByteString"]}

# Private modules of 3.14 that no stub describes.
NEWER_PRIVATE = (
    "_ast_unparse", "_hmac", "_py_warnings", "_remote_debugging", "_types", "pathlib._os", "compression._common",
    "compression._common._streams", "concurrent.interpreters._crossinterp", "concurrent.interpreters._queues",
)

# What the stubs hold although it is no part of the library.
NOT_LIBRARY = ("_typeshed", "typing_extensions", "mypy_extensions", "__main__")

# Classes whose members are recorded, since a missing one breaks imports or class bodies.
CLASSES = """
builtins:object builtins:type builtins:str builtins:bytes builtins:bytearray builtins:int builtins:float builtins:complex
builtins:bool builtins:list builtins:tuple builtins:dict builtins:set builtins:frozenset builtins:range builtins:slice
builtins:memoryview builtins:property builtins:BaseException builtins:Exception builtins:OSError builtins:ImportError
builtins:ExceptionGroup builtins:function
unittest.case:TestCase unittest.async_case:IsolatedAsyncioTestCase unittest.case:FunctionTestCase unittest.suite:TestSuite
unittest.loader:TestLoader unittest.result:TestResult unittest.runner:TextTestRunner unittest.mock:Mock
unittest.mock:MagicMock unittest.mock:AsyncMock
datetime:datetime datetime:date datetime:time datetime:timedelta datetime:timezone datetime:tzinfo
decimal:Decimal fractions:Fraction uuid:UUID enum:Enum enum:IntEnum enum:Flag enum:IntFlag enum:StrEnum enum:EnumMeta
collections:OrderedDict collections:defaultdict collections:Counter collections:deque collections:ChainMap
collections:UserDict collections:UserList collections:UserString
pathlib:Path pathlib:PurePath pathlib:PosixPath pathlib:PurePosixPath pathlib:PureWindowsPath
threading:Thread threading:Event threading:Condition threading:Timer threading:Semaphore threading:Barrier threading:local
queue:Queue logging:Logger logging:Handler logging:Formatter logging:LogRecord logging:Filter logging:StreamHandler
logging:LoggerAdapter logging:Manager
asyncio.events:AbstractEventLoop asyncio.base_events:BaseEventLoop asyncio:Future asyncio:Task asyncio:Event asyncio:Lock
asyncio:Queue asyncio:Semaphore asyncio:StreamReader asyncio:StreamWriter asyncio.events:AbstractEventLoopPolicy
argparse:ArgumentParser argparse:Namespace argparse:Action configparser:ConfigParser configparser:RawConfigParser
string:Template string:Formatter io:StringIO io:BytesIO io:TextIOWrapper io:BufferedReader
subprocess:Popen subprocess:CompletedProcess socket:socket ssl:SSLContext sqlite3:Connection sqlite3:Cursor sqlite3:Row
array:array struct:Struct re:Pattern re:Match random:Random json:JSONEncoder json:JSONDecoder
html.parser:HTMLParser xml.etree.ElementTree:Element xml.etree.ElementTree:ElementTree http.client:HTTPConnection
http.client:HTTPResponse http.cookies:SimpleCookie http.server:BaseHTTPRequestHandler email.message:Message
email.message:EmailMessage importlib.machinery:ModuleSpec importlib.machinery:SourceFileLoader
importlib.machinery:PathFinder importlib.machinery:FileFinder inspect:Signature inspect:Parameter types:ModuleType
types:SimpleNamespace types:MappingProxyType types:CodeType types:FunctionType types:MethodType functools:partial
functools:cached_property contextlib:ExitStack contextlib:AsyncExitStack contextlib:ContextDecorator
concurrent.futures:ThreadPoolExecutor concurrent.futures:ProcessPoolExecutor concurrent.futures:Future
multiprocessing.process:BaseProcess multiprocessing.context:BaseContext tempfile:TemporaryDirectory zipfile:ZipFile
tarfile:TarFile shelve:Shelf csv:DictReader csv:DictWriter csv:Dialect ast:NodeVisitor ast:NodeTransformer
cmd:Cmd pdb:Pdb doctest:DocTestFinder ipaddress:IPv4Address ipaddress:IPv6Address ipaddress:IPv4Network
typing:NamedTuple typing:Generic typing:TypeVar abc:ABC abc:ABCMeta numbers:Number weakref:WeakKeyDictionary
weakref:WeakValueDictionary weakref:WeakSet weakref:ref contextvars:ContextVar contextvars:Context
zoneinfo:ZoneInfo graphlib:TopologicalSorter urllib.request:Request urllib.parse:ParseResult urllib.parse:SplitResult
traceback:TracebackException warnings:catch_warnings calendar:Calendar gettext:NullTranslations locale:Error
plistlib:UID shlex:shlex selectors:BaseSelector statistics:NormalDist mailbox:Mailbox smtplib:SMTP ftplib:FTP
imaplib:IMAP4 poplib:POP3 xmlrpc.client:ServerProxy wsgiref.headers:Headers difflib:SequenceMatcher timeit:Timer
trace:Trace profile:Profile cProfile:Profile pstats:Stats pickle:Pickler pickle:Unpickler copyreg:pickle
""".split()


def run_probe(python, mode, items=None):
    command = [python, "-I", "-S", "-W", "ignore", str(HERE / "stdlib_probe.py"), mode]
    done = subprocess.run(command, input=json.dumps(items), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{python} failed: {done.stderr}")
    return done.stdout


def probe_all(pythons):
    """{minor: {module: answer}}, {minor: root}, {minor: {class: answer}}"""
    first, roots, classes = {}, {}, {}
    listed = {}
    for minor in PROBED:
        listing = json.loads(run_probe(pythons[minor], "list"))
        roots[minor], listed[minor] = listing["root"], listing["modules"]
        first[minor] = ask(pythons[minor], "modules", [[name, []] for name in listed[minor]])
        first[minor].update((name, {"error": "not asked"}) for name in [*listing["unasked"], "__hello__", "__phello__", "__phello__.spam"])
    union = {}
    for minor in PROBED:
        for name, answer in first[minor].items():
            union.setdefault(name, set(SERVED.get(name, ()))).update(answer.get("names", ()))
    for minor in PROBED:
        again = [[name, sorted(union[name])] for name, a in first[minor].items() if "__getattr__" in a.get("names", ())]
        first[minor].update(ask(pythons[minor], "modules", again))
        classes[minor] = ask(pythons[minor], "classes", CLASSES)
        builtins = first[minor]["builtins"]["names"]
        builtins.update((name, ["v", "Quitter" if name in ("exit", "quit") else "_Printer"]) for name in SITE_BUILTINS)
        builtins["help"] = ["v", "_Helper"]
        first[minor]["sys"]["names"]["_home"] = ["v", ""]
        for name, contents in (("typing.io", ["IO", "TextIO", "BinaryIO"]), ("typing.re", ["Pattern", "Match"])):
            if minor <= 12:
                names = {n: ["c" if "IO" in n else "v", "typing." + n if "IO" in n else ""] for n in ["__all__"] + contents}
                first[minor][name] = {"kind": "v", "file": None, "names": names, "all": contents}
    return first, roots, classes


def ask(python, mode, items):
    lines = run_probe(python, mode, items).splitlines()
    return {line["item"]: line["answer"] for line in map(json.loads, lines)}


class Stubs:
    """Names that the stubs give a module, by version and platform."""

    def __init__(self, root):
        self.root = root
        self.versions = {}
        for line in (root / "VERSIONS").read_text().splitlines():
            line = line.partition("#")[0].strip()
            if line:
                name, _, span = line.partition(": ")
                low, _, high = span.partition("-")
                self.versions[name] = (self.minor(low), self.minor(high) if high.strip() else 99)
        self.trees = {}
        self.cache = {}

    @staticmethod
    def minor(text):
        major, _, minor = text.strip().partition(".")
        return int(minor) if major == "3" else 0

    def span(self, name):
        while name:
            if name in self.versions:
                return self.versions[name]
            name = name.rpartition(".")[0]
        return (0, -1)

    def modules(self):
        for path in sorted(self.root.rglob("*.pyi")):
            parts = path.relative_to(self.root).with_suffix("").parts
            if parts[0] in NOT_LIBRARY:
                continue
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def path(self, name):
        base = self.root.joinpath(*name.split("."))
        for path in (base / "__init__.pyi", base.with_suffix(".pyi")):
            if path.is_file():
                return path
        return None

    def exists(self, name, minor):
        low, high = self.span(name)
        return low <= minor <= high and self.path(name) is not None

    def names(self, name, minor, platform):
        """{name: (kind, information)}, private ones included."""
        key = (name, minor, platform)
        if key not in self.cache:
            self.cache[key] = {}
            path = self.path(name)
            if path is not None and self.exists(name, minor):
                if path not in self.trees:
                    self.trees[path] = ast.parse(path.read_text())
                found = {}
                self.walk(self.trees[path].body, name, path.name == "__init__.pyi", minor, platform, found)
                self.cache[key] = found
        return self.cache[key]

    def walk(self, body, module, package, minor, platform, found):
        for node in body:
            if isinstance(node, ast.If):
                verdict = self.test(node.test, minor, platform)
                if verdict is not False:
                    self.walk(node.body, module, package, minor, platform, found)
                if verdict is not True:
                    self.walk(node.orelse, module, package, minor, platform, found)
            elif isinstance(node, ast.ClassDef):
                found[node.name] = ("c", "")
            elif isinstance(node, ast.AsyncFunctionDef):
                found[node.name] = ("a", "")
            elif isinstance(node, ast.FunctionDef):
                found[node.name] = ("f", "")
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        found[target.id] = ("v", "")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname == alias.name:
                        found[alias.name] = ("m", "")
            elif isinstance(node, ast.ImportFrom):
                self.walk_from(node, module, package, minor, platform, found)

    def walk_from(self, node, module, package, minor, platform, found):
        base = node.module or ""
        if node.level:
            parts = module.split(".") if package else module.split(".")[:-1]
            parts = parts[: len(parts) - node.level + 1]
            base = ".".join(parts + ([node.module] if node.module else []))
        for alias in node.names:
            if alias.name == "*":
                source = self.names(base, minor, platform)
                found.update((n, d) for n, d in source.items() if not n.startswith("_"))
            elif alias.asname == alias.name:
                kind = self.names(base, minor, platform).get(alias.name)
                if kind is None and self.exists(f"{base}.{alias.name}", minor):
                    kind = ("m", "")
                found[alias.name] = kind or ("v", "")

    def test(self, node, minor, platform):
        if isinstance(node, ast.BoolOp):
            verdicts = [self.test(value, minor, platform) for value in node.values]
            if isinstance(node.op, ast.And):
                return False if False in verdicts else None if None in verdicts else True
            return True if True in verdicts else None if None in verdicts else False
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            verdict = self.test(node.operand, minor, platform)
            return None if verdict is None else not verdict
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = ast.unparse(node.left), node.comparators[0]
            try:
                right = ast.literal_eval(right)
            except ValueError:
                return None
            values = {"sys.version_info": (3, minor), "sys.platform": platform}
            if left not in values:
                return None
            left, op = values[left], type(node.ops[0]).__name__
            return {"GtE": left >= right, "Lt": left < right, "Eq": left == right, "NotEq": left != right}.get(op)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.platform.startswith":
            return platform.startswith(ast.literal_eval(node.args[0]))
        return None


class Table:
    """module -> name -> {(kind, info): {(minor, platform)}}"""

    def __init__(self):
        self.modules = {}

    def add(self, module, minor, platform, kind, names, all_names):
        entry = self.modules.setdefault(module, {"kinds": {}, "names": {}, "all": set(), "out": {}, "in": {}})
        spot = (minor, platform)
        entry["kinds"].setdefault(kind, set()).add(spot)
        for name, description in names.items():
            entry["names"].setdefault(name, {}).setdefault(tuple(description), set()).add(spot)
        if all_names is not None:
            entry["all"].add(spot)
            for name in names:
                if not name.startswith("_") and name not in all_names:
                    entry["out"].setdefault(name, set()).add(spot)
            for name in all_names:
                if name.startswith("_") or name not in names:
                    entry["in"].setdefault(name, set()).add(spot)

    def lines(self):
        for module in sorted(self.modules):
            entry = self.modules[module]
            groups = []
            for kind in sorted(entry["kinds"]):
                groups.append(mask(entry["kinds"][kind]) + "@" + kind)
            if entry["all"]:
                groups.append(mask(entry["all"]) + "*")
            for sign in ("out", "in"):
                grouped = {}
                for name, spots in entry[sign].items():
                    grouped.setdefault(mask(spots), []).append(name)
                for key in sorted(grouped):
                    groups.append(key + ("-" if sign == "out" else "+") + " ".join(sorted(grouped[key])))
            grouped = {}
            for name, descriptions in entry["names"].items():
                for (kind, info), spots in descriptions.items():
                    text = name + ("=" + info if info else "")
                    grouped.setdefault(mask(spots) + kind, []).append(text)
            for key in sorted(grouped):
                groups.append(key + " ".join(sorted(grouped[key])))
            yield "\t".join([module, *groups])


def mask(spots):
    """Where something holds: two hexadecimal digits of versions for all platforms, else six, two for each platform."""
    by_platform = {p: sum(1 << (m - 8) for m, q in spots if q == p) for p in PLATFORMS}
    values = [by_platform[p] for p in PLATFORMS]
    if len(set(values)) == 1:
        return f"{values[0]:02x}:"
    return "".join(f"{v:02x}" for v in values) + ":"


def fill(table, probed, stubs):
    for minor in MINORS:
        source = probed[min(minor, max(PROBED))]
        for platform in PLATFORMS:
            for module, answer in source.items():
                add_probed(table, stubs, module, answer, minor, platform)
            for module in stubs.modules():
                known = module in source and "names" in source[module]
                if not known and stubs.exists(module, minor):
                    add_stub(table, stubs, module, minor, platform)
        for platform in PLATFORMS:
            for module in ("test", "test.support") + (NEWER_PRIVATE if minor == NEWEST else ()):
                table.add(module, minor, platform, "o", {}, None)
            # Whatever script runs.
            table.add("__main__", minor, platform, "v?", {}, None)


# Modules of the stubs that exist on these platforms only.
ONLY_ON = {
    "win32": {"_msi", "_overlapped", "_winapi", "msilib", "msvcrt", "nt", "winreg", "winsound", "_winreg", "_wmi",
              "asyncio.windows_events", "asyncio.windows_utils", "multiprocessing.popen_spawn_win32", "encodings.mbcs",
              "encodings.oem", "msilib.schema", "msilib.sequence", "msilib.text", "distutils._msvccompiler",
              "distutils.msvc9compiler", "distutils.command.bdist_msi", "_pyrepl.windows_console"},
    "darwin": {"_scproxy", "_osx_support_"},
    "linux": {"ossaudiodev", "spwd", "nis"},
}
# POSIX only: absent on Windows.
NOT_ON_WINDOWS = {
    "fcntl", "termios", "pwd", "grp", "resource", "pty_", "syslog", "readline", "_curses", "_curses_panel", "posix",
    "_posixsubprocess", "_posixshmem", "_crypt", "crypt_", "spwd", "nis", "ossaudiodev", "_dbm", "_gdbm",
}


def on_platform(module, platform):
    for only, names in ONLY_ON.items():
        if module in names:
            return platform == only
    return not (platform == "win32" and module in NOT_ON_WINDOWS)


def gone_in_newest(stubs, module):
    """Whether a module of the last probed version is absent from the newest."""
    low, high = stubs.span(module)
    return low <= NEWEST - 1 <= high < NEWEST or (stubs.path(module) is not None and stubs.exists(module, NEWEST - 1) and not stubs.exists(module, NEWEST))


def add_probed(table, stubs, module, answer, minor, platform):
    if not on_platform(module, platform) or (minor == NEWEST and gone_in_newest(stubs, module)):
        return
    if "names" not in answer:
        if not stubs.exists(module, minor):
            # It is there and fails to import here: its names are not known.
            table.add(module, minor, platform, "o", {}, None)
        return
    kind = answer["kind"]
    names = {n: d for n, d in answer["names"].items()}
    listed = answer["all"]
    listed = set(listed) if listed is not None else None
    base = min(minor, max(PROBED))
    here = stubs.names(module, base, "linux")
    if minor == NEWEST:
        newer = stubs.names(module, NEWEST, "linux")
        kept = KEPT_IN_314.get(module, ())
        gone = {n for n in here if n not in newer and n not in kept} | set(GONE_IN_314.get(module, ()))
        names = {n: d for n, d in names.items() if n not in gone}
        added = {n: d for n, d in newer.items() if n not in here and n not in names}
        names.update(added)
        if listed is not None:
            listed = (listed - gone) | {n for n in added if not n.startswith("_")}
    if platform != "linux":
        linux, other = stubs.names(module, minor, "linux"), stubs.names(module, minor, platform)
        missing = {n for n in linux if n not in other}
        added = {n: d for n, d in other.items() if n not in linux and n not in names}
        names = {n: d for n, d in names.items() if n not in missing}
        names.update(added)
        if listed is not None:
            listed = (listed - missing) | {n for n in added if not n.startswith("_")}
    table.add(module, minor, platform, kind, names, listed)


def add_stub(table, stubs, module, minor, platform):
    if not on_platform(module, platform):
        return
    names = stubs.names(module, minor, platform)
    package = stubs.path(module).name == "__init__.pyi"
    kind = "p" if package else "m"
    if module in ("_winapi", "winreg", "msvcrt", "nt", "_winreg"):
        kind = "b"
    elif module in ("winsound", "_msi", "_overlapped", "_wmi", "_dbm", "_gdbm", "_zstd", "_scproxy"):
        kind = "x"
    # Stubs leave private names and imports out: not a complete list.
    table.add(module, minor, platform, kind + "?", names, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pythons", type=pathlib.Path, required=True)
    parser.add_argument("--typeshed", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    pythons = {}
    for minor in PROBED:
        found = sorted(arguments.pythons.expanduser().glob(f"3.{minor}.*/bin/python3"))
        if not found:
            sys.exit(f"no CPython 3.{minor} below {arguments.pythons}")
        pythons[minor] = str(found[-1])
    probed, roots, classes = probe_all(pythons)
    stubs = Stubs(arguments.typeshed)
    table = Table()
    fill(table, probed, stubs)
    lines = list(table.lines())
    check_kinds(probed, roots)
    DATA.mkdir(exist_ok=True)
    (DATA / "stdlib.txt").write_text("\n".join(lines) + "\n")
    write_classes(classes)
    print(f"{len(lines)} modules, {sum(map(len, lines))} bytes")


def check_kinds(probed, roots):
    """The file of a module must be derivable from its name and kind, as src/python/stdlib.rs does."""
    for minor, modules in probed.items():
        for name, answer in modules.items():
            file, kind = answer.get("file"), answer.get("kind")
            if file is None or kind is None:
                continue
            below = str(pathlib.Path(file).relative_to(roots[minor]))
            path = name.replace(".", "/")
            wanted = {"p": path + "/__init__.py", "g": path + "/__init__.py", "m": path + ".py", "f": path + ".py"}.get(kind)
            if kind == "x":
                wanted = f"lib-dynload/{name}.cpython-3{minor}-x86_64-linux-gnu.so"
            if below != wanted:
                print(f"3.{minor} {name}: {below} is not {wanted}")


def write_classes(classes):
    table = {}
    for minor in MINORS:
        for item, answer in classes[min(minor, max(PROBED))].items():
            if "names" not in answer:
                continue
            entry = table.setdefault(item.replace(":", "."), {"names": {}, "mro": {}})
            for name, (kind, _) in answer["names"].items():
                entry["names"].setdefault((name, kind), set()).add(minor)
            mro = " ".join(base.removeprefix("builtins.") for base in answer["mro"])
            entry["mro"].setdefault(mro, set()).add(minor)
    lines = []
    for item in sorted(table):
        entry, grouped, groups = table[item], {}, []
        for mro, minors in sorted(entry["mro"].items()):
            groups.append(class_mask(minors) + "^" + mro)
        for (name, kind), minors in entry["names"].items():
            grouped.setdefault(class_mask(minors) + kind, []).append(name)
        groups += [key + " ".join(sorted(grouped[key])) for key in sorted(grouped)]
        lines.append("\t".join([item, *groups]))
    (DATA / "stdlib-classes.txt").write_text("\n".join(lines) + "\n")


def class_mask(minors):
    return f"{sum(1 << (m - 8) for m in minors):02x}:"


main()
