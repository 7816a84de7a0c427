//! Statements, in order.

use super::Machine;
use super::log::{Eval, May};
use super::value::Value;
use crate::summary::program::{Op, OpKind};

/// How a block ends when it does not raise.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Flow {
    /// At its end.
    Next,
    /// `return`
    Return(Value),
    /// `break`
    Break,
    /// `continue`
    Continue,
}

impl Machine<'_> {
    /// Runs statements in order.
    pub(super) fn exec_block(&mut self, block: &[Op]) -> Eval<Flow> {
        for op in block {
            self.steps += 1;
            if self.frames.last().is_some_and(|frame| self.steps > frame.limit) {
                return Err(self.give_up("the module takes too many steps to follow"));
            }
            self.at(op.span);
            let flow = match self.exec_op(op) {
                Ok(flow) => flow,
                Err(throw) if self.setup.repairs.is_empty() => return Err(throw),
                Err(throw) => self.leaves(op, throw)?,
            };
            match flow {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn exec_op(&mut self, op: &Op) -> Eval<Flow> {
        match &op.kind {
            OpKind::Import { module, alias } => self.exec_import(*module, *alias)?,
            OpKind::ImportFrom { level, module, names, star } => {
                self.exec_import_from(*level, *module, names, *star)?;
            }
            OpKind::Assign { targets, value } => {
                let expr = value;
                let value = self.eval(expr)?;
                for target in targets {
                    self.refuse_unpacking(target, expr, &value)?;
                    self.assign(target, value.clone())?;
                }
            }
            OpKind::AugAssign { target, op, value } => self.exec_aug_assign(target, *op, value)?,
            OpKind::AnnAssign { target, annotation, value } => {
                self.exec_annotated(target, annotation, value.as_ref())?;
            }
            OpKind::Delete(targets) => {
                for target in targets {
                    self.delete(target)?;
                }
            }
            OpKind::Expr(expr) => {
                self.eval(expr)?;
            }
            OpKind::If { arms, orelse } => {
                self.decides();
                return self.exec_if(arms, orelse);
            }
            OpKind::While { test, body, orelse } => {
                self.decides();
                return self.exec_while(op.span, test, body, orelse);
            }
            OpKind::For { target, iter, body, orelse, .. } => {
                self.decides();
                return self.exec_for(target, iter, body, orelse);
            }
            OpKind::Try(parts) => return self.exec_try(parts),
            OpKind::With { items, body, .. } => return self.exec_with(items, body),
            OpKind::Match { subject, cases } => {
                let subject = self.eval(subject)?;
                self.decides();
                return self.exec_cases(&subject, cases);
            }
            OpKind::FunctionDef(def) => self.exec_def(def, op.span)?,
            OpKind::ClassDef(class) => self.exec_class(class, op.span)?,
            OpKind::Return(value) => {
                let value = value.as_ref().map_or(Ok(Value::None), |value| self.eval(value))?;
                return Ok(Flow::Return(value));
            }
            OpKind::Raise { exception, cause } => {
                let throw = self.exec_raise(op.span, exception.as_ref(), cause.as_ref())?;
                let believed = self.getattrs > 0 || self.kind_runs > 0;
                if exception.is_some() && !believed && self.is_deep() && !self.is_plain_refusal(&throw) {
                    self.may_raise(May::This(throw));
                    return Ok(Flow::Return(Value::Unknown));
                }
                return Err(throw);
            }
            OpKind::Assert { test, message } => self.exec_assert(op.span, test, message.as_ref())?,
            OpKind::Global(names) => {
                let names: Vec<_> = names.iter().map(|name| self.name(*name)).collect();
                if let Some(frame) = self.frames.last_mut() {
                    frame.globals.extend(names);
                }
            }
            OpKind::Nonlocal(names) => {
                let names: Vec<_> = names.iter().map(|name| self.name(*name)).collect();
                if let Some(frame) = self.frames.last_mut() {
                    frame.nonlocals.extend(names);
                }
            }
            OpKind::TypeAlias(name) => {
                let name = self.name(*name);
                self.bind(name, Value::external("typing.TypeAliasType()"));
            }
            OpKind::Break => return Ok(Flow::Break),
            OpKind::Continue => return Ok(Flow::Continue),
            OpKind::Pass => {}
            OpKind::Unreadable => self.lose_sight("text that cannot be read"),
        }
        Ok(Flow::Next)
    }

    /// Something happened that may have bound any name here.
    pub(super) fn lose_sight(&mut self, reason: &'static str) {
        if let Some(ns) = self.frames.last().map(|frame| frame.ns) {
            self.state.open(ns, reason);
        }
        self.may_raise(May::Anything);
    }
}
