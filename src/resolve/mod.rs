//! Module names to locations, as CPython's PathFinder and the finders behind it find them (spec: python-import.md
//! section 2). Looks at directories only, each of them once; opens no Python file.

mod listing;
mod suffixes;
mod zip;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use crate::base::intern::Name;
use crate::base::paths::PathMap;
use crate::base::system::System;
use crate::environment::{EditableFinder, Environment, OpaqueFinder};
use crate::python::location::Location;
use crate::python::stdlib;
use crate::python::version::{Platform, PythonVersion};
use listing::{Listing, Members};
pub use suffixes::Suffixes;

/// Finds modules. Shared between threads; what it has listed it does not list again.
pub struct Resolver {
    system: Arc<dyn System>,
    version: PythonVersion,
    platform: Platform,
    suffixes: Suffixes,
    finders: Vec<EditableFinder>,
    opaque: Vec<OpaqueFinder>,
    shims: Vec<(String, PathBuf)>,
    listings: RwLock<PathMap<Arc<Listing>>>,
}

impl Resolver {
    /// A resolver for one environment. Extension modules are judged by the interpreter that is installed there, even
    /// if another version is targeted: they are what the environment has.
    #[must_use]
    pub fn new(system: Arc<dyn System>, environment: &Environment) -> Self {
        Self {
            system,
            version: environment.version,
            platform: environment.platform,
            suffixes: Suffixes::new(environment.interpreter_version(), environment.interpreter_platform),
            finders: environment.finders.clone(),
            opaque: environment.opaque_finders.clone(),
            shims: environment.shims.clone(),
            listings: RwLock::default(),
        }
    }

    /// Looks for the module with this *tail* name in the directories, in order. An empty path stands for the standard
    /// library; where it is given, the search is for a top-level module, and no file can shadow builtin and frozen ones.
    #[must_use]
    pub fn find(&self, directories: &[Arc<PathBuf>], tail: &str) -> Location {
        let top_level = directories.iter().any(|d| d.as_os_str().is_empty());
        if top_level && stdlib::is_unshadowable(tail, self.version, self.platform) {
            return Location::Stdlib(Name::new(tail));
        }
        let mut portions = Vec::new();
        let mut opaque = None;
        for directory in directories {
            if directory.as_os_str().is_empty() {
                if !tail.contains('.') && stdlib::exists(tail, self.version, self.platform) {
                    return Location::Stdlib(Name::new(tail));
                }
                continue;
            }
            match &*self.listing(directory) {
                Listing::Absent => {}
                Listing::Archive(members) => opaque = opaque.or(members.why_opaque(tail)),
                Listing::Directory(members) => {
                    let found = self.find_in(directory, members, tail, &mut portions);
                    // What an archive further to the front provides would win.
                    if let (Some(_), Some(reason)) = (&found, opaque) {
                        return Location::Opaque(reason);
                    }
                    if let Some(found) = found {
                        return found;
                    }
                }
            }
        }
        match (opaque, portions.is_empty()) {
            (Some(reason), _) => Location::Opaque(reason),
            (None, true) => Location::Missing,
            (None, false) => Location::Namespace(Arc::new(portions)),
        }
    }

    /// A module of the standard library by its full name.
    #[must_use]
    pub fn find_stdlib(&self, full_name: &str) -> Location {
        if stdlib::exists(full_name, self.version, self.platform) {
            return Location::Stdlib(Name::new(full_name));
        }
        if full_name.starts_with("test.") {
            // CPython's own tests: thousands of names, and distributions leave them out at will.
            return Location::Opaque("CPython's own tests may not be installed");
        }
        Location::Missing
    }

    /// Looks for a full name in the finders behind PathFinder: setuptools' editable installs, its stand-in for
    /// `distutils`, hooks that cannot be read.
    #[must_use]
    pub fn find_late(&self, full_name: &str) -> Location {
        for finder in &self.finders {
            let found = self.find_editable(finder, full_name);
            if found.is_found() {
                return found;
            }
        }
        let shim = self.shims.iter().find(|(name, _)| name == full_name).map(|(_, directory)| directory);
        if let Some(found) = shim.map(|directory| self.find_path(directory))
            && found.is_found()
        {
            return found;
        }
        let top_level = full_name.split('.').next().unwrap_or(full_name);
        if self.opaque.iter().any(|finder| finder.may_provide(top_level)) {
            return Location::Opaque("an import hook of an installed package may provide it");
        }
        Location::Missing
    }

    /// setuptools' finder answers for mapped names and for immediate children of mapped packages.
    fn find_editable(&self, finder: &EditableFinder, full_name: &str) -> Location {
        let mapped = |name: &str| finder.mapping.iter().find(|(key, _)| key == name).map(|(_, path)| path);
        if let Some(path) = mapped(full_name) {
            return self.find_path(path);
        }
        if let Some((parent, child)) = full_name.rsplit_once('.')
            && let Some(path) = mapped(parent)
        {
            return self.find(&[Arc::new(path.clone())], child);
        }
        match finder.namespaces.iter().find(|(key, _)| key == full_name) {
            Some((_, directories)) => Location::Namespace(Arc::new(directories.clone())),
            None => Location::Missing,
        }
    }

    /// A module by its directory, or by its file without suffix.
    fn find_path(&self, path: &Path) -> Location {
        let Some((folder, tail)) = path.parent().zip(path.file_name()) else { return Location::Missing };
        self.find(&[Arc::new(folder.to_path_buf())], &tail.to_string_lossy())
    }

    fn find_in(
        &self,
        directory: &Arc<PathBuf>,
        members: &Members,
        tail: &str,
        portions: &mut Vec<PathBuf>,
    ) -> Option<Location> {
        let member = members.get(tail)?;
        if member.directory {
            let inner = directory.join(tail);
            let init = match &*self.listing(&inner) {
                Listing::Directory(inside) => inside.get("__init__").cloned(),
                Listing::Absent | Listing::Archive(_) => None,
            };
            if let Some(init) = init
                && let Some(name) = init.best()
            {
                let (file, package) = (Arc::new(inner.join(name)), Arc::new(inner));
                if init.extension.is_none() && init.source {
                    return Some(Location::Package { init: file, directory: package });
                }
                let stub = init.stub.then(|| Arc::new(package.join("__init__.pyi")));
                return Some(Location::Extension { file, stub, directory: Some(package) });
            }
            if member.best().is_none() {
                portions.push(inner);
                return None;
            }
        }
        let file = Arc::new(directory.join(member.best()?));
        if member.extension.is_none() && member.source {
            return Some(Location::Module(file));
        }
        let stub = member.stub.then(|| Arc::new(directory.join(format!("{tail}.pyi"))));
        Some(Location::Extension { file, stub, directory: None })
    }

    fn listing(&self, directory: &Path) -> Arc<Listing> {
        if let Ok(listings) = self.listings.read()
            && let Some(known) = listings.get(directory)
        {
            return Arc::clone(known);
        }
        let listing = Arc::new(Listing::read(&*self.system, directory, &self.suffixes));
        let mut listings = self.listings.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(listings.get_or_insert_with(directory, || listing))
    }

    /// Names of all modules directly in a directory, sorted: `pkgutil.iter_modules`, and candidates for suggestions. The
    /// flag says whether it is a package.
    #[must_use]
    pub fn modules_in(&self, directory: &Path) -> Vec<(String, bool)> {
        let Listing::Directory(members) = &*self.listing(directory) else { return Vec::new() };
        let mut names = Vec::new();
        for (name, member) in members.iter() {
            let package = member.directory
                && matches!(&*self.listing(&directory.join(name)), Listing::Directory(inside)
                    if inside.get("__init__").is_some_and(|init| init.best().is_some()));
            if name != "__init__" && (package || member.best().is_some()) {
                names.push((name.to_owned(), package));
            }
        }
        names.sort();
        names
    }

    /// Whether the directory exists, from the listings.
    #[must_use]
    pub fn is_directory(&self, directory: &Path) -> bool {
        matches!(&*self.listing(directory), Listing::Directory(_))
    }
}

#[cfg(test)]
mod tests;
