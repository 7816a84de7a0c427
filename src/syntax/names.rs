//! What happens to one name in one scope, asked only where a `global` or `nonlocal` statement names it.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Parameters, Pattern, Stmt};
use ruff_text_size::{Ranged, TextSize};

/// What happens to a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the symbol table's flags")]
pub(super) struct Seen {
    pub(super) parameter: bool,
    pub(super) used: bool,
    pub(super) annotated: bool,
    pub(super) assigned: bool,
    pub(super) global: bool,
    pub(super) nonlocal: bool,
}

impl Seen {
    /// Whether the opposite declaration was seen.
    pub(super) const fn other_declaration(self, is_global: bool) -> bool {
        if is_global { self.nonlocal } else { self.global }
    }
}

/// What the scope does with the name before an offset.
pub(super) fn before(body: &[Stmt], parameters: Option<&Parameters>, name: &str, end: TextSize) -> Seen {
    let mut finder = Finder { name, end, seen: Seen::default() };
    finder.seen.parameter =
        parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter.name().as_str() == name));
    finder.visit_body(body);
    finder.seen
}

/// What the scope does with the name.
pub(super) fn anywhere(body: &[Stmt], parameters: Option<&Parameters>, name: &str) -> Seen {
    before(body, parameters, name, TextSize::from(u32::MAX))
}

/// Whether a target binds the name.
pub(super) fn binds(target: &Expr, name: &str) -> bool {
    match target {
        Expr::Name(target) => target.id.as_str() == name,
        Expr::Tuple(tuple) => tuple.elts.iter().any(|part| binds(part, name)),
        Expr::List(list) => list.elts.iter().any(|part| binds(part, name)),
        Expr::Starred(starred) => binds(&starred.value, name),
        _ => false,
    }
}

struct Finder<'n> {
    name: &'n str,
    end: TextSize,
    seen: Seen,
}

impl Finder<'_> {
    fn bind(&mut self, name: &str) {
        self.seen.assigned |= name == self.name;
    }

    fn is(&self, name: &str) -> bool {
        name == self.name
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if stmt.range().start() >= self.end {
            return;
        }
        match stmt {
            Stmt::FunctionDef(def) => {
                self.bind(&def.name);
                def.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                for parameter in def.parameters.iter_non_variadic_params() {
                    if let Some(default) = parameter.default() {
                        self.visit_expr(default);
                    }
                }
                return;
            }
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                class.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                if let Some(arguments) = &class.arguments {
                    self.visit_arguments(arguments);
                }
                return;
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let dotted = alias.name.as_str();
                    let first = dotted.split('.').next().unwrap_or(dotted);
                    self.bind(alias.asname.as_ref().map_or(first, |name| name.as_str()));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::Global(global) => self.seen.global |= global.names.iter().any(|name| self.is(name)),
            Stmt::Nonlocal(nonlocal) => self.seen.nonlocal |= nonlocal.names.iter().any(|name| self.is(name)),
            Stmt::AnnAssign(node) => {
                if let Expr::Name(target) = &*node.target
                    && node.simple
                    && self.is(&target.id)
                {
                    self.seen.annotated = true;
                }
            }
            Stmt::AugAssign(node) => {
                if let Expr::Name(target) = &*node.target {
                    self.bind(&target.id);
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if self.is(&name.id) => match name.ctx {
                ExprContext::Store | ExprContext::Del => self.seen.assigned = true,
                ExprContext::Load | ExprContext::Invalid => self.seen.used = true,
            },
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    visitor::walk_parameters(self, parameters);
                }
            }
            // A comprehension is a scope of its own but for its first iterable and for walrus targets.
            Expr::ListComp(node) => self.outer_part(&node.generators),
            Expr::SetComp(node) => self.outer_part(&node.generators),
            Expr::DictComp(node) => self.outer_part(&node.generators),
            Expr::Generator(node) => self.outer_part(&node.generators),
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(node) = handler;
        if let Some(name) = &node.name {
            self.bind(name);
        }
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(node) => node.name.iter().for_each(|name| self.bind(name)),
            Pattern::MatchStar(node) => node.name.iter().for_each(|name| self.bind(name)),
            Pattern::MatchMapping(node) => node.rest.iter().for_each(|name| self.bind(name)),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

impl Finder<'_> {
    fn outer_part(&mut self, generators: &[ruff_python_ast::Comprehension]) {
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
    }
}
