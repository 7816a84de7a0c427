//! What the audit tells besides findings: names asked for beside names offered, packages to install, cycles.

use std::collections::BTreeMap;
use std::path::Path;

use super::data::{Cycle, Mismatch, MissingPackage, ReportData, relative};
use crate::environment::Environment;
use crate::graph::Graph;

/// Names of a module that the audit lists at most.
const NAMES: usize = 60;

/// Fills the audit's own parts.
pub fn fill(data: &mut ReportData, root: &Path, graph: &Graph, environment: &Environment) {
    data.mismatches = mismatches(data, root, graph);
    data.missing = missing(data, environment);
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
            let mut exports = index.map(|index| graph.offered(index)).unwrap_or_default();
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

fn missing(data: &ReportData, environment: &Environment) -> Vec<MissingPackage> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for d in data.diagnostics.iter().filter(|d| matches!(d.code, "ENV001" | "ENV005")) {
        *found.entry(d.subject.split('.').next().unwrap_or(&d.subject)).or_default() += d.victims.len();
    }
    let package = |(module, victims): (&str, usize)| MissingPackage {
        module: module.to_string(),
        distribution: distribution(module, environment),
        victims,
    };
    let mut packages: Vec<_> = found.into_iter().map(package).collect();
    packages.sort_by(|a, b| b.victims.cmp(&a.victims).then_with(|| a.module.cmp(&b.module)));
    packages
}

/// What one would install.
fn distribution(module: &str, environment: &Environment) -> Option<String> {
    let _ = environment;
    Some(module.to_string())
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
