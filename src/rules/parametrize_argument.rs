//! COL008: parametrize names an argument that the function does not have.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::exception_line;
use super::{Facts, declare_rule};

declare_rule!(
    ParametrizeArgument,
    "COL008",
    "parametrize-argument",
    Error,
    on,
    "parametrize names an argument that the function does not have",
    FaultKind::Said("COL008") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let text = exception_line(facts, &fault.raised);
    let name = text.rsplit('\'').nth(1).unwrap_or_default();
    let what = match text.contains("default value") {
        true => format!("parametrize names {name}, which has a default value"),
        false => format!("parametrize names {name}, which the function does not ask for"),
    };
    Described {
        what,
        subject: text.clone(),
        label: format!("has no argument {name}"),
        help: vec![format!("add {name} to the function's arguments, or take it out of parametrize")],
        ..Described::default()
    }
}
