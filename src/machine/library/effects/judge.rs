//! What comes of a call with an effect, judged with what is known of its arguments.
//!
//! Peers are taken as absent while modules are imported: a connection outside any `try` is likely to be refused. In tests
//! and fixtures they are taken as present, so that what follows is seen too.

use super::call::{Call, is_local, seconds};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::Machine;
use crate::machine::log::{May, Throw, ThrowKind};
use crate::machine::outcome::Cause;
use crate::machine::value::{InstId, Value};
use crate::python::effects::{Argument, Effect, EffectKind, EffectVerdict, Slot};

/// A module that is not there after this many seconds has not come back.
const PATIENCE: f64 = 60.0;

/// What comes of a call with an effect.
pub(super) enum Judgement {
    /// Nothing worth telling.
    Nothing,
    /// It comes back; worth telling.
    Noted(Certainty),
    /// It does not come back.
    Hangs(Certainty),
    /// It raises.
    Raises(Box<Throw>),
}

/// Local operations that are told all the same: CPython audits them.
const TOLD: &[&str] = &["io.thread-start", "io.socket-bind"];

impl Machine<'_> {
    pub(super) fn judge(&mut self, effect: &'static Effect, call: &Call, receiver: Option<InstId>) -> Judgement {
        let harmless = effect.is_harmless(call.name, &|slot| call.argument(slot));
        let certainty = if harmless.is_none() { Certainty::Likely } else { self.certainty() };
        if harmless == Some(true) {
            return Judgement::Nothing;
        }
        let bounded = call.bound(effect).is_some();
        match effect.kind {
            _ if effect.id.ends_with(".configured") => Judgement::Noted(certainty),
            EffectKind::Exit => self.judge_exit(effect, call, certainty),
            EffectKind::Sleep => judge_sleep(effect, call, certainty),
            EffectKind::Stdin => self.judge_stdin(effect),
            EffectKind::Lock => self.judge_wait(call, receiver, bounded, certainty),
            EffectKind::Process if is_task_wait(call.name) => self.judge_wait(call, receiver, bounded, certainty),
            EffectKind::Server | EffectKind::Loop if effect.verdict == EffectVerdict::Blocks => {
                let alone = self.is_alone(receiver);
                judge_service(effect, bounded, if alone { certainty } else { Certainty::Likely })
            }
            EffectKind::Network | EffectKind::Broker | EffectKind::Database => {
                self.judge_peer(effect, call, receiver, certainty)
            }
            EffectKind::Io if TOLD.contains(&effect.id) => Judgement::Noted(certainty),
            EffectKind::Io => Judgement::Nothing,
            EffectKind::Loop if effect.verdict == EffectVerdict::Delegates => Judgement::Nothing,
            EffectKind::Server | EffectKind::Loop | EffectKind::Process | EffectKind::Download => {
                Judgement::Noted(certainty)
            }
        }
    }

    /// Whether nobody is there to stop an event loop: nothing was handed to it. Tests often stop theirs from afar.
    fn is_alone(&self, receiver: Option<InstId>) -> bool {
        let helped = self.waits.helped.contains(&receiver) || self.waits.helped.contains(&None);
        receiver.is_none() || !helped && !self.waits.unseen && !self.probing
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
        if effect.id == "exit.os-exec" {
            // Another program takes the process over, if it can be started.
            throw.kind = ThrowKind::Dead;
            throw.raised.certainty = Certainty::Likely;
        }
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

    /// Nobody answers. Inside a `try` that is one of the ways on; outside it is how the import is likely to end.
    fn judge_peer(
        &mut self,
        effect: &'static Effect,
        call: &Call,
        receiver: Option<InstId>,
        certainty: Certainty,
    ) -> Judgement {
        let quiet =
            ["database.sqlite", "database.sqlalchemy-connect", "database.pymongo-lazy", "database.psycopg-pool"];
        if effect.id == "database.sqlite" && call.argument(slot_at(0)) == Argument::Literal(":memory:") {
            return Judgement::Nothing;
        }
        let waits = matches!(effect.verdict, EffectVerdict::Blocks | EffectVerdict::Waits);
        // With credentials at hand, in variables or a file of the user's, these ask nobody.
        if ["network.cloud-metadata", "network.boto3-client"].contains(&effect.id) {
            return Judgement::Noted(Certainty::Likely);
        }
        let unsure = ["network.dns", "network.grpc", "network.zmq-nats-mqtt", "network.xmlrpc"];
        if !waits || quiet.contains(&effect.id) || unsure.contains(&effect.id) {
            return Judgement::Noted(certainty);
        }
        if self.probing {
            return Judgement::Noted(certainty);
        }
        let throw = self.peer_is_missing(effect, call, receiver);
        if self.guarded == 0 {
            return Judgement::Raises(throw);
        }
        self.may_raise(May::This(throw));
        Judgement::Noted(certainty)
    }

    /// The exception that the library raises when its peer is missing, where the table names one.
    fn peer_is_missing(&mut self, effect: &Effect, call: &Call, receiver: Option<InstId>) -> Box<Throw> {
        let made_for = receiver.and_then(|client| self.state.instances[client].args.first());
        let local = call.args.first().is_some_and(is_local) || made_for.is_some_and(is_local);
        let class = effect.raises.and_then(|text| text.split([' ', ':']).next()).filter(|class| is_class(class));
        let (class, message) = match call.name.split('.').next() {
            Some("socket" | "smtplib" | "ftplib" | "poplib" | "imaplib") if local => {
                ("ConnectionRefusedError", Some(REFUSED.to_owned()))
            }
            Some("http") => ("ConnectionRefusedError", local.then(|| REFUSED.to_owned())),
            Some("urllib") => ("urllib.error.URLError", local.then(|| format!("<urlopen error {REFUSED}>"))),
            _ => (class.unwrap_or("ConnectionRefusedError"), None),
        };
        let mut throw = self.throw(class, message, Cause::Blocking(Name::new(effect.id)));
        throw.raised.certainty = Certainty::Likely;
        throw
    }
}

/// What the system says where nobody listens.
const REFUSED: &str = "[Errno 111] Connection refused";

fn is_task_wait(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let home = ["concurrent.futures.", "multiprocessing."].iter().any(|home| name.starts_with(home));
    home && matches!(last, "result" | "exception" | "join" | "get" | "wait" | "shutdown")
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
    if effect.id == "sleep.sched" {
        // It comes back when nothing is left to do.
        return Judgement::Noted(Certainty::Likely);
    }
    if effect.verdict == EffectVerdict::Blocks {
        return Judgement::Hangs(certainty);
    }
    let given = call.args.first().and_then(|value: &Value| seconds(value));
    match given {
        Some(seconds) if seconds >= PATIENCE && certainty == Certainty::Certain => Judgement::Hangs(certainty),
        Some(_) => Judgement::Noted(certainty),
        None => Judgement::Noted(Certainty::Likely),
    }
}

/// Servers and event loops run until somebody stops them.
fn judge_service(effect: &Effect, bounded: bool, certainty: Certainty) -> Judgement {
    let serves = matches!(
        effect.id,
        "server.socketserver" | "server.flask" | "server.asgi-wsgi" | "server.mcp-bots" | "loop.asyncio-forever"
    );
    if serves && !bounded { Judgement::Hangs(certainty) } else { Judgement::Noted(certainty) }
}
