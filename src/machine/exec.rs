//! Statements, in order.

use std::sync::Arc;

use super::endless::{can_leave, is_constant};
use super::log::{Eval, May, Throw, ThrowKind};
use super::outcome::Cause;
use super::value::{Function, Value};
use super::{Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::python::exceptions;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, Block, Case, Expr, ExprKind, FunctionDef, Op, OpKind};

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

/// Rounds of a loop over known elements that are played one by one.
const ROUNDS: usize = 400;

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
                let value = self.eval(value)?;
                for target in targets {
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
                if exception.is_some() && self.getattrs == 0 && self.is_deep() && !self.is_plain_refusal(&throw) {
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

    // ---- binding ----

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
                self.set_attribute(&object, name, value);
            }
            ExprKind::Subscript { value: object, index } => {
                let object = self.eval(object)?;
                let index = self.eval(index)?;
                self.at(target.span);
                self.set_item(&object, &index, value);
            }
            ExprKind::Starred(inner) => self.assign(inner, value)?,
            _ => {}
        }
        Ok(())
    }

    fn unpack(&mut self, span: Span, targets: &[Expr], value: &Value) -> Eval<()> {
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

    fn assign_unknown(&mut self, targets: &[Expr]) -> Eval<()> {
        targets.iter().try_for_each(|target| self.assign(target, Value::Unknown))
    }

    fn delete(&mut self, target: &Expr) -> Eval<()> {
        match &target.kind {
            ExprKind::Name(name) => {
                let name = self.name(*name);
                self.at(target.span);
                self.delete_name(name)?;
            }
            ExprKind::Attribute { value, name, .. } => {
                let object = self.eval(value)?;
                let name = self.name(*name);
                self.delete_attribute(&object, name);
            }
            ExprKind::Subscript { value, index } => {
                let object = self.eval(value)?;
                let index = self.eval(index)?;
                self.at(target.span);
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

    fn exec_aug_assign(&mut self, target: &Expr, op: BinaryOp, value: &Expr) -> Eval<()> {
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

    fn exec_annotated(&mut self, target: &Expr, annotation: &Expr, value: Option<&Expr>) -> Eval<()> {
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

    // ---- branches and loops ----

    fn exec_if(&mut self, arms: &[(Expr, Block)], orelse: &Block) -> Eval<Flow> {
        let Some(((test, body), rest)) = arms.split_first() else { return self.exec_block(orelse) };
        let value = self.eval(test)?;
        match self.truth(&value) {
            Some(true) => self.exec_block(body),
            Some(false) => self.exec_if(rest, orelse),
            None => self.fork(|machine| machine.exec_block(body), |machine| machine.exec_if(rest, orelse)),
        }
    }

    fn enter_loop(&mut self) -> bool {
        self.frames.last_mut().is_some_and(|frame| std::mem::take(&mut frame.loop_left))
    }

    /// Ends a loop: what some path skips is only possible.
    fn leave_loop(&mut self, outer: bool, result: Eval<Flow>) -> Eval<Flow> {
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

    fn exec_for(&mut self, target: &Expr, iter: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
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
            _ => self.perhaps(|machine| {
                machine.assign(target, Value::Unknown)?;
                let result = machine.exec_block(body);
                machine.once(result)
            }),
        };
        self.leave_loop(outer, result)
    }

    /// A round of a loop whose number of rounds is not known.
    fn once(&mut self, result: Eval<Flow>) -> Eval<Flow> {
        match result? {
            Flow::Break | Flow::Continue => Ok(Flow::Next),
            flow => Ok(flow),
        }
    }

    fn exec_rounds(&mut self, target: &Expr, items: Vec<Value>, body: &Block, orelse: &Block) -> Eval<Flow> {
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

    fn exec_while(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        let outer = self.enter_loop();
        let result = self.exec_while_rounds(span, test, body, orelse);
        self.leave_loop(outer, result)
    }

    fn exec_while_rounds(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        if is_constant(test) && !can_leave(body) {
            return self.exec_endless(span, |machine| machine.exec_block(body));
        }
        let before = self.before_loop();
        let result = self.exec_while_known(span, test, body, orelse)?;
        self.check_retry(span, test, body, before)?;
        Ok(result)
    }

    fn exec_while_known(&mut self, span: Span, test: &Expr, body: &Block, orelse: &Block) -> Eval<Flow> {
        for _ in 0..ROUNDS {
            self.at(span);
            let value = self.eval(test)?;
            match self.truth(&value) {
                Some(false) => return self.exec_block(orelse),
                None => {
                    return self.perhaps(|machine| {
                        let result = machine.exec_block(body);
                        machine.once(result)
                    });
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

    fn exec_cases(&mut self, subject: &Value, cases: &[Case]) -> Eval<Flow> {
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
    fn matches(&mut self, subject: &Value, case: &Case) -> Option<bool> {
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
            Err(throw) if throw.kind == ThrowKind::Exception && !self.is_transparent(&manager) => {
                self.leave_with(&manager, throw)
            }
            other => other,
        }
    }

    /// The body raises: a manager of the project says whether that is all.
    fn leave_with(&mut self, manager: &Value, mut throw: Box<Throw>) -> Eval<Flow> {
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
    fn exec_managed(&mut self, manager: &Value, rest: &[(Expr, Option<Expr>)], body: &Block) -> Eval<Flow> {
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

    // ---- definitions ----

    fn exec_def(&mut self, def: &FunctionDef, span: Span) -> Eval<()> {
        let mut decorators = Vec::new();
        for decorator in &def.decorators {
            self.at(decorator.span);
            decorators.push((self.eval(decorator)?, decorator.span));
        }
        let mut defaults = Vec::new();
        for parameter in def.parameters.iter() {
            if let Some(default) = &parameter.default {
                let name = self.name(parameter.name);
                defaults.push((name, self.eval(default)?));
            }
        }
        if self.evaluates_annotations() && def.type_params.is_empty() {
            let annotations = def.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
            for annotation in annotations.chain(def.returns.as_deref()) {
                self.eval(annotation)?;
            }
        }
        let name = self.name(def.name);
        let Some(function) = self.new_function(name, span, def.body, defaults, def.is_async, def.is_generator) else {
            return Ok(());
        };
        let mut value = Value::Function(self.state.functions.push(function));
        for (decorator, place) in decorators.into_iter().rev() {
            self.at(place);
            value = self.decorate(&decorator, value)?;
        }
        self.at(span);
        self.bind(name, value);
        Ok(())
    }

    pub(super) fn new_function(
        &mut self,
        name: Name,
        span: Span,
        body: crate::summary::ProgramId,
        defaults: Vec<(Name, Value)>,
        is_async: bool,
        is_generator: bool,
    ) -> Option<Function> {
        let frame = self.frames.last()?;
        let mut closure = frame.closure.clone();
        if frame.scope == Scope::Function {
            closure.insert(0, frame.ns);
        }
        let qualname = if frame.qualname.is_empty() {
            Arc::from(name.as_str())
        } else if frame.scope == Scope::Function {
            Arc::from(format!("{}.<locals>.{name}", frame.qualname))
        } else {
            Arc::from(format!("{}.{name}", frame.qualname))
        };
        Some(Function {
            unit: frame.unit,
            owner: frame.program,
            body,
            name,
            qualname,
            module: frame.module,
            span,
            defaults,
            closure,
            class: None,
            is_async,
            is_generator,
            is_lambda: false,
            is_context_manager: false,
            opaque: false,
            marks: Vec::new(),
            fixture: None,
            attributes: None,
            decorators: Vec::new(),
            warns: None,
        })
    }

    // ---- raising ----

    fn exec_raise(&mut self, span: Span, exception: Option<&Expr>, cause: Option<&Expr>) -> Eval<Box<Throw>> {
        let Some(exception) = exception else {
            return Ok(match self.handled.last().cloned() {
                Some(throw) => Box::new(throw),
                None => self.error("RuntimeError", "No active exception to reraise"),
            });
        };
        let value = self.eval(exception)?;
        if let Some(cause) = cause {
            self.eval(cause)?;
        }
        self.at(span);
        self.throw_value(value)
    }

    /// A condition or loop is met.
    fn decides(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.has_decided = true;
        }
    }

    /// Whether a function runs that another function called, and one of them decides: whether it raises hangs on values that
    /// went through many hands, and one of them may be known too well.
    fn is_deep(&self) -> bool {
        let inner = self.frames.iter().rev().take_while(|frame| frame.scope != Scope::Module);
        let functions = inner.filter(|frame| frame.scope == Scope::Function && !frame.is_comprehension);
        let (depth, decided) = functions.fold((0, false), |(n, any), frame| (n + 1, any || frame.has_decided));
        depth >= 2 && decided
    }

    /// Exceptions that tell of the environment, not of values: what is not installed, skipped, ended or warned of.
    fn is_plain_refusal(&mut self, throw: &Throw) -> bool {
        let classes = ["builtins.ImportError", "builtins.SystemExit", "builtins.Warning", "unittest.SkipTest"];
        throw.is_import()
            || !matches!(throw.raised.cause, Cause::Other)
            || classes.iter().any(|class| self.is_subclass(&throw.class, &Value::external(class)) == Some(true))
    }

    /// The exception that `raise value` starts.
    pub(super) fn throw_value(&mut self, value: Value) -> Eval<Box<Throw>> {
        if let Some(throw) = self.handled.iter().rev().find(|throw| throw.value == value && !value.is_unknown()) {
            // Raised again: the traceback grows at its outer end only.
            return Ok(Box::new(throw.clone()));
        }
        let value = match &value {
            Value::Class(_) => self.call(&value, Vec::new(), Vec::new())?,
            Value::External(name) if exceptions::is_known(name.as_str()) => {
                self.instance(value, Vec::new(), Vec::new())
            }
            _ => value,
        };
        if super::mistakes::kind(&value).is_some() {
            return Ok(self.error("TypeError", "exceptions must derive from BaseException"));
        }
        let Value::Instance(instance) = value else {
            let mut throw = self.throw("Exception", None, Cause::Other);
            throw.class = Value::Unknown;
            throw.value = value;
            throw.raised.certainty = Certainty::Likely;
            return Ok(throw);
        };
        let data = &self.state.instances[instance];
        let (class, args, kwargs) = (data.class.clone(), data.args.clone(), data.kwargs.clone());
        let bare = self.class_name(&class);
        let message = self.exception_text(&class, &args);
        let cause = self.cause_of(&class, &kwargs);
        let mut throw = self.throw("Exception", message, cause);
        throw.raised.class = Name::new(&bare);
        throw.class = class;
        throw.value = value;
        if let Some((_, Value::Str(name))) = kwargs.iter().find(|(key, _)| key.as_str() == "name") {
            throw.import_name = Some(Name::new(name));
        }
        Ok(throw)
    }

    /// `str(exception)`, if its class prints its arguments as BaseException does.
    fn exception_text(&mut self, class: &Value, args: &[Value]) -> Option<String> {
        if let Value::Class(class) = class
            && self.class_lookup(*class, Name::new("__str__")).1.is_some()
        {
            return None;
        }
        let is_key_error = self.is_subclass(class, &Value::external("builtins.KeyError")) == Some(true);
        match args {
            [] => Some(String::new()),
            [one] if is_key_error => self.repr(one),
            [one] => self.to_str(one),
            many if self.is_plain_exception(class) => self.repr(&Value::tuple(many.to_vec())),
            _ => None,
        }
    }

    /// Whether several arguments are shown as a tuple: no constructor and no `__str__` of its own says otherwise.
    fn is_plain_exception(&mut self, class: &Value) -> bool {
        if let Value::Class(own) = class
            && self.class_lookup(*own, Name::new("__init__")).1.is_some()
        {
            return false;
        }
        let special = ["OSError", "SyntaxError", "UnicodeError", "ImportError", "SystemExit", "BaseExceptionGroup"];
        let base = |machine: &mut Self, name: &str| {
            machine.is_subclass(class, &Value::external(&format!("builtins.{name}"))) != Some(false)
        };
        self.is_exception(class) && !special.iter().any(|name| base(self, name))
    }

    fn cause_of(&mut self, class: &Value, kwargs: &[(Name, Value)]) -> Cause {
        let is = |machine: &mut Self, name: &str| machine.is_subclass(class, &Value::external(name)) == Some(true);
        if is(self, "builtins.SystemExit") {
            return Cause::Exit(Name::new("SystemExit"));
        }
        if is(self, "unittest.SkipTest") || is(self, "unittest.case.SkipTest") {
            return Cause::Skip { allowed: true };
        }
        if is(self, "_pytest.outcomes.Skipped") {
            let allowed =
                kwargs.iter().any(|(name, value)| name.as_str() == "allow_module_level" && *value == Value::Bool(true));
            return Cause::Skip { allowed };
        }
        Cause::Other
    }

    /// Whether pytest rewrites the assertions of the running module: it imports it by itself.
    fn is_rewritten(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.state.modules[frame.module].name == self.root)
    }

    fn exec_assert(&mut self, span: Span, test: &Expr, message: Option<&Expr>) -> Eval<()> {
        let value = self.eval(test)?;
        let truth = self.truth(&value);
        if truth == Some(true) {
            return Ok(());
        }
        let text = match message {
            Some(message) if truth == Some(false) => {
                let value = self.eval(message)?;
                self.to_str(&value)
            }
            Some(_) => None,
            None => Some(String::new()),
        };
        self.at(span);
        let text = if self.is_rewritten() { rewritten(test, message.is_some(), text) } else { text };
        let throw = self.throw("AssertionError", text, Cause::Other);
        // What a followed call asserts depends on values that may be known too well.
        if truth == Some(false) && self.calls == 0 {
            return Err(throw);
        }
        self.may_raise(May::This(throw));
        Ok(())
    }
}

/// What pytest makes of an assertion's message, as far as its text alone tells.
fn rewritten(test: &Expr, has_message: bool, text: Option<String>) -> Option<String> {
    let shown = match &test.kind {
        ExprKind::Bool(false) => "assert False",
        ExprKind::None => "assert None",
        ExprKind::Int(0) => "assert 0",
        _ => return None,
    };
    if has_message { text.map(|text| format!("{text}\n{shown}")) } else { Some(shown.to_owned()) }
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
