//! What there is to report, apart from how it looks. Filled by the front end from one analysis.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::intern;
use crate::base::paths::PathMap;
use crate::base::span::LineTable;
use crate::diagnostic::{Certainty, Diagnostic, Place, Severity};
use crate::environment::Environment;
use crate::pytest::verdict::{Collection, ModuleReport, Verdict};

/// Everything a renderer may use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReportData {
    /// What was looked at, as a reader would call it: `tests/`.
    pub subject: String,
    /// Title of the audit, if settings give one.
    pub title: Option<String>,
    /// Sections of the audit that settings choose; empty means all.
    pub sections: Vec<String>,
    /// The project's absolute path.
    pub root: String,
    /// What leads from the reader's directory to the project: empty, `demo/`, `../` or an absolute path.
    pub prefix: String,
    /// The files that the findings were narrowed to, as a reader would call them; none if nothing was left out.
    pub scope: Option<String>,
    /// The world it was judged in.
    pub run: Run,
    /// Test modules in collection order.
    pub modules: Vec<Module>,
    /// Why the run ends before any module.
    pub aborted: Option<Aborted>,
    /// How many findings the baseline knows; they are left out.
    pub known: usize,
    /// Findings, most pressing first.
    pub diagnostics: Vec<Diagnostic>,
    /// Decoded texts of the files that findings point into, by path as printed.
    pub sources: BTreeMap<Arc<str>, Arc<str>>,
    /// Things that could not be read, as sentences.
    pub problems: Vec<String>,
    /// Import cycles, if the front end looked for them.
    pub cycles: Vec<Cycle>,
    /// Requested names beside real ones, per module; for the audit.
    pub mismatches: Vec<Mismatch>,
    /// Calls that tests reach and that may never come back; for the audit.
    pub hazards: Vec<Diagnostic>,
    /// Services and variables that tests need; for the audit.
    pub needs: Vec<Diagnostic>,
    /// Fixtures that nobody asks for; for the audit.
    pub unused: Vec<Diagnostic>,
    /// Third-party modules that are missing; for the audit.
    pub missing: Vec<MissingPackage>,
    /// Modules of the project that are missing; for the audit.
    pub missing_modules: Vec<MissingModule>,
    /// Conftests in loading order, with the directory they serve.
    pub conftests: Vec<Conftest>,
    /// In which order to repair, with what collects then; for the audit.
    pub plan: Vec<PlanStep>,
    /// Runs of the machine that the plan took.
    pub plan_runs: usize,
    /// Causes that the plan does not reach, because it may take no more runs.
    pub plan_untried: usize,
    /// The state of the tree, if it is in a git repository; for the audit.
    pub revision: Option<Revision>,
    /// What the run was told, as phrases; for the audit.
    pub told: Vec<String>,
}

/// Which state of a repository was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// The full hash.
    pub commit: String,
    /// The day on which it was made, `2026-01-31`.
    pub date: String,
    /// Whether files of the project are different from it.
    pub changed: bool,
}

/// One step of the repair: one cause, or all that are left behind the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// The causes that one action repairs, the one in front of most modules first, those that come to light behind them
    /// last; none for the last step, if it stands for all that is left.
    pub findings: Vec<Diagnostic>,
    /// How many causes it repairs.
    pub causes: usize,
    /// Test modules that the run looks at after it.
    pub modules: usize,
    /// Those that collect then, or skip as they mean to.
    pub good: usize,
    /// Those of which that is not known.
    pub unknown: usize,
    /// Something ends the run even then.
    pub ends: bool,
    /// The module that does.
    pub ends_at: Option<Arc<str>>,
}

/// The world a run was judged in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// `3.11`
    pub python: String,
    /// Where the environment was found (`.venv`), if one was.
    pub environment: Option<String>,
    /// pytest's version, if known.
    pub pytest: Option<String>,
    /// What stood in for what is not known, as phrases.
    pub assumed: Vec<String>,
    /// Absolute directories and how to show them, longest first.
    pub shown_as: Vec<(String, String)>,
}

/// One test module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// Path as printed, relative to the project.
    pub path: Arc<str>,
    /// pytest's node id.
    pub nodeid: String,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Whether that is certain.
    pub certain: bool,
    /// `ImportError: cannot import name ...`, if it fails.
    pub exception: Option<String>,
    /// Why it is skipped, or cannot be decided.
    pub reason: Option<String>,
    /// Node ids that are known.
    pub tests: usize,
    /// Whether those are all.
    pub exact: bool,
}

/// What becomes of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Outcome {
    /// Its tests are listed.
    Collects,
    /// Skipped as a whole.
    Skips,
    /// A collect error.
    Fails,
    /// It ends the whole run.
    EndsRun,
    /// Its import does not return.
    Hangs,
    /// Cannot be decided from source.
    Unknown,
}

impl Outcome {
    /// The word in tables and JSON, as in the truth format.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Collects => "collected",
            Self::Skips => "skipped",
            Self::Fails => "error",
            Self::EndsRun => "exit",
            Self::Hangs => "timeout",
            Self::Unknown => "unknown",
        }
    }

    /// Whether its tests are lost.
    #[must_use]
    pub const fn is_bad(self) -> bool {
        matches!(self, Self::Fails | Self::EndsRun | Self::Hangs)
    }
}

/// A run that ends before any module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aborted {
    /// `conftest: ImportError: ...`
    pub reason: String,
    /// The conftest or plugin, if it is one.
    pub path: Option<Arc<str>>,
}

/// An import cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Modules in the order of the shortest loop.
    pub modules: Vec<String>,
    /// Its edges as `path:line text`.
    pub edges: Vec<String>,
    /// `fatal`, `fragile`, `harmless`, `deferred`.
    #[serde(deserialize_with = "intern::literal")]
    pub kind: intern::Literal,
    /// The import to move, as `path:line`, where it fails.
    pub cut: Option<String>,
}

/// Imported names that a module does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// The module.
    pub module: String,
    /// Its file, as printed.
    pub path: String,
    /// Names that imports ask for and the module lacks.
    pub wanted: Vec<String>,
    /// Names it has.
    pub exports: Vec<String>,
    /// Nearest names per wanted name.
    pub suggestions: Vec<String>,
    /// Imports that would work instead.
    pub instead: Vec<String>,
}

/// A third-party module that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingPackage {
    /// Import name.
    pub module: String,
    /// What to install, if known.
    pub distribution: Option<String>,
    /// The distribution that is installed, in a version that lacks the module.
    pub installed: Option<String>,
    /// Whether a dependency list names it.
    pub declared: bool,
    /// Imports that ask for it, as `path:line`.
    pub wanted_at: Vec<String>,
    /// Modules that fail because of it.
    pub victims: usize,
}

/// A module of the project that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingModule {
    /// The wanted name.
    pub module: String,
    /// Imports that ask for it, as `path:line`.
    pub wanted_at: Vec<String>,
    /// Modules that fail because of it.
    pub victims: usize,
    /// Existing modules with a similar name, best first.
    pub nearest: Vec<String>,
}

/// A conftest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conftest {
    /// Path as printed.
    pub path: Arc<str>,
    /// What its import raises, if it does.
    pub raises: Option<String>,
    /// Fixtures that it defines, sorted.
    pub fixtures: Vec<String>,
}

/// Modules by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub modules: usize,
    /// [`Outcome::Collects`]
    pub collect: usize,
    /// [`Outcome::Skips`]
    pub skip: usize,
    /// [`Outcome::Fails`]
    pub fail: usize,
    /// [`Outcome::EndsRun`]
    pub end_run: usize,
    /// [`Outcome::Hangs`]
    pub hang: usize,
    /// [`Outcome::Unknown`]
    pub unknown: usize,
}

impl Counts {
    /// Modules whose tests are lost.
    #[must_use]
    pub const fn bad(self) -> usize {
        self.fail + self.end_run + self.hang
    }
}

impl ReportData {
    /// The part that collection, environment and findings tell.
    #[must_use]
    pub fn new(root: &Path, environment: &Environment, collection: &Collection, diagnostics: Vec<Diagnostic>) -> Self {
        let modules: Vec<Module> = collection.modules.iter().map(|module| row(root, module)).collect();
        let defined = defined(collection);
        let conftest = |report: &crate::pytest::verdict::ConftestReport| Conftest {
            path: relative(root, &report.file),
            raises: report.raised.as_ref().map(|raised| exception(root, raised)),
            fixtures: defined.get(&report.file).into_iter().flatten().cloned().collect(),
        };
        let aborted = collection
            .ends_before_modules()
            .map(|abort| Aborted { reason: abort.told(), path: abort.file.as_ref().map(|file| relative(root, file)) });
        let mut data = Self {
            subject: subject(root, &modules),
            root: root.to_string_lossy().into_owned(),
            run: run(root, environment),
            modules,
            aborted,
            diagnostics,
            problems: environment.problems.clone(),
            conftests: collection.conftests.iter().map(conftest).collect(),
            ..Self::default()
        };
        data.order();
        data
    }

    /// Most pressing first: what ends or hangs the run, then by severity, certainty and what it unblocks.
    pub fn order(&mut self) {
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        diagnostics.sort_by_cached_key(|d| {
            (
                std::cmp::Reverse((d.severity, self.stops_run(d), d.certainty, d.victims.len())),
                d.place.clone(),
                d.code,
                d.message.clone(),
            )
        });
        self.diagnostics = diagnostics;
    }

    /// Whether nothing behind it is looked at for sure: an error that is [in front of the run](Self::is_in_front).
    #[must_use]
    pub fn stops_run(&self, diagnostic: &Diagnostic) -> bool {
        diagnostic.severity == Severity::Error && self.is_in_front(diagnostic)
    }

    /// Whether it ends or hangs the run, or breaks what pytest loads first.
    #[must_use]
    pub fn is_in_front(&self, diagnostic: &Diagnostic) -> bool {
        let aborts = |path: &str| self.aborted.as_ref().is_some_and(|a| a.path.as_deref() == Some(path));
        let stops = |module: &Module| matches!(module.outcome, Outcome::EndsRun | Outcome::Hangs);
        diagnostic.victims.iter().any(|victim| {
            aborts(&victim.path) || self.modules.iter().any(|module| module.path == victim.path && stops(module))
        })
    }

    /// A path of the project as the reader can follow it.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        if path.starts_with('/') { self.tidy(path) } else { format!("{}{path}", self.prefix) }
    }

    /// The absolute form of a path of the project.
    #[must_use]
    pub fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", self.root) }
    }

    /// The fingerprint of a finding, told apart from that of others which differ in their place only: services take one
    /// fingerprint for one finding.
    #[must_use]
    pub fn fingerprint(&self, diagnostic: &Diagnostic) -> String {
        let key = |d: &Diagnostic| (d.code, d.place.path.clone(), d.subject.clone());
        let place = |d: &Diagnostic| (d.place.line, d.place.column, d.message.clone());
        let own = key(diagnostic);
        let before = |d: &&Diagnostic| d.code == own.0 && key(d) == own && place(d) < place(diagnostic);
        match self.diagnostics.iter().filter(before).count() {
            0 => diagnostic.fingerprint(),
            more => format!("{}-{}", diagnostic.fingerprint(), more + 1),
        }
    }

    /// Tells how the reader sees the project and its environment from their own directory.
    pub fn seen_from(&mut self, current: &Path, root: &Path, environment: Option<&Path>) {
        self.prefix = prefix(current, root);
        if let Some(environment) = environment {
            let shown = prefix(current, environment);
            self.run.environment = Some(shown.trim_end_matches('/').to_string());
            self.run.shown_as.push((format!("{}/", environment.display()), shown));
        }
    }

    /// A text with absolute paths of the environment as the reader sees them.
    #[must_use]
    pub fn tidy(&self, text: &str) -> String {
        self.run.shown_as.iter().fold(text.to_string(), |text, (absolute, shown)| text.replace(absolute, shown))
    }

    /// Modules by outcome.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { modules: self.modules.len(), ..Counts::default() };
        for module in &self.modules {
            *match module.outcome {
                Outcome::Collects => &mut counts.collect,
                Outcome::Skips => &mut counts.skip,
                Outcome::Fails => &mut counts.fail,
                Outcome::EndsRun => &mut counts.end_run,
                Outcome::Hangs => &mut counts.hang,
                Outcome::Unknown => &mut counts.unknown,
            } += 1;
        }
        counts
    }

    /// Number of tests in modules that collect, and whether it is exact.
    #[must_use]
    pub fn tests(&self) -> (usize, bool) {
        let collected = || self.modules.iter().filter(|m| m.outcome == Outcome::Collects);
        let unknown = self.modules.iter().any(|module| module.outcome == Outcome::Unknown);
        (collected().map(|module| module.tests).sum(), !unknown && collected().all(|module| module.exact))
    }

    /// Whether nothing of what was asked for keeps a module from collecting.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        match &self.scope {
            Some(_) => self.explained() == 0 && self.of_severity(Severity::Error) == 0,
            None => self.counts().bad() == 0 && self.aborted.is_none(),
        }
    }

    /// Bad modules that some finding names as a victim.
    #[must_use]
    pub fn explained(&self) -> usize {
        let victims: BTreeSet<&str> =
            self.diagnostics.iter().flat_map(|d| d.victims.iter().map(|victim| &*victim.path)).collect();
        self.modules.iter().filter(|m| m.outcome.is_bad() && victims.contains(&*m.path)).count()
    }

    /// Findings of that severity.
    #[must_use]
    pub fn of_severity(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// Reasons for which modules are skipped, most frequent first.
    #[must_use]
    pub fn skip_reasons(&self) -> Vec<(&str, usize)> {
        reasons(self.modules.iter().filter(|m| m.outcome == Outcome::Skips))
    }

    /// Reasons for which modules cannot be decided, most frequent first.
    #[must_use]
    pub fn unknown_reasons(&self) -> Vec<(&str, usize)> {
        reasons(self.modules.iter().filter(|m| m.outcome == Outcome::Unknown))
    }
}

fn reasons<'a>(modules: impl Iterator<Item = &'a Module>) -> Vec<(&'a str, usize)> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for module in modules {
        *counted.entry(module.reason.as_deref().unwrap_or("reason not known")).or_default() += 1;
    }
    let mut reasons: Vec<_> = counted.into_iter().collect();
    reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    reasons
}

/// The path as printed: relative to the project with `/`, else absolute.
#[must_use]
pub fn relative(root: &Path, path: &Path) -> Arc<str> {
    let shown = path.strip_prefix(root).unwrap_or(path);
    let text = shown.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".into() } else { text.into() }
}

/// Line and column (1-based, in characters) behind the last character of a place; its start where the text is not known.
#[must_use]
pub fn end(data: &ReportData, place: &Place) -> (u32, u32) {
    let (start, end) = (place.span.start as usize, place.span.end as usize);
    let covered = data.sources.get(&place.path).and_then(|text| text.get(start..end)).unwrap_or("");
    let lines = LineTable::new(covered);
    let last = u32::try_from(lines.len()).unwrap_or(1);
    let from = lines.start(last).unwrap_or(0) as usize;
    let width = u32::try_from(covered[from..].chars().count()).unwrap_or(0);
    if last == 1 { (place.line, place.column + width) } else { (place.line + last - 1, width + 1) }
}

/// What leads from one directory to another: empty, `below/`, `../`, or the absolute path where they have little in
/// common.
#[must_use]
pub fn prefix(current: &Path, target: &Path) -> String {
    let shared = current.components().zip(target.components()).take_while(|(a, b)| a == b).count();
    let up = current.components().count() - shared;
    let down: std::path::PathBuf = target.components().skip(shared).collect();
    let far = up > 0 && (shared <= 1 || up > 3);
    let path = if far { target.to_path_buf() } else { Path::new(&"../".repeat(up)).join(down) };
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() || text.ends_with('/') { text } else { format!("{text}/") }
}

fn row(root: &Path, module: &ModuleReport) -> Module {
    let mut row = Module {
        path: relative(root, &module.file),
        nodeid: module.nodeid.clone(),
        outcome: Outcome::Collects,
        certain: true,
        exception: None,
        reason: None,
        tests: module.items.len(),
        exact: module.exact,
    };
    let raised = match &module.verdict {
        Verdict::Collected => return row,
        Verdict::Skipped { reason } => {
            row.outcome = Outcome::Skips;
            row.reason.clone_from(reason);
            return row;
        }
        Verdict::Unknown(reason) => {
            row.outcome = Outcome::Unknown;
            row.reason = Some(reason.clone());
            return row;
        }
        Verdict::Error(raised) => {
            row.outcome = Outcome::Fails;
            raised
        }
        Verdict::Exit(raised) => {
            row.outcome = Outcome::EndsRun;
            raised
        }
        Verdict::Timeout(raised) => {
            row.outcome = Outcome::Hangs;
            raised
        }
    };
    row.certain = raised.certainty == Certainty::Certain;
    row.exception = Some(match row.outcome {
        Outcome::Hangs => crate::rules::reached::what(&raised.cause),
        _ => exception(root, raised),
    });
    row
}

/// The fixtures that files register for their directories.
fn defined(collection: &Collection) -> PathMap<BTreeSet<String>> {
    let mut names = PathMap::default();
    for definition in collection.registry.definitions().iter().filter(|definition| !definition.generated) {
        if let Some(written) = &definition.source {
            names.get_or_insert_with(&written.file, BTreeSet::new).insert(definition.name.to_string());
        }
    }
    names
}

fn exception(root: &Path, raised: &crate::machine::Raised) -> String {
    let below = format!("{}/", root.display());
    match &raised.message {
        Some(message) if !message.is_empty() => format!("{}: {}", raised.class, message.replace(&below, "")),
        _ => raised.class.to_string(),
    }
}

/// The deepest directory that holds every module, else the project's name.
fn subject(root: &Path, modules: &[Module]) -> String {
    let mut directories = modules.iter().map(|m| m.path.rsplit_once('/').map_or("", |(directory, _)| directory));
    let mut common = directories.next().unwrap_or("");
    for directory in directories {
        while !(directory == common || directory.starts_with(&format!("{common}/")) || common.is_empty()) {
            common = common.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }
    if common.is_empty() {
        root.file_name().map_or_else(|| "the tree".into(), |name| name.to_string_lossy().into_owned())
    } else {
        format!("{common}/")
    }
}

fn run(root: &Path, environment: &Environment) -> Run {
    let mut assumed = Vec::new();
    let found = environment.prefix.as_ref().map(|prefix| relative(root, prefix).to_string());
    if found.is_none() {
        let files: Vec<_> = environment.declared.files.iter().map(|file| relative(root, file).to_string()).collect();
        assumed.push(match files.as_slice() {
            [] => "third-party modules taken as present (no environment, and no declared dependencies)".into(),
            [one] => format!("third-party modules judged from {one} (no environment)"),
            [one, rest @ ..] => format!(
                "third-party modules judged from {one} and {} (no environment)",
                super::look::count(rest.len(), "other file")
            ),
        });
    }
    let pytest = environment.distribution("pytest").map(|pytest| pytest.version.clone());
    Run { python: environment.version.to_string(), environment: found, pytest, assumed, shown_as: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Module {
        Module {
            path: path.into(),
            nodeid: path.into(),
            outcome: Outcome::Collects,
            certain: true,
            exception: None,
            reason: None,
            tests: 1,
            exact: true,
        }
    }

    #[test]
    fn paths_lead_from_the_reader_to_the_project() {
        let of = |current: &str, root: &str| prefix(Path::new(current), Path::new(root));
        assert_eq!(of("/home/shop", "/home/shop"), "");
        assert_eq!(of("/home", "/home/shop/api"), "shop/api/");
        assert_eq!(of("/home/shop/a/b", "/home/shop"), "../../");
        assert_eq!(of("/home/shop/a", "/home/shop/.venv"), "../.venv/");
        assert_eq!(of("/home/shop", "/srv/x"), "/srv/x/");
        assert_eq!(of("/", "/srv/x"), "srv/x/");
    }

    #[test]
    fn the_subject_is_the_deepest_common_directory() {
        let of = |paths: &[&str]| {
            subject(Path::new("/home/shop"), &paths.iter().map(|path| module(path)).collect::<Vec<_>>())
        };
        assert_eq!(of(&["tests/a/test_a.py", "tests/a/test_b.py"]), "tests/a/");
        assert_eq!(of(&["tests/a/test_a.py", "tests/ab/test_b.py"]), "tests/");
        assert_eq!(of(&["tests/test_a.py", "test_b.py"]), "shop");
        assert_eq!(of(&[]), "shop");
    }
}
