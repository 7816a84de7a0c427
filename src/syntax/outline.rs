//! Where function bodies lie in a text that the strict judge accepts, and what must be known of them without lowering
//! them: the imports they hold, and whether they yield.
//!
//! Most bytes of most files are function bodies, and most bodies never run while tests are collected. So they are left out
//! of the flat tree ([`super::ast`]), and a body is parsed when somebody asks for its program. What is noted here is what
//! lowering the body would have noted.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Decorator, ElifElseClause, ExceptHandler, Expr, ExprCall, ExprContext, ExprLambda, Identifier, Parameters,
    Stmt, StmtFunctionDef, StmtIf, StmtImportFrom, StmtTry, StmtWith, UnaryOp,
};
use ruff_text_size::{Ranged, TextRange};
use rustc_hash::FxHashSet;

use super::imports::names_import_error;
use crate::base::span::Span;

/// A function body that may be left out, in source order, none within another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    /// From behind the colon of the header to the end of the last statement.
    pub(super) span: Span,
    /// Start of the first statement.
    pub(super) first: u32,
    /// Whether it holds a `yield` of its own.
    pub(super) yields: bool,
    /// Its imports, in source order.
    pub(super) imports: Vec<BodyImport>,
}

/// An import within a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BodyImport {
    /// What is imported.
    pub(super) what: Imported,
    /// Under `if TYPE_CHECKING` within the body.
    pub(super) guarded: bool,
    /// Where an ImportError may be caught.
    pub(super) optional: bool,
}

/// What an import names, as places in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Imported {
    /// One alias of an `import` statement.
    Module {
        /// The dotted name.
        name: Span,
        /// `as`
        alias: Option<Span>,
    },
    /// One name of a `from` import.
    Name {
        /// Leading dots.
        level: u32,
        /// The module behind them, if any.
        module: Option<Span>,
        /// The name, or the star.
        name: Span,
        /// `as`
        alias: Option<Span>,
    },
    /// The literals of a dynamic import's first argument.
    Dynamic {
        /// The whole argument.
        span: Span,
        /// Its adjacent literals.
        literals: Vec<Span>,
    },
}

/// What a file's functions hold.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// The bodies that may be left out, in source order.
    pub(super) bodies: Vec<Body>,
    /// Names that they may set on some object, or in the module; those of tests are left out.
    pub(super) setters: FxHashSet<String>,
}

/// The bodies of all functions that stand in no other. `directives` are the places of comments that may be
/// suppressions, in order: bodies around them are kept, because what they cover is read from the tree.
pub(super) fn read(suite: &[Stmt], tokens: &Tokens, text: &str, directives: &[u32]) -> Outline {
    let mut finder = Finder { tokens, text, directives, found: Outline::default(), in_test: false };
    finder.visit_body(suite);
    finder.found
}

struct Finder<'t> {
    tokens: &'t Tokens,
    text: &'t str,
    directives: &'t [u32],
    found: Outline,
    in_test: bool,
}

impl Finder<'_> {
    fn function(&mut self, def: &StmtFunctionDef) {
        let (Some(first), Some(last)) = (def.body.first(), def.body.last()) else { return };
        let before = self.tokens.before(first.start());
        let Some(colon) = before.iter().rev().find(|token| !is_gap(token.kind())) else { return };
        if colon.kind() != TokenKind::Colon {
            return;
        }
        let span = Span::new(colon.end().to_u32(), last.end().to_u32());
        let rest = self.text.get(span.end as usize..).unwrap_or_default();
        let line_end = span.end as usize + rest.find('\n').unwrap_or(rest.len());
        let next = self.directives.partition_point(|at| *at < span.start);
        if self.directives.get(next).is_some_and(|at| (*at as usize) < line_end) {
            return;
        }
        let is_test = self.in_test || is_test(&def.name);
        let setters = (!is_test).then(|| std::mem::take(&mut self.found.setters));
        let mut reader = BodyReader { setters, ..BodyReader::default() };
        reader.visit_body(&def.body);
        let BodyReader { yields, imports, setters, .. } = reader;
        self.found.setters = setters.unwrap_or_else(|| std::mem::take(&mut self.found.setters));
        self.found.bodies.push(Body { span, first: first.start().to_u32(), yields, imports });
    }
}

/// Whether a token may stand between a header's colon and the first statement.
const fn is_gap(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Newline | TokenKind::NonLogicalNewline | TokenKind::Comment | TokenKind::Indent)
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(class) => {
                let outer = self.in_test;
                self.in_test |= is_test(&class.name);
                self.visit_body(&class.body);
                self.in_test = outer;
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    // Expressions hold no statements.
    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// Whether a definition is about a test: nothing in it runs before tests do.
fn is_test(name: &str) -> bool {
    name.starts_with("test_") || name.starts_with("Test")
}

/// Reads one body.
#[derive(Default)]
struct BodyReader {
    yields: bool,
    imports: Vec<BodyImport>,
    /// Names it may set on something, where that is of interest.
    setters: Option<FxHashSet<String>>,
    guarded: bool,
    optional: bool,
    /// How many functions, lambdas and classes within the body are open: their `yield` is not the body's.
    inner: u32,
}

impl BodyReader {
    fn note(&mut self, what: Imported) {
        self.imports.push(BodyImport { what, guarded: self.guarded, optional: self.optional });
    }

    /// Runs `work` with surroundings that end with it.
    fn within(&mut self, guarded: bool, optional: bool, work: impl FnOnce(&mut Self)) {
        let before = (self.guarded, self.optional);
        (self.guarded, self.optional) = (guarded, optional);
        work(self);
        (self.guarded, self.optional) = before;
    }

    fn in_scope(&mut self, work: impl FnOnce(&mut Self)) {
        self.inner += 1;
        work(self);
        self.inner -= 1;
    }

    fn decorators_and(&mut self, decorators: &[Decorator]) {
        decorators.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
    }

    fn parameters(&mut self, parameters: &Parameters) {
        visitor::walk_parameters(self, parameters);
    }

    fn function(&mut self, def: &StmtFunctionDef) {
        self.decorators_and(&def.decorator_list);
        self.parameters(&def.parameters);
        if let Some(returns) = &def.returns {
            self.visit_expr(returns);
        }
        self.in_scope(|me| me.within(me.guarded, false, |me| me.visit_body(&def.body)));
    }

    fn lambda(&mut self, lambda: &ExprLambda) {
        if let Some(parameters) = &lambda.parameters {
            self.parameters(parameters);
        }
        self.in_scope(|me| me.within(me.guarded, false, |me| me.visit_expr(&lambda.body)));
    }

    fn if_statement(&mut self, stmt: &StmtIf) {
        let mut guarded = self.guarded;
        self.arm(&mut guarded, Some(&stmt.test), &stmt.body);
        for ElifElseClause { test, body, .. } in &stmt.elif_else_clauses {
            self.arm(&mut guarded, test.as_ref(), body);
        }
    }

    fn arm(&mut self, guarded: &mut bool, test: Option<&Expr>, body: &[Stmt]) {
        let mut inside = *guarded;
        if let Some(test) = test {
            self.visit_expr(test);
            match type_checking(test) {
                Some(true) => inside = true,
                Some(false) => *guarded = true,
                None => {}
            }
        }
        self.within(inside, self.optional, |me| me.visit_body(body));
    }

    fn try_statement(&mut self, stmt: &StmtTry) {
        let catches = |handler: &ExceptHandler| {
            let ExceptHandler::ExceptHandler(handler) = handler;
            handler.type_.as_ref().is_none_or(|types| mentions_import_error(types))
        };
        let optional = self.optional || stmt.handlers.iter().any(catches);
        self.within(self.guarded, optional, |me| me.visit_body(&stmt.body));
        for handler in &stmt.handlers {
            visitor::walk_except_handler(self, handler);
        }
        self.visit_body(&stmt.orelse);
        self.visit_body(&stmt.finalbody);
    }

    fn with_statement(&mut self, stmt: &StmtWith) {
        let mut optional = self.optional;
        for item in &stmt.items {
            self.visit_expr(&item.context_expr);
            optional |= suppresses_import_error(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.visit_expr(target);
            }
        }
        self.within(self.guarded, optional, |me| me.visit_body(&stmt.body));
    }

    fn import_from(&mut self, stmt: &StmtImportFrom) {
        for Alias { name, asname, .. } in &stmt.names {
            let module = stmt.module.as_ref().map(place);
            let (name, alias) = (place(name), asname.as_ref().map(place));
            self.note(Imported::Name { level: stmt.level, module, name, alias });
        }
    }

    fn set(&mut self, name: &str) {
        if let Some(setters) = &mut self.setters
            && !setters.contains(name)
        {
            setters.insert(name.to_owned());
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return,
        };
        if let ("setattr", Some(Expr::StringLiteral(literal))) = (name, call.arguments.args.get(1)) {
            self.set(literal.value.to_str());
        }
        if !super::imports::IMPORTERS.contains(&name) {
            return;
        }
        if let Some(Expr::StringLiteral(literal)) = call.arguments.args.first() {
            let literals = literal.value.iter().map(|part| span(part.range())).collect();
            self.note(Imported::Dynamic { span: span(literal.range()), literals });
        }
    }
}

impl<'a> Visitor<'a> for BodyReader {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            Stmt::ClassDef(class) => {
                self.decorators_and(&class.decorator_list);
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                self.in_scope(|me| me.visit_body(&class.body));
            }
            Stmt::If(stmt) => self.if_statement(stmt),
            Stmt::Try(stmt) => self.try_statement(stmt),
            Stmt::With(stmt) => self.with_statement(stmt),
            Stmt::Import(stmt) => {
                for Alias { name, asname, .. } in &stmt.names {
                    self.note(Imported::Module { name: place(name), alias: asname.as_ref().map(place) });
                }
            }
            Stmt::ImportFrom(stmt) => self.import_from(stmt),
            Stmt::Global(stmt) => stmt.names.iter().for_each(|name| self.set(name)),
            // Its value is evaluated when somebody asks for it.
            Stmt::TypeAlias(_) => {}
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(lambda) => return self.lambda(lambda),
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Store => {
                let own = matches!(&*attribute.value, Expr::Name(name) if matches!(name.id.as_str(), "self" | "cls"));
                if !own {
                    self.set(&attribute.attr);
                }
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => self.yields |= self.inner == 0,
            _ => {}
        }
        visitor::walk_expr(self, expr);
        if let Expr::Call(call) = expr {
            self.call(call);
        }
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

fn place(name: &Identifier) -> Span {
    span(name.range())
}

/// Whether a true condition means `TYPE_CHECKING` (true), or a false one does (false).
fn type_checking(test: &Expr) -> Option<bool> {
    match test {
        Expr::Name(name) => (name.id.as_str() == "TYPE_CHECKING").then_some(true),
        Expr::Attribute(attribute) => (attribute.attr.as_str() == "TYPE_CHECKING").then_some(true),
        Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => type_checking(&unary.operand).map(|means| !means),
        Expr::BoolOp(operation) => {
            let is_and = operation.op.is_and();
            operation.values.iter().filter_map(type_checking).find(|means| *means == is_and)
        }
        _ => None,
    }
}

fn mentions_import_error(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => names_import_error(&name.id, false),
        Expr::Attribute(attribute) => {
            names_import_error(&attribute.attr, is_dotted(&attribute.value))
                || !is_dotted(&attribute.value) && mentions_import_error(&attribute.value)
        }
        _ => {
            let mut search = Search { found: false };
            visitor::walk_expr(&mut search, expr);
            search.found
        }
    }
}

struct Search {
    found: bool,
}

impl<'a> Visitor<'a> for Search {
    fn visit_expr(&mut self, expr: &'a Expr) {
        self.found |= mentions_import_error(expr);
    }
}

fn is_dotted(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_dotted(&attribute.value),
        _ => false,
    }
}

/// `contextlib.suppress(ImportError)`
fn suppresses_import_error(expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let is_suppress = match &*call.func {
        Expr::Name(name) => name.id.as_str() == "suppress",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "suppress",
        _ => false,
    };
    let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
    is_suppress && call.arguments.args.iter().chain(keywords).any(mentions_import_error)
}
