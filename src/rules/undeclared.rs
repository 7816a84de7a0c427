//! ENV002: a third-party module that the project imports and declares nowhere.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::fault::FaultKind;
use super::origin::{Origin, distributions, requirement, top_level};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::{Certainty, Place, Severity};
use crate::environment::normalise;
use crate::machine::Cause;
use crate::summary::ImportKind;

declare_rule!(
    Undeclared,
    "ENV002",
    "undeclared",
    Warning,
    on,
    "a third-party module is imported and in no dependency list",
    check
);

/// What every environment that runs tests has.
const ALWAYS_THERE: &[&str] = &["_pytest", "pip", "pkg_resources", "pluggy", "py", "pytest", "setuptools", "wheel"];

fn check(facts: &Facts, sink: &mut Sink) {
    if !facts.environment.declared.is_known() || facts.environment.declared.requirements.is_empty() {
        return;
    }
    let brought_in = OnceCell::new();
    for (module, places) in imported(facts) {
        if is_told(facts, &module) || is_declared(facts, &module) || ran_from_tree(facts, &module) {
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
        let brought_in = brought_in.get_or_init(|| brought_in_by(facts));
        if let Some(by) = known.iter().find_map(|name| brought_in.get(&normalise(name))) {
            // It is in every environment that is made from the list, until that one drops it.
            finding.severity = Severity::Info;
            finding.facts.push(("comes with", by.clone()));
        }
        let files: Vec<_> = facts.environment.declared.files.iter().map(|file| facts.shown(file)).collect();
        finding.facts.push(("looked in", super::words::listed(&files, 6)));
        finding.help.push(format!("add {name} to the dependencies, an extra or a dependency group"));
        finding.suggestions = known.into_iter().take(1).collect();
        sink.push(finding);
    }
}

/// Third-party modules that files of the run import at module level, whatever happens; with a place per file.
fn imported(facts: &Facts) -> BTreeMap<String, Vec<Place>> {
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for file in facts.executed_files() {
        let Some(summary) = facts.summary(file) else { continue };
        let mut told: Vec<&str> = Vec::new();
        for reference in &summary.imports {
            let top = top_level(summary.text(reference.module));
            let plain = reference.kind == ImportKind::Plain && reference.level == 0;
            if !plain || told.contains(&top) || ALWAYS_THERE.contains(&top) || facts.origin(top) != Origin::ThirdParty {
                continue;
            }
            told.push(top);
            found.entry(top.to_owned()).or_default().push(facts.place(file, reference.span));
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

/// A copy in the tree that the run put on the path.
fn ran_from_tree(facts: &Facts, module: &str) -> bool {
    facts.graph.named(module).is_some() || facts.graph.names_below(module).next().is_some()
}

/// Installed distributions that declared ones require, directly or through others, each with who requires it.
fn brought_in_by(facts: &Facts) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let declared = facts.environment.declared.requirements.iter();
    let mut queue: Vec<String> = declared.map(|requirement| normalise(&requirement.name)).collect();
    queue.extend(ALWAYS_THERE.iter().map(|name| normalise(name)));
    while let Some(name) = queue.pop() {
        let Some(distribution) = facts.environment.distribution(&name) else { continue };
        for line in distribution.requires(facts.source.system()) {
            let required = required_name(&line);
            let optional = line.contains("extra ==");
            if !optional && !found.contains_key(&required) {
                found.insert(required.clone(), facts.environment.display_name(distribution).to_owned());
                queue.push(required);
            }
        }
    }
    found
}

/// The normalised name at the start of a requirement.
fn required_name(line: &str) -> String {
    normalise(line.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).next().unwrap_or(""))
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
        let name = required_name(line);
        name == normalise(module) || provided.iter().any(|known| normalise(known) == name)
    };
    let own = own.and_then(|name| facts.environment.distribution(name));
    own.is_some_and(|own| own.requires(facts.source.system()).iter().any(is_it))
        || facts.environment.providers(module).any(|provider| {
            provider.editable || declared.project_name.as_deref().is_some_and(|own| normalise(own) == provider.key)
        })
}
