//! Messages about what cannot be assigned to or deleted. (the `invalid_assignment` family of the grammar)

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::{Mode, ParseErrorType, ParseOptions, parse_unchecked};

use super::explain::{Reading, Said, said};
use super::judge::Event;

/// What CPython says about a wrong target.
pub(super) fn explain(reading: &Reading<'_>, error: &ParseErrorType, event: &Event) -> Option<Said> {
    let start = event.span.start as usize;
    let target = expression(reading.text.get(start..event.span.end as usize)?)?;
    let (what, offset) = (describe(&target, reading.minor), start);
    let at = offset;
    if matches!(error, ParseErrorType::InvalidAssignmentTarget)
        && matches!(target, Expr::Yield(_) | Expr::YieldFrom(_))
        && !reading.text[start..].starts_with('(')
        && !reading.text[..start].ends_with('(')
    {
        return Some(said("assignment to yield expression not possible", at));
    }
    match error {
        ParseErrorType::InvalidDeleteTarget => Some(said(format!("cannot delete {what}"), at)),
        ParseErrorType::InvalidAugmentedAssignmentTarget => {
            if reading.minor == 8 {
                let is_display = matches!(target, Expr::Tuple(_) | Expr::List(_));
                let message = format!("cannot assign to {what}");
                return Some(said(
                    if is_display { "illegal expression for augmented assignment".into() } else { message },
                    at,
                ));
            }
            Some(said(format!("'{what}' is an illegal expression for augmented assignment"), at))
        }
        ParseErrorType::InvalidAnnotatedAssignmentTarget => Some(said("illegal target for annotation", at)),
        ParseErrorType::InvalidNamedAssignmentTarget => {
            Some(said(format!("cannot use assignment expressions with {what}"), at))
        }
        ParseErrorType::InvalidAssignmentTarget => Some(said(assignment(reading, &target, what, start), at)),
        _ => None,
    }
}

/// From 3.10 on a single wrong target in front of `=` is taken for a comparison.
fn assignment(reading: &Reading<'_>, target: &Expr, what: &str, start: usize) -> String {
    let index = reading.token_at(start);
    let first = reading.line_start(index) == index;
    let plain = match target {
        Expr::UnaryOp(unary) => unary.op.is_not(),
        Expr::NoneLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::Compare(_)
        | Expr::BoolOp(_)
        | Expr::Lambda(_)
        | Expr::If(_)
        | Expr::List(_)
        | Expr::Tuple(_)
        | Expr::Generator(_) => true,
        _ => false,
    };
    if reading.minor >= 10 && first && !plain {
        return format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?");
    }
    format!("cannot assign to {what}")
}

/// The name of the expression that some tokens form.
pub(super) fn describe_tokens(reading: &Reading<'_>, first: usize, end: usize) -> Option<&'static str> {
    let start = reading.token(first)?.start;
    let stop = reading.token(end.checked_sub(1)?)?.end;
    let target = expression(reading.text.get(start..stop)?)?;
    Some(describe(&target, reading.minor))
}

fn expression(text: &str) -> Option<Expr> {
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module)).try_into_module()?;
    let mut suite = parsed.into_suite().into_iter();
    match suite.next()? {
        Stmt::Expr(expr) => Some(*expr.value),
        _ => None,
    }
}

/// `_PyPegen_get_expr_name`
fn describe(expr: &Expr, minor: u8) -> &'static str {
    match expr {
        Expr::Attribute(_) => "attribute",
        Expr::Subscript(_) => "subscript",
        Expr::Starred(_) => "starred",
        Expr::Name(_) => "name",
        Expr::List(_) => "list",
        Expr::Tuple(_) => "tuple",
        Expr::Lambda(_) => "lambda",
        Expr::Call(_) => "function call",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) if minor < 10 => "operator",
        Expr::BoolOp(_) | Expr::BinOp(_) | Expr::UnaryOp(_) => "expression",
        Expr::Generator(_) => "generator expression",
        Expr::Yield(_) | Expr::YieldFrom(_) => "yield expression",
        Expr::Await(_) => "await expression",
        Expr::ListComp(_) => "list comprehension",
        Expr::SetComp(_) => "set comprehension",
        Expr::DictComp(_) => "dict comprehension",
        Expr::Dict(_) if minor < 10 => "dict display",
        Expr::Dict(_) => "dict literal",
        Expr::Set(_) => "set display",
        Expr::FString(_) => "f-string expression",
        Expr::NoneLiteral(_) => "None",
        Expr::BooleanLiteral(value) if value.value => "True",
        Expr::BooleanLiteral(_) => "False",
        Expr::EllipsisLiteral(_) if minor < 10 => "Ellipsis",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::Compare(_) => "comparison",
        Expr::If(_) => "conditional expression",
        Expr::Named(_) => "named expression",
        _ => "literal",
    }
}
