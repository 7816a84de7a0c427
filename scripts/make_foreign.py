"""Makes data/foreign.txt: what objects of numpy, pandas and dateutil are, for ids (see data/foreign.md).

make_foreign.py PYTHON...    interpreters of environments that hold them, of several releases
"""

import json
import subprocess
import sys

import foreign_samples

MODULES = """numpy numpy.linalg numpy.fft numpy.random numpy.ma numpy.char numpy.dtypes numpy.exceptions numpy.testing
numpy.polynomial numpy.lib.stride_tricks dateutil.tz.tz dateutil.relativedelta dateutil.rrule""".split()

# Qualified name, in the module that makes it, and the class of what a call of it gives.
ARRAYS = """array asarray asanyarray ascontiguousarray asfortranarray arange zeros ones empty full eye identity linspace
logspace geomspace diag tri tril triu vander fromstring frombuffer fromiter atleast_1d atleast_2d atleast_3d concatenate
stack vstack hstack column_stack dstack tile repeat zeros_like ones_like empty_like full_like broadcast_to
random.rand random.randn random.permutation""".split()
RESULTS = {"numpy." + name: "numpy.ndarray" for name in ARRAYS}
# Without a shape these give a number.
for name in "random.rand random.randn".split():
    del RESULTS["numpy." + name]
RESULTS.update({
    "numpy.random.default_rng": "numpy.random.Generator",
    "numpy.broadcast_to": "numpy.ndarray",
    "numpy.iinfo": "numpy.iinfo",
    "numpy.finfo": "numpy.finfo",
    "numpy.ma.array": "numpy.ma.MaskedArray",
    "numpy.ma.masked_array": "numpy.ma.MaskedArray",
    "numpy.rec.array": "numpy.recarray",
})
INDEX = "pandas.core.indexes."
PANDAS = {
    INDEX + "datetimes.date_range": INDEX + "datetimes.DatetimeIndex",
    INDEX + "datetimes.bdate_range": INDEX + "datetimes.DatetimeIndex",
    INDEX + "timedeltas.timedelta_range": INDEX + "timedeltas.TimedeltaIndex",
    INDEX + "period.period_range": INDEX + "period.PeriodIndex",
    INDEX + "interval.interval_range": INDEX + "interval.IntervalIndex",
    INDEX + "multi.MultiIndex.from_arrays": INDEX + "multi.MultiIndex",
    INDEX + "multi.MultiIndex.from_tuples": INDEX + "multi.MultiIndex",
    INDEX + "multi.MultiIndex.from_product": INDEX + "multi.MultiIndex",
    INDEX + "multi.MultiIndex.from_frame": INDEX + "multi.MultiIndex",
    INDEX + "interval.IntervalIndex.from_breaks": INDEX + "interval.IntervalIndex",
    INDEX + "interval.IntervalIndex.from_arrays": INDEX + "interval.IntervalIndex",
    INDEX + "interval.IntervalIndex.from_tuples": INDEX + "interval.IntervalIndex",
    INDEX + "range.RangeIndex.from_range": INDEX + "range.RangeIndex",
    "pandas.core.arrays.interval.IntervalArray.from_breaks": "pandas.core.arrays.interval.IntervalArray",
    "pandas.core.arrays.interval.IntervalArray.from_arrays": "pandas.core.arrays.interval.IntervalArray",
    "pandas.core.arrays.interval.IntervalArray.from_tuples": "pandas.core.arrays.interval.IntervalArray",
    "pandas.core.arrays.categorical.Categorical.from_codes": "pandas.core.arrays.categorical.Categorical",
    "pandas.core.arrays.sparse.array.SparseArray.from_spmatrix": "pandas.core.arrays.sparse.array.SparseArray",
    "pandas.core.construction.array": "",
    "pandas.core.col.col": "pandas.core.col.Expression",
    "pandas.core.dtypes.common.pandas_dtype": "",
    "dateutil.tz.tz.gettz": "",
    "pandas.core.tools.timedeltas.to_timedelta": "",
    "pandas.core.tools.datetimes.to_datetime": "",
    "pandas._libs.tslibs.offsets.to_offset": "",
    "pandas._libs.tslibs.timestamps.Timestamp.now": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.today": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.utcnow": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.fromtimestamp": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas.core.frame.DataFrame.from_dict": "pandas.core.frame.DataFrame",
    "pandas.core.frame.DataFrame.from_records": "pandas.core.frame.DataFrame",
}

# Classes whose constructor gives objects of the class itself, whatever it is given.
OWN = [INDEX + name for name in (
    "datetimes.DatetimeIndex", "timedeltas.TimedeltaIndex", "period.PeriodIndex", "interval.IntervalIndex",
    "category.CategoricalIndex", "range.RangeIndex", "multi.MultiIndex")]
PANDAS.update({name: name for name in OWN})

# Functions that give numbers or texts, or what they are given, are left out of the results.
PROBE = r"""
import enum, importlib, inspect, json, numbers, sys, types, warnings
warnings.simplefilter("ignore")
TEXTUAL = (str, bytes, int, float, complex, bool, enum.Enum, type)
SIMPLE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
modules, samples, calls, attributes = json.load(sys.stdin)
found = {}

def plain(cls):
    # Instances are neither text nor number, and have no __name__.
    if cls.__name__ in ("vectorize", "object_") or issubclass(cls, TEXTUAL) or issubclass(cls, (types.FunctionType, types.BuiltinFunctionType)):
        return False
    own = lambda name: any(name in base.__dict__ for base in cls.__mro__ if base is not object)
    getattr_ok = not own("__getattr__") or any(home(base) + "." + base.__qualname__ in LABELS for base in cls.__mro__)
    return not own("__name__") and getattr_ok and not ("__getattribute__" in {n for b in cls.__mro__[:-1] for n in b.__dict__ if isinstance(b.__dict__[n], types.FunctionType)})

# Their __getattr__ answers for labels of the data alone, or hands over to what has no name.
LABELS = {"pandas.core.generic.NDFrame", "pandas.core.groupby.groupby.BaseGroupBy", "pandas.core.groupby.groupby.GroupBy",
          "pandas.core.col.Expression", "numpy.dtype"}

def home(cls):
    # Where its methods were made: some classes are given another `__module__`.
    for value in vars(cls).values():
        if isinstance(value, types.FunctionType) and value.__qualname__.startswith(cls.__name__ + "."):
            return value.__module__
    return cls.__module__

def made_in(cls):
    # The same for compiled classes: their methods, or the base that they are written on, still say so.
    own = home(cls)
    if "." not in own or own.startswith("pandas.api"):
        for value in list(vars(cls).values()) + list(cls.__mro__[1:]):
            module = getattr(value, "__module__", None)
            if isinstance(module, str) and module.startswith(own.split(".")[0] + "._"):
                return module
    if own in ("pandas", "pandas.arrays", "pandas.api.typing"):
        for module in list(sys.modules.values()):
            name = getattr(module, "__name__", "")
            if name.startswith("pandas.core") and vars(module).get(cls.__name__) is cls and defines(module, cls):
                return name
    return own

def defines(module, cls):
    return f"class {cls.__name__}" in inspect.getsource(module)

def qualified(cls):
    return made_in(cls) + "." + cls.__qualname__

def describe(value):
    if isinstance(value, types.ModuleType):
        return None
    if isinstance(value, type):
        return ("c" if plain(value) else "t", value.__name__)
    if value is None or isinstance(value, bool):
        return None
    if type(value) in (int, float):
        return ("v", type(value).__name__ + ":" + repr(value))
    if type(value) is str:
        return None
    if isinstance(value, enum.Enum):
        return ("n", str(value))
    if isinstance(value, (list, tuple, set, frozenset)) and type(value).__module__ == "builtins":
        items = sorted(value) if isinstance(value, (set, frozenset)) and all(type(v) is str for v in value) else list(value)
        if items and all(type(item) is str and item and set(item) <= SIMPLE for item in items):
            return ("l", ",".join(items))
    if type(value) is dict and value and all(type(key) is str and key and set(key) <= SIMPLE for key in value):
        return ("k", ",".join(value))
    name = getattr(value, "__name__", None)
    if isinstance(name, str) and not isinstance(value, (float, int, enum.Enum)):
        return ("n", name)
    if plain(type(value)) and not isinstance(value, (dict, list, tuple, set)):
        made = qualified(type(value))
        return ("i", "numpy.dtype" if made.startswith("numpy.dtype") else made)
    return None

def look(module, name, value):
    fact = describe(value)
    if fact:
        found.setdefault(module, {})[name] = fact

for module in modules:
    try:
        loaded = importlib.import_module(module)
    except ImportError:
        continue
    names = set(dir(loaded)) | set(getattr(loaded, "__all__", ()))
    for name in names:
        if not name.startswith("__"):
            try:
                look(module, name, getattr(loaded, name))
            except AttributeError:
                pass
try:
    import pandas, pandas._testing, pkgutil
except ImportError:
    pandas = None
if pandas:
    for info in pkgutil.walk_packages(pandas.__path__, "pandas."):
        if ".tests" in info.name:
            continue
        try:
            loaded = importlib.import_module(info.name)
        except Exception:
            continue
        extension = getattr(loaded, "__file__", "").endswith(".so")
        for name, value in vars(loaded).items():
            if name.startswith("__"):
                continue
            if extension and isinstance(value, type) and qualified(value) == info.name + "." + name:
                found["^" + qualified(value)] = [qualified(base) for base in value.__mro__[1:]]
            if extension:
                look(info.name, name, value)
            elif isinstance(value, type) and plain(value) and value.__name__ == name and home(value) == info.name:
                look(info.name, name, value)
                for method in ("_from_sequence", "_simple_new"):
                    made = vars(value).get(method)
                    if isinstance(made, classmethod):
                        made = made.__func__
                        found.setdefault(">" + made.__module__ + "." + made.__qualname__, {})

def result_of(owner, result):
    cls = type(result)
    if result is None or hasattr(result, "__name__") or not plain(cls):
        return "!"
    if cls is owner:
        return "="
    # Classes of dtypes are made anew for each, and have other names in other versions.
    named = cls.__module__ != "builtins" and not cls.__module__.startswith("numpy.dtypes") and cls.__name__ != "dtype"
    return qualified(cls) if named and not issubclass(cls, numpy_dtype) else "-"

def probe():
    # Which class each method and attribute of the samples gives.
    global numpy_dtype
    import numpy as np, pandas as pd
    numpy_dtype = np.dtype
    names = {"np": np, "pd": pd}
    for sample in samples:
        try:
            value = eval(sample, names)
        except Exception:
            continue
        own = found.setdefault("(" + qualified(type(value)), {})
        for kind, asked in (("(", calls), (".", attributes), ("[", ["[:1]"])):
            for text in asked:
                try:
                    name = text.split("(")[0]
                    result = eval("value" + ("" if kind == "[" else ".") + text, {**names, "value": eval(sample, names)})
                except Exception:
                    continue
                own.setdefault(kind + name, []).append(result_of(type(value), result))

if pandas:
    probe()
print(json.dumps(found))
"""


PACKAGES = {"numpy": "numpy", "pandas": "pandas", "dateutil": "python-dateutil"}


def ask(python):
    done = subprocess.run(
        [python, "-c", PROBE], input=json.dumps([MODULES, foreign_samples.SAMPLES, split(foreign_samples.CALLS), foreign_samples.ATTRIBUTES]), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def split(text):
    """Calls in a text that blanks separate; those in brackets do not."""
    parts, depth = [""], 0
    for c in text:
        depth += c in "([{"
        depth -= c in ")]}"
        if c.isspace() and depth == 0:
            parts.append("")
        else:
            parts[-1] += c
    return [part for part in parts if part]


def tight(owner):
    """Whether a class is that of single points or spans of time, whose members give the same class whatever they get."""
    return owner.split(".")[-1] in ("Timestamp", "Timedelta", "ndarray", "Series", "DataFrame")


def members(owner, asked):
    """The line of a class: what its methods and attributes give, where that is one class in all versions, or plain."""
    line = []
    for name, given in sorted(asked.items()):
        if "!" in given:
            continue
        same = len(set(given)) == 1 and given[0] != "-"
        frame = owner.split(".")[-1] in ("Series", "DataFrame")
        own = given[0] == "=" and tight(owner) and (name[0] == "(" or not frame)
        # What an index of times holds, and gives out.
        inner = name[1:] in ("_data", "_values", "array") and owner.split(".")[-1] in (
            "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "IntervalIndex", "CategoricalIndex")
        loose = name[1:] in foreign_samples.LOOSE and not own and not inner
        line.append(name + "=" + (given[0] if same and not loose else ""))
    return line


def version(python, package):
    code = f"from importlib.metadata import version; print(version({package!r}).split('.')[0])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def main():
    facts, lines, asked, bases = {}, {}, {}, {}
    for python in sys.argv[1:]:
        majors = {top: version(python, name) for top, name in PACKAGES.items()}
        for module, names in ask(python).items():
            if module.startswith("^"):
                top = majors[module[1:].split(".")[0]]
                bases.setdefault(module[1:], {})[top] = names
                continue
            if module.startswith("("):
                for name, given in names.items():
                    asked.setdefault(module, {}).setdefault(name, []).extend(given)
                continue
            if module.startswith(">"):
                lines[module] = [""]
            for name, (kind, text) in names.items():
                last = name
                shown = kind + ("" if kind in "ctn" and text == last else ":" + text)
                major = majors[module.split(".")[0]]
                facts.setdefault((module, name), {}).setdefault(major, set()).add(shown)
    for (module, name), by_major in facts.items():
        clear = {major: next(iter(shown)) for major, shown in by_major.items() if len(shown) == 1}
        if len(clear) < len(by_major):
            continue
        if len(set(clear.values())) == 1:
            groups = {"": next(iter(clear.values()))}
        else:
            groups = clear
        for major, shown in groups.items():
            lines.setdefault(module, []).append(major + name + "=" + shown)
    for full, result in list(RESULTS.items()) + list(PANDAS.items()):
        lines.setdefault(">" + full, []).append(result)
    for cls, by_major in bases.items():
        same = len({tuple(names) for names in by_major.values()}) == 1
        for major, names in by_major.items():
            lines["^" + ("" if same else major) + cls] = names
    for owner, names in asked.items():
        if members(owner, names):
            lines[owner] = members(owner, names)
    for owner in ("numpy.random.Generator", "numpy.random.mtrand.RandomState"):
        own = lines.setdefault("(" + owner, [])
        own.extend(f"({name}@{before}=numpy.ndarray" for name, before in foreign_samples.SIZED.items())
    with open("data/foreign.txt", "w") as out:
        for module in sorted(lines):
            out.write(module + "\t" + " ".join(sorted(lines[module])) + "\n")


if __name__ == "__main__":
    main()
