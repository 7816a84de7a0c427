//! ENV002: a third-party module that the project imports and declares nowhere.

use std::collections::BTreeMap;

use super::fault::FaultKind;
use super::origin::{Origin, distributions, requirement, top_level};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::diagnostic::{Certainty, Place};
use crate::environment::normalise;
use crate::machine::Cause;
use crate::summary::ImportKind;

declare_rule!(
    Undeclared,
    "ENV002",
    "undeclared",
    Warning,
    on,
    "a third-party module is imported and in no dependency list"
);

/// What every environment that runs tests has.
const ALWAYS_THERE: &[&str] = &["_pytest", "pip", "pkg_resources", "pluggy", "py", "pytest", "setuptools", "wheel"];

impl Rule for Undeclared {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        if !facts.environment.declared.is_known() || facts.environment.declared.requirements.is_empty() {
            return;
        }
        for (module, places) in imported(facts) {
            if is_told(facts, &module) || is_declared(facts, &module) {
                continue;
            }
            let known = distributions(facts, &module);
            let Some(place) = places.first().cloned() else { continue };
            let name = known.first().map_or(module.as_str(), String::as_str);
            let mut finding = sink.finding(place, format!("{module} is imported, and no dependency list names {name}"));
            finding.subject.clone_from(&module);
            "declared nowhere".clone_into(&mut finding.label);
            if known.is_empty() {
                finding.certainty = Certainty::Likely;
            }
            if places.len() > 1 {
                finding.facts.push(("imported in", format!("{} files", super::words::thousands(places.len()))));
            }
            let files: Vec<_> = facts.environment.declared.files.iter().map(|file| facts.shown(file)).collect();
            finding.facts.push(("looked in", super::words::listed(&files, 6)));
            finding.help.push(format!("add {name} to the dependencies, an extra or a dependency group"));
            finding.suggestions = known.into_iter().take(1).collect();
            sink.push(finding);
        }
    }
}

/// Third-party modules that files of the run import at module level, whatever happens; with a place per file.
fn imported(facts: &Facts) -> BTreeMap<String, Vec<Place>> {
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for file in facts.executed_files() {
        let Some(summary) = facts.summary(&file) else { continue };
        let mut told: Vec<&str> = Vec::new();
        for reference in &summary.imports {
            let top = top_level(summary.text(reference.module));
            let plain = reference.kind == ImportKind::Plain && reference.level == 0;
            if !plain || told.contains(&top) || ALWAYS_THERE.contains(&top) || facts.origin(top) != Origin::ThirdParty {
                continue;
            }
            told.push(top);
            found.entry(top.to_owned()).or_default().push(facts.place(&file, reference.span));
        }
    }
    found
}

/// A missing one is told already, with where it is declared.
fn is_told(facts: &Facts, module: &str) -> bool {
    facts.faults.iter().any(|fault| match (&fault.kind, &fault.raised.cause) {
        (FaultKind::BrokenDependency(_), _) => false,
        (_, Cause::MissingModule { missing, .. }) => top_level(missing.as_str()) == module,
        _ => false,
    })
}

/// In a file of the project, in the metadata of its own installed distribution, or its own name.
fn is_declared(facts: &Facts, module: &str) -> bool {
    let declared = &facts.environment.declared;
    let own = declared.project_name.as_deref();
    if requirement(facts, module).is_some() || own.is_some_and(|name| normalise(name) == normalise(module)) {
        return true;
    }
    let provided = distributions(facts, module);
    let is_it = |line: &String| {
        let name = line.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).next().unwrap_or("");
        let name = normalise(name);
        name == normalise(module) || provided.iter().any(|known| normalise(known) == name)
    };
    let own = own.and_then(|name| facts.environment.distribution(name));
    own.is_some_and(|own| own.requires(facts.source.system()).iter().any(is_it))
        || facts.environment.providers(module).any(|provider| provider.editable)
}
