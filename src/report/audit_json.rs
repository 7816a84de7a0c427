//! `report --output-format json`: the audit as data, section by section. Keys are only ever added.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::data::{Outcome, PlanStep, ReportData};
use super::json::{finding, pretty};
use super::{full, markdown, steps};
use crate::diagnostic::{Diagnostic, Severity};

/// Version of the document's shape.
pub const SCHEMA: u32 = 1;

/// What becomes of the test modules of a directory.
#[derive(Debug, Default, Serialize)]
struct Directory {
    modules: usize,
    collected: usize,
    failing: usize,
    tests: usize,
}

/// The whole audit as one document.
#[must_use]
pub fn document(data: &ReportData) -> String {
    let findings = |wanted: &dyn Fn(&Diagnostic) -> bool| -> Vec<_> {
        data.diagnostics.iter().filter(|d| wanted(d)).map(|d| finding(data, d)).collect()
    };
    let of = |severity: Severity| findings(&move |d: &Diagnostic| d.severity == severity && !data.is_in_front(d));
    let document = json!({
        "schema": SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "subject": data.subject,
        "verdict": full::answer(data),
        "run": {
            "python": data.run.python,
            "environment": data.run.environment,
            "pytest": data.run.pytest,
            "assumed": data.run.assumed,
            "told": data.told,
            "revision": data.revision.as_ref().map(|r| json!({"commit": r.commit, "date": r.date, "changed": r.changed})),
        },
        "numbers": numbers(data),
        "directories": directories(data),
        "blocking_now": findings(&|d| data.is_in_front(d)),
        "errors": of(Severity::Error),
        "warnings": of(Severity::Warning),
        "info": of(Severity::Info),
        "missing_packages": packages(data),
        "missing_modules": modules(data),
        "mismatches": mismatches(data),
        "cycles": data.cycles.iter().map(|c| json!({"kind": c.kind, "modules": c.modules, "edges": c.edges, "cut": c.cut})).collect::<Vec<_>>(),
        "conftests": data.conftests.iter().map(|c| json!({"path": &*c.path, "raises": c.raises, "fixtures": c.fixtures})).collect::<Vec<_>>(),
        "unused_fixtures": data.unused.iter().map(|d| finding(data, d)).collect::<Vec<_>>(),
        "plan": data.plan.iter().map(|step| plan_step(data, step)).collect::<Vec<_>>(),
        "plan_runs": data.plan_runs,
        "plan_untried": data.plan_untried,
        "unknowns": data.unknown_reasons().iter().map(|(reason, modules)| json!({"reason": reason, "modules": modules})).collect::<Vec<_>>(),
        "problems": data.problems,
        "modules": data.modules.iter().map(module).collect::<Vec<_>>(),
    });
    pretty(&document)
}

fn numbers(data: &ReportData) -> Value {
    let counts = data.counts();
    let (tests, exact) = data.tests();
    json!({
        "modules": counts.modules, "collected": counts.collect, "skipped": counts.skip, "error": counts.fail,
        "exit": counts.end_run, "timeout": counts.hang, "unknown": counts.unknown,
        "tests": tests, "tests_exact": exact,
        "rules": markdown::by_rule(data).iter().map(|((code, name), [errors, warnings, infos, victims])| json!({
            "code": code, "name": name, "errors": errors, "warnings": warnings, "info": infos, "modules": victims,
        })).collect::<Vec<_>>(),
    })
}

fn directories(data: &ReportData) -> BTreeMap<&str, Directory> {
    let mut rows: BTreeMap<&str, Directory> = BTreeMap::new();
    for module in &data.modules {
        let row = rows.entry(module.path.rsplit_once('/').map_or(".", |(directory, _)| directory)).or_default();
        row.modules += 1;
        row.failing += usize::from(module.outcome.is_bad());
        if module.outcome == Outcome::Collects {
            row.collected += 1;
            row.tests += module.tests;
        }
    }
    rows
}

fn packages(data: &ReportData) -> Vec<Value> {
    let row = |p: &super::data::MissingPackage| json!({"module": p.module, "distribution": p.distribution, "installed": p.installed, "declared": p.declared, "wanted_at": p.wanted_at, "modules": p.victims});
    data.missing.iter().map(row).collect()
}

fn modules(data: &ReportData) -> Vec<Value> {
    let row = |m: &super::data::MissingModule| json!({"module": m.module, "wanted_at": m.wanted_at, "modules": m.victims, "nearest": m.nearest});
    data.missing_modules.iter().map(row).collect()
}

fn mismatches(data: &ReportData) -> Vec<Value> {
    let row = |m: &super::data::Mismatch| json!({"module": m.module, "path": m.path, "wanted": m.wanted, "exports": m.exports, "nearest": m.suggestions, "instead": m.instead});
    data.mismatches.iter().map(row).collect()
}

/// A cause that a step repairs.
fn repaired(data: &ReportData, d: &Diagnostic) -> Value {
    json!({
        "code": d.code,
        "subject": d.subject,
        "path": &*d.place.path,
        "line": d.place.line,
        "pytest": d.pytest,
        "fingerprint": data.fingerprint(d),
    })
}

fn plan_step(data: &ReportData, step: &PlanStep) -> Value {
    let first = step.findings.first();
    json!({
        "code": first.map(|d| d.code),
        "message": first.map(|d| d.message.as_str()),
        "path": first.map(|d| &*d.place.path),
        "line": first.map(|d| d.place.line),
        "fingerprint": first.map(|d| data.fingerprint(d)),
        "help": first.and_then(|d| d.help.first()),
        "causes": step.causes,
        "findings": step.findings.iter().map(|d| repaired(data, d)).collect::<Vec<_>>(),
        "commands": steps::commands(step),
        "then": {"modules": step.modules, "good": step.good, "unknown": step.unknown, "ends_early": step.ends, "ends_at": step.ends_at.as_deref()},
    })
}

fn module(module: &super::data::Module) -> Value {
    json!({
        "path": &*module.path,
        "outcome": module.outcome.word(),
        "certain": module.certain,
        "exception": module.exception,
        "reason": module.reason,
        "tests": module.tests,
        "exact": module.exact,
    })
}
