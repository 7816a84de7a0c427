//! Objects of compiled packages, as far as their kind is known: see [`crate::python::foreign`].

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::May;
use crate::machine::value::{ClassId, FnId, ModId, Value};
use crate::python::foreign::{self, Fact};
use crate::python::location::Location;

impl Machine<'_> {
    /// Puts what is known of a name of a compiled package in the place of nothing.
    pub(in crate::machine) fn refine_foreign(&mut self, module: ModId, name: Name, found: Found) -> Found {
        let open = match &found {
            Found::Yes(value) | Found::Maybe(value) => self.is_foreign_blank(value),
            Found::Unknown => true,
            Found::No => false,
        };
        let own = self.state.modules[module].name;
        if !open || !foreign::covers(own.as_str()) {
            return found;
        }
        let full = format!("{own}.{name}");
        let Some(value) = self.foreign_value(&full) else { return found };
        match found {
            Found::Yes(_) => Found::Yes(value),
            Found::Unknown if matches!(self.state.modules[module].location, Location::Extension { .. }) => {
                Found::Yes(value)
            }
            _ => Found::Maybe(value),
        }
    }

    /// Whether nothing is known of the value: functions behind decorators that are not followed included.
    fn is_foreign_blank(&self, value: &Value) -> bool {
        match value {
            Value::Unknown => true,
            Value::Function(id) => self.state.functions[*id].opaque,
            _ => false,
        }
    }

    fn foreign_major(&mut self, full: &str) -> Option<u32> {
        let top = full.split('.').next().unwrap_or(full);
        if let Some(known) = self.majors.get(top) {
            return *known;
        }
        let version = self.world.distribution_version(top);
        let major = version.and_then(|version| version.split('.').next()?.parse().ok());
        self.majors.insert(top.into(), major);
        major
    }

    fn foreign_value(&mut self, full: &str) -> Option<Value> {
        let major = self.foreign_major(full);
        Some(match foreign::find(full, major)? {
            Fact::Class { name, .. } | Fact::Named(name) => {
                let full = Name::new(full);
                self.state.set_foreign_name(full, name);
                Value::External(full)
            }
            Fact::Instance(class) => self.plain_object(class),
            Fact::Int(number) => Value::Int(number),
            Fact::Float(number) => Value::Float(number),
        })
    }

    /// An object of a class that is known by name.
    fn plain_object(&mut self, class: &str) -> Value {
        self.instance(Value::external(class), Vec::new(), Vec::new())
    }

    /// What a call of such a name gives, if its kind is known.
    pub(in crate::machine) fn call_foreign(
        &mut self,
        full: &str,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        if let Some(class) = foreign::result(full) {
            self.may_raise(May::Anything);
            return Some(self.foreign_result(class, args));
        }
        let major = self.foreign_major(full);
        let Fact::Class { plain, .. } = foreign::find(full, major)? else { return None };
        if !plain && full != "numpy.float64" {
            return None;
        }
        self.may_raise(May::Anything);
        Some(self.instance(Value::external(full), args.to_vec(), kwargs.to_vec()))
    }

    fn foreign_result(&mut self, class: &str, args: &[Value]) -> Value {
        // Classes whose code is read are not made by name: what derives from what would be forgotten.
        let class = if class.starts_with("pandas.core") { foreign::PLAIN } else { class };
        self.instance(Value::external(class), args.to_vec(), Vec::new())
    }

    /// What a call of a function of such a package gives.
    pub(in crate::machine) fn call_foreign_function(&mut self, function: FnId, args: &[Value]) -> Option<Value> {
        let data = &self.state.functions[function];
        let module = self.state.modules[data.module].name;
        if !foreign::covers(module.as_str()) {
            return None;
        }
        let class = foreign::result(&format!("{module}.{}", data.qualname))?;
        self.may_raise(May::Anything);
        Some(self.foreign_result(class, args))
    }

    /// An object of a class of such a package that is written in Python.
    pub(in crate::machine) fn construct_foreign(
        &mut self,
        class: ClassId,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let data = &self.state.classes[class];
        let module = self.state.modules[data.module].name;
        if !foreign::covers(module.as_str()) || !foreign::is_plain_class(&format!("{module}.{}", data.qualname)) {
            return None;
        }
        self.may_raise(May::Anything);
        // `__new__` gives objects of other classes like it.
        let exact = self.class_lookup(class, Name::new("__new__")).1.is_none();
        let class = if exact { Value::Class(class) } else { Value::external(foreign::PLAIN) };
        let object = self.instance(class, args.to_vec(), kwargs.to_vec());
        if let Value::Instance(id) = object {
            let ns = self.state.instances[id].ns;
            self.state.open(ns, "its class cannot be followed");
        }
        Some(object)
    }

    /// An attribute of an instance of a class that is known by name.
    pub(in crate::machine) fn foreign_attribute(&mut self, class: Name, name: Name) -> Option<Value> {
        if !foreign::covers(class.as_str()) {
            return None;
        }
        let result = foreign::attribute(&format!("{class}.{name}"))?;
        Some(self.plain_object(result))
    }
}
