//! Walks over the expressions of a statement.

use super::program::{Expr, ExprKind, FStringPart, Op, OpKind, Parameter};

/// Calls `visit` for every expression of a statement, nested ones included; not for those of nested blocks.
pub fn each<'a>(op: &'a Op, visit: &mut dyn FnMut(&'a Expr)) {
    for expr in direct(op) {
        walk(expr, visit);
    }
}

fn direct(op: &Op) -> Vec<&Expr> {
    match &op.kind {
        OpKind::Assign { targets, value } => targets.iter().chain([value]).collect(),
        OpKind::AugAssign { target, value, .. } => vec![target, value],
        OpKind::AnnAssign { target, value, .. } => [target].into_iter().chain(value).collect(),
        OpKind::Delete(targets) => targets.iter().collect(),
        OpKind::Expr(expr) => vec![expr],
        OpKind::If { arms, .. } => arms.iter().map(|(test, _)| test).collect(),
        OpKind::While { test, .. } => vec![test],
        OpKind::For { target, iter, .. } => vec![target, iter],
        OpKind::Try(parts) => parts.handlers.iter().filter_map(|handler| handler.types.as_ref()).collect(),
        OpKind::With { items, .. } => {
            items.iter().flat_map(|(manager, target)| [manager].into_iter().chain(target)).collect()
        }
        OpKind::Match { subject, cases } => {
            let parts = cases.iter().flat_map(|case| case.reads.iter().chain(&case.guard));
            [subject].into_iter().chain(parts).collect()
        }
        OpKind::FunctionDef(def) => def.decorators.iter().chain(defaults(&def.parameters)).collect(),
        OpKind::ClassDef(def) => {
            let keywords = def.keywords.iter().map(|(_, value)| value);
            def.decorators.iter().chain(&def.bases).chain(keywords).collect()
        }
        OpKind::Return(value) => value.iter().collect(),
        OpKind::Raise { exception, cause } => exception.iter().chain(cause).collect(),
        OpKind::Assert { test, message } => [test].into_iter().chain(message).collect(),
        OpKind::Import { .. }
        | OpKind::ImportFrom { .. }
        | OpKind::Global(_)
        | OpKind::Nonlocal(_)
        | OpKind::TypeAlias(_)
        | OpKind::Break
        | OpKind::Continue
        | OpKind::Pass
        | OpKind::Unreadable => Vec::new(),
    }
}

fn defaults(parameters: &[Parameter]) -> impl Iterator<Item = &Expr> {
    parameters.iter().filter_map(|parameter| parameter.default.as_ref())
}

fn walk<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    for child in children(expr) {
        walk(child, visit);
    }
}

fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::FString(parts) => parts.iter().flat_map(string_part).collect(),
        ExprKind::Attribute { value, .. } | ExprKind::Named { value, .. } => vec![value],
        ExprKind::Starred(value) | ExprKind::Await(value) | ExprKind::YieldFrom(value) => vec![value],
        ExprKind::Subscript { value, index } => vec![value, index],
        ExprKind::Slice { lower, upper, step } => {
            [lower, upper, step].into_iter().flatten().map(|expr| &**expr).collect()
        }
        ExprKind::Call(call) => {
            let keywords = call.keywords.iter().map(|(_, value)| value);
            [&call.function].into_iter().chain(&call.arguments).chain(keywords).collect()
        }
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Bool2 { values, .. } => values.iter().collect(),
        ExprKind::Compare { left, rest } => [&**left].into_iter().chain(rest.iter().map(|(_, right)| right)).collect(),
        ExprKind::IfExp { test, body, orelse } => vec![test, body, orelse],
        ExprKind::Lambda { parameters, .. } => defaults(parameters).collect(),
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => items.iter().collect(),
        ExprKind::Dict(pairs) => pairs.iter().flat_map(|(key, value)| key.iter().chain([value])).collect(),
        ExprKind::Comprehension(parts) => {
            let clauses = parts
                .generators
                .iter()
                .flat_map(|clause| [&clause.target, &clause.iter].into_iter().chain(&clause.conditions));
            [&parts.element].into_iter().chain(&parts.value).chain(clauses).collect()
        }
        ExprKind::Yield(value) => value.iter().map(|expr| &**expr).collect(),
        ExprKind::Name(_)
        | ExprKind::None
        | ExprKind::Ellipsis
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::BigInt(_)
        | ExprKind::Float(_)
        | ExprKind::Imaginary(_)
        | ExprKind::Str(_)
        | ExprKind::Bytes(_)
        | ExprKind::Unreadable => Vec::new(),
    }
}

fn string_part(part: &FStringPart) -> Vec<&Expr> {
    match part {
        FStringPart::Literal(_) => Vec::new(),
        FStringPart::Value { value, spec, .. } => {
            [value].into_iter().chain(spec.iter().flat_map(string_part)).collect()
        }
    }
}
