//! IMP010: a module attribute read at import does not exist.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::wanted::Wanted;
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
            |fault| describe(facts, fault),
        );
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingAttribute { module, name, .. } = &fault.raised.cause else { return Described::default() };
    let wanted = Wanted { module: module.as_str(), name: name.as_str() };
    Described {
        what: format!("{} has no attribute {name}", wanted.described_module(facts)),
        subject: format!("{module}.{name}"),
        label: "does not exist".to_owned(),
        facts: wanted.exports_fact(facts),
        suggestions: wanted.nearest(facts),
        help: wanted.help(facts),
        ..Described::default()
    }
}
