//! A text form of summaries, for tests and debugging: Python-like, one line per statement, everything explicit.

use std::fmt::Write;

use super::program::{
    Block, Call, Case, ClassDef, CompareOp, Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, FunctionDef,
    ImportName, Op, OpKind, Parameter, ParameterKind, Program, Try, UnaryOp,
};
use super::{DefinitionKind, ProgramId, Summary, Sym};

/// Reads a function body that a summary leaves in the text.
pub type Bodies<'b> = &'b dyn Fn(ProgramId) -> Summary;

/// The whole summary: programs, then digests.
#[must_use]
pub fn summary(summary: &Summary, bodies: Option<Bodies<'_>>) -> String {
    let mut printer = Printer { summary, bodies, out: String::new(), indent: 0 };
    printer.program(&summary.program(ProgramId::MODULE));
    printer.digests();
    printer.out
}

/// The module program alone, function bodies inline.
#[must_use]
pub fn module(summary: &Summary, bodies: Option<Bodies<'_>>) -> String {
    let mut printer = Printer { summary, bodies, out: String::new(), indent: 0 };
    printer.program(&summary.program(ProgramId::MODULE));
    printer.out
}

/// One expression.
#[must_use]
pub fn expr(summary: &Summary, expr: &Expr) -> String {
    let mut printer = Printer { summary, bodies: None, out: String::new(), indent: 0 };
    printer.expr(expr);
    printer.out
}

struct Printer<'s> {
    summary: &'s Summary,
    bodies: Option<Bodies<'s>>,
    out: String,
    indent: usize,
}

impl Printer<'_> {
    fn text(&self, sym: Sym) -> &str {
        self.summary.text(sym)
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self, sym: Sym) {
        let text = self.summary.text(sym);
        self.out.push_str(text);
    }

    fn names(&mut self, names: &[Sym]) {
        let text = names.iter().map(|name| self.text(*name)).collect::<Vec<_>>().join(", ");
        self.put(&text);
    }

    fn start(&mut self) {
        for _ in 0..self.indent {
            self.put("    ");
        }
    }

    fn line(&mut self, text: &str) {
        self.start();
        self.put(text);
        self.put("\n");
    }

    /// A body, wherever it is.
    fn body(&mut self, id: ProgramId) {
        match self.bodies {
            Some(read) if self.summary.programs.left(id).is_some() => {
                let body = read(id);
                let out = std::mem::take(&mut self.out);
                let mut printer = Printer { summary: &body, bodies: None, out, indent: self.indent };
                printer.program(&body.program(ProgramId::BODY));
                self.out = printer.out;
            }
            _ => self.program(&self.summary.program(id)),
        }
    }

    fn program(&mut self, program: &Program) {
        if !program.locals.is_empty() {
            self.start();
            self.put("# locals: ");
            self.names(&program.locals);
            self.put("\n");
        }
        self.block(&program.body);
    }

    fn block(&mut self, block: &Block) {
        for op in block {
            self.op(op);
        }
    }

    fn nested(&mut self, header: &str, block: &Block) {
        self.line(header);
        self.inside(block);
    }

    fn inside(&mut self, block: &Block) {
        self.indent += 1;
        self.block(block);
        self.indent -= 1;
    }

    fn orelse(&mut self, block: &Block) {
        if !block.is_empty() {
            self.nested("else:", block);
        }
    }

    fn op(&mut self, op: &Op) {
        match &op.kind {
            OpKind::If { arms, orelse } => {
                for (index, (test, block)) in arms.iter().enumerate() {
                    self.start();
                    self.put(if index == 0 { "if " } else { "elif " });
                    self.expr(test);
                    self.put(":\n");
                    self.inside(block);
                }
                self.orelse(orelse);
            }
            OpKind::While { test, body, orelse } => {
                self.start();
                self.put("while ");
                self.expr(test);
                self.put(":\n");
                self.inside(body);
                self.orelse(orelse);
            }
            OpKind::For { target, iter, body, orelse, is_async } => {
                self.start();
                self.put(if *is_async { "async for " } else { "for " });
                self.expr(target);
                self.put(" in ");
                self.expr(iter);
                self.put(":\n");
                self.inside(body);
                self.orelse(orelse);
            }
            OpKind::Try(parts) => self.try_parts(parts),
            OpKind::With { items, body, is_async } => self.with(items, body, *is_async),
            OpKind::Match { subject, cases } => {
                self.start();
                self.put("match ");
                self.expr(subject);
                self.put(":\n");
                self.indent += 1;
                cases.iter().for_each(|case| self.case(case));
                self.indent -= 1;
            }
            OpKind::FunctionDef(def) => self.function(def),
            OpKind::ClassDef(class) => self.class(class),
            simple => {
                self.start();
                self.simple(simple);
                self.put("\n");
            }
        }
    }

    fn simple(&mut self, kind: &OpKind) {
        match kind {
            OpKind::Import { module, alias } => {
                self.put("import ");
                self.name(*module);
                self.alias(*alias);
            }
            OpKind::ImportFrom { level, module, names, star } => self.import_from(*level, *module, names, *star),
            OpKind::Assign { targets, value } => {
                for target in targets {
                    self.expr(target);
                    self.put(" = ");
                }
                self.expr(value);
            }
            OpKind::AugAssign { target, op, value } => {
                self.expr(target);
                let _ = write!(self.out, " {op:?}= ");
                self.expr(value);
            }
            OpKind::AnnAssign { target, annotation, value } => {
                self.expr(target);
                self.put(": ");
                self.expr(annotation);
                self.optional(" = ", value.as_ref());
            }
            OpKind::Delete(targets) => {
                self.put("del ");
                self.list(targets);
            }
            OpKind::Expr(value) => self.expr(value),
            OpKind::Return(value) => {
                self.put("return");
                self.optional(" ", value.as_ref());
            }
            OpKind::Raise { exception, cause } => {
                self.put("raise");
                self.optional(" ", exception.as_ref());
                self.optional(" from ", cause.as_ref());
            }
            OpKind::Assert { test, message } => {
                self.put("assert ");
                self.expr(test);
                self.optional(", ", message.as_ref());
            }
            OpKind::Global(names) => {
                self.put("global ");
                self.names(names);
            }
            OpKind::Nonlocal(names) => {
                self.put("nonlocal ");
                self.names(names);
            }
            OpKind::TypeAlias(name) => {
                self.put("type ");
                self.name(*name);
            }
            OpKind::Break => self.put("break"),
            OpKind::Continue => self.put("continue"),
            OpKind::Pass => self.put("pass"),
            _ => self.put("<unreadable>"),
        }
    }

    fn optional(&mut self, before: &str, value: Option<&Expr>) {
        if let Some(value) = value {
            self.put(before);
            self.expr(value);
        }
    }

    fn alias(&mut self, alias: Option<Sym>) {
        if let Some(alias) = alias {
            self.put(" as ");
            self.name(alias);
        }
    }

    fn import_from(&mut self, level: u32, module: Sym, names: &[ImportName], star: bool) {
        self.put("from ");
        (0..level).for_each(|_| self.put("."));
        self.name(module);
        self.put(" import ");
        if star {
            self.put("*");
        }
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.name(name.name);
            self.alias(name.alias);
        }
    }

    fn try_parts(&mut self, parts: &Try) {
        self.nested("try:", &parts.body);
        for handler in &parts.handlers {
            self.start();
            self.put(if parts.star { "except*" } else { "except" });
            self.optional(" ", handler.types.as_ref());
            self.alias(handler.name);
            self.put(":\n");
            self.inside(&handler.body);
        }
        self.orelse(&parts.orelse);
        if !parts.finally.is_empty() {
            self.nested("finally:", &parts.finally);
        }
    }

    fn with(&mut self, items: &[(Expr, Option<Expr>)], body: &Block, is_async: bool) {
        self.start();
        self.put(if is_async { "async with " } else { "with " });
        for (index, (value, target)) in items.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.expr(value);
            self.optional(" as ", target.as_ref());
        }
        self.put(":\n");
        self.inside(body);
    }

    fn case(&mut self, case: &Case) {
        self.start();
        self.put("case reads (");
        self.list(&case.reads);
        self.put(") binds (");
        self.names(&case.binds);
        self.put(if case.irrefutable { ") any" } else { ")" });
        self.optional(" if ", case.guard.as_ref());
        self.put(":\n");
        self.inside(&case.body);
    }

    fn decorators(&mut self, decorators: &[Expr]) {
        for decorator in decorators {
            self.start();
            self.put("@");
            self.expr(decorator);
            self.put("\n");
        }
    }

    fn type_params(&mut self, names: &[Sym]) {
        if !names.is_empty() {
            self.put("[");
            self.names(names);
            self.put("]");
        }
    }

    fn function(&mut self, def: &FunctionDef) {
        self.decorators(&def.decorators);
        self.start();
        self.put(if def.is_async { "async def " } else { "def " });
        self.name(def.name);
        self.type_params(&def.type_params);
        self.put("(");
        self.parameters(&def.parameters);
        self.put(")");
        self.optional(" -> ", def.returns.as_deref());
        self.put(if def.is_generator { ": # generator\n" } else { ":\n" });
        self.indent += 1;
        self.body(def.body);
        self.indent -= 1;
    }

    fn class(&mut self, class: &ClassDef) {
        self.decorators(&class.decorators);
        self.start();
        self.put("class ");
        self.name(class.name);
        self.type_params(&class.type_params);
        self.put("(");
        self.arguments(&class.bases, &class.keywords);
        self.put(if class.has_docstring { "): # docstring\n" } else { "):\n" });
        self.inside(&class.body);
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        let mut keyword_only = false;
        for (index, parameter) in parameters.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            match parameter.kind {
                ParameterKind::VarPositional => {
                    keyword_only = true;
                    self.put("*");
                }
                ParameterKind::VarKeyword => self.put("**"),
                ParameterKind::KeywordOnly if !keyword_only => {
                    keyword_only = true;
                    self.put("*, ");
                }
                _ => {}
            }
            self.name(parameter.name);
            self.optional(": ", parameter.annotation.as_ref());
            self.optional("=", parameter.default.as_ref());
            let is_last_positional = parameter.kind == ParameterKind::PositionalOnly
                && parameters.get(index + 1).is_none_or(|next| next.kind != ParameterKind::PositionalOnly);
            if is_last_positional {
                self.put(", /");
            }
        }
    }

    fn list(&mut self, exprs: &[Expr]) {
        for (index, expr) in exprs.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            self.expr(expr);
        }
    }

    fn arguments(&mut self, arguments: &[Expr], keywords: &[(Option<Sym>, Expr)]) {
        self.list(arguments);
        for (index, (name, value)) in keywords.iter().enumerate() {
            if index > 0 || !arguments.is_empty() {
                self.put(", ");
            }
            match name {
                Some(name) => {
                    self.name(*name);
                    self.put("=");
                }
                None => self.put("**"),
            }
            self.expr(value);
        }
    }

    fn quoted(&mut self, prefix: &str, sym: Sym) {
        let text = self.summary.text(sym);
        let _ = write!(self.out, "{prefix}{text:?}");
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Name(name) | ExprKind::BigInt(name) => self.name(*name),
            ExprKind::None => self.put("None"),
            ExprKind::Ellipsis => self.put("..."),
            ExprKind::Bool(value) => self.put(if *value { "True" } else { "False" }),
            ExprKind::Int(value) => drop(write!(self.out, "{value}")),
            ExprKind::Float(value) => drop(write!(self.out, "{value:?}")),
            ExprKind::Imaginary(value) => drop(write!(self.out, "{value:?}j")),
            ExprKind::Str(text) => self.quoted("", *text),
            ExprKind::Bytes(text) => self.quoted("b", *text),
            ExprKind::FString(parts) => {
                self.put("f(");
                self.fstring(parts);
                self.put(")");
            }
            ExprKind::Attribute { value, name, .. } => {
                self.expr(value);
                self.put(".");
                self.name(*name);
            }
            ExprKind::Subscript { value, index } => {
                self.expr(value);
                self.put("[");
                self.expr(index);
                self.put("]");
            }
            ExprKind::Slice { lower, upper, step } => {
                self.optional("", lower.as_deref());
                self.optional(":", upper.as_deref());
                if upper.is_none() {
                    self.put(":");
                }
                self.optional(":", step.as_deref());
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::Lambda { parameters, body } => {
                self.put("(lambda ");
                self.parameters(parameters);
                self.put(": ");
                if let Some(Op { kind: OpKind::Return(Some(value)), .. }) = self.summary.program(*body).body.first() {
                    self.expr(value);
                }
                self.put(")");
            }
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Unreadable => self.put("<unreadable>"),
            _ => self.operation(expr),
        }
    }

    fn call(&mut self, call: &Call) {
        self.expr(&call.function);
        self.put("(");
        self.arguments(&call.arguments, &call.keywords);
        self.put(")");
    }

    fn wrapped(&mut self, open: &str, exprs: &[Expr], close: &str) {
        self.put(open);
        self.list(exprs);
        self.put(close);
    }

    fn operation(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Binary { left, op, right } => {
                self.put("(");
                self.expr(left);
                let _ = write!(self.out, " {op:?} ");
                self.expr(right);
                self.put(")");
            }
            ExprKind::Unary { op, operand } => {
                self.put(match op {
                    UnaryOp::Not => "not ",
                    UnaryOp::USub => "-",
                    UnaryOp::UAdd => "+",
                    UnaryOp::Invert => "~",
                });
                self.expr(operand);
            }
            ExprKind::Bool2 { is_and, values } => {
                self.put("(");
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.put(if *is_and { " and " } else { " or " });
                    }
                    self.expr(value);
                }
                self.put(")");
            }
            ExprKind::Compare { left, rest } => self.compare(left, rest),
            ExprKind::IfExp { test, body, orelse } => {
                self.put("(");
                self.expr(body);
                self.put(" if ");
                self.expr(test);
                self.put(" else ");
                self.expr(orelse);
                self.put(")");
            }
            ExprKind::Tuple(parts) if parts.len() == 1 => self.wrapped("(", parts, ",)"),
            ExprKind::Tuple(parts) => self.wrapped("(", parts, ")"),
            ExprKind::List(parts) => self.wrapped("[", parts, "]"),
            ExprKind::Set(parts) => self.wrapped("{", parts, "}"),
            ExprKind::Dict(pairs) => self.dict(pairs),
            ExprKind::Starred(inner) => self.optional("*", Some(inner)),
            ExprKind::Await(inner) => self.optional("await ", Some(inner)),
            ExprKind::Yield(inner) => {
                self.put("(yield");
                self.optional(" ", inner.as_deref());
                self.put(")");
            }
            ExprKind::YieldFrom(inner) => {
                self.optional("(yield from ", Some(inner));
                self.put(")");
            }
            ExprKind::Named { target, value } => {
                self.put("(");
                self.name(*target);
                self.optional(" := ", Some(value));
                self.put(")");
            }
            _ => {}
        }
    }

    fn compare(&mut self, left: &Expr, rest: &[(CompareOp, Expr)]) {
        self.put("(");
        self.expr(left);
        for (op, right) in rest {
            let _ = write!(self.out, " {op:?} ");
            self.expr(right);
        }
        self.put(")");
    }

    fn dict(&mut self, pairs: &[(Option<Expr>, Expr)]) {
        self.put("{");
        for (index, (key, value)) in pairs.iter().enumerate() {
            if index > 0 {
                self.put(", ");
            }
            match key {
                Some(key) => {
                    self.expr(key);
                    self.put(": ");
                }
                None => self.put("**"),
            }
            self.expr(value);
        }
        self.put("}");
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        let (open, close) = match comprehension.kind {
            ComprehensionKind::List => ("[", "]"),
            ComprehensionKind::Generator => ("(", ")"),
            ComprehensionKind::Set | ComprehensionKind::Dict => ("{", "}"),
        };
        self.put(open);
        self.expr(&comprehension.element);
        self.optional(": ", comprehension.value.as_ref());
        for generator in &comprehension.generators {
            self.put(if generator.is_async { " async for " } else { " for " });
            self.expr(&generator.target);
            self.put(" in ");
            self.expr(&generator.iter);
            for condition in &generator.conditions {
                self.optional(" if ", Some(condition));
            }
        }
        self.put(close);
    }

    fn fstring(&mut self, parts: &[FStringPart]) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.put(" ");
            }
            match part {
                FStringPart::Literal(text) => self.quoted("", *text),
                FStringPart::Value { value, conversion, spec, debug } => {
                    self.put("{");
                    if let Some(debug) = debug {
                        self.quoted("", *debug);
                        self.put(" ");
                    }
                    self.expr(value);
                    if let Some(conversion) = conversion {
                        let _ = write!(self.out, "!{conversion}");
                    }
                    if !spec.is_empty() {
                        self.put(":");
                        self.fstring(spec);
                    }
                    self.put("}");
                }
            }
        }
    }

    fn digests(&mut self) {
        let summary = self.summary;
        for import in &summary.imports {
            let line = summary.line(import.span.start);
            let _ = write!(self.out, "# import {line}: {:?}{} ", import.kind, if import.optional { "?" } else { "" });
            (0..import.level).for_each(|_| self.put("."));
            self.name(import.module);
            if let Some(name) = import.name {
                self.put(" > ");
                self.name(name);
            }
            self.alias(import.alias);
            self.put("\n");
        }
        for definition in &summary.definitions {
            let kind = match definition.kind {
                DefinitionKind::Class => "class",
                DefinitionKind::Function { .. } => "function",
            };
            let line = summary.line(definition.name_span.start);
            let _ = writeln!(self.out, "# {kind} {line}: {}", summary.text(definition.qualname));
        }
        for fixture in &summary.items.fixtures {
            let line = summary.line(fixture.span.start);
            let scope = fixture.scope.map_or("function", |scope| summary.text(scope));
            let _ = write!(self.out, "# fixture {line}: {} {scope}", summary.text(fixture.name));
            let _ = write!(self.out, " autouse={:?} requests (", fixture.autouse);
            self.names(&fixture.requests);
            self.put(")\n");
        }
        for problem in &summary.problems {
            let line = summary.line(problem.span.start);
            let _ = writeln!(
                self.out,
                "# problem {line}: {:?} {} to {} {}: {}{}",
                problem.kind,
                problem.since,
                problem.until,
                problem.exception,
                problem.message,
                if problem.certain { "" } else { " (likely)" }
            );
        }
        for suppression in &summary.suppressions {
            let line = summary.line(suppression.span.start);
            let _ = write!(self.out, "# suppression {line}: ours={} codes (", suppression.ours);
            self.names(&suppression.codes);
            self.put(")");
            if let Some(covers) = suppression.covers {
                let _ = write!(self.out, " lines {} to {}", summary.line(covers.start), summary.line(covers.end));
            }
            self.put("\n");
        }
    }
}
