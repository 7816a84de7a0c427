//! CPython's import algorithm, step by step (spec: python-import.md sections 2 to 4).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attribute::Found;
use super::log::{Eval, May, Throw};
use super::outcome::Cause;
use super::state::{Module, Phase};
use super::value::{ModId, NsId, UnitId, Value};
use super::{Activation, IMPORT_DEPTH, Machine, Scope, Unit};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::exceptions;
use crate::python::location::Location;
use crate::python::names::relative_base;
use crate::python::stdlib::Occasion;
use crate::summary::program::ImportName;
use crate::summary::{ProgramId, Sym};

/// Why nothing is known of a module that is taken to be installed.
pub(super) const ASSUMED: &str = "assumed to be installed";
/// Stands for the standard library in `sys.path`.
pub(super) const STDLIB_ENTRY: &str = "<stdlib>";

/// Search path entries (none: the standard library), and whether that is all of them.
pub(super) type SearchPath = (Vec<Option<Arc<PathBuf>>>, bool);

/// Names that the interpreter or pytest has loaded before any code of the project, so that no file shadows them; sorted.
const PRELOADED: &[&str] = &[
    "abc",
    "argparse",
    "ast",
    "atexit",
    "bdb",
    "binascii",
    "bisect",
    "builtins",
    "bz2",
    "cmd",
    "code",
    "codecs",
    "codeop",
    "collections",
    "contextlib",
    "copy",
    "copyreg",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "dis",
    "email",
    "encodings",
    "enum",
    "errno",
    "faulthandler",
    "fcntl",
    "fnmatch",
    "functools",
    "gc",
    "genericpath",
    "gettext",
    "glob",
    "hashlib",
    "heapq",
    "html",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "keyword",
    "linecache",
    "locale",
    "logging",
    "lzma",
    "marshal",
    "math",
    "ntpath",
    "numbers",
    "opcode",
    "operator",
    "os",
    "pathlib",
    "pdb",
    "platform",
    "posixpath",
    "pprint",
    "pyexpat",
    "random",
    "re",
    "readline",
    "reprlib",
    "runpy",
    "select",
    "selectors",
    "shlex",
    "shutil",
    "signal",
    "site",
    "stat",
    "string",
    "struct",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "token",
    "tokenize",
    "traceback",
    "types",
    "typing",
    "unicodedata",
    "unittest",
    "uuid",
    "warnings",
    "weakref",
    "xml",
    "zipfile",
    "zipimport",
    "zlib",
];

impl Machine<'_> {
    /// `importlib.import_module(name)` of an absolute name; the module that was asked for.
    pub(super) fn import_name(&mut self, name: &str) -> Eval {
        let id = Name::new(name);
        self.note_import(id);
        if let Some(value) = self.state.loaded(id).cloned() {
            self.note_found(id);
            return self.halted(value, name);
        }
        if name.is_empty() {
            return Err(self.error("ValueError", "Empty module name"));
        }
        if self.imports >= IMPORT_DEPTH {
            return Err(self.give_up("imports nest too deeply"));
        }
        self.imports += 1;
        let result = self.find_and_load(name, id);
        self.imports -= 1;
        result
    }

    fn halted(&mut self, value: Value, name: &str) -> Eval {
        if value != Value::None {
            return Ok(value);
        }
        let message = format!("import of {name} halted; None in sys.modules");
        Err(self.missing_module(name, name, Some(message), false))
    }

    pub(super) fn missing_module(
        &mut self,
        missing: &str,
        wanted: &str,
        message: Option<String>,
        not_a_package: bool,
    ) -> Box<Throw> {
        let parent = missing.rsplit_once('.').map(|(parent, _)| parent);
        let text = message.unwrap_or_else(|| exceptions::no_module(missing, parent.filter(|_| not_a_package)));
        let cause = Cause::MissingModule { missing: Name::new(missing), wanted: Name::new(wanted), not_a_package };
        let mut throw = self.throw("ModuleNotFoundError", Some(text), cause);
        throw.import_name = Some(Name::new(missing));
        throw
    }

    fn find_and_load(&mut self, name: &str, id: Name) -> Eval {
        let Some((parent, tail)) = name.rsplit_once('.') else {
            let location = self.find_top(name);
            let found = self.load_found(name, id, location, None)?;
            self.note_found(id);
            return Ok(found);
        };
        let mut holder = match self.state.loaded(Name::new(parent)).cloned() {
            Some(value) => value,
            None => self.import_name(parent).map_err(|mut throw| {
                if let Cause::MissingModule { wanted, .. } = &mut throw.raised.cause
                    && wanted.as_str() == parent
                {
                    *wanted = id;
                }
                throw
            })?,
        };
        // What the parent's code put there counts as it is, None included.
        if let Some(value) = self.state.loaded(id).cloned() {
            return Ok(value);
        }
        if let Some(value) = self.state.loaded(Name::new(parent)) {
            holder = value.clone();
        }
        if holder == Value::None {
            return Err(self.missing_module(name, name, None, true));
        }
        let Value::Module(package) = holder else {
            return match self.original(parent).filter(|_| !self.is_mock(&holder)) {
                Some(package) => self.below_replaced(name, id, &holder, package),
                None => self.below_object(name, &holder),
            };
        };
        let location = self.find_in(package, parent, tail, name);
        match location {
            Ok(location) => self.load_found(name, id, location, Some((package, tail))),
            Err(NotAPackage) if self.hooked.contains(&Name::new(name.split('.').next().unwrap_or(name))) => {
                let location = Location::Opaque("code that is not followed fills sys.modules");
                self.load_found(name, id, location, None)
            }
            Err(NotAPackage) => Err(self.missing_module(name, name, None, true)),
        }
    }

    /// The module that a name stood for before its code put another object into `sys.modules`.
    fn original(&self, name: &str) -> Option<ModId> {
        let module = *self.originals.get(&Name::new(name))?;
        self.state.modules[module].is_package.then_some(module)
    }

    /// A package replaced itself by an object: such objects keep `__path__`.
    fn below_replaced(&mut self, name: &str, id: Name, holder: &Value, package: ModId) -> Eval {
        let (parent, tail) = name.rsplit_once('.').unwrap_or(("", name));
        match self.find_in(package, parent, tail, name) {
            Ok(location) if location.is_found() && !matches!(location, Location::Opaque(_)) => {
                let value = self.load_found(name, id, location, None)?;
                self.set_attribute(holder, Name::new(tail), value.clone());
                Ok(value)
            }
            _ => self.below_object(name, holder),
        }
    }

    /// `import x.y` where `sys.modules["x"]` is no module.
    fn below_object(&mut self, name: &str, holder: &Value) -> Eval {
        if self.is_mock(holder) {
            return Err(self.missing_module(name, name, None, true));
        }
        self.may_raise(May::Import);
        Ok(Value::Unknown)
    }

    fn is_mock(&self, value: &Value) -> bool {
        let Value::Instance(instance) = value else { return false };
        let Value::External(class) = self.state.instances[*instance].class else { return false };
        class.as_str().starts_with("unittest.mock.") && class.as_str().ends_with("Mock")
    }

    fn load_found(&mut self, name: &str, id: Name, location: Location, parent: Option<(ModId, &str)>) -> Eval {
        let value = match location {
            Location::Missing => {
                let top = name.split('.').next().unwrap_or(name);
                let wild = self.frames.last().is_some_and(|frame| self.wild.contains(&frame.module));
                if wild
                    || self.world.is_assumed(top)
                    || self.hooked.contains(&Name::new(top))
                    || self.hooked.contains(&Name::new("*"))
                {
                    self.may_raise(May::Import);
                    let reason = if wild { "code that is not read may provide it" } else { ASSUMED };
                    self.load(id, Location::Opaque(reason))?
                } else {
                    return Err(self.missing_module(name, name, None, false));
                }
            }
            Location::Opaque(_) => {
                self.may_raise(May::Import);
                self.load(id, location)?
            }
            location => self.load(id, location)?,
        };
        self.note_load(id, parent.map(|(package, _)| package));
        if let Some((package, tail)) = parent {
            let ns = self.state.modules[package].ns;
            self.state.bind(ns, Name::new(tail), value.clone());
        }
        Ok(value)
    }

    /// `sys.path` as it is now, and whether all of it is known.
    pub(super) fn search_path(&self) -> SearchPath {
        self.directories(&Value::List(self.sys_path))
    }

    /// The first known entry of `sys.path`; `Some(None)` is the standard library.
    pub(super) fn first_directory(&self) -> Option<Option<Arc<PathBuf>>> {
        self.state.object(self.sys_path).items.iter().find_map(|item| match item {
            Value::External(name) if name.as_str() == STDLIB_ENTRY => Some(None),
            Value::Str(text) => Some(Some(Arc::new(self.absolute(text)))),
            _ => None,
        })
    }

    /// A list of directories such as `__path__`.
    fn directories(&self, value: &Value) -> SearchPath {
        let Some((items, mut exact)) = self.elements(value) else { return (Vec::new(), false) };
        let mut found = Vec::new();
        for item in items {
            match &item {
                Value::External(name) if name.as_str() == STDLIB_ENTRY => found.push(None),
                Value::Str(text) => found.push(Some(Arc::new(self.absolute(text)))),
                // pathlib objects in sys.path are ignored by the path finder.
                Value::Path(_) => {}
                _ => exact = false,
            }
        }
        (found, exact)
    }

    pub(super) fn absolute(&self, text: &str) -> PathBuf {
        crate::base::system::absolute(&self.setup.current_dir, Path::new(text))
    }

    pub(super) fn find_top(&mut self, name: &str) -> Location {
        let stdlib = self.stdlib_module(name);
        if stdlib && (PRELOADED.binary_search(&name).is_ok() || self.is_unshadowable(name)) {
            return Location::Stdlib(Name::new(name));
        }
        // pytest has mostly just put the directory in front that the name lies in; a long path need not be built then.
        if let Some(Some(first)) = self.first_directory() {
            let found = self.world.find(&[first], name);
            if !matches!(found, Location::Missing | Location::Namespace(_)) {
                return found;
            }
        }
        let (entries, exact) = self.search_path();
        let mark = entries.iter().position(Option::is_none).unwrap_or(0);
        let before: Vec<_> = entries[..mark].iter().flatten().cloned().collect();
        let found = self.world.find(&before, name);
        if !matches!(found, Location::Missing | Location::Namespace(_)) {
            return found;
        }
        if stdlib {
            return Location::Stdlib(Name::new(name));
        }
        let all: Vec<_> = entries.into_iter().flatten().collect();
        let found = self.world.find(&all, name);
        let found = if found.is_found() { found } else { self.world.find_late(name) };
        if found == Location::Missing && !exact {
            return Location::Opaque("sys.path is changed in a way that cannot be followed");
        }
        found
    }

    pub(super) fn find_in(
        &mut self,
        package: ModId,
        parent: &str,
        tail: &str,
        name: &str,
    ) -> Result<Location, NotAPackage> {
        let module = &self.state.modules[package];
        let (ns, location) = (module.ns, module.location.clone());
        if let Some(found) = self.special_submodule(package, parent, tail) {
            return Ok(found);
        }
        let path = self.state.slot(ns, Name::new("__path__")).map(|slot| slot.value.clone());
        let Some(path) = path else {
            return match location {
                Location::Stdlib(_) if self.stdlib_module(name) => Ok(Location::Stdlib(Name::new(name))),
                Location::Stdlib(_) if self.stdlib_is_package(parent) => Ok(Location::Missing),
                Location::Stdlib(_) | Location::Module(_) if self.state.ns(ns).open.is_none() => Err(NotAPackage),
                _ => Ok(Location::Opaque("submodule of a module that cannot be read")),
            };
        };
        let (entries, exact) = self.directories(&path);
        let directories: Vec<_> = entries.into_iter().flatten().collect();
        let found = self.world.find(&directories, tail);
        let found = if found.is_found() { found } else { self.world.find_late(name) };
        let unsure = !exact || matches!(location, Location::Opaque(_));
        Ok(if found == Location::Missing && unsure { Location::Opaque("__path__ is not known") } else { found })
    }

    /// Makes the module object, runs its code, and takes it out of `sys.modules` if that raises.
    fn load(&mut self, id: Name, location: Location) -> Eval {
        if let Some(module) = self.undone.get(&id).copied()
            && self.state.modules[module].location == location
            && self.state.modules[module].phase == Phase::Loaded
        {
            self.state.set_loaded(id, Some(Value::Module(module)));
            return Ok(Value::Module(module));
        }
        let module = self.new_module(id, location);
        self.originals.insert(id, module);
        self.state.set_loaded(id, Some(Value::Module(module)));
        let warned = match self.state.modules[module].location {
            Location::Stdlib(name) if PRELOADED.binary_search(&name.as_str()).is_err() => {
                self.library_warns(Occasion::Import, name.as_str())
            }
            _ => Ok(()),
        };
        if let Err(throw) = warned.and_then(|()| self.execute(module)) {
            self.state.modules[module].phase = Phase::Failed;
            self.state.set_loaded(id, None);
            return Err(throw);
        }
        self.state.modules[module].phase = Phase::Loaded;
        match self.state.loaded(id).cloned() {
            Some(value) => Ok(value),
            None => Err(self.error("KeyError", format!("'{id}'"))),
        }
    }

    fn new_module(&mut self, name: Name, location: Location) -> ModId {
        let ns = self.state.new_ns();
        let directories: Option<Vec<PathBuf>> = match &location {
            Location::Package { directory, .. } => Some(vec![directory.to_path_buf()]),
            Location::Extension { directory: Some(directory), .. } => Some(vec![directory.to_path_buf()]),
            Location::Namespace(portions) => Some(portions.to_vec()),
            _ => None,
        };
        let is_package = directories.is_some();
        if let Some(directories) = directories {
            let items = directories.iter().map(|path| Value::str(&path.to_string_lossy())).collect();
            let path = self.state.list(items);
            self.state.bind(ns, Name::new("__path__"), path);
        }
        if let Some(reason) = unreadable(&location) {
            self.state.open(ns, reason);
        }
        let module = Module { name, location, ns, phase: Phase::Loading, unit: None, is_package, shallow: false };
        self.state.modules.push(module)
    }

    /// Executes a file as module `name`: `spec_from_file_location` and `exec_module`, parents first where they exist.
    pub(super) fn import_from_file(&mut self, name: &str, file: &Path) -> Eval<()> {
        let id = Name::new(name);
        if self.state.loaded(id).is_some() {
            return Ok(());
        }
        let file = Arc::new(file.to_path_buf());
        let init = file.file_name().is_some_and(|base| base == "__init__.py");
        let location = match file.parent() {
            Some(parent) if init => {
                Location::Package { init: Arc::clone(&file), directory: Arc::new(parent.to_path_buf()) }
            }
            _ => Location::Module(file),
        };
        let value = self.load(id, location)?;
        if let Some((parent, tail)) = name.rsplit_once('.')
            && let Some(Value::Module(parent)) = self.state.loaded(Name::new(parent)).cloned()
        {
            let ns = self.state.modules[parent].ns;
            self.state.bind(ns, Name::new(tail), value);
        }
        Ok(())
    }

    /// Puts a module of the standard library into `sys.modules`.
    pub(super) fn load_stdlib(&mut self, id: Name) -> Value {
        let module = self.new_module(id, Location::Stdlib(id));
        self.state.modules[module].phase = Phase::Loaded;
        self.state.set_loaded(id, Some(Value::Module(module)));
        Value::Module(module)
    }

    /// `types.ModuleType(name)`
    pub(super) fn synthetic_module(&mut self, name: Name) -> ModId {
        let module = self.new_module(name, Location::Opaque("a module made by code"));
        let ns = self.state.modules[module].ns;
        self.state.modules[module].phase = Phase::Loaded;
        self.state.modules[module].location = Location::Missing;
        self.state.close(ns);
        module
    }

    /// Runs a module's code.
    fn execute(&mut self, module: ModId) -> Eval<()> {
        let Some(file) = self.state.modules[module].location.source().cloned() else { return Ok(()) };
        let name = self.state.modules[module].name;
        let ns = self.state.modules[module].ns;
        let Some(unit) = self.load_unit(&file) else {
            self.state.open(ns, "its file cannot be read");
            return Ok(());
        };
        self.state.modules[module].unit = Some(unit);
        self.log_executes(name, Arc::clone(&file));
        self.refused(unit, module)?;
        self.state.modules[module].shallow = self.is_shallow(name);
        let program = self.program(unit, ProgramId::MODULE);
        self.frames.push(self.module_frame(unit, module, ns));
        self.tries.push(Vec::new());
        // A module body is no call, whoever imports it.
        let calls = std::mem::take(&mut self.calls);
        let result = self.exec_block(&program.body).map(|_| ());
        self.calls = calls;
        // A body runs once; functions that are called later decode it again for their definitions.
        self.units[unit].programs.remove(&ProgramId::MODULE);
        self.last_run = Some((unit, program));
        self.frames.pop();
        let possible = self.tries.pop().unwrap_or_default();
        self.pass_on_imports(unit, possible);
        result?;
        self.after_execution(module);
        Ok(())
    }

    /// Of what may go wrong in a module, only what some condition of a project's module decides reaches its importer:
    /// operations whose outcome is not known are taken to work out.
    fn pass_on_imports(&mut self, unit: UnitId, possible: Vec<May>) {
        if !self.units[unit].is_project {
            return;
        }
        for may in possible {
            if matches!(&may, May::This(throw) if throw.is_import()) {
                self.may_raise(may);
            }
        }
    }

    fn module_frame(&self, unit: UnitId, module: ModId, ns: NsId) -> Activation {
        Activation {
            unit,
            program: ProgramId::MODULE,
            module,
            scope: Scope::Module,
            ns,
            closure: Vec::new(),
            locals: Default::default(),
            globals: Default::default(),
            nonlocals: Default::default(),
            span: Span::default(),
            function: None,
            first: None,
            may_return: Vec::new(),
            left: false,
            loop_left: false,
            is_comprehension: false,
            has_decided: false,
            qualname: Arc::from(""),
            limit: self.limit,
        }
    }

    /// pytest's own package is big, and models play what matters of it: its imports are taken for granted.
    fn is_shallow(&self, name: Name) -> bool {
        let top = name.as_str().split('.').next().unwrap_or_default();
        matches!(top, "pytest" | "_pytest") && self.root.as_str().split('.').next() != Some(top)
    }

    /// Raises if the target version refuses the file.
    fn refused(&mut self, unit: UnitId, module: ModId) -> Eval<()> {
        let summary = Arc::clone(&self.units[unit].summary);
        let version = self.setup.version;
        let Some(problem) = summary.fatal_problem(version) else { return Ok(()) };
        let index = summary.problems.iter().position(|other| std::ptr::eq(other, problem)).unwrap_or(0);
        let cause = Cause::Refused { file: Arc::clone(&self.units[unit].file), problem: index };
        let mut throw = self.throw(&problem.exception, Some(problem.message.clone()), cause);
        let frame = super::Frame { line: problem.line, ..self.frame_at(unit, module, problem.span) };
        throw.raised.frames.push(frame);
        Err(throw)
    }

    pub(super) fn load_unit(&mut self, file: &Arc<PathBuf>) -> Option<UnitId> {
        if let Some(known) = self.unit_of.get(file) {
            return *known;
        }
        let unit = self
            .world
            .summary(file)
            .map(|summary| self.units.push(Unit::new(Arc::clone(file), summary, self.world.is_project(file), None)));
        self.unit_of.insert(Arc::clone(file), unit);
        unit
    }

    // ---- statements ----

    /// `import a.b.c [as d]`
    pub(super) fn exec_import(&mut self, module: Sym, alias: Option<Sym>) -> Eval<()> {
        let dotted = self.text(module);
        let top = dotted.split('.').next().unwrap_or_default();
        if self.current_module_is_shallow() {
            let name = alias.map_or_else(|| Name::new(top), |alias| self.name(alias));
            self.bind(name, Value::Unknown);
            return Ok(());
        }
        let last = self.import_name(dotted)?;
        let Some(alias) = alias else {
            let value = self.state.loaded(Name::new(top)).cloned().unwrap_or(Value::Unknown);
            self.bind(Name::new(top), value);
            return Ok(());
        };
        let alias = self.name(alias);
        let value = self.import_as(dotted, last)?;
        self.bind(alias, value);
        Ok(())
    }

    /// `import a.b.c as d` walks attributes from `a`, and falls back to `sys.modules` at each step.
    fn import_as(&mut self, dotted: &str, last: Value) -> Eval {
        let mut parts = dotted.split('.');
        let first = parts.next().unwrap_or_default();
        if first == dotted {
            return Ok(last);
        }
        let mut value = self.state.loaded(Name::new(first)).cloned().unwrap_or(Value::Unknown);
        for part in parts {
            value = self.import_from_value(&value, Name::new(part))?;
        }
        Ok(value)
    }

    /// `from module import names`
    pub(super) fn exec_import_from(&mut self, level: u32, module: Sym, names: &[ImportName], star: bool) -> Eval<()> {
        let dotted = self.text(module);
        if dotted == "__future__" {
            let future: Vec<_> =
                names.iter().map(|n| (self.name(n.alias.unwrap_or(n.name)), self.text(n.name))).collect();
            for (name, feature) in future {
                self.bind(name, Value::external(&format!("__future__.{feature}")));
            }
            return Ok(());
        }
        if self.current_module_is_shallow() {
            self.import_shallowly(names, star);
            return Ok(());
        }
        let target = self.resolve(level, dotted)?;
        let value = self.import_name(&target)?;
        if star {
            return self.import_star(&target, &value);
        }
        for import in names {
            let name = self.name(import.name);
            self.handle_fromlist(&target, &value, name)?;
        }
        for import in names {
            let (name, bound) = (self.name(import.name), self.name(import.alias.unwrap_or(import.name)));
            let found = self.import_from_value(&value, name)?;
            self.bind(bound, found);
        }
        Ok(())
    }

    fn current_module_is_shallow(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.state.modules[frame.module].shallow)
    }

    /// Names of pytest's own package: external objects under their public name.
    fn import_shallowly(&mut self, names: &[ImportName], star: bool) {
        let module = self.frames.last().map(|frame| frame.module);
        let Some(module) = module else { return };
        let (own, ns) = (self.state.modules[module].name, self.state.modules[module].ns);
        if star {
            self.state.open(ns, "star import that is not followed");
        }
        for import in names {
            let bound = self.name(import.alias.unwrap_or(import.name));
            let value =
                if own.as_str() == "pytest" { Value::external(&format!("pytest.{bound}")) } else { Value::Unknown };
            self.bind(bound, value);
        }
    }

    /// The absolute name of a possibly relative one.
    pub(super) fn resolve(&mut self, level: u32, dotted: &str) -> Eval<String> {
        if level == 0 {
            return Ok(dotted.to_owned());
        }
        let package = self.package();
        let Some(package) = package else { return Err(self.give_up("__package__ is not known")) };
        if package.is_empty() {
            let message = "attempted relative import with no known parent package".to_owned();
            return Err(self.throw("ImportError", Some(message), Cause::RelativeNoPackage));
        }
        match relative_base(&package, level) {
            Some(base) if dotted.is_empty() => Ok(base.to_owned()),
            Some(base) => Ok(format!("{base}.{dotted}")),
            None => {
                let class = exceptions::beyond_top_class(self.setup.version);
                let message = "attempted relative import beyond top-level package".to_owned();
                Err(self.throw(class, Some(message), Cause::RelativeBeyondTop))
            }
        }
    }

    /// `__package__` of the running module; none if it is not known.
    pub(super) fn package(&self) -> Option<String> {
        let frame = self.frames.last()?;
        let module = &self.state.modules[frame.module];
        match self.state.slot(module.ns, Name::new("__package__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => return Some(text.to_string()),
            Some(Value::None) | None => {}
            Some(_) => return None,
        }
        let name = module.name.as_str();
        Some(if module.is_package { name } else { name.rsplit_once('.').map_or("", |(package, _)| package) }.to_owned())
    }

    /// The same for a package that replaced itself by an object whose attributes are not known.
    fn handle_replaced(&mut self, target: &str, name: Name) -> Eval<()> {
        if let Some(package) = self.original(target)
            && self.state.slot(self.state.modules[package].ns, name).is_none()
            && self.submodule_exists(package, name)
        {
            self.import_name(&format!("{target}.{name}"))?;
        }
        Ok(())
    }

    /// For packages: a missing name may be a submodule, which is then imported.
    fn handle_fromlist(&mut self, target: &str, value: &Value, name: Name) -> Eval<()> {
        let Value::Module(module) = *value else {
            return self.handle_replaced(target, name);
        };
        if !self.has_path(module) {
            return Ok(());
        }
        let found = match self.module_attribute(module, name) {
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => Found::No,
            other => other?,
        };
        match found {
            Found::Yes(_) => return Ok(()),
            Found::Maybe(_) | Found::Unknown => {
                let known = self.state.slot(self.state.modules[module].ns, name).is_some();
                if known || !self.submodule_exists(module, name) {
                    return Ok(());
                }
            }
            Found::No => {}
        }
        let full = format!("{}.{name}", self.module_name(module));
        match self.import_name(&full) {
            Ok(_) => Ok(()),
            Err(throw)
                if throw.import_name.is_some_and(|missing| missing.as_str() == full)
                    && throw.raised.class.as_str() == "ModuleNotFoundError" =>
            {
                Ok(())
            }
            Err(throw) => Err(throw),
        }
    }

    fn submodule_exists(&mut self, module: ModId, name: Name) -> bool {
        let parent = self.module_name(module);
        let full = format!("{parent}.{name}");
        matches!(self.find_in(module, &parent, name.as_str(), &full), Ok(location) if location.is_found() && !matches!(location, Location::Opaque(_) | Location::Namespace(_)))
    }

    fn has_path(&self, module: ModId) -> bool {
        let module = &self.state.modules[module];
        match module.location {
            Location::Stdlib(name) => self.stdlib_is_package(name.as_str()),
            _ => module.is_package || self.state.slot(module.ns, Name::new("__path__")).is_some(),
        }
    }

    /// `__name__` as the module has it now.
    pub(super) fn module_name(&self, module: ModId) -> String {
        let module = &self.state.modules[module];
        match self.state.slot(module.ns, Name::new("__name__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => text.to_string(),
            _ => module.name.as_str().to_owned(),
        }
    }

    /// The IMPORT_FROM instruction: attribute, then `sys.modules`, then ImportError.
    pub(super) fn import_from_value(&mut self, value: &Value, name: Name) -> Eval {
        let Value::Module(module) = *value else {
            return self.import_from_object(value, name);
        };
        let found = match self.module_attribute(module, name) {
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => Found::No,
            other => other?,
        };
        match found {
            Found::Yes(value) => {
                self.warn_of_name(module, name)?;
                return Ok(value);
            }
            Found::Maybe(value) => {
                self.may_raise(May::Import);
                return Ok(value);
            }
            Found::Unknown => {
                // Compiled modules nearly always have what is asked of them.
                if !matches!(self.state.modules[module].location, Location::Extension { .. }) {
                    self.may_raise(May::Import);
                }
                return Ok(Value::Unknown);
            }
            Found::No => {}
        }
        let full = Name::new(&format!("{}.{name}", self.module_name(module)));
        match self.state.loaded(full).cloned() {
            Some(Value::None) | None if self.may_appear(module, name) => {
                self.may_raise(May::Import);
                Ok(Value::Unknown)
            }
            Some(Value::None) | None => Err(self.cannot_import(module, name)),
            Some(value) => Ok(value),
        }
    }

    fn import_from_object(&mut self, value: &Value, name: Name) -> Eval {
        if *value == Value::None {
            let text = exceptions::cannot_import_name(name.as_str(), "<unknown module name>", None, false);
            return Err(self.error("ImportError", text));
        }
        match self.attribute(value, name) {
            Ok(value) => Ok(value),
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => {
                self.may_raise(May::Import);
                Ok(Value::Unknown)
            }
            Err(throw) => Err(throw),
        }
    }

    fn cannot_import(&mut self, module: ModId, name: Name) -> Box<Throw> {
        let own = self.module_name(module);
        let partial = self.state.modules[module].phase == Phase::Loading;
        let file = self.file_text(module);
        let text = exceptions::cannot_import_name(name.as_str(), &own, file.as_deref(), partial);
        let path = self.module_source(module);
        let cause = Cause::MissingName { module: Name::new(&own), file: path, name, partial };
        self.throw("ImportError", Some(text), cause)
    }

    pub(super) fn module_source(&self, module: ModId) -> Option<Arc<PathBuf>> {
        match &self.state.modules[module].location {
            Location::Extension { file, .. } => Some(Arc::clone(file)),
            other => other.source().cloned(),
        }
    }

    /// `__file__` as messages print it.
    pub(super) fn file_text(&self, module: ModId) -> Option<String> {
        let data = &self.state.modules[module];
        match self.state.slot(data.ns, Name::new("__file__")).map(|slot| &slot.value) {
            Some(Value::Str(text)) => return Some(text.to_string()),
            Some(_) => return None,
            None => {}
        }
        if let Location::Stdlib(name) = data.location {
            return self.stdlib_file(name.as_str());
        }
        self.module_source(module).map(|file| file.to_string_lossy().into_owned())
    }

    /// `from module import *`
    fn import_star(&mut self, target: &str, value: &Value) -> Eval<()> {
        let Some(own) = self.frames.last().map(|frame| frame.ns) else { return Ok(()) };
        let Value::Module(module) = *value else {
            if *value == Value::None {
                return Err(self.error("ImportError", "from-import-* object has no __dict__ and no __all__"));
            }
            self.state.open(own, "star import from an object that is not known");
            return Ok(());
        };
        let ns = self.state.modules[module].ns;
        let all = match self.module_attribute(module, Name::new("__all__")) {
            Ok(Found::Yes(all) | Found::Maybe(all)) => Some(all),
            Ok(Found::Unknown | Found::No) => None,
            Err(throw) if throw.raised.class.as_str() == "AttributeError" => None,
            Err(throw) => return Err(throw),
        };
        // The library's tables say what its modules export.
        let library = matches!(self.state.modules[module].location, Location::Stdlib(_));
        if let Some(all) = all.filter(|_| !library) {
            return self.import_all(target, module, own, &all);
        }
        let visible: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect();
        for (name, slot) in visible.into_iter().filter(|(name, _)| !name.as_str().starts_with('_')) {
            self.bind_slot(own, name, slot);
        }
        self.bind_stdlib_names(module, own);
        if let Some(reason) = self.state.ns(ns).open {
            self.state.open(own, reason);
        }
        Ok(())
    }

    /// Names that `__all__` lists and neither the namespace nor a submodule provides; none if that cannot be told.
    pub(super) fn lacks_of(&mut self, module: ModId) -> Vec<Name> {
        let ns = self.state.modules[module].ns;
        let getattr = self.state.slot(ns, Name::new("__getattr__")).is_some();
        let all = self.state.slot(ns, Name::new("__all__")).filter(|slot| !slot.maybe).map(|slot| slot.value.clone());
        let Some((items, true)) = all.and_then(|all| self.elements(&all)) else { return Vec::new() };
        if getattr || self.state.ns(ns).open.is_some() {
            return Vec::new();
        }
        let mut found: Vec<Name> = Vec::new();
        for name in items.iter().filter_map(Value::as_str).map(Name::new) {
            let lacks = self.state.slot(ns, name).is_none() && self.module_special(module, name).is_none();
            let full = Name::new(&format!("{}.{name}", self.state.modules[module].name));
            if lacks
                && self.state.loaded(full).is_none()
                && !(self.has_path(module) && self.may_have_submodule(module, name))
                && !found.contains(&name)
            {
                found.push(name);
            }
        }
        found
    }

    /// Whether an import of the submodule might find something.
    fn may_have_submodule(&mut self, module: ModId, name: Name) -> bool {
        let parent = self.module_name(module);
        let full = format!("{parent}.{name}");
        !matches!(self.find_in(module, &parent, name.as_str(), &full), Ok(Location::Missing))
    }

    fn import_all(&mut self, target: &str, module: ModId, own: NsId, all: &Value) -> Eval<()> {
        let (items, exact) = self.elements(all).unwrap_or((Vec::new(), false));
        if !exact || items.iter().any(|item| item.as_str().is_none()) {
            self.state.open(own, "star import from a module whose __all__ is not known");
            let ns = self.state.modules[module].ns;
            let visible: Vec<_> = self.state.ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect();
            for (name, slot) in visible.into_iter().filter(|(name, _)| !name.as_str().starts_with('_')) {
                self.bind_slot(own, name, slot);
            }
        }
        for item in items {
            let Some(text) = item.as_str() else { continue };
            let name = Name::new(text);
            self.handle_fromlist(target, &Value::Module(module), name)?;
            match self.module_attribute(module, name)? {
                Found::Yes(value) => self.state.bind(own, name, value),
                Found::Maybe(value) => {
                    self.may_raise(May::Attribute);
                    self.state.bind(own, name, value);
                }
                Found::Unknown => {
                    self.may_raise(May::Attribute);
                    self.state.bind(own, name, Value::Unknown);
                }
                Found::No if exact && !self.may_appear(module, name) => {
                    return Err(self.no_module_attribute(module, name));
                }
                Found::No => {}
            }
        }
        Ok(())
    }

    fn bind_slot(&mut self, ns: NsId, name: Name, slot: super::state::Slot) {
        if !slot.maybe || self.state.slot(ns, name).is_none() {
            self.state.bind_slot(ns, name, slot);
        }
    }
}

/// The parent of a dotted name has no `__path__`.
pub(super) struct NotAPackage;

/// Why names of such a module cannot be seen.
const fn unreadable(location: &Location) -> Option<&'static str> {
    match location {
        Location::Extension { .. } => Some("compiled module"),
        Location::Opaque(reason) => Some(reason),
        _ => None,
    }
}
