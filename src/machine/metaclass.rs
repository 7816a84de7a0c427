//! Metaclasses of the project that leave their classes as they are written, or only add names that can be read off.

use super::Machine;
use super::attribute::Found;
use super::value::{ClassId, FnId, NsId, Value};
use crate::base::intern::Name;
use crate::summary::Summary;
use crate::summary::program::{Call, Expr, ExprKind, Op, OpKind};

/// Methods by which a metaclass says itself what its classes are.
const MAKERS: &[&str] =
    &["__init__", "__prepare__", "__call__", "__getattribute__", "__setattr__", "__init_subclass__", "mro"];

impl Machine<'_> {
    /// Whether a metaclass adds nothing to a class but names that are bound here; whatever it sets on others is not looked at.
    pub(super) fn apply_metaclass(&mut self, metaclass: Option<&Value>, ns: NsId) -> bool {
        let Some(Value::Class(meta)) = metaclass else { return false };
        let mut new = None;
        for base in self.state.classes[*meta].mro.clone() {
            match base {
                Value::Class(base) => {
                    let data = &self.state.classes[base];
                    let names = self.state.ns(data.ns);
                    let followed = self.units[data.unit].is_project
                        && !data.open
                        && data.decorators.is_empty()
                        && names.open.is_none()
                        && data.metaclass.is_none();
                    if !followed || MAKERS.iter().any(|name| names.get(Name::new(name)).is_some()) {
                        return false;
                    }
                    match names.get(Name::new("__new__")).map(|slot| slot.value.clone()) {
                        Some(Value::Function(function)) if new.is_none() => new = Some(function),
                        Some(_) => return false,
                        None => {}
                    }
                }
                Value::External(name) if matches!(name.as_str(), "builtins.type" | "builtins.object") => {}
                _ => return false,
            }
        }
        let Some(new) = new else { return true };
        let Some(names) = self.names_added(new) else { return false };
        for name in names {
            self.state.bind(ns, name, Value::Unknown);
        }
        true
    }

    /// Names that a `__new__` puts into the class body before it hands everything on; none if it does anything else.
    fn names_added(&mut self, new: FnId) -> Option<Vec<Name>> {
        if self.state.functions[new].opaque || !self.state.functions[new].decorators.is_empty() {
            return None;
        }
        let own = self.state.functions[new].unit;
        let own = std::sync::Arc::clone(&self.units[own].summary);
        let parameters = self.signature(new)?;
        let names: Vec<String> = parameters.iter().map(|parameter| own.text(parameter.name).to_owned()).collect();
        let [_, _, _, body] = names.as_slice() else { return None };
        let (summary, program) = self.body(new)?;
        let mut added = Vec::new();
        for op in &program.body {
            match &op.kind {
                OpKind::Assign { targets, .. } => {
                    for target in targets {
                        added.push(key_of(&summary, target, body)?);
                    }
                }
                OpKind::Return(Some(Expr { kind: ExprKind::Call(call), .. })) if hands_on(&summary, call, &names) => {
                    return Some(added);
                }
                _ if is_docstring(op) => {}
                _ => return None,
            }
        }
        None
    }

    /// What a class has from its metaclass.
    pub(super) fn metaclass_attribute(&self, class: ClassId, name: Name) -> Found {
        let data = &self.state.classes[class];
        let Some(Value::Class(meta)) = data.metaclass else { return Found::No };
        match self.class_lookup(meta, name).0 {
            Found::Yes(function @ Value::Function(_)) => {
                Found::Yes(Value::Method(std::sync::Arc::new((function, Value::Class(class)))))
            }
            Found::Yes(Value::Descriptor(..) | Value::Instance(_)) => Found::Unknown,
            Found::No if self.has_getattr(meta) => Found::Unknown,
            other => other,
        }
    }
}

fn is_name(summary: &Summary, expr: &Expr, wanted: &str) -> bool {
    matches!(&expr.kind, ExprKind::Name(name) if summary.text(*name) == wanted)
}

/// `body["name"]`
fn key_of(summary: &Summary, target: &Expr, body: &str) -> Option<Name> {
    let ExprKind::Subscript { value, index } = &target.kind else { return None };
    match &index.kind {
        ExprKind::Str(text) if is_name(summary, value, body) => Some(Name::new(summary.text(*text))),
        _ => None,
    }
}

/// `super().__new__(mcs, name, bases, body)`, `type.__new__(...)`
fn hands_on(summary: &Summary, call: &Call, names: &[String]) -> bool {
    let ExprKind::Attribute { value, name, .. } = &call.function.kind else { return false };
    let by_type = match &value.kind {
        ExprKind::Call(inner) => is_name(summary, &inner.function, "super"),
        _ => is_name(summary, value, "type"),
    };
    let all = call.arguments.len() == names.len()
        && call.arguments.iter().zip(names).all(|(argument, name)| is_name(summary, argument, name));
    summary.text(*name) == "__new__" && by_type && all && call.keywords.is_empty()
}

fn is_docstring(op: &Op) -> bool {
    matches!(&op.kind, OpKind::Expr(Expr { kind: ExprKind::Str(_), .. }))
}
