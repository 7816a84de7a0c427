//! Formats with one line per finding: `concise`, `grouped`, `pylint`, `github`, `azure`.

use std::collections::BTreeMap;

use super::data::ReportData;
use super::full::answer;
use super::look::{Detail, Look, Paint, clean, count};
use crate::diagnostic::{Diagnostic, Severity};

/// `path:line:column: error[CODE] message`, then the answer.
#[must_use]
pub fn concise(data: &ReportData, look: &Look) -> String {
    let mut out = String::new();
    for d in &data.diagnostics {
        let code = look.paint(Paint::Severity(d.severity), &format!("{}[{}]", d.severity, d.code));
        out.push_str(&format!("{}: {code} {}\n", clean(&data.shown(&d.place.to_string())), clean(&headline(d))));
    }
    closing(&mut out, data, look);
    out
}

/// Findings under their file.
#[must_use]
pub fn grouped(data: &ReportData, look: &Look) -> String {
    let mut out = String::new();
    let mut files: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for d in &data.diagnostics {
        files.entry(&d.place.path).or_default().push(d);
    }
    for (path, mut found) in files {
        found.sort_by_key(|d| (d.place.line, d.place.column));
        out.push_str(&format!("{}\n", look.paint(Paint::Strong, &clean(&data.shown(path)))));
        for d in found {
            let code = look.paint(Paint::Severity(d.severity), &format!("{}[{}]", d.severity, d.code));
            let place = format!("{}:{}", d.place.line, d.place.column);
            out.push_str(&format!("  {place:<8} {code} {}\n", clean(&headline(d))));
        }
        out.push('\n');
    }
    closing(&mut out, data, look);
    out
}

fn closing(out: &mut String, data: &ReportData, look: &Look) {
    if look.detail > Detail::Quiet {
        out.push_str(&look.paint(Paint::Strong, &clean(&answer(data))));
        out.push('\n');
    }
}

/// The message, and whether it is certain.
#[must_use]
pub fn headline(d: &Diagnostic) -> String {
    let likely = if d.certainty == crate::diagnostic::Certainty::Likely { " (likely)" } else { "" };
    format!("{}{likely}", d.message)
}

/// `path:line: [CODE, name] message`, as pylint's msvs-like parseable format.
#[must_use]
pub fn pylint(data: &ReportData) -> String {
    let line = |d: &Diagnostic| {
        format!(
            "{}:{}: [{}({})] {}\n",
            clean(&data.shown(&d.place.path)),
            d.place.line,
            d.code,
            d.name,
            clean(&headline(d))
        )
    };
    data.diagnostics.iter().map(line).collect()
}

/// Workflow commands that GitHub turns into annotations on the changed lines.
#[must_use]
pub fn github(data: &ReportData) -> String {
    let line = |d: &Diagnostic| {
        let command = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let (end_line, end_column) = super::data::end(data, &d.place);
        let same_line = if end_line == d.place.line && end_column > d.place.column {
            format!(",col={},endColumn={end_column}", d.place.column)
        } else {
            format!(",col={}", d.place.column)
        };
        format!(
            "::{command} file={},line={},endLine={end_line}{same_line},title={}::{}\n",
            property(&data.shown(&d.place.path)),
            d.place.line,
            property(&format!("{} {}", d.code, d.name)),
            data_text(&long_text(d)),
        )
    };
    data.diagnostics.iter().map(line).collect()
}

/// Log commands that Azure Pipelines turns into issues of the build. It knows errors and warnings.
#[must_use]
pub fn azure(data: &ReportData) -> String {
    let line = |d: &Diagnostic| {
        let kind = if d.severity == Severity::Error { "error" } else { "warning" };
        format!(
            "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};code={};]{}\n",
            azure_property(&data.shown(&d.place.path)),
            d.place.line,
            d.place.column,
            d.code,
            azure_text(&long_text(d)),
        )
    };
    data.diagnostics.iter().map(line).collect()
}

/// A log command's message is one line; `%` is written so that it cannot be read as an escape.
fn azure_text(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A log command's property: `;` and `]` would end it.
fn azure_property(text: &str) -> String {
    azure_text(text).replace(';', "%3B").replace(']', "%5D")
}

/// The finding in a few lines of plain text, for formats that show it beside the code.
#[must_use]
pub fn long_text(d: &Diagnostic) -> String {
    let mut lines = vec![headline(d)];
    lines.extend(d.pytest.iter().map(|text| format!("pytest: {text}")));
    lines.extend(d.facts.iter().map(|(label, text)| format!("{label}: {text}")));
    let files: Vec<&str> =
        d.victims.iter().map(|victim| &*victim.path).filter(|path| *path != &*d.place.path).collect();
    if let Some((first, rest)) = files.split_first() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {}", count(rest.len(), "other")) };
        lines.push(format!("also in: {first}{more}"));
    }
    lines.extend(d.help.iter().map(|text| format!("help: {text}")));
    lines.join("\n")
}

/// A workflow command's message: `%`, carriage return and newline are escaped.
fn data_text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A workflow command's property: `:` and `,` besides.
fn property(text: &str) -> String {
    data_text(text).replace(':', "%3A").replace(',', "%2C")
}
