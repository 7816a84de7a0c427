//! What all findings about failures have in common: pytest's line, victims, certainty.

use super::fault::{Fault, FaultKind};
use super::pointed::narrow;
use super::words::{exception_line, headline};
use super::{Facts, Sink};
use crate::diagnostic::{Certainty, Diagnostic, Label, Severity};

/// Builds the finding of each fault of a kind and reports it.
pub fn report(
    facts: &Facts,
    sink: &mut Sink,
    is_mine: impl Fn(&FaultKind) -> bool,
    describe: impl Fn(&Facts, &Fault) -> Described,
) {
    for (index, fault) in facts.faults.iter().enumerate().filter(|(_, fault)| is_mine(&fault.kind)) {
        push(facts, sink, (index, fault), describe(facts, fault));
    }
}

/// What one rule says about a fault.
#[derive(Debug, Default)]
pub struct Described {
    /// What is wrong, without what it costs.
    pub what: String,
    /// Stable under edits.
    pub subject: String,
    /// Printed below the place.
    pub label: String,
    /// Labelled facts.
    pub facts: Vec<(&'static str, String)>,
    /// Nearest names, best first.
    pub suggestions: Vec<String>,
    /// Next steps.
    pub help: Vec<String>,
    /// Further places with what is there.
    pub related: Vec<Label>,
    /// Where it differs from the rule's own.
    pub severity: Option<Severity>,
}

fn push(facts: &Facts, sink: &mut Sink, (index, fault): (usize, &Fault), described: Described) {
    let place = fault.sites.first().cloned().unwrap_or_else(|| facts.place(&fault.file, fault.span));
    let mut diagnostic = sink.finding(place, headline(&described.what, fault));
    fill(facts, &mut diagnostic, fault, described);
    diagnostic.fault = Some(index);
    narrow(facts, &facts.root.join(&*diagnostic.place.path), &mut diagnostic);
    if fault.ends_run || fault.aborts {
        sink.push_run_end(diagnostic);
    } else {
        sink.push(diagnostic);
    }
}

fn fill(facts: &Facts, diagnostic: &mut Diagnostic, fault: &Fault, described: Described) {
    diagnostic.certainty = fault.certainty;
    diagnostic.subject = described.subject;
    diagnostic.label = described.label;
    diagnostic.pytest = Some(outcome_line(facts, fault));
    diagnostic.facts = described.facts;
    diagnostic.suggestions = described.suggestions;
    diagnostic.help = described.help;
    diagnostic.related = described.related;
    diagnostic.severity = described.severity.unwrap_or(diagnostic.severity);
    diagnostic.victims = fault.victims.clone();
    diagnostic.chain = fault.victims.first().map(|victim| victim.chain.clone()).unwrap_or_default();
}

/// What pytest prints, or does.
fn outcome_line(facts: &Facts, fault: &Fault) -> String {
    let line = match (fault.hangs, fault.certainty) {
        (true, Certainty::Certain) => "hangs at this import".to_owned(),
        (true, Certainty::Likely) => "hangs at this import if nobody answers".to_owned(),
        (false, _) => exception_line(facts, &fault.raised),
    };
    if fault.aborts || !fault.ends_run && !fault.hangs {
        return line;
    }
    let line = if fault.hangs { line } else { format!("{line}, which ends the run") };
    let last =
        facts.collection.modules.iter().rposition(|m| fault.victims.iter().any(|v| *v.path == *facts.shown(&m.file)));
    let behind = last.map_or(0, |at| facts.collection.modules.len() - at - 1);
    match behind {
        0 => line,
        1 => format!("{line}: 1 module behind it is never looked at"),
        _ => format!("{line}: {} modules behind it are never looked at", super::words::thousands(behind)),
    }
}
