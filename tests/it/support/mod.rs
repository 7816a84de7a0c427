//! What the tests share: cases read from Markdown, projects on disk, runs of the binary.

pub mod answer;
pub mod case;
pub mod memory;
pub mod project;
pub mod record;
pub mod run;
pub mod update;

use std::path::{Path, PathBuf};

/// The package's directory.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a directory, sorted.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("failed to read {folder:?}: {error}"));
    for entry in entries {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
