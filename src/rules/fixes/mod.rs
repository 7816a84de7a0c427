//! Edits that repair findings: one file per family of rules. A fix is offered only where it is known to help: the name
//! that comes is there, the statement is one that can be rewritten, the file is the project's.

mod suppression;

use std::path::Path;

use super::{Facts, is_fixable};
use crate::base::span::Span;
use crate::diagnostic::{Action, Diagnostic, Edit, Fix, Safety};

/// The fix of a finding, if there is one and settings allow it.
#[must_use]
pub fn of(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    offered(diagnostic.code)?;
    if !is_fixable(facts.settings, diagnostic.code) {
        return None;
    }
    let fix = match diagnostic.code {
        "PRE001" => suppression::remove(facts, diagnostic),
        _ => None,
    }?;
    let ours = |edit: &Edit| facts.source.is_project(&facts.root.join(&*edit.place.path));
    (!fix.edits.is_empty() && fix.edits.iter().all(ours)).then_some(fix)
}

/// How safe the fixes of a rule are at best; none if it has none.
#[must_use]
pub fn offered(code: &str) -> Option<Safety> {
    match code {
        "PRE001" => Some(Safety::Safe),
        _ => None,
    }
}

/// Replaces a span of a file.
fn replace(facts: &Facts, file: &Path, span: Span, text: impl Into<String>) -> Edit {
    let place = facts.place(file, span);
    let behind = facts.place(file, Span::new(span.end, span.end));
    Edit { place, end: (behind.line, behind.column), text: text.into(), action: Action::Replace }
}

/// A span of a text, as a range.
fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

/// A range of a text, as a span.
fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}
