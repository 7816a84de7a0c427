//! One analysis as one call, for every front end: settings in; world, collection, graph and findings out.

mod included;
pub mod plan;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::base::intern::Name;
use crate::base::meter::{Lap, Meter};
use crate::base::system::System;
use crate::config::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::graph::cycles::Cycle;
use crate::graph::{Graph, Source};
use crate::machine::{Event, on_large_stack};
use crate::pytest::collect::collect;
use crate::pytest::probe::{self, Probes};
use crate::pytest::verdict::Collection;
use crate::rules::{self, Facts};
use crate::store::{Counters, use_threads};
use crate::world::World;
use included::Included;

/// Everything that is known after one analysis.
pub struct Analysis {
    /// What was looked at.
    pub world: World,
    /// What pytest would do.
    pub collection: Collection,
    /// The project's modules and their imports.
    pub graph: Graph,
    /// Findings of the selected rules.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings the baseline knows; they are left out.
    pub known: usize,
    /// What it cost.
    pub cost: Cost,
}

/// What an analysis cost. But for the seconds, the same work gives the same figures.
#[derive(Debug, Clone, Default)]
pub struct Cost {
    /// Python files of the project; those that were asked for, where it was not listed.
    pub files: u64,
    /// What was read and parsed.
    pub store: Counters,
    /// Steps of the machine.
    pub steps: u64,
    /// How often a source was looked at for code that may set what is not there.
    pub searched: u64,
    /// Seconds by part.
    pub laps: Vec<Lap>,
}

/// How much of an analysis is of use to whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What pytest would do: files that it does not import are not looked at. Graph and findings stay empty.
    Collection,
    /// The graph besides. There are no findings.
    Graph,
    /// Everything.
    Findings,
}

/// Analyses the project in `settings.root`.
#[must_use]
pub fn analyse(system: Arc<dyn System>, settings: Settings) -> Analysis {
    analyse_to(Depth::Findings, system, settings)
}

/// The same as far as it is of use.
#[must_use]
pub fn analyse_to(depth: Depth, system: Arc<dyn System>, mut settings: Settings) -> Analysis {
    use_threads(settings.jobs);
    settings.follow_tests |= depth == Depth::Findings && rules::follow_tests(&settings);
    on_large_stack(|| match depth {
        Depth::Collection => collected(system, settings),
        Depth::Graph | Depth::Findings => analyse_here(depth, system, settings),
    })
}

fn collected(system: Arc<dyn System>, settings: Settings) -> Analysis {
    let mut meter = Meter::start();
    let world = World::load(system, settings);
    meter.lap("environment");
    let collection = collect(&world);
    meter.lap("collect");
    let files = world.store.asked();
    let (steps, searched) = (collection.steps, collection.searched);
    let cost = Cost { files, store: world.store.counters(), steps, searched, laps: meter.laps() };
    Analysis { world, collection, graph: Graph::default(), diagnostics: Vec::new(), known: 0, cost }
}

fn analyse_here(depth: Depth, system: Arc<dyn System>, settings: Settings) -> Analysis {
    let mut meter = Meter::start();
    let world = World::load(system, settings);
    meter.lap("environment");
    let files: Vec<PathBuf> = world.project_files().iter().map(|file| (**file).clone()).collect();
    meter.lap("list files");
    world.store.load_all(&files);
    meter.lap("read and parse");
    let collection = collect(&world);
    meter.lap("collect");
    let graph = Graph::build(&world, &collection.rootdir, &collection.events);
    meter.lap("graph");
    if depth == Depth::Graph {
        let (files, steps, searched) = (files.len() as u64, collection.steps, collection.searched);
        let cost = Cost { files, store: world.store.counters(), steps, searched, laps: meter.laps() };
        return Analysis { world, collection, graph, diagnostics: Vec::new(), known: 0, cost };
    }
    let probes = probe(&world, &collection, &graph);
    meter.lap("other orders");
    let facts = Facts::new(&world.settings, &world.environment, &collection, &world, &graph).with_probes(&probes);
    let rules::Checked { findings: mut diagnostics, known } = rules::check(&facts);
    let included = Included::new(&*world.system, &collection.rootdir, &world.settings);
    diagnostics.retain(|diagnostic| included.names(diagnostic));
    meter.lap("rules");
    let steps = collection.steps + probes.steps;
    let (files, store, searched) = (files.len() as u64, world.store.counters(), collection.searched);
    let cost = Cost { files, store, steps, searched, laps: meter.laps() };
    Analysis { world, collection, graph, diagnostics, known, cost }
}

/// Runs that nobody asked for, where a rule that is on wants to know of them.
fn probe(world: &World, collection: &Collection, graph: &Graph) -> Probes {
    let is_on = |code| rules::is_on(&world.settings, code);
    let mut probes = Probes::default();
    if is_on("CYC001") || is_on("CYC002") {
        let mut ran = FxHashSet::default();
        for event in &collection.events {
            if let Event::Executes { module, .. } = event {
                ran.insert(module.as_str());
            }
        }
        // What nobody enters is not fine as entered.
        let runs = |cycle: &Cycle| cycle.modules.iter().any(|index| ran.contains(graph.module(*index).name.as_str()));
        let cycles = graph.cycles().into_iter().filter(|cycle| cycle.runs_at_import && runs(cycle));
        let names = |cycle: Cycle| cycle.modules.iter().map(|index| Name::new(&graph.module(*index).name)).collect();
        let cycles: Vec<Vec<Name>> = cycles.map(names).collect();
        if !cycles.is_empty() {
            let directories = rules::search_directories(world, &collection.events);
            (probes.entries, probes.steps) = probe::entries(world, &directories, &cycles);
        }
    }
    if is_on("IMP018") {
        let (dependents, steps) = probe::dependents(world, collection);
        probes.dependents = dependents;
        probes.steps += steps;
    }
    probes
}

/// The parts of a project that an answer is to concern: files, and directories with all below them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    paths: Vec<PathBuf>,
}

impl Scope {
    /// Absolute paths; none means everything.
    #[must_use]
    pub fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths }
    }

    /// Whether everything is meant.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.paths.is_empty()
    }

    /// The paths.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether a file lies in it.
    #[must_use]
    pub fn holds(&self, file: &Path) -> bool {
        self.is_everything() || self.paths.iter().any(|path| file.starts_with(path))
    }

    /// Whether the cause or a victim of a finding lies in it, or a file that the import passes, or the module that it asks
    /// in vain ([`asked_module`]): whoever takes a name out of a module is told who needs it.
    #[must_use]
    pub fn concerns(&self, root: &Path, asked: Option<&Path>, diagnostic: &Diagnostic) -> bool {
        if self.is_everything() {
            return true;
        }
        let holds = |path: &str| self.holds(&root.join(path));
        let steps = diagnostic.victims.iter().flat_map(|victim| &victim.chain).chain(&diagnostic.chain);
        holds(&diagnostic.place.path)
            || diagnostic.victims.iter().any(|victim| holds(&victim.path))
            || diagnostic.related.iter().any(|label| holds(&label.place.path))
            || steps.map(|step| &step.place.path).any(|path| holds(path))
            || asked.is_some_and(|file| self.holds(file))
    }
}

/// The file of the longest part of a dotted subject that is a module.
#[must_use]
pub fn asked_module<'g>(graph: &'g Graph, subject: &str) -> Option<&'g Path> {
    let mut name = subject;
    loop {
        if let Some(found) = graph.named(name) {
            return Some(&graph.module(found).file);
        }
        name = name.rsplit_once('.')?.0;
    }
}
