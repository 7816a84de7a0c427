//! `check --fix`, `--diff` and `--add-ignore`: edits to the project, each round judged by analysing again in memory; what
//! comes of it is written at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Context;
use super::analysis;
use super::args::Check;
use super::output::{print, warn};
use super::project::Failure;
use crate::base::system::Overlay;
use crate::config::settings::Settings;
use crate::diagnostic::{Diagnostic, Fix, Safety};
use crate::fix::{Batch, Changes, ignore};
use crate::report::diff::unified;
use crate::report::look::{Detail, count};
use crate::session::{Analysis, Scope, analyse};

/// Rounds in which repairs may uncover what can be repaired next.
const ROUNDS: usize = 10;

/// An analysis of the project as it is after repairs, and how many were made.
pub struct Fixed {
    pub analysis: Analysis,
    pub changes: Changes,
    /// Repairs per rule.
    repairs: BTreeMap<&'static str, usize>,
}

/// Repairs in memory until nothing is left to repair.
pub fn repair(context: &Context, settings: &Settings, scope: &Scope, args: &Check) -> Result<Fixed, Failure> {
    let analysis = analysis::run(context, settings.clone())?;
    let mut fixed = Fixed { analysis, changes: Changes::default(), repairs: BTreeMap::new() };
    for _ in 0..ROUNDS {
        if !round(context, &mut fixed, scope, args.unsafe_fixes) {
            break;
        }
        let overlay = Overlay::new(Arc::clone(&context.system), fixed.changes.after());
        fixed.analysis = analyse(Arc::new(overlay), settings.clone());
    }
    Ok(fixed)
}

/// Makes the fixes of all findings at once, as far as they do not meet; says whether any was made.
fn round(context: &Context, fixed: &mut Fixed, scope: &Scope, all: bool) -> bool {
    let Fixed { analysis, changes, repairs } = fixed;
    let root = &analysis.collection.rootdir;
    let mut batch = Batch::default();
    let mut any = false;
    for diagnostic in &analysis.diagnostics {
        let Some(fix) = wanted(diagnostic, root, scope, all) else { continue };
        if changes.apply(&*context.system, root, &mut batch, fix) {
            *repairs.entry(diagnostic.code).or_default() += 1;
            any = true;
        }
    }
    any
}

/// The fix of a finding, if it is to be made: with files given, only those are changed.
fn wanted<'d>(diagnostic: &'d Diagnostic, root: &Path, scope: &Scope, all: bool) -> Option<&'d Fix> {
    let fix = diagnostic.fix.as_ref()?;
    let inside = fix.edits.iter().all(|edit| scope.holds(&root.join(&*edit.place.path)));
    (inside && (all || fix.safety == Safety::Safe)).then_some(fix)
}

impl Fixed {
    /// Writes the files, and says what was done.
    pub fn write(&self, context: &Context) -> Result<(), Failure> {
        written(context, &self.changes)?;
        self.tell(context, "repaired");
        Ok(())
    }

    /// Prints what would be written.
    pub fn show(&self, context: &Context) -> Result<(), Failure> {
        let root = &self.analysis.collection.rootdir;
        let mut text = String::new();
        for (path, before, after) in self.changes.texts() {
            let shown = crate::report::data::relative(root, path);
            text.push_str(&unified(&shown, before.as_deref(), &after, &context.look));
        }
        print(&text)?;
        self.tell(context, "would repair");
        Ok(())
    }

    fn tell(&self, context: &Context, done: &str) {
        let total: usize = self.repairs.values().sum();
        if total > 0 && context.look.detail > Detail::Quiet {
            let each: Vec<String> = self.repairs.iter().map(|(code, count)| format!("{code} {count}")).collect();
            let files = count(self.changes.texts().count(), "file");
            warn(&format!("{done} {} in {files}: {}\n", count(total, "finding"), each.join(", ")));
        }
    }
}

fn written(context: &Context, changes: &Changes) -> Result<(), Failure> {
    let failed = |(path, error): (std::path::PathBuf, std::io::Error)| {
        Failure::Usage(format!("failed to write {}: {error}", path.display()), None)
    };
    changes.write(&*context.system).map_err(failed)
}

/// Silences findings with comments; says which cannot be.
pub fn silence(context: &Context, root: &Path, findings: &[Diagnostic], reason: &str) -> Result<(), Failure> {
    let mut changes = Changes::default();
    let mut ordered: Vec<&Diagnostic> = findings.iter().collect();
    // From the end of each file, so that places further up stay what they are.
    ordered.sort_by(|a, b| (&b.place.path, b.place.span.start).cmp(&(&a.place.path, a.place.span.start)));
    let mut left = Vec::new();
    for finding in &ordered {
        if !put_comment(context, root, &mut changes, finding, reason) {
            left.push(format!("{} {}", finding.place, finding.code));
        }
    }
    written(context, &changes)?;
    let done = count(ordered.len() - left.len(), "finding");
    warn(&format!("silenced {done} in {}\n", count(changes.texts().count(), "file")));
    if !left.is_empty() {
        let help = "`per-file-ignores` in the configuration silences what no comment can".to_string();
        return Err(Failure::Usage(format!("failed to silence {} with a comment", left.join(", ")), Some(help)));
    }
    Ok(())
}

fn put_comment(context: &Context, root: &Path, changes: &mut Changes, finding: &Diagnostic, reason: &str) -> bool {
    let path = &finding.place.path;
    let file = root.join(&**path);
    let is_python = file.extension().is_some_and(|suffix| suffix == "py");
    let Some(bytes) = changes.current(&*context.system, &file).filter(|_| is_python) else { return false };
    let Some(edit) = ignore::edit(path, &bytes, finding.place.span, finding.code, reason) else { return false };
    let fix = Fix { title: String::new(), safety: Safety::Safe, edits: vec![edit] };
    changes.apply(&*context.system, root, &mut Batch::default(), &fix)
}
