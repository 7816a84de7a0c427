//! CYC001: an import cycle that fails from an entry the run takes.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::listed;
use super::{Facts, cycles, declare_rule};
use crate::machine::{Cause, Frame};
use crate::pytest::verdict::Verdict;

declare_rule!(
    FatalCycle, "CYC001", "fatal-cycle", Error, on, "an import cycle that fails from an entry the run takes",
    FaultKind::FatalCycle => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let (Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. }) = &fault.raised.cause
    else {
        return Described::default();
    };
    let bound = bound_at(facts, module.as_str(), name.as_str()).map(|bound| ("bound", bound));
    let entry = entry(facts, fault, module.as_str());
    Described {
        what: format!("import cycle fails when entered at {entry}"),
        subject: format!("{module}.{name}"),
        label: format!("{module} is still being imported and has no {name} yet"),
        facts: bound.into_iter().chain(harmless(facts, module.as_str())).collect(),
        help: help(facts, fault, module.as_str(), name.as_str()),
        ..Described::default()
    }
}

/// Where the partial module binds the name, later.
fn bound_at(facts: &Facts, module: &str, name: &str) -> Option<String> {
    let module = facts.graph.module(facts.graph.named(module)?);
    let binding = module.exports().bindings.iter().find(|b| b.name == name && b.guard.runs())?;
    let place = facts.place(&module.file, binding.span);
    Some(format!("{name} is bound at {}:{}, which has not run yet", place.path, place.line))
}

/// From where the cycle works, with a test module of the run that enters it there.
fn harmless(facts: &Facts, module: &str) -> Option<(&'static str, String)> {
    let index = facts.graph.named(module)?;
    let cycle = facts.cycles().iter().find(|cycle| cycle.runs_at_import && cycle.modules.contains(&index))?;
    let works: Vec<&str> =
        cycles::entries(facts, cycle).filter(|entry| entry.raised.is_none()).map(|e| e.module.as_str()).collect();
    if works.is_empty() {
        return None;
    }
    let example = entered_first(facts, &works).map(|file| format!(", as in {file}")).unwrap_or_default();
    Some(("harmless", format!("when {} is imported first{example}", listed(&works, 4))))
}

/// A collected test module whose own imports reach one of these modules before any other of the project.
fn entered_first(facts: &Facts, modules: &[&str]) -> Option<String> {
    let collected = facts.collection.modules.iter().filter(|module| matches!(module.verdict, Verdict::Collected));
    collected
        .filter_map(|module| {
            let node = *facts.graph.of_file(&module.file).first()?;
            let (first, _) = facts.graph.imports(node).into_iter().find(|(_, edge)| edge.runs_at_import())?;
            modules.contains(&facts.graph.module(first).name.as_str()).then(|| facts.shown(&module.file))
        })
        .next()
}

/// The frames of the loop: from the partial module's own import back to where its name is needed.
fn loop_frames<'a>(fault: &'a Fault, module: &str) -> &'a [Frame] {
    let frames = &fault.raised.frames;
    let first = frames.iter().position(|frame| frame.module.as_str() == module).unwrap_or(0);
    &frames[first..]
}

/// The first module of the loop that the run reaches.
fn entry(facts: &Facts, fault: &Fault, module: &str) -> String {
    let ours = |frame: &&Frame| facts.source.is_project(&frame.file);
    loop_frames(fault, module)
        .iter()
        .find(ours)
        .map_or_else(|| module.to_owned(), |frame| frame.module.as_str().to_owned())
}

/// The last import of the loop is the one to move: into the functions that need the name.
fn help(facts: &Facts, fault: &Fault, module: &str, name: &str) -> Vec<String> {
    let place =
        fault.sites.first().map_or_else(|| facts.shown(&fault.file), |place| format!("{}:{}", place.path, place.line));
    vec![
        format!("move the import of {name} at {place} into the functions that use it"),
        format!("or import {module} there and write {module}.{name} where it is used"),
    ]
}
