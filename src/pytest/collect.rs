//! Drives the machine through plugins, conftests and test modules in pytest's order.
//!
//! From version 8 on a directory is listed and its modules are imported one after the other, depth first; version 7
//! walks everything first, conftests included, and imports modules afterwards.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::additions;
use super::chosen;
use super::conftest::Failure;
use super::discover::{self, Argument, FileKind, Rules};
use super::run::{Run, last_line};
use super::select::Selection;
use super::verdict::{Collection, ModuleReport, Verdict};
use crate::base::intern::Name;
use crate::base::paths::PathSet;
use crate::base::system::Kind;
use crate::config::pytest_ini::keys;
use crate::machine::{KnownMarks, Modules as _, Repair, on_large_stack};
use crate::world::World;

/// Predicts one run of pytest.
#[must_use]
pub fn collect(world: &World) -> Collection {
    collect_repaired(world, &BTreeSet::new())
}

/// Predicts what the run would be with these causes repaired.
#[must_use]
pub fn collect_repaired(world: &World, repairs: &BTreeSet<Repair>) -> Collection {
    on_large_stack(|| {
        let mut run = Run::new(world, repairs);
        run.start();
        run.collection.unlisted = run.machine.unlisted();
        run.collection.events = run.machine.take_events();
        run.finish_items();
        if repairs.is_empty() {
            run.follow_hooks();
            if world.settings.follow_tests {
                run.follow_tests();
            }
        }
        run.collection.steps = run.machine.steps();
        run.collection.searched = run.machine.sources_searched();
        run.collection
    })
}

/// The same for one file alone.
pub(super) fn collect_alone(mut run: Run<'_>, file: &Path) -> Collection {
    run.only = Some(file.to_path_buf());
    run.start();
    run.collection.steps = run.machine.steps();
    run.collection
}

/// What is left to do for one argument or directory entry.
enum Node {
    Directory(PathBuf),
    File(PathBuf, FileKind),
}

impl Run<'_> {
    fn start(&mut self) {
        if let Some(refusal) = &self.world.config.refusal {
            if refusal.is_usage {
                self.usage_error(&refusal.text);
            } else {
                self.abort(format!("startup: {}", last_line(&refusal.text)));
            }
            return;
        }
        if !self.load_plugins() {
            return;
        }
        self.line = self.world.config.command_line(&self.additions.options);
        if let Some(text) = self.missing_required_plugins() {
            self.usage_error(&text);
            return;
        }
        let paths = self.paths();
        if !self.enter_filters() || !self.prepare_django() || !self.load_initial_conftests(&paths) {
            return;
        }
        self.machine.leave_filters();
        if !self.run_hooks() {
            return;
        }
        // Conftests may have added options.
        self.line = self.world.config.command_line(&self.additions.options);
        if let Some(text) = self.strict_error() {
            self.usage_error(&text);
            return;
        }
        self.configured = true;
        self.items.is_collecting = true;
        self.machine.set_marks(self.known_marks());
        self.items.select(Selection::new(&self.line));
        self.configure_hooks();
        let Some(arguments) = self.arguments() else { return };
        self.initial = arguments.iter().map(|argument| argument.path.clone()).collect();
        let rules = Rules::new(&self.world.config, &self.line, &arguments);
        if !self.enter_filters() {
            return;
        }
        Walk { run: self, rules, seen: PathSet::default(), given: &arguments }.arguments(&arguments);
        if self.collection.aborted.is_none()
            && let Some(text) = self.missed_arguments(&arguments)
        {
            self.usage_error(&text);
            // The list of tests is never finished.
            self.collection.modules.iter_mut().for_each(|module| module.items.clear());
            self.items.forget_collected();
            return;
        }
        if self.collection.aborted.is_none()
            && let Some(text) = self.pending_hook()
        {
            self.abort(format!("internal: PluginValidationError: {text}"));
            return;
        }
        self.check_keys();
    }

    /// pytest's `warnings` plugin sets its filters around the initial conftests, and around collection. False if it
    /// refuses one of them, which ends the run.
    fn enter_filters(&mut self) -> bool {
        if self.blocked.contains("warnings") {
            return true;
        }
        let Err(refused) = self.machine.enter_filters() else { return true };
        let text = format!(
            "while parsing the following warning configuration:\n\n  {}\n\nThis error occurred:\n\n{}\n",
            refused.line, refused.error
        );
        if self.version().is_at_least(9, 0) {
            // Asked for before there is anything that reports a usage error.
            let reason = format!("startup: {}", last_line(&text));
            self.abort(reason).usage_error = Some(text);
        } else {
            self.usage_error(&text);
        }
        if let Some(abort) = &mut self.collection.aborted {
            abort.raised = refused.raised;
        }
        false
    }

    /// Unknown options end the run, unless plugins are not known or add options that cannot be read. How plugins' options
    /// take values is read from their source: what is refused there may be a misreading.
    fn strict_error(&self) -> Option<String> {
        let config = &self.world.config;
        if config.line.error.is_some() {
            return config.strict_error(&config.line);
        }
        let known = self.world.environment.is_found() && !self.additions.dynamic && self.line.error.is_none();
        if known { config.strict_error(&self.line) } else { None }
    }

    /// Marks that the configuration, plugins and pytest itself register; none if that cannot be known.
    pub(super) fn known_marks(&self) -> Option<KnownMarks> {
        if !self.world.environment.is_found() || self.additions.dynamic_marks {
            return None;
        }
        let config = &self.world.config;
        let own = ["parametrize", "usefixtures", "skip", "skipif", "xfail", "filterwarnings", "tryfirst", "trylast"];
        let lines = config.lines("markers");
        let given = lines.iter().map(|line| additions::mark_name(line));
        let added = self.additions.marks.iter().map(String::as_str);
        let names = own.into_iter().chain(given).chain(added).map(Name::new).collect();
        let strict = ["--strict-markers", "--strict"].iter().any(|option| self.line.has(option))
            || config.version.major >= 9 && (config.flag("strict_markers", config.flag("strict", false)));
        Some(KnownMarks { names, strict })
    }

    /// Ini keys that nobody knows: noticed when collection is over.
    fn check_keys(&mut self) {
        let config = &self.world.config;
        let known = self.world.environment.is_found() && !self.additions.dynamic;
        if !known || self.collection.aborted.is_some() {
            return;
        }
        let unknown = |key: &&String| !keys::is_own(key, config.version.major) && !self.additions.keys.contains(*key);
        self.collection.notes.unknown_keys = config.values.keys().filter(unknown).cloned().collect();
        let Some(key) = self.collection.notes.unknown_keys.first() else { return };
        let text = format!("Unknown config option: {key}");
        // Checked strictly, the key changes the exit code and nothing else.
        let strict = ["--strict-config", "--strict"].iter().any(|option| self.line.has(option))
            || config.version.major >= 9 && config.flag("strict_config", config.flag("strict", false));
        self.collection.notes.strict_keys = strict;
        if !strict && self.machine.becomes_error("pytest.PytestConfigWarning", &text) == Some(true) {
            let reason = self.told_warning("PytestConfigWarning", &text);
            self.abort(format!("internal: {reason}"));
        }
    }

    /// A warning that is an error around collection: wrappers of version 7 raise it where newer versions of pluggy warn of
    /// that, which is an error then as well.
    fn told_warning(&self, class: &str, text: &str) -> String {
        let version =
            self.world.distribution_version("pluggy").and_then(|text| text.parse::<pep440_rs::Version>().ok());
        let warns = version.is_some_and(|version| version >= pep440_rs::Version::new([1, 4]));
        if self.version().major == 7 && warns {
            "PluggyTeardownRaisedWarning: For more information see \
             https://pluggy.readthedocs.io/en/stable/api_reference.html#pluggy.PluggyTeardownRaisedWarning"
                .to_owned()
        } else {
            format!("{class}: {text}")
        }
    }

    /// Settings that rules judge.
    pub(super) fn note_settings(&mut self) {
        let (config, system) = (&self.world.config, &*self.world.system);
        let notes = &mut self.collection.notes;
        notes.shadowed.clone_from(&config.ignored);
        for path in config.paths("pythonpath") {
            if system.metadata(&path).is_err() {
                let shown = path.strip_prefix(&config.rootdir).unwrap_or(&path);
                notes.missing_paths.push(("pythonpath", shown.to_string_lossy().into_owned()));
            }
        }
        if config.uses_testpaths(&self.line) && !self.line.has("--pyargs") {
            let words = config.words("testpaths", &[]);
            let finds =
                |word: &String| !discover::expand_testpaths(system, &config.cwd, std::slice::from_ref(word)).is_empty();
            let missing: Vec<&String> = words.iter().filter(|word| !finds(word)).collect();
            notes.no_testpaths = !words.is_empty() && missing.len() == words.len();
            notes.missing_paths.extend(missing.into_iter().map(|word| ("testpaths", word.clone())));
        }
        let auto = |key: &str, option: &str| {
            self.line.value(option).or_else(|| config.text(key)).is_some_and(|mode| mode == "auto")
        };
        notes.takes_coroutines = auto("asyncio_mode", "--asyncio-mode")
            || auto("anyio_mode", "--anyio-mode")
            || config.flag("trio_mode", false);
    }

    /// Positional arguments, else `testpaths`, else the current directory, as texts.
    fn paths(&self) -> Vec<String> {
        let config = &self.world.config;
        if let Some(only) = &self.only {
            return vec![only.to_string_lossy().into_owned()];
        }
        if !self.line.positional.is_empty() {
            return self.line.positional.clone();
        }
        if config.uses_testpaths(&self.line) {
            let patterns = config.words("testpaths", &[]);
            let found = if self.line.has("--pyargs") {
                patterns
            } else {
                discover::expand_testpaths(&*self.world.system, &config.cwd, &patterns)
            };
            if !found.is_empty() {
                return found;
            }
        }
        vec![config.cwd.to_string_lossy().into_owned()]
    }

    /// pytest's complaint about arguments whose names lead nowhere.
    fn missed_arguments(&self, arguments: &[Argument]) -> Option<String> {
        let name = |file: &Path| {
            let parent = file.parent().unwrap_or(file);
            let is_package = self.world.system.is_file(&parent.join("__init__.py"));
            if self.version().is_at_least(8, 0) || is_package {
                return file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            }
            self.node_id(file)
        };
        chosen::refusal(self.version(), &self.items.missed, arguments, &name)
    }

    fn arguments(&mut self) -> Option<Vec<Argument>> {
        let mut arguments = Vec::new();
        for text in self.paths() {
            let text = if self.line.has("--pyargs") { self.module_path(&text) } else { text };
            let major = self.version().major;
            match discover::resolve_argument(&*self.world.system, &self.world.config.cwd, &text, major) {
                Ok(argument) => arguments.push(argument),
                Err(_) if self.line.has("--pyargs") => {
                    self.usage_error(&format!("module or package not found: {text} (missing __init__.py?)"));
                    return None;
                }
                Err(error) => {
                    self.usage_error(&error);
                    return None;
                }
            }
        }
        if self.version().is_at_least(9, 0) && !self.line.has("--keep-duplicates") {
            arguments = discover::without_overlaps(arguments);
        }
        Some(arguments)
    }

    /// `--pyargs`: the file or directory of a module name; the text itself if there is none.
    fn module_path(&self, text: &str) -> String {
        use crate::machine::Modules;
        use crate::python::location::Location;
        let (name, rest) = text.split_once("::").map_or((text, None), |(name, rest)| (name, Some(rest)));
        let mut directories = self.machine.path();
        let mut found = None;
        for part in name.split('.') {
            let location = self.world.find(&directories, part);
            (found, directories) = match location {
                Location::Package { directory, .. } => (Some(Arc::clone(&directory)), vec![directory]),
                Location::Module(file) => (Some(file), Vec::new()),
                Location::Namespace(paths) => (None, paths.iter().cloned().map(Arc::new).collect()),
                _ => return text.to_owned(),
            };
        }
        let Some(found) = found else { return text.to_owned() };
        let path = found.to_string_lossy();
        rest.map_or_else(|| path.to_string(), |rest| format!("{path}::{rest}"))
    }
}

pub(super) struct Walk<'r, 'w> {
    pub run: &'r mut Run<'w>,
    pub given: &'r [Argument],
    rules: Rules,
    /// Files that have their verdict.
    pub seen: PathSet,
}

impl Walk<'_, '_> {
    fn arguments(&mut self, arguments: &[Argument]) {
        if self.run.version().major < 8 {
            self.walk_then_import(arguments);
            return;
        }
        let mut nodes = Vec::new();
        for argument in arguments {
            match self.reach(argument) {
                Ok(Some(node)) => nodes.push(node),
                Ok(None) => {}
                Err(text) => {
                    self.run.usage_error(&text);
                    return;
                }
            }
        }
        for node in nodes {
            self.visit(node);
        }
    }

    /// Directories above an argument are collected before it: their conftests load. With a selection the module is
    /// imported at once.
    fn reach(&mut self, argument: &Argument) -> Result<Option<Node>, String> {
        let world = self.run.world;
        let parents: Vec<PathBuf> = argument.path.ancestors().skip(1).map(Path::to_path_buf).collect();
        for parent in parents.into_iter().rev() {
            let above = parent != self.run.confcutdir && self.run.confcutdir.starts_with(&parent);
            if !above && let Err((_, failure)) = self.run.load_conftests(&parent) {
                self.fail_directory(&parent, failure);
                return Ok(None);
            }
        }
        if world.system.is_dir(&argument.path) {
            return Ok(Some(Node::Directory(argument.path.clone())));
        }
        let kind = self.rules.kind(&*world.system, &argument.path);
        if kind == FileKind::default() {
            let parent = argument.path.parent().unwrap_or(&argument.path);
            let name = parent.file_name().map(|n| n.to_string_lossy()).unwrap_or_default();
            let class = if world.system.is_file(&parent.join("__init__.py")) { "Package" } else { "Dir" };
            return Err(format!("not found: {}\n(no match in any of [<{class} {name}>])", argument.path.display()));
        }
        if !argument.parts.is_empty() {
            self.visit(Node::File(argument.path.clone(), kind));
            return Ok(None);
        }
        Ok(Some(Node::File(argument.path.clone(), kind)))
    }

    fn visit(&mut self, node: Node) {
        match node {
            Node::File(file, kind) => self.file(&file, kind),
            Node::Directory(directory) => {
                if let Err((_, failure)) = self.run.load_conftests(&directory) {
                    self.fail_directory(&directory, failure);
                    return;
                }
                let children = self.children(&directory, true);
                self.read_ahead(children.iter().filter_map(|node| match node {
                    Node::File(file, kind) => Some((file, *kind)),
                    Node::Directory(_) => None,
                }));
                for node in children {
                    self.visit(node);
                }
            }
        }
    }

    /// Entries that pytest goes on with, in its order.
    fn children(&mut self, directory: &Path, init_first: bool) -> Vec<Node> {
        let world = self.run.world;
        let mut entries = discover::list(&*world.system, directory);
        if init_first {
            // Stable: a package's own module comes first, whatever the order of the rest.
            entries.sort_by_key(|entry| entry.name != "__init__.py");
        }
        let (ignores, _) = self.run.ignores_in(directory);
        let mut nodes = Vec::new();
        for entry in entries {
            let path = directory.join(&entry.name);
            match entry.kind {
                Kind::Directory => {
                    let given = self.rules.leads_to_initial(&path) && self.run.version().major >= 8;
                    let ignored = !given && self.rules.is_ignored(&*world.system, &path, true, &ignores);
                    let looped = entry.symlink && discover::is_loop(&*world.system, &path);
                    if !ignored && !looped {
                        nodes.push(Node::Directory(path));
                    }
                }
                Kind::File => {
                    let given = self.rules.is_initial(&path);
                    if given || !self.rules.is_ignored(&*world.system, &path, false, &ignores) {
                        let kind = self.rules.kind(&*world.system, &path);
                        if kind != FileKind::default() {
                            nodes.push(Node::File(path, kind));
                        }
                    }
                }
                Kind::Other => {}
            }
        }
        nodes
    }

    /// Version 7: directories first, modules afterwards; a broken conftest takes the whole run along.
    fn walk_then_import(&mut self, arguments: &[Argument]) {
        let mut files = Vec::new();
        for argument in arguments {
            let world = self.run.world;
            if !world.system.is_dir(&argument.path) {
                let kind = self.rules.kind(&*world.system, &argument.path);
                let parent = argument.path.parent().unwrap_or(&argument.path).to_path_buf();
                if let Err((_, failure)) = self.run.load_conftests(&parent) {
                    self.fail_session(arguments, failure);
                    return;
                }
                if kind == FileKind::default() {
                    let path = argument.path.display();
                    self.run.usage_error(&format!("found no collectors for {path}"));
                    return;
                }
                if !argument.parts.is_empty() {
                    self.file(&argument.path, kind);
                }
                let is_init = argument.path.file_name().is_some_and(|name| name == "__init__.py");
                if is_init && !self.rules.matches_python_files(&argument.path) {
                    // The package stands for its own file here, and its first module for the package.
                    let mut inside = Vec::new();
                    if self.walk_directory(&parent, &mut inside).is_ok() {
                        let first = inside.into_iter().find(|(file, _)| *file != argument.path);
                        files.extend(first);
                    }
                    continue;
                }
                files.push((argument.path.clone(), kind));
                continue;
            }
            if let Err(failure) = self.walk_directory(&argument.path, &mut files) {
                self.fail_session(arguments, failure);
                return;
            }
        }
        self.read_ahead(files.iter().map(|(file, kind)| (file, *kind)));
        for (file, kind) in files {
            self.file(&file, kind);
        }
    }

    /// Reads modules that are imported next, in parallel.
    fn read_ahead<'f>(&self, files: impl Iterator<Item = (&'f PathBuf, FileKind)>) {
        let modules = files.filter(|(_, kind)| kind.module || kind.doctest_module);
        let modules: Vec<PathBuf> = modules.map(|(file, _)| file.clone()).collect();
        self.run.world.store.load_all(&modules);
    }

    fn walk_directory(&mut self, directory: &Path, files: &mut Vec<(PathBuf, FileKind)>) -> Result<(), Failure> {
        self.run.load_conftests(directory).map_err(|(_, failure)| failure)?;
        let mut directories = Vec::new();
        for node in self.children(directory, true) {
            match node {
                Node::File(file, kind) => files.push((file, kind)),
                Node::Directory(directory) => directories.push(directory),
            }
        }
        directories.iter().try_for_each(|directory| self.walk_directory(directory, files))
    }

    /// A conftest that fails during collection: nothing below its directory is collected.
    fn fail_directory(&mut self, directory: &Path, failure: Failure) {
        let mut node = self.run.node_id(directory);
        if node.is_empty() {
            ".".clone_into(&mut node);
        }
        let Some(verdict) = self.failure_verdict(failure) else { return };
        self.fail_below(directory, &node, &verdict);
    }

    fn fail_session(&mut self, arguments: &[Argument], failure: Failure) {
        let Some(verdict) = self.failure_verdict(failure) else { return };
        for argument in arguments {
            self.fail_below(&argument.path, ".", &verdict);
        }
    }

    fn failure_verdict(&self, failure: Failure) -> Option<Verdict> {
        match failure {
            Failure::Raised(raised) => match self.raised_verdict(raised) {
                Verdict::Skipped { .. } => None,
                verdict => Some(verdict),
            },
            Failure::Hangs(raised) => Some(Verdict::Timeout(raised)),
            Failure::Unknown(reason) => Some(Verdict::Unknown(reason)),
        }
    }

    fn fail_below(&mut self, path: &Path, node: &str, verdict: &Verdict) {
        let world = self.run.world;
        if !world.system.is_dir(path) {
            self.fail_file(path, node, verdict);
            return;
        }
        for entry in discover::list(&*world.system, path) {
            let child = path.join(&entry.name);
            if entry.kind == Kind::File && self.rules.matches_python_files(&child) {
                self.fail_file(&child, node, verdict);
            }
        }
        for entry in discover::list(&*world.system, path) {
            let child = path.join(&entry.name);
            let ignored = self.rules.is_ignored(&*world.system, &child, true, &discover::ConftestIgnores::default());
            if entry.kind == Kind::Directory && !entry.symlink && !ignored {
                self.fail_below(&child, node, verdict);
            }
        }
    }

    fn fail_file(&mut self, file: &Path, node: &str, verdict: &Verdict) {
        if !self.seen.insert(file) {
            return;
        }
        let module = super::names::by_path(&*self.run.world.system, file).name;
        let report = ModuleReport::new(self.run.node_id(file), Arc::new(file.to_path_buf()), module);
        let (verdict, node) = (verdict.clone(), Some(node.to_owned()));
        self.run.collection.modules.push(ModuleReport { verdict, node, ..report });
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use super::collect;
    use crate::base::system::MemorySystem;
    use crate::config::settings::{PythonChoice, Settings};
    use crate::pytest::verdict::Verdict;
    use crate::world::World;

    #[test]
    fn without_an_environment_the_project_counts_as_compiled() {
        let files = [
            ("pytest.ini", ""),
            ("fast/__init__.py", ""),
            ("fast/_speed.c", "int x;\n"),
            ("fast/_rust/__init__.pyi", "x: int\n"),
            ("test_a.py", "from fast import _speed\nfrom fast._rust import x\n"),
            ("test_b.py", "from fast import _other\n"),
        ];
        let settings = Settings { root: PathBuf::from("/p"), python: PythonChoice::None, ..Settings::default() };
        let collection = collect(&World::load(Arc::new(MemorySystem::new("/p", &files)), settings));
        let collected: Vec<bool> = collection.modules.iter().map(|m| matches!(m.verdict, Verdict::Collected)).collect();
        assert_eq!(collected, [true, false]);
    }
}
