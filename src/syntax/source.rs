//! Bytes to text, as CPython's reader does it. (PEP 263; spec: python-import.md section 9)

use std::borrow::Cow;

use crate::summary::Problem;

/// A decoded file.
#[derive(Debug, Default)]
pub(super) struct Source<'b> {
    /// The text without byte order mark; lone carriage returns are line feeds.
    pub(super) text: Cow<'b, str>,
    /// Why it is refused, if it is.
    pub(super) problems: Vec<Problem>,
}

/// Decodes the bytes of a file.
pub(super) fn decode(bytes: &[u8]) -> Source<'_> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    Source { text: String::from_utf8_lossy(bytes), problems: Vec::new() }
}
