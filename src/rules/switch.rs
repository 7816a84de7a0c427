//! Arguments that switch off what blocks: `Client(start=False)` for `if start: self.run()`.

use super::Facts;
use crate::base::span::Span;
use crate::machine::Frame;
use crate::summary::program::{Block, Expr, ExprKind, Op, OpKind, Parameter, Program, UnaryOp, blocks, walk};
use crate::summary::{ProgramId, Summary, Sym};

/// `pass start=False: shop/client.py:7 asks for it`, for the outermost function on the way to a call whose own parameter
/// decides about the next step.
pub fn argument(facts: &Facts, frames: &[Frame]) -> Option<String> {
    let own = frames.iter().filter(|frame| facts.source.is_project(&frame.file));
    own.skip(1).find_map(|frame| {
        let summary = facts.source.whole(&frame.file)?;
        let (name, value, test) = deciding(&summary, &summary.program(ProgramId::MODULE), frame.span)?;
        let value = if value { "True" } else { "False" };
        let (name, line) = (summary.text(name), summary.line(test.start));
        Some(format!("pass {name}={value}: {}:{line} asks for it", facts.shown(&frame.file)))
    })
}

/// The parameter of the innermost function around a place that keeps it from being reached, with the value that does.
fn deciding(summary: &Summary, program: &Program, place: Span) -> Option<(Sym, bool, Span)> {
    let mut functions = Vec::new();
    walk(&program.body, &mut |op| {
        if let OpKind::FunctionDef(def) = &op.kind
            && holds(op.span, place)
        {
            functions.push(def);
        }
    });
    functions.into_iter().find_map(|def| {
        let body = summary.program(def.body);
        deciding(summary, &body, place).or_else(|| asked(&body.body, &def.parameters, place))
    })
}

fn holds(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The `if` around a place that asks for nothing but a flag among the parameters.
fn asked(block: &Block, parameters: &[Parameter], place: Span) -> Option<(Sym, bool, Span)> {
    let op: &Op = block.iter().find(|op| holds(op.span, place))?;
    let flag = |name: Sym| {
        let is_flag = |default: &Expr| matches!(default.kind, ExprKind::Bool(_));
        let own = parameters.iter().find(|parameter| parameter.name == name);
        own.is_some_and(|parameter| parameter.default.as_ref().is_some_and(is_flag))
    };
    if let OpKind::If { arms, .. } = &op.kind {
        let around = |(_, block): &&(_, Block)| block.iter().any(|op| holds(op.span, place));
        if let Some((test, block)) = arms.iter().find(around) {
            return flagged(test)
                .filter(|(name, _)| flag(*name))
                .map(|(name, value)| (name, value, test.span))
                .or_else(|| asked(block, parameters, place));
        }
    }
    blocks(op).into_iter().find_map(|block| asked(block, parameters, place))
}

/// `name`, `not name`: the name, and the value of it that makes the test false.
fn flagged(test: &Expr) -> Option<(Sym, bool)> {
    match &test.kind {
        ExprKind::Name(name) => Some((*name, false)),
        ExprKind::Unary { op: UnaryOp::Not, operand } => flagged(operand).map(|(name, value)| (name, !value)),
        _ => None,
    }
}
