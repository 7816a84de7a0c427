//! Locks, events, queues, threads: whether anybody is there to end a wait.

use rustc_hash::{FxHashMap, FxHashSet};

use super::call::Call;
use super::judge::Judgement;
use crate::diagnostic::Certainty;
use crate::machine::Machine;
use crate::machine::log::{Eval, Throw};
use crate::machine::outcome::Cause;
use crate::machine::value::{InstId, Value};

/// What is known of objects that code waits for.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// Work that is not followed goes on beside the main line, and may do anything.
    pub(super) unseen: bool,
    /// Objects that were set, put into, notified or released: waits for them end. None stands for an unknown object.
    pub(super) helped: FxHashSet<Option<InstId>>,
    /// How often locks are held for certain.
    pub(super) held: FxHashMap<InstId, i64>,
    /// Threads, futures and executors whose work never ends.
    pub(super) hung: FxHashMap<InstId, Box<Throw>>,
    /// Threads, futures and executors whose work waits for an object that nobody has helped so far.
    pub(super) stuck: FxHashMap<InstId, (Box<Throw>, InstId)>,
    /// The object of the wait that was judged last, if nobody ends it.
    pub(super) waited_on: Option<InstId>,
    /// Threads and futures whose work was followed to its end.
    pub(super) done: FxHashSet<InstId>,
    /// Work beside the main line that is being followed.
    pub(in crate::machine) beside: u32,
    /// Regions in which the network is replaced.
    pub(in crate::machine) muted: u32,
    /// Connections and sleeps so far, for loops that want to know whether one was theirs.
    pub(in crate::machine) peers: u32,
    /// See `peers`.
    pub(in crate::machine) sleeps: u32,
}

impl Waits {
    /// What was heard of code whose state is undone: who may go on because of it, and how much there was.
    pub(in crate::machine) fn learn(&mut self, heard: &Self) {
        self.helped.extend(heard.helped.iter().copied());
        self.unseen |= heard.unseen;
        self.go_on();
        (self.peers, self.sleeps) = (heard.peers, heard.sleeps);
    }

    /// Whose object was helped goes on, may do anything, and is taken to come to its end.
    fn go_on(&mut self) {
        let helped = |object: &InstId| self.helped.contains(&Some(*object)) || self.helped.contains(&None);
        let free: Vec<InstId> =
            self.stuck.iter().filter(|(_, (_, waited))| helped(waited)).map(|(task, _)| *task).collect();
        self.unseen |= !free.is_empty();
        for task in free {
            self.stuck.remove(&task);
            self.done.insert(task);
        }
    }
}

impl Machine<'_> {
    /// Remembers calls that may let a wait end.
    pub(super) fn note_progress(&mut self, name: &str, receiver: Option<InstId>) {
        let (owner, method) = name.rsplit_once('.').unwrap_or(("", name));
        if STOPS.contains(&method) {
            // A server or event loop that runs beside comes back now; a loop of the project's own does not.
            self.waits.hung.retain(|_, hung| hung.raised.cause == Cause::Loop);
        }
        if HANDS_OVER.contains(&method) {
            self.help(receiver);
        }
        if !is_waited_for(owner) {
            self.waits.unseen |= name.starts_with("_thread.");
            return;
        }
        match method {
            "set" | "notify" | "notify_all" | "put" | "put_nowait" | "task_done" | "abort" => self.help(receiver),
            "release" => {
                match receiver {
                    Some(lock) => self.waits.held.remove(&lock).map(|_| ()),
                    None => {
                        self.waits.held.clear();
                        None
                    }
                };
            }
            "clear" if self.certainty() == Certainty::Certain => {
                self.waits.helped.remove(&receiver);
            }
            _ => {}
        }
    }

    /// Waits for this object end; none is any object. Who waited for it beside goes on, and may do anything.
    pub(super) fn help(&mut self, object: Option<InstId>) {
        self.waits.helped.insert(object);
        self.waits.go_on();
    }

    /// Code that is not followed gets hold of values: it may set, fill or release what they hold, or call them.
    pub(in crate::machine) fn hand_out_waits(&mut self, values: &[Value]) {
        for value in values {
            match value {
                Value::Instance(instance) => self.hand_out_wait(*instance),
                // Whoever gets a function may call it from a thread; decorators hardly do.
                Value::Function(function) if self.decorating == 0 => {
                    let unit = self.state.functions[*function].unit;
                    self.waits.unseen |= self.units[unit].is_project;
                }
                Value::Method(method) => {
                    if let Value::Instance(instance) = method.1 {
                        self.hand_out_wait(instance);
                    }
                }
                Value::Tuple(items) => {
                    let items: Vec<Value> =
                        items.iter().filter(|item| matches!(item, Value::Instance(_))).cloned().collect();
                    self.hand_out_waits(&items);
                }
                _ => {}
            }
        }
    }

    fn hand_out_wait(&mut self, instance: InstId) {
        if self.waited_class(&Value::Instance(instance)).is_some() {
            self.help(Some(instance));
            return;
        }
        let held = self.state.ns(self.state.instances[instance].ns).iter();
        let held: Vec<Value> = held.map(|(_, slot)| slot.value.clone()).collect();
        for value in held {
            if let Value::Instance(inner) = value
                && self.waited_class(&value).is_some()
            {
                self.help(Some(inner));
            }
        }
    }

    /// A wait ends if anybody is there to end it.
    pub(super) fn judge_wait(
        &mut self,
        call: &Call,
        receiver: Option<InstId>,
        bounded: bool,
        certainty: Certainty,
    ) -> Judgement {
        self.waits.waited_on = None;
        let last = call.name.rsplit('.').next().unwrap_or(call.name);
        if let Some(task) = receiver
            && matches!(last, "join" | "result" | "exception" | "shutdown" | "wait" | "get" | "__exit__")
            && let Some(hung) =
                self.waits.hung.get(&task).or_else(|| self.waits.stuck.get(&task).map(|(stuck, _)| stuck))
        {
            let known = hung.raised.certainty;
            return if bounded { Judgement::Nothing } else { Judgement::Hangs(certainty.min(known)) };
        }
        if last == "acquire" {
            return self.judge_acquire(call, receiver, bounded, certainty);
        }
        if bounded {
            return Judgement::Nothing;
        }
        let by = |key: Option<InstId>| self.waits.helped.contains(&key);
        if receiver.is_some() && by(receiver) {
            return Judgement::Nothing;
        }
        let helped = by(None) || receiver.is_none() && !self.waits.helped.is_empty();
        let alone = match (call.name, last) {
            (_, "put" | "lock" | "flock" | "lockf" | "fcntl" | "locking") => return Judgement::Nothing,
            (name, "join") if name.starts_with("queue.") => return Judgement::Nothing,
            ("threading.Event.wait" | "threading.Condition.wait", _) => !helped,
            (name, "get") if name.starts_with("queue.") => !helped,
            (_, "join" | "result" | "exception" | "shutdown")
                if receiver.is_some_and(|task| self.waits.done.contains(&task)) =>
            {
                return Judgement::Nothing;
            }
            _ => false,
        };
        if alone && !self.waits.unseen && certainty == Certainty::Certain {
            self.waits.waited_on = receiver;
            if self.waits.beside == 0 || receiver.is_some() {
                return Judgement::Hangs(certainty);
            }
        }
        Judgement::Noted(Certainty::Likely)
    }

    /// Taking what is taken already waits for a release that never comes, unless another thread may do it.
    fn judge_acquire(
        &mut self,
        call: &Call,
        receiver: Option<InstId>,
        bounded: bool,
        certainty: Certainty,
    ) -> Judgement {
        let Some(lock) = receiver else { return Judgement::Nothing };
        let Some(places) = self.places(lock) else { return Judgement::Nothing };
        let held = self.waits.held.get(&lock).copied().unwrap_or(0);
        let known = !self.waits.unseen && self.waits.beside == 0 && call.name.starts_with("threading.");
        if held >= places && known && !bounded && certainty == Certainty::Certain {
            return Judgement::Hangs(certainty);
        }
        if certainty == Certainty::Certain && self.waits.beside == 0 && held < places {
            self.waits.held.insert(lock, held + 1);
        }
        Judgement::Nothing
    }

    /// How often a lock can be taken before taking it waits; none where there is no limit, or it is not known.
    fn places(&self, lock: InstId) -> Option<i64> {
        let data = &self.state.instances[lock];
        let Value::External(class) = data.class else { return None };
        match class.as_str() {
            "threading.Lock" => Some(1),
            "threading.Semaphore" | "threading.BoundedSemaphore" => {
                let named = data.kwargs.iter().find(|(name, _)| name.as_str() == "value").map(|(_, value)| value);
                match data.args.first().or(named) {
                    None => Some(1),
                    Some(Value::Int(places)) => Some(*places),
                    Some(_) => None,
                }
            }
            _ => None,
        }
    }

    /// `with lock:` takes it.
    pub(in crate::machine) fn enter_wait(&mut self, manager: &Value) -> Eval<()> {
        let Some(class) = self.waited_class(manager) else { return Ok(()) };
        if class.starts_with("threading.") {
            let name = crate::base::intern::Name::new(&format!("{class}.acquire"));
            self.note_effect(name, std::slice::from_ref(manager), &[])?;
        }
        Ok(())
    }

    /// The end of a `with` statement releases a lock, and waits for an executor's work.
    pub(in crate::machine) fn leave_wait(&mut self, manager: &Value) -> Eval<()> {
        match self.waited_class(manager) {
            Some(
                "concurrent.futures.ThreadPoolExecutor"
                | "concurrent.futures.ProcessPoolExecutor"
                | "concurrent.futures.thread.ThreadPoolExecutor"
                | "concurrent.futures.process.ProcessPoolExecutor",
            ) => self.join_executor(manager),
            _ => {
                self.release_wait(manager);
                Ok(())
            }
        }
    }

    /// A `with` statement releases a lock however its body ends. False if the manager is no lock.
    pub(in crate::machine) fn release_wait(&mut self, manager: &Value) -> bool {
        let Some(class) = self.waited_class(manager).filter(|class| class.starts_with("threading.")) else {
            return false;
        };
        let Value::Instance(instance) = manager else { return false };
        self.note_progress(&format!("{class}.release"), Some(*instance));
        true
    }

    pub(super) fn waited_class(&self, manager: &Value) -> Option<&'static str> {
        let Value::Instance(instance) = manager else { return None };
        let Value::External(class) = self.state.instances[*instance].class else { return None };
        is_waited_for(class.as_str()).then(|| class.as_str())
    }
}

/// Methods that end a server or an event loop elsewhere.
const STOPS: &[&str] = &["shutdown", "stop", "close", "server_close", "aclose", "terminate", "quit"];

/// Methods that give an event loop something to do, which may be to stop it.
const HANDS_OVER: &[&str] = &[
    "call_soon",
    "call_soon_threadsafe",
    "call_later",
    "call_at",
    "create_task",
    "add_callback",
    "add_callback_from_signal",
    "add_future",
    "add_handler",
    "add_reader",
    "add_signal_handler",
    "add_timeout",
    "spawn_callback",
    "after",
    "after_idle",
];

/// Whether objects of a library class are followed one by one.
pub(in crate::machine) fn is_waited_for(class: &str) -> bool {
    let homes = ["threading.", "queue.", "concurrent.futures.", "multiprocessing.", "asyncio."];
    homes.iter().any(|home| class.starts_with(home))
}
