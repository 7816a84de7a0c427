//! ENV001: a third-party module that the environment lacks.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(NotInstalled, "ENV001", "not-installed", Error, on, "a third-party module that the environment lacks");

impl Rule for NotInstalled {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(
            facts,
            sink,
            |kind| matches!(kind, FaultKind::NotInstalled),
            |fault, described| describe(facts, fault, described),
        );
    }
}

fn describe(_facts: &Facts, fault: &Fault, described: Described) -> Described {
    let Cause::MissingModule { missing, .. } = &fault.raised.cause else { return described };
    Described {
        what: format!("{missing} is not installed"),
        subject: missing.as_str().to_owned(),
        label: "not installed".to_owned(),
        ..described
    }
}
