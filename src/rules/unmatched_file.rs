//! COL004: a file with tests beside collected modules, whose name no pattern collects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::words::thousands;
use super::{Facts, Sink, declare_rule};
use crate::diagnostic::Certainty;
use crate::summary::program::OpKind;
use crate::summary::{DefinitionKind, ProgramId, Summary};

declare_rule!(
    UnmatchedFile,
    "COL004",
    "unmatched-file",
    Warning,
    on,
    "tests in a file whose name no pattern collects",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    let walked: BTreeSet<&Path> = facts.collection.modules.iter().filter_map(|module| module.file.parent()).collect();
    let executed: FxHashSet<&Arc<PathBuf>> = facts.executed_files().iter().collect();
    let patterns = &facts.collection.notes.patterns;
    for file in facts.project_files() {
        let special = file.file_name().is_some_and(|name| name == "conftest.py" || name == "__init__.py");
        let beside = file.parent().is_some_and(|parent| walked.contains(parent));
        if special || !beside || patterns.file(file) || executed.contains(file) {
            continue;
        }
        let Some(summary) = facts.summary(file) else { continue };
        let tests = tests(&summary, facts);
        let named = file.file_name().is_some_and(|name| name.to_string_lossy().contains("test"));
        // One function that happens to be called so makes no test file.
        if (tests > 1 || named && tests > 0) && !is_imported(facts, file) {
            report(facts, sink, file, tests);
        }
    }
}

/// Tests that pytest would find in the file.
fn tests(summary: &Summary, facts: &Facts) -> usize {
    let patterns = &facts.collection.notes.patterns;
    let is_function = |kind: &DefinitionKind| matches!(kind, DefinitionKind::Function { .. });
    let mut functions = summary.definitions.iter().filter(|definition| is_function(&definition.kind));
    if !functions.any(|definition| patterns.function(summary.text(definition.name))) {
        return 0;
    }
    let program = summary.program(ProgramId::MODULE);
    let mut found = 0;
    for op in &program.body {
        match &op.kind {
            OpKind::FunctionDef(def) => found += usize::from(patterns.function(summary.text(def.name))),
            OpKind::ClassDef(def) if patterns.class(summary.text(def.name)) => {
                let methods = def.body.iter().filter(|op| match &op.kind {
                    OpKind::FunctionDef(def) => patterns.function(summary.text(def.name)),
                    _ => false,
                });
                found += methods.count();
            }
            _ => {}
        }
    }
    found
}

fn is_imported(facts: &Facts, file: &Path) -> bool {
    facts.graph.of_file(file).iter().any(|module| !facts.graph.importers(*module).is_empty())
}

fn report(facts: &Facts, sink: &mut Sink, file: &Path, tests: usize) {
    let patterns = facts.collection.notes.patterns.files.join(" ");
    let shown = facts.shown(file);
    let name = shown.rsplit('/').next().unwrap_or(&shown);
    let count = if tests == 1 { "1 test is".to_owned() } else { format!("{} tests are", thousands(tests)) };
    let place = facts.place(file, crate::base::span::Span::default());
    let mut finding = sink.finding(place, format!("no pattern collects {name}: {count} never run"));
    finding.certainty = Certainty::Likely;
    finding.subject = shown.clone();
    finding.label = format!("python_files is {patterns}");
    finding.help.push(format!("rename it to test_{name}, or add a pattern to python_files"));
    sink.push(finding);
}
