//! Fixtures: those that go (FXT003, FXT011), and how they are declared and asked for (FXT001, FXT008, FXT009).

use std::path::Path;

use super::{lines, range, replace, span};
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Diagnostic, Edit, Fix, Place, Safety};
use crate::pytest::needs::{Need, Problem};
use crate::rules::Facts;
use crate::rules::words::nearest as nearest_of;
use crate::summary::program::{Expr, ExprKind, FunctionDef};
use crate::summary::{Definition, ProgramId, Summary, functions};
use crate::syntax::mentions::{self, Mention, Role};

/// FXT003: removes a copy of the fixture above it, with the blank lines behind it.
pub fn remove_copy(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    if diagnostic.certainty != Certainty::Certain || diagnostic.label != "reads the same" {
        return None;
    }
    let (file, summary) = definition_file(facts, diagnostic)?;
    let definition = definition(&summary, diagnostic)?;
    let edits = vec![removed(facts, &file, definition)?];
    Some(Fix { title: format!("remove the copy of {}", diagnostic.subject), safety: Safety::Unsafe, edits })
}

/// FXT011: removes the fixture, if nothing else says its function's name, and no name that is asked for in vain is spelt
/// alike.
pub fn remove_unused(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let (file, summary) = definition_file(facts, diagnostic)?;
    let definition = definition(&summary, diagnostic)?;
    let siblings = summary.definitions.iter().filter(|other| other.parent == definition.parent);
    if definition.parent.is_some() && siblings.count() < 2 {
        return None;
    }
    let name = summary.text(definition.name);
    let meant = |need: &Need| match &need.problem {
        Problem::NotFound { name, .. } => !nearest_of(name.as_str(), [diagnostic.subject.as_str()]).is_empty(),
        _ => false,
    };
    if facts.needs().iter().any(meant) {
        return None;
    }
    let outside = |mention: &Mention| !definition.span.holds(mention.span);
    let text = facts.text(&file)?;
    if mentions::of(&text, name)?.all.iter().any(outside) || is_said_elsewhere(facts, &file, name) {
        return None;
    }
    let edits = vec![removed(facts, &file, definition)?];
    Some(Fix { title: format!("remove {}", diagnostic.subject), safety: Safety::Unsafe, edits })
}

/// Whether a module that imports the file says the name.
fn is_said_elsewhere(facts: &Facts, file: &Path, name: &str) -> bool {
    let importers = facts.graph.of_file(file).iter().flat_map(|index| facts.graph.importers(*index));
    let says = |text: &str| text.contains(name);
    importers.into_iter().any(|(index, _)| facts.text(&facts.graph.module(index).file).is_none_or(|text| says(&text)))
}

fn definition_file(facts: &Facts, diagnostic: &Diagnostic) -> Option<(std::path::PathBuf, std::sync::Arc<Summary>)> {
    let file = facts.root.join(&*diagnostic.place.path);
    let summary = facts.summary(&file)?;
    Some((file, summary))
}

fn definition<'s>(summary: &'s Summary, diagnostic: &Diagnostic) -> Option<&'s Definition> {
    summary.definitions.iter().find(|known| known.name_span == diagnostic.place.span)
}

/// A definition taken out; one in a block may be all that the block holds.
fn removed(facts: &Facts, file: &Path, definition: &Definition) -> Option<Edit> {
    let text = facts.text(file)?;
    let is_nested = !lines::indent(&text, definition.span.start as usize)?.is_empty();
    if is_nested != definition.parent.is_some() {
        return None;
    }
    Some(replace(facts, file, lines::of_statement(&text, definition.span)?, ""))
}

/// FXT008: the scope that is spelt alike.
pub fn known_scope(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let near = diagnostic.suggestions.first()?;
    let (fixture, wrong) = diagnostic.subject.rsplit_once(' ')?;
    let fault = facts.faults.get(diagnostic.fault?)?;
    let summary = facts.summary(&fault.file)?;
    let program = summary.program(ProgramId::MODULE);
    let functions = functions(&program).into_iter().filter(|def| summary.text(def.name) == fixture);
    let mut scopes = functions.flat_map(|def| &def.decorators).filter_map(|decorator| scope(&summary, decorator));
    let given = scopes.find(|given| matches!(given.kind, ExprKind::Str(text) if summary.text(text) == wrong))?;
    let inside = quoted(&facts.text(&fault.file)?, given.span, wrong)?;
    let edits = vec![replace(facts, &fault.file, inside, near.as_str())];
    Some(Fix { title: format!("give it the scope {near}"), safety: Safety::Unsafe, edits })
}

/// What a decorator gives for `scope`.
fn scope<'e>(summary: &Summary, decorator: &'e Expr) -> Option<&'e Expr> {
    let ExprKind::Call(call) = &decorator.kind else { return None };
    let is_scope = |name: &Option<crate::summary::Sym>| name.is_some_and(|name| summary.text(name) == "scope");
    call.keywords.iter().find(|(name, _)| is_scope(name)).map(|(_, value)| value)
}

/// The inside of a plain literal.
fn quoted(text: &str, literal: Span, value: &str) -> Option<Span> {
    let words = text.get(range(literal))?;
    let quote = words.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let plain = words.strip_prefix(quote)?.strip_suffix(quote)? == value;
    plain.then(|| Span::new(literal.start + 1, literal.end - 1))
}

/// FXT009: takes off the marks, which do nothing there.
pub fn without_marks(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let file = match diagnostic.fault {
        Some(fault) => facts.faults.get(fault)?.file.to_path_buf(),
        None => facts.root.join(&*diagnostic.place.path),
    };
    let summary = facts.summary(&file)?;
    let text = facts.text(&file)?;
    let program = summary.program(ProgramId::MODULE);
    let at = diagnostic.place.span.start;
    let is_it = |def: &&&FunctionDef| {
        def.decorators.first().is_some_and(|first| first.span.start <= at + 1 && at < def.name_span.end)
    };
    let def = *functions(&program).iter().find(is_it)?;
    let marks = def.decorators.iter().filter(|decorator| is_mark(&summary, decorator));
    let edits: Option<Vec<Edit>> =
        marks.map(|mark| Some(replace(facts, &file, decorator_lines(&text, mark.span)?, ""))).collect();
    let title = format!("take the marks off {}", summary.text(def.name));
    Some(Fix { title, safety: Safety::Safe, edits: edits? })
}

/// `pytest.mark.slow`, `mark.slow(...)`
fn is_mark(summary: &Summary, decorator: &Expr) -> bool {
    match &decorator.kind {
        ExprKind::Call(call) => is_mark(summary, &call.function),
        ExprKind::Attribute { value, .. } => match &value.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => summary.text(*name) == "mark",
            _ => false,
        },
        _ => false,
    }
}

/// The lines of a decorator; a comment behind it stays.
fn decorator_lines(text: &str, decorator: Span) -> Option<Span> {
    let at = text[..decorator.start as usize].trim_end_matches([' ', '\t']).strip_suffix('@')?.len();
    let indent = lines::indent(text, at)?;
    let rest = &text[decorator.end as usize..];
    let behind = rest.trim_start_matches([' ', '\t']);
    if behind.starts_with('#') {
        return Some(span(at, text.len() - behind.len()));
    }
    let line_end = if behind.starts_with("\r\n") { 2 } else { 1 };
    behind.starts_with(['\n', '\r']).then(|| span(at - indent.len(), text.len() - behind.len() + line_end))
}

/// FXT001: asks for the fixture in reach that is spelt alike, where none of the wanted name exists anywhere.
pub fn nearest(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let near = diagnostic.suggestions.first()?;
    if diagnostic.facts.iter().any(|(label, _)| matches!(*label, "lives" | "asked by")) {
        return None;
    }
    let others = diagnostic.related.iter().map(|label| &label.place);
    let mut edits = Vec::new();
    for place in [&diagnostic.place].into_iter().chain(others) {
        edits.extend(renamed(facts, place, &diagnostic.subject, near)?);
    }
    Some(Fix { title: format!("ask for {near}"), safety: Safety::Unsafe, edits })
}

/// A request under another name: the text in `usefixtures`, or the argument with all uses of it.
fn renamed(facts: &Facts, place: &Place, name: &str, near: &str) -> Option<Vec<Edit>> {
    let file = facts.root.join(&*place.path);
    let text = facts.text(&file)?;
    if let Some(inside) = quoted(&text, place.span, name) {
        return Some(vec![replace(facts, &file, inside, near)]);
    }
    let found = mentions::of(&text, name)?;
    let function = found.functions.iter().find(|function| function.span.holds(place.span))?.span;
    let inside: Vec<&Mention> = found.all.iter().filter(|mention| function.holds(mention.span)).collect();
    let argument = inside.iter().find(|mention| mention.role == Role::Parameter)?;
    let known = |mention: &&Mention| {
        mention.span == argument.span || matches!(mention.role, Role::Load | Role::Other | Role::Text)
    };
    let taken = mentions::of(&text, near)?
        .all
        .iter()
        .any(|mention| function.holds(mention.span) && !matches!(mention.role, Role::Other | Role::Text));
    if argument.span != place.span || argument.function.is_some() || !inside.iter().all(known) || taken {
        return None;
    }
    let uses = inside.into_iter().filter(|mention| matches!(mention.role, Role::Parameter | Role::Load));
    Some(uses.map(|mention| replace(facts, &file, mention.span, near)).collect())
}
