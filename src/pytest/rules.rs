//! What pytest's version and configuration say about names, ids and fixtures.

use crate::config::pytest_ini::{PytestConfig, PytestVersion};
use crate::python::version::PythonVersion;

/// The settings that decide which items a module has.
#[derive(Debug, Clone)]
pub struct ItemRules {
    /// pytest's version.
    pub pytest: PytestVersion,
    /// Python's version.
    pub python: PythonVersion,
    /// `python_files`
    pub files: Vec<String>,
    /// `python_classes`
    pub classes: Vec<String>,
    /// `python_functions`
    pub functions: Vec<String>,
    /// ini `usefixtures`
    pub use_fixtures: Vec<String>,
    /// `collect_imported_tests` (8.4)
    pub imported_tests: bool,
    /// `strict_parametrization_ids`, or `strict` (9.1)
    pub strict_ids: bool,
    /// `empty_parameter_set_mark = fail_at_collect`
    pub empty_fails: bool,
    /// `disable_test_id_escaping_and_forfeit_all_rights_to_community_support`
    pub unescaped: bool,
    /// `parametrize_long_str_id_strategy` (9.2)
    pub long_text: LongText,
}

/// What becomes of texts of more than 100 characters in ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LongText {
    /// The argument's name and the index stand in.
    Short,
    /// Written out.
    Full,
    /// The digest stands in.
    Digest,
    /// A collect error.
    Disallowed,
}

impl ItemRules {
    /// Reads them from pytest's configuration.
    #[must_use]
    pub fn new(config: &PytestConfig, python: PythonVersion) -> Self {
        let pytest = config.version.clone();
        let strict = config.flag("strict", false) && pytest.is_at_least(9, 0);
        Self {
            python,
            files: config.words("python_files", &["test_*.py", "*_test.py"]),
            classes: config.words("python_classes", &["Test"]),
            functions: config.words("python_functions", &["test"]),
            use_fixtures: config.words("usefixtures", &[]),
            imported_tests: !pytest.is_at_least(8, 4) || config.flag("collect_imported_tests", true),
            strict_ids: pytest.is_at_least(9, 0) && config.flag("strict_parametrization_ids", strict),
            empty_fails: config.text("empty_parameter_set_mark") == Some("fail_at_collect"),
            unescaped: config.flag("disable_test_id_escaping_and_forfeit_all_rights_to_community_support", false),
            long_text: long_text(config),
            pytest,
        }
    }

    /// Whether pytest is at least this version.
    #[must_use]
    pub const fn at_least(&self, major: u32, minor: u32) -> bool {
        self.pytest.is_at_least(major, minor)
    }

    /// Whether Python is at least 3.`minor`.
    #[must_use]
    pub fn python_at_least(&self, minor: u8) -> bool {
        self.python >= PythonVersion::three(minor)
    }
}

fn long_text(config: &PytestConfig) -> LongText {
    if !config.version.is_at_least(9, 2) {
        return LongText::Full;
    }
    match config.text("parametrize_long_str_id_strategy") {
        Some("sha256") => LongText::Digest,
        Some("legacy") => LongText::Full,
        Some("disallow") => LongText::Disallowed,
        _ => LongText::Short,
    }
}
