//! Module objects: how they are made, and how their code runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exec::Flow;
use super::log::{Eval, May};
use super::outcome::Cause;
use super::preloaded::is_preloaded;
use super::state::{Module, Phase};
use super::value::{ModId, NsId, UnitId, Value};
use super::{Activation, Machine, Scope, Unit};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::location::Location;
use crate::python::stdlib::Occasion;
use crate::summary::ProgramId;
use crate::summary::program::Program;

impl Machine<'_> {
    /// Makes the module object, runs its code, and takes it out of `sys.modules` if that raises.
    pub(super) fn load(&mut self, id: Name, location: Location) -> Eval {
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
            Location::Stdlib(name) if !is_preloaded(name.as_str()) => {
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

    pub(super) fn new_module(&mut self, name: Name, location: Location) -> ModId {
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
        let file = Arc::new(file.to_path_buf());
        let init = file.file_name().is_some_and(|base| base == "__init__.py");
        let location = match file.parent() {
            Some(parent) if init => {
                Location::Package { init: Arc::clone(&file), directory: Arc::new(parent.to_path_buf()) }
            }
            _ => Location::Module(file),
        };
        self.import_at(name, location)
    }

    fn import_at(&mut self, name: &str, location: Location) -> Eval<()> {
        let id = Name::new(name);
        if self.state.loaded(id).is_some() {
            return Ok(());
        }
        let value = self.load(id, location)?;
        if let Some((parent, tail)) = name.rsplit_once('.')
            && let Some(Value::Module(parent)) = self.state.loaded(Name::new(parent)).cloned()
        {
            let ns = self.state.modules[parent].ns;
            self.state.bind(ns, Name::new(tail), value);
        }
        Ok(())
    }

    /// `insert_missing_modules` of pytest: parents are imported where that works; empty modules stand for the others.
    pub(super) fn insert_missing(&mut self, name: &str) -> Eval<()> {
        let mut child = name;
        while let Some((parent, tail)) = child.rsplit_once('.') {
            let id = Name::new(parent);
            let holder = match self.state.loaded(id).cloned() {
                Some(value) => value,
                None => match self.import_name(parent) {
                    Err(throw) if throw.raised.class.as_str() == "ModuleNotFoundError" => {
                        Value::Module(self.synthetic_module(id))
                    }
                    result => result?,
                },
            };
            if let (Value::Module(module), Some(value)) = (&holder, self.state.loaded(Name::new(child)).cloned()) {
                let ns = self.state.modules[*module].ns;
                if self.state.slot(ns, Name::new(tail)).is_none() {
                    self.state.bind(ns, Name::new(tail), value);
                    self.state.set_loaded(id, Some(holder));
                }
            }
            child = parent;
        }
        Ok(())
    }

    /// Makes a directory without `__init__.py` a package, wherever it lies.
    pub(super) fn load_directory(&mut self, name: &str, directory: &Path) -> Eval<()> {
        self.import_at(name, Location::Namespace(Arc::new(vec![directory.to_path_buf()])))
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
    pub(super) fn execute(&mut self, module: ModId) -> Eval<()> {
        let Some(file) = self.state.modules[module].location.source().cloned() else { return Ok(()) };
        let name = self.state.modules[module].name;
        let Some(unit) = self.load_unit(&file) else {
            let ns = self.state.modules[module].ns;
            self.state.open(ns, "its file cannot be read");
            return Ok(());
        };
        self.state.modules[module].unit = Some(unit);
        self.log_executes(name, Arc::clone(&file));
        let traced = self.trace_import(name, &file, super::Hit::Runs);
        let result = self.run_body(module, unit);
        if traced {
            self.trace_end(module, result.as_ref().err().map(|throw| &**throw));
        }
        result
    }

    fn run_body(&mut self, module: ModId, unit: UnitId) -> Eval<()> {
        let (name, ns) = (self.state.modules[module].name, self.state.modules[module].ns);
        self.refused(unit, module)?;
        self.state.modules[module].shallow = self.is_shallow(name);
        self.frames.push(self.module_frame(unit, module, ns));
        self.tries.push(Vec::new());
        // A module body is no call, whoever imports it.
        let calls = std::mem::take(&mut self.calls);
        let result = self.exec_module(unit);
        self.calls = calls;
        self.frames.pop();
        let possible = self.tries.pop().unwrap_or_default();
        self.pass_on_imports(unit, possible);
        result?;
        self.after_execution(module);
        Ok(())
    }

    /// Runs the module's statements. Many modules end at their first imports: what stands behind is not decoded.
    fn exec_module(&mut self, unit: UnitId) -> Eval<()> {
        let summary = Arc::clone(&self.units[unit].summary);
        let mut program = Program::default();
        let mut result = Ok(());
        for op in summary.programs.statements(ProgramId::MODULE) {
            let flow = self.exec_block(std::slice::from_ref(&op));
            program.body.push(op);
            match flow {
                Ok(Flow::Next) => {}
                flow => {
                    result = flow.map(|_| ());
                    program.body.clear();
                    break;
                }
            }
        }
        // A body runs once; functions that are called later decode it again for their definitions.
        self.units[unit].programs.remove(&ProgramId::MODULE);
        self.last_run = (!program.body.is_empty()).then(|| (unit, Arc::new(program)));
        result
    }

    /// Of what may go wrong in a module, only what some condition of a project's module decides reaches its importer:
    /// operations whose outcome is not known are taken to work out.
    pub(super) fn pass_on_imports(&mut self, unit: UnitId, possible: Vec<May>) {
        if !self.units[unit].is_project {
            return;
        }
        for may in possible {
            if matches!(&may, May::This(throw) if throw.is_import()) {
                self.may_raise(may);
            }
        }
    }

    pub(super) fn module_frame(&self, unit: UnitId, module: ModId, ns: NsId) -> Activation {
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
    pub(super) fn is_shallow(&self, name: Name) -> bool {
        let top = name.as_str().split('.').next().unwrap_or_default();
        matches!(top, "pytest" | "_pytest") && self.root.as_str().split('.').next() != Some(top)
    }

    /// Raises if the target version refuses the file.
    pub(super) fn refused(&mut self, unit: UnitId, module: ModId) -> Eval<()> {
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
        let unit = self.world.summary(file).map(|summary| {
            let marked = self.world.is_project(file).then(|| self.world.marked(file));
            self.units.push(Unit::new(Arc::clone(file), summary, marked, None))
        });
        self.unit_of.insert(file, unit);
        unit
    }
}

/// Why names of such a module cannot be seen.
const fn unreadable(location: &Location) -> Option<&'static str> {
    match location {
        Location::Extension { .. } => Some("compiled module"),
        Location::Opaque(reason) => Some(reason),
        _ => None,
    }
}
