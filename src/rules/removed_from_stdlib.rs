//! IMP015: a module or name that the target Python's library does not have.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};
use crate::machine::Cause;
use crate::python::replacements::{is_python_2_module, replacement};
use crate::python::stdlib;
use crate::python::version::PythonVersion;

declare_rule!(
    RemovedFromStdlib,
    "IMP015",
    "removed-from-stdlib",
    Error,
    on,
    "a module or name that the target Python's library does not have",
    FaultKind::NotInStdlib => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let (qualified, when) = match &fault.raised.cause {
        Cause::MissingModule { missing, .. } => (missing.as_str().to_owned(), when_module(facts, missing.as_str())),
        Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. } => {
            (format!("{module}.{name}"), when_name(facts, module.as_str(), name.as_str()))
        }
        _ => return Described::default(),
    };
    let replacement = replacement(&qualified);
    Described {
        what: format!("{qualified} is {when}"),
        subject: qualified.clone(),
        label: when,
        help: replacement.map(|use_it| format!("use {use_it} instead of {qualified}")).into_iter().collect(),
        ..Described::default()
    }
}

fn when_module(facts: &Facts, module: &str) -> String {
    let version = facts.environment.version;
    let removed = stdlib::removed_in(module).filter(|since| *since <= version);
    let added = stdlib::added_in(module).filter(|since| *since > version);
    when(facts, removed, added, is_python_2_module(module))
}

fn when_name(facts: &Facts, module: &str, name: &str) -> String {
    let (version, platform) = (facts.environment.version, facts.environment.platform);
    let removed = stdlib::name_removed_in(module, name, platform).filter(|since| *since <= version);
    let added = stdlib::name_added_in(module, name, platform).filter(|since| *since > version);
    when(facts, removed, added, false)
}

fn when(facts: &Facts, removed: Option<PythonVersion>, added: Option<PythonVersion>, python_2: bool) -> String {
    match (removed, added) {
        (Some(since), _) => format!("gone from the standard library since Python {since}"),
        (None, Some(since)) => format!("in the standard library from Python {since} on"),
        (None, None) if python_2 => "a module of Python 2".to_owned(),
        (None, None) => format!("not in the standard library of Python {}", facts.environment.version),
    }
}
