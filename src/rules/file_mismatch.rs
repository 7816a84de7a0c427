//! COL001: two test files become one module name.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(FileMismatch, "COL001", "file-mismatch", Error, on, "two test files become one module name");

impl Rule for FileMismatch {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| matches!(kind, FaultKind::FileMismatch), |fault| describe(facts, fault));
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let shown = facts.shown(&fault.file);
    let directory = shown.rsplit_once('/').map_or("", |(directory, _)| directory);
    Described {
        what: format!("{shown} has the module name of another test file"),
        subject: shown.clone(),
        label: String::new(),
        help: vec![
            format!("add {directory}/__init__.py, so that the two get different module names"),
            "or rename one of the files".to_owned(),
            "or set --import-mode=importlib".to_owned(),
        ],
        ..Described::default()
    }
}
