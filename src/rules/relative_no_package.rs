//! IMP007: a relative import in a file that pytest imports as top level.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    RelativeNoPackage,
    "IMP007",
    "relative-no-package",
    Error,
    on,
    "a relative import in a file that pytest imports as top level",
    FaultKind::RelativeNoPackage => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let directory = fault.file.parent().map(|parent| facts.shown(parent)).unwrap_or_default();
    let init = if directory.is_empty() { "__init__.py".to_owned() } else { format!("{directory}/__init__.py") };
    Described {
        what: format!("{} is not part of a package", facts.shown(&fault.file)),
        subject: facts.line_text(&fault.file, fault.span),
        label: "relative import without a package".to_owned(),
        help: vec![format!("add {init}, or import by the module's own name without dots")],
        ..Described::default()
    }
}
