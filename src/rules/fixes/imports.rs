//! Import statements rewritten: another name, another module, a name taken out of a list.

use std::path::{Path, PathBuf};

use super::{range, replace, span};
use crate::base::span::Span;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::machine::Cause;
use crate::python::replacements::replacement;
use crate::python::stdlib;
use crate::rules::fault::FaultKind;
use crate::rules::{Facts, lacking};
use crate::summary::program::{self, OpKind};
use crate::summary::{ImportRef, ProgramId, Summary};

/// One imported name with its statement.
pub(super) struct Found {
    pub(super) reference: ImportRef,
    pub(super) statement: Span,
}

/// Files in which the cause of a finding strikes.
fn files(facts: &Facts, diagnostic: &Diagnostic) -> Vec<PathBuf> {
    let fault = diagnostic.fault.and_then(|index| facts.faults.get(index));
    let sites = fault.map_or(&[][..], |fault| &fault.sites).iter().chain([&diagnostic.place]);
    let labels = diagnostic.related.iter().map(|label| &label.place);
    let mut files: Vec<PathBuf> = sites.chain(labels).map(|place| facts.root.join(&*place.path)).collect();
    files.sort();
    files.dedup();
    files.retain(|file| facts.source.is_project(file));
    files
}

/// Imports of a file whose absolute module is `module`; of one name of it, or of the module itself.
pub(super) fn imports(facts: &Facts, file: &Path, module: &str, name: Option<&str>) -> Vec<Found> {
    let Some(&index) = facts.graph.of_file(file).first() else { return Vec::new() };
    let own = facts.graph.module(index);
    let summary = &own.summary;
    let is_it = |reference: &&ImportRef| {
        let named = reference.name.map(|name| summary.text(name));
        own.absolute(reference).as_deref() == Some(module) && name.is_none_or(|name| named == Some(name))
    };
    let wanted: Vec<ImportRef> = summary.imports.iter().filter(is_it).copied().collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let statements = statements(summary);
    let holder = |reference: &ImportRef| {
        statements.iter().find(|span| span.start <= reference.span.start && reference.span.end <= span.end).copied()
    };
    wanted.into_iter().filter_map(|reference| Some(Found { statement: holder(&reference)?, reference })).collect()
}

/// All import statements of a file, function bodies included.
fn statements(summary: &Summary) -> Vec<Span> {
    let mut found = Vec::new();
    for id in 0..summary.programs.len() {
        let program = summary.program(ProgramId(u32::try_from(id).unwrap_or(u32::MAX)));
        program::walk(&program.body, &mut |op| {
            if matches!(op.kind, OpKind::Import { .. } | OpKind::ImportFrom { .. }) {
                found.push(op.span);
            }
        });
    }
    found
}

/// IMP002, IMP013: the name under its right spelling, bound as before.
pub fn rename(facts: &Facts, diagnostic: &Diagnostic, near: &str, safety: Safety) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?);
    let (module, name) = match fault.map(|fault| &fault.raised.cause) {
        Some(Cause::MissingName { module, name, .. }) => (module.as_str(), name.as_str()),
        _ => return None,
    };
    let mut edits = Vec::new();
    for file in files(facts, diagnostic) {
        for found in imports(facts, &file, module, Some(name)) {
            let new = match found.reference.alias {
                Some(_) => near.to_owned(),
                None => format!("{near} as {name}"),
            };
            edits.push(replace(facts, &file, found.reference.span, new));
        }
    }
    Some(Fix { title: format!("import {near} from {module}"), safety, edits })
}

/// IMP002: the nearest name that the module has.
pub fn nearest_name(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let (module, _) = diagnostic.subject.rsplit_once('.')?;
    let near = diagnostic.suggestions.first()?;
    let offered = facts.graph.named(module).map(|index| facts.graph.offered(index))?;
    offered.contains(near).then(|| rename(facts, diagnostic, near, Safety::Unsafe)).flatten()
}

/// IMP003: imports the name from the module that defines it.
pub fn from_home(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let FaultKind::NotReexported { home } = &fault.kind else { return None };
    let Cause::MissingName { module, name, .. } = &fault.raised.cause else { return None };
    let mut edits = Vec::new();
    for file in files(facts, diagnostic) {
        for found in imports(facts, &file, module.as_str(), Some(name.as_str())) {
            edits.extend(moved(facts, &file, &found, home, name.as_str())?);
        }
    }
    Some(Fix { title: format!("import {name} from {home}"), safety: Safety::Safe, edits })
}

/// One name imported from another module: the statement's module changes if it imports nothing else, or else the name
/// gets a statement of its own.
fn moved(facts: &Facts, file: &Path, found: &Found, home: &str, name: &str) -> Option<Vec<Edit>> {
    let text = facts.text(file)?;
    let summary = facts.summary(file)?;
    let module = module_span(&text, found.statement)?;
    let shown = spelt(facts, file, &found.reference, home);
    let siblings = summary
        .imports
        .iter()
        .filter(|other| found.statement.start <= other.span.start && other.span.end <= found.statement.end);
    if siblings.count() == 1 {
        return Some(vec![replace(facts, file, module, shown)]);
    }
    let start = found.statement.start as usize;
    let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent = &text[line..start];
    if !indent.trim().is_empty() {
        return None;
    }
    let alias = found.reference.alias.map_or_else(String::new, |alias| format!(" as {}", summary.text(alias)));
    let own = format!("{indent}from {shown} import {name}{alias}\n");
    let item = item_span(&text, found.statement, found.reference.span)?;
    Some(vec![replace(facts, file, span(line, line), own), replace(facts, file, item, "")])
}

/// The module of a `from` import as written, dots included.
pub(super) fn module_span(text: &str, statement: Span) -> Option<Span> {
    let words = text.get(range(statement))?;
    let rest = words.strip_prefix("from")?;
    let start = 4 + rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let length = words[start..].find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))?;
    let behind = words[start + length..].trim_start_matches([' ', '\t']);
    let at = statement.start as usize + start;
    (length > 0 && behind.starts_with("import")).then(|| span(at, at + length))
}

/// A module as the statement would spell it: with dots where it had some and they still lead there.
fn spelt(facts: &Facts, file: &Path, reference: &ImportRef, module: &str) -> String {
    let own = facts.graph.of_file(file).first().map(|index| facts.graph.module(*index));
    let base = own.filter(|_| reference.level > 0).and_then(|own| own.absolute_name(reference.level, ""));
    let tail = base.and_then(|base| module.strip_prefix(&base).map(str::to_owned));
    match tail.as_deref().and_then(|tail| tail.strip_prefix('.')) {
        Some(tail) => format!("{}{tail}", ".".repeat(reference.level as usize)),
        None => module.to_owned(),
    }
}

/// One item of a list of names, with its alias, its comma and the space that goes with it. None where a comment or a
/// backslash stands close by.
pub(super) fn item_span(text: &str, list: Span, item: Span) -> Option<Span> {
    let (start, mut end) = (item.start as usize, item.end as usize);
    let inside = text.get(end..list.end as usize)?;
    let item_end = inside.find([',', ')', '#', '\n', '\r', '\\', ';', ']']).unwrap_or(inside.len());
    if inside[item_end..].starts_with(['#', '\\']) {
        return None;
    }
    end += inside[..item_end].trim_end().len();
    let head = text[list.start as usize..start].trim_end_matches([' ', '\t']);
    let tail = text[end..list.end as usize].trim_start_matches([' ', '\t']);
    let opens_line = head.ends_with(['\n', '\r']);
    if let Some(rest) = tail.strip_prefix(',') {
        let comma = list.end as usize - rest.len();
        let behind = rest.trim_start_matches([' ', '\t']);
        if behind.starts_with('#') {
            return None;
        }
        if opens_line && behind.starts_with(['\n', '\r']) {
            // A line of its own goes with its line end.
            let line_end = if behind.starts_with("\r\n") { 2 } else { 1 };
            return Some(span(list.start as usize + head.len(), list.end as usize - behind.len() + line_end));
        }
        let stays = if behind.starts_with(['\n', '\r']) { comma } else { list.end as usize - behind.len() };
        return Some(span(start, stays));
    }
    // The last one: the comma in front of it goes.
    let before = head.trim_end_matches([' ', '\t', '\n', '\r']).strip_suffix(',')?;
    Some(span(list.start as usize + before.len(), end))
}

/// IMP001, IMP013: another module in its place, that has all that is imported from it.
pub fn other_module(facts: &Facts, diagnostic: &Diagnostic, near: &str, safety: Safety) -> Option<Fix> {
    let missing = diagnostic.subject.as_str();
    let target = facts.graph.named(near)?;
    let offered = facts.graph.offered(target);
    let mut edits: Vec<Edit> = Vec::new();
    for file in files(facts, diagnostic) {
        let text = facts.text(&file)?;
        let summary = facts.summary(&file)?;
        for found in imports(facts, &file, missing, None) {
            let place = match found.reference.name {
                Some(name) if offered.iter().any(|known| known == summary.text(name)) => {
                    module_span(&text, found.statement)?
                }
                None if found.reference.alias.is_some() => found.reference.span,
                _ => return None,
            };
            let edit = replace(facts, &file, place, spelt(facts, &file, &found.reference, near));
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
    }
    Some(Fix { title: format!("import {near} instead"), safety, edits })
}

/// IMP013: the right case, of a module or of a name that is one.
pub fn right_case(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let FaultKind::WrongCase { real } = &fault.kind else { return None };
    if lacking::name_of(&fault.raised.cause).is_some() {
        let near = real.rsplit('.').next().unwrap_or(real);
        return rename(facts, diagnostic, near, Safety::Safe);
    }
    other_module(facts, diagnostic, real, Safety::Safe)
}

/// IMP009: takes the name out of `__all__`.
pub fn unlisted(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let (module, name) = diagnostic.subject.rsplit_once('.')?;
    let module = facts.graph.module(facts.graph.named(module)?);
    let (_, listed) = module.exports().all_spans.iter().find(|(listed, _)| listed == name)?;
    let text = facts.text(&module.file)?;
    // The list ends at its bracket, which is the next one: names hold none.
    let end = listed.end as usize + text.get(listed.end as usize..)?.find([']', ')'])?;
    let start = text[..listed.start as usize].rfind(['[', '('])?;
    let alone = text[start + 1..end].trim_matches(|c: char| c.is_whitespace() || c == ',').len()
        == (listed.end - listed.start) as usize;
    let gone = if alone { span(start + 1, end) } else { item_span(&text, span(start, end), *listed)? };
    let edits = vec![replace(facts, &module.file, gone, "")];
    Some(Fix { title: format!("take {name} out of __all__"), safety: Safety::Safe, edits })
}

/// IMP011: imports the submodule beside its package.
pub fn submodule(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let full = diagnostic.subject.as_str();
    let (package, _) = full.rsplit_once('.')?;
    let file = facts.root.join(&*diagnostic.place.path);
    let found = imports(facts, &file, package, None).into_iter().find(|found| found.reference.name.is_none())?;
    let text = facts.text(&file)?;
    let start = found.statement.start as usize;
    let line = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let indent = text[line..start].to_owned();
    let end = found.statement.end as usize;
    if !indent.trim().is_empty() {
        return None;
    }
    let end = end + text[end..].find(['\n', '\r']).unwrap_or(text.len() - end);
    let edits = vec![replace(facts, &file, span(end, end), format!("\n{indent}import {full}"))];
    Some(Fix { title: format!("import {full}"), safety: Safety::Safe, edits })
}

/// IMP007: without the dot; pytest puts the directory of such a file on `sys.path`.
pub fn without_dots(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let file = &*fault.file;
    let text = facts.text(file)?;
    let at = module_span(&text, fault.span)?;
    let tail = text.get(range(at))?.strip_prefix('.')?;
    let sibling = file.parent()?.join(tail.split('.').next()?);
    let there =
        facts.source.is_file(&sibling.with_extension("py")) || facts.source.is_file(&sibling.join("__init__.py"));
    let edits = vec![replace(facts, file, at, tail)];
    let usable = !tail.is_empty() && !tail.starts_with('.') && there;
    usable.then(|| Fix { title: format!("import {tail} without the dot"), safety: Safety::Unsafe, edits })
}

/// IMP015: what stands in for a module or name of the library now.
pub fn replaced(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let subject = diagnostic.subject.as_str();
    let new = replacement(subject)?;
    let new = new.as_str();
    let (version, platform) = (facts.environment.version, facts.environment.platform);
    let fault = facts.faults.get(diagnostic.fault?)?;
    let mut edits = Vec::new();
    for file in files(facts, diagnostic) {
        let text = facts.text(&file)?;
        let summary = facts.summary(&file)?;
        if let Cause::MissingModule { .. } = &fault.raised.cause {
            let target = stdlib::module(new, version, platform)?;
            for found in imports(facts, &file, subject, None) {
                let edit = match found.reference.name {
                    Some(name) if target.get(summary.text(name)).is_some() => {
                        replace(facts, &file, module_span(&text, found.statement)?, new)
                    }
                    Some(_) => return None,
                    None if found.reference.alias.is_some() => replace(facts, &file, found.reference.span, new),
                    None => replace(facts, &file, found.reference.span, format!("{new} as {subject}")),
                };
                if !edits.contains(&edit) {
                    edits.push(edit);
                }
            }
        } else if let Cause::MissingName { module, name, .. } = &fault.raised.cause {
            let (home, other) = new.rsplit_once('.')?;
            stdlib::module(home, version, platform)?.get(other)?;
            for found in imports(facts, &file, module.as_str(), Some(name.as_str())) {
                let renamed = found.reference.alias.is_none() && other != name.as_str();
                let shown = if renamed { format!("{other} as {name}") } else { other.to_owned() };
                let own = if home == module.as_str() { Vec::new() } else { moved(facts, &file, &found, home, &shown)? };
                // A statement of its own has the name already; one that stays gets it.
                if own.len() < 2 && shown != name.as_str() {
                    edits.push(replace(facts, &file, found.reference.span, shown));
                }
                edits.extend(own);
            }
        }
    }
    Some(Fix { title: format!("use {new}"), safety: Safety::Unsafe, edits })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, name: &str) -> Option<String> {
        let start = text.rfind(name)?;
        let list = span(0, text.trim_end().len());
        let gone = range(item_span(text, list, span(start, start + name.len()))?);
        Some(format!("{}{}", &text[..gone.start], &text[gone.end..]))
    }

    #[test]
    fn one_name_leaves_a_list() {
        let left = |text: &str| without(text, "zz").expect("can be taken out");
        assert_eq!(left("from a import zz, b\n"), "from a import b\n");
        assert_eq!(left("from a import b, zz\n"), "from a import b\n");
        assert_eq!(left("from a import b, zz as q, c\n"), "from a import b, c\n");
        assert_eq!(left("from a import (\n    b,\n    zz,\n    c,\n)\n"), "from a import (\n    b,\n    c,\n)\n");
        assert_eq!(left("from a import (b,\r\n    zz)\r\n"), "from a import (b)\r\n");
        assert_eq!(without("from a import (\n    zz,  # why\n    c)\n", "zz"), None, "comments stay");
    }

    #[test]
    fn the_module_of_a_statement_is_found() {
        let module = |text: &str| module_span(text, span(0, text.len())).map(|at| text[range(at)].to_owned());
        assert_eq!(module("from  ..a.b import c").as_deref(), Some("..a.b"));
        assert_eq!(module("from . import c").as_deref(), Some("."));
        assert_eq!(module("from a \\\n import c"), None);
        assert_eq!(module("import c"), None);
    }
}
