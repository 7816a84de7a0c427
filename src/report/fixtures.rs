//! Fixtures as a reader asks for them: what a test or path sees, where it comes from and what it overrides; the tree of
//! conftests; what nobody asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::data::relative;
use super::json::pretty;
use super::look::{Look, Paint, clean, count};
use crate::base::intern::Name;
use crate::diagnostic::Diagnostic;
use crate::machine::Modules;
use crate::pytest::fixtures::{FixtureDef, Registry, chain};
use crate::pytest::unused;
use crate::pytest::verdict::Collection;
use crate::world::World;

/// One fixture in reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// `function`, ...; `?` where it is not known.
    pub scope: &'static str,
    /// `tests/conftest.py:5`, `pytest-mock 3.14`, `pytest`; for one that is not found, why.
    pub place: String,
    /// Used without being asked for.
    pub autouse: bool,
    /// Has parameters.
    pub params: bool,
    /// The node below which it is visible.
    pub node: String,
    /// What it asks for.
    pub requests: Vec<String>,
    /// Definitions that it hides, nearest first.
    pub overrides: Vec<String>,
    /// It asks for the one that it hides.
    pub builds_on: bool,
    /// Tests of the run that need the name.
    pub tests: usize,
    /// Nothing in reach has the name.
    pub missing: bool,
}

/// Looks fixtures up.
pub struct View<'a> {
    world: &'a World,
    collection: &'a Collection,
    diagnostics: &'a [Diagnostic],
    uses: BTreeMap<Name, usize>,
}

impl<'a> View<'a> {
    /// Of one analysis.
    #[must_use]
    pub fn new(world: &'a World, collection: &'a Collection, diagnostics: &'a [Diagnostic]) -> Self {
        let mut uses = BTreeMap::new();
        for name in collection.item_fixtures.values().flatten() {
            *uses.entry(*name).or_default() += 1;
        }
        Self { world, collection, diagnostics, uses }
    }

    const fn registry(&self) -> &'a Registry {
        &self.collection.registry
    }

    /// What one test needs, in pytest's order; none if there is no such test.
    #[must_use]
    pub fn of_test(&self, nodeid: &str) -> Option<Vec<Row>> {
        let plain = nodeid.split('[').next().unwrap_or(nodeid);
        let names = self.collection.item_fixtures.get(plain)?;
        let function = self.collection.functions.iter().find(|function| &*function.nodeid == plain)?;
        let direct = |name: &Name| function.direct.iter().any(|(other, _)| other == name);
        let rows = names
            .iter()
            .filter(|name| name.as_str() != "request")
            .map(|name| if direct(name) { self.parameter(*name) } else { self.row(*name, &function.chain) });
        Some(rows.collect())
    }

    /// What tests below a node may ask for: the project's first, then plugins', then pytest's own.
    #[must_use]
    pub fn of_node(&self, nodeid: &str) -> Vec<Row> {
        let chain = chain_of(nodeid);
        let mut names: Vec<Name> = Vec::new();
        for definition in self.registry().definitions() {
            if !definition.generated && chain.contains(&definition.baseid) && !names.contains(&definition.name) {
                names.push(definition.name);
            }
        }
        let mut rows: Vec<Row> = names.into_iter().map(|name| self.row(name, &chain)).collect();
        let rank = |row: &Row| match row.place.as_str() {
            "pytest" => 2,
            place if place.contains(".py:") => 0,
            _ => 1,
        };
        rows.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name)));
        rows
    }

    /// Fixtures of the project that nobody asks for.
    #[must_use]
    pub fn unused(&self, texts: &rustc_hash::FxHashSet<Name>) -> Vec<Row> {
        let registry = self.registry();
        let found = unused::find(self.collection, texts).into_iter();
        let ours = found.filter(|index| self.is_ours(registry.get(*index)));
        let mut rows: Vec<Row> = ours.map(|index| self.described(index, &[])).collect();
        rows.dedup();
        rows
    }

    fn is_ours(&self, definition: &FixtureDef) -> bool {
        definition.source.as_ref().is_some_and(|written| self.world.is_project(&written.file))
    }

    fn parameter(&self, name: Name) -> Row {
        Row { scope: "function", place: "parametrized".to_owned(), missing: false, ..self.absent(name) }
    }

    fn row(&self, name: Name, chain: &[Arc<str>]) -> Row {
        let visible = self.registry().visible(name, chain);
        match visible.split_last() {
            Some((last, hidden)) => self.described(*last, hidden),
            None => self.absent(name),
        }
    }

    fn absent(&self, name: Name) -> Row {
        let told = |finding: &&Diagnostic| finding.code == "FXT001" && finding.subject == name.as_str();
        let lives = self.diagnostics.iter().find(told).and_then(|finding| {
            finding.facts.iter().find(|(label, _)| *label == "lives").map(|(_, text)| text.clone())
        });
        Row {
            name: name.to_string(),
            scope: "?",
            place: lives.map_or_else(|| "not found".to_owned(), |lives| format!("not found: {lives}")),
            autouse: false,
            params: false,
            node: String::new(),
            requests: Vec::new(),
            overrides: Vec::new(),
            builds_on: false,
            tests: self.uses.get(&name).copied().unwrap_or_default(),
            missing: true,
        }
    }

    fn described(&self, index: usize, hidden: &[usize]) -> Row {
        let definition = self.registry().get(index);
        Row {
            name: definition.name.to_string(),
            scope: definition.scope.map_or("?", |scope| scope.as_str()),
            place: self.place(definition),
            autouse: definition.autouse == Some(true),
            params: definition.params.is_some(),
            node: definition.baseid.to_string(),
            requests: definition.arguments.iter().map(ToString::to_string).collect(),
            overrides: hidden.iter().rev().map(|index| self.place(self.registry().get(*index))).collect(),
            builds_on: definition.arguments.contains(&definition.name),
            tests: self.uses.get(&definition.name).copied().unwrap_or_default(),
            missing: false,
        }
    }

    fn place(&self, definition: &FixtureDef) -> String {
        let Some(written) = &definition.source else { return "pytest".to_owned() };
        if !self.is_ours(definition) {
            let owner = self.world.environment.owner(&written.file);
            return owner.unwrap_or_else(|| written.file.to_string_lossy().into_owned());
        }
        let path = relative(&self.collection.rootdir, &written.file);
        format!("{path}:{}", written.line)
    }

    /// The project's fixtures by the node that they belong to, in order of their paths.
    #[must_use]
    pub fn tree(&self, below: &str) -> Vec<(String, Vec<Row>)> {
        let mut nodes: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for (index, definition) in self.registry().definitions().iter().enumerate() {
            let node = &*definition.baseid;
            let inside = below.is_empty()
                || node == below
                || node.starts_with(&format!("{below}/"))
                || node.starts_with(&format!("{below}::"));
            if !self.is_ours(definition) || definition.generated || !inside {
                continue;
            }
            let chain = chain_of(node);
            let visible = self.registry().visible(definition.name, &chain);
            let hidden: Vec<usize> = visible.into_iter().take_while(|other| *other != index).collect();
            nodes.entry(node.to_owned()).or_default().push(self.described(index, &hidden));
        }
        nodes.into_iter().collect()
    }
}

/// Node ids from the session down to this one.
fn chain_of(nodeid: &str) -> Vec<Arc<str>> {
    let mut parts = nodeid.split("::");
    let path = parts.next().unwrap_or_default();
    if path.is_empty() || path == "." {
        return vec![Arc::from("")];
    }
    let mut nodes = chain(path);
    let mut id = path.to_owned();
    for part in parts {
        id = format!("{id}::{part}");
        nodes.push(Arc::from(id.as_str()));
    }
    nodes
}

/// `name  scope  place  notes`, in columns.
#[must_use]
pub fn text(rows: &[Row], look: &Look) -> String {
    let mut out = String::new();
    lines(&mut out, rows, "", look);
    if rows.is_empty() {
        out.push_str("no fixtures\n");
    }
    out
}

fn lines(out: &mut String, rows: &[Row], indent: &str, look: &Look) {
    let wide = |of: &dyn Fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or_default();
    let (names, scopes) = (wide(&|row| row.name.chars().count()), wide(&|row| row.scope.len()));
    let places = wide(&|row| row.place.chars().count()).min(40);
    for row in rows {
        let name = format!("{:<names$}", clean(&row.name));
        let name = look.paint(
            if row.missing { Paint::Severity(crate::diagnostic::Severity::Error) } else { Paint::Strong },
            &name,
        );
        let line = format!("{name}  {:<scopes$}  {:<places$}  {}", row.scope, clean(&row.place), clean(&remarks(row)));
        out.push_str(&format!("{indent}{}\n", line.trim_end()));
    }
}

fn remarks(row: &Row) -> String {
    let mut parts = Vec::new();
    if row.autouse {
        parts.push("autouse".to_owned());
    }
    if row.params {
        parts.push("has params".to_owned());
    }
    if let [first, rest @ ..] = row.overrides.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(", and {}", rest.join(", ")) };
        let how = if row.builds_on { "builds on" } else { "overrides" };
        let tail = if row.builds_on { "" } else { " and does not use it" };
        parts.push(format!("{how} {first}{more}{tail}"));
    }
    parts.join("; ")
}

/// The tree of nodes with their fixtures.
#[must_use]
pub fn tree_text(nodes: &[(String, Vec<Row>)], look: &Look) -> String {
    let mut out = String::new();
    for (node, rows) in nodes {
        let depth = if node.is_empty() { 0 } else { 1 + node.matches('/').count() + node.matches("::").count() };
        let shown = match node.as_str() {
            "" => "./".to_owned(),
            node if node.contains("::") || node.ends_with(".py") => node.to_owned(),
            directory => format!("{directory}/"),
        };
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}{}\n", look.paint(Paint::Strong, &clean(&shown))));
        lines(&mut out, rows, &format!("{indent}  "), look);
    }
    let total = nodes.iter().map(|(_, rows)| rows.len()).sum();
    out.push_str(&format!("{} in {}\n", count(total, "fixture"), count(nodes.len(), "place")));
    out
}

/// Rows as data.
#[must_use]
pub fn document(rows: &[Row]) -> String {
    let rows: Vec<Value> = rows.iter().map(data).collect();
    pretty(&json!({"schema": 1, "fixtures": rows}))
}

/// The tree as data.
#[must_use]
pub fn tree_document(nodes: &[(String, Vec<Row>)]) -> String {
    let node =
        |(id, rows): &(String, Vec<Row>)| json!({"node": id, "fixtures": rows.iter().map(data).collect::<Vec<_>>()});
    pretty(&json!({"schema": 1, "nodes": nodes.iter().map(node).collect::<Vec<_>>()}))
}

fn data(row: &Row) -> Value {
    json!({
        "name": row.name,
        "scope": (row.scope != "?").then_some(row.scope),
        "autouse": row.autouse,
        "params": row.params,
        "baseid": row.node,
        "place": row.place,
        "requests": row.requests,
        "overrides": row.overrides,
        "builds_on": row.builds_on,
        "tests": row.tests,
        "found": !row.missing,
    })
}
