//! Writes our answers into case files, for a developer to read in the diff.

use std::collections::BTreeMap;
use std::path::Path;

use super::case::Case;

/// Which blocks to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What `check` finds, taken as right.
    Findings,
    /// What is wrong in our answers.
    KnownWrong,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::KnownWrong => "known-wrong",
        }
    }
}

/// What the caller asks for, with `PRECOLLECT_UPDATE=findings` or `=known-wrong`.
pub fn wanted() -> Option<Kind> {
    let name = std::env::var("PRECOLLECT_UPDATE").ok()?;
    [Kind::Findings, Kind::KnownWrong].into_iter().find(|kind| kind.name() == name)
}

/// A case, and for each of its runs the text of a block.
pub struct Texts {
    pub case: Case,
    pub runs: Vec<(String, String)>,
}

/// Replaces the blocks of the cases; labels that say nothing go.
pub fn blocks(kind: Kind, texts: &[Texts]) {
    let mut by_file: BTreeMap<&Path, Vec<&Texts>> = BTreeMap::new();
    for entry in texts {
        by_file.entry(&entry.case.file).or_default().push(entry);
    }
    for (file, entries) in by_file {
        let text = std::fs::read_to_string(file).expect("a case file is readable");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        // From the last case up, so that the lines of those above stay where they are.
        for Texts { case, runs } in entries.into_iter().rev() {
            replace(&mut lines, case, kind.name(), &grouped(kind, runs));
        }
        let mut text = lines.join("\n");
        text.push('\n');
        std::fs::write(file, text).expect("a case file is writable");
    }
}

/// One block per distinct text; it names its runs if there are several.
fn grouped(kind: Kind, runs: &[(String, String)]) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (run, text) in runs {
        match groups.iter_mut().find(|(known, _)| known == text) {
            Some((_, runs)) => runs.push(run),
            None => groups.push((text, vec![run])),
        }
    }
    let single = groups.len() == 1;
    groups.retain(|(text, _)| kind == Kind::Findings || !text.is_empty());
    let mut lines = Vec::new();
    for (text, runs) in groups {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let named = if single { String::new() } else { format!(" {}", runs.join(", ")) };
        lines.push(format!("```text {}{named}", kind.name()));
        lines.extend(text.lines().map(str::to_owned));
        lines.push("```".to_owned());
    }
    lines
}

fn replace(lines: &mut Vec<String>, case: &Case, kind: &str, new: &[String]) {
    let is_old = |info: &str| {
        info.strip_prefix("text ")
            .and_then(|rest| rest.strip_prefix(kind))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let old: Vec<_> = case.blocks.iter().filter(|block| is_old(&block.info)).collect();
    let end = case.blocks.last().expect("a case has blocks").lines.1;
    match (old.first(), old.last()) {
        (Some(first), Some(last)) if new.is_empty() => {
            // The blank line above goes with it.
            lines.drain(first.lines.0.saturating_sub(1)..=last.lines.1);
        }
        (Some(first), Some(last)) => {
            lines.splice(first.lines.0..=last.lines.1, new.iter().cloned());
        }
        _ if new.is_empty() => {}
        _ => {
            lines.splice(end + 1..end + 1, std::iter::once(String::new()).chain(new.iter().cloned()));
        }
    }
}
