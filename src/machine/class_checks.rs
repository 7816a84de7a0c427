//! Classes that `type` refuses to make, and classes of which no instance is made.

use super::Machine;
use super::attribute::Found;
use super::attribute_set::builtin_class;
use super::log::{Eval, ThrowKind};
use super::mistakes::{Refusal, kind};
use super::value::{ClassId, Keywords, NsId, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;

/// Bound in the namespace of a class whose metaclass is `ABCMeta`.
const ABSTRACT: &str = "ABCMeta()";

impl Machine<'_> {
    /// What making a class of these bases raises, before a resolution order is looked for.
    pub(super) fn refused_bases(&self, bases: &[Value]) -> Option<Refusal> {
        for base in bases {
            if let Some(text) = self.no_class(base) {
                return Some(("TypeError", text));
            }
        }
        for (at, base) in bases.iter().enumerate() {
            if bases[..at].contains(base)
                && let Some(name) = self.plain_class(base)
            {
                return Some(("TypeError", format!("duplicate base class {name}")));
            }
        }
        None
    }

    /// The name of a class that `__mro_entries__` does not replace.
    fn plain_class(&self, base: &Value) -> Option<&'static str> {
        match base {
            Value::Class(class) => Some(self.state.classes[*class].name.as_str()),
            Value::External(name) => builtin_class(*name),
            _ => None,
        }
    }

    fn no_class(&self, base: &Value) -> Option<String> {
        let new = self.setup.version >= PythonVersion::three(13);
        Some(match base {
            Value::None => "NoneType takes no arguments".to_owned(),
            Value::Int(_) if !new => "int() takes at most 2 arguments (3 given)".to_owned(),
            Value::Int(_) => "int expected at most 2 arguments, got 3".to_owned(),
            Value::Module(_) => {
                self.kind_without(base, &[])?;
                "module() takes at most 2 arguments (3 given)".to_owned()
            }
            Value::Function(_) => {
                self.kind_without(base, &[])?;
                "function() argument 'code' must be code, not str".to_owned()
            }
            Value::Instance(_) => {
                let kind = self.kind_without(base, &["__mro_entries__", "__init__", "__new__"])?;
                format!("{kind}() takes no arguments")
            }
            Value::External(name) if matches!(name.as_str(), "builtins.bool" | "builtins.range" | "builtins.slice") => {
                let name = name.as_str().trim_start_matches("builtins.");
                format!("type '{name}' is not an acceptable base type")
            }
            _ => return None,
        })
    }

    /// The metaclasses of bases that do not derive from each other.
    pub(super) fn refused_metaclass(&mut self, own: Option<&Value>, bases: &[Value]) -> Option<Refusal> {
        let mut all: Vec<Value> = own.filter(|own| matches!(own, Value::Class(_))).cloned().into_iter().collect();
        for base in bases {
            if let Value::Class(base) = base
                && let Some(meta @ Value::Class(_)) = &self.state.classes[*base].metaclass
            {
                all.push(meta.clone());
            }
        }
        let mut any_wins = all.len() < 2;
        for winner in &all {
            let mut wins = true;
            for other in &all {
                wins &= self.is_subclass(winner, other) != Some(false);
            }
            any_wins |= wins;
        }
        let text = "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses \
                    of all its bases";
        (!any_wins).then(|| ("TypeError", text.to_owned()))
    }

    /// The message of a resolution order that does not exist, if every base is followed.
    pub(super) fn no_order(&self, bases: &[Value], heads: &[Value]) -> Option<Refusal> {
        let object = Value::external("builtins.object");
        let followed = |base: &Value| match base {
            Value::Class(class) => self.is_followed(*class),
            other => *other == object,
        };
        if !bases.iter().all(followed) {
            return None;
        }
        let mut names: Vec<String> = Vec::new();
        for head in heads {
            let name = self.class_name(head);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let text = format!("Cannot create a consistent method resolution order (MRO) for bases {}", names.join(", "));
        Some(("TypeError", text))
    }

    /// Names in `__slots__` that the body binds as well.
    pub(super) fn refused_slots(&self, class: ClassId) -> Option<Refusal> {
        let ns = self.state.classes[class].ns;
        let slots = self.own_slots(class)?;
        let name = slots.into_iter().find(|name| self.state.slot(ns, *name).is_some_and(|slot| !slot.maybe))?;
        (!name.as_str().starts_with("__"))
            .then(|| ("ValueError", format!("'{name}' in __slots__ conflicts with class variable")))
    }

    /// Remembers that the metaclass is `ABCMeta`.
    pub(super) fn note_abstract(&mut self, ns: NsId, metaclass: Option<&Value>) {
        if metaclass.is_some_and(|meta| *meta == Value::external("abc.ABCMeta")) {
            self.state.bind(ns, Name::new(ABSTRACT), Value::Bool(true));
        }
    }

    /// `__set_name__` of what the body binds.
    pub(super) fn set_names(&mut self, class: ClassId) -> Eval<()> {
        let (ns, unit) = (self.state.classes[class].ns, self.state.classes[class].unit);
        if !self.units[unit].is_project {
            return Ok(());
        }
        let bound: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.value.clone())).collect();
        for (name, value) in bound {
            let Value::Instance(id) = value else { continue };
            let Value::Class(kind) = self.state.instances[id].class else { continue };
            let Found::Yes(function @ Value::Function(_)) = self.class_lookup(kind, Name::new("__set_name__")).0 else {
                continue;
            };
            let args = vec![value, Value::Class(class), Value::str(name.as_str())];
            self.call(&function, args, Vec::new()).map_err(|throw| {
                if throw.kind != ThrowKind::Exception || self.setup.version >= PythonVersion::three(12) {
                    return throw;
                }
                let (kind, owner) = (self.state.classes[kind].name, self.state.classes[class].name);
                let text = format!("Error calling __set_name__ on '{kind}' instance '{name}' in '{owner}'");
                let mut wrapped = self.error("RuntimeError", text);
                wrapped.raised.certainty = throw.raised.certainty;
                wrapped
            })?;
        }
        Ok(())
    }

    /// What `object.__new__` and `object.__init__` refuse.
    pub(super) fn refused_instance(&self, class: ClassId, args: &[Value], kwargs: &Keywords) -> Option<Refusal> {
        if self.is_protocol(class) {
            return Some(("TypeError", "Protocols cannot be instantiated".to_owned()));
        }
        if !self.shows_none_of(class, &["__new__"]) {
            return None;
        }
        let data = &self.state.classes[class];
        let abstracts = self.abstract_names(class);
        if !abstracts.is_empty() {
            return Some(("TypeError", self.abstract_text(data.name, &abstracts)));
        }
        let ours = |base: &Value| match base {
            Value::Class(_) => true,
            Value::External(name) => matches!(name.as_str(), "builtins.object" | "abc.ABC"),
            _ => false,
        };
        let given = !args.is_empty() || !kwargs.is_empty();
        (given && data.mro.iter().all(ours) && self.class_lacks(class, &["__init__", "__new__"]))
            .then(|| ("TypeError", format!("{}() takes no arguments", data.name)))
    }

    /// Whether `Protocol` is among the bases as given, and nothing else is asked of the class.
    fn is_protocol(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        let protocol = Value::external("typing.Protocol");
        let plain = ["__init__", "__new__"].iter().all(|name| self.state.slot(data.ns, Name::new(name)).is_none());
        data.bases.contains(&protocol) && plain && data.decorators.is_empty() && self.units[data.unit].is_project
    }

    /// Abstract methods that no class in the resolution order defines, sorted.
    fn abstract_names(&self, class: ClassId) -> Vec<Name> {
        let mro = &self.state.classes[class].mro;
        let marked = |base: &Value| match base {
            Value::Class(base) => self.state.slot(self.state.classes[*base].ns, Name::new(ABSTRACT)).is_some(),
            Value::External(name) => name.as_str() == "abc.ABC",
            _ => false,
        };
        if !mro.iter().any(marked) {
            return Vec::new();
        }
        let mut found: Vec<Name> = Vec::new();
        for base in mro {
            let Value::Class(base) = base else { continue };
            for (name, _) in self.state.ns(self.state.classes[*base].ns).iter() {
                let first = self.class_lookup(class, name).0;
                let is_abstract = matches!(&first, Found::Yes(value) if self.is_abstract(value));
                if is_abstract && !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        found.sort_by_key(|name| name.as_str());
        found
    }

    fn is_abstract(&self, value: &Value) -> bool {
        match value {
            Value::Function(function) => {
                let decorators = &self.state.functions[*function].decorators;
                decorators.contains(&Value::external("abc.abstractmethod"))
            }
            Value::Descriptor(_, inner) => self.is_abstract(inner),
            _ => false,
        }
    }

    fn abstract_text(&self, class: Name, names: &[Name]) -> String {
        let one = names.len() == 1;
        let join = |quote: &str| {
            let quoted: Vec<String> = names.iter().map(|name| format!("{quote}{name}{quote}")).collect();
            quoted.join(", ")
        };
        match self.setup.version.minor {
            0..=8 => format!("Can't instantiate abstract class {class} with abstract methods {}", join("")),
            9..=11 => {
                let plural = if one { "" } else { "s" };
                format!("Can't instantiate abstract class {class} with abstract method{plural} {}", join(""))
            }
            _ => {
                let plural = if one { "" } else { "s" };
                let list = join("'");
                format!(
                    "Can't instantiate abstract class {class} without an implementation for abstract method{plural} {list}"
                )
            }
        }
    }

    /// What a constructor that gives something back raises.
    pub(super) fn refused_result(&self, outcome: &Value) -> Option<Refusal> {
        let kind = kind(outcome)?;
        Some(("TypeError", format!("__init__() should return None, not '{kind}'")))
    }
}
