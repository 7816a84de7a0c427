//! CFG001: a conftest or plugin module raises before collection starts, for a reason without a rule of its own.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    ConftestFails,
    "CFG001",
    "conftest-fails",
    Error,
    on,
    "a conftest or plugin module fails to import: nothing collects",
    FaultKind::ConftestRaises => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let victim = fault.victims.first().map_or_else(|| facts.shown(&fault.file), |victim| victim.path.to_string());
    Described {
        what: format!("{victim} fails to import"),
        subject: facts.line_text(&fault.file, fault.span),
        label: format!("raises {}", fault.raised.class),
        help: vec!["put what may fail into a fixture: only the tests that request it need it".to_owned()],
        ..Described::default()
    }
}
