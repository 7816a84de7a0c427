//! Import statements, their digest, and what makes an import optional.

use super::kinds::Kind;
use super::literal::{self, Prefix};
use super::lower::Lowerer;
use super::outline::{BodyImport, Imported};
use super::scope::ScopeKind;
use super::tree::NodeId;
use crate::base::span::Span;
use crate::summary::program::{Block, Call, Expr, ExprKind, ImportName, Op, OpKind};
use crate::summary::{ImportKind, ImportRef, ProgramId, Sym};

/// Exception classes that an ImportError is an instance of, or is likely to be by name.
const IMPORT_ERRORS: &[&str] = &["ImportError", "ModuleNotFoundError", "Exception", "BaseException"];

/// Functions that import what their first argument names.
pub(super) const IMPORTERS: &[&str] = &["import_module", "__import__"];

/// Whether a name that a handler catches may be that of an ImportError; `dotted` for the last part of a dotted name.
/// A plain lower-case name is a variable, which may hold anything.
pub(super) fn names_import_error(name: &str, dotted: bool) -> bool {
    IMPORT_ERRORS.contains(&name) || !dotted && name.starts_with(|c: char| c.is_lowercase() || c == '_')
}

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
            self.checking.extend(alias.filter(|_| self.symbols.get(name) == "TYPE_CHECKING"));
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

    /// Notes the imports of a body that is not lowered, as lowering it would.
    pub(super) fn note_body_imports(&mut self, imports: &[BodyImport], program: ProgramId) {
        for import in imports {
            let kind = if self.around.guarded || import.guarded { ImportKind::Guarded } else { ImportKind::Deferred };
            let (level, module, name, alias, span) = match &import.what {
                Imported::Module { name, alias } => (0, self.compact(self.at(*name)), None, *alias, *name),
                Imported::Name { level, module, name, alias } => {
                    let module = module.map_or("", |module| self.at(module));
                    (*level, self.compact(module), Some(self.compact(self.at(*name))), *alias, *name)
                }
                Imported::Dynamic { span, literals } => {
                    let Some(value) = self.joined(literals) else { continue };
                    let dots = value.bytes().take_while(|b| *b == b'.').count();
                    let module = self.symbols.text(value[dots..].to_owned().into());
                    (u32::try_from(dots).unwrap_or(u32::MAX), module, None, None, *span)
                }
            };
            let alias = alias.map(|alias| self.symbols.slice(self.at(alias)));
            let optional = import.optional;
            self.imports.push(ImportRef { level, module, name, alias, span, kind, program, optional });
        }
    }

    fn at(&self, span: Span) -> &'t str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// The value of adjacent plain literals.
    fn joined(&self, literals: &[Span]) -> Option<String> {
        let mut all = String::new();
        for literal in literals {
            let text = self.at(*literal);
            let prefix = Prefix::of(text);
            all.push_str(&literal::unescape(literal::body(text, prefix)?, prefix));
        }
        Some(all)
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
        if !IMPORTERS.contains(&self.symbols.get(name)) {
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
                Kind::Identifier => names_import_error(text, false),
                Kind::Dotted => text.rsplit('.').next().is_some_and(|last| names_import_error(last, true)),
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
