//! What is known of objects of the standard library and of well-known packages, by qualified name: whether they have a
//! `__name__`, whether a class takes part in collection.

use super::ids::Text;
use super::view;
use crate::base::intern::Name;
use crate::machine::state::State;
use crate::machine::value::{ClassId, Instance, Value};
use crate::python::enums;
use crate::python::foreign;
use crate::python::stdlib::{self, MemberKind, StdlibName};
use crate::python::version::{Platform, PythonVersion};

/// Bases whose instances pytest writes out as text or number.
pub const TEXTUAL: &[&str] =
    &["builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.complex", "builtins.bool"];

/// Qualified names of `unittest.TestCase` and of what the standard library derives from it.
pub const TEST_CASES: &[&str] = &[
    "unittest.TestCase",
    "unittest.case.TestCase",
    "unittest.IsolatedAsyncioTestCase",
    "unittest.async_case.IsolatedAsyncioTestCase",
    "unittest.FunctionTestCase",
    "unittest.case.FunctionTestCase",
];

/// Foreign bases that add neither `__init__` nor `__new__` nor names that pytest collects.
const PLAIN: &[&str] = &[
    "builtins.object",
    "abc.ABC",
    "typing.Generic",
    "typing_extensions.Generic",
    "collections.abc.Hashable",
    "collections.abc.Sized",
    "collections.abc.Iterable",
    "contextlib.AbstractContextManager",
];

/// The text of an external object in an id.
#[must_use]
pub fn id_of_external(state: &State, name: Name, python: PythonVersion) -> Text {
    let text = name.as_str();
    let Some((owner, last)) = text.rsplit_once('.') else { return Text::Unknown };
    if text.contains('(') {
        return Text::Unknown;
    }
    if let Some(name) = state.foreign_name(name) {
        return Text::Known(name.to_owned());
    }
    // Streams, and what the capture puts in their place.
    if owner == "sys" && matches!(last, "stdin" | "stdout" | "stderr") || text == "os.environ" {
        return Text::Unsupported;
    }
    if let Some(member) = enums::text(text, python, Platform::current()) {
        return Text::Known(member);
    }
    if let Some(members) = stdlib::class(owner, python) {
        let method = |kind| matches!(kind, MemberKind::Method | MemberKind::Static | MemberKind::Class);
        return match members.get(last) {
            Some(kind) if method(kind) => Text::Known(last.to_owned()),
            _ => Text::Unknown,
        };
    }
    if owner == "typing" || owner == "collections.abc" {
        // The special forms have a name since 3.10.
        let named = python >= PythonVersion::three(10) || owner == "collections.abc";
        return match library(text, python) {
            Some(StdlibName::Class(_) | StdlibName::Function(_) | StdlibName::Value(_)) if named => {
                Text::Known(last.to_owned())
            }
            _ => Text::Unknown,
        };
    }
    if owner != "builtins" {
        return match library(text, python) {
            Some(StdlibName::Class(defined) | StdlibName::Exception(defined, _) | StdlibName::Function(defined)) => {
                let defined = defined.unwrap_or(text);
                Text::Known(defined.rsplit('.').next().unwrap_or(last).to_owned())
            }
            Some(StdlibName::Module(full)) => Text::Known((*full).to_owned()),
            _ if text == "datetime.timezone.utc" || text == "datetime.UTC" => Text::Unsupported,
            _ => Text::Unknown,
        };
    }
    match last {
        "Ellipsis" | "NotImplemented" => Text::Unsupported,
        "None" | "True" | "False" | "__debug__" => Text::Known(last.to_owned()),
        "EnvironmentError" | "IOError" => Text::Known("OSError".to_owned()),
        _ if last.starts_with(|c: char| c.is_ascii_alphabetic()) => Text::Known(last.to_owned()),
        _ => Text::Unknown,
    }
}

/// Classes of the standard library whose instances have no `__name__` and are no text or number.
const OPAQUE: &[&str] = &[
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    "fractions.Fraction",
    "uuid.UUID",
    "pathlib.Path",
    "pathlib.PurePath",
    "pathlib.PosixPath",
    "pathlib.PurePosixPath",
    "pathlib.PureWindowsPath",
    "collections.OrderedDict",
    "collections.deque",
    "collections.Counter",
    "collections.defaultdict",
    "io.StringIO",
    "io.BytesIO",
    "types.SimpleNamespace",
    "ipaddress.IPv4Address",
    "ipaddress.IPv6Address",
    "ipaddress.IPv4Network",
    "ipaddress.IPv6Network",
    "builtins.object",
    "builtins.range",
    "builtins.slice",
    "builtins.iterator",
    "builtins.bytearray",
    "builtins.memoryview",
    "builtins.frozenset",
    "builtins.set",
    "builtins.dict",
    "builtins.list",
    "builtins.tuple",
];

/// The text of an instance of an external class in an id.
#[must_use]
pub fn id_of_instance(state: &State, class: Name, instance: &Instance) -> Text {
    let name = class.as_str();
    if matches!(name, "re.Pattern" | "typing.Pattern") {
        return match instance.args.first() {
            Some(Value::Str(text)) => Text::Known(super::ids::escaped(text)),
            _ => Text::Unknown,
        };
    }
    if foreign::is_plain_class(name) {
        return Text::Unsupported;
    }
    if name == "numpy.float64" {
        return match instance.args.as_slice() {
            [Value::Float(number)] => Text::Known(view::float_repr(*number)),
            [Value::Int(number)] if number.abs() < 1 << 53 => Text::Known(view::float_repr(*number as f64)),
            [Value::Str(text)] => match text.trim().parse() {
                Ok(number) => Text::Known(view::float_repr(number)),
                Err(_) => Text::Unknown,
            },
            _ => Text::Unknown,
        };
    }
    if name == "numpy.str_" {
        return match instance.args.as_slice() {
            [Value::Str(text)] => Text::Known(super::ids::escaped(text)),
            _ => Text::Unknown,
        };
    }
    if name == "numpy.complex128" {
        return match instance.args.as_slice() {
            [Value::Complex(real, imaginary)] => Text::Known(view::complex_repr(*real, *imaginary)),
            [Value::Float(real)] => Text::Known(view::complex_repr(*real, 0.0)),
            [Value::Int(real)] if real.abs() < 1 << 53 => Text::Known(view::complex_repr(*real as f64, 0.0)),
            _ => Text::Unknown,
        };
    }
    let textual = ["collections.UserString", "http.HTTPStatus", "http.HTTPMethod"].contains(&name);
    if OPAQUE.contains(&name) || is_exception(name) || is_library(name) && !textual {
        return match state.slot(instance.ns, Name::new("__name__")) {
            None => Text::Unsupported,
            Some(_) => Text::Unknown,
        };
    }
    Text::Unknown
}

/// Whether it is a class of a package whose instances are known to be neither text nor number, and to have no `__name__`.
#[must_use]
pub fn is_known_plain(state: &State, class: ClassId) -> bool {
    let data = &state.classes[class];
    let module = state.modules[data.module].name;
    foreign::covers(module.as_str()) && foreign::is_plain_class(&format!("{module}.{}", data.qualname))
}

/// Whether instances of a class with this foreign base may have a `__name__` or be text.
#[must_use]
pub fn may_have_name(base: Name) -> bool {
    let name = base.as_str();
    !(PLAIN.contains(&name)
        || OPAQUE.contains(&name)
        || is_exception(name)
        || foreign::is_plain_class(name)
        || is_library(name) && name != "builtins.type")
}

/// Whether a class with this foreign base has a constructor of its own for that reason; none if not known.
#[must_use]
pub fn has_constructor(base: Name, python: PythonVersion) -> Option<&'static str> {
    let name = base.as_str();
    if matches!(name, "typing.Generic" | "typing_extensions.Generic") && python == PythonVersion::three(8) {
        return Some("__new__");
    }
    if PLAIN.contains(&name) {
        return None;
    }
    match name {
        "enum.Enum" | "enum.IntEnum" | "enum.Flag" | "enum.IntFlag" | "enum.StrEnum" => {
            Some(if python >= PythonVersion::three(11) { "__init__" } else { "__new__" })
        }
        "builtins.int" | "builtins.str" | "builtins.float" | "builtins.bytes" | "builtins.tuple"
        | "typing.NamedTuple" => Some("__new__"),
        _ => Some("__init__"),
    }
}

/// Whether nothing is known of a foreign base: it may define anything.
#[must_use]
pub fn is_unfamiliar(base: Name) -> bool {
    let name = base.as_str();
    let known = name.starts_with("builtins.")
        || name.starts_with("enum.")
        || name.starts_with("typing.")
        || PLAIN.contains(&name)
        || OPAQUE.contains(&name)
        || TEST_CASES.contains(&name)
        || is_library(name)
        || is_exception(name);
    !known
}

/// `type(value).__name__` of plain data.
#[must_use]
pub fn type_name(_state: &State, value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::None => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::Complex(..) => "complex",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Tuple(_) => "tuple",
        Value::List(_) => "list",
        Value::Dict(_) => "dict",
        Value::Set(_) => "set",
        Value::Ellipsis => "ellipsis",
        Value::Function(_) => "function",
        Value::Module(_) => "module",
        _ => return None,
    })
}

/// Whether the class is a `unittest.TestCase`; none if an unknown base decides.
#[must_use]
pub fn is_test_case(state: &State, class: crate::machine::value::ClassId) -> Option<bool> {
    if view::inherits(state, class, TEST_CASES) {
        return Some(true);
    }
    let unfamiliar = state.classes[class].mro.iter().any(|base| match base {
        Value::Class(_) => false,
        Value::External(name) => is_unfamiliar(*name) && name.as_str().contains("Test"),
        _ => true,
    });
    if unfamiliar { None } else { Some(false) }
}

/// Whether the name belongs to the standard library.
fn is_library(name: &str) -> bool {
    !name.contains('(') && name.split_once('.').is_some_and(|(top, _)| stdlib::is_stdlib_name(top))
}

fn library(full: &str, python: PythonVersion) -> Option<&'static StdlibName> {
    let (module, name) = full.rsplit_once('.')?;
    stdlib::module(module, python, Platform::current())?.get(name)
}

/// Whether it is the name of a builtin exception class.
fn is_exception(name: &str) -> bool {
    let bare = name.strip_prefix("builtins.").unwrap_or(name);
    !bare.contains('.') && (bare.ends_with("Error") || bare.ends_with("Exception") || bare.ends_with("Warning"))
}

/// Whether the name is that of a module, not of something in it.
#[must_use]
pub fn is_known_module(name: Name) -> bool {
    matches!(name.as_str(), "unittest" | "test" | "doctest" | "testing")
}
