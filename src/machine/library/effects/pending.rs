//! What well-known calls give back: coroutines that wait for their `await`, and objects whose methods have effects.

use std::sync::Arc;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::value::{ClassId, InstId, Value};
use crate::python::effects::{self, When};

/// Stands for a coroutine or context manager of the library that has not begun: its callee comes first.
const PENDING: &str = "builtins.pending()";

impl Machine<'_> {
    /// What a call of the library gives back, where its methods or its `await` are worth following.
    pub(in crate::machine) fn made_by(
        &mut self,
        name: Name,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let text = name.as_str();
        if self.probing && super::is_muting(text) {
            match text {
                "pytest_socket.disable_socket" => self.mute(),
                _ => return Some(self.instance(Value::External(name), Vec::new(), Vec::new())),
            }
        }
        if let Some((effect, called)) = self.effect_of(name, args)
            && matches!(effect.when_of(&called), When::Await | When::Enter)
        {
            return Some(pending(&called, args, kwargs));
        }
        if is_awaited(text) {
            return Some(pending(text, args, kwargs));
        }
        if let Some(made) = effects::returned_type(text).filter(|made| made.contains('.')) {
            return Some(self.instance(Value::external(made), args.to_vec(), kwargs.to_vec()));
        }
        None
    }

    /// An instance of a class that no source tells of, if the table knows its methods.
    pub(in crate::machine) fn made_receiver(
        &mut self,
        name: Name,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let class = effects::receiver(name.as_str())?;
        let last = class.rsplit('.').next()?;
        if !last.starts_with(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        Some(self.instance(Value::external(class), args.to_vec(), kwargs.to_vec()))
    }

    /// A method or attribute that the table knows of an object whose class is not read in full.
    pub(in crate::machine) fn known_method(&mut self, instance: InstId, class: ClassId, name: Name) -> Option<Value> {
        let mro = self.state.classes[class].mro.clone();
        for base in &mro {
            let Some(path) = self.base_path(base) else { continue };
            let full = format!("{path}.{name}");
            let library = matches!(base, Value::External(_)) && super::waits::is_waited_for(&path);
            if library || effects::find(&full).is_some() {
                return Some(Value::Method(Arc::new((Value::external(&full), Value::Instance(instance)))));
            }
        }
        None
    }

    /// An attribute of an instance of a library class that the table follows: `client.db`, `engine.connect`.
    pub(in crate::machine) fn known_attribute(&mut self, class: Name, name: &str) -> Option<Value> {
        let full = format!("{class}.{name}");
        if effects::find(&full).is_some() || effects::returned_type(&full).is_some() {
            return Some(Value::external(&full));
        }
        if name.starts_with('_') {
            return None;
        }
        let made = effects::returned_type(&format!("{class}.__getattr__"))?;
        Some(self.instance(Value::external(made), Vec::new(), Vec::new()))
    }

    /// `object[...]` of an instance of a library class that the table follows.
    pub(in crate::machine) fn known_item(&mut self, value: &Value) -> Option<Value> {
        let Value::Instance(instance) = value else { return None };
        let class = self.receiver_name(*instance)?;
        let made = effects::returned_type(&format!("{class}.__getitem__"))
            .or_else(|| effects::returned_type(&format!("{class}.__getattr__")))?;
        Some(self.instance(Value::external(made), Vec::new(), Vec::new()))
    }

    /// Whether the table knows methods of an object.
    pub(in crate::machine) fn receiver_of(&self, value: &Value) -> bool {
        matches!(value, Value::Instance(instance) if self.receiver_name(*instance).is_some())
    }

    /// The table's name for the class of an instance.
    pub(super) fn receiver_name(&self, instance: InstId) -> Option<&'static str> {
        match &self.state.instances[instance].class {
            Value::External(class) => effects::receiver(class.as_str()),
            Value::Class(class) => {
                let bases = self.state.classes[*class].mro.iter();
                bases.filter_map(|base| self.base_path(base)).find_map(|path| effects::receiver(&path))
            }
            _ => None,
        }
    }

    /// `__enter__` of something of the library: what its `with` statement binds.
    pub(in crate::machine) fn enter_library(&mut self, manager: &Value) -> Eval<Option<Value>> {
        if let Some((called, args, kwargs)) = pending_parts(manager) {
            let name = Name::new(called);
            if let Some((effect, called)) = self.effect_of(name, args)
                && matches!(effect.when_of(&called), When::Enter | When::Await)
            {
                let (args, kwargs) = (args.to_vec(), kwargs.to_vec());
                self.happens(effect, &called, None, &args, &kwargs)?;
                return Ok(self.made_from(&called));
            }
            return Ok(None);
        }
        self.enter_wait(manager)?;
        let Value::Instance(instance) = manager else { return Ok(None) };
        if self.waited_class(manager).is_some_and(|class| class.starts_with("concurrent.")) {
            return Ok(Some(manager.clone()));
        }
        let Some(class) = self.receiver_name(*instance) else { return Ok(None) };
        match effects::returned_type(&format!("{class}.__enter__")) {
            Some(made) if made != class => Ok(Some(self.instance(Value::external(made), Vec::new(), Vec::new()))),
            _ => Ok(Some(manager.clone())),
        }
    }

    pub(super) fn made_from(&mut self, called: &str) -> Option<Value> {
        let made = effects::returned_type(called).or_else(|| {
            effects::receiver(called).filter(|class| {
                class.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_uppercase()))
            })
        })?;
        made.contains('.').then(|| self.instance(Value::external(made), Vec::new(), Vec::new()))
    }

    /// Iterating a value: sources that never end, or that wait.
    pub(in crate::machine) fn is_endless_source(&mut self, value: &Value) -> bool {
        match value {
            Value::Instance(instance) => {
                let data = &self.state.instances[*instance];
                match data.class {
                    Value::External(class) => match class.as_str() {
                        "itertools.count" | "itertools.cycle" => true,
                        "itertools.repeat" => data.args.len() == 1 && data.kwargs.is_empty(),
                        _ => false,
                    },
                    _ => false,
                }
            }
            Value::Suspended(suspended) => self.never_ends(suspended.0),
            _ => false,
        }
    }

    /// Iterating a value of the library that waits for each element.
    pub(in crate::machine) fn note_iteration(&mut self, value: &Value) -> Eval<()> {
        let Value::Instance(instance) = value else { return Ok(()) };
        let Value::External(class) = self.state.instances[*instance].class else { return Ok(()) };
        let Some((known, effect)) = effects::find_named(class.as_str()) else { return Ok(()) };
        if effect.when_of(known) != When::Iterate || effect.id.starts_with("loop.it") {
            return Ok(());
        }
        self.happens(effect, known, None, &[], &[])
    }

    /// `await value`
    pub(in crate::machine) fn await_value(&mut self, value: &Value) -> Eval {
        match value {
            Value::Suspended(suspended) => {
                let function = &self.state.functions[suspended.0];
                if function.is_async && !function.is_generator {
                    let (id, args, kwargs) = (suspended.0, suspended.1.clone(), suspended.2.clone());
                    return self.follow(id, args, kwargs, true);
                }
            }
            Value::Partial(_) => {
                if let Some((called, args, kwargs)) = pending_parts(value) {
                    let (called, args, kwargs) = (called.to_owned(), args.to_vec(), kwargs.to_vec());
                    return self.await_pending(&called, &args, &kwargs);
                }
            }
            Value::Instance(task) => {
                if let Some(hung) = self.waits.hung.get(task).cloned() {
                    return Err(hung);
                }
                if let Value::Class(class) = self.state.instances[*task].class
                    && let Found::Yes(Value::Function(function)) = self.class_lookup(class, Name::new("__await__")).0
                {
                    return self.call(&Value::Function(function), vec![value.clone()], Vec::new());
                }
            }
            _ => {}
        }
        self.may_raise(May::Anything);
        Ok(Value::Unknown)
    }

    fn await_pending(&mut self, called: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Eval {
        if is_awaited(called) {
            return self.await_library(called, args, kwargs);
        }
        if let Some((effect, known)) = self.effect_of(Name::new(called), args)
            && effect.when_of(&known) == When::Await
        {
            self.happens(effect, &known, None, args, kwargs)?;
            if effect.kind == effects::EffectKind::Sleep {
                return Ok(Value::None);
            }
            if let Some(made) = self.made_from(&known) {
                return Ok(made);
            }
        }
        self.may_raise(May::Anything);
        Ok(Value::Unknown)
    }
}

/// Functions of asyncio that are played when they are awaited.
fn is_awaited(name: &str) -> bool {
    matches!(
        name,
        "asyncio.gather"
            | "asyncio.wait_for"
            | "asyncio.wait"
            | "asyncio.shield"
            | "asyncio.to_thread"
            | "asyncio.tasks.gather"
            | "asyncio.Event.wait"
            | "asyncio.Lock.acquire"
            | "asyncio.Queue.get"
            | "asyncio.Future"
    )
}

impl Value {
    /// Whether it stands for a coroutine or context manager that has not begun: making one raises nothing.
    pub(in crate::machine) fn is_pending(&self) -> bool {
        pending_parts(self).is_some()
    }
}

fn pending(called: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Value {
    let mut all = vec![Value::external(called)];
    all.extend_from_slice(args);
    Value::Partial(Arc::new((Value::external(PENDING), all, kwargs.to_vec())))
}

/// Callee, positional and keyword arguments.
type Parts<'a> = (&'static str, &'a [Value], &'a [(Name, Value)]);

/// Callee and arguments of what has not begun.
pub(super) fn pending_parts(value: &Value) -> Option<Parts<'_>> {
    let Value::Partial(partial) = value else { return None };
    if partial.0 != Value::external(PENDING) {
        return None;
    }
    let (first, rest) = partial.1.split_first()?;
    let Value::External(called) = first else { return None };
    Some((called.as_str(), rest, &partial.2))
}
