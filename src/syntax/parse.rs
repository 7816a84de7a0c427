//! One tree-sitter parse per file, copied into a flat array and dropped.
//!
//! A node is 16 bytes, its children follow it, and it knows where its subtree ends. Lowering then needs neither cursor
//! nor foreign calls. Subtrees whose text says it all (dotted names, string literals) are not entered.

use std::cell::RefCell;

use tree_sitter::Parser;

use super::compact::Map;
use super::kinds::Kind;
use crate::base::span::Span;

/// A node of the flat tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// Offset of its first byte.
    pub(super) start: u32,
    /// Offset behind its last byte.
    pub(super) end: u32,
    /// Index of the first node behind its subtree.
    next: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Whether a direct child is an error or missing.
    pub(super) broken: bool,
}

/// The syntax tree of one file in source order.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// Comments in source order; they are not in the tree.
    pub(super) comments: Vec<Span>,
    /// The first place where the grammar gave up.
    pub(super) first_error: Option<Span>,
}

/// Index of a node.
pub(super) type NodeId = u32;

thread_local! {
    static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
}

/// Parses a text; nodes get the places that `map` tells. None only if the parser itself refuses to work.
pub(super) fn parse(text: &str, map: &Map) -> Option<Tree> {
    PARSER.with_borrow_mut(|slot| {
        if slot.is_none() {
            let mut parser = Parser::new();
            parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
            *slot = Some(parser);
        }
        let tree = slot.as_mut()?.parse(text, None)?;
        Some(flatten(&tree, text.as_bytes(), map))
    })
}

fn flatten(tree: &tree_sitter::Tree, text: &[u8], map: &Map) -> Tree {
    let kinds = Kind::table();
    let mut flat = Tree { nodes: Vec::with_capacity(text.len() / 6), ..Tree::default() };
    let mut open: Vec<u32> = Vec::with_capacity(64);
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let (start, end) = (node.start_byte(), node.end_byte());
        let place = map.span(offset(start), offset(end));
        let number = node.kind_id();
        let mut kind = if number == u16::MAX { Kind::Error } else { kinds[number as usize] };
        let mut enter = false;
        if matches!(kind, Kind::Comment | Kind::LineContinuation) {
            if kind == Kind::Comment {
                flat.comments.push(place);
            }
        } else {
            kind = shorten(kind, &text[start..end]);
            if kind == Kind::Error || start == end && node.is_missing() {
                flat.note_error(place, &open);
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
            flat.nodes[id as usize].next = flat.len();
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

fn is_dotted(text: &[u8]) -> bool {
    let first = text.split(|b| *b == b'.').next().unwrap_or_default();
    first.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && !matches!(first, b"None" | b"True" | b"False")
}

fn is_plain_string(text: &[u8]) -> bool {
    let prefix = text.iter().take_while(|b| b.is_ascii_alphabetic());
    !prefix.into_iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'))
}

impl Tree {
    fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    fn push(&mut self, kind: Kind, place: Span) -> u32 {
        let id = self.len();
        let Span { start, end } = place;
        self.nodes.push(Node { start, end, next: id + 1, kind, broken: false });
        id
    }

    fn note_error(&mut self, place: Span, open: &[u32]) {
        self.first_error.get_or_insert(place);
        if let Some(parent) = open.last() {
            self.nodes[*parent as usize].broken = true;
        }
    }

    /// A node; the last one for an index behind the end (which no caller has).
    pub(super) fn node(&self, id: NodeId) -> Node {
        self.nodes[id as usize]
    }

    /// All nodes in source order.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Whether there is no node at all.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Direct children in order.
    pub(super) fn children(&self, id: NodeId) -> Children<'_> {
        Children { nodes: &self.nodes, at: id + 1, end: self.nodes[id as usize].next }
    }

    /// Where the last token below a node ends: comments may stand behind it that the grammar takes for a part of it.
    pub(super) fn last_end(&self, id: NodeId) -> u32 {
        self.subtree(id).last().map_or(0, |node| node.end)
    }

    /// The node and everything below it, in source order.
    pub(super) fn subtree(&self, id: NodeId) -> &[Node] {
        &self.nodes[id as usize..self.nodes[id as usize].next as usize]
    }
}

/// Iterates over the direct children of a node.
#[derive(Debug, Clone)]
pub(super) struct Children<'t> {
    nodes: &'t [Node],
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = (NodeId, Kind);

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let id = self.at;
        let node = &self.nodes[id as usize];
        self.at = node.next;
        Some((id, node.kind))
    }
}
