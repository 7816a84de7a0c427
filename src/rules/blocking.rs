//! Calls that end, hang or wait during an import: what the BLK rules have in common.

use std::collections::BTreeSet;

use super::classify::code_of;
use super::fault::{Fault, FaultKind};
use super::finding::{Described, report as report_faults};
use super::{Facts, Sink, switch};
use crate::base::intern::Name;
use crate::diagnostic::{Certainty, Severity};
use crate::machine::{Cause, Detail, Event, Frame, Raised};
use crate::pytest::verdict::Reaches;
use crate::python::effects::{self, Effect, EffectKind, EffectVerdict};

/// Reports what ends or hangs an import with this code, and calls of the kind that come back.
pub fn report(facts: &Facts, sink: &mut Sink, code: &'static str, does: &str) {
    report_faults(facts, sink, |kind| *kind == FaultKind::Effect(code), |facts, fault| described(facts, fault, does));
    let fault = |index: Option<usize>| index.and_then(|index| facts.faults.get(index));
    sink.retain(|found| fault(found.fault).is_none_or(|fault| !is_allowed(facts, &fault.raised.frames)));
    for event in &facts.collection.events {
        if let Event::Effect { rule, callee, frames, certainty, detail, overheard, .. } = event {
            if *overheard && is_told_for_itself(facts, frames) {
                continue;
            }
            returning(facts, sink, code, &Call { rule: *rule, callee: *callee, frames, detail }, *certainty);
        }
    }
    sink.merge_equal_places();
}

fn described(facts: &Facts, fault: &Fault, does: &str) -> Described {
    let call = match &fault.raised.cause {
        Cause::Exit(name) => bare(name.as_str()).to_owned(),
        Cause::Blocking(id) if id.as_str() == "stdin.input" => "input".to_owned(),
        Cause::Blocking(id) => called(&facts.collection.events, &fault.raised).unwrap_or(id.as_str()).to_owned(),
        Cause::Loop => "this loop".to_owned(),
        _ => fault.raised.class.as_str().to_owned(),
    };
    let what = match &fault.raised.cause {
        Cause::Loop => "a loop that never ends at import".to_owned(),
        Cause::Blocking(id) if call == id.as_str() => format!("a call at import {does}"),
        Cause::Blocking(_) => format!("{call} {does} at import"),
        _ => format!("{call} at import"),
    };
    let label = match fault.certainty {
        Certainty::Certain if fault.hangs => "does not come back".to_owned(),
        Certainty::Certain => format!("raises {}", fault.raised.class),
        Certainty::Likely => format!("may {}", if fault.hangs { "never come back" } else { "end here" }),
    };
    let help = help(facts, fault);
    Described { what, subject: call, label, help, ..Described::default() }
}

fn bare(name: &str) -> &str {
    name.trim_start_matches("builtins.")
}

/// The call that does not come back, or raises: its effect was seen at the innermost frame.
#[must_use]
pub fn called(events: &[Event], raised: &Raised) -> Option<&'static str> {
    let last = raised.frames.last()?;
    events.iter().rev().find_map(|event| match event {
        Event::Effect { callee, frames, .. } if frames.last() == Some(last) => Some(bare(callee.as_str())),
        _ => None,
    })
}

/// The smallest changes that defuse it, first the one that concerns the call itself.
fn help(facts: &Facts, fault: &Fault) -> Vec<String> {
    let is_test = facts.collection.modules.iter().any(|module| module.file == fault.file);
    let own = match &fault.raised.cause {
        Cause::Exit(_) if is_test => Some(
            "pytest.skip(..., allow_module_level=True) or pytest.importorskip(...) skips this module only".to_owned(),
        ),
        Cause::Exit(_) => {
            Some("raise an exception that callers can catch; exit in the command that starts the program".to_owned())
        }
        Cause::Loop => Some("count the rounds, and raise after the last".to_owned()),
        Cause::Blocking(_) if called(&facts.collection.events, &fault.raised) == Some("threading.Lock.acquire") => {
            Some("the lock is held already: release it before, or use threading.RLock".to_owned())
        }
        Cause::Blocking(id) => effects::by_id(id.as_str()).and_then(remedy),
        _ => None,
    };
    let argument = switch::argument(facts, &fault.raised.frames);
    argument.into_iter().chain(own).chain([elsewhere(facts, fault)]).collect()
}

/// What helps at the call.
fn remedy(effect: &Effect) -> Option<String> {
    let text = match effect.kind {
        EffectKind::Stdin => "take the answer from an argument or a variable: pytest gives tests no terminal",
        EffectKind::Lock => "pass a timeout, and look at the result",
        EffectKind::Server => "let tests start it in a daemon thread, and stop it in the fixture's teardown",
        EffectKind::Network | EffectKind::Broker | EffectKind::Database if effect.verdict == EffectVerdict::Blocks => {
            "pass a timeout: without one an import may wait for ever where the peer does not answer"
        }
        _ => return None,
    };
    Some(text.to_owned())
}

/// Where the statement that leads there belongs.
fn elsewhere(facts: &Facts, fault: &Fault) -> String {
    let guard = "under if __name__ == \"__main__\"";
    let Some(outer) = fault.raised.frames.iter().find(|frame| facts.source.is_project(&frame.file)) else {
        return format!("move the call into a function, or {guard}");
    };
    let here = outer.file == fault.file && outer.span.start == fault.span.start;
    let what =
        if here { "the call".to_owned() } else { format!("what {}:{} does", facts.shown(&outer.file), outer.line) };
    let is_test = facts.collection.modules.iter().any(|module| module.file == outer.file);
    let is_conftest = outer.file.file_name().is_some_and(|name| name == "conftest.py");
    match is_test || is_conftest {
        true => format!("move {what} into a fixture or a test, or {guard}"),
        false => format!("move {what} into a function, or {guard}"),
    }
}

/// Whether settings allow what these frames lead to: one of them stands in a file, or in a function of it, that may block.
pub fn is_allowed(facts: &Facts, frames: &[Frame]) -> bool {
    let allow = &facts.settings.blocking.allow;
    !allow.is_empty() && frames.iter().any(|frame| allow.iter().any(|entry| covers(facts, entry, frame)))
}

/// `PATH`, a folder or file, or `PATH::QUALNAME`.
fn covers(facts: &Facts, entry: &str, frame: &Frame) -> bool {
    let (path, name) = entry.split_once("::").map_or((entry, None), |(path, name)| (path, Some(name)));
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let shown = facts.shown(&frame.file);
    let below = shown.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match name {
        None => below,
        Some(name) if below => encloses(facts, &name.replace("::", "."), frame),
        Some(_) => false,
    }
}

/// Whether a frame stands in the function or class of this qualified name.
fn encloses(facts: &Facts, name: &str, frame: &Frame) -> bool {
    let Some(summary) = facts.summary(&frame.file) else { return false };
    let holds = |span: crate::base::span::Span| span.start <= frame.span.start && frame.span.end <= span.end;
    summary.definitions.iter().any(|definition| holds(definition.span) && summary.text(definition.qualname) == name)
}

/// Whether a package calls what is its own.
fn is_own(callee: &str, package: &str) -> bool {
    callee.split('.').next() == package.split('.').next()
}

/// The module of an installed package that makes the call, if it is not the project's.
fn through(facts: &Facts, frames: &[Frame]) -> Option<&'static str> {
    let last = frames.last().filter(|frame| !facts.source.is_project(&frame.file))?;
    Some(last.module.as_str())
}

/// A call that comes back, sooner or later: it makes every collection slower or depend on a peer.
fn returning(facts: &Facts, sink: &mut Sink, code: &str, call: &Call, certainty: Certainty) {
    let (callee, frames) = (call.callee, call.frames);
    let Some(effect) = effects::by_id(call.rule.as_str()) else { return };
    // Packages look around by small processes of their own; that is theirs to tell.
    let is_theirs = through(facts, frames).is_some() && effect.kind == EffectKind::Process;
    if code_of(effect) != code || !matters(effect) || is_theirs {
        return;
    }
    let Some(frame) = frames.iter().rev().find(|frame| facts.source.is_project(&frame.file)) else { return };
    let told = |fault: &Fault| {
        let same = fault.file == frame.file && fault.span.start == frame.span.start;
        same || fault.raised.cause == Cause::Loop && is_behind(frames, &fault.raised.frames)
    };
    if facts.faults.iter().any(told) || is_allowed(facts, frames) || is_told_of_hook(facts, frames) {
        return;
    }
    let place = facts.frame_place(frame);
    let is_loop = effect.id == "loop.while-true";
    let what = match through(facts, frames) {
        _ if is_loop => format!("{callee} runs at import"),
        Some(package) if !is_own(callee.as_str(), package) => format!("{package} calls {callee} at import"),
        Some(_) => format!("{callee} is called at import"),
        None => format!("{callee} is called at import"),
    };
    let mut finding = sink.finding(place, what);
    finding.certainty = certainty.min(of_consequence(effect));
    finding.severity = severity(facts, call.detail);
    callee.as_str().clone_into(&mut finding.subject);
    finding.label = consequence(effect, call.detail);
    finding.chain = frames.iter().filter(|f| facts.source.is_project(&f.file)).map(|f| facts.step(f)).collect();
    finding.help.push("call it from a fixture or a function, so that importing costs nothing".to_owned());
    sink.push(finding);
}

/// Whether the project's own call, behind which something was overheard, has an effect of its own that is told.
fn is_told_for_itself(facts: &Facts, frames: &[Frame]) -> bool {
    let own = |frames: &[Frame]| frames.iter().rposition(|frame| facts.source.is_project(&frame.file));
    let Some(at) = own(frames) else { return false };
    let mut others = facts.collection.events.iter();
    others.any(|event| {
        matches!(event, Event::Effect { frames: other, overheard: false, .. }
            if own(other).is_some_and(|place| other[place] == frames[at]))
    })
}

/// Whether a call was reached from inside a loop that never ends, whoever entered it: nothing runs behind such a loop.
fn is_behind(call: &[Frame], endless: &[Frame]) -> bool {
    let Some((innermost, outer)) = endless.split_last() else { return false };
    let same = |a: &Frame, b: &Frame| a.file == b.file && a.span.start == b.span.start;
    call.iter().enumerate().any(|(at, frame)| {
        let entered = match (at.checked_sub(1), outer.last()) {
            (Some(before), Some(last)) => same(&call[before], last),
            (None, None) => true,
            _ => false,
        };
        entered && frame.file == innermost.file && frame.span.start > innermost.span.start
    })
}

/// Whether the call is that of a hook, which BLK012 tells.
fn is_told_of_hook(facts: &Facts, frames: &[Frame]) -> bool {
    let hooks = facts.collection.reached.iter().filter(|reached| reached.what == Reaches::Hook { collecting: true });
    let mut effects = hooks.flat_map(|hook| &hook.followed.effects);
    effects.any(|event| matches!(event, Event::Effect { frames: own, .. } if own.last() == frames.last()))
}

/// Files and lazy clients are everyday; only what leaves the process or waits is told.
pub fn matters(effect: &Effect) -> bool {
    let everyday = ["server.bind", "process.platform", "process.ctypes-find-library", "loop.asyncio-no-loop"];
    let quiet = matches!(effect.verdict, EffectVerdict::Safe | EffectVerdict::Delegates);
    !quiet && effect.kind != EffectKind::Io && !everyday.contains(&effect.id)
}

/// A call that comes back, with what its arguments tell.
struct Call<'a> {
    rule: Name,
    callee: Name,
    frames: &'a [Frame],
    detail: &'a Detail,
}

/// A sleep of the limit or more is an error.
fn severity(facts: &Facts, detail: &Detail) -> Severity {
    let limit = facts.settings.blocking.sleep_limit;
    if detail.seconds.is_some_and(|seconds| seconds >= limit) { Severity::Error } else { Severity::Warning }
}

/// That a call is made may be certain and what comes of it not: a peer that answers, a child that ends.
pub fn of_consequence(effect: &Effect) -> Certainty {
    use EffectVerdict::{Blocks, Exits, MayBlock, MayExit, Waits};
    let hangs_on_others = matches!(effect.verdict, Blocks | MayBlock | Waits | Exits | MayExit);
    if hangs_on_others && effect.kind != EffectKind::Sleep { Certainty::Likely } else { Certainty::Certain }
}

/// What a call that comes back costs or risks.
pub fn consequence(effect: &Effect, detail: &Detail) -> String {
    if effect.kind == EffectKind::Sleep {
        return match detail.seconds {
            Some(seconds) => format!("every collection waits {seconds} s"),
            None => "every collection waits".to_owned(),
        };
    }
    if effect.id == "loop.while-true" {
        return "ends when somebody else does something, else never".to_owned();
    }
    if let Some(bound) = &detail.bound {
        return format!("bounded by its timeout: {bound}");
    }
    match effect.verdict {
        EffectVerdict::Exits | EffectVerdict::MayExit => "may end the process".to_owned(),
        EffectVerdict::Blocks | EffectVerdict::MayBlock => "may never come back".to_owned(),
        EffectVerdict::Waits => match effect.default {
            Some(bound) if bound != "none" && bound != "arg" => format!("waits up to {bound} for its peer"),
            _ => "waits for its peer".to_owned(),
        },
        _ => "runs at every collection".to_owned(),
    }
}

/// Keeps the first of findings at one place about one subject: a module is imported once, its callers are many.
impl Sink {
    pub(super) fn merge_equal_places(&mut self) {
        let mut seen = BTreeSet::new();
        self.retain(|finding| seen.insert((finding.place.clone(), finding.subject.clone())));
    }
}
