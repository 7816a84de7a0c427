//! Import statements: what `import` and `from` ask for, and what they bind.

use std::path::PathBuf;
use std::sync::Arc;

use super::Machine;
use super::attribute::Found;
use super::log::{Eval, May, Throw};
use super::outcome::Cause;
use super::state::Phase;
use super::value::{ModId, Value};
use crate::base::intern::Name;
use crate::python::exceptions;
use crate::python::location::Location;
use crate::python::names::relative_base;
use crate::summary::Sym;
use crate::summary::program::ImportName;

/// What even a shallow run imports: members of an enumeration would look like the plain values in its body.
const KEPT: &str = "enum";

impl Machine<'_> {
    /// `import a.b.c [as d]`
    pub(super) fn exec_import(&mut self, module: Sym, alias: Option<Sym>) -> Eval<()> {
        let dotted = self.text(module);
        let top = dotted.split('.').next().unwrap_or_default();
        if self.current_module_is_shallow() && dotted != KEPT {
            let name = alias.map_or_else(|| Name::new(top), |alias| self.name(alias));
            self.bind(name, Value::Unknown);
            return Ok(());
        }
        let whole = self.import_name(dotted)?;
        // A name without dots is taken as it was loaded, even if its code put None into `sys.modules`.
        let first = if dotted.contains('.') { self.import_front(top)? } else { whole };
        let Some(alias) = alias else {
            self.bind(Name::new(top), first);
            return Ok(());
        };
        let alias = self.name(alias);
        let value = self.import_as(dotted, first)?;
        self.bind(alias, value);
        Ok(())
    }

    /// The package in front of a dotted name, which is asked for afterwards: it may have failed while its submodule stayed.
    pub(super) fn import_front(&mut self, top: &str) -> Eval {
        match self.state.loaded(Name::new(top)).cloned() {
            Some(value) => self.halted(value, top),
            None => self.import_name(top),
        }
    }

    /// `import a.b.c as d` walks attributes from `a`, and falls back to `sys.modules` at each step.
    pub(super) fn import_as(&mut self, dotted: &str, first: Value) -> Eval {
        let mut value = first;
        for part in dotted.split('.').skip(1) {
            value = self.import_from_value(&value, Name::new(part))?;
        }
        Ok(value)
    }

    /// `from module import names`
    pub(super) fn exec_import_from(&mut self, level: u32, module: Sym, names: &[ImportName], star: bool) -> Eval<()> {
        let dotted = self.text(module);
        if dotted == "__future__" {
            let future: Vec<_> =
                names.iter().map(|n| (self.name(n.alias.unwrap_or(n.name)), self.text(n.name))).collect();
            for (name, feature) in future {
                self.bind(name, Value::external(&format!("__future__.{feature}")));
            }
            return Ok(());
        }
        if self.current_module_is_shallow() && dotted != KEPT {
            self.import_shallowly(names, star);
            return Ok(());
        }
        let target = self.resolve(level, dotted)?;
        let value = self.import_name(&target)?;
        if star {
            return self.import_star(&target, &value);
        }
        for import in names {
            let name = self.name(import.name);
            self.handle_fromlist(&target, &value, name)?;
        }
        for import in names {
            let (name, bound) = (self.name(import.name), self.name(import.alias.unwrap_or(import.name)));
            let found = self.import_from_value(&value, name)?;
            self.bind(bound, found);
        }
        Ok(())
    }

    pub(super) fn current_module_is_shallow(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.state.modules[frame.module].shallow)
    }

    /// Names of pytest's own package: external objects under their public name.
    pub(super) fn import_shallowly(&mut self, names: &[ImportName], star: bool) {
        let module = self.frames.last().map(|frame| frame.module);
        let Some(module) = module else { return };
        let (own, ns) = (self.state.modules[module].name, self.state.modules[module].ns);
        if star {
            self.state.open(ns, "star import that is not followed");
        }
        for import in names {
            let bound = self.name(import.alias.unwrap_or(import.name));
            let value =
                if own.as_str() == "pytest" { Value::external(&format!("pytest.{bound}")) } else { Value::Unknown };
            self.bind(bound, value);
        }
    }

    /// The absolute name of a possibly relative one.
    pub(super) fn resolve(&mut self, level: u32, dotted: &str) -> Eval<String> {
        if level == 0 {
            return Ok(dotted.to_owned());
        }
        let package = self.package();
        let Some(package) = package else { return Err(self.give_up("__package__ is not known")) };
        if package.is_empty() {
            let message = "attempted relative import with no known parent package".to_owned();
            return Err(self.throw("ImportError", Some(message), Cause::RelativeNoPackage));
        }
        match relative_base(&package, level) {
            Some(base) if dotted.is_empty() => Ok(base.to_owned()),
            Some(base) => Ok(format!("{base}.{dotted}")),
            None => {
                let class = exceptions::beyond_top_class(self.setup.version);
                let message = "attempted relative import beyond top-level package".to_owned();
                Err(self.throw(class, Some(message), Cause::RelativeBeyondTop))
            }
        }
    }

    /// `__package__` of the running module; none if it is not known.
    pub(super) fn package(&self) -> Option<String> {
        let frame = self.frames.last()?;
        let module = &self.state.modules[frame.module];
        match self.state.slot(module.ns, Name::new("__package__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => return Some(text.to_string()),
            Some(Value::None) | None => {}
            Some(_) => return None,
        }
        let name = module.name.as_str();
        Some(if module.is_package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) }.to_owned())
    }

    /// The same for a package that replaced itself by an object whose attributes are not known.
    pub(super) fn handle_replaced(&mut self, target: &str, name: Name) -> Eval<()> {
        if let Some(package) = self.original(target)
            && self.state.slot(self.state.modules[package].ns, name).is_none()
            && self.submodule_exists(package, name)
        {
            self.import_name(&format!("{target}.{name}"))?;
        }
        Ok(())
    }

    /// For packages: a missing name may be a submodule, which is then imported.
    pub(super) fn handle_fromlist(&mut self, target: &str, value: &Value, name: Name) -> Eval<()> {
        let Value::Module(module) = *value else {
            return self.handle_replaced(target, name);
        };
        if !self.has_path(module) {
            return Ok(());
        }
        let found = match self.module_attribute(module, name) {
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => Found::No,
            other => other?,
        };
        match found {
            Found::Yes(_) => return Ok(()),
            Found::Maybe(_) | Found::Unknown => {
                let known = self.state.slot(self.state.modules[module].ns, name).is_some();
                if known || !self.submodule_exists(module, name) {
                    return Ok(());
                }
            }
            Found::No => {}
        }
        let full = format!("{}.{name}", self.module_name(module));
        match self.import_name(&full) {
            Ok(_) => Ok(()),
            // A submodule that does not exist is for IMPORT_FROM to tell; one that None stands for in `sys.modules` is not.
            Err(throw)
                if throw.import_name.is_some_and(|missing| missing.as_str() == full)
                    && throw.raised.class.as_str() == "ModuleNotFoundError"
                    && self.state.loaded(Name::new(&full)) != Some(&Value::None) =>
            {
                Ok(())
            }
            Err(throw) => Err(throw),
        }
    }

    pub(super) fn submodule_exists(&mut self, module: ModId, name: Name) -> bool {
        let parent = self.module_name(module);
        let full = format!("{parent}.{name}");
        matches!(self.find_in(module, &parent, name.as_str(), &full), Ok(location) if location.is_found() && !matches!(location, Location::Opaque(_) | Location::Namespace(_)))
    }

    pub(super) fn has_path(&self, module: ModId) -> bool {
        let module = &self.state.modules[module];
        match module.location {
            Location::Stdlib(name) => self.stdlib_is_package(name.as_str()),
            _ => module.is_package || self.state.slot(module.ns, Name::new("__path__")).is_some(),
        }
    }

    /// `__name__` as the module has it now.
    pub(super) fn module_name(&self, module: ModId) -> String {
        let module = &self.state.modules[module];
        match self.state.slot(module.ns, Name::new("__name__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => text.to_string(),
            _ => module.name.as_str().to_owned(),
        }
    }

    /// The IMPORT_FROM instruction: attribute, then `sys.modules`, then ImportError.
    pub(super) fn import_from_value(&mut self, value: &Value, name: Name) -> Eval {
        let Value::Module(module) = *value else {
            return self.import_from_object(value, name);
        };
        let found = match self.module_attribute(module, name) {
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => Found::No,
            other => other?,
        };
        match found {
            Found::Yes(value) => {
                self.warn_of_name(module, name)?;
                return Ok(value);
            }
            Found::Maybe(value) => {
                self.may_raise(May::Import);
                return Ok(value);
            }
            Found::Unknown => {
                // Compiled modules nearly always have what is asked of them.
                if !matches!(self.state.modules[module].location, Location::Extension { .. }) {
                    self.may_raise(May::Import);
                }
                return Ok(Value::Unknown);
            }
            Found::No => {}
        }
        let full = Name::new(&format!("{}.{name}", self.module_name(module)));
        match self.state.loaded(full).cloned() {
            // Whatever it is, None included.
            Some(value) => Ok(value),
            None if self.may_appear(module, name) => {
                self.may_raise(May::Import);
                Ok(Value::Unknown)
            }
            None => Err(self.cannot_import(module, name)),
        }
    }

    pub(super) fn import_from_object(&mut self, value: &Value, name: Name) -> Eval {
        if *value == Value::None {
            let text = exceptions::cannot_import_name(name.as_str(), "<unknown module name>", None, false);
            return Err(self.error("ImportError", text));
        }
        match self.attribute(value, name) {
            Ok(value) => Ok(value),
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => {
                self.may_raise(May::Import);
                Ok(Value::Unknown)
            }
            Err(throw) => Err(throw),
        }
    }

    pub(super) fn cannot_import(&mut self, module: ModId, name: Name) -> Box<Throw> {
        let own = self.module_name(module);
        let partial = self.state.modules[module].phase == Phase::Loading;
        let file = self.file_text(module);
        let plain = || exceptions::cannot_import_name(name.as_str(), &own, file.as_deref(), partial);
        let text = self.shadowing_name(module, name).unwrap_or_else(plain);
        let path = self.module_source(module);
        let cause = Cause::MissingName { module: Name::new(&own), file: path, name, partial };
        self.throw("ImportError", Some(text), cause)
    }

    pub(super) fn module_source(&self, module: ModId) -> Option<Arc<PathBuf>> {
        match &self.state.modules[module].location {
            Location::Extension { file, .. } => Some(Arc::clone(file)),
            other => other.source().cloned(),
        }
    }

    /// `__file__` as messages print it.
    pub(super) fn file_text(&self, module: ModId) -> Option<String> {
        let data = &self.state.modules[module];
        match self.state.slot(data.ns, Name::new("__file__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => return Some(text.to_string()),
            Some(_) => return None,
            None => {}
        }
        if let Location::Stdlib(name) = data.location {
            return self.stdlib_file(name.as_str());
        }
        self.module_source(module).map(|file| file.to_string_lossy().into_owned())
    }
}
