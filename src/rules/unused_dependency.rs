//! ENV003: a declared dependency that no file of the project imports.

use std::collections::BTreeSet;

use super::origin::top_level;
use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::environment::{Requirement, normalise};

declare_rule!(
    UnusedDependency,
    "ENV003",
    "unused-dependency",
    Info,
    off,
    "a declared dependency is never imported",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let imported = imported(facts);
    let mut told = BTreeSet::new();
    for requirement in &facts.environment.declared.requirements {
        let name = normalise(&requirement.name);
        // What runs beside the code is not imported by it: tools, plugins, stubs.
        let judged = requirement.group == "dependencies" && requirement.applies;
        let stubs = name.starts_with("types-") || name.ends_with("-stubs");
        if !judged || stubs || !told.insert(name.clone()) {
            continue;
        }
        let Some(modules) = modules(facts, &name) else { continue };
        if modules.is_empty() || modules.iter().any(|module| imported.contains(module)) {
            continue;
        }
        let found = finding(facts, sink, requirement, &modules);
        sink.push(found);
    }
}

fn finding(facts: &Facts, sink: &Sink, requirement: &Requirement, modules: &[String]) -> crate::diagnostic::Diagnostic {
    let mut place = facts.place(&requirement.file, Span::default());
    place.line = requirement.line.max(1);
    let mut found = sink.finding(place, format!("{} is declared, and nothing imports it", requirement.name));
    found.subject = normalise(&requirement.name);
    found.certainty = Certainty::Likely;
    found.facts.push(("modules", super::words::listed(modules, 4)));
    found.help.push("take it out of the list, unless something else than an import needs it".to_owned());
    found
}

/// Top-level modules that any file of the project imports, functions included.
fn imported(facts: &Facts) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in facts.project_files() {
        let Some(summary) = facts.source.whole(file) else { continue };
        let absolute = summary.imports.iter().filter(|import| import.level == 0);
        found.extend(absolute.map(|import| top_level(summary.text(import.module)).to_owned()));
    }
    found
}

/// The modules of an installed distribution that offers nothing but modules; none if it is not installed, or is a plugin or tool.
fn modules(facts: &Facts, name: &str) -> Option<Vec<String>> {
    let installed = facts.environment.distribution(name)?;
    installed.entry_points.is_empty().then(|| facts.environment.top_level(installed).to_vec())
}
