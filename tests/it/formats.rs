//! Formats of others, checked against their schemas; and the schema of our own.

use serde_json::Value;

use crate::support::project::Project;
use crate::support::root;
use crate::support::run::{Output, precollect};

/// Findings with victims, chains, related places, fixes and characters that are more than a byte.
fn project() -> Project {
    let project = Project::new("8/3.11");
    project.write(
        "shop/__init__.py",
        "from shop.base import *\n__all__ = ['gone', 'Order']\nfrom shop.base import Order\n",
    );
    project.write("shop/base.py", "class Order: ...\nclass Item: ...\n");
    project.write("helpers.py", "# \u{e9}\nfrom shop import Missing, Order\n");
    project.write("test_a.py", "import json\nfrom helpers import Order\n\n\ndef test_a(): ...\n");
    project.write("test_b.py", "x = '\u{20ac}\u{20ac}'; from helpers import Order\n\n\ndef test_b(): ...\n");
    project.write("test c.py", "");
    project.write("test_d.py", "import pytest\n\npytest.skip('\u{20ac}')\n");
    project.write("test_e.py", "import json  # \u{20ac} precollect\nimport json  # precollect: ignore[IMP002]\n");
    project
}

fn check(project: &Project, format: &str) -> Output {
    let environment = project.environment.to_string_lossy();
    let output = precollect(&project.folder, &["check", "--output-format", format, "--python", &environment]);
    output.assert_orderly();
    output
}

fn complaints(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).expect("the schema is one");
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn sarif_passes_the_official_schema() {
    let schema = std::fs::read(root().join("testdata/schemas/sarif-2.1.0.json")).expect("the schema is there");
    let mut schema: Value = serde_json::from_slice(&schema).expect("the schema is JSON");
    // A bracket too many, which only lenient engines take; we write no language.
    for holder in ["run", "toolComponent"] {
        schema["definitions"][holder]["properties"]["language"]["pattern"] =
            Value::from("^[a-zA-Z]{2}(-[a-zA-Z]{2})?$");
    }
    let document = check(&project(), "sarif").json();
    assert_eq!(complaints(&schema, &document), Vec::<String>::new());
    let results = document["runs"][0]["results"].as_array().expect("has results");
    assert!(results.iter().any(|result| !result["fixes"].is_null()), "fixes are shown");
    assert!(results.iter().any(|result| !result["codeFlows"].is_null()), "chains are shown");
    let demo = precollect(&root().join("demo"), &["check", "--python", "none", "--output-format", "sarif"]).json();
    assert_eq!(complaints(&schema, &demo), Vec::<String>::new());
    assert!(!complaints(&schema, &serde_json::json!({"version": "2.1.0"})).is_empty(), "the schema refuses something");
}

/// `finding.schema.json` is written anew with `UPDATE_DOCS=1 cargo test --test it schema`.
#[test]
fn findings_pass_the_published_schema() {
    let file = root().join("docs/finding.schema.json");
    let schema = precollect::report::json::finding_schema();
    let current = precollect::report::json::pretty(&schema);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &current).expect("the schema can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == current, "docs/finding.schema.json is made with UPDATE_DOCS=1 cargo test --test it schema");
    let project = project();
    let document = check(&project, "json").json();
    let findings = document["findings"].as_array().expect("has findings");
    assert!(findings.len() > 2);
    let lines = check(&project, "json-lines").text();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    assert_eq!(findings, &lines);
    for finding in findings {
        assert_eq!(complaints(&schema, finding), Vec::<String>::new());
    }
}

#[test]
fn reviewers_get_columns_in_bytes() {
    let document = check(&project(), "rdjson").json();
    let diagnostics = document["diagnostics"].as_array().expect("has diagnostics");
    let skip = diagnostics.iter().find(|found| found["code"]["value"] == "COL013").expect("is found");
    let suggestion = &skip["suggestions"][0];
    assert_eq!(suggestion["text"], ", allow_module_level=True");
    assert_eq!(suggestion["range"]["start"], serde_json::json!({"line": 3, "column": 18}));
}
