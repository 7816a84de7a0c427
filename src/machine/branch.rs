//! Branches: undecided conditions run both sides on forks of the state and join them; `try` by exception class.

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, May, Throw, ThrowKind};
use super::outcome::Cause;
use super::state::Delta;
use super::value::Value;
use crate::base::intern::Name;
use crate::python::exceptions;
use crate::summary::program::{Block, Handler, Try};

/// A block's way out.
type Exit = Eval<Flow>;

impl Machine<'_> {
    /// Runs both sides, of which the program takes one; what is left is what both have in common.
    pub(super) fn fork(
        &mut self,
        first: impl FnOnce(&mut Self) -> Exit,
        second: impl FnOnce(&mut Self) -> Exit,
    ) -> Exit {
        let (a, left) = self.branch(first);
        let (b, right) = self.branch(second);
        self.settle((a, left), (b, right))
    }

    /// Runs one side and undoes it.
    fn branch(&mut self, run: impl FnOnce(&mut Self) -> Exit) -> (Exit, Delta) {
        self.state.fork();
        self.doubt += 1;
        let exit = run(self);
        self.doubt -= 1;
        let delta = self.state.rewind();
        self.remember_modules(&delta);
        (exit, delta)
    }

    /// Finds something out on a branch that is undone.
    pub(super) fn on_a_branch<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.state.fork();
        self.doubt += 1;
        let found = run(self);
        self.doubt -= 1;
        let delta = self.state.rewind();
        self.remember_modules(&delta);
        found
    }

    /// Runs what is undone without being in doubt.
    pub(super) fn on_an_undone_path<T>(&mut self, run: impl FnOnce(&mut Self) -> Eval<T>) -> Eval<T> {
        self.state.fork();
        self.tries.push(Vec::new());
        let result = run(self);
        self.tries.pop();
        let delta = self.state.rewind();
        self.remember_modules(&delta);
        result
    }

    /// Modules that an undone branch loaded are reused by later imports instead of running again.
    fn remember_modules(&mut self, delta: &Delta) {
        for (place, content) in delta {
            if let (super::state::Place::Loaded(name), super::state::Content::Value(Some(Value::Module(module)))) =
                (place, content)
            {
                self.undone.insert(*name, *module);
            }
        }
    }

    fn settle(&mut self, (a, left): (Exit, Delta), (b, right): (Exit, Delta)) -> Exit {
        match (a, b) {
            (Ok(a), Ok(b)) => {
                self.state.join(left, right);
                Ok(self.join_flows(a, b))
            }
            (Err(throw), Ok(flow)) => {
                self.state.apply(right);
                self.dismiss(throw)?;
                Ok(flow)
            }
            (Ok(flow), Err(throw)) => {
                self.state.apply(left);
                self.dismiss(throw)?;
                Ok(flow)
            }
            (Err(a), Err(b)) => {
                self.state.join(left, right);
                Err(self.either(a, b))
            }
        }
    }

    /// Both sides raise: for certain if they agree.
    fn either(&mut self, a: Box<Throw>, b: Box<Throw>) -> Box<Throw> {
        if a.kind == ThrowKind::GiveUp {
            return a;
        }
        if b.kind == ThrowKind::GiveUp {
            return b;
        }
        let agree = a.raised.class == b.raised.class && a.raised.message == b.raised.message;
        let mut throw = a;
        if agree {
            throw.raised.certainty = throw.raised.certainty.min(b.raised.certainty);
        } else {
            throw.raised.certainty = crate::diagnostic::Certainty::Likely;
            self.may_raise(May::This(b));
        }
        throw
    }

    /// One side raises and the other goes on.
    fn dismiss(&mut self, throw: Box<Throw>) -> Eval<()> {
        if throw.kind == ThrowKind::GiveUp {
            return Err(throw);
        }
        self.may_raise(May::This(throw));
        Ok(())
    }

    fn join_flows(&mut self, a: Flow, b: Flow) -> Flow {
        if a == b {
            return a;
        }
        match (a, b) {
            (Flow::Return(a), Flow::Return(b)) => Flow::Return(self.state.join_values(a, b)),
            (Flow::Return(value), other) | (other, Flow::Return(value)) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.may_return.push(value);
                    frame.left = true;
                }
                other
            }
            (Flow::Break, other) | (other, Flow::Break) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.loop_left = true;
                }
                other
            }
            // Some path skips the rest of this round.
            (Flow::Continue | Flow::Next, Flow::Continue | Flow::Next) => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.loop_left = true;
                }
                Flow::Next
            }
        }
    }

    /// Runs a block that may not run at all.
    pub(super) fn perhaps(&mut self, run: impl FnOnce(&mut Self) -> Exit) -> Exit {
        self.fork(run, |_| Ok(Flow::Next))
    }

    // ---- try ----

    pub(super) fn exec_try(&mut self, parts: &Try) -> Exit {
        if parts.finally.is_empty() {
            return self.exec_guarded(parts);
        }
        let result = self.exec_guarded(parts);
        if matches!(&result, Err(throw) if throw.kind != ThrowKind::Exception) {
            return result;
        }
        match self.exec_block(&parts.finally)? {
            Flow::Next => result,
            other => Ok(other),
        }
    }

    fn exec_guarded(&mut self, parts: &Try) -> Exit {
        if parts.handlers.is_empty() {
            let flow = self.exec_block(&parts.body)?;
            return if flow == Flow::Next { self.exec_block(&parts.orelse) } else { Ok(flow) };
        }
        self.tries.push(Vec::new());
        self.state.fork();
        self.guarded += 1;
        let result = self.exec_block(&parts.body);
        self.guarded -= 1;
        let possible = self.tries.pop().unwrap_or_default();
        match result {
            Ok(flow) => self.after_success(parts, flow, possible),
            Err(throw) if throw.kind != ThrowKind::Exception => {
                self.state.commit();
                Err(throw)
            }
            Err(throw) => {
                self.state.commit();
                self.pass_on(&parts.handlers, possible);
                self.handle(&parts.handlers, throw)
            }
        }
    }

    /// The body came through; handlers run as well where something in it may have raised what they catch.
    fn after_success(&mut self, parts: &Try, flow: Flow, possible: Vec<May>) -> Exit {
        let entered: Vec<_> = possible.iter().filter_map(|may| self.entry(&parts.handlers, may)).collect();
        self.pass_on(&parts.handlers, possible);
        if entered.is_empty() {
            self.state.commit();
            return if flow == Flow::Next { self.exec_block(&parts.orelse) } else { Ok(flow) };
        }
        let body = self.state.rewind();
        self.remember_modules(&body);
        let again = body.clone();
        self.fork(
            |machine| {
                machine.state.apply(body);
                if flow == Flow::Next { machine.exec_block(&parts.orelse) } else { Ok(flow) }
            },
            |machine| {
                machine.state.join(again, Delta::new());
                machine.exec_handlers_perhaps(parts, entered)
            },
        )
    }

    /// The first handler that such an exception would enter, with the exception if it is known.
    fn entry(&mut self, handlers: &[Handler], may: &May) -> Option<(usize, Option<Box<Throw>>)> {
        handlers.iter().enumerate().find_map(|(at, handler)| {
            let caught = match may {
                May::This(throw) => self.catches(handler, throw) != Some(false),
                other => self.might_catch(handler, other),
            };
            let throw = if let May::This(throw) = may { Some(throw.clone()) } else { None };
            caught.then_some((at, throw))
        })
    }

    fn exec_handlers_perhaps(&mut self, parts: &Try, entered: Vec<(usize, Option<Box<Throw>>)>) -> Exit {
        let mut numbers: Vec<usize> = entered.iter().map(|(at, _)| *at).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut rest = numbers.into_iter().rev();
        let Some(last) = rest.next() else { return Ok(Flow::Next) };
        let throw_of = |at: usize| entered.iter().find(|(other, _)| *other == at).and_then(|(_, throw)| throw.clone());
        let mut result = None;
        for at in std::iter::once(last).chain(rest) {
            let throw = throw_of(at);
            let (exit, delta) = self.branch(|machine| machine.exec_handler(&parts.handlers[at], throw));
            result = Some(match result.take() {
                None => (exit, delta),
                Some((other, others)) => {
                    let (merged, delta) = self.branch(|machine| machine.settle((exit, delta), (other, others)));
                    (merged, delta)
                }
            });
        }
        let Some((exit, delta)) = result else { return Ok(Flow::Next) };
        self.state.apply(delta);
        exit
    }

    /// What no handler catches stays possible for the `try` around.
    fn pass_on(&mut self, handlers: &[Handler], possible: Vec<May>) {
        for may in possible {
            if self.entry(handlers, &may).is_none() {
                self.may_raise(may);
            }
        }
    }

    fn handle(&mut self, handlers: &[Handler], throw: Box<Throw>) -> Exit {
        for (at, handler) in handlers.iter().enumerate() {
            match self.catches(handler, &throw) {
                Some(true) => {
                    self.log_caught(&throw);
                    return self.exec_handler(handler, Some(throw));
                }
                Some(false) => {}
                None => {
                    let again = throw.clone();
                    return self.fork(
                        |machine| machine.exec_handler(handler, Some(throw)),
                        |machine| machine.handle(&handlers[at + 1..], again),
                    );
                }
            }
        }
        Err(throw)
    }

    fn exec_handler(&mut self, handler: &Handler, throw: Option<Box<Throw>>) -> Exit {
        let name = handler.name.map(|name| self.name(name));
        if let Some(name) = name {
            let value = throw.as_ref().map_or(Value::Unknown, |throw| throw.value.clone());
            self.bind(name, value);
        }
        let throw = throw.unwrap_or_else(|| {
            let mut throw = self.throw("Exception", None, Cause::Other);
            throw.class = Value::Unknown;
            throw.value = Value::Unknown;
            throw
        });
        self.handled.push(*throw);
        let result = self.exec_block(&handler.body);
        self.handled.pop();
        if let Some(name) = name {
            self.unbind_here(name);
        }
        result
    }

    /// Whether a handler catches the exception; none if that is not known.
    fn catches(&mut self, handler: &Handler, throw: &Throw) -> Option<bool> {
        let Some(types) = &handler.types else { return Some(true) };
        let span = self.frames.last().map(|frame| frame.span);
        let types = self.eval(types);
        if let (Some(span), Some(frame)) = (span, self.frames.last_mut()) {
            frame.span = span;
        }
        match types {
            Ok(types) => self.is_caught_by(&throw.class, &types),
            Err(_) => None,
        }
    }

    /// Whether an exception of class `class` is caught by `except types`.
    pub(super) fn is_caught_by(&mut self, class: &Value, types: &Value) -> Option<bool> {
        if let Value::Tuple(classes) = types {
            let mut unknown = false;
            for one in classes.iter() {
                match self.is_caught_by(class, one) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => unknown = true,
                }
            }
            return if unknown { None } else { Some(false) };
        }
        self.is_subclass(class, types)
    }

    /// Whether a class derives from another.
    pub(super) fn is_subclass(&mut self, class: &Value, other: &Value) -> Option<bool> {
        if class == other && !class.is_unknown() {
            return Some(true);
        }
        match (class, other) {
            (Value::External(class), Value::External(other))
                if let Some(known) = self.is_foreign_subclass(class.as_str(), other.as_str()) =>
            {
                Some(known)
            }
            (Value::External(class), Value::External(other)) => {
                self.is_library_subclass(class.as_str(), other.as_str(), 0)
            }
            (Value::Class(class), other) => {
                let mut unknown = self.state.classes[*class].open && !self.is_plain_foreign(*class);
                for base in self.state.classes[*class].mro.clone().into_iter().skip(1) {
                    match base {
                        Value::External(_) => match self.is_subclass(&base, other) {
                            Some(true) => return Some(true),
                            Some(false) => {}
                            None => unknown = true,
                        },
                        Value::Class(_) if base == *other => return Some(true),
                        Value::Class(_) => {}
                        _ => unknown = true,
                    }
                }
                if unknown { None } else { Some(false) }
            }
            // A class of the library never derives from one of the project.
            (Value::External(class), Value::Class(_)) => {
                (class.as_str() != crate::python::foreign::PLAIN).then_some(false)
            }
            _ => None,
        }
    }

    /// Whether one library class derives from another, by the hierarchy or by the library's tables.
    fn is_library_subclass(&self, class: &str, other: &str, depth: usize) -> Option<bool> {
        if let Some(known) = exceptions::is_subclass(class, other) {
            return Some(known);
        }
        if depth > 12 {
            return None;
        }
        let bases: Vec<&str> = match (exceptions::base(class), self.library_bases(class)) {
            (_, Some(bases)) => bases.to_vec(),
            (Some(base), None) => vec![base],
            (None, None) => return None,
        };
        let mut unknown = false;
        for base in bases {
            let same = exceptions::canonical(base) == exceptions::canonical(other);
            match if same { Some(true) } else { self.is_library_subclass(base, other, depth + 1) } {
                Some(true) => return Some(true),
                Some(false) => {}
                None => unknown = self.library_bases(other).is_none() && !exceptions::is_known(other),
            }
        }
        (!unknown).then_some(false)
    }

    /// Whether a handler might catch something of unknown class.
    fn might_catch(&mut self, handler: &Handler, may: &May) -> bool {
        let Some(types) = &handler.types else { return true };
        let Ok(types) = self.eval(types) else { return true };
        self.might_catch_types(&types, may)
    }

    pub(super) fn might_catch_types(&mut self, types: &Value, may: &May) -> bool {
        match types {
            Value::Tuple(classes) => classes.iter().any(|class| self.might_catch_types(class, may)),
            Value::External(name) => {
                let class = exceptions::canonical(name.as_str());
                let import = matches!(class, "ImportError" | "ModuleNotFoundError");
                match may {
                    May::Import => import || matches!(class, "Exception" | "BaseException"),
                    May::Attribute => matches!(class, "AttributeError" | "NameError" | "Exception" | "BaseException"),
                    May::Anything | May::This(_) => {
                        !import && !matches!(class, "NameError" | "SyntaxError" | "SystemExit" | "KeyboardInterrupt")
                    }
                }
            }
            _ => true,
        }
    }

    /// Runs a block under `contextlib.suppress(classes)`.
    pub(super) fn exec_suppressed(&mut self, classes: &Value, body: &Block) -> Exit {
        self.tries.push(Vec::new());
        self.state.fork();
        self.guarded += 1;
        let result = self.exec_block(body);
        self.guarded -= 1;
        let possible = self.tries.pop().unwrap_or_default();
        let throw = match result {
            Ok(flow) => {
                let mut caught = false;
                for may in possible {
                    let matches = match &may {
                        May::This(throw) => self.is_caught_by(&throw.class.clone(), classes) != Some(false),
                        other => self.might_catch_types(classes, other),
                    };
                    caught |= matches;
                    if !matches {
                        self.may_raise(may);
                    }
                }
                if !caught {
                    self.state.commit();
                    return Ok(flow);
                }
                let body = self.state.rewind();
                self.remember_modules(&body);
                self.state.join(body, Delta::new());
                return Ok(flow);
            }
            Err(throw) => throw,
        };
        self.state.commit();
        if throw.kind != ThrowKind::Exception {
            return Err(throw);
        }
        match self.is_caught_by(&throw.class.clone(), classes) {
            Some(true) => {
                self.log_caught(&throw);
                Ok(Flow::Next)
            }
            Some(false) => Err(throw),
            None => {
                self.may_raise(May::This(throw));
                Ok(Flow::Next)
            }
        }
    }

    /// Whether a value is an exception class.
    pub(super) fn is_exception(&mut self, class: &Value) -> bool {
        self.is_subclass(class, &Value::External(Name::new("builtins.BaseException"))) == Some(true)
    }
}
