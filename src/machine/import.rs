//! CPython's import algorithm, step by step (spec: python-import.md sections 2 to 4).

use super::find::NotAPackage;
use super::log::{Eval, May, Throw};
use super::outcome::Cause;
use super::value::{ModId, Value};
use super::{IMPORT_DEPTH, Machine};
use crate::base::intern::Name;
use crate::python::exceptions;
use crate::python::location::Location;

/// Why nothing is known of a module that is taken to be installed.
pub(super) const ASSUMED: &str = "assumed to be installed";

impl Machine<'_> {
    /// `importlib.import_module(name)` of an absolute name; the module that was asked for.
    pub(super) fn import_name(&mut self, name: &str) -> Eval {
        let id = Name::new(name);
        self.note_import(id);
        if let Some(value) = self.state.loaded(id).cloned() {
            self.note_found(id);
            self.trace_found(id, &value);
            return self.halted(value, name);
        }
        if name.is_empty() {
            return Err(self.error("ValueError", "Empty module name"));
        }
        if self.imports >= IMPORT_DEPTH {
            return Err(self.give_up("imports nest too deeply"));
        }
        self.imports += 1;
        let result = self.find_and_load(name, id);
        self.imports -= 1;
        result
    }

    pub(super) fn halted(&mut self, value: Value, name: &str) -> Eval {
        if value != Value::None {
            return Ok(value);
        }
        let message = format!("import of {name} halted; None in sys.modules");
        Err(self.missing_module(name, name, Some(message), false))
    }

    pub(super) fn missing_module(
        &mut self,
        missing: &str,
        wanted: &str,
        message: Option<String>,
        not_a_package: bool,
    ) -> Box<Throw> {
        let parent = missing.rsplit_once('.').map(|(parent, _)| parent);
        let text = message.unwrap_or_else(|| exceptions::no_module(missing, parent.filter(|_| not_a_package)));
        let cause = Cause::MissingModule { missing: Name::new(missing), wanted: Name::new(wanted), not_a_package };
        let mut throw = self.throw("ModuleNotFoundError", Some(text), cause);
        throw.import_name = Some(Name::new(missing));
        throw
    }

    pub(super) fn find_and_load(&mut self, name: &str, id: Name) -> Eval {
        let Some((parent, tail)) = name.rsplit_once('.') else {
            let location = self.find_top(name);
            let found = self.load_found(name, id, location, None)?;
            self.note_found(id);
            return Ok(found);
        };
        let mut holder = match self.state.loaded(Name::new(parent)).cloned() {
            Some(value) => value,
            None => self.import_name(parent).map_err(|mut throw| {
                if let Cause::MissingModule { wanted, .. } = &mut throw.raised.cause
                    && wanted.as_str() == parent
                {
                    *wanted = id;
                }
                throw
            })?,
        };
        // What the parent's code put there counts as it is, None included.
        if let Some(value) = self.state.loaded(id).cloned() {
            return Ok(value);
        }
        if let Some(value) = self.state.loaded(Name::new(parent)) {
            holder = value.clone();
        }
        if holder == Value::None {
            return Err(self.missing_module(name, name, None, true));
        }
        let Value::Module(package) = holder else {
            return match self.original(parent).filter(|_| !self.is_mock(&holder)) {
                Some(package) => self.below_replaced(name, id, &holder, package),
                None => self.below_object(name, &holder),
            };
        };
        let location = self.find_in(package, parent, tail, name);
        match location {
            Ok(location) => self.load_found(name, id, location, Some((package, tail))),
            Err(NotAPackage) if self.hooked.contains(&Name::new(name.split('.').next().unwrap_or(name))) => {
                let location = Location::Opaque("code that is not followed fills sys.modules");
                self.load_found(name, id, location, None)
            }
            Err(NotAPackage) => Err(self.missing_module(name, name, None, true)),
        }
    }

    /// The module that a name stood for before its code put another object into `sys.modules`.
    pub(super) fn original(&self, name: &str) -> Option<ModId> {
        let module = *self.originals.get(&Name::new(name))?;
        self.state.modules[module].is_package.then_some(module)
    }

    /// A package replaced itself by an object: such objects keep `__path__`.
    pub(super) fn below_replaced(&mut self, name: &str, id: Name, holder: &Value, package: ModId) -> Eval {
        let (parent, tail) = name.rsplit_once('.').unwrap_or(("", name));
        match self.find_in(package, parent, tail, name) {
            Ok(location) if location.is_found() && !matches!(location, Location::Opaque(_)) => {
                let value = self.load_found(name, id, location, None)?;
                self.set_attribute(holder, Name::new(tail), value.clone());
                Ok(value)
            }
            _ => self.below_object(name, holder),
        }
    }

    /// `import x.y` where `sys.modules["x"]` is no module.
    pub(super) fn below_object(&mut self, name: &str, holder: &Value) -> Eval {
        if self.is_mock(holder) {
            return Err(self.missing_module(name, name, None, true));
        }
        self.may_raise(May::Import);
        Ok(Value::Unknown)
    }

    pub(super) fn is_mock(&self, value: &Value) -> bool {
        let Value::Instance(instance) = value else { return false };
        let Value::External(class) = self.state.instances[*instance].class else { return false };
        class.as_str().starts_with("unittest.mock.") && class.as_str().ends_with("Mock")
    }

    pub(super) fn load_found(
        &mut self,
        name: &str,
        id: Name,
        location: Location,
        parent: Option<(ModId, &str)>,
    ) -> Eval {
        let value = match location {
            Location::Missing => {
                let top = name.split('.').next().unwrap_or(name);
                let wild = self.frames.last().is_some_and(|frame| self.wild.contains(&frame.module));
                if wild
                    || self.world.is_assumed(top)
                    || self.hooked.contains(&Name::new(top))
                    || self.hooked.contains(&Name::new("*"))
                {
                    self.may_raise(May::Import);
                    let reason = if wild { "code that is not read may provide it" } else { ASSUMED };
                    self.load(id, Location::Opaque(reason))?
                } else {
                    return Err(self.missing_module(name, name, None, false));
                }
            }
            Location::Opaque(_) => {
                self.may_raise(May::Import);
                self.load(id, location)?
            }
            location => self.load(id, location)?,
        };
        self.note_load(id, parent.map(|(package, _)| package));
        if let Some((package, tail)) = parent {
            let ns = self.state.modules[package].ns;
            self.state.bind(ns, Name::new(tail), value.clone());
        }
        Ok(value)
    }
}
