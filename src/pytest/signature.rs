//! Which arguments a test or fixture asks for: pytest's `getfuncargnames`, and the decorators that change them.

use rustc_hash::FxHashSet;

use super::view;
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::{DescriptorKind, FnId, ModId, Value};
use crate::summary::program::{self, Expr, ExprKind, OpKind, Parameter, ParameterKind};
use crate::summary::{ProgramId, Summary};

/// What a callable takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Arguments without default that a fixture may fill, in order.
    pub wanted: Vec<Name>,
    /// Arguments with a default.
    pub defaults: Vec<Name>,
    /// Whether some argument is positional only: then no first argument is dropped.
    pub positional_only: bool,
    /// Arguments, behind `self`, that `mock.patch` fills.
    pub mocks: usize,
    /// `async def`, but no generator.
    pub is_coroutine: bool,
    /// Whether a decorator may have changed it in a way that is not known.
    pub open: bool,
}

impl Signature {
    fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// Without the first argument, as for a method.
    #[must_use]
    pub fn bound(mut self) -> Self {
        if !self.positional_only && !self.wanted.is_empty() {
            self.wanted.remove(0);
        }
        self
    }

    /// Names that fixtures fill.
    #[must_use]
    pub fn requested(&self) -> &[Name] {
        &self.wanted[self.mocks.min(self.wanted.len())..]
    }
}

/// What the decorators of a function mean for pytest.
#[derive(Debug, Clone, Default)]
pub struct Decorators {
    /// Arguments that `mock.patch` fills.
    pub mocks: usize,
    /// Arguments that are filled by name (`hypothesis.given`).
    pub filled: FxHashSet<Name>,
    /// Arguments that are filled from the last one on.
    pub filled_last: usize,
    /// A decorator may have replaced the function by something else.
    pub unknown: bool,
}

/// The signature of a test function or fixture, `self` included.
pub fn of(machine: &mut Machine<'_>, value: &Value) -> Signature {
    match value {
        Value::Function(id) => of_function(machine, *id, 0),
        Value::Method(parts) => of(machine, &parts.0).bound(),
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner) => of(machine, inner),
        Value::Partial(parts) => {
            let mut found = of(machine, &parts.0);
            let first = parts.1.len().min(found.wanted.len());
            found.wanted.drain(..first);
            found.wanted.retain(|wanted| !parts.2.iter().any(|(name, _)| name == wanted));
            found
        }
        Value::Instance(id) => match machine.state().instances[*id].class {
            Value::Class(class) => match view::own_attribute(machine.state(), class, "__call__") {
                Some(slot) => of(machine, &slot.value).bound(),
                None => Signature::open(),
            },
            _ => Signature::open(),
        },
        _ => Signature::open(),
    }
}

fn of_function(machine: &mut Machine<'_>, id: FnId, depth: u32) -> Signature {
    if depth < 16
        && let Some(Value::Function(inner)) = view::function_attribute(machine.state(), id, "__wrapped__")
    {
        let inner = *inner;
        return of_function(machine, inner, depth + 1);
    }
    if view::function_attribute(machine.state(), id, "__signature__").is_some() {
        return Signature::open();
    }
    let Some(parameters) = machine.signature(id) else { return Signature::open() };
    let unit = machine.state().functions[id].unit;
    let summary = std::sync::Arc::clone(machine.unit(unit).1);
    let mut found = plain(&summary, &parameters);
    let decorators = decorators(machine, id);
    found.open = machine.state().functions[id].opaque && decorators.unknown;
    let kept = found.wanted.len().saturating_sub(decorators.filled_last);
    found.wanted.truncate(kept);
    found.wanted.retain(|wanted| !decorators.filled.contains(wanted));
    found.mocks = decorators.mocks + class_mocks(machine, id);
    let data = &machine.state().functions[id];
    found.is_coroutine = data.is_async && !data.is_generator;
    found
}

fn plain(summary: &Summary, parameters: &[Parameter]) -> Signature {
    let mut found = Signature::default();
    for parameter in parameters {
        let name = Name::new(summary.text(parameter.name));
        match parameter.kind {
            ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly => {
                let list = if parameter.default.is_some() { &mut found.defaults } else { &mut found.wanted };
                list.push(name);
            }
            ParameterKind::PositionalOnly => found.positional_only = true,
            ParameterKind::VarPositional | ParameterKind::VarKeyword => {}
        }
    }
    found
}

/// Arguments that `mock.patch` above the class fills in a test method: it decorates every method whose name starts so.
fn class_mocks(machine: &mut Machine<'_>, id: FnId) -> usize {
    let function = &machine.state().functions[id];
    let Some(class) = function.class.filter(|_| function.name.as_str().starts_with("test")) else { return 0 };
    let data = &machine.state().classes[class];
    if data.decorators.is_empty() {
        return 0;
    }
    let (unit, span, module, owner) = (data.unit, data.span, data.module, ProgramId::MODULE);
    let summary = std::sync::Arc::clone(machine.unit(unit).1);
    let program = summary.program(owner);
    let mut found = Decorators::default();
    program::walk(&program.body, &mut |op| {
        if let OpKind::ClassDef(def) = &op.kind
            && op.span == span
        {
            for decorator in &def.decorators {
                read_decorator(machine, &summary, module, decorator, &mut found);
            }
        }
    });
    found.mocks
}

/// Reads the decorators of a function as written.
pub fn decorators(machine: &mut Machine<'_>, id: FnId) -> Decorators {
    let mut found = Decorators::default();
    let Some(def) = machine.function_def(id) else { return found };
    let function = &machine.state().functions[id];
    let (unit, module) = (function.unit, function.module);
    let summary = std::sync::Arc::clone(machine.unit(unit).1);
    for decorator in &def.decorators {
        read_decorator(machine, &summary, module, decorator, &mut found);
    }
    found
}

fn read_decorator(
    machine: &mut Machine<'_>,
    summary: &Summary,
    module: ModId,
    decorator: &Expr,
    found: &mut Decorators,
) {
    let (callee, call) = match &decorator.kind {
        ExprKind::Call(call) => (&call.function, Some(&**call)),
        _ => (decorator, None),
    };
    let Some(path) = dotted(summary, callee) else {
        found.unknown = true;
        return;
    };
    let full = qualified(machine, module, &path);
    match transparent(&full) {
        Kind::Mock { position } => {
            let Some(call) = call else { return };
            let named =
                |wanted: &str| call.keywords.iter().any(|(key, _)| key.is_some_and(|key| summary.text(key) == wanted));
            if call.arguments.len() <= position && !named("new") {
                found.mocks += 1;
            }
        }
        Kind::Given => {
            let Some(call) = call else { return };
            found.filled_last += call.arguments.len();
            found.filled.extend(call.keywords.iter().filter_map(|(key, _)| Some(Name::new(summary.text((*key)?)))));
        }
        Kind::Keeps => {}
        Kind::Unknown => {
            found.unknown |= !is_followed(machine, module, &path) && !is_context_manager(machine, module, &path);
        }
    }
}

/// What a well-known decorator does to a test function.
enum Kind {
    /// `mock.patch`; `new` is the argument at this position.
    Mock { position: usize },
    /// `hypothesis.given`
    Given,
    /// The function stays what it is for pytest.
    Keeps,
    /// Not known.
    Unknown,
}

/// Packages all of whose decorators leave names and marks as they are.
pub(super) const KEEPERS: &[&str] = &[
    "pytest",
    "_pytest",
    "unittest",
    "hypothesis",
    "functools",
    "contextlib",
    "freezegun",
    "time_machine",
    "responses",
    "respx",
    "httpretty",
    "moto",
    "vcr",
    "flaky",
    "requests_mock",
    "testfixtures",
    "typing",
    "typing_extensions",
    "warnings",
    "builtins",
    "abc",
    "types",
];

fn transparent(full: &str) -> Kind {
    let parts: Vec<_> = full.split('.').collect();
    let (top, last) = (parts[0], parts[parts.len() - 1]);
    let behind_patch = parts.iter().rposition(|part| *part == "patch").map(|at| &parts[at + 1..]);
    let is_mock = matches!(top, "mock" | "patch") || full.starts_with("unittest.mock") || full.contains("mock.patch");
    match (is_mock, behind_patch) {
        (true, Some([])) => return Kind::Mock { position: 1 },
        (true, Some(["object"])) => return Kind::Mock { position: 2 },
        (true, Some(_)) => return Kind::Keeps,
        _ => {}
    }
    if top == "hypothesis" && last == "given" {
        return Kind::Given;
    }
    let django = full.starts_with("django.test") || full.starts_with("django.db");
    if KEEPERS.contains(&top) || django || matches!(last, "asyncio_test" | "gen_test" | "inlineCallbacks") {
        return Kind::Keeps;
    }
    Kind::Unknown
}

/// Whether the machine followed the decorator, so that its result is known: code of the project, evaluated.
fn is_followed(machine: &Machine<'_>, module: ModId, path: &[String]) -> bool {
    let state = machine.state();
    let mut home = module;
    for (at, part) in path.iter().enumerate() {
        let slot = state.slot(state.modules[home].ns, Name::new(part));
        match slot.map(|slot| &slot.value) {
            Some(Value::Module(inner)) if at + 1 < path.len() => home = *inner,
            // Names of objects behind a mark are arguments' business.
            Some(Value::Mark(_) | Value::FixtureDecorator(_)) => return true,
            None if at == 0 && path.len() == 1 => return matches!(part.as_str(), "staticmethod" | "classmethod"),
            _ => return false,
        }
    }
    false
}

/// Whether the decorator is a `contextlib.contextmanager` function: what it decorates keeps its name and marks.
fn is_context_manager(machine: &mut Machine<'_>, module: ModId, path: &[String]) -> bool {
    let state = machine.state();
    let [name] = path else { return false };
    let Some(Value::Function(id)) = state.slot(state.modules[module].ns, Name::new(name)).map(|slot| &slot.value)
    else {
        return false;
    };
    let (id, unit) = (*id, state.functions[*id].unit);
    let Some(def) = machine.function_def(id) else { return false };
    let summary = machine.unit(unit).1;
    def.decorators.iter().any(|decorator| {
        dotted(summary, decorator).is_some_and(|path| {
            path.last().is_some_and(|last| matches!(last.as_str(), "contextmanager" | "asynccontextmanager"))
        })
    })
}

/// `a.b.c` as its parts.
fn dotted(summary: &Summary, expr: &Expr) -> Option<Vec<String>> {
    match &expr.kind {
        ExprKind::Name(name) => Some(vec![summary.text(*name).to_owned()]),
        ExprKind::Attribute { value, name, .. } => {
            let mut parts = dotted(summary, value)?;
            parts.push(summary.text(*name).to_owned());
            Some(parts)
        }
        _ => None,
    }
}

/// The qualified name behind a dotted path of a module.
fn qualified(machine: &Machine<'_>, module: ModId, path: &[String]) -> String {
    let state = machine.state();
    let root = path.first().and_then(|root| state.slot(state.modules[module].ns, Name::new(root)));
    let head = match root.map(|slot| &slot.value) {
        Some(Value::Module(id)) => state.modules[*id].name.to_string(),
        Some(Value::External(name)) => name.to_string(),
        Some(Value::Function(id)) => {
            let function = &state.functions[*id];
            format!("{}.{}", state.modules[function.module].name, function.qualname)
        }
        Some(Value::Class(id)) => {
            let class = &state.classes[*id];
            format!("{}.{}", state.modules[class.module].name, class.qualname)
        }
        _ => return path.join("."),
    };
    let rest = path.get(1..).unwrap_or_default();
    if rest.is_empty() { head } else { format!("{head}.{}", rest.join(".")) }
}
