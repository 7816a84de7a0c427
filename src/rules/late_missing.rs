//! ENV005: a third-party module that is needed only when a function runs, and is not there.

use super::late::{Missing, finding, grouped};
use super::origin::{Origin, declared_fact, distributions, requirement};
use super::{Facts, Sink, declare_rule};
use crate::python::replacements::replacement;

declare_rule!(
    LateMissing,
    "ENV005",
    "late-missing",
    Warning,
    on,
    "a missing module that only a function needs: it collects, then fails",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for group in grouped(facts.late(), |what| matches!(what, Missing::ThirdParty(_))) {
        let Missing::ThirdParty(module) = &group[0].what else { continue };
        let library = facts.origin(module) == Origin::Stdlib;
        let lack = match library {
            true => format!("not in the standard library of Python {}", facts.environment.version),
            false => "not installed".to_owned(),
        };
        let message = format!("{module} is {lack}: a test fails when it runs");
        let Some(mut found) = finding(facts, sink, &group, message) else { continue };
        found.subject.clone_from(module);
        found.pytest = Some(format!("collects; then ModuleNotFoundError: No module named '{module}'"));
        if library {
            found.help.extend(replacement(module).map(|use_it| format!("use {use_it} instead of {module}")));
            sink.push(found);
            continue;
        }
        found.facts.extend(declared_fact(facts, module).map(|declared| ("declared", declared)));
        let known = requirement(facts, module).map(|r| r.name.clone());
        if let Some(name) = known.or_else(|| distributions(facts, module).into_iter().next()) {
            found.help.push(format!("pip install {name}"));
        }
        found.help.push(format!("pytest.importorskip({module:?}) skips the test instead"));
        sink.push(found);
    }
}
