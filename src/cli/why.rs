//! `why`: what runs for a target, in order, and where it breaks.

use std::path::Path;

use super::analysis;
use super::args::{TextOrJson, Why};
use super::fixtures::unknown_test;
use super::output::print;
use super::project::{self, Failure};
use super::{Context, exit};
use crate::base::system::absolute;
use crate::diagnostic::Diagnostic;
use crate::pytest::verdict::{ModuleReport, Verdict};
use crate::report::data::relative;
use crate::report::why::Evidence;
use crate::rules;
use crate::session::Analysis;

pub fn run(context: &Context, args: &Why) -> Result<exit::Code, Failure> {
    let current = context.system.current_dir();
    let place = place(&args.target);
    let file = place.map_or_else(|| args.target.split("::").next().unwrap_or(&args.target), |(path, _)| path);
    let full = absolute(&current, Path::new(file));
    // A file tells its project by itself; a module name is looked up in the one that is named.
    let is_path = context.system.is_file(&full);
    let paths = if is_path { vec![full.clone()] } else { vec![args.path.clone()] };
    let root = project::find(&*context.system, &paths)?.root;
    let (mut settings, _) = analysis::settings(context, std::slice::from_ref(&root))?;
    settings.trace = true;
    let test = args.target.contains("::").then(|| node_id(&root, &current, &args.target));
    if test.is_some() {
        // Of one test is asked what it does when it runs, too.
        settings.extend_select.push("BLK020".to_owned());
    }
    let rule = rules::find(&args.target).map(|rule| rule.meta().code);
    settings.extend_select.extend(rule.map(str::to_owned));
    let analysis = analysis::run(context, settings)?;
    let evidence = Evidence {
        root: &analysis.collection.rootdir,
        collection: &analysis.collection,
        graph: &analysis.graph,
        diagnostics: &analysis.diagnostics,
        environment: &analysis.world.environment,
        text: &|file| analysis.world.store.text(file),
        is_project: &|file| crate::machine::Modules::is_project(&analysis.world, file),
    };
    let module = test_module(&analysis, &args.target, &full);
    if let (Some(module), Some(test)) = (module, &test)
        && !has_test(&analysis, module, test)
    {
        return Err(unknown_test(&analysis.collection, test));
    }
    let found = match (place, rule) {
        (Some((_, line)), _) if is_path => {
            let shown = relative(&analysis.collection.rootdir, &full);
            let found = evidence.at(&shown, line);
            if found.is_empty() {
                return Err(no_finding(&format!("at {shown}:{line}")));
            }
            found
        }
        (_, Some(code)) => {
            let found: Vec<_> = analysis.diagnostics.iter().filter(|found| found.code == code).collect();
            if found.is_empty() {
                return Err(no_finding(&format!("of {code}")));
            }
            found
        }
        _ => Vec::new(),
    };
    let text = match (module, args.output_format) {
        _ if !found.is_empty() => of_findings(context, &evidence, &found, args.output_format),
        (Some(module), TextOrJson::Json) => evidence.module_json(module),
        (Some(module), TextOrJson::Text) => {
            let running = test.map(|test| evidence.running(&test, &context.look)).unwrap_or_default();
            evidence.module(module, &context.look) + &running
        }
        (None, format) => other(context, &analysis, &evidence, &args.target, format)?,
    };
    print(&text)?;
    Ok(exit::CLEAN)
}

/// What is not a test module: any other module, a finding by its subject or fingerprint, a name of a module.
fn other(
    context: &Context,
    analysis: &Analysis,
    evidence: &Evidence<'_>,
    target: &str,
    format: TextOrJson,
) -> Result<String, Failure> {
    let no_module = match super::graph::module(context, analysis, target) {
        Ok(node) => {
            return Ok(match format {
                TextOrJson::Json => evidence.other_json(node),
                TextOrJson::Text => evidence.other(node, &context.look),
            });
        }
        Err(failure) => failure,
    };
    let found = evidence.about(target);
    if !found.is_empty() {
        return Ok(of_findings(context, evidence, &found, format));
    }
    let named = target.rsplit_once('.').filter(|(_, name)| !matches!(*name, "py" | "pyi"));
    let named = named.and_then(|(module, name)| Some((analysis.graph.named(module)?, name)));
    let Some((node, name)) = named else { return Err(no_module) };
    Ok(match format {
        TextOrJson::Json => evidence.other_json(node),
        TextOrJson::Text => evidence.name(node, name, &context.look),
    })
}

fn of_findings(context: &Context, evidence: &Evidence<'_>, found: &[&Diagnostic], format: TextOrJson) -> String {
    match format {
        TextOrJson::Json => evidence.findings_json(found),
        TextOrJson::Text => evidence.findings(found, &context.look),
    }
}

fn no_finding(which: &str) -> Failure {
    Failure::Usage(format!("there is no finding {which}"), Some("`precollect check` lists the findings".to_owned()))
}

/// `PATH:LINE` or `PATH:LINE:COLUMN`, as findings are shown.
fn place(target: &str) -> Option<(&str, u32)> {
    let (front, last) = target.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    match front.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some((path, line)) => Some((path, line)),
        None => Some((front, last)).filter(|(path, _)| !path.ends_with(':')),
    }
}

/// Whether a module has a test, or may have it.
fn has_test(analysis: &Analysis, module: &ModuleReport, test: &str) -> bool {
    let exact = module.exact && matches!(module.verdict, Verdict::Collected);
    let below = |id: &str| id.strip_prefix(test).is_some_and(|rest| matches!(rest.as_bytes(), [] | [b'[' | b':', ..]));
    let functions = analysis.collection.functions.iter().map(|function| &*function.nodeid);
    !exact || functions.chain(module.items.iter().map(String::as_str)).any(below)
}

/// A node id with its path as seen from the project.
fn node_id(root: &Path, current: &Path, target: &str) -> String {
    let (file, rest) = target.split_once("::").unwrap_or((target, ""));
    let full = absolute(current, Path::new(file));
    let shown = full.strip_prefix(root).unwrap_or(Path::new(file));
    format!("{}::{rest}", shown.to_string_lossy().replace('\\', "/"))
}

/// A test module by path, node id or the name pytest imports it under.
fn test_module<'a>(analysis: &'a Analysis, target: &str, full: &Path) -> Option<&'a ModuleReport> {
    let id = target.split("::").next().unwrap_or(target);
    let mut modules = analysis.collection.modules.iter();
    modules.find(|module| *module.file == *full || module.nodeid == id || module.module == target)
}
