//! `case` clauses: what a pattern reads and what it binds.

use super::kinds::Kind;
use super::lower::Lowerer;
use super::tree::{Children, NodeId};
use crate::summary::Sym;
use crate::summary::program::{Case, Expr, ExprKind, UnaryOp};

/// What was found in a pattern so far.
#[derive(Default)]
struct Found {
    reads: Vec<Expr>,
    binds: Vec<Sym>,
}

impl Lowerer<'_> {
    pub(super) fn case(&mut self, id: NodeId) -> Case {
        let mut found = Found::default();
        let mut patterns = 0;
        let mut irrefutable = true;
        let mut guard = None;
        for (part, kind) in self.parts(id) {
            match kind {
                Kind::CasePattern => {
                    patterns += 1;
                    irrefutable &= self.pattern(part, &mut found);
                }
                Kind::IfClause => guard = self.first_expr(part),
                _ => {}
            }
        }
        irrefutable &= patterns == 1 && self.child(id, Kind::Comma).is_none();
        for name in &found.binds {
            self.scope().bind(*name);
        }
        let body = self.conditional_body(id);
        Case { reads: found.reads, binds: found.binds, irrefutable, guard, body }
    }

    /// Reads one pattern; tells whether it matches anything.
    fn pattern(&mut self, id: NodeId, found: &mut Found) -> bool {
        self.deeper(|me| me.pattern_parts(id, found)).unwrap_or(false)
    }

    fn pattern_parts(&mut self, id: NodeId, found: &mut Found) -> bool {
        let node = self.tree.node(id);
        match node.kind {
            Kind::CasePattern => self.case_pattern(id, found),
            Kind::DottedName => self.name_pattern(id, found),
            Kind::AsPattern => {
                let mut parts = self.parts(id);
                let inner = parts.next().is_some_and(|(inner, _)| self.pattern(inner, found));
                if let Some((name, _)) = parts.next() {
                    let name = self.sym(name);
                    found.binds.push(name);
                }
                inner
            }
            Kind::SplatPattern => {
                if let Some(name) = self.child(id, Kind::Identifier) {
                    let name = self.sym(name);
                    found.binds.push(name);
                }
                false
            }
            Kind::ClassPattern => {
                let mut parts = self.tree.children(id);
                if let Some((class, _)) = parts.next() {
                    let class = self.dotted_read(class);
                    found.reads.push(class);
                }
                self.patterns(parts, found);
                false
            }
            Kind::KeywordPattern => {
                self.patterns(self.tree.children(id), found);
                false
            }
            Kind::UnionPattern => self.patterns(self.tree.children(id), found).contains(&true),
            Kind::TuplePattern | Kind::ListPattern | Kind::DictPattern => {
                let all = self.patterns(self.tree.children(id), found);
                let group = node.kind == Kind::TuplePattern && self.child(id, Kind::Comma).is_none();
                group && all == [true]
            }
            Kind::ComplexPattern => false,
            _ => {
                let value = self.expr(id);
                found.reads.push(value);
                false
            }
        }
    }

    fn case_pattern(&mut self, id: NodeId, found: &mut Found) -> bool {
        self.patterns(self.tree.children(id), found) == [true]
    }

    /// Reads patterns that stand side by side, among punctuation; tells of each whether it matches anything.
    fn patterns(&mut self, parts: Children<'_>, found: &mut Found) -> Vec<bool> {
        let mut minus = None;
        let mut matches = Vec::new();
        for (part, kind) in parts {
            match kind {
                Kind::Minus => minus = Some(self.span(part)),
                Kind::Underscore => matches.push(true),
                // The name of a keyword pattern.
                Kind::Identifier => {}
                _ if kind.is_token() || kind == Kind::Other => {}
                Kind::Integer | Kind::Float => {
                    let value = self.expr(part);
                    found.reads.push(match minus.take() {
                        Some(sign) => Expr {
                            span: sign.to(value.span),
                            kind: ExprKind::Unary { op: UnaryOp::USub, operand: Box::new(value) },
                        },
                        None => value,
                    });
                    matches.push(false);
                }
                _ => matches.push(self.pattern(part, found)),
            }
        }
        matches
    }

    /// A bare name captures, `_` matches anything, a dotted name is read.
    fn name_pattern(&mut self, id: NodeId, found: &mut Found) -> bool {
        let text = self.slice(id);
        if text.contains('.') {
            let read = self.dotted_read(id);
            found.reads.push(read);
            return false;
        }
        if text != "_" {
            let name = self.sym(id);
            found.binds.push(name);
        }
        true
    }

    fn dotted_read(&mut self, id: NodeId) -> Expr {
        let text = self.slice(id);
        self.dotted_expr(self.tree.node(id).start, text)
    }
}
