//! Suppression comments: `# precollect: ignore[CODE]`, `# precollect: ignore-file[CODE]`, `# noqa: CODE`.

use super::kinds::Kind;
use super::symbols::Symbols;
use super::tree::{Node, Tree};
use crate::base::span::{LineTable, Span};
use crate::summary::{Suppression, Sym};

/// All suppressions of a file, in source order.
pub(super) fn all<'t>(text: &'t str, tree: &Tree, lines: &LineTable, symbols: &mut Symbols<'t>) -> Vec<Suppression> {
    let mut found = Vec::new();
    for comment in &tree.comments {
        let words = &text[comment.start as usize..comment.end as usize];
        if let Some(directive) = ours(words) {
            let codes = directive.codes.map(|codes| list(codes, symbols)).unwrap_or_default();
            let covers = if directive.file { None } else { Some(covered(text, tree, lines, *comment, true)) };
            found.push(Suppression { span: *comment, covers, codes, ours: true });
        }
        if let Some(codes) = noqa(words) {
            let codes = codes.split([',', ' ', '\t']).take_while(|code| code.is_empty() || is_code(code));
            let codes: Vec<Sym> =
                codes.filter(|code| !code.is_empty()).map(|code| symbols.text(code.to_owned().into())).collect();
            if !codes.is_empty() {
                let covers = Some(covered(text, tree, lines, *comment, false));
                found.push(Suppression { span: *comment, covers, codes, ours: false });
            }
        }
    }
    found
}

/// Whether a comment may be a suppression; quick, and true rather too often.
pub(super) fn may_be_one(comment: &str) -> bool {
    comment.contains("precollect:") || comment.as_bytes().windows(4).any(|word| word.eq_ignore_ascii_case(b"noqa"))
}

struct Directive<'t> {
    file: bool,
    codes: Option<&'t str>,
}

fn ours(comment: &str) -> Option<Directive<'_>> {
    let at = comment.find("precollect:")?;
    let before = comment[..at].trim_end();
    if !before.ends_with('#') {
        return None;
    }
    let rest = comment[at + "precollect:".len()..].trim_start().strip_prefix("ignore")?;
    let (file, rest) = rest.strip_prefix("-file").map_or((false, rest), |rest| (true, rest));
    let rest = rest.trim_start();
    let codes = rest.strip_prefix('[').and_then(|list| list.split_once(']')).map(|(codes, _)| codes);
    // `ignored`, `ignore-files`: another word.
    let ends = rest.is_empty() || rest.starts_with('[') || rest.len() < comment.len() && !rest.starts_with(is_word);
    ends.then_some(Directive { file, codes })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

fn list(codes: &str, symbols: &mut Symbols<'_>) -> Vec<Sym> {
    let codes = codes.split(',').map(str::trim).filter(|code| !code.is_empty());
    codes.map(|code| symbols.text(code.to_owned().into())).collect()
}

/// What follows `noqa:`; a bare `noqa` is not about us.
fn noqa(comment: &str) -> Option<&str> {
    let lower = comment.to_ascii_lowercase();
    let at = lower.find("noqa")?;
    let starts = lower[..at].trim_end().ends_with('#');
    let rest = comment.get(at + 4..)?.trim_start();
    starts.then(|| rest.strip_prefix(':')).flatten().map(str::trim)
}

/// Letters, then digits.
fn is_code(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    digits.len() < word.len() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The statement on whose lines a comment stands; one of ours on a line of its own covers the statement below.
fn covered(text: &str, tree: &Tree, lines: &LineTable, comment: Span, may_precede: bool) -> Span {
    let line = lines.line(comment.start);
    let start = lines.start(line).unwrap_or(comment.start);
    let mut best: Option<Span> = None;
    let mut next: Option<Span> = None;
    for (index, node) in tree.nodes().iter().enumerate() {
        if !is_statement(node.kind) {
            continue;
        }
        let end = head_end(tree.nodes(), index);
        let span = Span::new(node.start, end);
        if lines.line(span.start) <= line && line <= lines.line(span.end.saturating_sub(1).max(span.start)) {
            // Inner statements come later.
            best = Some(best.map_or(span, |best| if node.start > best.end { best.to(span) } else { span }));
        } else if span.start > comment.end && next.is_none() {
            next = Some(span);
        }
    }
    let alone = text[start as usize..comment.start as usize].trim().is_empty();
    let below = if alone && may_precede { next } else { None };
    let cover = best.or(below).unwrap_or(comment);
    Span::new(cover.start.min(start), cover.end.max(comment.end))
}

fn is_statement(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AssertStatement
            | Kind::BreakStatement
            | Kind::ClassDefinition
            | Kind::ContinueStatement
            | Kind::Decorator
            | Kind::DeleteStatement
            | Kind::ElifClause
            | Kind::ElseClause
            | Kind::Error
            | Kind::ExceptClause
            | Kind::ExecStatement
            | Kind::ExpressionStatement
            | Kind::FinallyClause
            | Kind::ForStatement
            | Kind::FunctionDefinition
            | Kind::FutureImportStatement
            | Kind::GlobalStatement
            | Kind::IfStatement
            | Kind::ImportFromStatement
            | Kind::ImportStatement
            | Kind::MatchStatement
            | Kind::NonlocalStatement
            | Kind::PassStatement
            | Kind::PrintStatement
            | Kind::RaiseStatement
            | Kind::ReturnStatement
            | Kind::TryStatement
            | Kind::TypeAliasStatement
            | Kind::WhileStatement
            | Kind::WithStatement
    )
}

/// The end of a statement, of a compound one's header.
fn head_end(nodes: &[Node], index: usize) -> u32 {
    let statement = nodes[index];
    let inner = nodes[index + 1..].iter().take_while(|node| node.start < statement.end);
    let block = inner.into_iter().find(|node| node.kind == Kind::Block);
    block.map_or(statement.end, |block| {
        // Up to the colon, which stands in front of the block.
        let before = nodes[index + 1..].iter().take_while(|node| node.end <= block.start);
        before.filter(|node| node.kind == Kind::Colon).map(|node| node.end).last().unwrap_or(block.start)
    })
}

#[cfg(test)]
mod tests {
    use crate::syntax::summarise;

    #[expect(clippy::type_complexity, reason = "a table")]
    fn found(text: &str) -> Vec<(String, Option<(u32, u32)>, bool)> {
        let summary = summarise(text.as_bytes());
        let line = |offset| summary.line(offset);
        let one = |s: &crate::summary::Suppression| {
            let codes: Vec<&str> = s.codes.iter().map(|code| summary.text(*code)).collect();
            (codes.join(" "), s.covers.map(|span| (line(span.start), line(span.end.saturating_sub(1)))), s.ours)
        };
        summary.suppressions.iter().map(one).collect()
    }

    #[test]
    fn directives_are_read() {
        let text = "import a  # precollect: ignore[IMP001, missing-name] why\n# precollect: ignore-file[ENV001]\n\
                    import b  # noqa: E501,IMP001\nimport c  # noqa\nimport d  # precollect: ignore\n\
                    import e  # we precollect: ignore nothing\n";
        let expected = [
            ("IMP001 missing-name".to_owned(), Some((1, 1)), true),
            ("ENV001".to_owned(), None, true),
            ("E501 IMP001".to_owned(), Some((3, 3)), false),
            (String::new(), Some((5, 5)), true),
        ];
        assert_eq!(found(text), expected);
    }

    #[test]
    fn whole_statements_are_covered() {
        let text = "from a import (\n    b,\n    c,  # precollect: ignore\n)\ndef f(\n    a,  # noqa: COL001\n):\n    \
                    pass\n\n# precollect: ignore[X1]\nimport z\nx = 1\n";
        let covers: Vec<_> = found(text).into_iter().map(|(_, covers, _)| covers).collect();
        assert_eq!(covers, [Some((1, 4)), Some((5, 7)), Some((10, 11))]);
    }
}
