//! Helpers of the standard library that stand between code and its values: `functools`, `abc`, `contextlib`, `typing`,
//! `dataclasses`, `collections`, `unittest`.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::value::{ClassId, DescriptorKind, Value};
use crate::python::version::PythonVersion;

impl Machine<'_> {
    pub(super) fn play_tools(&mut self, request: &Request) -> Played {
        let first = request.args.first();
        Some(Ok(match request.name {
            // Decorators that give back what they get.
            "abc.abstractmethod"
            | "typing.final"
            | "typing.overload"
            | "typing.no_type_check"
            | "typing.override"
            | "typing.runtime_checkable"
            | "functools.total_ordering"
            | "functools.singledispatch"
            | "atexit.register"
            | "typing_extensions.final"
            | "typing_extensions.runtime_checkable"
            | "typing_extensions.override"
            | "typing_extensions.overload"
            | "enum.unique"
            | "functools.singledispatchmethod" => first?.clone(),
            "functools.cache" => first?.clone(),
            "functools.lru_cache" => match first {
                Some(function @ (Value::Function(_) | Value::Class(_) | Value::Method(_))) => function.clone(),
                _ => Value::external("functools.cache"),
            },
            "functools.wraps" | "functools.update_wrapper" if request.name.ends_with("wraps") => {
                Value::Partial(Arc::new((Value::external("functools.wraps()"), request.args.to_vec(), Vec::new())))
            }
            "functools.update_wrapper" => {
                let value = first?.clone();
                if let (Value::Function(_), Some(original)) = (&value, request.args.get(1)) {
                    let wraps = Value::external("functools.wraps()");
                    return self.call_wrapper(&wraps, std::slice::from_ref(original), std::slice::from_ref(&value));
                }
                if let Value::Instance(instance) = value {
                    let ns = self.state.instances[instance].ns;
                    self.state.open(ns, "it takes the attributes of what it wraps");
                }
                value
            }
            "functools.partial" => {
                let (function, rest) = request.args.split_first()?;
                if !request.complete {
                    return None;
                }
                Value::Partial(Arc::new((function.clone(), rest.to_vec(), request.kwargs.to_vec())))
            }
            "functools.cached_property" | "abc.abstractproperty" => {
                Value::Descriptor(DescriptorKind::Property, Arc::new(first?.clone()))
            }
            "typing.cast" => request.args.get(1)?.clone(),
            "typing.NewType" => first.map_or(Value::Unknown, |_| Value::external("typing.NewType()")),
            "typing.TypeVar" | "typing.ParamSpec" | "typing.TypeVarTuple" => Value::Unknown,
            "contextlib.contextmanager" | "contextlib.asynccontextmanager" => {
                if let Some(Value::Function(function)) = first {
                    let project = self.units[self.state.functions[*function].unit].is_project;
                    let function = &mut self.state.functions[*function];
                    function.is_context_manager = project && function.is_generator && !function.is_async;
                    function.opaque = !function.is_context_manager;
                }
                first?.clone()
            }
            "contextlib.suppress"
            | "unittest.mock.patch"
            | "unittest.mock.patch.object"
            | "unittest.mock.MagicMock"
            | "unittest.mock.Mock" => {
                self.instance(Value::external(request.name), request.args.to_vec(), request.kwargs.to_vec())
            }
            "collections.OrderedDict" => {
                let made = self.call(&Value::external("builtins.dict"), request.args.to_vec(), request.kwargs.to_vec());
                return Some(made.map(|value| self.disguised(value)));
            }
            "collections.namedtuple" => return self.make_namedtuple(request),
            "copy.copy" | "copy.deepcopy" => match first? {
                Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Instance(_) => {
                    let value = first?.clone();
                    self.copied(&value)
                }
                other => other.clone(),
            },
            "operator.attrgetter" | "operator.itemgetter" | "operator.methodcaller" => {
                self.instance(Value::external(request.name), request.args.to_vec(), request.kwargs.to_vec())
            }
            "unittest.skip"
            | "unittest.skipIf"
            | "unittest.skipUnless"
            | "unittest.case.skip"
            | "unittest.expectedFailure" => {
                if request.name.ends_with("expectedFailure") {
                    return Some(Ok(first?.clone()));
                }
                Value::external("builtins.same()")
            }
            "builtins.same()" => first?.clone(),
            "asyncio.get_event_loop" => return Some(self.event_loop()),
            // No debugger or coverage tool watches the run that is predicted.
            "sys.gettrace" | "sys.getprofile" => Value::None,
            "enum.auto" => Value::external(crate::machine::enums::AUTO),
            "re.compile" => {
                self.instance(Value::external("re.Pattern"), request.args.to_vec(), request.kwargs.to_vec())
            }
            "six.with_metaclass" => Value::Unknown,
            "dataclasses.dataclass" | "dataclasses.field" => return self.dataclass(request),
            _ => return None,
        }))
    }

    /// `namedtuple(name, fields)`
    fn make_namedtuple(&mut self, request: &Request) -> Played {
        let (Some(Value::Str(name)), Some(fields), true) =
            (request.args.first(), request.argument(1, "field_names"), request.complete)
        else {
            return None;
        };
        let fields = match fields {
            Value::Str(text) => text.replace(',', " ").split_whitespace().map(Value::str).collect(),
            other => self.sequence(other).filter(|(_, exact)| *exact)?.0,
        };
        let valid = |field: &Value| {
            field.as_str().is_some_and(|field| crate::python::names::is_identifier(field) && !field.starts_with('_'))
        };
        if !fields.iter().all(valid) {
            return None;
        }
        if let Some(text) = bad_field(name, &fields).filter(|_| request.keyword("rename").is_none())
            && let Err(throw) = self.fails("ValueError", text)
        {
            return Some(Err(throw));
        }
        let ns = self.state.new_ns();
        let listed: Vec<&str> = fields.iter().filter_map(Value::as_str).collect();
        let comma = if listed.len() == 1 { "," } else { "" };
        let text = Value::str(&format!("{name}({}{comma})", listed.join(", ")));
        self.state.bind(ns, Name::new("__doc__"), text);
        // Each field is a descriptor of the class, too.
        let fields_of_class = fields.iter().filter_map(Value::as_str).map(Name::new);
        let methods = NAMEDTUPLE_NAMES.iter().map(|name| Name::new(name));
        for name in methods.chain(fields_of_class).collect::<Vec<_>>() {
            self.state.bind(ns, name, Value::Unknown);
        }
        self.state.bind(ns, Name::new("_fields"), Value::tuple(fields));
        if let Some(defaults) = request.keyword("defaults") {
            self.state.bind(ns, Name::new("_defaults()"), defaults.clone());
        }
        let span = self.frames.last().map(|frame| frame.span).unwrap_or_default();
        let base = Value::external("builtins.tuple");
        let class = self.make_class(Name::new(name), span, vec![base], None, ns, false);
        Some(class.map(Value::Class))
    }

    /// An instance of a class that `namedtuple` made, or of one below it.
    pub(in crate::machine) fn construct_namedtuple(
        &mut self,
        class: ClassId,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let name = Name::new;
        let defines = |machine: &Self, attribute| machine.class_lookup(class, name(attribute)).1.is_some();
        if !defines(self, "_fields") || defines(self, "__new__") || defines(self, "__init__") {
            return None;
        }
        let (Found::Yes(Value::Tuple(fields)), _) = self.class_lookup(class, name("_fields")) else {
            return None;
        };
        let tuple = Value::external("builtins.tuple");
        if !self.state.classes[class].mro.contains(&tuple) {
            return None;
        }
        let defaults = match self.class_lookup(class, name("_defaults()")).0 {
            Found::Yes(defaults) => self.sequence(&defaults)?.0,
            _ => Vec::new(),
        };
        let given = |at: usize| {
            let own = name(fields[at].as_str()?);
            let named = kwargs.iter().find(|(key, _)| *key == own).map(|(_, value)| value.clone());
            let default = (at + defaults.len()).checked_sub(fields.len()).and_then(|at| defaults.get(at).cloned());
            Some((own, args.get(at).cloned().or(named).or(default)?))
        };
        let values: Vec<_> = (0..fields.len()).map(given).collect::<Option<_>>()?;
        let object =
            self.instance(Value::Class(class), values.iter().map(|(_, value)| value.clone()).collect(), Vec::new());
        if let Value::Instance(id) = object {
            let ns = self.state.instances[id].ns;
            for (field, value) in values {
                self.state.bind(ns, field, value);
            }
        }
        Some(object)
    }

    /// Raises what the constructor of a named tuple refuses.
    pub(in crate::machine) fn refuse_fields(
        &mut self,
        class: ClassId,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Eval<()> {
        let ns = self.state.classes[class].ns;
        let made = self.state.classes[class].mro.get(1) == Some(&Value::external("builtins.tuple"));
        let Some(Value::Tuple(fields)) = self.state.slot(ns, Name::new("_fields")).map(|slot| slot.value.clone())
        else {
            return Ok(());
        };
        if !made || self.state.ns(ns).iter().any(|(name, _)| matches!(name.as_str(), "__new__" | "__init__")) {
            return Ok(());
        }
        let defaults = match self.state.slot(ns, Name::new("_defaults()")).map(|slot| slot.value.clone()) {
            Some(defaults) => match self.sequence(&defaults) {
                Some((items, true)) => items.len(),
                _ => return Ok(()),
            },
            None => 0,
        };
        let names: Vec<Name> = fields.iter().filter_map(Value::as_str).map(Name::new).collect();
        let name = match self.setup.version.minor {
            0..=8 => "__new__".to_owned(),
            9 => "<lambda>".to_owned(),
            _ => format!("{}.__new__", self.state.classes[class].name),
        };
        let is_given = |own: &Name| kwargs.iter().any(|(name, _)| name == own);
        let required = names.len() - defaults.min(names.len());
        let missing: Vec<Name> =
            names[..required].iter().skip(args.len()).filter(|own| !is_given(own)).copied().collect();
        let text = if let Some((unexpected, _)) = kwargs.iter().find(|(name, _)| !names.contains(name)) {
            format!("{name}() got an unexpected keyword argument '{unexpected}'")
        } else if args.len() > names.len() {
            crate::machine::binding::too_many(&name, required + 1, names.len() + 1, args.len() + 1)
        } else if !missing.is_empty() {
            crate::machine::binding::missing_text(&name, &missing, "positional")
        } else {
            return Ok(());
        };
        self.fails("TypeError", text).map(|_| ())
    }

    /// `functools.wraps(f)(wrapper)`
    pub(in crate::machine) fn call_wrapper(&mut self, inner: &Value, first: &[Value], args: &[Value]) -> Option<Eval> {
        if *inner != Value::external("functools.wraps()") {
            return None;
        }
        let wrapper = args.first()?.clone();
        if let (Value::Function(id), Some(original)) = (&wrapper, first.first()) {
            self.take_attributes(&wrapper, original);
            self.set_attribute(&wrapper, Name::new("__wrapped__"), original.clone());
            if let Value::Function(original) = original {
                let marks = self.state.functions[*original].marks.clone();
                self.state.functions[*id].marks = marks;
            }
        }
        Some(Ok(wrapper))
    }

    /// `wrapper.__name__ = original.__name__` and the update of `__dict__`. What has no name leaves the wrapper its own.
    fn take_attributes(&mut self, wrapper: &Value, original: &Value) {
        let Value::Function(id) = wrapper else { return };
        let name = Name::new("__name__");
        match original {
            Value::Function(original) => {
                let data = self.state.functions[*original].clone();
                let wrapper_data = &mut self.state.functions[*id];
                (wrapper_data.name, wrapper_data.qualname) = (data.name, data.qualname);
                if data.opaque {
                    self.set_attribute(wrapper, name, Value::Unknown);
                }
                let own = data.attributes.into_iter().flat_map(|ns| self.state.ns(ns).iter());
                let own: Vec<_> = own.map(|(name, slot)| (name, slot.value.clone())).collect();
                for (name, value) in own {
                    self.set_attribute(wrapper, name, value);
                }
            }
            Value::Class(class) => {
                let data = &self.state.classes[*class];
                let wrapper_data = &mut self.state.functions[*id];
                (wrapper_data.name, wrapper_data.qualname) = (data.name, Arc::clone(&data.qualname));
            }
            Value::Method(method) => self.take_attributes(wrapper, &method.0),
            Value::Partial(_) => {}
            nameless if self.kind_without(nameless, &["__name__"]).is_some() => {}
            Value::Instance(instance) => {
                let ns = self.state.instances[*instance].ns;
                let taken = self.state.slot(ns, name).map_or(Value::Unknown, |slot| slot.value.clone());
                self.set_attribute(wrapper, name, taken);
            }
            Value::External(full) => {
                let taken = self.name_of_external(*full).map_or(Value::Unknown, |name| Value::str(&name));
                self.set_attribute(wrapper, name, taken);
            }
            _ => self.set_attribute(wrapper, name, Value::Unknown),
        }
    }

    fn copied(&mut self, value: &Value) -> Value {
        match value {
            Value::List(id) => {
                let object = self.state.object(*id).clone();
                Value::List(self.state.new_object(object.items, object.values, object.exact))
            }
            Value::Set(id) => {
                let object = self.state.object(*id).clone();
                Value::Set(self.state.new_object(object.items, object.values, object.exact))
            }
            Value::Dict(id) => {
                let object = self.state.object(*id).clone();
                Value::Dict(self.state.new_object(object.items, object.values, object.exact))
            }
            _ => Value::Unknown,
        }
    }

    fn event_loop(&mut self) -> Eval {
        if self.setup.version >= PythonVersion::three(14) {
            let mut throw = self.error("RuntimeError", "There is no current event loop in thread 'MainThread'.");
            throw.raised.certainty = super::LIKELY;
            return Err(throw);
        }
        Ok(self.instance(Value::external("asyncio.AbstractEventLoop"), Vec::new(), Vec::new()))
    }

    /// `@dataclass` gives the class back, with a constructor that is not in its text.
    fn dataclass(&mut self, request: &Request) -> Played {
        if request.name.ends_with("field") {
            return Some(Ok(Value::Unknown));
        }
        let version = self.setup.version;
        for (name, _) in request.kwargs {
            let since = match name.as_str() {
                "match_args" | "kw_only" | "slots" => 10,
                "weakref_slot" => 11,
                _ => 0,
            };
            if version < PythonVersion::three(since) {
                let text = format!("dataclass() got an unexpected keyword argument '{name}'");
                return Some(Err(self.error("TypeError", text)));
            }
        }
        Some(Ok(match request.args.first() {
            Some(other) => other.clone(),
            None => Value::external("dataclasses.dataclass"),
        }))
    }

    /// `name[...]` on a library object: generic aliases before 3.9.
    pub(super) fn subscript_external(&mut self, name: Name) -> Eval {
        if self.setup.version < PythonVersion::three(9) {
            let text = name.as_str();
            if matches!(
                text,
                "builtins.list"
                    | "builtins.dict"
                    | "builtins.tuple"
                    | "builtins.set"
                    | "builtins.frozenset"
                    | "builtins.type"
                    | "collections.OrderedDict"
                    | "collections.defaultdict"
                    | "collections.deque"
                    | "collections.Counter"
                    | "queue.Queue"
                    | "asyncio.Queue"
                    | "os.PathLike"
            ) {
                let kind = if text == "os.PathLike" { "ABCMeta" } else { "type" };
                return Err(self.error("TypeError", format!("'{kind}' object is not subscriptable")));
            }
            if text.starts_with("collections.abc.") {
                return Err(self.error("TypeError", "'ABCMeta' object is not subscriptable"));
            }
        }
        let text = name.as_str();
        if !text.starts_with("typing.") && !text.starts_with("builtins.") {
            self.may_raise(May::Anything);
        }
        // With its parameters it stands for itself: as a base, and by its name.
        let has_name = self.setup.version >= PythonVersion::three(10) || !text.starts_with("typing.");
        let generic = matches!(text, "typing.Generic" | "typing.Protocol" | "typing_extensions.Protocol")
            || text.starts_with("collections.abc.")
            || has_name
                && matches!(
                    text,
                    "builtins.list"
                        | "builtins.dict"
                        | "builtins.tuple"
                        | "builtins.set"
                        | "builtins.frozenset"
                        | "builtins.type"
                )
            || has_name
                && matches!(
                    text,
                    "typing.List"
                        | "typing.Dict"
                        | "typing.Tuple"
                        | "typing.Set"
                        | "typing.FrozenSet"
                        | "typing.Sequence"
                        | "typing.Mapping"
                        | "typing.Iterable"
                        | "typing.Iterator"
                        | "typing.Deque"
                        | "typing.DefaultDict"
                        | "typing.Callable"
                        | "typing.Type"
                        | "typing.Annotated"
                        | "typing.Literal"
                        | "typing.Optional"
                        | "typing.ClassVar"
                );
        Ok(if generic { Value::External(name) } else { Value::Unknown })
    }

    /// Calls of instances of library classes.
    pub(in crate::machine) fn call_library_instance(
        &mut self,
        _class: Name,
        _instance: crate::machine::value::InstId,
        _args: &[Value],
    ) -> Option<Eval> {
        None
    }
}

/// What every class that `namedtuple` makes has beside its fields.
const NAMEDTUPLE_NAMES: &[&str] =
    &["_make", "_replace", "_asdict", "_field_defaults", "__getnewargs__", "__match_args__", "__slots__"];

/// What `namedtuple` says of names that it does not take.
fn bad_field(name: &str, fields: &[Value]) -> Option<String> {
    let texts: Vec<&str> = fields.iter().filter_map(Value::as_str).collect();
    if let Some(keyword) = std::iter::once(&name).chain(&texts).find(|text| crate::python::names::is_keyword(text)) {
        return Some(format!("Type names and field names cannot be a keyword: '{keyword}'"));
    }
    let twice = texts.iter().enumerate().find(|(at, text)| texts[..*at].contains(text));
    twice.map(|(_, text)| format!("Encountered duplicate field name: '{text}'"))
}
