//! `json` and `json-lines`: the findings as data. Keys are only ever added.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::data::ReportData;
use super::full;
use crate::diagnostic::{Action, Diagnostic, Edit, Fix, Safety, Step};

/// Version of the document's shape.
pub const SCHEMA: u32 = 1;

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Finding<'a> {
    code: &'a str,
    name: &'a str,
    severity: String,
    certainty: crate::diagnostic::Certainty,
    message: &'a str,
    subject: &'a str,
    path: &'a str,
    range: Range,
    cause: Option<&'a str>,
    facts: serde_json::Map<String, Value>,
    chain: Vec<(&'a str, u32)>,
    related: Vec<Value>,
    victims: Vec<Victim<'a>>,
    suggestions: &'a [String],
    help: &'a [String],
    fix: Option<FixData<'a>>,
    fingerprint: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FixData<'a> {
    title: &'a str,
    safety: Safety,
    edits: Vec<EditData<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EditData<'a> {
    /// `replace` a range of a file, `create` a file, or `recode` one as UTF-8.
    action: &'static str,
    path: &'a str,
    range: Range,
    text: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Position {
    line: u32,
    column: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Victim<'a> {
    path: &'a str,
    chain: Vec<(&'a str, u32)>,
}

fn steps(chain: &[Step]) -> Vec<(&str, u32)> {
    chain.iter().map(|step| (&*step.place.path, step.place.line)).collect()
}

pub(super) fn finding<'a>(data: &ReportData, d: &'a Diagnostic) -> Finding<'a> {
    let place = &d.place;
    let (end_line, end_column) = super::data::end(data, place);
    Finding {
        code: d.code,
        name: d.name,
        severity: d.severity.to_string(),
        certainty: d.certainty,
        message: &d.message,
        subject: &d.subject,
        path: &place.path,
        range: Range {
            start: Position { line: place.line, column: place.column },
            end: Position { line: end_line, column: end_column },
        },
        cause: d.pytest.as_deref(),
        facts: d.facts.iter().map(|(label, text)| ((*label).to_string(), Value::from(text.as_str()))).collect(),
        chain: steps(&d.chain),
        related: d
            .related
            .iter()
            .map(|l| json!({"path": &*l.place.path, "line": l.place.line, "column": l.place.column, "text": l.text}))
            .collect(),
        victims: d.victims.iter().map(|v| Victim { path: &v.path, chain: steps(&v.chain) }).collect(),
        suggestions: &d.suggestions,
        help: &d.help,
        fix: d.fix.as_ref().map(fix),
        fingerprint: data.fingerprint(d),
    }
}

fn fix(fix: &Fix) -> FixData<'_> {
    fn edit(edit: &Edit) -> EditData<'_> {
        EditData {
            action: match edit.action {
                Action::Replace => "replace",
                Action::Create => "create",
                Action::Recode => "recode",
            },
            path: &edit.place.path,
            range: Range {
                start: Position { line: edit.place.line, column: edit.place.column },
                end: Position { line: edit.end.0, column: edit.end.1 },
            },
            text: &edit.text,
        }
    }
    FixData { title: &fix.title, safety: fix.safety, edits: fix.edits.iter().map(edit).collect() }
}

/// The whole report as one document.
#[must_use]
pub fn document(data: &ReportData) -> String {
    let findings: Vec<Finding<'_>> = data.diagnostics.iter().map(|d| finding(data, d)).collect();
    let counts = data.counts();
    let document = json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "root": if data.prefix.is_empty() { "." } else { data.prefix.trim_end_matches('/') },
        "answer": full::answer(data),
        "run": {
            "python": data.run.python,
            "environment": data.run.environment,
            "pytest": data.run.pytest,
            "assumed": data.run.assumed,
        },
        "summary": {
            "modules": counts.modules,
            "collected": counts.collect,
            "skipped": counts.skip,
            "error": counts.fail,
            "exit": counts.end_run,
            "timeout": counts.hang,
            "unknown": counts.unknown,
            "tests": data.tests().0,
            "tests_exact": data.tests().1,
            "explained": data.explained(),
        },
        "aborted": data.aborted.as_ref().map(|a| json!({"reason": a.reason, "path": a.path.as_deref()})),
        "findings": findings,
        "problems": data.problems,
    });
    pretty(&document)
}

/// One object per finding and line.
#[must_use]
pub fn lines(data: &ReportData) -> String {
    let line = |d: &Diagnostic| serde_json::to_string(&finding(data, d)).map(|text| text + "\n").unwrap_or_default();
    data.diagnostics.iter().map(line).collect()
}

/// Indented JSON with a final newline.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// The JSON Schema of one finding, as `json` lists them and `json-lines` prints them.
#[must_use]
pub fn finding_schema() -> Value {
    let mut schema = schemars::schema_for!(Finding<'static>).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".into(), Value::from("A finding of precollect"));
    }
    schema
}
