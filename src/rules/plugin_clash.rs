//! FXT010: two installed plugins offer a fixture of one name, which tests of the run need.

use rustc_hash::FxHashSet;

use super::fixtures::place_of;
use super::{Facts, Sink, declare_rule, refused_run};
use crate::base::intern::Name;
use crate::pytest::fixtures::FixtureDef;

declare_rule!(PluginClash, "FXT010", "plugin-clash", Warning, on, "two plugins offer a fixture of one name", check);

fn check(facts: &Facts, sink: &mut Sink) {
    let used: FxHashSet<Name> = facts.collection.item_fixtures.values().flatten().copied().collect();
    let foreign = |definition: &&FixtureDef| {
        let file = definition.source.as_ref().map(|written| &written.file);
        definition.baseid.is_empty() && file.is_some_and(|file| !facts.source.is_project(file))
    };
    let all: Vec<&FixtureDef> = facts.collection.registry.definitions().iter().filter(foreign).collect();
    let mut told = Vec::new();
    for (at, last) in all.iter().enumerate().rev() {
        let others: Vec<&&FixtureDef> = all[..at].iter().filter(|other| other.name == last.name).collect();
        if told.contains(&last.name) || !used.contains(&last.name) || others.is_empty() {
            continue;
        }
        told.push(last.name);
        let winner = place_of(facts, last);
        let losers: Vec<String> =
            others.iter().map(|other| place_of(facts, other)).filter(|place| *place != winner).collect();
        let Some(loser) = losers.first() else { continue };
        let name = last.name;
        let place = refused_run::place(facts, &[]);
        let mut finding = sink.finding(place, format!("{winner} and {loser} both offer a fixture {name}"));
        finding.subject = name.to_string();
        finding.facts.push(("used", winner));
        finding
            .help
            .push(format!("switch off the plugin that is not meant (-p no:NAME), or define {name} in a conftest"));
        sink.push(finding);
    }
}
