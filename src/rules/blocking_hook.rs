//! BLK012: a hook of a conftest that ends, hangs or waits.

use super::blocking;
use super::reached;
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::machine::{Ending, Event};
use crate::pytest::verdict::{Reached, Reaches};

declare_rule!(
    BlockingHook,
    "BLK012",
    "blocking-hook",
    Error,
    on,
    "a conftest hook that ends or hangs the run, or that reaches out or waits at every collection",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for hook in &facts.collection.reached {
        if hook.what == (Reaches::Hook { collecting: true }) {
            check_hook(facts, sink, hook);
        }
    }
    sink.merge_equal_places();
}

fn check_hook(facts: &Facts, sink: &mut Sink, hook: &Reached) {
    if blocking::is_allowed(facts, std::slice::from_ref(&hook.at)) {
        return;
    }
    let ending = match &hook.followed.ending {
        Ending::Exits(raised) => Some((raised, "ends the run")),
        Ending::Hangs(raised) => Some((raised, "does not come back: pytest hangs")),
        _ => None,
    };
    if let Some((raised, what)) = ending
        && let Some(frame) = raised.frames.iter().rev().find(|frame| facts.source.is_project(&frame.file))
    {
        let aborted = facts.collection.aborted.as_ref().and_then(|abort| abort.raised.as_ref());
        if aborted.is_some_and(|aborted| aborted.frames.last() == raised.frames.last()) {
            // Told by what it breaks.
            return;
        }
        let mut finding = sink.finding(facts.frame_place(frame), format!("{} {what}", hook.name));
        finding.certainty = raised.certainty;
        finding.subject.clone_from(&hook.name);
        reached::what(&raised.cause).clone_into(&mut finding.label);
        finding.chain = reached::chain(facts, &hook.at, &raised.frames);
        let end = raised.class.as_str();
        if matches!(hook.followed.ending, Ending::Exits(_)) {
            let message = raised.message.as_deref().unwrap_or_default();
            finding.pytest = Some(format!("{end}: {message}").trim_end_matches([':', ' ']).to_owned());
            finding.help.push(
                "raise pytest.UsageError(...) to refuse a run with a message, or skip what cannot run".to_owned(),
            );
        } else {
            finding
                .help
                .push("give the wait a timeout, or move it into a fixture that only needing tests use".to_owned());
        }
        sink.push_run_end(finding);
        return;
    }
    for event in &hook.followed.effects {
        let Event::Effect { rule, callee, frames, certainty, detail, .. } = event else { continue };
        let Some(effect) = crate::python::effects::by_id(rule.as_str()).filter(|effect| blocking::matters(effect))
        else {
            continue;
        };
        let Some(frame) = frames.iter().rev().find(|frame| facts.source.is_project(&frame.file)) else { continue };
        if blocking::is_allowed(facts, frames) {
            continue;
        }
        let mut finding = sink.finding(facts.frame_place(frame), format!("{} calls {callee}", hook.name));
        // Which calls a hook makes depends on what pytest hands to it.
        finding.certainty = (*certainty).min(blocking::of_consequence(effect));
        finding.severity = Severity::Warning;
        callee.as_str().clone_into(&mut finding.subject);
        finding.label = blocking::consequence(effect, detail);
        finding.chain = reached::chain(facts, &hook.at, frames);
        finding.help.push("move it into a fixture that only needing tests use".to_owned());
        sink.push(finding);
    }
}
