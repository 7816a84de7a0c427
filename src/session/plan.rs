//! In which order to repair, and what collects after each step: the machine runs again with the causes repaired, so that
//! what stands behind a cause is seen, and nothing is promised twice.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::Analysis;
use crate::diagnostic::{Certainty, Diagnostic, Safety};
use crate::machine::Repair;
use crate::pytest::collect::collect_repaired;
use crate::pytest::verdict::{Collection, Verdict};
use crate::rules::{Facts, explain, fix_of, installed_as, is_installable};

/// Steps that are told one by one; the causes behind them are repaired together.
const STEPS: usize = 20;
/// Causes that are tried against each other where the first one alone lets few modules collect.
const TRIED: usize = 3;
/// Runs of the machine in which repaired causes may uncover others.
const ROUNDS: usize = 8;
/// Runs of the machine that a plan may take in all.
const RUNS: usize = 24;
/// Those of them that are kept for what is behind the last step.
const KEPT: usize = 3;

/// What to repair, in order.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Where the run stands today.
    pub before: Standing,
    /// One cause each.
    pub steps: Vec<Step>,
    /// Causes behind the last step that were repaired together, and what collects then.
    pub rest: Option<(usize, Standing)>,
    /// Runs of the machine that it took.
    pub runs: usize,
    /// Causes that are known and left, because no more runs may be taken.
    pub untried: usize,
}

/// Repairing what one action repairs: one cause, or all that one command or one other version of a package mends.
#[derive(Debug, Clone)]
pub struct Step {
    /// The causes, the one in front of most modules first; those that come to light once it is repaired behind them.
    pub findings: Vec<Diagnostic>,
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
    analysis.world.store.keep_wholes();
    let mut planner = Planner {
        analysis,
        repaired: BTreeSet::new(),
        plan: Plan { before: Standing::of(&analysis.collection), ..Plan::default() },
    };
    let mut causes = planner.causes(&analysis.collection);
    while !causes.is_empty() && planner.plan.steps.len() < STEPS && planner.left() > KEPT {
        causes = planner.step(causes);
    }
    causes = planner.rest(causes);
    planner.plan.untried = causes.iter().map(|cause| cause.findings.len()).sum();
    planner.plan
}

/// Causes that one action repairs.
struct Cause {
    /// Equal for causes with the same action.
    action: String,
    findings: Vec<Diagnostic>,
    repairs: BTreeSet<Repair>,
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
        let tried = TRIED.min(self.left().saturating_sub(KEPT)).max(1);
        for cause in causes.into_iter().take(tried) {
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
        let mut step = Step { findings: cause.findings, after };
        let open = self.same_action(&cause.action, &collection, &mut step);
        self.plan.steps.push(step);
        open
    }

    /// What the same action repairs behind its first causes, as part of the step; the causes that are left then.
    fn same_action(&mut self, action: &str, collection: &Collection, step: &mut Step) -> Vec<Cause> {
        let mut open = self.causes(collection);
        for _ in 0..ROUNDS {
            let Some(at) = open.iter().position(|cause| cause.action == action) else { break };
            if self.left() <= KEPT {
                break;
            }
            let cause = open.swap_remove(at);
            step.findings.extend(cause.findings);
            self.repaired.extend(cause.repairs);
            let collection = self.run_with(&BTreeSet::new());
            step.after = Standing::of(&collection);
            open = self.causes(&collection);
        }
        open
    }

    /// Everything that is left, and what it uncovers; what is still left then.
    fn rest(&mut self, mut causes: Vec<Cause>) -> Vec<Cause> {
        let mut repaired = 0;
        while !causes.is_empty() && self.left() > 0 {
            repaired += causes.iter().map(|cause| cause.findings.len()).sum::<usize>();
            self.repaired.extend(causes.into_iter().flat_map(|cause| cause.repairs));
            let collection = self.run_with(&BTreeSet::new());
            self.plan.rest = Some((repaired, Standing::of(&collection)));
            causes = self.causes(&collection);
        }
        causes
    }

    /// Runs that may still be taken.
    const fn left(&self) -> usize {
        RUNS.saturating_sub(self.plan.runs)
    }

    fn run_with(&mut self, more: &BTreeSet<Repair>) -> Collection {
        self.plan.runs += 1;
        collect_repaired(&self.analysis.world, &self.repaired.union(more).cloned().collect())
    }

    /// What fails for certain and is not repaired yet, by action, in front of most modules first.
    fn causes(&self, collection: &Collection) -> Vec<Cause> {
        let (world, graph) = (&self.analysis.world, &self.analysis.graph);
        let facts = Facts::new(&world.settings, &world.environment, collection, world, graph);
        let mut causes: Vec<Cause> = Vec::new();
        for mut finding in explain(&facts) {
            let Some(fault) = finding.fault.and_then(|index| facts.faults.get(index)) else { continue };
            let repairs: BTreeSet<Repair> = fault.repairs.iter().cloned().collect();
            let stops = fault.aborts || fault.ends_run || fault.hangs;
            if finding.certainty != Certainty::Certain && !stops || repairs.is_subset(&self.repaired) {
                continue;
            }
            finding.fix = fix_of(&facts, &finding);
            let (action, victims) = (action(&facts, &finding), finding.victims.len());
            match causes.iter_mut().find(|cause| cause.action == action) {
                Some(cause) => {
                    cause.repairs.extend(repairs);
                    cause.findings.push(finding);
                    cause.victims += victims;
                    cause.stops |= stops;
                }
                None => causes.push(Cause { action, findings: vec![finding], repairs, victims, stops }),
            }
        }
        for cause in &mut causes {
            cause.findings.sort_by_key(|finding| std::cmp::Reverse(finding.victims.len()));
        }
        causes.sort_by_cached_key(|cause| {
            let first = cause.findings.first().map(|finding| (finding.place.clone(), finding.code));
            (std::cmp::Reverse((cause.stops, cause.victims)), first)
        });
        causes
    }
}

/// What somebody has to do: one command installs all that is missing, one other version of a package mends all that it
/// lacks, one call of `check --fix` mends all findings of some rules.
fn action(facts: &Facts, finding: &Diagnostic) -> String {
    let top = finding.subject.split(['.', ' ', ':']).next().unwrap_or_default();
    match finding.code {
        "ENV001" if is_installable(finding) => "install".to_owned(),
        "ENV001" | "ENV010" => format!("version {}", installed_as(finding).unwrap_or(top)),
        "IMP002" | "IMP010" if facts.is_third_party(top) => format!("version {top}"),
        code if finding.fix.as_ref().is_some_and(|fix| is_mended_at_once(code, fix.safety)) => format!("fix {code}"),
        code => format!("{code} {} {}", finding.place, finding.subject),
    }
}

/// Whether one call of `check --fix` mends all findings of a rule without a choice to be made for each.
fn is_mended_at_once(code: &str, safety: Safety) -> bool {
    safety == Safety::Safe || matches!(code, "COL001" | "COL006" | "IMP015")
}
