//! One simulated pytest process: how it imports a file, and what it keeps in mind between imports.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::additions::Additions;
use super::items::ItemCollector;
use super::names::{self, ImportMode};
use super::rules::ItemRules;
use super::verdict::{Abort, Collection, Verdict};
use crate::base::intern::Name;
use crate::base::paths::PathMap;
use crate::config::pytest_ini::PytestVersion;
use crate::config::pytest_ini::options::CommandLine;
use crate::diagnostic::Certainty;
use crate::machine::value::ModId;
use crate::machine::{Cause, FilterLine, Machine, Modules, Outcome, Raised, Repair, Setup};
use crate::python::effects::{self, Effect};
use crate::python::version::PythonVersion;
use crate::world::World;

/// A conftest or plugin that is registered.
#[derive(Debug, Clone)]
pub(super) struct Plugin {
    /// Its file, where it has one.
    pub file: Option<Arc<PathBuf>>,
    /// Its module object.
    pub module: ModId,
}

/// The process.
pub(super) struct Run<'w> {
    pub world: &'w World,
    pub machine: Machine<'w>,
    pub collection: Collection,
    pub line: CommandLine,
    pub additions: Additions,
    pub mode: ImportMode,
    pub confcutdir: PathBuf,
    /// Registered plugins and conftests in order.
    pub plugins: Vec<Plugin>,
    /// Names and files of `plugins`, and of plugins that are blocked.
    pub registered: BTreeSet<String>,
    pub blocked: BTreeSet<String>,
    /// Conftests that apply to a directory, outermost first, by index into `plugins`.
    pub conftests_of: PathMap<Arc<[usize]>>,
    /// Paths of the arguments, once they are known.
    pub initial: Vec<PathBuf>,
    /// Fixtures and items, as far as they are collected.
    pub items: ItemCollector,
    /// `pytest_configure` is over: conftests found from here on are late.
    pub configured: bool,
    /// Collect this file instead of what the command line names.
    pub only: Option<PathBuf>,
    /// A fixture definition was refused where pytest does not reckon with it.
    pub refused_inside: bool,
    /// What pytest specifies of its hooks, once somebody has asked.
    pub specs: Option<Arc<super::hookspecs::Specs>>,
}

/// The end of an import, for pytest: loaded, or not with what it says.
pub(super) enum Imported {
    /// The module object.
    Loaded(ModId),
    /// An exception.
    Raised(Box<Raised>),
    /// It does not come back.
    Hangs(Box<Raised>),
    /// Not known.
    Unknown(String),
    /// What it raises counts as repaired.
    Repaired,
}

impl<'w> Run<'w> {
    pub fn new(world: &'w World, repairs: &BTreeSet<Repair>) -> Self {
        let config = &world.config;
        let line = config.line.clone();
        let mut items = ItemCollector::new(ItemRules::new(config, world.environment.version));
        if !world.environment.is_found() {
            items.assume_plugins();
        }
        Self {
            world,
            machine: Machine::new(world, setup(world, repairs)),
            collection: Collection {
                rootdir: config.rootdir.clone(),
                pytest: (config.version.major, config.version.minor),
                ..Collection::default()
            },
            mode: ImportMode::new(line.value("--import-mode")),
            confcutdir: config.confcutdir(&line),
            line,
            additions: Additions::default(),
            plugins: Vec::new(),
            registered: BTreeSet::new(),
            blocked: BTreeSet::new(),
            conftests_of: PathMap::default(),
            initial: Vec::new(),
            items,
            configured: false,
            only: None,
            refused_inside: false,
            specs: None,
        }
    }

    pub fn version(&self) -> &'w PytestVersion {
        &self.world.config.version
    }

    pub fn node_id(&self, path: &Path) -> String {
        names::node_id(path, &self.world.config.rootdir, &self.initial)
    }

    pub fn abort(&mut self, reason: String) -> &mut Abort {
        self.collection.aborted.insert(Abort { reason, file: None, raised: None, usage_error: None })
    }

    /// A usage error: pytest prints it and stops. One of the parser shows its usage first.
    pub fn usage_error(&mut self, text: &str) {
        let told = text.lines().find(|line| line.starts_with("pytest: error: "));
        let abort = self.abort(match told {
            Some(line) => format!("startup: {line}"),
            None => format!("usage: UsageError: {}", last_line(text)),
        });
        abort.usage_error = Some(text.to_owned());
    }

    /// `import_path` of pytest. The name under which the module is known comes with the answer.
    pub fn import_path(&mut self, file: &Path) -> (String, Imported) {
        let found = names::by_path(&*self.world.system, file);
        if self.mode == ImportMode::Importlib {
            return self.import_by_location(file, &found);
        }
        self.machine.owns_directory(&found.root);
        self.machine.trace_asked(&found.name, Some(file));
        self.extend_path(&found.root);
        let outcome = self.machine.import(&found.name);
        let imported = match self.settle(outcome, &found.name) {
            Imported::Loaded(module) => self.check_mismatch(file, &found.name, module),
            other => other,
        };
        (found.name, imported)
    }

    fn extend_path(&mut self, root: &Path) {
        match self.mode {
            ImportMode::Prepend if !self.machine.is_first_in_path(root) => self.machine.insert_path(0, root),
            ImportMode::Append if !self.machine.is_in_path(root) => {
                self.machine.append_path(root);
            }
            _ => {}
        }
    }

    fn import_by_location(&mut self, file: &Path, found: &names::ModuleName) -> (String, Imported) {
        let in_package = found.in_package && self.version().is_at_least(8, 2);
        let name = if in_package { found.name.clone() } else { names::by_location(file, &self.world.config.rootdir) };
        self.machine.trace_asked(&name, Some(file));
        if !self.machine.is_loaded(&name) {
            if in_package && let Some(failure) = self.import_parents(&name, &found.root) {
                return (name, failure);
            }
            let makes_packages = self.version().is_at_least(8, 4);
            if !in_package
                && makes_packages
                && let Some(failure) = self.import_folders(&name, file)
            {
                return (name, failure);
            }
            let mut outcome = self.machine.import_file(&name, file);
            if matches!(outcome, Outcome::Completes) && !in_package && !makes_packages {
                outcome = self.machine.insert_missing_modules(&name);
            }
            let imported = self.settle(outcome, &name);
            return (name, imported);
        }
        let imported = self.settle(Outcome::Completes, &name);
        (name, imported)
    }

    /// Directories between rootdir and a module outside packages become packages first.
    fn import_folders(&mut self, name: &str, file: &Path) -> Option<Imported> {
        let rootdir = self.world.config.rootdir.clone();
        let depth = name.matches('.').count();
        let folders: Vec<&Path> =
            file.ancestors().skip(1).take(depth).take_while(|folder| *folder != rootdir).collect();
        let parents = name.match_indices('.').map(|(at, _)| &name[..at]);
        if folders.len() != depth {
            return None;
        }
        for (parent, folder) in parents.zip(folders.into_iter().rev()) {
            if self.machine.is_loaded(parent) {
                continue;
            }
            let init = folder.join("__init__.py");
            let outcome = if self.world.system.is_file(&init) {
                self.machine.import_file(parent, &init)
            } else {
                self.machine.import_directory(parent, folder)
            };
            match self.settle(outcome, parent) {
                Imported::Loaded(_) => {}
                failure => return Some(failure),
            }
        }
        None
    }

    /// Packages above a module are imported first, by location as well.
    fn import_parents(&mut self, name: &str, root: &Path) -> Option<Imported> {
        let mut directory = root.to_path_buf();
        let parents: Vec<&str> = name.match_indices('.').map(|(at, _)| &name[..at]).collect();
        for parent in parents {
            directory.push(parent.rsplit('.').next().unwrap_or(parent));
            if self.machine.is_loaded(parent) {
                continue;
            }
            let outcome = self.machine.import_file(parent, &directory.join("__init__.py"));
            match self.settle(outcome, parent) {
                Imported::Loaded(_) => {}
                failure => return Some(failure),
            }
        }
        None
    }

    pub fn settle(&mut self, outcome: Outcome, name: &str) -> Imported {
        match outcome {
            Outcome::Completes => match self.machine.module(name) {
                Some(module) => Imported::Loaded(module),
                None => Imported::Unknown(format!("sys.modules[{name:?}] is not known to be a module")),
            },
            Outcome::Raises(raised) | Outcome::Hangs(raised) if self.machine.is_repaired(&raised) => Imported::Repaired,
            Outcome::Raises(raised) => Imported::Raised(raised),
            Outcome::Hangs(raised) => Imported::Hangs(raised),
            Outcome::Unknown(reason) => Imported::Unknown(reason),
        }
    }

    /// What printing an error does: from 3.12 on the library imports the module of a missing name once more, for its names, and
    /// what that leaves in `sys.modules` stays there.
    pub(super) fn prints(&mut self, verdict: &Verdict) {
        let Verdict::Error(raised) = verdict else { return };
        if let Cause::MissingName { module, .. } = &raised.cause
            && self.world.environment.version >= PythonVersion::three(12)
            && raised.class.as_str() == "ImportError"
            && raised.certainty == Certainty::Certain
            && !self.machine.is_loaded(module.as_str())
        {
            let _ = self.machine.import(module.as_str());
        }
    }

    /// pytest refuses a module that came from another file than the one it wanted.
    fn check_mismatch(&self, file: &Path, name: &str, module: ModId) -> Imported {
        if file.file_name().is_some_and(|n| n == "__init__.py")
            || self.world.system.variable("PY_IGNORE_IMPORTMISMATCH").as_deref() == Some("1")
        {
            return Imported::Loaded(module);
        }
        let actual = self.machine.module_file(name);
        if actual.as_ref().is_some_and(|actual| self.world.same_file(actual, file)) {
            return Imported::Loaded(module);
        }
        let shown = actual.as_ref().map(|path| match path.file_name().and_then(|n| n.to_str()) {
            Some("__init__.py") => path.parent().unwrap_or(path).display().to_string(),
            _ => path.display().to_string(),
        });
        let shown = shown.unwrap_or_else(|| "None".to_owned());
        let message = format!(
            "import file mismatch:\nimported module '{name}' has this __file__ attribute:\n  {shown}\nwhich is not \
             the same as the test file we want to collect:\n  {}\nHINT: remove __pycache__ / .pyc files and/or use a \
             unique basename for your test file modules",
            file.display()
        );
        Imported::Raised(Box::new(Raised {
            class: Name::new("ImportPathMismatchError"),
            message: Some(message),
            frames: Vec::new(),
            cause: Cause::Other,
            certainty: Certainty::Certain,
        }))
    }
}

/// The last line that is not blank, trimmed.
pub(super) fn last_line(text: &str) -> &str {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

/// The process as it is when the first plugin is imported.
pub(super) fn setup(world: &World, repairs: &BTreeSet<Repair>) -> Setup {
    let (config, environment) = (&world.config, &world.environment);
    let mut path: Vec<PathBuf> = config.paths("pythonpath");
    if world.settings.python_dash_m {
        path.push(world.settings.root.clone());
    } else if let Some(prefix) = &environment.prefix {
        path.push(prefix.join("bin"));
    }
    path.extend(environment.python_path.iter().cloned());
    // The standard library's place.
    path.push(PathBuf::new());
    path.extend(environment.site.iter().map(|entry| entry.path.clone()));
    path.extend(repairs.iter().filter_map(|repair| match repair {
        Repair::Path(directory) => Some(directory.clone()),
        _ => None,
    }));
    let given = config.lines("filterwarnings").into_iter().map(|text| FilterLine { text, literal: false });
    let options = config.line.values("-W").map(|text| FilterLine { text: text.to_owned(), literal: true });
    let filterwarnings = given.chain(options).collect();
    let mut variables = Vec::new();
    if config.version.is_at_least(8, 2) {
        variables.push(("PYTEST_VERSION".to_owned(), config.version.text.clone()));
    }
    Setup {
        version: environment.version,
        platform: environment.platform,
        path: path.into_iter().map(Arc::new).collect(),
        current_dir: world.settings.root.clone(),
        start_directory: world.settings.python_dash_m.then(|| world.settings.root.clone()),
        is_first_release: environment.full_version.as_deref().is_some_and(|version| version.ends_with(".0")),
        arguments: world.settings.pytest_args.clone(),
        pytest_version: (config.version.major, config.version.minor),
        filterwarnings,
        variables,
        repairs: repairs.clone(),
        trace: world.settings.trace,
        calls: configured_calls(world),
    }
}

/// Calls that the settings name, with the row of their kind; words that name no kind are left out.
fn configured_calls(world: &World) -> Vec<(String, &'static Effect)> {
    let calls = world.settings.blocking.calls.iter();
    calls.filter_map(|(name, kind)| Some((name.clone(), effects::configured(kind)?))).collect()
}
