"""Prints, as JSON lines, the warnings that this interpreter's library gives: on import of a module, on access of a
name, on a call. Run by make_warnings.py under CPython 3.8 and newer; each question is asked in a fork of its own."""

import importlib
import json
import os
import sys
import sysconfig
import warnings

PLACE = "<probe>"

CALLS = """
datetime.datetime.utcnow                datetime.datetime.utcnow()
datetime.datetime.utcfromtimestamp      datetime.datetime.utcfromtimestamp(0)
locale.getdefaultlocale                 locale.getdefaultlocale()
locale.resetlocale                      locale.resetlocale()
locale.format                           locale.format('%d', 1)
asyncio.get_event_loop                  asyncio.get_event_loop()
asyncio.coroutine                       asyncio.coroutine(lambda: None)
asyncio.get_child_watcher               asyncio.get_child_watcher()
asyncio.get_event_loop_policy           asyncio.get_event_loop_policy()
asyncio.iscoroutinefunction             asyncio.iscoroutinefunction(print)
unittest.makeSuite                      unittest.makeSuite(unittest.TestCase)
unittest.findTestCases                  unittest.findTestCases(unittest)
unittest.getTestCaseNames               unittest.getTestCaseNames(unittest.TestCase, 'test')
pkgutil.find_loader                     pkgutil.find_loader('os')
pkgutil.get_loader                      pkgutil.get_loader('os')
pkgutil.ImpImporter                     pkgutil.ImpImporter()
importlib.find_loader                   importlib.find_loader('os')
inspect.getargspec                      inspect.getargspec(lambda: None)
inspect.formatargspec                   inspect.formatargspec([])
threading.currentThread                 threading.currentThread()
threading.activeCount                   threading.activeCount()
threading.Thread.setDaemon              threading.Thread().setDaemon(True)
threading.Thread.isDaemon               threading.Thread().isDaemon()
threading.Thread.setName                threading.Thread().setName('x')
threading.Thread.getName                threading.Thread().getName()
logging.warn                            logging.warn('x')
logging.Logger.warn                     logging.getLogger('x').warn('x')
ssl.wrap_socket                         ssl.wrap_socket(__import__('socket').socket())
ssl.match_hostname                      ssl.match_hostname({'subjectAltName': (('DNS', 'a'),)}, 'a')
configparser.SafeConfigParser           configparser.SafeConfigParser()
configparser.LegacyInterpolation        configparser.LegacyInterpolation()
configparser.ConfigParser.readfp        configparser.ConfigParser().readfp(__import__('io').StringIO(''))
gettext.lgettext                        gettext.lgettext('x')
base64.encodestring                     base64.encodestring(b'')
base64.decodestring                     base64.decodestring(b'')
re.template                             re.template('x')
importlib.resources.contents            importlib.resources.contents('json')
importlib.resources.is_resource         importlib.resources.is_resource('json', 'x')
importlib.resources.read_text           importlib.resources.read_text('json', '__init__.py')
importlib.resources.read_binary         importlib.resources.read_binary('json', '__init__.py')
importlib.resources.open_text           importlib.resources.open_text('json', '__init__.py')
importlib.resources.open_binary         importlib.resources.open_binary('json', '__init__.py')
importlib.resources.path                importlib.resources.path('json', '__init__.py').__enter__()
codecs.open                             codecs.open(os.devnull)
argparse.FileType                       argparse.FileType()
sqlite3.enable_shared_cache             sqlite3.enable_shared_cache(False)
urllib.parse.splittype                  urllib.parse.splittype('a:b')
urllib.parse.splithost                  urllib.parse.splithost('//a/b')
urllib.parse.splitport                  urllib.parse.splitport('a:1')
urllib.parse.splitquery                 urllib.parse.splitquery('a?b')
urllib.parse.splituser                  urllib.parse.splituser('a@b')
urllib.parse.to_bytes                   urllib.parse.to_bytes('a')
""".strip().splitlines()


def blame(filename, library):
    """The module whose frame is blamed: empty for the code that asks."""
    if filename == PLACE:
        return ""
    if filename == "sys" or filename.startswith("<"):
        return filename.strip("<>").replace("frozen ", "")
    path = os.path.relpath(filename, library)
    return path[:-3].replace(os.sep, ".").replace(".__init__", "")


def ask(code, library):
    """What a fork of this process is warned of when it runs the code."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        found = []

        def show(message):
            found.append([message.category.__name__, blame(message.filename, library), str(message.message)])

        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        warnings._showwarnmsg_impl = show
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        names = {"__name__": "probe", "os": os, "importlib": importlib}
        try:
            setup, question = code
            for module in setup:
                exec(compile("import " + module, PLACE, "exec"), names)
            warnings.resetwarnings()
            warnings.simplefilter("always")
            exec(compile(question, PLACE, "exec"), names)
        except BaseException as error:
            found = found if isinstance(error, (Exception, SystemExit)) else []
        with os.fdopen(write, "w") as out:
            out.write(json.dumps([row for row in found if row[0] != "ResourceWarning"]))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as source:
        text = source.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else []


def served_names(module):
    """Texts of a module's source, where a `__getattr__` may serve them."""
    import ast

    try:
        with open(module.__file__, encoding="utf-8") as source:
            tree = ast.parse(source.read())
    except (AttributeError, OSError, TypeError):
        return set()
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    texts |= {text.rsplit(".", 1)[-1] for text in texts}
    if module.__name__ == "collections":
        texts |= set(importlib.import_module("collections.abc").__all__)
    return {text for text in texts if text.isidentifier()}


def served(name, library):
    """Names of a module that warn when they are asked for, each with its rows."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        names = []
        try:
            warnings.simplefilter("ignore")
            module = importlib.import_module(name)
            asked = sorted(set(dir(module)) | (served_names(module) if "__getattr__" in vars(module) else set()))
            for attribute in asked:
                with warnings.catch_warnings(record=True) as log:
                    warnings.simplefilter("always")
                    try:
                        getattr(module, attribute)
                    except Exception:
                        continue
                if log:
                    names.append(attribute)
        except BaseException:
            pass
        with os.fdopen(write, "w") as out:
            out.write(json.dumps(names))
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as source:
        names = json.loads(source.read() or "[]")
    os.waitpid(child, 0)
    return [(attribute, ask(([name], name + "." + attribute), library)) for attribute in names]


def main():
    library = sysconfig.get_paths()["stdlib"]
    for name in sys.stdin.read().split():
        parents = [name[:at] for at, letter in enumerate(name) if letter == "."]
        for row in ask((parents, "import " + name), library):
            print(json.dumps(["import", name] + row))
        for attribute, rows in served(name, library):
            for row in rows:
                print(json.dumps(["name", name + "." + attribute] + row))
    for line in CALLS:
        name, code = line.split(None, 1)
        parts = name.split(".")
        candidates = [".".join(parts[:at]) for at in range(len(parts) - 1, 0, -1)]
        for module in candidates:
            try:
                importlib.util.find_spec(module)
            except Exception:
                continue
            for row in ask(([module], code), library):
                print(json.dumps(["call", name] + row))
            break


if __name__ == "__main__":
    import importlib.util

    main()
