//! The `builtins` module.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::mistakes;
use crate::machine::outcome::Cause;
use crate::machine::value::{DescriptorKind, Value};
use crate::python::version::PythonVersion;

/// Sorted.
const NAMES: &[&str] = &[
    "__build_class__",
    "__import__",
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "copyright",
    "credits",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "license",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

impl Machine<'_> {
    /// A name of the `builtins` module, if the target has it.
    pub(in crate::machine) fn builtin_name(&self, name: Name) -> Option<Value> {
        self.builtins.borrow_mut().entry(name).or_insert_with(|| self.find_builtin(name)).clone()
    }

    fn find_builtin(&self, name: Name) -> Option<Value> {
        let text = name.as_str();
        match text {
            "NotImplemented" => return Some(Value::NotImplemented),
            "Ellipsis" => return Some(Value::Ellipsis),
            _ => {}
        }
        let since = |minor| self.setup.version >= PythonVersion::three(minor);
        let exists = match text {
            "Ellipsis" => return Some(Value::Ellipsis),
            "aiter" | "anext" | "EncodingWarning" => since(10),
            "ExceptionGroup" | "BaseExceptionGroup" => since(11),
            "PythonFinalizationError" => since(13),
            "IOError" | "EnvironmentError" => true,
            "WindowsError" => self.setup.platform == crate::python::version::Platform::Win32,
            _ => NAMES.binary_search(&text).is_ok() || !text.contains('.') && crate::python::exceptions::is_known(text),
        };
        exists.then(|| Value::external(&format!("builtins.{text}")))
    }

    pub(super) fn play_builtin(&mut self, request: &Request) -> Played {
        let name = request.name.strip_prefix("builtins.")?;
        let first = request.args.first();
        Some(match name {
            "isinstance" => Ok(self.is_instance(request)),
            "issubclass" => Ok(self.issubclass(request)),
            "hasattr" => self.has_attribute(request),
            "getattr" => self.get_attribute(request),
            "setattr" => Ok(self.set_attribute_by_name(request)),
            "delattr" => Ok(Value::None),
            "globals" => Ok(self.module_names()),
            "locals" | "vars" => Ok(self.local_names(first)),
            "exec" | "eval" => self.run_text(request),
            "super" => Ok(self.make_super(request)),
            "staticmethod" => Ok(describe(DescriptorKind::Static, first)),
            "classmethod" => Ok(describe(DescriptorKind::Class, first)),
            "property" => Ok(self.make_property(request)),
            "property.setter" => Ok(self.property_setter(request)),
            "type" => Ok(self.make_type(request)),
            "callable" => Ok(first.map_or(Value::Unknown, callable)),
            "len" => self.refuse(first.and_then(|value| self.refused_length(value))).map(|()| self.length(first)),
            "bool" => Ok(match first {
                None => Value::Bool(false),
                Some(value) => self.truth(value).map_or(Value::Unknown, Value::Bool),
            }),
            "str" => Ok(match first {
                None => Value::str(""),
                Some(value) if request.args.len() == 1 => {
                    self.to_str(value).map_or(Value::external("builtins.str()"), |text| Value::str(&text))
                }
                Some(_) => Value::Unknown,
            }),
            "repr" => Ok(first.and_then(|value| self.repr(value)).map_or(Value::Unknown, |text| Value::str(&text))),
            "int" => {
                let refused = first.and_then(|value| mistakes::int(self.setup.version, value));
                self.refuse(refused.filter(|_| request.args.len() == 1)).and_then(|()| self.make_int(request))
            }
            "float" => self.refuse(first.and_then(mistakes::float)).map(|()| match first {
                Some(Value::Float(value)) => Value::Float(*value),
                Some(Value::Int(value)) => Value::Float(*value as f64),
                Some(Value::Str(text)) => text.trim().parse().map_or(Value::Unknown, Value::Float),
                _ => Value::Unknown,
            }),
            "list" | "tuple" | "set" | "sorted" => self.make_sequence(name, request),
            "frozenset" | "reversed" => self.make_sequence(name, request).map(|value| self.disguised(value)),
            "dict" => self.make_dict(request),
            "range" => Ok(self.make_range(request)).map(|value| self.disguised(value)),
            "enumerate" => self.make_enumerate(request).map(|value| self.disguised(value)),
            "zip" => self.make_zip(request).map(|value| self.disguised(value)),
            "map" => self.make_map(request).map(|value| self.disguised(value)),
            "filter" => {
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
            "any" | "all" => self.any_all(name == "all", first),
            "iter" if request.is_written_empty() => {
                let nothing = self.state.list(Vec::new());
                self.state.mark_generator(&nothing);
                Ok(nothing)
            }
            "sum" | "min" | "max" | "abs" | "round" | "pow" | "divmod" | "hash" | "id" | "iter" | "next" | "format"
            | "ord" | "chr" | "hex" | "oct" | "bin" | "ascii" | "memoryview" | "bytes" | "bytearray" | "complex"
            | "compile" | "dir" | "help" | "aiter" | "anext" => {
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
            "slice" => Ok(make_slice(request)),
            "object" => {
                let instance = self.instance(Value::external("builtins.object"), Vec::new(), Vec::new());
                Ok(instance)
            }
            "print" => Ok(Value::None),
            "exit" | "quit" => Err(self.exits(request)),
            "input" => {
                let text = "pytest: reading from stdin while output is captured!  Consider using `-s`.";
                Err(self.throw("OSError", Some(text.to_owned()), Cause::Blocking(Name::new("stdin.input"))))
            }
            "__import__" => self.import_builtin(request),
            "open" => self.open_file(request),
            _ => return None,
        })
    }

    /// `@name.setter`: the property stays what it is, and can be set from now on.
    fn property_setter(&mut self, request: &Request) -> Value {
        let property = request.args.first().cloned().unwrap_or(Value::Unknown);
        if let Value::Descriptor(_, inner) = &property {
            self.note_settable(inner);
        }
        property
    }

    /// `property(getter, setter)`
    fn make_property(&mut self, request: &Request) -> Value {
        let getter = request.argument(0, "fget");
        if request.args.len() > 1 || request.kwargs.len() > usize::from(request.args.is_empty()) || !request.complete {
            getter.into_iter().for_each(|getter| self.note_settable(getter));
        }
        describe(DescriptorKind::Property, getter)
    }

    fn note_settable(&mut self, getter: &Value) {
        if let Value::Function(function) = getter {
            self.settable.insert(*function);
        }
    }

    /// `sys.exit(x)` and its kin: SystemExit.
    pub(super) fn exits(&mut self, request: &Request) -> Box<crate::machine::log::Throw> {
        let message = match request.args.first() {
            // `sys.exit` makes the exception without arguments; those of `site` hand their default on.
            None if request.name == "sys.exit" => Some(String::new()),
            None => Some("None".to_owned()),
            Some(value) => self.to_str(value),
        };
        self.throw("SystemExit", message, Cause::Exit(Name::new(request.name)))
    }

    /// The value, whose class is another one.
    pub(super) fn disguised(&mut self, value: Value) -> Value {
        self.state.disguise(&value);
        value
    }

    fn is_instance(&mut self, request: &Request) -> Value {
        let (Some(value), Some(class)) = (request.args.first(), request.args.get(1)) else { return Value::Unknown };
        if let Value::Tuple(classes) = class {
            let mut unknown = false;
            for class in classes.iter() {
                match self.instance_of(value, class) {
                    Some(true) => return Value::Bool(true),
                    Some(false) => {}
                    None => unknown = true,
                }
            }
            return if unknown { Value::Unknown } else { Value::Bool(false) };
        }
        self.instance_of(value, class).map_or(Value::Unknown, Value::Bool)
    }

    fn instance_of(&mut self, value: &Value, class: &Value) -> Option<bool> {
        if self.state.is_disguised(value) {
            let text = matches!(class, Value::External(name) if matches!(name.as_str(), "builtins.str" | "builtins.bytes" | "builtins.int" | "builtins.float"));
            return text.then_some(false);
        }
        if let (Some(own), Value::External(name)) = (super::type_of(value), class)
            && let Some(wanted) = name.as_str().strip_prefix("builtins.")
            && own != "method"
        {
            return Some(own == wanted || wanted == "object" || own == "bool" && wanted == "int");
        }
        match (value, class) {
            (Value::Ellipsis | Value::Partial(_), Value::External(name))
                if matches!(name.as_str(), "builtins.int" | "builtins.str" | "builtins.list" | "builtins.tuple") =>
            {
                Some(false)
            }
            (Value::Instance(instance), _) => {
                let own = self.state.instances[*instance].class.clone();
                self.is_subclass(&own, class)
            }
            (Value::None, Value::External(name)) if name.as_str().starts_with("builtins.") => {
                Some(name.as_str() == "builtins.object")
            }
            (Value::Class(own), Value::External(name)) if name.as_str() == "builtins.type" => {
                let _ = own;
                Some(true)
            }
            (Value::Function(_) | Value::Module(_), Value::External(name))
                if matches!(
                    name.as_str(),
                    "builtins.str"
                        | "builtins.int"
                        | "builtins.type"
                        | "builtins.list"
                        | "builtins.tuple"
                        | "builtins.dict"
                ) =>
            {
                Some(false)
            }
            _ => None,
        }
    }

    fn issubclass(&mut self, request: &Request) -> Value {
        let (Some(class), Some(other)) = (request.args.first(), request.args.get(1)) else { return Value::Unknown };
        self.is_caught_by(class, other).map_or(Value::Unknown, Value::Bool)
    }

    fn has_attribute(&mut self, request: &Request) -> Eval {
        let (Some(value), Some(name)) = (request.args.first(), request.args.get(1).and_then(Value::as_str)) else {
            return Ok(Value::Unknown);
        };
        let name = Name::new(name);
        Ok(match value {
            Value::Module(module) => match self.module_attribute(*module, name) {
                Ok(Found::Yes(_)) => Value::Bool(true),
                Ok(Found::No) if !self.may_appear(*module, name) => Value::Bool(false),
                Ok(_) => Value::Unknown,
                Err(throw) if throw.raised.class.as_str() == "AttributeError" => Value::Bool(false),
                Err(throw) => return Err(throw),
            },
            Value::Class(class) => match self.class_lookup(*class, name).0 {
                Found::Yes(_) => Value::Bool(true),
                Found::No => Value::Bool(false),
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        })
    }

    fn get_attribute(&mut self, request: &Request) -> Eval {
        let (Some(value), Some(name)) = (request.args.first(), request.args.get(1)) else { return Ok(Value::Unknown) };
        let Some(name) = name.as_str() else {
            self.may_raise(May::Attribute);
            return Ok(Value::Unknown);
        };
        let Some(default) = request.args.get(2) else { return self.attribute(value, Name::new(name)) };
        self.tries.push(Vec::new());
        let result = self.attribute(value, Name::new(name));
        let possible = self.tries.pop().unwrap_or_default();
        match result {
            Ok(found)
                if possible.is_empty()
                    && !found.is_unknown()
                    && (!matches!(found, Value::External(_)) || self.is_stdlib_module(value)) =>
            {
                Ok(found)
            }
            Ok(_) => Ok(Value::Unknown),
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => Ok(default.clone()),
            Err(throw) => Err(throw),
        }
    }

    /// A module of the library whose names are known to the last one.
    fn is_stdlib_module(&self, value: &Value) -> bool {
        match value {
            Value::Module(module) => {
                matches!(self.state.modules[*module].location, crate::python::location::Location::Stdlib(_))
            }
            _ => false,
        }
    }

    fn set_attribute_by_name(&mut self, request: &Request) -> Value {
        let (Some(object), Some(name)) = (request.args.first(), request.args.get(1)) else { return Value::Unknown };
        match (name.as_str(), object) {
            (Some(name), _) => {
                let value = request.args.get(2).cloned().unwrap_or(Value::Unknown);
                self.set_attribute(object, Name::new(name), value);
            }
            (None, Value::Module(module)) => {
                let ns = self.state.modules[*module].ns;
                self.state.open(ns, "setattr binds names that cannot be told");
            }
            (None, Value::Class(class)) => self.state.classes[*class].open = true,
            (None, Value::Instance(instance)) => {
                let ns = self.state.instances[*instance].ns;
                self.state.open(ns, "setattr binds names that cannot be told");
            }
            // An unknown object may be any module, this one too.
            _ => {}
        }
        Value::None
    }

    fn module_names(&self) -> Value {
        self.frames.last().map_or(Value::Unknown, |frame| Value::NamespaceDict(self.state.modules[frame.module].ns))
    }

    fn local_names(&mut self, object: Option<&Value>) -> Value {
        match object {
            None => self.frames.last().map_or(Value::Unknown, |frame| self.state.hand_out(frame.ns)),
            Some(Value::Module(module)) => Value::NamespaceDict(self.state.modules[*module].ns),
            Some(Value::Class(class)) => Value::NamespaceDict(self.state.classes[*class].ns),
            Some(Value::Instance(instance)) => Value::NamespaceDict(self.state.instances[*instance].ns),
            Some(_) => Value::Unknown,
        }
    }

    fn make_super(&self, request: &Request) -> Value {
        if let (Some(Value::Class(class)), Some(object)) = (request.args.first(), request.args.get(1)) {
            return Value::Super(*class, Arc::new(object.clone()));
        }
        let frame = self.frames.iter().rev().find(|frame| !frame.is_comprehension);
        let Some(frame) = frame else { return Value::Unknown };
        let class = frame.function.and_then(|function| self.state.functions[function].class);
        match (class, &frame.first) {
            (Some(class), Some(first)) => Value::Super(class, Arc::new(first.clone())),
            _ => Value::Unknown,
        }
    }

    fn make_type(&mut self, request: &Request) -> Value {
        match request.args {
            [Value::Instance(instance)] => self.state.instances[*instance].class.clone(),
            [Value::Class(_)] => Value::Unknown,
            [value] if self.state.is_disguised(value) => Value::Unknown,
            [value] => super::type_of(value)
                .filter(|kind| *kind != "method")
                .map_or(Value::Unknown, |kind| Value::external(&format!("builtins.{kind}"))),
            [Value::Str(name), Value::Tuple(bases), Value::Dict(namespace)] => {
                let ns = self.state.new_ns();
                let object = self.state.object(*namespace).clone();
                for (key, value) in object.items.iter().zip(object.values) {
                    if let Some(key) = key.as_str() {
                        self.state.bind(ns, Name::new(key), value);
                    }
                }
                let span = self.frames.last().map(|frame| frame.span).unwrap_or_default();
                match self.make_class(Name::new(name), span, bases.to_vec(), None, ns, !object.exact) {
                    Ok(class) => Value::Class(class),
                    Err(_) => Value::Unknown,
                }
            }
            _ => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }
    }

    fn length(&mut self, value: Option<&Value>) -> Value {
        match value {
            Some(Value::Str(text)) => Value::Int(i64::try_from(text.chars().count()).unwrap_or(0)),
            Some(value) => match self.elements(value) {
                Some((items, true)) => Value::Int(i64::try_from(items.len()).unwrap_or(0)),
                _ => Value::Unknown,
            },
            None => Value::Unknown,
        }
    }

    fn make_int(&mut self, request: &Request) -> Eval {
        let text = match request.args {
            [] => return Ok(Value::Int(0)),
            [Value::Int(value)] => return Ok(Value::Int(*value)),
            [Value::Bool(value)] => return Ok(Value::Int(i64::from(*value))),
            [Value::Float(value)] if value.is_finite() && value.abs() < 1e15 => return Ok(Value::Int(*value as i64)),
            [Value::Str(text)] => text,
            [Value::None] => {
                let number = if self.setup.version >= PythonVersion::three(10) { "real number" } else { "number" };
                let text =
                    format!("int() argument must be a string, a bytes-like object or a {number}, not 'NoneType'");
                return self.fails("TypeError", text);
            }
            _ => {
                self.may_raise(May::Anything);
                return Ok(Value::Unknown);
            }
        };
        let plain = text.trim().replace('_', "");
        match plain.parse() {
            Ok(value) => Ok(Value::Int(value)),
            Err(_) if plain.chars().all(|c| c.is_ascii_digit()) && !plain.is_empty() => Ok(Value::Unknown),
            Err(_) => {
                let shown = self.repr(&Value::Str(Arc::clone(text))).unwrap_or_default();
                self.fails("ValueError", format!("invalid literal for int() with base 10: {shown}"))
            }
        }
    }

    fn make_sequence(&mut self, kind: &str, request: &Request) -> Eval {
        let (mut items, exact) = match request.args.first() {
            None => (Vec::new(), true),
            Some(value) => match self.iterate(value)? {
                Some(items) => (items, true),
                None => (self.elements(value).map(|(items, _)| items).unwrap_or_default(), false),
            },
        };
        match kind {
            "tuple" if exact => return Ok(Value::tuple(items)),
            "tuple" => return Ok(Value::Unknown),
            "set" | "frozenset" => return Ok(self.new_set(items, exact)),
            "reversed" => items.reverse(),
            "sorted" => {
                let sortable = request.kwargs.is_empty()
                    && (items.iter().all(|item| matches!(item, Value::Str(_)))
                        || items.iter().all(|item| matches!(item, Value::Int(_))));
                if !exact || !sortable {
                    let items = vec![Value::Unknown; items.len()];
                    return Ok(Value::List(self.state.new_object(items, Vec::new(), exact)));
                }
                items.sort_by(|a, b| match (a, b) {
                    (Value::Str(a), Value::Str(b)) => a.cmp(b),
                    (Value::Int(a), Value::Int(b)) => a.cmp(b),
                    _ => std::cmp::Ordering::Equal,
                });
            }
            _ => {}
        }
        Ok(Value::List(self.state.new_object(items, Vec::new(), exact)))
    }

    fn make_dict(&mut self, request: &Request) -> Eval {
        let dict = self.state.new_object(Vec::new(), Vec::new(), request.complete);
        match request.args.first() {
            None => {}
            Some(other @ Value::Dict(_)) => self.update(dict, other),
            Some(other) => {
                let pairs = self.iterate(other)?;
                let pairs: Option<Vec<_>> = pairs.and_then(|pairs| {
                    pairs
                        .iter()
                        .map(|pair| self.sequence(pair).filter(|(items, exact)| *exact && items.len() == 2))
                        .collect()
                });
                match pairs {
                    Some(pairs) => {
                        for (pair, _) in pairs {
                            self.set_item(&Value::Dict(dict), &pair[0], pair[1].clone());
                        }
                    }
                    None => self.state.change(dict, |dict| dict.exact = false),
                }
            }
        }
        for (name, value) in request.kwargs {
            self.set_item(&Value::Dict(dict), &Value::str(name.as_str()), value.clone());
        }
        Ok(Value::Dict(dict))
    }

    fn make_range(&mut self, request: &Request) -> Value {
        let numbers: Option<Vec<i64>> =
            request.args.iter().map(|value| if let Value::Int(value) = value { Some(*value) } else { None }).collect();
        let (start, stop, step) = match numbers.as_deref() {
            Some([stop]) => (0, *stop, 1),
            Some([start, stop]) => (*start, *stop, 1),
            Some([start, stop, step]) if *step != 0 => (*start, *stop, *step),
            _ => return Value::Unknown,
        };
        let mut items = Vec::new();
        let mut at = start;
        while (step > 0 && at < stop) || (step < 0 && at > stop) {
            if items.len() >= 20_000 {
                return Value::Unknown;
            }
            items.push(Value::Int(at));
            at = at.saturating_add(step);
        }
        self.state.list(items)
    }

    fn make_enumerate(&mut self, request: &Request) -> Eval {
        let Some(value) = request.args.first() else { return Ok(Value::Unknown) };
        let start = match request.argument(1, "start") {
            None => 0,
            Some(Value::Int(start)) => *start,
            Some(_) => return Ok(Value::Unknown),
        };
        let Some(items) = self.iterate(value)? else { return Ok(Value::Unknown) };
        let pairs = items.into_iter().zip(start..).map(|(item, at)| Value::tuple(vec![Value::Int(at), item])).collect();
        Ok(self.state.list(pairs))
    }

    fn make_zip(&mut self, request: &Request) -> Eval {
        let mut columns = Vec::new();
        for value in request.args {
            match self.iterate(value)? {
                Some(items) => columns.push(items),
                // An iterator all the same.
                None => return Ok(Value::List(self.state.new_object(Vec::new(), Vec::new(), false))),
            }
        }
        if !request.complete {
            return Ok(Value::List(self.state.new_object(Vec::new(), Vec::new(), false)));
        }
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        let rows =
            (0..rows).map(|at| Value::tuple(columns.iter().map(|column| column[at].clone()).collect())).collect();
        Ok(self.state.list(rows))
    }

    fn make_map(&mut self, request: &Request) -> Eval {
        let (Some(function), [_, source]) = (request.args.first(), request.args) else {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let pure = matches!(function, Value::External(name) if matches!(name.as_str(), "builtins.str" | "builtins.int" | "builtins.float" | "builtins.repr"));
        let Some(items) = self.iterate(source)?.filter(|_| pure) else {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let mut mapped = Vec::with_capacity(items.len());
        for item in items {
            // map is lazy: what goes wrong is seen where it is iterated, which is nearly always at once.
            mapped.push(self.call(function, vec![item], Vec::new())?);
        }
        Ok(self.state.list(mapped))
    }

    fn any_all(&mut self, all: bool, value: Option<&Value>) -> Eval {
        let Some(value) = value else { return Ok(Value::Unknown) };
        let Some(items) = self.iterate(value)? else { return Ok(Value::Unknown) };
        let mut unknown = false;
        for item in &items {
            match self.truth(item) {
                Some(truth) if truth != all => return Ok(Value::Bool(!all)),
                Some(_) => {}
                None => unknown = true,
            }
        }
        Ok(if unknown { Value::Unknown } else { Value::Bool(all) })
    }
}

/// The same as `a[lower:upper:step]` hands over.
fn make_slice(request: &Request) -> Value {
    let parts = match request.args {
        _ if !request.complete => return Value::Unknown,
        [stop] => vec![Value::None, stop.clone(), Value::None],
        [start, stop] => vec![start.clone(), stop.clone(), Value::None],
        [_, _, _] => request.args.to_vec(),
        _ => return Value::Unknown,
    };
    Value::Partial(Arc::new((Value::external("builtins.slice"), parts, Vec::new())))
}

fn describe(kind: DescriptorKind, inner: Option<&Value>) -> Value {
    inner.map_or(Value::Unknown, |inner| Value::Descriptor(kind, Arc::new(inner.clone())))
}

fn callable(value: &Value) -> Value {
    match value {
        Value::Function(_) | Value::Class(_) | Value::Method(_) => Value::Bool(true),
        Value::None
        | Value::Str(_)
        | Value::Int(_)
        | Value::Bool(_)
        | Value::Tuple(_)
        | Value::List(_)
        | Value::Dict(_)
        | Value::Module(_) => Value::Bool(false),
        _ => Value::Unknown,
    }
}
