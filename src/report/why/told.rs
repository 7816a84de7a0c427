//! The steps in words: each statement of the project on the way, once, with what comes of it.

use std::path::Path;

use super::super::look::{clean, count};
use super::because::because;
use super::lines::Line;
use super::trace::{Asked, End, Step, What};
use super::{Evidence, NAMES};
use crate::base::intern::Name;
use crate::machine::{Frame, Raised};
use crate::pytest::verdict::{ConftestReport, ModuleReport, Verdict};

/// Lines of one statement that are shown.
const STATEMENT_LINES: usize = 8;
/// Characters of one statement that are shown.
const STATEMENT: usize = 96;

/// The lines so far, and the statements that the last one is below of.
#[derive(Default)]
struct Told {
    lines: Vec<Line>,
    stack: Vec<(std::path::PathBuf, u32)>,
}

impl Evidence<'_> {
    /// Conftests above, what ran, the exception. Of a module that fails, what ran inside of modules that came to their end
    /// is counted only, unless all is wanted.
    pub(super) fn lines(
        &self,
        module: &ModuleReport,
        steps: &[Step<'_>],
        raised: Option<&Raised>,
        all: bool,
    ) -> Vec<Line> {
        let mut told = Told { lines: self.conftests(module), ..Told::default() };
        let shown = |index: usize| all || raised.is_none() || outermost_finished(steps, index).is_none();
        for (index, step) in steps.iter().enumerate().filter(|(index, _)| shown(*index)) {
            let inside = steps.iter().enumerate().filter(|(other, inner)| {
                !shown(*other) && inner.is_run() && outermost_finished(steps, *other) == Some(index)
            });
            let more = inside.count();
            let mut result = self.result(step, module);
            if more > 0 {
                result.push_str(&format!(", {} below it", count(more, "more module")));
            }
            if step.frames.is_empty() {
                told.root(self.shown(step.root_file(module)), result);
            } else {
                self.below(&mut told, &step.frames, result);
            }
        }
        let runs = steps.iter().any(|step| step.is_root_of(module));
        if !runs && steps.is_empty() {
            told.root(self.shown(&module.file), "does not run".to_owned());
        }
        if let Some(raised) = raised {
            self.ending(&mut told, raised, &module.verdict);
        }
        if !runs && !steps.is_empty() {
            told.root(self.shown(&module.file), "does not run".to_owned());
        }
        told.lines
    }

    fn ending(&self, told: &mut Told, raised: &Raised, verdict: &Verdict) {
        let frames: Vec<&Frame> = raised.frames.iter().filter(|frame| (self.is_project)(&frame.file)).collect();
        let because = because(raised, &|file| self.named(file));
        if frames.is_empty() {
            if let (Some(line), Some(because)) = (told.lines.last_mut(), because) {
                line.results.push(because);
            }
            return;
        }
        let result = match verdict {
            Verdict::Timeout(_) => "does not come back".to_owned(),
            _ => self.raises(raised),
        };
        self.below(told, &frames, result);
        if let Some(line) = told.lines.last_mut() {
            line.results.extend(because);
        }
    }

    /// A line for each frame that the line before does not stand below of.
    fn below(&self, told: &mut Told, frames: &[&Frame], result: String) {
        let stack: Vec<_> = frames.iter().map(|frame| (frame.file.to_path_buf(), frame.line)).collect();
        let common = stack.iter().zip(&told.stack).take_while(|(a, b)| a == b).count();
        if common == stack.len()
            && told.stack.len() == stack.len()
            && let Some(line) = told.lines.last_mut()
        {
            // Of a package that is found, and fails later, the latter is told.
            if line.results.last().is_some_and(|last| result.starts_with(last.as_str())) {
                line.results.pop();
            }
            line.results.push(result);
            return;
        }
        let last = frames.len() - 1;
        for (index, frame) in frames.iter().enumerate().skip(common.min(last)) {
            let statement = self.statement(frame);
            let text = if index == last { result.clone() } else { passes(&statement).to_owned() };
            told.lines.push(Line::new(index + 1, self.place(frame), statement, text));
        }
        told.stack = stack;
    }

    pub(super) fn place(&self, frame: &Frame) -> String {
        format!("{}:{}", self.shown(&frame.file), frame.line)
    }

    /// The statement that a frame executes, on one line.
    fn statement(&self, frame: &Frame) -> String {
        let text = (self.text)(&frame.file);
        let lines = text.as_deref().unwrap_or_default().lines().skip(frame.line.saturating_sub(1) as usize);
        let (mut whole, mut open) = (String::new(), 0_i32);
        for line in lines.take(STATEMENT_LINES) {
            let line = line.trim();
            open += line.chars().map(|c| i32::from("([{".contains(c)) - i32::from(")]}".contains(c))).sum::<i32>();
            let tight = whole.is_empty() || whole.ends_with(['(', '[', '{']) || line.starts_with([')', ']', '}']);
            if !tight {
                whole.push(' ');
            }
            whole.push_str(line);
            if open <= 0 {
                break;
            }
        }
        let mut shown: String = clean(&whole).chars().take(STATEMENT).collect();
        if shown.len() < whole.len() && whole.chars().count() > STATEMENT {
            shown.push_str(" ...");
        }
        shown
    }

    /// Conftests that stand above the module, in loading order.
    fn conftests(&self, module: &ModuleReport) -> Vec<Line> {
        let above = |file: &Path| file.parent().is_some_and(|directory| module.file.starts_with(directory));
        let conftests = self.collection.conftests.iter().filter(|conftest| above(&conftest.file));
        let line = |conftest: &ConftestReport| {
            let raised = conftest.raised.as_ref();
            let result = raised.map_or_else(|| "runs".into(), |raised| format!("raises {}", self.exception(raised)));
            Line::new(0, self.shown(&conftest.file), String::new(), result)
        };
        conftests.map(line).collect()
    }

    /// What pytest's own import led to.
    fn root_result(&self, step: &Step<'_>, report: &ModuleReport) -> String {
        match &step.what {
            What::Runs { file, .. } if *file == report.file.as_path() => "runs".to_owned(),
            What::Runs { end: End::Finishes(names), .. } => format!("runs{}", bound(names)),
            What::Runs { .. } => "starts".to_owned(),
            What::Finds { module, file, loading, .. } => {
                let when = if *loading { "still being imported" } else { "which ran before" };
                format!("does not run: sys.modules holds {module} from {}, {when}", self.shown(file))
            }
            What::Catches(raised) => self.raises(raised),
        }
    }

    /// What a statement led to: a package and version, or a module with what it binds.
    fn result(&self, step: &Step<'_>, report: &ModuleReport) -> String {
        if step.frames.is_empty() {
            return self.root_result(step, report);
        }
        match &step.what {
            What::Runs { file, end, .. } if !(self.is_project)(file) => match end {
                End::Finishes(_) => self.package(file),
                End::Raises(_) | End::Never => format!("{}, fails", self.package(file)),
            },
            What::Runs { file, end: End::Finishes(names), .. } => format!("{} runs{}", self.shown(file), bound(names)),
            What::Runs { file, .. } => format!("{} starts", self.shown(file)),
            What::Finds { file, .. } if !(self.is_project)(file) => self.package(file),
            What::Finds { file, .. } => self.found(file, step),
            What::Catches(raised) => format!("raises {}, which is caught", self.exception(raised)),
        }
    }

    /// A module that was there.
    fn found(&self, file: &Path, step: &Step<'_>) -> String {
        let shown = self.shown(file);
        match &step.what {
            What::Finds { loading: true, .. } => format!("{shown}, still being imported"),
            What::Finds { first: Some(first), .. } if first.file != Some(file) => {
                format!("{shown}, ran before for {}", self.asked(*first))
            }
            _ => format!("{shown}, ran before"),
        }
    }

    /// What pytest asked for, by path or name.
    pub(super) fn asked(&self, asked: Asked<'_>) -> String {
        asked.file.map_or_else(|| format!("the plugin {}", asked.module), |file| self.shown(file))
    }

    /// A file of the project, or of an installed package as seen from where packages lie.
    fn named(&self, file: &Path) -> String {
        match self.environment.site.iter().find_map(|entry| file.strip_prefix(&entry.path).ok()) {
            Some(below) => clean(&below.to_string_lossy()),
            None => self.shown(file),
        }
    }

    pub(super) fn package(&self, file: &Path) -> String {
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

    pub(super) fn raises(&self, raised: &Raised) -> String {
        let inside = raised.frames.last().filter(|frame| !(self.is_project)(&frame.file));
        let inside = inside.map(|frame| {
            let package = self.package(&frame.file);
            format!(" inside {}, {}:{}", package.trim_end_matches(", installed"), self.named(&frame.file), frame.line)
        });
        format!("raises {}{}", raised.class, inside.unwrap_or_default())
    }
}

impl Line {
    fn new(depth: usize, place: String, statement: String, result: String) -> Self {
        Self { depth, place, statement, results: vec![result] }
    }
}

impl Told {
    /// Something that pytest asked for.
    fn root(&mut self, place: String, result: String) {
        self.lines.push(Line::new(0, place, String::new(), result));
        self.stack.clear();
    }
}

impl Step<'_> {
    const fn is_run(&self) -> bool {
        matches!(self.what, What::Runs { .. })
    }

    /// The file that pytest asked for when it found this.
    fn root_file<'s>(&'s self, report: &'s ModuleReport) -> &'s Path {
        match self.what {
            What::Runs { file, .. } => file,
            What::Finds { .. } | What::Catches(_) => &report.file,
        }
    }

    fn is_root_of(&self, report: &ModuleReport) -> bool {
        self.frames.is_empty() && *self.root_file(report) == **report.file
    }
}

/// The outermost module around a step that came to its end.
fn outermost_finished(steps: &[Step<'_>], index: usize) -> Option<usize> {
    let mut found = None;
    let mut at = steps[index].within;
    while let Some(outer) = at {
        if matches!(steps[outer].what, What::Runs { end: End::Finishes(_), .. }) {
            found = Some(outer);
        }
        at = steps[outer].within;
    }
    found
}

/// What a statement does from which an exception comes out.
fn passes(statement: &str) -> &'static str {
    match statement.split([' ', '(']).next().unwrap_or_default() {
        "import" | "from" => "imports",
        "class" => "runs the body of the class",
        _ if statement.starts_with('@') => "decorates",
        _ => "calls",
    }
}

fn bound(names: &[Name]) -> String {
    match names.len() {
        0 => String::new(),
        1..=NAMES => {
            let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
            format!(", binds {}", names.join(", "))
        }
        more => format!(", binds {}", count(more, "name")),
    }
}
