//! Which rule a failure belongs to.

use super::Facts;
use super::fault::{Dependency, FaultKind};
use crate::base::intern::Name;
use crate::machine::{Cause, Event, Raised};
use crate::python::effects::{self, EffectKind, EffectVerdict};
use crate::summary::ProblemKind;

/// The kind of a failure.
#[must_use]
pub fn kind(facts: &Facts, raised: &Raised, hangs: bool) -> FaultKind {
    if let Some(dependency) = dependency(facts, raised) {
        return FaultKind::BrokenDependency(dependency);
    }
    match &raised.cause {
        Cause::MissingModule { missing, .. } => missing_module(facts, *missing),
        Cause::MissingName { partial: true, .. } | Cause::MissingAttribute { partial: true, .. } => {
            FaultKind::FatalCycle
        }
        Cause::MissingName { .. } => FaultKind::MissingName,
        Cause::MissingAttribute { .. } => FaultKind::MissingAttribute,
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
        Cause::Other => FaultKind::Raises,
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
    let frame = raised.frames.iter().rev().find(|frame| !is_stdlib(&frame.file))?;
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

fn is_stdlib(file: &std::path::Path) -> bool {
    file.starts_with("<stdlib>")
}

/// A part of a package of the project, or something from elsewhere.
fn missing_module(facts: &Facts, missing: Name) -> FaultKind {
    let top = missing.as_str().split('.').next().unwrap_or("");
    let is_ours = |event: &Event| match event {
        Event::Executes { module, file, .. } => module.as_str() == top && facts.source.is_project(file),
        _ => false,
    };
    if facts.collection.events.iter().any(is_ours) { FaultKind::MissingModule } else { FaultKind::NotInstalled }
}
