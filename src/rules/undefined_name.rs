//! IMP012: a name read at import is not bound.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(UndefinedName, "IMP012", "undefined-name", Error, on, "a name read at import is not bound");

impl Rule for UndefinedName {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| matches!(kind, FaultKind::UndefinedName), |fault| describe(facts, fault));
    }
}

fn describe(_facts: &Facts, fault: &Fault) -> Described {
    let Cause::UndefinedName(name) = &fault.raised.cause else { return Described::default() };
    Described {
        what: format!("{name} is not defined"),
        subject: name.as_str().to_owned(),
        label: "not bound when this runs".to_owned(),
        ..Described::default()
    }
}
