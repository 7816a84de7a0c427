//! IMP005: a name bound only on another platform or version, or in a branch that is never taken.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule, lacking};
use crate::diagnostic::Label;

declare_rule!(
    BranchNotTaken,
    "IMP005",
    "branch-not-taken",
    Error,
    on,
    "a name is bound only in a branch that the target does not take",
    FaultKind::BranchNotTaken => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Some((module, name)) = lacking::name_of(&fault.raised.cause) else { return Described::default() };
    let mut described = Described {
        what: format!("{module} binds {name} in a branch that is not taken"),
        subject: format!("{module}.{name}"),
        label: "not bound here".to_owned(),
        help: vec!["give it a value in the other branch too, or import it under the same condition".to_owned()],
        ..Described::default()
    };
    let Some(index) = facts.graph.named(module) else { return described };
    let found = facts.graph.module(index);
    let Some(binding) = lacking::branch(found.exports(), name) else { return described };
    let text = |span: crate::base::span::Span| {
        let text = facts.text(&found.file)?;
        text.get(span.start as usize..span.end as usize)
            .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let condition = |branch: &crate::graph::exports::Branch| {
        let test = text(branch.test).unwrap_or_default();
        if branch.otherwise { format!("else of `{test}`") } else { format!("if `{test}`") }
    };
    let conditions: Vec<String> = binding.branches.iter().map(condition).collect();
    let place = facts.place(&found.file, binding.span);
    described.facts.push(("bound", format!("{}:{} {}", place.path, place.line, conditions.join(", "))));
    let target = facts.environment;
    described.facts.push(("target", format!("Python {} on {}", target.version, target.platform.sys_platform())));
    described.related.push(Label { place, text: "bound here, in a branch that is not taken".to_owned() });
    described
}
