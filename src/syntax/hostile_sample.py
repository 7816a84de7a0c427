"""Doc."""
from __future__ import annotations
import a.b.c, d as e
from . import x as y, z
from ..p.q import *
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import guarded
elif not sys.version_info[:2] >= (3, 8) and not x or y or z:
    import q
else:
    import ll
try:
    import opt
except (ImportError, ValueError) as exc:
    opt = None
except KeyError:
    pass
else:
    del opt
finally:
    x = 1
a = b = c, *d = [1, 2.5, 3j, 0xff], "a" 'b\n', b"\xff", f"x{a!r:>{w}} {{}} {b=}", 1_000
x: int = 5
y: List[int]
x[1:2, ::3] += -1 ** ~2
@pytest.fixture(scope="module", params=[1, 2], autouse=True)
async def fix(self, request, a=1, *args: int, b, **kw) -> None:
    """doc"""
    global G
    x = G = yield 1
    y, (z, *w) = 1
    for i in range(3): k = i
    with open(f) as g, h: pass
    import os.path
    def inner(p, /, q, *, r): nonlocal y
    (n := 5)
    [m for m in x if (mm := m)]
    lambda s, t=1: s + u
class A(B, metaclass=M, **kw):
    """doc"""
    x = 1
    def f(self): return await g(*a, **b, k=3)
match cmd.split():
    case [x, y, *rest] if x: pass
    case {"a": 1, **r}: pass
    case Point(x=0, y=yy) | -1: pass
    case a.b: pass
    case (z) as w: pass
    case _: pass
type X[T] = list[T]
def g[T: int](x: T | None, y: a.b[int]) -> "T": ...
print >>sys.stderr, "x"
print("a") if a < b <= c not in d is not e else {**a, 1: 2, **{k: v for k, v in d}}
importlib.import_module("foo.bar")
with (open(a) as b, open(c)): pass
with contextlib.suppress(ImportError):
    import maybe
for (i) in 1, 2: pass
raise X from Y
assert x, "m"
x = yield
foo(i for i in x)[1,]
a if b else c.d.e(1).f
try: pass
except* E: pass
x = not a
x = (yield)
print
exec("a")
x = *a, b
def h(a: int = 1, *, b: str = "x"): return (a)
x = f"""a{b}c""" "tail" rf'\d{x}'
