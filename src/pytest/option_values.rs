//! The options of the run as hooks see them.

use super::run::Run;
use crate::config::pytest_ini::declared::OptionValue;
use crate::config::pytest_ini::options;
use crate::machine::Machine;
use crate::machine::value::Value;

impl Run<'_> {
    /// Tells the hooks which options there are, once the command line is read to its end.
    pub(super) fn configure_hooks(&mut self) {
        let mut known: Vec<(String, Value)> = Vec::new();
        let own = options::own(self.version().major);
        for spec in own.iter().chain(&self.additions.options) {
            let dest = spec.dest();
            let is_set = self.additions.assigns_any || self.additions.assigned.contains(&dest);
            // What is declared twice is what the first declaration says, if at all.
            if is_set || known.iter().any(|(name, _)| *name == dest) {
                continue;
            }
            let Some(value) = option(&mut self.machine, spec.value(&self.line)) else { continue };
            known.extend(spec.names.iter().map(|name| (name.clone(), value.clone())));
            known.push((dest, value));
        }
        self.items.configure(&mut self.machine, &known);
    }
}

fn option(machine: &mut Machine<'_>, value: OptionValue) -> Option<Value> {
    Some(match value {
        OptionValue::None => Value::None,
        OptionValue::Bool(value) => Value::Bool(value),
        OptionValue::Int(value) => Value::Int(value),
        OptionValue::Text(text) => Value::str(&text),
        OptionValue::List(items) => {
            let items = items.iter().map(|item| Value::str(item)).collect();
            machine.new_list(items)
        }
        OptionValue::Unknown => return None,
    })
}
