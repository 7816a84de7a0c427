//! Names of what is not executed: the standard library, and finders that packages bring along.

use rustc_hash::FxHashMap;

use super::Machine;
use super::attribute::Found;
use super::value::{ModId, NsId, Value};
use crate::base::intern::Name;
use crate::python::location::Location;
use crate::python::stdlib::{self, Constant, ModuleKind, StdlibModule, StdlibName};
use crate::python::version::{Platform, PythonVersion};

/// Answers of the library's tables, which are asked at every call.
#[derive(Default)]
pub(super) struct Library {
    known: FxHashMap<Box<str>, bool>,
    modules: FxHashMap<Box<str>, Option<&'static StdlibModule>>,
}

impl Library {
    fn exists(&mut self, name: &str, version: PythonVersion, platform: Platform) -> bool {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let known = stdlib::exists(name, version, platform);
        self.known.insert(name.into(), known);
        known
    }

    fn module(&mut self, name: &str, version: PythonVersion, platform: Platform) -> Option<&'static StdlibModule> {
        if let Some(module) = self.modules.get(name) {
            return *module;
        }
        let module = stdlib::module(name, version, platform);
        self.modules.insert(name.into(), module);
        module
    }
}

impl Machine<'_> {
    /// Whether the standard library of the target has a module of this full name.
    pub(super) fn stdlib_module(&self, name: &str) -> bool {
        self.library.borrow_mut().exists(name, self.setup.version, self.setup.platform)
    }

    fn stdlib(&self, name: &str) -> Option<&'static StdlibModule> {
        self.library.borrow_mut().module(name, self.setup.version, self.setup.platform)
    }

    /// Whether that module is a package.
    pub(super) fn stdlib_is_package(&self, name: &str) -> bool {
        self.stdlib(name).is_some_and(StdlibModule::is_package)
    }

    /// Whether it is compiled into the interpreter, so that it has no file.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        self.stdlib(name).is_some_and(|module| module.kind == ModuleKind::Builtin)
    }

    /// Whether no file can shadow it.
    pub(super) fn is_unshadowable(&self, name: &str) -> bool {
        stdlib::is_unshadowable(name, self.setup.version, self.setup.platform)
    }

    /// Its file, as messages print it.
    pub(super) fn stdlib_file(&self, name: &str) -> Option<String> {
        self.stdlib(name)?.file.as_ref().map(|file| format!("<stdlib>/{file}"))
    }

    /// A name of a library module.
    pub(super) fn stdlib_attribute(&mut self, own: Name, name: Name) -> Found {
        let full = format!("{own}.{name}");
        let Some(module) = self.stdlib(own.as_str()) else { return Found::Unknown };
        let Some(known) = module.get(name.as_str()) else {
            return match self.stdlib(&full) {
                // Somebody else may have imported the submodule.
                Some(_) => Found::Maybe(self.stdlib_value(&full)),
                None if module.complete => Found::No,
                None => Found::Unknown,
            };
        };
        if let Some(value) = self.library_constant(&full) {
            return Found::Yes(value);
        }
        Found::Yes(match known {
            StdlibName::Module(other) => self.stdlib_value(other),
            StdlibName::Exception(Some(defined), _) => Value::external(defined),
            StdlibName::Class(Some(defined)) if defined.starts_with("builtins.") => Value::external(defined),
            StdlibName::Constant(Constant::None) => Value::None,
            StdlibName::Constant(Constant::Bool(value)) => Value::Bool(*value),
            StdlibName::Constant(Constant::Int(value)) => Value::Int(*value),
            StdlibName::Constant(Constant::Str(value)) => Value::str(value),
            StdlibName::Class(_)
            | StdlibName::Exception(None, _)
            | StdlibName::Function(_)
            | StdlibName::Coroutine(_)
            | StdlibName::Value(_) => Value::external(&full),
        })
    }

    /// The module object of a library module that the interpreter has loaded by itself.
    fn stdlib_value(&mut self, full: &str) -> Value {
        let id = Name::new(full);
        match self.state.loaded(id) {
            Some(value) => value.clone(),
            None => self.load_stdlib(id),
        }
    }

    /// Whether the library's tables say that the name is a class; none if they do not know it.
    pub(super) fn library_class(&self, full: &str) -> Option<bool> {
        let (module, name) = full.rsplit_once('.')?;
        Some(matches!(self.stdlib(module)?.get(name)?, StdlibName::Class(_)))
    }

    /// Whether it is a class or function that the library's module defines under this very name.
    pub(super) fn library_definition(&self, full: &str) -> bool {
        let Some((module, name)) = full.rsplit_once('.') else { return false };
        let known = self.stdlib(module).and_then(|module| module.get(name));
        matches!(known, Some(StdlibName::Class(None) | StdlibName::Exception(None, _) | StdlibName::Function(None)))
            && module != "typing"
    }

    /// Names of the bases of a library's exception class.
    pub(super) fn library_bases(&self, class: &str) -> Option<&'static [&'static str]> {
        let (module, name) = class.rsplit_once('.')?;
        match self.stdlib(module)?.get(name)? {
            StdlibName::Exception(_, bases) => Some(bases),
            _ => None,
        }
    }

    /// What a star import from a library module binds.
    pub(super) fn bind_stdlib_names(&mut self, module: ModId, own: NsId) {
        let Location::Stdlib(name) = self.state.modules[module].location else { return };
        let Some(library) = self.stdlib(name.as_str()) else { return };
        for export in library.exports() {
            let export = Name::new(export);
            if let Found::Yes(value) | Found::Maybe(value) = self.stdlib_attribute(name, export) {
                self.state.bind(own, export, value);
            }
        }
    }

    /// Code sets an attribute of a library module.
    pub(super) fn stdlib_attribute_set(&mut self, own: Name, name: Name, new: &Value) {
        if (own.as_str(), name.as_str()) == ("sys", "path")
            && let Some((items, exact)) = self.elements(new)
        {
            let object = super::value::Object {
                items,
                values: Vec::new(),
                exact,
                union: true,
                disguised: false,
                generator: false,
            };
            self.state.set_object(self.sys_path, object);
        }
    }

    /// Submodules that a package's own finder provides.
    pub(super) fn special_submodule(&mut self, package: ModId, parent: &str, tail: &str) -> Option<Location> {
        let last = parent.rsplit('.').next().unwrap_or(parent);
        let below_moves = parent.split('.').any(|part| part == "moves");
        if last == "six" && tail == "moves" {
            return Some(if self.six_can_find(package) {
                Location::Opaque("modules that six provides")
            } else {
                Location::Missing
            });
        }
        let vendored = last == "extern" && matches!(parent.split('.').next(), Some("pkg_resources" | "setuptools"));
        if vendored || below_moves && matches!(self.state.modules[package].location, Location::Opaque(_)) {
            return Some(Location::Opaque("modules that a package's own finder provides"));
        }
        None
    }

    /// Old releases of six install a finder without `find_spec`, which nothing asks from 3.12 on.
    fn six_can_find(&self, package: ModId) -> bool {
        if self.setup.version < PythonVersion::three(12) {
            return true;
        }
        let Some(unit) = self.state.modules[package].unit else { return true };
        let summary = &self.units[unit].summary;
        let mut finders = summary.definitions.iter().map(|definition| summary.text(definition.qualname));
        let (mut importer, mut spec) = (false, false);
        finders.by_ref().for_each(|name| {
            importer |= name == "_SixMetaPathImporter";
            spec |= name == "_SixMetaPathImporter.find_spec";
        });
        !importer || spec
    }

    /// What a finished module leaves that its code alone does not show.
    pub(super) fn after_execution(&mut self, module: ModId) {
        let data = &self.state.modules[module];
        let (name, ns) = (data.name, data.ns);
        if name.as_str().rsplit('.').next() == Some("six") {
            let moves = Name::new("moves");
            self.state.bind(ns, moves, Value::Unknown);
        }
    }
}
