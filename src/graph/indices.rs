//! Ways into the graph that few questions need, made when the first is asked: who asks for thousands of names goes through
//! the modules once.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::exports::Exports;
use super::{Graph, NodeIndex};

#[derive(Debug, Default)]
pub(super) struct Indices {
    /// Modules by their names in lower case, in order of their names.
    alike: OnceLock<FxHashMap<String, Vec<NodeIndex>>>,
    /// Hashes of names with the modules that bind them, by number in the order of their names; sorted.
    binders: OnceLock<Vec<(u64, u32)>>,
}

impl Graph {
    /// Names of modules that are equal up to the case of ASCII letters, sorted.
    pub fn names_alike(&self, name: &str) -> impl Iterator<Item = &str> {
        let alike = self.indices.alike.get_or_init(|| {
            let mut alike: FxHashMap<String, Vec<NodeIndex>> = FxHashMap::default();
            for (name, modules) in &self.by_name {
                alike.entry(name.to_ascii_lowercase()).or_default().extend(modules.first());
            }
            alike
        });
        let found = alike.get(&name.to_ascii_lowercase()).into_iter().flatten();
        found.map(|index| self.modules[*index].name.as_str())
    }

    /// Modules that bind a name at their top level when they run, in the order of [`Graph::modules`]; perhaps some others.
    pub(super) fn binders(&self, name: &str) -> Vec<NodeIndex> {
        let binders = self.indices.binders.get_or_init(|| {
            let mut binders = Vec::new();
            for (number, (_, module)) in (0_u32..).zip(self.modules()) {
                // Few of them are asked for again.
                let made = module.exports.get().is_none().then(|| Exports::of(&module.summary));
                let Some(exports) = made.as_ref().or_else(|| module.exports.get()) else { continue };
                let names = exports.bindings.iter().filter(|binding| binding.guard.runs());
                binders.extend(names.map(|binding| (xxh3_64(binding.name.as_bytes()), number)));
            }
            binders.sort_unstable();
            binders.dedup();
            binders
        });
        let wanted = xxh3_64(name.as_bytes());
        let start = binders.partition_point(|(hash, _)| *hash < wanted);
        let mut numbers = binders[start..].iter().take_while(|(hash, _)| *hash == wanted).map(|(_, number)| *number);
        let Some(mut next) = numbers.next() else { return Vec::new() };
        let mut found = Vec::new();
        for (number, (index, _)) in (0_u32..).zip(self.modules()) {
            if number == next {
                found.push(index);
                match numbers.next() {
                    Some(number) => next = number,
                    None => break,
                }
            }
        }
        found
    }
}
