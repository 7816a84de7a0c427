//! Bytes that are no UTF-8 in a file without a cookie: CPython minds them in strings and identifiers only.

use super::explain::behind_strings;
use super::judge::Fault;
use super::literal::{self, Prefix};
use super::scan::{Lexeme, Token, scan};
use super::source::utf8_error;
use crate::base::span::Span;
use crate::summary::ProblemKind;

/// A refusal, and where the refused token starts.
pub(super) struct Found {
    pub(super) fault: Fault,
    pub(super) started: usize,
}

/// What a version says about the first string or identifier with such bytes.
pub(super) fn fault(text: &str, undecodable: &[(usize, &[u8])], minor: u8) -> Option<Found> {
    let (first, _) = undecodable.first()?;
    let scan = scan(text, minor);
    // The replacement character is no part of an identifier, so the tokenizer stops there.
    if let Some(error) = &scan.error
        && undecodable.iter().any(|(at, _)| (error.start..error.reached.max(error.start + 1)).contains(at))
        && undecodable.iter().all(|(at, _)| *at >= error.start || !in_token(&scan.tokens, *at))
    {
        let word = raw(text, undecodable, error.start, error.reached);
        let start = text[..error.start].rfind(|c: char| !(c == '_' || c.is_alphanumeric())).map_or(0, |at| at + 1);
        let name = [&text.as_bytes()[start..error.start], &word].concat();
        let message = if minor == 8 {
            "invalid character in identifier".to_owned()
        } else {
            format!("(unicode error) {}", utf8_error(&name)?)
        };
        return Some(found(message, error.start, error.start));
    }
    let holder = scan
        .tokens
        .iter()
        .find(|token| token.end > *first && undecodable.iter().any(|(at, _)| token.start <= *at && *at < token.end))?;
    if holder.token != Token::String {
        return None;
    }
    let literal = &text[holder.start..holder.end];
    let prefix = Prefix::of(literal);
    let body = literal::body(literal, prefix)?;
    let start = holder.start + prefix.open;
    let bytes = raw(text, undecodable, start, start + body.len());
    let message = if prefix.bytes {
        format!("bytes can only contain ASCII literal characters{}", if minor < 10 { "." } else { "" })
    } else if !prefix.raw && bytes.contains(&b'\\') {
        format!("(unicode error) {}", first_run(&bytes)?)
    } else {
        format!("(unicode error) {}", utf8_error(&bytes)?)
    };
    let at = behind_strings(&scan.tokens, text.len(), holder.start, minor);
    Some(found(message, at, holder.start))
}

fn in_token(tokens: &[Lexeme], at: usize) -> bool {
    tokens.iter().any(|token| token.start <= at && at < token.end)
}

fn found(message: String, at: usize, started: usize) -> Found {
    let place = u32::try_from(at).unwrap_or(u32::MAX);
    let (kind, span) = (ProblemKind::Undecodable, Span::new(place, place));
    Found { fault: Fault { kind, exception: "SyntaxError", message, span }, started }
}

/// The bytes of a part of the text.
fn raw(text: &str, undecodable: &[(usize, &[u8])], start: usize, end: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = start;
    for (place, bytes) in undecodable.iter().filter(|(place, _)| (start..end).contains(place)) {
        out.extend_from_slice(&text.as_bytes()[at..*place]);
        out.extend_from_slice(bytes);
        at = place + '\u{fffd}'.len_utf8();
    }
    out.extend_from_slice(text.as_bytes().get(at..end).unwrap_or_default());
    out
}

/// In a string with escapes each run of bytes that are not ASCII is decoded by itself.
fn first_run(bytes: &[u8]) -> Option<String> {
    bytes.split(u8::is_ascii).filter(|run| !run.is_empty()).find_map(utf8_error)
}
