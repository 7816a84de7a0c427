//! The docstrings of a text that hold a prompt: those of the module, its classes and functions, wherever they stand.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use super::judge;
use crate::base::span::Span;

/// Docstrings with a prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Docstrings {
    /// The module's own.
    pub module: Option<String>,
    /// By the place of the name in a `def` or `class`, in order.
    definitions: Vec<(u32, String)>,
}

impl Docstrings {
    /// The docstring of the definition whose header this is.
    #[must_use]
    pub fn of(&self, header: Span) -> Option<&str> {
        let first = self.definitions.partition_point(|(at, _)| *at < header.start);
        let (at, text) = self.definitions.get(first)?;
        (*at < header.end).then_some(text.as_str())
    }

    /// Whether no definition has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.definitions.is_empty()
    }
}

/// The docstrings of a text; none if the text is not Python of any version.
#[must_use]
pub fn of(text: &str) -> Option<Docstrings> {
    let parsed = judge::shallow(text)?;
    let mut found = Docstrings { module: docstring(parsed.suite()), ..Docstrings::default() };
    Finder(&mut found.definitions).visit_body(parsed.suite());
    found.definitions.sort_by_key(|(at, _)| *at);
    Some(found)
}

struct Finder<'f>(&'f mut Vec<(u32, String)>);

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let found = match stmt {
            Stmt::FunctionDef(def) => docstring(&def.body).map(|text| (def.name.start(), text)),
            Stmt::ClassDef(def) => docstring(&def.body).map(|text| (def.name.start(), text)),
            _ => None,
        };
        self.0.extend(found.map(|(at, text)| (at.to_u32(), text)));
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

fn docstring(body: &[Stmt]) -> Option<String> {
    let Stmt::Expr(first) = body.first()? else { return None };
    let text = first.value.as_string_literal_expr()?.value.to_str();
    text.contains(">>>").then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::base::span::Span;

    #[test]
    fn docstrings_with_prompts_are_found_by_header() {
        let text = "'''>>> 1'''\nclass A:\n    '>>> 2'\n    def f(self): '>>> 3'\n    def g(self): 'no prompt'\n";
        let found = of(text).expect("valid");
        let header = |name: &str| {
            let start = text.find(name).expect("in the text");
            Span::new(start as u32, (start + text[start..].find(':').expect("a header")) as u32)
        };
        assert_eq!(found.module.as_deref(), Some(">>> 1"));
        assert_eq!(found.of(header("class A")), Some(">>> 2"));
        assert_eq!(found.of(header("def f")), Some(">>> 3"));
        assert_eq!(found.of(header("def g")), None);
    }
}
