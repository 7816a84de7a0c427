//! IMP010: a module attribute read at import does not exist.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(
    MissingAttribute,
    "IMP010",
    "missing-attribute",
    Error,
    on,
    "a module attribute read at import does not exist"
);

impl Rule for MissingAttribute {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(
            facts,
            sink,
            |kind| matches!(kind, FaultKind::MissingAttribute),
            |fault, described| describe(facts, fault, described),
        );
    }
}

fn describe(_facts: &Facts, fault: &Fault, described: Described) -> Described {
    let Cause::MissingAttribute { module, name, .. } = &fault.raised.cause else { return described };
    Described {
        what: format!("{module} has no attribute {name}"),
        subject: format!("{module}.{name}"),
        label: "does not exist".to_owned(),
        ..described
    }
}
