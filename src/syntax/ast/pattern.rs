//! `case` clauses and their patterns.

use ruff_python_ast::{Expr, MatchCase, Pattern, PatternMatchMapping, PatternMatchSequence, PatternOrKeyword, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::Copier;
use crate::syntax::kinds::Kind;

impl Copier<'_> {
    pub(super) fn case(&mut self, case: &MatchCase) {
        self.node(Kind::CaseClause, case.range(), |me| {
            me.pattern(&case.pattern);
            let mut header = case.pattern.end();
            if let Some(guard) = &case.guard {
                me.node(Kind::IfClause, guard.range(), |me| me.expr(guard));
                header = guard.end();
            }
            me.block(header, &case.body);
        });
    }

    /// Brackets around a pattern are no part of it.
    fn pattern(&mut self, pattern: &Pattern) {
        self.deeper(pattern.range(), |me| me.node(Kind::CasePattern, pattern.range(), |me| me.bare_pattern(pattern)));
    }

    fn bare_pattern(&mut self, pattern: &Pattern) {
        let range = pattern.range();
        match pattern {
            Pattern::MatchValue(value) => self.value_pattern(&value.value),
            Pattern::MatchSingleton(singleton) => {
                use ruff_python_ast::Singleton;
                let kind = match singleton.value {
                    Singleton::None => Kind::None,
                    Singleton::True => Kind::True,
                    Singleton::False => Kind::False,
                };
                self.leaf(kind, range);
            }
            Pattern::MatchSequence(sequence) => self.sequence(sequence),
            Pattern::MatchMapping(mapping) => self.mapping(mapping),
            Pattern::MatchClass(class) => self.node(Kind::ClassPattern, range, |me| {
                me.leaf(Kind::DottedName, class.cls.range());
                for part in class.arguments.iter_source_order() {
                    match part {
                        PatternOrKeyword::Pattern(pattern) => me.pattern(pattern),
                        PatternOrKeyword::Keyword(keyword) => me.node(Kind::KeywordPattern, keyword.range(), |me| {
                            me.leaf(Kind::Identifier, keyword.attr.range());
                            me.pattern(&keyword.pattern);
                        }),
                    }
                }
            }),
            Pattern::MatchStar(star) => self.node(Kind::SplatPattern, range, |me| {
                star.name.iter().for_each(|name| me.leaf(Kind::Identifier, name.range()));
            }),
            Pattern::MatchAs(capture) => match (&capture.pattern, &capture.name) {
                (Some(inner), Some(name)) => self.node(Kind::AsPattern, range, |me| {
                    me.pattern(inner);
                    me.leaf(Kind::Identifier, name.range());
                }),
                (None, Some(name)) => self.leaf(Kind::DottedName, name.range()),
                (_, None) => self.leaf(Kind::Underscore, range),
            },
            Pattern::MatchOr(union) => {
                self.node(Kind::UnionPattern, range, |me| union.patterns.iter().for_each(|part| me.pattern(part)));
            }
        }
    }

    /// A literal or a dotted name.
    fn value_pattern(&mut self, value: &Expr) {
        match value {
            Expr::Attribute(_) | Expr::Name(_) => self.leaf(Kind::DottedName, value.range()),
            Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => {
                self.leaf(Kind::Minus, TextRange::empty(unary.start()));
                self.expr(&unary.operand);
            }
            Expr::BinOp(_) => self.leaf(Kind::ComplexPattern, value.range()),
            _ => self.expr(value),
        }
    }

    fn sequence(&mut self, sequence: &PatternMatchSequence) {
        let range = sequence.range();
        let is_list = self.slice(range).starts_with('[') && self.slice(range).ends_with(']');
        let kind = if is_list { Kind::ListPattern } else { Kind::TuplePattern };
        self.node(kind, range, |me| {
            sequence.patterns.iter().for_each(|part| me.pattern(part));
            me.token(Kind::Comma, range.end());
        });
    }

    fn mapping(&mut self, mapping: &PatternMatchMapping) {
        self.node(Kind::DictPattern, mapping.range(), |me| {
            for (key, value) in mapping.keys.iter().zip(&mapping.patterns) {
                me.node(Kind::CasePattern, key.range(), |me| me.value_pattern(key));
                me.pattern(value);
            }
            if let Some(rest) = &mapping.rest {
                me.node(Kind::SplatPattern, rest.range(), |me| me.leaf(Kind::Identifier, rest.range()));
            }
        });
    }
}
