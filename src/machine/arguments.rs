//! Arguments of a call as its text gives them: starred and double-starred ones taken apart.

use super::Machine;
use super::log::Eval;
use super::mistakes::Refusal;
use super::value::{Keywords, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;

impl Machine<'_> {
    /// What `*value` raises among arguments of a call, or in a display.
    pub(super) fn refused_star(&self, callee: Option<&Value>, value: &Value) -> Option<Refusal> {
        let kind = self.not_iterable(value)?;
        let new = self.setup.version >= PythonVersion::three(9);
        let text = match callee {
            Some(callee) => format!("{}() argument after * must be an iterable, not {kind}", self.callee_text(callee)?),
            None if new => format!("Value after * must be an iterable, not {kind}"),
            None => format!("'{kind}' object is not iterable"),
        };
        Some(("TypeError", text))
    }

    /// A function as messages about its arguments name it: with its module, since 3.9.
    fn callee_text(&self, callee: &Value) -> Option<String> {
        let Value::Function(function) = callee else { return None };
        let data = &self.state.functions[*function];
        let new = self.setup.version >= PythonVersion::three(9);
        Some(if new { self.qualified(*function) } else { data.name.as_str().to_owned() })
    }

    /// `**value`; whether all of it is known.
    pub(super) fn spread(&mut self, callee: &Value, value: &Value, keywords: &mut Keywords) -> Eval<bool> {
        let Value::Dict(dict) = value else {
            let refusal = self.refused_double_star(callee, value);
            self.refuse(refusal)?;
            return Ok(false);
        };
        let object = self.state.object(*dict).clone();
        let mut complete = object.exact;
        for (key, value) in object.items.iter().zip(object.values) {
            let Some(text) = key.as_str() else {
                complete = false;
                self.refuse(self.refused_key(callee, key))?;
                continue;
            };
            let name = Name::new(text);
            if keywords.iter().any(|(own, _)| *own == name)
                && let Some(callee) = self.callee_text(callee)
            {
                self.fails("TypeError", format!("{callee}() got multiple values for keyword argument '{name}'"))?;
            }
            keywords.push((name, value));
        }
        Ok(complete)
    }

    fn refused_double_star(&self, callee: &Value, value: &Value) -> Option<Refusal> {
        let kind = self.kind_without(value, &["keys", "__getitem__"]).filter(|_| *value != Value::None)?;
        Some(("TypeError", format!("{}() argument after ** must be a mapping, not {kind}", self.callee_text(callee)?)))
    }

    fn refused_key(&self, callee: &Value, key: &Value) -> Option<Refusal> {
        super::mistakes::kind(key)?;
        let new = self.setup.version >= PythonVersion::three(9);
        let text = if new { "keywords".to_owned() } else { format!("{}() keywords", self.callee_text(callee)?) };
        Some(("TypeError", format!("{text} must be strings")))
    }
}
