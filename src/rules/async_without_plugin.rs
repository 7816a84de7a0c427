//! COL014: an async test and no plugin to run it: it collects, then fails, or is skipped before pytest 8.4.

use super::fixtures::name_place;
use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Label, Place};
use crate::pytest::functions::TestFunction;

declare_rule!(
    AsyncWithoutPlugin,
    "COL014",
    "async-without-plugin",
    Warning,
    on,
    "an async test that no plugin runs: it collects, then fails",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let collection = facts.collection;
    let notes = &collection.notes;
    let unknown = !facts.environment.is_found() || collection.registry.has_unseen_plugins();
    if unknown || notes.takes_coroutines || collection.marks_change {
        return;
    }
    // Of the plugins that run coroutines, these two say which ones: those with their mark.
    let known = |name: &str| matches!(name, "anyio.pytest_plugin" | "pytest_asyncio.plugin");
    if notes.callers.iter().any(|caller| !known(caller.as_str())) {
        return;
    }
    let plugins = !notes.callers.is_empty();
    let mut groups: Vec<(Place, Vec<Place>, usize)> = Vec::new();
    for function in collection.functions.iter().filter(|function| is_left(facts, function)) {
        let Some(written) = &function.source else { continue };
        let place = name_place(facts, written);
        match groups.iter_mut().find(|(first, ..)| first.path == place.path) {
            Some((first, others, count)) => {
                *count += 1;
                if place != *first && !others.contains(&place) {
                    others.push(place);
                }
            }
            None => groups.push((place, Vec::new(), 1)),
        }
    }
    for (place, others, count) in groups {
        report(facts, sink, place, others, count, plugins);
    }
}

/// A coroutine that nothing claims.
fn is_left(facts: &Facts, function: &TestFunction) -> bool {
    let project = function.source.as_ref().is_some_and(|written| facts.source.is_project(&written.file));
    let marked = function.marks.iter().any(|mark| matches!(mark.as_str(), "asyncio" | "anyio" | "trio" | "gen_test"));
    let claimed = marked && !facts.collection.notes.callers.is_empty();
    let asks = function.asked.iter().chain(&function.used).any(|name| name.as_str() == "anyio_backend");
    function.is_coroutine
        && !function.is_unittest
        && !function.open
        && !claimed
        && !asks
        && project
        && function.runs == Some(true)
}

fn report(facts: &Facts, sink: &mut Sink, place: Place, others: Vec<Place>, count: usize, plugins: bool) {
    let modern = facts.collection.pytest >= (8, 4);
    let (one, many) = if modern { ("fails", "fail") } else { ("is skipped", "are skipped") };
    let tests =
        if count == 1 { format!("1 async test {one}") } else { format!("{} async tests {many}", thousands(count)) };
    let why = if plugins { "no plugin claims it" } else { "no plugin runs coroutines" };
    let mut finding = sink.finding(place, format!("{why}: {tests}"));
    finding.subject = "async".to_owned();
    finding.label = "async def".to_owned();
    let text = "async def functions are not natively supported";
    finding.pytest = Some(if modern { format!("{text}.") } else { format!("{text} and have been skipped.") });
    for place in others {
        finding.related.push(Label { place, text: "and here".to_owned() });
    }
    if plugins {
        finding
            .help
            .push("mark it with pytest.mark.asyncio or pytest.mark.anyio, or set asyncio_mode = auto".to_owned());
    } else {
        finding.help.push("pip install pytest-asyncio, and mark the tests with pytest.mark.asyncio".to_owned());
    }
    sink.push(finding);
}
