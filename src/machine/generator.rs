//! Generators as context managers: the body of a `with` statement runs where the generator yields.

use std::sync::Arc;

use super::Machine;
use super::exec::Flow;
use super::log::Eval;
use super::value::{FnId, Keywords, Value};
use crate::summary::program::{Block, Expr};

/// The target of the generator's value, the context managers behind it, and the body.
type Statement = (Option<Expr>, Vec<(Expr, Option<Expr>)>, Block);

/// A `with` statement that waits for its generator's `yield`.
pub(super) struct Waiting {
    /// Position of the generator among the frames.
    depth: usize,
    statement: Arc<Statement>,
    started: bool,
    flow: Option<Flow>,
}

impl Machine<'_> {
    /// `with generator(...) as target: body`
    pub(super) fn exec_around(
        &mut self,
        manager: &(FnId, Vec<Value>, Keywords),
        target: Option<&Expr>,
        rest: &[(Expr, Option<Expr>)],
        body: &Block,
    ) -> Eval<Flow> {
        let statement = Arc::new((target.cloned(), rest.to_vec(), body.clone()));
        self.waiting.push(Waiting { depth: self.frames.len(), statement, started: false, flow: None });
        let result = self.follow(manager.0, manager.1.clone(), manager.2.clone(), true);
        let waiting = self.waiting.pop();
        result?;
        match waiting {
            Some(Waiting { started: true, flow, .. }) => Ok(flow.unwrap_or(Flow::Next)),
            // The generator could not be followed to its yield.
            _ => {
                if let Some(target) = target {
                    self.assign(target, Value::Unknown)?;
                }
                self.exec_with(rest, body)
            }
        }
    }

    /// `yield value`: what the expression gives.
    pub(super) fn exec_yield(&mut self, value: Value) -> Eval {
        let top = self.frames.len().saturating_sub(1);
        let Some(waiting) = self.waiting.last_mut().filter(|waiting| waiting.depth == top && !waiting.started) else {
            return Ok(Value::Unknown);
        };
        waiting.started = true;
        let statement = Arc::clone(&waiting.statement);
        let at = self.waiting.len() - 1;
        let generator = self.frames.split_off(top);
        let (calls, before) = (self.calls, self.steps);
        self.calls = calls.saturating_sub(1);
        let result = self.run_statement(&statement, value);
        self.calls = calls;
        self.frames.extend(generator);
        if let Some(frame) = self.frames.last_mut() {
            frame.limit += self.steps - before;
        }
        let flow = result?;
        if let Some(waiting) = self.waiting.get_mut(at) {
            waiting.flow = Some(flow);
        }
        Ok(Value::None)
    }

    fn run_statement(&mut self, statement: &Statement, value: Value) -> Eval<Flow> {
        if let Some(target) = &statement.0 {
            self.assign(target, value)?;
        }
        self.exec_with(&statement.1, &statement.2)
    }
}
