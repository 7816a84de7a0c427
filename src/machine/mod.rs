//! The import machine: what happens when one process imports these modules in this order?
//!
//! It executes [`crate::summary`] programs with three-valued outcomes, following CPython's import algorithm. Its only
//! window to the world is the [`Modules`] trait. (Design: SIMULATOR.md; rules: python-import.md.)

mod arguments;
mod ask;
pub mod asked;
mod assign;
mod attribute;
mod attribute_set;
mod attrs;
mod binding;
mod borrow;
mod branch;
mod call;
mod class;
mod class_checks;
mod construct;
mod control;
mod convert;
mod dataclass;
mod define;
mod endless;
mod enums;
mod eval;
mod exec;
mod find;
mod generator;
mod given;
mod import;
mod import_from;
pub mod kinds;
mod lacks;
mod later;
#[cfg(test)]
mod laws;
mod library;
mod load;
mod log;
mod metaclass;
mod mistakes;
mod numbers;
mod offers;
mod operate;
pub mod outcome;
mod overhear;
mod percent;
mod preloaded;
mod probe;
mod raise;
mod repair;
mod running;
mod scope;
mod setters;
mod shadowing;
mod star;
pub mod state;
mod trace;
pub mod value;
mod with;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

pub use borrow::Borrowed;
pub use given::{Modules, Setup};
pub use library::{DJANGO_SETTINGS, FilterLine, KnownMarks, Metafunc, RefusedFilter, is_muting_fixture};
pub use log::{Notice, NoticeKind};
pub use outcome::{Cause, Detail, Event, Frame, Hit, Outcome, Raised, Unlisted};
pub use probe::{Ending, Followed};
pub use repair::Repair;
use running::{Activation, Scope, Unit};
use state::{Namespace, State};
use value::{FnId, ModId, NsId, ObjId, UnitId, Value};

use crate::base::index::IndexVec;
use crate::base::intern::Name;
use crate::base::paths::PathMap;
use crate::base::span::Span;
use crate::python::location::Location;
use crate::summary::program::{FunctionDef, Parameter, Program};
use crate::summary::{ProgramId, Summary};

/// The simulated process.
pub struct Machine<'w> {
    world: &'w dyn Modules,
    setup: Setup,
    state: State,
    units: IndexVec<UnitId, Unit>,
    setters: setters::Setters,
    unit_of: PathMap<Option<UnitId>>,
    frames: Vec<Activation>,
    tries: Vec<Vec<log::May>>,
    handled: Vec<log::Throw>,
    /// What is known of locks, events and threads.
    waits: library::Waits,
    /// A function is followed as if it was called by pytest when tests run: peers are there.
    probing: bool,
    /// What the outermost generator that is followed yielded first.
    yielded: Option<Value>,
    /// The call that gave None because nothing was found, with the depth of frames.
    plain_none: Option<(usize, Span)>,
    /// Getters of properties that have a setter or deleter.
    settable: FxHashSet<FnId>,
    /// Environment variables that functions which are followed cannot do without.
    variables_read: Vec<Name>,
    /// `try` statements around what runs, importing modules' ones included.
    guarded: u32,
    /// Open branches of which only one is taken.
    doubt: u32,
    steps: u64,
    /// Steps spent in calls of each function body.
    spent: FxHashMap<(UnitId, ProgramId), u64>,
    limit: u64,
    calls: u32,
    imports: u32,
    events: Vec<Event>,
    root: Name,
    sys_path: ObjId,
    known_path: std::cell::RefCell<Option<Arc<find::SysPath>>>,
    argv: ObjId,
    /// `warnings.filters`: the first that fits decides.
    filters: ObjId,
    /// Django: what is configured (`library/django.rs`).
    django: NsId,
    /// Tables of SQLAlchemy's `MetaData` objects, and where each was declared first.
    tables: NsId,
    declared: FxHashMap<Name, Frame>,
    /// What they were before pytest added its own.
    outer_filters: Vec<value::Object>,
    /// Modules that a branch loaded before it was undone: the other branch gets the same object.
    undone: FxHashMap<Name, ModId>,
    /// Top-level packages that install import hooks of their own.
    hooked: FxHashSet<Name>,
    /// Registered marks, once pytest is configured and if they are known.
    marks: Option<KnownMarks>,
    /// What pytest would warn of.
    notices: Vec<log::Notice>,
    library: std::cell::RefCell<offers::Library>,
    /// Names of `builtins` that were asked for; none for those that it does not have.
    builtins: std::cell::RefCell<FxHashMap<Name, Option<Value>>>,
    /// Major versions of packages, as far as they were asked for.
    majors: FxHashMap<Box<str>, Option<u32>>,
    /// Calls of packages into themselves that are being followed.
    package_calls: u32,
    /// Steps spent in followed calls since pytest asked for the import.
    call_steps: u64,
    /// Files that code wrote.
    written: FxHashSet<PathBuf>,
    /// Steps granted beyond that for data that was read from files.
    granted: u64,
    /// Bodies that were given up: they are not tried again.
    too_long: FxHashSet<(UnitId, ProgramId)>,
    /// Whether code of the project may have run that was not seen running: it was handed out, or not followed.
    runs_unseen: bool,
    /// Calls so far whose answer hangs on more than the process.
    asked_outside: u64,
    /// Modules that ran code which is not read: what they import later may have been put into `sys.modules` by it.
    wild: FxHashSet<ModId>,
    /// The module object that an import made for a name, whatever its code put into `sys.modules` since.
    originals: FxHashMap<Name, ModId>,
    /// `with` statements around generators that have not yielded.
    waiting: Vec<generator::Waiting>,
    /// Generators whose values are being listed, and all that were.
    listings: Vec<generator::Listing>,
    iterated: Vec<Arc<(FnId, Vec<Value>, value::Keywords)>>,
    /// Module `__getattr__` functions that run.
    getattrs: u32,
    /// Runs that find out the kind of a result, one within the other; the steps of all for one module.
    kind_runs: u32,
    /// Loops around, in all frames, whose number of rounds is not known.
    open_loops: u32,
    kind_steps: u64,
    kind_spent: FxHashMap<(UnitId, ProgramId), u64>,
    kind_too_long: FxHashSet<(UnitId, ProgramId)>,
    /// Decorators that are being applied.
    decorating: u32,
    /// What listening to code that is not believed has cost.
    overheard: overhear::Overheard,
    /// What imports leave behind for each other.
    ledger: borrow::Ledger,
    /// Parameters of functions that were called, and of lambdas.
    lambda_parameters: FxHashMap<FnId, Arc<[Parameter]>>,
    /// The module whose body ran last: its functions are asked for next, if it is a test module.
    last_run: Option<(UnitId, Arc<Program>)>,
}

/// Steps that one import asked for by pytest may take.
const IMPORT_STEPS: u64 = 40_000_000;
/// Steps that one followed call may take.
const CALL_STEPS: u64 = 10_000;
/// Steps that all followed calls of one import asked for by pytest may take.
const CALLS_STEPS: u64 = 300_000;
/// Steps that all calls of one function may take together: a decorator that is applied a thousand times tells nothing new.
const FUNCTION_STEPS: u64 = 200_000;
/// Nested calls that are followed.
const CALL_DEPTH: u32 = 24;
/// Nested imports; CPython's own recursion limit ends chains sooner.
const IMPORT_DEPTH: u32 = 1_500;
/// Address space of the thread that executes: nested imports are nested calls of ours.
const STACK: usize = 1 << 30;

thread_local! {
    static LARGE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Runs `work` on a thread with room for deep nesting, unless this thread is one already.
pub fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if LARGE.get() {
        return work();
    }
    std::thread::scope(|scope| {
        let run = move || {
            LARGE.set(true);
            work()
        };
        match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run) {
            Ok(handle) => handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => std::panic::panic_any(format!("failed to start the machine's thread: {error}")),
        }
    })
}

impl<'w> Machine<'w> {
    /// The process before its first import.
    #[must_use]
    pub fn new(world: &'w dyn Modules, setup: Setup) -> Self {
        let mut state = State::with_room();
        let entries = setup.path.iter().map(|path| Self::path_entry(path)).collect();
        let sys_path = state.new_object(entries, Vec::new(), true);
        state.join_as_union(sys_path);
        state.watch(sys_path);
        let command = setup.path.iter().find(|entry| entry.ends_with("bin")).map(|bin| bin.join("pytest"));
        let command = command.unwrap_or_else(|| PathBuf::from("pytest"));
        let argv = std::iter::once(Value::str(&command.to_string_lossy()))
            .chain(setup.arguments.iter().map(|argument| Value::str(argument)))
            .collect();
        // Options are what code asks for; the number of arguments changes from one invocation to the next.
        let argv = state.new_object(argv, Vec::new(), false);
        let filters = state.new_object(Vec::new(), Vec::new(), true);
        let (django, tables) = (state.new_ns(), state.new_ns());
        let mut machine = Self {
            world,
            setup,
            state,
            units: IndexVec::new(),
            setters: setters::Setters::default(),
            unit_of: PathMap::default(),
            frames: Vec::new(),
            tries: Vec::new(),
            handled: Vec::new(),
            waits: library::Waits::default(),
            probing: false,
            yielded: None,
            plain_none: None,
            settable: FxHashSet::default(),
            variables_read: Vec::new(),
            guarded: 0,
            doubt: 0,
            steps: 0,
            spent: FxHashMap::default(),
            limit: IMPORT_STEPS,
            calls: 0,
            imports: 0,
            events: Vec::new(),
            root: Name::new(""),
            sys_path,
            known_path: std::cell::RefCell::default(),
            argv,
            filters,
            django,
            tables,
            declared: FxHashMap::default(),
            outer_filters: Vec::new(),
            undone: FxHashMap::default(),
            hooked: FxHashSet::default(),
            marks: None,
            notices: Vec::new(),
            library: std::cell::RefCell::default(),
            builtins: std::cell::RefCell::default(),
            majors: FxHashMap::default(),
            package_calls: 0,
            getattrs: 0,
            kind_runs: 0,
            open_loops: 0,
            kind_steps: 0,
            kind_spent: FxHashMap::default(),
            kind_too_long: FxHashSet::default(),
            decorating: 0,
            overheard: overhear::Overheard::default(),
            ledger: borrow::Ledger::default(),
            waiting: Vec::new(),
            listings: Vec::new(),
            iterated: Vec::new(),
            originals: FxHashMap::default(),
            wild: FxHashSet::default(),
            runs_unseen: false,
            asked_outside: 0,
            call_steps: 0,
            granted: 0,
            written: FxHashSet::default(),
            too_long: FxHashSet::default(),
            lambda_parameters: FxHashMap::default(),
            last_run: None,
        };
        for (name, value) in machine.setup.variables.clone() {
            machine.state.set_variable(Name::new(&name), Value::str(&value));
        }
        machine.initial_filters();
        machine
    }

    fn path_entry(path: &Path) -> Value {
        if path.as_os_str().is_empty() {
            Value::external(find::STDLIB_ENTRY)
        } else {
            Value::str(&path.to_string_lossy())
        }
    }

    /// `importlib.import_module(name)`, as pytest calls it.
    pub fn import(&mut self, name: &str) -> Outcome {
        self.drive(name, |machine| machine.import_name(name).map(|_| ()))
    }

    /// Executes `file` as module `name` without looking at `sys.path` (`--import-mode=importlib`).
    pub fn import_file(&mut self, name: &str, file: &Path) -> Outcome {
        self.drive(name, |machine| machine.import_from_file(name, file))
    }

    /// Makes a directory without `__init__.py` the package `name` without looking at `sys.path`.
    pub fn import_directory(&mut self, name: &str, directory: &Path) -> Outcome {
        self.drive(name, |machine| machine.load_directory(name, directory))
    }

    /// What pytest up to 8.3 does with `--import-mode=importlib`: the parents of a module that was executed are imported or
    /// made up.
    pub fn insert_missing_modules(&mut self, name: &str) -> Outcome {
        self.drive(name, |machine| machine.insert_missing(name))
    }

    fn drive(&mut self, name: &str, work: impl FnOnce(&mut Self) -> log::Eval<()> + Send) -> Outcome {
        self.root = Name::new(name);
        self.limit = self.steps + IMPORT_STEPS;
        self.call_steps = 0;
        self.kind_steps = 0;
        self.overheard.steps = 0;
        self.ledger_begins();
        let result = on_large_stack(|| work(self));
        self.ledger_ends();
        self.frames.clear();
        self.tries.clear();
        self.guarded = 0;
        self.handled.clear();
        match result {
            Ok(()) => Outcome::Completes,
            Err(throw) => match throw.kind {
                log::ThrowKind::Hang => Outcome::Hangs(Box::new(throw.raised)),
                log::ThrowKind::GiveUp => Outcome::Unknown(throw.raised.message.unwrap_or_default()),
                log::ThrowKind::Exception | log::ThrowKind::Dead => Outcome::Raises(Box::new(throw.raised)),
            },
        }
    }

    /// `sys.path.insert(index, directory)`.
    pub fn insert_path(&mut self, index: usize, directory: &Path) {
        self.add_to_path(index, directory);
    }

    /// `sys.path.append(directory)`.
    pub fn append_path(&mut self, directory: &Path) {
        self.add_to_path(usize::MAX, directory);
    }

    /// Whether a directory is the first known entry of `sys.path`.
    #[must_use]
    pub fn is_first_in_path(&self, directory: &Path) -> bool {
        self.first_directory().is_some_and(|first| first.unwrap_or_default().as_path() == directory)
    }

    /// `sys.path` as it is now; the standard library is an empty path, entries that are not known are left out.
    #[must_use]
    pub fn path(&self) -> Vec<Arc<PathBuf>> {
        self.search_path().entries.clone()
    }

    /// Whether `sys.path` has a directory among its known entries.
    #[must_use]
    pub fn is_in_path(&self, directory: &Path) -> bool {
        self.search_path().holds(directory)
    }

    /// `del sys.modules[name]`, if it is there.
    pub fn forget(&mut self, name: &str) {
        self.state.set_loaded(Name::new(name), None);
    }

    /// Takes all modules of the project out of `sys.modules`, as a new process would be without them.
    pub fn forget_project(&mut self) {
        let project = |name: &&str| {
            let Some(module) = self.module(name) else { return false };
            let data = &self.state.modules[module];
            let place = match &data.location {
                Location::Namespace(portions) => portions.first().map(PathBuf::as_path),
                other => other.source().map(|file| file.as_path()),
            };
            place.is_some_and(|place| self.world.is_project(place))
        };
        let names: Vec<&str> = self.state.loaded_names().into_iter().filter(project).collect();
        for name in names {
            self.state.set_loaded(Name::new(name), None);
        }
        self.undone.clear();
    }

    /// Imports a module and undoes all that its import changed.
    pub fn try_import(&mut self, name: &str) -> Outcome {
        self.state.fork();
        let outcome = self.import(name);
        self.state.rewind();
        self.undone.clear();
        self.events.clear();
        outcome
    }

    /// Whether `sys.modules` holds the name.
    #[must_use]
    pub fn is_loaded(&self, name: &str) -> bool {
        self.state.loaded(Name::new(name)).is_some()
    }

    /// The module object behind a name of `sys.modules`.
    #[must_use]
    pub fn module(&self, name: &str) -> Option<ModId> {
        match self.state.loaded(Name::new(name))? {
            Value::Module(module) => Some(*module),
            _ => None,
        }
    }

    /// `__file__` of a loaded module: also of a package; none for namespaces and builtins.
    #[must_use]
    pub fn module_file(&self, name: &str) -> Option<Arc<PathBuf>> {
        let module = &self.state.modules[self.module(name)?];
        match &module.location {
            Location::Extension { file, .. } => Some(Arc::clone(file)),
            other => other.source().cloned(),
        }
    }

    /// The namespace of a loaded module.
    #[must_use]
    pub fn namespace(&self, name: &str) -> Option<&Namespace> {
        Some(self.state.ns(self.state.modules[self.module(name)?].ns))
    }

    /// The simulated process, to look into values.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Summary and file of a unit.
    #[must_use]
    pub fn unit(&self, unit: UnitId) -> (&Arc<PathBuf>, &Arc<Summary>) {
        let unit = &self.units[unit];
        (&unit.file, &unit.summary)
    }

    /// The program of a function, and the summary that holds it.
    pub fn body(&mut self, function: FnId) -> Option<(Arc<Summary>, Arc<Program>)> {
        let function = &self.state.functions[function];
        let (unit, body) = self.body_place(function.unit, function.body)?;
        let program = self.program(unit, body);
        Some((Arc::clone(&self.units[unit].summary), program))
    }

    /// The function body that a unit is about, if it is not about a whole file.
    #[must_use]
    pub fn within(&self, unit: UnitId) -> Option<ProgramId> {
        self.units[unit].within
    }

    /// The statement that defined a function; none for a lambda.
    pub fn function_def(&mut self, function: FnId) -> Option<Arc<FunctionDef>> {
        let function = &self.state.functions[function];
        let (unit, owner, body) = (function.unit, function.owner, function.body);
        self.definition(unit, owner, body)
    }

    /// Names that the lists of the project's loaded modules promise and the modules do not have, by module.
    #[must_use]
    pub fn unlisted(&mut self) -> Vec<Unlisted> {
        let mut found = Vec::new();
        for loaded in self.state.loaded_names() {
            let Some(module) = self.module(loaded) else { continue };
            let data = &self.state.modules[module];
            let own = data.unit.is_some_and(|unit| self.units[unit].is_project) && data.phase == state::Phase::Loaded;
            if own && let Some(file) = self.module_file(loaded) {
                let names = self.lacks_of(module);
                let module = Name::new(loaded);
                found.extend(names.into_iter().map(|name| Unlisted { module, file: Arc::clone(&file), name }));
            }
        }
        found
    }

    /// What pytest would warn of, in order.
    pub fn take_notices(&mut self) -> Vec<log::Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Steps taken so far.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// What happened since the last call.
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}
