//! Comments that silence a finding, put where they work: at the end of its line, above its statement, or at the top of the
//! file. Each place is tried out before it is taken: inside a string, or behind a backslash, a comment is none.

use crate::base::span::Span;
use crate::diagnostic::{Action, Edit, Place};
use crate::summary::{Summary, Suppression};
use crate::syntax;

/// The edit that silences the code at a place of a file with these bytes; none if no comment can.
#[must_use]
pub fn edit(path: &str, bytes: &[u8], place: Span, code: &str, reason: &str) -> Option<Edit> {
    let text = syntax::decode(bytes);
    let summary = syntax::summarise(bytes);
    let at = place.start as usize;
    let candidates = [
        beside_others(&text, &summary, place, code),
        Some(at_line_end(&text, at, code, reason)),
        Some(above(&text, at, code, reason)),
        Some(on_top(&text, code, reason)),
    ];
    let works = |(span, new): &(Span, String)| silences(&text, &summary, place, code, (*span, new));
    let (span, new) = candidates.into_iter().flatten().find(works)?;
    let position = |offset: u32| summary.lines.position(offset);
    let (line, column) = position(span.start);
    let place = Place { path: path.into(), line, column, span };
    Some(Edit { place, end: position(span.end), text: new, action: Action::Replace })
}

/// Into the list of a comment of ours that covers the place.
fn beside_others(text: &str, summary: &Summary, place: Span, code: &str) -> Option<(Span, String)> {
    let mine = |comment: &&Suppression| {
        comment.ours && !comment.codes.is_empty() && comment.covers.is_some_and(|covers| holds(covers, place.start))
    };
    let comment = summary.suppressions.iter().find(mine)?.span;
    let words = text.get(comment.start as usize..comment.end as usize)?;
    let list = words.find("precollect:")?;
    let close = comment.start as usize + list + words[list..].find(']')?;
    Some((empty(close), format!(", {code}")))
}

fn directive(kind: &str, code: &str, reason: &str) -> String {
    format!("# precollect: {kind}[{code}] {reason}").trim_end().to_owned()
}

fn at_line_end(text: &str, at: usize, code: &str, reason: &str) -> (Span, String) {
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end);
    let start = text[..end].trim_end_matches([' ', '\t']).len();
    (empty(start), format!("  {}", directive("ignore", code, reason)))
}

fn above(text: &str, at: usize, code: &str, reason: &str) -> (Span, String) {
    let start = line_start(text, at);
    let indent: String = text[start..].chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    (empty(start), format!("{indent}{}\n", directive("ignore", code, reason)))
}

/// Behind a `#!` line and an encoding cookie, which have to stand in the first two lines.
fn on_top(text: &str, code: &str, reason: &str) -> (Span, String) {
    let mut at = 0;
    for line in text.split_inclusive('\n').take(2) {
        let stays = line.starts_with("#!") || line.starts_with('#') && line.contains("coding");
        if !stays {
            break;
        }
        at += line.len();
    }
    (empty(at), format!("{}\n", directive("ignore-file", code, reason)))
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1)
}

fn empty(at: usize) -> Span {
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(at, at)
}

fn holds(covers: Span, at: u32) -> bool {
    covers.start <= at && at <= covers.end
}

/// Whether the code is silenced at the place once the edit is made, and the file is as readable as before.
fn silences(text: &str, before: &Summary, place: Span, code: &str, (span, new): (Span, &str)) -> bool {
    let (start, end) = (span.start as usize, span.end as usize);
    let (Some(head), Some(tail)) = (text.get(..start), text.get(end..)) else { return false };
    let after = syntax::summarise(format!("{head}{new}{tail}").as_bytes());
    let moved = if span.start <= place.start { u32::try_from(new.len()).unwrap_or(0) } else { 0 };
    let covers = |comment: &Suppression| comment.covers.is_none_or(|covers| holds(covers, place.start + moved));
    let lists = |comment: &Suppression| comment.codes.iter().any(|sym| after.text(*sym) == code);
    after.problems.len() == before.problems.len()
        && after.suppressions.iter().any(|comment| comment.ours && covers(comment) && lists(comment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silenced(text: &str, needle: &str, reason: &str) -> String {
        let at = u32::try_from(text.find(needle).expect("is there")).expect("short");
        let edit = edit("a.py", text.as_bytes(), Span::new(at, at + 1), "IMP002", reason).expect("can be silenced");
        let span = edit.place.span;
        format!("{}{}{}", &text[..span.start as usize], edit.text, &text[span.end as usize..])
    }

    #[test]
    fn comments_go_where_they_work() {
        let ignore = "# precollect: ignore[IMP002]";
        assert_eq!(silenced("from a import b\nx\n", "b", ""), format!("from a import b  {ignore}\nx\n"));
        assert_eq!(silenced("import b", "b", "later"), format!("import b  {ignore} later"));
        assert_eq!(silenced("import b  # why\n", "b", ""), format!("import b  # why  {ignore}\n"));
        let known = "import b  # precollect: ignore[IMP001] old\n";
        assert_eq!(silenced(known, "b", ""), "import b  # precollect: ignore[IMP001, IMP002] old\n");
        assert_eq!(
            silenced("if x:\n    y = a + \\\n        b\n", "y", ""),
            format!("if x:\n    {ignore}\n    y = a + \\\n        b\n")
        );
        assert_eq!(silenced("f('''\n''', b)\n", "f", ""), format!("{ignore}\nf('''\n''', b)\n"));
        assert_eq!(
            silenced("from a import (\n    b,\n)\n", "b", ""),
            format!("from a import (\n    b,  {ignore}\n)\n")
        );
    }
}
