//! `if`, loops and `match`.

use super::Machine;
use super::endless::{can_leave, is_constant};
use super::exec::Flow;
use super::log::{Eval, May, ThrowKind};
use super::outcome::Cause;
use super::value::Value;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::summary::program::{Block, Case, Expr, ExprKind};

/// Rounds of a loop over known elements that are played one by one.
const ROUNDS: usize = 400;
/// Loops within each other whose rounds are played twice.
const REPEATED: u32 = 2;

impl Machine<'_> {
    pub(super) fn exec_if(&mut self, arms: &[(Expr, Block)], orelse: &Block) -> Eval<Flow> {
        let Some(((test, body), rest)) = arms.split_first() else { return self.exec_block(orelse) };
        let value = self.eval(test)?;
        match self.truth(&value) {
            Some(true) => self.exec_block(body),
            Some(false) => self.exec_if(rest, orelse),
            None => self.fork(|machine| machine.exec_block(body), |machine| machine.exec_if(rest, orelse)),
        }
    }

    pub(super) fn enter_loop(&mut self) -> bool {
        self.frames.last_mut().is_some_and(|frame| std::mem::take(&mut frame.loop_left))
    }

    /// Ends a loop: what some path skips is only possible.
    pub(super) fn leave_loop(&mut self, outer: bool, result: Eval<Flow>) -> Eval<Flow> {
        let left = self.frames.last_mut().is_some_and(|frame| std::mem::replace(&mut frame.loop_left, outer));
        match result {
            Err(throw) if left && throw.kind == ThrowKind::Exception => {
                self.may_raise(May::This(throw));
                Ok(Flow::Next)
            }
            Ok(Flow::Return(value)) if left => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.may_return.push(value);
                    frame.left = true;
                }
                Ok(Flow::Next)
            }
            other => other,
        }
    }

    pub(super) fn exec_for(&mut self, target: &Expr, iter: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        let iterable = self.eval(iter)?;
        self.at(iter.span);
        if self.is_endless_source(&iterable) && !can_leave(body) {
            return self.exec_endless(iter.span, |machine| {
                machine.assign(target, Value::Unknown)?;
                machine.exec_block(body)
            });
        }
        self.note_iteration(&iterable)?;
        let outer = self.enter_loop();
        let result = match self.iterate(&iterable)? {
            Some(items) if items.len() <= ROUNDS => self.exec_rounds(target, items, body, orelse),
            _ => self.unknown_rounds(|machine| {
                machine.assign(target, Value::Unknown)?;
                machine.exec_block(body)
            }),
        };
        self.leave_loop(outer, result)
    }

    /// A loop whose number of rounds is not known: what one round leaves is what the next one may begin with.
    fn unknown_rounds(&mut self, mut round: impl FnMut(&mut Self) -> Eval<Flow>) -> Eval<Flow> {
        self.open_loops += 1;
        let again = self.open_loops <= REPEATED;
        let mut result = self.perhaps(|machine| {
            let result = round(machine);
            machine.once(result)
        });
        if again && matches!(result, Ok(Flow::Next)) {
            result = self.perhaps(|machine| {
                let result = round(machine);
                machine.once(result)
            });
        }
        self.open_loops -= 1;
        result
    }

    /// A round of a loop whose number of rounds is not known.
    pub(super) fn once(&mut self, result: Eval<Flow>) -> Eval<Flow> {
        match result? {
            Flow::Break | Flow::Continue => Ok(Flow::Next),
            flow => Ok(flow),
        }
    }

    pub(super) fn exec_rounds(&mut self, target: &Expr, items: Vec<Value>, body: &Block, orelse: &Block) -> Eval<Flow> {
        for item in items {
            self.assign(target, item)?;
            match self.exec_block(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
        }
        self.exec_block(orelse)
    }

    pub(super) fn exec_while(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        let outer = self.enter_loop();
        let result = self.exec_while_rounds(span, test, body, orelse);
        self.leave_loop(outer, result)
    }

    pub(super) fn exec_while_rounds(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        if is_constant(test) && !can_leave(body) {
            return self.exec_endless(span, |machine| machine.exec_block(body));
        }
        let before = self.before_loop();
        let result = self.exec_while_known(span, test, body, orelse)?;
        self.check_retry(span, test, body, before)?;
        Ok(result)
    }

    pub(super) fn exec_while_known(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        for round in 0..ROUNDS {
            self.at(span);
            if round == 1 && self.stands_still(test, body) {
                self.at(span);
                return Err(self.hang(Cause::Loop, Certainty::Certain));
            }
            let value = self.eval(test)?;
            match self.truth(&value) {
                Some(false) => return self.exec_block(orelse),
                None => {
                    return self.unknown_rounds(|machine| machine.exec_block(body));
                }
                Some(true) => {}
            }
            match self.exec_block(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
        }
        self.lose_sight("a loop that is too long to follow");
        Ok(Flow::Next)
    }

    pub(super) fn exec_cases(&mut self, subject: &Value, cases: &[Case]) -> Eval<Flow> {
        let Some((case, rest)) = cases.split_first() else { return Ok(Flow::Next) };
        for read in &case.reads {
            self.eval(read)?;
        }
        let run = |machine: &mut Self| {
            for name in &case.binds {
                let name = machine.name(*name);
                machine.bind(name, Value::Unknown);
            }
            if let Some(guard) = &case.guard {
                machine.eval(guard)?;
            }
            machine.exec_block(&case.body)
        };
        if case.irrefutable && case.guard.is_none() {
            return run(self);
        }
        match self.matches(subject, case) {
            Some(true) => run(self),
            Some(false) => self.exec_cases(subject, rest),
            None => self.fork(run, |machine| machine.exec_cases(subject, rest)),
        }
    }

    /// Whether a string matches a pattern of string literals: nothing but such a literal matches a string there.
    pub(super) fn matches(&mut self, subject: &Value, case: &Case) -> Option<bool> {
        let text = subject.as_str()?;
        if !case.binds.is_empty() || case.guard.is_some() || case.reads.is_empty() {
            return None;
        }
        let mut found = false;
        for read in &case.reads {
            let ExprKind::Str(literal) = &read.kind else { return None };
            found |= self.text(*literal) == text;
        }
        Some(found)
    }
}
