//! Where a text says a name, and in which role: what an edit that moves or renames it must know. Read from the strict
//! judge's tree, which has the places of annotations and of names within f-strings too.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Alias, Expr, ExprContext, Keyword, Parameter, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange};

use super::judge;
use crate::base::span::Span;

/// One place where a name is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// The identifier.
    pub span: Span,
    /// What it is there.
    pub role: Role,
    /// The outermost function whose body it stands in, as an index into [`Mentions::functions`].
    pub function: Option<usize>,
}

/// What an identifier is where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A name that is read.
    Load,
    /// A name that is read in an annotation which is evaluated, if at all, when its definition is.
    Annotation,
    /// A parameter of a function or lambda.
    Parameter,
    /// An attribute or the keyword of an argument: not this name.
    Other,
    /// The name, or the alias, of an import.
    Import,
    /// Bound or declared in any other way.
    Bound,
    /// In a text: a forward reference, an entry of `__all__`, or prose.
    Text,
}

/// A function that stands in no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// The statement, without decorators.
    pub span: Span,
    /// The first statement of its body that is no docstring; none if there is none.
    pub first: Option<Span>,
}

/// All mentions of a name in a text, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The places.
    pub all: Vec<Mention>,
    /// The outermost functions of the text, methods included, in order.
    pub functions: Vec<Function>,
}

/// The mentions of a name; none if the text is not Python of any version.
#[must_use]
pub fn of(text: &str, name: &str) -> Option<Mentions> {
    let parsed = judge::shallow(text)?;
    let mut finder = Finder { name, found: Mentions::default(), function: None, annotation: false };
    finder.visit_body(parsed.suite());
    let Mentions { mut all, functions } = finder.found;
    let said = |range: TextRange| text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
    for token in parsed.tokens().iter() {
        let (place, words) = (span(token.range()), said(token.range()));
        let known = || all.iter().any(|mention| mention.span == place);
        let role = match token.kind() {
            TokenKind::Name if words == name && !known() => Role::Bound,
            TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle if holds_word(words, name) => {
                Role::Text
            }
            _ => continue,
        };
        let around = |function: &Function| function.span.start <= place.start && place.end <= function.span.end;
        all.push(Mention { span: place, role, function: functions.iter().position(around) });
    }
    all.sort_by_key(|mention| mention.span);
    Some(Mentions { all, functions })
}

/// Whether a text holds a word, with nothing of a word on either side of it.
fn holds_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

struct Finder<'n> {
    name: &'n str,
    found: Mentions,
    function: Option<usize>,
    annotation: bool,
}

impl Finder<'_> {
    fn note(&mut self, name: &str, range: TextRange, role: Role) {
        if name == self.name {
            self.found.all.push(Mention { span: span(range), role, function: self.function });
        }
    }

    /// Decorators, defaults and annotations belong to what is around the function.
    fn function(&mut self, def: &StmtFunctionDef) {
        def.decorator_list.iter().for_each(|decorator| self.visit_decorator(decorator));
        self.visit_parameters(&def.parameters);
        if let Some(returns) = &def.returns {
            self.visit_annotation(returns);
        }
        self.note(&def.name, def.name.range(), Role::Bound);
        let outer = self.function;
        self.function = outer.or_else(|| Some(self.begin(def)));
        self.visit_body(&def.body);
        self.function = outer;
    }

    fn begin(&mut self, def: &StmtFunctionDef) -> usize {
        let is_docstring = |stmt: &&Stmt| matches!(stmt, Stmt::Expr(stmt) if stmt.value.is_string_literal_expr());
        let skipped = usize::from(def.body.first().as_ref().is_some_and(is_docstring));
        let start = def.decorator_list.last().map_or(def.start(), Ranged::end);
        let whole = Span::new(start.to_u32(), def.end().to_u32());
        self.found
            .functions
            .push(Function { span: whole, first: def.body.get(skipped).map(|stmt| span(stmt.range())) });
        self.found.functions.len() - 1
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.function(def),
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_annotation(&mut self, expr: &'a Expr) {
        // Those of a body's own variables are never evaluated.
        let outer = std::mem::replace(&mut self.annotation, self.function.is_none());
        self.visit_expr(expr);
        self.annotation = outer;
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                let role = match name.ctx {
                    ExprContext::Load if self.annotation => Role::Annotation,
                    ExprContext::Load => Role::Load,
                    _ => Role::Bound,
                };
                self.note(&name.id, name.range(), role);
            }
            Expr::Attribute(attribute) => self.note(&attribute.attr, attribute.attr.range(), Role::Other),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_keyword(&mut self, keyword: &'a Keyword) {
        if let Some(name) = &keyword.arg {
            self.note(name, name.range(), Role::Other);
        }
        visitor::walk_keyword(self, keyword);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.note(&parameter.name, parameter.name.range(), Role::Parameter);
        visitor::walk_parameter(self, parameter);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        self.note(&alias.name, alias.name.range(), Role::Import);
        if let Some(name) = &alias.asname {
            self.note(name, name.range(), Role::Import);
        }
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_u32(), range.end().to_u32())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Vec<(Role, Option<usize>)> {
        let found = of(text, "x").expect("is Python");
        found.all.iter().map(|mention| (mention.role, mention.function)).collect()
    }

    #[test]
    fn every_mention_has_its_role() {
        assert_eq!(roles("from a import x\n"), [(Role::Import, None)]);
        assert_eq!(roles("import b as x\nx.y\ny.x\n"), [(Role::Import, None), (Role::Load, None), (Role::Other, None)]);
        assert_eq!(roles("f(x=x)\n"), [(Role::Other, None), (Role::Load, None)]);
        assert_eq!(roles("'x'\n'xy'\nb'x'\n"), [(Role::Text, None), (Role::Text, None)]);
        assert_eq!(roles("f'{x} x'\n"), [(Role::Load, None), (Role::Text, None)]);
        assert_eq!(roles("for x in y: ...\n"), [(Role::Bound, None)]);
        assert_eq!(roles("try: ...\nexcept A as x: ...\n"), [(Role::Bound, None)]);
        assert_eq!(roles("def f():\n    global x\n"), [(Role::Bound, Some(0))]);
        assert_eq!(
            roles("@x\ndef f(a: x = x) -> x:\n    y: x = x\n    def g(x): ...\n"),
            [
                (Role::Load, None),
                (Role::Annotation, None),
                (Role::Load, None),
                (Role::Annotation, None),
                (Role::Load, Some(0)),
                (Role::Load, Some(0)),
                (Role::Parameter, Some(0))
            ]
        );
        assert_eq!(of("def f(:\n", "x"), None);
    }

    #[test]
    fn bodies_begin_behind_their_docstring() {
        let text = "class A:\n    def f(self):\n        '''Doc.'''\n        return 1\n\n\ndef g(): '''Doc.'''\n";
        let first = |function: &Function| function.first.map(|at| &text[at.start as usize..at.end as usize]);
        let found: Vec<_> = of(text, "x").expect("is Python").functions.iter().map(first).collect();
        assert_eq!(found, [Some("return 1"), None]);
    }
}
