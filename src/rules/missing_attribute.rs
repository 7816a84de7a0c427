//! IMP010: a module attribute read at import does not exist.

use std::path::PathBuf;

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::wanted::Wanted;
use super::{Facts, declare_rule};
use crate::machine::Cause;

declare_rule!(
    MissingAttribute,
    "IMP010",
    "missing-attribute",
    Error,
    on,
    "a module attribute read at import does not exist",
    FaultKind::MissingAttribute => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingAttribute { module, file, name, .. } = &fault.raised.cause else { return Described::default() };
    let wanted = Wanted { module: module.as_str(), name: name.as_str(), file: file.as_deref().map(PathBuf::as_path) };
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
