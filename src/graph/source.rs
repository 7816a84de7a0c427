//! What graph and rules ask of the world.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files;
use crate::base::system::{Kind, System};
use crate::machine::Modules;
use crate::world::World;

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

impl Source for World {
    fn system(&self) -> &dyn System {
        &*self.system
    }

    fn text(&self, file: &Path) -> Option<Arc<str>> {
        self.store.text(file)
    }

    fn project_files(&self) -> Vec<Arc<PathBuf>> {
        let listed = self.files.get_or_init(|| {
            let (root, prefix) = (&self.config.rootdir, self.environment.prefix.as_deref());
            files::below(self.system(), root, prefix, self.settings.follow_symlinks)
        });
        listed.clone()
    }

    fn search_path(&self) -> Vec<Arc<PathBuf>> {
        let mut path = self.config.paths("pythonpath");
        if self.settings.python_dash_m {
            path.push(self.settings.root.clone());
        }
        path.extend(self.environment.python_path.iter().cloned());
        path.extend(self.environment.site.iter().map(|entry| entry.path.clone()));
        path.into_iter().map(Arc::new).collect()
    }

    fn config_file(&self) -> Option<PathBuf> {
        self.config.inifile.clone()
    }
}
