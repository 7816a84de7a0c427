//! Generators: as context managers, where the body of a `with` statement runs where the generator yields, and as
//! iterables, whose values are listed once.

use std::sync::Arc;

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, ThrowKind};
use super::value::{FnId, Keywords, ObjId, Value};
use crate::summary::program::{Block, Expr};

/// The target of the generator's value, the context managers behind it, and the body.
type Statement = (Option<Expr>, Vec<(Expr, Option<Expr>)>, Block);

/// A generator whose values are listed.
pub(super) struct Listing {
    /// Position of the generator among the frames.
    depth: usize,
    values: ObjId,
}

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

    /// What a generator yields up to its end; none if that is not known, or if it was iterated before.
    pub(super) fn list_generator(&mut self, generator: &Arc<(FnId, Vec<Value>, Keywords)>) -> Eval<Option<Vec<Value>>> {
        let function = &self.state.functions[generator.0];
        let readable = function.is_generator && !function.is_async && !function.opaque;
        if !readable || self.iterated.iter().any(|other| Arc::ptr_eq(other, generator)) {
            return Ok(None);
        }
        self.iterated.push(Arc::clone(generator));
        let values = self.state.new_object(Vec::new(), Vec::new(), true);
        self.listings.push(Listing { depth: self.frames.len(), values });
        let result = self.follow(generator.0, generator.1.clone(), generator.2.clone(), true);
        self.listings.pop();
        match result {
            // It was not followed to its end.
            Ok(Value::Unknown) => Ok(None),
            Ok(_) => {
                let values = self.state.object(values);
                Ok(values.exact.then(|| values.items.clone()))
            }
            Err(throw) if throw.class == Value::external("builtins.StopIteration") => {
                Err(self.error("RuntimeError", "generator raised StopIteration"))
            }
            Err(throw) if throw.kind == ThrowKind::Exception => Err(throw),
            // Nobody asks an endless one for all.
            Err(_) => Ok(None),
        }
    }

    fn listing(&self) -> Option<ObjId> {
        let top = self.frames.len().saturating_sub(1);
        self.listings.last().filter(|listing| listing.depth == top).map(|listing| listing.values)
    }

    /// `yield from values`
    pub(super) fn exec_yield_from(&mut self, source: &Value) -> Eval {
        if let Some(values) = self.listing() {
            let left = self.has_left();
            let items = self.iterate(source)?;
            self.state.change(values, |object| match items {
                Some(items) => {
                    object.items.extend(items);
                    object.exact &= !left;
                }
                None => object.exact = false,
            });
        }
        Ok(Value::Unknown)
    }

    /// Whether some path has left the function or the loop that runs.
    pub(super) fn has_left(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.left || frame.loop_left)
    }

    /// `yield value`: what the expression gives.
    pub(super) fn exec_yield(&mut self, value: Value) -> Eval {
        let top = self.frames.len().saturating_sub(1);
        if let Some(values) = self.listing() {
            let left = self.has_left();
            self.state.change(values, |object| {
                object.items.push(value);
                object.exact &= !left;
            });
            return Ok(Value::None);
        }
        let Some(waiting) = self.waiting.last_mut().filter(|waiting| waiting.depth == top && !waiting.started) else {
            if self.probing && top == 0 && self.yielded.is_none() {
                self.yielded = Some(value);
            }
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
