//! IMP012: a name read at import is not bound.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};
use crate::machine::Cause;

declare_rule!(
    UndefinedName, "IMP012", "undefined-name", Error, on, "a name read at import is not bound",
    FaultKind::UndefinedName => describe
);

fn describe(_: &Facts, fault: &Fault) -> Described {
    let Cause::UndefinedName(name) = &fault.raised.cause else { return Described::default() };
    Described {
        what: format!("{name} is not defined"),
        subject: name.as_str().to_owned(),
        label: "not bound when this runs".to_owned(),
        ..Described::default()
    }
}
