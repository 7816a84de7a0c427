//! IMP018: a test module that collects only because another one was collected before it.

use super::words::exception_line;
use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::Diagnostic;
use crate::machine::Cause;
use crate::pytest::probe::Dependent;

declare_rule!(
    OrderDependent,
    "IMP018",
    "order-dependent",
    Warning,
    on,
    "a test module collects only because another one was collected before it",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for dependent in &facts.probes.dependents {
        let cycle = matches!(
            dependent.raised.cause,
            Cause::MissingName { partial: true, .. } | Cause::MissingAttribute { partial: true, .. }
        );
        // A cycle entered elsewhere is CYC002's to tell.
        if !cycle {
            let found = finding(facts, sink, dependent);
            sink.push(found);
        }
    }
}

fn finding(facts: &Facts, sink: &Sink, dependent: &Dependent) -> Diagnostic {
    let shown = facts.shown(&dependent.file);
    let (what, from) = (dependent.borrowed.what, dependent.borrowed.from);
    let giver = facts.collection.modules.iter().find(|module| module.module == from.as_str());
    let giver = giver.map_or_else(|| from.as_str().to_owned(), |module| facts.shown(&module.file));
    let project = |frame: &&crate::machine::Frame| facts.source.is_project(&frame.file);
    let frame = dependent.raised.frames.iter().rev().find(project);
    let place = frame.map_or_else(|| facts.place(&dependent.file, Span::default()), |frame| facts.frame_place(frame));
    let text = format!("{shown} collects only because {giver} is collected before it");
    let mut found = sink.finding(place, text);
    found.subject = format!("{shown} {what}");
    found.label = format!("{what} is there because of {giver}");
    found.facts.push(("alone", exception_line(facts, &dependent.raised)));
    found.chain = dependent.raised.frames.iter().filter(project).map(|frame| facts.step(frame)).collect();
    found.help.push(match &dependent.raised.cause {
        Cause::MissingAttribute { module, name, .. } => format!("import {module}.{name} where it is used"),
        Cause::MissingModule { .. } => {
            "put its directory on sys.path for all: pythonpath in pytest's configuration, or a conftest.py beside it"
                .to_owned()
        }
        _ => format!("make {shown} import what it needs itself"),
    });
    found
}
