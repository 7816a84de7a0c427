//! A finding as the target of `why`: what it says, what it breaks, and how the first module comes to it.

use super::super::look::{Look, Paint, clean, count, labelled};
use super::{Evidence, head, helps, shortened};
use crate::diagnostic::Diagnostic;
use crate::graph::NodeIndex;
use crate::pytest::verdict::ModuleReport;
use crate::report::exports::View;

impl<'a> Evidence<'a> {
    /// Findings at a place (`PATH:LINE`).
    #[must_use]
    pub fn at(&self, path: &str, line: u32) -> Vec<&'a Diagnostic> {
        self.diagnostics.iter().filter(|found| *found.place.path == *path && found.place.line == line).collect()
    }

    /// Findings by fingerprint, or about a dotted name.
    #[must_use]
    pub fn about(&self, target: &str) -> Vec<&'a Diagnostic> {
        let meant = |found: &&Diagnostic| found.subject == target || found.fingerprint() == target;
        self.diagnostics.iter().filter(meant).collect()
    }

    /// One finding with the steps of the first module that it breaks; of several a line each.
    #[must_use]
    pub fn findings(&self, found: &[&Diagnostic], look: &Look) -> String {
        let mut out = String::new();
        if let [one] = found {
            head(&mut out, one, look);
            if !one.code.starts_with("BLK") {
                out.push_str(&self.facts(one, look));
            }
            helps(&mut out, one, look);
            if let Some(module) = self.first_victim(one) {
                out.push('\n');
                out.push_str(&self.trace(module, look));
            }
            return out;
        }
        for one in found {
            let code = look.paint(Paint::Severity(one.severity), &format!("{}[{}]", one.severity, one.code));
            out.push_str(&format!(
                "{code}: {}\n  precollect why {}:{}\n",
                clean(&one.message),
                one.place.path,
                one.place.line
            ));
        }
        out.push_str(&count(found.len(), "finding"));
        out.push('\n');
        out
    }

    fn facts(&self, one: &Diagnostic, look: &Look) -> String {
        let mut out = String::new();
        let mut fact = |label: &str, text: &str| labelled(&mut out, look, &format!("  {label}"), 12, &clean(text));
        if let Some(pytest) = &one.pytest {
            fact("pytest", pytest);
        }
        one.facts.iter().for_each(|(label, text)| fact(label, text));
        let victims: Vec<String> = one.victims.iter().map(|victim| clean(&victim.path)).collect();
        if !victims.is_empty() {
            fact("breaks", &shortened(&victims, look));
        }
        out
    }

    /// The test module whose steps show a finding.
    #[must_use]
    pub fn first_victim(&self, one: &Diagnostic) -> Option<&'a ModuleReport> {
        let first = one.victims.first().map_or(&one.place.path, |victim| &victim.path);
        let entry = one.chain.first().map(|step| &step.place.path);
        let is = |path: &str| self.collection.modules.iter().find(|module| *self.shown(&module.file) == *path);
        is(first).or_else(|| is(entry?))
    }

    /// A name of a module: where it is bound and who imports it, or that nothing binds it.
    #[must_use]
    pub fn name(&self, module: NodeIndex, name: &str, look: &Look) -> String {
        let view = View::new(self.graph, self.root, module);
        let data = self.graph.module(module);
        let title = look.paint(Paint::Strong, &clean(&format!("{}.{name}", data.name)));
        let mut out = match view.name(name) {
            Some(row) => format!("{title}  {}\n", clean(&row)),
            None => format!("{title}  not bound in {}\n", self.shown(&data.file)),
        };
        let mut fact = |label: &str, text: &str| labelled(&mut out, look, &format!("  {label}"), 12, &clean(text));
        if let Some(reason) = self.graph.open_reason(module) {
            fact("but", &format!("there may be more names than these: {reason}"));
        }
        if view.name(name).is_none() {
            let names = view.names();
            fact("exports", &if names.is_empty() { "nothing".to_owned() } else { shortened(&names, look) });
        }
        let importers = self.graph.importers_of(module, name).into_iter().map(|(from, span)| {
            let from = self.graph.module(from);
            format!("{}:{}", self.shown(&from.file), from.summary.line(span.start))
        });
        let importers: Vec<String> = importers.collect();
        fact("imported", &if importers.is_empty() { "by nothing".to_owned() } else { shortened(&importers, look) });
        out
    }
}
