//! Values of number and string literals. (language reference, sections 2.4 and 2.5)

use std::borrow::Cow;

use crate::summary::program::ExprKind;
use crate::summary::{Sym, UNKNOWN_CHARACTER};

use super::symbols::Symbols;

/// A string literal's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    /// `b`
    pub(super) bytes: bool,
    /// `r`
    pub(super) raw: bool,
    /// Length of prefix and opening quotes.
    pub(super) open: usize,
    /// Length of the closing quotes.
    pub(super) close: usize,
}

impl Prefix {
    /// Reads the prefix of a literal, or of its opening part.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let letters = bytes.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let has = |lower: u8| bytes[..letters].iter().any(|b| b.to_ascii_lowercase() == lower);
        let triple =
            bytes.len() >= letters + 3 && bytes[letters] == bytes[letters + 1] && bytes[letters] == bytes[letters + 2];
        let quotes = if triple { 3 } else { 1 };
        Self { bytes: has(b'b'), raw: has(b'r'), open: letters + quotes, close: quotes }
    }
}

/// The text between the quotes of a whole literal. None if the literal is cut short.
pub(super) fn body(text: &str, prefix: Prefix) -> Option<&str> {
    text.get(prefix.open..text.len().checked_sub(prefix.close)?)
}

/// The value of a literal's body. Newlines become `\n`, as CPython's reader makes them.
pub(super) fn unescape(body: &str, prefix: Prefix) -> Cow<'_, str> {
    let clean = !body.bytes().any(|b| b == b'\r' || b == b'\\' && !prefix.raw);
    if clean {
        return Cow::Borrowed(body);
    }
    let body =
        if body.contains('\r') { Cow::Owned(body.replace("\r\n", "\n").replace('\r', "\n")) } else { body.into() };
    if prefix.raw {
        return body;
    }
    Cow::Owned(resolve(&body, prefix.bytes))
}

fn resolve(body: &str, bytes: bool) -> String {
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], bytes, &mut out);
    }
    out.push_str(rest);
    out
}

/// Resolves one escape sequence behind its backslash; returns what follows it.
fn escape<'b>(rest: &'b str, bytes: bool, out: &mut String) -> &'b str {
    let Some(first) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    let after = &rest[first.len_utf8()..];
    let plain = match first {
        '\n' => return after,
        '\\' | '\'' | '"' => first,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '0'..='7' => return numbered(rest, 3, 8, out),
        'x' => return numbered(after, 2, 16, out),
        'u' if !bytes => return numbered(after, 4, 16, out),
        'U' if !bytes => return numbered(after, 8, 16, out),
        'N' if !bytes && after.starts_with('{') => {
            let Some(end) = after.find('}') else { return "" };
            out.push(unicode_names2::character(&after[1..end]).unwrap_or(UNKNOWN_CHARACTER));
            return &after[end + 1..];
        }
        other => {
            out.push('\\');
            other
        }
    };
    out.push(plain);
    after
}

/// Reads up to `most` digits as the number of a character.
fn numbered<'b>(rest: &'b str, most: usize, radix: u32, out: &mut String) -> &'b str {
    let digits = rest.bytes().take(most).take_while(|b| char::from(*b).is_digit(radix)).count();
    let number = u32::from_str_radix(&rest[..digits], radix).ok();
    out.push(number.and_then(char::from_u32).unwrap_or(UNKNOWN_CHARACTER));
    &rest[digits..]
}

/// The value of an integer or float literal; none for Python 2 spellings.
pub(super) fn number<'t>(text: &'t str, symbols: &mut Symbols<'t>) -> Option<ExprKind> {
    let plain: Cow<'_, str> = if text.contains('_') { text.replace('_', "").into() } else { text.into() };
    let lower = plain.as_bytes();
    let radix = match lower.get(..2).map(|two| (two[0], two[1].to_ascii_lowercase())) {
        Some((b'0', b'x')) => 16,
        Some((b'0', b'o')) => 8,
        Some((b'0', b'b')) => 2,
        _ => 10,
    };
    if plain.ends_with(['l', 'L']) {
        return None;
    }
    if radix != 10 {
        return Some(i64::from_str_radix(&plain[2..], radix).map_or_else(|_| big(text, symbols), ExprKind::Int));
    }
    if let Some(imaginary) = plain.strip_suffix(['j', 'J']) {
        return imaginary.parse().ok().map(ExprKind::Imaginary);
    }
    if plain.bytes().all(|b| b.is_ascii_digit()) {
        if plain.len() > 1 && plain.starts_with('0') && plain.bytes().any(|b| b != b'0') {
            return None;
        }
        return Some(plain.parse().map_or_else(|_| big(&plain, symbols), ExprKind::Int));
    }
    plain.parse().ok().map(ExprKind::Float)
}

fn big(text: &str, symbols: &mut Symbols<'_>) -> ExprKind {
    let sym: Sym = symbols.text(Cow::Owned(text.to_owned()));
    ExprKind::BigInt(sym)
}

#[cfg(test)]
mod tests {
    use super::{Prefix, body, number, unescape};
    use crate::summary::program::ExprKind;
    use crate::syntax::symbols::Symbols;

    fn value(literal: &str) -> String {
        let prefix = Prefix::of(literal);
        unescape(body(literal, prefix).expect("a whole literal"), prefix).into_owned()
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(
            value(
                r#""a\tb\x41\u00e9\101\
c""#
            ),
            "a\tbA\u{e9}Ac"
        );
        assert_eq!(value(r"r'\d'"), r"\d");
        assert_eq!(value(r"'\d\''"), r"\d'");
        assert_eq!(value(r"b'\xff\u0041'"), "\u{ff}\\u0041");
        assert_eq!(value("'''a\r\nb'''"), "a\nb");
        assert_eq!(value("''"), "");
        assert_eq!(value(r"'\0'"), "\0");
        assert_eq!(value(r"'\N{SNOWMAN}\N{latin small letter e with acute}\ufffd'"), "\u{2603}\u{e9}\u{fffd}");
        assert_eq!(value(r"'\ud800\N{NO SUCH NAME}'"), "\u{10ffff}\u{10ffff}");
    }

    #[test]
    fn numbers_have_values() {
        let mut symbols = Symbols::default();
        let mut read = |text: &'static str| number(text, &mut symbols);
        assert_eq!(read("1_000"), Some(ExprKind::Int(1000)));
        assert_eq!(read("0xFF"), Some(ExprKind::Int(255)));
        assert_eq!(read("0b11"), Some(ExprKind::Int(3)));
        assert_eq!(read("1e3"), Some(ExprKind::Float(1000.0)));
        assert_eq!(read("2.5j"), Some(ExprKind::Imaginary(2.5)));
        assert_eq!(read("00"), Some(ExprKind::Int(0)));
        assert_eq!(read("0777"), None);
        assert_eq!(read("10L"), None);
        assert!(matches!(read("99999999999999999999"), Some(ExprKind::BigInt(_))));
    }
}
