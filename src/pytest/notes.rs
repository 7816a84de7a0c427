//! What collection notices without failing: tests that are lost, classes that are left out, marks and keys that nobody
//! knows. pytest warns of some of it; nothing of it changes what is collected.

use std::path::PathBuf;
use std::sync::Arc;

use super::patterns;
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::config::pytest_ini::text::fnmatch_ex;

/// Something that was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub kind: NoteKind,
    /// The node it was noticed at.
    pub nodeid: Arc<str>,
    /// Where it stands.
    pub file: Arc<PathBuf>,
    /// See `file`.
    pub span: Span,
}

/// What was noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteKind {
    /// A test class is left out for its constructor.
    Constructor {
        /// The class.
        class: Name,
        /// `__init__` or `__new__`.
        method: &'static str,
        /// Test methods that are lost.
        tests: usize,
    },
    /// A class with test methods that no pattern collects.
    UnmatchedClass {
        /// The class.
        class: Name,
        /// Its test methods.
        tests: usize,
    },
    /// A `parametrize` without a row.
    EmptyParameters,
    /// A function or class that was made elsewhere is collected in this module too.
    Imported {
        /// The name here.
        name: Name,
        /// The module that made it.
        from: Name,
        /// Its tests here.
        tests: usize,
    },
    /// A mark that nobody registers.
    UnknownMark(Name),
    /// A mark on a fixture: it has no effect.
    MarkOnFixture {
        /// The mark.
        mark: Name,
        /// The fixture's function.
        fixture: Name,
    },
    /// A test that yields, of a pytest that makes nothing of it.
    YieldTest(Name),
}

/// Everything that was noticed in a run, and the settings that rules need to judge the rest.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// In order.
    pub all: Vec<Note>,
    /// Keys of pytest's configuration that nobody knows.
    pub unknown_keys: Vec<String>,
    /// They end the run.
    pub strict_keys: bool,
    /// Entries of `testpaths` and `pythonpath` that do not exist: key, entry.
    pub missing_paths: Vec<(&'static str, String)>,
    /// `testpaths` as a whole finds nothing: the current directory is searched.
    pub no_testpaths: bool,
    /// Configuration files beside the one in force that would hold pytest's configuration too.
    pub shadowed: Vec<PathBuf>,
    /// Plugins, by module, that call tests in their own way; `conftest` stands for the project's.
    pub callers: Vec<Name>,
    /// Some plugin takes every coroutine for its own (`asyncio_mode = auto`).
    pub takes_coroutines: bool,
    /// `python_files`, `python_classes`, `python_functions`
    pub patterns: Patterns,
}

/// Which names pytest collects.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    /// `python_files`
    pub files: Vec<String>,
    /// `python_classes`
    pub classes: Vec<String>,
    /// `python_functions`
    pub functions: Vec<String>,
}

impl Patterns {
    /// Whether a file of this path is collected when it is walked over.
    #[must_use]
    pub fn file(&self, path: &std::path::Path) -> bool {
        self.files.iter().any(|pattern| fnmatch_ex(pattern, path))
    }

    /// Whether a class of this name is collected.
    #[must_use]
    pub fn class(&self, name: &str) -> bool {
        patterns::matches(&self.classes, name)
    }

    /// Whether a function of this name is collected.
    #[must_use]
    pub fn function(&self, name: &str) -> bool {
        patterns::matches(&self.functions, name)
    }
}
