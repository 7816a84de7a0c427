//! ENV010: an installed package fails at its own import.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::not_installed::INSTALLED;
use super::origin::{Origin, distributions, top_level};
use super::{Facts, declare_rule};
use crate::machine::{Cause, Event, Raised};
use crate::python::distributions::called_like;

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
        facts: [("inside", format!("{}:{}", facts.shown(&dependency.file), dependency.line))]
            .into_iter()
            .chain(lacking(facts, fault).map(|(name, version)| (INSTALLED, format!("{name} {version}"))))
            .collect(),
        help: vec![help(facts, fault, &dependency.name)],
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

/// The distribution that is installed, in a version without the module that the package imports.
fn lacking(facts: &Facts, fault: &Fault) -> Option<(String, String)> {
    let Cause::MissingModule { missing, .. } = &fault.raised.cause else { return None };
    let name = provider(facts, missing.as_str())?;
    let found = facts.environment.distribution(&name)?;
    Some((facts.environment.display_name(found).to_owned(), found.version.clone()))
}

fn provider(facts: &Facts, missing: &str) -> Option<String> {
    let top = top_level(missing);
    distributions(facts, top).into_iter().next().or_else(|| called_like(top).map(str::to_owned))
}

/// What would make the package work.
fn help(facts: &Facts, fault: &Fault, name: &str) -> String {
    let other = format!("use a version of {name} that fits what it is installed with");
    match &fault.raised.cause {
        Cause::MissingModule { missing, .. } if facts.origin(missing.as_str()) == Origin::Stdlib => {
            format!("use a version of {name} for Python {}, which has no {missing}", facts.environment.version)
        }
        Cause::MissingModule { missing, .. } => match (lacking(facts, fault), provider(facts, missing.as_str())) {
            (Some((lacking, version)), _) => {
                format!(
                    "the installed {lacking} {version} has no {missing}: another version of it, or of {name}, may help"
                )
            }
            (None, Some(distribution)) => format!("pip install {distribution}, which {name} needs"),
            (None, None) => other,
        },
        Cause::MissingName { module, .. } | Cause::MissingAttribute { module, .. }
            if top_level(module.as_str()) != name =>
        {
            format!("use versions of {name} and {} that fit each other", top_level(module.as_str()))
        }
        _ => other,
    }
}
