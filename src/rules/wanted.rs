//! A name that a module does not have, and what is known about it: the module's real exports, the nearest of them, and
//! who else in the project defines the name.

use std::path::Path;

use super::Facts;
use super::origin::{Origin, installed, top_level};
use super::words::{listed, nearest};
use crate::graph::HomeKind;
use crate::graph::exports::Exports;

/// The name.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The module that lacks it.
    pub module: &'a str,
    /// The name.
    pub name: &'a str,
    /// The module's file, if that is known and may not be the project's.
    pub file: Option<&'a Path>,
}

impl Wanted<'_> {
    /// The module, with distribution and version if it is an installed one.
    pub fn described_module(&self, facts: &Facts) -> String {
        let third_party = facts.origin(self.module) == Origin::ThirdParty;
        match installed(facts, top_level(self.module)).filter(|_| third_party) {
            Some((name, version)) => format!("{} ({name} {version})", self.module),
            None => self.module.to_owned(),
        }
    }

    fn offered(&self, facts: &Facts) -> Vec<String> {
        match facts.graph.named(self.module) {
            Some(module) => facts.graph.offered(module),
            None => self.bound_in_file(facts).unwrap_or_default(),
        }
    }

    /// Names that the module's own statements bind; none if it may have more than that.
    fn bound_in_file(&self, facts: &Facts) -> Option<Vec<String>> {
        let exports = Exports::of(&*facts.summary(self.file?)?);
        let mut names: Vec<String> = exports
            .bindings
            .iter()
            .filter(|binding| binding.guard.runs())
            .map(|binding| binding.name.clone())
            .collect();
        names.sort_unstable();
        names.dedup();
        exports.stars.is_empty().then_some(names)
    }

    /// What the module really offers.
    pub fn exports_fact(&self, facts: &Facts) -> Vec<(&'static str, String)> {
        let mut names = self.offered(facts);
        names.retain(|name| !name.starts_with('_'));
        if names.is_empty() && facts.graph.named(self.module).is_none() {
            return Vec::new();
        }
        let text = if names.is_empty() { "nothing".to_owned() } else { listed(&names, 12) };
        vec![("exports", text)]
    }

    /// The nearest names of a module of the project.
    pub fn nearest(&self, facts: &Facts) -> Vec<String> {
        let offered = facts.graph.named(self.module).map(|module| facts.graph.offered(module)).unwrap_or_default();
        nearest(self.name, offered.iter().map(String::as_str))
    }

    /// The import line that works, or the nearest name.
    pub fn help(&self, facts: &Facts) -> Vec<String> {
        let mut help = Vec::new();
        if let Some(near) = self.nearest(facts).first() {
            help.push(format!("{} has {near}", self.module));
        }
        if facts.origin(self.module) == Origin::ThirdParty {
            // A namesake in the project is another thing.
            help.push(format!(
                "use a version of {} that has it, or import it from where it lives now",
                top_level(self.module)
            ));
            return help;
        }
        for home in facts.graph.definers(self.name).into_iter().take(3) {
            let module = facts.graph.module(home.module);
            if module.name == self.module || is_test(&module.name) && !is_test(self.module) {
                continue;
            }
            let line = facts.place(&module.file, home.span).line;
            let what = match home.how {
                HomeKind::Class => "class",
                HomeKind::Function => "function",
                HomeKind::Value | HomeKind::Module => "name",
            };
            help.push(format!(
                "{} defines a {what} {name} at line {line}: from {} import {name}",
                facts.shown(&module.file),
                module.name,
                name = self.name
            ));
        }
        help
    }
}

/// Test modules define helpers of the same name all over; nobody imports from them.
fn is_test(module: &str) -> bool {
    module.rsplit('.').next().is_some_and(|last| last.starts_with("test_") || last == "conftest")
}
