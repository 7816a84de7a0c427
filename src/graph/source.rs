//! What graph and rules ask of the world.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::machine::Modules;

/// The machine's window, and a little more: the project's files and their text.
pub trait Source: Modules + Sync {
    /// The decoded text of a file, for excerpts.
    fn text(&self, file: &Path) -> Option<Arc<str>>;

    /// The project's Python files, sorted.
    fn project_files(&self) -> Vec<Arc<PathBuf>>;
}
