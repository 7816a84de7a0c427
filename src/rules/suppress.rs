//! What silences a finding: comments in the file it sits in, and `per-file-ignores`; and which of them silence nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use globset::{Glob, GlobBuilder, GlobMatcher};

use super::Facts;
use super::select::names;
use crate::diagnostic::Diagnostic;
use crate::summary::{Summary, Suppression};

/// Everything that silences findings, and what of it did.
pub struct Silencers<'a> {
    facts: &'a Facts<'a>,
    /// The lines of `per-file-ignores`, ready to match.
    lines: Vec<(Pattern, &'a [String])>,
    /// Per file, which code of which comment silenced something; a comment without codes counts as one code.
    used: BTreeMap<Arc<str>, BTreeSet<(usize, usize)>>,
    /// Which line silenced something.
    used_lines: BTreeSet<usize>,
}

impl<'a> Silencers<'a> {
    /// Nothing is silenced yet.
    #[must_use]
    pub fn new(facts: &'a Facts<'a>) -> Self {
        let lines = facts.settings.per_file_ignores.iter();
        let lines = lines.map(|(glob, codes)| (Pattern::new(glob), codes.as_slice())).collect();
        Self { facts, lines, used: BTreeMap::new(), used_lines: BTreeSet::new() }
    }

    /// Whether a comment or a setting silences this finding; all that do are remembered.
    pub fn silences(&mut self, finding: &Diagnostic) -> bool {
        let by_line = self.by_line(finding);
        let file = self.facts.root.join(&*finding.place.path);
        let Some(summary) = self.facts.summary(&file).filter(|summary| !summary.suppressions.is_empty()) else {
            return by_line;
        };
        let found = matching(&summary, finding);
        let silent = !found.is_empty();
        self.used.entry(finding.place.path.clone()).or_default().extend(found);
        by_line || silent
    }

    fn by_line(&mut self, finding: &Diagnostic) -> bool {
        let listed = |codes: &[String]| codes.iter().any(|code| names(code, finding.code, finding.name));
        let lines = self.lines.iter().enumerate();
        let holds = lines.filter(|(_, (glob, codes))| listed(codes) && glob.matches(&finding.place.path));
        let found: Vec<usize> = holds.map(|(at, _)| at).collect();
        self.used_lines.extend(&found);
        !found.is_empty()
    }

    /// Whether a code of a comment silenced anything.
    #[must_use]
    pub fn is_used(&self, path: &str, comment: usize, code: usize) -> bool {
        self.used.get(path).is_some_and(|used| used.contains(&(comment, code)))
    }

    /// Whether a line of `per-file-ignores` silenced anything.
    #[must_use]
    pub fn is_line_used(&self, line: usize) -> bool {
        self.used_lines.contains(&line)
    }

    /// Whether a line of `per-file-ignores` is about a file.
    #[must_use]
    pub fn line_matches(&self, line: usize, path: &str) -> bool {
        self.lines.get(line).is_some_and(|(glob, _)| glob.matches(path))
    }
}

/// Comments, and codes in them, that silence a finding.
fn matching(summary: &Summary, finding: &Diagnostic) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (index, comment) in summary.suppressions.iter().enumerate().filter(|(_, comment)| covers(comment, finding)) {
        // A comment of ours without codes silences everything but that it is of no use; a bare `# noqa` is meant for other
        // tools.
        if comment.codes.is_empty() && comment.ours && finding.code != "PRE001" {
            found.push((index, 0));
        }
        let listed = |code: &crate::summary::Sym| names(summary.text(*code), finding.code, finding.name);
        found.extend(comment.codes.iter().enumerate().filter(|(_, code)| listed(code)).map(|(at, _)| (index, at)));
    }
    found
}

fn covers(comment: &Suppression, finding: &Diagnostic) -> bool {
    comment.covers.is_none_or(|span| span.start <= finding.place.span.start && finding.place.span.start <= span.end)
}

/// A glob over paths relative to the root; without a slash it matches the base name, and a directory matches everything
/// below it.
struct Pattern {
    whole: Vec<GlobMatcher>,
    base: Option<GlobMatcher>,
}

impl Pattern {
    fn new(glob: &str) -> Self {
        let build = |pattern: &str| -> Option<Glob> { GlobBuilder::new(pattern).literal_separator(true).build().ok() };
        let below = format!("{}/**", glob.trim_end_matches('/'));
        let matcher = |glob: Glob| glob.compile_matcher();
        let whole = [build(glob), build(&below)].into_iter().flatten().map(matcher).collect();
        let base = if glob.contains('/') { None } else { build(glob).map(matcher) };
        Self { whole, base }
    }

    fn matches(&self, path: &str) -> bool {
        let path = Path::new(path);
        let base = path.file_name().map(Path::new);
        self.whole.iter().any(|glob| glob.is_match(path))
            || self.base.as_ref().is_some_and(|glob| base.is_some_and(|base| glob.is_match(base)))
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn globs_match_paths_base_names_and_directories() {
        let matches = |glob: &str, path: &str| Pattern::new(glob).matches(path);
        assert!(matches("tests/legacy/**", "tests/legacy/a/b.py"));
        assert!(matches("tests/legacy", "tests/legacy/b.py"));
        assert!(matches("conftest.py", "tests/conftest.py"));
        assert!(matches("**/test_*.py", "tests/unit/test_a.py"));
        assert!(!matches("tests/*.py", "tests/unit/test_a.py"));
    }
}
