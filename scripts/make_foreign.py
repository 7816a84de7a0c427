"""Makes data/foreign.txt: what objects of numpy, pandas and dateutil are, for ids (see data/foreign.md).

make_foreign.py PYTHON...    interpreters of environments that hold them, of several releases
"""

import json
import subprocess
import sys

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
    "numpy.ndarray.astype": "numpy.ndarray",
    "numpy.ndarray.reshape": "numpy.ndarray",
    "numpy.ndarray.copy": "numpy.ndarray",
    "numpy.ndarray.ravel": "numpy.ndarray",
    "numpy.ndarray.flatten": "numpy.ndarray",
    "numpy.ndarray.transpose": "numpy.ndarray",
    "numpy.ndarray.view": "numpy.ndarray",
    "numpy.ma.array": "numpy.ma.MaskedArray",
    "numpy.ma.masked_array": "numpy.ma.MaskedArray",
    "numpy.rec.array": "numpy.recarray",
})
# Attributes of instances, and the class of what they give.
ATTRIBUTES = {
    "numpy.ndarray.dtype": "numpy.dtype",
    "numpy.ndarray.T": "numpy.ndarray",
    "pandas._libs.tslibs.timestamps.Timestamp.min": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.max": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timedeltas.Timedelta.min": "pandas._libs.tslibs.timedeltas.Timedelta",
    "pandas._libs.tslibs.timedeltas.Timedelta.max": "pandas._libs.tslibs.timedeltas.Timedelta",
}
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
    "pandas.core.col.col": "",
    "pandas.core.dtypes.common.pandas_dtype": "",
    "dateutil.tz.tz.gettz": "",
    "pandas.core.tools.timedeltas.to_timedelta": "",
    "pandas._libs.tslibs.timestamps.Timestamp.now": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.today": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.utcnow": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.fromtimestamp": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.tz_localize": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.tz_convert": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timestamps.Timestamp.to_pydatetime": "datetime.datetime",
    "pandas._libs.tslibs.timestamps.Timestamp.to_datetime64": "numpy.datetime64",
    "pandas._libs.tslibs.timestamps.Timestamp.as_unit": "pandas._libs.tslibs.timestamps.Timestamp",
    "pandas._libs.tslibs.timedeltas.Timedelta.to_timedelta64": "numpy.timedelta64",
    "pandas._libs.tslibs.timedeltas.Timedelta.to_pytimedelta": "datetime.timedelta",
    "pandas._libs.tslibs.timedeltas.Timedelta.as_unit": "pandas._libs.tslibs.timedeltas.Timedelta",
    "pandas.core.frame.DataFrame.from_dict": "pandas.core.frame.DataFrame",
    "pandas.core.frame.DataFrame.from_records": "pandas.core.frame.DataFrame",
}

# Functions that give numbers or texts, or what they are given, are left out of the results.
PROBE = r"""
import enum, importlib, inspect, json, numbers, sys, types, warnings
warnings.simplefilter("ignore")
TEXTUAL = (str, bytes, int, float, complex, bool, enum.Enum, type)
SIMPLE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
modules, results = json.load(sys.stdin)
found = {}

def plain(cls):
    # Instances are neither text nor number, and have no __name__.
    if cls.__name__ in ("vectorize", "object_") or issubclass(cls, TEXTUAL) or issubclass(cls, (types.FunctionType, types.BuiltinFunctionType)):
        return False
    own = lambda name: any(name in base.__dict__ for base in cls.__mro__ if base is not object)
    getattr_ok = not own("__getattr__") or any(base.__module__ + "." + base.__qualname__ in LABELS for base in cls.__mro__)
    return not own("__name__") and getattr_ok and not ("__getattribute__" in {n for b in cls.__mro__[:-1] for n in b.__dict__ if isinstance(b.__dict__[n], types.FunctionType)})

# Their __getattr__ answers for labels of the data alone, or hands over to what has no name.
LABELS = {"pandas.core.generic.NDFrame", "pandas.core.groupby.groupby.BaseGroupBy", "pandas.core.groupby.groupby.GroupBy",
          "numpy.dtype"}

def home(cls):
    # Where its methods were made: some classes are given another `__module__`.
    for value in vars(cls).values():
        if isinstance(value, types.FunctionType) and value.__qualname__.startswith(cls.__name__ + "."):
            return value.__module__
    return cls.__module__

def qualified(cls):
    return cls.__module__ + "." + cls.__qualname__

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
    name = getattr(value, "__name__", None)
    if isinstance(name, str) and not isinstance(value, (float, int, enum.Enum)):
        return ("n", name)
    if plain(type(value)) and not isinstance(value, (dict, list, tuple, set)):
        return ("i", qualified(type(value)))
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
            if extension:
                look(info.name, name, value)
            elif isinstance(value, type) and plain(value) and value.__name__ == name and home(value) == info.name:
                look(info.name, name, value)
                for method in ("_from_sequence", "_simple_new"):
                    made = vars(value).get(method)
                    if isinstance(made, classmethod):
                        made = made.__func__
                        found.setdefault(">" + made.__module__ + "." + made.__qualname__, {})
print(json.dumps(found))
"""


def ask(python):
    done = subprocess.run(
        [python, "-c", PROBE], input=json.dumps([MODULES, []]), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def version(python):
    code = "import numpy; print(numpy.__version__.split('.')[0])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def main():
    facts, lines = {}, {}
    for python in sys.argv[1:]:
        major = version(python)
        for module, names in ask(python).items():
            if module.startswith(">"):
                lines[module] = [""]
            for name, (kind, text) in names.items():
                last = name
                shown = kind + ("" if kind in "ctn" and text == last else ":" + text)
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
    for full, result in ATTRIBUTES.items():
        lines.setdefault("." + full, []).append(result)
    with open("data/foreign.txt", "w") as out:
        for module in sorted(lines):
            out.write(module + "\t" + " ".join(sorted(lines[module])) + "\n")


if __name__ == "__main__":
    main()
