//! Bytes to summary. (spec: python-import.md section 9)
//!
//! One parse per file, copied into a flat `tree`, lowered to programs and digests, dropped. There are two parsers, one
//! flat tree and one lowering:
//!
//! - The strict `judge` (ruff's parser) reads every file, because it decides what is a problem. Where it finds none in the
//!   syntax its own tree is copied (`ast`): it is exact, and there already.
//! - What it refuses is parsed by tree-sitter's `grammar`, which finds its way through broken text, so that imports and
//!   definitions of such a file are known too. The grammar accepts more than Python, refuses some valid code, and takes
//!   five times as long.
//!
//! Function bodies stay in the text, because most are never run; one that somebody asks for is parsed alone.

mod ast;
mod define;
pub mod docstrings;
mod escapes;
mod explain;
mod expr;
pub mod forms;
mod grammar;
#[cfg(test)]
mod hostile;
mod imports;
mod items;
mod judge;
mod kinds;
mod literal;
mod lower;
pub mod mentions;
mod names;
mod outline;
mod pattern;
pub mod queries;
#[cfg(test)]
mod said;
mod scan;
mod scope;
mod semantic;
mod source;
mod strings;
mod suppress;
mod symbols;
mod targets;
#[cfg(test)]
mod tests;
mod tree;
mod undecoded;

use std::sync::Arc;

use crate::base::span::LineTable;
use crate::summary::{ProgramId, Summary};
use judge::Judgement;
use lower::Lowerer;
use outline::Outline;
use tree::Tree;

/// The digest of a file with these bytes. Never fails: what cannot be read is a problem of the summary.
///
/// Function bodies are left in the text where the strict judge knows their places: [`body`] reads one.
#[must_use]
pub fn summarise(bytes: &[u8]) -> Summary {
    read(bytes, true).summary
}

/// A summary, and what it took.
#[derive(Debug)]
pub struct Reading {
    /// The digest.
    pub summary: Summary,
    /// Bytes given to a parser; those that the judge refuses count twice.
    pub bytes: usize,
    /// Whether function bodies were to be left out, but the judge refused the text, so that the grammar read all of it.
    pub fell_back: bool,
}

/// The digest of a file with these bytes; without `may_leave` with the programs and definitions of all function bodies.
#[must_use]
pub fn read(bytes: &[u8], may_leave: bool) -> Reading {
    read_by(bytes, may_leave, |judged| judged)
}

/// Reads a file; `choose` may turn the judge's tree down, which leaves the text to the grammar.
fn read_by(bytes: &[u8], may_leave: bool, choose: impl FnOnce(Option<Tree>) -> Option<Tree>) -> Reading {
    let source = source::decode(bytes);
    let text = &*source.text;
    let judgement = match source.problems.is_empty() {
        true => judge::judge(text, &source.undecodable, may_leave),
        false => source.problems.into(),
    };
    let Judgement { mut problems, outline: Outline { bodies, setters }, tree } = judgement;
    let tree = choose(tree);
    let refused = tree.is_none();
    let tree = tree.or_else(|| grammar::parse(text)).unwrap_or_default();
    let given = text.len() * if refused { 2 } else { 1 };
    let mut lowerer = Lowerer::new(text, &tree, &bodies);
    lowerer.module();
    let lines = LineTable::new(text);
    for problem in &mut problems {
        problem.line = if source.whole { 0 } else { lines.line(problem.span.start) };
    }
    let mut setters: Vec<_> = setters.into_iter().collect();
    setters.sort_unstable();
    let setters = setters.into_iter().map(|name| lowerer.symbols.text(name.into())).collect();
    let summary = Summary {
        content_hash: hash(bytes),
        setters,
        text_len: u32::try_from(text.len()).unwrap_or(u32::MAX),
        suppressions: suppress::all(text, &tree, &lines, &mut lowerer.symbols),
        problems,
        lines: Arc::new(lines),
        ..digest(lowerer)
    };
    Reading { summary, bytes: given, fell_back: refused && may_leave }
}

/// A function body that the file's summary left in the text, as a summary of its own: its program is
/// [`ProgramId::BODY`], its spans are places in the file. `text` is the file's decoded text.
#[must_use]
pub fn body(text: &str, file: &Summary, id: ProgramId) -> Reading {
    const HEADER: &str = "def _():";
    const OFFSET: u32 = 8;
    let place = file.programs.left(id).unwrap_or_default();
    let inside = text.get(place.start as usize..place.end as usize).unwrap_or_default();
    let alone = format!("{HEADER}{inside}\n");
    let shift = place.start.wrapping_sub(OFFSET);
    let tree = judge::body(&alone, shift).unwrap_or_default();
    let mut lowerer = Lowerer::new(text, &tree, &[]);
    lowerer.only_body();
    let summary = Summary {
        content_hash: file.content_hash,
        text_len: file.text_len,
        lines: Arc::clone(&file.lines),
        future_annotations: file.future_annotations,
        ..digest(lowerer)
    };
    Reading { summary, bytes: alone.len(), fell_back: false }
}

/// What lowering finds.
fn digest(lowerer: Lowerer<'_>) -> Summary {
    let Lowerer { symbols, mut programs, mut imports, mut definitions, items, future_annotations, .. } = lowerer;
    imports.sort_by_key(|import| import.span.start);
    imports.shrink_to_fit();
    definitions.shrink_to_fit();
    programs.finish();
    let strings = symbols.finish();
    Summary { strings, programs, imports, definitions, items, future_annotations, ..Summary::default() }
}

/// What tells whether a file is the one that a summary is of.
#[must_use]
pub fn hash(bytes: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64(bytes)
}

/// The text of a file with these bytes, as spans of its summary count it.
#[must_use]
pub fn decode(bytes: &[u8]) -> String {
    source::decode(bytes).text.into_owned()
}

/// The text of a file whose bytes are taken as Windows-1252, which holds Latin-1.
#[must_use]
pub fn from_windows(bytes: &[u8]) -> String {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
}
