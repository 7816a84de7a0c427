//! Code whose results are not believed, followed for its effects alone: functions of installed packages that the project
//! calls, functions behind decorators that are not followed, constructors of classes with metaclasses.
//!
//! What it does to the process is undone. What it reaches is told: as likely, and only where nothing on the way was in
//! doubt, unless the project's own code has to run as it is written.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Machine;
use super::attribute::Found;
use super::log::{Eval, ThrowKind};
use super::outcome::{Cause, Event};
use super::value::{ClassId, FnId, Keywords, UnitId, Value};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::summary::ProgramId;

/// Steps that one such call may take.
const ONE: u64 = 6_000;
/// Steps that all of them may take for one import that pytest asks for.
const ALL: u64 = 60_000;
/// How often one body is listened to: other arguments may tell something new, but not for ever.
const TIMES: u8 = 3;

/// What listening has cost so far.
#[derive(Default)]
pub(super) struct Overheard {
    /// Calls that are listened to without being believed, one within the other.
    pub(super) unsure: u32,
    /// Calls that are listened to at all.
    depth: u32,
    /// Steps since pytest asked for the import.
    pub(super) steps: u64,
    times: FxHashMap<(UnitId, ProgramId), u8>,
    spent: FxHashMap<(UnitId, ProgramId), u64>,
    too_long: FxHashSet<(UnitId, ProgramId)>,
}

impl Machine<'_> {
    /// Listens to a function; `sure` if it runs as it is written, whoever calls it.
    pub(super) fn overhear_call(
        &mut self,
        id: FnId,
        args: &[Value],
        kwargs: &[(Name, Value)],
        complete: bool,
        sure: bool,
    ) -> Eval<()> {
        let data = &self.state.functions[id];
        if data.is_async || data.is_generator || data.fixture.is_some() || !self.listens((data.unit, data.body), sure) {
            return Ok(());
        }
        let (args, kwargs) = (args.to_vec(), kwargs.to_vec());
        self.overhear(sure, |machine| machine.follow(id, args, kwargs, complete).map(|_| ()))
    }

    /// Listens to the making of an object whose class is not followed.
    pub(super) fn overhear_making(
        &mut self,
        class: ClassId,
        made: &Value,
        args: &[Value],
        kwargs: &Keywords,
        complete: bool,
    ) -> Eval<()> {
        let own = self.is_written_here(class);
        let meta = self.state.classes[class].metaclass.clone();
        let mut sure = own;
        match meta {
            None => {}
            Some(Value::Class(meta)) => {
                sure &= self.is_written_here(meta);
                match self.class_lookup(meta, Name::new("__call__")) {
                    (Found::Yes(Value::Function(call)), _) => {
                        let all: Vec<_> = std::iter::once(Value::Class(class)).chain(args.iter().cloned()).collect();
                        return self.overhear_call(call, &all, kwargs, complete, sure);
                    }
                    (Found::Unknown | Found::No, None) => {}
                    _ => return Ok(()),
                }
            }
            Some(_) => sure = false,
        }
        for (name, first) in [("__new__", Value::Class(class)), ("__init__", made.clone())] {
            if let (Found::Yes(Value::Function(function)), _) = self.class_lookup(class, Name::new(name)) {
                let all: Vec<_> = std::iter::once(first).chain(args.iter().cloned()).collect();
                self.overhear_call(function, &all, kwargs, complete, sure)?;
            }
        }
        Ok(())
    }

    /// Listens to what the metaclass does when a class is made.
    pub(super) fn overhear_class(&mut self, class: ClassId, keywords: &[(Name, Value)]) -> Eval<()> {
        let data = &self.state.classes[class];
        let Some(Value::Class(meta)) = data.metaclass else { return Ok(()) };
        let (name, bases) = (Value::str(data.name.as_str()), Value::tuple(data.bases.clone()));
        let ns = Value::NamespaceDict(data.ns);
        let sure = self.is_written_here(meta);
        for (method, first) in [("__new__", Value::Class(meta)), ("__init__", Value::Class(class))] {
            if let (Found::Yes(Value::Function(function)), _) = self.class_lookup(meta, Name::new(method)) {
                let all = [first, name.clone(), bases.clone(), ns.clone()];
                self.overhear_call(function, &all, keywords, true, sure)?;
            }
        }
        Ok(())
    }

    /// Whether the project wrote all of a class and of its bases, so that nothing comes between.
    fn is_written_here(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        !data.open
            && data.mro.iter().all(|base| match base {
                Value::Class(base) => self.units[self.state.classes[*base].unit].is_project,
                Value::External(name) => {
                    matches!(name.as_str(), "builtins.object" | "builtins.type" | "abc.ABC" | "abc.ABCMeta")
                }
                _ => false,
            })
    }

    /// Whether a call is worth listening to here.
    fn listens(&mut self, body: (UnitId, ProgramId), sure: bool) -> bool {
        let here = self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project);
        let wanted =
            (here || self.overheard.unsure > 0) && (sure || !self.probing && self.certainty() == Certainty::Certain);
        if !wanted || self.kind_runs > 0 || self.getattrs > 0 || self.overheard.steps > ALL || self.waits.beside > 0 {
            return false;
        }
        let times = self.overheard.times.entry(body).or_default();
        *times = times.saturating_add(1);
        *times <= TIMES
    }

    /// Follows what is undone; of its ways out, only ends and hangs of what is sure are believed.
    fn overhear(&mut self, sure: bool, work: impl FnOnce(&mut Self) -> Eval<()>) -> Eval<()> {
        let (events, notices, variables) = (self.events.len(), self.notices.len(), self.variables_read.len());
        let (steps, call_steps, waits) = (self.steps, self.call_steps, self.waits.clone());
        let Some(frame) = self.frames.last_mut() else { return Ok(()) };
        let limit = frame.limit;
        frame.limit = limit.min(steps + ONE);
        self.swap_heard();
        self.overheard.depth += 1;
        self.overheard.unsure += u32::from(!sure);
        let result = self.on_an_undone_path(work);
        self.overheard.unsure -= u32::from(!sure);
        self.overheard.depth -= 1;
        self.swap_heard();
        if self.overheard.depth == 0 {
            self.overheard.steps += self.steps - steps;
        }
        self.call_steps = call_steps;
        let heard = std::mem::replace(&mut self.waits, waits);
        self.waits.learn(&heard);
        let heard = self.events.split_off(events.min(self.events.len()));
        self.events.extend(heard.into_iter().filter(|event| matches!(event, Event::Effect { .. })));
        self.notices.truncate(notices);
        self.variables_read.truncate(variables);
        if let Some(frame) = self.frames.last_mut() {
            frame.limit = limit;
        }
        match result {
            Err(throw) if sure && (throw.kind == ThrowKind::Hang || matches!(throw.raised.cause, Cause::Exit(_))) => {
                Err(throw)
            }
            _ => Ok(()),
        }
    }

    /// Budgets of what is believed are not touched by what is not.
    fn swap_heard(&mut self) {
        if self.overheard.depth == 0 {
            std::mem::swap(&mut self.spent, &mut self.overheard.spent);
            std::mem::swap(&mut self.too_long, &mut self.overheard.too_long);
        }
    }
}
