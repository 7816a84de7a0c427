//! The audit's sections about running: tests that may hang, and what has to be there for tests to run.

use std::collections::BTreeSet;

use super::data::{Module, Outcome, ReportData};
use super::look::count;
use super::markdown::{code, place, plain};
use crate::diagnostic::{Certainty, Diagnostic, Step};

/// Rows of one table; the rest are counted.
const ROWS: usize = 60;

/// Both sections.
pub fn render(out: &mut String, data: &ReportData) {
    hazards(out, data);
    needs(out, data);
}

/// The text of a labelled fact.
fn fact<'d>(diagnostic: &'d Diagnostic, label: &str) -> &'d str {
    diagnostic.facts.iter().find(|(own, _)| *own == label).map_or("", |(_, text)| text)
}

/// `tests/test_a.py (3), ...` as pairs.
fn files(diagnostic: &Diagnostic) -> Vec<(&str, usize)> {
    let entries = fact(diagnostic, "files").split("), ");
    let pair = |entry: &'_ str| -> Option<(usize, usize)> {
        let (path, count) = entry.trim_end_matches(')').rsplit_once(" (")?;
        Some((path.len(), count.parse().ok()?))
    };
    entries.filter_map(|entry| pair(entry).map(|(length, count)| (&entry[..length], count))).collect()
}

fn chain(steps: &[Step]) -> String {
    let shown: Vec<String> = steps.iter().map(|step| place(&step.place.path, step.place.line)).collect();
    shown.join(" → ")
}

fn tests(diagnostic: &Diagnostic) -> usize {
    files(diagnostic).iter().map(|(_, count)| count).sum()
}

/// Calls of one name, with the tests that reach any of them.
struct Group<'d> {
    call: &'d str,
    /// Those with most tests first.
    all: Vec<&'d Diagnostic>,
    tests: usize,
    hangs: bool,
}

fn grouped(hazards: &[Diagnostic]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for hazard in hazards {
        let at = groups.iter().position(|group| group.call == hazard.subject).unwrap_or(groups.len());
        if at == groups.len() {
            groups.push(Group { call: &hazard.subject, all: Vec::new(), tests: 0, hangs: false });
        }
        let group = &mut groups[at];
        group.tests += tests(hazard);
        group.hangs |= hangs(hazard);
        group.all.push(hazard);
    }
    groups.sort_by_key(|group| (!group.hangs, std::cmp::Reverse(group.tests)));
    groups
}

/// Whether nothing ends the wait.
fn hangs(diagnostic: &Diagnostic) -> bool {
    diagnostic.message.contains(" never comes back") && diagnostic.certainty == Certainty::Certain
}

fn hazards(out: &mut String, data: &ReportData) {
    let all = files_that(data, |_| true, |_| true);
    if all.is_empty() {
        return;
    }
    out.push_str("## Tests that may hang\n\n");
    if !data.hazards.is_empty() {
        out.push_str(
            "Each call waits without a bound when a test runs. Calls of one name stand together, first those that nothing \
             ends.\n\n",
        );
        out.push_str(
            "| call | tests | ends | from the test to the call | what defuses it |\n| --- | ---: | --- | --- | --- |\n",
        );
        let groups = grouped(&data.hazards);
        groups.iter().take(ROWS).for_each(|group| row(out, group));
        rest(out, groups.len());
        out.push('\n');
    }
    let certain = files_that(data, |module| module.certain, hangs);
    if !certain.is_empty() {
        leave_out(out, data, &certain, "The run never ends with these files");
    }
    if all.len() > certain.len() {
        leave_out(out, data, &all, "The run ends even if nobody answers, without these files");
    }
}

/// The modules that hang at import, and those whose tests may hang, of which something holds.
fn files_that(
    data: &ReportData,
    is_import: impl Fn(&Module) -> bool,
    is_hazard: impl Fn(&Diagnostic) -> bool,
) -> BTreeSet<&str> {
    let imports = data.modules.iter().filter(|module| module.outcome == Outcome::Hangs && is_import(module));
    let hazards = data.hazards.iter().filter(|hazard| is_hazard(hazard));
    let tests = hazards.flat_map(files).map(|(file, _)| file);
    imports.map(|module| &*module.path).chain(tests).collect()
}

fn row(out: &mut String, group: &Group) {
    let Some(first) = group.all.first() else { return };
    let ends = if group.hangs { "never" } else { "if somebody answers" };
    let more = match group.all.len() - 1 {
        0 => String::new(),
        1 => "; from 1 more place".to_owned(),
        more => format!("; from {more} more places"),
    };
    let help = first.help.first().map_or("", String::as_str);
    let (tests, chain) = (group.tests, chain(&first.chain));
    out.push_str(&format!("| {} | {tests} | {ends} | {chain}{more} | {} |\n", code(group.call), plain(help)));
}

/// The files to leave out, and what is lost with them.
fn leave_out(out: &mut String, data: &ReportData, files: &BTreeSet<&str>, what: &str) {
    let tests = |module: &&Module| files.contains(&*module.path);
    let lost: usize = data.modules.iter().filter(tests).map(|module| module.tests).sum();
    let all: usize = data.modules.iter().map(|module| module.tests).sum();
    let options: Vec<String> = files.iter().map(|file| format!("--ignore={}", quoted(file))).collect();
    out.push_str(&format!(
        "{what} ({}, with {lost} of {all} known tests):\n\n```sh\npytest {}\n```\n\n",
        count(files.len(), "file"),
        options.join(" ")
    ));
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_alphanumeric() || "_-./+@%,:=".contains(c));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn needs(out: &mut String, data: &ReportData) {
    let at_import = |code: &'static str| data.diagnostics.iter().filter(move |d| d.code == code);
    let imports: Vec<&Diagnostic> = at_import("ENV006").chain(at_import("ENV007")).collect();
    if data.needs.is_empty() && imports.is_empty() {
        return;
    }
    out.push_str("## Environment needs\n\n| what | tests | first place | files |\n| --- | ---: | --- | --- |\n");
    for diagnostic in data.needs.iter().take(ROWS) {
        let files: Vec<String> =
            files(diagnostic).iter().map(|(file, count)| format!("{} ({count})", plain(file))).collect();
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            plain(&diagnostic.subject),
            tests(diagnostic),
            place(&diagnostic.place.path, diagnostic.place.line),
            files.join(", "),
        ));
    }
    for diagnostic in imports {
        out.push_str(&format!(
            "| {} | {} | {} | at import |\n",
            plain(&diagnostic.message),
            diagnostic.victims.len(),
            place(&diagnostic.place.path, diagnostic.place.line),
        ));
    }
    rest(out, data.needs.len());
    out.push('\n');
}

fn rest(out: &mut String, all: usize) {
    if all > ROWS {
        out.push_str(&format!("\n{} more.\n", all - ROWS));
    }
}
