//! IMP022: any other exception that a module body raises.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(RaisesAtImport, "IMP022", "raises-at-import", Error, on, "any other exception that a module body raises");

impl Rule for RaisesAtImport {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| matches!(kind, FaultKind::Raises), |fault| describe(facts, fault));
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: format!("{} raises {}", facts.shown(&fault.file), fault.raised.class),
        subject: facts.line_text(&fault.file, fault.span),
        label: format!("raises {}", fault.raised.class),
        ..Described::default()
    }
}
