//! What runs beside the main line: threads, executors, processes, asyncio's tasks. Their work is followed where it starts;
//! whether it ends decides about those who wait for it.

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May, ThrowKind};
use crate::machine::outcome::Cause;
use crate::machine::value::{InstId, Keywords, Value};
use crate::python::effects::{self, EffectKind};

impl Machine<'_> {
    /// Calls that start, join or hand over work.
    pub(in crate::machine) fn play_tasks(
        &mut self,
        name: Name,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Eval> {
        let text = name.as_str();
        let (owner, method) = text.rsplit_once('.')?;
        if !super::waits::is_waited_for(text) && !matches!(text, "anyio.run" | "trio.run" | "uvloop.run" | "curio.run")
        {
            return None;
        }
        let receiver = self.own_receiver(name, args);
        match (owner, method) {
            (_, "start") if receiver.is_some() => {
                let task = receiver?;
                if let Err(throw) = self.note_effect(name, args, kwargs) {
                    return Some(Err(throw));
                }
                self.start_thread(task);
                Some(Ok(Value::None))
            }
            (_, "submit" | "apply_async") if receiver.is_some() => {
                let rest = args.get(1..).unwrap_or_default();
                let (function, given) = rest.split_first()?;
                Some(Ok(self.submit(owner, receiver?, function, given.to_vec(), kwargs.to_vec())))
            }
            (_, "run_until_complete" | "run") if owner.starts_with("asyncio.") => {
                let awaited = args.get(usize::from(receiver.is_some()))?.clone();
                Some(self.await_value(&awaited))
            }
            ("asyncio" | "uvloop", "run") => Some(self.await_value(args.first()?)),
            ("anyio" | "trio" | "curio", "run") => {
                let (function, rest) = args.split_first()?;
                let made = match self.call(function, rest.to_vec(), Vec::new()) {
                    Ok(made) => made,
                    Err(throw) => return Some(Err(throw)),
                };
                Some(self.await_value(&made))
            }
            ("asyncio" | "asyncio.tasks", "create_task" | "ensure_future")
            | ("asyncio.AbstractEventLoop" | "asyncio.TaskGroup", "create_task") => {
                let awaited = args.get(usize::from(receiver.is_some()))?.clone();
                Some(Ok(self.create_task(&awaited)))
            }
            _ => None,
        }
    }

    /// `sorted(values, key=function)`: the function is called for each element; once tells what it does.
    pub(in crate::machine) fn note_key(&mut self, name: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Eval<()> {
        if !matches!(name, "builtins.sorted" | "builtins.min" | "builtins.max") {
            return Ok(());
        }
        let key = kwargs.iter().find(|(name, _)| name.as_str() == "key").map(|(_, value)| value.clone());
        let Some(key @ Value::Function(_)) = key else { return Ok(()) };
        let first =
            args.first().and_then(|values| self.elements(values)).and_then(|(values, _)| values.first().cloned());
        let Some(first) = first else { return Ok(()) };
        let result = self.call(&key, vec![first], Vec::new());
        self.only_ends(result)
    }

    /// Of a call that is made for its effects alone, what ends or hangs the process is believed.
    pub(in crate::machine) fn only_ends(&mut self, result: Eval) -> Eval<()> {
        match result {
            Err(throw) if throw.kind == ThrowKind::Exception && !matches!(throw.raised.cause, Cause::Exit(_)) => {
                self.may_raise(May::This(throw));
                Ok(())
            }
            Err(throw) => Err(throw),
            Ok(_) => Ok(()),
        }
    }

    /// `thread.start()`: the target, or the `run` of a class of the project.
    fn start_thread(&mut self, task: InstId) {
        let data = &self.state.instances[task];
        let named = |wanted: &str| data.kwargs.iter().find(|(name, _)| name.as_str() == wanted).map(|(_, v)| v.clone());
        let is_timer = matches!(data.class, Value::External(class) if class.as_str().ends_with("Timer"));
        let (target, args) = if is_timer {
            (data.args.get(1).cloned().or_else(|| named("function")), named("args"))
        } else {
            (named("target").or_else(|| data.args.get(1).cloned()), named("args").or_else(|| data.args.get(3).cloned()))
        };
        let kwargs = named("kwargs");
        let own = match data.class {
            Value::Class(class) => self.class_lookup(class, Name::new("run")).0,
            _ => Found::No,
        };
        if let Found::Yes(run @ Value::Function(_)) = own {
            self.run_beside(task, &run, vec![Value::Instance(task)], Vec::new());
            return;
        }
        let given = match args {
            None => Some(Vec::new()),
            Some(args) => self.elements(&args).filter(|(_, exact)| *exact).map(|(items, _)| items),
        };
        match (target, given, kwargs) {
            (Some(target), Some(given), None) => self.run_beside(task, &target, given, Vec::new()),
            _ => self.waits.unseen = true,
        }
    }

    fn submit(&mut self, owner: &str, executor: InstId, function: &Value, args: Vec<Value>, kwargs: Keywords) -> Value {
        let class = effects::returned_type(&format!("{owner}.submit")).unwrap_or("concurrent.futures.Future");
        let future = self.instance(Value::external(class), Vec::new(), Vec::new());
        let Value::Instance(task) = future else { return Value::Unknown };
        self.run_beside(task, function, args, kwargs);
        if let Some(hung) = self.waits.hung.get(&task).cloned() {
            self.waits.hung.insert(executor, hung);
        }
        if let Some(stuck) = self.waits.stuck.get(&task).cloned() {
            self.waits.stuck.insert(executor, stuck);
        }
        future
    }

    fn create_task(&mut self, awaited: &Value) -> Value {
        let task = self.instance(Value::external("asyncio.Task"), Vec::new(), Vec::new());
        let Value::Instance(id) = task else { return Value::Unknown };
        self.beside(id, |machine| machine.await_value(awaited));
        task
    }

    fn run_beside(&mut self, task: InstId, function: &Value, args: Vec<Value>, kwargs: Keywords) {
        if !matches!(function, Value::Function(_) | Value::Method(_) | Value::Partial(_) | Value::External(_)) {
            self.waits.unseen = true;
            return;
        }
        self.beside(task, |machine| machine.call(function, args, kwargs));
    }

    /// Follows work that does not hold up whoever started it.
    fn beside(&mut self, task: InstId, work: impl FnOnce(&mut Self) -> Eval) {
        self.waits.beside += 1;
        self.tries.push(Vec::new());
        let guarded = std::mem::take(&mut self.guarded);
        let result = work(self);
        self.guarded = guarded;
        let possible = self.tries.pop().unwrap_or_default();
        self.waits.beside -= 1;
        match result {
            Err(throw) if throw.kind == ThrowKind::Hang => {
                if is_lasting(&throw.raised.cause) {
                    // Its rounds to come see what is set until then: they may let others go on.
                    self.waits.unseen |= throw.raised.cause == Cause::Loop;
                    self.waits.hung.insert(task, throw);
                } else if let Some(object) = self.waits.waited_on.take() {
                    self.waits.stuck.insert(task, (throw, object));
                } else {
                    self.waits.unseen = true;
                }
            }
            Err(throw) if throw.kind == ThrowKind::GiveUp => self.waits.unseen = true,
            // An exception ends the thread alone.
            Err(_) => {
                self.waits.done.insert(task);
            }
            Ok(value) => {
                if !value.is_unknown() {
                    self.waits.done.insert(task);
                }
                self.waits.unseen |= value.is_unknown() || possible.iter().any(|may| matches!(may, May::Anything));
            }
        }
    }

    /// `with executor:` waits for everything that was submitted.
    pub(super) fn join_executor(&mut self, manager: &Value) -> Eval<()> {
        let Value::Instance(executor) = manager else { return Ok(()) };
        let stuck = self.waits.stuck.get(executor).map(|(stuck, _)| stuck);
        match self.waits.hung.get(executor).or(stuck) {
            Some(hung) => Err(hung.clone()),
            None => Ok(()),
        }
    }

    /// Awaiting one of asyncio's own.
    pub(super) fn await_library(&mut self, called: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Eval {
        match called.rsplit('.').next().unwrap_or(called) {
            "gather" | "shield" => {
                for awaited in args {
                    self.await_value(awaited)?;
                }
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
            "wait" if !kwargs.iter().any(|(name, _)| name.as_str() == "timeout") && called == "asyncio.wait" => {
                let tasks = args.first().and_then(|tasks| self.elements(tasks)).map(|(tasks, _)| tasks);
                for task in tasks.unwrap_or_default() {
                    self.await_value(&task)?;
                }
                Ok(Value::Unknown)
            }
            "wait_for" => self.await_bounded(args, kwargs),
            "to_thread" => match args.split_first() {
                Some((function, rest)) => self.call(function, rest.to_vec(), kwargs.to_vec()),
                None => Ok(Value::Unknown),
            },
            _ => {
                // Another task may be what ends it.
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    /// `asyncio.wait_for(awaited, seconds)`: what would never come back raises TimeoutError.
    fn await_bounded(&mut self, args: &[Value], kwargs: &[(Name, Value)]) -> Eval {
        let Some(awaited) = args.first() else { return Ok(Value::Unknown) };
        let named = kwargs.iter().find(|(name, _)| name.as_str() == "timeout").map(|(_, value)| value);
        let limit = args.get(1).or(named).cloned();
        let result = self.await_value(&awaited.clone());
        match (result, limit) {
            (Err(throw), Some(limit)) if throw.kind == ThrowKind::Hang && limit != Value::None => {
                let mut timeout = self.throw("TimeoutError", Some(String::new()), Cause::Other);
                timeout.raised.certainty = throw.raised.certainty;
                Err(timeout)
            }
            (other, _) => other,
        }
    }
}

/// Whether something goes on for ever whatever others do, as opposed to waiting for them.
fn is_lasting(cause: &Cause) -> bool {
    match cause {
        Cause::Loop => true,
        Cause::Blocking(id) => effects::by_id(id.as_str()).is_some_and(|effect| effect.kind != EffectKind::Lock),
        _ => false,
    }
}
