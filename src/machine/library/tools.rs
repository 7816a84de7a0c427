//! Helpers of the standard library that stand between code and its values: `functools`, `abc`, `contextlib`, `typing`,
//! `dataclasses`, `collections`, `unittest`.

use std::sync::Arc;

use super::{Played, Request};
use crate::machine::Machine;
use crate::machine::log::{Eval, May};
use crate::machine::value::{DescriptorKind, Value};
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
            "contextlib.suppress" | "unittest.mock.patch" | "unittest.mock.MagicMock" | "unittest.mock.Mock" => {
                self.instance(Value::external(request.name), request.args.to_vec(), request.kwargs.to_vec())
            }
            "collections.OrderedDict" => {
                return Some(self.call(
                    &Value::external("builtins.dict"),
                    request.args.to_vec(),
                    request.kwargs.to_vec(),
                ));
            }
            "copy.copy" | "copy.deepcopy" => match first? {
                Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Instance(_) => {
                    let value = first?.clone();
                    self.copied(&value)
                }
                other => other.clone(),
            },
            "operator.attrgetter" | "operator.itemgetter" | "operator.methodcaller" => Value::Unknown,
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

    /// `functools.wraps(f)(wrapper)`
    pub(in crate::machine) fn call_wrapper(&mut self, inner: &Value, first: &[Value], args: &[Value]) -> Option<Eval> {
        if *inner != Value::external("functools.wraps()") {
            return None;
        }
        let wrapper = args.first()?.clone();
        if let (Value::Function(wrapper), Some(original)) = (&wrapper, first.first()) {
            self.set_attribute(
                &Value::Function(*wrapper),
                crate::base::intern::Name::new("__wrapped__"),
                original.clone(),
            );
            if let Value::Function(original) = original {
                let data = self.state.functions[*original].clone();
                let wrapper = &mut self.state.functions[*wrapper];
                (wrapper.name, wrapper.qualname) = (data.name, data.qualname);
                wrapper.marks = data.marks;
            }
        }
        Some(Ok(wrapper))
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
    pub(super) fn subscript_external(&mut self, name: crate::base::intern::Name) -> Eval {
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
                );
        Ok(if generic { Value::External(name) } else { Value::Unknown })
    }

    /// Calls of instances of library classes.
    pub(in crate::machine) fn call_library_instance(
        &mut self,
        _class: crate::base::intern::Name,
        _instance: crate::machine::value::InstId,
        _args: &[Value],
    ) -> Option<Eval> {
        None
    }
}
