//! How imports end, in terms that pytest's part and the rules can use.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;

/// How an import that pytest asked for ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The module is in `sys.modules`.
    Completes,
    /// It raises, for certain or likely.
    Raises(Box<Raised>),
    /// It does not come back.
    Hangs(Box<Raised>),
    /// Whether it raises cannot be decided; the reason.
    Unknown(String),
}

/// An exception on its way out, or a call that does not come back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Raised {
    /// Bare class name, such as `ModuleNotFoundError`, `Skipped`, `SystemExit`.
    pub class: Name,
    /// `str(exception)` with absolute paths (the standard library's start with `<stdlib>/`); none if not known.
    pub message: Option<String>,
    /// Frames that it passed, outermost first, installed packages included.
    pub frames: Vec<Frame>,
    /// What happened, for rules.
    pub cause: Cause,
    /// Whether every path leads here.
    pub certainty: Certainty,
}

/// A Python frame of a traceback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The file.
    pub file: Arc<PathBuf>,
    /// Name of the module it runs as.
    pub module: Name,
    /// The statement or expression that is executing.
    pub span: Span,
    /// Its 1-based line.
    pub line: u32,
}

/// What happened, in terms rules can report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// No module of that name.
    MissingModule {
        /// The name in the message: the first part that is missing.
        missing: Name,
        /// The whole name that the statement asked for.
        wanted: Name,
        /// The parent is a plain module, not a package.
        not_a_package: bool,
    },
    /// `from module import name` finds no such name.
    MissingName {
        /// The module's `__name__`.
        module: Name,
        /// Its file, if it has one.
        file: Option<Arc<PathBuf>>,
        /// The name.
        name: Name,
        /// The module was still being imported.
        partial: bool,
    },
    /// `module.name` finds no such attribute.
    MissingAttribute {
        /// The module's `__name__`.
        module: Name,
        /// Its file, if it has one.
        file: Option<Arc<PathBuf>>,
        /// The attribute.
        name: Name,
        /// The module was still being imported.
        partial: bool,
    },
    /// A global name that is not bound.
    UndefinedName(Name),
    /// The file was refused before its first statement; index into its summary's problems.
    Refused {
        /// The file.
        file: Arc<PathBuf>,
        /// Index into [`problems`](crate::summary::Summary::problems).
        problem: usize,
    },
    /// A relative import in a module without a package.
    RelativeNoPackage,
    /// More dots than packages.
    RelativeBeyondTop,
    /// The process is asked to end: `sys.exit` and its kin.
    Exit(Name),
    /// `pytest.skip`, `importorskip`, `unittest.SkipTest`.
    Skip {
        /// Whether pytest accepts it at module level.
        allowed: bool,
    },
    /// A call of the blocking table: its rule id.
    Blocking(Name),
    /// An endless loop.
    Loop,
    /// `os.environ[name]` of a variable that is not set.
    Variable(Name),
    /// A file that is opened for reading and does not exist, as the code spells it.
    File(Name),
    /// A framework's settings are read, and nothing has configured them.
    Settings,
    /// A table that the same registry holds already.
    DuplicateTable {
        /// Its name, with its schema.
        table: Name,
        /// Where it was declared first.
        first: Option<Box<Frame>>,
    },
    /// A `raise` statement, or anything else that raises.
    Other,
}

/// A name that a module's `__all__` lists and the module does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// The module's name.
    pub module: Name,
    /// Its file.
    pub file: Arc<PathBuf>,
    /// The name.
    pub name: Name,
}

/// What the arguments of a call with an effect tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    /// How long it sleeps, if that is known.
    pub seconds: Option<f64>,
    /// The bound that the call sets itself: `5 s`, `a timeout`.
    pub bound: Option<String>,
    /// The address or command that it is for, where it is written out.
    pub peer: Option<String>,
}

/// A step that the machine took and rules want to know of.
#[derive(Debug, Clone)]
pub enum Event {
    /// A module's code began to run.
    Executes {
        /// Its name in `sys.modules`.
        module: Name,
        /// Its file.
        file: Arc<PathBuf>,
        /// The importing frame's module, file and place; none when pytest imports it.
        from: Option<Frame>,
    },
    /// A call of the blocking table was reached.
    Effect {
        /// Id of the rule in the table.
        rule: Name,
        /// Qualified name of the callee.
        callee: Name,
        /// Frames, outermost first; the call itself is last.
        frames: Vec<Frame>,
        /// Whether every path leads here.
        certainty: Certainty,
        /// Whether code was followed on the way whose results are not believed; nothing else was in doubt.
        overheard: bool,
        /// Position in collection: the module pytest was importing.
        root: Name,
        /// What its arguments tell.
        detail: Box<Detail>,
    },
    /// An exception was caught by a handler of the code.
    Caught {
        /// The exception.
        raised: Box<Raised>,
    },
    /// pytest asks for a module. This and what follows is noted for a [trace](super::Setup::trace) alone.
    Asks {
        /// Its name.
        module: Name,
        /// Its file, where pytest starts from one.
        file: Option<Arc<PathBuf>>,
    },
    /// Code of the project, or pytest, imports a module.
    Imports {
        /// Its name in `sys.modules`.
        module: Name,
        /// Its file.
        file: Arc<PathBuf>,
        /// What became of it.
        hit: Hit,
        /// Frames that lead there, outermost first; none when pytest imports it.
        frames: Vec<Frame>,
    },
    /// The code of a module that [ran](Hit::Runs) is over.
    Ends {
        /// Its name in `sys.modules`.
        module: Name,
        /// Public names that it has then, in order of binding.
        names: Vec<Name>,
        /// What it raises, if it does.
        raised: Option<Box<Raised>>,
    },
}

/// How an import finds its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// Its code runs now.
    Runs,
    /// `sys.modules` holds it, and its code has not come to its end.
    Loading,
    /// `sys.modules` holds it.
    Loaded,
}
