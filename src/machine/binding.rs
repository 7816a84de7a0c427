//! Arguments of a call bound to the parameters of a function, and what is said of those that do not fit.

use std::sync::Arc;

use super::Machine;
use super::log::Eval;
use super::value::{FnId, Keywords, NsId, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;
use crate::summary::program::{Parameter, ParameterKind};

impl Machine<'_> {
    pub(super) fn parameters(&mut self, id: FnId) -> Option<Arc<[Parameter]>> {
        if let Some(parameters) = self.lambda_parameters.get(&id) {
            return Some(Arc::clone(parameters));
        }
        let def = self.function_def(id)?;
        Some(Arc::clone(&def.parameters))
    }

    pub(super) fn bind_arguments(
        &mut self,
        id: FnId,
        parameters: &[Parameter],
        args: Vec<Value>,
        mut kwargs: Keywords,
        complete: bool,
        ns: NsId,
    ) -> Eval<()> {
        let unit = self.state.functions[id].unit;
        let given = args.len();
        let mut args = args.into_iter();
        let (mut missing, mut missing_named) = (Vec::new(), Vec::new());
        let (mut positional, mut required, mut takes_rest) = (0, 0, false);
        for parameter in parameters {
            let name = self.name_in(unit, parameter.name);
            let default =
                self.state.functions[id].defaults.iter().find(|(own, _)| *own == name).map(|(_, v)| v.clone());
            let by_name =
                |kwargs: &mut Keywords| kwargs.iter().position(|(own, _)| *own == name).map(|at| kwargs.remove(at).1);
            let value = match parameter.kind {
                ParameterKind::VarPositional => {
                    takes_rest = true;
                    let rest: Vec<_> = args.by_ref().collect();
                    if complete { Value::tuple(rest) } else { Value::Unknown }
                }
                ParameterKind::VarKeyword => {
                    let taken = std::mem::take(&mut kwargs);
                    let (keys, values) =
                        taken.into_iter().map(|(key, value)| (Value::str(key.as_str()), value)).unzip();
                    Value::Dict(self.state.new_object(keys, values, complete))
                }
                ParameterKind::KeywordOnly => match by_name(&mut kwargs).or(default) {
                    Some(value) => value,
                    None => {
                        missing_named.push(name);
                        Value::Unknown
                    }
                },
                ParameterKind::PositionalOnly | ParameterKind::PositionalOrKeyword => {
                    positional += 1;
                    required += usize::from(default.is_none());
                    let named =
                        if parameter.kind == ParameterKind::PositionalOrKeyword { by_name(&mut kwargs) } else { None };
                    match (args.next(), named) {
                        (Some(_), Some(_)) => {
                            let text = format!("{}() got multiple values for argument '{name}'", self.call_name(id));
                            return Err(self.error("TypeError", text));
                        }
                        (Some(value), None) | (None, Some(value)) => value,
                        (None, None) if !complete => Value::Unknown,
                        (None, None) => match default {
                            Some(value) => value,
                            None => {
                                missing.push(name);
                                Value::Unknown
                            }
                        },
                    }
                }
            };
            self.state.bind(ns, name, value);
        }
        if !complete {
            return Ok(());
        }
        let name = self.call_name(id);
        let positional_only = |name: Name| {
            parameters.iter().any(|own| {
                own.kind == ParameterKind::PositionalOnly && self.units[unit].summary.text(own.name) == name.as_str()
            })
        };
        let misplaced: Vec<&str> =
            kwargs.iter().filter(|(name, _)| positional_only(*name)).map(|(name, _)| name.as_str()).collect();
        if !misplaced.is_empty() {
            let text = format!(
                "{name}() got some positional-only arguments passed as keyword arguments: '{}'",
                misplaced.join(", ")
            );
            return Err(self.error("TypeError", text));
        }
        if let Some((unexpected, _)) = kwargs.first() {
            return Err(self.error("TypeError", format!("{name}() got an unexpected keyword argument '{unexpected}'")));
        }
        if args.next().is_some() && !takes_rest {
            return Err(self.error("TypeError", too_many(&name, required, positional, given)));
        }
        if !missing.is_empty() {
            return Err(self.error("TypeError", missing_text(&name, &missing, "positional")));
        }
        if !missing_named.is_empty() {
            return Err(self.error("TypeError", missing_text(&name, &missing_named, "keyword-only")));
        }
        Ok(())
    }

    fn call_name(&self, id: FnId) -> String {
        let function = &self.state.functions[id];
        if self.setup.version >= PythonVersion::three(10) {
            function.qualname.to_string()
        } else {
            function.name.as_str().to_owned()
        }
    }
}

pub(super) fn too_many(name: &str, required: usize, positional: usize, given: usize) -> String {
    let takes = if required == positional {
        format!("{positional} positional argument{}", if positional == 1 { "" } else { "s" })
    } else {
        format!("from {required} to {positional} positional arguments")
    };
    let were = if given == 1 { "was" } else { "were" };
    format!("{name}() takes {takes} but {given} {were} given")
}

pub(super) fn missing_text(name: &str, missing: &[Name], kind: &str) -> String {
    let quoted: Vec<_> = missing.iter().map(|name| format!("'{name}'")).collect();
    let list = match quoted.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [front @ .., last] => format!("{}, and {last}", front.join(", ")),
        [] => String::new(),
    };
    let plural = if missing.len() == 1 { "" } else { "s" };
    format!("{name}() missing {} required {kind} argument{plural}: {list}", missing.len())
}
