//! CYC001: an import cycle that fails from an entry the run takes.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(FatalCycle, "CYC001", "fatal-cycle", Error, on, "an import cycle that fails from an entry the run takes");

impl Rule for FatalCycle {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(
            facts,
            sink,
            |kind| matches!(kind, FaultKind::FatalCycle),
            |fault, described| describe(facts, fault, described),
        );
    }
}

fn describe(_facts: &Facts, fault: &Fault, described: Described) -> Described {
    let (Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. }) = &fault.raised.cause
    else {
        return described;
    };
    Described {
        what: format!("import cycle needs {name} of {module} before it is bound"),
        subject: format!("{module}.{name}"),
        label: format!("{name} is bound later"),
        ..described
    }
}
