//! Loops that do not end, decided conservatively, and recursion that has no way out.

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, May};
use super::outcome::{Cause, Detail, Event};
use super::value::FnId;
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::summary::program::{Expr, ExprKind, Op, OpKind, blocks};

/// What a loop may change: connections and sleeps so far, and whether the function may have returned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    peers: u32,
    sleeps: u32,
    left: bool,
    returns: usize,
}

impl Machine<'_> {
    /// A loop that nothing in its body leaves: what may raise makes it likely only.
    pub(super) fn exec_endless(&mut self, span: Span, round: impl FnOnce(&mut Self) -> Eval<Flow>) -> Eval<Flow> {
        self.tries.push(Vec::new());
        let result = round(self);
        let possible = self.tries.pop().unwrap_or_default();
        let sure = possible.is_empty();
        for may in possible {
            self.may_raise(may);
        }
        match result {
            Err(throw) => return Err(throw),
            Ok(Flow::Break | Flow::Return(_)) => return Ok(Flow::Next),
            Ok(Flow::Next | Flow::Continue) => {}
        }
        if !sure && self.guarded > 0 {
            // One of the exceptions that are possible ends the loop, and a handler around it goes on.
            self.may_raise(May::Anything);
            return Ok(Flow::Next);
        }
        self.at(span);
        let certainty = if sure { Certainty::Certain } else { Certainty::Likely };
        Err(self.hang(Cause::Loop, certainty))
    }

    /// Whether a round of a loop whose condition has held changes nothing that the next round could see: then there is
    /// always a next one.
    pub(super) fn stands_still(&mut self, test: &Expr, body: &[Op]) -> bool {
        if self.runs_unseen || can_leave(body) {
            return false;
        }
        let (events, waits, asked) = (self.events.len(), self.waits.clone(), self.asked_outside);
        self.state.fork();
        self.tries.push(Vec::new());
        let holds = self.eval(test).map(|value| self.truth(&value) == Some(true));
        let holds = holds.and_then(|holds| Ok(holds && matches!(self.exec_block(body)?, Flow::Next | Flow::Continue)));
        let possible = self.tries.pop().unwrap_or_default();
        let changed = !self.state.rewind().is_empty();
        self.waits = waits;
        self.events.truncate(events);
        let same = possible.is_empty() && !changed && !self.runs_unseen && self.asked_outside == asked;
        same && holds.unwrap_or(false)
    }

    /// What is known in front of a loop.
    pub(super) fn before_loop(&self) -> Before {
        let (left, returns) = self.frames.last().map_or((false, 0), |frame| (frame.left, frame.may_return.len()));
        Before { peers: self.waits.peers, sleeps: self.waits.sleeps, left, returns }
    }

    /// `while True: try: connect(); break; except: sleep()`, `while not ready(): sleep()`: ends when somebody else does
    /// something, so that nobody knows whether it ends.
    pub(super) fn check_retry(&mut self, span: Span, test: &Expr, body: &[Op], before: Before) -> Eval<()> {
        let asks = self.waits.peers > before.peers;
        let sleeps = self.waits.sleeps > before.sleeps;
        let retries = is_constant(test) && asks && leaves_in_try_only(body);
        let waits = retries || !is_constant(test) && (asks || sleeps) && polls(body);
        if !waits || !self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project) {
            return Ok(());
        }
        self.at(span);
        if retries && !self.probing {
            // Peers are taken as absent, so the way out is not taken.
            if let Some(frame) = self.frames.last_mut() {
                frame.left = before.left;
                frame.may_return.truncate(before.returns);
            }
            return Err(self.hang(Cause::Loop, Certainty::Likely));
        }
        self.events.push(Event::Effect {
            rule: Name::new("loop.while-true"),
            callee: Name::new("a loop that waits for somebody else"),
            frames: self.stack(),
            certainty: Certainty::Likely,
            overheard: false,
            root: self.root,
            detail: Box::new(Detail::default()),
        });
        Ok(())
    }

    /// Whether a generator function yields for ever.
    pub(super) fn never_ends(&mut self, function: FnId) -> bool {
        let data = &self.state.functions[function];
        if !data.is_generator || data.is_async || !self.units[data.unit].is_project {
            return false;
        }
        let Some((unit, body)) = self.body_place(data.unit, data.body) else { return false };
        let program = self.program(unit, body);
        let endless =
            |op: &Op| matches!(&op.kind, OpKind::While { test, body, .. } if is_constant(test) && !can_leave(body));
        // Only plain statements in front of the loop, so that it is reached.
        let mut ops = program.body.iter();
        ops.by_ref()
            .find(|op| !matches!(op.kind, OpKind::Assign { .. } | OpKind::Expr(_) | OpKind::Pass))
            .is_some_and(endless)
    }

    /// A function that calls itself on every path: CPython gives up after a thousand calls.
    pub(super) fn check_recursion(&mut self, id: FnId) -> Eval<()> {
        let Some(first) = self.frames.iter().position(|frame| frame.function == Some(id)) else { return Ok(()) };
        let between: Vec<_> = self.frames[first..]
            .iter()
            .filter(|frame| !frame.is_comprehension && frame.function.is_some())
            .map(|frame| (frame.unit, frame.program, frame.span))
            .collect();
        if between.len() < 3 || self.certainty() == Certainty::Likely {
            return Ok(());
        }
        for (unit, body, span) in between {
            let program = self.program(unit, body);
            if !is_straight(&program.body, span) {
                return Ok(());
            }
        }
        let mut throw = self.throw("RecursionError", None, Cause::Other);
        throw.raised.message = Some("maximum recursion depth exceeded".to_owned());
        Err(throw)
    }
}

/// Whether nothing decides anything before the statement at `span` runs, nor inside it.
fn is_straight(body: &[Op], span: Span) -> bool {
    for op in body {
        let plain = matches!(
            op.kind,
            OpKind::Assign { .. }
                | OpKind::AugAssign { .. }
                | OpKind::AnnAssign { .. }
                | OpKind::Expr(_)
                | OpKind::Pass
                | OpKind::Return(_)
                | OpKind::Import { .. }
                | OpKind::ImportFrom { .. }
                | OpKind::Global(_)
                | OpKind::Nonlocal(_)
        );
        if !plain {
            return false;
        }
        let mut decides = false;
        crate::summary::expressions::each(op, &mut |expr| {
            decides |=
                matches!(expr.kind, ExprKind::IfExp { .. } | ExprKind::Bool2 { .. } | ExprKind::Comprehension(_));
        });
        if decides {
            return false;
        }
        if op.span.start <= span.start && span.end <= op.span.end {
            return true;
        }
    }
    false
}

/// `True`, `1`
pub(super) fn is_constant(test: &Expr) -> bool {
    match &test.kind {
        ExprKind::Bool(value) => *value,
        ExprKind::Int(value) => *value != 0,
        _ => false,
    }
}

/// Whether something in a loop's body could end the loop other than by an exception of unknown origin.
pub(super) fn can_leave(body: &[Op]) -> bool {
    body.iter().any(|op| match &op.kind {
        OpKind::Break | OpKind::Return(_) | OpKind::Raise { .. } | OpKind::Unreadable => true,
        OpKind::While { body, orelse, .. } | OpKind::For { body, orelse, .. } => {
            leaves_function(body) || can_leave(orelse)
        }
        OpKind::ClassDef(_) => false,
        _ => blocks(op).into_iter().any(|block| can_leave(block)),
    })
}

fn leaves_function(body: &[Op]) -> bool {
    body.iter().any(|op| {
        matches!(op.kind, OpKind::Return(_) | OpKind::Raise { .. } | OpKind::Unreadable)
            || !matches!(op.kind, OpKind::ClassDef(_)) && blocks(op).into_iter().any(|block| leaves_function(block))
    })
}

/// Whether every way out of a loop lies in the body of a `try` whose handlers go on with the loop.
fn leaves_in_try_only(body: &[Op]) -> bool {
    let tries = body.iter().filter(|op| matches!(op.kind, OpKind::Try(_))).count();
    tries > 0
        && body.iter().all(|op| match &op.kind {
            OpKind::Try(parts) => {
                !parts.handlers.is_empty()
                    && !parts.handlers.iter().any(|handler| can_leave(&handler.body))
                    && !can_leave(&parts.finally)
            }
            _ => !can_leave(std::slice::from_ref(op)),
        })
}

/// Whether a body only waits: no way out of its own, and no counter that could make the condition false.
fn polls(body: &[Op]) -> bool {
    !can_leave(body)
        && body.iter().all(|op| matches!(op.kind, OpKind::Expr(_) | OpKind::Pass | OpKind::Continue | OpKind::Try(_)))
}
