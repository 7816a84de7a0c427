//! `collect` for people: pytest's own lines, or a tree of directories and modules.

use super::data::{Module, Outcome, ReportData};
use super::look::{Look, Paint, clean, count};
use crate::diagnostic::Severity;
use crate::pytest::verdict::{Collection, Verdict};

/// What `pytest --collect-only -q` lists: node ids in the order in which the tests would run, nothing else.
#[must_use]
pub fn node_ids(collection: &Collection) -> String {
    if collection.ends_before_modules().is_some() {
        return String::new();
    }
    let items: Vec<&String> = collection.modules.iter().flat_map(|module| &module.items).collect();
    let ordered: Vec<&String> = collection.order.iter().filter_map(|position| items.get(*position).copied()).collect();
    let items = if ordered.len() == items.len() { ordered } else { items };
    items.into_iter().map(|id| clean(id) + "\n").collect()
}

/// What the ids do not say: how many stand for several, and how many modules have none because they fail.
#[must_use]
pub fn remainder(collection: &Collection) -> String {
    let inexact = collection.modules.iter().flat_map(|module| &module.items).filter(|id| id.ends_with("[...]")).count();
    let bad = |verdict: &Verdict| matches!(verdict, Verdict::Error(_) | Verdict::Exit(_) | Verdict::Timeout(_));
    let failing = collection.modules.iter().filter(|module| bad(&module.verdict)).count();
    let unknown = collection.modules.iter().filter(|module| matches!(module.verdict, Verdict::Unknown(_))).count();
    let mut parts = Vec::new();
    if inexact > 0 {
        parts.push(format!(
            "{} in [...], whose parameters are not known",
            count(inexact, "id") + if inexact == 1 { " ends" } else { " end" }
        ));
    }
    if collection.deselected > 0 {
        parts.push(format!("{} deselected", count(collection.deselected, "test")));
    }
    let unordered = collection.unordered.or_else(|| collection.modules.iter().find_map(|module| module.unordered));
    parts.extend(unordered.map(|reason| format!("the order is not known: {reason}")));
    if failing > 0 {
        parts.push(format!("{} not collect", count(failing, "module") + if failing == 1 { " does" } else { " do" }));
    }
    if unknown > 0 {
        parts.push(format!("{} cannot be decided", count(unknown, "module")));
    }
    parts.extend(collection.ends_before_modules().map(|abort| format!("nothing is collected: {}", abort.told())));
    if parts.is_empty() { String::new() } else { clean(&parts.join("; ")) + "\n" }
}

/// Modules under their directories, each with what becomes of it.
#[must_use]
pub fn render(data: &ReportData, look: &Look) -> String {
    let mut out = String::new();
    let mut directory: Vec<&str> = Vec::new();
    for module in &data.modules {
        let parts: Vec<&str> = module.path.split('/').collect();
        let (name, parents) = parts.split_last().unwrap_or((&"", &[]));
        let shared = directory.iter().zip(parents).take_while(|(a, b)| a == b).count();
        for (depth, part) in parents.iter().enumerate().skip(shared) {
            out.push_str(&format!("{}{}/\n", "  ".repeat(depth), clean(part)));
        }
        directory = parents.to_vec();
        out.push_str(&format!("{}{}{}\n", "  ".repeat(parents.len()), clean(name), state(module, look)));
    }
    if !data.modules.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}\n", look.paint(Paint::Strong, &clean(&super::full::answer(data)))));
    out
}

fn state(module: &Module, look: &Look) -> String {
    let likely = if module.certain { "" } else { "likely " };
    let why = module
        .exception
        .as_deref()
        .or(module.reason.as_deref())
        .map_or_else(String::new, |why| format!(": {}", clean(why)));
    let error = Paint::Severity(Severity::Error);
    match module.outcome {
        Outcome::Collects if module.exact => format!("  {}", look.paint(Paint::Dim, &count(module.tests, "test"))),
        Outcome::Collects if module.tests > 0 => {
            format!("  {}", look.paint(Paint::Dim, &format!("{} or more", count(module.tests, "test"))))
        }
        Outcome::Collects => String::new(),
        Outcome::Skips => format!("  {}{why}", look.paint(Paint::Dim, "skipped")),
        Outcome::Fails => format!("  {}{why}", look.paint(error, &format!("{likely}fails"))),
        Outcome::EndsRun => format!("  {}{why}", look.paint(error, &format!("{likely}ends the run"))),
        Outcome::Hangs => format!("  {}{why}", look.paint(error, &format!("{likely}never returns"))),
        Outcome::Unknown => format!("  {}{why}", look.paint(Paint::Severity(Severity::Warning), "unknown")),
    }
}
