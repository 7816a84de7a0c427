//! Who reaches whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Edge, Graph};

impl Graph {
    /// A shortest chain of imports from one module to another; deferred and type-only ones only where nothing else
    /// leads there.
    #[must_use]
    pub fn path(&self, from: NodeIndex, to: NodeIndex) -> Option<Vec<(NodeIndex, NodeIndex, Edge)>> {
        self.path_along(from, to, &Edge::runs_at_import).or_else(|| self.path_along(from, to, &|_| true))
    }

    fn path_along(
        &self,
        from: NodeIndex,
        to: NodeIndex,
        follows: &dyn Fn(&Edge) -> bool,
    ) -> Option<Vec<(NodeIndex, NodeIndex, Edge)>> {
        let mut before: BTreeMap<NodeIndex, (NodeIndex, Edge)> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if at == to {
                break;
            }
            for (next, edge) in self.imports(at) {
                if follows(edge) && next != from && !before.contains_key(&next) {
                    before.insert(next, (at, edge.clone()));
                    queue.push_back(next);
                }
            }
        }
        let mut steps = Vec::new();
        let mut at = to;
        while at != from {
            let (previous, edge) = before.get(&at)?;
            steps.push((*previous, at, edge.clone()));
            at = *previous;
        }
        steps.reverse();
        Some(steps)
    }

    /// All modules that import a module, directly or through others, at import time; by name.
    #[must_use]
    pub fn dependents(&self, module: NodeIndex) -> Vec<NodeIndex> {
        let mut found = BTreeSet::new();
        let mut queue = vec![module];
        while let Some(at) = queue.pop() {
            for edge in self.modules.edges_directed(at, Direction::Incoming) {
                let importer = petgraph::visit::EdgeRef::source(&edge);
                if edge.weight().runs_at_import() && importer != module && found.insert(importer) {
                    queue.push(importer);
                }
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|index| (&self.modules[*index].name, &self.modules[*index].file));
        found
    }
}
