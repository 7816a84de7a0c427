//! IMP004: a name bound under TYPE_CHECKING only is imported at run time.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};
use crate::graph::exports::How;

declare_rule!(
    TypeCheckingOnly,
    "IMP004",
    "type-checking-only",
    Error,
    on,
    "a name bound under TYPE_CHECKING only is imported at run time",
    FaultKind::TypeCheckingOnly => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Some((module, name)) = lacking::name_of(&fault.raised.cause) else { return Described::default() };
    Described {
        what: format!("{module} binds {name} for type checkers only"),
        subject: format!("{module}.{name}"),
        label: "not bound at run time".to_owned(),
        facts: binding(facts, module, name).into_iter().collect(),
        help: vec![home(facts, module, name)],
        ..Described::default()
    }
}

/// Where the guarded binding stands.
fn binding(facts: &Facts, module: &str, name: &str) -> Option<(&'static str, String)> {
    let module = facts.graph.module(facts.graph.named(module)?);
    let binding = module.exports().bindings.iter().find(|binding| binding.name == name)?;
    let place = facts.place(&module.file, binding.span);
    Some(("bound", format!("{}:{} under TYPE_CHECKING", place.path, place.line)))
}

fn home(facts: &Facts, module: &str, name: &str) -> String {
    let guarded = facts.graph.named(module).and_then(|index| {
        let module = facts.graph.module(index);
        let binding = module.exports().bindings.iter().find(|binding| binding.name == name)?;
        match &binding.how {
            How::Import { level, module: from, name } => {
                Some(format!("from {} import {name}", module.absolute_name(*level, from)?))
            }
            _ => None,
        }
    });
    guarded.unwrap_or_else(|| "import it under if TYPE_CHECKING: too, if only annotations need it".to_owned())
}
