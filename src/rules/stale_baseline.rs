//! PRE002: an entry of the baseline that nothing is found of any more.
//!
//! Judged when the findings are compared with the baseline, so its own check finds nothing.

use super::baseline::{Baseline, Known};
use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::{Action, Diagnostic, Edit, Fix, Place, Safety};

declare_rule!(
    StaleBaseline,
    "PRE002",
    "stale-baseline",
    Info,
    on,
    "a baseline entry that nothing is found of any more",
    |_, _| {}
);

/// One finding for all that is gone: the file is one, and shrinks at once.
#[must_use]
pub fn find(facts: &Facts, baseline: (&Baseline, &str), gone: &[Known]) -> Option<Diagnostic> {
    let (known, text) = baseline;
    // A run of some of the tests, or one that ends early, finds less.
    let ends = |m: &crate::pytest::verdict::ModuleReport| {
        use crate::pytest::verdict::Verdict;
        matches!(m.verdict, Verdict::Exit(_) | Verdict::Timeout(_))
    };
    let complete = facts.collection.ends_before_modules().is_none() && !facts.collection.modules.iter().any(ends);
    let file = facts.settings.baseline.as_ref()?;
    if gone.is_empty() || !complete || !facts.settings.pytest_args.is_empty() {
        return None;
    }
    let first = gone.first()?;
    let at = text.find(&first.fingerprint)?;
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let line = text[..at].matches('\n').count() + 1;
    let column = text[..at].rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let span = Span::new(offset(at), offset(at + first.fingerprint.len()));
    let path: std::sync::Arc<str> = facts.shown(file).into();
    let place = Place { path: path.clone(), line: offset(line), column: offset(column), span };
    let total: usize = gone.iter().map(|known| known.count).sum();
    let what = if total == 1 { "1 known finding is".to_owned() } else { format!("{total} known findings are") };
    let mut found = Sink::new(&StaleBaseline::META).finding(place, format!("{what} gone: the baseline can shrink"));
    "baseline".clone_into(&mut found.subject);
    let shown: Vec<String> =
        gone.iter().map(|known| format!("{} {} in {}", known.code, known.subject, known.path)).collect();
    found.facts.push(("gone", super::words::listed(&shown, 5)));
    found.help.push("--fix takes them out, --update-baseline writes the file anew".to_owned());
    let whole = Place { path, line: 1, column: 1, span: Span::new(0, offset(text.len())) };
    let end_line = offset(text.matches('\n').count() + 1);
    let edit = Edit { place: whole, end: (end_line, 1), text: known.without(gone).text(), action: Action::Replace };
    found.fix =
        Some(Fix { title: "take them out of the baseline".to_owned(), safety: Safety::Safe, edits: vec![edit] });
    Some(found)
}
