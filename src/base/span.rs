//! Places in a source text.

use serde::{Deserialize, Serialize};

/// A half-open range of UTF-8 byte offsets into the *decoded* source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// From two byte offsets.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Whether the other lies within it.
    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Offsets at which lines start; turns offsets into lines. Lines end at `\n`, `\r\n` or a lone `\r`, as CPython's do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineTable {
    starts: Vec<u32>,
}

impl LineTable {
    /// The table of a decoded text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for index in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[index] == b'\n' || bytes.get(index + 1) != Some(&b'\n') {
                starts.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        starts.shrink_to_fit();
        Self { starts }
    }

    /// The 1-based line that holds `offset`.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        let line = self.starts.partition_point(|start| *start <= offset);
        u32::try_from(line.max(1)).unwrap_or(u32::MAX)
    }

    /// The 1-based line, and the 1-based column in bytes.
    #[must_use]
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or(0);
        (line, offset.saturating_sub(start) + 1)
    }

    /// Offset of the first byte of a 1-based line, if there is such a line.
    #[must_use]
    pub fn start(&self, line: u32) -> Option<u32> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// Number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never true: an empty text has one line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::LineTable;

    #[test]
    fn lines_end_as_cpython_ends_them() {
        let table = LineTable::new("a\r\nb\rc\n");
        assert_eq!((table.position(0), table.position(3), table.position(5)), ((1, 1), (2, 1), (3, 1)));
        assert_eq!(table.len(), 4);
    }
}
