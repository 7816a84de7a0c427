//! Why a module lacks what is asked of it, where that is more than "nobody binds it".

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Facts;
use super::fault::{FaultKind, Hidden};
use super::origin::{self, Origin, distributions, requirement, top_level};
use crate::environment::normalise;
use crate::graph::exports::{Binding, Exports, Guard, Unbound};
use crate::machine::{Cause, Raised};
use crate::python::location::Location;
use crate::python::stdlib;

/// Module and name of a failure that lacks a name.
#[must_use]
pub fn name_of(cause: &Cause) -> Option<(&str, &str)> {
    match cause {
        Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. } => {
            Some((module.as_str(), name.as_str()))
        }
        _ => None,
    }
}

/// A name that a module of the project writes down and does not have when it is asked.
#[must_use]
pub fn written(facts: &Facts, module: &str, name: &str) -> Option<FaultKind> {
    let exports = facts.graph.module(facts.graph.named(module)?).exports();
    let bound: Vec<&Binding> = exports.bindings.iter().filter(|binding| binding.name == name).collect();
    if bound.iter().any(|binding| binding.guard == Guard::TypeChecking)
        && !bound.iter().any(|binding| binding.guard.runs())
    {
        return Some(FaultKind::TypeCheckingOnly);
    }
    if unbound(exports, name).is_some() {
        return Some(FaultKind::UnboundName);
    }
    branch(exports, name).map(|_| FaultKind::BranchNotTaken)
}

/// The statement that takes the name away last, if no binding follows it.
#[must_use]
pub fn unbound<'e>(exports: &'e Exports, name: &str) -> Option<&'e Unbound> {
    let last = exports.unbound.iter().rev().find(|unbound| unbound.name == name)?;
    let after = exports.bindings.iter().any(|b| b.name == name && b.guard.runs() && b.span.start > last.span.start);
    (!after).then_some(last)
}

/// The binding under a condition that does not hold; none if some binding stands under none.
#[must_use]
pub fn branch<'e>(exports: &'e Exports, name: &str) -> Option<&'e Binding> {
    let mut bound = exports.bindings.iter().filter(|b| b.name == name && b.guard != Guard::TypeChecking);
    let first = bound.next()?;
    let conditional = |b: &&Binding| !b.branches.is_empty();
    (conditional(&first) && bound.all(|b| conditional(&b))).then_some(first)
}

/// Whether the failing statement is a star import of the module: then its `__all__` is wrong.
#[must_use]
pub fn is_star(facts: &Facts, raised: &Raised) -> bool {
    let Some(frame) = raised.frames.last() else { return false };
    let Some(summary) = facts.summary(&frame.file) else { return false };
    let inside = |span: crate::base::span::Span| frame.span.start <= span.start && span.end <= frame.span.end;
    summary
        .imports
        .iter()
        .any(|import| inside(import.span) && import.name.is_some_and(|name| summary.text(name) == "*"))
}

/// Whether a package has a submodule of that name on disk, loaded or not.
#[must_use]
pub fn has_submodule(facts: &Facts, module: &str, file: Option<&Arc<PathBuf>>, name: &str) -> bool {
    let full = format!("{module}.{name}");
    if facts.graph.named(&full).is_some() {
        return true;
    }
    if facts.origin(module) == Origin::Stdlib {
        return stdlib::exists(&full, facts.environment.version, facts.environment.platform);
    }
    let Some(file) = file.filter(|file| file.ends_with("__init__.py")) else { return false };
    let Some(directory) = file.parent() else { return false };
    let found = facts.source.find(&[Arc::new(directory.to_path_buf())], name);
    matches!(found, Location::Package { .. } | Location::Module(_) | Location::Extension { .. })
}

/// The module whose name differs from the missing one in case alone.
#[must_use]
pub fn real_case(facts: &Facts, missing: &str) -> Option<String> {
    let mut same = facts.graph.names_alike(missing).filter(|name| *name != missing);
    let top = top_level(missing);
    if top != missing {
        return same.next().map(str::to_owned);
    }
    if !distributions(facts, top).is_empty() || requirement(facts, top).is_some() {
        // Somebody else's module that is not installed, not a misspelt one of ours.
        return installed_case(facts, top);
    }
    same.next()
        .filter(|name| facts.source.find(facts.search_directories(), name).is_found())
        .map(str::to_owned)
        .or_else(|| installed_case(facts, top))
}

/// The same among installed packages.
fn installed_case(facts: &Facts, top: &str) -> Option<String> {
    let mut found = None;
    for directory in &facts.environment.site {
        for (entry, _) in facts.source.entries(&directory.path).unwrap_or_default() {
            let stem = entry.strip_suffix(".py").unwrap_or(&entry);
            if stem != top && stem.eq_ignore_ascii_case(top) {
                let real = facts.source.find(&[Arc::new(directory.path.clone())], stem);
                found = found.or_else(|| real.is_found().then(|| stem.to_owned()));
            }
        }
    }
    found
}

/// The stub that has the missing module.
#[must_use]
pub fn stub_of_module(facts: &Facts, missing: &str) -> Option<PathBuf> {
    let (folders, tail) = match missing.rsplit_once('.') {
        Some((parent, tail)) => {
            let parent = facts.graph.module(facts.graph.named(parent)?);
            (vec![parent.file.parent()?.to_path_buf()], tail)
        }
        None => (facts.search_directories().iter().map(|folder| folder.to_path_buf()).collect(), missing),
    };
    let files =
        folders.iter().flat_map(|folder| [folder.join(format!("{tail}.pyi")), folder.join(tail).join("__init__.pyi")]);
    files.into_iter().find(|file| facts.source.is_project(file) && facts.source.is_file(file))
}

/// The stub beside a module, if it has a name that the module lacks.
#[must_use]
pub fn stub_of_name(facts: &Facts, module: &str, name: &str) -> Option<PathBuf> {
    let module = facts.graph.module(facts.graph.named(module)?);
    let stub = module.file.with_extension("pyi");
    if !facts.source.is_file(&stub) {
        return None;
    }
    let exports = Exports::of(&*facts.summary(&stub)?);
    exports.bindings.iter().any(|binding| binding.name == name).then_some(stub)
}

/// What a module of the project hides, if that has what was asked for: a name, or a submodule.
#[must_use]
pub fn hides(facts: &Facts, module: &str, name: &str) -> Option<Hidden> {
    let top = top_level(module);
    let index = facts.graph.named(top)?;
    if !facts.source.is_project(&facts.graph.module(index).file) {
        return None;
    }
    let environment = facts.environment;
    if stdlib::exists(top, environment.version, environment.platform) {
        let has = stdlib::module(module, environment.version, environment.platform)
            .is_some_and(|found| found.get(name).is_some());
        let submodule = stdlib::exists(&format!("{module}.{name}"), environment.version, environment.platform);
        return (has || submodule).then(|| Hidden::Stdlib(top.to_owned()));
    }
    let (hidden, file) = installed_behind(facts, top)?;
    let has = if module == top { offers(facts, &file, name) } else { inside(facts, &file, module) };
    has.then_some(hidden)
}

/// The installed module of the same top-level name, that is not the project itself, and its file.
#[must_use]
pub fn installed_behind(facts: &Facts, top: &str) -> Option<(Hidden, PathBuf)> {
    let site: Vec<Arc<PathBuf>> = facts.environment.site.iter().map(|entry| Arc::new(entry.path.clone())).collect();
    let found = facts.source.find(&site, top);
    let file = match &found {
        Location::Extension { file, .. } => file.clone(),
        other => other.source()?.clone(),
    };
    if facts.source.is_project(&file) {
        return None;
    }
    let own = facts.environment.declared.project_name.as_deref().map(normalise);
    let provider = facts.environment.providers(top).next();
    if provider.is_some_and(|provider| provider.editable || Some(&provider.key) == own.as_ref()) {
        return None;
    }
    let name = provider.map(|provider| facts.environment.display_name(provider).to_owned());
    Some((Hidden::Installed(top.to_owned(), name), file.to_path_buf()))
}

fn offers(facts: &Facts, file: &Path, name: &str) -> bool {
    let bound =
        facts.summary(file).is_some_and(|summary| Exports::of(&summary).bindings.iter().any(|b| b.name == name));
    bound || inside_package(facts, file, name)
}

/// Whether the installed package has the rest of a dotted name.
fn inside(facts: &Facts, file: &Path, module: &str) -> bool {
    let Some((_, rest)) = module.split_once('.') else { return true };
    inside_package(facts, file, rest.split('.').next().unwrap_or(rest))
}

fn inside_package(facts: &Facts, file: &Path, tail: &str) -> bool {
    let Some(directory) = file.parent().filter(|_| file.ends_with("__init__.py")) else { return false };
    facts.source.find(&[Arc::new(directory.to_path_buf())], tail).is_found()
}

/// The reason why a missing name is missing, for a failure that names one.
#[must_use]
pub fn of_name(facts: &Facts, module: &str, name: &str) -> Option<FaultKind> {
    if let Some(hidden) = hides(facts, module, name) {
        return Some(FaultKind::Shadows { hidden });
    }
    if let Some(kind) = written(facts, module, name) {
        return Some(kind);
    }
    if let Some(real) = real_case(facts, &format!("{module}.{name}")) {
        return Some(FaultKind::WrongCase { real });
    }
    stub_of_name(facts, module, name).map(|stub| FaultKind::StubOnly { stub })
}

/// The same for a missing module.
#[must_use]
pub fn of_module(facts: &Facts, missing: &str) -> Option<FaultKind> {
    if let Some((parent, tail)) = missing.rsplit_once('.')
        && let Some(hidden) = hides(facts, parent, tail)
    {
        return Some(FaultKind::Shadows { hidden });
    }
    if let Some(real) = real_case(facts, missing) {
        return Some(FaultKind::WrongCase { real });
    }
    if origin::of(facts, top_level(missing)) == Origin::Stdlib {
        return None;
    }
    stub_of_module(facts, missing).map(|stub| FaultKind::StubOnly { stub })
}
