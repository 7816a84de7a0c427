//! The audit's plan: what to repair in which order. Its figures come from running again with the causes repaired.

use super::data::{PlanStep, ReportData};
use super::look::{count, number};
use super::markdown::{code, place, plain};
use crate::diagnostic::Certainty;

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
    out.push_str("## Action plan\n\nIn the order of what each step unblocks; each count was found by collecting again with this cause and the ones above it repaired.\n\n");
    for (index, step) in data.plan.iter().enumerate() {
        out.push_str(&format!("{}. {}{}\n", index + 1, action(step), after(step)));
    }
    out.push('\n');
}

fn action(step: &PlanStep) -> String {
    let Some(d) = &step.finding else {
        return format!("The other {}, what they uncover included.", count(step.causes, "cause"));
    };
    let how = d.help.first().map_or_else(String::new, |help| format!(": {}", plain(help)));
    let likely = if d.certainty == Certainty::Likely { ", likely" } else { "" };
    let more = match step.causes {
        0 | 1 => String::new(),
        all => format!(" (and {} that the same step repairs)", number(all - 1)),
    };
    let fix = d.fix.as_ref().map_or_else(String::new, |fix| {
        format!(" ({})", code(&format!("precollect check --select {} {}", d.code, super::full::option(fix.safety))))
    });
    format!("{} {} ({}{likely}){more}{how}{fix}.", d.code, plain(&d.message), place(&d.place.path, d.place.line))
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
