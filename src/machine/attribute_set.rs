//! Attributes that cannot be set or deleted: of builtin values, slots, properties.

use super::Machine;
use super::attribute::Found;
use super::log::Eval;
use super::mistakes::{Refusal, kind};
use super::value::{ClassId, DescriptorKind, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;

/// Methods by which a class says itself what setting an attribute does.
const SETTERS: &[&str] = &["__setattr__", "__delattr__", "__getattribute__"];

/// What numbers compute instead of keeping it.
const PARTS: &[&str] = &["real", "imag", "numerator", "denominator"];

impl Machine<'_> {
    /// Raises if `value.name = new` does for certain.
    pub(super) fn refuse_attribute_set(&mut self, value: &Value, name: Name) -> Eval<()> {
        let refusal = match value {
            Value::Instance(id) => match self.state.instances[*id].class {
                Value::Class(class) => {
                    self.refused_by_frozen(class, name).or_else(|| self.refused_on_instance(class, name))
                }
                _ => None,
            },
            Value::External(owner) if self.setup.version >= PythonVersion::three(10) => builtin_class(*owner)
                .map(|class| ("TypeError", format!("cannot set '{name}' attribute of immutable type '{class}'"))),
            Value::External(owner) => builtin_class(*owner)
                .map(|_| ("TypeError", format!("can't set attributes of built-in/extension type '{}'", bare(*owner)))),
            _ => self.refused_on_value(value, name),
        };
        self.refuse(refusal)
    }

    fn refused_on_value(&self, value: &Value, name: Name) -> Option<Refusal> {
        let own = self.kind_without(value, &[]).filter(|_| kind(value).is_some())?;
        let known = crate::python::types::has(&own, name.as_str(), self.setup.version);
        let tail = self.no_dict();
        let text = match known? {
            false => format!("'{own}' object has no attribute '{name}'{tail}"),
            true if PARTS.contains(&name.as_str()) => format!("attribute '{name}' of '{own}' objects is not writable"),
            true if name.as_str().starts_with("__") => return None,
            true => format!("'{own}' object attribute '{name}' is read-only"),
        };
        Some(("AttributeError", text))
    }

    /// What 3.13 adds where an object has no `__dict__`.
    fn no_dict(&self) -> &'static str {
        let new = self.setup.version >= PythonVersion::three(13);
        if new { " and no __dict__ for setting new attributes" } else { "" }
    }

    fn refused_on_instance(&self, class: ClassId, name: Name) -> Option<Refusal> {
        let own = self.state.classes[class].name;
        let found = self.class_lookup(class, name).0;
        if let Found::Yes(Value::Descriptor(DescriptorKind::Property, getter)) = &found {
            let Value::Function(getter) = **getter else { return None };
            if !self.class_lacks(class, SETTERS) || self.settable.contains(&getter) {
                return None;
            }
            let text = match self.setup.version.minor {
                0..=9 => "can't set attribute".to_owned(),
                10 => format!("can't set attribute '{name}'"),
                _ => format!("property '{name}' of '{own}' object has no setter"),
            };
            return Some(("AttributeError", text));
        }
        let slots = self.all_slots(class)?;
        if slots.contains(&name) || name.as_str().starts_with("__") || !self.class_lacks(class, SETTERS) {
            return None;
        }
        match found {
            Found::No => {
                Some(("AttributeError", format!("'{own}' object has no attribute '{name}'{}", self.no_dict())))
            }
            Found::Yes(Value::Function(_)) => {
                Some(("AttributeError", format!("'{own}' object attribute '{name}' is read-only")))
            }
            _ => None,
        }
    }

    /// Names of all `__slots__`, if every class in the resolution order has them and none lists `__dict__`.
    pub(super) fn all_slots(&self, class: ClassId) -> Option<Vec<Name>> {
        if !self.is_followed(class) {
            return None;
        }
        let mut found = Vec::new();
        for base in &self.state.classes[class].mro {
            match base {
                Value::Class(base) => found.extend(self.own_slots(*base)?),
                Value::External(name) if name.as_str() == "builtins.object" => {}
                _ => return None,
            }
        }
        (!found.iter().any(|name| name.as_str() == "__dict__")).then_some(found)
    }

    /// Names in the `__slots__` of a class, if it has them and they are known.
    pub(super) fn own_slots(&self, class: ClassId) -> Option<Vec<Name>> {
        let slot = self.state.slot(self.state.classes[class].ns, Name::new("__slots__"))?;
        let items = match &slot.value {
            Value::Str(text) => vec![Value::Str(text.clone())],
            other => self.elements(other).filter(|(_, exact)| *exact)?.0,
        };
        items.iter().map(|item| item.as_str().map(Name::new)).collect()
    }

    /// Raises if `del value.name` does for certain.
    pub(super) fn refuse_attribute_deletion(&mut self, value: &Value, name: Name) -> Eval<()> {
        let new = self.setup.version >= PythonVersion::three(11);
        let lacks = |ns| self.state.slot(ns, name).is_none() && self.state.ns(ns).open.is_none();
        let text = match value {
            Value::Class(class) if self.is_followed(*class) && lacks(self.state.classes[*class].ns) => {
                format!("type object '{}' has no attribute '{name}'", self.state.classes[*class].name)
            }
            Value::Instance(id) => match self.state.instances[*id].class {
                Value::Class(class)
                    if lacks(self.state.instances[*id].ns)
                        && self.class_lacks(class, SETTERS)
                        && self.class_lookup(class, name).0 == Found::No =>
                {
                    format!("'{}' object has no attribute '{name}'", self.state.classes[class].name)
                }
                _ => return Ok(()),
            },
            Value::Module(module)
                if self.kind_without(value, &[]).is_some()
                    && lacks(self.state.modules[*module].ns)
                    && self.module_special(*module, name).is_none()
                    && !self.may_appear(*module, name) =>
            {
                format!("'module' object has no attribute '{name}'")
            }
            _ => return Ok(()),
        };
        let text = if new { text } else { name.as_str().to_owned() };
        self.fails("AttributeError", text).map(|_| ())
    }
}

fn bare(owner: Name) -> &'static str {
    owner.as_str().rsplit('.').next().unwrap_or_default()
}

/// The bare name of a builtin class: a plain type, whose attributes nobody sets.
pub(super) fn builtin_class(owner: Name) -> Option<&'static str> {
    let name = owner.as_str().strip_prefix("builtins.")?;
    let plain = matches!(
        name,
        "int"
            | "str"
            | "bytes"
            | "float"
            | "bool"
            | "list"
            | "dict"
            | "tuple"
            | "set"
            | "frozenset"
            | "object"
            | "type"
            | "complex"
            | "bytearray"
            | "range"
    ) || crate::python::exceptions::is_known(owner.as_str());
    plain.then_some(name)
}
