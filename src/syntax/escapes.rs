//! What CPython's codecs say about a broken escape sequence in a string literal.

use super::literal::Prefix;

/// The message for the literal that starts at an offset, if one of its escapes is broken. Which names of characters are
/// known is not: one that ends in front of `error` is.
pub(super) fn refusal(text: &str, start: usize, error: usize) -> Option<String> {
    let literal = text.get(start..)?;
    let prefix = Prefix::of(literal);
    if prefix.raw {
        return None;
    }
    let quote = literal.get(prefix.open - prefix.close..prefix.open)?;
    let body = &literal[prefix.open..];
    // Positions count the bytes that CPython hands to the codec: other characters become ten-byte escapes first.
    let (mut at, mut position) = (0, 0);
    while at < body.len() {
        let rest = &body[at..];
        if rest.starts_with(quote) {
            return None;
        }
        if let Some(escape) = rest.strip_prefix('\\') {
            let end = escape.find('}').map_or(0, |end| start + prefix.open + at + 1 + end);
            let is_known = escape.starts_with('N') && end < error;
            if let Some(message) = broken(escape, position, prefix.bytes).filter(|_| !is_known) {
                return Some(message);
            }
            at += 1;
            position += 1;
        }
        let c = body[at..].chars().next()?;
        at += c.len_utf8();
        position += if c.is_ascii() { 1 } else { 10 };
    }
    None
}

/// The message if the text behind a backslash is no whole escape.
fn broken(escape: &str, position: usize, bytes: bool) -> Option<String> {
    let kind = escape.chars().next()?;
    let hex = |wanted: usize| {
        let digits = escape.bytes().skip(1).take(wanted).take_while(u8::is_ascii_hexdigit).count();
        (digits < wanted).then_some(position + digits + 1)
    };
    if bytes {
        let cut = (kind == 'x').then(|| hex(2)).flatten()?;
        let _ = cut;
        return Some(format!("(value error) invalid \\x escape at position {position}"));
    }
    let unicode = |end: usize, reason: &str| {
        format!("(unicode error) 'unicodeescape' codec can't decode bytes in position {position}-{end}: {reason}")
    };
    match kind {
        'x' => hex(2).map(|end| unicode(end, "truncated \\xXX escape")),
        'u' => hex(4).map(|end| unicode(end, "truncated \\uXXXX escape")),
        'U' => hex(8).map(|end| unicode(end, "truncated \\UXXXXXXXX escape")).or_else(|| {
            let number = u32::from_str_radix(escape.get(1..9)?, 16).ok()?;
            (number > 0x10_ffff).then(|| unicode(position + 9, "illegal Unicode character"))
        }),
        'N' => {
            let name = escape.get(1..)?;
            let Some(close) = name.find('}').filter(|_| name.starts_with('{')) else {
                return Some(unicode(position + 1, "malformed \\N character escape"));
            };
            Some(unicode(position + 1 + close + 1, "unknown Unicode character name"))
        }
        _ => None,
    }
}
