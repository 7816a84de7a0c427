//! Edits that repair findings: one file per family of rules. A fix is offered only where it is known to help: the name
//! that comes is there, the statement is one that can be rewritten, the file is the project's.

mod calls;
mod files;
mod fixtures;
mod imports;
mod lines;
mod moves;
mod names;
mod project;
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
        "BLK001" | "BLK008" | "BLK011" => calls::guarded(facts, diagnostic),
        "COL001" => files::package(facts, diagnostic),
        "COL006" => project::registered(facts, diagnostic),
        "COL013" => calls::allowed(facts, diagnostic),
        "COL015" => moves::module_instead(facts, diagnostic),
        "CYC001" => moves::out_of_cycle(facts, diagnostic),
        "CYC002" => moves::out_of_fragile_cycle(facts, diagnostic),
        "ENV002" => project::declared(facts, diagnostic),
        "ENV003" => project::undeclared(facts, diagnostic),
        "FXT001" => fixtures::nearest(facts, diagnostic),
        "FXT003" => fixtures::remove_copy(facts, diagnostic),
        "FXT008" => fixtures::known_scope(facts, diagnostic),
        "FXT009" => fixtures::without_marks(facts, diagnostic),
        "FXT011" => fixtures::remove_unused(facts, diagnostic),
        "IMP001" => {
            let near = diagnostic.suggestions.first()?;
            imports::other_module(facts, diagnostic, near, Safety::Unsafe)
        }
        "IMP002" => imports::nearest_name(facts, diagnostic),
        "IMP003" => imports::from_home(facts, diagnostic),
        "IMP007" => imports::without_dots(facts, diagnostic),
        "IMP009" => imports::unlisted(facts, diagnostic),
        "IMP011" => imports::submodule(facts, diagnostic),
        "IMP013" => imports::right_case(facts, diagnostic),
        "IMP015" => imports::replaced(facts, diagnostic),
        "IMP017" => names::one_name(facts, diagnostic),
        "PRE001" => suppression::remove(facts, diagnostic),
        "SRC002" => files::recoded(facts, diagnostic),
        _ => None,
    }?;
    let ours = |edit: &Edit| facts.source.is_project(&facts.root.join(&*edit.place.path));
    (!fix.edits.is_empty() && fix.edits.iter().all(ours)).then_some(fix)
}

/// How safe the fixes of a rule are at best; none if it has none.
#[must_use]
pub fn offered(code: &str) -> Option<Safety> {
    match code {
        "COL013" | "COL015" | "FXT009" | "IMP003" | "IMP009" | "IMP011" | "IMP013" | "PRE001" | "PRE002" => {
            Some(Safety::Safe)
        }
        "BLK001" | "BLK008" | "BLK011" | "COL001" | "COL006" | "CYC001" | "CYC002" | "ENV002" | "ENV003" | "FXT001"
        | "FXT003" | "FXT008" | "FXT011" | "IMP001" | "IMP002" | "IMP007" | "IMP015" | "IMP017" | "SRC002" => {
            Some(Safety::Unsafe)
        }
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
