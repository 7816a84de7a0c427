//! Hooks of the project that change which items there are: what their code may touch, read without running it.

use rustc_hash::FxHashSet;

use super::live::{Truths, live};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::Value;
use crate::summary::Summary;
use crate::summary::program::{BinaryOp, Call, Expr, ExprKind, Op, OpKind, Program, blocks};

/// What a `pytest_generate_tests` may parametrize.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Generates {
    /// Functions that request one of these names.
    Names(FxHashSet<Name>),
    /// Any function.
    Anything,
}

impl Generates {
    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Names(FxHashSet::default())
    }

    /// What either may parametrize.
    pub fn add(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Names(names), Self::Names(more)) => names.extend(more),
            (_, Self::Anything) => *self = Self::Anything,
            (Self::Anything, _) => {}
        }
    }

    /// Whether a function with this closure may be parametrized.
    #[must_use]
    pub fn touches(&self, closure: &[Name]) -> bool {
        match self {
            Self::Names(names) => closure.iter().any(|name| names.contains(name)),
            Self::Anything => true,
        }
    }
}

/// Reads a `pytest_generate_tests`.
pub fn generates(machine: &mut Machine<'_>, hook: &Value) -> Generates {
    let Some(calls) = calls(machine, hook) else { return Generates::Anything };
    let mut names = FxHashSet::default();
    for call in calls {
        match call {
            Found::Parametrize(Some(text)) => {
                names.extend(text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Name::new));
            }
            Found::Parametrize(None) | Found::Escapes => return Generates::Anything,
            Found::Other => {}
        }
    }
    Generates::Names(names)
}

/// What a call inside a hook means.
enum Found {
    /// `metafunc.parametrize`, with its names where they are written out.
    Parametrize(Option<String>),
    /// The hook's argument is handed on.
    Escapes,
    /// Nothing to us.
    Other,
}

/// A hook's code.
struct Body {
    summary: std::sync::Arc<Summary>,
    program: std::sync::Arc<Program>,
    /// Name of its first argument.
    first: String,
}

fn body(machine: &mut Machine<'_>, hook: &Value) -> Option<Body> {
    let id = match hook {
        Value::Function(id) => *id,
        Value::Descriptor(_, inner) => match &**inner {
            Value::Function(id) => *id,
            _ => return None,
        },
        _ => return None,
    };
    let summary = std::sync::Arc::clone(machine.unit(machine.state().functions[id].unit).1);
    let parameters = machine.signature(id)?;
    let first =
        parameters.iter().map(|parameter| summary.text(parameter.name)).find(|name| !matches!(*name, "self" | "cls"));
    let first = first.unwrap_or_default().to_owned();
    let (summary, program) = machine.body(id)?;
    Some(Body { summary, program, first })
}

fn calls(machine: &mut Machine<'_>, hook: &Value) -> Option<Vec<Found>> {
    let Body { summary, program, first } = body(machine, hook)?;
    let mut found = Vec::new();
    each_call(&program.body, &mut |call| found.push(classify(&summary, call, &first)));
    Some(found)
}

fn classify(summary: &Summary, call: &Call, first: &str) -> Found {
    if let ExprKind::Attribute { value, name, .. } = &call.function.kind
        && summary.text(*name) == "parametrize"
        && is_name(summary, value, first)
    {
        let named = call.keywords.iter().find(|(key, _)| key.is_some_and(|key| summary.text(key) == "argnames"));
        let names = call.arguments.first().or(named.map(|(_, value)| value));
        return Found::Parametrize(names.and_then(|expr| literal_names(summary, expr)));
    }
    let handed = call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value));
    if handed.into_iter().any(|expr| is_name(summary, expr, first)) && !is_inspection(summary, &call.function) {
        return Found::Escapes;
    }
    Found::Other
}

/// `hasattr(metafunc, ...)` and the like change nothing.
fn is_inspection(summary: &Summary, function: &Expr) -> bool {
    matches!(&function.kind, ExprKind::Name(name)
        if matches!(summary.text(*name), "hasattr" | "getattr" | "isinstance" | "print" | "repr" | "str" | "id" | "len" | "list" | "sorted" | "enumerate"))
}

fn is_name(summary: &Summary, expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if summary.text(*name) == wanted)
}

fn literal_names(summary: &Summary, expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Str(text) => Some(summary.text(*text).to_owned()),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            let names: Option<Vec<_>> = items.iter().map(|item| literal_names(summary, item)).collect();
            Some(names?.join(","))
        }
        _ => None,
    }
}

/// Whether a `pytest_collection_modifyitems` may take items away or add some.
pub fn changes_membership(machine: &mut Machine<'_>, hook: &Value, options: &Truths) -> bool {
    let Some(Body { summary, program, .. }) = body(machine, hook) else { return true };
    let body = &program.body;
    let mut changes = false;
    live(&summary, body, options, &mut |op| {
        if let OpKind::Assign { value, .. } = &op.kind
            && is_rearranged(&summary, value)
        {
            return;
        }
        let targets: Vec<&Expr> = match &op.kind {
            OpKind::Assign { targets, .. } => targets.iter().collect(),
            OpKind::AugAssign { target, .. } => vec![target],
            OpKind::Delete(targets) => targets.iter().collect(),
            _ => return,
        };
        changes |= targets.into_iter().any(|target| match &target.kind {
            ExprKind::Subscript { value, .. } => is_name(&summary, value, "items"),
            ExprKind::Name(name) => matches!(op.kind, OpKind::AugAssign { .. }) && summary.text(*name) == "items",
            _ => false,
        });
    });
    each_live_call(&summary, body, options, &mut |call| {
        if let ExprKind::Attribute { value, name, .. } = &call.function.kind {
            let method = summary.text(*name);
            let changing = matches!(method, "remove" | "clear" | "pop" | "insert" | "append" | "extend");
            changes |= changing && is_name(&summary, value, "items") || method == "pytest_deselected";
        }
        let passed = call.arguments.iter().any(|argument| is_name(&summary, argument, "items"));
        // Methods and plugins get the list to look at it; a helper of the conftest may well change it.
        let helper = matches!(call.function.kind, ExprKind::Name(_));
        changes |= passed && helper && !is_inspection(&summary, &call.function);
    });
    changes
}

/// Whether a `pytest_collection_modifyitems` may put the items into another order.
pub fn changes_order(machine: &mut Machine<'_>, hook: &Value, options: &Truths) -> bool {
    let Some(Body { summary, program, .. }) = body(machine, hook) else { return true };
    let mut changes = false;
    live(&summary, &program.body, options, &mut |op| {
        if let OpKind::Assign { targets, .. } = &op.kind {
            let whole = |target: &Expr| matches!(&target.kind, ExprKind::Subscript { value, .. } if is_name(&summary, value, "items"));
            changes |= targets.iter().any(whole);
        }
    });
    each_live_call(&summary, &program.body, options, &mut |call| {
        changes |= match &call.function.kind {
            ExprKind::Attribute { value, name, .. } => {
                is_name(&summary, value, "items") && matches!(summary.text(*name), "sort" | "reverse")
                    || summary.text(*name) == "shuffle"
                        && call.arguments.iter().any(|own| is_name(&summary, own, "items"))
            }
            ExprKind::Name(_) => {
                call.arguments.iter().any(|own| is_name(&summary, own, "items"))
                    && !is_inspection(&summary, &call.function)
            }
            _ => false,
        };
    });
    changes
}

/// `sorted(items)`, `slow + fast`: all items in another order, as far as the text shows.
fn is_rearranged(summary: &Summary, value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Call(call) => {
            matches!(&call.function.kind,
            ExprKind::Name(name) if matches!(summary.text(*name), "sorted" | "reversed" | "list"))
                && call
                    .arguments
                    .first()
                    .is_some_and(|first| is_name(summary, first, "items") || is_rearranged(summary, first))
        }
        ExprKind::Binary { left, right, op: BinaryOp::Add } => {
            let part = |expr: &Expr| matches!(expr.kind, ExprKind::Name(_)) || is_rearranged(summary, expr);
            part(left) && part(right)
        }
        _ => false,
    }
}

/// Whether a hook adds marks to tests, changes what they ask for, or skips them.
pub fn changes_marks(machine: &mut Machine<'_>, hook: &Value) -> bool {
    let Some(Body { summary, program, .. }) = body(machine, hook) else { return true };
    let mut found = false;
    each_call(&program.body, &mut |call| {
        found |= match &call.function.kind {
            ExprKind::Name(name) => matches!(summary.text(*name), "skip" | "xfail"),
            ExprKind::Attribute { name, .. } => {
                matches!(summary.text(*name), "add_marker" | "skip" | "xfail" | "append" | "insert" | "extend")
            }
            _ => true,
        };
    });
    found
}

/// Whether a `pytest_itemcollected` gives items other names.
pub fn renames(machine: &mut Machine<'_>, hook: &Value) -> bool {
    let Some(Body { summary, program, .. }) = body(machine, hook) else { return true };
    let mut found = false;
    each_op(&program.body, &mut |op| {
        let OpKind::Assign { targets, .. } = &op.kind else { return };
        found |= targets.iter().any(|target| matches!(&target.kind,
            ExprKind::Attribute { name, .. } if matches!(summary.text(*name), "_nodeid" | "nodeid" | "name" | "originalname")));
    });
    found
}

/// The text that a hook assigns to `config.option.markexpr`.
pub fn mark_expression(machine: &mut Machine<'_>, hook: &Value) -> Option<String> {
    let Body { summary, program, .. } = body(machine, hook)?;
    let mut found = None;
    each_op(&program.body, &mut |op| {
        let OpKind::Assign { targets, value } = &op.kind else { return };
        let is_option = |target: &Expr| {
            matches!(&target.kind,
            ExprKind::Attribute { name, .. } if summary.text(*name) == "markexpr")
        };
        if let ExprKind::Str(text) = &value.kind
            && targets.iter().any(is_option)
        {
            found = Some(summary.text(*text).to_owned());
        }
    });
    found
}

fn each_op<'a>(block: &'a [Op], visit: &mut dyn FnMut(&'a Op)) {
    crate::summary::program::walk(block, visit);
}

fn each_live_call<'a>(summary: &Summary, block: &'a [Op], options: &Truths, visit: &mut dyn FnMut(&'a Call)) {
    live(summary, block, options, &mut |op| calls_of(op, visit));
}

fn calls_of<'a>(op: &'a Op, visit: &mut dyn FnMut(&'a Call)) {
    crate::summary::expressions::each(op, &mut |expr| {
        if let ExprKind::Call(call) = &expr.kind {
            visit(call);
        }
    });
}

fn each_call<'a>(block: &'a [Op], visit: &mut dyn FnMut(&'a Call)) {
    for op in block {
        calls_of(op, visit);
        for nested in blocks(op) {
            each_call(nested, visit);
        }
    }
}
