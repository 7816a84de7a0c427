//! Statements with the lines they stand on.

use super::span;
use crate::base::span::Span;

/// Where the line of an offset starts.
#[must_use]
pub fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

/// The spaces in front of a statement; none if it does not open its line.
#[must_use]
pub fn indent(text: &str, at: usize) -> Option<&str> {
    let before = &text[line_start(text, at)..at];
    before.trim().is_empty().then_some(before)
}

/// A statement from the start of its line to the start of the next; none if it shares them.
#[must_use]
pub fn whole(text: &str, statement: Span) -> Option<Span> {
    let (start, end) = (statement.start as usize, statement.end as usize);
    let start = start - indent(text, start)?.len();
    let rest = text[end..].trim_start_matches([' ', '\t']);
    let is_free = rest.is_empty() || rest.starts_with(['\n', '\r']);
    is_free.then(|| span(start, text.len() - rest.len() + line_end(rest)))
}

/// A statement with its lines, and the blank lines on that side of it which has fewer of them.
#[must_use]
pub fn of_statement(text: &str, statement: Span) -> Option<Span> {
    let lines = whole(text, statement)?;
    let (start, end) = (lines.start as usize, lines.end as usize);
    let behind = text.len() - text[end..].trim_start_matches(['\n', '\r']).len();
    let kept = text[..start].trim_end_matches(['\n', '\r']).len();
    let before = if kept > 0 { kept + line_end(&text[kept..]) } else { 0 };
    let breaks = |gap: &str| gap.matches('\n').count().max(gap.matches('\r').count());
    let is_last = behind == text.len();
    if is_last || breaks(&text[before..start]) < breaks(&text[end..behind]) && kept > 0 {
        return Some(span(before, if is_last { behind } else { end }));
    }
    Some(span(start, behind))
}

/// Length of the line end that a text starts with.
fn line_end(text: &str) -> usize {
    match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, statement: &str) -> Option<String> {
        let start = text.find(statement)?;
        let gone = of_statement(text, span(start, start + statement.len()))?;
        Some(format!("{}{}", &text[..gone.start as usize], &text[gone.end as usize..]))
    }

    #[test]
    fn a_statement_goes_with_its_blank_lines() {
        assert_eq!(without("a\n\n\nx\n\n\nb\n", "x").as_deref(), Some("a\n\n\nb\n"));
        assert_eq!(without("x\n\n\nb\n", "x").as_deref(), Some("b\n"));
        assert_eq!(without("a\r\n\r\nx\r\n", "x").as_deref(), Some("a\r\n"));
        assert_eq!(without("a\n\n\nx", "x").as_deref(), Some("a\n"));
        assert_eq!(without("c:\n  a\n\n  x\n\n\nb\n", "x").as_deref(), Some("c:\n  a\n\n\nb\n"));
        assert_eq!(without("a\nx\nb\n", "x").as_deref(), Some("a\nb\n"));
        assert_eq!(without("x\n", "x").as_deref(), Some(""));
        assert_eq!(without("x  # why\n", "x"), None, "comments stay");
        assert_eq!(without("y; x\n", "x"), None);
    }
}
