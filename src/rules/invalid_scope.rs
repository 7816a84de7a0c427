//! FXT008: a fixture has a scope that pytest does not know.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::exception_line;
use super::{Facts, declare_rule};

declare_rule!(
    InvalidScope, "FXT008", "invalid-scope", Error, on, "a fixture has a scope that pytest does not know",
    FaultKind::Said("FXT008") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let text = exception_line(facts, &fault.raised);
    let quoted: Vec<&str> = text.split('\'').collect();
    let (name, scope) = (quoted.get(1).copied().unwrap_or_default(), quoted.iter().rev().nth(1).copied());
    let scope = scope.unwrap_or_default();
    let known = ["function", "class", "module", "package", "session"];
    let near = super::words::nearest(scope, known);
    let mut help: Vec<String> = near.first().map(|near| format!("scope={near:?}")).into_iter().collect();
    help.push(format!("the scopes are {}", known.join(", ")));
    Described {
        what: format!("fixture {name} has the scope {scope}, which there is not"),
        subject: format!("{name} {scope}"),
        label: "unknown scope".to_owned(),
        suggestions: near,
        help,
        ..Described::default()
    }
}
