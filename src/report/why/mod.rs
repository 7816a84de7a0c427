//! `why`: what runs for a test module, in order, and where it breaks; or what becomes of any other module of the project.
//!
//! `trace` reads the machine's events, `told` puts them into words, `lines` lays them out, `json` gives them as data.

mod because;
mod finding;
mod json;
mod lines;
mod told;
mod trace;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

pub use json::schema;

use super::data::relative;
use super::look::{Detail, Look, Paint, clean, count, labelled};
use crate::diagnostic::{Certainty, Diagnostic, Severity};
use crate::environment::Environment;
use crate::graph::{Graph, NodeIndex};
use crate::machine::{Ending, Event, Raised};
use crate::pytest::verdict::{Collection, ModuleReport, Reaches, Verdict};
use crate::rules::{blocking, reached};
use trace::{End, Step, What};

/// Names of one module that are told.
const NAMES: usize = 6;

/// What the answer is drawn from.
pub struct Evidence<'a> {
    /// Paths are relative to it.
    pub root: &'a Path,
    /// The predicted run.
    pub collection: &'a Collection,
    /// Modules and imports.
    pub graph: &'a Graph,
    /// Findings, all of them.
    pub diagnostics: &'a [Diagnostic],
    /// Installed packages.
    pub environment: &'a Environment,
    /// Decoded text of a file.
    pub text: &'a dyn Fn(&Path) -> Option<Arc<str>>,
    /// Whether a file belongs to the project.
    pub is_project: &'a dyn Fn(&Path) -> bool,
}

impl Evidence<'_> {
    pub(super) fn shown(&self, file: &Path) -> String {
        clean(&relative(self.root, file))
    }

    fn steps(&self, module: &ModuleReport) -> Vec<Step<'_>> {
        trace::steps_for(&self.collection.events, &module.file, self.is_project)
    }

    /// A test module: its verdict, what ran for it, the exception.
    #[must_use]
    pub fn module(&self, module: &ModuleReport, look: &Look) -> String {
        let mut out = self.trace(module, look);
        for diagnostic in self.diagnostics.iter().filter(|diagnostic| self.concerns(module, diagnostic)) {
            finding(&mut out, diagnostic, look);
        }
        out
    }

    /// What ran for a test module, and how it ended.
    fn trace(&self, module: &ModuleReport, look: &Look) -> String {
        let mut out = self.headline(module, look);
        let steps = self.steps(module);
        let raised = self.raised(module, &steps);
        let all = look.detail == Detail::Verbose;
        lines::render(&mut out, self.lines(module, &steps, raised, all), look);
        if let Verdict::Error(raised) | Verdict::Exit(raised) | Verdict::Timeout(raised) = &module.verdict {
            out.push_str(match raised.certainty {
                Certainty::Certain => "certain: no step depends on anything unknown\n",
                Certainty::Likely => "likely: some step depends on something unknown\n",
            });
        }
        out
    }

    /// What leaves the module, a skip included.
    fn raised<'a>(&self, module: &'a ModuleReport, steps: &[Step<'a>]) -> Option<&'a Raised> {
        match &module.verdict {
            Verdict::Error(raised) | Verdict::Exit(raised) | Verdict::Timeout(raised) => Some(raised),
            Verdict::Skipped { .. } => steps.iter().find_map(|step| match &step.what {
                What::Runs { file, end: End::Raises(raised), .. } if *file == module.file.as_path() => Some(*raised),
                _ => None,
            }),
            Verdict::Collected | Verdict::Unknown(_) => None,
        }
    }

    /// Whether a finding is about a module: it breaks it, or a call that blocks is reached from it or from a hook of a
    /// conftest above it.
    fn concerns(&self, module: &ModuleReport, diagnostic: &Diagnostic) -> bool {
        let own = self.shown(&module.file);
        let first = diagnostic.chain.first().map_or(&diagnostic.place.path, |step| &step.place.path);
        let starts = |path: &str| **first == *path;
        let above = |file: &Path| file.parent().is_some_and(|directory| module.file.starts_with(directory));
        let conftests = self.collection.conftests.iter().filter(|conftest| above(&conftest.file));
        match diagnostic.code {
            "BLK020" => false,
            "BLK012" => conftests.map(|conftest| self.shown(&conftest.file)).any(|path| starts(&path)),
            code if code.starts_with("BLK") && starts(&own) => true,
            _ => diagnostic.victims.iter().any(|victim| *victim.path == *own),
        }
    }

    /// What a test reaches when it runs: calls that may never come back, as BLK020 tells them.
    #[must_use]
    pub fn running(&self, test: &str, look: &Look) -> String {
        let base = test.split('[').next().unwrap_or(test);
        let below = |name: &str| name == base || name.strip_prefix(base).is_some_and(|rest| rest.starts_with("::"));
        let tests = self.collection.reached.iter().filter(|reached| reached.what == Reaches::Test);
        let mut places = BTreeSet::new();
        for reached in tests.filter(|reached| below(&reached.name)) {
            let ends = match &reached.followed.ending {
                Ending::Hangs(raised) => Some(&raised.frames),
                _ => None,
            };
            let effects = reached.followed.effects.iter().filter_map(|event| match event {
                Event::Effect { frames, .. } => Some(frames),
                _ => None,
            });
            for frames in effects.chain(ends) {
                places.extend(frames.iter().rev().find(|frame| (self.is_project)(&frame.file)).map(|f| self.place(f)));
            }
        }
        let reaches = |d: &&Diagnostic| places.contains(&format!("{}:{}", d.place.path, d.place.line));
        let hazards: Vec<_> = self.diagnostics.iter().filter(|d| d.code == "BLK020").filter(reaches).collect();
        if hazards.is_empty() {
            return String::new();
        }
        let mut out = look.paint(Paint::Strong, &format!("when {} runs", clean(test)));
        out.push('\n');
        hazards.into_iter().for_each(|hazard| finding(&mut out, hazard, look));
        out
    }

    fn headline(&self, module: &ModuleReport, look: &Look) -> String {
        let bad = Paint::Severity(Severity::Error);
        let (paint, text) = match &module.verdict {
            Verdict::Collected if module.exact => {
                (Paint::Good, format!("collects: {}", count(module.items.len(), "test")))
            }
            Verdict::Collected => (Paint::Good, "collects".to_string()),
            Verdict::Skipped { reason } => {
                (Paint::Strong, format!("is skipped: {}", reason.as_deref().unwrap_or("reason not known")))
            }
            Verdict::Error(raised) => (bad, format!("fails: {}", self.exception(raised))),
            Verdict::Exit(raised) => (bad, format!("ends the whole run: {}", self.exception(raised))),
            Verdict::Timeout(raised) => {
                let may = if raised.certainty == Certainty::Certain { "never returns" } else { "may never return" };
                (bad, format!("{may}: {}", self.hang(raised)))
            }
            Verdict::Unknown(reason) => (Paint::Severity(Severity::Warning), format!("cannot be decided: {reason}")),
        };
        let mut out = String::new();
        for line in super::look::wrap(&format!("{} {}", self.shown(&module.file), clean(&text)), look.width) {
            out.push_str(&look.paint(paint, &line));
            out.push('\n');
        }
        out
    }

    /// What does not come back.
    fn hang(&self, raised: &Raised) -> String {
        let what = reached::what(&raised.cause);
        match blocking::called(&self.collection.events, raised) {
            Some(call) => format!("{call}, {what}"),
            None => what,
        }
    }

    fn exception(&self, raised: &Raised) -> String {
        let below = format!("{}/", self.root.display());
        match &raised.message {
            Some(message) if !message.is_empty() => {
                // Of several lines, which would break the text, one is made.
                let words: Vec<&str> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                format!("{}: {}", raised.class, words.join(" ").replace(&below, ""))
            }
            _ => raised.class.to_string(),
        }
    }

    /// Any module of the project: whether and for whom it runs, who imports it, what it breaks.
    #[must_use]
    pub fn other(&self, node: NodeIndex, look: &Look) -> String {
        let module = self.graph.module(node);
        let path = self.shown(&module.file);
        let mut out = format!("{}  {path}\n", look.paint(Paint::Strong, &clean(&module.name)));
        let mut fact = |label: &str, text: &str| labelled(&mut out, look, &format!("  {label}"), 12, &clean(text));
        match trace::first_for(&self.collection.events, &module.file) {
            Some(first) => fact("runs", &format!("first for {}", self.asked(first))),
            None => fact("runs", "never during collection"),
        }
        let importers: Vec<String> = self
            .graph
            .importers(node)
            .into_iter()
            .map(|(from, edge)| {
                format!(
                    "{}:{}",
                    self.shown(&self.graph.module(from).file),
                    self.graph.module(from).summary.line(edge.span.start)
                )
            })
            .collect();
        if !importers.is_empty() {
            fact("imported", &shortened(&importers, look));
        }
        let dependents: BTreeSet<&Path> =
            self.graph.dependents(node).into_iter().map(|n| self.graph.module(n).file.as_path()).collect();
        let tests = self.collection.modules.iter().filter(|module| dependents.contains(module.file.as_path())).count();
        fact("reaches", &format!("{} at import", count(tests, "test module")));
        for diagnostic in self.diagnostics.iter().filter(|diagnostic| json::mentions(diagnostic, &path)) {
            finding(&mut out, diagnostic, look);
        }
        out
    }
}

fn shortened(items: &[String], look: &Look) -> String {
    let shown = if look.detail == super::look::Detail::Verbose { items.len() } else { items.len().min(NAMES) };
    let more = items.len() - shown;
    let rest = if more == 0 { String::new() } else { format!(", {more} more (-v)") };
    format!("{}{rest}", items[..shown].join(", "))
}

fn finding(out: &mut String, diagnostic: &Diagnostic, look: &Look) {
    head(out, diagnostic, look);
    helps(out, diagnostic, look);
}

/// What it says, with the chain of a call that blocks.
fn head(out: &mut String, diagnostic: &Diagnostic, look: &Look) {
    let code =
        look.paint(Paint::Severity(diagnostic.severity), &format!("{}[{}]", diagnostic.severity, diagnostic.code));
    out.push_str(&format!("{code}: {} ({})\n", clean(&diagnostic.message), clean(&diagnostic.place.to_string())));
    if diagnostic.code.starts_with("BLK") {
        if let Some(pytest) = &diagnostic.pytest {
            labelled(out, look, "  pytest", 12, &clean(pytest));
        }
        if diagnostic.chain.len() > 1 {
            let step = |step: &crate::diagnostic::Step| format!("{}:{}", step.place.path, step.place.line);
            let chain: Vec<String> = diagnostic.chain.iter().map(step).collect();
            labelled(out, look, "  chain", 12, &clean(&chain.join(&format!(" {} ", look.arrow()))));
        }
        if diagnostic.pytest.is_none() && !diagnostic.label.is_empty() {
            labelled(out, look, "  effect", 12, &clean(&diagnostic.label));
        }
    }
}

fn helps(out: &mut String, diagnostic: &Diagnostic, look: &Look) {
    for help in &diagnostic.help {
        labelled(out, look, "  help", 12, &clean(help));
    }
}
