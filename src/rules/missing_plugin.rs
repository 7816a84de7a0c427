//! CFG003: a plugin that pytest is told to load cannot be loaded.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::refused_run::{report, unexplained, wants_plugin};
use super::{Facts, Sink, declare_rule};
use crate::machine::Cause;

declare_rule!(
    MissingPlugin,
    "CFG003",
    "missing-plugin",
    Error,
    on,
    "a plugin that pytest is told to load is not importable: nothing collects",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    finding::report(facts, sink, |kind| *kind == FaultKind::MissingPlugin, describe);
    let told = facts.faults.iter().any(|fault| fault.kind == FaultKind::MissingPlugin);
    if let Some(abort) = unexplained(facts).filter(|abort| wants_plugin(abort) && !told) {
        let help = vec!["install the plugin, or stop asking for it".to_owned()];
        report(facts, sink, abort, "a plugin cannot be loaded".to_owned(), help);
    }
}

fn describe(_: &Facts, fault: &Fault) -> Described {
    let name = match &fault.raised.cause {
        Cause::MissingModule { missing, .. } => missing.as_str(),
        _ => fault.raised.class.as_str(),
    };
    Described {
        what: format!("the plugin {name} cannot be imported"),
        subject: name.to_owned(),
        help: vec!["install the plugin, or stop asking for it".to_owned()],
        ..Described::default()
    }
}
