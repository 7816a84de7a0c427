//! Expressions, in CPython's order of evaluation.

use std::sync::Arc;

use super::convert::{Table, grown, is_heavy};
use super::log::{Eval, May};
use super::mistakes::Use;
use super::value::{Function, NsId, Value};
use super::{Activation, Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::summary::program::{
    Call, CompareOp, Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, Generator, Parameter, UnaryOp,
};
use crate::summary::{ProgramId, Sym};

/// Elements of a comprehension that are played one by one.
const ROUNDS: usize = 2_000;

impl Machine<'_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, expr: &Expr) -> Eval {
        match &expr.kind {
            ExprKind::Name(name) => {
                let name = self.name(*name);
                self.at(expr.span);
                self.read_name(name)
            }
            ExprKind::None => Ok(Value::None),
            ExprKind::Ellipsis => Ok(Value::Ellipsis),
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Int(value) => Ok(Value::Int(*value)),
            ExprKind::Float(value) => Ok(Value::Float(*value)),
            ExprKind::BigInt(text) => Ok(super::numbers::literal(self.text(*text))),
            ExprKind::Imaginary(value) => Ok(Value::Complex(0.0, *value)),
            ExprKind::Str(text) => Ok(Value::str(self.text(*text))),
            ExprKind::Bytes(text) => Ok(Value::Bytes(Arc::from(self.text(*text)))),
            ExprKind::FString(parts) => self.eval_fstring(parts),
            ExprKind::Attribute { value, name, .. } => self.eval_attribute(expr.span, value, *name),
            ExprKind::Subscript { value, index } => {
                let object = self.eval(value)?;
                let index = self.eval(index)?;
                self.at(expr.span);
                if object == Value::None && !self.is_doubtful(value, &object) {
                    self.refuse(self.refused_item(&object, &index))?;
                }
                self.item(&object, &index)
            }
            ExprKind::Slice { lower, upper, step } => {
                let mut parts = Vec::new();
                for part in [lower, upper, step] {
                    parts.push(part.as_ref().map_or(Ok(Value::None), |part| self.eval(part))?);
                }
                Ok(Value::Partial(Arc::new((Value::external("builtins.slice"), parts, Vec::new()))))
            }
            ExprKind::Call(call) => self.eval_call(expr.span, call),
            ExprKind::Binary { left, op, right } => {
                let (a, b) = (self.eval(left)?, self.eval(right)?);
                self.at(expr.span);
                self.refuse_none(*op, (left, &a), (right, &b))?;
                self.binary(*op, &a, &b)
            }
            ExprKind::Unary { op, operand } => {
                let value = self.eval(operand)?;
                self.at(expr.span);
                let judged = self.judged(operand, &value);
                self.refuse(self.refused_unary(*op, &judged))?;
                Ok(self.unary(*op, &value))
            }
            ExprKind::Bool2 { is_and, values } => self.eval_bool(*is_and, values),
            ExprKind::Compare { left, rest } => self.eval_compare(left, rest),
            ExprKind::IfExp { test, body, orelse } => self.eval_if(test, body, orelse),
            ExprKind::Lambda { parameters, body } => self.eval_lambda(expr.span, parameters, *body),
            ExprKind::Tuple(items) => {
                let (items, exact) = self.eval_items(items, None)?;
                Ok(if exact && !is_heavy(&items) {
                    Value::tuple(items)
                } else {
                    Value::List(self.state.new_object(items, Vec::new(), false))
                })
            }
            ExprKind::List(items) => {
                let (items, exact) = self.eval_items(items, None)?;
                Ok(Value::List(self.state.new_object(items, Vec::new(), exact)))
            }
            ExprKind::Set(items) => {
                let (items, exact) = self.eval_items(items, None)?;
                self.at(expr.span);
                self.refuse_elements(&items)?;
                Ok(self.new_set(items, exact))
            }
            ExprKind::Dict(entries) => self.eval_dict(entries),
            ExprKind::Comprehension(comprehension) => self.eval_comprehension(expr.span, comprehension),
            ExprKind::Starred(inner) => self.eval(inner),
            ExprKind::Await(inner) => {
                let value = self.eval(inner)?;
                self.at(expr.span);
                self.await_value(&value)
            }
            ExprKind::Yield(inner) => {
                let value = match inner {
                    Some(inner) => self.eval(inner)?,
                    None => Value::None,
                };
                self.exec_yield(value)
            }
            ExprKind::YieldFrom(inner) => {
                let source = self.eval(inner)?;
                self.exec_yield_from(&source)
            }
            ExprKind::Named { target, value } => {
                let value = self.eval(value)?;
                let name = self.name(*target);
                self.bind_outside_comprehensions(name, value.clone());
                Ok(value)
            }
            ExprKind::Unreadable => {
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    /// `:=` binds in the scope around comprehensions.
    fn bind_outside_comprehensions(&mut self, name: Name, value: Value) {
        let Some(at) = self.frames.iter().rposition(|frame| !frame.is_comprehension) else { return };
        let inner = self.frames.split_off(at + 1);
        self.bind(name, value);
        self.frames.extend(inner);
    }

    fn eval_attribute(&mut self, span: Span, value: &Expr, name: Sym) -> Eval {
        let object = self.eval(value)?;
        let name = self.name(name);
        self.at(span);
        if object == Value::None && !self.is_doubtful(value, &object) {
            return self.attribute_of_none(name);
        }
        self.attribute(&object, name)
    }

    fn attribute_of_none(&mut self, name: Name) -> Eval {
        let text = name.as_str();
        if text.starts_with("__") {
            return Ok(Value::Unknown);
        }
        self.fails("AttributeError", format!("'NoneType' object has no attribute '{text}'"))
    }

    /// What an operator makes of a None that is certain.
    fn refuse_none(
        &mut self,
        op: crate::summary::program::BinaryOp,
        left: (&Expr, &Value),
        right: (&Expr, &Value),
    ) -> Eval<()> {
        if *left.1 != Value::None && *right.1 != Value::None || op == crate::summary::program::BinaryOp::BitOr {
            return Ok(());
        }
        let (a, b) = (self.judged(left.0, left.1), self.judged(right.0, right.1));
        self.refuse(self.refused_binary(op, &a, &b))
    }

    /// Elements of a display; not exact if a starred one is not known.
    fn eval_items(&mut self, items: &[Expr], callee: Option<(Span, &Value)>) -> Eval<(Vec<Value>, bool)> {
        let (mut found, mut exact) = (Vec::with_capacity(items.len()), true);
        for item in items {
            let value = self.eval(item)?;
            if !matches!(item.kind, ExprKind::Starred(_)) {
                found.push(value);
                continue;
            }
            if let Some((span, _)) = callee {
                self.at(span);
            }
            self.refuse(self.refused_star(callee.map(|(_, callee)| callee), &value))?;
            match self.iterate(&value)? {
                Some(inner) => found.extend(inner),
                None => {
                    exact = false;
                    if let Some((inner, _)) = self.elements(&value) {
                        found.extend(inner);
                    }
                }
            }
        }
        Ok((found, exact))
    }

    fn eval_dict(&mut self, entries: &[(Option<Expr>, Expr)]) -> Eval {
        let mut table = Table::default();
        let mut dict = None;
        for (key, value) in entries {
            let Some(key) = key else {
                let other = self.eval(value)?;
                let own = *dict.get_or_insert_with(|| table.take(&mut self.state));
                self.update(own, &other);
                continue;
            };
            let place = key.span;
            let key = self.eval(key)?;
            let value = self.eval(value)?;
            if key.is_container() {
                self.at(place);
                self.refuse(self.unhashable(&key, Use::Key))?;
            }
            match dict {
                Some(dict) => self.set_item(&Value::Dict(dict), &key, value),
                None => table.put(key, value),
            }
        }
        Ok(Value::Dict(dict.unwrap_or_else(|| table.take(&mut self.state))))
    }

    fn eval_fstring(&mut self, parts: &[FStringPart]) -> Eval {
        let mut text = Some(String::new());
        for part in parts {
            let piece = match part {
                FStringPart::Literal(literal) => Some(self.text(*literal).to_owned()),
                FStringPart::Value { value, conversion, spec, debug } => {
                    let value = self.eval(value)?;
                    let spec = if spec.is_empty() { Value::str("") } else { self.eval_fstring(spec)? };
                    let prefix = debug.map(|debug| self.text(debug));
                    let shown = match (conversion, spec.as_str()) {
                        (_, None) => None,
                        (Some('r'), Some(spec)) => {
                            self.repr(&value).and_then(|text| self.formatted(&Value::str(&text), spec))
                        }
                        (Some('a'), _) => None,
                        (Some(_), Some(spec)) => {
                            self.to_str(&value).and_then(|text| self.formatted(&Value::str(&text), spec))
                        }
                        (None, Some(spec)) => self.formatted(&value, spec),
                    };
                    shown.map(|shown| format!("{}{shown}", prefix.unwrap_or_default()))
                }
            };
            text = match (text, piece) {
                (Some(mut text), Some(piece)) => {
                    text.push_str(&piece);
                    Some(text)
                }
                _ => None,
            };
        }
        Ok(text.map_or(Value::external("builtins.str()"), |text| grown(&text)))
    }

    fn eval_bool(&mut self, is_and: bool, values: &[Expr]) -> Eval {
        let Some((first, rest)) = values.split_first() else { return Ok(Value::Unknown) };
        let value = self.eval(first)?;
        if rest.is_empty() {
            return Ok(value);
        }
        match self.truth(&value) {
            Some(truth) if truth != is_and => Ok(value),
            Some(_) => self.eval_bool(is_and, rest),
            None => {
                let mut other = None;
                self.perhaps(|machine| {
                    other = Some(machine.eval_bool(is_and, rest)?);
                    Ok(super::exec::Flow::Next)
                })?;
                // `unknown and False` is false either way, as far as a condition goes.
                Ok(match other.map(|other| (self.truth(&other), other)) {
                    Some((Some(truth), other)) if truth != is_and => {
                        if matches!(other, Value::Bool(_)) {
                            other
                        } else {
                            Value::Bool(truth)
                        }
                    }
                    Some((_, other)) if other == value => value,
                    _ => Value::Unknown,
                })
            }
        }
    }

    fn eval_compare(&mut self, left: &Expr, rest: &[(CompareOp, Expr)]) -> Eval {
        let mut shown = left;
        let mut left = self.eval(left)?;
        let mut result = Some(true);
        for (op, expr) in rest {
            let right = self.eval(expr)?;
            if left == Value::None || right == Value::None {
                let (a, b) = (self.judged(shown, &left), self.judged(expr, &right));
                self.refuse(self.refused_comparison(*op, &a, &b))?;
            }
            shown = expr;
            if let [(op, _)] = rest
                && matches!((&left, &right), (Value::Instance(_), _) | (_, Value::Instance(_)))
                && !matches!(op, CompareOp::Is | CompareOp::IsNot | CompareOp::In | CompareOp::NotIn)
                && let Some(value) = self.compare_foreign(&left, &right)
            {
                self.may_raise(May::Anything);
                return Ok(value);
            }
            let one = self.compare(*op, &left, &right)?.or_else(|| self.presumed(*op, expr));
            result = match (result, one) {
                (_, Some(false)) => return Ok(Value::Bool(false)),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            left = right;
        }
        Ok(result.map_or(Value::Unknown, Value::Bool))
    }

    /// Where code is listened to: what is not known is hardly the value that it is compared with.
    fn presumed(&self, op: CompareOp, right: &Expr) -> Option<bool> {
        let literal = matches!(right.kind, ExprKind::Str(_) | ExprKind::Int(_));
        (self.overheard.unsure > 0 && literal && matches!(op, CompareOp::Eq | CompareOp::NotEq))
            .then_some(op == CompareOp::NotEq)
    }

    fn eval_if(&mut self, test: &Expr, body: &Expr, orelse: &Expr) -> Eval {
        let value = self.eval(test)?;
        match self.truth(&value) {
            Some(true) => self.eval(body),
            Some(false) => self.eval(orelse),
            None => {
                let (mut a, mut b) = (None, None);
                self.fork(
                    |machine| {
                        a = Some(machine.eval(body)?);
                        Ok(super::exec::Flow::Next)
                    },
                    |machine| {
                        b = Some(machine.eval(orelse)?);
                        Ok(super::exec::Flow::Next)
                    },
                )?;
                Ok(match (a, b) {
                    (Some(a), Some(b)) => self.state.join_values(a, b),
                    (Some(one), None) | (None, Some(one)) => one,
                    (None, None) => Value::Unknown,
                })
            }
        }
    }

    fn eval_lambda(&mut self, span: Span, parameters: &Arc<[Parameter]>, body: ProgramId) -> Eval {
        let mut defaults = Vec::new();
        for parameter in parameters.iter() {
            if let Some(default) = &parameter.default {
                let name = self.name(parameter.name);
                defaults.push((name, self.eval(default)?));
            }
        }
        let Some(function) = self.new_function(Name::new("<lambda>"), span, body, defaults, false, false) else {
            return Ok(Value::Unknown);
        };
        let function = Function { is_lambda: true, ..function };
        let id = self.state.functions.push(function);
        self.lambda_parameters.insert(id, Arc::clone(parameters));
        Ok(Value::Function(id))
    }

    // ---- comprehensions ----

    fn eval_comprehension(&mut self, span: Span, comprehension: &Comprehension) -> Eval {
        let Some((first, rest)) = comprehension.generators.split_first() else { return Ok(Value::Unknown) };
        let source = self.eval(&first.iter)?;
        self.at(first.iter.span);
        let items = self.iterate(&source)?;
        let lazy = comprehension.kind == ComprehensionKind::Generator;
        let Some(frame) = self.comprehension_frame(span) else { return Ok(Value::Unknown) };
        self.frames.push(frame);
        let mut out = Output::default();
        let result = match items {
            Some(items) if items.len() <= ROUNDS => self.rounds(comprehension, first, rest, items, &mut out),
            _ if lazy => {
                out.inexact = true;
                Ok(())
            }
            _ => {
                out.inexact = true;
                self.perhaps(|machine| {
                    machine.rounds(comprehension, first, rest, vec![Value::Unknown], &mut Output::default())?;
                    Ok(super::exec::Flow::Next)
                })
                .map(|_| ())
            }
        };
        self.frames.pop();
        match result {
            // A generator expression runs when somebody iterates it: what it raises may never be seen.
            Err(throw) if lazy => {
                self.may_raise(May::This(throw));
                return Ok(Value::Unknown);
            }
            other => other?,
        }
        Ok(match comprehension.kind {
            _ if out.inexact && comprehension.kind == ComprehensionKind::Generator => Value::Unknown,
            ComprehensionKind::List => Value::List(self.state.new_object(out.items, Vec::new(), !out.inexact)),
            ComprehensionKind::Generator => {
                let list = self.state.list(out.items);
                self.state.mark_generator(&list);
                list
            }
            ComprehensionKind::Set => self.new_set(out.items, !out.inexact),
            ComprehensionKind::Dict => {
                let dict = self.state.new_object(Vec::new(), Vec::new(), !out.inexact);
                for (key, value) in out.items.into_iter().zip(out.values) {
                    self.set_item(&Value::Dict(dict), &key, value);
                }
                Value::Dict(dict)
            }
        })
    }

    fn comprehension_frame(&mut self, span: Span) -> Option<Activation> {
        let ns: NsId = self.state.new_ns();
        let frame = self.frames.last()?;
        let mut closure = frame.closure.clone();
        if frame.scope == Scope::Function {
            closure.insert(0, frame.ns);
        }
        Some(Activation {
            program: frame.program,
            scope: Scope::Function,
            closure,
            span,
            function: frame.function,
            first: frame.first.clone(),
            is_comprehension: true,
            qualname: Arc::clone(&frame.qualname),
            limit: frame.limit,
            ..self.module_frame(frame.unit, frame.module, ns)
        })
    }

    fn rounds(
        &mut self,
        comprehension: &Comprehension,
        generator: &Generator,
        rest: &[Generator],
        items: Vec<Value>,
        out: &mut Output,
    ) -> Eval<()> {
        'items: for item in items {
            self.steps += 1;
            if self.frames.last().is_some_and(|frame| self.steps > frame.limit) {
                return Err(self.give_up("a comprehension takes too many steps to follow"));
            }
            self.assign(&generator.target, item)?;
            let mut doubtful = false;
            for condition in &generator.conditions {
                let value = self.eval(condition)?;
                match self.truth(&value) {
                    Some(false) => continue 'items,
                    Some(true) => {}
                    None => doubtful = true,
                }
            }
            if doubtful {
                out.inexact = true;
                self.perhaps(|machine| {
                    machine.round(comprehension, rest, &mut Output::default())?;
                    Ok(super::exec::Flow::Next)
                })?;
            } else {
                self.round(comprehension, rest, out)?;
            }
        }
        Ok(())
    }

    fn round(&mut self, comprehension: &Comprehension, rest: &[Generator], out: &mut Output) -> Eval<()> {
        let Some((next, rest)) = rest.split_first() else {
            let element = self.eval(&comprehension.element)?;
            out.items.push(element);
            if let Some(value) = &comprehension.value {
                let value = self.eval(value)?;
                out.values.push(value);
            }
            return Ok(());
        };
        let source = self.eval(&next.iter)?;
        match self.iterate(&source)? {
            Some(items) if items.len() <= ROUNDS => self.rounds(comprehension, next, rest, items, out),
            _ => {
                out.inexact = true;
                self.perhaps(|machine| {
                    machine.rounds(comprehension, next, rest, vec![Value::Unknown], &mut Output::default())?;
                    Ok(super::exec::Flow::Next)
                })
                .map(|_| ())
            }
        }
    }

    // ---- calls ----

    fn eval_call(&mut self, span: Span, call: &Call) -> Eval {
        let function = self.eval(&call.function)?;
        let (arguments, exact) = self.eval_items(&call.arguments, Some((span, &function)))?;
        let mut keywords = Vec::with_capacity(call.keywords.len());
        let mut complete = exact;
        for (name, value) in &call.keywords {
            let value = self.eval(value)?;
            match name {
                Some(name) => keywords.push((self.name(*name), value)),
                None => {
                    self.at(span);
                    complete &= self.spread(&function, &value, &mut keywords)?;
                }
            }
        }
        self.at(span);
        if let ExprKind::Attribute { name, .. } = &call.function.kind
            && matches!(
                self.text(*name),
                "exec_module" | "load_module" | "load_source" | "run_path" | "run_module" | "runcode" | "execfile"
            )
        {
            self.runs_unread_code();
        }
        self.note_marked(span, &arguments, &keywords)?;
        if !self.asks_for_kinds() {
            let value = self.call_with(&function, arguments, keywords, complete, Some((span, call)))?;
            if value == Value::None {
                self.note_none(&function, span);
            }
            return Ok(value);
        }
        let value = self.call_with(&function, arguments.clone(), keywords.clone(), complete, Some((span, call)))?;
        if value == Value::None {
            self.note_none(&function, span);
        }
        Ok(self.with_kind(value, &function, arguments, keywords, complete))
    }

    /// Elements of a set must be hashable.
    pub(super) fn refuse_elements(&mut self, items: &[Value]) -> Eval<()> {
        let refusal =
            items.iter().filter(|item| item.is_container()).find_map(|item| self.unhashable(item, Use::Element));
        self.refuse(refusal)
    }

    /// The running module executes code that is not read.
    pub(super) fn runs_unread_code(&mut self) {
        if let Some(frame) = self.frames.last() {
            self.wild.insert(frame.module);
            self.runs_unseen = true;
        }
    }

    fn unary(&mut self, op: UnaryOp, value: &Value) -> Value {
        match (op, value) {
            (UnaryOp::Not, value) => self.truth(value).map_or(Value::Unknown, |truth| Value::Bool(!truth)),
            (
                UnaryOp::USub,
                Value::Bool(_) | Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(..),
            ) => super::numbers::negative(value).unwrap_or(Value::Unknown),
            (UnaryOp::UAdd, Value::Int(_) | Value::BigInt(_) | Value::Float(_) | Value::Complex(..)) => value.clone(),
            (UnaryOp::Invert, Value::Int(value)) => Value::Int(!value),
            (UnaryOp::USub, Value::Instance(_)) if let Some(value) = self.combine_foreign(None, value, None) => value,
            _ => {
                self.may_raise(May::Anything);
                Value::Unknown
            }
        }
    }
}

/// What a comprehension has made so far.
#[derive(Default)]
struct Output {
    items: Vec<Value>,
    values: Vec<Value>,
    inexact: bool,
}
