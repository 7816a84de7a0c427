//! FXT012: a fixture that a test module gets by importing it.

use super::{Facts, Sink, declare_rule};
use crate::summary::ImportRef;

declare_rule!(
    ImportedFixture,
    "FXT012",
    "imported-fixture",
    Info,
    off,
    "a test module gets a fixture by importing it",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for module in &facts.collection.modules {
        let registered = facts.collection.registry.definitions().iter();
        let here = registered.filter(|definition| *definition.baseid == *module.nodeid);
        for definition in here {
            let Some(written) = definition.source.as_ref().filter(|written| written.file != module.file) else {
                continue;
            };
            let Some(summary) = facts.summary(&module.file) else { continue };
            let name = definition.name.as_str();
            let bound = |import: &&ImportRef| import.alias.or(import.name).is_some_and(|sym| summary.text(sym) == name);
            let Some(import) = summary.imports.iter().find(bound) else { continue };
            let home = facts.shown(&written.file);
            let place = facts.place(&module.file, import.span);
            let mut finding = sink.finding(place, format!("fixture {name} is imported from {home}"));
            finding.subject = name.to_owned();
            finding.label = "becomes a fixture of this module".to_owned();
            finding.help.push("define it in a conftest.py above both, which needs no import".to_owned());
            sink.push(finding);
        }
    }
}
