//! What a module really offers: names with line, kind, how they are bound, and who imports them.

use std::path::Path;

use serde_json::{Value, json};

use super::data::relative;
use super::json::pretty;
use super::look::{Look, Paint, clean, count};
use crate::graph::exports::{Guard, How};
use crate::graph::{Graph, HomeKind, NodeIndex};

/// One name.
struct Row {
    name: String,
    line: Option<u32>,
    kind: &'static str,
    how: String,
    home: Option<(String, String, u32)>,
    importers: Vec<(String, u32)>,
    at_run_time: bool,
    is_own: bool,
}

/// `   12  name  class  how (home); imported by ...`
fn line(out: &mut String, row: &Row, widest: usize, look: &Look) {
    let line = row.line.map_or_else(|| "    -".to_string(), |line| format!("{line:>5}"));
    let home = row.home.as_ref().map_or_else(String::new, |(module, path, line)| format!(" ({module}, {path}:{line})"));
    let used = match row.importers.as_slice() {
        [] => String::new(),
        [(path, line)] => format!("imported by {path}:{line}"),
        [(path, line), rest @ ..] => format!("imported by {path}:{line} and {}", count(rest.len(), "other")),
    };
    let how = format!("{}{home}", row.how);
    let told: Vec<&str> = [how.as_str(), used.as_str()].into_iter().filter(|text| !text.is_empty()).collect();
    let name = format!("{:<widest$}", row.name);
    let name = if row.at_run_time { name } else { look.paint(Paint::Dim, &name) };
    let text = format!("{line}  {name}  {:<8}  {}", row.kind, clean(&told.join("; ")));
    out.push_str(text.trim_end());
    out.push('\n');
}

/// A module as its importers see it.
pub struct View<'a> {
    graph: &'a Graph,
    root: &'a Path,
    module: NodeIndex,
    rows: Vec<Row>,
}

impl<'a> View<'a> {
    /// Looks a module up.
    #[must_use]
    pub fn new(graph: &'a Graph, root: &'a Path, module: NodeIndex) -> Self {
        let mut view = Self { graph, root, module, rows: Vec::new() };
        let mut names = graph.offered(module);
        let exports = graph.module(module).exports();
        for binding in exports.bindings.iter().filter(|binding| !binding.guard.runs()) {
            if !names.contains(&binding.name) {
                names.push(binding.name.clone());
            }
        }
        view.rows = names.into_iter().map(|name| view.row(name)).collect();
        view
    }

    fn row(&self, name: String) -> Row {
        let module = self.graph.module(self.module);
        let binding = module.exports().bindings.iter().rev().find(|binding| binding.name == name);
        let home = self.graph.home(self.module, &name);
        let how = match binding.map(|binding| &binding.how) {
            Some(How::Function | How::Class | How::Value) => String::new(),
            Some(How::Module { module }) => format!("import {module}"),
            Some(How::Import { level, module, name: original }) => {
                format!("from {}{module} import {original}", ".".repeat(*level as usize))
            }
            None if home.is_some_and(|home| home.how == HomeKind::Module) => "submodule".to_string(),
            None if home.is_some() => "star import".to_string(),
            None => "submodule".to_string(),
        };
        let guard = match binding.map(|binding| binding.guard) {
            Some(Guard::Sometimes) => ", under a condition",
            Some(Guard::TypeChecking) => ", for type checkers only",
            Some(Guard::Main) => ", only when run as a script",
            Some(Guard::Always) | None => "",
        };
        let kind = match (home.map(|home| home.how), binding.map(|binding| &binding.how)) {
            (Some(HomeKind::Function), _) | (None, Some(How::Function)) => "function",
            (Some(HomeKind::Class), _) | (None, Some(How::Class)) => "class",
            (Some(HomeKind::Value), _) | (None, Some(How::Value)) => "value",
            (Some(HomeKind::Module), _) | (None, Some(How::Module { .. }) | None) => "module",
            (None, Some(How::Import { .. })) => "imported",
        };
        let elsewhere = home.filter(|home| home.module != self.module && home.how != HomeKind::Module).map(|home| {
            let target = self.graph.module(home.module);
            (target.name.clone(), relative(self.root, &target.file).to_string(), target.summary.line(home.span.start))
        });
        let importers = self.graph.importers_of(self.module, &name).into_iter().map(|(from, span)| {
            let importer = self.graph.module(from);
            (relative(self.root, &importer.file).to_string(), importer.summary.line(span.start))
        });
        Row {
            line: binding.map(|binding| module.summary.line(binding.span.start)),
            kind,
            how: (how + guard).trim_start_matches(", ").to_string(),
            is_own: matches!(binding.map(|binding| &binding.how), Some(How::Function | How::Class | How::Value)),
            home: elsewhere,
            importers: importers.collect(),
            at_run_time: binding.is_none_or(|binding| binding.guard.runs()),
            name,
        }
    }

    /// Names that importers see.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.rows.iter().filter(|row| row.at_run_time).map(|row| row.name.clone()).collect()
    }

    /// What one name is and where it is bound: `class, src/shop/auth.py:3`; none if nothing binds it.
    #[must_use]
    pub fn name(&self, name: &str) -> Option<String> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        let file = relative(self.root, &self.graph.module(self.module).file);
        let line = row.line.map_or_else(String::new, |line| format!(":{line}"));
        let home = row.home.as_ref().map(|(_, path, line)| format!("defined in {path}:{line}"));
        let bound = format!("{}, {file}{line}", row.kind);
        let how = Some(row.how.clone()).filter(|how| !how.is_empty());
        Some([Some(bound), how, home].into_iter().flatten().collect::<Vec<_>>().join(", "))
    }

    /// For people.
    #[must_use]
    pub fn text(&self, look: &Look) -> String {
        let module = self.graph.module(self.module);
        let path = clean(&relative(self.root, &module.file));
        let mut out = format!("{}  {path}\n", look.paint(Paint::Strong, &module.name));
        if let Some(all) = &module.exports().all {
            out.push_str(&format!("  __all__ lists {}\n", count(all.len(), "name")));
        }
        if let Some(reason) = self.graph.open_reason(self.module) {
            out.push_str(&format!("  there may be more names than these: {}\n", clean(&reason)));
        }
        let widest = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).min(32);
        let (own, others): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(|row| row.is_own);
        for (title, rows) in [("defines", own), ("imports, so that others can import it from here", others)] {
            if !rows.is_empty() {
                out.push_str(&format!("\n{}\n", look.paint(Paint::Label, title)));
            }
            rows.iter().for_each(|row| line(&mut out, row, widest, look));
        }
        if self.rows.is_empty() {
            out.push_str("  no names: the body binds nothing\n");
        }
        out
    }

    /// As data.
    #[must_use]
    pub fn json(&self) -> String {
        let module = self.graph.module(self.module);
        let row = |row: &Row| -> Value {
            json!({
                "name": row.name,
                "line": row.line,
                "kind": row.kind,
                "how": if row.is_own && row.how.is_empty() { "defined here" } else { &row.how },
                "at_run_time": row.at_run_time,
                "home": row.home.as_ref().map(|(module, path, line)| json!({"module": module, "path": path, "line": line})),
                "importers": row.importers.iter().map(|(path, line)| json!([path, line])).collect::<Vec<_>>(),
            })
        };
        pretty(&json!({
            "schema": super::json::SCHEMA,
            "module": module.name,
            "path": &*relative(self.root, &module.file),
            "all": module.exports().all,
            "open": self.graph.open_reason(self.module),
            "names": self.rows.iter().map(row).collect::<Vec<_>>(),
        }))
    }
}
