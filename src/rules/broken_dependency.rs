//! ENV010: an installed package fails at its own import.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};
use crate::machine::{Event, Raised};

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
    let what = if is_import(facts, &fault.raised) {
        "fails at its own import".to_owned()
    } else {
        format!("raises {}", fault.raised.class)
    };
    Described {
        what: format!("{}{version} {what}", dependency.name),
        subject: format!("{}: {inner}", dependency.name),
        label: format!("pulls in {}", dependency.name),
        facts: vec![("inside", format!("{}:{}", facts.shown(&dependency.file), dependency.line))],
        ..Described::default()
    }
}

/// Whether the project's last line on the way imports the package, rather than call or ask it something.
fn is_import(facts: &Facts, raised: &Raised) -> bool {
    let Some(at) = raised.frames.iter().rposition(|frame| facts.source.is_project(&frame.file)) else { return true };
    let (own, Some(inner)) = (&raised.frames[at], raised.frames.get(at + 1)) else { return true };
    facts.collection.events.iter().any(|event| match event {
        Event::Executes { file, from: Some(from), .. } => {
            *file == inner.file && from.file == own.file && from.line == own.line
        }
        _ => false,
    })
}
