//! PRE001: a comment or a line of `per-file-ignores` that silences nothing.
//!
//! Judged when all other rules have spoken, so its own check finds nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::select::{Selection, names};
use super::suppress::Silencers;
use super::{Facts, Meta, Sink, all, declare_rule, nearest_rule};
use crate::base::span::Span;
use crate::diagnostic::{Diagnostic, Place};
use crate::pytest::verdict::Verdict;
use crate::summary::{Summary, Suppression};

declare_rule!(
    UnusedSuppression,
    "PRE001",
    "unused-suppression",
    Warning,
    on,
    "a suppression that silences nothing",
    |_, _| {}
);

/// Rules whose findings depend on the machine: silenced here, they may be needed there.
const DEPENDS: &[&str] = &["ENV", "IMP005", "IMP013", "IMP015", "IMP016", "SRC006", "CFG", "COL014"];

/// What silenced nothing, once everything has been offered to it.
#[must_use]
pub fn find(facts: &Facts, silencers: &Silencers<'_>) -> Vec<Diagnostic> {
    let mut sink = Sink::new(&UnusedSuppression::META);
    // Behind a run that never starts or ends early nothing is found, so nothing needs to be silenced.
    let complete = facts.collection.ends_before_modules().is_none()
        && !facts.collection.modules.iter().any(|m| matches!(m.verdict, Verdict::Exit(_) | Verdict::Timeout(_)));
    if !complete {
        return Vec::new();
    }
    let files = facts.executed_files();
    for file in files {
        if let Some(summary) = facts.summary(file).filter(|summary| !summary.suppressions.is_empty())
            && is_decided(facts, file)
        {
            comments(facts, silencers, &mut sink, (file, &summary));
        }
    }
    lines(facts, silencers, &mut sink, files);
    sink.into_findings().into_iter().map(|finding| finding.diagnostic).collect()
}

fn is_decided(facts: &Facts, file: &Path) -> bool {
    let unknown = |verdict: &Verdict| matches!(verdict, Verdict::Unknown(_));
    !facts.collection.modules.iter().any(|module| **module.file == *file && unknown(&module.verdict))
}

fn comments(facts: &Facts, silencers: &Silencers<'_>, sink: &mut Sink, (file, summary): (&Path, &Summary)) {
    let path = facts.shown(file);
    for (index, comment) in summary.suppressions.iter().enumerate() {
        let unused = unused_codes(facts, silencers, &path, (index, comment), summary);
        let place = facts.place(file, comment.span);
        if comment.codes.is_empty() && comment.ours && !silencers.is_used(&path, index, 0) {
            let mut found = finding(sink, place, "this comment silences nothing".to_owned(), "");
            found.help.push("remove it".to_owned());
            sink.push(found);
        } else if !unused.is_empty() {
            let known = |code: &&str| all().iter().any(|rule| names(code, rule.meta().code, rule.meta().name));
            let message = match unused.iter().find(|code| !known(code)) {
                Some(code) => format!("there is no rule {code} to ignore"),
                None => format!("nothing is found here that ignoring {} would silence", unused.join(", ")),
            };
            let mut found = finding(sink, place, message, &unused.join(" "));
            let near = unused.iter().filter(|code| !known(code)).find_map(|code| nearest_rule(code));
            found.help.push(near.map_or_else(|| "remove it".to_owned(), |near| format!("did you mean {near}?")));
            sink.push(found);
        }
    }
}

fn finding(sink: &Sink, place: Place, message: String, subject: &str) -> Diagnostic {
    let mut found = sink.finding(place, message);
    subject.clone_into(&mut found.subject);
    found
}

/// Codes of a comment that silence nothing, though their rules are on; and codes of ours that no rule has.
fn unused_codes<'s>(
    facts: &Facts,
    silencers: &Silencers<'_>,
    path: &str,
    (index, comment): (usize, &Suppression),
    summary: &'s Summary,
) -> Vec<&'s str> {
    let codes = comment.codes.iter().enumerate();
    let unused = codes.filter(|(at, _)| !silencers.is_used(path, index, *at)).map(|(_, code)| summary.text(*code));
    unused.filter(|code| is_judged(facts, code, comment.ours)).collect()
}

/// Whether silencing nothing tells something: the rules that a selector names are on and judge alike on every machine.
/// A selector without a rule is a mistake, if it is meant for us.
fn is_judged(facts: &Facts, selector: &str, ours: bool) -> bool {
    let selection = Selection::of(facts.settings);
    let mut named =
        all().iter().map(|rule| rule.meta()).filter(|meta| names(selector, meta.code, meta.name)).peekable();
    if named.peek().is_none() {
        return ours;
    }
    let own = |meta: &Meta| meta.code == UnusedSuppression::META.code;
    named.all(|meta| selection.is_on(meta) && !own(meta) && !DEPENDS.iter().any(|code| meta.code.starts_with(code)))
}

/// Lines of `per-file-ignores` in the configuration file that match a file of the run and silence nothing in it.
fn lines(facts: &Facts, silencers: &Silencers<'_>, sink: &mut Sink, files: &[Arc<PathBuf>]) {
    let Some(config) = &facts.settings.file else { return };
    let Ok(text) = facts.source.system().read(config).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()) else {
        return;
    };
    for (index, (glob, codes)) in facts.settings.per_file_ignores.iter().enumerate() {
        let matched = files.iter().any(|file| silencers.line_matches(index, &facts.shown(file)));
        let judged = codes.iter().all(|code| is_judged(facts, code, false));
        if silencers.is_line_used(index) || !matched || !judged {
            continue;
        }
        let quoted = [format!("\"{glob}\""), format!("'{glob}'")];
        let Some(at) = quoted.iter().find_map(|quoted| text.find(quoted.as_str())) else { continue };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let place = Place {
            path: facts.shown(config).into(),
            line: offset(line),
            column: offset(column),
            span: Span::new(offset(at), offset(at + glob.len() + 2)),
        };
        let message = format!("nothing is found in {glob} that ignoring {} would silence", codes.join(", "));
        let mut found = finding(sink, place, message, glob);
        found.help.push("remove the line".to_owned());
        sink.push(found);
    }
}
