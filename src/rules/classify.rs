//! Which rule a failure belongs to.

use std::path::PathBuf;
use std::sync::Arc;

use super::Facts;
use super::fault::{Dependency, FaultKind};
use super::lacking;
use super::origin::{self, Origin};
use crate::base::intern::Name;
use crate::graph::HomeKind;
use crate::machine::{Cause, Frame, Raised};
use crate::python::effects::{self, EffectKind, EffectVerdict};
use crate::python::stdlib;
use crate::summary::ProblemKind;

/// The kind of a failure.
#[must_use]
pub fn kind(facts: &Facts, raised: &Raised, hangs: bool, aborts: bool) -> FaultKind {
    if aborts && raised.frames.is_empty() && matches!(raised.cause, Cause::MissingModule { .. }) {
        return FaultKind::MissingPlugin;
    }
    match &raised.cause {
        Cause::Settings => return FaultKind::NotConfigured,
        Cause::DuplicateTable { .. } => return FaultKind::DuplicateTable,
        Cause::Other if raised.class.as_str().ends_with("Warning") => {
            return match unknown_mark(raised) {
                Some(mark) => FaultKind::UnknownMark { mark },
                None => FaultKind::WarningAsError,
            };
        }
        _ => {}
    }
    if let Some(dependency) = dependency(facts, raised) {
        return FaultKind::BrokenDependency(dependency);
    }
    if let Some(mark) = unknown_mark(raised) {
        return FaultKind::UnknownMark { mark };
    }
    match &raised.cause {
        Cause::MissingModule { missing, wanted, .. } => missing_module(facts, *missing, *wanted),
        Cause::MissingName { partial: true, .. } | Cause::MissingAttribute { partial: true, .. } => {
            FaultKind::FatalCycle
        }
        Cause::MissingName { module, name, .. } => missing_name(facts, *module, *name),
        Cause::MissingAttribute { module, file, name, .. } => {
            missing_attribute(facts, raised, (module.as_str(), name.as_str()), file.as_ref())
        }
        Cause::Variable(name) => FaultKind::VariableRequired { variable: name.as_str().to_owned() },
        Cause::File(path) => FaultKind::FileRequired { path: path.as_str().to_owned() },
        Cause::UndefinedName(_) => FaultKind::UndefinedName,
        Cause::Refused { file, problem } => {
            let problem = facts.summary(file).and_then(|summary| summary.problems.get(*problem).map(|p| p.kind));
            FaultKind::Refused(problem.unwrap_or(ProblemKind::Syntax))
        }
        Cause::RelativeNoPackage => FaultKind::RelativeNoPackage,
        Cause::RelativeBeyondTop => FaultKind::RelativeBeyondTop,
        Cause::Exit(name) if name.as_str().ends_with("pytest.exit") || raised.class.as_str() == "Exit" => {
            FaultKind::Effect("BLK009")
        }
        Cause::Exit(name) => FaultKind::Effect(exit_code(*name)),
        Cause::Blocking(id) => FaultKind::Effect(effects::by_id(id.as_str()).map_or("BLK007", code_of)),
        Cause::Loop => FaultKind::Effect("BLK006"),
        Cause::Skip { .. } => FaultKind::SkipOutsideTest,
        Cause::Other if raised.class.as_str() == "ImportPathMismatchError" => FaultKind::FileMismatch,
        Cause::Other if hangs => FaultKind::Effect("BLK007"),
        Cause::Settings => FaultKind::NotConfigured,
        Cause::DuplicateTable { .. } => FaultKind::DuplicateTable,
        Cause::Other if said(raised).is_some() => FaultKind::Said(said(raised).unwrap_or_default()),
        Cause::Other if aborts => FaultKind::ConftestRaises,
        Cause::Other => FaultKind::Raises,
    }
}

/// The rule for what pytest itself complains about, by its words.
fn said(raised: &Raised) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("in \"parametrize\" the number of names", "COL007"),
        ("in \"parametrize\" expected a sequence of values", "COL007"),
        ("function uses no argument", "COL008"),
        ("function uses no fixture", "COL008"),
        ("function already takes an argument", "COL008"),
        ("duplicate parametrization of", "COL009"),
        ("Empty parameter set in", "COL010"),
        ("'yield' keyword is allowed in fixtures, but not in tests", "COL012"),
        ("Defining 'pytest_plugins' in a non-top-level conftest", "CFG004"),
        ("Marks cannot be applied to fixtures", "FXT009"),
        ("Marks applied to fixtures have no effect", "FXT009"),
        (" called directly. Fixtures are not meant to be called directly", "FXT007"),
    ];
    let message = raised.message.as_deref()?;
    let class = raised.class.as_str();
    if class == "TypeError" && raised.frames.is_empty() && message.ends_with("has no len()") {
        return Some("COL007");
    }
    if class == "Failed" && message.starts_with("Fixture '") && message.contains("got an unexpected scope value") {
        return Some("FXT008");
    }
    let ours = matches!(class, "Failed" | "CollectError" | "ValueError" | "PytestRemovedIn9Warning");
    WORDS.iter().find(|(words, _)| ours && message.contains(words)).map(|(_, code)| *code)
}

/// The mark that pytest refuses, in either of its words.
#[must_use]
pub fn unknown_mark(raised: &Raised) -> Option<String> {
    let message = raised.message.as_deref()?;
    match raised.class.as_str() {
        "Failed" if message.contains("not found in `markers`") => Some(message.split('\'').nth(1)?.to_owned()),
        "PytestUnknownMarkWarning" => {
            let name = message.split("pytest.mark.").nth(1)?;
            Some(name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(name).to_owned())
        }
        _ => None,
    }
}

/// Parsing pytest's own arguments is told apart from other ways to end a process.
fn exit_code(name: Name) -> &'static str {
    let effect = effects::find(name.as_str()).or_else(|| effects::by_id(name.as_str()));
    effect.map_or("BLK001", code_of)
}

/// The rule that reports an effect.
#[must_use]
pub fn code_of(effect: &effects::Effect) -> &'static str {
    match effect.kind {
        EffectKind::Exit if effect.verdict == EffectVerdict::MayExit && effect.id != "exit.alarm" => "BLK008",
        EffectKind::Exit if effect.id == "exit.pytest-exit" => "BLK009",
        EffectKind::Exit => "BLK001",
        EffectKind::Sleep if effect.verdict == EffectVerdict::Blocks => "BLK007",
        EffectKind::Sleep => "BLK003",
        EffectKind::Stdin => "BLK005",
        EffectKind::Loop if effect.id == "loop.while-true" => "BLK006",
        EffectKind::Loop | EffectKind::Lock | EffectKind::Io => "BLK007",
        // Work handed to an executor is waited for, wherever it runs.
        EffectKind::Process if effect.id == "process.executor-results" => "BLK007",
        EffectKind::Process => "BLK004",
        EffectKind::Network | EffectKind::Broker | EffectKind::Download => "BLK002",
        EffectKind::Database => "BLK010",
        EffectKind::Server => "BLK011",
    }
}

/// The installed package whose own code fails, if the innermost frame that is no part of the standard library is its.
#[must_use]
pub fn dependency(facts: &Facts, raised: &Raised) -> Option<Dependency> {
    let own = |path: &std::path::Path| facts.source.is_project(path);
    let mut frames = raised.frames.iter().rev().filter(|frame| !is_stdlib(&frame.file));
    let last = frames.next()?;
    // A module that says what it does not have is not at fault.
    let frame = if answers_for_module(facts, raised, last) { frames.next()? } else { last };
    if own(&frame.file) {
        return None;
    }
    let top = frame.module.as_str().split('.').next().unwrap_or("");
    let distribution = facts.environment.providers(top).next();
    Some(Dependency {
        name: distribution.map_or_else(|| top.to_owned(), |d| d.name.clone()),
        version: distribution.map(|d| d.version.clone()),
        file: frame.file.clone(),
        line: frame.line,
    })
}

/// Whether the frame is that of a module's `__getattr__`, which refuses the attribute that the failure is about.
fn answers_for_module(facts: &Facts, raised: &Raised, frame: &Frame) -> bool {
    let Cause::MissingAttribute { file: Some(file), .. } = &raised.cause else { return false };
    let Some(summary) = (frame.file == *file).then(|| facts.summary(file)).flatten() else { return false };
    let at = frame.span.start;
    summary.definitions.iter().any(|definition| {
        summary.text(definition.qualname) == "__getattr__" && definition.span.start <= at && at < definition.span.end
    })
}

fn is_stdlib(file: &std::path::Path) -> bool {
    file.starts_with("<stdlib>")
}

/// A module that nothing finds.
fn missing_module(facts: &Facts, missing: Name, wanted: Name) -> FaultKind {
    let (missing, wanted) = (missing.as_str(), wanted.as_str());
    if let Some(kind) = lacking::of_module(facts, missing) {
        return kind;
    }
    let top = origin::top_level(missing);
    let is_whole_top = missing == top;
    match facts.origin(missing) {
        Origin::Stdlib if stdlib_lacks(facts, missing) => FaultKind::NotInStdlib,
        Origin::Project if !is_whole_top => FaultKind::MissingModule,
        _ if !is_whole_top => match facts.directory_with(wanted) {
            Some(directory) => FaultKind::NotOnPath { directory },
            None => FaultKind::NotInstalled,
        },
        _ => missing_top_level(facts, top, wanted),
    }
}

fn missing_top_level(facts: &Facts, top: &str, wanted: &str) -> FaultKind {
    let ours = origin::sounds_like_project(facts, top);
    let declared = !ours && origin::requirement(facts, top).is_some();
    if !declared && let Some(directory) = facts.directory_with(wanted) {
        return FaultKind::NotOnPath { directory };
    }
    let in_tree = facts.origin(top) == Origin::Project;
    if !declared && (ours || in_tree) { FaultKind::MissingModule } else { FaultKind::NotInstalled }
}

/// Whether the target's library never had the module, has lost it, or does not have it yet.
fn stdlib_lacks(facts: &Facts, name: &str) -> bool {
    let environment = facts.environment;
    !stdlib::exists(name, environment.version, environment.platform)
}

/// The directory of the tree whose copy of an installed package has what the installed one lacks.
fn hidden_copy(facts: &Facts, module: &str, name: &str) -> Option<PathBuf> {
    if facts.origin(module) != Origin::ThirdParty {
        return None;
    }
    facts.directory_with(&format!("{module}.{name}"))
}

/// A name that a module does not have.
fn missing_name(facts: &Facts, module: Name, name: Name) -> FaultKind {
    let (module, name) = (module.as_str(), name.as_str());
    if let Some(directory) = hidden_copy(facts, module, name) {
        return FaultKind::NotOnPath { directory };
    }
    if facts.graph.named(module).is_none() {
        let library = facts.origin(module) == Origin::Stdlib;
        return if library { FaultKind::NotInStdlib } else { FaultKind::MissingName };
    }
    if let Some(kind) = lacking::of_name(facts, module, name) {
        return kind;
    }
    match home_below(facts, module, name) {
        Some(home) => FaultKind::NotReexported { home },
        None => FaultKind::MissingName,
    }
}

/// An attribute that a module does not have.
fn missing_attribute(
    facts: &Facts,
    raised: &Raised,
    (module, name): (&str, &str),
    file: Option<&Arc<PathBuf>>,
) -> FaultKind {
    if lacking::is_star(facts, raised) {
        return FaultKind::AllLists;
    }
    if lacking::has_submodule(facts, module, file, name) {
        return FaultKind::SubmoduleNotLoaded;
    }
    if facts.graph.named(module).is_none() {
        let library = facts.origin(module) == Origin::Stdlib;
        return if library { FaultKind::NotInStdlib } else { FaultKind::MissingAttribute };
    }
    lacking::of_name(facts, module, name).unwrap_or(FaultKind::MissingAttribute)
}

/// The one module below a package that defines a name as a function or class.
fn home_below(facts: &Facts, package: &str, name: &str) -> Option<String> {
    let below = format!("{package}.");
    let homes = facts.graph.definers(name).into_iter().filter(|home| home.how != HomeKind::Value);
    let mut names = homes.map(|home| &facts.graph.module(home.module).name).filter(|home| home.starts_with(&below));
    let first = names.next()?;
    names.next().is_none().then(|| first.clone())
}
