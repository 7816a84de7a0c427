//! FXT011: a fixture that nobody asks for.

use rustc_hash::FxHashSet;

use super::fixtures::{name_place, node};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Certainty;
use crate::pytest::unused;

declare_rule!(UnusedFixture, "FXT011", "unused-fixture", Info, off, "a fixture that nobody asks for", check);

fn check(facts: &Facts, sink: &mut Sink) {
    let mut told = FxHashSet::default();
    let texts = facts.dynamic_texts();
    for index in unused::find(facts.collection, &texts) {
        let definition = facts.collection.registry.get(index);
        let Some(written) = definition.source.as_ref().filter(|written| facts.source.is_project(&written.file)) else {
            continue;
        };
        if !told.insert((written.file.clone(), written.line)) {
            continue;
        }
        let name = definition.name;
        let mut finding = sink.finding(name_place(facts, written), format!("nobody asks for the fixture {name}"));
        finding.certainty = Certainty::Likely;
        finding.subject = name.to_string();
        finding.label = format!("visible in {}", node(&definition.baseid));
        finding.help.push("remove it, unless something outside this run asks for it".to_owned());
        sink.push(finding);
    }
}
