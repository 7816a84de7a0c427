//! BLK020: a fixture or test that connects or waits without a bound.

use super::reached::{self, Hazard};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Diagnostic, Severity};

declare_rule!(
    MayHang,
    "BLK020",
    "may-hang",
    Info,
    off,
    "a fixture or test that connects or waits without a timeout: the run may never end",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for hazard in reached::hazards(facts) {
        sink.push(finding(facts, sink, &hazard));
    }
}

fn finding(facts: &Facts, sink: &Sink, hazard: &Hazard) -> Diagnostic {
    let tests = reached::counted(&hazard.tests, "reaches", "reach");
    let what = if hazard.hangs { "never comes back" } else { "may never come back" };
    let mut finding = sink.finding(facts.frame_place(&hazard.at), format!("{} {what}: {tests}", hazard.call));
    finding.certainty = hazard.certainty;
    finding.severity = Severity::Info;
    finding.subject.clone_from(&hazard.call);
    finding.label = match &hazard.peer {
        Some(peer) => format!("waits for {peer} without a timeout"),
        None => "no timeout".to_owned(),
    };
    finding.chain.clone_from(&hazard.chain);
    finding.facts = reached::test_facts(&hazard.tests);
    finding.help.push(hazard.help());
    finding
}
