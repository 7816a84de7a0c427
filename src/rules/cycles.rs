//! Cycles that no run fails on: what CYC003 and CYC004 have in common.

use super::fault::FaultKind;
use super::{Facts, Sink};
use crate::diagnostic::{Diagnostic, Step};
use crate::graph::cycles::{Cycle, CycleStep};
use crate::machine::Cause;
use crate::pytest::probe::Entry;

/// Reports the cycles of a kind that no failure of the run comes from.
pub fn report(facts: &Facts, sink: &mut Sink, runs_at_import: bool) {
    for cycle in facts.cycles() {
        if cycle.runs_at_import == runs_at_import
            && !(runs_at_import && (is_fatal(facts, cycle) || is_fragile(facts, cycle)))
        {
            let finding = finding(facts, sink, cycle);
            sink.push(finding);
        }
    }
}

/// Whether a failure of the run comes from the cycle.
#[must_use]
pub fn is_fatal(facts: &Facts, cycle: &Cycle) -> bool {
    let fatal = facts.faults.iter().filter(|fault| fault.kind == FaultKind::FatalCycle);
    let modules: Vec<&str> = fatal
        .filter_map(|fault| match &fault.raised.cause {
            Cause::MissingName { module, .. } | Cause::MissingAttribute { module, .. } => Some(module.as_str()),
            _ => None,
        })
        .collect();
    cycle.modules.iter().any(|index| modules.contains(&facts.graph.module(*index).name.as_str()))
}

/// Whether an entry that the run does not take fails.
#[must_use]
pub fn is_fragile(facts: &Facts, cycle: &Cycle) -> bool {
    entries(facts, cycle).any(|entry| entry.raised.is_some())
}

/// What is known of entering the cycle at its modules.
pub fn entries<'a>(facts: &'a Facts, cycle: &'a Cycle) -> impl Iterator<Item = &'a Entry> {
    let names: Vec<&str> = cycle.modules.iter().map(|index| facts.graph.module(*index).name.as_str()).collect();
    facts.probes.entries.iter().filter(move |entry| names.contains(&entry.module.as_str()))
}

/// The modules of the shortest loop, arrow by arrow, back to the first.
#[must_use]
pub fn loop_text(facts: &Facts, cycle: &Cycle) -> String {
    let names: Vec<&str> = cycle.shortest.iter().map(|step| facts.graph.module(step.from).name.as_str()).collect();
    format!("{} → {}", names.join(" → "), names.first().copied().unwrap_or(""))
}

fn finding(facts: &Facts, sink: &Sink, cycle: &Cycle) -> Diagnostic {
    let steps: Vec<Step> = cycle.shortest.iter().map(|step| shown(facts, step)).collect();
    let place =
        steps.first().map_or_else(|| facts.place(facts.root, crate::base::span::Span::default()), |s| s.place.clone());
    let names: Vec<&str> = cycle.shortest.iter().map(|step| facts.graph.module(step.from).name.as_str()).collect();
    let beyond = cycle.modules.len().saturating_sub(names.len());
    let more = if beyond > 0 { format!(", in a knot of {} modules", cycle.modules.len()) } else { String::new() };
    let how =
        if cycle.runs_at_import { "works as entered" } else { "is closed only by imports that run later or never" };
    let mut finding = sink.finding(place, format!("import cycle {} {how}{more}", loop_text(facts, cycle)));
    finding.subject = names.join(" ");
    finding.chain = steps;
    finding
}

fn shown(facts: &Facts, step: &CycleStep) -> Step {
    let from = facts.graph.module(step.from);
    Step { place: facts.place(&from.file, step.edge.span), text: facts.line_text(&from.file, step.edge.span) }
}
