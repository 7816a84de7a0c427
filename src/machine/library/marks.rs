//! `pytest.mark.NAME` of a mark that nobody registered: refused under strict markers, a warning otherwise, which
//! pytest's filters may turn into an exception.

use rustc_hash::FxHashSet;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::{Eval, NoticeKind};
use crate::machine::outcome::Cause;

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
        self.notice(NoticeKind::UnknownMark(name));
        Ok(())
    }
}
