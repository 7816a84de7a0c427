//! FXT006: fixtures that need each other.

use super::fixtures::{asking_place, certainty, described, name_place, tests_fail};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Label;
use crate::pytest::needs::{Need, Problem};

declare_rule!(
    FixtureRecursion,
    "FXT006",
    "fixture-recursion",
    Error,
    on,
    "fixtures need each other, or one needs itself: the test collects, then fails",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let mut told: Vec<Vec<usize>> = Vec::new();
    for need in facts.needs() {
        let Problem::Recursion(path) = &need.problem else { continue };
        // One circle, wherever it is entered.
        let mut circle = path.clone();
        circle.sort_unstable();
        if !told.contains(&circle) {
            told.push(circle);
            report(facts, sink, need, path);
        }
    }
}

fn report(facts: &Facts, sink: &mut Sink, need: &Need, path: &[usize]) {
    let definitions: Vec<_> = path.iter().map(|index| facts.collection.registry.get(*index)).collect();
    let (Some(first), Some(last)) = (definitions.first(), definitions.last()) else { return };
    let Some(certainty) = certainty(facts, &need.tests) else { return };
    let ours = |written: &&crate::pytest::fixtures::Written| facts.source.is_project(&written.file);
    let Some(written) = last.source.as_ref().filter(ours) else { return };
    let name = first.name;
    let what = match definitions.as_slice() {
        [only] => format!("fixture {} needs itself, and there is none above it", only.name),
        all => {
            let mut names: Vec<&str> = all.iter().map(|definition| definition.name.as_str()).collect();
            names.push(name.as_str());
            format!("fixtures need each other: {}", names.join(" → "))
        }
    };
    let place = asking_place(facts, written, name.as_str());
    let mut finding = sink.finding(place, format!("{what}: {}", tests_fail(need.tests.len())));
    finding.certainty = certainty;
    finding.subject = definitions.iter().map(|definition| definition.name.as_str()).collect::<Vec<_>>().join(" ");
    finding.label = format!("closes the circle at {name}");
    finding.pytest = Some(format!("recursive dependency involving fixture '{name}' detected"));
    let others = &definitions[..definitions.len() - 1];
    if !others.is_empty() {
        let texts: Vec<String> = others.iter().map(|definition| described(facts, definition)).collect();
        finding.facts.push(("needs", texts.join(", ")));
    }
    for definition in others {
        if let Some(written) = definition.source.as_ref().filter(ours) {
            finding.related.push(Label { place: name_place(facts, written), text: "part of the circle".to_owned() });
        }
    }
    finding.help.push(match definitions.len() {
        1 => format!("rename it, or define another {name} that it can build on"),
        _ => "take the part that both need into a fixture of its own".to_owned(),
    });
    sink.push(finding);
}
