//! Calls: into code of the project within a budget, to library models, and to everything else, whose result is unknown.

use std::sync::Arc;

use super::exec::Flow;
use super::log::{Eval, May, ThrowKind};
use super::value::{DescriptorKind, FnId, Keywords, Value};
use super::{Activation, CALL_DEPTH, CALL_STEPS, CALLS_STEPS, FUNCTION_STEPS, Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::version::PythonVersion;
use crate::summary::program::Call;

/// How often a function may call itself with values that are known.
const COUNTED: usize = 16;

/// Where a call stands, for models that look at its text.
pub(super) type Site<'a> = Option<(Span, &'a Call)>;

impl Machine<'_> {
    /// A call with all arguments known.
    pub(super) fn call(&mut self, function: &Value, args: Vec<Value>, kwargs: Keywords) -> Eval {
        self.call_with(function, args, kwargs, true, None)
    }

    /// A call; `complete` tells whether starred arguments hide nothing.
    pub(super) fn call_with(
        &mut self,
        function: &Value,
        mut args: Vec<Value>,
        mut kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        match function {
            Value::Function(id) => self.call_function(*id, args, kwargs, complete, site),
            Value::Method(method) => {
                let (inner, first) = (&method.0, &method.1);
                args.insert(0, first.clone());
                self.call_with(inner, args, kwargs, complete, site)
            }
            Value::Class(class) => self.construct(*class, args, kwargs, complete),
            Value::External(name) => self.call_external(*name, args, kwargs, complete, site),
            Value::Partial(partial) => {
                let (inner, first, named) = (&partial.0, &partial.1, &partial.2);
                if let Some(result) = self.call_wrapper(inner, first, &args) {
                    return result;
                }
                let mut all = first.clone();
                all.extend(args);
                let mut merged: Keywords =
                    named.iter().filter(|(name, _)| !kwargs.iter().any(|(other, _)| other == name)).cloned().collect();
                merged.append(&mut kwargs);
                self.call_with(inner, all, merged, complete, site)
            }
            Value::Instance(instance) => self.call_instance(*instance, args, kwargs, complete, site),
            Value::Mark(_) | Value::FixtureDecorator(_) => {
                self.call_pytest_value(function, args, kwargs, complete, site)
            }
            Value::Descriptor(DescriptorKind::Static, inner) if self.setup.version >= PythonVersion::three(10) => {
                let inner = (**inner).clone();
                self.call_with(&inner, args, kwargs, complete, site)
            }
            Value::Module(module) if self.state.ns(self.state.modules[*module].ns).open.is_some() => {
                Ok(self.unknown_call(&args, &kwargs))
            }
            other => match not_callable(other).map(super::lacks::Kind::from) {
                Some(kind) => self.fails("TypeError", format!("'{kind}' object is not callable")),
                None => Ok(self.unseen_call(&args, &kwargs)),
            },
        }
    }

    /// Something runs that is not followed, and it may be code of the project.
    pub(super) fn unseen_call(&mut self, args: &[Value], kwargs: &[(Name, Value)]) -> Value {
        self.runs_unseen = true;
        self.unknown_call(args, kwargs)
    }

    /// Something runs that is not followed.
    pub(super) fn unknown_call(&mut self, args: &[Value], kwargs: &[(Name, Value)]) -> Value {
        self.may_raise(May::Anything);
        if args.iter().any(|arg| matches!(arg, Value::Str(text) if is_code(text)))
            && let Some(ns) = self.frames.last().map(|frame| self.state.modules[frame.module].ns)
        {
            self.state.open(ns, "source text is handed to code that is not followed");
        }
        for value in args.iter().chain(kwargs.iter().map(|(_, value)| value)) {
            self.hand_out_waits(std::slice::from_ref(value));
            self.escape(value);
        }
        Value::Unknown
    }

    /// The library changes objects of the project, never its containers.
    pub(super) fn escape_instances(&mut self, args: &[Value]) {
        for value in args.iter().filter(|value| matches!(value, Value::Instance(_) | Value::NamespaceDict(_))) {
            self.escape(value);
        }
    }

    /// An object reaches code that is not followed and may change it.
    fn escape(&mut self, value: &Value) {
        self.runs_unseen |= self.carries_code(value, 3);
        match value {
            Value::List(id) if *id == self.sys_path => {}
            Value::List(id) | Value::Dict(id) | Value::Set(id) => self.state.change(*id, |object| object.exact = false),
            Value::NamespaceDict(ns) => self.state.open(*ns, "its names are handed to code that is not followed"),
            Value::Module(module) => {
                let data = &self.state.modules[*module];
                let (ns, own) = (data.ns, self.frames.last().is_some_and(|frame| frame.module == *module));
                if own {
                    self.state.open(ns, "the module is handed to code that is not followed");
                }
            }
            Value::Function(function) => {
                for (_, default) in self.state.functions[*function].defaults.clone() {
                    if matches!(default, Value::NamespaceDict(_)) {
                        self.escape(&default);
                    }
                }
            }
            Value::Instance(instance) => {
                let ns = self.state.instances[*instance].ns;
                self.state.open(ns, "the object is handed to code that is not followed");
            }
            _ => {}
        }
    }

    /// Whether arguments carry code of the project.
    pub(super) fn hands_code(&self, args: &[Value], kwargs: &[(Name, Value)]) -> bool {
        args.iter().chain(kwargs.iter().map(|(_, value)| value)).any(|value| self.carries_code(value, 3))
    }

    /// Whether somebody who has a value in hand may run code of the project with it.
    fn carries_code(&self, value: &Value, depth: u8) -> bool {
        match value {
            Value::List(id) | Value::Dict(id) | Value::Set(id) => {
                depth == 0 || self.state.object(*id).items.iter().any(|item| self.carries_code(item, depth - 1))
            }
            Value::Tuple(items) => depth == 0 || items.iter().any(|item| self.carries_code(item, depth - 1)),
            other => !is_data(other),
        }
    }

    // ---- functions ----

    /// `module.qualname` of a function.
    pub(super) fn qualified(&self, function: FnId) -> String {
        let function = &self.state.functions[function];
        format!("{}.{}", self.state.modules[function.module].name, function.qualname)
    }

    pub(super) fn call_function(
        &mut self,
        id: FnId,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        if self.state.functions[id].fixture.is_some() {
            self.check_fixture_call(id)?;
        }
        if let Some(value) = self.call_foreign_function(id, &args, &kwargs) {
            return Ok(value);
        }
        let data = &self.state.functions[id];
        let (opaque, unit, suspended) = (data.opaque, data.unit, data.is_async || data.is_generator);
        if let Some(what) = data.warns.as_deref().cloned() {
            self.warn_of_call(&what)?;
        }
        if !self.units[unit].is_project {
            let name = Name::new(&self.qualified(id));
            return match self.call_model(name, &args, &kwargs, complete, site) {
                Some(result) => result,
                None if !opaque && !suspended && self.is_own_call(id) => {
                    self.follow_package(id, args, kwargs, complete)
                }
                None => {
                    self.note_effect(name, &args, &kwargs)?;
                    self.note_package_call(&args);
                    self.check_signature(id, opaque, &args, &kwargs, complete)?;
                    if self.effect_of(name, &args).is_none() {
                        self.overhear_call(id, &args, &kwargs, complete, false)?;
                    }
                    let made = self.made_by(name, &args, &kwargs);
                    let unknown = self.unknown_call(&args, &kwargs);
                    Ok(made.unwrap_or(unknown))
                }
            };
        }
        if !self.setup.calls.is_empty() {
            let name = Name::new(&self.qualified(id));
            if self.setup.calls.iter().any(|(own, _)| own == name.as_str()) {
                self.note_effect(name, &args, &kwargs)?;
                return Ok(self.unseen_call(&args, &kwargs));
            }
        }
        if opaque {
            self.overhear_call(id, &args, &kwargs, complete, false)?;
            return Ok(self.unseen_call(&args, &kwargs));
        }
        if suspended {
            return Ok(Value::Suspended(Arc::new((id, args, kwargs))));
        }
        self.follow(id, args, kwargs, complete)
    }

    /// Whether a package calls a function of its own while it is imported: helpers that fill `__all__`, `globals()`.
    fn is_own_call(&self, id: FnId) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let top = |module| self.state.modules[module].name.as_str().split('.').next();
        self.package_calls < 3
            && !self.units[frame.unit].is_project
            && top(frame.module) == top(self.state.functions[id].module)
    }

    /// Follows such a call a few steps; of what it raises, only failing imports are believed.
    pub(super) fn follow_package(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Eval {
        self.package_calls += 1;
        let result = self.follow(id, args.clone(), kwargs.clone(), complete);
        self.package_calls -= 1;
        match result {
            Err(throw)
                if throw.kind == ThrowKind::Exception
                    && self.getattrs == 0
                    && !throw.is_import()
                    && !self.is_warning(&throw) =>
            {
                self.may_raise(May::This(throw));
                Ok(self.unknown_call(&args, &kwargs))
            }
            Ok(Value::Unknown) => {
                self.note_package_call(&args);
                Ok(self.unknown_call(&args, &kwargs))
            }
            other => other,
        }
    }

    /// Arguments that a package's function does not take raise before its body runs.
    pub(super) fn check_signature(
        &mut self,
        id: FnId,
        opaque: bool,
        args: &[Value],
        kwargs: &[(Name, Value)],
        complete: bool,
    ) -> Eval<()> {
        let in_project = self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project);
        if opaque || !complete || !in_project || self.calls > 0 || !self.state.functions[id].decorators.is_empty() {
            return Ok(());
        }
        let Some(parameters) = self.parameters(id) else { return Ok(()) };
        let ns = self.state.new_ns();
        self.bind_arguments(id, &parameters, args.to_vec(), kwargs.to_vec(), complete, ns)
    }

    /// A package hands its own name to a helper, which may replace or fill the module.
    fn note_package_call(&mut self, args: &[Value]) {
        let Some(frame) = self.frames.last() else { return };
        if self.units[frame.unit].is_project {
            return;
        }
        let (module, ns) = (frame.module, self.state.modules[frame.module].ns);
        let own = Value::str(self.state.modules[module].name.as_str());
        if args.contains(&own) {
            self.state.open(ns, "a helper gets the module's name");
        }
    }

    /// Runs a function's body.
    pub(super) fn follow(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Eval {
        let recursion =
            self.frames.iter().filter(|frame| frame.function == Some(id) && !frame.is_comprehension).count();
        let data = &self.state.functions[id];
        let spent = self.frames.last().is_some_and(|frame| self.steps > frame.limit)
            || self.call_steps > CALLS_STEPS + self.granted
            || self.too_long.contains(&(data.unit, data.body));
        if recursion >= 3 {
            self.check_recursion(id)?;
        }
        // Numbers that count down end a recursion where they say; what is not known ends none.
        let deep = recursion >= 3 && !(recursion < COUNTED && !args.is_empty() && args.iter().all(is_counted));
        if self.calls >= CALL_DEPTH || deep || spent {
            return Ok(self.unseen_call(&args, &kwargs));
        }
        let body = (self.state.functions[id].unit, self.state.functions[id].body);
        if self.spent.get(&body).is_some_and(|steps| *steps > FUNCTION_STEPS + self.granted) {
            return Ok(self.unseen_call(&args, &kwargs));
        }
        let Some((unit, own)) = self.body_place(body.0, body.1) else {
            return Ok(self.unseen_call(&args, &kwargs));
        };
        let first = args.first().cloned();
        let Some(parameters) = self.parameters(id) else { return Ok(self.unseen_call(&args, &kwargs)) };
        let made = self.state.made();
        let ns = self.state.new_ns();
        if let Err(throw) = self.bind_arguments(id, &parameters, args, kwargs, complete, ns) {
            if self.calls == 0 || self.is_plain_call() {
                return Err(throw);
            }
            self.may_raise(May::This(throw));
            return Ok(Value::Unknown);
        }
        let data = &self.state.functions[id];
        let (home, module, span, closure) = (data.unit, data.module, data.span, data.closure.clone());
        let qualname = Arc::clone(&data.qualname);
        let program = self.program(unit, own);
        let mut locals: rustc_hash::FxHashSet<Name> =
            program.locals.iter().map(|sym| self.name_in(unit, *sym)).collect();
        for parameter in parameters.iter() {
            locals.insert(self.name_in(home, parameter.name));
        }
        let outer = self.frames.last().map_or(self.limit, |frame| frame.limit);
        let limit = outer.min(self.steps + if self.package_calls > 0 { CALL_STEPS / 10 } else { CALL_STEPS });
        self.frames.push(Activation {
            program: own,
            scope: Scope::Function,
            closure,
            locals,
            span,
            function: Some(id),
            first,
            qualname,
            limit,
            ..self.module_frame(unit, module, ns)
        });
        self.calls += 1;
        let before = self.steps;
        let result = self.exec_block(&program.body);
        self.calls -= 1;
        *self.spent.entry(body).or_default() += self.steps - before;
        if self.calls == 0 {
            self.call_steps += self.steps - before;
        }
        if matches!(&result, Err(throw) if throw.kind == ThrowKind::GiveUp) && self.steps - before > CALL_STEPS / 20 {
            self.too_long.insert(body);
        }
        let frame = self.frames.pop();
        self.state.end_call(ns, made);
        let (left, returns) = frame.map_or((false, Vec::new()), |frame| (frame.left, frame.may_return));
        self.end_call(result, left, returns)
    }

    /// What a call comes to: an exception behind a possible `return` is only possible.
    fn end_call(&mut self, result: Eval<Flow>, left: bool, returns: Vec<Value>) -> Eval {
        let value = match result {
            Ok(Flow::Return(value)) => Some(value),
            Ok(_) => Some(Value::None),
            Err(throw) if throw.kind == ThrowKind::GiveUp => {
                if self.frames.last().is_some_and(|frame| self.steps > frame.limit) && self.steps > self.limit {
                    return Err(throw);
                }
                self.runs_unseen = true;
                self.may_raise(May::Anything);
                return Ok(Value::Unknown);
            }
            Err(throw) if left => {
                self.may_raise(May::This(throw));
                None
            }
            Err(throw) => return Err(throw),
        };
        let mut values = value.into_iter().chain(returns);
        let Some(first) = values.next() else { return Ok(Value::Unknown) };
        let values: Vec<_> = values.collect();
        Ok(values.into_iter().fold(first, |a, b| match self.one_of_a_kind(&a, &b) {
            Some(value) => value,
            None => self.state.join_values(a, b),
        }))
    }

    /// A module's `__getattr__`: the value, or none if it cannot be told.
    pub(super) fn run_getattr(&mut self, function: FnId, name: Value) -> Eval<Option<Value>> {
        self.tries.push(Vec::new());
        self.getattrs += 1;
        let result = self.follow(function, vec![name], Vec::new(), true);
        self.getattrs -= 1;
        let possible = self.tries.pop().unwrap_or_default();
        match result {
            Ok(Value::Unknown) => Ok(None),
            Ok(value) if possible.is_empty() => Ok(Some(value)),
            Ok(_) => Ok(None),
            Err(throw) if possible.is_empty() => Err(throw),
            Err(_) => Ok(None),
        }
    }

    // ---- decorators ----

    /// `@decorator` above a function or class.
    pub(super) fn decorate(&mut self, decorator: &Value, value: Value) -> Eval {
        self.decorating += 1;
        let result = self.call(decorator, vec![value.clone()], Vec::new());
        self.decorating -= 1;
        let result = result?;
        match &value {
            Value::Function(function) => self.state.functions[*function].decorators.push(decorator.clone()),
            Value::Class(class) => self.state.classes[*class].decorators.push(decorator.clone()),
            _ => {}
        }
        if let (Value::Function(function), Value::Function(either)) = (&value, &result)
            && self.stands_for(*either, *function)
        {
            let name = self.state.functions[*either].name;
            self.state.functions[*function].opaque = true;
            self.set_attribute(&value, Name::new("__name__"), Value::str(name.as_str()));
            return Ok(value);
        }
        if !result.is_unknown() {
            return Ok(result);
        }
        if let Value::Class(class) = &value
            && self.gives_back(decorator, *class)
        {
            return Ok(value);
        }
        // What replaced it cannot be seen: most decorators give back something like what they got.
        match &value {
            Value::Function(function) => self.state.functions[*function].opaque = true,
            Value::Class(class) => self.state.classes[*class].open = true,
            _ => return Ok(Value::Unknown),
        }
        Ok(value)
    }

    /// Whether a decorator gave this function or another one of its name.
    fn stands_for(&self, either: FnId, function: FnId) -> bool {
        let (made, given) = (&self.state.functions[either], &self.state.functions[function]);
        either != function && made.opaque && !given.opaque && (made.unit, made.body) == (given.unit, given.body)
    }
}

/// Whether a value is data, which runs nothing of the project.
fn is_data(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown
            | Value::None
            | Value::Bool(_)
            | Value::Int(_)
            | Value::BigInt(_)
            | Value::Float(_)
            | Value::Complex(..)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::External(_)
    )
}

/// Whether a value can tell when a recursion ends.
fn is_counted(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Str(_) | Value::Bool(_))
}

/// Whether a string looks like statements for `exec`.
fn is_code(text: &str) -> bool {
    text.contains('\n') && text.lines().any(|line| line.starts_with("def ") || line.starts_with("class "))
}

fn not_callable(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::None => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Tuple(_) => "tuple",
        Value::List(_) => "list",
        Value::Dict(_) => "dict",
        Value::Module(_) => "module",
        Value::Descriptor(DescriptorKind::Property, _) => "property",
        Value::Descriptor(DescriptorKind::Static, _) => "staticmethod",
        Value::Descriptor(DescriptorKind::Class, _) => "classmethod",
        _ => return None,
    })
}
