//! FXT002: a fixture defined twice in one place of a file.

use std::collections::BTreeMap;

use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::diagnostic::Label;
use crate::summary::items::FixtureDef;

declare_rule!(
    FixtureRedefined,
    "FXT002",
    "fixture-redefined",
    Warning,
    on,
    "a fixture is defined twice in one file: the first is lost"
);

impl Rule for FixtureRedefined {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        for file in facts.collected_files() {
            let Some(summary) = facts.summary(&file) else { continue };
            // The function is what the second definition takes over, whatever `name=` says.
            let mut first: BTreeMap<(Option<&str>, &str), &FixtureDef> = BTreeMap::new();
            for fixture in summary.items.fixtures.iter().filter(|fixture| !fixture.conditional) {
                let class = fixture.class.map(|class| summary.text(class));
                let function = summary.text(fixture.function);
                let Some(lost) = first.insert((class, function), fixture) else { continue };
                let name = summary.text(lost.name);
                let place = facts.place(&file, fixture.name_span);
                let earlier = facts.place(&file, lost.name_span);
                let mut finding = sink.finding(place, format!("fixture {name} is defined again: the first is lost"));
                finding.subject = format!("{}{function}", class.map(|class| format!("{class}.")).unwrap_or_default());
                finding.label = format!("replaces the one at line {}", earlier.line);
                finding.related.push(Label { place: earlier, text: "never used".to_owned() });
                finding.help.push("remove or rename one of the two".to_owned());
                sink.push(finding);
            }
        }
    }
}
