//! traitlets: attributes of a class that read as the default they were made with, unless somebody configures them. What is
//! believed asks for no more than that they are there; code that is listened to takes the default.

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::{InstId, Value};

/// Stands for an attribute of that kind.
const TRAIT: &str = "traitlets.TraitType";

/// Classes whose first argument is the default.
const KINDS: &[&str] = &[
    "Any",
    "Bool",
    "Bytes",
    "CBool",
    "CFloat",
    "CInt",
    "CUnicode",
    "Float",
    "Int",
    "Integer",
    "ObjectName",
    "Unicode",
];

impl Machine<'_> {
    pub(super) fn play_traits(&mut self, request: &Request) -> Played {
        let rest = request.name.strip_prefix("traitlets.")?;
        if rest == "TraitType.tag" {
            return Some(Ok(request.args.first()?.clone()));
        }
        let kind = rest.strip_prefix("traitlets.").unwrap_or(rest);
        let (args, kwargs) = (request.args.to_vec(), request.kwargs.to_vec());
        KINDS.contains(&kind).then(|| Ok(self.instance(Value::external(TRAIT), args, kwargs)))
    }

    /// Whether methods of a library class need the object: they give it back.
    pub(in crate::machine) fn is_trait(class: Name) -> bool {
        class.as_str() == TRAIT
    }

    /// What reading a trait gives where nobody has configured it.
    pub(in crate::machine) fn presumed_trait(&self, instance: InstId) -> Option<Value> {
        let data = &self.state.instances[instance];
        let Value::External(class) = data.class else { return None };
        if !Self::is_trait(class) || self.overheard.unsure == 0 {
            return None;
        }
        let named = data.kwargs.iter().find(|(name, _)| name.as_str() == "default_value").map(|(_, value)| value);
        let value = data.args.first().or(named)?;
        matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_)).then(|| value.clone())
    }
}
