//! `importlib`, `pkgutil`, `sys.modules`: imports that are calls.

use super::{Played, Request};
use std::path::PathBuf;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::find::NotAPackage;
use crate::machine::log::{Eval, May};
use crate::machine::outcome::Cause;
use crate::machine::value::Value;
use crate::python::location::Location;
use crate::python::names::relative_base;

impl Machine<'_> {
    pub(super) fn play_importing(&mut self, request: &Request) -> Played {
        Some(match request.name {
            "importlib.import_module" => self.import_module(request),
            "importlib.util.find_spec" => self.find_spec(request),
            "importlib.reload" => Ok(request.args.first().cloned().unwrap_or(Value::Unknown)),
            "importlib.metadata.version" | "importlib_metadata.version" | "pkg_resources.get_distribution" => {
                return self.distribution(request);
            }
            "importlib.metadata.distribution" | "importlib_metadata.distribution" => return self.distribution(request),
            "pkgutil.extend_path" => Ok(request.args.first().cloned().unwrap_or(Value::Unknown)),
            "sys.modules.get" | "sys.modules.pop" => self.modules_method(request),
            "sys.modules.setdefault" => Ok(self.modules_setdefault(request)),
            "sys.modules.update" => Ok(Value::None),
            // A context offers what the module offers.
            "multiprocessing.get_context" => Ok(Value::external("multiprocessing")),
            "types.ModuleType" | "builtins.module" | "imp.new_module" => Ok(self.new_module_object(request)),
            "sys.meta_path.insert" | "sys.meta_path.append" | "sys.path_hooks.append" | "sys.path_hooks.insert" => {
                self.note_hook();
                Ok(Value::None)
            }
            "site.addsitedir" => {
                if let Some(Value::Str(path)) = request.args.first() {
                    let entry = Value::Str(path.clone());
                    let list = self.sys_path;
                    self.state.change(list, |list| list.items.push(entry));
                }
                Ok(Value::None)
            }
            _ => return None,
        })
    }

    /// Code installs an import hook: names below its own top-level package may come from anywhere.
    pub(super) fn note_hook(&mut self) {
        let Some(module) = self.frames.last().map(|frame| frame.module) else { return };
        let name = self.state.modules[module].name.as_str();
        let last = name.rsplit('.').next().unwrap_or(name);
        if last != "six" {
            let project = self.state.modules[module].unit.is_some_and(|unit| self.units[unit].is_project);
            let top = name.split('.').next().unwrap_or(name);
            self.hooked.insert(Name::new(if project { "*" } else { top }));
        }
    }

    fn import_module(&mut self, request: &Request) -> Eval {
        let Some(name) = request.argument(0, "name").and_then(Value::as_str) else {
            self.runs_unseen = true;
            self.may_raise(May::Import);
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let level = name.len() - name.trim_start_matches('.').len();
        if level == 0 {
            return self.import_name(name);
        }
        let tail = &name[level..];
        match request.argument(1, "package") {
            Some(Value::Str(package)) => {
                let base = relative_base(package, u32::try_from(level).unwrap_or(u32::MAX));
                match base {
                    Some(base) if tail.is_empty() => self.import_name(base),
                    Some(base) => self.import_name(&format!("{base}.{tail}")),
                    None => {
                        let class = crate::python::exceptions::beyond_top_class(self.setup.version);
                        let text = "attempted relative import beyond top-level package".to_owned();
                        Err(self.throw(class, Some(text), Cause::RelativeBeyondTop))
                    }
                }
            }
            None | Some(Value::None) => {
                let text = format!("the 'package' argument is required to perform a relative import for '{name}'");
                Err(self.error("TypeError", text))
            }
            Some(_) => {
                self.runs_unseen = true;
                self.may_raise(May::Import);
                Ok(Value::Unknown)
            }
        }
    }

    /// `__import__(name, globals, locals, fromlist, level)`
    pub(super) fn import_builtin(&mut self, request: &Request) -> Eval {
        let Some(name) = request.argument(0, "name").and_then(Value::as_str) else {
            self.runs_unseen = true;
            self.may_raise(May::Import);
            return Ok(Value::Unknown);
        };
        let level = match request.argument(4, "level") {
            None => 0,
            Some(Value::Int(level)) => u32::try_from(*level).unwrap_or(0),
            Some(_) => return Ok(Value::Unknown),
        };
        let target = self.resolve(level, name)?;
        let module = self.import_name(&target)?;
        let from = request.argument(3, "fromlist").cloned();
        let fromlist = from.map_or(Some(false), |list| self.truth(&list));
        match fromlist {
            Some(true) => Ok(module),
            Some(false) if level == 0 && !target.contains('.') => Ok(module),
            Some(false) if level == 0 => {
                let top = target.split('.').next().unwrap_or(&target);
                self.import_front(top)
            }
            _ => Ok(Value::Unknown),
        }
    }

    /// `importlib.util.find_spec`: imports parents only.
    fn find_spec(&mut self, request: &Request) -> Eval {
        let Some(name) = request.argument(0, "name").and_then(Value::as_str).filter(|name| !name.starts_with('.'))
        else {
            self.may_raise(May::Import);
            return Ok(Value::Unknown);
        };
        match self.exists(name)? {
            Some(true) => Ok(self.instance(Value::external("importlib.machinery.ModuleSpec"), Vec::new(), Vec::new())),
            Some(false) => Ok(Value::None),
            None => Ok(Value::Unknown),
        }
    }

    /// `sys.modules[name]`
    pub(super) fn module_item(&mut self, name: &str) -> Eval {
        if let Some(value) = self.state.loaded(Name::new(name)).cloned() {
            return Ok(value);
        }
        match self.knows_module(name) {
            Some(false) => {
                let text = format!("'{name}'");
                Err(self.throw("KeyError", Some(text), Cause::Other))
            }
            _ => {
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    /// Whether `sys.modules` holds the name: other modules of the library may be there as well.
    pub(super) fn knows_module(&mut self, name: &str) -> Option<bool> {
        if self.state.loaded(Name::new(name)).is_some()
            || matches!(name, "pytest" | "_pytest" | "pluggy" | "sys" | "os")
        {
            return Some(true);
        }
        if self.stdlib_module(name) {
            return None;
        }
        self.is_unloaded(name).then_some(false)
    }

    /// Whether nobody can have imported a module that is not in `sys.modules`: it does not exist, or it is the project's
    /// and all code of the project was seen running. Plugins may have loaded installed packages.
    fn is_unloaded(&mut self, name: &str) -> bool {
        let top = name.split('.').next().unwrap_or(name);
        let location = match name.rsplit_once('.') {
            None => Ok(self.find_top(name)),
            Some((parent, tail)) => match self.state.loaded(Name::new(parent)).cloned() {
                Some(Value::Module(package)) => self.find_in(package, parent, tail, name),
                Some(_) => return false,
                None => return !self.stdlib_module(parent) && self.is_unloaded(parent),
            },
        };
        match location {
            Ok(Location::Missing) | Err(NotAPackage) => !self.world.is_assumed(top),
            Ok(Location::Opaque(_)) => false,
            Ok(found) => {
                let place = match &found {
                    Location::Namespace(portions) => portions.first().map(PathBuf::as_path),
                    other => other.source().map(|file| file.as_path()),
                };
                !self.runs_unseen && self.hooked.is_empty() && place.is_some_and(|place| self.world.is_project(place))
            }
        }
    }

    fn modules_method(&mut self, request: &Request) -> Eval {
        let Some(name) = request.args.first().and_then(Value::as_str) else { return Ok(Value::Unknown) };
        let found = self.state.loaded(Name::new(name)).cloned();
        let pops = request.name.ends_with("pop");
        if pops {
            self.state.set_loaded(Name::new(name), None);
        }
        if let Some(value) = found {
            return Ok(value);
        }
        let known = self.knows_module(name) == Some(false);
        match request.args.get(1) {
            Some(value) if known => Ok(value.clone()),
            None if known && pops => Err(self.error("KeyError", format!("'{name}'"))),
            None if known => Ok(Value::None),
            _ => Ok(Value::Unknown),
        }
    }

    fn modules_setdefault(&mut self, request: &Request) -> Value {
        let (Some(name), Some(value)) = (request.args.first().and_then(Value::as_str), request.args.get(1)) else {
            return Value::Unknown;
        };
        let name = Name::new(name);
        match self.state.loaded(name).cloned() {
            Some(value) => value,
            None => {
                self.note_planted(name);
                self.state.set_loaded(name, Some(value.clone()));
                value.clone()
            }
        }
    }

    fn new_module_object(&mut self, request: &Request) -> Value {
        let Some(name) = request.args.first().and_then(Value::as_str) else { return Value::Unknown };
        Value::Module(self.synthetic_module(Name::new(name)))
    }

    fn distribution(&mut self, request: &Request) -> Played {
        let name = request.args.first()?.as_str()?.to_owned();
        let bare = name.split(|c: char| "<>=!~[; ".contains(c)).next().unwrap_or(&name);
        Some(match self.world.distribution_version(bare) {
            Some(version) if request.name.ends_with(".version") => Ok(Value::str(&version)),
            Some(_) => Ok(Value::Unknown),
            None if request.name.starts_with("pkg_resources") => {
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
            None => {
                let text = format!("No package metadata was found for {bare}");
                Err(self.throw("importlib.metadata.PackageNotFoundError", Some(text), Cause::Other))
            }
        })
    }

    /// Whether a module could be imported, without importing it; parents are imported.
    pub(super) fn exists(&mut self, name: &str) -> Eval<Option<bool>> {
        if self.state.loaded(Name::new(name)).is_some() {
            return Ok(Some(true));
        }
        let location = match name.rsplit_once('.') {
            None => Some(self.find_top(name)),
            Some((parent, tail)) => match self.import_name(parent)? {
                Value::Module(package) => self.find_in(package, parent, tail, name).ok(),
                _ => return Ok(None),
            },
        };
        Ok(match location {
            Some(Location::Opaque(_)) => None,
            Some(location) if location.is_found() => Some(true),
            _ if self.world.is_assumed(name.split('.').next().unwrap_or(name)) => None,
            _ => Some(false),
        })
    }

    /// An attribute of a module without running anything.
    pub(super) fn plain_module_attribute(&self, module: crate::machine::value::ModId, name: &str) -> Found {
        let ns = self.state.modules[module].ns;
        Found::from(self.state.slot(ns, Name::new(name)))
    }
}
