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

impl Machine<'_> {
    /// Remembers calls that may let a wait end.
    pub(super) fn note_progress(&mut self, name: &str, receiver: Option<InstId>) {
        let (owner, method) = name.rsplit_once('.').unwrap_or(("", name));
        if STOPS.contains(&method) {
            // A server or event loop that runs beside comes back now; a loop of the project's own does not.
            self.waits.hung.retain(|_, hung| hung.raised.cause == Cause::Loop);
        }
        if HANDS_OVER.contains(&method) {
            self.waits.helped.insert(receiver);
        }
        if !is_waited_for(owner) {
            self.waits.unseen |= name.starts_with("_thread.");
            return;
        }
        match method {
            "set" | "notify" | "notify_all" | "put" | "put_nowait" | "task_done" | "abort" => {
                self.waits.helped.insert(receiver);
            }
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

    /// A wait ends if anybody is there to end it.
    pub(super) fn judge_wait(
        &mut self,
        call: &Call,
        receiver: Option<InstId>,
        bounded: bool,
        certainty: Certainty,
    ) -> Judgement {
        let last = call.name.rsplit('.').next().unwrap_or(call.name);
        if let Some(task) = receiver
            && matches!(last, "join" | "result" | "exception" | "shutdown" | "wait" | "get" | "__exit__")
            && let Some(hung) = self.waits.hung.get(&task)
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
        if alone && !self.waits.unseen && self.waits.beside == 0 && certainty == Certainty::Certain {
            return Judgement::Hangs(certainty);
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
