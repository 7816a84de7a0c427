//! `pytest.mark.NAME` of a mark that nobody registered: refused under strict markers, a warning otherwise, which
//! pytest's filters may turn into an exception.

use rustc_hash::FxHashSet;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::Eval;
use crate::machine::outcome::Cause;
use crate::python::exceptions;

/// Marks that are registered once pytest is configured.
#[derive(Debug, Clone, Default)]
pub struct KnownMarks {
    /// Their names.
    pub names: FxHashSet<Name>,
    /// `--strict-markers` or the like.
    pub strict: bool,
}

/// The text behind the name in pytest's warning, by version.
const DOCUMENTATION: &str = "is this a typo?  You can register custom marks to avoid this warning - for details, see \
                             https://docs.pytest.org/en/stable/how-to/mark.html";

impl Machine<'_> {
    /// From here on unknown marks are noticed; none where it is not known which marks there are.
    pub fn set_marks(&mut self, marks: Option<KnownMarks>) {
        self.marks = marks;
    }

    /// Raises what pytest raises for an attribute of `pytest.mark`.
    pub(in crate::machine) fn check_mark(&mut self, owner: Name, name: Name) -> Eval<()> {
        if owner.as_str() != "pytest.mark" {
            return Ok(());
        }
        let text = name.as_str();
        if text.starts_with("__") {
            return Ok(());
        }
        if text.starts_with('_') {
            return Err(self.error("AttributeError", "Marker name must NOT start with underscore".to_owned()));
        }
        let Some(marks) = &self.marks else { return Ok(()) };
        if marks.names.contains(&name) {
            return Ok(());
        }
        let misspelt = matches!(text, "parameterize" | "parametrise" | "parameterise");
        let strict = marks.strict;
        if misspelt && !(strict && self.setup.pytest_version.0 < 8) {
            let message = format!("Unknown '{text}' mark, did you mean 'parametrize'?");
            return Err(self.throw("_pytest.outcomes.Failed", Some(message), Cause::Other));
        }
        if strict {
            let message = format!("'{text}' not found in `markers` configuration option");
            return Err(self.throw("_pytest.outcomes.Failed", Some(message), Cause::Other));
        }
        let message = format!("Unknown pytest.mark.{text} - {DOCUMENTATION}");
        if self.becomes_error("pytest.PytestUnknownMarkWarning", &message) == Some(true) {
            return Err(self.throw("pytest.PytestUnknownMarkWarning", Some(message), Cause::Other));
        }
        Ok(())
    }

    /// Whether pytest's filters turn a warning of the statement that runs into an exception; none if that depends on a
    /// filter that cannot be decided.
    pub fn becomes_error(&self, class: &str, message: &str) -> Option<bool> {
        let module = self.frames.last().map_or("", |frame| self.state.modules[frame.module].name.as_str());
        for filter in self.setup.filterwarnings.iter().rev() {
            let mut parts = filter.splitn(5, ':').map(str::trim);
            let (action, text) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let (category, place) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            let category = if category.is_empty() { "Warning" } else { category };
            // The class's own bases are all known: a category that is not among them is none of them.
            if exceptions::is_subclass(class, category) != Some(true) {
                continue;
            }
            let matches = [starts_like(text, message, true), starts_like(place, module, false)];
            if matches.contains(&Some(false)) {
                continue;
            }
            return (!matches.contains(&None)).then_some(action == "error");
        }
        Some(false)
    }
}

/// Whether a text starts as a simple pattern says: letters, escapes, `.` and `.*`; none for a pattern beyond that.
fn starts_like(pattern: &str, text: &str, ignore_case: bool) -> Option<bool> {
    let mut glob = String::new();
    let mut chars = pattern.chars().peekable();
    let mut anchored = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => glob.push(chars.next().filter(|c| !c.is_alphanumeric())?),
            '.' if chars.next_if_eq(&'*').is_some() => glob.push('\u{1}'),
            '.' => glob.push('\u{2}'),
            '^' if glob.is_empty() => {}
            '$' if chars.peek().is_none() => anchored = true,
            '*' | '+' | '?' | '(' | ')' | '[' | '{' | '|' | '$' | '^' => return None,
            c => glob.push(c),
        }
    }
    let lower = |text: &str| if ignore_case { text.to_lowercase() } else { text.to_owned() };
    let (glob, text): (Vec<char>, Vec<char>) = (lower(&glob).chars().collect(), lower(text).chars().collect());
    Some(fits(&glob, &text, anchored))
}

fn fits(glob: &[char], text: &[char], anchored: bool) -> bool {
    match glob.split_first() {
        None => !anchored || text.is_empty(),
        Some(('\u{1}', rest)) => (0..=text.len()).any(|at| fits(rest, &text[at..], anchored)),
        Some(('\u{2}', rest)) => !text.is_empty() && fits(rest, &text[1..], anchored),
        Some((c, rest)) => text.first() == Some(c) && fits(rest, &text[1..], anchored),
    }
}

#[cfg(test)]
mod tests {
    use super::starts_like;

    #[test]
    fn simple_patterns_are_decided_and_others_are_not() {
        assert_eq!(starts_like("", "x", true), Some(true));
        assert_eq!(starts_like("unknown .*mark", "Unknown pytest.mark.a", true), Some(true));
        assert_eq!(starts_like("pkg\\.a$", "pkg.ab", false), Some(false));
        assert_eq!(starts_like("(a|b)", "a", true), None);
    }
}
