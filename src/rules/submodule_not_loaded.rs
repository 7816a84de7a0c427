//! IMP011: a submodule is read as an attribute and nothing has imported it.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};

declare_rule!(
    SubmoduleNotLoaded,
    "IMP011",
    "submodule-not-loaded",
    Error,
    on,
    "a submodule is read as an attribute and nothing has imported it",
    FaultKind::SubmoduleNotLoaded => describe
);

fn describe(_: &Facts, fault: &Fault) -> Described {
    let Some((module, name)) = lacking::name_of(&fault.raised.cause) else { return Described::default() };
    let full = format!("{module}.{name}");
    Described {
        what: format!("{full} is a module that nothing has imported"),
        subject: full.clone(),
        label: "not imported yet".to_owned(),
        suggestions: vec![full.clone()],
        help: vec![format!("import {full}: import {module} alone does not load it")],
        ..Described::default()
    }
}
