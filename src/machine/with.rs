//! `with`: managers, what they swallow, what they replace.

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, Throw, ThrowKind};
use super::value::Value;
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::summary::program::{Block, Expr};

impl Machine<'_> {
    pub(super) fn exec_with(&mut self, items: &[(Expr, Option<Expr>)], body: &Block) -> Eval<Flow> {
        let Some(((context, target), rest)) = items.split_first() else { return self.exec_block(body) };
        let manager = self.eval(context)?;
        self.at(context.span);
        if let Value::Suspended(suspended) = &manager
            && self.state.functions[suspended.0].is_context_manager
        {
            return self.exec_around(suspended, target.as_ref(), rest, body);
        }
        let filters = self.begin_catch(&manager);
        let entered = self.enter_context(&manager)?;
        if let Some(target) = target {
            self.assign(target, entered)?;
        }
        if let Some(classes) = self.suppressed_classes(&manager).filter(|_| rest.is_empty()) {
            return self.exec_suppressed(&classes, body);
        }
        let result = self.exec_managed(&manager, rest, body);
        if let Some(filters) = filters {
            self.end_catch(filters);
        }
        match result {
            Ok(flow) => {
                self.leave_context(&manager)?;
                Ok(flow)
            }
            Err(throw) if self.release_wait(&manager) => Err(throw),
            Err(throw) if throw.kind == ThrowKind::Exception && !self.is_transparent(&manager) => {
                self.leave_with(&manager, throw)
            }
            other => other,
        }
    }

    /// The body raises: a manager of the project says whether that is all.
    pub(super) fn leave_with(&mut self, manager: &Value, mut throw: Box<Throw>) -> Eval<Flow> {
        let own = matches!(manager, Value::Instance(id) if matches!(self.state.instances[*id].class, Value::Class(_)));
        let exit = if own { self.attribute(manager, Name::new("__exit__")).ok() } else { None };
        let Some(exit @ Value::Method(_)) = exit else {
            throw.raised.certainty = Certainty::Likely;
            return Err(throw);
        };
        let answer = self.call(&exit, vec![throw.class.clone(), throw.value.clone(), Value::Unknown], Vec::new())?;
        match self.truth(&answer) {
            Some(true) => {
                self.log_caught(&throw);
                Ok(Flow::Next)
            }
            Some(false) => Err(throw),
            None => {
                throw.raised.certainty = Certainty::Likely;
                Err(throw)
            }
        }
    }

    /// The body of a `with` statement, with what its manager replaces replaced.
    pub(super) fn exec_managed(&mut self, manager: &Value, rest: &[(Expr, Option<Expr>)], body: &Block) -> Eval<Flow> {
        if self.mutes(manager) {
            self.waits.muted += 1;
            let result = self.exec_with(rest, body);
            self.waits.muted -= 1;
            return result;
        }
        let undo = self.apply_patch(manager);
        let result = self.exec_with(rest, body);
        if let Some((owner, name, old)) = undo {
            self.set_attribute(&owner, name, old);
        }
        result
    }
}
