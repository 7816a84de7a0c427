//! Statements.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{
    Alias, AnyParameterRef, Arguments, Decorator, ExceptHandler, Expr, Identifier, Operator, Parameter, Parameters,
    Stmt, StmtAnnAssign, StmtAssign, StmtClassDef, StmtFor, StmtFunctionDef, StmtIf, StmtImportFrom, StmtMatch,
    StmtRaise, StmtTry, StmtWith, TypeParams,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Copier;
use crate::syntax::kinds::Kind;

impl Copier<'_> {
    pub(super) fn statements(&mut self, body: &[Stmt]) {
        for stmt in body {
            self.statement(stmt);
        }
    }

    fn statement(&mut self, stmt: &Stmt) {
        let range = stmt.range();
        match stmt {
            Stmt::FunctionDef(def) => self.decorated(&def.decorator_list, range, |me, at| me.function(def, at)),
            Stmt::ClassDef(class) => self.decorated(&class.decorator_list, range, |me, at| me.class(class, at)),
            Stmt::Return(stmt) => {
                self.node(Kind::ReturnStatement, range, |me| stmt.value.iter().for_each(|value| me.expr(value)));
            }
            Stmt::Delete(stmt) => self.node(Kind::DeleteStatement, range, |me| me.deleted(&stmt.targets)),
            Stmt::TypeAlias(stmt) => {
                self.node(Kind::TypeAliasStatement, range, |me| me.leaf(Kind::Identifier, stmt.name.range()));
            }
            Stmt::Assign(stmt) => self.node(Kind::ExpressionStatement, range, |me| me.assignment(stmt)),
            Stmt::AugAssign(stmt) => self.node(Kind::ExpressionStatement, range, |me| {
                me.node(Kind::AugmentedAssignment, range, |me| {
                    me.expr(&stmt.target);
                    me.token(augmented(stmt.op), stmt.value.start());
                    me.expr(&stmt.value);
                });
            }),
            Stmt::AnnAssign(stmt) => self.node(Kind::ExpressionStatement, range, |me| me.annotated(stmt)),
            Stmt::For(stmt) => self.for_statement(stmt),
            Stmt::While(stmt) => self.node(Kind::WhileStatement, range, |me| {
                me.expr(&stmt.test);
                me.block(stmt.test.end(), &stmt.body);
                me.clause(Kind::ElseClause, TokenKind::Else, &stmt.orelse);
            }),
            Stmt::If(stmt) => self.if_statement(stmt),
            Stmt::With(stmt) => self.with_statement(stmt),
            Stmt::Match(stmt) => self.match_statement(stmt),
            Stmt::Raise(stmt) => self.raise(stmt),
            Stmt::Try(stmt) => self.try_statement(stmt),
            Stmt::Assert(stmt) => self.node(Kind::AssertStatement, range, |me| {
                me.expr(&stmt.test);
                stmt.msg.iter().for_each(|message| me.expr(message));
            }),
            Stmt::Import(stmt) => self.node(Kind::ImportStatement, range, |me| me.aliases(&stmt.names)),
            Stmt::ImportFrom(stmt) => self.import_from(stmt),
            Stmt::Global(stmt) => self.node(Kind::GlobalStatement, range, |me| me.names(&stmt.names)),
            Stmt::Nonlocal(stmt) => self.node(Kind::NonlocalStatement, range, |me| me.names(&stmt.names)),
            Stmt::Expr(stmt) => {
                self.node(Kind::ExpressionStatement, range, |me| me.lone_expr(&stmt.value, range));
            }
            Stmt::Pass(_) => self.leaf(Kind::PassStatement, range),
            Stmt::Break(_) => self.leaf(Kind::BreakStatement, range),
            Stmt::Continue(_) => self.leaf(Kind::ContinueStatement, range),
            Stmt::IpyEscapeCommand(_) => self.leaf(Kind::Error, range),
        }
    }

    /// An expression that is a statement. A string in brackets is no docstring to the grammar.
    fn lone_expr(&mut self, value: &Expr, range: TextRange) {
        if value.range() != range && value.is_string_literal_expr() {
            return self.node(Kind::ParenthesizedExpression, range, |me| me.expr(value));
        }
        self.expr(value);
    }

    /// The colon behind a header that ends at or behind an offset, and the block.
    pub(super) fn block(&mut self, header: TextSize, body: &[Stmt]) {
        if let Some(colon) = self.token_behind(header, |kind| kind == TokenKind::Colon) {
            self.leaf(Kind::Colon, colon);
        }
        if let Some(range) = extent(body) {
            self.node(Kind::Block, range, |me| me.statements(body));
        }
    }

    /// An `else` or `finally`, if there is one.
    fn clause(&mut self, kind: Kind, keyword: TokenKind, body: &[Stmt]) {
        let Some(block) = extent(body) else { return };
        let start = self.token_before(block.start(), keyword).unwrap_or(block).start();
        self.node(kind, TextRange::new(start, block.end()), |me| me.block(start, body));
    }

    /// A definition with its decorators; it starts behind them.
    fn decorated(&mut self, decorators: &[Decorator], range: TextRange, define: impl FnOnce(&mut Self, TextRange)) {
        let Some(last) = decorators.last() else { return define(self, range) };
        let starts = |kind| matches!(kind, TokenKind::Def | TokenKind::Async | TokenKind::Class);
        let start = self.token_behind(last.end(), starts).unwrap_or(range).start();
        self.node(Kind::DecoratedDefinition, range, |me| {
            for decorator in decorators {
                me.node(Kind::Decorator, decorator.range(), |me| me.expr(&decorator.expression));
            }
            define(me, TextRange::new(start, range.end()));
        });
    }

    fn function(&mut self, def: &StmtFunctionDef, range: TextRange) {
        self.node(Kind::FunctionDefinition, range, |me| {
            if def.is_async {
                me.token(Kind::Async, range.start());
            }
            me.leaf(Kind::Identifier, def.name.range());
            me.type_params(def.type_params.as_deref());
            me.node(Kind::Parameters, def.parameters.range(), |me| me.parameters(&def.parameters));
            let mut header = def.parameters.end();
            if let Some(returns) = &def.returns {
                me.node(Kind::Type, returns.range(), |me| me.expr(returns));
                header = returns.end();
            }
            match extent(&def.body) {
                Some(block) if me.is_left_out(block.start()) => {
                    let colon = me.token_behind(header, |kind| kind == TokenKind::Colon);
                    colon.into_iter().for_each(|colon| me.leaf(Kind::Colon, colon));
                    me.leaf(Kind::Block, block);
                }
                _ => me.block(header, &def.body),
            }
        });
    }

    fn is_left_out(&self, first: TextSize) -> bool {
        self.bodies.binary_search_by_key(&first.to_u32(), |body| body.first).is_ok()
    }

    fn class(&mut self, class: &StmtClassDef, range: TextRange) {
        self.node(Kind::ClassDefinition, range, |me| {
            me.leaf(Kind::Identifier, class.name.range());
            me.type_params(class.type_params.as_deref());
            let mut header = class.type_params.as_ref().map_or(class.name.end(), |list| list.end());
            if let Some(arguments) = class.arguments.as_deref() {
                me.arguments(arguments);
                header = Arguments::end(arguments);
            }
            me.block(header, &class.body);
        });
    }

    fn type_params(&mut self, list: Option<&TypeParams>) {
        let Some(list) = list else { return };
        self.node(Kind::TypeParameter, list.range(), |me| {
            list.iter().for_each(|param| me.leaf(Kind::Identifier, param.name().range()));
        });
    }

    pub(super) fn parameters(&mut self, list: &Parameters) {
        let separated = list.vararg.is_none() && !list.kwonlyargs.is_empty();
        let mut positional = list.posonlyargs.len();
        for (at, parameter) in list.iter().enumerate() {
            let range = parameter.range();
            if positional > 0 && at == positional {
                self.token_like(Kind::PositionalSeparator, range);
                positional = 0;
            }
            if separated && at == list.posonlyargs.len() + list.args.len() {
                self.token_like(Kind::KeywordSeparator, range);
            }
            self.parameter(list, parameter);
        }
        if positional > 0 {
            self.token_like(Kind::PositionalSeparator, list.range());
        }
    }

    fn token_like(&mut self, kind: Kind, range: TextRange) {
        self.leaf(kind, TextRange::empty(range.start()));
    }

    fn parameter(&mut self, list: &Parameters, parameter: AnyParameterRef<'_>) {
        let inner = parameter.as_parameter();
        let (annotation, default) = (parameter.annotation(), parameter.default());
        let kind = match (annotation, default) {
            (None, None) => return self.parameter_name(list, inner),
            (Some(_), None) => Kind::TypedParameter,
            (None, Some(_)) => Kind::DefaultParameter,
            (Some(_), Some(_)) => Kind::TypedDefaultParameter,
        };
        self.node(kind, parameter.range(), |me| {
            me.parameter_name(list, inner);
            if let Some(annotation) = annotation {
                me.node(Kind::Type, annotation.range(), |me| me.expr(annotation));
            }
            default.iter().for_each(|default| me.expr(default));
        });
    }

    fn parameter_name(&mut self, list: &Parameters, parameter: &Parameter) {
        let is = |variadic: &Option<Box<Parameter>>| variadic.as_deref().is_some_and(|it| std::ptr::eq(it, parameter));
        let name = parameter.name.range();
        let kind = match (is(&list.vararg), is(&list.kwarg)) {
            (true, _) => Kind::ListSplatPattern,
            (_, true) => Kind::DictionarySplatPattern,
            _ => return self.leaf(Kind::Identifier, name),
        };
        self.node(kind, name, |me| me.leaf(Kind::Identifier, name));
    }

    /// `a = b = value`: the second target is a part of the first one's value.
    fn assignment(&mut self, stmt: &StmtAssign) {
        let end = stmt.end();
        let mut open = Vec::with_capacity(stmt.targets.len());
        for target in &stmt.targets {
            open.push(self.open(Kind::Assignment, TextRange::new(target.start(), end)));
            self.expr(target);
        }
        self.expr(&stmt.value);
        open.into_iter().rev().for_each(|id| self.tree.close(id));
    }

    fn annotated(&mut self, stmt: &StmtAnnAssign) {
        self.node(Kind::Assignment, stmt.range(), |me| {
            me.expr(&stmt.target);
            me.token(Kind::Colon, stmt.annotation.start());
            me.node(Kind::Type, stmt.annotation.range(), |me| me.expr(&stmt.annotation));
            stmt.value.iter().for_each(|value| me.expr(value));
        });
    }

    fn deleted(&mut self, targets: &[Expr]) {
        match targets {
            [only] => self.expr(only),
            [first, .., last] => {
                let range = TextRange::new(first.start(), last.end());
                self.node(Kind::ExpressionList, range, |me| me.exprs(targets));
            }
            [] => {}
        }
    }

    fn for_statement(&mut self, stmt: &StmtFor) {
        self.node(Kind::ForStatement, stmt.range(), |me| {
            if stmt.is_async {
                me.token(Kind::Async, stmt.start());
            }
            me.expr(&stmt.target);
            me.expr(&stmt.iter);
            me.block(stmt.iter.end(), &stmt.body);
            me.clause(Kind::ElseClause, TokenKind::Else, &stmt.orelse);
        });
    }

    fn if_statement(&mut self, stmt: &StmtIf) {
        self.node(Kind::IfStatement, stmt.range(), |me| {
            me.expr(&stmt.test);
            me.block(stmt.test.end(), &stmt.body);
            for clause in &stmt.elif_else_clauses {
                let kind = if clause.test.is_some() { Kind::ElifClause } else { Kind::ElseClause };
                me.node(kind, clause.range(), |me| {
                    clause.test.iter().for_each(|test| me.expr(test));
                    me.block(clause.test.as_ref().map_or(clause.start(), Ranged::end), &clause.body);
                });
            }
        });
    }

    fn with_statement(&mut self, stmt: &StmtWith) {
        self.node(Kind::WithStatement, stmt.range(), |me| {
            if stmt.is_async {
                me.token(Kind::Async, stmt.start());
            }
            let (Some(first), Some(last)) = (stmt.items.first(), stmt.items.last()) else { return };
            me.node(Kind::WithClause, TextRange::new(first.start(), last.end()), |me| {
                for item in &stmt.items {
                    me.node(Kind::WithItem, item.range(), |me| {
                        let Some(target) = &item.optional_vars else { return me.expr(&item.context_expr) };
                        me.node(Kind::AsPattern, item.range(), |me| {
                            me.expr(&item.context_expr);
                            me.node(Kind::AsPatternTarget, target.range(), |me| me.expr(target));
                        });
                    });
                }
            });
            me.block(last.end(), &stmt.body);
        });
    }

    fn match_statement(&mut self, stmt: &StmtMatch) {
        self.node(Kind::MatchStatement, stmt.range(), |me| {
            me.spread(&stmt.subject);
            if let Some(colon) = me.token_behind(stmt.subject.end(), |kind| kind == TokenKind::Colon) {
                me.leaf(Kind::Colon, colon);
            }
            let (Some(first), Some(last)) = (stmt.cases.first(), stmt.cases.last()) else { return };
            me.node(Kind::Block, TextRange::new(first.start(), last.end()), |me| {
                stmt.cases.iter().for_each(|case| me.case(case));
            });
        });
    }

    fn raise(&mut self, stmt: &StmtRaise) {
        self.node(Kind::RaiseStatement, stmt.range(), |me| {
            stmt.exc.iter().for_each(|exception| me.expr(exception));
            if let Some(cause) = &stmt.cause {
                me.token(Kind::From, cause.start());
                me.expr(cause);
            }
        });
    }

    fn try_statement(&mut self, stmt: &StmtTry) {
        self.node(Kind::TryStatement, stmt.range(), |me| {
            me.block(stmt.start(), &stmt.body);
            for ExceptHandler::ExceptHandler(handler) in &stmt.handlers {
                me.node(Kind::ExceptClause, handler.range(), |me| {
                    let mut header = handler.start();
                    if stmt.is_star {
                        me.token(Kind::Star, header);
                    }
                    if let Some(types) = &handler.type_ {
                        me.caught(types, handler.name.as_ref());
                        header = types.end();
                    }
                    me.block(header, &handler.body);
                });
            }
            me.clause(Kind::ElseClause, TokenKind::Else, &stmt.orelse);
            me.clause(Kind::FinallyClause, TokenKind::Finally, &stmt.finalbody);
        });
    }

    fn caught(&mut self, types: &Expr, name: Option<&Identifier>) {
        let Some(name) = name else { return self.expr(types) };
        self.node(Kind::AsPattern, TextRange::new(types.start(), name.end()), |me| {
            me.expr(types);
            me.node(Kind::AsPatternTarget, name.range(), |me| me.leaf(Kind::Identifier, name.range()));
        });
    }

    fn aliases(&mut self, names: &[Alias]) {
        for alias in names {
            let name = alias.name.range();
            if alias.name.as_str() == "*" {
                self.leaf(Kind::WildcardImport, name);
            } else if let Some(bound) = &alias.asname {
                self.node(Kind::AliasedImport, alias.range(), |me| {
                    me.leaf(Kind::DottedName, name);
                    me.leaf(Kind::Identifier, bound.range());
                });
            } else {
                self.leaf(Kind::DottedName, name);
            }
        }
    }

    fn import_from(&mut self, stmt: &StmtImportFrom) {
        self.node(Kind::ImportFromStatement, stmt.range(), |me| {
            let module = match (&stmt.module, stmt.level) {
                (Some(module), 0) => module.range(),
                (module, _) => {
                    let is_dot = |kind| matches!(kind, TokenKind::Dot | TokenKind::Ellipsis);
                    let first = me.token_behind(stmt.start(), is_dot).map_or(stmt.start(), |dot| dot.start());
                    let import = || me.token_behind(first, |kind| kind == TokenKind::Import);
                    let end = module.as_ref().map(Ranged::end).or_else(|| Some(import()?.start()));
                    TextRange::new(first, end.unwrap_or(first).max(first))
                }
            };
            me.leaf(if stmt.level == 0 { Kind::DottedName } else { Kind::RelativeImport }, module);
            me.aliases(&stmt.names);
        });
    }

    fn names(&mut self, names: &[Identifier]) {
        names.iter().for_each(|name| self.leaf(Kind::Identifier, name.range()));
    }
}

/// From the start of the first statement to the end of the last.
fn extent(body: &[Stmt]) -> Option<TextRange> {
    Some(TextRange::new(body.first()?.start(), body.last()?.end()))
}

fn augmented(op: Operator) -> Kind {
    match op {
        Operator::Add => Kind::PlusEqual,
        Operator::Sub => Kind::MinusEqual,
        Operator::Mult => Kind::StarEqual,
        Operator::MatMult => Kind::AtEqual,
        Operator::Div => Kind::SlashEqual,
        Operator::Mod => Kind::PercentEqual,
        Operator::Pow => Kind::DoubleStarEqual,
        Operator::LShift => Kind::ShiftLeftEqual,
        Operator::RShift => Kind::ShiftRightEqual,
        Operator::BitOr => Kind::PipeEqual,
        Operator::BitXor => Kind::CaretEqual,
        Operator::BitAnd => Kind::AmpersandEqual,
        Operator::FloorDiv => Kind::DoubleSlashEqual,
    }
}
