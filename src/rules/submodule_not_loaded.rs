//! IMP011: a submodule is read as an attribute and nothing has imported it.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule, lacking};

declare_rule!(
    SubmoduleNotLoaded,
    "IMP011",
    "submodule-not-loaded",
    Error,
    on,
    "a submodule is read as an attribute and nothing has imported it"
);

impl Rule for SubmoduleNotLoaded {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| *kind == FaultKind::SubmoduleNotLoaded, |fault| describe(facts, fault));
    }
}

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
