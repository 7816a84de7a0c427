//! Statements to instructions, with the digests that are taken on the way.

use super::kinds::Kind;
use super::outline::Body;
use super::scope::{Scope, ScopeKind, Surroundings};
use super::symbols::Symbols;
use super::tree::{NodeId, Tree};
use crate::base::span::Span;
use crate::summary::codec::Programs;
use crate::summary::items::Items;
use crate::summary::program::{BinaryOp, Block, Call, Expr, ExprKind, Handler, Op, OpKind, Program, Try};
use crate::summary::{Definition, ImportRef, ProgramId, Sym};

/// How deep statements and expressions may nest. CPython's own limits (200 brackets, 100 indents) lie below it; only
/// endless chains of operators reach it.
pub(super) const DEPTH_LIMIT: u32 = 400;

/// Lowers one file. Made for one use.
pub(super) struct Lowerer<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree,
    /// Bodies that the tree lacks, in source order.
    pub(super) bodies: &'t [Body],
    pub(super) symbols: Symbols<'t>,
    pub(super) programs: Programs,
    pub(super) imports: Vec<ImportRef>,
    pub(super) definitions: Vec<Definition>,
    pub(super) items: Items,
    pub(super) scopes: Vec<Scope>,
    pub(super) around: Surroundings,
    depth: u32,
    pub(super) future_annotations: bool,
    /// Other names that the file gives to `TYPE_CHECKING`.
    pub(super) checking: Vec<Sym>,
}

impl<'t> Lowerer<'t> {
    pub(super) fn new(text: &'t str, tree: &'t Tree, bodies: &'t [Body]) -> Self {
        let mut programs = Programs::default();
        let module = programs.reserve();
        Self {
            text,
            tree,
            bodies,
            symbols: Symbols::default(),
            programs,
            imports: Vec::new(),
            definitions: Vec::new(),
            items: Items::default(),
            scopes: vec![Scope::new(ScopeKind::Module, module, None)],
            around: Surroundings::default(),
            depth: 0,
            future_annotations: false,
            checking: Vec::new(),
        }
    }

    /// Lowers the whole file into program 0.
    pub(super) fn module(&mut self) {
        let body = if self.tree.is_empty() { Block::new() } else { self.block(0) };
        self.programs.set(ProgramId::MODULE, &Program { body, locals: Vec::new() });
    }

    /// Lowers the only function of the tree, a body on its own, into program 1.
    pub(super) fn only_body(&mut self) {
        let body = self.programs.reserve();
        let function = self.tree.nodes().iter().position(|node| node.kind == Kind::FunctionDefinition);
        self.scopes.push(Scope::new(ScopeKind::Function, body, None));
        let function = function.and_then(|at| u32::try_from(at).ok());
        let block = function.map_or_else(Block::new, |function| self.body_of(function));
        self.close(body, block);
        self.programs.set(ProgramId::MODULE, &Program::default());
    }

    pub(super) fn span(&self, id: NodeId) -> Span {
        let node = self.tree.node(id);
        Span::new(node.start, node.end)
    }

    /// The place of a node without the comments behind its last token.
    pub(super) fn without_comments(&self, id: NodeId) -> Span {
        Span::new(self.tree.node(id).start, self.tree.last_end(id))
    }

    pub(super) fn slice(&self, id: NodeId) -> &'t str {
        let node = self.tree.node(id);
        &self.text[node.start as usize..node.end as usize]
    }

    pub(super) fn sym(&mut self, id: NodeId) -> Sym {
        self.symbols.slice(self.slice(id))
    }

    /// Children that are not punctuation or keywords.
    pub(super) fn parts(&self, id: NodeId) -> impl Iterator<Item = (NodeId, Kind)> + use<'t> {
        self.tree.children(id).filter(|(_, kind)| !kind.is_token() && *kind != Kind::Other)
    }

    /// The first child of a kind.
    pub(super) fn child(&self, id: NodeId, kind: Kind) -> Option<NodeId> {
        self.tree.children(id).find(|(_, k)| *k == kind).map(|(child, _)| child)
    }

    pub(super) fn scope(&mut self) -> &mut Scope {
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// Runs `work` one level deeper; none behind the limit.
    pub(super) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= DEPTH_LIMIT {
            return None;
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        Some(result)
    }

    /// Runs `work` with changed surroundings.
    pub(super) fn within<T>(&mut self, around: Surroundings, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.around, around);
        let result = work(self);
        self.around = before;
        result
    }

    /// A block under a condition.
    fn conditional_block(&mut self, id: NodeId) -> Block {
        self.within(Surroundings { conditional: true, ..self.around }, |me| me.block(id))
    }

    /// The statements of a module, block or clause with a block.
    pub(super) fn block(&mut self, id: NodeId) -> Block {
        let lowered = self.deeper(|me| {
            let mut block = Block::new();
            for (child, kind) in me.tree.children(id) {
                me.statement(child, kind, &mut block);
            }
            block
        });
        lowered.unwrap_or_else(|| vec![Op { span: self.span(id), kind: OpKind::Unreadable }])
    }

    /// The block of a clause; empty if the text breaks off.
    pub(super) fn body_of(&mut self, id: NodeId) -> Block {
        self.child(id, Kind::Block).map_or_else(Block::new, |block| self.block(block))
    }

    /// From the start of a compound statement to its colon.
    pub(super) fn header(&self, id: NodeId) -> Span {
        let node = self.tree.node(id);
        let colon = self.tree.children(id).filter(|(_, kind)| *kind == Kind::Colon).last();
        let block = self.child(id, Kind::Block);
        let end = match (colon, block) {
            (Some((colon, _)), _) => self.tree.node(colon).end,
            (None, Some(block)) => self.tree.node(block).start,
            (None, None) => node.end,
        };
        Span::new(node.start, end)
    }

    fn statement(&mut self, id: NodeId, kind: Kind, block: &mut Block) {
        if kind.is_token() || kind == Kind::Other {
            return;
        }
        let simple = self.tree.node(id).broken && !matches!(kind, Kind::DecoratedDefinition);
        let (span, kind) = match kind {
            _ if simple => (self.span(id), OpKind::Unreadable),
            Kind::ImportStatement => return self.import(id, block),
            Kind::ExpressionStatement => {
                let Some(op) = self.expression_statement(id, block.is_empty()) else { return };
                (self.span(id), op)
            }
            Kind::IfStatement => (self.header(id), self.if_statement(id)),
            Kind::WhileStatement => (self.header(id), self.while_statement(id)),
            Kind::ForStatement => (self.header(id), self.for_statement(id)),
            Kind::TryStatement => (self.header(id), self.try_statement(id)),
            Kind::WithStatement => (self.header(id), self.with_statement(id)),
            Kind::MatchStatement => (self.header(id), self.match_statement(id)),
            Kind::FunctionDefinition => (self.header(id), self.function(id, id, Vec::new())),
            Kind::ClassDefinition => (self.header(id), self.class(id, id, Vec::new())),
            Kind::DecoratedDefinition => self.decorated(id),
            _ => (self.span(id), self.simple_statement(id, kind)),
        };
        block.push(Op { span, kind });
    }

    fn simple_statement(&mut self, id: NodeId, kind: Kind) -> OpKind {
        match kind {
            Kind::ImportFromStatement | Kind::FutureImportStatement => self.import_from(id),
            Kind::PassStatement => OpKind::Pass,
            Kind::BreakStatement => OpKind::Break,
            Kind::ContinueStatement => OpKind::Continue,
            Kind::ReturnStatement => OpKind::Return(self.first_expr(id)),
            Kind::DeleteStatement => self.delete(id),
            Kind::RaiseStatement => self.raise(id),
            Kind::AssertStatement => self.assert(id),
            Kind::GlobalStatement => OpKind::Global(self.declared(id)),
            Kind::NonlocalStatement => OpKind::Nonlocal(self.declared(id)),
            Kind::TypeAliasStatement => self.type_alias(id),
            Kind::PrintStatement => self.print_statement(id),
            _ => OpKind::Unreadable,
        }
    }

    /// The first expression below a node, if any.
    pub(super) fn first_expr(&mut self, id: NodeId) -> Option<Expr> {
        let (child, _) = self.parts(id).next()?;
        Some(self.expr(child))
    }

    fn expression_statement(&mut self, id: NodeId, is_first: bool) -> Option<OpKind> {
        let (child, kind) = self.parts(id).next()?;
        match kind {
            Kind::Assignment => Some(self.assignment(child)),
            Kind::AugmentedAssignment => Some(self.augmented(child)),
            Kind::PlainString | Kind::ConcatenatedString if !self.keeps_docstring(id, is_first) => None,
            _ => Some(OpKind::Expr(self.expressions(id))),
        }
    }

    /// A string that stands as a statement does nothing, but the first one of a module is its `__doc__`.
    fn keeps_docstring(&self, id: NodeId, is_first: bool) -> bool {
        let alone = self.tree.children(id).count() == 1;
        let plain = !self.tree.subtree(id).iter().any(|node| node.kind == Kind::Interpolation);
        !alone || !plain || is_first && self.scopes.len() == 1 && self.depth == 1
    }

    fn assignment(&mut self, id: NodeId) -> OpKind {
        let mut parts = self.parts(id);
        let Some((left, _)) = parts.next() else { return OpKind::Unreadable };
        if self.child(id, Kind::Colon).is_some() {
            return self.annotated(id, left);
        }
        let mut targets = vec![self.target(left)];
        let mut right = parts.next();
        while let Some((next, Kind::Assignment)) = right {
            if self.tree.node(next).broken || self.child(next, Kind::Colon).is_some() {
                return OpKind::Unreadable;
            }
            let mut parts = self.parts(next);
            let Some((left, _)) = parts.next() else { return OpKind::Unreadable };
            targets.push(self.target(left));
            right = parts.next();
        }
        match right {
            Some((value, kind)) if kind != Kind::AugmentedAssignment => {
                let value = self.expr(value);
                OpKind::Assign { targets, value }
            }
            _ => OpKind::Unreadable,
        }
    }

    fn annotated(&mut self, id: NodeId, left: NodeId) -> OpKind {
        let target = self.target(left);
        let Some(annotation) = self.child(id, Kind::Type) else { return OpKind::Unreadable };
        let annotation = self.expr(annotation);
        let value = self.parts(id).skip(1).find(|(_, kind)| *kind != Kind::Type);
        let value = value.map(|(value, _)| self.expr(value));
        OpKind::AnnAssign { target, annotation, value }
    }

    fn augmented(&mut self, id: NodeId) -> OpKind {
        let op = self.tree.children(id).find_map(|(_, kind)| augmented_operator(kind));
        let mut parts = self.parts(id);
        let (Some(op), Some((left, _)), Some((right, _))) = (op, parts.next(), parts.next()) else {
            return OpKind::Unreadable;
        };
        let target = self.target(left);
        OpKind::AugAssign { target, op, value: self.expr(right) }
    }

    fn delete(&mut self, id: NodeId) -> OpKind {
        let Some((child, kind)) = self.parts(id).next() else { return OpKind::Unreadable };
        let targets = if kind == Kind::ExpressionList {
            self.parts(child).map(|(target, _)| self.target(target)).collect()
        } else {
            vec![self.target(child)]
        };
        OpKind::Delete(targets)
    }

    fn raise(&mut self, id: NodeId) -> OpKind {
        let from = self.child(id, Kind::From);
        let mut exception = None;
        let mut cause = None;
        for (child, kind) in self.parts(id) {
            if kind == Kind::ExpressionList {
                return OpKind::Unreadable;
            }
            let value = Some(self.expr(child));
            if from.is_some_and(|from| child > from) {
                cause = value;
            } else {
                exception = value;
            }
        }
        OpKind::Raise { exception, cause }
    }

    fn assert(&mut self, id: NodeId) -> OpKind {
        let mut parts = self.parts(id);
        let Some((test, _)) = parts.next() else { return OpKind::Unreadable };
        let test = self.expr(test);
        let message = parts.next().map(|(message, _)| self.expr(message));
        OpKind::Assert { test, message }
    }

    fn declared(&mut self, id: NodeId) -> Vec<Sym> {
        let names: Vec<Sym> = self.parts(id).map(|(name, _)| self.sym(name)).collect();
        for name in &names {
            self.scope().declare(*name);
        }
        names
    }

    fn type_alias(&mut self, id: NodeId) -> OpKind {
        if let Some(op) = self.assignment_to_type(id) {
            return op;
        }
        let name = self.tree.subtree(id).iter().find(|node| node.kind == Kind::Identifier);
        let Some(name) = name else { return OpKind::Unreadable };
        let name = self.symbols.slice(&self.text[name.start as usize..name.end as usize]);
        self.scope().bind(name);
        OpKind::TypeAlias(name)
    }

    /// `type(x).y = z`, which the grammar takes for an alias.
    fn assignment_to_type(&mut self, id: NodeId) -> Option<OpKind> {
        let start = self.tree.node(id).start as usize;
        let after = start + "type".len();
        let blanks = self.text.get(after..)?.bytes().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let opening = after + blanks;
        if !matches!(self.text.as_bytes().get(opening), Some(b'(' | b'[')) {
            return None;
        }
        let mut sides = self.parts(id).filter(|(_, kind)| *kind == Kind::Type);
        let ((left, _), (right, _)) = (sides.next()?, sides.next()?);
        let mut target = self.expr(left);
        let name = Span::new(u32::try_from(start).ok()?, u32::try_from(after).ok()?);
        let function = Expr { span: name, kind: ExprKind::Name(self.symbols.slice("type")) };
        call_innermost(&mut target, u32::try_from(opening).ok()?, function);
        Some(OpKind::Assign { targets: vec![target], value: self.expr(right) })
    }

    /// `print >>file, x` is an expression in Python 3; `print x` is nothing.
    fn print_statement(&mut self, id: NodeId) -> OpKind {
        let Some(chevron) = self.child(id, Kind::Chevron) else { return OpKind::Unreadable };
        let span = self.span(id);
        let print = Span::new(span.start, span.start + 5);
        let left = Box::new(Expr { span: print, kind: ExprKind::Name(self.symbols.slice("print")) });
        let Some(right) = self.first_expr(chevron).map(Box::new) else { return OpKind::Unreadable };
        let shift = Span::new(span.start, right.span.end);
        let mut values = vec![Expr { span: shift, kind: ExprKind::Binary { left, op: BinaryOp::RShift, right } }];
        values.extend(self.parts(id).skip(1).map(|(value, _)| self.expr(value)));
        let has_comma = self.child(id, Kind::Comma).is_some();
        if !has_comma && let Some(only) = values.pop() {
            return OpKind::Expr(only);
        }
        OpKind::Expr(Expr { span, kind: ExprKind::Tuple(values) })
    }

    fn if_statement(&mut self, id: NodeId) -> OpKind {
        let mut arms = Vec::new();
        let mut orelse = Block::new();
        let mut around = Surroundings { conditional: true, ..self.around };
        if let Some((condition, _)) = self.parts(id).next() {
            arms.push(self.arm(id, condition, &mut around));
        }
        for (clause, kind) in self.parts(id) {
            match kind {
                Kind::ElifClause => {
                    let Some((condition, _)) = self.parts(clause).next() else { continue };
                    arms.push(self.arm(clause, condition, &mut around));
                }
                Kind::ElseClause => orelse = self.within(around, |me| me.body_of(clause)),
                _ => {}
            }
        }
        OpKind::If { arms, orelse }
    }

    /// One condition with its block. `around` is what surrounds the arms behind it.
    fn arm(&mut self, clause: NodeId, condition: NodeId, around: &mut Surroundings) -> (Expr, Block) {
        let test = self.expr(condition);
        let mut inside = *around;
        match self.type_checking(&test) {
            Some(true) => inside.guarded = true,
            Some(false) => around.guarded = true,
            None => {}
        }
        (test, self.within(inside, |me| me.body_of(clause)))
    }

    /// Whether a true condition means `TYPE_CHECKING` (true), or a false one does (false).
    fn type_checking(&self, test: &Expr) -> Option<bool> {
        match &test.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                (self.symbols.get(*name) == "TYPE_CHECKING" || self.checking.contains(name)).then_some(true)
            }
            ExprKind::Unary { op: crate::summary::program::UnaryOp::Not, operand } => {
                self.type_checking(operand).map(|means| !means)
            }
            ExprKind::Bool2 { is_and, values } => {
                let decisive = values.iter().filter_map(|value| self.type_checking(value));
                decisive.into_iter().find(|means| means == is_and)
            }
            _ => None,
        }
    }

    fn while_statement(&mut self, id: NodeId) -> OpKind {
        let Some(test) = self.first_expr(id) else { return OpKind::Unreadable };
        let (body, orelse) = self.loop_blocks(id);
        OpKind::While { test, body, orelse }
    }

    fn loop_blocks(&mut self, id: NodeId) -> (Block, Block) {
        let around = Surroundings { conditional: true, ..self.around };
        self.within(around, |me| {
            let body = me.body_of(id);
            (body, me.clause(id, Kind::ElseClause))
        })
    }

    /// The block of an `else` or `finally` clause; empty without one.
    fn clause(&mut self, id: NodeId, kind: Kind) -> Block {
        self.child(id, kind).map_or_else(Block::new, |clause| self.body_of(clause))
    }

    fn for_statement(&mut self, id: NodeId) -> OpKind {
        let is_async = self.child(id, Kind::Async).is_some();
        let mut parts = self.parts(id);
        let (Some((left, _)), Some((right, _))) = (parts.next(), parts.next()) else { return OpKind::Unreadable };
        let iter = self.expr(right);
        let target = self.target(left);
        let (body, orelse) = self.loop_blocks(id);
        OpKind::For { target, iter, body, orelse, is_async }
    }

    fn try_statement(&mut self, id: NodeId) -> OpKind {
        let clauses = || self.tree.children(id).filter(|(_, kind)| *kind == Kind::ExceptClause);
        let optional = clauses().any(|(clause, _)| self.may_catch_import_error(clause));
        let star = clauses().any(|(clause, _)| self.child(clause, Kind::Star).is_some());
        let around = Surroundings { optional: self.around.optional || optional, ..self.around };
        let body = self.within(around, |me| me.body_of(id));
        let around = Surroundings { conditional: true, ..self.around };
        let handlers = clauses().map(|(clause, _)| clause).collect::<Vec<_>>();
        let handlers = handlers.into_iter().map(|clause| self.within(around, |me| me.handler(clause))).collect();
        let orelse = self.clause(id, Kind::ElseClause);
        let finally = self.clause(id, Kind::FinallyClause);
        OpKind::Try(Box::new(Try { body, handlers, orelse, finally, star }))
    }

    fn handler(&mut self, id: NodeId) -> Handler {
        let span = self.header(id);
        let values: Vec<_> = self.parts(id).filter(|(_, kind)| *kind != Kind::Block).collect();
        let has_as = self.child(id, Kind::As).is_some();
        let mut name = None;
        let types = match *values.as_slice() {
            [] => None,
            [(only, Kind::AsPattern)] => {
                let (value, target) = self.as_pattern(only);
                name = target.as_ref().and_then(|target| self.plain_name(target));
                value
            }
            [(value, _), (alias, _)] if has_as => {
                let target = self.target(alias);
                name = self.plain_name(&target);
                Some(self.expr(value))
            }
            [(only, _)] => Some(self.expr(only)),
            [(first, _), .., (last, _)] => {
                let span = self.span(first).to(self.span(last));
                let types = values.iter().map(|(value, _)| self.expr(*value)).collect();
                Some(Expr { span, kind: ExprKind::Tuple(types) })
            }
        };
        Handler { span, types, name, body: self.body_of(id) }
    }

    fn plain_name(&self, target: &Expr) -> Option<Sym> {
        match target.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// `value as target`
    pub(super) fn as_pattern(&mut self, id: NodeId) -> (Option<Expr>, Option<Expr>) {
        let mut parts = self.parts(id);
        let value = parts.next().map(|(value, _)| self.expr(value));
        let target = parts.next().and_then(|(target, kind)| match kind {
            Kind::AsPatternTarget => self.parts(target).next().map(|(inner, _)| inner),
            _ => Some(target),
        });
        let target = target.map(|target| self.target(target));
        (value, target)
    }

    fn with_statement(&mut self, id: NodeId) -> OpKind {
        let is_async = self.child(id, Kind::Async).is_some();
        let Some(clause) = self.child(id, Kind::WithClause) else { return OpKind::Unreadable };
        if self.tree.node(clause).broken {
            return OpKind::Unreadable;
        }
        let mut items = Vec::new();
        let mut optional = self.around.optional;
        for (item, _) in self.parts(clause) {
            let Some((value, kind)) = self.parts(item).next() else { continue };
            optional |= self.suppresses_import_error(value);
            let (value, target) = match kind {
                Kind::AsPattern => self.as_pattern(value),
                _ => (Some(self.expr(value)), None),
            };
            items.extend(value.map(|value| (value, target)));
        }
        let body = self.within(Surroundings { optional, ..self.around }, |me| me.body_of(id));
        OpKind::With { items, body, is_async }
    }

    fn match_statement(&mut self, id: NodeId) -> OpKind {
        let mut subjects: Vec<_> = self.parts(id).filter(|(_, kind)| *kind != Kind::Block).collect();
        let trailing = self.child(id, Kind::Comma).is_some();
        let subject = match (subjects.pop(), subjects.as_slice()) {
            (Some((only, _)), []) if !trailing => self.expr(only),
            (Some((last, _)), rest) => {
                let span = rest.first().map_or(self.span(last), |(first, _)| self.span(*first)).to(self.span(last));
                let all = rest.iter().map(|(part, _)| *part).chain([last]).collect::<Vec<_>>();
                Expr { span, kind: ExprKind::Tuple(all.into_iter().map(|part| self.expr(part)).collect()) }
            }
            (None, _) => return OpKind::Unreadable,
        };
        let around = Surroundings { conditional: true, ..self.around };
        let cases = self.child(id, Kind::Block).map_or_else(Vec::new, |block| {
            let clauses = self.tree.children(block).filter(|(_, kind)| *kind == Kind::CaseClause);
            clauses.map(|(clause, _)| self.within(around, |me| me.case(clause))).collect()
        });
        OpKind::Match { subject, cases }
    }

    pub(super) fn conditional_body(&mut self, id: NodeId) -> Block {
        self.child(id, Kind::Block).map_or_else(Block::new, |block| self.conditional_block(block))
    }
}

/// Makes the bracket at an offset, on which a chain of attributes and subscripts stands, an argument of a function.
fn call_innermost(expr: &mut Expr, opening: u32, function: Expr) {
    let is_outer = expr.span.start == opening;
    if is_outer {
        expr.span.start = function.span.start;
        match &mut expr.kind {
            ExprKind::Attribute { value, .. } | ExprKind::Subscript { value, .. } => {
                return call_innermost(value, opening, function);
            }
            ExprKind::Call(call) => return call_innermost(&mut call.function, opening, function),
            _ => {}
        }
    }
    let span = function.span.to(expr.span);
    let inner = std::mem::replace(expr, Expr { span, kind: ExprKind::Unreadable });
    expr.kind = match inner.kind {
        ExprKind::List(mut parts) if is_outer && parts.len() == 1 => {
            ExprKind::Subscript { value: Box::new(function), index: Box::new(parts.remove(0)) }
        }
        ExprKind::Tuple(arguments) if is_outer => {
            ExprKind::Call(Box::new(Call { function, arguments, keywords: Vec::new() }))
        }
        kind => {
            let arguments = vec![Expr { span: inner.span, kind }];
            ExprKind::Call(Box::new(Call { function, arguments, keywords: Vec::new() }))
        }
    };
}

fn augmented_operator(kind: Kind) -> Option<BinaryOp> {
    Some(match kind {
        Kind::PlusEqual => BinaryOp::Add,
        Kind::MinusEqual => BinaryOp::Sub,
        Kind::StarEqual => BinaryOp::Mult,
        Kind::AtEqual => BinaryOp::MatMult,
        Kind::SlashEqual => BinaryOp::Div,
        Kind::PercentEqual => BinaryOp::Mod,
        Kind::DoubleStarEqual => BinaryOp::Pow,
        Kind::ShiftLeftEqual => BinaryOp::LShift,
        Kind::ShiftRightEqual => BinaryOp::RShift,
        Kind::PipeEqual => BinaryOp::BitOr,
        Kind::CaretEqual => BinaryOp::BitXor,
        Kind::AmpersandEqual => BinaryOp::BitAnd,
        Kind::DoubleSlashEqual => BinaryOp::FloorDiv,
        _ => return None,
    })
}
