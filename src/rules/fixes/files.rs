//! Files that are missing, or written in an encoding that Python does not expect.

use std::path::Path;

use crate::base::span::Span;
use crate::diagnostic::{Action, Diagnostic, Edit, Fix, Place, Safety};
use crate::rules::Facts;
use crate::rules::file_mismatch::imported_sibling;

fn whole(facts: &Facts, file: &Path, action: Action) -> Edit {
    let place = Place { path: facts.shown(file).into(), line: 1, column: 1, span: Span::default() };
    Edit { place, end: (1, 1), text: String::new(), action }
}

/// COL001: makes the directory a package, so that its test modules have names of their own.
pub fn package(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let fault = facts.faults.get(diagnostic.fault?)?;
    let file = fault.file.parent().filter(|directory| *directory != facts.root)?.join("__init__.py");
    if facts.source.is_file(&file) || imported_sibling(facts, &fault.file).is_some() {
        return None;
    }
    let title = format!("add {}", facts.shown(&file));
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![whole(facts, &file, Action::Create)] })
}

/// SRC002: the same text as UTF-8, if the file does not say what it is written in.
pub fn recoded(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let file = facts.root.join(&*diagnostic.place.path);
    let bytes = facts.source.system().read(&file).ok()?;
    let mut head = bytes.split(|byte| *byte == b'\n').take(2);
    let declared = head.any(|line| line.windows(6).any(|window| window == b"coding"));
    let edits = vec![whole(facts, &file, Action::Recode)];
    let title = "write the file as UTF-8, reading it as Windows-1252".to_owned();
    (!declared).then_some(Fix { title, safety: Safety::Unsafe, edits })
}
