//! `why`: what runs for a test module, in order, and where it breaks; or what becomes of any other module of the project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::data::relative;
use super::look::{Look, Paint, clean, count, labelled};
use crate::diagnostic::{Certainty, Diagnostic, Severity};
use crate::environment::Environment;
use crate::graph::{Graph, NodeIndex};
use crate::machine::{Ending, Event, Frame, Raised};
use crate::pytest::verdict::{Collection, ModuleReport, Reaches, Verdict};
use crate::rules::{blocking, reached};

/// Steps shown before the rest is counted only.
const STEPS: usize = 40;
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

/// One line: where, what stands there, what comes of it.
struct Step {
    depth: usize,
    place: String,
    statement: String,
    result: String,
}

impl Evidence<'_> {
    fn shown(&self, file: &Path) -> String {
        clean(&relative(self.root, file))
    }

    fn place(&self, frame: &Frame) -> String {
        format!("{}:{}", self.shown(&frame.file), frame.line)
    }

    /// The line that a frame executes.
    fn statement(&self, frame: &Frame) -> String {
        let text = (self.text)(&frame.file);
        let line = text.as_deref().and_then(|text| text.lines().nth(frame.line.saturating_sub(1) as usize));
        clean(line.unwrap_or("").trim())
    }

    /// A test module: its verdict, what ran for it, the exception.
    #[must_use]
    pub fn module(&self, module: &ModuleReport, look: &Look) -> String {
        let mut out = self.headline(module, look);
        let mut steps = self.conftests(module);
        steps.extend(self.executed(module));
        let raised = raised(&module.verdict);
        if let Some(raised) = raised {
            let frames = self.frames(raised, &module.verdict, &steps);
            steps.extend(frames);
        }
        render(&mut out, steps, look);
        match raised {
            Some(raised) if raised.certainty == Certainty::Certain => {
                out.push_str("certain: no step depends on anything unknown\n");
            }
            Some(_) => out.push_str("likely: some step depends on something unknown\n"),
            None => {}
        }
        for diagnostic in self.diagnostics.iter().filter(|diagnostic| self.concerns(module, diagnostic)) {
            finding(&mut out, diagnostic, look);
        }
        out
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
            Some(message) if !message.is_empty() => format!("{}: {}", raised.class, message.replace(&below, "")),
            _ => raised.class.to_string(),
        }
    }

    /// Conftests that stand above the module, in loading order.
    fn conftests(&self, module: &ModuleReport) -> Vec<Step> {
        let above = |file: &Path| file.parent().is_some_and(|directory| module.file.starts_with(directory));
        let conftests = self.collection.conftests.iter().filter(|conftest| above(&conftest.file));
        let step = |conftest: &crate::pytest::verdict::ConftestReport| Step {
            depth: 0,
            place: self.shown(&conftest.file),
            statement: String::new(),
            result: conftest
                .raised
                .as_ref()
                .map_or_else(|| "runs".into(), |raised| format!("raises {}", self.exception(raised))),
        };
        conftests.map(step).collect()
    }

    /// Modules that ran for the first time for this one, in order; and its imports of modules that had run before.
    fn executed(&self, module: &ModuleReport) -> Vec<Step> {
        let own = self.events_of(module);
        let mut steps = vec![Step {
            depth: 0,
            place: self.shown(&module.file),
            statement: String::new(),
            result: if own.is_empty() { "does not run".into() } else { "runs".into() },
        }];
        let mut depths: BTreeMap<&Path, usize> = BTreeMap::from([(module.file.as_path(), 0)]);
        let mut ran: BTreeSet<&Path> = BTreeSet::new();
        for (file, from) in own.iter().skip(1) {
            ran.insert(file);
            let Some(from) = from else { continue };
            let depth = depths.get(from.file.as_path()).map_or(1, |depth| depth + 1);
            depths.insert(file, depth);
            // Inside installed packages only the door is of interest.
            if (self.is_project)(&from.file) {
                steps.push(Step {
                    depth,
                    place: self.place(from),
                    statement: self.statement(from),
                    result: self.result(file),
                });
            }
        }
        let before = self.ran_before(module, &ran);
        steps.splice(1..1, before);
        steps
    }

    /// Events from the import of a test module to the next thing pytest imports.
    fn events_of(&self, module: &ModuleReport) -> Vec<(&PathBuf, Option<&Frame>)> {
        let executes = self.collection.events.iter().filter_map(|event| match event {
            Event::Executes { file, from, .. } => Some((&**file, from.as_ref())),
            Event::Effect { .. } | Event::Caught { .. } => None,
        });
        let mut found = Vec::new();
        for (file, from) in executes.skip_while(|(file, from)| *file != &*module.file || from.is_some()) {
            if !found.is_empty() && from.is_none() {
                break;
            }
            found.push((file, from));
        }
        found
    }

    fn ran_before(&self, module: &ModuleReport, ran: &BTreeSet<&Path>) -> Vec<Step> {
        let Some(node) = self.graph.of_file(&module.file).first() else { return Vec::new() };
        let mut told = BTreeSet::new();
        let mut steps = Vec::new();
        for (to, edge) in self.graph.imports(*node) {
            let target = self.graph.module(to);
            if !edge.runs_at_import() || ran.contains(target.file.as_path()) || !told.insert(to) {
                continue;
            }
            if let Some(first) = self.first_runner(&target.file) {
                let line = self.graph.module(*node).summary.line(edge.span.start);
                let from = Frame {
                    file: module.file.clone(),
                    module: crate::base::intern::Name::new(&module.module),
                    span: edge.span,
                    line,
                };
                let result = format!("{}, ran before for {first}", self.shown(&target.file));
                steps.push(Step { depth: 1, place: self.place(&from), statement: self.statement(&from), result });
            }
        }
        steps
    }

    /// The conftest or test module for which a file ran.
    fn first_runner(&self, wanted: &Path) -> Option<String> {
        let mut root = None;
        for event in &self.collection.events {
            let Event::Executes { file, from, .. } = event else { continue };
            if from.is_none() {
                root = Some(file);
            }
            if ***file == *wanted {
                return root.map(|root| self.shown(root));
            }
        }
        None
    }

    /// What an import led to: a package and version, or a module with what it binds.
    fn result(&self, file: &Path) -> String {
        if !(self.is_project)(file) {
            return self.package(file);
        }
        let names = self.graph.of_file(file).first().map(|node| self.bound(*node)).unwrap_or_default();
        format!("{} runs{names}", self.shown(file))
    }

    fn bound(&self, node: NodeIndex) -> String {
        let offered = self.graph.offered(node);
        match offered.len() {
            0 => String::new(),
            1..=NAMES => format!(", binds {}", offered.join(", ")),
            more => format!(", binds {}", count(more, "name")),
        }
    }

    fn package(&self, file: &Path) -> String {
        let site = self.environment.site.iter().find_map(|entry| file.strip_prefix(&entry.path).ok());
        let top = site
            .and_then(|below| below.components().next())
            .map(|part| part.as_os_str().to_string_lossy().into_owned());
        let Some(top) = top else { return "installed".into() };
        let top = top.trim_end_matches(".py");
        match self.environment.providers(top).next() {
            Some(distribution) => {
                format!("{} {}, installed", clean(self.environment.display_name(distribution)), distribution.version)
            }
            None => format!("{top}, installed"),
        }
    }

    /// The frames of an exception that no step has shown yet, the last one with what it raises.
    fn frames(&self, raised: &Raised, verdict: &Verdict, known: &[Step]) -> Vec<Step> {
        let frames: Vec<&Frame> = raised.frames.iter().filter(|frame| (self.is_project)(&frame.file)).collect();
        let step = |(index, frame): (usize, &&Frame)| {
            let is_last = index + 1 == frames.len();
            let place = self.place(frame);
            let depth = index + 1;
            let result = match verdict {
                _ if !is_last => "calls".to_string(),
                Verdict::Timeout(_) => "does not come back".to_string(),
                _ => self.raises(raised),
            };
            let told = !is_last && known.iter().any(|step| step.place == place);
            (!told).then(|| Step { depth, place, statement: self.statement(frame), result })
        };
        frames.iter().enumerate().filter_map(step).collect()
    }

    fn raises(&self, raised: &Raised) -> String {
        let inside = raised.frames.last().filter(|frame| !(self.is_project)(&frame.file));
        let inside = inside
            .map(|frame| format!(" inside {}, {}:{}", self.package(&frame.file), frame.file.display(), frame.line));
        format!("raises {}{}", raised.class, inside.unwrap_or_default())
    }

    /// Any module of the project: whether and for whom it runs, who imports it, what it breaks.
    #[must_use]
    pub fn other(&self, node: NodeIndex, look: &Look) -> String {
        let module = self.graph.module(node);
        let path = self.shown(&module.file);
        let mut out = format!("{}  {path}\n", look.paint(Paint::Strong, &clean(&module.name)));
        let mut fact = |label: &str, text: &str| labelled(&mut out, look, &format!("  {label}"), 12, &clean(text));
        match self.first_runner(&module.file) {
            Some(first) => fact("runs", &format!("first for {first}")),
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
        for diagnostic in self.diagnostics {
            let concerns = *diagnostic.place.path == *path
                || diagnostic.victims.iter().any(|victim| victim.chain.iter().any(|step| *step.place.path == *path));
            if concerns {
                finding(&mut out, diagnostic, look);
            }
        }
        out
    }
}

fn raised(verdict: &Verdict) -> Option<&Raised> {
    match verdict {
        Verdict::Error(raised) | Verdict::Exit(raised) | Verdict::Timeout(raised) => Some(raised),
        Verdict::Collected | Verdict::Skipped { .. } | Verdict::Unknown(_) => None,
    }
}

fn shortened(items: &[String], look: &Look) -> String {
    let shown = if look.detail == super::look::Detail::Verbose { items.len() } else { items.len().min(NAMES) };
    let more = items.len() - shown;
    let rest = if more == 0 { String::new() } else { format!(", {more} more (-v)") };
    format!("{}{rest}", items[..shown].join(", "))
}

fn finding(out: &mut String, diagnostic: &Diagnostic, look: &Look) {
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
    for help in &diagnostic.help {
        labelled(out, look, "  help", 12, &clean(help));
    }
}

/// One statement may run several modules, and then fail: it is told once, with all that comes of it.
fn folded(steps: Vec<Step>) -> Vec<Step> {
    let mut folded: Vec<Step> = Vec::new();
    for step in steps {
        match folded.last_mut() {
            Some(last) if (&last.place, &last.statement) == (&step.place, &step.statement) => {
                last.result.push('\n');
                last.result.push_str(&step.result);
            }
            _ => folded.push(step),
        }
    }
    folded
}

/// Numbered lines; what does not fit beside goes below.
fn render(out: &mut String, steps: Vec<Step>, look: &Look) {
    let steps = &folded(steps);
    let shown = if look.detail == super::look::Detail::Verbose { steps.len() } else { steps.len().min(STEPS) };
    // The exception stands at the end: leave out the middle.
    let (head, tail) =
        if shown < steps.len() { (shown / 2, steps.len() - shown / 2) } else { (steps.len(), steps.len()) };
    let line = |index: usize, step: &Step| {
        let statement = if step.statement.is_empty() { String::new() } else { format!("  {}", step.statement) };
        format!("{:>3}  {}{}{statement}", index + 1, indent(step), step.place)
    };
    let lengths = steps.iter().enumerate().map(|(index, step)| line(index, step).chars().count());
    let column = lengths.filter(|length| *length <= look.width * 6 / 10).max().unwrap_or(0) + 2;
    for (index, step) in steps.iter().enumerate() {
        if index >= head && index < tail {
            if index == head {
                out.push_str(&format!("     ... {} more (-v)\n", count(tail - head, "step")));
            }
            continue;
        }
        let line = line(index, step);
        let results: Vec<String> = step.result.lines().map(clean).collect();
        let length = line.chars().count();
        let at = column.max(length + 2);
        if let [result] = results.as_slice()
            && at + result.chars().count() <= look.width
        {
            out.push_str(&format!("{line}{}{}\n", " ".repeat(at - length), look.paint(Paint::Dim, result)));
        } else {
            out.push_str(&format!("{line}\n"));
            let start = 7 + indent(step).len();
            for part in
                results.iter().flat_map(|result| super::look::wrap(result, look.width.saturating_sub(start).max(20)))
            {
                out.push_str(&format!("{}{}\n", " ".repeat(start), look.paint(Paint::Dim, &part)));
            }
        }
    }
}

fn indent(step: &Step) -> String {
    "  ".repeat(step.depth.min(12))
}
