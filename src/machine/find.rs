//! Where a module lies: `sys.path`, `__path__`, and the finders behind them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Machine;
use super::preloaded::is_preloaded;
use super::value::{ModId, Value};
use crate::base::intern::Name;
use crate::base::paths::PathSet;
use crate::python::location::Location;

/// Stands for the standard library in `sys.path`.
pub(super) const STDLIB_ENTRY: &str = "<stdlib>";

/// Search path entries (none: the standard library), and whether that is all of them.
type SearchPath = (Vec<Option<Arc<PathBuf>>>, bool);

/// `sys.path` as it was after so many changes: thousands of imports may search it, and it may be thousands of entries long.
#[derive(Debug, Clone, Default)]
pub(super) struct SysPath {
    changes: u64,
    /// The standard library is an empty path.
    pub(super) entries: Vec<Arc<PathBuf>>,
    present: PathSet,
    /// Whether that is all of it.
    exact: bool,
}

impl SysPath {
    pub(super) fn holds(&self, directory: &Path) -> bool {
        self.present.contains(directory)
    }

    /// Entries before the standard library, and all.
    fn directories(&self) -> (&[Arc<PathBuf>], impl Iterator<Item = &Arc<PathBuf>>) {
        let is_library = |entry: &Arc<PathBuf>| entry.as_os_str().is_empty();
        let mark = self.entries.iter().position(is_library).unwrap_or(0);
        (&self.entries[..mark], self.entries.iter().filter(move |entry| !is_library(entry)))
    }
}

impl Machine<'_> {
    /// `sys.path` as it is now.
    pub(super) fn search_path(&self) -> Arc<SysPath> {
        let (changes, mut known) = (self.state.changes(), self.known_path.borrow_mut());
        if let Some(known) = known.as_ref().filter(|known| known.changes == changes) {
            return Arc::clone(known);
        }
        let (entries, exact) = self.directories(&Value::List(self.sys_path));
        let entries: Vec<_> = entries.into_iter().map(Option::unwrap_or_default).collect();
        let present = entries.iter().map(|entry| entry.as_path()).collect();
        Arc::clone(known.insert(Arc::new(SysPath { changes, entries, present, exact })))
    }

    /// pytest puts a directory on `sys.path`: what is known of it stays known.
    pub(super) fn add_to_path(&mut self, index: usize, directory: &Path) {
        let known = self.known_path.take().filter(|known| known.changes == self.state.changes());
        let entry = Self::path_entry(directory);
        let mut at = 0;
        self.state.change(self.sys_path, |path| {
            at = index.min(path.items.len());
            path.items.insert(at, entry);
        });
        // Among entries that are not known, places differ.
        let length = self.state.object(self.sys_path).items.len();
        if let Some(mut known) = known.filter(|known| at == 0 || length == known.entries.len() + 1) {
            let path = Arc::make_mut(&mut known);
            let directory =
                if directory.as_os_str().is_empty() { PathBuf::new() } else { self.absolute_path(directory) };
            path.present.insert(&directory);
            path.entries.insert(at, Arc::new(directory));
            path.changes = self.state.changes();
            self.known_path.replace(Some(known));
        }
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
    fn directories(&self, value: &Value) -> SearchPath {
        let Some((items, exact)) = self.elements(value) else { return (Vec::new(), false) };
        self.known_entries(&items, exact)
    }

    /// Entries of a list of directories as far as they are known.
    pub(super) fn known_entries(&self, items: &[Value], mut exact: bool) -> SearchPath {
        let mut found = Vec::new();
        for item in items {
            match item {
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
        self.absolute_path(Path::new(text))
    }

    fn absolute_path(&self, path: &Path) -> PathBuf {
        crate::base::system::absolute(&self.setup.current_dir, path)
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
        let path = self.search_path();
        let (before, all) = path.directories();
        let found = self.world.find(before, name);
        if !matches!(found, Location::Missing | Location::Namespace(_)) {
            return found;
        }
        if stdlib {
            return Location::Stdlib(Name::new(name));
        }
        let all: Vec<_> = all.cloned().collect();
        let found = self.world.find(&all, name);
        let found = if found.is_found() { found } else { self.world.find_late(name) };
        if found == Location::Missing && !path.exact {
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
                Location::Stdlib(_) | Location::Module(_) | Location::Missing if self.state.ns(ns).open.is_none() => {
                    Err(NotAPackage)
                }
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
