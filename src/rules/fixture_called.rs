//! FXT007: a fixture is called as a function at import.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::exception_line;
use super::{Facts, declare_rule};

declare_rule!(
    FixtureCalled, "FXT007", "fixture-called", Error, on, "a fixture is called as a function at import",
    FaultKind::Said("FXT007") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let text = exception_line(facts, &fault.raised);
    let name = text.split('"').nth(1).unwrap_or_default();
    Described {
        what: format!("fixture {name} is called as a function"),
        subject: name.to_owned(),
        label: "pytest makes fixtures itself, when a test asks for them".to_owned(),
        help: vec![format!("ask for {name} as an argument, or call a plain function that both use")],
        ..Described::default()
    }
}
