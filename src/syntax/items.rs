//! Decorators to fixture definitions.

use std::hash::{Hash, Hasher};

use super::kinds::Kind;
use super::lower::Lowerer;
use super::scan::{self, Token};
use super::scope::ScopeKind;
use super::tree::NodeId;
use crate::python::version::PythonVersion;
use crate::summary::Sym;
use crate::summary::items::FixtureDef;
use crate::summary::program::{Call, Expr, ExprKind, FunctionDef, ParameterKind};

impl Lowerer<'_> {
    /// Notes the function if a decorator makes it a fixture.
    pub(super) fn note_fixture(&mut self, def: &FunctionDef, id: NodeId, whole: NodeId, conditional: bool) {
        // One that a call defines is no fixture of the file.
        if self.scopes.iter().any(|scope| scope.kind == ScopeKind::Function) {
            return;
        }
        let Some(decorator) = def.decorators.iter().find(|decorator| self.is_fixture(decorator)) else { return };
        let call = match &decorator.kind {
            ExprKind::Call(call) => Some(&**call),
            _ => None,
        };
        let function = call.map_or(decorator.span, |call| call.function.span);
        let as_written = self.symbols.slice(&self.text[function.start as usize..function.end as usize]);
        let (name, _) = self.literal(call, "name");
        let (scope, scope_unknown) = self.literal(call, "scope");
        let fixture = FixtureDef {
            function: def.name,
            name: name.unwrap_or(def.name),
            decorator: as_written,
            span: self.without_comments(whole),
            name_span: def.name_span,
            scope,
            scope_unknown,
            autouse: self.autouse(call),
            has_params: self.keyword(call, "params").is_some(),
            requests: self.requests(def),
            class: self.enclosing_class(),
            conditional,
            body: def.body,
            body_hash: self.hash_of(id),
        };
        self.items.fixtures.push(fixture);
    }

    fn is_fixture(&self, decorator: &Expr) -> bool {
        let function = match &decorator.kind {
            ExprKind::Call(call) => &call.function,
            _ => decorator,
        };
        match function.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => {
                matches!(self.symbols.get(name), "fixture" | "yield_fixture")
            }
            _ => false,
        }
    }

    fn keyword<'c>(&self, call: Option<&'c Call>, wanted: &str) -> Option<&'c Expr> {
        let named = |name: &Option<Sym>| name.is_some_and(|name| self.symbols.get(name) == wanted);
        call?.keywords.iter().find(|(name, _)| named(name)).map(|(_, value)| value)
    }

    /// The literal string of a keyword, and whether there is a value that is none.
    fn literal(&self, call: Option<&Call>, wanted: &str) -> (Option<Sym>, bool) {
        match self.keyword(call, wanted).map(|value| &value.kind) {
            Some(ExprKind::Str(text)) => (Some(*text), false),
            None | Some(ExprKind::None) => (None, false),
            Some(_) => (None, true),
        }
    }

    fn autouse(&self, call: Option<&Call>) -> Option<bool> {
        match self.keyword(call, "autouse").map(|value| &value.kind) {
            None => Some(false),
            Some(ExprKind::Bool(value)) => Some(*value),
            Some(_) => None,
        }
    }

    fn requests(&self, def: &FunctionDef) -> Vec<Sym> {
        let is_static = def.decorators.iter().any(|decorator| match decorator.kind {
            ExprKind::Name(name) => self.symbols.get(name) == "staticmethod",
            _ => false,
        });
        let in_class = self.scopes.last().is_some_and(|scope| scope.kind == ScopeKind::Class);
        let wanted = def.parameters.iter().skip(usize::from(in_class && !is_static)).filter(|parameter| {
            let ordinary = matches!(parameter.kind, ParameterKind::PositionalOrKeyword | ParameterKind::KeywordOnly);
            ordinary && parameter.default.is_none() && !matches!(self.symbols.get(parameter.name), "self" | "cls")
        });
        wanted.map(|parameter| parameter.name).collect()
    }

    fn enclosing_class(&self) -> Option<Sym> {
        let scope = self.scopes.last()?;
        let definition = scope.definition?;
        (scope.kind == ScopeKind::Class).then(|| self.definitions[definition as usize].qualname)
    }

    /// Hashes the tokens of parameters and body: equal for definitions that read the same.
    fn hash_of(&self, id: NodeId) -> u64 {
        let mut hasher = rustc_hash::FxHasher::default();
        let start = self.child(id, Kind::Parameters).map_or(0, |parameters| self.tree.node(parameters).start);
        let text = self.text.get(start as usize..self.tree.last_end(id) as usize).unwrap_or_default();
        for lexeme in scan::scan(text, PythonVersion::NEWEST.minor).tokens {
            (lexeme.token as u8).hash(&mut hasher);
            if matches!(lexeme.token, Token::Name | Token::Number | Token::String | Token::Op) {
                text[lexeme.start..lexeme.end].hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}
