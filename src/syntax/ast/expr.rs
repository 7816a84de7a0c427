//! Expressions.

use ruff_python_ast::{
    ArgOrKeyword, Arguments, BoolOp, CmpOp, Comprehension, ConversionFlag, Expr, ExprBoolOp, ExprCompare, ExprDict,
    ExprDictComp, ExprFString, ExprLambda, ExprSlice, ExprSubscript, ExprTString, ExprUnaryOp, FStringPart,
    InterpolatedElement, InterpolatedStringElement, InterpolatedStringElements, Operator, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Copier;
use crate::syntax::kinds::Kind;
use crate::syntax::lower::DEPTH_LIMIT;
use crate::syntax::tree::is_dotted;

impl Copier<'_> {
    pub(super) fn expr(&mut self, expr: &Expr) {
        self.deeper(expr.range(), |me| me.bare_expr(expr));
    }

    pub(super) fn exprs(&mut self, all: &[Expr]) {
        all.iter().for_each(|expr| self.expr(expr));
    }

    /// Runs `work` one level deeper, or calls the place unreadable.
    pub(super) fn deeper(&mut self, range: TextRange, work: impl FnOnce(&mut Self)) {
        if self.depth >= DEPTH_LIMIT {
            self.leaf(Kind::Error, range);
            return;
        }
        self.depth += 1;
        work(self);
        self.depth -= 1;
    }

    fn bare_expr(&mut self, expr: &Expr) {
        let range = expr.range();
        match expr {
            Expr::Name(_) => self.leaf(Kind::Identifier, range),
            Expr::Attribute(_) if is_dotted(self.slice(range).as_bytes()) => self.leaf(Kind::Dotted, range),
            Expr::Attribute(attribute) => self.node(Kind::Attribute, range, |me| {
                me.expr(&attribute.value);
                me.leaf(Kind::Identifier, attribute.attr.range());
            }),
            Expr::Call(call) => self.node(Kind::Call, range, |me| {
                me.expr(&call.func);
                me.arguments(&call.arguments);
            }),
            Expr::Subscript(subscript) => self.subscript(subscript),
            Expr::Slice(slice) => self.slice_expr(slice),
            Expr::StringLiteral(literal) => {
                self.strings(range, literal.value.iter().map(Ranged::range));
            }
            Expr::BytesLiteral(literal) => self.strings(range, literal.value.iter().map(Ranged::range)),
            Expr::FString(literal) => self.f_string(literal),
            Expr::TString(literal) => self.t_string(literal),
            Expr::NumberLiteral(_) => self.leaf(Kind::Integer, range),
            Expr::BooleanLiteral(literal) => {
                self.leaf(if literal.value { Kind::True } else { Kind::False }, range);
            }
            Expr::NoneLiteral(_) => self.leaf(Kind::None, range),
            Expr::EllipsisLiteral(_) => self.leaf(Kind::Ellipsis, range),
            Expr::Tuple(tuple) => {
                let kind = if tuple.parenthesized { Kind::Tuple } else { Kind::ExpressionList };
                self.node(kind, range, |me| me.exprs(&tuple.elts));
            }
            Expr::List(list) => self.node(Kind::List, range, |me| me.exprs(&list.elts)),
            Expr::Set(set) => self.node(Kind::Set, range, |me| me.exprs(&set.elts)),
            Expr::Dict(dict) => self.dict(dict),
            Expr::BinOp(operation) => self.node(Kind::BinaryOperator, range, |me| {
                me.expr(&operation.left);
                me.token(binary(operation.op), operation.right.start());
                me.expr(&operation.right);
            }),
            Expr::UnaryOp(operation) => self.unary(operation),
            Expr::BoolOp(operation) => self.boolean(operation),
            Expr::Compare(comparison) => self.comparison(comparison),
            _ => self.rarer_expr(expr, range),
        }
    }

    fn rarer_expr(&mut self, expr: &Expr, range: TextRange) {
        match expr {
            Expr::If(conditional) => self.node(Kind::ConditionalExpression, range, |me| {
                me.expr(&conditional.body);
                me.expr(&conditional.test);
                me.expr(&conditional.orelse);
            }),
            Expr::Lambda(lambda) => self.lambda(lambda),
            Expr::ListComp(node) => self.comprehension(Kind::ListComprehension, range, &node.elt, &node.generators),
            Expr::SetComp(node) => self.comprehension(Kind::SetComprehension, range, &node.elt, &node.generators),
            Expr::Generator(node) => {
                self.comprehension(Kind::GeneratorExpression, range, &node.elt, &node.generators);
            }
            Expr::DictComp(node) => self.dict_comprehension(node),
            Expr::Starred(starred) => self.node(Kind::ListSplat, range, |me| me.expr(&starred.value)),
            Expr::Await(node) => self.node(Kind::Await, range, |me| me.expr(&node.value)),
            Expr::Yield(node) => {
                self.node(Kind::Yield, range, |me| node.value.iter().for_each(|value| me.expr(value)));
            }
            Expr::YieldFrom(node) => self.node(Kind::Yield, range, |me| {
                me.token(Kind::From, node.value.start());
                me.expr(&node.value);
            }),
            Expr::Named(named) => self.node(Kind::NamedExpression, range, |me| {
                me.leaf(Kind::Identifier, named.target.range());
                me.expr(&named.value);
            }),
            _ => self.leaf(Kind::Error, range),
        }
    }

    /// An expression at a place where a tuple without brackets has its parts stand side by side.
    pub(super) fn spread(&mut self, expr: &Expr) {
        match expr {
            Expr::Tuple(tuple) if !tuple.parenthesized => {
                self.exprs(&tuple.elts);
                self.token(Kind::Comma, expr.end());
            }
            _ => self.expr(expr),
        }
    }

    /// The arguments of a call or class. A generator alone needs no brackets of its own: it takes the call's.
    pub(super) fn arguments(&mut self, arguments: &Arguments) {
        let range = arguments.range();
        if let ([Expr::Generator(node)], []) = (&*arguments.args, &*arguments.keywords)
            && !node.parenthesized
        {
            return self.comprehension(Kind::GeneratorExpression, range, &node.elt, &node.generators);
        }
        self.node(Kind::ArgumentList, range, |me| {
            for argument in arguments.iter_source_order() {
                match argument {
                    ArgOrKeyword::Arg(value) => me.expr(value),
                    ArgOrKeyword::Keyword(keyword) => match &keyword.arg {
                        Some(name) => me.node(Kind::KeywordArgument, keyword.range(), |me| {
                            me.leaf(Kind::Identifier, name.range());
                            me.expr(&keyword.value);
                        }),
                        None => me.node(Kind::DictionarySplat, keyword.range(), |me| me.expr(&keyword.value)),
                    },
                }
            }
        });
    }

    fn subscript(&mut self, subscript: &ExprSubscript) {
        self.node(Kind::Subscript, subscript.range(), |me| {
            me.expr(&subscript.value);
            me.spread(&subscript.slice);
        });
    }

    fn slice_expr(&mut self, slice: &ExprSlice) {
        let end = slice.end();
        self.node(Kind::Slice, slice.range(), |me| {
            slice.lower.iter().for_each(|bound| me.expr(bound));
            me.token(Kind::Colon, end);
            slice.upper.iter().for_each(|bound| me.expr(bound));
            if let Some(step) = &slice.step {
                me.token(Kind::Colon, end);
                me.expr(step);
            }
        });
    }

    fn dict(&mut self, dict: &ExprDict) {
        self.node(Kind::Dictionary, dict.range(), |me| {
            for item in &dict.items {
                match &item.key {
                    Some(key) => me.pair(key, &item.value),
                    None => me.node(Kind::DictionarySplat, item.value.range(), |me| me.expr(&item.value)),
                }
            }
        });
    }

    fn pair(&mut self, key: &Expr, value: &Expr) {
        self.node(Kind::Pair, TextRange::new(key.start(), value.end()), |me| {
            me.expr(key);
            me.expr(value);
        });
    }

    fn unary(&mut self, operation: &ExprUnaryOp) {
        let (kind, token) = match operation.op {
            UnaryOp::Not => (Kind::NotOperator, Kind::Not),
            UnaryOp::Invert => (Kind::UnaryOperator, Kind::Tilde),
            UnaryOp::UAdd => (Kind::UnaryOperator, Kind::Plus),
            UnaryOp::USub => (Kind::UnaryOperator, Kind::Minus),
        };
        self.node(kind, operation.range(), |me| {
            me.token(token, operation.start());
            me.expr(&operation.operand);
        });
    }

    /// One node for all operands. Brackets around the first one keep it apart.
    fn boolean(&mut self, operation: &ExprBoolOp) {
        let token = if operation.op == BoolOp::And { Kind::And } else { Kind::Or };
        self.node(Kind::BooleanOperator, operation.range(), |me| {
            for (at, value) in operation.values.iter().enumerate() {
                if at == 1 {
                    me.token(token, value.start());
                }
                if at == 0 && value.is_bool_op_expr() {
                    me.node(Kind::ParenthesizedExpression, value.range(), |me| me.expr(value));
                } else {
                    me.expr(value);
                }
            }
        });
    }

    fn comparison(&mut self, comparison: &ExprCompare) {
        self.node(Kind::ComparisonOperator, comparison.range(), |me| {
            me.expr(&comparison.left);
            for (op, right) in comparison.ops.iter().zip(&comparison.comparators) {
                me.token(compare(*op), right.start());
                me.expr(right);
            }
        });
    }

    fn lambda(&mut self, lambda: &ExprLambda) {
        self.node(Kind::Lambda, lambda.range(), |me| {
            if let Some(parameters) = &lambda.parameters {
                me.node(Kind::LambdaParameters, parameters.range(), |me| me.parameters(parameters));
            }
            me.expr(&lambda.body);
        });
    }

    fn comprehension(&mut self, kind: Kind, range: TextRange, element: &Expr, clauses: &[Comprehension]) {
        self.node(kind, range, |me| {
            me.expr(element);
            me.clauses(clauses);
        });
    }

    fn dict_comprehension(&mut self, node: &ExprDictComp) {
        // An unpacked mapping as the element (3.15) is nothing that programs can say.
        let Some(key) = &node.key else { return self.leaf(Kind::Error, node.range()) };
        self.node(Kind::DictionaryComprehension, node.range(), |me| {
            me.pair(key, &node.value);
            me.clauses(&node.generators);
        });
    }

    fn clauses(&mut self, clauses: &[Comprehension]) {
        for clause in clauses {
            self.node(Kind::ForInClause, clause.range(), |me| {
                if clause.is_async {
                    me.token(Kind::Async, clause.start());
                }
                me.expr(&clause.target);
                me.expr(&clause.iter);
            });
            for condition in &clause.ifs {
                self.node(Kind::IfClause, condition.range(), |me| me.expr(condition));
            }
        }
    }

    /// One plain literal, or adjacent ones.
    fn strings(&mut self, range: TextRange, mut literals: impl Iterator<Item = TextRange>) {
        let (Some(first), second) = (literals.next(), literals.next()) else { return };
        let Some(second) = second else { return self.leaf(Kind::PlainString, first) };
        self.node(Kind::ConcatenatedString, range, |me| {
            for literal in [first, second].into_iter().chain(literals) {
                me.leaf(Kind::PlainString, literal);
            }
        });
    }

    fn f_string(&mut self, literal: &ExprFString) {
        let joined = literal.value.is_implicit_concatenated();
        let concatenated = joined.then(|| self.open(Kind::ConcatenatedString, literal.range()));
        for part in &literal.value {
            match part {
                FStringPart::Literal(plain) => self.leaf(Kind::PlainString, plain.range()),
                FStringPart::FString(part) => self.template(part.range(), &part.elements),
            }
        }
        concatenated.into_iter().for_each(|id| self.tree.close(id));
    }

    fn t_string(&mut self, literal: &ExprTString) {
        let joined = literal.value.is_implicit_concatenated();
        let concatenated = joined.then(|| self.open(Kind::ConcatenatedString, literal.range()));
        for part in &literal.value {
            self.template(part.range(), &part.elements);
        }
        concatenated.into_iter().for_each(|id| self.tree.close(id));
    }

    fn template(&mut self, range: TextRange, elements: &InterpolatedStringElements) {
        self.node(Kind::String, range, |me| {
            for element in elements {
                match element {
                    InterpolatedStringElement::Literal(text) => me.leaf(Kind::StringContent, text.range()),
                    InterpolatedStringElement::Interpolation(field) => me.interpolation(Kind::Interpolation, field),
                }
            }
        });
    }

    fn interpolation(&mut self, kind: Kind, field: &InterpolatedElement) {
        self.node(kind, field.range(), |me| {
            me.expr(&field.expression);
            let mut at = field.expression.end();
            if field.debug_text.is_some() {
                at = me.mark(Kind::Assign, at, field.end(), '=', 1);
            }
            if field.conversion != ConversionFlag::None {
                me.mark(Kind::TypeConversion, at, field.end(), '!', 2);
            }
            if let Some(spec) = &field.format_spec {
                let start = spec.start().checked_sub(TextSize::from(1)).unwrap_or_default();
                me.deeper(spec.range(), |me| {
                    me.node(Kind::FormatSpecifier, TextRange::new(start, spec.end()), |me| {
                        for nested in spec.elements.interpolations() {
                            me.interpolation(Kind::FormatExpression, nested);
                        }
                    });
                });
            }
        });
    }

    /// A piece of text that starts with a character; where it ends.
    fn mark(&mut self, kind: Kind, from: TextSize, until: TextSize, first: char, len: u32) -> TextSize {
        let Some(at) = self.slice(TextRange::new(from, until)).find(first) else { return from };
        let start = from + TextSize::try_from(at).unwrap_or_default();
        let end = start + TextSize::from(len);
        self.leaf(kind, TextRange::new(start, end));
        end
    }
}

fn binary(op: Operator) -> Kind {
    match op {
        Operator::Add => Kind::Plus,
        Operator::Sub => Kind::Minus,
        Operator::Mult => Kind::Star,
        Operator::MatMult => Kind::AtSign,
        Operator::Div => Kind::Slash,
        Operator::Mod => Kind::Percent,
        Operator::Pow => Kind::DoubleStar,
        Operator::LShift => Kind::ShiftLeft,
        Operator::RShift => Kind::ShiftRight,
        Operator::BitOr => Kind::Pipe,
        Operator::BitXor => Kind::Caret,
        Operator::BitAnd => Kind::Ampersand,
        Operator::FloorDiv => Kind::DoubleSlash,
    }
}

fn compare(op: CmpOp) -> Kind {
    match op {
        CmpOp::Eq => Kind::DoubleEqual,
        CmpOp::NotEq => Kind::BangEqual,
        CmpOp::Lt => Kind::Less,
        CmpOp::LtE => Kind::LessEqual,
        CmpOp::Gt => Kind::Greater,
        CmpOp::GtE => Kind::GreaterEqual,
        CmpOp::Is => Kind::Is,
        CmpOp::IsNot => Kind::IsNot,
        CmpOp::In => Kind::In,
        CmpOp::NotIn => Kind::NotIn,
    }
}
