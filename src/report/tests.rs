//! Every renderer on one made-up report.

use super::data::{Aborted, Conftest, Cycle, Mismatch, MissingPackage, Module, Outcome, ReportData, Run};
use super::look::{Detail, Look};
use crate::base::span::{LineTable, Span};
use crate::config::settings::Format;
use crate::diagnostic::{Certainty, Diagnostic, Label, Place, Severity, Step, Victim};

const AUTH: &str = "import pytest\n\nfrom shop.api.auth import AuthService\n";
const LIMITS: &str =
    "import sys\n\ntry:\n    import redis\nexcept ImportError:\n    print(\"redis is required\")\n    sys.exit(1)\n";

fn place(path: &str, text: &str, needle: &str) -> Place {
    let start = u32::try_from(text.find(needle).expect("the needle is there")).expect("short");
    let (line, column) = LineTable::new(text).position(start);
    Place {
        path: path.into(),
        line,
        column,
        span: Span::new(start, start + u32::try_from(needle.len()).expect("short")),
    }
}

fn at(path: &str, line: u32) -> Place {
    Place { path: path.into(), line, column: 1, span: Span::default() }
}

fn step(path: &str, line: u32, text: &str) -> Step {
    Step { place: at(path, line), text: text.into() }
}

fn victim(path: &str, chain: &[Step]) -> Victim {
    Victim { path: path.into(), chain: chain.to_vec() }
}

fn module(path: &str, outcome: Outcome) -> Module {
    let exception = outcome.is_bad().then(|| "ImportError: cannot import name 'AuthService'".to_string());
    let reason = matches!(outcome, Outcome::Skips | Outcome::Unknown).then(|| "could not import 'numpy'".to_string());
    Module { path: path.into(), nodeid: path.into(), outcome, certain: true, exception, reason, tests: 4, exact: true }
}

fn missing_name() -> Diagnostic {
    let mut d = Diagnostic::new(
        "IMP002",
        "missing-name",
        Severity::Error,
        place("tests/api/test_auth.py", AUTH, "AuthService"),
        "shop.api.auth has no AuthService: 6 modules fail".into(),
    );
    d.subject = "shop.api.auth.AuthService".into();
    d.label = "never bound".into();
    d.pytest = Some("ImportError: cannot import name 'AuthService' from 'shop.api.auth' (src/shop/api/auth.py)".into());
    d.facts = vec![("exports", "authenticate_user, generate_jwt_token".into())];
    d.suggestions = vec!["AuthServices".into()];
    d.help = vec!["shop.security.service defines an AuthService: from shop.security.service import AuthService".into()];
    d.chain = vec![step("tests/api/test_auth.py", 3, "from shop.api.auth import AuthService")];
    d.victims.push(victim("tests/api/test_auth.py", &d.chain.clone()));
    let through = [step("tests/e2e/test_flow.py", 9, "from helpers import login"), step("tests/helpers.py", 2, "")];
    d.victims.push(victim("tests/e2e/test_flow.py", &through));
    for name in ["a", "b", "c", "d"] {
        let path = format!("tests/unit/test_{name}.py");
        d.victims.push(victim(&path, &[step(&path, 3, "from shop.api.auth import AuthService")]));
    }
    d.related = vec![Label { place: at("src/shop/api/auth.py", 1), text: "the module".into() }];
    d
}

fn exit() -> Diagnostic {
    let mut d = Diagnostic::new(
        "BLK001",
        "exit-at-import",
        Severity::Error,
        place("shop/limits.py", LIMITS, "sys.exit(1)"),
        "sys.exit at import: ends the whole run".into(),
    );
    d.subject = "sys.exit".into();
    d.label = "raises SystemExit".into();
    d.pytest = Some("SystemExit: 1, which ends the run: 6 modules behind it are never looked at".into());
    d.help = vec!["pytest.importorskip(\"redis\") skips this module only".into()];
    d.chain =
        vec![step("tests/test_rates.py", 3, "from shop.limits import rate"), step("shop/limits.py", 7, "sys.exit(1)")];
    d.victims = vec![victim("tests/test_rates.py", &d.chain.clone())];
    d
}

fn hint() -> Diagnostic {
    let message = "100% of <these>, \"quoted\": a|b".into();
    let mut d = Diagnostic::new("ENV002", "undeclared", Severity::Warning, at("odd name, 1.py", 2), message);
    d.certainty = Certainty::Likely;
    d.subject = "requests".into();
    d
}

fn sample() -> ReportData {
    let mut data = ReportData {
        subject: "tests/".into(),
        run: Run {
            python: "3.11".into(),
            environment: Some(".venv".into()),
            pytest: Some("8.4.2".into()),
            assumed: Vec::new(),
            shown_as: Vec::new(),
        },
        modules: vec![
            module("tests/api/test_auth.py", Outcome::Fails),
            module("tests/e2e/test_flow.py", Outcome::Fails),
        ],
        diagnostics: vec![hint(), missing_name(), exit()],
        ..ReportData::default()
    };
    data.modules.extend(["a", "b", "c", "d"].map(|name| module(&format!("tests/unit/test_{name}.py"), Outcome::Fails)));
    data.modules.push(module("tests/test_rates.py", Outcome::EndsRun));
    data.modules.push(module("tests/test_fine.py", Outcome::Collects));
    data.modules.push(module("tests/test_skip.py", Outcome::Skips));
    data.sources.insert("tests/api/test_auth.py".into(), AUTH.into());
    data.sources.insert("shop/limits.py".into(), LIMITS.into());
    data.cycles.push(Cycle {
        modules: vec!["shop.a".into(), "shop.b".into()],
        edges: vec!["shop/a.py:1 imports shop.b".into(), "shop/b.py:1 imports shop.a".into()],
        kind: "fatal",
        cut: Some("shop/b.py:1".into()),
    });
    data.mismatches.push(Mismatch {
        module: "shop.api.auth".into(),
        path: "src/shop/api/auth.py".into(),
        wanted: vec!["AuthService".into()],
        exports: vec!["authenticate_user".into(), "generate_jwt_token".into()],
        suggestions: Vec::new(),
        instead: Vec::new(),
    });
    data.missing.push(MissingPackage {
        module: "PIL".into(),
        installed: None,
        distribution: Some("pillow".into()),
        declared: true,
        wanted_at: vec!["tests/test_a.py:3".into()],
        victims: 1200,
    });
    data.conftests.push(Conftest { path: "tests/conftest.py".into(), raises: None, fixtures: vec!["db".into()] });
    data.order();
    data
}

fn healthy() -> ReportData {
    let mut data = sample();
    data.diagnostics.clear();
    data.modules.retain(|module| !module.outcome.is_bad());
    data
}

#[test]
fn places_link_to_their_files_where_the_screen_shows_links() {
    let mut data = sample();
    "/home/shop".clone_into(&mut data.root);
    let plain = super::full::render(&data, &Look::PLAIN);
    let linked = super::full::render(&data, &Look { links: true, ..Look::PLAIN });
    assert!(linked.contains("\u{1b}]8;;file:///home/shop/"), "{linked}");
    let mut without = linked.clone();
    while let Some(start) = without.find("\u{1b}]8;;") {
        let end = without[start..].find("\u{1b}\\").map_or(without.len(), |at| start + at + 2);
        without.replace_range(start..end, "");
    }
    assert_eq!(without, plain);
}

#[test]
fn every_format_of_text() {
    for (format, name, _) in Format::ALL {
        let text = super::render(*format, &sample(), &Look::PLAIN);
        assert!(text.ends_with('\n'), "{name} ends its last line");
        // The pages of rules are not what is looked at here.
        let text = if *format == Format::Sarif { without_pages(&text) } else { text };
        insta::assert_snapshot!(format!("format_{name}"), text);
    }
}

fn without_pages(log: &str) -> String {
    let mut log: serde_json::Value = serde_json::from_str(log).expect("is JSON");
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().expect("rules") {
        for key in ["help", "shortDescription"] {
            assert!(rule[key]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule} has {key}");
            rule[key] = "...".into();
        }
    }
    super::json::pretty(&log)
}

#[test]
fn findings_that_differ_in_their_place_only_are_told_apart() {
    let mut data = sample();
    let mut second = exit();
    second.place.line += 5;
    data.diagnostics.push(second.clone());
    assert_eq!(data.fingerprint(&exit()), exit().fingerprint());
    assert_eq!(data.fingerprint(&second), format!("{}-2", exit().fingerprint()));
}

#[test]
fn nothing_that_is_found_upsets_a_format() {
    for (format, name, _) in Format::ALL {
        let empty = super::render(*format, &ReportData::default(), &Look::PLAIN);
        if matches!(format, Format::Json | Format::Sarif | Format::Gitlab | Format::Rdjson) {
            serde_json::from_str::<serde_json::Value>(&empty).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn a_narrow_screen_is_kept_to() {
    let text = super::full::render(&sample(), &Look { width: 60, ..Look::PLAIN });
    insta::assert_snapshot!("narrow", text);
    let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 60).collect();
    assert!(
        long.iter().all(|line| !line.trim().contains(' ')),
        "only words that cannot be broken are longer: {long:?}"
    );
}

#[test]
fn verbose_shows_every_victim() {
    insta::assert_snapshot!(
        "verbose",
        super::full::render(&sample(), &Look { detail: Detail::Verbose, ..Look::PLAIN })
    );
}

#[test]
fn colour_adds_nothing_that_the_text_lacks() {
    let colored = super::full::render(&sample(), &Look { color: true, ..Look::PLAIN });
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, rest)| rest);
    }
    plain.push_str(rest);
    assert_eq!(plain, super::full::render(&sample(), &Look::PLAIN));
}

#[test]
fn a_healthy_tree_is_one_line() {
    let data = healthy();
    assert_eq!(
        super::full::render(&data, &Look::PLAIN),
        "2 modules, 4 tests: all collect (1 skips: could not import 'numpy')\n"
    );
    assert_eq!(super::full::render(&data, &Look { detail: Detail::Quiet, ..Look::PLAIN }), "");
}

#[test]
fn a_failing_conftest_is_the_answer() {
    let mut data = healthy();
    data.aborted = Some(Aborted { reason: "conftest: ImportError".into(), path: Some("tests/conftest.py".into()) });
    assert_eq!(
        super::full::answer(&data),
        "tests/ would not collect: tests/conftest.py fails, and no test module is looked at"
    );
}

#[test]
fn the_order_of_findings_is_what_unblocks_most() {
    let codes: Vec<_> = sample().diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["BLK001", "IMP002", "ENV002"]);
}

#[test]
fn sarif_has_what_code_scanning_requires() {
    let log: serde_json::Value = serde_json::from_str(&super::sarif::render(&sample())).expect("is JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(!result["message"]["text"].as_str().expect("a message").is_empty());
        assert!(result["partialFingerprints"]["precollect/v1"].is_string());
        let region = &result["locations"][0]["physicalLocation"]["region"];
        for (start, end) in [("startLine", "endLine"), ("startColumn", "endColumn")] {
            assert!(region[start].as_u64() >= Some(1), "{region}");
            assert!(region[end].is_u64());
        }
        for flow in result["codeFlows"].as_array().into_iter().flatten() {
            assert!(!flow["threadFlows"][0]["locations"].as_array().expect("steps").is_empty());
        }
    }
    let uris = log.to_string();
    assert!(uris.contains("odd%20name%2C%201.py"), "paths are percent-encoded");
}

#[test]
fn annotations_escape_what_github_would_read() {
    let text = super::lines::github(&sample());
    let line = text.lines().find(|line| line.starts_with("::warning")).expect("the warning is there");
    assert!(line.starts_with("::warning file=odd name%2C 1.py,line=2,"), "{line}");
    assert!(line.ends_with("::100%25 of <these>, \"quoted\": a|b (likely)"), "{line}");
    assert_eq!(text.lines().count(), 3, "one line per finding");
}

#[test]
fn findings_keep_their_fingerprint_when_lines_move() {
    let mut moved = missing_name();
    moved.place.line += 40;
    assert_eq!(moved.fingerprint(), missing_name().fingerprint());
    assert_ne!(moved.fingerprint(), exit().fingerprint());
}
