//! IMP003: the name lives in another module of the package.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};
use crate::machine::Cause;

declare_rule!(
    NotReexported,
    "IMP003",
    "not-reexported",
    Error,
    on,
    "the name lives in another module of the package",
    FaultKind::NotReexported { .. } => describe
);

fn describe(_: &Facts, fault: &Fault) -> Described {
    let FaultKind::NotReexported { home } = &fault.kind else { return Described::default() };
    let Cause::MissingName { module, name, .. } = &fault.raised.cause else { return Described::default() };
    Described {
        what: format!("{module} does not pass on {name} from {home}"),
        subject: format!("{module}.{name}"),
        label: format!("defined in {home}"),
        suggestions: vec![format!("from {home} import {name}")],
        help: vec![format!("from {home} import {name}"), format!("or add that line to {module}")],
        ..Described::default()
    }
}
