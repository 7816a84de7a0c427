//! COL001: two test files become one module name.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    FileMismatch, "COL001", "file-mismatch", Error, on, "two test files become one module name",
    FaultKind::FileMismatch => describe
);

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
