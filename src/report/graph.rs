//! The import graph: as text, JSON, Graphviz and Mermaid; its cycles; a chain from one module to another.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::data::relative;
use super::json::pretty;
use super::look::{Look, Paint, clean, count, number};
use crate::graph::{Edge, Graph, NodeIndex};
use crate::summary::ImportKind;

/// A graph, and the directory its paths are relative to.
#[derive(Clone, Copy)]
pub struct Drawing<'a> {
    /// The modules.
    pub graph: &'a Graph,
    /// The project.
    pub root: &'a Path,
}

/// An import as a word: how it is reached.
const fn kind(kind: ImportKind) -> &'static str {
    match kind {
        ImportKind::Plain => "plain",
        ImportKind::Optional => "optional",
        ImportKind::Dynamic => "dynamic",
        ImportKind::Deferred => "deferred",
        ImportKind::Guarded => "type-checking",
    }
}

impl Drawing<'_> {
    fn name(&self, index: NodeIndex) -> &str {
        &self.graph.module(index).name
    }

    fn path(&self, index: NodeIndex) -> String {
        clean(&relative(self.root, &self.graph.module(index).file))
    }

    fn line(&self, from: NodeIndex, edge: &Edge) -> u32 {
        self.graph.module(from).summary.line(edge.span.start)
    }

    fn place(&self, from: NodeIndex, edge: &Edge) -> String {
        format!("{}:{}", self.path(from), self.line(from, edge))
    }

    /// Imports without repetition: one per pair of modules, the one that is reached most directly.
    fn pairs(&self) -> Vec<(NodeIndex, NodeIndex, &Edge)> {
        let mut pairs = Vec::new();
        for (from, _) in self.graph.modules() {
            let mut best: BTreeMap<(&str, NodeIndex), &Edge> = BTreeMap::new();
            for (to, edge) in self.graph.imports(from) {
                let known = best.entry((self.name(to), to)).or_insert(edge);
                if edge.kind > known.kind {
                    *known = edge;
                }
            }
            pairs.extend(best.into_iter().map(|((_, to), edge)| (from, to, edge)));
        }
        pairs
    }

    /// Each module with what it imports.
    #[must_use]
    pub fn text(&self, look: &Look) -> String {
        let mut out = String::new();
        let mut imports: BTreeMap<NodeIndex, Vec<(NodeIndex, &Edge)>> = BTreeMap::new();
        for (from, to, edge) in self.pairs() {
            imports.entry(from).or_default().push((to, edge));
        }
        for (index, module) in self.graph.modules() {
            out.push_str(&format!("{}  {}\n", look.paint(Paint::Strong, &module.name), self.path(index)));
            for (to, edge) in imports.get(&index).into_iter().flatten() {
                let how = if edge.kind == ImportKind::Plain { String::new() } else { format!(", {}", kind(edge.kind)) };
                out.push_str(&format!(
                    "  {} {} (line {}{how})\n",
                    look.arrow(),
                    self.name(*to),
                    self.line(index, edge)
                ));
            }
        }
        let edges: usize = imports.values().map(Vec::len).sum();
        let cycles = self.graph.cycles().len();
        let modules = self.graph.modules().count();
        out.push_str(&format!(
            "{}, {}, {}\n",
            count(modules, "module"),
            count(edges, "import"),
            count(cycles, "cycle")
        ));
        out
    }

    /// Modules, imports and cycles as data.
    #[must_use]
    pub fn json(&self) -> String {
        let modules: Vec<Value> = self
            .graph
            .modules()
            .map(|(index, module)| {
                json!({"name": module.name, "path": &*relative(self.root, &self.graph.module(index).file), "package": module.is_package})
            })
            .collect();
        let mut edges = Vec::new();
        for (from, _) in self.graph.modules() {
            for (to, edge) in self.graph.imports(from) {
                edges.push(json!({
                    "from": self.name(from),
                    "to": self.name(to),
                    "path": &*relative(self.root, &self.graph.module(from).file),
                    "line": self.line(from, edge),
                    "kind": kind(edge.kind),
                    "name": edge.name,
                }));
            }
        }
        pretty(
            &json!({"schema": super::json::SCHEMA, "modules": modules, "edges": edges, "cycles": self.cycle_values()}),
        )
    }

    /// Graphviz; imports that do not run with their module are dashed.
    #[must_use]
    pub fn dot(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", clean(text).replace('\\', "\\\\").replace('"', "\\\""));
        let mut out = String::from("digraph imports {\n  rankdir=LR;\n  node [shape=box];\n");
        for (_, module) in self.graph.modules() {
            out.push_str(&format!("  {};\n", quoted(&module.name)));
        }
        for (from, to, edge) in self.pairs() {
            let style = if edge.runs_at_import() { "" } else { " [style=dashed]" };
            out.push_str(&format!("  {} -> {}{style};\n", quoted(self.name(from)), quoted(self.name(to))));
        }
        out + "}\n"
    }

    /// Mermaid; imports that do not run with their module are dotted.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let ids: BTreeMap<NodeIndex, usize> =
            self.graph.modules().enumerate().map(|(number, (index, _))| (index, number)).collect();
        let mut out = String::from("flowchart LR\n");
        for (index, module) in self.graph.modules() {
            let label = clean(&module.name).replace('"', "#quot;");
            out.push_str(&format!("  m{}[\"{label}\"]\n", ids[&index]));
        }
        for (from, to, edge) in self.pairs() {
            let arrow = if edge.runs_at_import() { "-->" } else { "-.->" };
            out.push_str(&format!("  m{} {arrow} m{}\n", ids[&from], ids[&to]));
        }
        out
    }

    fn cycle_values(&self) -> Vec<Value> {
        let step = |step: &crate::graph::cycles::CycleStep| {
            json!({
                "from": self.name(step.from),
                "to": self.name(step.to),
                "path": &*relative(self.root, &self.graph.module(step.from).file),
                "line": self.line(step.from, &step.edge),
                "kind": kind(step.edge.kind),
            })
        };
        let value = |cycle: crate::graph::cycles::Cycle| {
            json!({
                "modules": cycle.modules.iter().map(|m| self.name(*m)).collect::<Vec<_>>(),
                "runs_at_import": cycle.runs_at_import,
                "loop": cycle.shortest.iter().map(step).collect::<Vec<_>>(),
            })
        };
        self.graph.cycles().into_iter().map(value).collect()
    }

    /// Cycles as data.
    #[must_use]
    pub fn cycles_json(&self) -> String {
        pretty(&json!({"schema": super::json::SCHEMA, "cycles": self.cycle_values()}))
    }

    /// Cycles with the shortest loop of each.
    #[must_use]
    pub fn cycles(&self, look: &Look) -> String {
        let cycles = self.graph.cycles();
        let mut out = String::new();
        for cycle in &cycles {
            let size = cycle.modules.len();
            let when = if cycle.runs_at_import { "at import" } else { "deferred or for type checkers only" };
            let head = format!("cycle of {}, {when}", count(size, "module"));
            out.push_str(&look.paint(Paint::Strong, &head));
            if size > cycle.shortest.len() {
                out.push_str(&format!(" (shortest loop: {})", number(cycle.shortest.len())));
            }
            out.push('\n');
            let places: Vec<String> = cycle.shortest.iter().map(|step| self.place(step.from, &step.edge)).collect();
            let widest = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
            for (step, place) in cycle.shortest.iter().zip(&places) {
                let how = if step.edge.kind == ImportKind::Plain {
                    String::new()
                } else {
                    format!(" ({})", kind(step.edge.kind))
                };
                let (from, to) = (self.name(step.from), self.name(step.to));
                out.push_str(&format!("  {place:<widest$}  {from} {} {to}{how}\n", look.arrow()));
            }
            out.push('\n');
        }
        let running = cycles.iter().filter(|cycle| cycle.runs_at_import).count();
        out.push_str(&match cycles.len() {
            0 => format!("no import cycles among {}\n", count(self.graph.modules().count(), "module")),
            all => format!("{}, {} at import\n", count(all, "cycle"), number(running)),
        });
        out
    }

    /// The chain of imports between two modules.
    #[must_use]
    pub fn chain(&self, from: NodeIndex, to: NodeIndex, look: &Look) -> Option<String> {
        let steps = self.graph.path(from, to)?;
        let places: Vec<String> = steps.iter().map(|(from, _, edge)| self.place(*from, edge)).collect();
        let widest = places.iter().map(|place| place.chars().count()).max().unwrap_or(0);
        let line = |((from, to, edge), place): (&(NodeIndex, NodeIndex, Edge), &String)| {
            let how = if edge.kind == ImportKind::Plain { String::new() } else { format!(" ({})", kind(edge.kind)) };
            format!("{place:<widest$}  {} {} {}{how}\n", self.name(*from), look.arrow(), self.name(*to))
        };
        Some(steps.iter().zip(&places).map(line).collect())
    }

    /// The same as data.
    #[must_use]
    pub fn chain_json(&self, from: NodeIndex, to: NodeIndex) -> Option<String> {
        let steps = self.graph.path(from, to)?;
        let step = |(from, to, edge): &(NodeIndex, NodeIndex, Edge)| {
            json!({
                "from": self.name(*from),
                "to": self.name(*to),
                "path": &*relative(self.root, &self.graph.module(*from).file),
                "line": self.line(*from, edge),
                "kind": kind(edge.kind),
            })
        };
        Some(pretty(&json!({"schema": super::json::SCHEMA, "chain": steps.iter().map(step).collect::<Vec<_>>()})))
    }
}
