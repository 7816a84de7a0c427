//! The audit's lists: packages and modules that are missing, names that do not fit, cycles, fixtures.

use super::data::{Conftest, Cycle, MissingPackage, ReportData};
use super::look::{count, number};
use super::markdown::{code, place, plain};
use crate::diagnostic::Diagnostic;

/// Cycles shown; the rest are counted.
const CYCLES: usize = 25;
/// Places shown per missing module.
const WANTED_AT: usize = 5;
/// Fixtures shown per conftest, and those that nobody asks for.
const FIXTURES: usize = 30;

/// All of them.
pub fn render(out: &mut String, data: &ReportData) {
    packages(out, data);
    missing_modules(out, data);
    mismatches(out, data);
    cycles(out, data);
    fixtures(out, data);
}

fn packages(out: &mut String, data: &ReportData) {
    if data.missing.is_empty() {
        return;
    }
    out.push_str("## Missing third-party packages\n\n");
    out.push_str(
        "| module | distribution | declared | modules that fail | imported at |\n| --- | --- | --- | ---: | --- |\n",
    );
    for package in &data.missing {
        let cells = [
            code(&package.module),
            distribution(package),
            if package.declared { "yes" } else { "no" }.into(),
            number(package.victims),
            some(&package.wanted_at),
        ];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
    let (lacking, absent): (Vec<_>, Vec<_>) = data.missing.iter().partition(|package| package.installed.is_some());
    install(out, &absent);
    for package in lacking {
        let name = package.installed.as_deref().unwrap_or_default();
        out.push_str(&format!(
            "{} is installed, in a version without {}: installing it again does not help, another version may.\n\n",
            code(name),
            code(&package.module)
        ));
    }
}

fn distribution(package: &MissingPackage) -> String {
    match (&package.installed, &package.distribution) {
        (Some(name), _) => format!("{}, another version", code(name)),
        (None, Some(name)) => code(name),
        (None, None) => format!("*probably* {}", code(&package.module)),
    }
}

/// One command per manager that installs them all.
fn install(out: &mut String, absent: &[&MissingPackage]) {
    let name = |package: &&MissingPackage| package.distribution.clone().unwrap_or_else(|| package.module.clone());
    let mut names: Vec<String> = absent.iter().map(name).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return;
    }
    let names = names.join(" ");
    out.push_str("One of, whichever installs the environment:\n\n```sh\n");
    for command in ["pip install", "uv add --dev", "poetry add --group dev"] {
        out.push_str(&format!("{command} {names}\n"));
    }
    out.push_str("```\n\n");
    if absent.iter().any(|package| package.distribution.is_none()) {
        out.push_str("Names marked *probably* are those of the modules: look them up before installing.\n\n");
    }
}

/// The first of some places, and how many more there are.
fn some(places: &[String]) -> String {
    let mut shown: Vec<String> = places.iter().take(WANTED_AT).map(|at| code(at)).collect();
    if places.len() > WANTED_AT {
        shown.push(format!("{} more", number(places.len() - WANTED_AT)));
    }
    shown.join(", ")
}

fn missing_modules(out: &mut String, data: &ReportData) {
    if data.missing_modules.is_empty() {
        return;
    }
    out.push_str("## Missing modules of the project\n\n");
    out.push_str("| wanted | by | modules that fail | nearest existing |\n| --- | --- | ---: | --- |\n");
    for m in &data.missing_modules {
        let nearest = m.nearest.iter().take(3).map(|name| code(name)).collect::<Vec<_>>().join(", ");
        let cells = [code(&m.module), some(&m.wanted_at), number(m.victims), nearest];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
}

fn mismatches(out: &mut String, data: &ReportData) {
    if data.mismatches.is_empty() {
        return;
    }
    out.push_str("## Import mismatches\n\n| module | imported, but absent | actual exports | instead |\n| --- | --- | --- | --- |\n");
    let list = |names: &[String]| names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
    for m in &data.mismatches {
        let module = format!("{} ({})", code(&m.module), plain(&m.path));
        let instead = [m.instead.as_slice(), &m.suggestions].concat();
        let cells = [module, list(&m.wanted), list(&m.exports), list(&instead)];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out.push('\n');
}

fn cycles(out: &mut String, data: &ReportData) {
    if data.cycles.is_empty() {
        return;
    }
    out.push_str("## Import cycles\n\n");
    out.push_str("*fatal* fails as the run enters it, *fragile* would fail from another of its modules, *harmless* works, *deferred* is closed only by imports that run later or never.\n\n");
    for cycle in data.cycles.iter().take(CYCLES) {
        one_cycle(out, cycle);
    }
    if data.cycles.len() > CYCLES {
        out.push_str(&format!("- {} more: `precollect graph --cycles`\n", count(data.cycles.len() - CYCLES, "cycle")));
    }
    out.push('\n');
}

fn one_cycle(out: &mut String, cycle: &Cycle) {
    let back = cycle.modules.first().map(String::as_str);
    let names: Vec<&str> = cycle.modules.iter().map(String::as_str).chain(back).collect();
    let cut = cycle.cut.as_ref().map_or_else(String::new, |at| format!(", to be cut at {}", code(at)));
    out.push_str(&format!("- **{}**: {}{cut}\n", cycle.kind, code(&names.join(" → "))));
    for edge in &cycle.edges {
        out.push_str(&format!("  - {}\n", code(edge)));
    }
}

fn fixtures(out: &mut String, data: &ReportData) {
    let found: Vec<&Diagnostic> = data.diagnostics.iter().filter(|d| d.code.starts_with("FXT")).collect();
    if data.conftests.is_empty() && found.is_empty() && data.unused.is_empty() {
        return;
    }
    out.push_str("## Fixtures\n\n");
    if !data.conftests.is_empty() {
        out.push_str("Conftests, in loading order, with what each of them defines:\n\n");
        tree(out, &data.conftests);
        out.push('\n');
    }
    if !found.is_empty() {
        out.push_str("| rule | fixture | where | what |\n| --- | --- | --- | --- |\n");
    }
    for d in &found {
        let cells =
            [format!("{} {}", d.code, d.name), code(&d.subject), place(&d.place.path, d.place.line), plain(&d.message)];
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    if !found.is_empty() {
        out.push('\n');
    }
    if !data.unused.is_empty() {
        let names =
            data.unused.iter().map(|d| format!("{} ({}:{})", code(&d.subject), plain(&d.place.path), d.place.line));
        let shown: Vec<String> = names.take(FIXTURES).collect();
        let total = count(data.unused.len(), "fixture");
        out.push_str(&format!("Nobody asks for {total}: {}{}\n\n", shown.join(", "), more(data.unused.len())));
    }
}

fn more(all: usize) -> String {
    if all > FIXTURES { format!(", and {} more", number(all - FIXTURES)) } else { String::new() }
}

/// Each conftest below the nearest one above it.
fn tree(out: &mut String, conftests: &[Conftest]) {
    let folder = |conftest: &Conftest| conftest.path.strip_suffix("conftest.py").unwrap_or(&conftest.path).to_owned();
    let folders: Vec<String> = conftests.iter().map(folder).collect();
    for (conftest, own) in conftests.iter().zip(&folders) {
        let above = folders.iter().filter(|other| *other != own && own.starts_with(other.as_str())).count();
        let names: Vec<String> = conftest.fixtures.iter().take(FIXTURES).map(|name| code(name)).collect();
        let defines = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let state = conftest.raises.as_deref().map_or_else(String::new, |text| format!(", fails: {}", code(text)));
        let rest = more(conftest.fixtures.len());
        out.push_str(&format!("{}- {}{defines}{rest}{state}\n", "  ".repeat(above), code(&conftest.path)));
    }
}
