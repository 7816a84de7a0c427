//! One cause, one finding: the failures of a run, grouped by what is at fault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Facts;
use super::classify;
use super::origin;
use crate::base::span::Span;
use crate::diagnostic::{Certainty, Place, Step, Victim};
use crate::machine::{Cause, Frame, Raised, Repair};
use crate::pytest::verdict::Verdict;
use crate::summary::program::ExprKind;
use crate::summary::{ImportRef, ProblemKind};

/// A cause with everything that fails because of it.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which rule reports it, with what that rule needs to know.
    pub kind: FaultKind,
    /// The first failure.
    pub raised: Raised,
    /// The file at fault: the innermost of the project's.
    pub file: Arc<PathBuf>,
    /// The statement at fault in it.
    pub span: Span,
    /// All statements that fail for this cause, in collection order; the one at fault is first.
    pub sites: Vec<Place>,
    /// What does not collect, in collection order.
    pub victims: Vec<Victim>,
    /// What has to be repaired so that none of this happens.
    pub repairs: Vec<Repair>,
    /// What the failures lack, each with how many lack it.
    pub lacks: Vec<(String, usize)>,
    /// Certain if any of the failures is.
    pub certainty: Certainty,
    /// The first failure ends the run: modules behind it are never looked at.
    pub ends_run: bool,
    /// It stands in front of all modules: nothing collects.
    pub aborts: bool,
    /// The call or import does not come back.
    pub hangs: bool,
}

/// What is at fault, as rules tell it apart. Every failure is exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// A module of the project that does not exist.
    MissingModule,
    /// A third-party module that is not installed.
    NotInstalled,
    /// It exists in the tree, in a directory that is not on `sys.path`.
    NotOnPath {
        /// The directory that would have to be.
        directory: PathBuf,
    },
    /// A module or name that the target's standard library does not have.
    NotInStdlib,
    /// A module that has no such name.
    MissingName,
    /// A name that lives in another module.
    NotReexported {
        /// The module that defines it.
        home: String,
    },
    /// A name that is bound for type checkers only.
    TypeCheckingOnly,
    /// A name that is bound in a branch which the target does not take.
    BranchNotTaken,
    /// A name that was bound and taken away again.
    UnboundName,
    /// `__all__` names what the module does not have.
    AllLists,
    /// A module attribute that does not exist.
    MissingAttribute,
    /// A submodule that nothing has imported.
    SubmoduleNotLoaded,
    /// A module whose name differs in case alone.
    WrongCase {
        /// The name that exists.
        real: String,
    },
    /// It exists for type checkers only: in the stub.
    StubOnly {
        /// The stub.
        stub: PathBuf,
    },
    /// A module of the project stands in front of another one that has it.
    Shadows {
        /// The one behind.
        hidden: Hidden,
    },
    /// A variable that is not set.
    VariableRequired {
        /// Its name.
        variable: String,
    },
    /// A file that does not exist.
    FileRequired {
        /// As the code spells it.
        path: String,
    },
    /// A name that is not bound.
    UndefinedName,
    /// A file that Python refuses.
    Refused(ProblemKind),
    /// A relative import in a top-level module.
    RelativeNoPackage,
    /// More dots than packages.
    RelativeBeyondTop,
    /// An installed package fails at its own import.
    BrokenDependency(Dependency),
    /// A module is needed while it is being imported.
    FatalCycle,
    /// A call that ends, hangs or waits: the code of the rule.
    Effect(&'static str),
    /// Two test files become one module name.
    FileMismatch,
    /// `pytest.skip` at module level without permission.
    SkipOutsideTest,
    /// A mark that nothing registers.
    UnknownMark {
        /// Its name.
        mark: String,
    },
    /// A framework's settings are needed, and nothing has configured them.
    NotConfigured,
    /// A table that is declared twice.
    DuplicateTable,
    /// pytest's own complaint about a test or fixture: the code of the rule.
    Said(&'static str),
    /// A warning that filters turn into an exception.
    WarningAsError,
    /// A plugin that pytest is told to load is not there.
    MissingPlugin,
    /// Anything else, in front of all modules.
    ConftestRaises,
    /// Anything else.
    Raises,
}

/// What a module of the project hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hidden {
    /// A module of the standard library.
    Stdlib(String),
    /// An installed module, with its distribution where that is known.
    Installed(String, Option<String>),
}

/// An installed package at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// Its distribution's name; the top-level module where that is not known.
    pub name: String,
    /// Its version, if known.
    pub version: Option<String>,
    /// The place that fails inside it.
    pub file: Arc<PathBuf>,
    /// Its 1-based line.
    pub line: u32,
}

impl Fault {
    /// Whether the fault stands in or in front of a conftest.
    #[must_use]
    pub fn has_conftest(&self) -> bool {
        self.victims.iter().any(|victim| victim.path.rsplit('/').next() == Some("conftest.py"))
    }
}

/// One failure of the run, before grouping.
struct Failure<'a> {
    raised: &'a Raised,
    victim: Arc<PathBuf>,
    ends_run: bool,
    aborts: bool,
    hangs: bool,
}

/// All failures of the run, one fault per cause, in order of the first victim.
#[must_use]
pub fn group(facts: &Facts) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for failure in failures(facts) {
        let key = key(facts, failure.raised);
        if let Some(index) = known.get(&key) {
            extend(facts, &mut faults[*index], &failure);
        } else {
            known.insert(key, faults.len());
            faults.push(begin(facts, &failure));
        }
    }
    faults
}

fn failures<'a>(facts: &Facts<'a>) -> Vec<Failure<'a>> {
    let mut found = Vec::new();
    let collection = facts.collection;
    let mut aborts: Vec<&Arc<PathBuf>> = Vec::new();
    if let Some(abort) = collection.ends_before_modules()
        && let Some(raised) = &abort.raised
    {
        let outermost = raised.frames.first().map(|frame| &frame.file);
        if let Some(victim) = abort.file.as_ref().or(outermost) {
            aborts.push(victim);
            found.push(Failure { raised, victim: victim.clone(), ends_run: true, aborts: true, hangs: false });
        }
    }
    for conftest in &collection.conftests {
        if let Some(raised) = &conftest.raised
            && !aborts.contains(&&conftest.file)
            && !matches!(raised.cause, Cause::Skip { .. })
        {
            let aborts = conftest.initial && collection.ends_before_modules().is_some();
            found.push(Failure { raised, victim: conftest.file.clone(), ends_run: aborts, aborts, hangs: false });
        }
    }
    for module in &collection.modules {
        let (raised, ends_run, hangs) = match &module.verdict {
            Verdict::Error(raised) => (raised, false, false),
            Verdict::Exit(raised) => (raised, true, false),
            Verdict::Timeout(raised) => (raised, true, true),
            Verdict::Collected | Verdict::Skipped { .. } | Verdict::Unknown(_) => continue,
        };
        found.push(Failure { raised, victim: module.file.clone(), ends_run, aborts: false, hangs });
    }
    found
}

/// Equal for failures with the same cause.
fn key(facts: &Facts, raised: &Raised) -> String {
    let dependency = classify::dependency(facts, raised);
    let inner = dependency.as_ref().map(|dependency| dependency.name.clone()).unwrap_or_default();
    if let Some(mark) = classify::unknown_mark(raised) {
        return format!("mark {mark}");
    }
    if raised.cause == Cause::Settings {
        return format!("settings {} {}", raised.class, raised.message.as_deref().unwrap_or_default());
    }
    if let Cause::MissingModule { missing: name, .. } | Cause::MissingName { module: name, partial: false, .. } =
        &raised.cause
        && let FaultKind::NotOnPath { directory } = classify::kind(facts, raised, false, false)
    {
        return format!("path {} {}", origin::top_level(name.as_str()), directory.display());
    }
    let subject = match &raised.cause {
        Cause::MissingName { module, partial: true, .. } | Cause::MissingAttribute { module, partial: true, .. } => {
            cycle_key(facts, raised, module.as_str())
        }
        Cause::MissingModule { missing, .. } => format!("module {missing}"),
        Cause::MissingName { module, name, .. } => format!("name {module} {name}"),
        Cause::MissingAttribute { module, name, .. } => format!("attribute {module} {name}"),
        Cause::Refused { file, problem } => format!("refused {} {problem}", file.display()),
        _ if dependency.is_some() => {
            let place = dependency.map(|dependency| format!("{}:{}", dependency.file.display(), dependency.line));
            format!("inside {} {}", place.unwrap_or_default(), raised.class)
        }
        _ => {
            let Some((file, span)) = site(facts, raised) else {
                // Nothing of the project was running: pytest's words tell causes apart.
                let message = raised.message.as_deref().unwrap_or_default();
                return format!("{inner}\0said {} {message}", raised.class);
            };
            format!("place {} {} {}", file.display(), span.start, raised.class)
        }
    };
    format!("{inner}\0{subject}")
}

/// Equal for failures of one cycle, from whichever side it is entered.
fn cycle_key(facts: &Facts, raised: &Raised, module: &str) -> String {
    let index = facts.graph.named(module);
    let knot = index.and_then(|index| facts.cycles().iter().find(|cycle| cycle.modules.contains(&index)));
    match knot {
        // In a large knot different imports are at fault.
        Some(cycle) if cycle.modules.len() <= 4 => format!("cycle {:?}", cycle.modules),
        _ => {
            let (file, span) = site(facts, raised).unwrap_or_default();
            format!("cycle {module} {} {}", file.display(), span.start)
        }
    }
}

/// The statement at fault: in the refused file, else in the innermost project frame.
fn site(facts: &Facts, raised: &Raised) -> Option<(Arc<PathBuf>, Span)> {
    if let Cause::Refused { file, problem } = &raised.cause
        && facts.source.is_project(file)
        && let Some(summary) = facts.summary(file)
    {
        return Some((file.clone(), summary.problems.get(*problem).map(|problem| problem.span).unwrap_or_default()));
    }
    let frame = raised.frames.iter().rev().find(|frame| facts.source.is_project(&frame.file))?;
    Some((frame.file.clone(), frame.span))
}

/// The statement at fault; where no frame tells, the function that pytest complains about, else the file.
fn site_of(facts: &Facts, failure: &Failure) -> (Arc<PathBuf>, Span) {
    let told = |victim: &Arc<PathBuf>| {
        let (_, written) = facts.collection.failed_at.iter().find(|(file, _)| file == victim)?;
        let source = super::fixtures::source(facts, written)?;
        let message = failure.raised.message.as_deref().unwrap_or_default();
        let mark = source.def.decorators.iter().find(|decorator| match &decorator.kind {
            ExprKind::Call(call) => matches!(&call.function.kind,
                ExprKind::Attribute { name, .. } if source.summary.text(*name) == "parametrize"),
            _ => false,
        });
        // What is said of a function's parameters is said of its mark.
        let about_mark = message.contains("arametriz") || message.contains("function ");
        let span = mark.filter(|_| about_mark).map_or(source.def.name_span, |mark| mark.span);
        Some((Arc::clone(&written.file), span))
    };
    site(facts, failure.raised)
        .or_else(|| told(&failure.victim))
        .unwrap_or_else(|| (failure.victim.clone(), Span::default()))
}

/// The dotted name that an import did not find.
fn lacking(cause: &Cause) -> Option<String> {
    match cause {
        Cause::MissingModule { missing, .. } => Some(missing.as_str().to_owned()),
        Cause::MissingName { module, name, .. } => Some(format!("{module}.{name}")),
        _ => None,
    }
}

/// The imported name within its statement, if it stands on the statement's first line, which is the one Python names.
fn pointed(facts: &Facts, file: &Path, span: Span, cause: &Cause) -> Span {
    let Some(summary) = facts.summary(file) else { return span };
    let wanted = match cause {
        Cause::MissingName { name, .. } => name.as_str(),
        Cause::MissingModule { wanted, .. } => wanted.as_str(),
        _ => return span,
    };
    let mut inside =
        summary.imports.iter().filter(|import| span.start <= import.span.start && import.span.end <= span.end);
    let names = |import: &&ImportRef| summary.text(import.name.unwrap_or(import.module)) == wanted;
    let found = inside.find(names).map(|import| import.span);
    found.filter(|found| summary.line(found.start) == summary.line(span.start)).unwrap_or(span)
}

fn begin(facts: &Facts, failure: &Failure) -> Fault {
    let (file, span) = site_of(facts, failure);
    let mut fault = Fault {
        kind: classify::kind(facts, failure.raised, failure.hangs, failure.aborts),
        raised: failure.raised.clone(),
        sites: Vec::new(),
        victims: Vec::new(),
        repairs: Vec::new(),
        lacks: Vec::new(),
        certainty: Certainty::Likely,
        ends_run: false,
        aborts: false,
        hangs: false,
        file,
        span,
    };
    extend(facts, &mut fault, failure);
    fault
}

fn extend(facts: &Facts, fault: &mut Fault, failure: &Failure) {
    fault.certainty = fault.certainty.max(failure.raised.certainty);
    fault.ends_run |= failure.ends_run;
    fault.aborts |= failure.aborts;
    fault.hangs |= failure.hangs;
    let repair = match &fault.kind {
        FaultKind::NotOnPath { directory } => Repair::Path(directory.clone()),
        _ => Repair::of(failure.raised).unwrap_or_else(|| Repair::Refusal(failure.victim.clone())),
    };
    if !fault.repairs.contains(&repair) {
        fault.repairs.push(repair);
    }
    if let Some(name) = lacking(&failure.raised.cause) {
        match fault.lacks.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => fault.lacks.push((name, 1)),
        }
    }
    let (file, span) = site_of(facts, failure);
    let place = facts.place(&file, pointed(facts, &file, span, &failure.raised.cause));
    if !fault.sites.contains(&place) {
        fault.sites.push(place);
    }
    let path: Arc<str> = facts.shown(&failure.victim).into();
    if !fault.victims.iter().any(|victim| victim.path == path) {
        fault.victims.push(Victim { path, chain: chain(facts, &failure.raised.frames) });
    }
}

/// The frames as steps, without the ones inside installed packages between project frames.
fn chain(facts: &Facts, frames: &[Frame]) -> Vec<Step> {
    frames.iter().filter(|frame| facts.source.is_project(&frame.file)).map(|frame| facts.step(frame)).collect()
}
