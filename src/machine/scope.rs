//! Names: where a name is looked up and where it is bound.

use std::sync::Arc;

use super::log::{Eval, May};
use super::outcome::Cause;
use super::value::{ModId, NsId, UnitId, Value};
use super::{Machine, Scope, Unit};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::exceptions;
use crate::summary::program::{FunctionDef, OpKind, Program, walk};
use crate::summary::{ProgramId, Sym};

impl Machine<'_> {
    /// The text of a symbol of the running unit.
    pub(super) fn text(&mut self, sym: Sym) -> &'static str {
        self.name(sym).as_str()
    }

    /// A symbol of the running unit, interned.
    pub(super) fn name(&mut self, sym: Sym) -> Name {
        match self.frames.last().map(|frame| frame.unit) {
            Some(unit) => self.name_in(unit, sym),
            None => Name::new(""),
        }
    }

    pub(super) fn name_in(&mut self, unit: UnitId, sym: Sym) -> Name {
        let unit = &mut self.units[unit];
        match unit.names.get(sym.0 as usize) {
            Some(Some(name)) => *name,
            Some(None) => {
                let name = Name::new(unit.summary.text(sym));
                unit.names[sym.0 as usize] = Some(name);
                name
            }
            None => Name::new(""),
        }
    }

    /// A program of a unit, decoded once.
    pub(super) fn program(&mut self, unit: UnitId, id: ProgramId) -> Arc<Program> {
        let unit = &mut self.units[unit];
        let summary = &unit.summary;
        Arc::clone(unit.programs.entry(id).or_insert_with(|| Arc::new(summary.program(id))))
    }

    /// Where the program of a body is: in the unit itself, or in one of its own if it is left in the text.
    pub(super) fn body_place(&mut self, unit: UnitId, id: ProgramId) -> Option<(UnitId, ProgramId)> {
        let outer = &self.units[unit];
        if outer.summary.programs.left(id).is_none() {
            return Some((unit, id));
        }
        if let Some(known) = outer.bodies.get(&id) {
            return known.map(|unit| (unit, ProgramId::BODY));
        }
        let (file, marked) = (Arc::clone(&outer.file), outer.is_project.then(|| Arc::clone(&outer.marked)));
        let summary = self.world.body(&file, &outer.summary, id);
        let body = summary.map(|summary| self.units.push(Unit::new(file, summary, marked, Some(id))));
        self.units[unit].bodies.insert(id, body);
        body.map(|unit| (unit, ProgramId::BODY))
    }

    /// The statement in program `owner` that defines the function with this body.
    pub(super) fn definition(&mut self, unit: UnitId, owner: ProgramId, body: ProgramId) -> Option<Arc<FunctionDef>> {
        if let Some(found) = self.units[unit].functions.get(&body) {
            return Some(Arc::clone(found));
        }
        // Of a module that has run, the definitions alone are kept.
        let program = match &self.last_run {
            Some((ran, program)) if *ran == unit && owner == ProgramId::MODULE => Arc::clone(program),
            _ if owner == ProgramId::MODULE => Arc::new(self.units[unit].summary.program(owner)),
            _ => self.program(unit, owner),
        };
        let functions = &mut self.units[unit].functions;
        walk(&program.body, &mut |op| {
            if let OpKind::FunctionDef(def) = &op.kind {
                functions.insert(def.body, Arc::clone(def));
            }
        });
        functions.get(&body).cloned()
    }

    /// Forgets what was decoded of a module's file; who asks again gets it decoded again.
    pub fn release(&mut self, module: ModId) {
        self.last_run = None;
        let Some(unit) = self.state.modules[module].unit else { return };
        let bodies: Vec<UnitId> = self.units[unit].bodies.values().copied().flatten().collect();
        for unit in bodies.into_iter().chain([unit]) {
            self.units[unit].programs = Default::default();
            self.units[unit].functions = Default::default();
        }
    }

    /// Marks what runs, for frames.
    pub(super) fn at(&mut self, span: Span) {
        if let Some(frame) = self.frames.last_mut() {
            frame.span = span;
        }
    }

    fn globals(&self) -> Option<NsId> {
        self.frames.last().map(|frame| self.state.modules[frame.module].ns)
    }

    /// Where a name would be bound.
    fn target(&self, name: Name) -> Option<NsId> {
        let frame = self.frames.last()?;
        let globals = self.state.modules[frame.module].ns;
        if frame.scope == Scope::Module {
            return Some(frame.ns);
        }
        if frame.globals.contains(&name) {
            return Some(globals);
        }
        if frame.nonlocals.contains(&name) {
            return Some(
                frame.closure.iter().copied().find(|ns| self.state.slot(*ns, name).is_some()).unwrap_or(frame.ns),
            );
        }
        if frame.scope == Scope::Class || frame.locals.contains(&name) || self.state.slot(frame.ns, name).is_some() {
            return Some(frame.ns);
        }
        Some(if frame.is_comprehension { frame.ns } else { globals })
    }

    /// Binds a name where it belongs.
    pub(super) fn bind(&mut self, name: Name, value: Value) {
        if let Some(ns) = self.target(name) {
            self.state.bind(ns, name, value);
        }
    }

    /// Unbinds a name, if it is bound.
    pub(super) fn unbind_here(&mut self, name: Name) {
        if let Some(ns) = self.target(name) {
            self.state.unbind(ns, name);
        }
    }

    /// `del name`
    pub(super) fn delete_name(&mut self, name: Name) -> Eval<()> {
        let Some(ns) = self.target(name) else { return Ok(()) };
        match self.state.slot(ns, name).map(|slot| slot.maybe) {
            Some(false) => {}
            Some(true) => self.may_raise(May::Attribute),
            None if self.state.ns(ns).open.is_some() => self.may_raise(May::Attribute),
            None if self.frames.last().is_some_and(|frame| frame.scope == Scope::Function && frame.ns == ns) => {
                let text = exceptions::unbound_local(self.setup.version, name.as_str());
                return Err(self.error("UnboundLocalError", text));
            }
            None => return Err(self.undefined(name)),
        }
        self.state.unbind(ns, name);
        Ok(())
    }

    pub(super) fn undefined(&mut self, name: Name) -> Box<super::log::Throw> {
        self.throw("NameError", Some(format!("name '{name}' is not defined")), Cause::UndefinedName(name))
    }

    fn read_slot(&mut self, ns: NsId, name: Name) -> Option<Value> {
        let slot = self.state.slot(ns, name)?;
        let (value, maybe) = (slot.value.clone(), slot.maybe);
        if maybe {
            self.may_raise(May::Attribute);
        }
        Some(value)
    }

    /// Reads a name: local, enclosing, global, builtin.
    pub(super) fn read_name(&mut self, name: Name) -> Eval {
        let Some(frame) = self.frames.last() else { return Ok(Value::Unknown) };
        let (scope, own) = (frame.scope, frame.ns);
        let is_local = scope == Scope::Function && frame.locals.contains(&name) && !frame.globals.contains(&name);
        let closure = if scope == Scope::Module { Vec::new() } else { frame.closure.clone() };
        if scope != Scope::Module && !frame.globals.contains(&name) {
            if let Some(value) = self.read_slot(own, name) {
                return Ok(value);
            }
            if is_local {
                return self.unbound_local(own, name);
            }
            for ns in &closure {
                if let Some(value) = self.read_slot(*ns, name) {
                    return Ok(value);
                }
            }
            if let Some(throw) = self.unbound_free(&closure, name) {
                return Err(throw);
            }
        }
        let Some(globals) = self.globals() else { return Ok(Value::Unknown) };
        if let Some(value) = self.read_slot(globals, name) {
            return Ok(value);
        }
        self.read_builtin(globals, own, &closure, name)
    }

    /// A name that the enclosing function binds, and has not bound yet.
    fn unbound_free(&mut self, closure: &[NsId], name: Name) -> Option<Box<super::log::Throw>> {
        let inner = self.frames.iter().rev().skip(1);
        let outer = inner
            .take_while(|frame| frame.scope == Scope::Function)
            .find(|frame| !frame.is_comprehension && closure.contains(&frame.ns) && frame.locals.contains(&name))?;
        if outer.globals.contains(&name) || outer.nonlocals.contains(&name) || self.state.ns(outer.ns).open.is_some() {
            return None;
        }
        let text = if self.setup.version >= crate::python::version::PythonVersion::three(11) {
            format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope")
        } else {
            format!("free variable '{name}' referenced before assignment in enclosing scope")
        };
        Some(self.error("NameError", text))
    }

    fn unbound_local(&mut self, own: NsId, name: Name) -> Eval {
        if self.state.ns(own).open.is_some() {
            return Ok(Value::Unknown);
        }
        let text = exceptions::unbound_local(self.setup.version, name.as_str());
        Err(self.error("UnboundLocalError", text))
    }

    fn read_builtin(&mut self, globals: NsId, own: NsId, closure: &[NsId], name: Name) -> Eval {
        if let Some(Value::Module(module)) = self.state.loaded(Name::new("builtins"))
            && let Some(value) = self.read_slot(self.state.modules[*module].ns, name)
        {
            return Ok(value);
        }
        if let Some(value) = self.builtin_name(name) {
            return Ok(value);
        }
        let special = match name.as_str() {
            "__name__" | "__file__" | "__doc__" | "__package__" | "__spec__" | "__loader__" | "__builtins__"
            | "__dict__" | "__path__" | "__cached__" => {
                let module = self.frames.last().map(|frame| frame.module);
                match module {
                    Some(module) if !matches!(name.as_str(), "__dict__" | "__path__") => {
                        return self.attribute(&Value::Module(module), name);
                    }
                    _ => false,
                }
            }
            "__debug__" => return Ok(Value::Bool(true)),
            "__annotations__" | "__module__" | "__qualname__" | "__class__" | "__conditional_annotations__" => true,
            _ => false,
        };
        let frame_open = |ns: &NsId| self.state.ns(*ns).open.is_some();
        if special || frame_open(&globals) || frame_open(&own) || closure.iter().any(frame_open) {
            self.may_raise(May::Attribute);
            return Ok(Value::Unknown);
        }
        // An enclosing function that has not bound it yet may do so before the code runs in reality.
        if self.state.slot(globals, Name::new("__builtins__")).is_some() {
            return Ok(Value::Unknown);
        }
        if self.is_set_on("builtins", name) || self.is_set_on("__builtins__", name) {
            self.may_raise(May::Attribute);
            return Ok(Value::Unknown);
        }
        let in_package = self.frames.last().is_some_and(|frame| !self.units[frame.unit].is_project);
        if in_package && !PYTHON_2.contains(&name.as_str()) {
            // Packages bind names in ways that no reading shows; most of them work.
            let throw = self.undefined(name);
            self.may_raise(May::This(throw));
            return Ok(Value::Unknown);
        }
        Err(self.undefined(name))
    }
}

/// Builtins of Python 2 only: in an old package they are what breaks it.
const PYTHON_2: &[&str] = &[
    "basestring",
    "unicode",
    "xrange",
    "raw_input",
    "unichr",
    "long",
    "file",
    "execfile",
    "reduce",
    "cmp",
    "reload",
    "apply",
    "buffer",
    "intern",
    "coerce",
];
