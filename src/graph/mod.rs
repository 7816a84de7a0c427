//! The project's modules, what each of them offers and how they import each other. Built from summaries alone; what
//! really ran is the machine's to say.

pub mod cycles;
pub mod exports;
mod files;
mod indices;
mod names;
mod offers;
mod reach;
mod source;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use names::base_of;
pub use offers::{Home, HomeKind};
use petgraph::graph::DiGraph;
pub use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
pub use source::Source;

use crate::base::paths::PathMap;
use crate::base::span::Span;
use crate::machine::Event;
use crate::python::names::relative_base;
use crate::summary::{ImportKind, ImportRef, Summary};
use exports::Exports;
use indices::Indices;

/// A module: a file under a name. A file under two names is two.
#[derive(Debug)]
pub struct Module {
    /// Dotted name.
    pub name: String,
    /// Its file.
    pub file: Arc<PathBuf>,
    /// What the file says.
    pub summary: Arc<Summary>,
    /// Whether the file is an `__init__.py`.
    pub is_package: bool,
    exports: OnceLock<Exports>,
}

impl Module {
    /// What relative imports in it start from.
    #[must_use]
    pub fn package(&self) -> &str {
        if self.is_package { &self.name } else { self.name.rsplit_once('.').map_or("", |(package, _)| package) }
    }

    /// What its body binds, as written.
    pub fn exports(&self) -> &Exports {
        self.exports.get_or_init(|| Exports::of(&self.summary))
    }

    /// The absolute name of the module that an import reference names; none where there are more dots than packages.
    #[must_use]
    pub fn absolute(&self, reference: &ImportRef) -> Option<String> {
        let tail = self.summary.text(reference.module);
        self.absolute_name(reference.level, tail)
    }

    /// The absolute form of a module name with leading dots.
    #[must_use]
    pub fn absolute_name(&self, level: u32, tail: &str) -> Option<String> {
        if level == 0 {
            return Some(tail.to_owned());
        }
        let base = relative_base(self.package(), level)?;
        Some(if tail.is_empty() { base.to_owned() } else { format!("{base}.{tail}") })
    }
}

/// One import of a module of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it stands in the importing file.
    pub span: Span,
    /// How it is reached.
    pub kind: ImportKind,
    /// The name taken from the target, for a `from` import of something that is no submodule; `*` for all.
    pub name: Option<String>,
}

impl Edge {
    /// Whether the import runs when the module does.
    #[must_use]
    pub const fn runs_at_import(&self) -> bool {
        matches!(self.kind, ImportKind::Plain | ImportKind::Optional | ImportKind::Dynamic)
    }
}

/// The project's modules and their imports of each other.
#[derive(Debug, Default)]
pub struct Graph {
    modules: DiGraph<Module, Edge>,
    by_name: BTreeMap<String, Vec<NodeIndex>>,
    by_file: PathMap<Vec<NodeIndex>>,
    indices: Indices,
}

impl Graph {
    /// The graph of the project's files under the names that a run from `root` gave them.
    #[must_use]
    pub fn build(source: &dyn Source, root: &Path, events: &[Event]) -> Self {
        let mut graph = Self::default();
        for (name, file) in names::modules(&source.project_files(), root, events) {
            let Some(summary) = source.summary(&file) else { continue };
            graph.add(name, file, summary);
        }
        graph.connect();
        graph
    }

    fn add(&mut self, name: String, file: Arc<PathBuf>, summary: Arc<Summary>) {
        let is_package = file.file_stem().is_some_and(|stem| stem == "__init__");
        let module = Module { name: name.clone(), file: file.clone(), summary, is_package, exports: OnceLock::new() };
        let index = self.modules.add_node(module);
        self.by_name.entry(name).or_default().push(index);
        self.by_file.get_or_insert_with(&file, Vec::new).push(index);
    }

    fn connect(&mut self) {
        for from in self.modules.node_indices() {
            let summary = self.modules[from].summary.clone();
            for reference in &summary.imports {
                if let Some((to, name)) = self.target(from, reference)
                    && to != from
                {
                    let edge = Edge { span: reference.span, kind: reference.kind, name };
                    self.modules.add_edge(from, to, edge);
                }
            }
        }
    }

    /// The module that a reference leads to, and the name it takes from it.
    fn target(&self, from: NodeIndex, reference: &ImportRef) -> Option<(NodeIndex, Option<String>)> {
        let module = &self.modules[from];
        let wanted = module.absolute(reference)?;
        let Some(name) = reference.name else {
            return self.longest(from, &wanted).map(|to| (to, None));
        };
        let name = module.summary.text(name);
        let parent = self.named_from(from, &wanted);
        let binds = parent.is_some_and(|parent| parent != from && self.modules[parent].exports_lazily(name));
        if !binds && let Some(submodule) = self.named_from(from, &format!("{wanted}.{name}")) {
            return Some((submodule, None));
        }
        parent.map(|parent| (parent, Some(name.to_owned())))
    }

    /// `import a.b.c` leads to the longest part that exists.
    fn longest(&self, from: NodeIndex, wanted: &str) -> Option<NodeIndex> {
        let mut name = wanted;
        loop {
            if let Some(found) = self.named_from(from, name) {
                return Some(found);
            }
            name = name.rsplit_once('.')?.0;
        }
    }

    /// The module of a name as seen from another: of several, the one nearest in the tree.
    #[must_use]
    pub fn named_from(&self, from: NodeIndex, name: &str) -> Option<NodeIndex> {
        let found = self.by_name.get(name)?;
        if let [only] = found.as_slice() {
            return Some(*only);
        }
        let here = &self.modules[from].file;
        let shared = |file: &Path| file.components().zip(here.components()).take_while(|(a, b)| a == b).count();
        found.iter().copied().max_by_key(|index| (shared(&self.modules[*index].file), std::cmp::Reverse(*index)))
    }

    /// The module of a name; of several, the first by path.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<NodeIndex> {
        self.by_name.get(name)?.first().copied()
    }

    /// The modules that a file is.
    #[must_use]
    pub fn of_file(&self, file: &Path) -> &[NodeIndex] {
        self.by_file.get(file).map_or(&[], Vec::as_slice)
    }

    /// A module.
    #[must_use]
    pub fn module(&self, index: NodeIndex) -> &Module {
        &self.modules[index]
    }

    /// All modules, by name, then by path.
    pub fn modules(&self) -> impl Iterator<Item = (NodeIndex, &Module)> {
        self.by_name.values().flatten().map(|index| (*index, &self.modules[*index]))
    }

    /// Names of all modules, sorted.
    pub fn module_names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Names of all modules below a package, sorted.
    pub fn names_below(&self, package: &str) -> impl Iterator<Item = &str> {
        let below = format!("{package}.");
        let names = self.by_name.range(below.clone()..).map(|(name, _)| name.as_str());
        names.take_while(move |name| name.starts_with(&below))
    }

    /// Imports that a module makes, in source order.
    #[must_use]
    pub fn imports(&self, from: NodeIndex) -> Vec<(NodeIndex, &Edge)> {
        let mut edges: Vec<_> = self.modules.edges(from).map(|edge| (edge.target(), edge.weight())).collect();
        edges.sort_by_key(|(to, edge)| (edge.span, *to));
        edges
    }

    /// Imports of a module, by importer's name, then in source order.
    #[must_use]
    pub fn importers(&self, to: NodeIndex) -> Vec<(NodeIndex, &Edge)> {
        let incoming = self.modules.edges_directed(to, petgraph::Direction::Incoming);
        let mut edges: Vec<_> = incoming.map(|edge| (edge.source(), edge.weight())).collect();
        edges.sort_by(|a, b| {
            let name = |index: NodeIndex| (&self.modules[index].name, &self.modules[index].file);
            name(a.0).cmp(&name(b.0)).then(a.1.span.cmp(&b.1.span))
        });
        edges
    }

    /// Who imports a name from a module, star imports included.
    #[must_use]
    pub fn importers_of(&self, module: NodeIndex, name: &str) -> Vec<(NodeIndex, Span)> {
        let takes = |edge: &Edge| edge.name.as_deref().is_some_and(|taken| taken == name || taken == "*");
        self.importers(module)
            .into_iter()
            .filter(|(_, edge)| takes(edge))
            .map(|(from, edge)| (from, edge.span))
            .collect()
    }
}

impl Module {
    /// Whether the body binds a name; looks at digests first, so that most programs stay undecoded.
    fn exports_lazily(&self, name: &str) -> bool {
        let defines = |d: &crate::summary::Definition| d.parent.is_none() && self.summary.text(d.name) == name;
        self.summary.definitions.iter().any(defines)
            || self.exports().bindings.iter().any(|b| b.name == name && b.guard.runs())
    }
}
