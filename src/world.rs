//! One snapshot of configuration, environment, resolver and store; the machine's window.

pub mod patterns;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::base::system::{Kind, System};
use crate::config::pytest_ini::{self, PytestConfig, PytestVersion};
use crate::config::settings::Settings;
use crate::environment::{self, Environment, Request};
use crate::machine::Modules;
use crate::python::distributions;
use crate::python::effects::Marked;
use crate::python::location::Location;
use crate::python::replacements::is_python_2_module;
use crate::python::stdlib;
use crate::resolve::Resolver;
use crate::store::Store;
use crate::summary::{ProgramId, Summary};
use crate::syntax::queries::Patterns;

/// Why nothing is known of a module whose sources are not compiled here.
const NOT_COMPILED: &str = "it is compiled when the project is installed";

/// Bytes of the largest data file that is read because code reads it.
const LARGEST_DATA: u64 = 4 << 20;

/// Everything an analysis looks at. Lazy inside, unchanging outside.
pub struct World {
    /// Files, variables, the current directory.
    pub system: Arc<dyn System>,
    /// What the user said.
    pub settings: Settings,
    /// The interpreter's world.
    pub environment: Environment,
    /// pytest's configuration.
    pub config: PytestConfig,
    /// Module names to locations.
    pub resolver: Resolver,
    /// Summaries of files.
    pub store: Store,
    /// The user's patterns of calls that block.
    patterns: Vec<Patterns>,
    /// The project's files, once they are listed.
    pub(crate) files: OnceLock<Vec<Arc<PathBuf>>>,
}

impl World {
    /// Finds environment and configuration for a run in `settings.root`.
    #[must_use]
    pub fn load(system: Arc<dyn System>, settings: Settings) -> Self {
        let request = Request {
            root: settings.root.clone(),
            python: settings.python.clone(),
            version: settings.python_version,
            platform: settings.python_platform,
        };
        let environment = environment::discover(&system, &request);
        let version = match settings.pytest_version {
            Some((major, minor)) => PytestVersion::new(&format!("{major}.{minor}")),
            None => environment
                .distribution("pytest")
                .map_or_else(PytestVersion::default, |found| PytestVersion::new(&found.version)),
        };
        let config = pytest_ini::discover(&*system, &settings.root, &settings.pytest_args, &version);
        let resolver = Resolver::new(Arc::clone(&system), &environment);
        let store = Store::new(Arc::clone(&system));
        // Whoever started the analysis has told what is wrong with them.
        let patterns = patterns::read(&*system, &settings.blocking.queries).unwrap_or_default();
        let files = OnceLock::new();
        Self { system, settings, environment, config, resolver, store, patterns, files }
    }

    /// Whether a requirement of the project is named like the module.
    fn is_declared(&self, top_level: &str) -> bool {
        let wanted = environment::normalise(top_level);
        let known: Vec<_> = distributions::of(top_level).iter().map(|name| environment::normalise(name)).collect();
        let mapped = |name: &str| {
            let mut lines = self.settings.module_map.iter();
            lines.any(|(module, to)| module == top_level && environment::normalise(to) == name)
        };
        let provides =
            |name: String| distributions::resembles(&name, &wanted) || known.contains(&name) || mapped(&name);
        self.environment.declared.requirements.iter().any(|r| provides(environment::normalise(&r.name)))
    }

    /// Whether only the sources of a compiled module are there. Without an environment the project counts as installed, as
    /// its dependencies do.
    fn is_compiled_later(&self, directories: &[Arc<PathBuf>], tail: &str) -> bool {
        let stub = tail.starts_with('_').then_some("pyi");
        let suffixes = ["pyx", "c", "cpp", "cc", "rs"].into_iter().chain(stub);
        let names: Vec<String> = suffixes.map(|suffix| format!("{tail}.{suffix}")).collect();
        let ours = |directory: &&Arc<PathBuf>| directory.starts_with(&self.settings.root);
        !self.environment.is_found()
            && directories.iter().filter(ours).any(|d| names.iter().any(|name| self.system.is_file(&d.join(name))))
    }

    /// Whether a directory without a package's file holds its stub: the package itself is compiled.
    fn is_stub_package(&self, portions: &[PathBuf]) -> bool {
        !self.environment.is_found()
            && portions.iter().any(|portion| self.system.is_file(&portion.join("__init__.pyi")))
    }

    /// Whether a top-level module lies in the tree, or has a name that only modules of a project have.
    fn is_ours(&self, top_level: &str) -> bool {
        let folders = [&self.settings.root, &self.config.rootdir].map(|folder| [folder.clone(), folder.join("src")]);
        let directories: Vec<_> = folders.into_iter().flatten().map(Arc::new).collect();
        self.environment.sounds_like_project(top_level) || self.resolver.find(&directories, top_level).is_found()
    }

    /// Whether the file is inside the environment rather than the project.
    #[must_use]
    pub fn is_installed(&self, file: &Path) -> bool {
        self.environment.prefix.as_ref().is_some_and(|prefix| file.starts_with(prefix))
            || file.components().any(|part| part.as_os_str() == "site-packages")
    }
}

impl Modules for World {
    fn find(&self, directories: &[Arc<PathBuf>], tail: &str) -> Location {
        match self.resolver.find(directories, tail) {
            Location::Missing if self.is_compiled_later(directories, tail) => Location::Opaque(NOT_COMPILED),
            Location::Namespace(portions) if self.is_stub_package(&portions) => Location::Opaque(NOT_COMPILED),
            found => found,
        }
    }

    fn find_late(&self, name: &str) -> Location {
        self.resolver.find_late(name)
    }

    fn summary(&self, file: &Path) -> Option<Arc<Summary>> {
        self.store.summary(file).ok()
    }

    fn body(&self, file: &Path, summary: &Summary, body: ProgramId) -> Option<Arc<Summary>> {
        self.store.body(file, summary, body)
    }

    fn source_text(&self, file: &Path, summary: &Summary) -> Option<Arc<str>> {
        self.store.text_of(file, summary.content_hash)
    }

    fn whole(&self, file: &Path) -> Option<Arc<Summary>> {
        self.store.whole(file).ok()
    }

    fn read_text(&self, text: &str) -> Option<Arc<Summary>> {
        Some(Arc::new(crate::syntax::summarise(text.as_bytes())))
    }

    fn file_text(&self, file: &Path) -> Option<Arc<str>> {
        let metadata = self.system.metadata(file).ok()?;
        if metadata.kind != Kind::File || metadata.len > LARGEST_DATA || !self.is_project(file) {
            return None;
        }
        String::from_utf8(self.system.read(file).ok()?).ok().map(Arc::from)
    }

    fn path_kind(&self, path: &Path) -> Option<Kind> {
        self.system.metadata(path).ok().map(|metadata| metadata.kind)
    }

    fn entries(&self, directory: &Path) -> Option<Vec<(String, Kind)>> {
        let entries = self.system.read_dir(directory).ok()?;
        Some(entries.into_iter().map(|entry| (entry.name, entry.kind)).collect())
    }

    fn marked(&self, file: &Path) -> Arc<[Marked]> {
        if self.patterns.is_empty() {
            return Arc::default();
        }
        let Some(text) = self.store.text(file) else { return Arc::default() };
        let mut calls: Vec<Marked> = self.patterns.iter().flat_map(|patterns| patterns.calls(&text)).collect();
        // Of patterns that capture one call, the first counts.
        calls.sort_by_key(|call| call.span);
        calls.dedup_by_key(|call| call.span);
        calls.into()
    }

    fn same_file(&self, a: &Path, b: &Path) -> bool {
        if a == b {
            return true;
        }
        match (self.system.metadata(a), self.system.metadata(b)) {
            (Ok(a), Ok(b)) => a.identity.is_some() && a.identity == b.identity,
            _ => false,
        }
    }

    fn is_project(&self, file: &Path) -> bool {
        (file.starts_with(&self.settings.root) || file.starts_with(&self.config.rootdir)) && !self.is_installed(file)
    }

    fn is_assumed(&self, top_level: &str) -> bool {
        if self.settings.assume_installed.iter().any(|name| name == top_level) {
            return true;
        }
        // Without an environment a third-party module is taken to be there, declared or not: being undeclared is a
        // finding of its own. What the tree holds, or is called like a part of one, is judged by the tree; what some
        // version's library holds, by the library.
        let library = stdlib::is_stdlib_name(top_level) || is_python_2_module(top_level);
        !self.environment.is_found() && (self.is_declared(top_level) || !library && !self.is_ours(top_level))
    }

    fn variable(&self, name: &str) -> Option<Option<String>> {
        let value = self.system.variable(name);
        if value.is_none() && self.settings.environment_variables.iter().any(|set| set == name) {
            return None;
        }
        Some(value)
    }

    fn distribution_version(&self, name: &str) -> Option<String> {
        self.environment.distribution(name).map(|found| found.version.clone())
    }
}
