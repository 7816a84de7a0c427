//! `from module import *`, and what `__all__` lists.

use super::Machine;
use super::attribute::Found;
use super::log::{Eval, May};
use super::value::{ModId, NsId, Value};
use crate::base::intern::Name;
use crate::python::location::Location;

impl Machine<'_> {
    /// `from module import *`
    pub(super) fn import_star(&mut self, target: &str, value: &Value) -> Eval<()> {
        let Some(own) = self.frames.last().map(|frame| frame.ns) else { return Ok(()) };
        let Value::Module(module) = *value else {
            if *value == Value::None {
                return Err(self.error("ImportError", "from-import-* object has no __dict__ and no __all__"));
            }
            self.state.open(own, "star import from an object that is not known");
            return Ok(());
        };
        let ns = self.state.modules[module].ns;
        let all = match self.module_attribute(module, Name::new("__all__")) {
            Ok(Found::Yes(all) | Found::Maybe(all)) => Some(all),
            Ok(Found::Unknown | Found::No) => None,
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => None,
            Err(throw) => return Err(throw),
        };
        // The library's tables say what its modules export.
        let library = matches!(self.state.modules[module].location, Location::Stdlib(_));
        if let Some(all) = all.filter(|_| !library) {
            return self.import_all(target, module, own, &all);
        }
        let visible: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect();
        for (name, mut slot) in visible.into_iter().filter(|(name, _)| !name.as_str().starts_with('_')) {
            if let Found::Yes(value) = self.refine_foreign(module, name, Found::Yes(slot.value.clone())) {
                slot.value = value;
            }
            self.bind_slot(own, name, slot);
        }
        self.bind_stdlib_names(module, own);
        if let Some(reason) = self.state.ns(ns).open {
            self.state.open(own, reason);
        }
        Ok(())
    }

    /// Names that `__all__` lists and neither the namespace nor a submodule provides; none if that cannot be told.
    pub(super) fn lacks_of(&mut self, module: ModId) -> Vec<Name> {
        let ns = self.state.modules[module].ns;
        let getattr = self.state.slot(ns, Name::new("__getattr__")).is_some();
        let all = self.state.slot(ns, Name::new("__all__")).filter(|slot| !slot.maybe).map(|slot| slot.value.clone());
        let Some((items, true)) = all.and_then(|all| self.elements(&all)) else { return Vec::new() };
        if getattr || self.state.ns(ns).open.is_some() {
            return Vec::new();
        }
        let mut found: Vec<Name> = Vec::new();
        for name in items.iter().filter_map(Value::as_str).map(Name::new) {
            let lacks = self.state.slot(ns, name).is_none() && self.module_special(module, name).is_none();
            let full = Name::new(&format!("{}.{name}", self.state.modules[module].name));
            if lacks
                && self.state.loaded(full).is_none()
                && !(self.has_path(module) && self.may_have_submodule(module, name))
                && !found.contains(&name)
            {
                found.push(name);
            }
        }
        found
    }

    /// Whether an import of the submodule might find something.
    pub(super) fn may_have_submodule(&mut self, module: ModId, name: Name) -> bool {
        let parent = self.module_name(module);
        let full = format!("{parent}.{name}");
        !matches!(self.find_in(module, &parent, name.as_str(), &full), Ok(Location::Missing))
    }

    pub(super) fn import_all(&mut self, target: &str, module: ModId, own: NsId, all: &Value) -> Eval<()> {
        let (items, exact) = self.elements(all).unwrap_or((Vec::new(), false));
        if !exact || items.iter().any(|item| item.as_str().is_none()) {
            self.state.open(own, "star import from a module whose __all__ is not known");
            let ns = self.state.modules[module].ns;
            let visible: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect();
            for (name, slot) in visible.into_iter().filter(|(name, _)| !name.as_str().starts_with('_')) {
                self.bind_slot(own, name, slot);
            }
        }
        for item in items {
            let Some(text) = item.as_str() else { continue };
            let name = Name::new(text);
            self.handle_fromlist(target, &Value::Module(module), name)?;
            match self.module_attribute(module, name)? {
                Found::Yes(value) => self.state.bind(own, name, value),
                Found::Maybe(value) => {
                    self.may_raise(May::Attribute);
                    self.state.bind(own, name, value);
                }
                Found::Unknown => {
                    self.may_raise(May::Attribute);
                    self.state.bind(own, name, Value::Unknown);
                }
                Found::No if exact && !self.may_appear(module, name) => {
                    return Err(self.no_module_attribute(module, name));
                }
                Found::No => {}
            }
        }
        Ok(())
    }

    pub(super) fn bind_slot(&mut self, ns: NsId, name: Name, slot: super::state::Slot) {
        if !slot.maybe || self.state.slot(ns, name).is_none() {
            self.state.bind_slot(ns, name, slot);
        }
    }
}
