//! Runs that pytest refuses to start: what CFG002 and CFG003 have in common.

use super::{Facts, Sink};
use crate::base::span::Span;
use crate::diagnostic::Place;
use crate::pytest::verdict::Abort;

/// The abort, if no exception of the project's code explains it.
#[must_use]
pub fn unexplained<'a>(facts: &Facts<'a>) -> Option<&'a Abort> {
    let abort = facts.collection.aborted.as_ref()?;
    let explained = abort.raised.as_ref().is_some_and(|raised| !raised.frames.is_empty() || abort.file.is_some())
        || abort.reason.starts_with("internal: Failed: Fixture ");
    let in_module = abort.reason.starts_with("exit in ") || abort.reason.starts_with("timeout in ");
    // A path that was asked for and is not there is a slip of the command line, not of the project.
    let asked = ["not found: ", "found no collectors for "].iter().any(|start| text(abort).contains(start));
    (!explained && !in_module && !asked).then_some(abort)
}

/// Whether a plugin is what the run lacks.
#[must_use]
pub fn wants_plugin(abort: &Abort) -> bool {
    let text = text(abort);
    abort.usage_error.is_none() && abort.reason.starts_with("startup")
        || text.contains("plugin")
        || text.contains("Error importing")
}

/// pytest's own words.
#[must_use]
pub fn text(abort: &Abort) -> String {
    abort.usage_error.clone().unwrap_or_else(|| abort.reason.clone()).trim().to_owned()
}

/// The configuration file where it mentions one of these words, else its first line.
#[must_use]
pub fn place(facts: &Facts, words: &[&str]) -> Place {
    let Some(file) = facts.source.config_file() else {
        return Place { path: ".".into(), line: 1, column: 1, span: Span::default() };
    };
    let text = facts.source.system().read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let text = text.unwrap_or_default();
    let found = words.iter().filter(|word| word.len() > 1).find_map(|word| text.find(word).map(|at| (at, word.len())));
    let (start, length) = found.unwrap_or((0, 0));
    let before = &text[..start];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |tail| tail.chars().count()) + 1;
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Place {
        path: facts.shown(&file).into(),
        line: number(line),
        column: number(column),
        span: Span::new(number(start), number(start + length)),
    }
}

/// Reports the abort.
pub fn report(facts: &Facts, sink: &mut Sink, abort: &Abort, what: String, help: Vec<String>) {
    let text = text(abort);
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['"', '\'', ',', ':'])).collect();
    let mut words: Vec<&str> = words.into_iter().filter(|word| word.starts_with('-') || word.contains('_')).collect();
    let bare: Vec<&str> = words.iter().filter_map(|word| word.split_once('=').map(|(option, _)| option)).collect();
    words.extend(bare);
    let mut finding = sink.finding(place(facts, &words), format!("{what}: nothing collects"));
    finding.subject.clone_from(&what);
    let error = text.lines().find(|line| line.starts_with("pytest: error: ")).or(text.lines().last());
    finding.pytest = Some(facts.without_root(error.unwrap_or_default()));
    finding.help = help;
    sink.push_run_end(finding);
}
