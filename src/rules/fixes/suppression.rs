//! PRE001: takes codes that silence nothing out of their comment, and the comment with the last of them.

use super::{range, replace, span};
use crate::base::span::Span;
use crate::diagnostic::{Diagnostic, Fix, Safety};
use crate::rules::Facts;

/// Removes what is unused.
pub fn remove(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let file = facts.root.join(&*diagnostic.place.path);
    let text = facts.text(&file)?;
    let summary = facts.summary(&file)?;
    let at = diagnostic.place.span;
    let comment = text.get(range(at))?;
    let drop: Vec<&str> = diagnostic.subject.split_whitespace().collect();
    let ours = summary.suppressions.iter().filter(|known| known.span == at).any(|known| {
        known.ours && (drop.is_empty() || known.codes.iter().any(|code| drop.contains(&summary.text(*code))))
    });
    let left = if ours { without_ours(comment, &drop)? } else { without_noqa(comment, &drop)? };
    let edit = match left.trim() {
        "" => replace(facts, &file, with_surroundings(&text, at), ""),
        left => replace(facts, &file, at, left),
    };
    Some(Fix { title: "remove what silences nothing".to_owned(), safety: Safety::Safe, edits: vec![edit] })
}

/// The comment without some codes of `# precollect: ignore[...]`, or without the whole of it.
fn without_ours(comment: &str, drop: &[&str]) -> Option<String> {
    let at = comment.find("precollect:")?;
    let start = comment[..at].rfind('#')?;
    let end = comment[at..].find('#').map_or(comment.len(), |next| at + next);
    let list = comment[at..end].find('[').map(|open| at + open + 1);
    let close = comment[at..end].find(']').map(|close| at + close);
    if let (Some(open), Some(close)) = (list, close.filter(|_| !drop.is_empty())) {
        let codes = comment.get(open..close)?.split(',').map(str::trim);
        let kept: Vec<&str> = codes.filter(|code| !code.is_empty() && !drop.contains(code)).collect();
        if !kept.is_empty() {
            return Some(format!("{}{}{}", &comment[..open], kept.join(", "), &comment[close..]));
        }
    }
    Some(joined(&comment[..start], &comment[end..]))
}

/// The comment without some codes of `# noqa: ...`, or without the whole of it.
fn without_noqa(comment: &str, drop: &[&str]) -> Option<String> {
    let at = comment.to_ascii_lowercase().find("noqa")?;
    let start = comment[..at].rfind('#')?;
    let list = at + comment[at..].find(':')? + 1;
    let end = comment[list..].find('#').map_or(comment.len(), |next| list + next);
    let words = comment.get(list..end)?;
    let mut kept: Vec<&str> = words.split([',', ' ', '\t']).filter(|word| !word.is_empty()).collect();
    kept.retain(|word| !drop.contains(word));
    let is_code = |word: &&str| {
        word.starts_with(|c: char| c.is_ascii_uppercase()) && word.ends_with(|c: char| c.is_ascii_digit())
    };
    let codes = kept.iter().take_while(|word| is_code(word)).count();
    if codes == 0 {
        return Some(joined(&comment[..start], &comment[end..]));
    }
    let separator = if words.contains(", ") || !words.contains(',') { ", " } else { "," };
    let reason = kept[codes..].join(" ");
    let list = format!("{} {reason}", kept[..codes].join(separator));
    Some(joined(&format!("{}: {}", &comment[..at + 4], list.trim()), &comment[end..]))
}

fn joined(before: &str, after: &str) -> String {
    match (before.trim_end(), after.trim_start()) {
        ("", after) => after.to_owned(),
        (before, "") => before.to_owned(),
        (before, after) => format!("{before}  {after}"),
    }
}

/// A comment with the spaces in front of it; with its whole line, if nothing else stands there.
fn with_surroundings(text: &str, comment: Span) -> Span {
    let (start, end) = (comment.start as usize, comment.end as usize);
    let head = text[..start].trim_end_matches([' ', '\t']);
    if !head.is_empty() && !head.ends_with(['\n', '\r']) {
        return span(head.len(), end);
    }
    let tail = &text[end..];
    let line_end = ["\r\n", "\n", "\r"].iter().find(|line_end| tail.starts_with(**line_end)).map_or(0, |it| it.len());
    span(head.len(), end + line_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unused_goes() {
        let ours = |comment: &str, drop: &[&str]| without_ours(comment, drop).expect("is one of ours");
        assert_eq!(ours("# precollect: ignore[IMP001, IMP002] why", &["IMP001"]), "# precollect: ignore[IMP002] why");
        assert_eq!(ours("# precollect: ignore[IMP001]  # noqa: E501", &["IMP001"]), "# noqa: E501");
        assert_eq!(ours("# x  # precollect: ignore-file", &[]), "# x");
        let noqa = |comment: &str, drop: &[&str]| without_noqa(comment, drop).expect("is a noqa");
        assert_eq!(noqa("# noqa: E501, IMP001", &["IMP001"]), "# noqa: E501");
        assert_eq!(noqa("# noqa:E501,IMP001,W1", &["IMP001"]), "# noqa: E501,W1");
        assert_eq!(noqa("# NOQA: IMP001 because  # precollect: ignore", &["IMP001"]), "# precollect: ignore");
    }

    #[test]
    fn spaces_and_lines_go_with_a_comment() {
        let at = |text: &str| {
            let start = text.find('#').expect("has a comment");
            let end = start + text[start..].find(['\n', '\r']).unwrap_or(text.len() - start);
            let found = range(with_surroundings(text, span(start, end)));
            format!("{}{}", &text[..found.start], &text[found.end..])
        };
        assert_eq!(at("x = 1  # c\ny\n"), "x = 1\ny\n");
        assert_eq!(at("a\r\n    # c\r\ny"), "a\r\ny");
        assert_eq!(at("# c"), "");
    }
}
