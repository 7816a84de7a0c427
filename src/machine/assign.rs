//! Targets: binding, unpacking, deleting, `+=`.

use super::log::{Eval, May, Throw};
use super::value::Value;
use super::{Machine, Scope};
use crate::base::span::Span;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, Expr, ExprKind};

impl Machine<'_> {
    pub(super) fn assign(&mut self, target: &Expr, value: Value) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let name = self.name(*name);
                self.bind(name, value);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => self.unpack(target.span, targets, &value)?,
            ExprKind::Attribute { value: object, name, .. } => {
                let object = self.eval(object)?;
                let name = self.name(*name);
                self.at(target.span);
                self.refuse_attribute_set(&object, name)?;
                self.set_attribute(&object, name, value);
            }
            ExprKind::Subscript { value: object, index } => {
                let object = self.eval(object)?;
                let index = self.eval(index)?;
                self.at(target.span);
                self.refuse(self.refused_item_set(&object, &index, false).filter(|_| object != Value::None))?;
                self.set_item(&object, &index, value);
            }
            ExprKind::Starred(inner) => self.assign(inner, value)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn unpack(&mut self, span: Span, targets: &[Expr], value: &Value) -> Eval<()> {
        if let Some(kind) = self.not_iterable(value).filter(|_| *value != Value::None) {
            self.at(span);
            self.fails("TypeError", format!("cannot unpack non-iterable {kind} object"))?;
        }
        let star = targets.iter().position(|target| matches!(target.kind, ExprKind::Starred(_)));
        let Some((items, true)) = self.sequence(value) else {
            self.may_raise(May::Anything);
            return self.assign_unknown(targets);
        };
        self.at(span);
        let (given, wanted) = (items.len(), targets.len());
        let Some(star) = star else {
            if given > wanted {
                let more = self.setup.version >= PythonVersion::three(14);
                let tail = if more { format!(", got {given}") } else { String::new() };
                self.fails("ValueError", format!("too many values to unpack (expected {wanted}{tail})"))?;
                return self.assign_unknown(targets);
            }
            if given < wanted {
                let text = format!("not enough values to unpack (expected {wanted}, got {given})");
                self.fails("ValueError", text)?;
                return self.assign_unknown(targets);
            }
            for (target, item) in targets.iter().zip(items) {
                self.assign(target, item)?;
            }
            return Ok(());
        };
        if given < wanted - 1 {
            let text = format!("not enough values to unpack (expected at least {}, got {given})", wanted - 1);
            self.fails("ValueError", text)?;
            return self.assign_unknown(targets);
        }
        let behind = wanted - star - 1;
        for (target, item) in targets[..star].iter().zip(&items) {
            self.assign(target, item.clone())?;
        }
        let middle = self.state.list(items[star..given - behind].to_vec());
        self.assign(&targets[star], middle)?;
        for (target, item) in targets[star + 1..].iter().zip(&items[given - behind..]) {
            self.assign(target, item.clone())?;
        }
        Ok(())
    }

    /// `a, b = None`, where that is certain.
    pub(super) fn refuse_unpacking(&mut self, target: &Expr, expr: &Expr, value: &Value) -> Eval<()> {
        let unpacks = matches!(target.kind, ExprKind::Tuple(_) | ExprKind::List(_));
        if *value != Value::None || !unpacks || self.is_doubtful(expr, value) {
            return Ok(());
        }
        self.at(target.span);
        self.fails("TypeError", "cannot unpack non-iterable NoneType object").map(|_| ())
    }

    pub(super) fn assign_unknown(&mut self, targets: &[Expr]) -> Eval<()> {
        targets.iter().try_for_each(|target| self.assign(target, Value::Unknown))
    }

    pub(super) fn delete(&mut self, target: &Expr) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let name = self.name(*name);
                self.at(target.span);
                self.delete_name(name)?;
            }
            ExprKind::Attribute { value, name, .. } => {
                let object = self.eval(value)?;
                let name = self.name(*name);
                self.at(target.span);
                self.refuse_attribute_deletion(&object, name)?;
                self.delete_attribute(&object, name);
            }
            ExprKind::Subscript { value, index } => {
                let object = self.eval(value)?;
                let index = self.eval(index)?;
                self.at(target.span);
                self.refuse(self.refused_item_set(&object, &index, true).filter(|_| object != Value::None))?;
                self.delete_item(&object, &index)?;
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                for target in targets {
                    self.delete(target)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn exec_aug_assign(&mut self, target: &Expr, op: BinaryOp, value: &Expr) -> Eval<()> {
        let old = self.eval(target)?;
        let operand = self.eval(value)?;
        self.at(target.span);
        if let (Value::List(list), BinaryOp::Add) = (&old, op) {
            self.extend(*list, &operand);
            // `sys.path += [...]` changes the list in place, and binds it again.
            return self.assign(target, old);
        }
        let result = self.binary(op, &old, &operand).map_err(in_place)?;
        self.assign(target, result)
    }

    pub(super) fn exec_annotated(&mut self, target: &Expr, annotation: &Expr, value: Option<&Expr>) -> Eval<()> {
        if let Some(value) = value {
            let value = self.eval(value)?;
            self.assign(target, value)?;
        }
        let in_function = self.frames.last().is_some_and(|frame| frame.scope == Scope::Function);
        if !in_function && self.evaluates_annotations() {
            self.eval(annotation)?;
        }
        Ok(())
    }

    /// Whether annotations run where they stand.
    pub(super) fn evaluates_annotations(&self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        self.setup.version < PythonVersion::three(14) && !self.units[frame.unit].summary.future_annotations
    }
}

/// The operator of `+=` as messages show it.
fn in_place(mut throw: Box<Throw>) -> Box<Throw> {
    if let Some(message) = &mut throw.raised.message
        && let Some((sign, types)) =
            message.strip_prefix("unsupported operand type(s) for ").and_then(|rest| rest.split_once(": "))
    {
        *message = format!("unsupported operand type(s) for {sign}=: {types}");
    }
    throw
}
