//! CFG004: a conftest below the top names plugins.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    NestedPlugins, "CFG004", "nested-plugins", Error, on, "a conftest below the top names plugins",
    FaultKind::Said("CFG004") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: format!("{} names plugins, and is not loaded at the start", facts.shown(&fault.file)),
        subject: "pytest_plugins".to_owned(),
        label: "pytest_plugins in a conftest below the top".to_owned(),
        help: vec!["move pytest_plugins to the conftest.py at the top".to_owned()],
        ..Described::default()
    }
}
