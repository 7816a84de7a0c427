//! ENV001: a third-party module that the environment lacks.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::origin::{declared_fact, distribution_of_part, distributions, installed, requirement, top_level};
use super::{Facts, declare_rule};
use crate::machine::Cause;

declare_rule!(
    NotInstalled, "ENV001", "not-installed", Error, on, "a third-party module that the environment lacks",
    FaultKind::NotInstalled => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::MissingModule { missing, wanted, .. } = &fault.raised.cause else { return Described::default() };
    let missing = missing.as_str();
    let top = top_level(missing);
    if missing != top {
        return part_of_installed(facts, top, missing);
    }
    let distribution = requirement(facts, top).map(|r| r.name.clone());
    let distribution = distribution.or_else(|| distribution_of_part(wanted.as_str()));
    let distribution = distribution.or_else(|| distributions(facts, top).into_iter().next());
    let mut help = Vec::new();
    let without = distribution.as_ref().and_then(|name| facts.environment.distribution(name));
    if let Some(found) = without {
        let name = facts.environment.display_name(found);
        help.push(format!("the installed {name} {} has no {missing}: another version of it may", found.version));
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
        facts: declared_fact(facts, top).map(|declared| ("declared", declared)).into_iter().collect(),
        suggestions: distribution.into_iter().collect(),
        help,
        ..Described::default()
    }
}

/// The package is there, the part of it is not: another version has it.
fn part_of_installed(facts: &Facts, top: &str, missing: &str) -> Described {
    let what = match installed(facts, top) {
        Some((name, version)) => format!("{name} {version} has no module {missing}"),
        None => format!("{top} has no module {missing}"),
    };
    Described {
        what,
        subject: missing.to_owned(),
        label: "not in the installed version".to_owned(),
        help: vec![format!("use a version of {top} that has {missing}, or import what took its place")],
        ..Described::default()
    }
}
