//! Calls that end, hang or wait during an import: what the BLK rules have in common.

use std::collections::BTreeSet;

use super::classify::code_of;
use super::fault::{Fault, FaultKind};
use super::finding::{Described, report as report_faults};
use super::{Facts, Sink};
use crate::base::intern::Name;
use crate::diagnostic::{Certainty, Severity};
use crate::machine::{Cause, Detail, Event, Frame};
use crate::python::effects::{self, Effect, EffectKind, EffectVerdict};

/// Reports what ends or hangs an import with this code, and calls of the kind that come back.
pub fn report(facts: &Facts, sink: &mut Sink, code: &'static str, does: &str) {
    report_faults(facts, sink, |kind| *kind == FaultKind::Effect(code), |facts, fault| described(facts, fault, does));
    let fault = |index: Option<usize>| index.and_then(|index| facts.faults.get(index));
    sink.retain(|found| fault(found.fault).is_none_or(|fault| !is_allowed(facts, &fault.raised.frames)));
    for event in &facts.collection.events {
        if let Event::Effect { rule, callee, frames, certainty, detail, .. } = event {
            returning(facts, sink, code, &Call { rule: *rule, callee: *callee, frames, detail }, *certainty);
        }
    }
    sink.merge_equal_places();
}

fn described(facts: &Facts, fault: &Fault, does: &str) -> Described {
    let call = match &fault.raised.cause {
        Cause::Exit(name) => name.as_str().trim_start_matches("builtins.").to_owned(),
        Cause::Blocking(id) => id.as_str().to_owned(),
        Cause::Loop => "this loop".to_owned(),
        _ => fault.raised.class.as_str().to_owned(),
    };
    let what = match &fault.raised.cause {
        Cause::Loop => "a loop that never ends at import".to_owned(),
        Cause::Blocking(_) => format!("a call at import {does}"),
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

fn help(facts: &Facts, fault: &Fault) -> Vec<String> {
    let guard = "move the call into a function, or under if __name__ == \"__main__\"".to_owned();
    let is_test = facts.collection.modules.iter().any(|module| module.file == fault.file);
    match (&fault.raised.cause, is_test) {
        (Cause::Exit(_), true) => vec![
            "pytest.skip(..., allow_module_level=True) or pytest.importorskip(...) skips this module only".to_owned(),
            guard,
        ],
        (Cause::Exit(_), false) => vec![
            "raise an exception that callers can catch; exit in the command that starts the program".to_owned(),
            guard,
        ],
        _ => vec![guard],
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

/// A call that comes back, sooner or later: it makes every collection slower or depend on a peer.
fn returning(facts: &Facts, sink: &mut Sink, code: &str, call: &Call, certainty: Certainty) {
    let (callee, frames) = (call.callee, call.frames);
    let Some(effect) = effects::by_id(call.rule.as_str()) else { return };
    if code_of(effect) != code || !matters(effect) {
        return;
    }
    let Some(frame) = frames.iter().rev().find(|frame| facts.source.is_project(&frame.file)) else { return };
    let told = |fault: &Fault| {
        let same = fault.file == frame.file && fault.span.start == frame.span.start;
        same || fault.raised.cause == Cause::Loop && is_behind(frames, &fault.raised.frames)
    };
    if facts.faults.iter().any(told) || is_allowed(facts, frames) {
        return;
    }
    let place = facts.frame_place(frame);
    let is_loop = effect.id == "loop.while-true";
    let what = if is_loop { format!("{callee} runs at import") } else { format!("{callee} is called at import") };
    let mut finding = sink.finding(place, what);
    finding.certainty = certainty;
    finding.severity = severity(facts, call.detail);
    callee.as_str().clone_into(&mut finding.subject);
    finding.label = consequence(effect, call.detail);
    finding.chain = frames.iter().filter(|f| facts.source.is_project(&f.file)).map(|f| facts.step(f)).collect();
    finding.help.push("call it from a fixture or a function, so that importing costs nothing".to_owned());
    sink.push(finding);
}

/// Whether a call was reached from inside a loop that never ends: nothing runs behind such a loop.
fn is_behind(call: &[Frame], endless: &[Frame]) -> bool {
    let Some((innermost, outer)) = endless.split_last() else { return false };
    let same = |(a, b): (&Frame, &Frame)| a.file == b.file && a.span.start == b.span.start;
    let Some(frame) = call.get(outer.len()) else { return false };
    call.iter().zip(outer).all(same) && frame.file == innermost.file && frame.span.start > innermost.span.start
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
