//! Where exactly a finding about an import points: at the name in the statement, not at the whole of it.

use std::path::Path;

use super::Facts;
use crate::base::span::Span;
use crate::diagnostic::Diagnostic;

/// Narrows the place of a finding about an import to what its subject names, if that stands in the statement's first line.
pub fn narrow(facts: &Facts, file: &Path, diagnostic: &mut Diagnostic) {
    let is_name = matches!(diagnostic.code, "IMP002" | "IMP003" | "IMP004" | "IMP005" | "IMP006");
    let is_module = matches!(diagnostic.code, "IMP001" | "IMP013" | "ENV001" | "ENV009");
    if !is_name && !is_module {
        return;
    }
    let span = diagnostic.place.span;
    let Some(text) = facts.source.text(file) else { return };
    let Some(statement) = text.get(span.start as usize..span.end as usize) else { return };
    let line = statement.split(['\n', '\r']).next().unwrap_or("");
    let subject = diagnostic.subject.as_str();
    let found = if is_name {
        let name = subject.rsplit('.').next().unwrap_or(subject);
        word(line, name, true).map(|at| (at, name.len()))
    } else {
        word(line, subject, false).map(|at| (at, subject.len()))
    };
    let Some((at, length)) = found else { return };
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let start = span.start + offset(at);
    diagnostic.place = facts.place(file, Span::new(start, start + offset(length)));
}

/// The first or last place where a word stands by itself.
fn word(line: &str, wanted: &str, last: bool) -> Option<usize> {
    let part = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
    let alone = |at: &usize| !part(line[..*at].chars().next_back()) && !part(line[*at + wanted.len()..].chars().next());
    let mut places = line.match_indices(wanted).map(|(at, _)| at).filter(alone);
    if wanted.is_empty() {
        None
    } else if last {
        places.last()
    } else {
        places.next()
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn words_stand_alone() {
        assert_eq!(word("from a import ab, b", "b", true), Some(18));
        assert_eq!(word("from b import b", "b", true), Some(14));
        assert_eq!(word("import shop.pricing", "shop.pricing", false), Some(7));
        assert_eq!(word("import ab", "b", false), None);
    }
}
