//! Reading and writing attributes: modules, classes with their resolution order, instances, external objects.

use std::sync::Arc;

use super::Machine;
use super::import::ASSUMED;
use super::library::{OPEN_FILE, is_waited_for};
use super::log::{Eval, May, Throw};
use super::operate::is_literal;
use super::outcome::Cause;
use super::state::{Phase, Slot};
use super::value::{ClassId, DescriptorKind, InstId, ModId, Value};
use crate::base::intern::Name;
use crate::python::exceptions;
use crate::python::location::Location;

/// What looking for a name gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// It is there on every path.
    Yes(Value),
    /// Some path leaves it unbound.
    Maybe(Value),
    /// It is not there, for certain.
    No,
    /// Nobody can tell.
    Unknown,
}

impl From<Option<&Slot>> for Found {
    fn from(slot: Option<&Slot>) -> Self {
        match slot {
            Some(slot) if slot.maybe => Self::Maybe(slot.value.clone()),
            Some(slot) => Self::Yes(slot.value.clone()),
            None => Self::No,
        }
    }
}

/// The class that test cases are made of, by the names it goes by.
const TEST_CASE: [&str; 2] = ["unittest.TestCase", "unittest.case.TestCase"];

impl Machine<'_> {
    /// `value.name`
    pub(super) fn attribute(&mut self, value: &Value, name: Name) -> Eval {
        match value {
            Value::Module(module) => self.read_module(*module, name),
            Value::Class(class) => self.read_class(*class, name),
            Value::Instance(instance) => self.read_instance(*instance, name),
            Value::External(owner) => {
                self.check_mark(*owner, name)?;
                Ok(self.read_external(*owner, name))
            }
            Value::Super(class, object) => self.read_super(*class, object, name),
            Value::Function(function) => self.read_function(*function, name),
            Value::None => Ok(self.none_attribute()),
            _ => self.library_attribute(value, name),
        }
    }

    /// `None` often stands for what a hook or a fixture sets before anyone asks, and hooks are not run: nothing is
    /// judged.
    fn none_attribute(&mut self) -> Value {
        self.may_raise(May::Anything);
        Value::Unknown
    }

    fn read_module(&mut self, module: ModId, name: Name) -> Eval {
        match self.module_attribute(module, name)? {
            Found::Yes(value) => {
                self.warn_of_name(module, name)?;
                self.note_read(module, name, &value);
                Ok(value)
            }
            Found::Maybe(value) => {
                self.may_raise(May::Attribute);
                Ok(value)
            }
            Found::Unknown => {
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
            Found::No if self.may_appear(module, name) => {
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
            Found::No => Err(self.no_module_attribute(module, name)),
        }
    }

    /// Looks into a module: its names, what every module has, the library's tables, `__getattr__`.
    pub(super) fn module_attribute(&mut self, module: ModId, name: Name) -> Eval<Found> {
        let found = self.find_module_attribute(module, name)?;
        Ok(self.refine_foreign(module, name, found))
    }

    fn find_module_attribute(&mut self, module: ModId, name: Name) -> Eval<Found> {
        let data = &self.state.modules[module];
        let (ns, location) = (data.ns, data.location.clone());
        if let Some(slot) = self.state.slot(ns, name) {
            return Ok(Found::from(Some(slot)));
        }
        if let Some(value) = self.module_special(module, name) {
            return Ok(value);
        }
        if let Location::Stdlib(own) = location {
            return Ok(self.stdlib_attribute(own, name));
        }
        if let Location::Opaque(ASSUMED) = location {
            // Known by name, so that effects of calls are found.
            return Ok(Found::Yes(Value::external(&format!("{}.{name}", self.state.modules[module].name))));
        }
        if self.state.ns(ns).open.is_some() {
            return Ok(Found::Unknown);
        }
        match self.state.slot(ns, Name::new("__getattr__")).cloned() {
            Some(getattr) => self.module_getattr(module, &getattr.value, name),
            None => Ok(Found::No),
        }
    }

    /// PEP 562: the function is run where its body is simple enough.
    fn module_getattr(&mut self, module: ModId, getattr: &Value, name: Name) -> Eval<Found> {
        let Value::Function(function) = getattr else { return Ok(Found::Unknown) };
        if self.state.functions[*function].opaque {
            return Ok(Found::Unknown);
        }
        let argument = Value::str(name.as_str());
        match self.run_getattr(*function, argument) {
            Ok(value) => Ok(value.map_or(Found::Unknown, Found::Yes)),
            Err(throw) => Err(self.refused_by_getattr(module, name, throw)),
        }
    }

    /// An installed module that answers for itself says in its own way that it has no such attribute.
    fn refused_by_getattr(&self, module: ModId, name: Name, mut throw: Box<Throw>) -> Box<Throw> {
        let unit = self.state.modules[module].unit.map(|unit| &self.units[unit]);
        let raised = &mut throw.raised;
        if unit.is_some_and(|unit| !unit.is_project)
            && raised.cause == Cause::Other
            && raised.class.as_str() == "AttributeError"
        {
            let file = self.module_source(module);
            raised.cause =
                Cause::MissingAttribute { module: Name::new(&self.module_name(module)), file, name, partial: false };
        }
        throw
    }

    pub(super) fn module_special(&mut self, module: ModId, name: Name) -> Option<Found> {
        if name.as_str() == "__spec__" {
            return Some(Found::Yes(self.module_spec(module)));
        }
        let data = &self.state.modules[module];
        let yes = |value| Some(Found::Yes(value));
        match name.as_str() {
            "__name__" => yes(Value::str(data.name.as_str())),
            "__dict__" => yes(Value::NamespaceDict(data.ns)),
            "__doc__" | "__loader__" | "__builtins__" | "__class__" => yes(Value::Unknown),
            "__package__" => yes(Value::str(&if data.is_package {
                data.name.as_str().to_owned()
            } else {
                data.name.as_str().rsplit_once('.').map_or(String::new(), |(package, _)| package.to_owned())
            })),
            "__file__" => match &data.location {
                Location::Namespace(_) => yes(Value::None),
                Location::Opaque(_) => Some(Found::Unknown),
                Location::Stdlib(name) if self.is_builtin(name.as_str()) => Some(Found::No),
                Location::Stdlib(_) => yes(Value::Unknown),
                _ => self.module_source(module).map(|file| Found::Yes(Value::str(&file.to_string_lossy()))),
            },
            "__cached__" if data.location.source().is_some() => yes(Value::Unknown),
            "__annotations__" if data.unit.is_some() => yes(Value::Unknown),
            "__path__" => match &data.location {
                Location::Stdlib(name) if self.stdlib_is_package(name.as_str()) => yes(Value::Unknown),
                Location::Opaque(_) => Some(Found::Unknown),
                _ => None,
            },
            "__getattribute__" | "__init__" | "__eq__" | "__hash__" | "__repr__" | "__str__" | "__dir__"
            | "__setattr__" | "__delattr__" | "__reduce__" | "__reduce_ex__" | "__sizeof__" | "__ne__" | "__new__" => {
                yes(Value::Unknown)
            }
            _ => None,
        }
    }

    /// `__spec__`: its name and its package are known.
    fn module_spec(&mut self, module: ModId) -> Value {
        let (Some(Found::Yes(name)), Some(Found::Yes(parent))) =
            (self.module_special(module, Name::new("__name__")), self.module_special(module, Name::new("__package__")))
        else {
            return Value::Unknown;
        };
        let spec = self.instance(Value::external("spec()"), Vec::new(), Vec::new());
        if let Value::Instance(id) = spec {
            let ns = self.state.instances[id].ns;
            self.state.bind(ns, Name::new("name"), name);
            self.state.bind(ns, Name::new("parent"), parent);
        }
        spec
    }

    /// AttributeError of `module.name`.
    pub(super) fn no_module_attribute(&mut self, module: ModId, name: Name) -> Box<Throw> {
        let own = self.module_name(module);
        let partial = self.state.modules[module].phase == Phase::Loading;
        let file = self.file_text(module);
        let child = self.state.loaded(Name::new(&format!("{own}.{name}"))).cloned();
        let loading = matches!(child, Some(Value::Module(child)) if self.state.modules[child].phase == Phase::Loading);
        let text = if let Some(text) = self.shadowing_attribute(module, name) {
            text
        } else if loading && !partial {
            exceptions::no_submodule_yet(self.setup.version, name.as_str(), &own)
        } else {
            exceptions::no_module_attribute(self.setup.version, name.as_str(), &own, file.as_deref(), partial)
        };
        let cause =
            Cause::MissingAttribute { module: Name::new(&own), file: self.module_source(module), name, partial };
        self.throw("AttributeError", Some(text), cause)
    }

    /// Finds a name along the resolution order, and the class that has it.
    pub(super) fn class_lookup(&self, class: ClassId, name: Name) -> (Found, Option<ClassId>) {
        let data = &self.state.classes[class];
        for base in &data.mro {
            match base {
                Value::Class(base) => {
                    let ns = self.state.classes[*base].ns;
                    if let Some(slot) = self.state.slot(ns, name) {
                        return (Found::from(Some(slot)), Some(*base));
                    }
                    if self.state.ns(ns).open.is_some() {
                        return (Found::Unknown, None);
                    }
                }
                Value::External(base) if base.as_str() == "builtins.object" => {}
                Value::External(base) if base.as_str() == "builtins.type" && !is_object_attribute(name.as_str()) => {}
                Value::External(base) if self.builtin_lacks(*base, name) => {}
                _ => return (Found::Unknown, None),
            }
        }
        let open = |base: &Value| matches!(base, Value::Class(base) if self.state.classes[*base].open);
        if data.mro.iter().any(open) || data.metaclass.is_some() && !data.complete || is_object_attribute(name.as_str())
        {
            (Found::Unknown, None)
        } else {
            (Found::No, None)
        }
    }

    /// Whether a builtin class has no such attribute, for certain.
    fn builtin_lacks(&self, base: Name, name: Name) -> bool {
        let Some(kind) = base.as_str().strip_prefix("builtins.") else { return false };
        (!name.as_str().starts_with('_') || name.as_str() == "__getattr__")
            && crate::python::types::has(kind, name.as_str(), self.setup.version) == Some(false)
    }

    fn read_class(&mut self, class: ClassId, name: Name) -> Eval {
        let data = &self.state.classes[class];
        match name.as_str() {
            "__name__" => return Ok(Value::str(data.name.as_str())),
            "__qualname__" => return Ok(Value::str(&data.qualname)),
            "__module__" if self.state.slot(data.ns, name).is_none() => {
                return Ok(Value::str(self.state.modules[data.module].name.as_str()));
            }
            "__dict__" => return Ok(Value::NamespaceDict(data.ns)),
            "__mro__" => return Ok(Value::tuple(data.mro.clone())),
            "__bases__" => return Ok(Value::tuple(data.bases.clone())),
            _ => {}
        }
        let found = match self.class_lookup(class, name).0 {
            Found::No => self.metaclass_attribute(class, name),
            found => found,
        };
        match found {
            // A base that nobody knows may be an enumeration, which makes members of plain values.
            Found::Yes(value) if is_literal(&value) && self.state.classes[class].mro.contains(&Value::Unknown) => {
                Ok(Value::Unknown)
            }
            Found::Yes(value) => Ok(self.bound_to_class(value, class)),
            Found::Maybe(value) => {
                self.may_raise(May::Attribute);
                Ok(self.bound_to_class(value, class))
            }
            Found::Unknown => {
                if self.is_enum(class) {
                    self.refuse(self.refused_enum_attribute(class, name))?;
                }
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
            Found::No if self.is_set_on(self.state.classes[class].name.as_str(), name) => {
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
            Found::No => {
                let text = format!("type object '{}' has no attribute '{name}'", self.state.classes[class].name);
                self.fails("AttributeError", text)
            }
        }
    }

    fn bound_to_class(&self, value: Value, class: ClassId) -> Value {
        match value {
            Value::Descriptor(DescriptorKind::Static, inner) => (*inner).clone(),
            Value::Descriptor(DescriptorKind::Class, inner) => {
                Value::Method(Arc::new(((*inner).clone(), Value::Class(class))))
            }
            Value::Instance(instance) if self.may_be_descriptor(instance) => Value::Unknown,
            other => other,
        }
    }

    /// Whether an object in a class body may answer for itself with something else when it is read (`__get__`).
    fn may_be_descriptor(&self, instance: InstId) -> bool {
        match self.state.instances[instance].class {
            Value::Class(class) => {
                matches!(self.class_lookup(class, Name::new("__get__")).0, Found::Yes(_) | Found::Maybe(_))
            }
            _ => false,
        }
    }

    fn read_instance(&mut self, instance: InstId, name: Name) -> Eval {
        let data = &self.state.instances[instance];
        if let Some(slot) = self.state.slot(data.ns, name) {
            let (value, maybe) = (slot.value.clone(), slot.maybe);
            return if maybe { self.own_or_shared(value, instance, name) } else { Ok(value) };
        }
        if name.as_str() == "__class__" {
            return Ok(data.class.clone());
        }
        if let Value::Class(class) = data.class
            && self.is_lazy_settings(class)
            && name.as_str().starts_with(|c: char| c.is_ascii_uppercase())
        {
            return self.django_setting(name);
        }
        if name.as_str() == "__dict__" {
            return Ok(Value::NamespaceDict(data.ns));
        }
        if name.as_str() == "args" && self.is_exception(&data.class.clone()) {
            return Ok(Value::tuple(self.state.instances[instance].args.clone()));
        }
        if let Some(value) = self.foreign_member(instance, name) {
            self.may_raise(May::Attribute);
            return Ok(value);
        }
        if let Value::Class(class) = self.state.instances[instance].class
            && name.as_str() == "runTest"
            && self.lacks_run_test(class)
        {
            let text = format!("'{}' object has no attribute '{name}'", self.state.classes[class].name);
            if self.calls_are_plain() {
                return Err(self.error("AttributeError", text));
            }
            return self.fails("AttributeError", text);
        }
        let data = &self.state.instances[instance];
        let open = self.state.ns(data.ns).open.is_some();
        let Value::Class(class) = data.class else {
            self.may_raise(May::Attribute);
            if let Some(value) = self.limit_of(instance, name) {
                return Ok(value);
            }
            return Ok(self.method_of_external(instance, name));
        };
        match self.class_lookup(class, name).0 {
            Found::Yes(value) => self.bound_to_instance(value, instance, class),
            Found::Maybe(value) => {
                self.may_raise(May::Attribute);
                self.bound_to_instance(value, instance, class)
            }
            Found::No if !open && !self.has_getattr(class) && !self.conftest_runs_unread_code() => {
                let text = self.no_instance_attribute(class, name);
                self.fails("AttributeError", text)
            }
            Found::No | Found::Unknown => {
                self.may_raise(May::Attribute);
                Ok(self.known_method(instance, class, name).unwrap_or(Value::Unknown))
            }
        }
    }

    /// An attribute that only some path sets on the object: on the others its class answers.
    fn own_or_shared(&mut self, own: Value, instance: InstId, name: Name) -> Eval {
        let Value::Class(class) = self.state.instances[instance].class else { return Ok(own) };
        match self.class_lookup(class, name).0 {
            Found::Yes(shared) | Found::Maybe(shared) => {
                let shared = self.bound_to_instance(shared, instance, class)?;
                Ok(self.state.join_values(own, shared))
            }
            Found::No | Found::Unknown => Ok(own),
        }
    }

    /// The message of an attribute that an object lacks; a slot that is not set has words of its own.
    fn no_instance_attribute(&self, class: ClassId, name: Name) -> String {
        let data = &self.state.classes[class];
        let own = data.name;
        let slotted = data.mro.iter().any(|base| match base {
            Value::Class(base) => self.own_slots(*base).is_some_and(|slots| slots.contains(&name)),
            _ => false,
        });
        match self.setup.version.minor {
            0..=9 if slotted => name.as_str().to_owned(),
            13.. if slotted => {
                format!("'{}.{own}' object has no attribute '{name}'", self.state.modules[data.module].name)
            }
            _ => format!("'{own}' object has no attribute '{name}'"),
        }
    }

    /// `unittest.TestCase` takes `runTest` for a name, and has no such method itself.
    fn lacks_run_test(&self, class: ClassId) -> bool {
        let is_test_case = |base: &Value| matches!(base, Value::External(name) if TEST_CASE.contains(&name.as_str()));
        let lacks = |base: &Value| match base {
            Value::Class(base) => {
                let ns = self.state.ns(self.state.classes[*base].ns);
                let has = |name| ns.get(Name::new(name)).is_some();
                ns.open.is_none() && !["runTest", "__getattr__", "__getattribute__"].into_iter().any(has)
            }
            Value::External(name) => name.as_str() == "builtins.object" || is_test_case(base),
            _ => false,
        };
        let mro = &self.state.classes[class].mro;
        mro.iter().all(lacks) && mro.iter().any(is_test_case)
    }

    /// Methods of external classes keep the class's name: `requests.Session().get`.
    fn method_of_external(&mut self, instance: InstId, name: Name) -> Value {
        let Value::External(class) = self.state.instances[instance].class else { return Value::Unknown };
        let method = || Value::external(&format!("{class}.{name}"));
        let starts = class.as_str().starts_with("unittest.mock.patch") && name.as_str() == "start";
        let bound = matches!(class.as_str(), OPEN_FILE | "re.Pattern" | "http.client.HTTPConnection");
        if starts || bound || is_waited_for(class.as_str()) || Self::is_trait(class) {
            return Value::Method(Arc::new((method(), Value::Instance(instance))));
        }
        if self.is_mock_name(class) {
            return Value::Unknown;
        }
        let replaces = matches!(class.as_str(), "pytest.MonkeyPatch" | "pytest_mock.MockerFixture");
        if replaces || self.stdlib_module(class.as_str().split('.').next().unwrap_or_default()) {
            return method();
        }
        self.known_attribute(class, name.as_str()).unwrap_or(Value::Unknown)
    }

    fn is_mock_name(&self, class: Name) -> bool {
        class.as_str().contains("mock.")
    }

    pub(super) fn has_getattr(&self, class: ClassId) -> bool {
        ["__getattr__", "__getattribute__"]
            .iter()
            .any(|name| self.class_lookup(class, Name::new(name)).0 != Found::No && self.defines(class, name))
    }

    /// Whether a class of the project or a package in the resolution order defines the name, or one is unknown.
    fn defines(&self, class: ClassId, name: &str) -> bool {
        match self.class_lookup(class, Name::new(name)) {
            (Found::Yes(_) | Found::Maybe(_), _) => true,
            (Found::Unknown, _) => {
                let known = self.state.classes[class].mro.iter().all(|base| match base {
                    Value::Class(_) => true,
                    Value::External(base) => {
                        self.builtin_lacks(*base, Name::new("__getattr__"))
                            || matches!(base.as_str(), "builtins.object" | "builtins.type")
                    }
                    _ => false,
                });
                !known || self.state.classes[class].open
            }
            (Found::No, _) => false,
        }
    }

    fn bound_to_instance(&mut self, value: Value, instance: InstId, class: ClassId) -> Eval {
        Ok(match value {
            Value::Function(_) => Value::Method(Arc::new((value, Value::Instance(instance)))),
            Value::Descriptor(DescriptorKind::Static, inner) => (*inner).clone(),
            Value::Descriptor(DescriptorKind::Class, inner) => {
                Value::Method(Arc::new(((*inner).clone(), Value::Class(class))))
            }
            Value::Descriptor(DescriptorKind::Property, inner) => {
                return self.call(&(*inner).clone(), vec![Value::Instance(instance)], Vec::new());
            }
            Value::Instance(made) => self.presumed_trait(made).unwrap_or(Value::Unknown),
            other => other,
        })
    }

    fn read_super(&mut self, class: ClassId, object: &Value, name: Name) -> Eval {
        let start = match object {
            Value::Instance(instance) => self.state.instances[*instance].class.clone(),
            other => other.clone(),
        };
        let Value::Class(start) = start else { return Ok(Value::Unknown) };
        let mro = self.state.classes[start].mro.clone();
        let behind = mro.iter().position(|base| *base == Value::Class(class)).map_or(0, |at| at + 1);
        for base in &mro[behind..] {
            match base {
                Value::Class(base) => {
                    let ns = self.state.classes[*base].ns;
                    let Some(slot) = self.state.slot(ns, name).cloned() else { continue };
                    return match (slot.value, object) {
                        (value, Value::Instance(instance)) => self.bound_to_instance(value, *instance, start),
                        (Value::Descriptor(_, inner), _) => {
                            Ok(Value::Method(Arc::new(((*inner).clone(), object.clone()))))
                        }
                        (value @ Value::Function(_), _) if is_implicit_classmethod(name.as_str()) => {
                            Ok(Value::Method(Arc::new((value, object.clone()))))
                        }
                        (value, _) => Ok(self.bound_to_class(value, start)),
                    };
                }
                Value::External(base) if base.as_str() == "builtins.object" => {
                    if !name.as_str().starts_with("__")
                        && matches!(object, Value::Instance(_) | Value::Class(_))
                        && self.is_followed(start)
                    {
                        return self.fails("AttributeError", format!("'super' object has no attribute '{name}'"));
                    }
                    let method = Value::external(&format!("builtins.object.{name}"));
                    let bound = matches!(name.as_str(), "__init__" | "__init_subclass__" | "__setattr__");
                    return Ok(if bound { Value::Method(Arc::new((method, object.clone()))) } else { method });
                }
                // With its parameters a generic class stands for itself.
                Value::External(base)
                    if name.as_str() == "__class_getitem__"
                        && matches!(base.as_str(), "typing.Generic" | "typing.Protocol") =>
                {
                    return Ok(Value::Method(Arc::new((Value::external("builtins.same()"), object.clone()))));
                }
                Value::External(base)
                    if matches!(object, Value::Instance(_))
                        && name.as_str() == "__init__"
                        && exceptions::is_known(base.as_str()) =>
                {
                    let init = Value::external("builtins.BaseException.__init__");
                    return Ok(Value::Method(Arc::new((init, object.clone()))));
                }
                _ => return Ok(Value::Unknown),
            }
        }
        Ok(Value::Unknown)
    }

    fn read_function(&mut self, function: super::value::FnId, name: Name) -> Eval {
        let data = &self.state.functions[function];
        if let Some(slot) = data.attributes.and_then(|ns| self.state.slot(ns, name)) {
            return Ok(slot.value.clone());
        }
        match name.as_str() {
            "__name__" => Ok(Value::str(data.name.as_str())),
            "__qualname__" => Ok(Value::str(&data.qualname)),
            "__module__" => Ok(Value::str(self.state.modules[data.module].name.as_str())),
            "__wrapped__" => Ok(Value::Unknown),
            _ if data.opaque || name.as_str().starts_with("__") => {
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
            _ if self.is_left_alone(function) => {
                self.fails("AttributeError", format!("'function' object has no attribute '{name}'"))
            }
            _ => {
                self.may_raise(May::Attribute);
                Ok(Value::Unknown)
            }
        }
    }

    /// Whether every decorator of a function was followed: attributes that it has are those that were seen set.
    fn is_left_alone(&self, function: super::value::FnId) -> bool {
        let data = &self.state.functions[function];
        let followed = |decorator: &Value| match decorator {
            Value::Function(id) => {
                let data = &self.state.functions[*id];
                !data.opaque && self.units[data.unit].is_project
            }
            _ => false,
        };
        data.decorators.iter().all(followed) && data.attributes.is_none_or(|ns| self.state.ns(ns).open.is_none())
    }

    /// `value.name = new`
    pub(super) fn set_attribute(&mut self, value: &Value, name: Name, new: Value) {
        match value {
            Value::Module(module) => {
                let ns = self.state.modules[*module].ns;
                if let Location::Stdlib(own) = self.state.modules[*module].location {
                    self.stdlib_attribute_set(own, name, &new);
                }
                self.state.bind(ns, name, new);
            }
            Value::Class(class) => {
                let ns = self.state.classes[*class].ns;
                self.state.bind(ns, name, new);
            }
            Value::Instance(instance) => {
                let ns = self.state.instances[*instance].ns;
                self.state.bind(ns, name, new);
            }
            Value::Function(function) => {
                if matches!(name.as_str(), "__code__" | "__kwdefaults__" | "__defaults__") {
                    self.state.functions[*function].opaque = true;
                }
                let ns = match self.state.functions[*function].attributes {
                    Some(ns) => ns,
                    None => {
                        let ns = self.state.new_ns();
                        self.state.functions[*function].attributes = Some(ns);
                        ns
                    }
                };
                self.state.bind(ns, name, new);
            }
            _ => {}
        }
    }

    /// `del value.name`
    pub(super) fn delete_attribute(&mut self, value: &Value, name: Name) {
        let ns = match value {
            Value::Module(module) => self.state.modules[*module].ns,
            Value::Class(class) => self.state.classes[*class].ns,
            Value::Instance(instance) => self.state.instances[*instance].ns,
            _ => return,
        };
        self.state.unbind(ns, name);
    }
}

/// Attributes that every class has from `object` or `type`.
fn is_object_attribute(name: &str) -> bool {
    // `register` comes with ABCMeta.
    name.starts_with("__") && name.ends_with("__") || matches!(name, "mro" | "register")
}

fn is_implicit_classmethod(name: &str) -> bool {
    matches!(name, "__init_subclass__" | "__new__" | "__class_getitem__")
}
