//! FXT003: a conftest that defines a fixture of a conftest above it again, without building on it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Certainty, Label};
use crate::summary::Summary;
use crate::summary::items::FixtureDef;

declare_rule!(
    DuplicateFixture,
    "FXT003",
    "duplicate-fixture",
    Warning,
    on,
    "a nested conftest defines a parent's fixture again without using it",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let conftests = facts.conftests();
    let by_directory = conftests.iter().filter_map(|file| Some((file.parent()?, file))).collect();
    for file in &conftests {
        let Some(summary) = facts.summary(file) else { continue };
        for fixture in visible(&summary) {
            if let Some(above) = nearest_above(facts, &by_directory, file, summary.text(fixture.name)) {
                compare(facts, sink, (file, &summary, fixture), &above);
            }
        }
    }
}

/// Conftests by their directory.
type Conftests<'a> = FxHashMap<&'a Path, &'a Arc<PathBuf>>;

/// A fixture of a conftest.
struct Above {
    file: Arc<PathBuf>,
    summary: Arc<Summary>,
    fixture: FixtureDef,
}

/// Fixtures that a conftest surely offers to its directory.
fn visible(summary: &Summary) -> impl Iterator<Item = &FixtureDef> {
    summary.items.fixtures.iter().filter(|fixture| fixture.class.is_none() && !fixture.conditional)
}

/// The fixture that a conftest of the nearest directory above offers under this name.
fn nearest_above(facts: &Facts, conftests: &Conftests, file: &Path, name: &str) -> Option<Above> {
    let directories = file.parent()?.ancestors().skip(1).take_while(|directory| directory.starts_with(facts.root));
    directories.into_iter().find_map(|directory| {
        let above = *conftests.get(directory)?;
        let summary = facts.summary(above)?;
        let fixture = visible(&summary).filter(|fixture| summary.text(fixture.name) == name).last()?.clone();
        Some(Above { file: above.clone(), summary, fixture })
    })
}

fn compare(facts: &Facts, sink: &mut Sink, own: (&Path, &Summary, &FixtureDef), above: &Above) {
    let (file, summary, fixture) = own;
    let name = summary.text(fixture.name);
    if fixture.requests.iter().any(|request| summary.text(*request) == name) {
        return;
    }
    let differences = differences((summary, fixture), above);
    let parent = facts.place(&above.file, above.fixture.name_span);
    let message = if differences.is_empty() {
        format!("fixture {name} is a copy of the one in {}", parent.path)
    } else {
        format!("fixture {name} hides the one in {} and does not use it", parent.path)
    };
    let mut finding = sink.finding(facts.place(file, fixture.name_span), message);
    name.clone_into(&mut finding.subject);
    finding.label = if differences.is_empty() { "reads the same".to_owned() } else { differences.join(", ") };
    finding.related.push(Label { place: parent, text: "defined here too".to_owned() });
    if differences.is_empty() {
        finding.help.push("remove the copy: the fixture above reaches these tests".to_owned());
    } else {
        finding.certainty = Certainty::Likely;
        finding.help.push(format!("request {name} in it to build on the one above, or give it a name of its own"));
    }
    sink.push(finding);
}

/// How the two differ, in words.
fn differences(own: (&Summary, &FixtureDef), above: &Above) -> Vec<String> {
    let (summary, fixture) = own;
    let other = &above.fixture;
    let scope = |summary: &Summary, fixture: &FixtureDef| match fixture.scope {
        Some(scope) => summary.text(scope).to_owned(),
        None if fixture.scope_unknown => "unknown".to_owned(),
        None => "function".to_owned(),
    };
    let mut found = Vec::new();
    let (here, there) = (scope(summary, fixture), scope(&above.summary, other));
    if here != there {
        found.push(format!("scope {here} instead of {there}"));
    }
    if fixture.autouse != other.autouse {
        found.push(if fixture.autouse == Some(false) { "no autouse" } else { "autouse" }.to_owned());
    }
    if fixture.has_params != other.has_params {
        found.push(if fixture.has_params { "has params" } else { "has no params" }.to_owned());
    }
    if fixture.body_hash != other.body_hash {
        found.push("another body".to_owned());
    }
    found
}
