//! Prints what summaries say of the files named on standard input, one JSON object per line: imports, definitions, calls,
//! names, attributes and strings of the whole file, with lines. Used by `scripts/facts_check.py`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io::BufRead;

use precollect::summary::program::{Block, Call, Expr, ExprKind, FStringPart, Op, OpKind, Parameter, blocks};
use precollect::summary::{DefinitionKind, ProgramId, Summary};
use precollect::syntax;
use serde_json::{Value, json};

struct Facts<'s> {
    summary: &'s Summary,
    calls: Vec<Value>,
    names: Vec<Value>,
    attributes: Vec<Value>,
    unreadable: Vec<Value>,
}

impl Facts<'_> {
    fn line(&self, offset: u32) -> u32 {
        self.summary.line(offset)
    }

    fn program(&mut self, id: ProgramId) {
        let program = self.summary.program(id);
        self.block(&program.body);
    }

    fn block(&mut self, block: &Block) {
        block.iter().for_each(|op| self.op(op));
    }

    fn op(&mut self, op: &Op) {
        match &op.kind {
            OpKind::Assign { targets, value } => {
                self.exprs(targets);
                self.expr(value);
            }
            OpKind::AugAssign { target, value, .. } => {
                self.expr(target);
                self.expr(value);
            }
            OpKind::AnnAssign { target, annotation, value } => {
                self.expr(target);
                self.expr(annotation);
                self.exprs(value);
            }
            OpKind::Delete(targets) => self.exprs(targets),
            OpKind::Expr(value) => self.expr(value),
            OpKind::If { arms, .. } => arms.iter().for_each(|(test, _)| self.expr(test)),
            OpKind::While { test, .. } => self.expr(test),
            OpKind::For { target, iter, .. } => {
                self.expr(target);
                self.expr(iter);
            }
            OpKind::Try(parts) => parts.handlers.iter().for_each(|handler| self.exprs(&handler.types)),
            OpKind::With { items, .. } => {
                for (value, target) in items {
                    self.expr(value);
                    self.exprs(target);
                }
            }
            OpKind::Match { subject, cases } => {
                self.expr(subject);
                cases.iter().for_each(|case| self.exprs(&case.guard));
            }
            OpKind::FunctionDef(def) => {
                self.exprs(&def.decorators);
                self.parameters(&def.parameters);
                self.exprs(def.returns.as_deref());
                self.program(def.body);
            }
            OpKind::ClassDef(class) => {
                self.exprs(&class.decorators);
                self.exprs(&class.bases);
                class.keywords.iter().for_each(|(_, value)| self.expr(value));
            }
            OpKind::Return(value) => self.exprs(value),
            OpKind::Raise { exception, cause } => {
                self.exprs(exception);
                self.exprs(cause);
            }
            OpKind::Assert { test, message } => {
                self.expr(test);
                self.exprs(message);
            }
            OpKind::Unreadable => self.unreadable.push(self.line(op.span.start).into()),
            _ => {}
        }
        blocks(op).into_iter().for_each(|block| self.block(block));
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        for parameter in parameters {
            self.exprs(&parameter.annotation);
            self.exprs(&parameter.default);
        }
    }

    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        exprs.into_iter().for_each(|expr| self.expr(expr));
    }

    fn parts(&mut self, parts: &[FStringPart]) {
        for part in parts {
            if let FStringPart::Value { value, spec, .. } = part {
                self.expr(value);
                self.parts(spec);
            }
        }
    }

    fn call(&mut self, line: u32, call: &Call) {
        self.calls.push(json!([line, call.arguments.len(), call.keywords.len()]));
        self.expr(&call.function);
        self.exprs(&call.arguments);
        call.keywords.iter().for_each(|(_, value)| self.expr(value));
    }

    fn expr(&mut self, expr: &Expr) {
        let line = self.line(expr.span.start);
        match &expr.kind {
            ExprKind::Name(name) => self.names.push(json!([line, self.summary.text(*name)])),
            ExprKind::Attribute { value, name, .. } => {
                self.attributes.push(json!([line, self.summary.text(*name)]));
                self.expr(value);
            }
            ExprKind::Call(call) => self.call(line, call),
            ExprKind::FString(parts) => self.parts(parts),
            ExprKind::Subscript { value: left, index: right } | ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Slice { lower, upper, step } => {
                self.exprs(lower.as_deref());
                self.exprs(upper.as_deref());
                self.exprs(step.as_deref());
            }
            ExprKind::Unary { operand: inner, .. }
            | ExprKind::Starred(inner)
            | ExprKind::Await(inner)
            | ExprKind::YieldFrom(inner) => self.expr(inner),
            ExprKind::Yield(inner) => self.exprs(inner.as_deref()),
            ExprKind::Bool2 { values, .. } => self.exprs(values),
            ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => self.exprs(parts),
            ExprKind::Compare { left, rest } => {
                self.expr(left);
                rest.iter().for_each(|(_, right)| self.expr(right));
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test);
                self.expr(body);
                self.expr(orelse);
            }
            ExprKind::Lambda { parameters, body } => {
                self.parameters(parameters);
                self.program(*body);
            }
            ExprKind::Dict(pairs) => {
                for (key, value) in pairs {
                    self.exprs(key);
                    self.expr(value);
                }
            }
            ExprKind::Comprehension(node) => {
                self.expr(&node.element);
                self.exprs(&node.value);
                for generator in &node.generators {
                    self.expr(&generator.target);
                    self.expr(&generator.iter);
                    self.exprs(&generator.conditions);
                }
            }
            ExprKind::Named { target, value } => {
                self.names.push(json!([line, self.summary.text(*target)]));
                self.expr(value);
            }
            ExprKind::Unreadable => self.unreadable.push(line.into()),
            _ => {}
        }
    }
}

fn main() -> std::io::Result<()> {
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let summary = syntax::summarise(&std::fs::read(&path)?);
        let mut facts = Facts {
            summary: &summary,
            calls: Vec::new(),
            names: Vec::new(),
            attributes: Vec::new(),
            unreadable: Vec::new(),
        };
        facts.program(ProgramId::MODULE);
        let text = |sym| summary.text(sym);
        let imports = summary.imports.iter().map(|import| {
            json!([
                summary.line(import.span.start),
                import.level,
                text(import.module),
                import.name.map(text),
                import.alias.map(text)
            ])
        });
        let definitions = summary.definitions.iter().map(|definition| {
            let is_class = definition.kind == DefinitionKind::Class;
            json!([summary.line(definition.name_span.start), text(definition.qualname), is_class])
        });
        let object = json!({
            "imports": imports.collect::<Vec<_>>(),
            "definitions": definitions.collect::<Vec<_>>(),
            "calls": facts.calls,
            "names": facts.names,
            "attributes": facts.attributes,
            "unreadable": facts.unreadable,
        });
        println!("{object}");
    }
    Ok(())
}
