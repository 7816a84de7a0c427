//! FXT001: a test or fixture asks for a fixture that does not reach it.

use std::path::Path;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fixtures::{asker, asking_place, certainty, name_place, node, owner, place_of, tests_fail};
use super::words::{listed, nearest};
use super::{Facts, Sink, declare_rule};
use crate::base::intern::Name;
use crate::diagnostic::{Certainty, Label, Place};
use crate::environment::normalise;
use crate::pytest::fixtures::FixtureDef;
use crate::pytest::needs::{Asker, Problem};
use crate::python::plugins;

declare_rule!(
    FixtureNotFound,
    "FXT001",
    "fixture-not-found",
    Error,
    on,
    "a test or fixture asks for a fixture that is not in reach: the test collects, then fails",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for group in with_one_remedy(facts, groups(facts)) {
        report(facts, sink, &group);
    }
}

/// What one step mends in several files is one finding: the fixture lives in one place, or in a plugin that is not there.
fn with_one_remedy(facts: &Facts, groups: Vec<Group>) -> Vec<Group> {
    let mut merged: Vec<Group> = Vec::new();
    let mut known: FxHashMap<(Name, String), usize> = FxHashMap::default();
    for group in groups {
        let homes = homes(facts, group.name.as_str(), &group.chain);
        let remedy = match homes.first() {
            Some(home) if !home.help.is_empty() => home.help.clone(),
            None if !plugins::offering(group.name.as_str()).is_empty() => "plugin".to_owned(),
            _ => {
                merged.push(group);
                continue;
            }
        };
        match known.get(&(group.name, remedy.clone())) {
            Some(at) => merged[*at].absorb(group),
            None => {
                known.insert((group.name, remedy), merged.len());
                merged.push(group);
            }
        }
    }
    merged
}

impl Group {
    fn absorb(&mut self, other: Self) {
        self.places.extend(other.places);
        self.tests.extend(other.tests);
        self.tests.sort_unstable();
        self.foreign = self.foreign.or(other.foreign);
        self.fixture = self.fixture.or(other.fixture);
    }
}

/// A name that one file asks for in vain.
struct Group {
    name: Name,
    /// Where it is asked for, in order; the tests that fail for it.
    places: Vec<Place>,
    tests: Vec<usize>,
    /// Nodes of the first test.
    chain: Arc<[Arc<str>]>,
    /// The fixture that asks, where it is not the project's.
    foreign: Option<usize>,
    /// The fixture of the project that asks.
    fixture: Option<usize>,
}

fn groups(facts: &Facts) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: FxHashMap<(Name, Arc<str>), usize> = FxHashMap::default();
    for need in facts.needs() {
        let Problem::NotFound { name, by } = &need.problem else { continue };
        // Tests that are skipped, or expected to fail, do so for another reason.
        let runs = |test: &usize| facts.collection.functions[*test].runs != Some(false);
        let tests: Vec<usize> = need.tests.iter().copied().filter(runs).collect();
        let Some(function) = tests.first().map(|test| &facts.collection.functions[*test]) else { continue };
        let asking = asker(facts, *by);
        let Some(written) = asking.or(function.source.as_ref()) else { continue };
        let place = asking_place(facts, written, name.as_str());
        let at = *known.entry((*name, Arc::clone(&place.path))).or_insert_with(|| {
            groups.push(Group {
                name: *name,
                places: Vec::new(),
                tests: Vec::new(),
                chain: Arc::clone(&function.chain),
                foreign: None,
                fixture: None,
            });
            groups.len() - 1
        });
        let group = &mut groups[at];
        if let Asker::Fixture(index) = by {
            let slot = if asking.is_some() { &mut group.fixture } else { &mut group.foreign };
            slot.get_or_insert(*index);
        }
        if !group.places.contains(&place) {
            group.places.push(place);
        }
        group.tests.extend(tests);
    }
    for group in &mut groups {
        group.tests.sort_unstable();
        group.tests.dedup();
        group.places.sort();
    }
    groups
}

fn report(facts: &Facts, sink: &mut Sink, group: &Group) {
    let name = group.name.as_str();
    let Some(mut certainty) = certainty(facts, &group.tests) else { return };
    let homes = homes(facts, name, &group.chain);
    let offered = plugins::offering(name);
    if !facts.environment.is_found() {
        // What is not installed here may offer it, unless it is known where it comes from.
        let declared =
            |name: &&&str| facts.environment.declared.requirements.iter().any(|r| normalise(&r.name) == **name);
        if homes.is_empty() && (offered.is_empty() || offered.iter().any(|name| declared(&name))) {
            return;
        }
        certainty = Certainty::Likely;
    }
    let Some(place) = group.places.first().cloned() else { return };
    let mut finding = sink.finding(place, format!("fixture {name} is not found: {}", tests_fail(group.tests.len())));
    finding.certainty = certainty;
    name.clone_into(&mut finding.subject);
    "not in reach".clone_into(&mut finding.label);
    finding.pytest = Some(format!("fixture '{name}' not found"));
    let registry = &facts.collection.registry;
    if let Some(index) = group.foreign {
        let definition = registry.get(index);
        finding.facts.push(("asked by", format!("{} of {}", definition.name, place_of(facts, definition))));
    } else if let Some(index) = group.fixture {
        let first = &facts.collection.functions[group.tests[0]].nodeid;
        let fixture = registry.get(index).name;
        finding.facts.push(("asked by", format!("fixture {fixture}, which {first} needs")));
    }
    if !homes.is_empty() {
        let texts: Vec<&str> = homes.iter().map(|home| home.text.as_str()).collect();
        finding.facts.push(("lives", listed(&texts, 3)));
    }
    for home in homes.iter().take(3) {
        if let Some(place) = &home.place {
            finding.related.push(Label { place: place.clone(), text: "defined here".to_owned() });
        }
    }
    for place in group.places.iter().skip(1) {
        finding.related.push(Label { place: place.clone(), text: "and here".to_owned() });
    }
    finding.help.extend(homes.first().map(|home| home.help.clone()));
    if homes.is_empty() && !offered.is_empty() {
        let installed = offered.iter().find(|name| facts.environment.distribution(name).is_some());
        match installed {
            Some(distribution) => {
                finding.facts.push(("lives", format!("in {distribution}, whose plugin is not loaded in this run")));
                finding.help.push(format!("load the plugin of {distribution}: it is installed, and switched off"));
            }
            None => {
                let from = offered.join(" or ");
                finding.facts.push(("lives", format!("in {from}, which is not installed")));
                finding.help.push(format!("pip install {}", offered[0]));
            }
        }
    }
    finding.suggestions = near(facts, name, &group.chain);
    if let (Some(near), true) = (finding.suggestions.first(), homes.is_empty()) {
        finding.help.push(format!("{near} is in reach"));
    }
    sink.push(finding);
}

/// Names in reach that are spelt alike.
fn near(facts: &Facts, name: &str, chain: &[Arc<str>]) -> Vec<String> {
    let visible = |definition: &&FixtureDef| !definition.generated && chain.contains(&definition.baseid);
    let definitions = facts.collection.registry.definitions().iter().filter(visible);
    let mut names: Vec<&str> = definitions.map(|definition| definition.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    nearest(name, names)
}

/// Somewhere out of reach where the name is defined.
struct Home {
    text: String,
    help: String,
    place: Option<Place>,
}

fn homes(facts: &Facts, name: &str, chain: &[Arc<str>]) -> Vec<Home> {
    let mut found: Vec<Home> = Vec::new();
    let here = chain.last().map_or("", |node| &**node);
    let registered =
        facts.collection.registry.definitions().iter().filter(|definition| definition.name.as_str() == name);
    for definition in registered {
        let Some(written) = &definition.source else { continue };
        if !facts.source.is_project(&written.file) {
            let from = owner(facts, &written.file);
            found.push(Home { text: format!("in {from}"), help: String::new(), place: None });
            continue;
        }
        let place = name_place(facts, written);
        let covers = node(&definition.baseid);
        let text = format!("{}:{}, which covers {covers}, not {}", place.path, place.line, node(here));
        let help = advice(&definition.baseid, chain, &place);
        found.push(Home { text, help, place: Some(place) });
    }
    let unseen = unregistered(facts, name).into_iter();
    found.extend(unseen);
    found.dedup_by(|a, b| a.text == b.text);
    found
}

/// How the fixture would get into reach.
fn advice(baseid: &str, chain: &[Arc<str>], place: &Place) -> String {
    let file = chain.iter().rev().find(|node| !node.contains("::")).map_or("", |node| &**node);
    let common = common_directory(baseid.split("::").next().unwrap_or(baseid), file);
    let conftest = if common.is_empty() { "conftest.py".to_owned() } else { format!("{common}/conftest.py") };
    if baseid.split("::").next() == Some(file) {
        return format!("move it out of {} to the top of {}", node(baseid), place.path);
    }
    format!("move it to {conftest}, which covers both")
}

fn common_directory(a: &str, b: &str) -> String {
    let directories = |path: &str| -> Vec<String> {
        let mut parts: Vec<String> = path.split('/').map(ToOwned::to_owned).collect();
        if path.ends_with(".py") {
            parts.pop();
        }
        parts
    };
    let (a, b) = (directories(a), directories(b));
    let same = a.iter().zip(&b).take_while(|(x, y)| x == y);
    same.map(|(part, _)| part.as_str()).collect::<Vec<_>>().join("/")
}

/// Fixtures in files of the project that this run registers nowhere.
fn unregistered(facts: &Facts, name: &str) -> Vec<Home> {
    let mut found = Vec::new();
    let registry = &facts.collection.registry;
    for file in facts.project_files() {
        let known = |definition: &FixtureDef| definition.source.as_ref().is_some_and(|written| written.file == *file);
        let Some(summary) = facts.summary(file) else { continue };
        for fixture in summary.items.fixtures.iter().filter(|fixture| summary.text(fixture.name) == name) {
            let definitions = registry.definitions().iter();
            if definitions.filter(|d| d.name.as_str() == name).any(known) {
                continue;
            }
            let place = facts.place(file, fixture.name_span);
            let why = why_unregistered(facts, file);
            let text = format!("{}:{}, {why}", place.path, place.line);
            let help = "import it in a conftest.py above the tests, or name its module in pytest_plugins".to_owned();
            found.push(Home { text, help, place: Some(place) });
        }
    }
    found
}

fn why_unregistered(facts: &Facts, file: &Path) -> &'static str {
    let is_conftest = file.file_name().is_some_and(|name| name == "conftest.py");
    let is_module = facts.collection.modules.iter().any(|module| *module.file == *file);
    if is_conftest {
        "which this run does not load"
    } else if is_module {
        "which does not register it"
    } else {
        "which no conftest imports"
    }
}
