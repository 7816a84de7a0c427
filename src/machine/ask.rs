//! Questions of pytest's part about what imports left behind: signatures, and results of small pure functions.

use std::sync::Arc;

use super::Machine;
use super::value::{FnId, Value};
use crate::summary::program::Parameter;

/// Steps that one evaluation may take.
const STEPS: u64 = 20_000;

impl Machine<'_> {
    /// The parameters of a function or lambda.
    pub fn signature(&mut self, function: FnId) -> Option<Arc<[Parameter]>> {
        self.parameters(function)
    }

    /// Whether a top-level module of this name would be found.
    #[must_use]
    pub fn module_exists(&self, name: &str) -> bool {
        let path: Vec<_> = self.path().into_iter().filter(|entry| !entry.as_os_str().is_empty()).collect();
        !matches!(self.world.find(&path, name), crate::python::location::Location::Missing)
    }

    /// What a call gives; none if that is not known or it raises.
    pub fn evaluate(&mut self, function: &Value, args: Vec<Value>) -> Option<Value> {
        self.limit = self.steps + STEPS;
        self.tries.push(Vec::new());
        let result = self.call(function, args, Vec::new());
        self.tries.pop();
        self.frames.clear();
        result.ok().filter(|value| !value.is_unknown())
    }
}
