//! IMP014: what exists in the stub and not in the code.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};
use crate::machine::Cause;

declare_rule!(
    StubOnly, "IMP014", "stub-only", Error, on, "it exists in the .pyi file and not in the .py file",
    FaultKind::StubOnly { .. } => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::StubOnly { stub } = &fault.kind else { return Described::default() };
    let shown = facts.shown(stub);
    let code = shown.trim_end_matches('i').to_owned();
    let (what, subject, help) = match (&fault.raised.cause, lacking::name_of(&fault.raised.cause)) {
        (Cause::MissingModule { missing, .. }, _) => (
            format!("{missing} exists for type checkers only, as {shown}"),
            missing.as_str().to_owned(),
            format!("add {code}, or import it under if TYPE_CHECKING: only"),
        ),
        (_, Some((module, name))) => (
            format!("{module} has {name} in its stub only"),
            format!("{module}.{name}"),
            format!("bind {name} in {code}, or take it out of {shown}"),
        ),
        _ => return Described::default(),
    };
    Described {
        what,
        subject,
        label: "not there at run time".to_owned(),
        facts: vec![("stub", shown)],
        help: vec![help],
        ..Described::default()
    }
}
