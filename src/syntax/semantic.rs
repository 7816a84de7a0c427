//! What CPython refuses after parsing: `__future__` rules, the symbol table's rules, the compiler's rules, in that
//! order. (Python/future.c, symtable.c, compile.c)

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    Alias, Arguments, Comprehension, ExceptHandler, Expr, Parameters, Pattern, Stmt, StmtClassDef, StmtFunctionDef,
};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::judge::Fault;
use super::names;
use crate::base::span::Span;
use crate::summary::ProblemKind;

/// The part of CPython that refuses; earlier parts see the whole file first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// The parser itself, building the tree.
    Tree,
    /// `from __future__` imports.
    Future,
    /// The symbol table, while it visits.
    Visit,
    /// The symbol table, when it resolves names.
    Resolve,
    /// The compiler.
    Compile,
}

/// A refusal after parsing.
#[derive(Debug, Clone)]
pub(super) struct Late {
    phase: Phase,
    message: String,
    at: TextRange,
    /// Minor versions that refuse, both ends included.
    since: u8,
    until: u8,
}

impl Late {
    /// Whether the minor version refuses it.
    pub(super) const fn applies(&self, minor: u8) -> bool {
        self.since <= minor && minor <= self.until
    }

    /// The refusal as the version puts it.
    pub(super) fn fault(&self, _minor: u8) -> Fault {
        let at = Span::new(self.at.start().to_u32(), self.at.end().to_u32());
        Fault { kind: ProblemKind::Misplaced, exception: "SyntaxError", message: self.message.clone(), span: at }
    }
}

/// Everything that is refused after parsing, in the order in which CPython would come to it.
pub(super) fn faults(body: &[Stmt]) -> Vec<Late> {
    let mut checker = Checker { scopes: vec![Scope::new(ScopeKind::Module, body)], faults: Vec::new() };
    checker.futures(body);
    checker.visit_body(body);
    let mut faults = checker.faults;
    faults.sort_by_key(|late| late.phase);
    faults
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ScopeKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    /// A comprehension: what a `yield` in it is called.
    Comprehension {
        what: &'static str,
        is_generator: bool,
    },
}

struct Scope<'a> {
    kind: ScopeKind,
    body: &'a [Stmt],
    parameters: Option<&'a Parameters>,
    loops: u32,
    star_handlers: u32,
    yields: bool,
    returned: Option<TextRange>,
    /// A comprehension that awaits.
    awaits: bool,
    /// The clauses of a comprehension.
    generators: &'a [Comprehension],
    /// Whether an iterable of a comprehension is being visited.
    in_iterable: bool,
    /// The name in the `def` or `class`.
    header: TextRange,
}

impl<'a> Scope<'a> {
    const fn new(kind: ScopeKind, body: &'a [Stmt]) -> Self {
        Self {
            kind,
            body,
            parameters: None,
            loops: 0,
            star_handlers: 0,
            yields: false,
            returned: None,
            awaits: false,
            generators: &[],
            in_iterable: false,
            header: TextRange::new(TextSize::new(0), TextSize::new(0)),
        }
    }
}

struct Checker<'a> {
    scopes: Vec<Scope<'a>>,
    faults: Vec<Late>,
}

const FEATURES: &[&str] = &[
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "barry_as_FLUFL",
    "generator_stop",
    "annotations",
];

impl<'a> Checker<'a> {
    fn add(&mut self, phase: Phase, message: impl Into<String>, at: impl Ranged) {
        self.between(phase, message, at, 8, 14);
    }

    fn between(&mut self, phase: Phase, message: impl Into<String>, at: impl Ranged, since: u8, until: u8) {
        self.faults.push(Late { phase, message: message.into(), at: at.range(), since, until });
    }

    fn scope(&mut self) -> &mut Scope<'a> {
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    fn kind(&self) -> ScopeKind {
        self.scopes.last().map_or(ScopeKind::Module, |scope| scope.kind)
    }

    fn inside<T>(&mut self, scope: Scope<'a>, work: impl FnOnce(&mut Self) -> T) -> (T, Scope<'a>) {
        self.scopes.push(scope);
        let result = work(self);
        let scope = self.scopes.pop().unwrap_or_else(|| Scope::new(ScopeKind::Module, &[]));
        (result, scope)
    }

    fn futures(&mut self, body: &'a [Stmt]) {
        let mut early = true;
        for (index, stmt) in body.iter().enumerate() {
            match stmt {
                Stmt::ImportFrom(from) if is_future(from) => {
                    if early {
                        from.names.iter().for_each(|alias| self.feature(alias, stmt.range()));
                    }
                }
                Stmt::Expr(expr) if index == 0 && expr.value.is_string_literal_expr() => {}
                _ => early = false,
            }
        }
    }

    fn feature(&mut self, alias: &Alias, at: TextRange) {
        let name = alias.name.as_str();
        if name == "braces" {
            self.add(Phase::Future, "not a chance", at);
        } else if !FEATURES.contains(&name) {
            self.add(Phase::Future, format!("future feature {name} is not defined"), at);
        }
    }

    /// Whether the statement stands among the `__future__` imports at the top.
    fn is_early(&self, at: TextRange) -> bool {
        let body = self.scopes[0].body;
        for (index, stmt) in body.iter().enumerate() {
            if stmt.range() == at {
                return self.scopes.len() == 1;
            }
            let passes = match stmt {
                Stmt::ImportFrom(from) => is_future(from),
                Stmt::Expr(expr) => index == 0 && expr.value.is_string_literal_expr(),
                _ => false,
            };
            if !passes {
                return false;
            }
        }
        false
    }

    fn function(&mut self, def: &'a StmtFunctionDef) {
        for decorator in &def.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        self.parameters(&def.parameters, def.range());
        visitor::walk_parameters(self, &def.parameters);
        if let Some(returns) = &def.returns {
            self.visit_annotation(returns);
        }
        let kind = if def.is_async { ScopeKind::AsyncFunction } else { ScopeKind::Function };
        let mut scope = Scope::new(kind, &def.body);
        scope.parameters = Some(&def.parameters);
        scope.header = def.name.range();
        if def.name.as_str() == "__debug__" {
            self.add(Phase::Compile, "cannot assign to __debug__", def.name.range());
        }
        let ((), scope) = self.inside(scope, |me| me.visit_body(&def.body));
        if let (true, true, Some(place)) = (def.is_async, scope.yields, scope.returned) {
            self.add(Phase::Compile, "'return' with value in async generator", place);
        }
    }

    /// No name twice; the place is the function's.
    fn parameters(&mut self, parameters: &'a Parameters, _whole: TextRange) {
        let all: Vec<_> = parameters.iter().collect();
        for (index, parameter) in all.iter().enumerate() {
            let name = parameter.name().as_str();
            if all[..index].iter().any(|other| other.name().as_str() == name) {
                let message = format!("duplicate argument '{name}' in function definition");
                self.add(Phase::Visit, message, parameter.name().range());
            }
            if name == "__debug__" {
                self.add(Phase::Compile, "cannot assign to __debug__", parameter.name().range());
            }
        }
    }

    fn class(&mut self, class: &'a StmtClassDef) {
        for decorator in &class.decorator_list {
            self.visit_expr(&decorator.expression);
        }
        if let Some(arguments) = &class.arguments {
            self.visit_arguments(arguments);
        }
        let scope = Scope { header: class.name.range(), ..Scope::new(ScopeKind::Class, &class.body) };
        self.inside(scope, |me| me.visit_body(&class.body));
    }

    fn looped(&mut self, work: impl FnOnce(&mut Self)) {
        self.scope().loops += 1;
        work(self);
        self.scope().loops -= 1;
    }

    fn leaves(&mut self, stmt: &Stmt, message: &str) {
        let scope = self.scope();
        if scope.star_handlers > 0 && scope.loops == 0 {
            let message = "'break', 'continue' and 'return' cannot appear in an except* block";
            self.between(Phase::Compile, message, stmt.range(), 11, 14);
        } else if scope.loops == 0 {
            self.add(Phase::Compile, message, stmt.range());
        }
    }

    fn returns(&mut self, stmt: &'a Stmt, has_value: bool) {
        let in_star = self.scope().star_handlers > 0;
        match self.kind() {
            ScopeKind::Function | ScopeKind::AsyncFunction if in_star => {
                let message = "'break', 'continue' and 'return' cannot appear in an except* block";
                self.between(Phase::Compile, message, stmt.range(), 11, 14);
            }
            ScopeKind::Function | ScopeKind::AsyncFunction => {
                if has_value {
                    self.scope().returned.get_or_insert(stmt.range());
                }
            }
            _ => self.add(Phase::Compile, "'return' outside function", stmt.range()),
        }
    }

    /// `async for`, `async with`
    fn asynchronous(&mut self, what: &str, at: TextRange) {
        if self.kind() != ScopeKind::AsyncFunction {
            self.add(Phase::Compile, format!("'async {what}' outside async function"), at);
        }
    }

    fn awaits(&mut self, at: TextRange) {
        match self.kind() {
            ScopeKind::AsyncFunction => {}
            ScopeKind::Comprehension { .. } => self.scope().awaits = true,
            ScopeKind::Function | ScopeKind::Lambda => {
                self.add(Phase::Compile, "'await' outside async function", at);
            }
            ScopeKind::Module | ScopeKind::Class => self.add(Phase::Compile, "'await' outside function", at),
        }
    }

    fn yields(&mut self, expr: &Expr) {
        match self.kind() {
            ScopeKind::Comprehension { what, .. } => {
                self.add(Phase::Visit, format!("'yield' inside {what}"), expr.range());
            }
            ScopeKind::AsyncFunction if expr.is_yield_from_expr() => {
                self.add(Phase::Compile, "'yield from' inside async function", expr.range());
            }
            ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Lambda => self.scope().yields = true,
            ScopeKind::Module | ScopeKind::Class => {
                self.between(Phase::Compile, "'yield' outside function", expr.range(), 8, 14);
            }
        }
    }

    fn comprehension(
        &mut self,
        what: &'static str,
        generators: &'a [Comprehension],
        elements: [Option<&'a Expr>; 2],
        at: TextRange,
    ) {
        let Some((first, rest)) = generators.split_first() else { return };
        self.iterable(&first.iter);
        let is_generator = what == "generator expression";
        let kind = ScopeKind::Comprehension { what, is_generator };
        let is_async = generators.iter().any(|generator| generator.is_async);
        let inner = Scope { generators, ..Scope::new(kind, &[]) };
        let ((), scope) = self.inside(inner, |me| {
            me.scope().awaits = is_async;
            me.visit_expr(&first.target);
            first.ifs.iter().for_each(|condition| me.visit_expr(condition));
            for generator in rest {
                me.iterable(&generator.iter);
                me.visit_expr(&generator.target);
                generator.ifs.iter().for_each(|condition| me.visit_expr(condition));
            }
            elements.into_iter().flatten().for_each(|element| me.visit_expr(element));
        });
        if !scope.awaits || is_generator {
            return;
        }
        match self.kind() {
            ScopeKind::AsyncFunction => {}
            ScopeKind::Comprehension { .. } => {
                let message = "asynchronous comprehension outside of an asynchronous function";
                self.between(Phase::Compile, message, at, 8, 10);
                self.scope().awaits = true;
            }
            _ => {
                let message = "asynchronous comprehension outside of an asynchronous function";
                self.add(Phase::Compile, message, at);
            }
        }
    }

    /// What a comprehension iterates over.
    fn iterable(&mut self, iterable: &'a Expr) {
        let before = std::mem::replace(&mut self.scope().in_iterable, true);
        self.visit_expr(iterable);
        self.scope().in_iterable = before;
    }

    fn declarations(&mut self, stmt: &'a Stmt) {
        let (declared, is_global) = match stmt {
            Stmt::Global(global) => (&global.names, true),
            Stmt::Nonlocal(nonlocal) => (&nonlocal.names, false),
            _ => return,
        };
        if !is_global && self.kind() == ScopeKind::Module {
            self.add(Phase::Visit, "nonlocal declaration not allowed at module level", stmt.range());
            return;
        }
        let Some(scope) = self.scopes.last() else { return };
        let (body, parameters) = (scope.body, scope.parameters);
        for name in declared {
            let word = if is_global { "global" } else { "nonlocal" };
            let seen = names::before(body, parameters, name.as_str(), stmt.range().start());
            let message = match seen {
                _ if seen.parameter => format!("name '{name}' is parameter and {word}"),
                _ if seen.other_declaration(is_global) => format!("name '{name}' is nonlocal and global"),
                _ if seen.used => format!("name '{name}' is used prior to {word} declaration"),
                _ if seen.annotated => format!("annotated name '{name}' can't be {word}"),
                _ if seen.assigned => format!("name '{name}' is assigned to before {word} declaration"),
                _ => {
                    if !is_global && !self.is_bound_outside(name.as_str()) {
                        let message = format!("no binding for nonlocal '{name}' found");
                        self.add(Phase::Resolve, message, stmt.range());
                    }
                    continue;
                }
            };
            self.add(Phase::Visit, message, stmt.range());
        }
    }

    fn is_bound_outside(&self, name: &str) -> bool {
        // Methods see the class they are defined in.
        if name == "__class__" && self.scopes.iter().any(|scope| scope.kind == ScopeKind::Class) {
            return true;
        }
        let outer = self.scopes.iter().rev().skip(1);
        let functions = outer
            .filter(|scope| matches!(scope.kind, ScopeKind::Function | ScopeKind::AsyncFunction | ScopeKind::Lambda));
        for scope in functions {
            let seen = names::anywhere(scope.body, scope.parameters, name);
            if seen.nonlocal {
                continue;
            }
            if seen.global {
                return false;
            }
            if seen.parameter || seen.assigned || seen.annotated {
                return true;
            }
        }
        false
    }

    fn keywords(&mut self, arguments: &'a Arguments) {
        for (index, keyword) in arguments.keywords.iter().enumerate() {
            let Some(name) = &keyword.arg else { continue };
            if name.as_str() == "__debug__" {
                self.add(Phase::Compile, "cannot assign to __debug__", keyword.range());
            }
            let earlier = &arguments.keywords[..index];
            if earlier.iter().any(|other| other.arg.as_ref().is_some_and(|other| other.as_str() == name.as_str())) {
                self.between(Phase::Tree, "keyword argument repeated", keyword.range(), 8, 8);
                let message = format!("keyword argument repeated: {name}");
                self.between(Phase::Compile, message, keyword.range(), 9, 14);
            }
        }
    }

    /// Targets of an assignment: one star at most, and only within a sequence.
    fn target(&mut self, target: &'a Expr) {
        let parts = match target {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            Expr::Starred(_) => {
                let message = "starred assignment target must be in a list or tuple";
                self.add(Phase::Compile, message, target.range());
                return;
            }
            _ => return self.stored(target),
        };
        if parts.iter().filter(|part| part.is_starred_expr()).count() > 1 {
            self.between(Phase::Compile, "two starred expressions in assignment", target.range(), 8, 8);
            self.between(Phase::Compile, "multiple starred expressions in assignment", target.range(), 9, 14);
        }
        for part in parts {
            match part {
                Expr::Starred(starred) => self.target_inside_star(&starred.value),
                other => self.target(other),
            }
        }
    }

    fn target_inside_star(&mut self, target: &'a Expr) {
        if !target.is_starred_expr() {
            self.target(target);
        }
    }

    fn stored(&mut self, target: &'a Expr) {
        let is_debug = match target {
            Expr::Name(name) => name.id.as_str() == "__debug__",
            Expr::Attribute(attribute) => attribute.attr.as_str() == "__debug__",
            _ => false,
        };
        if is_debug {
            self.add(Phase::Compile, "cannot assign to __debug__", target.range());
        }
    }

    fn handlers(&mut self, body: &'a [Stmt], handlers: &'a [ExceptHandler]) {
        let last = handlers.len().saturating_sub(1);
        for handler in &handlers[..last] {
            let ExceptHandler::ExceptHandler(handler) = handler;
            if handler.type_.is_none() {
                let message = "default 'except:' must be last";
                // Older versions have no place for handlers: the last statement of the block is the nearest.
                let before = body.last().map_or(handler.range(), Ranged::range);
                self.between(Phase::Compile, message, before, 8, 9);
                self.between(Phase::Compile, message, handler.range(), 10, 14);
            }
        }
    }

    fn star_import(&mut self, at: TextRange) {
        if self.kind() == ScopeKind::Module {
            return;
        }
        let message = "import * only allowed at module level";
        // Older versions point at the block that holds it.
        self.between(Phase::Visit, message, self.scopes.last().map_or(at, |scope| scope.header), 8, 9);
        self.between(Phase::Visit, message, at, 10, 14);
    }

    fn aliases(&mut self, names: &'a [Alias]) {
        for alias in names {
            if alias.asname.as_ref().is_some_and(|name| name.as_str() == "__debug__") {
                self.add(Phase::Compile, "cannot assign to __debug__", alias.range());
            }
        }
    }

    fn walrus(&mut self, named: &'a ruff_python_ast::ExprNamed) {
        let Expr::Name(target) = &*named.target else { return };
        self.stored(&named.target);
        let comprehensions =
            self.scopes.iter().rev().take_while(|scope| matches!(scope.kind, ScopeKind::Comprehension { .. })).count();
        if self.scopes.iter().any(|scope| scope.in_iterable) {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            self.add(Phase::Visit, message, target.range());
        }
        let inner = self.scopes.iter().rev().take(comprehensions);
        let rebinds = inner
            .into_iter()
            .any(|scope| scope.generators.iter().any(|generator| names::binds(&generator.target, target.id.as_str())));
        if rebinds {
            let message =
                format!("assignment expression cannot rebind comprehension iteration variable '{}'", target.id);
            self.add(Phase::Visit, message, target.range());
        }
        let owner = self.scopes.len() - 1 - comprehensions;
        if comprehensions > 0 && self.scopes[owner].kind == ScopeKind::Class {
            let message = "assignment expression within a comprehension cannot be used in a class body";
            self.add(Phase::Visit, message, target.range());
        }
    }

    fn cases(&mut self, cases: &'a [ruff_python_ast::MatchCase]) {
        let last = cases.len().saturating_sub(1);
        for (index, case) in cases.iter().enumerate() {
            if index < last && case.guard.is_none() {
                self.irrefutable(&case.pattern);
            }
            let mut bound = Vec::new();
            self.captures(&case.pattern, &mut bound);
        }
    }

    fn irrefutable(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(capture) => match (&capture.pattern, &capture.name) {
                (None, None) => {
                    self.between(
                        Phase::Compile,
                        "wildcard makes remaining patterns unreachable",
                        pattern.range(),
                        10,
                        14,
                    );
                }
                (None, Some(name)) => {
                    let message = format!("name capture '{name}' makes remaining patterns unreachable");
                    self.between(Phase::Compile, message, pattern.range(), 10, 14);
                }
                (Some(inner), _) => self.irrefutable(inner),
            },
            Pattern::MatchOr(either) => either.patterns.last().into_iter().for_each(|last| self.irrefutable(last)),
            _ => {}
        }
    }

    /// Collects the names that a pattern binds; none twice.
    fn captures(&mut self, pattern: &'a Pattern, bound: &mut Vec<&'a str>) {
        match pattern {
            Pattern::MatchAs(capture) => {
                if let Some(inner) = &capture.pattern {
                    self.captures(inner, bound);
                }
                self.capture(capture.name.as_ref(), pattern, bound);
            }
            Pattern::MatchStar(star) => self.capture(star.name.as_ref(), pattern, bound),
            Pattern::MatchSequence(sequence) => {
                if sequence.patterns.iter().filter(|part| part.is_match_star()).count() > 1 {
                    let message = "multiple starred expressions in sequence pattern";
                    self.between(Phase::Compile, message, pattern.range(), 10, 14);
                }
                sequence.patterns.iter().for_each(|part| self.captures(part, bound));
            }
            Pattern::MatchMapping(mapping) => {
                mapping.patterns.iter().for_each(|part| self.captures(part, bound));
                self.capture(mapping.rest.as_ref(), pattern, bound);
            }
            Pattern::MatchClass(class) => {
                class.arguments.patterns.iter().for_each(|part| self.captures(part, bound));
                class.arguments.keywords.iter().for_each(|part| self.captures(&part.pattern, bound));
            }
            Pattern::MatchOr(either) => self.alternatives(&either.patterns, pattern, bound),
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        }
    }

    fn alternatives(&mut self, patterns: &'a [Pattern], whole: &Pattern, bound: &mut Vec<&'a str>) {
        let Some((last, rest)) = patterns.split_last() else { return };
        rest.iter().for_each(|part| self.irrefutable(part));
        let mut first: Option<Vec<&str>> = None;
        for part in rest.iter().chain([last]) {
            let mut own = Vec::new();
            self.captures(part, &mut own);
            own.sort_unstable();
            if first.as_ref().is_some_and(|first| *first != own) {
                self.between(Phase::Compile, "alternative patterns bind different names", whole.range(), 10, 14);
            }
            first.get_or_insert(own);
        }
        bound.extend(first.unwrap_or_default());
    }

    fn capture(&mut self, name: Option<&'a ruff_python_ast::Identifier>, at: &Pattern, bound: &mut Vec<&'a str>) {
        let Some(name) = name else { return };
        if bound.contains(&name.as_str()) {
            let message = format!("multiple assignments to name '{name}' in pattern");
            self.between(Phase::Compile, message, at.range(), 10, 14);
        }
        bound.push(name.as_str());
    }
}

fn is_future(from: &ruff_python_ast::StmtImportFrom) -> bool {
    from.level == 0 && from.module.as_ref().is_some_and(|module| module.as_str() == "__future__")
}

impl<'a> Visitor<'a> for Checker<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => return self.function(def),
            Stmt::ClassDef(class) => return self.class(class),
            Stmt::For(node) => {
                if node.is_async {
                    self.asynchronous("for", stmt.range());
                }
                self.target(&node.target);
                self.visit_expr(&node.target);
                self.visit_expr(&node.iter);
                self.looped(|me| me.visit_body(&node.body));
                return self.visit_body(&node.orelse);
            }
            Stmt::While(node) => {
                self.visit_expr(&node.test);
                self.looped(|me| me.visit_body(&node.body));
                return self.visit_body(&node.orelse);
            }
            Stmt::Try(node) => {
                self.handlers(&node.body, &node.handlers);
                self.visit_body(&node.body);
                self.scope().star_handlers += u32::from(node.is_star);
                node.handlers.iter().for_each(|handler| self.visit_except_handler(handler));
                self.scope().star_handlers -= u32::from(node.is_star);
                self.visit_body(&node.orelse);
                return self.visit_body(&node.finalbody);
            }
            Stmt::With(node) if node.is_async => self.asynchronous("with", stmt.range()),
            Stmt::Match(node) => self.cases(&node.cases),
            Stmt::Break(_) => self.leaves(stmt, "'break' outside loop"),
            Stmt::Continue(_) => self.leaves(stmt, "'continue' not properly in loop"),
            Stmt::Return(node) => self.returns(stmt, node.value.is_some()),
            Stmt::Global(_) | Stmt::Nonlocal(_) => self.declarations(stmt),
            Stmt::ImportFrom(from) => {
                if is_future(from) && !self.is_early(stmt.range()) {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    let phase = if self.scopes.len() == 1 { Phase::Future } else { Phase::Compile };
                    self.add(phase, message, stmt.range());
                }
                if from.names.iter().any(|alias| alias.name.as_str() == "*") {
                    self.star_import(stmt.range());
                }
                self.aliases(&from.names);
            }
            Stmt::Import(import) => self.aliases(&import.names),
            Stmt::Expr(node) if node.value.is_starred_expr() => {
                self.add(Phase::Compile, "can't use starred expression here", stmt.range());
            }
            Stmt::Assign(node) => node.targets.iter().for_each(|target| self.target(target)),
            Stmt::AnnAssign(node) => self.stored(&node.target),
            Stmt::AugAssign(node) => self.stored(&node.target),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(_)
            | Expr::StringLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::EllipsisLiteral(_) => return,
            Expr::Attribute(node) => return self.visit_expr(&node.value),
            Expr::Await(_) => self.awaits(expr.range()),
            Expr::Yield(_) | Expr::YieldFrom(_) => self.yields(expr),
            Expr::Lambda(node) => {
                let mut scope = Scope::new(ScopeKind::Lambda, &[]);
                if let Some(parameters) = &node.parameters {
                    self.parameters(parameters, expr.range());
                    visitor::walk_parameters(self, parameters);
                    scope.parameters = Some(parameters);
                }
                self.inside(scope, |me| me.visit_expr(&node.body));
                return;
            }
            Expr::ListComp(node) => {
                return self.comprehension(
                    "list comprehension",
                    &node.generators,
                    [Some(&node.elt), None],
                    expr.range(),
                );
            }
            Expr::SetComp(node) => {
                return self.comprehension(
                    "set comprehension",
                    &node.generators,
                    [Some(&node.elt), None],
                    expr.range(),
                );
            }
            Expr::DictComp(node) => {
                let elements = [node.key.as_deref(), Some(&*node.value)];
                return self.comprehension("dict comprehension", &node.generators, elements, expr.range());
            }
            Expr::Generator(node) => {
                return self.comprehension(
                    "generator expression",
                    &node.generators,
                    [Some(&node.elt), None],
                    expr.range(),
                );
            }
            Expr::Named(node) => self.walrus(node),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        if arguments.keywords.len() > 1 {
            self.keywords(arguments);
        }
        visitor::walk_arguments(self, arguments);
    }
}
