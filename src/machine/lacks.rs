//! The types of values, as messages name them, and what they certainly lack.

use std::borrow::Cow;

use super::value::{ClassId, InstId, Value};
use super::{Machine, Scope, mistakes};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::summary::program::{Expr, ExprKind};

/// The name of a type.
pub(super) type Kind = Cow<'static, str>;

/// Functions of the library that give None where nothing is found.
const LOOKUPS: &[&str] = &["builtins.dict.get", "os.environ.get", "os.getenv"];

impl Machine<'_> {
    /// The name of a value's type, if the type is certain and has none of these methods.
    pub(super) fn kind_without(&self, value: &Value, methods: &[&str]) -> Option<Kind> {
        match value {
            Value::None => Some("NoneType".into()),
            Value::List(id) | Value::Set(id) | Value::Dict(id) => {
                // A tuple whose elements are not all known is a list to us, and so is a view of a dict.
                let object = self.state.object(*id);
                (object.exact && !object.disguised).then(|| mistakes::kind(value).unwrap_or_default().into())
            }
            Value::Instance(id) => match self.state.instances[*id].class {
                // An object whose attributes are open may be of a class below the one that it is taken for.
                Value::Class(class) if self.is_open_object(*id) || !self.class_lacks(class, methods) => None,
                Value::Class(class) => Some(self.class_text(class)),
                _ => None,
            },
            Value::Function(function) => {
                let data = &self.state.functions[*function];
                let plain = !data.opaque && data.decorators.is_empty() && self.units[data.unit].is_project;
                plain.then(|| "function".into())
            }
            Value::Module(module) => {
                let data = &self.state.modules[*module];
                let own = data.unit.is_some_and(|unit| self.units[unit].is_project);
                (own && self.state.ns(data.ns).open.is_none()).then(|| "module".into())
            }
            Value::Class(class) => self.is_plain_type(*class).then(|| "type".into()),
            other => mistakes::kind(other).map(Kind::from),
        }
    }

    fn is_open_object(&self, id: InstId) -> bool {
        self.state.ns(self.state.instances[id].ns).open.is_some()
    }

    fn class_text(&self, class: ClassId) -> Kind {
        self.state.classes[class].name.as_str().to_owned().into()
    }

    /// Whether no class in the resolution order has one of these methods, for certain.
    pub(super) fn class_lacks(&self, class: ClassId, methods: &[&str]) -> bool {
        // Looking through all code for who may set it is dear: asked last, where something is about to fail.
        self.shows_none_of(class, methods)
            && self.own_bases(class).all(|base| {
                let name = self.state.classes[base].name.as_str();
                !methods.iter().any(|method| !method.is_empty() && self.is_set_on(name, Name::new(method)))
            })
    }

    /// Whether no class in the resolution order is seen to have one of these methods.
    pub(super) fn shows_none_of(&self, class: ClassId, methods: &[&str]) -> bool {
        self.is_followed(class)
            && self.own_bases(class).all(|base| {
                let ns = self.state.classes[base].ns;
                !methods.iter().any(|method| !method.is_empty() && self.state.slot(ns, Name::new(method)).is_some())
            })
    }

    fn own_bases(&self, class: ClassId) -> impl Iterator<Item = ClassId> {
        let mro = self.state.classes[class].mro.iter();
        mro.filter_map(|base| if let Value::Class(base) = base { Some(*base) } else { None })
    }

    /// Whether everything that made the class was followed: bodies and bases of the project, `object`, exceptions, and no
    /// decorator that may have added to it.
    pub(super) fn is_followed(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        let followed = |base: &Value| match base {
            Value::Class(base) => {
                let data = &self.state.classes[*base];
                let own = self.units[data.unit].is_project && !data.open && data.decorators.is_empty();
                own && self.state.ns(data.ns).open.is_none()
            }
            Value::External(name) => {
                matches!(name.as_str(), "builtins.object" | "abc.ABC")
                    || crate::python::exceptions::is_known(name.as_str())
            }
            _ => false,
        };
        data.metaclass.is_none() && data.mro.iter().all(followed)
    }

    /// Whether `type` itself is the class's class, for certain.
    fn is_plain_type(&self, class: ClassId) -> bool {
        let abstracts = |base: &Value| matches!(base, Value::External(name) if name.as_str() == "abc.ABC");
        self.is_followed(class) && !self.state.classes[class].mro.iter().any(abstracts)
    }

    /// Remembers where None came from, for [`Self::is_doubtful`].
    pub(super) fn note_none(&mut self, function: &Value, span: Span) {
        let name = match function {
            Value::External(name) => name,
            Value::Method(method) => match &method.0 {
                Value::External(name) => name,
                _ => return,
            },
            _ => return,
        };
        if LOOKUPS.contains(&name.as_str()) {
            self.plain_none = Some((self.frames.len(), span));
        }
    }

    /// None often stands for what a hook or a fixture sets before anyone asks: it is believed where it is written, looked
    /// up in place, or bound to a name of the running block that nothing else assigns.
    pub(super) fn is_doubtful(&self, expr: &Expr, value: &Value) -> bool {
        if *value != Value::None {
            return false;
        }
        match &expr.kind {
            ExprKind::None => false,
            ExprKind::Call(_) => self.plain_none != Some((self.frames.len(), expr.span)),
            ExprKind::Name(name) => {
                let Some(frame) = self.frames.last() else { return true };
                let unit = &self.units[frame.unit];
                let name = Name::new(unit.summary.text(*name));
                let bound =
                    self.state.slot(frame.ns, name).is_some_and(|slot| !slot.maybe && slot.value == Value::None);
                !bound
                    || self.state.ns(frame.ns).open.is_some()
                    || !unit.is_project
                    || frame.scope == Scope::Module && self.module_is_set_later(frame.module, name)
            }
            _ => true,
        }
    }

    /// The value as operations may judge it.
    pub(super) fn judged(&self, expr: &Expr, value: &Value) -> Value {
        if self.is_doubtful(expr, value) { Value::Unknown } else { value.clone() }
    }
}
