//! IMP021: the same ORM table declared twice in one registry.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};
use crate::machine::Cause;

declare_rule!(
    DuplicateTable,
    "IMP021",
    "duplicate-table",
    Error,
    on,
    "the same ORM table is declared twice in one registry",
    FaultKind::DuplicateTable => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let Cause::DuplicateTable { table, first } = &fault.raised.cause else { return Described::default() };
    let mut described = Described {
        what: format!("table {table} is declared twice"),
        subject: table.as_str().to_owned(),
        label: "declared again".to_owned(),
        ..Described::default()
    };
    let Some(first) = first else { return described };
    let shown = facts.shown(&first.file);
    described.facts.push(("first", format!("{shown}:{}, imported as {}", first.line, first.module)));
    let again = fault.raised.frames.iter().rev().find(|frame| frame.file == first.file);
    described.help = match again {
        Some(again) if again.module != first.module => {
            let (a, b) = (first.module, again.module);
            vec![format!("{shown} is imported under two names, {a} and {b}: import it under one of them everywhere")]
        }
        Some(_) => vec![format!("{shown} runs twice: an import of it failed after the table was declared")],
        None => vec![
            "give one of them another table name, or import the class that is there".to_owned(),
            "__table_args__ = {\"extend_existing\": True} allows the second one".to_owned(),
        ],
    };
    described
}
