//! `with`: managers, what they swallow, what they replace.

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, Throw, ThrowKind};
use super::value::Value;
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::python::version::PythonVersion;
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
        self.refuse_manager(&manager)?;
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

    /// A value that has no `__enter__` or `__exit__`.
    fn refuse_manager(&mut self, manager: &Value) -> Eval<()> {
        if *manager == Value::None {
            return Ok(());
        }
        let new = self.setup.version >= PythonVersion::three(11);
        let enters = self.kind_without(manager, &["__enter__"]);
        let leaves = self.kind_without(manager, &["__exit__"]);
        let (kind, missing) = match (enters, leaves) {
            // Before 3.9 `__enter__` is looked up first, and since then both before either is called.
            (Some(kind), _) => (kind, "__enter__"),
            (None, Some(kind)) => (kind, "__exit__"),
            (None, None) => return Ok(()),
        };
        if !new {
            return self.fails("AttributeError", missing).map(|_| ());
        }
        let tail = if missing == "__exit__" { " (missed __exit__ method)" } else { "" };
        let text = format!("'{kind}' object does not support the context manager protocol{tail}");
        self.fails("TypeError", text).map(|_| ())
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
