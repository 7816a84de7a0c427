//! pytest's `config` for hooks: the options that are known (`config.getoption`, `config.option`).

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::value::Value;

const GETOPTION: &str = "pytest.Config.getoption()";

impl Machine<'_> {
    /// The object, with options under every name that code may ask for. One that is not known is not among them.
    pub fn pytest_config(&mut self, options: &[(String, Value)]) -> Value {
        let option = self.instance(Value::external("argparse.Namespace"), Vec::new(), Vec::new());
        let config = self.instance(Value::external("pytest.Config"), Vec::new(), Vec::new());
        let (Value::Instance(holder), Value::Instance(object)) = (&option, &config) else { return Value::Unknown };
        let (holder, object) = (self.state.instances[*holder].ns, self.state.instances[*object].ns);
        for (name, value) in options {
            self.state.bind(holder, Name::new(name), value.clone());
        }
        let ask = Value::Method(Arc::new((Value::external(GETOPTION), option.clone())));
        for (name, value) in [("option", option), ("getoption", ask.clone()), ("getvalue", ask)] {
            self.state.bind(object, Name::new(name), value);
        }
        config
    }

    /// A list of these values.
    pub fn new_list(&mut self, items: Vec<Value>) -> Value {
        self.state.list(items)
    }

    /// `config.getoption(name, default, skip)`
    pub(super) fn play_configuration(&mut self, request: &Request) -> Played {
        if request.name != GETOPTION {
            return None;
        }
        let [Value::Instance(holder), rest @ ..] = request.args else { return None };
        let named = request.kwargs.iter().find(|(key, _)| key.as_str() == "name").map(|(_, value)| value);
        let name = rest.first().or(named)?.as_str()?;
        let skips = rest.len() > 2 || request.kwargs.iter().any(|(key, _)| key.as_str() == "skip");
        if skips || !request.complete {
            return None;
        }
        let slot = self.state.slot(self.state.instances[*holder].ns, Name::new(name))?;
        (!slot.maybe).then(|| Ok(slot.value.clone()))
    }
}
