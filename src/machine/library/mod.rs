//! Library models: what no reading of sources can give. Each file plays one part; this one finds the player.

mod builtins;
mod configuration;
mod containers;
mod directories;
mod django;
mod dtypes;
mod effects;
mod executing;
mod files;
mod foreign;
mod foreign_members;
mod foreign_texts;
mod functions;
mod importing;
mod inspecting;
mod marks;
mod metafunc;
mod paths;
mod process;
mod pytest;
mod refusals;
mod results;
mod sqlalchemy;
mod texts;
mod tools;
mod traits;
mod warnings;

pub use django::SETTINGS_VARIABLE as DJANGO_SETTINGS;
pub(super) use effects::is_waited_for;
pub use effects::{Waits, is_muting_fixture};
pub(super) use files::OPEN_FILE;
pub use marks::KnownMarks;
pub use metafunc::Metafunc;
pub use warnings::{FilterLine, RefusedFilter};

use super::Machine;
use super::attribute::Found;
use super::call::Site;
use super::log::{Eval, May, ThrowKind};
use super::outcome::Cause;
use super::value::{Keywords, Value};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::python::stdlib::Occasion;
use crate::python::{exceptions, types};
use crate::summary::program::ExprKind;

/// What a model has to say: none if it does not play that name.
type Played = Option<Eval>;

/// A call as models see it.
pub(super) struct Request<'a> {
    /// Qualified name of the callee.
    name: &'a str,
    args: &'a [Value],
    kwargs: &'a [(Name, Value)],
    /// Whether starred arguments hide nothing.
    complete: bool,
    site: Site<'a>,
}

impl Request<'_> {
    /// An argument by position or keyword.
    fn argument(&self, position: usize, keyword: &str) -> Option<&Value> {
        self.args.get(position).or_else(|| self.keyword(keyword))
    }

    fn keyword(&self, keyword: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(name, _)| name.as_str() == keyword).map(|(_, value)| value)
    }

    /// Whether the only argument is an empty display, which nobody else holds.
    fn is_written_empty(&self) -> bool {
        let Some((_, call)) = self.site else { return false };
        match call.arguments.as_slice() {
            [only] => match &only.kind {
                ExprKind::List(items) | ExprKind::Tuple(items) => items.is_empty(),
                ExprKind::Str(_) => matches!(self.args, [Value::Str(text)] if text.is_empty()),
                _ => false,
            },
            _ => false,
        }
    }
}

impl Machine<'_> {
    /// A call of an object that no source we execute made.
    pub(super) fn call_external(
        &mut self,
        name: Name,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        self.runs_unseen |= !runs_nothing(name.as_str()) && self.hands_code(&args, &kwargs);
        self.asked_outside += u64::from(asks_outside(name.as_str()));
        if let Some(result) = self.play_tasks(name, &args, &kwargs) {
            return result;
        }
        if let Some(result) = self.play_patches(name, &args) {
            return result;
        }
        self.note_key(name.as_str(), &args, &kwargs)?;
        if let Some(result) = self.call_model(name, &args, &kwargs, complete, site) {
            return result;
        }
        if crate::python::foreign::covers(name.as_str())
            && let Some(value) = self.call_foreign(name.as_str(), &args, &kwargs)
        {
            return Ok(value);
        }
        self.note_effect(name, &args, &kwargs)?;
        self.library_warns(Occasion::Call, name.as_str())?;
        if let Some(made) = self.made_by(name, &args, &kwargs) {
            if !made.is_pending() {
                self.may_raise(May::Anything);
            }
            return Ok(made);
        }
        if let Some(made) = self.library_result(name.as_str()) {
            self.may_raise(May::Anything);
            return Ok(made);
        }
        let exception = exceptions::is_known(name.as_str()) || self.library_bases(name.as_str()).is_some();
        if exception {
            return Ok(self.instance(Value::External(name), args, kwargs));
        }
        let may_raise = !comes_back(name.as_str());
        if self.is_library_class(name) {
            if may_raise {
                self.may_raise(May::Anything);
            }
            return Ok(self.instance(Value::External(name), args, kwargs));
        }
        if let Some(made) = self.made_receiver(name, &args, &kwargs) {
            if may_raise {
                self.unknown_call(&args, &kwargs);
            }
            return Ok(made);
        }
        if !may_raise {
            return Ok(Value::Unknown);
        }
        self.may_raise(May::Anything);
        if let Some((module, _)) = name.as_str().split_once('.')
            && self.stdlib_module(module)
        {
            self.escape_instances(&args);
            return Ok(Value::Unknown);
        }
        Ok(self.unknown_call(&args, &kwargs))
    }

    /// A call of a name that some model plays.
    pub(super) fn call_model(
        &mut self,
        name: Name,
        args: &[Value],
        kwargs: &[(Name, Value)],
        complete: bool,
        site: Site,
    ) -> Option<Eval> {
        let request = Request { name: name.as_str(), args, kwargs, complete, site };
        if let Some((class, message)) = self.refused_call(&request)
            && let Err(throw) = self.fails(class, message)
        {
            return Some(Err(throw));
        }
        if let Some(value) = self.play_attrs(name.as_str(), args, kwargs) {
            return Some(Ok(value));
        }
        self.play_functions(&request)
            .or_else(|| self.play_builtin(&request))
            .or_else(|| self.play_container(&request))
            .or_else(|| self.play_process(&request))
            .or_else(|| self.play_importing(&request))
            .or_else(|| self.play_directories(&request))
            .or_else(|| self.play_files(&request))
            .or_else(|| self.play_paths(&request))
            .or_else(|| self.play_warnings(&request))
            .or_else(|| self.play_inspecting(&request))
            .or_else(|| self.play_tools(&request))
            .or_else(|| self.play_metafunc(&request))
            .or_else(|| self.play_configuration(&request))
            .or_else(|| self.play_pytest(&request))
            .or_else(|| self.play_django(&request))
            .or_else(|| self.play_sqlalchemy(&request))
            .or_else(|| self.play_traits(&request))
    }

    /// Whether a call of the library makes an instance whose class is worth remembering.
    fn is_library_class(&self, name: Name) -> bool {
        let text = name.as_str();
        let last = text.rsplit('.').next().unwrap_or(text);
        let module = text.split('.').next().unwrap_or(text);
        if text.starts_with("enum.") || text.starts_with("builtins.") {
            return false;
        }
        if let Some(class) = self.library_class(text) {
            return class;
        }
        last.starts_with(|c: char| c.is_ascii_uppercase()) && self.stdlib_module(module) && !text.ends_with("()")
    }

    /// The process ends without any exception.
    fn process_dies(&mut self, callee: &str) -> Eval {
        let mut throw = self.throw("SystemExit", None, Cause::Exit(Name::new(callee)));
        throw.kind = ThrowKind::Dead;
        Err(throw)
    }

    // ---- attributes ----

    /// An attribute of an external object is an external object.
    pub(super) fn read_external(&mut self, owner: Name, name: Name) -> Value {
        let full = format!("{owner}.{name}");
        if let Some(value) = self.library_constant(&full).or_else(|| self.pytest_attribute(owner.as_str(), name)) {
            return value;
        }
        if crate::python::foreign::covers(owner.as_str())
            && let Some(value) = self.foreign_class_member(owner, name)
        {
            return value;
        }
        if matches!(name.as_str(), "__name__" | "__qualname__")
            && let Some(known) = self.name_of_external(owner)
        {
            return Value::str(&known);
        }
        if owner.as_str().ends_with("()") {
            self.may_raise(May::Attribute);
            return Value::Unknown;
        }
        Value::external(&full)
    }

    /// `__name__` of a class or function that is known by its full name.
    fn name_of_external(&self, full: Name) -> Option<String> {
        if let Some(name) = self.state.foreign_name(full) {
            return Some(name.to_owned());
        }
        let (owner, last) = full.as_str().rsplit_once('.')?;
        let known = match owner {
            "builtins" => {
                !matches!(
                    last,
                    "Ellipsis" | "NotImplemented" | "copyright" | "credits" | "exit" | "quit" | "help" | "license"
                ) && self.builtin_name(Name::new(last)).is_some()
            }
            _ => {
                self.library_definition(full.as_str())
                    || !last.ends_with(')') && crate::python::foreign::is_plain_class(full.as_str())
            }
        };
        known.then(|| last.to_owned())
    }

    /// An attribute of a value of a builtin type.
    pub(super) fn library_attribute(&mut self, value: &Value, name: Name) -> Eval {
        let text = name.as_str();
        if let (Value::Param(_) | Value::Mark(_), "__class__") = (value, text) {
            return Ok(Value::Unknown);
        }
        if let (Value::Param(param), "values") = (value, text) {
            return Ok(Value::tuple(param.values.clone()));
        }
        if let (Value::Param(param), "marks") = (value, text) {
            return Ok(match &param.marks {
                None => Value::tuple(Vec::new()),
                Some(mark @ Value::Mark(_)) => Value::tuple(vec![mark.clone()]),
                Some(marks) => marks.clone(),
            });
        }
        if let Value::Path(path) = value {
            return Ok(self.path_attribute(path, name));
        }
        if let Value::Mark(mark) = value {
            return Ok(match text {
                "name" => Value::str(mark.name.as_str()),
                "args" => Value::tuple(mark.args.clone()),
                _ => Value::Method(std::sync::Arc::new((
                    Value::external(&format!("pytest.MarkDecorator.{text}")),
                    value.clone(),
                ))),
            });
        }
        if let Value::Partial(frame) = value
            && frame.0 == Value::external("types.FrameType")
        {
            return Ok(match text {
                "f_globals" => frame.1[0].clone(),
                "f_locals" => frame.1[1].clone(),
                "f_back" => match frame.1[2] {
                    Value::Int(depth) => {
                        self.call(&Value::external("sys._getframe"), vec![Value::Int(depth + 1)], Vec::new())?
                    }
                    _ => Value::Unknown,
                },
                _ => Value::Unknown,
            });
        }
        let Some(kind) = type_of(value) else {
            self.may_raise(May::Attribute);
            return Ok(Value::Unknown);
        };
        if kind == "method" {
            let Value::Method(method) = value else { return Ok(Value::Unknown) };
            return match text {
                "__self__" => Ok(method.1.clone()),
                "__func__" => Ok(method.0.clone()),
                _ => {
                    let inner = method.0.clone();
                    if matches!(inner, Value::Function(_)) { self.attribute(&inner, name) } else { Ok(Value::Unknown) }
                }
            };
        }
        if kind == "property" && matches!(text, "setter" | "getter" | "deleter") {
            return Ok(Value::Method(std::sync::Arc::new((
                Value::external("builtins.property.setter"),
                value.clone(),
            ))));
        }
        let plain = matches!(kind, "bool" | "bytes" | "dict" | "float" | "int" | "list" | "set" | "str");
        if plain && types::surely_lacks(kind, text, self.setup.version) {
            // A view or an iterator is shown as a list.
            if self.state.is_disguised(value) {
                return Ok(Value::Unknown);
            }
            return self.fails("AttributeError", format!("'{kind}' object has no attribute '{text}'"));
        }
        Ok(Value::Method(std::sync::Arc::new((Value::external(&format!("builtins.{kind}.{text}")), value.clone()))))
    }

    /// Whether a name stands for something that a `def`, `class` or module statement made, which is never None.
    pub(super) fn is_definition(&self, name: Name) -> bool {
        name.as_str().starts_with("builtins.")
    }

    // ---- containers with a meaning ----

    pub(super) fn external_contains(&mut self, name: Name, key: &str) -> Option<bool> {
        match name.as_str() {
            "sys.modules" => self.knows_module(key),
            "os.environ" => self.variable(key).map(|value| value.is_some()),
            "sys.builtin_module_names" => Some(self.is_builtin(key)),
            _ => None,
        }
    }

    pub(super) fn external_item(&mut self, name: Name, index: &Value) -> Eval {
        match (name.as_str(), index) {
            ("sys.modules", Value::Str(key)) => self.module_item(key),
            ("os.environ", Value::Str(key)) => self.environ_item(key),
            ("sys.version_info", _) => {
                let tuple = Value::tuple(self.version_info());
                self.item(&tuple, index)
            }
            _ => self.subscript_external(name),
        }
    }

    pub(super) fn set_external_item(&mut self, name: Name, index: &Value, value: Value) {
        match (name.as_str(), index) {
            ("sys.modules", Value::Str(key)) => {
                self.note_planted(Name::new(key));
                self.state.set_loaded(Name::new(key), Some(value));
            }
            // Under which names is not known: a package lends its own to modules of another.
            ("sys.modules", _) if self.frames.last().is_some_and(|frame| !self.units[frame.unit].is_project) => {
                self.note_hook();
            }
            ("os.environ", Value::Str(key)) => self.state.set_variable(Name::new(key), value),
            _ => {}
        }
    }

    pub(super) fn delete_external_item(&mut self, name: Name, index: &Value) -> Eval<()> {
        match (name.as_str(), index) {
            ("sys.modules", Value::Str(key)) => {
                match self.knows_module(key) {
                    Some(true) => {}
                    Some(false) => return Err(self.error("KeyError", format!("'{key}'"))),
                    None => self.may_raise(May::Anything),
                }
                self.state.set_loaded(Name::new(key), None);
            }
            ("os.environ", Value::Str(key)) => {
                if self.variable(key) == Some(None) {
                    return Err(self.error("KeyError", format!("'{key}'")));
                }
                self.state.set_variable(Name::new(key), Value::None);
            }
            _ => self.may_raise(May::Anything),
        }
        Ok(())
    }

    // ---- with ----

    /// `__enter__`
    pub(super) fn enter_context(&mut self, manager: &Value) -> Eval {
        if let Value::Instance(instance) = manager
            && let Value::Class(class) = self.state.instances[*instance].class
            && let Found::Yes(function @ Value::Function(_)) = self.class_lookup(class, Name::new("__enter__")).0
        {
            let entered = self.call(&function, vec![manager.clone()], Vec::new())?;
            let known = self.receiver_of(manager);
            return Ok(if entered.is_unknown() && known { manager.clone() } else { entered });
        }
        if self.is_open_file(manager) {
            return Ok(manager.clone());
        }
        Ok(self.enter_library(manager)?.unwrap_or(Value::Unknown))
    }

    /// `__exit__` after a body that came to its end.
    pub(super) fn leave_context(&mut self, manager: &Value) -> Eval<()> {
        self.leave_wait(manager)?;
        let Value::Instance(instance) = manager else { return Ok(()) };
        let Value::Class(class) = self.state.instances[*instance].class else { return Ok(()) };
        let Found::Yes(Value::Function(exit)) = self.class_lookup(class, Name::new("__exit__")).0 else {
            return Ok(());
        };
        if self.units[self.state.functions[exit].unit].is_project {
            let args = vec![manager.clone(), Value::None, Value::None, Value::None];
            self.call(&Value::Function(exit), args, Vec::new())?;
        }
        Ok(())
    }

    /// The classes that `contextlib.suppress` and `pytest.raises` swallow.
    pub(super) fn suppressed_classes(&self, manager: &Value) -> Option<Value> {
        let Value::Instance(instance) = manager else { return None };
        let data = &self.state.instances[*instance];
        let Value::External(class) = data.class else { return None };
        match class.as_str() {
            "contextlib.suppress" => Some(Value::tuple(data.args.clone())),
            "pytest.raises" => Some(Value::tuple(data.args.iter().take(1).cloned().collect())),
            _ => None,
        }
    }

    /// Whether a context manager is known to let exceptions through.
    pub(super) fn is_transparent(&self, manager: &Value) -> bool {
        let Value::Instance(instance) = manager else { return false };
        let Value::External(class) = self.state.instances[*instance].class else { return false };
        class.as_str().starts_with("warnings.")
            || class.as_str().starts_with("pytest.")
            || class.as_str().starts_with("tempfile.")
            || class.as_str().starts_with("threading.")
            || class.as_str().starts_with("unittest.mock.")
    }
}

/// Calls of the library that neither raise nor change anything that is followed.
fn comes_back(name: &str) -> bool {
    matches!(name, "time.sleep" | "socket.socket" | "builtins.print")
        || ["threading.", "queue.", "logging."].iter().any(|home| name.starts_with(home))
}

/// Whether the answer of a call may be another one the next time: files, clocks, peers.
fn asks_outside(name: &str) -> bool {
    let inside = ["builtins.", "logging.", "time.sleep"].iter().any(|home| name.starts_with(home));
    !inside || matches!(name, "builtins.open" | "builtins.input")
}

/// Calls of the library that run nothing of what they are given, or that the machine follows.
fn runs_nothing(name: &str) -> bool {
    let runs = matches!(
        name,
        "builtins.map"
            | "builtins.filter"
            | "builtins.sorted"
            | "builtins.max"
            | "builtins.min"
            | "builtins.exec"
            | "builtins.eval"
    );
    let homes = [
        "builtins.",
        "functools.",
        "dataclasses.",
        "abc.",
        "typing.",
        "enum.",
        "pytest.",
        "contextlib.",
        "sys.",
        "types.",
    ];
    !runs && homes.iter().any(|home| name.starts_with(home))
}

/// The name of a value's builtin type.
pub(super) fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::Complex(..) => "complex",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Tuple(_) => "tuple",
        Value::List(_) => "list",
        Value::Set(_) => "set",
        Value::Dict(_) | Value::NamespaceDict(_) => "dict",
        Value::Method(_) => "method",
        Value::Descriptor(super::value::DescriptorKind::Property, _) => "property",
        _ => return None,
    })
}

/// A result that is certain to be cautious: nothing is played.
pub(super) const LIKELY: Certainty = Certainty::Likely;
