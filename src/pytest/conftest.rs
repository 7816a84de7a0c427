//! Conftests and plugins: when they are imported, and what their failure means (spec: pytest-collection.md section 5).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::ConftestIgnores;
use super::names;
use super::run::{Imported, Plugin, Run, last_line};
use super::verdict::ConftestReport;
use super::{additions, lookup};
use crate::base::intern::Name;
use crate::base::system::{Kind, System, absolute};
use crate::diagnostic::Certainty;
use crate::machine::value::{ModId, Value};
use crate::machine::{Cause, Modules as _, Raised};
use crate::python::location::Location;

/// Plugins that pytest itself brings; `-p` and `pytest_plugins` name them without a package.
const BUILTIN: &[&str] = &[
    "mark",
    "main",
    "runner",
    "fixtures",
    "helpconfig",
    "python",
    "terminal",
    "debugging",
    "unittest",
    "capture",
    "skipping",
    "legacypath",
    "tmpdir",
    "monkeypatch",
    "recwarn",
    "pastebin",
    "nose",
    "assertion",
    "junitxml",
    "doctest",
    "cacheprovider",
    "freeze_support",
    "setuponly",
    "setupplan",
    "stepwise",
    "unraisableexception",
    "threadexception",
    "warnings",
    "logging",
    "reports",
    "faulthandler",
    "subtests",
    "pytester",
    "pytester_assertions",
    "terminalprogress",
    "python_path",
];

/// Why a conftest or plugin does not get registered.
pub(super) enum Failure {
    /// It raises.
    Raised(Box<Raised>),
    /// It does not come back.
    Hangs(Box<Raised>),
    /// Not known.
    Unknown(String),
}

impl Run<'_> {
    /// `-p`, entry points, `PYTEST_PLUGINS`: what is loaded before any conftest. False if the run ends here.
    pub fn load_plugins(&mut self) -> bool {
        let given: Vec<String> = self.line.values("-p").map(|name| name.trim().to_owned()).collect();
        for name in &given {
            if let Some(name) = name.strip_prefix("no:") {
                self.blocked.insert(name.to_owned());
                self.blocked.insert(format!("pytest_{name}"));
            }
        }
        for name in given.iter().filter(|name| !name.starts_with("no:")) {
            if !self.load_plugin(name, true) {
                return false;
            }
        }
        let disabled = self.world.system.variable("PYTEST_DISABLE_PLUGIN_AUTOLOAD").is_some_and(|v| !v.is_empty())
            || self.line.has("--disable-plugin-autoload");
        if !disabled && !self.load_entry_points(None) {
            return false;
        }
        let named = self.world.system.variable("PYTEST_PLUGINS").unwrap_or_default();
        named.split(',').filter(|name| !name.is_empty()).all(|name| self.load_plugin(name, false))
    }

    /// Entry points of group `pytest11`: all, or those of one name.
    fn load_entry_points(&mut self, only: Option<&str>) -> bool {
        let world = self.world;
        for distribution in &world.environment.distributions {
            for (group, name, value) in &distribution.entry_points {
                if group != "pytest11"
                    || only.is_some_and(|only| only != name)
                    || self.registered.contains(name)
                    || self.blocked.contains(name)
                {
                    continue;
                }
                let module = value.split([':', ' ', '[']).next().unwrap_or(value).to_owned();
                self.registered.insert(name.clone());
                if let Err(failure) = self.register_plugin(&module) {
                    return self.startup_failure(failure, &module);
                }
            }
        }
        true
    }

    /// A plugin by name. False if the run ends here.
    fn load_plugin(&mut self, name: &str, entry_points: bool) -> bool {
        if self.is_settled(name) {
            return true;
        }
        if entry_points && self.has_entry_point(name) {
            return self.load_entry_points(Some(name));
        }
        self.registered.insert(name.to_owned());
        match self.register_plugin(name) {
            Ok(()) => true,
            Err(Failure::Raised(raised)) => self.named_plugin_failure(name, raised),
            Err(failure) => self.startup_failure(failure, name),
        }
    }

    /// Whether a named plugin needs no import: it is blocked, or there already, or pytest's own.
    fn is_settled(&mut self, name: &str) -> bool {
        if self.blocked.contains(name) || self.registered.contains(name) {
            return true;
        }
        let own = name.strip_prefix("_pytest.").unwrap_or(name);
        if BUILTIN.contains(&own) {
            self.register_builtin(own);
            return true;
        }
        false
    }

    /// A plugin of pytest's own: what it adds is in its source.
    fn register_builtin(&mut self, name: &str) {
        self.registered.insert(name.to_owned());
        self.items.own_plugin(name);
        let path = self.machine.path();
        let package = match self.world.find(&path, "_pytest") {
            Location::Package { directory, .. } => directory,
            _ => return,
        };
        if let Ok(summary) = self.world.store.whole(&package.join(format!("{name}.py"))) {
            self.additions.extend(additions::read(&summary));
        }
    }

    fn has_entry_point(&self, wanted: &str) -> bool {
        let all = self.world.environment.distributions.iter().flat_map(|d| &d.entry_points);
        all.into_iter().any(|(group, name, _)| group == "pytest11" && name == wanted)
    }

    fn named_plugin_failure(&mut self, name: &str, raised: Box<Raised>) -> bool {
        if raised.certainty == Certainty::Likely {
            self.know_not_what_it_adds();
            return true;
        }
        match self.plugin_error(name, &raised) {
            Some(error) if error.class.as_str() == "UsageError" => {
                self.usage_error(&error.message.unwrap_or_default());
            }
            Some(error) => {
                let message = error.message.clone().unwrap_or_default();
                let abort = self.abort(format!("startup: {}: {}", error.class, last_line(&message)));
                abort.raised = Some(raised);
            }
            None => return self.startup_failure(Failure::Raised(raised), name),
        }
        false
    }

    /// What pytest makes of the failed import of a plugin that somebody named: version by version a usage error, an
    /// ImportError of its own, or nothing.
    pub fn plugin_error(&self, name: &str, raised: &Raised) -> Option<Raised> {
        let message = raised.message.clone().unwrap_or_default();
        let missing = match &raised.cause {
            Cause::MissingModule { missing, .. } => {
                let missing = missing.as_str();
                name == missing || name.strip_prefix(missing).is_some_and(|rest| rest.starts_with('.'))
            }
            _ => false,
        };
        let is_import_error = matches!(raised.class.as_str(), "ImportError" | "ModuleNotFoundError");
        let usage = self.version().is_at_least(9, 0);
        let applies = if self.version().is_at_least(9, 2) { missing } else { is_import_error };
        applies.then(|| Raised {
            class: Name::new(if usage { "UsageError" } else { "ImportError" }),
            message: Some(format!("Error importing plugin \"{name}\": {message}")),
            ..raised.clone()
        })
    }

    fn startup_failure(&mut self, failure: Failure, name: &str) -> bool {
        match failure {
            Failure::Raised(raised) if raised.class.as_str() == "Skipped" => true,
            // A run is only called off for what is certain.
            Failure::Raised(raised) | Failure::Hangs(raised) if raised.certainty == Certainty::Likely => {
                self.know_not_what_it_adds();
                true
            }
            Failure::Raised(raised) => {
                let message = raised.message.as_deref().unwrap_or_default();
                let file = raised.frames.first().map(|frame| Arc::clone(&frame.file));
                let abort = self.abort(match raised.class.as_str() {
                    // Told by a traceback: the class in full, then the message's first line.
                    "PluginValidationError" => {
                        let first = message.lines().next().unwrap_or_default();
                        format!("startup: pluggy._manager.PluginValidationError: {first}")
                    }
                    class => format!("startup: {class}: {}", last_line(message)),
                });
                abort.raised = Some(raised);
                abort.file = file;
                false
            }
            Failure::Hangs(raised) => {
                self.abort(format!("timeout in {name}")).raised = Some(raised);
                false
            }
            Failure::Unknown(_) => {
                self.know_not_what_it_adds();
                true
            }
        }
    }

    /// A plugin that could not be looked into may add any option, key or mark.
    fn know_not_what_it_adds(&mut self) {
        self.additions.dynamic = true;
        self.additions.dynamic_marks = true;
        self.items.unseen_plugin(None);
    }

    /// Imports a plugin module and what its `pytest_plugins` names.
    fn register_plugin(&mut self, name: &str) -> Result<(), Failure> {
        self.machine.trace_asked(name, None);
        let outcome = self.machine.import(name);
        match self.settle(outcome, name) {
            Imported::Loaded(module) => {
                if let Some(refused) = self.refused_hooks(module, name) {
                    return Err(Failure::Raised(refused));
                }
                let file = self.machine.module_file(name);
                if let Some(refused) = self.add_plugin(file, module, "") {
                    return Err(Failure::Raised(refused));
                }
                self.consider_module(module)
            }
            Imported::Raised(raised) => Err(Failure::Raised(raised)),
            Imported::Hangs(raised) => Err(Failure::Hangs(raised)),
            Imported::Unknown(reason) => Err(Failure::Unknown(reason)),
            Imported::Repaired => Err(Failure::Unknown("what it holds once it is repaired".to_owned())),
        }
    }

    fn add_plugin(&mut self, file: Option<Arc<PathBuf>>, module: ModId, baseid: &str) -> Option<Box<Raised>> {
        match file.as_ref().map(|file| self.world.store.whole(file)) {
            Some(Ok(summary)) => self.additions.extend(additions::read(&summary)),
            // Compiled, or not readable.
            _ => self.know_not_what_it_adds(),
        }
        let is_project = file.as_ref().is_some_and(|file| self.world.is_project(file));
        let refused = self.items.plugin(&mut self.machine, module, baseid, is_project).err();
        self.read_hooks(module, file.as_ref());
        self.plugins.push(Plugin { file: file.clone(), module });
        if self.configured {
            self.machine.set_marks(self.known_marks());
        }
        let refused = refused?;
        let place = self.items.failed_place().zip(file).map(|(at, file)| (file, at));
        self.collection.failed_at.extend(place);
        // Definitions are read when the session starts: what is refused then, or by pytest 9, is an internal error.
        self.refused_inside |= !self.configured || self.version().major >= 9;
        Some(Box::new(refused.raised()))
    }

    /// Hooks that add options or marks may come from other files.
    fn read_hooks(&mut self, module: ModId, own: Option<&Arc<PathBuf>>) {
        for name in ["pytest_addoption", "pytest_configure"] {
            let hook = lookup::attribute(&self.machine, module, name).map(|slot| slot.value.clone());
            let function = match &hook {
                None => continue,
                Some(Value::Function(function)) => Some(*function),
                Some(Value::Method(method)) => match method.0 {
                    Value::Function(function) => Some(function),
                    _ => None,
                },
                Some(_) => None,
            };
            let Some(function) = function else {
                // Bound in a way that is not followed: fine if the file itself holds the function.
                let defines = own.is_some_and(|file| self.defines(file, name));
                self.additions.dynamic |= !defines;
                self.additions.dynamic_marks |= !defines;
                continue;
            };
            let file = Arc::clone(self.machine.unit(self.machine.state().functions[function].unit).0);
            if own != Some(&file)
                && let Ok(summary) = self.world.store.whole(&file)
            {
                self.additions.extend(additions::read(&summary));
            }
        }
    }

    fn defines(&self, file: &Path, name: &str) -> bool {
        let Ok(summary) = self.world.store.whole(file) else { return false };
        summary.definitions.iter().any(|definition| summary.text(definition.name) == name)
    }

    /// `pytest_plugins` of a module that pytest imported.
    pub fn consider_module(&mut self, module: ModId) -> Result<(), Failure> {
        for name in self.plugin_names(module) {
            if self.is_settled(&name) {
                continue;
            }
            self.registered.insert(name.clone());
            match self.register_plugin(&name) {
                Err(Failure::Raised(raised)) => {
                    if raised.class.as_str() == "Skipped" {
                        continue;
                    }
                    let error = self.plugin_error(&name, &raised);
                    return Err(Failure::Raised(error.map_or(raised, Box::new)));
                }
                other => other?,
            }
        }
        Ok(())
    }

    fn plugin_names(&self, module: ModId) -> Vec<String> {
        let Some(slot) = lookup::attribute(&self.machine, module, "pytest_plugins") else { return Vec::new() };
        match &slot.value {
            Value::Str(text) if text.is_empty() => Vec::new(),
            Value::Str(text) => text.split(',').map(ToOwned::to_owned).collect(),
            other => lookup::texts(&self.machine, other).0,
        }
    }

    /// The conftests that pytest imports before it is configured. False if the run ends here.
    pub fn load_initial_conftests(&mut self, arguments: &[String]) -> bool {
        if self.line.has("--noconftest") {
            return true;
        }
        let world = self.world;
        let mut anchors = Vec::new();
        for argument in arguments {
            let file = argument.split("::").next().unwrap_or(argument);
            let path = absolute(&world.config.cwd, Path::new(file));
            if world.system.metadata(&path).is_ok() {
                anchors.push(path);
            }
        }
        if anchors.is_empty() {
            anchors.push(world.config.cwd.clone());
        }
        // Version 7 looks into `test*` directories argument by argument, later ones do so as well.
        let with_children = anchors.into_iter().flat_map(|anchor| {
            let children = test_directories(&*world.system, &anchor);
            std::iter::once(anchor).chain(children)
        });
        for anchor in with_children.collect::<Vec<_>>() {
            let directory = if world.system.is_dir(&anchor) {
                anchor
            } else {
                anchor.parent().map_or_else(|| anchor.clone(), Path::to_path_buf)
            };
            if let Err((file, failure)) = self.load_conftests(&directory) {
                return self.initial_conftest_failure(&file, failure);
            }
        }
        true
    }

    fn initial_conftest_failure(&mut self, file: &Arc<PathBuf>, failure: Failure) -> bool {
        match failure {
            Failure::Raised(raised) => {
                let message = raised.message.clone().unwrap_or_default();
                if raised.class.as_str() == "UsageError" {
                    self.usage_error(&message);
                } else {
                    let where_to = if self.refused_inside { "internal" } else { "conftest" };
                    self.abort(format!("{where_to}: {}: {}", raised.class, last_line(&message)));
                }
                if let Some(abort) = &mut self.collection.aborted {
                    abort.file = Some(Arc::clone(file));
                    abort.raised = Some(raised);
                }
                false
            }
            Failure::Hangs(raised) => {
                let node = self.node_id(file);
                let abort = self.abort(format!("timeout in {node}"));
                abort.file = Some(Arc::clone(file));
                abort.raised = Some(raised);
                false
            }
            Failure::Unknown(_) => true,
        }
    }

    /// Imports the conftests that apply to a directory, outermost first, unless they are.
    pub fn load_conftests(&mut self, directory: &Path) -> Result<(), (Arc<PathBuf>, Failure)> {
        if self.line.has("--noconftest") || self.conftests_of.contains(directory) {
            return Ok(());
        }
        // What reaches the directory above reaches this one too; nested conftests must not be looked for over and over.
        let known = directory.parent().and_then(|parent| self.conftests_of.get(parent)).cloned();
        let new = if known.is_some() { 1 } else { usize::MAX };
        let mut chain = known.unwrap_or_default();
        let mut found = Vec::new();
        let parents: Vec<PathBuf> = directory.ancestors().take(new).map(Path::to_path_buf).collect();
        for parent in parents.into_iter().rev() {
            let above = parent != self.confcutdir && self.confcutdir.starts_with(&parent);
            let file = parent.join("conftest.py");
            if !above && self.world.system.is_file(&file) {
                let file = Arc::new(file);
                match self.import_conftest(&file) {
                    Ok(Some(index)) => found.push(index),
                    Ok(None) => {}
                    Err(failure) => return Err((file, failure)),
                }
            }
        }
        if !found.is_empty() {
            chain = chain.iter().copied().chain(found).collect();
        }
        self.conftests_of.insert(directory, chain);
        Ok(())
    }

    fn import_conftest(&mut self, file: &Arc<PathBuf>) -> Result<Option<usize>, Failure> {
        // As text: comparing paths part by part takes long where all of them are deep.
        let known = |plugin: &Plugin| plugin.file.as_ref().is_some_and(|known| known.as_os_str() == file.as_os_str());
        if let Some(index) = self.plugins.iter().position(known) {
            return Ok(Some(index));
        }
        if names::package_path(&*self.world.system, file).is_none() {
            self.machine.forget("conftest");
        }
        let directory = file.parent().unwrap_or(file);
        let baseid = self.node_id(directory);
        let report =
            ConftestReport { file: Arc::clone(file), baseid: baseid.clone(), initial: !self.configured, raised: None };
        let at = self.collection.conftests.len();
        self.collection.conftests.push(report);
        let failure = match self.import_path(file).1 {
            Imported::Loaded(module) => match self.register_conftest(file, module, &baseid) {
                Ok(index) => return Ok(Some(index)),
                Err(failure) => failure,
            },
            Imported::Raised(raised) => Failure::Raised(raised),
            Imported::Hangs(raised) => Failure::Hangs(raised),
            // Its fixtures and ignores are not known; the modules below are looked at nevertheless.
            Imported::Unknown(_) | Imported::Repaired => {
                self.know_not_what_it_adds();
                self.items.unseen_plugin(Some(&baseid));
                return Ok(None);
            }
        };
        if let Failure::Raised(raised) | Failure::Hangs(raised) = &failure {
            self.collection.conftests[at].raised = Some(raised.clone());
            // A run is only called off for what is certain.
            if !self.configured && raised.certainty == Certainty::Likely {
                self.know_not_what_it_adds();
                return Ok(None);
            }
        }
        Err(failure)
    }

    fn register_conftest(&mut self, file: &Arc<PathBuf>, module: ModId, baseid: &str) -> Result<usize, Failure> {
        let refused = self.check_late_plugins(module, file);
        if let Some(raised) = refused.or_else(|| self.refused_hooks(module, &file.to_string_lossy())) {
            return Err(Failure::Raised(raised));
        }
        let index = self.plugins.len();
        let refused = self.add_plugin(Some(Arc::clone(file)), module, baseid);
        if self.configured {
            let _ = self.run_hook(module, "pytest_configure");
        }
        if let Some(refused) = refused {
            return Err(Failure::Raised(refused));
        }
        self.consider_module(module)?;
        Ok(index)
    }

    /// `pytest_plugins` in a conftest that is found during collection is refused.
    fn check_late_plugins(&self, module: ModId, file: &Path) -> Option<Box<Raised>> {
        let slot = lookup::attribute(&self.machine, module, "pytest_plugins")?;
        if !self.configured || self.line.has("--pyargs") {
            return None;
        }
        let message = format!(
            "Defining 'pytest_plugins' in a non-top-level conftest is no longer supported:\nIt affects the entire \
             test suite instead of just below the conftest as expected.\n  {}\nPlease move it to a top level conftest \
             file at the rootdir:\n  {}\nFor more information, visit:\n  \
             https://docs.pytest.org/en/stable/deprecations.html#pytest-plugins-in-non-top-level-conftest-files",
            file.display(),
            self.confcutdir.display()
        );
        Some(Box::new(Raised {
            class: Name::new("Failed"),
            message: Some(message),
            frames: Vec::new(),
            cause: Cause::Other,
            certainty: if slot.maybe { Certainty::Likely } else { Certainty::Certain },
        }))
    }

    /// `collect_ignore` and `collect_ignore_glob` for the entries of a directory, and whether they are fully known.
    pub fn ignores_in(&self, directory: &Path) -> (ConftestIgnores, bool) {
        let (paths, exact) = self.ignore_list(directory, "collect_ignore");
        let (globs, exact_globs) = self.ignore_list(directory, "collect_ignore_glob");
        let globs = globs.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        (ConftestIgnores { paths, globs }, exact && exact_globs)
    }

    fn ignore_list(&self, directory: &Path, name: &str) -> (Vec<PathBuf>, bool) {
        let chain = self.conftests_of.get(directory).map(|chain| &**chain).unwrap_or_default();
        for index in chain.iter().rev() {
            let plugin = &self.plugins[*index];
            if let Some(slot) = lookup::attribute(&self.machine, plugin.module, name) {
                let base = plugin.file.as_ref().and_then(|file| file.parent()).unwrap_or(directory);
                let (texts, exact) = lookup::texts(&self.machine, &slot.value);
                let paths = texts.iter().map(|text| absolute(base, Path::new(text))).collect();
                return (paths, exact && !slot.maybe);
            }
        }
        (Vec::new(), true)
    }

    /// `required_plugins`: what is not installed, in pytest's words.
    pub fn missing_required_plugins(&self) -> Option<String> {
        let environment = &self.world.environment;
        if !environment.is_found() {
            return None;
        }
        let mut missing = Vec::new();
        for requirement in self.world.config.words("required_plugins", &[]) {
            let Ok(parsed) = requirement.parse::<pep508_rs::Requirement<pep508_rs::VerbatimUrl>>() else { continue };
            let fits = environment.distribution(parsed.name.as_ref()).is_some_and(|found| {
                let plugin = found.entry_points.iter().any(|(group, ..)| group == "pytest11");
                plugin
                    && match (&parsed.version_or_url, found.version.parse::<pep440_rs::Version>()) {
                        (Some(pep508_rs::VersionOrUrl::VersionSpecifier(wanted)), Ok(version)) => {
                            wanted.contains(&version)
                        }
                        _ => true,
                    }
            });
            if !fits {
                missing.push(requirement);
            }
        }
        missing.sort();
        (!missing.is_empty()).then(|| format!("Missing required plugins: {}", missing.join(", ")))
    }
}

/// Sub-directories whose name starts with `test`.
fn test_directories(system: &dyn System, directory: &Path) -> Vec<PathBuf> {
    if !system.is_dir(directory) {
        return Vec::new();
    }
    let entries = super::discover::list(system, directory);
    let wanted = entries.iter().filter(|e| e.kind == Kind::Directory && e.name.starts_with("test"));
    wanted.map(|entry| directory.join(&entry.name)).collect()
}
