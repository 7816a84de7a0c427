//! Import cycles: the strongly connected components, and the shortest loop in each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::{Edge, Graph};

/// Modules that import each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// All modules of the component, by name.
    pub modules: Vec<NodeIndex>,
    /// The shortest loop, from the module whose name sorts first; each import leads to the next, the last to the first.
    pub shortest: Vec<CycleStep>,
    /// Whether imports that run with their modules close it; else some are deferred or for type checkers only.
    pub runs_at_import: bool,
}

/// One import of a loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CycleStep {
    /// The importing module.
    pub from: NodeIndex,
    /// The imported module.
    pub to: NodeIndex,
    /// The import.
    pub edge: Edge,
}

/// Above this size a component's shortest loop is looked for from its first modules only.
const SEARCHED: usize = 400;

impl Graph {
    /// All cycles: first those that run at import, then those closed by deferred or type-only imports only.
    #[must_use]
    pub fn cycles(&self) -> Vec<Cycle> {
        let mut cycles = self.components(true);
        let running: BTreeSet<NodeIndex> = cycles.iter().flat_map(|cycle| cycle.modules.iter().copied()).collect();
        let deferred = self.components(false);
        cycles.extend(deferred.into_iter().filter(|cycle| !cycle.modules.iter().all(|m| running.contains(m))));
        cycles
    }

    fn components(&self, runs_at_import: bool) -> Vec<Cycle> {
        let kept: DiGraph<NodeIndex, &Edge> = self
            .modules
            .filter_map(|index, _| Some(index), |_, edge| (!runs_at_import || edge.runs_at_import()).then_some(edge));
        let mut cycles: Vec<Cycle> = tarjan_scc(&kept)
            .into_iter()
            .filter(|component| component.len() > 1)
            .filter_map(|component| self.cycle(&kept, component, runs_at_import))
            .collect();
        cycles.sort_by_key(|cycle| self.sort_key(cycle.modules[0]));
        cycles
    }

    fn sort_key(&self, index: NodeIndex) -> (String, std::path::PathBuf) {
        (self.modules[index].name.clone(), self.modules[index].file.to_path_buf())
    }

    fn cycle(&self, kept: &DiGraph<NodeIndex, &Edge>, mut component: Vec<NodeIndex>, runs: bool) -> Option<Cycle> {
        component.sort_by_key(|index| self.sort_key(*index));
        let members: BTreeSet<NodeIndex> = component.iter().copied().collect();
        let mut best: Option<Vec<NodeIndex>> = None;
        for start in component.iter().take(SEARCHED) {
            let limit = best.as_ref().map_or(usize::MAX, Vec::len);
            if let Some(found) = shortest_loop(kept, *start, &members, limit) {
                best = Some(found);
            }
            if best.as_ref().is_some_and(|found| found.len() == 2) {
                break;
            }
        }
        let path = best?;
        let next = path.iter().cycle().skip(1);
        let shortest =
            path.iter().zip(next).map(|(from, to)| self.cycle_step(kept, *from, *to)).collect::<Option<_>>()?;
        Some(Cycle { modules: component, shortest, runs_at_import: runs })
    }

    /// The import to show for a pair: the first one that runs, else the first.
    fn cycle_step(&self, kept: &DiGraph<NodeIndex, &Edge>, from: NodeIndex, to: NodeIndex) -> Option<CycleStep> {
        let edges = kept.edges_connecting(from, to).map(|edge| *edge.weight());
        let edge = edges.min_by_key(|edge| (!edge.runs_at_import(), edge.span))?;
        Some(CycleStep { from, to, edge: edge.clone() })
    }
}

/// The shortest way from a module back to itself, if it is shorter than the limit.
fn shortest_loop(
    graph: &DiGraph<NodeIndex, &Edge>,
    start: NodeIndex,
    members: &BTreeSet<NodeIndex>,
    limit: usize,
) -> Option<Vec<NodeIndex>> {
    let mut before: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut queue = VecDeque::from([(start, 1)]);
    while let Some((at, length)) = queue.pop_front() {
        if length >= limit {
            return None;
        }
        let mut next: Vec<NodeIndex> = graph.edges(at).map(|edge| edge.target()).collect();
        next.sort_unstable();
        for to in next {
            if to == start {
                return Some(walk_back(&before, start, at));
            }
            if members.contains(&to) && !before.contains_key(&to) {
                before.insert(to, at);
                queue.push_back((to, length + 1));
            }
        }
    }
    None
}

fn walk_back(before: &BTreeMap<NodeIndex, NodeIndex>, start: NodeIndex, end: NodeIndex) -> Vec<NodeIndex> {
    let mut path = vec![end];
    let mut at = end;
    while at != start {
        let Some(previous) = before.get(&at) else { break };
        path.push(*previous);
        at = *previous;
    }
    path.reverse();
    path
}
