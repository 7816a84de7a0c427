//! `def`: decorators, defaults, annotations, function objects.

use std::sync::Arc;

use super::log::Eval;
use super::value::{Function, Value};
use super::{Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::summary::program::FunctionDef;

impl Machine<'_> {
    pub(super) fn exec_def(&mut self, def: &FunctionDef, span: Span) -> Eval<()> {
        let mut decorators = Vec::new();
        for decorator in &def.decorators {
            self.at(decorator.span);
            decorators.push((self.eval(decorator)?, decorator.span));
        }
        let mut defaults = Vec::new();
        for parameter in def.parameters.iter() {
            if let Some(default) = &parameter.default {
                let name = self.name(parameter.name);
                defaults.push((name, self.eval(default)?));
            }
        }
        if self.evaluates_annotations() && def.type_params.is_empty() {
            let annotations = def.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
            for annotation in annotations.chain(def.returns.as_deref()) {
                self.eval(annotation)?;
            }
        }
        let name = self.name(def.name);
        let Some(function) = self.new_function(name, span, def.body, defaults, def.is_async, def.is_generator) else {
            return Ok(());
        };
        let mut value = Value::Function(self.state.functions.push(function));
        for (decorator, place) in decorators.into_iter().rev() {
            self.at(place);
            value = self.decorate(&decorator, value)?;
        }
        self.at(span);
        self.bind(name, value);
        Ok(())
    }

    pub(super) fn new_function(
        &mut self,
        name: Name,
        span: Span,
        body: crate::summary::ProgramId,
        defaults: Vec<(Name, Value)>,
        is_async: bool,
        is_generator: bool,
    ) -> Option<Function> {
        let frame = self.frames.last()?;
        let mut closure = frame.closure.clone();
        if frame.scope == Scope::Function {
            closure.insert(0, frame.ns);
        }
        let qualname = if frame.qualname.is_empty() {
            Arc::from(name.as_str())
        } else if frame.scope == Scope::Function {
            Arc::from(format!("{}.<locals>.{name}", frame.qualname))
        } else {
            Arc::from(format!("{}.{name}", frame.qualname))
        };
        Some(Function {
            unit: frame.unit,
            owner: frame.program,
            body,
            name,
            qualname,
            module: frame.module,
            span,
            defaults,
            closure,
            class: None,
            is_async,
            is_generator,
            is_lambda: false,
            is_context_manager: false,
            opaque: false,
            marks: Vec::new(),
            fixture: None,
            attributes: None,
            decorators: Vec::new(),
            warns: None,
        })
    }
}
