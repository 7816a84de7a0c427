//! COL002: a test, a test method or a test class that is defined again in the same place: the first never runs.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::{Facts, Sink, declare_rule};
use crate::base::span::Span;
use crate::diagnostic::Label;
use crate::pytest::notes::Patterns;
use crate::pytest::verdict::Verdict;
use crate::summary::program::{Expr, ExprKind, Op, OpKind};
use crate::summary::{ProgramId, Summary, expressions};

declare_rule!(
    LostTest,
    "COL002",
    "lost-test",
    Warning,
    on,
    "a test is defined again under its name: the first never runs",
    check
);

fn check(facts: &Facts, sink: &mut Sink) {
    for module in facts.collection.modules.iter().filter(|module| matches!(module.verdict, Verdict::Collected)) {
        let Some(summary) = facts.summary(&module.file) else { continue };
        let program = summary.program(ProgramId::MODULE);
        let mut search = Search { facts, sink, file: &module.file, summary: &summary };
        search.block(&program.body, None);
    }
}

struct Search<'a, 's> {
    facts: &'a Facts<'a>,
    sink: &'s mut Sink,
    file: &'a Path,
    summary: &'a Summary,
}

/// A definition that a later one may replace.
struct Known {
    at: usize,
    span: Span,
}

impl Search<'_, '_> {
    fn patterns(&self) -> &Patterns {
        &self.facts.collection.notes.patterns
    }

    /// The statements of a module, or of a class that is collected.
    fn block(&mut self, body: &[Op], class: Option<(&str, bool)>) {
        let mut known: FxHashMap<String, Known> = FxHashMap::default();
        for (at, op) in body.iter().enumerate() {
            let found = match &op.kind {
                OpKind::FunctionDef(def) => {
                    let name = self.summary.text(def.name);
                    let method = class.is_some_and(|(_, unittest)| unittest) && name.starts_with("test");
                    let wanted =
                        method || self.patterns().function(name) && !class.is_some_and(|(_, unittest)| unittest);
                    (wanted && self.are_plain(&def.decorators)).then_some((name, def.name_span))
                }
                OpKind::ClassDef(def) => {
                    let name = self.summary.text(def.name);
                    let unittest = def.bases.iter().any(|base| self.is_test_case(base));
                    let wanted = unittest || self.patterns().class(name);
                    if wanted {
                        self.block(&def.body, Some((name, unittest)));
                    }
                    let plain = wanted && self.are_plain(&def.decorators) && self.holds_tests(&def.body, unittest);
                    plain.then_some((name, def.name_span))
                }
                _ => None,
            };
            let Some((name, span)) = found else { continue };
            if let Some(first) = known.get(name)
                && !self.is_used(&body[first.at + 1..=at], name)
            {
                self.report(name, class.map(|(class, _)| class), first.span, span);
            }
            known.insert(name.to_owned(), Known { at, span });
        }
    }

    fn is_test_case(&self, base: &Expr) -> bool {
        match &base.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.summary.text(*name).ends_with("TestCase"),
            _ => false,
        }
    }

    fn holds_tests(&self, body: &[Op], unittest: bool) -> bool {
        body.iter().any(|op| match &op.kind {
            OpKind::FunctionDef(def) => {
                let name = self.summary.text(def.name);
                if unittest { name.starts_with("test") } else { self.patterns().function(name) }
            }
            _ => false,
        })
    }

    /// Decorators that leave a test what it is; others may keep the first definition somewhere.
    fn are_plain(&self, decorators: &[Expr]) -> bool {
        const PLAIN: &[&str] =
            &["pytest", "mock", "patch", "unittest", "staticmethod", "classmethod", "given", "settings"];
        decorators.iter().all(|decorator| self.root(decorator).is_some_and(|root| PLAIN.contains(&root)))
    }

    fn root(&self, expr: &Expr) -> Option<&str> {
        match &expr.kind {
            ExprKind::Name(name) => Some(self.summary.text(*name)),
            ExprKind::Attribute { value, .. } => self.root(value),
            ExprKind::Call(call) => self.root(&call.function),
            _ => None,
        }
    }

    /// Whether statements between the two do something with the first.
    fn is_used(&self, between: &[Op], name: &str) -> bool {
        let mut used = false;
        crate::summary::program::walk(between, &mut |op| {
            used |= matches!(&op.kind, OpKind::Delete(_));
            expressions::each(op, &mut |expr| {
                used |= matches!(expr.kind, ExprKind::Name(sym) if self.summary.text(sym) == name);
            });
        });
        used
    }

    fn report(&mut self, name: &str, class: Option<&str>, first: Span, second: Span) {
        let place = self.facts.place(self.file, first);
        let again = self.facts.place(self.file, second);
        let shown = class.map_or_else(|| name.to_owned(), |class| format!("{class}.{name}"));
        let what = format!("{shown} is defined again at line {}: this one never runs", again.line);
        let mut finding = self.sink.finding(place, what);
        finding.subject = shown;
        finding.label = "never runs".to_owned();
        finding.related.push(Label { place: again, text: "replaces it".to_owned() });
        finding.help.push("give one of the two another name".to_owned());
        self.sink.push(finding);
    }
}
