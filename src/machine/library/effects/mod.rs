//! Calls that end, hang or wait: the table of [`crate::python::effects`], asked about calls that are not followed.
//!
//! `judge` says what comes of such a call, `waits` follows locks, events and queues, `tasks` what runs beside the main
//! line (threads, executors, coroutines), `pending` what well-known calls give back.

mod call;
mod judge;
mod patches;
mod pending;
mod tasks;
mod waits;

use patches::is_muting;
pub use patches::is_muting_fixture;
pub use waits::Waits;
pub(in crate::machine) use waits::is_waited_for;

use super::super::Machine;
use super::super::log::{Eval, Throw, ThrowKind};
use super::super::outcome::{Cause, Event};
use super::super::value::{InstId, Value};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::python::effects::{self, Effect, EffectKind, EffectVerdict, Marked, When};
use call::Call;
use judge::Judgement;

/// A row of the table with the name that led to it.
pub(super) type Known = (&'static Effect, String);

impl Machine<'_> {
    /// Asks the table of effects about a call that is not followed.
    pub(in crate::machine) fn note_effect(&mut self, name: Name, args: &[Value], kwargs: &[(Name, Value)]) -> Eval<()> {
        let receiver = self.own_receiver(name, args);
        let own = usize::from(receiver.is_some());
        self.note_progress(name.as_str(), receiver);
        let Some((effect, called)) = self.effect_of(name, args) else { return Ok(()) };
        if effect.when_of(&called) != When::Call {
            return Ok(());
        }
        self.happens(effect, &called, receiver, args.get(own..).unwrap_or_default(), kwargs)
    }

    /// A call that the user's patterns say blocks.
    pub(in crate::machine) fn note_marked(&mut self, span: Span, args: &[Value], kwargs: &[(Name, Value)]) -> Eval<()> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let marked = &self.units[frame.unit].marked;
        if marked.is_empty() {
            return Ok(());
        }
        let Ok(at) = marked.binary_search_by(|call| call.span.cmp(&span)) else { return Ok(()) };
        let Marked { effect, name, .. } = marked[at];
        self.happens(effect, name.as_str(), None, args, kwargs)
    }

    /// An effect takes place: it is remembered, and may keep the call from coming back.
    pub(super) fn happens(
        &mut self,
        effect: &'static Effect,
        called: &str,
        receiver: Option<InstId>,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Eval<()> {
        let in_project = self.frames.iter().any(|frame| self.units[frame.unit].is_project);
        let in_package = self.frames.last().is_some_and(|frame| !self.units[frame.unit].is_project);
        let in_package = in_package && self.overheard.unsure == 0;
        if effect.verdict == EffectVerdict::Safe || !in_project || in_package || self.is_muted(effect.kind) {
            return Ok(());
        }
        // Beside the main line a sleep, a wait or a server holds up nobody but those who wait for it.
        let quiet = matches!(effect.kind, EffectKind::Sleep | EffectKind::Lock | EffectKind::Server);
        let beside = self.waits.beside > 0 && quiet;
        let call = Call { name: called, args, kwargs };
        match self.judge(effect, &call, receiver) {
            Judgement::Nothing => Ok(()),
            Judgement::Noted(certainty) => {
                if !beside {
                    self.log_effect(effect, &call, certainty);
                }
                Ok(())
            }
            Judgement::Hangs(certainty) => {
                if !beside {
                    self.log_effect(effect, &call, certainty);
                }
                Err(self.hang(Cause::Blocking(Name::new(effect.id)), certainty))
            }
            Judgement::Raises(throw) => {
                if effect.kind != EffectKind::Exit {
                    let certainty = self.certainty();
                    self.log_effect(effect, &call, certainty);
                }
                Err(throw)
            }
        }
    }

    fn log_effect(&mut self, effect: &'static Effect, call: &Call, certainty: Certainty) {
        match effect.kind {
            EffectKind::Sleep => self.waits.sleeps += 1,
            EffectKind::Network | EffectKind::Database | EffectKind::Broker => self.waits.peers += 1,
            _ => {}
        }
        let overheard = self.overheard.unsure > 0;
        if overheard && certainty == Certainty::Likely {
            return;
        }
        let mut detail = call.detail(effect);
        if effect.kind == EffectKind::Process && detail.peer.is_none() {
            detail.peer = self.program_of(call.args.first());
        }
        self.events.push(Event::Effect {
            rule: Name::new(effect.id),
            callee: Name::new(call.name),
            frames: self.stack(),
            certainty: if overheard { Certainty::Likely } else { certainty },
            overheard,
            root: self.root,
            detail: Box::new(detail),
        });
    }

    /// The program that `["docker", "run", "redis"]` starts.
    fn program_of(&self, arguments: Option<&Value>) -> Option<String> {
        let (items, _) = self.elements(arguments?)?;
        items.first().and_then(Value::as_str).map(str::to_owned)
    }

    /// Something that does not come back.
    pub(in crate::machine) fn hang(&mut self, cause: Cause, certainty: Certainty) -> Box<Throw> {
        let mut throw = self.throw("RuntimeError", None, cause);
        throw.raised.certainty = certainty.min(self.certainty());
        throw.kind = ThrowKind::Hang;
        throw
    }

    /// The object whose method is called, where the name is that of its class's method.
    fn own_receiver(&self, name: Name, args: &[Value]) -> Option<InstId> {
        let Some(Value::Instance(receiver)) = args.first() else { return None };
        let owner = name.as_str().rsplit_once('.')?.0;
        let is_owner = match &self.state.instances[*receiver].class {
            Value::External(class) => class.as_str() == owner,
            Value::Class(class) => self.state.classes[*class].mro.iter().any(|base| match base {
                Value::External(base) => base.as_str() == owner,
                Value::Class(base) => self.class_path(*base) == owner,
                _ => false,
            }),
            _ => false,
        };
        is_owner.then_some(*receiver)
    }

    /// The row for a name, or for the receiver's class and its bases.
    pub(in crate::machine) fn effect_of(&self, name: Name, args: &[Value]) -> Option<Known> {
        if let Some(effect) = self.setup.calls.iter().find(|(own, _)| own == name.as_str()).map(|(_, effect)| *effect) {
            return Some((effect, name.as_str().to_owned()));
        }
        if let Some((known, effect)) = effects::find_named(name.as_str()) {
            return Some((effect, known.to_owned()));
        }
        let Some(Value::Instance(receiver)) = args.first() else { return None };
        let Value::Class(class) = self.state.instances[*receiver].class else { return None };
        let method = name.as_str().rsplit('.').next()?;
        self.state.classes[class].mro.iter().find_map(|base| {
            let called = format!("{}.{method}", self.base_path(base)?);
            effects::find_named(&called).map(|(known, effect)| (effect, known.to_owned()))
        })
    }

    /// `module.qualname` of a class.
    pub(in crate::machine) fn class_path(&self, class: super::super::value::ClassId) -> String {
        let data = &self.state.classes[class];
        format!("{}.{}", self.state.modules[data.module].name, data.qualname)
    }

    fn base_path(&self, base: &Value) -> Option<String> {
        match base {
            Value::Class(base) => Some(self.class_path(*base)),
            Value::External(base) => Some(base.as_str().to_owned()),
            _ => None,
        }
    }
}
