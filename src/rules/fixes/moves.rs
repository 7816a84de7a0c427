//! Imports that move: CYC001 and CYC002 break a cycle by importing where the name is used, COL015 imports the module of
//! what is not to be collected here.

use std::path::Path;

use super::imports::{Found, imports, item_span, module_span};
use super::{lines, range, replace, span};
use crate::base::span::Span;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::graph::NodeIndex;
use crate::machine::Cause;
use crate::python::version::PythonVersion;
use crate::rules::Facts;
use crate::summary::{ImportKind, Summary};
use crate::syntax::mentions::{self, Mention, Mentions, Role};

/// CYC001: every import of the loop that needs a name too early.
pub fn out_of_cycle(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let mut files: Vec<_> = fault.sites.iter().map(|site| facts.root.join(&*site.path)).collect();
    files.sort();
    files.dedup();
    broken(facts, &files.iter().map(|file| &**file).collect::<Vec<_>>(), &fault.raised.cause)
}

/// CYC002: the import that fails from the other entry.
pub fn out_of_fragile_cycle(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let raised = facts.probes.entries.iter().filter_map(|entry| entry.raised.as_ref());
    let mut failures = raised.filter_map(|raised| {
        let frame = raised.frames.iter().rev().find(|frame| facts.source.is_project(&frame.file))?;
        (facts.frame_place(frame) == diagnostic.place).then_some((&**frame.file, &raised.cause))
    });
    let (file, cause) = failures.next()?;
    broken(facts, &[file], cause)
}

fn broken(facts: &Facts, files: &[&Path], cause: &Cause) -> Option<Fix> {
    let Cause::MissingName { module, name, .. } = cause else { return None };
    let mut edits = Vec::new();
    for file in files {
        for found in imports(facts, file, module.as_str(), Some(name.as_str())) {
            edits.extend(deferred(facts, file, &found, name.as_str())?);
        }
    }
    let title = format!("import {name} where it is used");
    Some(Fix { title, safety: Safety::Unsafe, edits })
}

/// The import of one name taken from the top of the file into the functions that use it, and under `TYPE_CHECKING` where
/// annotations do. None where the module needs it when it runs, or others take it from here.
fn deferred(facts: &Facts, file: &Path, found: &Found, name: &str) -> Option<Vec<Edit>> {
    let summary = facts.summary(file)?;
    let text = facts.text(file)?;
    let alias = found.reference.alias.map(|alias| summary.text(alias));
    let bound = alias.unwrap_or(name);
    let own = *facts.graph.of_file(file).first()?;
    let at_top =
        found.reference.kind == ImportKind::Plain && lines::indent(&text, found.statement.start as usize)?.is_empty();
    if !at_top || is_offered(facts, own, bound) {
        return None;
    }
    let from = text.get(range(module_span(&text, found.statement)?))?;
    let alias = alias.map_or_else(String::new, |alias| format!(" as {alias}"));
    let import = format!("from {from} import {name}{alias}\n");
    let said = mentions::of(&text, bound)?;
    let lazy = summary.future_annotations || facts.environment.version >= PythonVersion::three(14);
    let uses = Uses::of(&text, &said, found.statement, lazy)?;
    let mut edits = Vec::new();
    for function in uses.functions {
        let first = said.functions.get(function)?.first?.start as usize;
        let indent = lines::indent(&text, first)?;
        edits.push(replace(facts, file, span(first, first), format!("{import}{indent}")));
    }
    edits.extend(taken_out(facts, file, &summary, found, uses.annotations.then_some(&*import))?);
    Some(edits)
}

/// Whether another module takes the name from this one.
fn is_offered(facts: &Facts, own: NodeIndex, name: &str) -> bool {
    let module = facts.graph.module(own);
    module.exports().all_spans.iter().any(|(listed, _)| listed == name)
        || !facts.graph.importers_of(own, name).is_empty()
}

/// Where a name is used that need not be bound when the module runs.
struct Uses {
    functions: Vec<usize>,
    annotations: bool,
}

impl Uses {
    fn of(text: &str, said: &Mentions, statement: Span, lazy: bool) -> Option<Self> {
        let mut uses = Self { functions: Vec::new(), annotations: false };
        for mention in said.all.iter().filter(|mention| !statement.holds(mention.span)) {
            match (mention.role, mention.function) {
                (Role::Load, Some(function)) => uses.functions.push(function),
                (Role::Annotation, _) if lazy => uses.annotations = true,
                (Role::Text, None) => uses.annotations |= is_name_alone(text, mention),
                (Role::Other | Role::Text, _) => {}
                _ => return None,
            }
        }
        uses.functions.sort_unstable();
        uses.functions.dedup();
        Some(uses)
    }
}

/// A forward reference, as opposed to prose.
fn is_name_alone(text: &str, mention: &Mention) -> bool {
    let words = text.get(range(mention.span)).unwrap_or_default().trim_matches(['"', '\'']);
    words.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ',' | '|' | ' '))
        && words.split_whitespace().all(|word| word.ends_with([',', '|']) || words.split_whitespace().count() == 1)
}

/// The name out of its import, with an import under `TYPE_CHECKING` in its place where one is given.
fn taken_out(facts: &Facts, file: &Path, summary: &Summary, found: &Found, guarded: Option<&str>) -> Option<Vec<Edit>> {
    let text = facts.text(file)?;
    let start = found.statement.start as usize;
    let guard = guarded.map_or_else(String::new, |import| {
        let known = imports(facts, file, "typing", Some("TYPE_CHECKING"));
        let bound = known.iter().any(|known| known.statement.end <= found.statement.start);
        let first = if bound { "" } else { "from typing import TYPE_CHECKING\n" };
        format!("{first}if TYPE_CHECKING:\n    {import}")
    });
    if is_alone(summary, found) {
        let whole = if guard.is_empty() { lines::of_statement } else { lines::whole };
        return Some(vec![replace(facts, file, whole(&text, found.statement)?, guard)]);
    }
    let mut edits = vec![replace(facts, file, item_span(&text, found.statement, found.reference.span)?, "")];
    if !guard.is_empty() {
        edits.push(replace(facts, file, span(start, start), guard));
    }
    Some(edits)
}

/// Whether the statement imports nothing else.
fn is_alone(summary: &Summary, found: &Found) -> bool {
    summary.imports.iter().filter(|other| found.statement.holds(other.span)).count() == 1
}

/// COL015: imports the module instead, which nothing collects; or nothing, where the name is not used.
pub fn module_instead(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let file = facts.root.join(&*diagnostic.place.path);
    let own = *facts.graph.of_file(&file).first()?;
    let (module, text) = (facts.graph.module(own), facts.text(&file)?);
    let reference = module.summary.imports.iter().find(|import| import.span == diagnostic.place.span)?;
    let (taken, bound) = (reference.name?, reference.alias.or(reference.name)?);
    let bound = module.summary.text(bound);
    let home = module.absolute(reference)?;
    let found = imports(facts, &file, &home, Some(module.summary.text(taken)));
    let found = found.into_iter().find(|found| found.reference.span == reference.span)?;
    let top = reference.kind == ImportKind::Plain && lines::indent(&text, found.statement.start as usize)?.is_empty();
    if !top || is_offered(facts, own, bound) {
        return None;
    }
    let said = mentions::of(&text, bound)?;
    let uses: Vec<&Mention> = said.all.iter().filter(|mention| !found.statement.holds(mention.span)).collect();
    let plain = |mention: &&Mention| matches!(mention.role, Role::Load | Role::Annotation | Role::Other);
    if !uses.iter().all(plain) {
        return None;
    }
    let uses: Vec<Span> = uses.into_iter().filter(|mention| mention.role != Role::Other).map(|m| m.span).collect();
    if uses.is_empty() {
        let edits = taken_out(facts, &file, &module.summary, &found, None)?;
        return Some(Fix { title: format!("remove the import of {bound}"), safety: Safety::Safe, edits });
    }
    let (import, tail) = module_import(facts, &home, text.get(range(module_span(&text, found.statement)?))?)?;
    let clash =
        |mention: &Mention| !found.statement.holds(mention.span) && !matches!(mention.role, Role::Other | Role::Text);
    if mentions::of(&text, tail)?.all.iter().any(clash) {
        return None;
    }
    let attribute = format!("{tail}.{}", module.summary.text(taken));
    let mut edits: Vec<Edit> = uses.into_iter().map(|at| replace(facts, &file, at, attribute.as_str())).collect();
    if is_alone(&module.summary, &found) {
        edits.push(replace(facts, &file, found.statement, import));
    } else {
        let start = found.statement.start as usize;
        edits.push(replace(facts, &file, span(start, start), format!("{import}\n")));
        edits.push(replace(facts, &file, item_span(&text, found.statement, reference.span)?, ""));
    }
    Some(Fix { title: format!("import {tail} instead of {bound}"), safety: Safety::Safe, edits })
}

/// The statement that imports a module as the last part of its name, and that part. `written` is how a `from` import
/// names it.
fn module_import<'w>(facts: &Facts, home: &str, written: &'w str) -> Option<(String, &'w str)> {
    let (package, tail) = match written.rsplit_once('.') {
        None => return Some((format!("import {written}"), written)),
        Some((package, tail)) if package.is_empty() || package.ends_with('.') => (format!("{package}."), tail),
        Some((package, tail)) => (package.to_owned(), tail),
    };
    let parent = home.rsplit_once('.').and_then(|(parent, _)| facts.graph.named(parent));
    let hidden =
        parent.is_some_and(|parent| facts.graph.module(parent).exports().bindings.iter().any(|b| b.name == tail));
    (!tail.is_empty() && !hidden).then(|| (format!("from {package} import {tail}"), tail))
}
