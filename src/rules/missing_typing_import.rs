//! IMP020: an import under `TYPE_CHECKING` that resolves to nothing.

use super::locate::{Located, locate};
use super::origin::{Origin, top_level};
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Certainty;
use crate::graph::NodeIndex;
use crate::summary::{ImportKind, ImportRef};

declare_rule!(
    MissingTypingImport,
    "IMP020",
    "missing-typing-import",
    Info,
    off,
    "an import under TYPE_CHECKING resolves to nothing",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for file in facts.project_files() {
        let Some(&module) = facts.graph.of_file(file).first() else { continue };
        let summary = facts.graph.module(module).summary.clone();
        let mut told: Vec<String> = Vec::new();
        for import in summary.imports.iter().filter(|import| import.kind == ImportKind::Guarded) {
            let Some((wanted, certainty)) = missing(facts, module, import) else { continue };
            if told.contains(&wanted) {
                continue;
            }
            let place = facts.place(file, import.span);
            let mut found =
                sink.finding(place, format!("{wanted} is imported for type checkers, and nothing provides it"));
            found.subject.clone_from(&wanted);
            found.certainty = certainty;
            "resolves to nothing".clone_into(&mut found.label);
            found
                .help
                .push("tests run all the same; type checkers take what is annotated with it for anything".to_owned());
            told.push(wanted);
            sink.push(found);
        }
    }
}

/// The module or name that is not there.
fn missing(facts: &Facts, from: NodeIndex, import: &ImportRef) -> Option<(String, Certainty)> {
    let module = facts.graph.module(from);
    let wanted = module.absolute(import)?;
    let stub = |name: &str| super::lacking::stub_of_module(facts, name).is_some();
    // Inside a package the name that the file runs under says nothing about where the package is.
    let place = if import.level == 0 {
        locate(facts, &wanted)
    } else if facts.graph.named_from(from, &wanted).is_some() {
        Located::Found
    } else if wanted.rsplit_once('.').is_some_and(|(parent, _)| facts.graph.named_from(from, parent).is_some()) {
        Located::Missing(wanted.clone())
    } else {
        Located::Unknown
    };
    match place {
        Located::Missing(part) => {
            let ours = facts.origin(&part) == Origin::Project;
            let told = (!stub(&part) && part != "_typeshed" && top_level(&part) != "_typeshed").then_some(part)?;
            Some((told, if ours { Certainty::Certain } else { Certainty::Likely }))
        }
        Located::Found => {
            let name = module.summary.text(import.name?).to_owned();
            let target = facts.graph.named_from(from, &wanted)?;
            let stubbed = super::lacking::stub_of_name(facts, &wanted, &name).is_some() || stub(&wanted);
            let bound = facts.graph.module(target).exports().bindings.iter().any(|b| b.name == name);
            let there = name == "*"
                || stubbed
                || bound
                || facts.graph.open_reason(target).is_some()
                || facts.graph.offered(target).contains(&name);
            let full = format!("{wanted}.{name}");
            let submodule = facts.graph.named_from(from, &full).is_some() || locate(facts, &full) == Located::Found;
            (!there && !submodule).then_some((full, Certainty::Likely))
        }
        Located::Unknown => None,
    }
}
