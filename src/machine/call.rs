//! Calls: into code of the project within a budget, to library models, and to everything else, whose result is unknown.

use std::sync::Arc;

use super::exec::Flow;
use super::log::{Eval, May, ThrowKind};
use super::value::{ClassId, DescriptorKind, FnId, Keywords, Value};
use super::{Activation, CALL_DEPTH, CALL_STEPS, CALLS_STEPS, FUNCTION_STEPS, Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::version::PythonVersion;
use crate::summary::program::{Call, Parameter, ParameterKind};

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
                None => Ok(self.unknown_call(&args, &kwargs)),
            },
        }
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

    // ---- functions ----

    /// `module.qualname` of a function.
    pub(super) fn qualified(&self, function: FnId) -> String {
        let function = &self.state.functions[function];
        format!("{}.{}", self.state.modules[function.module].name, function.qualname)
    }

    fn call_function(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool, site: Site) -> Eval {
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
                return Ok(self.unknown_call(&args, &kwargs));
            }
        }
        if opaque {
            return Ok(self.unknown_call(&args, &kwargs));
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
    fn follow_package(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Eval {
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
    fn check_signature(
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
        if self.calls >= CALL_DEPTH || recursion >= 3 || spent {
            return Ok(self.unknown_call(&args, &kwargs));
        }
        let body = (self.state.functions[id].unit, self.state.functions[id].body);
        if self.spent.get(&body).is_some_and(|steps| *steps > FUNCTION_STEPS + self.granted) {
            return Ok(self.unknown_call(&args, &kwargs));
        }
        let Some((unit, own)) = self.body_place(body.0, body.1) else {
            return Ok(self.unknown_call(&args, &kwargs));
        };
        let first = args.first().cloned();
        let Some(parameters) = self.parameters(id) else { return Ok(self.unknown_call(&args, &kwargs)) };
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
        self.frames.push(Activation {
            unit,
            program: own,
            module,
            scope: Scope::Function,
            ns,
            closure,
            locals,
            globals: Default::default(),
            nonlocals: Default::default(),
            span,
            function: Some(id),
            first,
            may_return: Vec::new(),
            left: false,
            loop_left: false,
            is_comprehension: false,
            has_decided: false,
            qualname,
            limit: outer.min(self.steps + if self.package_calls > 0 { CALL_STEPS / 10 } else { CALL_STEPS }),
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
        Ok(values.into_iter().fold(first, |a, b| self.state.join_values(a, b)))
    }

    pub(super) fn parameters(&mut self, id: FnId) -> Option<Arc<[Parameter]>> {
        if let Some(parameters) = self.lambda_parameters.get(&id) {
            return Some(Arc::clone(parameters));
        }
        let def = self.function_def(id)?;
        Some(Arc::clone(&def.parameters))
    }

    fn bind_arguments(
        &mut self,
        id: FnId,
        parameters: &[Parameter],
        args: Vec<Value>,
        mut kwargs: Keywords,
        complete: bool,
        ns: super::value::NsId,
    ) -> Eval<()> {
        let unit = self.state.functions[id].unit;
        let given = args.len();
        let mut args = args.into_iter();
        let (mut missing, mut missing_named) = (Vec::new(), Vec::new());
        let (mut positional, mut required, mut takes_rest) = (0, 0, false);
        for parameter in parameters {
            let name = self.name_in(unit, parameter.name);
            let default =
                self.state.functions[id].defaults.iter().find(|(own, _)| *own == name).map(|(_, v)| v.clone());
            let by_name =
                |kwargs: &mut Keywords| kwargs.iter().position(|(own, _)| *own == name).map(|at| kwargs.remove(at).1);
            let value = match parameter.kind {
                ParameterKind::VarPositional => {
                    takes_rest = true;
                    let rest: Vec<_> = args.by_ref().collect();
                    if complete { Value::tuple(rest) } else { Value::Unknown }
                }
                ParameterKind::VarKeyword => {
                    let taken = std::mem::take(&mut kwargs);
                    let (keys, values) =
                        taken.into_iter().map(|(key, value)| (Value::str(key.as_str()), value)).unzip();
                    Value::Dict(self.state.new_object(keys, values, complete))
                }
                ParameterKind::KeywordOnly => match by_name(&mut kwargs).or(default) {
                    Some(value) => value,
                    None => {
                        missing_named.push(name);
                        Value::Unknown
                    }
                },
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => {
                    positional += 1;
                    required += usize::from(default.is_none());
                    let named =
                        if parameter.kind == ParameterKind::PositionalOrKeyword { by_name(&mut kwargs) } else { None };
                    match (args.next(), named) {
                        (Some(_), Some(_)) => {
                            let text = format!("{}() got multiple values for argument '{name}'", self.call_name(id));
                            return Err(self.error("TypeError", text));
                        }
                        (Some(value), None) | (None, Some(value)) => value,
                        (None, None) if !complete => Value::Unknown,
                        (None, None) => match default {
                            Some(value) => value,
                            None => {
                                missing.push(name);
                                Value::Unknown
                            }
                        },
                    }
                }
            };
            self.state.bind(ns, name, value);
        }
        if !complete {
            return Ok(());
        }
        let name = self.call_name(id);
        let positional_only = |name: Name| {
            parameters.iter().any(|own| {
                own.kind == ParameterKind::PositionalOnly && self.units[unit].summary.text(own.name) == name.as_str()
            })
        };
        let misplaced: Vec<&str> =
            kwargs.iter().filter(|(name, _)| positional_only(*name)).map(|(name, _)| name.as_str()).collect();
        if !misplaced.is_empty() {
            let text = format!(
                "{name}() got some positional-only arguments passed as keyword arguments: '{}'",
                misplaced.join(", ")
            );
            return Err(self.error("TypeError", text));
        }
        if let Some((unexpected, _)) = kwargs.first() {
            return Err(self.error("TypeError", format!("{name}() got an unexpected keyword argument '{unexpected}'")));
        }
        if args.next().is_some() && !takes_rest {
            return Err(self.error("TypeError", too_many(&name, required, positional, given)));
        }
        if !missing.is_empty() {
            return Err(self.error("TypeError", missing_text(&name, &missing, "positional")));
        }
        if !missing_named.is_empty() {
            return Err(self.error("TypeError", missing_text(&name, &missing_named, "keyword-only")));
        }
        Ok(())
    }

    fn call_name(&self, id: FnId) -> String {
        let function = &self.state.functions[id];
        if self.setup.version >= PythonVersion::three(10) {
            function.qualname.to_string()
        } else {
            function.name.as_str().to_owned()
        }
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

    // ---- classes ----

    fn construct(&mut self, class: ClassId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Eval {
        let value = Value::Class(class);
        let data = &self.state.classes[class];
        let familiar = data.mro.iter().all(|base| matches!(base, Value::Class(_) | Value::External(_)));
        let replaced = data.metaclass.is_some() || !familiar;
        let (unit, open) = (data.unit, data.open || replaced);
        if self.is_enum(class) {
            if let ([value], true, true) = (args.as_slice(), kwargs.is_empty(), complete) {
                self.refuse(self.refused_member(class, value))?;
            }
            self.may_raise(May::Anything);
            return Ok(args.first().map_or(Value::Unknown, |value| self.member_of_value(class, value)));
        }
        if let Some(value) = self.construct_foreign(class, &args, &kwargs) {
            return Ok(value);
        }
        if self.is_typed_dict(class) && complete {
            return self.call(&Value::external("builtins.dict"), args, kwargs);
        }
        if complete {
            self.refuse_fields(class, &args, &kwargs)?;
            if let Some(value) = self.construct_namedtuple(class, &args, &kwargs) {
                return Ok(value);
            }
        }
        let data = &self.state.classes[class];
        if !self.units[unit].is_project {
            let name = Name::new(&format!("{}.{}", self.state.modules[data.module].name, data.qualname));
            if let Some(result) = self.call_model(name, &args, &kwargs, complete, None) {
                return result;
            }
            self.note_effect(name, &args, &kwargs)?;
        } else if !self.setup.calls.is_empty() {
            let name = self.class_path(class);
            if self.setup.calls.iter().any(|(own, _)| *own == name) {
                self.note_effect(Name::new(&name), &args, &kwargs)?;
            }
        }
        if complete {
            self.refuse(self.refused_instance(class, &args, &kwargs))?;
        }
        let mut instance = self.instance(value.clone(), args.clone(), kwargs.clone());
        let Value::Instance(id) = instance else { return Ok(Value::Unknown) };
        let mut ns = self.state.instances[id].ns;
        let mut is_known = true;
        if let Value::Instance(made) = instance
            && self.construct_attrs(class, made, &args, &kwargs, complete)?
        {
            self.may_raise(May::Anything);
            return Ok(instance);
        }
        if !self.units[unit].is_project || open {
            if !open
                && let (super::attribute::Found::Yes(Value::Function(init)), _) =
                    self.class_lookup(class, Name::new("__init__"))
                && self.class_lookup(class, Name::new("__new__")).0 == super::attribute::Found::Unknown
            {
                let mut all = vec![Value::Unknown];
                all.extend(args.clone());
                self.check_signature(init, self.state.functions[init].opaque, &all, &kwargs, complete)?;
            }
            self.unknown_call(&args, &kwargs);
            self.state.open(ns, "its class cannot be followed");
            let made = !replaced && self.class_lookup(class, Name::new("__new__")).1.is_none();
            return Ok(if made || self.receiver_of(&instance) { instance } else { Value::Unknown });
        }
        if self.is_dataclass(class) {
            if complete {
                self.check_fields(class, &args, &kwargs)?;
            }
            for (name, value) in kwargs {
                self.state.bind(ns, name, value);
            }
            self.state.open(ns, "a dataclass sets its attributes");
            let after = self.class_lookup(class, Name::new("__post_init__")).0;
            if let super::attribute::Found::Yes(after @ Value::Function(_)) = after {
                let result = self.call(&after, vec![instance.clone()], Vec::new());
                self.only_ends(result)?;
            }
            return Ok(instance);
        }
        if let (super::attribute::Found::Yes(Value::Function(new)), _) = self.class_lookup(class, Name::new("__new__"))
        {
            let mut all = vec![value.clone()];
            all.extend(args.clone());
            // What a decorator put around `__new__` gives an object of the same kind.
            let made = if self.state.functions[new].opaque {
                self.follow(new, all, kwargs.clone(), complete)?
            } else {
                self.call_function(new, all, kwargs.clone(), complete, None)?
            };
            match made {
                // `__init__` runs on what `__new__` made, if it is of the class.
                Value::Instance(id)
                    if self.is_subclass(&self.state.instances[id].class.clone(), &value) == Some(true) =>
                {
                    instance = Value::Instance(id);
                    ns = self.state.instances[id].ns;
                }
                Value::Unknown => is_known = false,
                made => return Ok(made),
            }
        }
        let known = self.state.classes[class].mro.iter().all(|base| match base {
            Value::Class(_) => true,
            Value::External(name) => {
                matches!(name.as_str(), "builtins.object" | "typing.Generic" | "abc.ABC" | "typing.Protocol")
                    || crate::python::exceptions::is_known(name.as_str())
            }
            _ => false,
        });
        if !known {
            self.state.open(ns, "a base of its class cannot be followed");
        }
        match self.class_lookup(class, Name::new("__init__")).0 {
            super::attribute::Found::Yes(Value::Function(init)) => {
                let mut all = vec![instance.clone()];
                all.extend(args);
                let outcome = self.call_function(init, all, kwargs, complete, None)?;
                if outcome.is_unknown() {
                    self.state.open(ns, "its constructor cannot be followed to its end");
                }
                self.refuse(self.refused_result(&outcome))?;
            }
            super::attribute::Found::No => {}
            // That of `object`, or of an exception, does nothing that could be seen.
            _ if self.shows_none_of(class, &["__init__"]) => {}
            _ => {
                self.unknown_call(&args, &kwargs);
            }
        }
        Ok(if is_known { instance } else { Value::Unknown })
    }

    /// Whether a class is a `TypedDict`, whose objects are plain dicts.
    fn is_typed_dict(&self, class: ClassId) -> bool {
        self.state.classes[class].mro.iter().any(|base| match base {
            Value::External(name) => matches!(name.as_str(), "typing.TypedDict" | "typing_extensions.TypedDict"),
            _ => false,
        })
    }

    fn call_instance(
        &mut self,
        instance: super::value::InstId,
        mut args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        let class = self.state.instances[instance].class.clone();
        if let Value::Class(class) = class
            && let (super::attribute::Found::Yes(Value::Function(call)), _) =
                self.class_lookup(class, Name::new("__call__"))
        {
            args.insert(0, Value::Instance(instance));
            return self.call_function(call, args, kwargs, complete, site);
        }
        if let Value::External(name) = class
            && let Some(result) = self.call_library_instance(name, instance, &args)
        {
            return result;
        }
        if self.is_expression(&Value::Instance(instance)) {
            self.may_raise(May::Anything);
            return Ok(Value::Instance(instance));
        }
        if let Some(kind) = self.kind_without(&Value::Instance(instance), &["__call__"]) {
            self.fails("TypeError", format!("'{kind}' object is not callable"))?;
        }
        Ok(self.unknown_call(&args, &kwargs))
    }

    // ---- decorators ----

    /// `@decorator` above a function or class.
    pub(super) fn decorate(&mut self, decorator: &Value, value: Value) -> Eval {
        let result = self.call(decorator, vec![value.clone()], Vec::new())?;
        match &value {
            Value::Function(function) => self.state.functions[*function].decorators.push(decorator.clone()),
            Value::Class(class) => self.state.classes[*class].decorators.push(decorator.clone()),
            _ => {}
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

pub(super) fn too_many(name: &str, required: usize, positional: usize, given: usize) -> String {
    let takes = if required == positional {
        format!("{positional} positional argument{}", if positional == 1 { "" } else { "s" })
    } else {
        format!("from {required} to {positional} positional arguments")
    };
    let were = if given == 1 { "was" } else { "were" };
    format!("{name}() takes {takes} but {given} {were} given")
}

pub(super) fn missing_text(name: &str, missing: &[Name], kind: &str) -> String {
    let quoted: Vec<_> = missing.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [front @ .., last] => format!("{}, and {last}", front.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    format!("{name}() missing {} required {kind} argument{plural}: {list}", missing.len())
}
