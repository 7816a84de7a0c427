//! `exec` and `eval`: text that the program holds is run like any other code, other text is unknown.

use std::path::PathBuf;
use std::sync::Arc;

use super::Request;
use crate::machine::log::{Eval, May};
use crate::machine::value::{NsId, Value};
use crate::machine::{Activation, Cause, Machine, Unit};
use crate::summary::{ProgramId, Summary};

/// Longer texts are made by generators of code: what they define is not worth the time.
const LONGEST: usize = 10_000;
/// What CPython calls the file of such a text.
const FILE: &str = "<string>";

impl Machine<'_> {
    /// `exec` and `eval`.
    pub(super) fn run_text(&mut self, request: &Request) -> Eval {
        if request.name == "builtins.exec"
            && let Some(ns) = self.target_of_exec(request)
            && let Some(Value::Str(text)) = request.args.first()
            && text.len() <= LONGEST
            && let Some(summary) = self.world.read_text(text)
        {
            return self.run_read_text(summary, ns);
        }
        Ok(self.run_unread_text(request))
    }

    /// Where names are bound: the namespace that is handed over, or that of the module or class body that runs.
    fn target_of_exec(&self, request: &Request) -> Option<NsId> {
        let frame = self.frames.last()?;
        if !request.complete || !request.kwargs.is_empty() {
            return None;
        }
        match request.args {
            [_] if frame.function.is_none() && !frame.is_comprehension => Some(frame.ns),
            [_, Value::NamespaceDict(ns)] => Some(*ns),
            _ => None,
        }
    }

    fn run_read_text(&mut self, summary: Arc<Summary>, ns: NsId) -> Eval {
        if let Some(problem) = summary.fatal_problem(self.setup.version) {
            return Err(self.throw(&problem.exception, Some(problem.message.clone()), Cause::Other));
        }
        let Some(frame) = self.frames.last() else { return Ok(Value::Unknown) };
        let (module, scope, closure, limit) = (frame.module, frame.scope, frame.closure.clone(), frame.limit);
        let unit = self.units.push(Unit::new(Arc::new(PathBuf::from(FILE)), summary, None, None));
        let program = self.program(unit, ProgramId::MODULE);
        self.frames.push(Activation { scope, closure, limit, ..self.module_frame(unit, module, ns) });
        let result = self.exec_block(&program.body);
        self.frames.pop();
        result.map(|_| Value::None)
    }

    /// Text that is not known binds what it likes.
    fn run_unread_text(&mut self, request: &Request) -> Value {
        self.may_raise(May::Anything);
        if request.name == "builtins.exec" {
            self.runs_unread_code();
        }
        match request.args.get(1) {
            Some(Value::NamespaceDict(ns)) => self.state.open(*ns, "exec binds names that cannot be told"),
            Some(Value::Dict(dict)) => self.state.change(*dict, |dict| dict.exact = false),
            None if request.name == "builtins.exec" => {
                if let Some((ns, module)) = self.frames.last().map(|frame| (frame.ns, frame.module)) {
                    self.state.open(ns, "exec binds names that cannot be told");
                    let globals = self.state.modules[module].ns;
                    self.state.open(globals, "exec binds names that cannot be told");
                }
            }
            _ => {}
        }
        Value::Unknown
    }
}
