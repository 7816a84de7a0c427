//! FXT004: a fixture of wide scope asks for one of a narrower scope.

use super::fixtures::{asking_place, certainty, described, name_place, source, tests_fail};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Certainty, Label};
use crate::pytest::fixtures::FixtureDef;
use crate::pytest::needs::{Need, Problem, Wanted};

declare_rule!(
    ScopeMismatch,
    "FXT004",
    "scope-mismatch",
    Error,
    on,
    "a fixture of wide scope asks for one of a narrower scope: the test collects, then fails",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for need in facts.needs() {
        if let Problem::ScopeMismatch { wanted, by } = &need.problem {
            report(facts, sink, need, *wanted, *by);
        }
    }
}

fn report(facts: &Facts, sink: &mut Sink, need: &Need, wanted: Wanted, by: usize) {
    let registry = &facts.collection.registry;
    let outer = registry.get(by);
    let Some(certainty) = certainty(facts, &need.tests) else { return };
    let (inner, inner_scope) = match wanted {
        Wanted::Fixture(index) => (Some(registry.get(index)), registry.get(index).scope),
        Wanted::Parameter(_, scope) => (None, Some(scope)),
    };
    let name = match wanted {
        Wanted::Fixture(index) => registry.get(index).name,
        Wanted::Parameter(name, _) => name,
    };
    let (Some(inner_scope), Some(outer_scope)) = (inner_scope, outer.scope) else { return };
    let project = |definition: &&FixtureDef| {
        definition.source.as_ref().is_some_and(|written| facts.source.is_project(&written.file))
    };
    // In a plugin's fixture the override is at fault; with a parameter, the test.
    let test = &facts.collection.functions[need.tests[0]];
    let place = match (Some(outer).filter(project), inner.filter(project), &test.source) {
        (Some(outer), ..) => outer.source.as_ref().map(|written| asking_place(facts, written, name.as_str())),
        (None, Some(inner), _) => inner.source.as_ref().map(|written| name_place(facts, written)),
        (None, None, Some(written)) => Some(asking_place(facts, written, name.as_str())),
        (None, None, None) => None,
    };
    let Some(place) = place else { return };
    let (narrow, wide) = (inner_scope.as_str(), outer_scope.as_str());
    let message = format!(
        "{wide}-scoped fixture {} asks for {narrow}-scoped {name}: {}",
        outer.name,
        tests_fail(need.tests.len())
    );
    let mut finding = sink.finding(place, message);
    finding.certainty = certainty;
    finding.subject = format!("{} {name}", outer.name);
    finding.label = format!("{narrow} is narrower than {wide}");
    finding.pytest = Some(words(facts, outer, inner, (narrow, wide), name.as_str()));
    if let Some(inner) = inner {
        finding.facts.push(("asks for", described(facts, inner)));
        if let Some(written) = inner.source.as_ref().filter(|written| facts.source.is_project(&written.file)) {
            let place = name_place(facts, written);
            if place != finding.place {
                finding.related.push(Label { place, text: format!("{narrow}-scoped") });
            }
        }
        finding.help.push(format!("give {name} the scope {wide}, or {} the scope {narrow}", outer.name));
    } else {
        finding.facts.push(("parametrized by", test.nodeid.to_string()));
        finding.help.push(format!("parametrize {name} with scope={wide:?}, or give {} the scope {narrow}", outer.name));
    }
    if outer.scope.is_none() {
        finding.certainty = Certainty::Likely;
    }
    sink.push(finding);
}

/// pytest's text.
fn words(facts: &Facts, outer: &FixtureDef, inner: Option<&FixtureDef>, scopes: (&str, &str), name: &str) -> String {
    let (narrow, wide) = scopes;
    let first = format!(
        "ScopeMismatch: You tried to access the {narrow} scoped fixture {name} with a {wide} scoped request object"
    );
    let stack = facts.collection.pytest >= (8, 0);
    let (Some(outer), Some(inner)) = (factory(facts, outer), inner.and_then(|inner| factory(facts, inner))) else {
        return if stack {
            format!("{first}. Requesting fixture stack:")
        } else {
            format!("{first}, involved factories:")
        };
    };
    if stack {
        format!("{first}. Requesting fixture stack:\n{outer}\nRequested fixture:\n{inner}")
    } else {
        format!("{first}, involved factories:\n{outer}\n{inner}")
    }
}

/// `tests/conftest.py:3:  def s(f)`
fn factory(facts: &Facts, definition: &FixtureDef) -> Option<String> {
    let written = definition.source.as_ref()?;
    let source = source(facts, written)?;
    let text = facts.text(&written.file)?;
    let parameters: Vec<&str> = source
        .def
        .parameters
        .iter()
        .filter(|parameter| !matches!(source.summary.text(parameter.name), "self" | "cls"))
        .filter_map(|parameter| text.get(parameter.span.start as usize..parameter.span.end as usize))
        .collect();
    let name = source.summary.text(source.def.name);
    Some(format!("{}:{}:  def {name}({})", facts.shown(&written.file), written.line, parameters.join(", ")))
}
