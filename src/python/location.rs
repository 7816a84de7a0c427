//! What a module name leads to (spec: python-import.md section 2).

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::intern::Name;

/// Where the import system finds a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory with an `__init__.py`.
    Package {
        /// The `__init__.py` file.
        init: Arc<PathBuf>,
        /// The directory, the only entry of `__path__`.
        directory: Arc<PathBuf>,
    },
    /// A `.py` file.
    Module(Arc<PathBuf>),
    /// A compiled module, or a package whose `__init__` is compiled; with the stub beside it, if there is one.
    Extension {
        /// The shared object or `.pyc`.
        file: Arc<PathBuf>,
        /// A `.pyi` that tells its names (likely, not certain).
        stub: Option<Arc<PathBuf>>,
        /// The directory, if it is a package.
        directory: Option<Arc<PathBuf>>,
    },
    /// Part of the standard library, answered from the data tables.
    Stdlib(Name),
    /// Directories without `__init__`, in path order.
    Namespace(Arc<Vec<PathBuf>>),
    /// An import hook we cannot read (a zipped egg, an unknown finder) may or may not provide it.
    Opaque(&'static str),
    /// Nowhere.
    Missing,
}

impl Location {
    /// The file whose code is executed, if it is Python source.
    #[must_use]
    pub const fn source(&self) -> Option<&Arc<PathBuf>> {
        match self {
            Self::Package { init, .. } => Some(init),
            Self::Module(file) => Some(file),
            _ => None,
        }
    }

    /// Whether the import system finds something.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        !matches!(self, Self::Missing)
    }
}
