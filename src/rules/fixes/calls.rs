//! Statements of a module body that run when they should not: guarded, allowed, or taken away.

use super::{range, replace, span};
use crate::diagnostic::{Diagnostic, Fix, Safety};
use crate::rules::Facts;

/// BLK001, BLK008, BLK011: runs the statement only where the file is the program.
pub fn guarded(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let (file, at) = (&*fault.file, fault.span);
    let text = facts.text(file)?;
    let summary = facts.summary(file)?;
    let statement = text.get(range(at))?;
    let (line, column) = summary.lines.position(at.start);
    let opens = summary.lines.start(line)? == at.start && column == 1;
    // Of a block every line would have to move, and what is bound here is needed further down.
    let simple = !statement.contains("\"\"\"") && !statement.contains("'''") && statement.ends_with(')');
    let first = statement.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).next()?;
    let call = statement[first.len()..].starts_with('(');
    let body = ["if", "for", "while", "with", "try", "def", "class", "return", "raise"];
    if !opens || !simple || !call || body.contains(&first) {
        return None;
    }
    let start = at.start as usize;
    let edits = vec![replace(facts, file, span(start, start), "if __name__ == \"__main__\":\n    ")];
    let title = "call it under if __name__ == \"__main__\"".to_owned();
    Some(Fix { title, safety: Safety::Unsafe, edits })
}

/// COL013: says that the whole module is meant.
pub fn allowed(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let text = facts.text(&fault.file)?;
    let statement = text.get(range(fault.span))?;
    let arguments = ["pytest.skip(", "skip("].iter().find_map(|start| statement.strip_prefix(start))?;
    let inner = arguments.strip_suffix(')')?;
    if inner.contains("allow_module_level") || inner.contains('#') {
        return None;
    }
    let kept = inner.trim_end().trim_end_matches(',');
    let end = fault.span.start as usize + (statement.len() - arguments.len()) + kept.len();
    let new = if kept.trim().is_empty() { "allow_module_level=True" } else { ", allow_module_level=True" };
    let edits = vec![replace(facts, &fault.file, span(end, end), new)];
    Some(Fix { title: "skip the whole module".to_owned(), safety: Safety::Safe, edits })
}
