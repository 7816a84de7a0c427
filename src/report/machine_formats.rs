//! Small formats of other tools: GitLab code quality, `JUnit` XML, reviewdog.

use serde_json::{Value, json};

use super::data::{Outcome, ReportData};
use super::json::pretty;
use super::lines::{headline, long_text};
use crate::base::span::LineTable;
use crate::diagnostic::{Action, Diagnostic, Edit, Severity};

/// GitLab's code quality report: an array of issues.
#[must_use]
pub fn gitlab(data: &ReportData) -> String {
    let issue = |d: &Diagnostic| {
        json!({
            "description": headline(d),
            "check_name": d.code,
            "fingerprint": data.fingerprint(d),
            "severity": match d.severity { Severity::Error => "major", Severity::Warning => "minor", Severity::Info => "info" },
            "location": {"path": data.shown(&d.place.path), "lines": {"begin": d.place.line}},
        })
    };
    pretty(&data.diagnostics.iter().map(issue).collect::<Vec<Value>>())
}

/// reviewdog's diagnostic format.
#[must_use]
pub fn rdjson(data: &ReportData) -> String {
    let diagnostic = |d: &Diagnostic| {
        let (end_line, end_column) = super::data::end(data, &d.place);
        let mut entry = json!({
            "message": long_text(d),
            "location": {
                "path": data.shown(&d.place.path),
                "range": {
                    "start": position(data, &d.place.path, (d.place.line, d.place.column)),
                    "end": position(data, &d.place.path, (end_line, end_column)),
                },
            },
            "severity": match d.severity { Severity::Error => "ERROR", Severity::Warning => "WARNING", Severity::Info => "INFO" },
            "code": {"value": d.code},
        });
        let suggestions = suggestions(data, d);
        if let (Some(entry), false) = (entry.as_object_mut(), suggestions.is_empty()) {
            entry.insert("suggestions".into(), Value::Array(suggestions));
        }
        entry
    };
    pretty(&json!({
        "source": {"name": "precollect"},
        "diagnostics": data.diagnostics.iter().map(diagnostic).collect::<Vec<_>>(),
    }))
}

/// reviewdog counts columns in bytes of UTF-8.
fn position(data: &ReportData, path: &str, (line, column): (u32, u32)) -> Value {
    let text = data.sources.get(path).map_or("", |text| &**text);
    let start = LineTable::new(text).start(line).map_or(text.len(), |start| start as usize);
    let before: usize =
        text.get(start..).unwrap_or("").chars().take(column.saturating_sub(1) as usize).map(char::len_utf8).sum();
    json!({"line": line, "column": if before == 0 { column as usize } else { before + 1 }})
}

/// Replacements that a reviewer can take with a click: those in the file of the finding, if the fix needs no other.
fn suggestions(data: &ReportData, d: &Diagnostic) -> Vec<Value> {
    let edits = d.fix.as_ref().map_or(&[][..], |fix| &fix.edits);
    if edits.iter().any(|edit| edit.action != Action::Replace || edit.place.path != d.place.path) {
        return Vec::new();
    }
    let suggestion = |edit: &Edit| {
        json!({
            "range": {
                "start": position(data, &d.place.path, (edit.place.line, edit.place.column)),
                "end": position(data, &d.place.path, edit.end),
            },
            "text": edit.text,
        })
    };
    edits.iter().map(suggestion).collect()
}

/// `JUnit` XML: one suite, one case per test module, with the causes that break it; findings without victims are cases of
/// their own.
#[must_use]
pub fn junit(data: &ReportData) -> String {
    let mut cases = String::new();
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for module in &data.modules {
        tests += 1;
        let name = attribute(&module.path);
        cases.push_str(&format!("    <testcase classname=\"collection\" name=\"{name}\" time=\"0\""));
        match module.outcome {
            outcome if outcome.is_bad() => {
                failures += 1;
                let causes =
                    data.diagnostics.iter().filter(|d| d.victims.iter().any(|victim| victim.path == module.path));
                let text: Vec<String> = causes.map(|d| format!("{} {}: {}", d.code, d.place, long_text(d))).collect();
                let message = module.exception.as_deref().unwrap_or(outcome.word());
                let kind = attribute(message.split(':').next().unwrap_or(message));
                let (message, body) = (attribute(message), text_node(&text.join("\n\n")));
                cases.push_str(&format!(
                    ">\n      <failure type=\"{kind}\" message=\"{message}\">{body}</failure>\n    </testcase>\n"
                ));
            }
            Outcome::Skips | Outcome::Unknown => {
                skipped += 1;
                let reason = attribute(module.reason.as_deref().unwrap_or(module.outcome.word()));
                cases.push_str(&format!(">\n      <skipped message=\"{reason}\"/>\n    </testcase>\n"));
            }
            _ => cases.push_str("/>\n"),
        }
    }
    for d in data.diagnostics.iter().filter(|d| d.victims.is_empty()) {
        tests += 1;
        let name = attribute(&format!("{} {}", d.code, d.place));
        let head = format!("    <testcase classname=\"finding\" name=\"{name}\" time=\"0\"");
        let text = long_text(d);
        if d.severity == Severity::Error {
            failures += 1;
            let message = attribute(&headline(d));
            let body = text_node(&text);
            cases.push_str(&format!(
                "{head}>\n      <failure type=\"{}\" message=\"{message}\">{body}</failure>\n    </testcase>\n",
                d.code
            ));
        } else {
            cases.push_str(&format!("{head}>\n      <system-out>{}</system-out>\n    </testcase>\n", text_node(&text)));
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"precollect\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// XML 1.0 knows no other control characters, not even escaped.
fn text_node(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn attribute(text: &str) -> String {
    text_node(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
