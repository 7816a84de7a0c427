//! COL006: a mark that nothing registers, in a run that is strict about marks.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    UnknownMark,
    "COL006",
    "unknown-mark",
    Error,
    on,
    "an unregistered mark in a run that is strict about marks"
);

impl Rule for UnknownMark {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| matches!(kind, FaultKind::UnknownMark { .. }), describe);
    }
}

fn describe(fault: &Fault) -> Described {
    let FaultKind::UnknownMark { mark } = &fault.kind else { return Described::default() };
    Described {
        what: format!("the mark {mark} is not registered"),
        subject: mark.clone(),
        label: "unknown mark".to_owned(),
        help: vec![
            format!("add {mark} to markers in pytest's configuration"),
            "or install the plugin that registers it".to_owned(),
        ],
        ..Described::default()
    }
}
