//! What `check`, `collect`, `graph`, `exports` and `report` share: from paths to an analysis, and from there to what
//! renderers take.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Context;
use super::output::warn;
use super::project::{self, Failure};
use crate::base::system::System;
use crate::config::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::report::audit;
use crate::report::data::{Aborted, PlanStep, ReportData, Revision, relative};
use crate::report::look::{Paint, count};
use crate::rules;
use crate::session::plan::{Plan, Standing, plan};
use crate::session::{Analysis, Depth, Scope, analyse_to, asked_module};

/// Silence longer than this makes people wonder.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Settings of the project that these paths belong to, and the paths that are not the project itself.
pub fn settings(context: &Context, paths: &[PathBuf]) -> Result<(Settings, Vec<PathBuf>), Failure> {
    let project = project::find(&*context.system, paths)?;
    let loaded = project::settings(&*context.system, &project.root, &context.global)?;
    Ok((loaded.settings, project.paths))
}

/// Analyses; says that it takes time if it does and somebody watches.
pub fn run(context: &Context, settings: Settings) -> Result<Analysis, Failure> {
    run_to(Depth::Findings, context, settings)
}

/// The same as far as it is of use.
pub fn run_to(depth: Depth, context: &Context, settings: Settings) -> Result<Analysis, Failure> {
    let analysis = analysed(depth, context, settings)?;
    context.timings.add(&analysis.cost);
    Ok(analysis)
}

fn analysed(depth: Depth, context: &Context, settings: Settings) -> Result<Analysis, Failure> {
    let unknown = rules::unknown_selectors(&settings);
    if !unknown.is_empty() {
        let text = format!("failed to find rules called {}", unknown.join(", "));
        return Err(Failure::Usage(text, Some("`precollect explain --all` lists the rules".into())));
    }
    if let crate::config::settings::PythonChoice::Path(path) = &settings.python
        && context.system.metadata(path).is_err()
    {
        let text = format!("failed to find the Python environment {}: no such file or directory", path.display());
        return Err(Failure::Usage(text, Some("give a virtual environment or an interpreter, or `none`".into())));
    }
    if let Some(kept) = &context.kept {
        kept.enter(&settings.root);
    }
    let system = Arc::clone(&context.system);
    if !std::io::stderr().is_terminal() {
        return Ok(analyse_to(depth, system, settings));
    }
    let (done, finished) = channel::<()>();
    let text = context.look.paint(Paint::Dim, &format!("reading {} ...", settings.root.display()));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if finished.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                warn(&text);
                let _ = finished.recv();
                warn("\r\u{1b}[2K");
            }
        });
        let analysis = analyse_to(depth, system, settings);
        drop(done);
        Ok(analysis)
    })
}

/// What renderers take, narrowed to a part of the project.
pub fn data(analysis: &mut Analysis, scope: &Scope) -> ReportData {
    let whole = Whole::of(analysis);
    let world = &analysis.world;
    whole.narrowed(scope, &*world.system, &|file| world.store.text(file))
}

/// What renderers take, for all of the project, and what narrowing it takes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Whole {
    root: PathBuf,
    data: ReportData,
    /// For each finding, the module that it is about.
    asked: Vec<Option<PathBuf>>,
}

impl Whole {
    /// Takes the findings out of an analysis.
    pub fn of(analysis: &mut Analysis) -> Self {
        let root = analysis.collection.rootdir.clone();
        let diagnostics = std::mem::take(&mut analysis.diagnostics);
        let mut data = ReportData::new(&root, &analysis.world.environment, &analysis.collection, diagnostics);
        let current = analysis.world.system.current_dir();
        data.seen_from(&current, &root, analysis.world.environment.prefix.as_deref());
        let report = &analysis.world.settings.report;
        (data.title, data.sections) = (report.title.clone(), report.sections.clone());
        data.known = analysis.known;
        name(&mut data, analysis);
        let module = |finding: &Diagnostic| asked_module(&analysis.graph, &finding.subject).map(Path::to_path_buf);
        let asked = data.diagnostics.iter().map(module).collect();
        Self { root, data, asked }
    }

    /// What concerns a part of the project.
    pub fn narrowed(self, scope: &Scope, system: &dyn System, text: &dyn Fn(&Path) -> Option<Arc<str>>) -> ReportData {
        let Self { root, mut data, asked } = self;
        let mut asked = asked.into_iter();
        data.diagnostics.retain(|finding| scope.concerns(&root, asked.next().flatten().as_deref(), finding));
        narrow(&mut data, &root, scope, system);
        for diagnostic in &data.diagnostics {
            let path = &diagnostic.place.path;
            if !data.sources.contains_key(path)
                && let Some(text) = text(&root.join(&**path))
            {
                data.sources.insert(path.clone(), text);
            }
        }
        data
    }

    /// Whether it tells of a file, so that places in the file may matter.
    pub fn mentions(&self, file: &Path) -> bool {
        let shown = relative(&self.root, file);
        let data = &self.data;
        let modules = data.modules.iter().flat_map(|module| [&module.exception, &module.reason]).flatten();
        let conftests = data.conftests.iter().filter_map(|conftest| conftest.raises.as_ref());
        let texts = modules.chain(conftests).chain(&data.problems).any(|text| text.contains(&*shown));
        let aborts = |aborted: &Aborted| aborted.path.as_deref() == Some(&*shown) || aborted.reason.contains(&*shown);
        // Texts stand in it as they are.
        let findings = postcard::to_stdvec(&data.diagnostics).unwrap_or_default();
        let needle = shown.as_bytes();
        texts || data.aborted.as_ref().is_some_and(aborts) || findings.windows(needle.len()).any(|part| part == needle)
    }
}

/// What was looked at as the reader would call it: the paths that pytest was given, else where the modules lie, else the
/// project.
fn name(data: &mut ReportData, analysis: &Analysis) {
    let config = &analysis.world.config;
    let given = match config.line.positional.as_slice() {
        [] if config.uses_testpaths(&config.line) => config.words("testpaths", &[]),
        given => given.to_vec(),
    };
    if !given.is_empty() && given.len() <= 3 {
        let slash = |path: &String| {
            let is_dir = analysis.world.system.is_dir(&config.cwd.join(path)) && !path.ends_with('/');
            if is_dir { format!("{path}/") } else { path.clone() }
        };
        data.subject = given.iter().map(slash).collect::<Vec<_>>().join(", ");
    } else if !data.subject.ends_with('/')
        && let Some(project) = &analysis.world.environment.declared.project_name
    {
        data.subject.clone_from(project);
    }
}

/// Test modules and directories of them are answered for by themselves; other paths are spoken of as such.
fn narrow(data: &mut ReportData, root: &Path, scope: &Scope, system: &dyn System) {
    if scope.is_everything() {
        return;
    }
    let paths = scope.paths();
    let name = match paths {
        [only] if system.is_dir(only) => format!("{}/", relative(root, only)),
        [only] => relative(root, only).to_string(),
        paths => count(paths.len(), "file"),
    };
    let holds_modules = |path: &PathBuf| data.modules.iter().any(|module| root.join(&*module.path).starts_with(path));
    if paths.iter().all(holds_modules) {
        data.modules.retain(|module| scope.holds(&root.join(&*module.path)));
        data.subject = name;
    } else {
        data.scope = Some(name);
    }
}

/// The audit's own parts besides.
pub fn audit(analysis: &Analysis, data: &mut ReportData) {
    let declared = &analysis.world.environment.declared.requirements;
    audit::fill(data, &analysis.collection.rootdir, &analysis.graph, declared);
    data.revision = revision(&*analysis.world.system, &analysis.world.settings.root);
    data.told = told(analysis);
    let plan = plan(analysis);
    (data.plan_runs, data.plan_untried) = (plan.runs, plan.untried);
    data.plan = steps(&analysis.collection.rootdir, plan);
}

/// The commit that is checked out; none where git knows of none.
fn revision(system: &dyn System, root: &Path) -> Option<Revision> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim().to_owned();
    let shown = text(system.git(root, &["log", "-1", "--no-show-signature", "--format=%H %cs"], &[]).ok()?);
    let (commit, date) = shown.split_once(' ')?;
    let status = system.git(root, &["status", "--porcelain", "--untracked-files=normal", "--", "."], &[]);
    let changed = status.is_ok_and(|lines| !lines.is_empty());
    Some(Revision { commit: commit.to_owned(), date: date.to_owned(), changed })
}

/// Files and arguments that decided what is looked at, as phrases.
fn told(analysis: &Analysis) -> Vec<String> {
    let root = &analysis.collection.rootdir;
    let (settings, config) = (&analysis.world.settings, &analysis.world.config);
    let mut told: Vec<String> =
        config.inifile.iter().map(|file| format!("pytest's configuration from {}", relative(root, file))).collect();
    if !settings.pytest_args.is_empty() {
        told.push(format!("pytest's arguments {}", settings.pytest_args.join(" ")));
    }
    told.extend(settings.file.iter().map(|file| format!("settings from {}", relative(root, file))));
    told
}

fn steps(root: &Path, plan: Plan) -> Vec<PlanStep> {
    let step = |findings: Vec<Diagnostic>, causes: usize, after: Standing| PlanStep {
        findings,
        causes,
        modules: after.modules,
        good: after.good,
        unknown: after.unknown,
        ends: after.aborts || after.ends_at.is_some(),
        ends_at: after.ends_at.map(|file| relative(root, &file)),
    };
    let single = plan.steps.into_iter().map(|single| {
        let causes = single.findings.len();
        step(single.findings, causes, single.after)
    });
    single.chain(plan.rest.map(|(causes, after)| step(Vec::new(), causes, after))).collect()
}
