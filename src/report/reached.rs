//! The audit's sections about running: tests that may hang, and what has to be there for tests to run.

use std::collections::BTreeMap;

use super::data::ReportData;
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

fn hazards(out: &mut String, data: &ReportData) {
    if data.hazards.is_empty() {
        return;
    }
    out.push_str(
        "## Tests that may hang\n\nEach call waits without a bound; all tests that reach it stand behind it.\n\n",
    );
    out.push_str(
        "| call | tests | certain | from the test to the call | what defuses it |\n| --- | ---: | --- | --- | --- |\n",
    );
    for diagnostic in data.hazards.iter().take(ROWS) {
        let certain = if diagnostic.message.contains(" never comes back") && diagnostic.certainty == Certainty::Certain
        {
            "hangs"
        } else {
            "if nobody answers"
        };
        let help = diagnostic.help.first().map_or("", String::as_str);
        out.push_str(&format!(
            "| {} | {} | {certain} | {} | {} |\n",
            code(&diagnostic.subject),
            tests(diagnostic),
            chain(&diagnostic.chain),
            plain(help),
        ));
    }
    rest(out, data.hazards.len());
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, count) in data.hazards.iter().flat_map(files) {
        *left.entry(file).or_default() += count;
    }
    let options: Vec<String> = left.keys().map(|file| format!("--ignore={file}")).collect();
    out.push_str(&format!(
        "\nFor a run that ends, leave out {} file(s):\n\n```sh\npytest {}\n```\n\n",
        left.len(),
        options.join(" ")
    ));
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
