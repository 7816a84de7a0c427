//! The ways to read a file, as texts that must be equal: function bodies left out and parsed one by one, the whole file
//! at once, and the whole file by the other parser.

use std::fmt::Write;

use super::{body, decode, read, read_by};
use crate::summary::{DefinitionKind, Summary, codec, pretty};

/// What the ways to read a file give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    /// Function bodies read one by one.
    pub parts: String,
    /// The file read at once.
    pub whole: String,
    /// How many function bodies were left out.
    pub left_out: usize,
}

/// Reads a file with and without its function bodies.
#[must_use]
pub fn forms(bytes: &[u8]) -> Forms {
    let text = decode(bytes);
    let (mut parts, mut whole) = (read(bytes, true).summary, read(bytes, false).summary);
    let left_out = parts.programs.ids().filter(|id| parts.programs.left(*id).is_some()).count();
    drop_inner_definitions(&mut parts);
    drop_inner_definitions(&mut whole);
    let read = |id| body(&text, &parts, id).summary;
    let shown = pretty::summary(&parts, Some(&read)) + &places(&parts);
    Forms { parts: shown, whole: pretty::summary(&whole, None) + &places(&whole), left_out }
}

/// What the two parsers give for a file as a whole, first the judge's, then the grammar's. None if the bytes of both
/// summaries are the same, also because the judge refuses the file.
#[must_use]
pub fn parsers(bytes: &[u8]) -> Option<(String, String)> {
    let (judged, parsed) = (read(bytes, false).summary, read_by(bytes, false, |_| None).summary);
    let show = |summary: &Summary| {
        let programs: Vec<_> = summary.programs.ids().map(|id| summary.program(id)).collect();
        let strings = summary.setters.iter().map(|sym| summary.text(*sym)).collect::<Vec<_>>();
        pretty::summary(summary, None) + &places(summary) + &format!("{strings:?}\n{programs:#?}")
    };
    (codec::encode(&judged) != codec::encode(&parsed)).then(|| (show(&judged), show(&parsed)))
}

/// Definitions within functions are told only where the body is read.
fn drop_inner_definitions(summary: &mut Summary) {
    let all = summary.definitions.clone();
    let in_function = |parent: Option<u32>| {
        let parents = std::iter::successors(parent, |at| all[*at as usize].parent);
        parents.into_iter().any(|at| matches!(all[at as usize].kind, DefinitionKind::Function { .. }))
    };
    summary.definitions.retain(|definition| !in_function(definition.parent));
}

/// What the text form does not show.
fn places(summary: &Summary) -> String {
    let mut out = String::new();
    for import in &summary.imports {
        let _ = writeln!(out, "import {:?} of module {}", import.span, import.program.0 == 0);
    }
    for definition in &summary.definitions {
        let _ = writeln!(out, "definition {:?} {:?}", definition.span, definition.name_span);
    }
    for fixture in &summary.items.fixtures {
        let _ = writeln!(out, "fixture {:?} {} {}", fixture.span, fixture.conditional, fixture.body_hash);
    }
    for suppression in &summary.suppressions {
        let _ = writeln!(out, "suppression {:?} {:?}", suppression.span, suppression.covers);
    }
    out
}
