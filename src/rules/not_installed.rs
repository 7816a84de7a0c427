//! ENV001: a third-party module that the environment lacks.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::origin::{declared_fact, distribution_of_part, distributions, installed, requirement, top_level};
use super::{Facts, declare_rule};
use crate::diagnostic::Diagnostic;
use crate::machine::Cause;
use crate::python::distributions::called_like;

declare_rule!(
    NotInstalled, "ENV001", "not-installed", Error, on, "a third-party module that the environment lacks",
    FaultKind::NotInstalled => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingModule { missing, wanted, .. } = &fault.raised.cause else { return Described::default() };
    let missing = missing.as_str();
    let top = top_level(missing);
    let part = distribution_of_part(wanted.as_str());
    if missing != top && part.as_ref().is_none_or(|name| facts.environment.distribution(name).is_some()) {
        return part_of_installed(facts, top, missing);
    }
    let distribution = if missing == top { requirement(facts, top).map(|r| r.name.clone()) } else { None };
    let distribution = distribution.or(part).or_else(|| distributions(facts, top).into_iter().next());
    let distribution = distribution.or_else(|| called_like(top).map(str::to_owned));
    let mut found: Vec<_> = declared_fact(facts, top).map(|declared| ("declared", declared)).into_iter().collect();
    let mut help = Vec::new();
    let without = distribution.as_ref().and_then(|name| facts.environment.distribution(name));
    if let Some(without) = without {
        let name = facts.environment.display_name(without);
        found.push((INSTALLED, format!("{name} {}", without.version)));
        help.push(format!("the installed {name} {} has no {missing}: another version of it may", without.version));
    } else if let Some(distribution) = &distribution {
        help.push(format!("pip install {distribution}"));
    }
    if !fault.aborts {
        help.push(format!("pytest.importorskip({missing:?}) skips a test module that can do without it"));
    }
    Described {
        what: format!("{missing} is not installed"),
        subject: missing.to_owned(),
        label: "not installed".to_owned(),
        facts: found,
        suggestions: distribution.into_iter().collect(),
        help,
        ..Described::default()
    }
}

/// The package is there, the part of it is not: another version has it.
fn part_of_installed(facts: &Facts, top: &str, missing: &str) -> Described {
    let found = installed(facts, top).map(|(name, version)| format!("{name} {version}"));
    let what = format!("{} has no module {missing}", found.as_deref().unwrap_or(top));
    Described {
        what,
        subject: missing.to_owned(),
        label: "not in the installed version".to_owned(),
        facts: vec![(INSTALLED, found.unwrap_or_else(|| top.to_owned()))],
        help: vec![format!("use a version of {top} that has {missing}, or import what took its place")],
        ..Described::default()
    }
}

/// The label of what is installed and lacks the module.
pub(super) const INSTALLED: &str = "installed";

/// Whether installing something mends the finding, as opposed to another version of what is there.
#[must_use]
pub fn is_installable(finding: &Diagnostic) -> bool {
    finding.code == "ENV001" && installed_as(finding).is_none()
}

/// The distribution that is installed and lacks the module.
#[must_use]
pub fn installed_as(finding: &Diagnostic) -> Option<&str> {
    let (_, text) = finding.facts.iter().find(|(label, _)| *label == INSTALLED)?;
    text.split(' ').next()
}
