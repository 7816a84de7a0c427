//! Other runs than the one that was asked for: what an import would do as the first of a process, and what a test module
//! would do if it were collected alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::collect::collect_alone;
use super::run::{Run, setup};
use super::verdict::{Collection, Verdict};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::{Borrowed, Cause, Machine, Outcome, Raised, on_large_stack};
use crate::world::World;

/// What came of importing a module of a cycle first.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The module that was imported first.
    pub module: Name,
    /// The failure because of the cycle, if there is one.
    pub raised: Option<Box<Raised>>,
}

/// A test module that collects because others were collected before it.
#[derive(Debug, Clone)]
pub struct Dependent {
    /// The file.
    pub file: Arc<PathBuf>,
    /// What it takes from them.
    pub borrowed: Borrowed,
    /// What happens when it is collected alone.
    pub raised: Box<Raised>,
}

/// What the other runs came to.
#[derive(Debug, Clone, Default)]
pub struct Probes {
    /// Entries into cycles, in the order in which they were asked for; those that were not tried are absent.
    pub entries: Vec<Entry>,
    /// Test modules that depend on the order of collection.
    pub dependents: Vec<Dependent>,
}

/// Steps that all entries together may take: cycles of some hundred modules are tried from some of them.
const STEPS: u64 = 600_000;
/// Test modules that are collected alone.
const ALONE: usize = 24;

/// Functions that one process makes before another one takes its place: what entries leave behind is of no use to others.
const FUNCTIONS: usize = 12_000;

/// Imports each module of each cycle as the first one of a process that searches these directories.
#[must_use]
pub fn entries(world: &World, directories: &[Arc<PathBuf>], cycles: &[Vec<Name>]) -> Vec<Entry> {
    on_large_stack(|| {
        let mut process = Process { world, directories, machine: process(world, directories), made: 0, steps: 0 };
        cycles.iter().flat_map(|cycle| enter(&mut process, cycle)).collect()
    })
}

fn process<'w>(world: &'w World, directories: &[Arc<PathBuf>]) -> Machine<'w> {
    let mut machine = Machine::new(world, setup(world, &BTreeSet::new()));
    for directory in directories.iter().rev() {
        if !machine.path().contains(directory) {
            machine.insert_path(0, directory);
        }
    }
    machine
}

/// The process that cycles are entered in.
struct Process<'w> {
    world: &'w World,
    directories: &'w [Arc<PathBuf>],
    machine: Machine<'w>,
    /// Functions that were there when it was entered.
    made: usize,
    /// Steps that the ones before it took.
    steps: u64,
}

impl Process<'_> {
    fn is_spent(&self) -> bool {
        self.steps + self.machine.steps_taken() > STEPS
    }

    /// Goes on in a new process once much has piled up. Repeating `first` there is no step of its own.
    fn renew(&mut self, first: Option<Name>) {
        if self.machine.state().functions.len() - self.made < FUNCTIONS {
            return;
        }
        self.steps += self.machine.steps_taken();
        self.machine = process(self.world, self.directories);
        if let Some(first) = first {
            self.machine.import(first.as_str());
            self.machine.take_events();
        }
        self.made = self.machine.state().functions.len();
        self.steps = self.steps.saturating_sub(self.machine.steps_taken());
    }
}

/// A package runs before its modules do: what it loads is entered through it, whichever module is asked for.
fn enter(process: &mut Process<'_>, cycle: &[Name]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut tops: Vec<Name> = Vec::new();
    for module in cycle {
        let top = Name::new(module.as_str().split('.').next().unwrap_or_default());
        if !tops.contains(&top) {
            tops.push(top);
        }
    }
    for top in tops {
        if process.is_spent() {
            break;
        }
        process.renew(None);
        process.machine.forget_project();
        let first = process.machine.import(top.as_str());
        process.machine.take_events();
        let failed = failure(first, cycle);
        let inside = |name: &Name| name.as_str().split('.').next() == Some(top.as_str());
        for module in cycle.iter().filter(|name| inside(name)) {
            let raised = if failed.is_some() || process.machine.is_loaded(module.as_str()) {
                failed.clone()
            } else if process.is_spent() {
                continue;
            } else {
                process.renew(Some(top));
                let outcome = process.machine.try_import(module.as_str());
                failure(outcome, cycle)
            };
            found.push(Entry { module: *module, raised });
        }
    }
    found
}

/// The failure, if one of the cycle's modules is needed before it is complete.
fn failure(outcome: Outcome, cycle: &[Name]) -> Option<Box<Raised>> {
    let Outcome::Raises(raised) = outcome else { return None };
    let (Cause::MissingName { module, partial: true, .. } | Cause::MissingAttribute { module, partial: true, .. }) =
        &raised.cause
    else {
        return None;
    };
    (raised.certainty == Certainty::Certain && cycle.contains(module)).then_some(raised)
}

/// Collects test modules alone that took something from others, and tells those that fail then.
#[must_use]
pub fn dependents(world: &World, collection: &Collection) -> Vec<Dependent> {
    let collected = |verdict: &Verdict| matches!(verdict, Verdict::Collected);
    let takers = collection.modules.iter().filter(|module| collected(&module.verdict) && !module.borrowed.is_empty());
    takers
        .take(ALONE)
        .filter_map(|module| {
            let raised = fails_alone(world, &module.file)?;
            let borrowed = *module.borrowed.iter().find(|one| fits(&raised, one)).or(module.borrowed.first())?;
            Some(Dependent { file: Arc::clone(&module.file), borrowed, raised })
        })
        .collect()
}

/// Whether the failure is about what was borrowed.
fn fits(raised: &Raised, borrowed: &Borrowed) -> bool {
    let what = borrowed.what.as_str();
    match &raised.cause {
        Cause::MissingModule { missing, .. } => missing.as_str() == what,
        Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. } => {
            module.as_str() == what || format!("{module}.{name}") == what
        }
        _ => false,
    }
}

fn fails_alone(world: &World, file: &Path) -> Option<Box<Raised>> {
    let collection = on_large_stack(|| collect_alone(Run::new(world, &BTreeSet::new()), file));
    let report = collection.modules.into_iter().find(|module| **module.file == *file)?;
    match report.verdict {
        Verdict::Error(raised) if raised.certainty == Certainty::Certain => Some(raised),
        _ => None,
    }
}
