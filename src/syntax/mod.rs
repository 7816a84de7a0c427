//! Bytes to summary. (spec: python-import.md section 9)
//!
//! One tree-sitter parse per file, copied flat, lowered to programs and digests, dropped. The grammar accepts more than
//! Python and refuses some valid code, so a strict judge decides what is a problem; the grammar alone never does.
//!
//! The judge is quick and knows where function bodies lie, the grammar is slow and bodies are most of a text. So the
//! grammar reads the text without them; one that somebody asks for is parsed alone. What the judge refuses is parsed as
//! a whole.

mod compact;
mod define;
mod escapes;
mod explain;
mod expr;
pub mod forms;
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
mod parse;
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
mod undecoded;

use std::sync::Arc;

use crate::base::span::LineTable;
use crate::summary::{ProgramId, Summary};
use compact::{Compact, Map};
use judge::Judgement;
use lower::Lowerer;
use outline::Outline;

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
    /// Bytes given to the grammar.
    pub bytes: usize,
    /// Whether function bodies were to be left out, but the judge could not tell their places.
    pub fell_back: bool,
}

/// The digest of a file with these bytes; without `may_leave` with the programs and definitions of all function bodies.
#[must_use]
pub fn read(bytes: &[u8], may_leave: bool) -> Reading {
    let source = source::decode(bytes);
    let text = &*source.text;
    let judgement = match source.problems.is_empty() {
        true => judge::judge(text, &source.undecodable),
        false => source.problems.into(),
    };
    let Judgement { mut problems, outline } = judgement;
    let fell_back = may_leave && outline.is_none();
    let Outline { bodies, setters } = outline.filter(|_| may_leave).unwrap_or_default();
    let (tree, given) = if bodies.is_empty() {
        (parse::parse(text, &Map::default()), text.len())
    } else {
        let compact = Compact::without(text, &bodies);
        (parse::parse(&compact.text, &compact.map), compact.text.len())
    };
    let tree = tree.unwrap_or_default();
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
    Reading { summary, bytes: given, fell_back }
}

/// A function body that the file's summary left in the text, as a summary of its own: its program is
/// [`ProgramId::BODY`], its spans are places in the file. `text` is the file's decoded text.
#[must_use]
pub fn body(text: &str, file: &Summary, id: ProgramId) -> Reading {
    let compact = Compact::only(text, file.programs.left(id).unwrap_or_default());
    let tree = parse::parse(&compact.text, &compact.map).unwrap_or_default();
    let mut lowerer = Lowerer::new(text, &tree, &[]);
    lowerer.only_body();
    let summary = Summary {
        content_hash: file.content_hash,
        text_len: file.text_len,
        lines: Arc::clone(&file.lines),
        future_annotations: file.future_annotations,
        ..digest(lowerer)
    };
    Reading { summary, bytes: compact.text.len(), fell_back: false }
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
