//! The audit's plan: what to repair in which order. Its figures come from running again with the causes repaired.

use std::collections::BTreeSet;

use super::data::{PlanStep, ReportData};
use super::look::{count, number};
use super::markdown::{code, place, plain};
use crate::diagnostic::{Certainty, Diagnostic};
use crate::rules::is_installable;

/// What the whole plan comes to, in a sentence of the verdict.
pub fn promise(out: &mut String, data: &ReportData) {
    let Some(last) = data.plan.last() else { return };
    let causes = count(data.plan.iter().map(|step| step.causes.max(1)).sum(), "cause");
    let (good, all) = (number(last.good), count(last.modules, "module"));
    let then = if last.ends { "something still ends the run" } else { "" };
    match then {
        "" => out.push_str(&format!(" With {causes} repaired as [planned](#action-plan), {good} of {all} collect.")),
        then => out.push_str(&format!(" With {causes} repaired as [planned](#action-plan), {then}.")),
    }
}

/// The section.
pub fn render(out: &mut String, data: &ReportData) {
    if data.plan.is_empty() {
        return;
    }
    let runs = count(data.plan_runs, "time");
    out.push_str(&format!(
        "## Action plan\n\nIn the order of what each step unblocks. Each count was found by collecting again with this cause and the ones above it repaired ({runs} in all).\n\n"
    ));
    for (index, step) in data.plan.iter().enumerate() {
        out.push_str(&format!("{}. {}{}\n", index + 1, action(step), after(step)));
    }
    if data.plan_untried > 0 {
        let causes = count(data.plan_untried, "cause");
        out.push_str(&format!(
            "\nThe plan ends here, after {runs}: what {causes} behind it hold back was not tried.\n"
        ));
    }
    out.push('\n');
}

/// What is to be typed to repair a step, as far as a command does it.
#[must_use]
pub fn commands(step: &PlanStep) -> Vec<String> {
    let Some(first) = step.findings.first() else { return Vec::new() };
    if is_installable(first) {
        let names: BTreeSet<&str> = known(step).collect();
        let names: Vec<&str> = names.into_iter().collect();
        return if names.is_empty() { Vec::new() } else { vec![format!("pip install {}", names.join(" "))] };
    }
    let fix = first.fix.as_ref();
    fix.map(|fix| format!("precollect check --select {} {}", first.code, super::full::option(fix.safety)))
        .into_iter()
        .collect()
}

/// Distributions that a step installs.
fn known(step: &PlanStep) -> impl Iterator<Item = &str> {
    step.findings.iter().filter_map(|finding| finding.suggestions.first()).map(String::as_str)
}

/// Missing modules whose distribution is not known.
fn unheard(step: &PlanStep) -> Vec<&str> {
    let installs = step.findings.iter().filter(|finding| is_installable(finding) && finding.suggestions.is_empty());
    installs.map(|finding| finding.subject.as_str()).collect()
}

fn action(step: &PlanStep) -> String {
    let Some(d) = step.findings.first() else {
        return format!("The other {}, what they uncover included.", count(step.causes, "cause"));
    };
    let likely = if d.certainty == Certainty::Likely { ", likely" } else { "" };
    let mut text = format!("{} {} ({}{likely})", d.code, plain(&d.message), place(&d.place.path, d.place.line));
    if step.causes > 1 {
        text.push_str(&format!("; the same step repairs {}", same(step)));
    }
    text.push_str(". ");
    let commands = commands(step);
    if commands.is_empty() || !is_installable(d) {
        let help = d.help.first().filter(|_| !is_installable(d));
        text.push_str(&help.map_or_else(String::new, |help| format!("{}. ", sentence(&plain(help)))));
    }
    for command in commands {
        text.push_str(&format!("Run {}. ", code(&command)));
    }
    let unheard = unheard(step);
    if !unheard.is_empty() {
        let names: Vec<String> = unheard.iter().map(|name| code(name)).collect();
        text.push_str(&format!("Look up which distribution provides {}, and install it. ", names.join(", ")));
    }
    text.trim_end().to_owned()
}

/// What else a step repairs: named if that fits a line.
fn same(step: &PlanStep) -> String {
    let others = &step.findings[1..];
    let of = |d: &Diagnostic| if d.code == "COL001" { d.place.path.to_string() } else { d.subject.clone() };
    let names: Vec<String> = others.iter().take(NAMED).map(|d| code(&of(d))).collect();
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", number(more)),
    };
    format!("{}{more}", names.join(", "))
}

/// Other causes of a step that are named.
const NAMED: usize = 8;

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn after(step: &PlanStep) -> String {
    let unknown = match step.unknown {
        0 => String::new(),
        some => format!(", {} cannot be decided", number(some)),
    };
    let all = count(step.modules, "module");
    let ends = step.ends_at.as_ref().map_or_else(|| "something else".to_owned(), |path| code(path));
    match (step.ends, step.good) {
        (true, 0) => format!(" Then {ends} still ends or hangs the run."),
        (true, good) => {
            format!(
                " Then {ends} still ends or hangs the run; but for that, {} of {all} would collect{unknown}.",
                number(good)
            )
        }
        (false, good) => {
            let collect = if good == 1 { "collects" } else { "collect" };
            format!(" Then **{} of {all}** {collect}{unknown}.", number(good))
        }
    }
}
