//! `check`: findings.

use std::collections::BTreeMap;
use std::path::Path;

use super::analysis::{self, Whole};
use super::args::Check;
use super::output::{print, write};
use super::project::Failure;
use super::{Context, exit, fixing, known};
use crate::config::settings::{Format, Output, Settings, keys};
use crate::diagnostic::Severity;
use crate::report::data::ReportData;
use crate::report::look::{Look, Paint, number};
use crate::report::render;
use crate::session::Scope;
use crate::syntax;

pub fn run(context: &Context, args: &Check) -> Result<exit::Code, Failure> {
    let paths = args.stdin_filename.as_ref().map_or(&args.paths[..], std::slice::from_ref);
    let (mut settings, paths) = analysis::settings(context, paths)?;
    options(&mut settings, args)?;
    known::options(context, &mut settings, args)?;
    let baseline = args.update_baseline.then(|| known::without(&mut settings));
    let outputs = outputs(&settings)?;
    let fails_on = settings.fails_on();
    let selects_all = settings.select.is_empty() && settings.ignore.is_empty();
    let scope = Scope::new(paths);
    let telling = Telling { args, outputs, fails_on, selects_all };
    // Whoever changes files, or compares with others, needs the analysis itself; so does the audit.
    let plain = !(args.fix || args.diff || args.update_baseline || args.since.is_some() || args.add_ignore.is_some());
    let plain = plain && !telling.outputs.iter().any(|output| output.format == Format::Markdown);
    let kept = context.kept.as_ref().filter(|_| plain);
    if let Some(whole) = kept.and_then(|kept| kept.recall(&settings, &context.timings)) {
        let text = |file: &Path| Some(syntax::decode(&context.system.read(file).ok()?).into());
        let data = whole.narrowed(&scope, &*context.system, &text);
        return telling.tell(context, &data);
    }
    let mut analysis = if args.fix || args.diff {
        let fixed = fixing::repair(context, &settings, &scope, args)?;
        if args.diff {
            fixed.show(context)?;
            let changed = !fixed.changes.is_empty() && !args.exit_zero;
            return Ok(if changed { exit::FINDINGS } else { exit::CLEAN });
        }
        fixed.write(context)?;
        fixed.analysis
    } else {
        analysis::run(context, settings.clone())?
    };
    if let Some(file) = baseline {
        known::write(context, &file, &analysis.diagnostics)?;
        return Ok(exit::CLEAN);
    }
    if let Some(revision) = &args.since {
        known::since(context, &settings, revision, &mut analysis.diagnostics)?;
    }
    let root = analysis.collection.rootdir.clone();
    let mut whole = Whole::of(&mut analysis);
    if let Some(kept) = kept {
        whole = kept.remember(&settings, whole, &analysis);
    }
    let mut data = whole.narrowed(&scope, &*context.system, &|file| analysis.world.store.text(file));
    if let Some(revision) = &args.since {
        data.scope.get_or_insert_with(|| format!("what changed since {revision}"));
    }
    if let Some(reason) = &args.add_ignore {
        fixing::silence(context, &root, &data.diagnostics, reason)?;
        return Ok(exit::CLEAN);
    }
    if telling.outputs.iter().any(|output| output.format == Format::Markdown) {
        analysis::audit(&analysis, &mut data);
    }
    let told = telling.tell(context, &data);
    if !args.watch {
        // The process ends: to give back what it holds piece by piece is of no use.
        std::mem::forget(analysis);
    }
    told
}

/// How the findings are told.
struct Telling<'a> {
    args: &'a Check,
    outputs: Vec<Output>,
    fails_on: Severity,
    selects_all: bool,
}

impl Telling<'_> {
    fn tell(&self, context: &Context, data: &ReportData) -> Result<exit::Code, Failure> {
        if self.args.statistics {
            print(&statistics(data, &context.look))?;
        } else {
            for output in &self.outputs {
                show(context, output, data)?;
            }
        }
        // A run that never starts is no success, even where no rule has a word for it.
        let refused = data.aborted.is_some() && data.diagnostics.is_empty() && self.selects_all;
        let refused = refused && data.known == 0 && self.args.since.is_none();
        let found = refused || data.diagnostics.iter().any(|diagnostic| diagnostic.severity >= self.fails_on);
        Ok(if found && !self.args.exit_zero { exit::FINDINGS } else { exit::CLEAN })
    }
}

/// Renders into a file or to standard output.
pub fn show(context: &Context, output: &Output, data: &ReportData) -> Result<(), Failure> {
    let look = match &output.file {
        None => context.look,
        Some(_) => Look { color: false, links: false, width: 100, ..context.look },
    };
    put(context, output, &render(output.format, data, &look))
}

/// A text to where an output goes.
pub fn put(context: &Context, output: &Output, text: &str) -> Result<(), Failure> {
    match &output.file {
        None => print(text),
        Some(file) => write(&*context.system, file, text),
    }
}

fn options(settings: &mut Settings, args: &Check) -> Result<(), Failure> {
    let wrong = |option: &str, error: String| Failure::Usage(format!("--{option}: {error}"), None);
    settings.pytest_args.clone_from(&args.pytest_args);
    if let Some(select) = &args.select {
        settings.select.clone_from(select);
    }
    settings.extend_select.extend(args.extend_select.iter().cloned());
    settings.ignore.extend(args.ignore.iter().cloned());
    for text in &args.per_file_ignores {
        let Some((glob, code)) = text.rsplit_once(':') else {
            return Err(wrong("per-file-ignores", format!("expected GLOB:RULE, found `{text}`")));
        };
        settings.per_file_ignores.push((glob.to_string(), vec![code.to_string()]));
    }
    if let Some(text) = &args.fail_on {
        settings.fail_on = Some(keys::severity(text).map_err(|error| wrong("fail-on", error))?);
    }
    if !args.output_format.is_empty() {
        let parsed = args.output_format.iter().map(|text| text.parse::<Output>());
        settings.output_format = parsed.collect::<Result<_, _>>().map_err(|error| wrong("output-format", error))?;
    }
    Ok(())
}

/// Only one of them can have standard output.
fn outputs(settings: &Settings) -> Result<Vec<Output>, Failure> {
    let outputs = settings.output_format.clone();
    if outputs.iter().filter(|output| output.file.is_none()).count() > 1 {
        let help = "write all but one to files: --output-format sarif=precollect.sarif".to_string();
        return Err(Failure::Usage("failed to print several formats to standard output".into(), Some(help)));
    }
    Ok(if outputs.is_empty() { vec![Output { format: Format::Full, file: None }] } else { outputs })
}

/// Findings per rule, most frequent first.
fn statistics(data: &ReportData, look: &Look) -> String {
    let mut counts: BTreeMap<(&str, &str), (usize, Severity, usize)> = BTreeMap::new();
    for d in &data.diagnostics {
        let row = counts.entry((d.code, d.name)).or_insert((0, d.severity, 0));
        *row = (row.0 + 1, row.1.max(d.severity), row.2 + d.victims.len());
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|((code, _), (findings, ..))| (std::cmp::Reverse(*findings), *code));
    let widest = rows.iter().map(|((_, name), _)| name.len()).max().unwrap_or(0);
    let row = |((code, name), (findings, severity, victims)): &((&str, &str), (usize, Severity, usize))| {
        let code = look.paint(Paint::Severity(*severity), code);
        let victims = if *victims == 0 { String::new() } else { format!("  {} affected", number(*victims)) };
        format!("{:>6}  {code}  {name:<widest$}{victims}", number(*findings)).trim_end().to_string() + "\n"
    };
    rows.iter().map(row).collect()
}
