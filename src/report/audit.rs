//! What the audit tells besides findings: names asked for beside names offered, packages to install, cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::data::{Cycle, Mismatch, MissingModule, MissingPackage, ReportData, relative};
use crate::diagnostic::Diagnostic;
use crate::environment::{Requirement, normalise};
use crate::graph::Graph;
use crate::rules;

/// Names of a module that the audit lists at most.
const NAMES: usize = 60;

/// Fills the audit's own parts.
pub fn fill(data: &mut ReportData, root: &Path, graph: &Graph, declared: &[Requirement]) {
    for diagnostic in std::mem::take(&mut data.diagnostics) {
        let list = match diagnostic.code {
            "BLK020" => &mut data.hazards,
            "ENV008" => &mut data.needs,
            "FXT011" => &mut data.unused,
            _ => &mut data.diagnostics,
        };
        list.push(diagnostic);
    }
    data.mismatches = mismatches(data, root, graph);
    data.missing = missing(data, declared);
    data.missing_modules = missing_modules(data);
    data.cycles = cycles(data, root, graph);
}

/// Per module, what imports ask for in vain beside what it has.
fn mismatches(data: &ReportData, root: &Path, graph: &Graph) -> Vec<Mismatch> {
    let mut found: BTreeMap<String, Mismatch> = BTreeMap::new();
    for d in data.diagnostics.iter().filter(|d| matches!(d.code, "IMP002" | "IMP003" | "IMP004" | "IMP010")) {
        let Some((module, name)) = d.subject.rsplit_once('.') else { continue };
        let entry = found.entry(module.to_string()).or_insert_with(|| {
            let index = graph.named(module);
            let file = index.map(|index| relative(root, &graph.module(index).file).to_string());
            let told = d
                .facts
                .iter()
                .find(|(label, _)| *label == "exports")
                .map(|(_, names)| names.split(", ").map(str::to_owned).collect::<Vec<_>>());
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
                instead: Vec::new(),
            }
        });
        if !entry.wanted.iter().any(|wanted| wanted == name) {
            entry.wanted.push(name.to_string());
            entry.suggestions.extend(d.suggestions.iter().take(1).cloned());
            entry.instead.extend(d.help.iter().find_map(|help| import(help)).map(str::to_owned));
        }
    }
    found.into_values().collect()
}

/// The import that a help proposes.
fn import(help: &str) -> Option<&str> {
    let (_, statement) = help.rsplit_once(": ")?;
    (statement.starts_with("from ") && statement.contains(" import ")).then_some(statement)
}

fn missing(data: &ReportData, declared: &[Requirement]) -> Vec<MissingPackage> {
    let mut found: BTreeMap<&str, MissingPackage> = BTreeMap::new();
    for d in data.diagnostics.iter().filter(|d| matches!(d.code, "ENV001" | "ENV005")) {
        let module = d.subject.split('.').next().unwrap_or(&d.subject);
        let package = found.entry(module).or_insert_with(|| MissingPackage {
            module: module.to_string(),
            distribution: None,
            installed: None,
            declared: false,
            wanted_at: Vec::new(),
            victims: 0,
        });
        wanted(&mut package.wanted_at, d);
        package.victims += d.victims.len();
        package.installed = package.installed.take().or_else(|| rules::installed_as(d).map(str::to_owned));
        package.distribution = package.distribution.take().or_else(|| d.suggestions.first().cloned());
    }
    let mut packages: Vec<_> = found.into_values().collect();
    for package in &mut packages {
        let name = normalise(package.distribution.as_deref().unwrap_or(&package.module));
        package.declared = declared.iter().any(|requirement| normalise(&requirement.name) == name);
    }
    packages.sort_by(|a, b| b.victims.cmp(&a.victims).then_with(|| a.module.cmp(&b.module)));
    packages
}

/// Where a finding strikes, as `path:line`.
fn wanted(wanted_at: &mut Vec<String>, d: &Diagnostic) {
    let ends = d.victims.iter().filter_map(|victim| victim.chain.last()).map(|step| &step.place);
    let places = std::iter::once(&d.place).chain(ends);
    let texts: Vec<String> = places.map(|place| format!("{}:{}", place.path, place.line)).collect();
    let known: BTreeSet<String> = wanted_at.iter().cloned().collect();
    let mut new = BTreeSet::new();
    wanted_at.extend(texts.into_iter().filter(|text| !known.contains(text) && new.insert(text.clone())));
}

fn missing_modules(data: &ReportData) -> Vec<MissingModule> {
    let row = |d: &Diagnostic| {
        let mut wanted_at = Vec::new();
        wanted(&mut wanted_at, d);
        let nearest = d.suggestions.clone();
        MissingModule { module: d.subject.clone(), wanted_at, victims: d.victims.len(), nearest }
    };
    data.diagnostics.iter().filter(|d| d.code == "IMP001").map(row).collect()
}

/// The cycles of the graph: those that fail first, then those that would from elsewhere.
fn cycles(data: &ReportData, root: &Path, graph: &Graph) -> Vec<Cycle> {
    let name = |index| graph.module(index).name.clone();
    let failing = |cycle: &crate::graph::cycles::Cycle, code: &str| {
        let holds = |module: &str| cycle.modules.iter().any(|index| graph.module(*index).name == module);
        let is_it = |d: &&Diagnostic| {
            let first = d.subject.split(' ').next().unwrap_or_default();
            let module =
                if code == "CYC001" { first.rsplit_once('.').map_or(first, |(module, _)| module) } else { first };
            d.code == code && holds(module)
        };
        data.diagnostics.iter().find(is_it).map(|d| format!("{}:{}", d.place.path, d.place.line))
    };
    let kind = |cycle: &crate::graph::cycles::Cycle| match (failing(cycle, "CYC001"), failing(cycle, "CYC002")) {
        (Some(cut), _) if cycle.runs_at_import => ("fatal", Some(cut)),
        (_, Some(cut)) if cycle.runs_at_import => ("fragile", Some(cut)),
        _ if cycle.runs_at_import => ("harmless", None),
        _ => ("deferred", None),
    };
    let cycle = |(cycle, (kind, cut)): (crate::graph::cycles::Cycle, (&'static str, Option<String>))| Cycle {
        kind,
        cut,
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
    };
    let judged = graph.cycles().into_iter().map(|found| (kind(&found), found)).map(|(kind, found)| (found, kind));
    let mut cycles: Vec<Cycle> = judged.map(cycle).collect();
    cycles
        .sort_by_key(|cycle| ["fatal", "fragile", "harmless"].iter().position(|kind| *kind == cycle.kind).unwrap_or(3));
    cycles
}
