//! What a module's body binds, as written: names, how, and under which guard. Nothing is executed; this serves
//! suggestions, re-exports and the `exports` command.

use crate::base::span::Span;
use crate::summary::program::{Expr, ExprKind, Op, OpKind};
use crate::summary::{ProgramId, Summary};

/// The bindings of one module body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports {
    /// Bindings in source order.
    pub bindings: Vec<Binding>,
    /// Star imports in source order.
    pub stars: Vec<Star>,
    /// `__all__`, where every part of it is a literal.
    pub all: Option<Vec<String>>,
    /// Where the names of `__all__` are spelt, as far as they are.
    pub all_spans: Vec<(String, Span)>,
    /// Names that a statement takes away again, in source order.
    pub unbound: Vec<Unbound>,
    /// Why there may be names that cannot be listed.
    pub open: Option<&'static str>,
}

/// One name bound at module level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// What binds it.
    pub how: How,
    /// When it is bound.
    pub guard: Guard,
    /// The conditions it stands under, outermost first.
    pub branches: Vec<Branch>,
}

/// One side of an `if` statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branch {
    /// The condition of the arm; for `else` that of the last arm.
    pub test: Span,
    /// The `else` side.
    pub otherwise: bool,
}

/// A name that a statement takes away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbound {
    /// The name.
    pub name: String,
    /// Where it was bound.
    pub bound: Span,
    /// The statement.
    pub span: Span,
    /// How.
    pub how: Removal,
}

/// How a name is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// `del name`
    Delete,
    /// `except ... as name`, which ends with the clause.
    Except,
}

/// What binds a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// `def`
    Function,
    /// `class`
    Class,
    /// Assignment, loop, `with`, `except`, `match`.
    Value,
    /// `import a.b` binds `a`, `import a.b as c` binds `a.b`.
    Module {
        /// The module that the name stands for.
        module: String,
    },
    /// `from module import name`
    Import {
        /// Leading dots.
        level: u32,
        /// Behind the dots.
        module: String,
        /// The name there.
        name: String,
    },
}

/// A star import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Star {
    /// Leading dots.
    pub level: u32,
    /// Behind the dots.
    pub module: String,
    /// The statement.
    pub span: Span,
}

/// When a binding happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Whenever the module runs.
    Always,
    /// Under a condition, or in a `try`.
    Sometimes,
    /// Under `if TYPE_CHECKING`: for type checkers only.
    TypeChecking,
    /// Under `if __name__ == "__main__"`: never on import.
    Main,
}

impl Guard {
    /// Whether an import may see the binding.
    #[must_use]
    pub const fn runs(self) -> bool {
        matches!(self, Self::Always | Self::Sometimes)
    }
}

impl Exports {
    /// The bindings of a summary's module program.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let program = summary.program(ProgramId::MODULE);
        let mut reader = Reader { summary, exports: Self::default(), all_known: true, branches: Vec::new() };
        reader.block(&program.body, Guard::Always);
        if !reader.all_known {
            reader.exports.all = None;
        }
        reader.exports
    }
}

struct Reader<'a> {
    summary: &'a Summary,
    exports: Exports,
    all_known: bool,
    branches: Vec<Branch>,
}

impl Reader<'_> {
    fn text(&self, sym: crate::summary::Sym) -> String {
        self.summary.text(sym).to_owned()
    }

    fn bind(&mut self, name: String, span: Span, how: How, guard: Guard) {
        if name == "__getattr__" && how == How::Function {
            self.exports.open = Some("module __getattr__");
        }
        self.exports.bindings.push(Binding { name, span, how, guard, branches: self.branches.clone() });
    }

    fn block(&mut self, block: &[Op], guard: Guard) {
        for op in block {
            self.op(op, guard);
        }
    }

    fn op(&mut self, op: &Op, guard: Guard) {
        match &op.kind {
            OpKind::Import { module, alias } => self.import(op.span, *module, *alias, guard),
            OpKind::ImportFrom { level, module, names, star } => {
                let module = self.text(*module);
                if *star {
                    self.exports.stars.push(Star { level: *level, module, span: op.span });
                    return;
                }
                for name in names {
                    let bound = self.text(name.alias.unwrap_or(name.name));
                    let how = How::Import { level: *level, module: module.clone(), name: self.text(name.name) };
                    self.bind(bound, name.span, how, guard);
                }
            }
            OpKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.target(target, guard));
                self.all(targets, value, false);
                self.expression(value);
            }
            OpKind::AugAssign { target, value, .. } => self.all(std::slice::from_ref(target), value, true),
            OpKind::AnnAssign { target, value: Some(value), .. } => {
                self.target(target, guard);
                self.all(std::slice::from_ref(target), value, false);
            }
            OpKind::Expr(value) => self.expression(value),
            OpKind::FunctionDef(def) => self.bind(self.text(def.name), def.name_span, How::Function, guard),
            OpKind::ClassDef(def) => self.bind(self.text(def.name), def.name_span, How::Class, guard),
            OpKind::TypeAlias(name) => self.bind(self.text(*name), op.span, How::Value, guard),
            OpKind::Unreadable => self.exports.open = Some("text that cannot be read"),
            OpKind::Delete(targets) => targets.iter().for_each(|target| self.delete(op.span, target)),
            _ => self.compound(op, guard),
        }
    }

    fn compound(&mut self, op: &Op, guard: Guard) {
        let inner = guard.max(Guard::Sometimes);
        match &op.kind {
            OpKind::If { arms, orelse } => {
                for (test, block) in arms {
                    let arm = guard.max(self.guard_of(test));
                    self.branch(Branch { test: test.span, otherwise: false }, block, arm);
                }
                if let Some((test, _)) = arms.last() {
                    self.branch(Branch { test: test.span, otherwise: true }, orelse, inner);
                }
            }
            OpKind::With { items, body, .. } => {
                items.iter().filter_map(|(_, bound)| bound.as_ref()).for_each(|target| self.target(target, guard));
                self.block(body, guard);
            }
            OpKind::For { target, .. } => {
                self.target(target, inner);
                crate::summary::program::blocks(op).into_iter().for_each(|block| self.block(block, inner));
            }
            OpKind::Match { cases, .. } => {
                for case in cases {
                    for name in &case.binds {
                        self.bind(self.text(*name), op.span, How::Value, inner);
                    }
                    self.block(&case.body, inner);
                }
            }
            OpKind::Try(parts) => {
                for handler in &parts.handlers {
                    if let Some(name) = handler.name {
                        let (name, span) = (self.text(name), handler.span);
                        self.exports.unbound.push(Unbound { name, bound: span, span, how: Removal::Except });
                    }
                }
                crate::summary::program::blocks(op).into_iter().for_each(|block| self.block(block, inner));
            }
            OpKind::While { .. } => {
                crate::summary::program::blocks(op).into_iter().for_each(|block| self.block(block, inner));
            }
            _ => {}
        }
    }

    fn branch(&mut self, branch: Branch, block: &[Op], guard: Guard) {
        self.branches.push(branch);
        self.block(block, guard);
        self.branches.pop();
    }

    fn import(&mut self, span: Span, module: crate::summary::Sym, alias: Option<crate::summary::Sym>, guard: Guard) {
        let module = self.text(module);
        let top = module.split('.').next().unwrap_or("").to_owned();
        match alias {
            Some(alias) => self.bind(self.text(alias), span, How::Module { module }, guard),
            None => self.bind(top.clone(), span, How::Module { module: top }, guard),
        }
    }

    fn target(&mut self, target: &Expr, guard: Guard) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(self.text(*name), target.span, How::Value, guard),
            ExprKind::Tuple(parts) | ExprKind::List(parts) => parts.iter().for_each(|part| self.target(part, guard)),
            ExprKind::Starred(inner) => self.target(inner, guard),
            ExprKind::Subscript { value, .. } => {
                if self.is_call_of(value, &["globals", "vars", "locals"]) {
                    self.exports.open = Some("globals()");
                } else if self.dotted(value).as_deref() == Some("sys.modules") {
                    self.exports.open = Some("sys.modules");
                }
            }
            _ => {}
        }
    }

    fn delete(&mut self, span: Span, target: &Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                let name = self.text(*name);
                if let Some(bound) = self.exports.bindings.iter().rev().find(|binding| binding.name == name) {
                    let bound = bound.span;
                    let unbound = Unbound { name: name.clone(), bound, span, how: Removal::Delete };
                    self.exports.unbound.push(unbound);
                }
                self.exports.bindings.retain(|binding| binding.name != name);
            }
            ExprKind::Tuple(parts) | ExprKind::List(parts) => parts.iter().for_each(|part| self.delete(span, part)),
            _ => {}
        }
    }

    /// Calls that write names nobody can list.
    fn expression(&mut self, value: &Expr) {
        let ExprKind::Call(call) = &value.kind else { return };
        if self.is_call_of(value, &["exec"]) {
            self.exports.open = Some("exec()");
        }
        let ExprKind::Attribute { value: receiver, name, .. } = &call.function.kind else { return };
        let method = self.text(*name);
        if method == "update" && self.is_call_of(receiver, &["globals", "vars", "locals"]) {
            self.exports.open = Some("globals().update()");
        }
        if let ExprKind::Name(name) = &receiver.kind
            && self.text(*name) == "__all__"
        {
            let added = call.arguments.first().and_then(|argument| match method.as_str() {
                "append" => self.strings(argument).filter(|one| one.len() == 1),
                "extend" => self.strings(argument),
                _ => None,
            });
            call.arguments.iter().for_each(|argument| self.spell(argument));
            self.add_to_all(added);
        }
    }

    fn all(&mut self, targets: &[Expr], value: &Expr, adds: bool) {
        let is_all = |target: &Expr| matches!(&target.kind, ExprKind::Name(n) if self.text(*n) == "__all__");
        if !targets.iter().any(is_all) {
            return;
        }
        let listed = self.strings(value);
        if !adds {
            self.exports.all_spans.clear();
            self.exports.all = None;
            self.all_known = true;
        }
        self.spell(value);
        self.add_to_all(listed);
    }

    /// Remembers where the names of a list stand.
    fn spell(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Str(text) => {
                let text = self.text(*text);
                self.exports.all_spans.push((text, value.span));
            }
            ExprKind::List(parts) | ExprKind::Tuple(parts) => parts.iter().for_each(|part| self.spell(part)),
            ExprKind::Binary { left, right, .. } => {
                self.spell(left);
                self.spell(right);
            }
            _ => {}
        }
    }

    fn add_to_all(&mut self, added: Option<Vec<String>>) {
        match added {
            Some(names) => self.exports.all.get_or_insert_default().extend(names),
            None => self.all_known = false,
        }
    }

    fn strings(&self, value: &Expr) -> Option<Vec<String>> {
        match &value.kind {
            ExprKind::Str(text) => Some(vec![self.text(*text)]),
            ExprKind::List(parts) | ExprKind::Tuple(parts) => {
                let texts = parts.iter().map(|part| match &part.kind {
                    ExprKind::Str(text) => Some(self.text(*text)),
                    _ => None,
                });
                texts.collect()
            }
            ExprKind::Binary { left, op: crate::summary::program::BinaryOp::Add, right } => {
                let (mut left, right) = (self.strings(left)?, self.strings(right)?);
                left.extend(right);
                Some(left)
            }
            _ => None,
        }
    }

    fn guard_of(&self, test: &Expr) -> Guard {
        let last = self.dotted(test);
        if last.as_deref().is_some_and(|name| name.rsplit('.').next() == Some("TYPE_CHECKING")) {
            return Guard::TypeChecking;
        }
        if let ExprKind::Compare { left, .. } = &test.kind
            && matches!(&left.kind, ExprKind::Name(name) if self.text(*name) == "__name__")
        {
            return Guard::Main;
        }
        Guard::Sometimes
    }

    fn is_call_of(&self, value: &Expr, names: &[&str]) -> bool {
        let ExprKind::Call(call) = &value.kind else { return false };
        matches!(&call.function.kind, ExprKind::Name(name) if names.contains(&self.summary.text(*name)))
    }

    /// `a.b.c` as text.
    fn dotted(&self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Name(name) => Some(self.text(*name)),
            ExprKind::Attribute { value, name, .. } => Some(format!("{}.{}", self.dotted(value)?, self.text(*name))),
            _ => None,
        }
    }
}
