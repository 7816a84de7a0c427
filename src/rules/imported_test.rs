//! COL015: a function or class that was imported is collected because of its name.

use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::pytest::notes::{Note, NoteKind};
use crate::pytest::verdict::Verdict;
use crate::summary::{ImportRef, Summary};

declare_rule!(
    ImportedTest,
    "COL015",
    "imported-test",
    Warning,
    on,
    "a function or class imported from elsewhere is collected here because of its name",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for note in &facts.collection.notes.all {
        if let NoteKind::Imported { name, from, tests } = &note.kind {
            report(facts, sink, note, (name.as_str(), from.as_str(), *tests));
        }
    }
}

fn report(facts: &Facts, sink: &mut Sink, note: &Note, (name, from, tests): (&str, &str, usize)) {
    let Some(summary) = facts.summary(&note.file) else { return };
    // A star takes everything on purpose.
    let Some(import) = import(&summary, name) else { return };
    let collects = |module: &&crate::pytest::verdict::ModuleReport| matches!(module.verdict, Verdict::Collected);
    let twice = facts.collection.modules.iter().filter(collects).find(|module| module.module == from);
    // What is only imported, and collected nowhere else, is meant to be collected here.
    if twice.is_none() && !is_used(facts, &note.file, &summary, name, import) {
        return;
    }
    let cost = if tests == 1 { "1 test".to_owned() } else { format!("{} tests", thousands(tests)) };
    let what = match twice {
        Some(_) => format!("{name} is imported from {from}, so that its {cost} run here again"),
        None => format!("{name} of {from} is collected here because of its name: {cost}"),
    };
    let mut finding = sink.finding(facts.place(&note.file, import.span), what);
    finding.subject = note.nodeid.to_string();
    finding.label = "collected as if it were defined here".to_owned();
    finding.help.push(format!("import the module instead of {name}, or import it under a name that is not collected"));
    sink.push(finding);
}

fn import<'s>(summary: &'s Summary, name: &str) -> Option<&'s ImportRef> {
    let bound = |import: &&ImportRef| import.alias.or(import.name).is_some_and(|sym| summary.text(sym) == name);
    summary.imports.iter().find(bound)
}

/// Whether the module does something with the name besides importing it.
fn is_used(facts: &Facts, file: &std::path::Path, summary: &Summary, name: &str, import: &ImportRef) -> bool {
    let mut used = false;
    let whole = facts.source.whole(file);
    let summary = whole.as_deref().unwrap_or(summary);
    let module = summary.program(crate::summary::ProgramId::MODULE);
    let mut look = |program: &crate::summary::program::Program| {
        crate::summary::program::walk(&program.body, &mut |op| {
            crate::summary::expressions::each(op, &mut |expr| {
                used |= matches!(expr.kind, crate::summary::program::ExprKind::Name(sym) if summary.text(sym) == name)
                    && !(import.span.start <= expr.span.start && expr.span.end <= import.span.end);
            });
        });
    };
    look(&module);
    for definition in &summary.definitions {
        if let crate::summary::DefinitionKind::Function { body } = definition.kind {
            look(&summary.program(body));
        }
    }
    used
}
