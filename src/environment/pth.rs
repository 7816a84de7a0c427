//! Site directories and their `.pth` files, read as `site.addsitedir` reads them.

use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{EditableFinder, OpaqueFinder, SearchEntry, editable};
use crate::base::system::{Entry, Kind, System, absolute};
use crate::python::version::PythonVersion;

/// What the site directories come to.
#[derive(Debug, Default)]
pub(super) struct SiteContents {
    pub(super) site: Vec<SearchEntry>,
    pub(super) finders: Vec<EditableFinder>,
    pub(super) opaque: Vec<OpaqueFinder>,
    pub(super) shims: Vec<(String, PathBuf)>,
    pub(super) problems: Vec<String>,
    /// Entries of the site directories, so that nobody lists them again.
    pub(super) listings: FxHashMap<PathBuf, Vec<Entry>>,
}

/// Reads site directories in order.
pub(super) struct SiteReader<'s> {
    system: &'s dyn System,
    version: PythonVersion,
    known: FxHashSet<PathBuf>,
    contents: SiteContents,
}

impl<'s> SiteReader<'s> {
    pub(super) fn new(system: &'s dyn System, version: PythonVersion) -> Self {
        Self { system, version, known: FxHashSet::default(), contents: SiteContents::default() }
    }

    pub(super) fn finish(self) -> SiteContents {
        self.contents
    }

    /// Adds a site directory, then what its `.pth` files add.
    pub(super) fn add_site(&mut self, directory: &Path, origin: &str) {
        self.add_path(directory.to_path_buf(), origin.to_owned());
        let Ok(entries) = self.system.read_dir(directory) else { return };
        let modules: FxHashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        for entry in &entries {
            // 3.13 passes over hidden ones.
            let hidden = entry.name.starts_with('.') && self.version >= PythonVersion::three(13);
            if entry.kind == Kind::File && entry.name.ends_with(".pth") && !hidden {
                self.read_pth(directory, &entry.name, &modules);
            }
        }
        self.contents.listings.insert(directory.to_path_buf(), entries);
    }

    fn read_pth(&mut self, directory: &Path, name: &str, modules: &FxHashSet<&str>) {
        let Ok(bytes) = self.system.read(&directory.join(name)) else {
            self.contents.problems.push(format!("failed to read {}", directory.join(name).display()));
            return;
        };
        let text = String::from_utf8_lossy(&bytes);
        for line in text.trim_start_matches('\u{feff}').lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if line.starts_with("import ") || line.starts_with("import\t") {
                self.run_line(directory, name, line.trim_end(), modules);
                continue;
            }
            let path = absolute(directory, Path::new(line.trim_end()));
            if self.system.metadata(&path).is_ok() {
                self.add_path(path, name.to_owned());
            }
        }
    }

    /// A path is added once, however it is written.
    fn add_path(&mut self, path: PathBuf, origin: String) {
        if self.known.insert(path.clone()) {
            self.contents.site.push(SearchEntry { path, origin });
        }
    }

    /// What a line of code does, as far as its text and the module it names tell.
    fn run_line(&mut self, directory: &Path, name: &str, line: &str, modules: &FxHashSet<&str>) {
        if name == "distutils-precedence.pth" {
            self.add_shim(directory, modules);
            return;
        }
        // `X-nspkg.pth` files make a namespace package by hand where a search would find the same directory.
        if name.ends_with("-nspkg.pth") {
            return;
        }
        match editable::read_line(self.system, directory, line) {
            editable::Line::Harmless => {}
            editable::Line::Paths(paths) => {
                for path in paths {
                    self.add_path(path, name.to_owned());
                }
            }
            editable::Line::Finder(finder) => self.contents.finders.push(finder),
            editable::Line::Opaque(names) => {
                self.contents.opaque.push(OpaqueFinder { origin: name.to_owned(), names });
            }
        }
    }

    /// setuptools serves `distutils` from its own copy. Before 3.12 the standard library's is as good.
    fn add_shim(&mut self, directory: &Path, modules: &FxHashSet<&str>) {
        let off = self.system.variable("SETUPTOOLS_USE_DISTUTILS").is_some_and(|value| value == "stdlib");
        let copy = directory.join("setuptools/_distutils");
        let present =
            modules.contains("setuptools") && modules.contains("_distutils_hack") && self.system.is_dir(&copy);
        if !off && present && self.version >= PythonVersion::three(12) {
            self.contents.shims.push(("distutils".to_owned(), copy));
        }
    }
}
