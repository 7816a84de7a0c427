//! The tolerant parser: tree-sitter's grammar, whose tree is copied flat and dropped.
//!
//! It reads what the strict judge refuses: a broken file still has imports and definitions. It accepts more than Python and
//! refuses some valid code, and takes five times as long as the judge, so that nothing else is given to it.
//! Subtrees whose text says it all (dotted names, string literals) are not entered.

use std::cell::RefCell;

use tree_sitter::Parser;

use super::kinds::Kind;
use super::suppress;
use super::tree::{Tree, is_dotted};
use crate::base::span::Span;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses a text. None only if the parser itself refuses to work.
pub(super) fn parse(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let tree = slot.as_mut()?.parse(text, None)?;
        Some(flatten(&tree, text))
    })
}

fn flatten(tree: &tree_sitter::Tree, text: &str) -> Tree {
    let kinds = Kind::table();
    let mut flat = Tree::with_capacity(text.len() / 6);
    flat.loose_ends = true;
    let mut open: Vec<u32> = Vec::with_capacity(64);
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let (start, end) = (node.start_byte(), node.end_byte());
        let place = Span::new(offset(start), offset(end));
        let number = node.kind_id();
        let mut kind = if number == u16::MAX { Kind::Error } else { kinds[number as usize] };
        let mut enter = false;
        if matches!(kind, Kind::Comment | Kind::LineContinuation) {
            if kind == Kind::Comment && suppress::may_be_one(&text[start..end]) {
                flat.comments.push(place);
            }
        } else {
            kind = shorten(kind, &text.as_bytes()[start..end]);
            if let Some(parent) = open.last()
                && (kind == Kind::Error || start == end && node.is_missing())
            {
                flat.mark_broken(*parent);
            }
            let id = flat.push(kind, place);
            enter = !kind.is_leaf() && !matches!(kind, Kind::Dotted | Kind::PlainString) && cursor.goto_first_child();
            if enter {
                open.push(id);
            }
        }
        while !enter && !cursor.goto_next_sibling() {
            let Some(id) = open.pop() else { return flat };
            cursor.goto_parent();
            flat.close(id);
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The kind that makes the subtree superfluous, if the text allows it.
fn shorten(kind: Kind, text: &[u8]) -> Kind {
    match kind {
        Kind::Attribute if is_dotted(text) => Kind::Dotted,
        Kind::String if is_plain_string(text) => Kind::PlainString,
        _ => kind,
    }
}

fn is_plain_string(text: &[u8]) -> bool {
    let prefix = text.iter().take_while(|b| b.is_ascii_alphabetic());
    !prefix.into_iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'))
}
