//! Enumerations: what `EnumType` makes of the names of a class body.

use super::Machine;
use super::mistakes::Refusal;
use super::operate::is_literal;
use super::value::{ClassId, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;

/// The first version in which a missing member is worded like any attribute.
const ATTRIBUTE_WORDED: u8 = 12;

const ENUMS: &[&str] = &["enum.Enum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "enum.StrEnum", "enum.ReprEnum"];

/// What `enum.auto()` gives until the class is made.
pub(super) const AUTO: &str = "enum.auto()";

impl Machine<'_> {
    fn derives_from(&self, class: ClassId, names: &[&str]) -> bool {
        let mro = self.state.classes[class].mro.iter();
        mro.into_iter().any(|base| matches!(base, Value::External(name) if names.contains(&name.as_str())))
    }

    /// Whether the class derives from `enum.Enum`.
    pub(super) fn is_enum(&self, class: ClassId) -> bool {
        self.derives_from(class, ENUMS)
    }

    /// Turns the names of a class body into members, aliases into the member they name.
    pub(super) fn make_members(&mut self, class: ClassId) {
        if !self.is_enum(class) {
            return;
        }
        let ns = self.state.classes[class].ns;
        let slots: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.value.clone())).collect();
        let mut members: Vec<(Value, Value)> = Vec::new();
        for (name, value) in slots {
            if name.as_str().starts_with('_') || is_plain_attribute(&value) {
                continue;
            }
            let value = if value == Value::external(AUTO) { self.automatic(class, name, &members) } else { value };
            let same = members.iter().find(|(own, _)| self.equal(own, &value) == Some(true));
            if let Some((_, member)) = same {
                let member = member.clone();
                self.state.bind(ns, name, member);
                continue;
            }
            let member = self.instance(Value::Class(class), vec![value.clone()], Vec::new());
            let Value::Instance(id) = member else { continue };
            let own = self.state.instances[id].ns;
            for attribute in ["name", "_name_"] {
                self.state.bind(own, Name::new(attribute), Value::str(name.as_str()));
            }
            for attribute in ["value", "_value_"] {
                self.state.bind(own, Name::new(attribute), value.clone());
            }
            if self.defines_own(class, "__new__") || self.defines_own(class, "__init__") {
                self.state.open(own, "a constructor of the enumeration sets attributes");
                if self.defines_own(class, "__new__") {
                    self.state.bind(own, Name::new("value"), Value::Unknown);
                    self.state.bind(own, Name::new("_value_"), Value::Unknown);
                }
            }
            self.state.bind(ns, name, member.clone());
            members.push((value, member));
        }
    }

    fn defines_own(&self, class: ClassId, name: &str) -> bool {
        let mro = self.state.classes[class].mro.iter();
        mro.into_iter().any(|base| match base {
            Value::Class(base) => self.state.slot(self.state.classes[*base].ns, Name::new(name)).is_some(),
            _ => false,
        })
    }

    /// `_generate_next_value_`
    fn automatic(&self, class: ClassId, name: Name, members: &[(Value, Value)]) -> Value {
        if self.defines_own(class, "_generate_next_value_") {
            return Value::Unknown;
        }
        if self.derives_from(class, &["enum.StrEnum"]) {
            return Value::str(&name.as_str().to_lowercase());
        }
        let numbers: Option<Vec<i64>> = members
            .iter()
            .map(|(value, _)| if let Value::Int(number) = value { Some(*number) } else { None })
            .collect();
        let Some(numbers) = numbers else { return Value::Unknown };
        let highest = numbers.iter().copied().max().unwrap_or(0);
        if self.derives_from(class, &["enum.Flag", "enum.IntFlag"]) {
            let mut next = 1;
            while next <= highest {
                next *= 2;
            }
            return Value::Int(next);
        }
        Value::Int(highest + 1)
    }

    /// The members in order, aliases left out; none if they are not all known.
    pub(super) fn members(&self, class: ClassId) -> Option<Vec<Value>> {
        if !self.is_enum(class) || self.state.ns(self.state.classes[class].ns).open.is_some() {
            return None;
        }
        let mut found: Vec<Value> = Vec::new();
        for (_, slot) in self.state.ns(self.state.classes[class].ns).iter() {
            let is_member = match &slot.value {
                Value::Instance(id) => self.state.instances[*id].class == Value::Class(class),
                _ => false,
            };
            if is_member && !found.contains(&slot.value) {
                found.push(slot.value.clone());
            }
        }
        Some(found)
    }

    /// `Color(value)`: the member with that value.
    pub(super) fn member_of_value(&self, class: ClassId, value: &Value) -> Value {
        let members = self.members(class).unwrap_or_default();
        let found = members.into_iter().find(|member| match member {
            Value::Instance(id) => {
                self.state.instances[*id].args.first().is_some_and(|own| self.equal(own, value) == Some(true))
            }
            _ => false,
        });
        found.unwrap_or(Value::Unknown)
    }

    /// The members of an enumeration that gives them for their values and names as `Enum` does: all known, no part of the
    /// machinery replaced, no flags.
    fn plain_members(&self, class: ClassId) -> Option<Vec<Value>> {
        let members = self.members(class)?;
        let data = &self.state.classes[class];
        let replaced = ["_missing_", "__new__", "__init__", "__getattr__", "__call__", "__class_getitem__"];
        let plain = data.metaclass.is_none()
            && !data.open
            && data.decorators.is_empty()
            && self.units[data.unit].is_project
            && !members.is_empty()
            && data.mro.iter().all(|base| match base {
                Value::Class(base) => self.state.ns(self.state.classes[*base].ns).open.is_none(),
                Value::External(name) => {
                    matches!(
                        name.as_str(),
                        "enum.Enum" | "enum.IntEnum" | "enum.ReprEnum" | "builtins.int" | "builtins.object"
                    )
                }
                _ => false,
            })
            && !replaced.iter().any(|name| self.defines_own(class, name));
        plain.then_some(members)
    }

    /// What `Color(value)` raises.
    pub(super) fn refused_member(&self, class: ClassId, value: &Value) -> Option<Refusal> {
        let members = self.plain_members(class)?;
        let differs = |member: &Value| match member {
            Value::Instance(id) => {
                let own = self.state.instances[*id].args.first();
                own.is_some_and(|own| is_literal(own) && self.equal(own, value) == Some(false))
            }
            _ => false,
        };
        let lacks = is_literal(value) && members.iter().all(differs);
        let text = || Some(format!("{} is not a valid {}", self.repr(value)?, self.state.classes[class].qualname));
        if lacks { Some(("ValueError", text()?)) } else { None }
    }

    /// What `Color["NAME"]` raises.
    pub(super) fn refused_name(&self, class: ClassId, name: &str) -> Option<Refusal> {
        self.plain_members(class)?;
        let ns = self.state.classes[class].ns;
        self.state.slot(ns, Name::new(name)).is_none().then(|| ("KeyError", format!("'{name}'")))
    }

    /// What `Color.NAME` raises.
    pub(super) fn refused_enum_attribute(&self, class: ClassId, name: Name) -> Option<Refusal> {
        let text = name.as_str();
        let machinery = text.starts_with('_') || matches!(text, "name" | "value" | "mro" | "register");
        self.plain_members(class).filter(|_| !machinery)?;
        let data = &self.state.classes[class];
        let numbers =
            data.mro.contains(&Value::external("builtins.int")) || self.derives_from(class, &["enum.IntEnum"]);
        let of_number = numbers && crate::python::types::has("int", text, self.setup.version) != Some(false);
        let bound = data.mro.iter().any(|base| match base {
            Value::Class(base) => self.state.slot(self.state.classes[*base].ns, name).is_some(),
            _ => false,
        });
        if bound || of_number || self.is_set_on(data.name.as_str(), name) {
            return None;
        }
        let old = self.setup.version < PythonVersion::three(ATTRIBUTE_WORDED);
        Some((
            "AttributeError",
            if old { text.to_owned() } else { format!("type object '{}' has no attribute '{text}'", data.name) },
        ))
    }

    /// What a class below an enumeration with members raises.
    pub(super) fn refused_extension(&self, name: Name, bases: &[Value]) -> Option<Refusal> {
        let extended = bases.iter().find_map(|base| match base {
            Value::Class(base) => self.plain_members(*base).map(|_| self.state.classes[*base].name),
            _ => None,
        })?;
        let new = self.setup.version >= PythonVersion::three(11);
        let text = if new {
            format!("<enum '{name}'> cannot extend <enum '{extended}'>")
        } else {
            format!("{name}: cannot extend enumeration '{extended}'")
        };
        Some(("TypeError", text))
    }

    /// Whether `@dataclass` stands above the class or one of its bases.
    pub(super) fn is_dataclass(&self, class: ClassId) -> bool {
        let mro = self.state.classes[class].mro.iter();
        mro.into_iter().any(|base| {
            match base {
            Value::Class(base) => self.state.classes[*base].decorators.iter().any(|decorator| {
                matches!(decorator, Value::External(name) if name.as_str().starts_with("dataclasses.dataclass"))
            }),
            _ => false,
        }
        })
    }

    /// Whether `Class[...]` is a parametrized generic.
    pub(super) fn is_generic(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        data.metaclass.is_none()
            && !self.defines_own(class, "__class_getitem__")
            && self.derives_from(class, &["typing.Generic", "typing.Protocol", "typing_extensions.Protocol"])
    }

    /// `Color["NAME"]`
    pub(super) fn member_of_name(&self, class: ClassId, name: &str) -> Value {
        let slot = self.state.slot(self.state.classes[class].ns, Name::new(name));
        slot.map_or(Value::Unknown, |slot| slot.value.clone())
    }
}

/// Functions and descriptors stay what they are, and classes are left alone.
const fn is_plain_attribute(value: &Value) -> bool {
    matches!(value, Value::Function(_) | Value::Descriptor(..) | Value::Class(_) | Value::Method(_) | Value::Partial(_))
}
