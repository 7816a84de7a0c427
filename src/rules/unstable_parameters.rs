//! COL011: parameters whose order or text differs from process to process: workers of one run disagree about the ids.

use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::pytest::verdict::Verdict;
use crate::summary::program::{Call, Expr, ExprKind, FStringPart, FunctionDef};
use crate::summary::{ProgramId, Summary, functions};

declare_rule!(
    UnstableParameters,
    "COL011",
    "unstable-parameters",
    Warning,
    on,
    "ids of parameters depend on the order of a set, the time or chance: workers disagree",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for module in facts.collection.modules.iter().filter(|module| matches!(module.verdict, Verdict::Collected)) {
        let Some(summary) = facts.summary(&module.file) else { continue };
        // A seed makes chance repeatable.
        let seeded = summary.strings.iter().any(|text| text == "seed");
        for def in functions(&summary.program(ProgramId::MODULE)) {
            for (span, why) in unstable(&summary, def, seeded) {
                report(facts, sink, &module.file, (&summary, def), span, why);
            }
        }
    }
}

fn report(facts: &Facts, sink: &mut Sink, file: &std::path::Path, at: (&Summary, &FunctionDef), span: Span, why: &str) {
    let (summary, def) = at;
    let name = summary.text(def.name);
    let mut finding =
        sink.finding(facts.place(file, span), format!("the ids of {name} differ from process to process: {why}"));
    finding.certainty = Certainty::Likely;
    finding.subject = name.to_owned();
    finding.label = why.to_owned();
    finding.pytest = Some("Different tests were collected between gw0 and gw1".to_owned());
    finding.help.push("sort it, or write the values out; ids= gives them names of their own".to_owned());
    sink.push(finding);
}

fn unstable(summary: &Summary, def: &FunctionDef, seeded: bool) -> Vec<(Span, &'static str)> {
    let mut found = Vec::new();
    for decorator in &def.decorators {
        let ExprKind::Call(call) = &decorator.kind else { continue };
        let is_mark =
            matches!(&call.function.kind, ExprKind::Attribute { name, .. } if summary.text(*name) == "parametrize");
        let named = |wanted: &str| {
            let is = |key: &Option<crate::summary::Sym>| key.is_some_and(|key| summary.text(key) == wanted);
            call.keywords.iter().find(|(key, _)| is(key)).map(|(_, value)| value)
        };
        if !is_mark || named("ids").is_some() {
            continue;
        }
        if let Some(values) = call.arguments.get(1).or_else(|| named("argvalues")) {
            found.extend(judge(summary, values, seeded, true).map(|why| (values.span, why)));
        }
    }
    found
}

/// Why the ids of these values are not the same everywhere; `row` tells whether the value is the list of rows itself.
fn judge(summary: &Summary, expr: &Expr, seeded: bool, row: bool) -> Option<&'static str> {
    const SET: &str = "a set has no order";
    match &expr.kind {
        ExprKind::Set(items) if row => {
            let texts = items.iter().filter(|item| matches!(item.kind, ExprKind::Str(_))).count();
            (texts > 1).then_some(SET)
        }
        ExprKind::List(items) | ExprKind::Tuple(items) => {
            items.iter().find_map(|item| judge(summary, item, seeded, false))
        }
        ExprKind::FString(parts) => parts.iter().find_map(|part| match part {
            FStringPart::Value { value, .. } => chance(summary, value, seeded),
            _ => None,
        }),
        ExprKind::Call(call) => match name(summary, &call.function).as_str() {
            "list" | "tuple" | "enumerate" if row => {
                call.arguments.first().and_then(|first| judge(summary, first, seeded, row))
            }
            "set" | "frozenset" if row => {
                let texts = |expr: &Expr| match &expr.kind {
                    ExprKind::List(items) | ExprKind::Tuple(items) => {
                        items.iter().filter(|item| matches!(item.kind, ExprKind::Str(_))).count() > 1
                    }
                    _ => false,
                };
                call.arguments.first().is_some_and(texts).then_some(SET)
            }
            "pytest.param" | "param" if call.keywords.is_empty() => {
                call.arguments.iter().find_map(|item| judge(summary, item, seeded, false))
            }
            "str" | "repr" | "int" | "float" => call.arguments.first().and_then(|first| chance(summary, first, seeded)),
            // An object that is no text does not show.
            called if called.contains("uuid") => None,
            _ => chance(summary, expr, seeded),
        },
        _ => None,
    }
}

/// Whether a call gives another number or text each time; objects do not show in ids.
fn chance(summary: &Summary, expr: &Expr, seeded: bool) -> Option<&'static str> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let Call { function, .. } = &**call;
    match name(summary, function).as_str() {
        "time.time" | "time.time_ns" | "time.monotonic" | "time.perf_counter" => Some("the time differs"),
        "random.random" | "random.randint" | "random.uniform" | "random.choice" | "random.randrange"
        | "random.getrandbits"
            if !seeded =>
        {
            Some("chance decides")
        }
        "uuid.uuid1" | "uuid.uuid4" | "uuid4" | "secrets.token_hex" | "secrets.token_urlsafe" => Some("chance decides"),
        _ => None,
    }
}

fn name(summary: &Summary, expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) => summary.text(*name).to_owned(),
        ExprKind::Attribute { value, name: last, .. } => format!("{}.{}", name(summary, value), summary.text(*last)),
        _ => String::new(),
    }
}
