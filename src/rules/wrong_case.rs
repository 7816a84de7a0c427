//! IMP013: an import that resolves only on a file system that ignores case.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};
use crate::machine::Cause;

declare_rule!(
    WrongCase,
    "IMP013",
    "wrong-case",
    Error,
    on,
    "an import resolves only on a file system that ignores case",
    FaultKind::WrongCase { .. } => describe
);

fn describe(_: &Facts, fault: &Fault) -> Described {
    let FaultKind::WrongCase { real } = &fault.kind else { return Described::default() };
    let wanted = match &fault.raised.cause {
        Cause::MissingModule { missing, .. } => missing.as_str().to_owned(),
        cause => lacking::name_of(cause).map(|(module, name)| format!("{module}.{name}")).unwrap_or_default(),
    };
    Described {
        what: format!("{wanted} is spelt {real}"),
        subject: wanted,
        label: format!("the module is called {real}"),
        suggestions: vec![real.clone()],
        help: vec![format!("write {real}: Python tells upper and lower case apart, whatever the file system does")],
        ..Described::default()
    }
}
