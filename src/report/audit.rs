//! What the audit tells besides findings: names asked for beside names offered, packages to install, cycles.

use std::collections::BTreeMap;
use std::path::Path;

use super::data::{Cycle, Mismatch, MissingModule, MissingPackage, ReportData, relative};
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;

/// Names of a module that the audit lists at most.
const NAMES: usize = 60;

/// Fills the audit's own parts.
pub fn fill(data: &mut ReportData, root: &Path, graph: &Graph) {
    let (reached, others) = std::mem::take(&mut data.diagnostics)
        .into_iter()
        .partition(|diagnostic| matches!(diagnostic.code, "BLK020" | "ENV008"));
    data.diagnostics = others;
    let reached: Vec<Diagnostic> = reached;
    (data.hazards, data.needs) = reached.into_iter().partition(|diagnostic| diagnostic.code == "BLK020");
    data.mismatches = mismatches(data, root, graph);
    data.missing = missing(data);
    data.missing_modules = missing_modules(data);
    data.cycles = cycles(root, graph);
}

/// Per module, what imports ask for in vain beside what it has.
fn mismatches(data: &ReportData, root: &Path, graph: &Graph) -> Vec<Mismatch> {
    let mut found: BTreeMap<String, Mismatch> = BTreeMap::new();
    for d in data.diagnostics.iter().filter(|d| matches!(d.code, "IMP002" | "IMP003" | "IMP004" | "IMP010")) {
        let Some((module, name)) = d.subject.rsplit_once('.') else { continue };
        let entry = found.entry(module.to_string()).or_insert_with(|| {
            let index = graph.named(module);
            let file = index.map(|index| relative(root, &graph.module(index).file).to_string());
            let told = d.facts.iter().find(|(label, _)| *label == "exports").map(|(_, names)| vec![names.clone()]);
            let mut exports = index.map(|index| graph.offered(index)).or(told).unwrap_or_default();
            let more = exports.len().saturating_sub(NAMES);
            exports.truncate(NAMES);
            if more > 0 {
                exports.push(format!("... {more} more"));
            }
            Mismatch {
                module: module.to_string(),
                path: file.unwrap_or_else(|| "installed".into()),
                wanted: Vec::new(),
                exports,
                suggestions: Vec::new(),
            }
        });
        if !entry.wanted.iter().any(|wanted| wanted == name) {
            entry.wanted.push(name.to_string());
            entry.suggestions.extend(d.suggestions.iter().take(1).cloned());
        }
    }
    found.into_values().collect()
}

fn missing(data: &ReportData) -> Vec<MissingPackage> {
    let mut found: BTreeMap<&str, MissingPackage> = BTreeMap::new();
    for d in data.diagnostics.iter().filter(|d| matches!(d.code, "ENV001" | "ENV005")) {
        let module = d.subject.split('.').next().unwrap_or(&d.subject);
        let package = found.entry(module).or_insert_with(|| MissingPackage {
            module: module.to_string(),
            distribution: None,
            victims: 0,
        });
        package.victims += d.victims.len();
        package.distribution = package.distribution.take().or_else(|| d.suggestions.first().cloned());
    }
    let mut packages: Vec<_> = found.into_values().collect();
    packages.sort_by(|a, b| b.victims.cmp(&a.victims).then_with(|| a.module.cmp(&b.module)));
    packages
}

fn missing_modules(data: &ReportData) -> Vec<MissingModule> {
    let row = |d: &Diagnostic| {
        let ends = d.victims.iter().filter_map(|victim| victim.chain.last()).map(|step| &step.place);
        let mut wanted_at: Vec<String> = Vec::new();
        for place in std::iter::once(&d.place).chain(ends) {
            let text = format!("{}:{}", place.path, place.line);
            if !wanted_at.contains(&text) {
                wanted_at.push(text);
            }
        }
        let nearest = d.suggestions.clone();
        MissingModule { module: d.subject.clone(), wanted_at, victims: d.victims.len(), nearest }
    };
    data.diagnostics.iter().filter(|d| d.code == "IMP001").map(row).collect()
}

fn cycles(root: &Path, graph: &Graph) -> Vec<Cycle> {
    let name = |index| graph.module(index).name.clone();
    let cycle = |cycle: crate::graph::cycles::Cycle| Cycle {
        modules: cycle.shortest.iter().map(|step| name(step.from)).collect(),
        edges: cycle
            .shortest
            .iter()
            .map(|step| {
                let module = graph.module(step.from);
                let line = module.summary.line(step.edge.span.start);
                format!("{}:{line} imports {}", relative(root, &module.file), name(step.to))
            })
            .collect(),
        kind: if cycle.runs_at_import { "at import" } else { "deferred" },
    };
    graph.cycles().into_iter().map(cycle).collect()
}
