//! `collect` for people: pytest's own lines, or a tree of directories and modules.

use super::data::{Module, Outcome, ReportData};
use super::look::{Look, Paint, clean, count};
use crate::diagnostic::Severity;
use crate::pytest::verdict::{Collection, Verdict};

/// What `pytest --collect-only -q` lists: node ids in collection order, nothing else.
#[must_use]
pub fn node_ids(collection: &Collection) -> String {
    let collected = collection.modules.iter().filter(|module| matches!(module.verdict, Verdict::Collected));
    collected.flat_map(|module| &module.items).map(|id| clean(id) + "\n").collect()
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
