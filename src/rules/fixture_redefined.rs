//! FXT002: a fixture defined twice in one place of a file.

use std::path::Path;

use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Label;
use crate::summary::Summary;
use crate::summary::items::FixtureDef;

declare_rule!(
    FixtureRedefined,
    "FXT002",
    "fixture-redefined",
    Warning,
    on,
    "a fixture is defined twice in one file: the first is lost",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for file in facts.collected_files() {
        let Some(summary) = facts.summary(file) else { continue };
        let mut told: Vec<&FixtureDef> = Vec::new();
        for fixture in summary.items.fixtures.iter().filter(|fixture| !fixture.conditional) {
            let same = |other: &&&FixtureDef| {
                let alike = |a, b| summary.text(a) == summary.text(b);
                let class = |def: &FixtureDef| def.class.map(|class| summary.text(class).to_owned());
                let clash = alike(other.function, fixture.function) || alike(other.name, fixture.name);
                class(other) == class(fixture) && clash
            };
            if let Some(lost) = told.iter().rev().find(same) {
                report(facts, sink, (file, &summary), lost, fixture);
            }
            told.push(fixture);
        }
    }
}

/// The function of a definition is what a later one takes over; its fixture's name is another way to be replaced.
fn report(facts: &Facts, sink: &mut Sink, file: (&Path, &Summary), lost: &FixtureDef, fixture: &FixtureDef) {
    let (file, summary) = file;
    let name = summary.text(lost.name);
    let place = facts.place(file, fixture.name_span);
    let earlier = facts.place(file, lost.name_span);
    let mut finding = sink.finding(place, format!("fixture {name} is defined again: the first is lost"));
    finding.subject = format!("{}{name}", fixture.class.map(|c| format!("{}.", summary.text(c))).unwrap_or_default());
    finding.label = format!("replaces the one at line {}", earlier.line);
    finding.related.push(Label { place: earlier, text: "never used".to_owned() });
    finding.help.push("remove or rename one of the two".to_owned());
    sink.push(finding);
}
