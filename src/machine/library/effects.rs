//! Calls that end, hang or wait: the table of [`crate::python::effects`], judged with what is known of the arguments.
//!
//! Peers are taken as absent: a connection outside any `try` is likely to be refused. What waits without a bound for
//! something that nobody can bring any more does not come back.

use super::super::Machine;
use super::super::log::{Eval, May, Throw, ThrowKind};
use super::super::outcome::{Cause, Event};
use super::super::value::Value;
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::python::effects::{self, Argument, Effect, EffectKind, EffectVerdict, Slot, When};

/// A module that is not there after this many seconds has not come back.
const PATIENCE: f64 = 60.0;

/// What may bring what code waits for. Counted over the whole run: identity is not followed.
#[derive(Debug, Clone, Default)]
pub struct Helpers {
    /// Another thread or process may be at work.
    threads: bool,
    /// An event has been set.
    set: bool,
    /// Something has been put into a queue.
    put: bool,
}

/// What comes of a call with an effect.
enum Judgement {
    /// Nothing worth telling.
    Nothing,
    /// It comes back; worth telling.
    Noted(Certainty),
    /// It does not come back.
    Hangs,
    /// It raises.
    Raises(Box<Throw>),
}

impl Machine<'_> {
    /// Asks the table of effects about a call that is not followed.
    pub(in crate::machine) fn note_effect(&mut self, name: Name, args: &[Value], kwargs: &[(Name, Value)]) -> Eval<()> {
        self.note_helper(name.as_str());
        let Some((effect, called)) = self.effect_of(name, args) else { return Ok(()) };
        if effect.when_of(&called) != When::Call || effect.verdict == EffectVerdict::Safe {
            return Ok(());
        }
        let in_project = self.frames.iter().any(|frame| self.units[frame.unit].is_project);
        let in_package = self.frames.last().is_some_and(|frame| !self.units[frame.unit].is_project);
        if !in_project || in_package {
            return Ok(());
        }
        let own = usize::from(called != name.as_str() && matches!(args.first(), Some(Value::Instance(_))));
        let call = Call { name: &called, args: args.get(own..).unwrap_or_default(), kwargs };
        match self.judge(effect, &call) {
            Judgement::Nothing => Ok(()),
            Judgement::Noted(certainty) => {
                let (rule, frames) = (Name::new(effect.id), self.stack());
                self.events.push(Event::Effect {
                    rule,
                    callee: Name::new(&called),
                    frames,
                    certainty,
                    root: self.root,
                });
                Ok(())
            }
            Judgement::Hangs => {
                let mut throw = self.throw("RuntimeError", None, Cause::Blocking(Name::new(effect.id)));
                throw.raised.certainty = self.certainty();
                throw.kind = ThrowKind::Hang;
                Err(throw)
            }
            Judgement::Raises(throw) => Err(throw),
        }
    }

    /// The row for a name, or for the receiver's class and its bases.
    fn effect_of(&self, name: Name, args: &[Value]) -> Option<(&'static Effect, String)> {
        if let Some(effect) = effects::find(name.as_str()) {
            return Some((effect, name.as_str().to_owned()));
        }
        let Some(Value::Instance(receiver)) = args.first() else { return None };
        let Value::Class(class) = self.state.instances[*receiver].class else { return None };
        let method = name.as_str().rsplit('.').next()?;
        self.state.classes[class].mro.iter().find_map(|base| {
            let owner = match base {
                Value::Class(base) => {
                    let data = &self.state.classes[*base];
                    format!("{}.{}", self.state.modules[data.module].name, data.qualname)
                }
                Value::External(base) => base.as_str().to_owned(),
                _ => return None,
            };
            let called = format!("{owner}.{method}");
            effects::find(&called).map(|effect| (effect, called))
        })
    }

    /// Remembers calls that may let a later wait end.
    fn note_helper(&mut self, name: &str) {
        let starts = ["threading.Thread", "threading.Timer", "_thread.", "concurrent.futures.", "multiprocessing."];
        let unsure = self.certainty() == Certainty::Likely;
        self.helpers.threads |= starts.iter().any(|start| name.starts_with(start));
        self.helpers.set |= name == "threading.Event.set" || name.starts_with("threading.Event.") && unsure;
        self.helpers.put |= name.starts_with("queue.") && (name.contains(".put") || unsure);
    }

    fn judge(&mut self, effect: &'static Effect, call: &Call) -> Judgement {
        let harmless = effect.is_harmless(call.name, &|slot| call.argument(slot));
        let certainty = if harmless.is_none() { Certainty::Likely } else { self.certainty() };
        if harmless == Some(true) {
            return Judgement::Nothing;
        }
        let limited = |slot: &Slot| !matches!(call.argument(*slot), Argument::Absent | Argument::Literal("None"));
        let bounded = effect.timeout.iter().any(limited) || call.has_positional_timeout();
        match effect.kind {
            EffectKind::Exit => self.judge_exit(effect, call, certainty),
            EffectKind::Sleep => judge_sleep(effect, call, certainty),
            EffectKind::Stdin => self.judge_stdin(effect),
            EffectKind::Lock => self.judge_wait(call.name, bounded, certainty),
            EffectKind::Server | EffectKind::Loop if effect.verdict == EffectVerdict::Blocks => {
                judge_service(effect, bounded, certainty)
            }
            EffectKind::Network | EffectKind::Broker | EffectKind::Database => self.judge_peer(effect, call, certainty),
            EffectKind::Io => Judgement::Nothing,
            EffectKind::Server | EffectKind::Loop | EffectKind::Process | EffectKind::Download => {
                Judgement::Noted(certainty)
            }
        }
    }

    /// `parse_args()` reads pytest's own arguments.
    fn judge_exit(&mut self, effect: &Effect, call: &Call, certainty: Certainty) -> Judgement {
        let message = match effect.id {
            "exit.os-kill-self" | "exit.alarm" | "exit.os-abort" => return Judgement::Nothing,
            "exit.argparse" if call.name.ends_with("known_args") => return Judgement::Noted(Certainty::Likely),
            "exit.argparse" if call.name.contains(".parse_args") || call.name.ends_with(".error") => {
                Some("2".to_owned())
            }
            "exit.click-typer" | "exit.django" => return Judgement::Noted(Certainty::Likely),
            _ => None,
        };
        let mut throw = self.throw("SystemExit", message, Cause::Exit(Name::new(call.name)));
        let depends = effect.verdict == EffectVerdict::MayExit && !call.name.ends_with(".error");
        throw.raised.certainty = if depends { Certainty::Likely } else { certainty };
        Judgement::Raises(throw)
    }

    /// pytest's capture refuses to read; `breakpoint()` and shells are told only.
    fn judge_stdin(&mut self, effect: &Effect) -> Judgement {
        if !matches!(effect.id, "stdin.input" | "stdin.sys-stdin" | "stdin.getpass") {
            return Judgement::Noted(Certainty::Likely);
        }
        let text = "pytest: reading from stdin while output is captured!  Consider using `-s`.";
        let mut throw = self.throw("OSError", Some(text.to_owned()), Cause::Blocking(Name::new(effect.id)));
        let certain = effect.id != "stdin.getpass";
        throw.raised.certainty = if certain { self.certainty() } else { Certainty::Likely };
        Judgement::Raises(throw)
    }

    /// A wait ends if anybody is there to end it.
    fn judge_wait(&self, name: &str, bounded: bool, certainty: Certainty) -> Judgement {
        let last = name.rsplit('.').next().unwrap_or(name);
        let alone = match (name, last) {
            _ if bounded => return Judgement::Nothing,
            (_, "acquire" | "put" | "lock" | "flock" | "lockf" | "fcntl" | "locking") => return Judgement::Nothing,
            ("threading.Event.wait", _) => !self.helpers.set,
            (_, "get") if name.starts_with("queue.") => !self.helpers.put,
            (_, "join") if name.starts_with("queue.") => return Judgement::Nothing,
            _ => false,
        };
        if alone && !self.helpers.threads && certainty == Certainty::Certain {
            return Judgement::Hangs;
        }
        Judgement::Noted(Certainty::Likely)
    }

    /// Nobody answers. Inside a `try` that is one of the ways on; outside it is how the import is likely to end.
    fn judge_peer(&mut self, effect: &'static Effect, call: &Call, certainty: Certainty) -> Judgement {
        let quiet =
            ["database.sqlite", "database.sqlalchemy-connect", "database.pymongo-lazy", "database.psycopg-pool"];
        if effect.id == "database.sqlite" && call.argument(slot_at(0)) == Argument::Literal(":memory:") {
            return Judgement::Nothing;
        }
        let waits = matches!(effect.verdict, EffectVerdict::Blocks | EffectVerdict::Waits);
        let unsure = [
            "network.dns",
            "network.cloud-metadata",
            "network.boto3-client",
            "network.grpc",
            "network.zmq-nats-mqtt",
            "network.xmlrpc",
        ];
        if !waits || quiet.contains(&effect.id) || unsure.contains(&effect.id) {
            return Judgement::Noted(certainty);
        }
        let throw = self.peer_is_missing(effect, call);
        if self.guarded == 0 {
            return Judgement::Raises(throw);
        }
        self.may_raise(May::This(throw));
        Judgement::Noted(certainty)
    }

    /// The exception that the library raises when its peer is missing, where the table names one.
    fn peer_is_missing(&mut self, effect: &Effect, call: &Call) -> Box<Throw> {
        let local = call.args.first().is_some_and(is_local);
        let message = (local && effect.id == "network.socket").then(|| "[Errno 111] Connection refused".to_owned());
        let class = effect.raises.and_then(|text| text.split([' ', ':']).next()).filter(|class| is_class(class));
        let class = class.unwrap_or("ConnectionRefusedError");
        let mut throw = self.throw(class, message, Cause::Blocking(Name::new(effect.id)));
        throw.raised.certainty = Certainty::Likely;
        throw
    }
}

/// A call as the table sees it.
struct Call<'a> {
    name: &'a str,
    args: &'a [Value],
    kwargs: &'a [(Name, Value)],
}

impl Call<'_> {
    fn value(&self, slot: Slot) -> Option<&Value> {
        let named = slot.keyword.and_then(|keyword| self.kwargs.iter().find(|(name, _)| name.as_str() == keyword));
        named.map(|(_, value)| value).or_else(|| self.args.get(slot.position?))
    }

    /// Waits take their timeout first; those that also take `block` take it second.
    fn has_positional_timeout(&self) -> bool {
        let last = self.name.rsplit('.').next().unwrap_or(self.name);
        let at = match last {
            "wait" | "join" | "result" | "exception" => 0,
            "get" | "acquire" => 1,
            _ => return false,
        };
        self.args.get(at).is_some_and(|value| *value != Value::None)
    }

    fn argument(&self, slot: Slot) -> Argument<'_> {
        match self.value(slot) {
            None => Argument::Absent,
            Some(Value::None) => Argument::Literal("None"),
            Some(Value::Bool(true)) => Argument::Literal("True"),
            Some(Value::Bool(false)) => Argument::Literal("False"),
            Some(Value::Int(0)) => Argument::Literal("0"),
            Some(Value::Str(text)) => Argument::Literal(text),
            Some(Value::Int(_) | Value::Float(_)) => Argument::Literal("a number"),
            Some(Value::Tuple(_) | Value::List(_)) => Argument::Literal("a sequence"),
            Some(_) => Argument::Unknown,
        }
    }
}

/// `("127.0.0.1", port)`
fn is_local(address: &Value) -> bool {
    let Value::Tuple(parts) = address else { return false };
    matches!(parts.first(), Some(Value::Str(host)) if matches!(&**host, "127.0.0.1" | "localhost" | "::1"))
}

const fn slot_at(position: usize) -> Slot {
    Slot { keyword: None, position: Some(position) }
}

fn is_class(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    last.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_alphanumeric() || "._".contains(c))
}

/// Seconds decide; short ones cost every collection their time.
fn judge_sleep(effect: &Effect, call: &Call, certainty: Certainty) -> Judgement {
    if effect.id != "sleep.time" {
        return if effect.verdict == EffectVerdict::Blocks { Judgement::Hangs } else { Judgement::Noted(certainty) };
    }
    let seconds = match call.args.first() {
        Some(Value::Int(seconds)) => f64::from(i32::try_from(*seconds).unwrap_or(i32::MAX)),
        Some(Value::Float(seconds)) => *seconds,
        _ => return Judgement::Noted(Certainty::Likely),
    };
    let hangs = seconds >= PATIENCE && certainty == Certainty::Certain;
    if hangs { Judgement::Hangs } else { Judgement::Noted(certainty) }
}

/// Servers and event loops run until somebody stops them.
fn judge_service(effect: &Effect, bounded: bool, certainty: Certainty) -> Judgement {
    let serves = matches!(
        effect.id,
        "server.socketserver" | "server.flask" | "server.asgi-wsgi" | "server.mcp-bots" | "loop.asyncio-forever"
    );
    if serves && !bounded && certainty == Certainty::Certain { Judgement::Hangs } else { Judgement::Noted(certainty) }
}
