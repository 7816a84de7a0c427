//! `inspect`: what kind of object a value is.

use super::{Played, Request};
use crate::machine::Machine;
use crate::machine::value::Value;

impl Machine<'_> {
    /// The predicates of `inspect` where the object is known.
    pub(super) fn play_inspecting(&self, request: &Request) -> Played {
        let predicate = request.name.strip_prefix("inspect.").or_else(|| request.name.strip_prefix("asyncio."))?;
        let [value] = request.args else { return None };
        let answer = match predicate {
            "isclass" => self.is_of(value, |value| matches!(value, Value::Class(_))),
            "isfunction" => self.is_of(value, |value| matches!(value, Value::Function(_))),
            "ismodule" => self.is_of(value, |value| matches!(value, Value::Module(_))),
            "ismethod" => self.is_of(value, |_| false),
            "iscoroutinefunction" => self.is_function_that(value, |is_async, yields| is_async && !yields),
            "isgeneratorfunction" => self.is_function_that(value, |is_async, yields| !is_async && yields),
            "isasyncgenfunction" => self.is_function_that(value, |is_async, yields| is_async && yields),
            _ => None,
        };
        answer.map(|answer| Ok(Value::Bool(answer)))
    }

    /// Whether an object whose kind is known is of one kind.
    fn is_of(&self, value: &Value, kind: impl Fn(&Value) -> bool) -> Option<bool> {
        let known = match value {
            Value::Function(_) => self.is_plain_function(value),
            Value::Class(_) | Value::Module(_) => true,
            other => self.is_plain_data(other),
        };
        known.then(|| kind(value))
    }

    fn is_function_that(&self, value: &Value, kind: impl Fn(bool, bool) -> bool) -> Option<bool> {
        match value {
            Value::Function(function) if self.is_plain_function(value) => {
                let data = &self.state.functions[*function];
                Some(kind(data.is_async, data.is_generator && !data.is_context_manager))
            }
            Value::Class(_) | Value::Module(_) => Some(false),
            other => self.is_plain_data(other).then_some(false),
        }
    }

    /// A function as a `def` statement made it: nothing has replaced it.
    fn is_plain_function(&self, value: &Value) -> bool {
        let Value::Function(function) = value else { return false };
        let data = &self.state.functions[*function];
        !data.opaque && data.fixture.is_none() && data.attributes.is_none()
    }

    fn is_plain_data(&self, value: &Value) -> bool {
        matches!(
            value,
            Value::None
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
                | Value::Str(_)
                | Value::Bytes(_)
                | Value::Tuple(_)
                | Value::List(_)
                | Value::Dict(_)
        )
    }
}
