//! IMP017: one file is imported under two names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Label};
use crate::machine::{Event, Frame};

declare_rule!(TwoModuleNames, "IMP017", "two-module-names", Warning, on, "one file is imported under two names", check);

/// A file that ran a second time under another name.
struct Twice {
    file: Arc<PathBuf>,
    first: (String, Option<Frame>),
    second: (String, Option<Frame>),
}

fn check(facts: &Facts, sink: &mut Sink) {
    for files in groups(facts) {
        report(facts, sink, &files);
    }
}

/// Files that have two names for the same reason.
fn groups(facts: &Facts) -> Vec<Vec<Twice>> {
    let mut groups: BTreeMap<(String, String), Vec<Twice>> = BTreeMap::new();
    for twice in find(facts) {
        groups.entry(roots(&twice.first.0, &twice.second.0)).or_default().push(twice);
    }
    groups.into_values().collect()
}

/// The second and the first name of each file that the finding about one of them stands for; none where pytest itself
/// gives the second one.
pub(super) fn names(facts: &Facts, subject: &str) -> Option<Vec<(String, String)>> {
    let files =
        groups(facts).into_iter().find(|files| files.first().is_some_and(|one| facts.shown(&one.file) == subject))?;
    let by_import = |twice: &Twice| twice.second.1.as_ref().is_some_and(|frame| facts.source.is_project(&frame.file));
    files.iter().all(by_import).then(|| files.into_iter().map(|twice| (twice.second.0, twice.first.0)).collect())
}

/// Files that hold something, in the order of their second run. A package that holds nothing is no loss.
fn find(facts: &Facts) -> Vec<Twice> {
    let mut known: BTreeMap<&Arc<PathBuf>, (&str, Option<&Frame>)> = BTreeMap::new();
    let mut found: Vec<Twice> = Vec::new();
    for event in &facts.collection.events {
        let Event::Executes { module, file, from } = event else { continue };
        if !facts.source.is_project(file) || facts.summary(file).is_none_or(|summary| summary.definitions.is_empty()) {
            continue;
        }
        let Some((name, first)) = known.get(file) else {
            known.insert(file, (module.as_str(), from.as_ref()));
            continue;
        };
        if *name != module.as_str() && !found.iter().any(|twice| twice.file == *file) {
            found.push(Twice {
                file: Arc::clone(file),
                first: ((*name).to_owned(), first.cloned()),
                second: (module.as_str().to_owned(), from.clone()),
            });
        }
    }
    found
}

/// What two names differ in, the shared end left out.
fn roots(a: &str, b: &str) -> (String, String) {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.split('.').collect(), b.split('.').collect());
    while a.len() + b.len() > 2 && a.last() == b.last() && a.last().is_some() {
        a.pop();
        b.pop();
    }
    (a.join("."), b.join("."))
}

fn report(facts: &Facts, sink: &mut Sink, files: &[Twice]) {
    let Some(one) = files.first() else { return };
    let place = match &one.second.1 {
        Some(frame) if facts.source.is_project(&frame.file) => facts.place(&frame.file, frame.span),
        // pytest itself imports it under the other name.
        _ => facts.place(&one.file, Span::default()),
    };
    let shown = facts.shown(&one.file);
    let (first, second) = (&one.first.0, &one.second.0);
    let mut finding = sink.finding(place, format!("{shown} is imported as {second}, and as {first} before"));
    finding.subject = shown.clone();
    finding.certainty = Certainty::Certain;
    finding.label = format!("runs {shown} again");
    if let Some(frame) = one.first.1.as_ref().filter(|frame| facts.source.is_project(&frame.file)) {
        let text = format!("as {first} here");
        finding.related.push(Label { place: facts.place(&frame.file, frame.span), text });
    }
    if files.len() > 1 {
        finding.facts.push(("files", format!("{} files have two names like this", thousands(files.len()))));
    }
    finding
        .facts
        .push(("then", "two modules with classes of their own: isinstance fails, state is kept twice".to_owned()));
    finding.help.push(format!("import it as {first} everywhere, or as {second} everywhere"));
    sink.push(finding);
}
