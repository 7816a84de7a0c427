//! Formats of others, checked against their schemas; and the schema of our own.

use std::collections::BTreeSet;

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

fn schema(file: &str) -> Value {
    let bytes = std::fs::read(root().join("testdata/schemas").join(file)).expect("the schema is there");
    serde_json::from_slice(&bytes).expect("the schema is JSON")
}

#[test]
fn gitlab_and_reviewdog_take_what_is_meant_for_them() {
    for (format, file) in [("gitlab", "gitlab-code-quality.json"), ("rdjson", "rdjson.json")] {
        let schema = schema(file);
        let document = check(&project(), format).json();
        assert_eq!(complaints(&schema, &document), Vec::<String>::new(), "{format}");
        let demo = precollect(&root().join("demo"), &["check", "--python", "none", "--output-format", format]).json();
        assert_eq!(complaints(&schema, &demo), Vec::<String>::new(), "{format}");
        assert!(!complaints(&schema, &serde_json::json!({})).is_empty(), "the schema refuses something");
    }
    let issues = check(&project(), "gitlab").json();
    let issues = issues.as_array().expect("is a list");
    let prints: BTreeSet<&str> = issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    assert!(issues.len() > 2);
    assert_eq!(prints.len(), issues.len(), "GitLab drops issues of one fingerprint: {issues:?}");
}

/// What a schema of elements, attributes and children says, as far as `junit.xsd` needs it.
struct Xsd<'s> {
    root: roxmltree::Node<'s, 's>,
}

impl<'s> Xsd<'s> {
    fn named(&self, kind: &str, name: &str) -> Option<roxmltree::Node<'s, 's>> {
        let is_it = |node: &roxmltree::Node| {
            node.has_tag_name(("http://www.w3.org/2001/XMLSchema", kind)) && node.attribute("name") == Some(name)
        };
        self.root.children().find(is_it)
    }

    fn check(&self, element: roxmltree::Node, wrong: &mut Vec<String>) {
        let name = element.tag_name().name();
        let Some(declared) = self.named("element", name) else { return wrong.push(format!("no element {name}")) };
        let inside = |kind: &'static str| declared.descendants().filter(move |node| node.tag_name().name() == kind);
        let attributes: Vec<_> = inside("attribute").collect();
        for given in element.attributes() {
            match attributes.iter().find(|known| known.attribute("name") == Some(given.name())) {
                None => wrong.push(format!("{name} takes no {}", given.name())),
                Some(known) if known.attribute("type") == Some("seconds") => {
                    let plain = given.value().chars().all(|c| c.is_ascii_digit() || c == '.');
                    wrong.extend((!plain).then(|| format!("{} is no time", given.value())));
                }
                Some(_) => {}
            }
        }
        let required = attributes.iter().filter(|known| known.attribute("use") == Some("required"));
        let missing =
            required.filter_map(|known| known.attribute("name")).filter(|known| !element.has_attribute(*known));
        wrong.extend(missing.map(|missing| format!("{name} lacks {missing}")));
        let allowed: Vec<_> = inside("element").filter_map(|node| node.attribute("ref")).collect();
        let mixed = declared.attribute("type").is_some()
            || inside("complexType").any(|node| node.attribute("mixed") == Some("true"));
        for child in element.children() {
            if child.is_text() && !mixed && !child.text().unwrap_or_default().trim().is_empty() {
                wrong.push(format!("{name} holds text"));
            }
            if child.is_element() && !allowed.contains(&child.tag_name().name()) {
                wrong.push(format!("{name} holds no {}", child.tag_name().name()));
            }
            if child.is_element() {
                self.check(child, wrong);
            }
        }
    }
}

#[test]
fn junit_passes_the_schema_of_jenkins() {
    let text = std::fs::read_to_string(root().join("testdata/schemas/junit.xsd")).expect("the schema is there");
    let schema = roxmltree::Document::parse(&text).expect("the schema is XML");
    let xsd = Xsd { root: schema.root_element() };
    let complaints = |xml: &str| {
        let (document, mut wrong) = (roxmltree::Document::parse(xml).expect("is XML"), Vec::new());
        xsd.check(document.root_element(), &mut wrong);
        wrong
    };
    let own = check(&project(), "junit").text();
    assert_eq!(complaints(&own), Vec::<String>::new());
    let demo = precollect(&root().join("demo"), &["check", "--python", "none", "--output-format", "junit"]).text();
    assert_eq!(complaints(&demo), Vec::<String>::new());
    let document = roxmltree::Document::parse(&demo).expect("is XML");
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count().to_string();
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).expect("has a suite");
    assert_eq!(suite.attribute("tests"), Some(&*count("testcase")));
    assert_eq!(suite.attribute("failures"), Some(&*count("failure")));
    let wrong = complaints("<testsuites><testsuite tests='1'>x<testcase file='a'/></testsuite></testsuites>");
    assert_eq!(wrong.len(), 6, "{wrong:?}");
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

/// `docs/why.schema.json` is written anew with `UPDATE_DOCS=1 cargo test --test it schema`.
#[test]
fn traces_pass_the_published_schema() {
    let file = root().join("docs/why.schema.json");
    let schema = precollect::report::why::schema();
    let current = precollect::report::json::pretty(&schema);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &current).expect("the schema can be written");
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == current, "docs/why.schema.json is made with UPDATE_DOCS=1 cargo test --test it schema");
    let project = project();
    let environment = project.environment.to_string_lossy().into_owned();
    let why = |target: &str| {
        let args = ["why", "--output-format", "json", "--python", &environment, target];
        precollect(&project.folder, &args).json()
    };
    let collected =
        precollect(&project.folder, &["collect", "--output-format", "json", "--python", &environment]).json();
    let modules = collected["modules"].as_object().expect("has modules");
    assert!(!modules.is_empty());
    for (path, module) in modules {
        let trace = why(path);
        assert_eq!(complaints(&schema, &trace), Vec::<String>::new(), "{path}");
        assert_eq!(trace["verdict"]["outcome"], module["outcome"], "{path}");
        let class = module.get("exception").unwrap_or(&Value::Null);
        assert_eq!(trace["verdict"]["raises"].get("class").unwrap_or(&Value::Null), class, "{path}");
    }
    assert!(!complaints(&schema, &serde_json::json!({"schema": 1})).is_empty(), "the schema refuses something");
}

/// Every list of findings in an audit.
const FINDINGS: [&str; 5] = ["blocking_now", "errors", "warnings", "info", "unused_fixtures"];

#[test]
fn reports_pass_the_published_schema() {
    let text = std::fs::read(root().join("docs/report.schema.json")).expect("the schema is there");
    let schema: Value = serde_json::from_slice(&text).expect("the schema is JSON");
    let finding = precollect::report::json::finding_schema();
    let project = project();
    let environment = project.environment.to_string_lossy().into_owned();
    for (folder, python) in [(project.folder.clone(), &*environment), (root().join("demo"), "none")] {
        let report = precollect(&folder, &["report", "--output-format", "json", "--python", python]).json();
        assert_eq!(complaints(&schema, &report), Vec::<String>::new());
        assert!(report["plan"].as_array().is_some_and(|plan| !plan.is_empty()), "something is to be repaired");
        for found in FINDINGS.iter().filter_map(|list| report[list].as_array()).flatten() {
            assert_eq!(complaints(&finding, found), Vec::<String>::new());
        }
    }
    assert!(!complaints(&schema, &serde_json::json!({"schema": 1})).is_empty(), "the schema refuses something");
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
