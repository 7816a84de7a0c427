//! The flat tree that lowering reads, whichever parser made it.
//!
//! A node is 16 bytes, its children follow it, and it knows where its subtree ends. Kinds and shape are the grammar's
//! ([`super::kinds`]), less what lowering does not look at: [`super::ast`] writes down no more punctuation than it needs.

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
    /// Comments that may be suppressions, in source order; they are not in the tree.
    pub(super) comments: Vec<Span>,
    /// Whether nodes may end behind their last token, where comments follow.
    pub(super) loose_ends: bool,
}

/// Index of a node.
pub(super) type NodeId = u32;

impl Tree {
    /// An empty tree with room for some nodes.
    pub(super) fn with_capacity(nodes: usize) -> Self {
        Self { nodes: Vec::with_capacity(nodes), ..Self::default() }
    }

    /// Adds a node without children; [`Tree::close`] makes what follows them.
    pub(super) fn push(&mut self, kind: Kind, place: Span) -> NodeId {
        let id = self.len();
        let Span { start, end } = place;
        self.nodes.push(Node { start, end, next: id + 1, kind, broken: false });
        id
    }

    /// Makes all nodes that were added behind a node its subtree.
    pub(super) fn close(&mut self, id: NodeId) {
        self.nodes[id as usize].next = self.len();
    }

    /// Notes that a direct child of a node is an error.
    pub(super) fn mark_broken(&mut self, id: NodeId) {
        self.nodes[id as usize].broken = true;
    }

    fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// A node of the tree.
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

    /// Where the last token below a node ends.
    pub(super) fn last_end(&self, id: NodeId) -> u32 {
        if self.loose_ends { self.subtree(id).last().map_or(0, |node| node.end) } else { self.node(id).end }
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

/// Whether an attribute's text is a dotted name, so that its text says it all.
pub(super) fn is_dotted(text: &[u8]) -> bool {
    let first = text.split(|b| *b == b'.').next().unwrap_or_default();
    first.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && text.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && !matches!(first, b"None" | b"True" | b"False")
}
