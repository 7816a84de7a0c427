//! Bytes to text, as CPython's reader does it. (PEP 263; spec: python-import.md section 9)
//!
//! Without a cookie the bytes are UTF-8, and only strings and identifiers are decoded: a comment may hold anything. With
//! a cookie that names another codec the whole file is decoded first.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, Encoding};

use super::judge::{Fault, by_version};
use crate::base::span::Span;
use crate::summary::{Problem, ProblemKind, UNKNOWN_CHARACTER};

/// A decoded file.
#[derive(Debug, Default)]
pub(super) struct Source<'b> {
    /// The text without byte order mark; lone carriage returns are line feeds.
    pub(super) text: Cow<'b, str>,
    /// Why it is refused as a whole, if it is.
    pub(super) problems: Vec<Problem>,
    /// Whether it cannot be decoded as a whole.
    pub(super) whole: bool,
    /// Places in the text that stand for bytes that are no UTF-8, with those bytes.
    pub(super) undecodable: Vec<(usize, &'b [u8])>,
}

/// Decodes the bytes of a file.
pub(super) fn decode(bytes: &[u8]) -> Source<'_> {
    let (bytes, has_mark) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    let mut source = match cookie(bytes).map(|name| (normal_name(name), name)) {
        None | Some((Some("utf-8"), _)) => utf8(bytes),
        Some((normal, name)) if has_mark => {
            let codec = normal.unwrap_or(name);
            refused(bytes, ProblemKind::UnknownEncoding, format!("encoding problem: {codec} with BOM"))
        }
        Some((Some(_), _)) => plain(latin1(bytes)),
        Some((None, name)) => by_codec(bytes, name),
    };
    if source.text.contains('\r') {
        source.text = Cow::Owned(universal_newlines(&source.text));
    }
    if bytes.contains(&0) && source.problems.is_empty() {
        source.problems = null_bytes(&source.text);
    }
    source
}

fn plain<'b>(text: impl Into<Cow<'b, str>>) -> Source<'b> {
    Source { text: text.into(), ..Source::default() }
}

/// A lone carriage return ends a line. (`\r\n` stays, so that offsets do.)
fn universal_newlines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        out.push(if c == '\r' && chars.peek() != Some(&'\n') { '\n' } else { c });
    }
    out
}

fn null_bytes(text: &str) -> Vec<Problem> {
    let at = text.find('\0').and_then(|at| u32::try_from(at).ok()).unwrap_or(0);
    by_version(|minor| {
        let exception = if minor >= 11 { "SyntaxError" } else { "ValueError" };
        let message = "source code string cannot contain null bytes".to_owned();
        Some(Fault { kind: ProblemKind::NullByte, exception, message, span: Span::new(at, at + 1) })
    })
}

/// A file that no version reads. Its text is kept as far as it can be, for those who only look.
fn refused(bytes: &[u8], kind: ProblemKind, message: String) -> Source<'_> {
    let fault = Fault { kind, exception: "SyntaxError", message, span: Span::default() };
    let problems = by_version(|_| Some(fault.clone()));
    Source { text: String::from_utf8_lossy(bytes), problems, whole: true, undecodable: Vec::new() }
}

fn utf8(bytes: &[u8]) -> Source<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return plain(text);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut undecodable = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            undecodable.push((text.len(), chunk.invalid()));
            text.push('\u{fffd}');
        }
    }
    Source { text: text.into(), undecodable, ..Source::default() }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The codec that the first line names, or the second if the first holds nothing but a comment.
fn cookie(bytes: &[u8]) -> Option<&str> {
    let mut lines = bytes.split(|b| matches!(b, b'\n' | b'\r'));
    let first = lines.next()?;
    if let Some(name) = cookie_of_line(first) {
        return Some(name);
    }
    let code = first.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\x0c'));
    if code.is_some_and(|b| *b != b'#') {
        return None;
    }
    // Behind `\r\n` the next piece is empty.
    let crlf = bytes.get(first.len()..first.len() + 2) == Some(b"\r\n");
    cookie_of_line(lines.nth(usize::from(crlf))?)
}

/// `^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`
fn cookie_of_line(line: &[u8]) -> Option<&str> {
    let start = line.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\x0c'))?;
    if line[start] != b'#' {
        return None;
    }
    let mut rest = &line[start..];
    while let Some(at) = rest.windows(6).position(|window| window == b"coding") {
        rest = &rest[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let name = rest[1..].iter().position(|b| !matches!(b, b' ' | b'\t')).map(|skip| &rest[1 + skip..])?;
        let length = name.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')).count();
        return (length > 0).then(|| std::str::from_utf8(&name[..length]).ok()).flatten();
    }
    None
}

/// The two names that CPython's reader knows itself, under which it looks at the first twelve characters only.
fn normal_name(name: &str) -> Option<&'static str> {
    let head: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |known: &str| head == known || head.strip_prefix(known).is_some_and(|rest| rest.starts_with('-'));
    if is("utf-8") {
        return Some("utf-8");
    }
    ["latin-1", "iso-8859-1", "iso-latin-1"].iter().any(|known| is(known)).then_some("iso-8859-1")
}

/// CPython's name of a codec, from any of its aliases.
fn canonical(name: &str) -> Option<&'static str> {
    let mut normal = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            normal.push(c.to_ascii_lowercase());
        } else if !normal.ends_with('_') {
            normal.push('_');
        }
    }
    let normal = normal.trim_matches('_').replace('.', "_");
    let lines = include_str!("codecs.txt").lines().filter(|line| !line.starts_with('#'));
    lines.into_iter().find(|line| line.split(' ').any(|alias| alias == normal)).and_then(|line| line.split(' ').next())
}

fn by_codec<'b>(bytes: &'b [u8], name: &str) -> Source<'b> {
    let Some(codec) = canonical(name) else {
        return refused(bytes, ProblemKind::UnknownEncoding, format!("unknown encoding: {name}"));
    };
    match codec {
        "ascii" => strict_ascii(bytes),
        "latin_1" => plain(latin1(bytes)),
        "utf_8" | "utf_8_sig" => strict_utf8(bytes),
        "base64_codec" | "bz2_codec" | "hex_codec" | "quopri_codec" | "rot_13" | "uu_codec" | "zlib_codec" => {
            let message = format!("'{name}' is not a text encoding; use codecs.decode() to handle arbitrary codecs");
            refused(bytes, ProblemKind::UnknownEncoding, message)
        }
        "undefined" => refused(bytes, ProblemKind::UnknownEncoding, "undefined encoding".to_owned()),
        _ => match encoding_for(codec) {
            Some(encoding) => by_table(bytes, codec, encoding),
            // A code page without a table here: what is ASCII in it is read.
            None => plain(
                bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { UNKNOWN_CHARACTER }).collect::<String>(),
            ),
        },
    }
}

fn undecodable<'b>(bytes: &'b [u8], codec: &str, at: usize, reason: &str) -> Source<'b> {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let message = format!("'{codec}' codec can't decode byte 0x{byte:02x} in position {at}: {reason}");
    refused(bytes, ProblemKind::Undecodable, message)
}

fn strict_ascii(bytes: &[u8]) -> Source<'_> {
    match bytes.iter().position(|b| !b.is_ascii()) {
        Some(at) => undecodable(bytes, "ascii", at, "ordinal not in range(128)"),
        None => utf8(bytes),
    }
}

fn strict_utf8(bytes: &[u8]) -> Source<'_> {
    match utf8_error(bytes) {
        Some(complaint) => refused(bytes, ProblemKind::Undecodable, complaint),
        None => utf8(bytes),
    }
}

/// What CPython's UTF-8 codec says about bytes that are none.
pub(super) fn utf8_error(bytes: &[u8]) -> Option<String> {
    let error = std::str::from_utf8(bytes).err()?;
    let at = error.valid_up_to();
    let byte = bytes.get(at)?;
    let length = error.error_len();
    let reason = match (length, byte) {
        (None, _) => "unexpected end of data",
        (_, 0xc2..=0xf4) => "invalid continuation byte",
        _ => "invalid start byte",
    };
    let last = at + length.unwrap_or(bytes.len() - at) - 1;
    Some(if last > at {
        format!("'utf-8' codec can't decode bytes in position {at}-{last}: {reason}")
    } else {
        format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: {reason}")
    })
}

/// The table for a codec of CPython's.
fn encoding_for(codec: &str) -> Option<&'static Encoding> {
    let label = match codec {
        "shift_jis" | "cp932" => "shift_jis",
        "euc_jp" => "euc-jp",
        "euc_kr" | "cp949" => "euc-kr",
        "gb2312" | "gbk" | "cp936" => "gbk",
        "gb18030" => "gb18030",
        "big5" | "cp950" | "big5hkscs" => "big5",
        "iso2022_jp" => "iso-2022-jp",
        "koi8_r" => "koi8-r",
        "koi8_u" => "koi8-u",
        "mac_roman" => "macintosh",
        "mac_cyrillic" => "x-mac-cyrillic",
        "cp866" => "ibm866",
        "cp874" | "tis_620" => "windows-874",
        "utf_16_le" | "utf_16" => "utf-16le",
        "utf_16_be" => "utf-16be",
        _ => {
            let windows = codec.strip_prefix("cp").filter(|number| number.starts_with("125"));
            let iso = codec.strip_prefix("iso8859_");
            let label = match (windows, iso) {
                (Some(number), _) => format!("windows-{number}"),
                (_, Some(number)) => format!("iso-8859-{number}"),
                _ => return None,
            };
            return Encoding::for_label(label.as_bytes());
        }
    };
    Encoding::for_label(label.as_bytes())
}

fn by_table<'b>(bytes: &'b [u8], codec: &str, encoding: &'static Encoding) -> Source<'b> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let capacity = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3);
    let mut text = String::with_capacity(capacity);
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    if let DecoderResult::Malformed(bad, after) = result {
        let at = read.saturating_sub(usize::from(bad) + usize::from(after));
        return if encoding.is_single_byte() {
            undecodable(bytes, "charmap", at, "character maps to <undefined>")
        } else {
            undecodable(bytes, codec, at, "illegal multibyte sequence")
        };
    }
    // The web's windows-125x map unassigned bytes to control characters; CPython refuses them.
    if codec.starts_with("cp125") && text.contains(|c: char| ('\u{80}'..='\u{9f}').contains(&c)) {
        let hole = bytes.iter().position(|b| {
            let (decoded, _) = encoding.decode_without_bom_handling(std::slice::from_ref(b));
            decoded.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c))
        });
        if let Some(at) = hole {
            return undecodable(bytes, "charmap", at, "character maps to <undefined>");
        }
    }
    plain(text)
}

#[cfg(test)]
mod tests {
    use super::decode;
    use crate::python::version::PythonVersion;

    fn refusal(bytes: &[u8]) -> Option<(String, String)> {
        let summary = crate::syntax::summarise(bytes);
        let problem = summary.fatal_problem(PythonVersion::three(12))?;
        Some((problem.exception.clone(), problem.message.clone()))
    }

    fn message(bytes: &[u8]) -> Option<String> {
        refusal(bytes).map(|(_, message)| message)
    }

    #[test]
    fn cookies_and_marks_are_read() {
        assert_eq!(decode(b"\xef\xbb\xbfx = 1\n").text, "x = 1\n");
        assert_eq!(decode(b"# vim: set fileencoding=latin-1 :\nx = '\xe9'").text.chars().last(), Some('\''));
        assert_eq!(decode(b"#!/usr/bin/x\r\n# coding: cp1252\r\n'\x80'").text.lines().last(), Some("'\u{20ac}'"));
        assert_eq!(decode(b"# coding: koi8-r\n'\xc1'").text.lines().last(), Some("'\u{430}'"));
        assert_eq!(decode(b"a\rb\r\nc").text, "a\nb\r\nc");
    }

    #[test]
    fn cpython_words_for_bad_encodings() {
        assert_eq!(message(b"# coding: foo\nx=1\n").as_deref(), Some("unknown encoding: foo"));
        assert_eq!(message(b"\n# -*- coding: foo -*-\n").as_deref(), Some("unknown encoding: foo"));
        assert_eq!(message(b"x=1\n# -*- coding: foo -*-\n"), None);
        assert_eq!(
            message(b"\xef\xbb\xbf# coding: latin-1\n").as_deref(),
            Some("encoding problem: iso-8859-1 with BOM")
        );
        assert_eq!(
            message(b"# coding: ascii\nx = 'caf\xe9'\n").as_deref(),
            Some("'ascii' codec can't decode byte 0xe9 in position 24: ordinal not in range(128)")
        );
        assert_eq!(
            message(b"# coding: cp1252\nx = '\x81'\n").as_deref(),
            Some("'charmap' codec can't decode byte 0x81 in position 22: character maps to <undefined>")
        );
        assert_eq!(
            message(b"# coding: rot13\nk = 1\n").as_deref(),
            Some("'rot13' is not a text encoding; use codecs.decode() to handle arbitrary codecs")
        );
    }

    #[test]
    fn only_strings_and_names_must_be_utf_8() {
        assert_eq!(message(b"x = 1\n# caf\xe9\n"), None);
        assert_eq!(
            message(b"x = 1\ny = 'caf\xe9 z'\n").as_deref(),
            Some("(unicode error) 'utf-8' codec can't decode byte 0xe9 in position 3: invalid continuation byte")
        );
        assert_eq!(
            message(b"x = 1\ncaf\xe9 = 3\n").as_deref(),
            Some("(unicode error) 'utf-8' codec can't decode byte 0xe9 in position 3: unexpected end of data")
        );
    }

    #[test]
    fn null_bytes_have_a_class_per_version() {
        let (exception, message) = refusal(b"x = 1\0\n").expect("refused");
        assert_eq!((&*exception, &*message), ("SyntaxError", "source code string cannot contain null bytes"));
        let summary = crate::syntax::summarise(b"x = '\0'\n");
        let old = summary.fatal_problem(PythonVersion::three(8)).expect("refused");
        assert_eq!(old.exception, "ValueError");
    }
}
