//! The flat tree of a text that the strict judge accepts, copied from the judge's own.
//!
//! The judge has parsed the text already, and its tree is exact; parsing the text a second time would cost more than
//! everything else together. Kinds and shape are those of the grammar, so that one lowering reads both; of the
//! punctuation, only what it looks at is written down. Function bodies that are left in the text have no nodes.

mod expr;
mod pattern;
mod statement;

use ruff_python_ast::Stmt;
use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::kinds::Kind;
use super::outline::Body;
use super::tree::{NodeId, Tree};
use crate::base::span::Span;

/// A text that the judge accepts.
#[derive(Clone, Copy)]
pub(super) struct Part<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: &'t Tokens,
    pub(super) suite: &'t [Stmt],
}

/// Copies the tree; without the bodies that are left out. Nodes get their places in a text in which this one starts at
/// `shift`, which may lie in front of its start (and is then a negative number that wraps around).
pub(super) fn copy(part: Part<'_>, bodies: &[Body], shift: u32) -> Tree {
    let Part { text, tokens, suite } = part;
    // A node takes about as many bytes as the text it stands for.
    let left: usize = bodies.iter().map(|body| (body.span.end - body.span.start) as usize).sum();
    let tree = Tree::with_capacity(text.len().saturating_sub(left) / 10);
    let mut copier = Copier { text, tokens, bodies, shift, depth: 0, tree };
    let all = TextRange::up_to(TextSize::try_from(text.len()).unwrap_or_default());
    copier.node(Kind::Module, all, |me| me.statements(suite));
    copier.tree
}

struct Copier<'t> {
    text: &'t str,
    tokens: &'t Tokens,
    bodies: &'t [Body],
    shift: u32,
    depth: u32,
    tree: Tree,
}

impl Copier<'_> {
    fn place(&self, range: TextRange) -> Span {
        Span::new(range.start().to_u32().wrapping_add(self.shift), range.end().to_u32().wrapping_add(self.shift))
    }

    /// A node whose children follow; [`Tree::close`] ends it.
    fn open(&mut self, kind: Kind, range: TextRange) -> NodeId {
        self.tree.push(kind, self.place(range))
    }

    fn leaf(&mut self, kind: Kind, range: TextRange) {
        self.open(kind, range);
    }

    /// A node with what `inside` adds as its subtree.
    fn node(&mut self, kind: Kind, range: TextRange, inside: impl FnOnce(&mut Self)) {
        let id = self.open(kind, range);
        inside(self);
        self.tree.close(id);
    }

    /// Punctuation or a keyword whose place nobody asks for.
    fn token(&mut self, kind: Kind, at: TextSize) {
        self.leaf(kind, TextRange::empty(at));
    }

    fn slice(&self, range: TextRange) -> &str {
        self.text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default()
    }

    /// The first token of a kind at or behind an offset.
    fn token_behind(&self, offset: TextSize, wanted: impl Fn(TokenKind) -> bool) -> Option<TextRange> {
        let first = self.tokens.partition_point(|token| token.end() <= offset);
        let token = self.tokens[first..].iter().find(|token| wanted(token.kind()))?;
        Some(token.range())
    }

    /// The last token of a kind in front of an offset.
    fn token_before(&self, offset: TextSize, wanted: TokenKind) -> Option<TextRange> {
        let end = self.tokens.partition_point(|token| token.start() < offset);
        let token = self.tokens[..end].iter().rev().find(|token| token.kind() == wanted)?;
        Some(token.range())
    }
}
