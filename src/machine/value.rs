//! The lattice of values: what the machine knows of an object. `Unknown` is anything at all.
//!
//! Values are cheap to copy. What Python can change in place lives in arenas of [`super::state::State`] and is named by id.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::intern::Name;
use crate::base::span::Span;
use crate::define_id;
use crate::summary::ProgramId;

define_id! {
    /// A namespace: a module's, a class's, an instance's, a call's.
    NsId
}
define_id! {
    /// A module object.
    ModId
}
define_id! {
    /// A function made by `def` or `lambda`.
    FnId
}
define_id! {
    /// A class made by a `class` statement.
    ClassId
}
define_id! {
    /// An instance.
    InstId
}
define_id! {
    /// A list, set or dict.
    ObjId
}
define_id! {
    /// A source file that was read.
    UnitId
}

/// Keyword arguments.
pub type Keywords = Vec<(Name, Value)>;

/// What is known of one object.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Anything.
    Unknown,
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `NotImplemented`
    NotImplemented,
    /// A `bool`.
    Bool(bool),
    /// An `int` of 64 bits.
    Int(i64),
    /// A wider `int`. It is rare: in place it would make every value wider.
    BigInt(Arc<i128>),
    /// A `float`.
    Float(f64),
    /// A `complex`: real and imaginary part.
    Complex(f64, f64),
    /// A `str`.
    Str(Arc<str>),
    /// A `bytes`, each byte as the character of the same number.
    Bytes(Arc<str>),
    /// A `tuple`.
    Tuple(Arc<[Value]>),
    /// A `list`.
    List(ObjId),
    /// A `set` or `frozenset`.
    Set(ObjId),
    /// A `dict`.
    Dict(ObjId),
    /// A module.
    Module(ModId),
    /// A Python function.
    Function(FnId),
    /// A Python class.
    Class(ClassId),
    /// An instance of a Python class, or of an external one.
    Instance(InstId),
    /// A function with its first argument bound.
    Method(Arc<(Value, Value)>),
    /// `staticmethod`, `classmethod`, `property` around a function.
    Descriptor(DescriptorKind, Arc<Value>),
    /// `super()`: where the search starts behind, and the object.
    Super(ClassId, Arc<Value>),
    /// An object that is not made by code we execute, by qualified name (`os.environ`, `builtins.len`).
    External(Name),
    /// A namespace as a dict: `globals()`, `vars(module)`, `obj.__dict__`.
    NamespaceDict(NsId),
    /// A `pathlib` path that is known.
    Path(Arc<PathBuf>),
    /// `functools.partial` and the like: called, it calls this with more arguments.
    Partial(Arc<(Value, Vec<Value>, Keywords)>),
    /// `pytest.mark.name(...)`
    Mark(Arc<Mark>),
    /// `pytest.param(...)`
    Param(Arc<Param>),
    /// `pytest.fixture(...)` before it meets its function.
    FixtureDecorator(Arc<Vec<(Name, Value)>>),
    /// A coroutine or generator that was made and did not run.
    Suspended(Arc<(FnId, Vec<Value>, Keywords)>),
}

/// Which descriptor wraps a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DescriptorKind {
    /// `staticmethod`
    Static,
    /// `classmethod`
    Class,
    /// `property`, `functools.cached_property`
    Property,
}

/// A pytest mark.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Its name.
    pub name: Name,
    /// Positional arguments; unknown ones included.
    pub args: Vec<Value>,
    /// Keyword arguments.
    pub kwargs: Vec<(Name, Value)>,
    /// Whether a starred argument hides some.
    pub inexact: bool,
    /// The call or attribute in the source.
    pub unit: UnitId,
    /// See `unit`.
    pub span: Span,
    /// Whether it was called, as opposed to plain `pytest.mark.name`.
    pub called: bool,
}

/// A `pytest.param`.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Values.
    pub values: Vec<Value>,
    /// `id=`
    pub id: Option<Value>,
    /// `marks=`
    pub marks: Option<Value>,
}

impl Value {
    /// A string.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Str(Arc::from(text))
    }

    /// An external object.
    #[must_use]
    pub fn external(name: &str) -> Self {
        Self::External(Name::new(name))
    }

    /// A tuple.
    #[must_use]
    pub fn tuple(items: Vec<Self>) -> Self {
        Self::Tuple(Arc::from(items))
    }

    /// The text, if it is a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a container.
    #[must_use]
    pub const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Dict(_) | Self::Set(_) | Self::Tuple(_))
    }

    /// Whether nothing is known.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

/// A function object.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its source.
    pub unit: UnitId,
    /// The program whose statement defines it.
    pub owner: ProgramId,
    /// Its body.
    pub body: ProgramId,
    /// `__name__`
    pub name: Name,
    /// `__qualname__`
    pub qualname: Arc<str>,
    /// The module whose globals it uses.
    pub module: ModId,
    /// Place of the statement.
    pub span: Span,
    /// Default values by parameter.
    pub defaults: Vec<(Name, Value)>,
    /// Namespaces of enclosing calls, innermost first.
    pub closure: Vec<NsId>,
    /// The class whose body defines it, for `super()`; set when the class exists.
    pub class: Option<ClassId>,
    /// `async def`
    pub is_async: bool,
    /// Holds `yield`.
    pub is_generator: bool,
    /// A `lambda`.
    pub is_lambda: bool,
    /// `contextlib.contextmanager` made it: a `with` statement runs its body around its own.
    pub is_context_manager: bool,
    /// A decorator that cannot be followed replaced it: calls and attributes are unknown.
    pub opaque: bool,
    /// pytest marks, innermost first.
    pub marks: Vec<Arc<Mark>>,
    /// Arguments of `pytest.fixture`, if it is a fixture.
    pub fixture: Option<Arc<Vec<(Name, Value)>>>,
    /// Its attributes, once one is set.
    pub attributes: Option<NsId>,
    /// Decorators as evaluated, innermost first.
    pub decorators: Vec<Value>,
    /// What `@deprecated` warns of when it is called: text, category, stack level.
    pub warns: Option<Box<Value>>,
}

/// A class object.
#[derive(Debug, Clone)]
pub struct Class {
    /// Its source.
    pub unit: UnitId,
    /// `__name__`
    pub name: Name,
    /// `__qualname__`
    pub qualname: Arc<str>,
    /// The module it was made in.
    pub module: ModId,
    /// Place of the statement.
    pub span: Span,
    /// Bases as given.
    pub bases: Vec<Value>,
    /// The class itself and its bases in resolution order; external and unknown ones included.
    pub mro: Vec<Value>,
    /// Its namespace.
    pub ns: NsId,
    /// An unknown base, metaclass or decorator: attributes that are not found may exist.
    pub open: bool,
    /// The metaclass, if given or inherited.
    pub metaclass: Option<Value>,
    /// All that the metaclass adds to it is in its namespace.
    pub complete: bool,
    /// pytest marks, innermost first.
    pub marks: Vec<Arc<Mark>>,
    /// Decorators as evaluated, innermost first.
    pub decorators: Vec<Value>,
}

/// An instance.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its class: a Python class or an external one.
    pub class: Value,
    /// Its own attributes.
    pub ns: NsId,
    /// Positional arguments it was made with (an exception's `args`).
    pub args: Vec<Value>,
    /// Keyword arguments it was made with.
    pub kwargs: Vec<(Name, Value)>,
}

/// A container that can change.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Elements of a list or set; keys of a dict.
    pub items: Vec<Value>,
    /// Values of a dict, one per key.
    pub values: Vec<Value>,
    /// Whether this is all of it, in order.
    pub exact: bool,
    /// Whether a join keeps what either side holds.
    pub union: bool,
    /// Whether its class is another one that iterates alike: `range`, `frozenset`, `OrderedDict`, an iterator.
    pub disguised: bool,
    /// Whether it stands for a generator expression.
    pub generator: bool,
}
