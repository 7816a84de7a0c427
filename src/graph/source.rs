//! What graph and rules ask of the world.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::system::{Kind, System};
use crate::machine::Modules;

/// The machine's window, and a little more: the project's files, their text, and where the run looks for modules.
pub trait Source: Modules + Sync {
    /// Files and variables.
    fn system(&self) -> &dyn System;

    /// The decoded text of a file, for excerpts.
    fn text(&self, file: &Path) -> Option<Arc<str>>;

    /// The project's Python files, sorted.
    fn project_files(&self) -> Vec<Arc<PathBuf>>;

    /// `sys.path` when collection starts, the standard library left out.
    fn search_path(&self) -> Vec<Arc<PathBuf>>;

    /// pytest's configuration file, if there is one.
    fn config_file(&self) -> Option<PathBuf>;

    /// Whether the path is a file.
    fn is_file(&self, path: &Path) -> bool {
        self.path_kind(path) == Some(Kind::File)
    }
}
