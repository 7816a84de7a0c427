//! In which order to repair, and what collects after each step: the machine runs again with the causes repaired, so that
//! what stands behind a cause is seen, and nothing is promised twice.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::Analysis;
use crate::diagnostic::{Certainty, Diagnostic};
use crate::machine::Repair;
use crate::pytest::collect::collect_repaired;
use crate::pytest::verdict::{Collection, Verdict};
use crate::rules::{Facts, explain};

/// Steps that are told one by one; the causes behind them are repaired together.
const STEPS: usize = 20;
/// Causes that are tried against each other where the first one alone lets few modules collect.
const TRIED: usize = 3;
/// Runs of the machine in which repaired causes may uncover others.
const ROUNDS: usize = 8;

/// What to repair, in order.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Where the run stands today.
    pub before: Standing,
    /// One cause each.
    pub steps: Vec<Step>,
    /// Causes behind the last step that were repaired together, and what collects then.
    pub rest: Option<(usize, Standing)>,
}

/// Repairing what one action repairs: one cause, or all that one other version of a package mends.
#[derive(Debug, Clone)]
pub struct Step {
    /// The cause; the first of them.
    pub finding: Diagnostic,
    /// How many they are.
    pub causes: usize,
    /// Where the run stands after this step and the ones before it.
    pub after: Standing,
}

/// What becomes of the modules of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Test modules that the run looks at.
    pub modules: usize,
    /// Those that collect, or are skipped as they mean to be; none if the run ends early.
    pub good: usize,
    /// Those of which that is not known.
    pub unknown: usize,
    /// The run ends before its first module.
    pub aborts: bool,
    /// The first module that ends or hangs the run: what is behind it is not looked at.
    pub ends_at: Option<Arc<PathBuf>>,
}

impl Standing {
    fn of(collection: &Collection) -> Self {
        let mut standing = Self { aborts: collection.ends_before_modules().is_some(), ..Self::default() };
        for module in &collection.modules {
            standing.modules += 1;
            match &module.verdict {
                Verdict::Collected | Verdict::Skipped { .. } => standing.good += 1,
                Verdict::Unknown(_) => standing.unknown += 1,
                Verdict::Exit(_) | Verdict::Timeout(_) => {
                    standing.ends_at.get_or_insert_with(|| Arc::clone(&module.file));
                }
                Verdict::Error(_) => {}
            }
        }
        standing
    }

    /// More is better.
    const fn rank(&self) -> (bool, bool, usize) {
        (!self.aborts, self.ends_at.is_none(), self.good)
    }
}

/// Plans the repair of everything that fails for certain, and of what is likely to stop the run.
#[must_use]
pub fn plan(analysis: &Analysis) -> Plan {
    let mut planner = Planner {
        analysis,
        repaired: BTreeSet::new(),
        plan: Plan { before: Standing::of(&analysis.collection), ..Plan::default() },
    };
    let mut causes = planner.causes(&analysis.collection);
    while !causes.is_empty() && planner.plan.steps.len() < STEPS {
        causes = planner.step(causes);
    }
    planner.rest(causes);
    planner.plan
}

/// Causes that one action repairs.
struct Cause {
    /// Equal for causes with the same action.
    action: String,
    finding: Diagnostic,
    repairs: BTreeSet<Repair>,
    number: usize,
    victims: usize,
    stops: bool,
}

struct Planner<'a> {
    analysis: &'a Analysis,
    repaired: BTreeSet<Repair>,
    plan: Plan,
}

impl Planner<'_> {
    /// Repairs the cause in front of most modules, or, where others stand behind it, one of the next ones if that is the
    /// quicker win.
    fn step(&mut self, causes: Vec<Cause>) -> Vec<Cause> {
        let before = self.plan.steps.last().map_or(&self.plan.before, |step| &step.after).good;
        let most = causes.first().map_or(0, |cause| cause.victims);
        let mut best: Option<(Standing, Cause, Collection)> = None;
        for cause in causes.into_iter().take(TRIED) {
            let collection = self.run_with(&cause.repairs);
            let standing = Standing::of(&collection);
            let is_win = standing.good.saturating_sub(before) * 2 >= most;
            let frees = cause.stops || is_win && best.as_ref().is_none_or(|(known, ..)| standing.rank() > known.rank());
            if frees || best.is_none() {
                best = Some((standing, cause, collection));
            }
            if frees {
                break;
            }
        }
        let Some((after, cause, collection)) = best else { return Vec::new() };
        self.repaired.extend(cause.repairs);
        let (open, after, more) = self.same_action(&cause.action, collection, after);
        self.plan.steps.push(Step { finding: cause.finding, causes: cause.number + more, after });
        open
    }

    /// What the same action repairs behind its first causes; the causes that are left then.
    fn same_action(&mut self, action: &str, collection: Collection, after: Standing) -> (Vec<Cause>, Standing, usize) {
        let (mut open, mut after, mut more) = (self.causes(&collection), after, 0);
        for _ in 0..ROUNDS {
            let Some(cause) = open.iter().find(|cause| cause.action == action) else { break };
            more += cause.number;
            self.repaired.extend(cause.repairs.iter().cloned());
            let collection = self.run_with(&BTreeSet::new());
            after = Standing::of(&collection);
            open = self.causes(&collection);
        }
        (open, after, more)
    }

    /// Everything that is left, and what it uncovers.
    fn rest(&mut self, mut causes: Vec<Cause>) {
        let mut repaired = 0;
        for _ in 0..ROUNDS {
            if causes.is_empty() {
                return;
            }
            repaired += causes.iter().map(|cause| cause.number).sum::<usize>();
            self.repaired.extend(causes.into_iter().flat_map(|cause| cause.repairs));
            let collection = self.run_with(&BTreeSet::new());
            self.plan.rest = Some((repaired, Standing::of(&collection)));
            causes = self.causes(&collection);
        }
    }

    fn run_with(&self, more: &BTreeSet<Repair>) -> Collection {
        collect_repaired(&self.analysis.world, &self.repaired.union(more).cloned().collect())
    }

    /// What fails for certain and is not repaired yet, by action, in front of most modules first.
    fn causes(&self, collection: &Collection) -> Vec<Cause> {
        let (world, graph) = (&self.analysis.world, &self.analysis.graph);
        let facts = Facts::new(&world.settings, &world.environment, collection, world, graph);
        let mut causes: Vec<Cause> = Vec::new();
        for finding in explain(&facts) {
            let Some(fault) = finding.fault.and_then(|index| facts.faults.get(index)) else { continue };
            let repairs: BTreeSet<Repair> = fault.repairs.iter().cloned().collect();
            let stops = fault.aborts || fault.ends_run || fault.hangs;
            if finding.certainty != Certainty::Certain && !stops || repairs.is_subset(&self.repaired) {
                continue;
            }
            let action = action(&facts, &finding);
            match causes.iter_mut().find(|cause| cause.action == action) {
                Some(cause) => {
                    cause.repairs.extend(repairs);
                    cause.number += 1;
                    cause.victims += finding.victims.len();
                    cause.stops |= stops;
                }
                None => {
                    let victims = finding.victims.len();
                    causes.push(Cause { action, finding, repairs, number: 1, victims, stops });
                }
            }
        }
        causes.sort_by_cached_key(|cause| {
            let (place, code) = (cause.finding.place.clone(), cause.finding.code);
            (std::cmp::Reverse((cause.stops, cause.victims)), place, code)
        });
        causes
    }
}

/// What somebody has to do: one other version of a package mends all that it lacks.
fn action(facts: &Facts, finding: &Diagnostic) -> String {
    let top = finding.subject.split(['.', ' ']).next().unwrap_or_default();
    match finding.code {
        "IMP002" | "IMP010" | "ENV010" if facts.is_third_party(top) => format!("{} {top}", finding.code),
        code => format!("{code} {} {}", finding.place, finding.subject),
    }
}
