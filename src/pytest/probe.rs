//! Other runs than the one that was asked for: what an import would do as the first of a process, and what a test module
//! would do if it were collected alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::collect::collect_alone;
use super::run::{Run, setup};
use super::verdict::{Collection, Verdict};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::asked::{Asked, Noting};
use crate::machine::{Borrowed, Cause, Machine, Outcome, Raised, on_large_stack};
use crate::store::Bodies;
use crate::world::World;

/// What came of importing a module of a cycle first.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// Entries into cycles, small cycles first; those that were not tried are absent.
    pub entries: Vec<Entry>,
    /// Test modules that depend on the order of collection.
    pub dependents: Vec<Dependent>,
    /// Steps that the machine took for all of it.
    pub steps: u64,
}

/// Steps that all entries together may take. Small cycles come first; those of some hundred modules are tried from some of
/// their modules, so that asking for other orders never costs more than the order that the run takes.
const STEPS: u64 = 150_000;
/// Test modules that are collected alone.
const ALONE: usize = 24;

/// Functions that one process makes before another one takes its place: what entries leave behind is of no use to others.
const FUNCTIONS: usize = 12_000;

/// Imports each module of each cycle as the first one of a process that searches these directories. How many steps that took
/// comes with it: none if an earlier run did the same and the world still gives the answers that it got.
#[must_use]
pub fn entries(world: &World, directories: &[Arc<PathBuf>], cycles: &[Vec<Name>]) -> (Vec<Entry>, u64) {
    let key = key(world, directories, cycles);
    let earlier = world.system.recall_work(RUNS).and_then(|bytes| postcard::from_bytes::<Runs>(&bytes).ok());
    let mut earlier = earlier.unwrap_or_default();
    let fitting = earlier.iter().filter(|(other, _)| *other == key);
    let mut kept = fitting.filter_map(|(_, bytes)| postcard::from_bytes::<Kept>(bytes).ok());
    if let Some(kept) = kept.find(|kept| kept.asked.holds(world)) {
        // Who looks at what this run rests on has to see these too.
        world.store.add_bodies(kept.bodies);
        kept.asked.wholes().for_each(|file| {
            let _ = world.store.text(file);
        });
        return (kept.entries, 0);
    }
    let noting = Noting::new(world);
    let (entries, steps) = on_large_stack(|| {
        let start = Start { world, noting: &noting, directories };
        let mut process = Process { machine: start.process(), start, made: 0, steps: 0 };
        let mut smallest_first: Vec<&Vec<Name>> = cycles.iter().collect();
        smallest_first.sort_by_key(|cycle| cycle.len());
        let found: Vec<Entry> = smallest_first.into_iter().flat_map(|cycle| enter(&mut process, cycle)).collect();
        (found, process.steps + process.machine.steps())
    });
    let asked = noting.asked();
    let (all, mut bodies) = (world.store.bodies(), Bodies::new());
    for (file, body) in asked.bodies() {
        if let Some(hash) = all.get(file).and_then(|known| known.get(&body)) {
            bodies.entry(file.to_path_buf()).or_default().insert(body, *hash);
        }
    }
    let kept = Kept { asked, bodies, entries };
    if let Ok(bytes) = postcard::to_stdvec(&kept) {
        earlier.insert(0, (key, bytes));
        earlier.truncate(MOST_RUNS);
        if let Ok(runs) = postcard::to_stdvec(&earlier) {
            world.system.keep_work(RUNS, &runs);
        }
    }
    (kept.entries, steps)
}

/// Runs that are kept, the latest first, with all that they depend on beside what the machine asks: whoever goes back and forth
/// between branches finds what came of each.
type Runs = Vec<(u64, Vec<u8>)>;
/// What they are kept under.
const RUNS: u64 = 0;
const MOST_RUNS: usize = 4;

/// What entering cycles came to, and what it asked of the world.
#[derive(Serialize, Deserialize)]
struct Kept {
    asked: Asked,
    bodies: Bodies,
    entries: Vec<Entry>,
}

/// All that the entries depend on, but for what the machine asks.
fn key(world: &World, directories: &[Arc<PathBuf>], cycles: &[Vec<Name>]) -> u64 {
    xxh3_64(format!("{:?}\n{directories:?}\n{cycles:?}", setup(world, &BTreeSet::new())).as_bytes())
}

/// What every process starts with.
struct Start<'p> {
    world: &'p World,
    noting: &'p Noting<'p>,
    directories: &'p [Arc<PathBuf>],
}

impl<'p> Start<'p> {
    fn process(&self) -> Machine<'p> {
        let mut machine = Machine::new(self.noting, setup(self.world, &BTreeSet::new()));
        for directory in self.directories.iter().rev() {
            if !machine.path().contains(directory) {
                machine.insert_path(0, directory);
            }
        }
        machine
    }
}

/// The process that cycles are entered in.
struct Process<'p> {
    start: Start<'p>,
    machine: Machine<'p>,
    /// Functions that were there when it was entered.
    made: usize,
    /// Steps that the ones before it took.
    steps: u64,
}

impl Process<'_> {
    fn is_spent(&self) -> bool {
        self.steps + self.machine.steps() > STEPS
    }

    /// Goes on in a new process once much has piled up. Repeating `first` there is no step of its own.
    fn renew(&mut self, first: Option<Name>) {
        if self.machine.state().functions.len() - self.made < FUNCTIONS {
            return;
        }
        self.steps += self.machine.steps();
        self.machine = self.start.process();
        if let Some(first) = first {
            self.machine.import(first.as_str());
            self.machine.take_events();
        }
        self.made = self.machine.state().functions.len();
        self.steps = self.steps.saturating_sub(self.machine.steps());
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

/// Collects test modules alone that took something from others, and tells those that fail then; and how many steps that took.
#[must_use]
pub fn dependents(world: &World, collection: &Collection) -> (Vec<Dependent>, u64) {
    let collected = |verdict: &Verdict| matches!(verdict, Verdict::Collected);
    let takers = collection.modules.iter().filter(|module| collected(&module.verdict) && !module.borrowed.is_empty());
    let mut steps = 0;
    let found = takers
        .take(ALONE)
        .filter_map(|module| {
            let raised = fails_alone(world, &module.file, &mut steps)?;
            let borrowed = *module.borrowed.iter().find(|one| fits(&raised, one)).or(module.borrowed.first())?;
            Some(Dependent { file: Arc::clone(&module.file), borrowed, raised })
        })
        .collect();
    (found, steps)
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

fn fails_alone(world: &World, file: &Path, steps: &mut u64) -> Option<Box<Raised>> {
    let collection = on_large_stack(|| collect_alone(Run::new(world, &BTreeSet::new()), file));
    *steps += collection.steps;
    let report = collection.modules.into_iter().find(|module| **module.file == *file)?;
    match report.verdict {
        Verdict::Error(raised) if raised.certainty == Certainty::Certain => Some(raised),
        _ => None,
    }
}
