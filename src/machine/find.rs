//! Where a module lies: `sys.path`, `__path__`, and the finders behind them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Machine;
use super::preloaded::is_preloaded;
use super::value::{ModId, Value};
use crate::base::intern::Name;
use crate::python::location::Location;

/// Stands for the standard library in `sys.path`.
pub(super) const STDLIB_ENTRY: &str = "<stdlib>";

/// Search path entries (none: the standard library), and whether that is all of them.
pub(super) type SearchPath = (Vec<Option<Arc<PathBuf>>>, bool);

impl Machine<'_> {
    /// `sys.path` as it is now, and whether all of it is known.
    pub(super) fn search_path(&self) -> SearchPath {
        self.directories(&Value::List(self.sys_path))
    }

    /// The first known entry of `sys.path`; `Some(None)` is the standard library.
    pub(super) fn first_directory(&self) -> Option<Option<Arc<PathBuf>>> {
        self.state.object(self.sys_path).items.iter().find_map(|item| match item {
            Value::External(name) if name.as_str() == STDLIB_ENTRY => Some(None),
            Value::Str(text) => Some(Some(Arc::new(self.absolute(text)))),
            _ => None,
        })
    }

    /// A list of directories such as `__path__`.
    pub(super) fn directories(&self, value: &Value) -> SearchPath {
        let Some((items, mut exact)) = self.elements(value) else { return (Vec::new(), false) };
        let mut found = Vec::new();
        for item in items {
            match &item {
                Value::External(name) if name.as_str() == STDLIB_ENTRY => found.push(None),
                Value::Str(text) => found.push(Some(Arc::new(self.absolute(text)))),
                // pathlib objects in sys.path are ignored by the path finder.
                Value::Path(_) => {}
                _ => exact = false,
            }
        }
        (found, exact)
    }

    pub(super) fn absolute(&self, text: &str) -> PathBuf {
        crate::base::system::absolute(&self.setup.current_dir, Path::new(text))
    }

    pub(super) fn find_top(&mut self, name: &str) -> Location {
        let stdlib = self.stdlib_module(name);
        if stdlib && (is_preloaded(name) || self.is_unshadowable(name)) {
            return Location::Stdlib(Name::new(name));
        }
        // pytest has mostly just put the directory in front that the name lies in; a long path need not be built then.
        if let Some(Some(first)) = self.first_directory() {
            let found = self.world.find(&[first], name);
            if !matches!(found, Location::Missing | Location::Namespace(_)) {
                return found;
            }
        }
        let (entries, exact) = self.search_path();
        let mark = entries.iter().position(Option::is_none).unwrap_or(0);
        let before: Vec<_> = entries[..mark].iter().flatten().cloned().collect();
        let found = self.world.find(&before, name);
        if !matches!(found, Location::Missing | Location::Namespace(_)) {
            return found;
        }
        if stdlib {
            return Location::Stdlib(Name::new(name));
        }
        let all: Vec<_> = entries.into_iter().flatten().collect();
        let found = self.world.find(&all, name);
        let found = if found.is_found() { found } else { self.world.find_late(name) };
        if found == Location::Missing && !exact {
            return Location::Opaque("sys.path is changed in a way that cannot be followed");
        }
        found
    }

    pub(super) fn find_in(
        &mut self,
        package: ModId,
        parent: &str,
        tail: &str,
        name: &str,
    ) -> Result<Location, NotAPackage> {
        let module = &self.state.modules[package];
        let (ns, location) = (module.ns, module.location.clone());
        if let Some(found) = self.special_submodule(package, parent, tail) {
            return Ok(found);
        }
        let path = self.state.slot(ns, Name::new("__path__")).map(|slot| slot.value.clone());
        let Some(path) = path else {
            return match location {
                Location::Stdlib(_) if self.stdlib_module(name) => Ok(Location::Stdlib(Name::new(name))),
                Location::Stdlib(_) if self.stdlib_is_package(parent) => Ok(Location::Missing),
                Location::Stdlib(_) | Location::Module(_) if self.state.ns(ns).open.is_none() => Err(NotAPackage),
                _ => Ok(Location::Opaque("submodule of a module that cannot be read")),
            };
        };
        let (entries, exact) = self.directories(&path);
        let directories: Vec<_> = entries.into_iter().flatten().collect();
        let found = self.world.find(&directories, tail);
        let found = if found.is_found() { found } else { self.world.find_late(name) };
        let unsure = !exact || matches!(location, Location::Opaque(_));
        Ok(if found == Location::Missing && unsure { Location::Opaque("__path__ is not known") } else { found })
    }
}

/// The parent of a dotted name has no `__path__`.
pub(super) struct NotAPackage;
