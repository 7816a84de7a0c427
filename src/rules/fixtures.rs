//! What the rules about fixtures have in common: where functions and their arguments are written, who asks for what,
//! how fixtures and nodes are called.

use std::path::Path;
use std::sync::Arc;

use super::Facts;
use super::words::thousands;
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Place};
use crate::pytest::fixtures::{FixtureDef, Written};
use crate::pytest::functions::TestFunction;
use crate::pytest::needs::Asker;
use crate::summary::program::{Call, Expr, ExprKind, FunctionDef};
use crate::summary::{Summary, functions};

/// A function as it is written.
pub struct Source {
    /// Its file's summary.
    pub summary: Arc<Summary>,
    /// Its statement.
    pub def: FunctionDef,
}

/// The statement of a function.
#[must_use]
pub fn source(facts: &Facts, written: &Written) -> Option<Source> {
    let file = facts.summary(&written.file)?;
    let summary = match written.within {
        Some(body) => facts.source.body(&written.file, &file, body)?,
        None => file,
    };
    let program = summary.program(written.owner);
    let def = functions(&program).into_iter().find(|def| def.body == written.body)?.clone();
    Some(Source { summary, def })
}

/// The place of a function's name.
#[must_use]
pub fn name_place(facts: &Facts, written: &Written) -> Place {
    let span = source(facts, written).map(|source| source.def.name_span);
    facts.place(&written.file, span.unwrap_or_default())
}

/// The place where a function asks for a fixture: the argument, the text in `usefixtures`, else its name.
#[must_use]
pub fn asking_place(facts: &Facts, written: &Written, name: &str) -> Place {
    let Some(Source { summary, def }) = source(facts, written) else {
        return facts.place(&written.file, Span::default());
    };
    let argument = def.parameters.iter().find(|parameter| summary.text(parameter.name) == name).map(|p| p.span);
    let used = || def.decorators.iter().find_map(|decorator| used_text(&summary, decorator, name));
    facts.place(&written.file, argument.or_else(used).unwrap_or(def.name_span))
}

fn used_text(summary: &Summary, decorator: &Expr, name: &str) -> Option<Span> {
    let ExprKind::Call(call) = &decorator.kind else { return None };
    let Call { function, arguments, .. } = &**call;
    let is_use = matches!(&function.kind, ExprKind::Attribute { name, .. } if summary.text(*name) == "usefixtures");
    let mut texts = arguments.iter().filter(|_| is_use);
    texts.find(|argument| matches!(argument.kind, ExprKind::Str(text) if summary.text(text) == name)).map(|a| a.span)
}

/// The function of a test or fixture, if it is the project's.
#[must_use]
pub fn asker<'a>(facts: &'a Facts, by: Asker) -> Option<&'a Written> {
    let written = match by {
        Asker::Test(index) => facts.collection.functions[index].source.as_ref(),
        Asker::Fixture(index) => facts.collection.registry.get(index).source.as_ref(),
    };
    written.filter(|written| facts.source.is_project(&written.file))
}

/// A fixture with its place: `db (tests/conftest.py:5)`.
#[must_use]
pub fn described(facts: &Facts, definition: &FixtureDef) -> String {
    format!("{} ({})", definition.name, place_of(facts, definition))
}

/// `tests/conftest.py:5`, `pytest-mock 3.14.0`, `pytest`.
#[must_use]
pub fn place_of(facts: &Facts, definition: &FixtureDef) -> String {
    match &definition.source {
        None => "pytest".to_owned(),
        Some(written) if facts.source.is_project(&written.file) => {
            let place = name_place(facts, written);
            format!("{}:{}", place.path, place.line)
        }
        Some(written) => owner(facts, &written.file),
    }
}

/// The distribution that an installed file belongs to, as far as its path tells.
#[must_use]
pub fn owner(facts: &Facts, file: &Path) -> String {
    facts.environment.owner(file).unwrap_or_else(|| facts.shown(file))
}

/// What a node covers, in words: `tests/api/`, `tests/test_a.py`, `class TestA of tests/test_a.py`.
#[must_use]
pub fn node(id: &str) -> String {
    let mut parts = id.split("::");
    let file = parts.next().unwrap_or(id);
    let classes: Vec<&str> = parts.collect();
    match (file, classes.is_empty()) {
        ("", _) => "the whole run".to_owned(),
        (file, false) => format!("class {} of {file}", classes.join(".")),
        (file, true) if file.ends_with(".py") => file.to_owned(),
        (directory, true) => format!("{directory}/"),
    }
}

/// `1 test fails`, `12 tests fail`
#[must_use]
pub fn tests_fail(count: usize) -> String {
    if count == 1 { "1 test fails".to_owned() } else { format!("{} tests fail", thousands(count)) }
}

/// How sure it is that one of these tests fails: certain if nothing stands between it and its set-up. None if all of
/// them are skipped or expected to fail, or hooks make the items in their own way.
#[must_use]
pub fn certainty(facts: &Facts, tests: &[usize]) -> Option<Certainty> {
    if facts.collection.own_items {
        return None;
    }
    let functions: Vec<&TestFunction> = tests.iter().map(|index| &facts.collection.functions[*index]).collect();
    let mut best = None;
    for function in functions {
        let found = match function.runs {
            Some(false) => continue,
            Some(true) if is_plain(facts, function) => Certainty::Certain,
            _ => Certainty::Likely,
        };
        best = best.max(Some(found));
    }
    let registry = &facts.collection.registry;
    let known = facts.environment.is_found() && !registry.has_unseen_plugins() && !facts.collection.marks_change;
    best.map(|found| if known { found } else { Certainty::Likely })
}

/// Decorators that leave it to pytest how the function is called.
const PLAIN: &[&str] = &["pytest", "mock", "patch", "unittest", "staticmethod", "classmethod", "given", "hypothesis"];

/// Whether no decorator may call the function in its own way.
fn is_plain(facts: &Facts, function: &TestFunction) -> bool {
    let Some(written) = &function.source else { return false };
    let Some(Source { summary, def }) = source(facts, written) else { return false };
    def.decorators.iter().all(|decorator| root(&summary, decorator).is_some_and(|root| PLAIN.contains(&root)))
}

fn root<'s>(summary: &'s Summary, expr: &Expr) -> Option<&'s str> {
    match &expr.kind {
        ExprKind::Name(name) => Some(summary.text(*name)),
        ExprKind::Attribute { value, .. } => root(summary, value),
        ExprKind::Call(call) => root(summary, &call.function),
        _ => None,
    }
}
