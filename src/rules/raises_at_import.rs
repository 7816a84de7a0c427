//! IMP022: any other exception that a module body raises.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    RaisesAtImport, "IMP022", "raises-at-import", Error, on, "any other exception that a module body raises",
    FaultKind::Raises => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: format!("{} raises {}", facts.shown(&fault.file), fault.raised.class),
        subject: facts.line_text(&fault.file, fault.span),
        label: format!("raises {}", fault.raised.class),
        ..Described::default()
    }
}
