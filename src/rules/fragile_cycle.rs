//! CYC002: an import cycle that works as the run enters it, and fails from another of its modules.

use super::cycles;
use super::words::{exception_line, listed};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Diagnostic;
use crate::graph::cycles::Cycle;
use crate::machine::Raised;

declare_rule!(
    FragileCycle,
    "CYC002",
    "fragile-cycle",
    Warning,
    on,
    "an import cycle that works as entered today and fails from another of its modules",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for cycle in facts.cycles().iter().filter(|cycle| cycle.runs_at_import && !cycles::is_fatal(facts, cycle)) {
        if let Some(found) = finding(facts, sink, cycle) {
            sink.push(found);
        }
    }
}

fn finding(facts: &Facts, sink: &Sink, cycle: &Cycle) -> Option<Diagnostic> {
    let (mut fatal, mut harmless) = (Vec::new(), Vec::new());
    let mut first: Option<(&str, &Raised)> = None;
    for entry in cycles::entries(facts, cycle) {
        match &entry.raised {
            Some(raised) => {
                fatal.push(entry.module.as_str());
                first = first.or(Some((entry.module.as_str(), raised)));
            }
            None => harmless.push(entry.module.as_str()),
        }
    }
    let (entry, raised) = first?;
    let at = raised.frames.iter().rev().find(|frame| facts.source.is_project(&frame.file))?;
    let place = facts.frame_place(at);
    let text = format!("import cycle {} fails when {entry} is imported first", cycles::loop_text(facts, cycle));
    let mut found = sink.finding(place.clone(), text);
    let names: Vec<&str> = cycle.shortest.iter().map(|step| facts.graph.module(step.from).name.as_str()).collect();
    found.subject = names.join(" ");
    "needs what is not bound yet when the cycle is entered there".clone_into(&mut found.label);
    found.chain =
        raised.frames.iter().filter(|frame| facts.source.is_project(&frame.file)).map(|f| facts.step(f)).collect();
    found.facts.push(("then", exception_line(facts, raised)));
    found.facts.push(("fails", format!("when {} is imported first", listed(&fatal, 6))));
    if !harmless.is_empty() {
        found.facts.push(("harmless", format!("when {} is imported first", listed(&harmless, 6))));
    }
    found.help.push(format!("move the import at {}:{} into the functions that need it", place.path, place.line));
    Some(found)
}
