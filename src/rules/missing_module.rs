//! IMP001: a module of the project that does not exist.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(MissingModule, "IMP001", "missing-module", Error, on, "first-party module that does not exist");

impl Rule for MissingModule {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(
            facts,
            sink,
            |kind| *kind == FaultKind::MissingModule,
            |fault, described| describe(facts, fault, described),
        );
    }
}

fn describe(_facts: &Facts, fault: &Fault, described: Described) -> Described {
    let Cause::MissingModule { missing, .. } = &fault.raised.cause else { return described };
    Described {
        what: format!("there is no module {missing}"),
        subject: missing.as_str().to_owned(),
        label: "does not exist".to_owned(),
        ..described
    }
}
