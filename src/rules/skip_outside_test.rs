//! COL013: a module-level skip without allow_module_level=True.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    SkipOutsideTest,
    "COL013",
    "skip-outside-test",
    Error,
    on,
    "a module-level skip without allow_module_level=True",
    FaultKind::SkipOutsideTest => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: "pytest.skip at module level is an error without allow_module_level=True".to_owned(),
        subject: facts.line_text(&fault.file, fault.span),
        label: "skips outside a test".to_owned(),
        help: vec!["pass allow_module_level=True, or set pytestmark = pytest.mark.skip".to_owned()],
        ..Described::default()
    }
}
