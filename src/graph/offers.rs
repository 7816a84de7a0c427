//! What modules offer to importers: names through re-exports and star imports, and where they are at home.

use std::collections::BTreeSet;

use super::exports::{How, Star};
use super::{Graph, NodeIndex};
use crate::base::span::Span;

/// Where a name is bound for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Home {
    /// The module.
    pub module: NodeIndex,
    /// Its name there.
    pub span: Span,
    /// How it is bound.
    pub how: HomeKind,
}

/// What a name is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeKind {
    /// `def`
    Function,
    /// `class`
    Class,
    /// Any other binding.
    Value,
    /// A module.
    Module,
}

impl Graph {
    /// Names that a module offers, in order of binding: its own, those of star imports, then its submodules. Names under
    /// `TYPE_CHECKING` are not among them.
    #[must_use]
    pub fn offered(&self, module: NodeIndex) -> Vec<String> {
        let mut names = Vec::new();
        self.collect_names(module, &mut names, &mut Vec::new());
        let prefix = format!("{}.", self.modules[module].name);
        for (name, _) in self.by_name.range(prefix.clone()..) {
            let Some(tail) = name.strip_prefix(&prefix) else { break };
            if !tail.contains('.') && self.modules[module].is_package {
                names.push(tail.to_owned());
            }
        }
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    fn collect_names(&self, module: NodeIndex, names: &mut Vec<String>, visiting: &mut Vec<NodeIndex>) {
        if visiting.contains(&module) {
            return;
        }
        visiting.push(module);
        let exports = self.modules[module].exports();
        names.extend(exports.bindings.iter().filter(|b| b.guard.runs()).map(|b| b.name.clone()));
        for star in &exports.stars {
            let Some(target) = self.star_target(module, star) else { continue };
            let mut offered = Vec::new();
            self.collect_names(target, &mut offered, visiting);
            let listed = self.modules[target].exports().all.as_ref();
            offered.retain(|name| listed.map_or(!name.starts_with('_'), |listed| listed.contains(name)));
            names.extend(offered);
        }
        visiting.pop();
    }

    fn star_target(&self, module: NodeIndex, star: &Star) -> Option<NodeIndex> {
        let wanted = self.modules[module].absolute_name(star.level, &star.module)?;
        self.named_from(module, &wanted)
    }

    /// Why a module may offer names that cannot be listed, if so.
    #[must_use]
    pub fn open_reason(&self, module: NodeIndex) -> Option<String> {
        self.open_reason_within(module, &mut Vec::new())
    }

    fn open_reason_within(&self, module: NodeIndex, visiting: &mut Vec<NodeIndex>) -> Option<String> {
        if visiting.contains(&module) {
            return None;
        }
        visiting.push(module);
        let exports = self.modules[module].exports();
        if let Some(reason) = exports.open {
            return Some(reason.to_owned());
        }
        exports.stars.iter().find_map(|star| match self.star_target(module, star) {
            Some(target) => self.open_reason_within(target, visiting),
            None => Some(format!("from {} import *", star.module)),
        })
    }

    /// Where a name of a module is defined, through re-exports and star imports.
    #[must_use]
    pub fn home(&self, module: NodeIndex, name: &str) -> Option<Home> {
        self.home_within(module, name, &mut Vec::new())
    }

    fn home_within(&self, module: NodeIndex, name: &str, visited: &mut Vec<(NodeIndex, String)>) -> Option<Home> {
        let step = (module, name.to_owned());
        if visited.len() > 50 || visited.contains(&step) {
            return None;
        }
        visited.push(step);
        let exports = self.modules[module].exports();
        if let Some(binding) = exports.bindings.iter().rev().find(|b| b.name == name && b.guard.runs()) {
            let own = |how| Some(Home { module, span: binding.span, how });
            return match &binding.how {
                How::Function => own(HomeKind::Function),
                How::Class => own(HomeKind::Class),
                How::Value => own(HomeKind::Value),
                How::Module { module: wanted } => {
                    let found = self.named_from(module, wanted)?;
                    Some(Home { module: found, span: Span::default(), how: HomeKind::Module })
                }
                How::Import { level, module: wanted, name: original } => {
                    let wanted = self.modules[module].absolute_name(*level, wanted)?;
                    let found = self.named_from(module, &wanted).and_then(|m| self.home_within(m, original, visited));
                    let submodule = || {
                        let found = self.named_from(module, &format!("{wanted}.{original}"))?;
                        Some(Home { module: found, span: Span::default(), how: HomeKind::Module })
                    };
                    found.or_else(submodule)
                }
            };
        }
        let stars = exports.stars.iter().filter_map(|star| self.star_target(module, star)).collect::<Vec<_>>();
        stars.into_iter().find_map(|target| self.home_within(target, name, visited))
    }

    /// All modules that define a name at their top level, by module name. Definitions first, other values behind.
    #[must_use]
    pub fn definers(&self, name: &str) -> Vec<Home> {
        let mut homes = Vec::new();
        for index in self.binders(name) {
            let exports = self.modules[index].exports();
            let Some(binding) = exports.bindings.iter().find(|b| b.name == name && b.guard.runs()) else { continue };
            let how = match binding.how {
                How::Function => HomeKind::Function,
                How::Class => HomeKind::Class,
                How::Value => HomeKind::Value,
                How::Import { .. } | How::Module { .. } => continue,
            };
            homes.push(Home { module: index, span: binding.span, how });
        }
        homes.sort_by_key(|home| home.how == HomeKind::Value);
        homes
    }
}
