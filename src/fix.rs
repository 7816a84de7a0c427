//! Makes edits: applies fixes to the bytes of files, and writes them through `System`.
//!
//! An edit speaks of the decoded text. What is written keeps everything else as it was, byte for byte: encoding, byte
//! order mark, line ends. An edit that cannot be placed in the bytes for certain, or whose text the file's encoding lacks,
//! is not made.

pub mod ignore;

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::base::system::System;
use crate::diagnostic::{Action, Edit, Fix};
use crate::syntax;

/// Files before and after some fixes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    files: BTreeMap<PathBuf, Change>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// None if it did not exist.
    before: Option<Vec<u8>>,
    after: Vec<u8>,
}

impl Changes {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.values().all(|change| change.before.as_ref() == Some(&change.after))
    }

    /// The files as they will be, for [`crate::base::system::Overlay`].
    #[must_use]
    pub fn after(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.files.iter().map(|(path, change)| (path.clone(), change.after.clone())).collect()
    }

    /// Path, decoded text before (none for a new file) and after, sorted by path; files that end as they were are left out.
    pub fn texts(&self) -> impl Iterator<Item = (&Path, Option<String>, String)> {
        let changed = self.files.iter().filter(|(_, change)| change.before.as_ref() != Some(&change.after));
        changed.map(|(path, change)| {
            (path.as_path(), change.before.as_deref().map(syntax::decode), syntax::decode(&change.after))
        })
    }

    /// Makes the edits of a fix, all or none of them; says whether they were made. Not made are edits in what another fix
    /// of this `batch` has touched: its places are not known any more.
    pub fn apply(&mut self, system: &dyn System, root: &Path, batch: &mut Batch, fix: &Fix) -> bool {
        let mut by_file: BTreeMap<PathBuf, Vec<&Edit>> = BTreeMap::new();
        for edit in &fix.edits {
            by_file.entry(root.join(&*edit.place.path)).or_default().push(edit);
        }
        let mut results = Vec::new();
        for (path, edits) in by_file {
            // Edits of this fix besides those of the fixes before it.
            let mut together = batch.edits.get(&path).cloned().unwrap_or_default();
            if !edits.iter().all(|edit| fits(&mut together, edit)) {
                return false;
            }
            let base = batch.bases.entry(path.clone()).or_insert_with(|| self.current(system, &path));
            let Some(after) = edited(base.as_deref(), &together) else { return false };
            results.push((path, together, after));
        }
        for (path, together, after) in results {
            let before = batch.bases.get(&path).cloned().flatten();
            let change = self.files.entry(path.clone()).or_insert(Change { before, after: Vec::new() });
            change.after = after;
            batch.edits.insert(path, together);
        }
        true
    }

    /// The bytes of a file as they are by now.
    pub fn current(&self, system: &dyn System, path: &Path) -> Option<Vec<u8>> {
        self.files.get(path).map(|change| change.after.clone()).or_else(|| system.read(path).ok())
    }

    /// Writes every file that changes.
    ///
    /// # Errors
    /// The first file that cannot be written, with what the operating system says; those before it are written.
    pub fn write(&self, system: &dyn System) -> Result<(), (PathBuf, io::Error)> {
        let changed = self.files.iter().filter(|(_, change)| change.before.as_ref() != Some(&change.after));
        for (path, change) in changed {
            system.replace(path, &change.after).map_err(|error| (path.clone(), error))?;
        }
        Ok(())
    }
}

/// Fixes that speak of the same state of the files.
#[derive(Debug, Default)]
pub struct Batch {
    bases: BTreeMap<PathBuf, Option<Vec<u8>>>,
    edits: BTreeMap<PathBuf, Vec<Edit>>,
}

/// Adds an edit unless it meets one that is there; an equal one is there already.
fn fits(together: &mut Vec<Edit>, edit: &Edit) -> bool {
    if together.contains(edit) {
        return true;
    }
    let (new, whole) = (edit.place.span, edit.action != Action::Replace);
    let meets = |old: &Edit| {
        let span = old.place.span;
        let same_place = span.start == new.start && (span.start == span.end || new.start == new.end);
        whole || old.action != Action::Replace || same_place || span.start < new.end && new.start < span.end
    };
    if together.iter().any(meets) {
        return false;
    }
    together.push(edit.clone());
    true
}

/// The bytes of a file after edits; none if they cannot be made.
fn edited(before: Option<&[u8]>, edits: &[Edit]) -> Option<Vec<u8>> {
    let [first, ..] = edits else { return None };
    match (first.action, before) {
        (Action::Create, None) => return Some(first.text.clone().into_bytes()),
        (Action::Recode, Some(bytes)) => return recoded(bytes),
        (Action::Create, Some(_)) | (_, None) => return None,
        (Action::Replace, Some(_)) => {}
    }
    let bytes = before?;
    let text = syntax::decode(bytes);
    let line_end = line_end(bytes);
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.place.span);
    let (mut out, mut expected) = (Vec::with_capacity(bytes.len()), String::with_capacity(text.len()));
    let (mut at, mut read) = (0, 0);
    for edit in ordered {
        let range = edit.place.span.start as usize..edit.place.span.end as usize;
        let place = placed(&text, bytes, &range)?;
        let new = edit.text.replace('\n', line_end);
        out.extend_from_slice(bytes.get(at..place.start)?);
        out.extend_from_slice(&encoded(&new, &text, bytes)?);
        expected.push_str(text.get(read..range.start)?);
        expected.push_str(&new);
        (at, read) = (place.end, range.end);
    }
    out.extend_from_slice(bytes.get(at..)?);
    expected.push_str(text.get(read..)?);
    // Python must read what was meant.
    (syntax::decode(&out) == expected.replace('\r', "\n") || syntax::decode(&out) == expected).then_some(out)
}

/// Where a range of the decoded text lies in the bytes.
fn placed(text: &str, bytes: &[u8], range: &Range<usize>) -> Option<Range<usize>> {
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    if text.get(..range.end)?.is_ascii() || is_utf8(text, bytes) {
        return Some(range.start + mark..range.end + mark);
    }
    // One byte per character: Latin-1 and its like.
    let characters = |end: usize| text.get(..end).map(|before| before.chars().count());
    (text.chars().count() == bytes.len()).then_some(())?;
    Some(characters(range.start)?..characters(range.end)?)
}

fn is_utf8(text: &str, bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).is_ok_and(|read| read.len() == text.len())
}

/// The bytes of a new text in the file's encoding.
fn encoded(new: &str, text: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    (new.is_ascii() || is_utf8(text, bytes)).then(|| new.as_bytes().to_vec())
}

/// The line end of the file's first line.
fn line_end(bytes: &[u8]) -> &'static str {
    match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => "\r\n",
        Some(at) if bytes[at] == b'\r' => "\r",
        _ => "\n",
    }
}

/// Bytes that are no UTF-8, taken as Windows-1252, which holds Latin-1.
fn recoded(bytes: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(bytes).is_err().then(|| syntax::from_windows(bytes).into_bytes())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::base::span::Span;
    use crate::base::system::MemorySystem;
    use crate::diagnostic::{Place, Safety};

    fn edit(text: &str, needle: &str, new: &str) -> Edit {
        let start = u32::try_from(text.find(needle).expect("is there")).expect("short");
        let span = Span::new(start, start + u32::try_from(needle.len()).expect("short"));
        let place = Place { path: "a.py".into(), line: 1, column: 1, span };
        Edit { place, end: (1, 1), text: new.into(), action: Action::Replace }
    }

    fn fix(edits: Vec<Edit>) -> Fix {
        Fix { title: String::new(), safety: Safety::Safe, edits }
    }

    fn fixed(bytes: &[u8], edits: &[(&str, &str)]) -> Option<Vec<u8>> {
        let text = syntax::decode(bytes);
        edited(Some(bytes), &edits.iter().map(|(old, new)| edit(&text, old, new)).collect::<Vec<_>>())
    }

    #[test]
    fn all_else_stays_as_it_is() {
        assert_eq!(fixed(b"a\nb # c\nd", &[("b", "x"), ("d", "y\nz")]).as_deref(), Some(&b"a\nx # c\ny\nz"[..]));
        assert_eq!(
            fixed(b"\xef\xbb\xbfa\r\nb\r\n", &[("b", "x\ny")]).as_deref(),
            Some(&b"\xef\xbb\xbfa\r\nx\r\ny\r\n"[..])
        );
        assert_eq!(fixed(b"a\rb\r", &[("b", "x\ny")]).as_deref(), Some(&b"a\rx\ry\r"[..]));
        let utf8 = "h\u{e9} = 1\nb\n";
        assert_eq!(fixed(utf8.as_bytes(), &[("b", "\u{e9}")]).as_deref(), Some("h\u{e9} = 1\n\u{e9}\n".as_bytes()));
        let latin = b"# coding: latin-1\n# \xe9\nb\n";
        assert_eq!(fixed(latin, &[("b", "c")]).as_deref(), Some(&b"# coding: latin-1\n# \xe9\nc\n"[..]));
        assert_eq!(fixed(latin, &[("b", "\u{e9}")]), None, "what the encoding may lack is not written");
        let gbk = b"# coding: gbk\nb = 1\nx = '\xc4\xe3'\nc = 2\n";
        assert_eq!(
            fixed(gbk, &[("b =", "e =")]).as_deref(),
            Some(&b"# coding: gbk\ne = 1\nx = '\xc4\xe3'\nc = 2\n"[..])
        );
        assert_eq!(fixed(gbk, &[("c =", "e =")]), None, "the place in the bytes is not known");
    }

    #[test]
    fn fixes_that_meet_wait_for_their_turn() {
        let system = MemorySystem::new("/p", &[("a.py", "one two three\n")]);
        let text = "one two three\n";
        let (mut changes, mut batch) = (Changes::default(), Batch::default());
        let root = Path::new("/p");
        let mut apply = |changes: &mut Changes, old: &str, new: &str| {
            changes.apply(&system, root, &mut batch, &fix(vec![edit(text, old, new)]))
        };
        assert!(apply(&mut changes, "two", "2"));
        assert!(!apply(&mut changes, "two three", "23"));
        assert!(apply(&mut changes, "three", "3"));
        assert!(apply(&mut changes, "two", "2"), "the same edit is made once");
        assert_eq!(changes.after()[Path::new("/p/a.py")], b"one 2 3\n");
        let next = fix(vec![edit("one 2 3\n", "2 3", "5")]);
        assert!(changes.apply(&system, root, &mut Batch::default(), &next), "the next round sees what is there then");
        assert_eq!(changes.after()[Path::new("/p/a.py")], b"one 5\n");
        let over = crate::base::system::Overlay::new(Arc::new(system), changes.after());
        assert_eq!(over.read(Path::new("/p/a.py")).expect("is there"), b"one 5\n");
    }

    #[test]
    fn a_file_can_be_new() {
        let system = MemorySystem::new("/p", &[("a.py", "x")]);
        let mut create = edit("x", "x", "");
        (create.action, create.place.path, create.place.span) =
            (Action::Create, "b/__init__.py".into(), Span::default());
        let mut changes = Changes::default();
        assert!(changes.apply(&system, Path::new("/p"), &mut Batch::default(), &fix(vec![create.clone()])));
        assert!(!changes.is_empty());
        create.place.path = "a.py".into();
        assert!(!changes.apply(&system, Path::new("/p"), &mut Batch::default(), &fix(vec![create])), "it exists");
    }
}
