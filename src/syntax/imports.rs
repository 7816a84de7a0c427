//! Import statements, their digest, and what makes an import optional.

use super::kinds::Kind;
use super::lower::Lowerer;
use super::parse::NodeId;
use super::scope::ScopeKind;
use crate::base::span::Span;
use crate::summary::program::{Block, Call, Expr, ExprKind, ImportName, Op, OpKind};
use crate::summary::{ImportKind, ImportRef, Sym};

/// Exception classes that an ImportError is an instance of, or is likely to be by name.
const IMPORT_ERRORS: &[&str] = &["ImportError", "ModuleNotFoundError", "Exception", "BaseException"];

impl<'t> Lowerer<'t> {
    pub(super) fn import(&mut self, id: NodeId, block: &mut Block) {
        let statement = self.span(id);
        for (part, kind) in self.parts(id) {
            let Some((name, alias)) = self.alias(part, kind) else { continue };
            let span = self.span(name);
            let module = self.dotted(name);
            let bound = alias.unwrap_or_else(|| self.first_segment(name));
            self.scope().bind(bound);
            self.refer(0, module, None, alias, span);
            block.push(Op { span: statement, kind: OpKind::Import { module, alias } });
        }
    }

    pub(super) fn import_from(&mut self, id: NodeId) -> OpKind {
        let (level, module) = self.import_source(id);
        let mut names = Vec::new();
        let mut star = false;
        for (part, kind) in self.parts(id).skip(usize::from(self.names_module(id))) {
            if kind == Kind::WildcardImport {
                star = true;
                let name = self.sym(part);
                self.refer(level, module, Some(name), None, self.span(part));
                continue;
            }
            let Some((name, alias)) = self.alias(part, kind) else { continue };
            let span = self.span(name);
            let name = self.dotted(name);
            self.scope().bind(alias.unwrap_or(name));
            self.refer(level, module, Some(name), alias, span);
            names.push(ImportName { name, alias, span });
        }
        if level == 0 && self.symbols.get(module) == "__future__" {
            self.future_annotations |= names.iter().any(|name| self.symbols.get(name.name) == "annotations");
        }
        OpKind::ImportFrom { level, module, names, star }
    }

    /// Whether the statement's first part is the module (in `from __future__` it is a keyword).
    fn names_module(&self, id: NodeId) -> bool {
        self.tree.node(id).kind == Kind::ImportFromStatement
    }

    fn import_source(&mut self, id: NodeId) -> (u32, Sym) {
        if !self.names_module(id) {
            return (0, self.symbols.slice("__future__"));
        }
        let Some((module, _)) = self.parts(id).next() else { return (0, self.symbols.slice("")) };
        let text = self.slice(module);
        let dots = text.bytes().take_while(|b| *b == b'.' || b.is_ascii_whitespace() || *b == b'\\');
        let prefix = dots.count();
        let level = text[..prefix].bytes().filter(|b| *b == b'.').count();
        (u32::try_from(level).unwrap_or(u32::MAX), self.compact(&text[prefix..]))
    }

    /// The name node and alias of one imported thing.
    fn alias(&mut self, id: NodeId, kind: Kind) -> Option<(NodeId, Option<Sym>)> {
        match kind {
            Kind::DottedName => Some((id, None)),
            Kind::AliasedImport => {
                let mut parts = self.parts(id);
                let (name, _) = parts.next()?;
                let alias = parts.next().map(|(alias, _)| self.sym(alias));
                Some((name, alias))
            }
            _ => None,
        }
    }

    fn dotted(&mut self, id: NodeId) -> Sym {
        self.compact(self.slice(id))
    }

    fn first_segment(&mut self, id: NodeId) -> Sym {
        let text = self.slice(id);
        self.compact(text.split('.').next().unwrap_or(text))
    }

    /// Dotted names may hold blanks and line continuations.
    fn compact(&mut self, text: &'t str) -> Sym {
        if text.bytes().any(|b| b.is_ascii_whitespace() || b == b'\\') {
            let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\\').collect();
            return self.symbols.text(compact.into());
        }
        self.symbols.slice(text)
    }

    fn refer(&mut self, level: u32, module: Sym, name: Option<Sym>, alias: Option<Sym>, span: Span) {
        let (kind, program) = (self.import_kind(false), self.scope().program);
        let optional = self.around.optional;
        self.imports.push(ImportRef { level, module, name, alias, span, kind, program, optional });
    }

    fn import_kind(&self, dynamic: bool) -> ImportKind {
        if self.around.guarded {
            ImportKind::Guarded
        } else if self.scopes.iter().any(|scope| scope.kind == ScopeKind::Function) {
            ImportKind::Deferred
        } else if self.around.optional {
            ImportKind::Optional
        } else if dynamic {
            ImportKind::Dynamic
        } else {
            ImportKind::Plain
        }
    }

    /// Notes `importlib.import_module("literal")` and `__import__("literal")`.
    pub(super) fn note_dynamic_import(&mut self, call: &Call) {
        let (ExprKind::Name(name) | ExprKind::Attribute { name, .. }) = call.function.kind else { return };
        if !matches!(self.symbols.get(name), "import_module" | "__import__") {
            return;
        }
        let Some(Expr { span, kind: ExprKind::Str(module) }) = call.arguments.first() else { return };
        let text = self.symbols.get(*module);
        let dots = text.bytes().take_while(|b| *b == b'.').count();
        let tail = text[dots..].to_owned();
        let module = if dots == 0 { *module } else { self.symbols.text(tail.into()) };
        let (kind, program) = (self.import_kind(true), self.scope().program);
        let level = u32::try_from(dots).unwrap_or(u32::MAX);
        let optional = self.around.optional;
        self.imports.push(ImportRef { level, module, name: None, alias: None, span: *span, kind, program, optional });
    }

    /// Whether an `except` clause may catch an ImportError: a bare one, a class that is one, or a lower-case name,
    /// which is a variable that may hold anything.
    pub(super) fn may_catch_import_error(&self, clause: NodeId) -> bool {
        let mut values = self.parts(clause).filter(|(_, kind)| *kind != Kind::Block).peekable();
        if values.peek().is_none() {
            return true;
        }
        values.any(|(value, _)| self.mentions_import_error(value))
    }

    fn mentions_import_error(&self, id: NodeId) -> bool {
        let mut nodes = self.tree.subtree(id).iter();
        nodes.any(|node| {
            let text = &self.text[node.start as usize..node.end as usize];
            match node.kind {
                Kind::Identifier => {
                    IMPORT_ERRORS.contains(&text) || text.starts_with(|c: char| c.is_lowercase() || c == '_')
                }
                Kind::Dotted => text.rsplit('.').next().is_some_and(|last| IMPORT_ERRORS.contains(&last)),
                _ => false,
            }
        })
    }

    /// `contextlib.suppress(ImportError)`
    pub(super) fn suppresses_import_error(&self, value: NodeId) -> bool {
        let node = self.tree.node(value);
        if node.kind != Kind::Call {
            return false;
        }
        let mut parts = self.parts(value);
        let is_suppress = parts.next().is_some_and(|(function, _)| {
            let text = self.slice(function);
            text == "suppress" || text.ends_with(".suppress")
        });
        is_suppress && parts.next().is_some_and(|(arguments, _)| self.mentions_import_error(arguments))
    }
}
