//! IMP006: a name that is bound and taken away again before the import sees it.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};
use crate::diagnostic::Label;
use crate::graph::exports::Removal;

declare_rule!(
    UnboundName,
    "IMP006",
    "unbound-name",
    Error,
    on,
    "a name is bound, then deleted before the import sees it",
    FaultKind::UnboundName => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Some((module, name)) = lacking::name_of(&fault.raised.cause) else { return Described::default() };
    let mut described = Described {
        what: format!("{module} binds {name} and deletes it again"),
        subject: format!("{module}.{name}"),
        label: "gone when this import sees it".to_owned(),
        ..Described::default()
    };
    let Some(index) = facts.graph.named(module) else { return described };
    let found = facts.graph.module(index);
    let Some(unbound) = lacking::unbound(found.exports(), name) else { return described };
    let place = facts.place(&found.file, unbound.span);
    let (fact, help) = match unbound.how {
        Removal::Delete => {
            let bound = facts.place(&found.file, unbound.bound).line;
            let fact = format!("at {}:{bound}, deleted at line {}", place.path, place.line);
            (fact, format!("take {name} out of the del statement, or import it from where it lives"))
        }
        Removal::Except => {
            let fact = format!(
                "at {}:{}, by an except clause: Python deletes it where the clause ends",
                place.path, place.line
            );
            (fact, format!("bind the exception to another name inside the clause: {name} = error"))
        }
    };
    described.facts.push(("bound", fact));
    described.help.push(help);
    described.related.push(Label { place, text: format!("{name} is deleted here") });
    described
}
