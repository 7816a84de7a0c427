//! Expressions.

use super::kinds::Kind;
use super::literal;
use super::lower::Lowerer;
use super::tree::NodeId;
use crate::base::span::Span;
use crate::summary::Sym;
use crate::summary::program::{
    BinaryOp, Call, CompareOp, Comprehension, ComprehensionKind, Expr, ExprKind, Generator, UnaryOp,
};

impl<'t> Lowerer<'t> {
    /// An expression where it is read.
    pub(super) fn expr(&mut self, id: NodeId) -> Expr {
        let node = self.tree.node(id);
        let kind = node.kind;
        if kind == Kind::ParenthesizedExpression && !node.broken {
            return self.deeper(|me| me.first_expr(id)).flatten().unwrap_or_else(|| self.unreadable(id));
        }
        let span = Span::new(node.start, node.end);
        if node.broken {
            return Expr { span, kind: ExprKind::Unreadable };
        }
        match kind {
            Kind::Type => return self.deeper(|me| me.type_expr(id)).unwrap_or_else(|| self.unreadable(id)),
            Kind::TuplePattern if self.child(id, Kind::Comma).is_none() => {
                let inner = self.deeper(|me| me.first_expr(id)).flatten();
                return inner.unwrap_or(Expr { span, kind: ExprKind::Tuple(Vec::new()) });
            }
            Kind::Dotted => return self.dotted_expr(node.start, self.slice(id)),
            Kind::Identifier => return Expr { span, kind: ExprKind::Name(self.sym(id)) },
            _ => {}
        }
        let lowered = self.deeper(|me| me.expr_kind(id, kind)).unwrap_or(ExprKind::Unreadable);
        Expr { span, kind: lowered }
    }

    pub(super) fn unreadable(&self, id: NodeId) -> Expr {
        Expr { span: self.span(id), kind: ExprKind::Unreadable }
    }

    fn expr_kind(&mut self, id: NodeId, kind: Kind) -> ExprKind {
        match kind {
            Kind::None => ExprKind::None,
            Kind::True => ExprKind::Bool(true),
            Kind::False => ExprKind::Bool(false),
            Kind::Ellipsis => ExprKind::Ellipsis,
            Kind::Integer | Kind::Float => {
                literal::number(self.slice(id), &mut self.symbols).unwrap_or(ExprKind::Unreadable)
            }
            Kind::PlainString | Kind::String => self.string(&[(id, kind)]),
            Kind::ConcatenatedString => {
                let parts: Vec<_> = self.parts(id).collect();
                self.string(&parts)
            }
            Kind::Attribute => self.attribute(id),
            Kind::Subscript => self.subscript(id),
            Kind::Slice => self.slice_expr(id),
            Kind::Call => self.call(id),
            Kind::BinaryOperator => self.binary(id),
            Kind::UnaryOperator | Kind::NotOperator => self.unary(id),
            Kind::BooleanOperator => self.boolean(id),
            Kind::ComparisonOperator => self.comparison(id),
            Kind::ConditionalExpression => self.conditional(id),
            Kind::Lambda => self.lambda(id),
            Kind::Tuple | Kind::TuplePattern | Kind::ExpressionList | Kind::PatternList => {
                ExprKind::Tuple(self.all(id))
            }
            Kind::List | Kind::ListPattern => ExprKind::List(self.all(id)),
            Kind::Set => ExprKind::Set(self.all(id).into_iter().map(star_outermost).collect()),
            Kind::Dictionary => self.dictionary(id),
            Kind::ListComprehension => self.comprehension(id, ComprehensionKind::List),
            Kind::SetComprehension => self.comprehension(id, ComprehensionKind::Set),
            Kind::DictionaryComprehension => self.comprehension(id, ComprehensionKind::Dict),
            Kind::GeneratorExpression => self.comprehension(id, ComprehensionKind::Generator),
            Kind::ListSplat | Kind::ListSplatPattern => self.boxed_first(id, ExprKind::Starred),
            Kind::ParenthesizedListSplat => self.boxed_first(id, |inner| inner.kind),
            Kind::Await => self.boxed_first(id, ExprKind::Await),
            Kind::Yield => self.yield_expr(id),
            Kind::NamedExpression => self.named(id),
            _ => ExprKind::Unreadable,
        }
    }

    fn boxed_first(&mut self, id: NodeId, wrap: impl FnOnce(Box<Expr>) -> ExprKind) -> ExprKind {
        self.first_expr(id).map_or(ExprKind::Unreadable, |inner| wrap(Box::new(inner)))
    }

    fn all(&mut self, id: NodeId) -> Vec<Expr> {
        self.parts(id).map(|(part, _)| self.expr(part)).collect()
    }

    /// The expressions of a statement: a tuple where there are commas.
    pub(super) fn expressions(&mut self, id: NodeId) -> Expr {
        if self.child(id, Kind::Comma).is_some() {
            return Expr { span: self.span(id), kind: ExprKind::Tuple(self.all(id)) };
        }
        self.first_expr(id).unwrap_or_else(|| self.unreadable(id))
    }

    /// An expression that is bound or deleted.
    pub(super) fn target(&mut self, id: NodeId) -> Expr {
        let target = self.expr(id);
        self.bind_names(&target);
        target
    }

    fn bind_names(&mut self, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => self.scope().bind(*name),
            ExprKind::Starred(inner) => self.bind_names(inner),
            ExprKind::Tuple(parts) | ExprKind::List(parts) => parts.iter().for_each(|part| self.bind_names(part)),
            _ => {}
        }
    }

    /// `a.b.c`, read from its text.
    pub(super) fn dotted_expr(&mut self, start: u32, text: &'t str) -> Expr {
        let mut expr: Option<Expr> = None;
        let mut at = start;
        for segment in text.split('.') {
            let end = at + u32::try_from(segment.len()).unwrap_or(u32::MAX);
            let name = self.symbols.slice(segment);
            expr = Some(match expr {
                None => Expr { span: Span::new(at, end), kind: ExprKind::Name(name) },
                Some(value) => {
                    let name_span = Span::new(at, end);
                    let kind = ExprKind::Attribute { value: Box::new(value), name, name_span };
                    Expr { span: Span::new(start, end), kind }
                }
            });
            at = end + 1;
        }
        expr.unwrap_or(Expr { span: Span::new(start, start), kind: ExprKind::Unreadable })
    }

    fn attribute(&mut self, id: NodeId) -> ExprKind {
        let mut parts = self.parts(id);
        let (Some((object, _)), Some((name, _))) = (parts.next(), parts.next()) else { return ExprKind::Unreadable };
        let value = Box::new(self.expr(object));
        ExprKind::Attribute { value, name: self.sym(name), name_span: self.span(name) }
    }

    fn subscript(&mut self, id: NodeId) -> ExprKind {
        let mut parts = self.parts(id);
        let Some((value, _)) = parts.next() else { return ExprKind::Unreadable };
        let value = Box::new(self.expr(value));
        let mut indices: Vec<Expr> = parts.map(|(part, _)| self.expr(part)).collect();
        let index = self.one_or_tuple(id, &mut indices);
        ExprKind::Subscript { value, index: Box::new(index) }
    }

    /// The only part, unless a comma makes a tuple of it.
    fn one_or_tuple(&mut self, id: NodeId, parts: &mut Vec<Expr>) -> Expr {
        let has_comma = self.child(id, Kind::Comma).is_some();
        if !has_comma && parts.len() == 1 && !matches!(parts[0].kind, ExprKind::Starred(_)) {
            return parts.remove(0);
        }
        let span = match (parts.first(), parts.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => self.span(id),
        };
        Expr { span, kind: ExprKind::Tuple(std::mem::take(parts)) }
    }

    fn slice_expr(&mut self, id: NodeId) -> ExprKind {
        let mut bounds: [Option<Box<Expr>>; 3] = [None, None, None];
        let mut at = 0;
        for (part, kind) in self.tree.children(id) {
            if kind == Kind::Colon {
                at += 1;
            } else if at < 3 && !kind.is_token() {
                bounds[at] = Some(Box::new(self.expr(part)));
            }
        }
        let [lower, upper, step] = bounds;
        ExprKind::Slice { lower, upper, step }
    }

    fn call(&mut self, id: NodeId) -> ExprKind {
        let mut parts = self.parts(id);
        let (Some((function, _)), Some((list, kind))) = (parts.next(), parts.next()) else {
            return ExprKind::Unreadable;
        };
        if self.tree.node(list).broken {
            return ExprKind::Unreadable;
        }
        let function = self.expr(function);
        let (arguments, keywords) = match kind {
            Kind::ArgumentList => self.arguments(list),
            _ => (vec![self.expr(list)], Vec::new()),
        };
        let call = Call { function, arguments, keywords };
        self.note_dynamic_import(&call);
        ExprKind::Call(Box::new(call))
    }

    /// Positional and keyword arguments of a call or class.
    pub(super) fn arguments(&mut self, list: NodeId) -> (Vec<Expr>, Vec<(Option<Sym>, Expr)>) {
        let mut arguments = Vec::new();
        let mut keywords = Vec::new();
        for (part, kind) in self.parts(list) {
            match kind {
                Kind::KeywordArgument => {
                    let mut sides = self.parts(part);
                    let (Some((name, _)), Some((value, _))) = (sides.next(), sides.next()) else { continue };
                    let name = self.sym(name);
                    keywords.push((Some(name), self.expr(value)));
                }
                Kind::DictionarySplat => keywords.extend(self.first_expr(part).map(|value| (None, value))),
                _ => arguments.push(self.expr(part)),
            }
        }
        (arguments, keywords)
    }

    fn operands(&mut self, id: NodeId) -> Option<(Box<Expr>, Box<Expr>)> {
        let mut parts = self.parts(id);
        let ((left, _), (right, _)) = (parts.next()?, parts.next()?);
        Some((Box::new(self.expr(left)), Box::new(self.expr(right))))
    }

    fn binary(&mut self, id: NodeId) -> ExprKind {
        let op = self.tree.children(id).find_map(|(_, kind)| binary_operator(kind));
        match (op, self.operands(id)) {
            (Some(op), Some((left, right))) => ExprKind::Binary { left, op, right },
            _ => ExprKind::Unreadable,
        }
    }

    fn unary(&mut self, id: NodeId) -> ExprKind {
        let op = self.tree.children(id).next().and_then(|(_, kind)| match kind {
            Kind::Not => Some(UnaryOp::Not),
            Kind::Minus => Some(UnaryOp::USub),
            Kind::Plus => Some(UnaryOp::UAdd),
            Kind::Tilde => Some(UnaryOp::Invert),
            _ => None,
        });
        match (op, self.first_expr(id)) {
            (Some(op), Some(operand)) => ExprKind::Unary { op, operand: Box::new(operand) },
            _ => ExprKind::Unreadable,
        }
    }

    fn boolean(&mut self, id: NodeId) -> ExprKind {
        let is_and = self.child(id, Kind::And).is_some();
        let mut parts = self.parts(id);
        let Some((left, left_kind)) = parts.next() else { return ExprKind::Unreadable };
        let left_expr = self.expr(left);
        let mut values = match left_expr.kind {
            ExprKind::Bool2 { is_and: same, values } if same == is_and && left_kind == Kind::BooleanOperator => values,
            kind => vec![Expr { span: left_expr.span, kind }],
        };
        let before = values.len();
        values.extend(parts.map(|(right, _)| self.expr(right)));
        if values.len() == before {
            return ExprKind::Unreadable;
        }
        ExprKind::Bool2 { is_and, values }
    }

    fn comparison(&mut self, id: NodeId) -> ExprKind {
        let mut left = None;
        let mut rest = Vec::new();
        let mut op = None;
        for (part, kind) in self.tree.children(id) {
            if kind == Kind::LessGreater {
                return ExprKind::Unreadable;
            }
            if let Some(found) = compare_operator(kind) {
                op = Some(found);
            } else if left.is_none() {
                left = Some(Box::new(self.expr(part)));
            } else if let Some(op) = op.take() {
                rest.push((op, self.expr(part)));
            }
        }
        left.map_or(ExprKind::Unreadable, |left| ExprKind::Compare { left, rest })
    }

    fn conditional(&mut self, id: NodeId) -> ExprKind {
        let mut parts = self.parts(id);
        let (Some((body, _)), Some((test, _)), Some((orelse, _))) = (parts.next(), parts.next(), parts.next()) else {
            return ExprKind::Unreadable;
        };
        let body = Box::new(self.expr(body));
        let test = Box::new(self.expr(test));
        ExprKind::IfExp { test, body, orelse: Box::new(self.expr(orelse)) }
    }

    fn dictionary(&mut self, id: NodeId) -> ExprKind {
        let mut pairs = Vec::new();
        for (part, kind) in self.parts(id) {
            if self.tree.node(part).broken {
                return ExprKind::Unreadable;
            }
            if kind == Kind::DictionarySplat {
                pairs.extend(self.first_expr(part).map(|value| (None, value)));
            } else if let Some((key, value)) = self.operands(part) {
                pairs.push((Some(*key), *value));
            }
        }
        ExprKind::Dict(pairs)
    }

    fn comprehension(&mut self, id: NodeId, kind: ComprehensionKind) -> ExprKind {
        let mut parts = self.parts(id);
        let Some((body, _)) = parts.next() else { return ExprKind::Unreadable };
        let (element, value) = if kind == ComprehensionKind::Dict {
            let Some((key, value)) = self.operands(body) else { return ExprKind::Unreadable };
            (*key, Some(*value))
        } else {
            (self.expr(body), None)
        };
        let mut generators: Vec<Generator> = Vec::new();
        for (clause, clause_kind) in parts {
            if clause_kind == Kind::ForInClause {
                let Some(generator) = self.generator(clause) else { return ExprKind::Unreadable };
                generators.push(generator);
            } else if let (Some(condition), Some(last)) = (self.first_expr(clause), generators.last_mut()) {
                last.conditions.push(condition);
            }
        }
        ExprKind::Comprehension(Box::new(Comprehension { kind, element, value, generators }))
    }

    fn generator(&mut self, id: NodeId) -> Option<Generator> {
        let is_async = self.child(id, Kind::Async).is_some();
        let (left, _) = self.parts(id).next()?;
        let target = self.expr(left);
        let mut rights: Vec<Expr> = self.parts(id).skip(1).map(|(right, _)| self.expr(right)).collect();
        let iter = self.one_or_tuple(id, &mut rights);
        Some(Generator { target, iter, conditions: Vec::new(), is_async })
    }

    fn yield_expr(&mut self, id: NodeId) -> ExprKind {
        self.scope().yields = true;
        let from = self.child(id, Kind::From).is_some();
        let value = self.first_expr(id).map(Box::new);
        match (from, value) {
            (true, Some(value)) => ExprKind::YieldFrom(value),
            (true, None) => ExprKind::Unreadable,
            (false, value) => ExprKind::Yield(value),
        }
    }

    fn named(&mut self, id: NodeId) -> ExprKind {
        let mut parts = self.parts(id);
        let (Some((name, _)), Some((value, _))) = (parts.next(), parts.next()) else { return ExprKind::Unreadable };
        let target = self.sym(name);
        self.scope().bind(target);
        ExprKind::Named { target, value: Box::new(self.expr(value)) }
    }

    /// What stands in an annotation: usually an expression, else one of the grammar's type forms.
    fn type_expr(&mut self, id: NodeId) -> Expr {
        let Some((inner, kind)) = self.parts(id).next() else { return self.unreadable(id) };
        let span = self.span(inner);
        let lowered = match kind {
            Kind::GenericType => self.generic_type(inner),
            Kind::UnionType => {
                let sides = self.operands(inner);
                sides.map(|(left, right)| ExprKind::Binary { left, op: BinaryOp::BitOr, right })
            }
            Kind::MemberType => Some(self.attribute(inner)),
            Kind::SplatType => self.first_expr(inner).map(|value| ExprKind::Starred(Box::new(value))),
            _ => return self.expr(inner),
        };
        Expr { span, kind: lowered.unwrap_or(ExprKind::Unreadable) }
    }

    fn generic_type(&mut self, id: NodeId) -> Option<ExprKind> {
        let mut parts = self.parts(id);
        let (name, _) = parts.next()?;
        let (list, _) = parts.next()?;
        let value = Box::new(self.expr(name));
        let mut indices = self.all(list);
        let index = self.one_or_tuple(list, &mut indices);
        Some(ExprKind::Subscript { value, index: Box::new(index) })
    }
}

fn binary_operator(kind: Kind) -> Option<BinaryOp> {
    Some(match kind {
        Kind::Plus => BinaryOp::Add,
        Kind::Minus => BinaryOp::Sub,
        Kind::Star => BinaryOp::Mult,
        Kind::AtSign => BinaryOp::MatMult,
        Kind::Slash => BinaryOp::Div,
        Kind::Percent => BinaryOp::Mod,
        Kind::DoubleStar => BinaryOp::Pow,
        Kind::ShiftLeft => BinaryOp::LShift,
        Kind::ShiftRight => BinaryOp::RShift,
        Kind::Pipe => BinaryOp::BitOr,
        Kind::Caret => BinaryOp::BitXor,
        Kind::Ampersand => BinaryOp::BitAnd,
        Kind::DoubleSlash => BinaryOp::FloorDiv,
        _ => return None,
    })
}

fn compare_operator(kind: Kind) -> Option<CompareOp> {
    Some(match kind {
        Kind::DoubleEqual => CompareOp::Eq,
        Kind::BangEqual => CompareOp::NotEq,
        Kind::Less => CompareOp::Lt,
        Kind::LessEqual => CompareOp::LtE,
        Kind::Greater => CompareOp::Gt,
        Kind::GreaterEqual => CompareOp::GtE,
        Kind::Is => CompareOp::Is,
        Kind::IsNot => CompareOp::IsNot,
        Kind::In => CompareOp::In,
        Kind::NotIn => CompareOp::NotIn,
        _ => return None,
    })
}

/// The grammar reads `{*a.b()}` as `(*a).b()`; the star belongs to the whole.
fn star_outermost(mut expr: Expr) -> Expr {
    let span = expr.span;
    if matches!(expr.kind, ExprKind::Starred(_)) || !take_star(&mut expr) {
        return expr;
    }
    Expr { span, kind: ExprKind::Starred(Box::new(expr)) }
}

fn take_star(expr: &mut Expr) -> bool {
    let inner = match &mut expr.kind {
        ExprKind::Call(call) => &mut call.function,
        ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => &mut **value,
        _ => return false,
    };
    if let ExprKind::Starred(starred) = &mut inner.kind {
        let bare = std::mem::replace(&mut **starred, Expr { span: inner.span, kind: ExprKind::None });
        *inner = bare;
        return true;
    }
    take_star(inner)
}
