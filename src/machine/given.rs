//! What the machine is given: a world to ask, and the process as it is before its first import.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::library::FilterLine;
use super::repair::Repair;
use crate::python::effects::{Effect, Marked};
use crate::python::location::Location;
use crate::python::version::{Platform, PythonVersion};
use crate::summary::{ProgramId, Summary};

/// What the machine may ask of the world.
pub trait Modules: Sync {
    /// Looks for the module with this *tail* name in directories, in order: PathFinder's part of an import.
    fn find(&self, directories: &[Arc<PathBuf>], tail: &str) -> Location;

    /// Looks for a full name in the finders behind PathFinder (editable finders, opaque hooks).
    fn find_late(&self, name: &str) -> Location;

    /// The summary of a source file; `None` if it cannot be read at all.
    fn summary(&self, file: &Path) -> Option<Arc<Summary>>;

    /// The body of a function that the summary of its file leaves in the text, as a summary of its own.
    fn body(&self, file: &Path, summary: &Summary, body: ProgramId) -> Option<Arc<Summary>>;

    /// The text of a source file that is still the one of its summary.
    fn source_text(&self, file: &Path, summary: &Summary) -> Option<Arc<str>> {
        let _ = (file, summary);
        None
    }

    /// The summary of a source file with all function bodies.
    fn whole(&self, file: &Path) -> Option<Arc<Summary>>;

    /// The summary of a text that is no file; `None` if texts are not read.
    fn read_text(&self, text: &str) -> Option<Arc<Summary>> {
        let _ = text;
        None
    }

    /// The text of a file of the project that is UTF-8; none if it is not, or is no data of a size that code reads.
    fn file_text(&self, file: &Path) -> Option<Arc<str>> {
        let _ = file;
        None
    }

    /// Whether the path exists, and as what, for `os.path` and `pathlib` questions.
    fn path_kind(&self, path: &Path) -> Option<crate::base::system::Kind>;

    /// Names in a directory of the project, sorted; none if it cannot be listed or belongs to somebody else.
    fn entries(&self, directory: &Path) -> Option<Vec<(String, crate::base::system::Kind)>> {
        let _ = directory;
        None
    }

    /// Calls in a file of the project that the user's patterns say block, by place.
    fn marked(&self, file: &Path) -> Arc<[Marked]> {
        let _ = file;
        Arc::default()
    }

    /// Whether two paths are one file.
    fn same_file(&self, a: &Path, b: &Path) -> bool;

    /// Whether the file belongs to the analysed project, as opposed to an installed package.
    fn is_project(&self, file: &Path) -> bool;

    /// Whether a missing top-level module is to be taken as present with unknown contents (`assume-installed`; a
    /// declared dependency where there is no environment).
    fn is_assumed(&self, top_level: &str) -> bool;

    /// An environment variable of the run: `Some(None)` is known to be unset, `None` is not known.
    fn variable(&self, name: &str) -> Option<Option<String>>;

    /// Version of an installed distribution (`importlib.metadata.version`), if installed.
    fn distribution_version(&self, name: &str) -> Option<String>;
}

/// The process that is simulated, before its first import.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Target version.
    pub version: PythonVersion,
    /// Target platform.
    pub platform: Platform,
    /// `sys.path` as it is when the first conftest is imported, the standard library left out: an empty path marks
    /// its position.
    pub path: Vec<Arc<PathBuf>>,
    /// The current directory.
    pub current_dir: PathBuf,
    /// The directory that the interpreter put in front of `sys.path` when it started, if the project may lie there:
    /// `python -m pytest` puts the current one.
    pub start_directory: Option<PathBuf>,
    /// The interpreter is the `.0` of its version.
    pub is_first_release: bool,
    /// pytest's version as (major, minor).
    pub pytest_version: (u32, u32),
    /// What follows the command in `sys.argv`.
    pub arguments: Vec<String>,
    /// `filterwarnings` lines and `-W` options, lowest priority first.
    pub filterwarnings: Vec<FilterLine>,
    /// `DJANGO_SETTINGS_MODULE` and the like that options of plugins set.
    pub variables: Vec<(String, String)>,
    /// Causes that are taken as repaired; none in an ordinary run.
    pub repairs: BTreeSet<Repair>,
    /// Note every import of the project's code, and how each module ends.
    pub trace: bool,
    /// Calls that the user's settings name, with what they do.
    pub calls: Vec<(String, &'static Effect)>,
}
