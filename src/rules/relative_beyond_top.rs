//! IMP008: a relative import with more dots than packages.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    RelativeBeyondTop,
    "IMP008",
    "relative-beyond-top",
    Error,
    on,
    "a relative import with more dots than packages",
    FaultKind::RelativeBeyondTop => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let module = fault.raised.frames.last().map(|frame| frame.module.as_str()).unwrap_or_default();
    Described {
        what: format!("more dots than packages above {module}"),
        subject: facts.line_text(&fault.file, fault.span),
        label: "leads above the top-level package".to_owned(),
        help: vec![format!(
            "{module} is what pytest imports this file as: take dots away, or add the missing __init__.py"
        )],
        ..Described::default()
    }
}
