//! What plugins and conftests add to pytest's parser: the literal `addoption` and `addini` calls in their source.

use crate::config::pytest_ini::options::{Arity, OptionSpec};
use crate::summary::program::{Call, Expr, ExprKind, OpKind, walk};
use crate::summary::{DefinitionKind, ProgramId, Summary};

/// Options and ini keys that a source file adds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Additions {
    /// Command line options.
    pub options: Vec<OptionSpec>,
    /// Ini keys.
    pub keys: Vec<String>,
    /// Whether some call has a name that is no literal: then there may be more.
    pub dynamic: bool,
}

impl Additions {
    /// Takes over what another file adds.
    pub fn extend(&mut self, other: Self) {
        self.options.extend(other.options);
        self.keys.extend(other.keys);
        self.dynamic |= other.dynamic;
    }
}

/// Reads every function of the file: helpers of `pytest_addoption` add options as well.
#[must_use]
pub fn read(summary: &Summary) -> Additions {
    let mut found = Additions::default();
    let mut programs = vec![ProgramId::MODULE];
    programs.extend(summary.definitions.iter().filter_map(|definition| match definition.kind {
        DefinitionKind::Function { body } => Some(body),
        DefinitionKind::Class => None,
    }));
    for id in programs {
        let program = summary.program(id);
        walk(&program.body, &mut |op| {
            let (OpKind::Expr(value) | OpKind::Assign { value, .. }) = &op.kind else { return };
            if let ExprKind::Call(call) = &value.kind {
                read_call(summary, call, &mut found);
            }
        });
    }
    found
}

fn read_call(summary: &Summary, call: &Call, found: &mut Additions) {
    let ExprKind::Attribute { name, value, .. } = &call.function.kind else { return };
    match summary.text(*name) {
        "addoption" | "_addoption" => read_option(summary, call, found),
        "addini" => match argument(summary, call, 0, "name") {
            Some(key) => found.keys.push(key.to_owned()),
            None => found.dynamic = true,
        },
        // `parser.getgroup(...).addoption(...)._x` does not occur; a call on a call may still hold one.
        _ => {
            if let ExprKind::Call(inner) = &value.kind {
                read_call(summary, inner, found);
            }
        }
    }
}

fn literal<'a>(summary: &'a Summary, expr: &Expr) -> Option<&'a str> {
    match expr.kind {
        ExprKind::Str(sym) => Some(summary.text(sym)),
        _ => None,
    }
}

fn keyword<'a>(summary: &Summary, call: &'a Call, name: &str) -> Option<&'a Expr> {
    let named = |(key, _): &&(Option<crate::summary::Sym>, Expr)| key.is_some_and(|k| summary.text(k) == name);
    call.keywords.iter().find(named).map(|(_, value)| value)
}

fn argument<'a>(summary: &'a Summary, call: &Call, at: usize, name: &str) -> Option<&'a str> {
    literal(summary, call.arguments.get(at).or_else(|| keyword(summary, call, name))?)
}

fn read_option(summary: &Summary, call: &Call, found: &mut Additions) {
    let mut names = Vec::new();
    for expr in &call.arguments {
        match literal(summary, expr) {
            Some(name) if name.starts_with('-') => names.push(name.to_owned()),
            Some(_) => {}
            None => found.dynamic = true,
        }
    }
    if names.is_empty() {
        found.dynamic = true;
        return;
    }
    let choices = match keyword(summary, call, "choices").map(|e| &e.kind) {
        Some(ExprKind::List(items) | ExprKind::Tuple(items)) => {
            let texts: Option<Vec<_>> = items.iter().map(|e| literal(summary, e).map(ToOwned::to_owned)).collect();
            texts.unwrap_or_default()
        }
        _ => Vec::new(),
    };
    found.options.push(OptionSpec { names, arity: arity(summary, call), choices });
}

fn arity(summary: &Summary, call: &Call) -> Arity {
    if let Some(action) = keyword(summary, call, "action") {
        match literal(summary, action) {
            Some("store" | "append" | "extend") => {}
            // A flag, or an action class of the plugin; most of these take no value.
            Some(_) => return Arity::Flag,
            None => return if keyword(summary, call, "nargs").is_some() { nargs(summary, call) } else { Arity::One },
        }
    }
    nargs(summary, call)
}

fn nargs(summary: &Summary, call: &Call) -> Arity {
    match keyword(summary, call, "nargs").map(|e| &e.kind) {
        None => Arity::One,
        Some(ExprKind::Int(0)) => Arity::Flag,
        Some(ExprKind::Str(sym)) => match summary.text(*sym) {
            "?" => Arity::Optional,
            "*" => Arity::Any,
            "+" => Arity::Some,
            _ => Arity::One,
        },
        Some(ExprKind::Int(1)) => Arity::One,
        Some(_) => Arity::Any,
    }
}
