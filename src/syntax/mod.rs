//! Bytes to summary. (spec: python-import.md section 9)
//!
//! One tree-sitter parse per file, copied flat, lowered to programs and digests, dropped. The grammar accepts more than
//! Python and refuses some valid code, so a strict judge decides what is a problem; the grammar alone never does.

mod define;
mod escapes;
mod explain;
mod expr;
#[cfg(test)]
mod hostile;
mod imports;
mod items;
mod judge;
mod kinds;
mod literal;
mod lower;
mod names;
mod parse;
mod pattern;
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

use crate::base::span::LineTable;
use crate::summary::Summary;

/// The digest of a file with these bytes. Never fails: what cannot be read is a problem of the summary.
#[must_use]
pub fn summarise(bytes: &[u8]) -> Summary {
    let source = source::decode(bytes);
    let text = &*source.text;
    let tree = parse::parse(text).unwrap_or_default();
    let mut lowerer = lower::Lowerer::new(text, &tree);
    lowerer.module();
    let lower::Lowerer { mut symbols, mut programs, imports, definitions, items, future_annotations, .. } = lowerer;
    programs.finish();
    let lines = LineTable::new(text);
    let mut problems =
        if source.problems.is_empty() { judge::judge(text, &source.undecodable) } else { source.problems };
    for problem in &mut problems {
        problem.line = if source.whole { 0 } else { lines.line(problem.span.start) };
    }
    let suppressions = suppress::all(text, &tree, &lines, &mut symbols);
    Summary {
        content_hash: xxhash_rust::xxh3::xxh3_64(bytes),
        text_len: u32::try_from(text.len()).unwrap_or(u32::MAX),
        strings: symbols.finish(),
        lines,
        programs,
        imports,
        definitions,
        items,
        suppressions,
        problems,
        future_annotations,
    }
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
