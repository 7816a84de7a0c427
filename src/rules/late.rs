//! Imports inside functions that will fail when the function runs: collection succeeds, the test does not. Nothing
//! here is certain, because a function may never be called, or only where the module is there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::locate::{Located, locate};
use super::origin::{Origin, directories_with, top_level};
use super::{Facts, Sink};
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Diagnostic, Severity};
use crate::graph::NodeIndex;
use crate::pytest::verdict::{ModuleReport, Verdict};
use crate::summary::program::{self, ExprKind, Op, OpKind};
use crate::summary::{DefinitionKind, ImportKind, ImportRef, ProgramId, Summary};

/// An import that fails later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    /// The file.
    pub file: Arc<PathBuf>,
    /// The imported name.
    pub span: Span,
    /// What is missing.
    pub what: Missing,
}

/// What a late import lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A module of the project.
    Project(String),
    /// Somebody else's module.
    ThirdParty(String),
    /// A name of a module of the project.
    Name {
        /// The module.
        module: String,
        /// The name.
        name: String,
    },
}

/// All late imports of the run's files that fail, in order of file and place.
#[must_use]
pub fn find(facts: &Facts) -> Vec<Late> {
    let mut found = Vec::new();
    let collected = collected_tests(facts);
    for file in facts.executed_files() {
        let Some(&module) = facts.graph.of_file(file).first() else { continue };
        let summary = facts.graph.module(module).summary.clone();
        let tests = collected.contains(file);
        let mut whole = None;
        for reference in summary.imports.iter().filter(|reference| reference.kind == ImportKind::Deferred) {
            let Some(what) = missing(facts, module, reference) else { continue };
            let wanted = tests || !matches!(what, Missing::ThirdParty(_));
            if !wanted {
                continue;
            }
            let whole: &Option<Arc<Summary>> = whole.get_or_insert_with(|| facts.source.whole(file));
            let Some(whole) = whole else { continue };
            let place =
                |other: &&ImportRef| other.span == reference.span && other.name.is_some() == reference.name.is_some();
            let Some(reference) = whole.imports.iter().find(place) else { continue };
            if !is_expected(facts, file, whole, reference, &what) {
                found.push(Late { file: file.clone(), span: reference.span, what });
            }
        }
    }
    found
}

fn collected_tests<'f>(facts: &Facts<'f>) -> FxHashSet<&'f Arc<PathBuf>> {
    let collected = |module: &&ModuleReport| matches!(module.verdict, Verdict::Collected);
    facts.collection.modules.iter().filter(collected).map(|module| &module.file).collect()
}

fn missing(facts: &Facts, from: NodeIndex, reference: &ImportRef) -> Option<Missing> {
    let module = facts.graph.module(from);
    let wanted = module.absolute(reference)?;
    let ours = facts.origin(&wanted) == Origin::Project;
    match locate(facts, &wanted) {
        Located::Found if ours => missing_name(facts, from, &wanted, reference),
        Located::Missing(part) if ours && part != top_level(&wanted) => {
            let parent = part.rsplit_once('.').map_or("", |(parent, _)| parent);
            let open = facts.graph.named(parent).is_some_and(|index| facts.graph.open_reason(index).is_some());
            (!open).then_some(Missing::Project(part))
        }
        Located::Missing(part) if !ours && part == top_level(&wanted) => Some(Missing::ThirdParty(part)),
        _ => None,
    }
}

/// A name that no binding, submodule or string of the module mentions.
fn missing_name(facts: &Facts, from: NodeIndex, wanted: &str, reference: &ImportRef) -> Option<Missing> {
    let name = facts.graph.module(from).summary.text(reference.name?).to_owned();
    let target = facts.graph.named_from(from, wanted)?;
    let target_module = facts.graph.module(target);
    let special = name == "*" || name.starts_with("__");
    if special || target == from || facts.graph.open_reason(target).is_some() {
        return None;
    }
    if facts.graph.offered(target).contains(&name) || mentions(facts, &target_module.file, &name) {
        return None;
    }
    match locate(facts, &format!("{wanted}.{name}")) {
        Located::Missing(_) | Located::Unknown if !target_module.is_package => {
            Some(Missing::Name { module: wanted.to_owned(), name })
        }
        Located::Missing(_) => Some(Missing::Name { module: wanted.to_owned(), name }),
        _ => None,
    }
}

/// `global` statements, `setattr` with a literal: whatever writes the name has to spell it.
fn mentions(facts: &Facts, file: &Path, name: &str) -> bool {
    let Some(summary) = facts.source.whole(file) else { return true };
    summary.strings.iter().any(|text| text == name)
}

/// Whether the code around the import reckons with the module being absent.
fn is_expected(facts: &Facts, file: &Arc<PathBuf>, summary: &Summary, reference: &ImportRef, what: &Missing) -> bool {
    let body = summary.program(reference.program).body;
    if !always_reached(summary, &body, reference.span) {
        return true;
    }
    let Some(text) = facts.text(file) else { return true };
    let third_party = match what {
        Missing::ThirdParty(module) => module,
        Missing::Project(_) | Missing::Name { .. } => return is_marked(summary, &text, reference.program),
    };
    let quoted = [format!("\"{third_party}\""), format!("'{third_party}'"), format!("{third_party}.py")];
    if !directories_with(facts, third_party).is_empty() {
        return true;
    }
    let made_up = quoted.iter().any(|quoted| text.contains(quoted)) || text.contains("sys.modules");
    made_up || text.contains("pytestmark") || is_marked(summary, &text, reference.program)
}

/// Whether the import stands in the body itself or in a plain `with`, not under a condition, a `try`, or
/// `pytest.raises`, and nothing before it skips, returns or raises.
fn always_reached(summary: &Summary, body: &[Op], import: Span) -> bool {
    for op in body {
        let holds = op.span.start <= import.start && import.end <= op.span.end;
        match &op.kind {
            OpKind::Import { .. } | OpKind::ImportFrom { .. } if holds => return true,
            OpKind::With { items, body, .. } => {
                let plain = items.iter().all(|(item, _)| !matches!(&item.kind, ExprKind::Call(_)));
                if plain && always_reached(summary, body, import) {
                    return true;
                }
            }
            _ => {}
        }
        let mut leaves = false;
        program::walk(std::slice::from_ref(op), &mut |inner| {
            leaves |= matches!(inner.kind, OpKind::Return(_) | OpKind::Raise { .. }) || skips(summary, inner);
        });
        if leaves {
            return false;
        }
    }
    false
}

/// `pytest.skip(...)`, `pytest.importorskip(...)`, `self.skipTest(...)`, also assigned.
fn skips(summary: &Summary, op: &Op) -> bool {
    let (OpKind::Expr(value) | OpKind::Assign { value, .. }) = &op.kind else { return false };
    let ExprKind::Call(call) = &value.kind else { return false };
    let name = match &call.function.kind {
        ExprKind::Attribute { name, .. } | ExprKind::Name(name) => summary.text(*name),
        _ => "",
    };
    name.to_lowercase().contains("skip")
}

/// Decorators that leave it to the function whether it runs, and where.
const PLAIN_DECORATORS: &[&str] = &[
    "classmethod",
    "fixture",
    "mock.patch",
    "patch",
    "property",
    "pytest.fixture",
    "pytest.mark.anyio",
    "pytest.mark.asyncio",
    "pytest.mark.django_db",
    "pytest.mark.parametrize",
    "pytest.mark.usefixtures",
    "staticmethod",
    "unittest.mock.patch",
];

/// Whether something around the function may keep it from running: a decorator that is not known to be plain, a class
/// that skips, a condition around it all.
fn is_marked(summary: &Summary, text: &str, program: ProgramId) -> bool {
    let is_it = |kind: &DefinitionKind| matches!(kind, DefinitionKind::Function { body } if *body == program);
    let Some(mut at) = summary.definitions.iter().position(|definition| is_it(&definition.kind)) else { return true };
    loop {
        let Some(definition) = summary.definitions.get(at) else { return true };
        let slice = |end: u32| text.get(definition.span.start as usize..end as usize).unwrap_or("");
        let decorators = slice(definition.name_span.start);
        if decorators.lines().any(|line| line.trim_start().starts_with('@') && !is_plain(line)) {
            return true;
        }
        let is_class = definition.kind == DefinitionKind::Class;
        if is_class && slice(definition.span.end).to_lowercase().contains("skip") {
            return true;
        }
        match definition.parent {
            Some(parent) => at = parent as usize,
            None => return summary.lines.position(definition.span.start).1 > 1,
        }
    }
}

fn is_plain(decorator: &str) -> bool {
    let name = decorator.trim().trim_start_matches('@').split('(').next().unwrap_or("").trim();
    PLAIN_DECORATORS
        .iter()
        .any(|plain| name == *plain || name.strip_prefix(plain).is_some_and(|tail| tail.starts_with('.')))
}

/// A finding about a late import; `many` of the same are one.
#[must_use]
pub fn finding(facts: &Facts, sink: &Sink, late: &[&Late], message: String) -> Option<Diagnostic> {
    let first = late.first()?;
    let place = facts.place(&first.file, first.span);
    let mut finding = sink.finding(place, message);
    finding.severity = Severity::Warning;
    finding.certainty = Certainty::Likely;
    finding.label = "late: collects, fails when it runs".to_owned();
    for other in late.iter().skip(1) {
        let place = facts.place(&other.file, other.span);
        finding.related.push(crate::diagnostic::Label { place, text: "and here".to_owned() });
    }
    Some(finding)
}

/// Groups equal ones, in order of their first place.
#[must_use]
pub fn grouped(all: &[Late], wanted: impl Fn(&Missing) -> bool) -> Vec<Vec<&Late>> {
    let mut groups: Vec<Vec<&Late>> = Vec::new();
    for late in all.iter().filter(|late| wanted(&late.what)) {
        match groups.iter_mut().find(|group| group[0].what == late.what) {
            Some(group) => group.push(late),
            None => groups.push(vec![late]),
        }
    }
    groups
}
