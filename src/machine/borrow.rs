//! What an import takes from the imports that pytest asked for before it: submodules that somebody else loaded,
//! directories that somebody else put on `sys.path`, modules that somebody else put into `sys.modules`. Such a module may fail when it
//! is collected alone; whether it does, only another run can tell.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Machine;
use super::value::{ModId, Value};
use crate::base::intern::Name;
use crate::base::paths::{PathMap, PathSet};
use crate::python::location::Location;

/// Something that an earlier import left behind, and that this one uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Borrowed {
    /// The module that was there, or was found.
    pub what: Name,
    /// The import that left it behind, as pytest named it.
    pub from: Name,
}

/// An import that pytest asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Root {
    name: Name,
    /// A conftest or plugin: there whatever is collected.
    shared: bool,
}

/// Who left what behind.
#[derive(Debug, Default)]
pub struct Ledger {
    roots: Vec<Root>,
    /// Test modules are imported by now.
    tests: bool,
    /// What is imported next is a test module.
    next: bool,
    /// First loads of project modules: by which import, and whether their package was loading, so that it always brings them.
    loads: FxHashMap<Name, (usize, bool)>,
    /// Directories that joined `sys.path`, with the imports for which they did.
    paths: PathMap<Vec<usize>>,
    /// Modules that code put into `sys.modules`.
    planted: FxHashMap<Name, usize>,
    /// What each module of the project imports, loaded already or not.
    imports: FxHashMap<Name, Vec<Name>>,
    /// What the running import reads as an attribute of a package and others loaded.
    reads: FxHashSet<Name>,
    /// What it takes for certain.
    borrowed: Vec<Borrowed>,
}

impl Machine<'_> {
    /// What pytest imports next is a test module, which is there only if it is collected.
    pub fn begins_test(&mut self) {
        self.ledger.tests = true;
        self.ledger.next = true;
    }

    /// What the last import took from earlier ones that need not have been.
    pub fn take_borrowed(&mut self) -> Vec<Borrowed> {
        let mut found = std::mem::take(&mut self.ledger.borrowed);
        let reads: FxHashSet<Name> = std::mem::take(&mut self.ledger.reads);
        if !reads.is_empty() {
            let reached = self.closure(self.root);
            let mut missed: Vec<Name> = reads.into_iter().filter(|name| !reached.contains(name)).collect();
            missed.sort_by_key(|name| name.as_str());
            for what in missed {
                let from = self.ledger.loads.get(&what).map(|(root, _)| self.ledger.roots[*root].name);
                found.extend(from.map(|from| Borrowed { what, from }));
            }
        }
        found.dedup();
        found
    }

    /// Modules that an import of this one imports, directly or through others, parents included.
    fn closure(&self, root: Name) -> FxHashSet<Name> {
        let mut reached = FxHashSet::default();
        let mut queue = vec![root];
        while let Some(name) = queue.pop() {
            if !reached.insert(name) {
                continue;
            }
            queue.extend(self.ledger.imports.get(&name).into_iter().flatten().copied());
            queue.extend(name.as_str().rsplit_once('.').map(|(parent, _)| Name::new(parent)));
        }
        reached
    }

    pub(super) fn ledger_begins(&mut self) {
        let shared = !std::mem::take(&mut self.ledger.next);
        self.ledger.roots.push(Root { name: self.root, shared });
        self.ledger.reads.clear();
        self.ledger.borrowed.clear();
        if self.ledger.tests {
            self.state.begin_watch();
        }
    }

    /// Directories that code of the import put on `sys.path` are its own.
    pub(super) fn ledger_ends(&mut self) {
        if !self.ledger.tests {
            return;
        }
        let root = self.ledger.roots.len() - 1;
        let Some(before) = self.state.end_watch() else { return };
        let (before, _) = self.known_entries(&before, true);
        let before: PathSet =
            before.iter().map(|entry| entry.as_deref().map_or(Path::new(""), PathBuf::as_path)).collect();
        for entry in self.search_path().entries.iter().filter(|entry| !before.contains(entry)) {
            self.ledger.paths.get_or_insert_with(entry, Vec::new).push(root);
        }
    }

    /// pytest puts the directory of the file that it imports next on `sys.path`, or finds it there.
    pub fn owns_directory(&mut self, directory: &Path) {
        if !self.ledger.tests {
            return;
        }
        let next = self.ledger.roots.len();
        if let Some(owners) = self.ledger.paths.get_mut(directory) {
            owners.push(next);
        } else if !self.is_in_path(directory) {
            self.ledger.paths.insert(directory, vec![next]);
        }
    }

    fn is_current_shared(&self) -> bool {
        self.ledger.roots.last().is_none_or(|root| root.shared)
    }

    /// The file of a module of the project.
    fn own_file(&self, module: ModId) -> Option<Arc<PathBuf>> {
        let data = &self.state.modules[module];
        let unit = data.unit.filter(|unit| self.units[*unit].is_project)?;
        Some(Arc::clone(&self.units[unit].file))
    }

    pub(super) fn note_load(&mut self, id: Name, parent: Option<ModId>) {
        if self.ledger.roots.is_empty() {
            return;
        }
        let root = self.ledger.roots.len() - 1;
        let brought = parent.is_some_and(|parent| self.state.modules[parent].phase == super::state::Phase::Loading);
        self.ledger.loads.entry(id).or_insert((root, brought));
    }

    pub(super) fn note_planted(&mut self, id: Name) {
        if !self.ledger.roots.is_empty() {
            self.ledger.planted.insert(id, self.ledger.roots.len() - 1);
        }
    }

    /// An import of a name, by a module of the project or by pytest itself.
    pub(super) fn note_import(&mut self, id: Name) {
        let Some(frame) = self.frames.last() else { return };
        if !self.units[frame.unit].is_project {
            return;
        }
        let importer = self.state.modules[frame.module].name;
        let list = self.ledger.imports.entry(importer).or_default();
        if list.last() != Some(&id) {
            list.push(id);
        }
        if !self.ledger.tests || self.is_current_shared() {
            return;
        }
        let root = self.ledger.roots.len() - 1;
        if let Some(planter) = self.ledger.planted.get(&id).copied()
            && planter != root
            && !self.ledger.roots[planter].shared
            && self.state.loaded(id).is_some()
        {
            let from = self.ledger.roots[planter].name;
            self.ledger.borrowed.push(Borrowed { what: id, from });
        }
    }

    /// A top-level module was found or is loaded: whose directory is it from?
    pub(super) fn note_found(&mut self, id: Name) {
        if !self.ledger.tests || self.ledger.paths.is_empty() || self.is_current_shared() || self.frames.is_empty() {
            return;
        }
        let Some(Value::Module(module)) = self.state.loaded(id).cloned() else { return };
        let Some(file) = self.own_file(module) else { return };
        let is_package = matches!(self.state.modules[module].location, Location::Package { .. });
        let base = if is_package { file.parent().and_then(Path::parent) } else { file.parent() };
        let Some(owners) = base.and_then(|base| self.ledger.paths.get(base)) else { return };
        let root = self.ledger.roots.len() - 1;
        let free = |owner: &usize| *owner == root || self.ledger.roots.get(*owner).is_none_or(|root| root.shared);
        if let Some(first) = owners.first().filter(|_| !owners.iter().any(free)) {
            let from = self.ledger.roots[*first].name;
            self.ledger.borrowed.push(Borrowed { what: id, from });
        }
    }

    /// `package.sub` was read and is a module that an import bound there.
    pub(super) fn note_read(&mut self, package: ModId, name: Name, value: &Value) {
        let Value::Module(child) = value else { return };
        if !self.ledger.tests || self.is_current_shared() || self.own_file(*child).is_none() {
            return;
        }
        let full = self.state.modules[*child].name;
        let owner = self.state.modules[package].name;
        let is_child = full.as_str().strip_prefix(owner.as_str()).and_then(|tail| tail.strip_prefix('.'));
        if is_child != Some(name.as_str()) {
            return;
        }
        let Some((root, brought)) = self.ledger.loads.get(&full).copied() else { return };
        let ours = self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project);
        if ours && !brought && root + 1 != self.ledger.roots.len() && !self.ledger.roots[root].shared {
            self.ledger.reads.insert(full);
        }
    }
}
