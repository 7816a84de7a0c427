//! The statements of a hook that can run, given the options of the command line: code behind `if config.getoption("--slow"):` is
//! dead where nobody gives the option.

use std::collections::BTreeMap;

use super::view;
use crate::machine::state::State;
use crate::machine::value::Value;
use crate::summary::Summary;
use crate::summary::program::{Call, Expr, ExprKind, Op, OpKind, UnaryOp, blocks, walk};

/// Options by every name that code may ask for: whether each counts as true. One that is not known is not among them.
pub(super) type Truths = BTreeMap<String, bool>;

/// What the options come to in conditions.
pub(super) fn truths(state: &State, options: &[(String, Value)]) -> Truths {
    let truth = |(name, value): &(String, Value)| Some((name.clone(), view::truth(state, value)?));
    options.iter().filter_map(truth).collect()
}

/// Visits each statement that may run.
pub(super) fn live<'a>(summary: &Summary, body: &'a [Op], options: &Truths, visit: &mut dyn FnMut(&'a Op)) {
    let mut assigned: BTreeMap<&str, Vec<&Expr>> = BTreeMap::new();
    walk(body, &mut |op| match &op.kind {
        OpKind::Assign { targets, value } => {
            for target in targets {
                if let ExprKind::Name(name) = &target.kind {
                    assigned.entry(summary.text(*name)).or_default().push(value);
                }
            }
        }
        OpKind::AugAssign { target, value, .. } | OpKind::For { target, iter: value, .. } => {
            if let ExprKind::Name(name) = &target.kind {
                // Twice, so that it stands for no option.
                assigned.entry(summary.text(*name)).or_default().extend([value, value]);
            }
        }
        _ => {}
    });
    Reader { summary, options, assigned }.block(body, visit);
}

struct Reader<'s> {
    summary: &'s Summary,
    options: &'s Truths,
    /// What is assigned to each local name.
    assigned: BTreeMap<&'s str, Vec<&'s Expr>>,
}

impl Reader<'_> {
    /// Whether the end of the block can be reached.
    fn block<'a>(&self, block: &'a [Op], visit: &mut dyn FnMut(&'a Op)) -> bool {
        block.iter().all(|op| {
            visit(op);
            self.nested(op, visit)
        })
    }

    fn nested<'a>(&self, op: &'a Op, visit: &mut dyn FnMut(&'a Op)) -> bool {
        match &op.kind {
            OpKind::If { arms, orelse } => {
                let mut goes_on = false;
                for (test, block) in arms {
                    let truth = self.truth(test, 0);
                    if truth != Some(false) {
                        goes_on |= self.block(block, visit);
                    }
                    if truth == Some(true) {
                        return goes_on;
                    }
                }
                goes_on | self.block(orelse, visit)
            }
            OpKind::Return(_) | OpKind::Raise { .. } => false,
            _ => {
                for block in blocks(op) {
                    self.block(block, visit);
                }
                true
            }
        }
    }

    fn truth(&self, test: &Expr, depth: u32) -> Option<bool> {
        match &test.kind {
            _ if depth > 8 => None,
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.truth(operand, depth + 1).map(|truth| !truth),
            ExprKind::Bool2 { is_and, values } => {
                let mut truths = values.iter().map(|value| self.truth(value, depth + 1));
                let decides = Some(!is_and);
                if truths.clone().any(|truth| truth == decides) {
                    return decides;
                }
                truths.all(|truth| truth == Some(*is_and)).then_some(*is_and)
            }
            ExprKind::Named { value, .. } => self.truth(value, depth + 1),
            ExprKind::Name(name) => match self.assigned.get(self.summary.text(*name)).map(Vec::as_slice) {
                Some([value]) => self.truth(value, depth + 1),
                _ => None,
            },
            ExprKind::Call(call) => self.options.get(self.asked(call)?).copied(),
            ExprKind::Attribute { value, name, .. } => match &value.kind {
                ExprKind::Attribute { name: holder, .. } if self.summary.text(*holder) == "option" => {
                    self.options.get(self.summary.text(*name)).copied()
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The option that `config.getoption("...")` asks for.
    fn asked(&self, call: &Call) -> Option<&str> {
        let ExprKind::Attribute { name, .. } = &call.function.kind else { return None };
        if !matches!(self.summary.text(*name), "getoption" | "getvalue") {
            return None;
        }
        match call.arguments.first().map(|argument| &argument.kind) {
            Some(ExprKind::Str(text)) => Some(self.summary.text(*text)),
            _ => None,
        }
    }
}
