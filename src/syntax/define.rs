//! `def`, `class`, `lambda` and their parameters.

use std::sync::Arc;

use super::kinds::Kind;
use super::lower::Lowerer;
use super::outline::Body;
use super::scope::{Scope, ScopeKind, Surroundings};
use super::tree::NodeId;
use crate::base::span::Span;
use crate::summary::program::{ClassDef, Expr, ExprKind, FunctionDef, Op, OpKind, Parameter, ParameterKind, Program};
use crate::summary::{Definition, DefinitionKind, ProgramId, Sym};

impl<'t> Lowerer<'t> {
    pub(super) fn decorated(&mut self, id: NodeId) -> (Span, OpKind) {
        let mut decorators = Vec::new();
        for (child, kind) in self.parts(id) {
            match kind {
                Kind::Decorator => decorators.extend(self.first_expr(child)),
                Kind::FunctionDefinition => return (self.header(child), self.function(child, id, decorators)),
                Kind::ClassDefinition => return (self.header(child), self.class(child, id, decorators)),
                _ => {}
            }
        }
        (self.span(id), OpKind::Unreadable)
    }

    /// A function; `whole` is the statement with its decorators.
    pub(super) fn function(&mut self, id: NodeId, whole: NodeId, decorators: Vec<Expr>) -> OpKind {
        let Some(name_node) = self.child(id, Kind::Identifier) else { return OpKind::Unreadable };
        let name = self.sym(name_node);
        let name_span = self.span(name_node);
        let type_params = self.type_parameters(id);
        let parameters =
            self.child(id, Kind::Parameters).map_or_else(Vec::new, |parameters| self.parameters(parameters));
        let returns = self.child(id, Kind::Type).map(|returns| Box::new(self.expr(returns)));
        let is_async = self.child(id, Kind::Async).is_some();
        let parameters = parameters.into();
        self.scope().bind(name);
        let body = self.programs.reserve();
        let conditional = self.around.conditional;
        let definition = self.define(name, name_span, whole, DefinitionKind::Function { body });
        let is_generator = match self.left_out(id) {
            Some(left_out) => {
                self.programs.leave(body, left_out.span);
                self.note_body_imports(&left_out.imports, body);
                left_out.yields
            }
            None => {
                self.scopes.push(Scope::new(ScopeKind::Function, body, Some(definition)));
                let around = Surroundings { guarded: self.around.guarded, ..Surroundings::default() };
                let block = self.within(around, |me| me.body_of(id));
                self.close(body, block)
            }
        };
        let def =
            FunctionDef { name, name_span, decorators, parameters, returns, body, is_async, is_generator, type_params };
        self.note_fixture(&def, id, whole, conditional);
        OpKind::FunctionDef(Arc::new(def))
    }

    /// The body of a function, if the tree lacks it.
    fn left_out(&self, id: NodeId) -> Option<&'t Body> {
        let first = self.tree.node(self.child(id, Kind::Block)?).start;
        let at = self.bodies.binary_search_by_key(&first, |body| body.first).ok()?;
        self.bodies.get(at)
    }

    /// Ends the innermost function scope; tells whether it is a generator.
    pub(super) fn close(&mut self, id: ProgramId, body: Vec<Op>) -> bool {
        let Some(scope) = self.scopes.pop() else { return false };
        let yields = scope.yields;
        let program = Program { body, locals: scope.locals() };
        self.programs.set(id, &program);
        yields
    }

    fn define(&mut self, name: Sym, name_span: Span, whole: NodeId, kind: DefinitionKind) -> u32 {
        let parent = self.scope().definition;
        let qualname = match parent {
            Some(parent) => {
                let outer = self.definitions[parent as usize].qualname;
                let text = format!("{}.{}", self.symbols.get(outer), self.symbols.get(name));
                self.symbols.text(text.into())
            }
            None => name,
        };
        let span = self.without_comments(whole);
        self.definitions.push(Definition { name, qualname, span, name_span, kind, parent });
        u32::try_from(self.definitions.len() - 1).unwrap_or(u32::MAX)
    }

    /// A class; `whole` is the statement with its decorators.
    pub(super) fn class(&mut self, id: NodeId, whole: NodeId, decorators: Vec<Expr>) -> OpKind {
        let Some(name_node) = self.child(id, Kind::Identifier) else { return OpKind::Unreadable };
        let name = self.sym(name_node);
        let name_span = self.span(name_node);
        let type_params = self.type_parameters(id);
        let (bases, keywords) =
            self.child(id, Kind::ArgumentList).map_or_else(Default::default, |list| self.arguments(list));
        self.scope().bind(name);
        let definition = self.define(name, name_span, whole, DefinitionKind::Class);
        let program = self.scope().program;
        let block = self.child(id, Kind::Block);
        let has_docstring = block.is_some_and(|block| self.starts_with_string(block));
        self.scopes.push(Scope::new(ScopeKind::Class, program, Some(definition)));
        let body = self.body_of(id);
        self.scopes.pop();
        let class = ClassDef { name, name_span, decorators, bases, keywords, body, type_params, has_docstring };
        OpKind::ClassDef(Box::new(class))
    }

    fn starts_with_string(&self, block: NodeId) -> bool {
        let Some((first, Kind::ExpressionStatement)) = self.parts(block).next() else { return false };
        let kind = self.parts(first).next().map(|(_, kind)| kind);
        matches!(kind, Some(Kind::PlainString | Kind::ConcatenatedString))
    }

    fn type_parameters(&mut self, id: NodeId) -> Vec<Sym> {
        let Some(list) = self.child(id, Kind::TypeParameter) else { return Vec::new() };
        let tree = self.tree;
        let mut names = Vec::new();
        for (part, _) in self.parts(list) {
            let name = tree.subtree(part).iter().find(|node| node.kind == Kind::Identifier);
            names.extend(name.map(|node| self.symbols.slice(&self.text[node.start as usize..node.end as usize])));
        }
        names
    }

    pub(super) fn parameters(&mut self, id: NodeId) -> Vec<Parameter> {
        let mut list: Vec<Parameter> = Vec::new();
        let mut kind = ParameterKind::PositionalOrKeyword;
        for (part, part_kind) in self.tree.children(id) {
            match part_kind {
                Kind::PositionalSeparator => {
                    for parameter in &mut list {
                        parameter.kind = ParameterKind::PositionalOnly;
                    }
                }
                Kind::KeywordSeparator => kind = ParameterKind::KeywordOnly,
                _ if part_kind.is_token() || part_kind == Kind::Other => {}
                _ => {
                    let Some(parameter) = self.parameter(part, part_kind, kind) else { continue };
                    if parameter.kind == ParameterKind::VarPositional {
                        kind = ParameterKind::KeywordOnly;
                    }
                    list.push(parameter);
                }
            }
        }
        list
    }

    fn parameter(&mut self, id: NodeId, node_kind: Kind, kind: ParameterKind) -> Option<Parameter> {
        let (name, kind) = self.parameter_name(id, node_kind, kind)?;
        let span = self.span(name);
        let name = self.sym(name);
        let annotation = self.child(id, Kind::Type).map(|annotation| self.expr(annotation));
        let has_default = matches!(node_kind, Kind::DefaultParameter | Kind::TypedDefaultParameter);
        let default = if has_default { self.parts(id).last().map(|(value, _)| self.expr(value)) } else { None };
        Some(Parameter { name, span, kind, annotation, default })
    }

    fn parameter_name(&self, id: NodeId, node: Kind, kind: ParameterKind) -> Option<(NodeId, ParameterKind)> {
        let first = || self.parts(id).next();
        match node {
            Kind::Identifier => Some((id, kind)),
            Kind::ListSplatPattern => Some((first()?.0, ParameterKind::VarPositional)),
            Kind::DictionarySplatPattern => Some((first()?.0, ParameterKind::VarKeyword)),
            Kind::TypedParameter | Kind::DefaultParameter | Kind::TypedDefaultParameter => {
                let (name, node) = first()?;
                self.parameter_name(name, node, kind)
            }
            _ => None,
        }
    }

    pub(super) fn lambda(&mut self, id: NodeId) -> ExprKind {
        let parameters =
            self.child(id, Kind::LambdaParameters).map_or_else(Vec::new, |parameters| self.parameters(parameters));
        let Some((value, _)) = self.parts(id).last() else { return ExprKind::Unreadable };
        let body = self.programs.reserve();
        let definition = self.scope().definition;
        self.scopes.push(Scope::new(ScopeKind::Function, body, definition));
        let around = Surroundings { guarded: self.around.guarded, ..Surroundings::default() };
        let value = self.within(around, |me| me.expr(value));
        self.close(body, vec![Op { span: value.span, kind: OpKind::Return(Some(value)) }]);
        ExprKind::Lambda { parameters: parameters.into(), body }
    }
}
