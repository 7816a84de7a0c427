//! What collection comes to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::fixtures::{Registry, Written};
use super::functions::TestFunction;
use super::notes::Notes;
use crate::base::intern::Name;
use crate::machine::{Borrowed, Event, Followed, Frame, Raised, Unlisted};

/// The outcome of one collected module, as in the truth's `outcome`.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// Its tests are listed.
    Collected,
    /// Skipped as a whole.
    Skipped {
        /// pytest's reason, if known.
        reason: Option<String>,
    },
    /// A collect error.
    Error(Box<Raised>),
    /// It ends the whole run.
    Exit(Box<Raised>),
    /// Its import does not come back.
    Timeout(Box<Raised>),
    /// Cannot be decided; why.
    Unknown(String),
}

/// One test module.
#[derive(Debug, Clone)]
pub struct ModuleReport {
    /// Node id: path relative to rootdir.
    pub nodeid: String,
    /// The file.
    pub file: Arc<PathBuf>,
    /// The name pytest imports it under.
    pub module: String,
    /// The outcome.
    pub verdict: Verdict,
    /// The node that failed where it is not the module itself (a directory whose conftest fails).
    pub node: Option<String>,
    /// Node ids of its tests in order; those that end in `[...]` are not exact.
    pub items: Vec<String>,
    /// Whether all ids are exact; `false` too while ids are not predicted.
    pub exact: bool,
    /// Why they are not, if they are not.
    pub inexact: Option<String>,
    /// What its import took from imports of other test modules.
    pub borrowed: Vec<Borrowed>,
    /// The same for each id that stands for others.
    pub reasons: Vec<(String, String)>,
    /// Why the order of its tests is not known, if it is not.
    pub unordered: Option<&'static str>,
}

impl ModuleReport {
    /// A module that collects, without tests.
    #[must_use]
    pub fn new(nodeid: String, file: Arc<PathBuf>, module: String) -> Self {
        let verdict = Verdict::Collected;
        Self {
            nodeid,
            file,
            module,
            verdict,
            node: None,
            items: Vec::new(),
            exact: true,
            inexact: None,
            borrowed: Vec::new(),
            reasons: Vec::new(),
            unordered: None,
        }
    }
}

/// Why a run ends before any module is looked at.
#[derive(Debug, Clone)]
pub struct Abort {
    /// `conftest: ...`, `usage: ...`, `startup: ...` as in the truth's `aborted`.
    pub reason: String,
    /// The conftest or plugin, if it is one.
    pub file: Option<Arc<PathBuf>>,
    /// The exception, if there is one.
    pub raised: Option<Box<Raised>>,
    /// Full text of a usage error.
    pub usage_error: Option<String>,
}

impl Abort {
    /// The reason for people: of a usage error all that pytest prints.
    #[must_use]
    pub fn told(&self) -> String {
        match &self.usage_error {
            Some(text) if self.reason.starts_with("usage: UsageError") => {
                let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                format!("ERROR: {}", lines.join(" "))
            }
            _ => self.reason.clone(),
        }
    }
}

/// A conftest that was imported or would have been.
#[derive(Debug, Clone)]
pub struct ConftestReport {
    /// The file.
    pub file: Arc<PathBuf>,
    /// Node id of its directory; empty for the root.
    pub baseid: String,
    /// Loaded before collection starts.
    pub initial: bool,
    /// How its import ended; none if it was never reached.
    pub raised: Option<Box<Raised>>,
}

/// A fixture as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureReport {
    /// The name tests request.
    pub name: Name,
    /// Node id below which it is visible; empty for the whole run.
    pub baseid: Arc<str>,
    /// Where its function is.
    pub file: Arc<PathBuf>,
    /// Line of the function's first decorator.
    pub line: u32,
    /// Its scope; none if not known.
    pub scope: Option<&'static str>,
    /// Used without being requested; none if not known.
    pub autouse: Option<bool>,
}

/// One predicted run.
#[derive(Debug, Clone, Default)]
pub struct Collection {
    /// pytest's rootdir.
    pub rootdir: PathBuf,
    /// In collection order.
    pub modules: Vec<ModuleReport>,
    /// In loading order.
    pub conftests: Vec<ConftestReport>,
    /// Set if the run ends before any module.
    pub aborted: Option<Abort>,
    /// Fixtures, in order of registration; pytest's own left out.
    pub fixtures: Vec<FixtureReport>,
    /// All fixtures at the end of the run, pytest's own and those of plugins included.
    pub registry: Registry,
    /// pytest's version: major, minor.
    pub pytest: (u32, u32),
    /// What was noticed.
    pub notes: Notes,
    /// Functions at fault, by the module or conftest that fails for them.
    pub failed_at: Vec<(Arc<PathBuf>, Written)>,
    /// A hook of the project adds marks, or skips, before tests are set up.
    pub marks_change: bool,
    /// Hooks may make the items in their own way: what pytest itself would refuse or miss may be fine.
    pub own_items: bool,
    /// Test functions and methods, in order of collection.
    pub functions: Vec<TestFunction>,
    /// What each test needs, by node id without parameters, in pytest's order.
    pub item_fixtures: BTreeMap<String, Vec<Name>>,
    /// The order in which the tests run: positions among the items of all modules, in order of collection.
    pub order: Vec<usize>,
    /// Tests that `-k`, `-m` and `--deselect` take away.
    pub deselected: usize,
    /// Why the order of all tests is not known, if it is not.
    pub unordered: Option<&'static str>,
    /// What the machine did, in order.
    pub events: Vec<Event>,
    /// Names that the `__all__` of a loaded module of the project lists, and that the module does not have.
    pub unlisted: Vec<Unlisted>,
    /// What hooks reach, and tests with their fixtures where they were followed.
    pub reached: Vec<Reached>,
    /// Steps that the machine took for it.
    pub steps: u64,
    /// How often it looked at a source for code that may set what is not there.
    pub searched: u64,
}

/// Whose calls were followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaches {
    /// A hook of a conftest or plugin of the project.
    Hook {
        /// It runs while pytest collects, or around that.
        collecting: bool,
    },
    /// A test with its fixtures and setup.
    Test,
}

/// Something that runs when pytest runs, and what it does.
#[derive(Debug, Clone)]
pub struct Reached {
    /// What it is.
    pub what: Reaches,
    /// The hook's name, or the test's node id without parameters.
    pub name: String,
    /// Its function.
    pub at: Frame,
    /// What it does.
    pub followed: Followed,
}

impl Collection {
    /// Why the run ends before any module is looked at; a module that ends the run is its own verdict's to tell.
    #[must_use]
    pub fn ends_before_modules(&self) -> Option<&Abort> {
        let is_module = |abort: &Abort| self.modules.iter().any(|module| Some(&module.file) == abort.file.as_ref());
        self.aborted.as_ref().filter(|abort| !is_module(abort))
    }
}
