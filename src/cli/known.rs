//! `check --baseline`, `--update-baseline` and `--since`: only what is new.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Context;
use super::args::Check;
use super::output::warn;
use super::project::Failure;
use crate::base::system::{Overlay, absolute};
use crate::config::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::git;
use crate::report::data::relative;
use crate::report::look::count;
use crate::rules::baseline::Baseline;
use crate::session::analyse;

/// Where the baseline is written where nobody says.
const DEFAULT: &str = "precollect-baseline.json";

/// Puts the baseline into the settings; one that is to be read has to be there and readable.
pub fn options(context: &Context, settings: &mut Settings, args: &Check) -> Result<(), Failure> {
    if let Some(file) = &args.baseline {
        settings.baseline = Some(absolute(&context.system.current_dir(), file));
    }
    if args.update_baseline {
        return Ok(());
    }
    let Some(file) = &settings.baseline else { return Ok(()) };
    let wrong = |error: String| {
        let help = "`precollect check --update-baseline` writes it".to_string();
        Failure::Usage(format!("failed to read the baseline {}: {error}", file.display()), Some(help))
    };
    let bytes = context.system.read(file).map_err(|error| wrong(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    Baseline::parse(&text).map(|_| ()).map_err(wrong)
}

/// Takes the baseline out of the settings, so that everything is found.
pub fn without(settings: &mut Settings) -> PathBuf {
    settings.baseline.take().unwrap_or_else(|| settings.root.join(DEFAULT))
}

/// Writes the findings of today.
pub fn write(context: &Context, file: &Path, findings: &[Diagnostic]) -> Result<(), Failure> {
    let before = context.system.read(file).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let is_first = before.is_none();
    let before = before.and_then(|text| Baseline::parse(&text).ok()).unwrap_or_default();
    let (mut new, today) = (findings.to_vec(), Baseline::of(findings));
    let (_, gone) = before.take_known(&mut new);
    let failed = |error| Failure::Usage(format!("failed to write {}: {error}", file.display()), None);
    context.system.replace(file, today.text().as_bytes()).map_err(failed)?;
    let gone: usize = gone.iter().map(|known| known.count).sum();
    let shown = file.strip_prefix(context.system.current_dir()).unwrap_or(file);
    let total = count(today.len(), "finding");
    warn(&format!("{total} in {}: {} new, {gone} gone\n", shown.display(), new.len()));
    if is_first {
        let name = shown.display().to_string();
        warn(&format!("`baseline = {name:?}` in the configuration makes every run tell only what is new\n"));
    }
    Ok(())
}

/// Leaves what was not there at a revision: findings, and test modules that a cause did not break then.
pub fn since(
    context: &Context,
    settings: &Settings,
    revision: &str,
    findings: &mut Vec<Diagnostic>,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        let help = "--since wants a commit, branch or tag of the project's git repository".to_string();
        Failure::Usage(format!("failed to read the tree at {revision}: {error}"), Some(help))
    };
    let then = git::since(&*context.system, &settings.root, revision).map_err(failed)?;
    let overlay = Overlay::with_absent(Arc::clone(&context.system), then.files);
    let settings = Settings { baseline: None, ..settings.clone() };
    let root = settings.root.clone();
    let past = analyse(Arc::new(overlay), settings).diagnostics;
    let today = |path: &str| match then.renamed.get(&root.join(path)) {
        Some(now) => relative(&root, now),
        None => Arc::from(path),
    };
    let mut broken: BTreeMap<(&str, &str), BTreeSet<Arc<str>>> = BTreeMap::new();
    for finding in &past {
        let victims = finding.victims.iter().map(|victim| today(&victim.path));
        broken.entry((finding.code, &finding.subject)).or_default().extend(victims);
    }
    let breaks_more = |finding: &Diagnostic| {
        let before = broken.get(&(finding.code, finding.subject.as_str()));
        finding.victims.iter().any(|victim| !before.is_some_and(|before| before.contains(&victim.path)))
    };
    let (mut told, mut rest): (Vec<_>, Vec<_>) = std::mem::take(findings).into_iter().partition(breaks_more);
    Baseline::of(&past).take_known(&mut rest);
    told.extend(rest);
    *findings = told;
    Ok(())
}
