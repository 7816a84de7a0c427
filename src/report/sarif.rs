//! SARIF 2.1.0, the part that code scanning services read: rules, results, code flows, fingerprints.

use serde::Serialize;

use super::data::ReportData;
use super::json::pretty;
use super::lines::long_text;
use crate::diagnostic::{Action, Diagnostic, Fix, Place, Severity, Step};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Victims that get a flow of their own; services refuse documents that grow without bound.
const FLOWS: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    original_uri_base_ids: serde_json::Value,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<RuleDescriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    name: &'static str,
    short_description: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Help>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

/// The rule's page.
#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix>,
    partial_fingerprints: serde_json::Value,
    properties: serde_json::Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix {
    description: Text,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: Vec<ThreadFlow>,
}

#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<ThreadFlowLocation>,
}

#[derive(Serialize)]
struct ThreadFlowLocation {
    location: Location,
}

/// The whole log.
#[must_use]
pub fn render(data: &ReportData) -> String {
    let mut codes: Vec<(&'static str, &'static str)> = data.diagnostics.iter().map(|d| (d.code, d.name)).collect();
    codes.sort_unstable();
    codes.dedup();
    let index = |code: &str| codes.iter().position(|(known, _)| *known == code).unwrap_or(0);
    let rules = codes.iter().map(|(code, name)| descriptor(code, name));
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver { name: "precollect", version: env!("CARGO_PKG_VERSION"), rules: rules.collect() },
            },
            column_kind: "unicodeCodePoints",
            original_uri_base_ids: serde_json::json!({"PROJECT": {"description": {"text": "The analysed project."}}}),
            results: data.diagnostics.iter().map(|d| result(data, d, index(d.code))).collect(),
        }],
    };
    pretty(&log)
}

/// What services show beside a result: the rule's own page.
fn descriptor(code: &'static str, name: &'static str) -> RuleDescriptor {
    let meta = crate::rules::find(code).map(crate::rules::Rule::meta);
    RuleDescriptor {
        id: code,
        name,
        short_description: Text { text: meta.map_or_else(|| name.replace('-', " "), |meta| meta.summary.to_string()) },
        help: meta.map(|meta| Help { text: meta.documentation, markdown: meta.documentation }),
        default_configuration: meta.map(|meta| Configuration { level: level(meta.severity) }),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(data: &ReportData, d: &Diagnostic, rule_index: usize) -> SarifResult {
    let related = d.related.iter().enumerate().map(|(id, label)| Location {
        id: Some(id + 1),
        message: Some(Text { text: label.text.clone() }),
        ..location(data, &label.place)
    });
    let mut flows: Vec<CodeFlow> = Vec::new();
    if d.chain.len() > 1 {
        flows.push(flow(data, &d.chain));
    }
    let chains = d.victims.iter().map(|victim| &victim.chain).filter(|chain| chain.len() > 1);
    flows.extend(chains.take(FLOWS).map(|chain| flow(data, chain)));
    SarifResult {
        rule_id: d.code,
        rule_index,
        level: level(d.severity),
        message: Text { text: long_text(d) },
        locations: vec![location(data, &d.place)],
        related_locations: related.collect(),
        code_flows: flows,
        fixes: d.fix.iter().filter_map(|found| fix(data, found)).collect(),
        partial_fingerprints: serde_json::json!({"precollect/v1": data.fingerprint(d)}),
        properties: serde_json::json!({
            "certainty": d.certainty,
            "victims": d.victims.iter().map(|victim| &*victim.path).collect::<Vec<_>>(),
        }),
    }
}

fn flow(data: &ReportData, steps: &[Step]) -> CodeFlow {
    let step = |step: &Step| {
        let message = (!step.text.is_empty()).then(|| Text { text: step.text.clone() });
        ThreadFlowLocation { location: Location { message, ..location(data, &step.place) } }
    };
    CodeFlow { thread_flows: vec![ThreadFlow { locations: steps.iter().map(step).collect() }] }
}

/// A fix that consists of replacements; the format knows no other.
fn fix(data: &ReportData, fix: &Fix) -> Option<SarifFix> {
    let mut changes: Vec<(&str, ArtifactChange)> = Vec::new();
    for edit in &fix.edits {
        if edit.action != Action::Replace {
            return None;
        }
        let (place, (end_line, end_column)) = (&edit.place, edit.end);
        let region = Region { start_line: place.line, start_column: place.column, end_line, end_column };
        let replacement = Replacement { deleted_region: region, inserted_content: Text { text: edit.text.clone() } };
        match changes.iter_mut().find(|(path, _)| *path == &*place.path) {
            Some((_, change)) => change.replacements.push(replacement),
            None => {
                let change =
                    ArtifactChange { artifact_location: artifact(data, &place.path), replacements: vec![replacement] };
                changes.push((&*place.path, change));
            }
        }
    }
    let artifact_changes = changes.into_iter().map(|(_, change)| change).collect();
    Some(SarifFix { description: Text { text: fix.title.clone() }, artifact_changes })
}

fn artifact(data: &ReportData, path: &str) -> ArtifactLocation {
    let path = data.shown(path);
    let absolute = path.starts_with('/');
    let uri = if absolute { format!("file://{}", uri(&path)) } else { uri(&path) };
    ArtifactLocation { uri, uri_base_id: (!absolute).then_some("PROJECT") }
}

fn location(data: &ReportData, place: &Place) -> Location {
    let (end_line, end_column) = super::data::end(data, place);
    Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: artifact(data, &place.path),
            region: Region { start_line: place.line.max(1), start_column: place.column.max(1), end_line, end_column },
        },
        message: None,
    }
}

/// Percent-encodes what may not stand in a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
