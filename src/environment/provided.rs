//! Which distribution provides which top-level module. Files are opened when somebody asks, not before: a run without a
//! finding about packages never does.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::{Distribution, Environment};
use crate::base::system::System;

/// What is read late, and through what.
#[derive(Clone, Default)]
pub struct Provided {
    pub(super) system: Option<Arc<dyn System>>,
    by_module: OnceLock<FxHashMap<String, Vec<usize>>>,
}

impl fmt::Debug for Provided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provided").finish_non_exhaustive()
    }
}

impl Provided {
    /// Reads through this system.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self { system: Some(system), by_module: OnceLock::new() }
    }
}

impl Environment {
    /// Installed distributions that provide this top-level module, by name.
    pub fn providers(&self, top_level: &str) -> impl Iterator<Item = &Distribution> {
        let found = self.by_module().get(top_level).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|index| self.distributions.get(*index))
    }

    /// Top-level modules of an installed distribution, sorted.
    #[must_use]
    pub fn top_level<'d>(&self, distribution: &'d Distribution) -> &'d [String] {
        self.provided.system.as_deref().map_or(&[], |system| distribution.top_level(system))
    }

    /// The name of a distribution as its metadata spells it.
    #[must_use]
    pub fn display_name<'d>(&self, distribution: &'d Distribution) -> &'d str {
        self.provided.system.as_deref().map_or(&distribution.name, |system| distribution.display_name(system))
    }

    fn by_module(&self) -> &FxHashMap<String, Vec<usize>> {
        self.provided.by_module.get_or_init(|| {
            let mut map: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (index, distribution) in self.distributions.iter().enumerate() {
                for module in self.top_level(distribution) {
                    map.entry(module.clone()).or_default().push(index);
                }
            }
            map
        })
    }
}
