//! ENV010: an installed package fails at its own import.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    BrokenDependency,
    "ENV010",
    "broken-dependency",
    Error,
    on,
    "an installed package fails at its own import",
    FaultKind::BrokenDependency(_) => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::BrokenDependency(dependency) = &fault.kind else { return Described::default() };
    let version = dependency.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let inner = super::words::exception_line(facts, &fault.raised);
    Described {
        what: format!("{}{version} fails at its own import", dependency.name),
        subject: format!("{}: {inner}", dependency.name),
        label: format!("pulls in {}", dependency.name),
        facts: vec![("inside", format!("{}:{}", facts.shown(&dependency.file), dependency.line))],
        ..Described::default()
    }
}
