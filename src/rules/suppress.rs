//! What silences a finding: comments in the file it sits in, and `per-file-ignores`.

use std::path::Path;

use globset::GlobBuilder;

use super::Facts;
use super::select::names;
use crate::diagnostic::Diagnostic;
use crate::summary::{Summary, Suppression};

/// Whether a comment or a setting silences this finding.
#[must_use]
pub fn is_suppressed(facts: &Facts, finding: &Diagnostic) -> bool {
    let file = facts.root.join(&*finding.place.path);
    let by_comment = || facts.summary(&file).is_some_and(|summary| in_comment(&summary, finding));
    per_file(facts, finding) || by_comment()
}

fn in_comment(summary: &Summary, finding: &Diagnostic) -> bool {
    summary.suppressions.iter().any(|comment| covers(comment, finding) && lists(summary, comment, finding))
}

fn covers(comment: &Suppression, finding: &Diagnostic) -> bool {
    comment.covers.is_none_or(|span| span.start <= finding.place.span.start && finding.place.span.start <= span.end)
}

/// A comment of ours without codes silences everything; a bare `# noqa` is meant for other tools.
fn lists(summary: &Summary, comment: &Suppression, finding: &Diagnostic) -> bool {
    if comment.codes.is_empty() {
        return comment.ours;
    }
    comment.codes.iter().any(|code| names(summary.text(*code), finding.code, finding.name))
}

fn per_file(facts: &Facts, finding: &Diagnostic) -> bool {
    let listed = |codes: &[String]| codes.iter().any(|code| names(code, finding.code, finding.name));
    let lines = facts.settings.per_file_ignores.iter();
    lines.filter(|(_, codes)| listed(codes)).any(|(glob, _)| matches(glob, &finding.place.path))
}

/// Whether a path relative to the root matches; a pattern without a slash matches the base name, a directory
/// everything below it.
fn matches(glob: &str, path: &str) -> bool {
    let path = Path::new(path);
    let is = |pattern: &str, path: &Path| {
        let built = GlobBuilder::new(pattern).literal_separator(true).build();
        built.is_ok_and(|glob| glob.compile_matcher().is_match(path))
    };
    let below = format!("{}/**", glob.trim_end_matches('/'));
    let base = path.file_name().map(Path::new);
    is(glob, path) || is(&below, path) || !glob.contains('/') && base.is_some_and(|base| is(glob, base))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn globs_match_paths_base_names_and_directories() {
        assert!(matches("tests/legacy/**", "tests/legacy/a/b.py"));
        assert!(matches("tests/legacy", "tests/legacy/b.py"));
        assert!(matches("conftest.py", "tests/conftest.py"));
        assert!(matches("**/test_*.py", "tests/unit/test_a.py"));
        assert!(!matches("tests/*.py", "tests/unit/test_a.py"));
    }
}
