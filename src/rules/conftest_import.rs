//! IMP019: code imports from a conftest.

use std::collections::BTreeMap;

use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Label, Place};
use crate::summary::ImportKind;

declare_rule!(ConftestImport, "IMP019", "conftest-import", Warning, off, "code imports from a conftest", check);

fn check(facts: &Facts, sink: &mut Sink) {
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for file in facts.project_files() {
        let Some(summary) = facts.summary(file) else { continue };
        let mut told: Vec<String> = Vec::new();
        for import in summary.imports.iter().filter(|import| import.kind != ImportKind::Guarded) {
            let module = summary.text(import.module);
            let name = import.name.map_or("", |name| summary.text(name));
            let from = if module.rsplit('.').next() == Some("conftest") {
                format!("{}{module}", ".".repeat(import.level as usize))
            } else if name == "conftest" {
                format!("{}{module}.conftest", ".".repeat(import.level as usize))
            } else {
                continue;
            };
            if !told.contains(&from) {
                found.entry(from.clone()).or_default().push(facts.place(file, import.span));
                told.push(from);
            }
        }
    }
    for (module, places) in found {
        let Some((first, rest)) = places.split_first() else { continue };
        let mut finding = sink.finding(first.clone(), format!("{module} is imported like a module"));
        finding.subject = module;
        "pytest loads conftests itself".clone_into(&mut finding.label);
        let also = |place: &Place| Label { place: place.clone(), text: "and here".to_owned() };
        finding.related = rest.iter().map(also).collect();
        finding.facts.push((
            "then",
            "which conftest this is depends on sys.path, and it may run a second time under another name".to_owned(),
        ));
        finding.help.push("move what is shared into a module beside the conftest, or make it a fixture".to_owned());
        sink.push(finding);
    }
}
