//! `raise` and `assert`, and what the exception says.

use super::attribute::Found;
use super::log::{Eval, May, Throw};
use super::outcome::Cause;
use super::value::Value;
use super::{Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::python::exceptions;
use crate::summary::program::{Expr, ExprKind};

impl Machine<'_> {
    pub(super) fn exec_raise(
        &mut self,
        span: Span,
        exception: Option<&Expr>,
        cause: Option<&Expr>,
    ) -> Eval<Box<Throw>> {
        let Some(exception) = exception else {
            return Ok(match self.handled.last().cloned() {
                Some(throw) => Box::new(throw),
                None => self.error("RuntimeError", "No active exception to reraise"),
            });
        };
        let value = self.eval(exception)?;
        if let Some(cause) = cause {
            let cause = self.eval(cause)?;
            if super::mistakes::kind(&cause).is_some() {
                self.at(span);
                return Ok(self.error("TypeError", "exception causes must derive from BaseException"));
            }
        }
        self.at(span);
        self.throw_value(value)
    }

    /// A condition or loop is met.
    pub(super) fn decides(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.has_decided = true;
        }
    }

    /// Whether a function runs that another function called, and one of them decides: whether it raises hangs on values that
    /// went through many hands, and one of them may be known too well.
    pub(super) fn is_deep(&self) -> bool {
        let inner = self.frames.iter().rev().take_while(|frame| frame.scope != Scope::Module);
        let functions = inner.filter(|frame| frame.scope == Scope::Function && !frame.is_comprehension);
        let (depth, decided) = functions.fold((0, false), |(n, any), frame| (n + 1, any || frame.has_decided));
        depth >= 2 && decided
    }

    /// Exceptions that tell of the environment, not of values: what is not installed, skipped, ended or warned of.
    pub(super) fn is_plain_refusal(&mut self, throw: &Throw) -> bool {
        let classes = ["builtins.ImportError", "builtins.SystemExit", "builtins.Warning", "unittest.SkipTest"];
        throw.is_import()
            || !matches!(throw.raised.cause, Cause::Other)
            || classes.iter().any(|class| self.is_subclass(&throw.class, &Value::external(class)) == Some(true))
    }

    /// The exception that `raise value` starts.
    pub(super) fn throw_value(&mut self, value: Value) -> Eval<Box<Throw>> {
        if let Some(throw) = self.handled.iter().rev().find(|throw| throw.value == value && !value.is_unknown()) {
            // Raised again: the traceback grows at its outer end only.
            return Ok(Box::new(throw.clone()));
        }
        let value = match &value {
            Value::Class(_) => self.call(&value, Vec::new(), Vec::new())?,
            Value::External(name) if exceptions::is_known(name.as_str()) => {
                self.instance(value, Vec::new(), Vec::new())
            }
            _ => value,
        };
        let is_none_of_them = match &value {
            Value::Instance(id) => match self.state.instances[*id].class.clone() {
                Value::Class(class) => self.is_followed(class) && !self.is_exception(&Value::Class(class)),
                _ => false,
            },
            _ => super::mistakes::kind(&value).is_some(),
        };
        if is_none_of_them {
            return Ok(self.error("TypeError", "exceptions must derive from BaseException"));
        }
        let Value::Instance(instance) = value else {
            let mut throw = self.throw("Exception", None, Cause::Other);
            throw.class = Value::Unknown;
            throw.value = value;
            throw.raised.certainty = Certainty::Likely;
            return Ok(throw);
        };
        let data = &self.state.instances[instance];
        let (class, args, kwargs) = (data.class.clone(), data.args.clone(), data.kwargs.clone());
        let bare = self.class_name(&class);
        let message = self.exception_text(&value, &class, &args);
        let cause = self.cause_of(&class, &kwargs);
        let mut throw = self.throw("Exception", message, cause);
        throw.raised.class = Name::new(&bare);
        throw.class = class;
        throw.value = value;
        if let Some((_, Value::Str(name))) = kwargs.iter().find(|(key, _)| key.as_str() == "name") {
            throw.import_name = Some(Name::new(name));
        }
        Ok(throw)
    }

    /// `str(exception)`, if its class prints its arguments as BaseException does.
    pub(super) fn exception_text(&mut self, value: &Value, class: &Value, args: &[Value]) -> Option<String> {
        if let Value::Class(own) = class {
            match self.class_lookup(*own, Name::new("__str__")) {
                (Found::Yes(method @ Value::Function(_)), _) => {
                    return match self.call(&method, vec![value.clone()], Vec::new()) {
                        Ok(Value::Str(text)) => Some(text.to_string()),
                        _ => None,
                    };
                }
                (_, Some(_)) => return None,
                _ => {}
            }
            if let Value::Instance(id) = value
                && self.class_lookup(*own, Name::new("__init__")).1.is_some()
                && self.state.ns(self.state.instances[*id].ns).open.is_some()
            {
                return None;
            }
        }
        let is_key_error = self.is_subclass(class, &Value::external("builtins.KeyError")) == Some(true);
        match args {
            [] => Some(String::new()),
            [one] if is_key_error => self.repr(one),
            [one] => self.to_str(one),
            many if self.is_plain_exception(class) => self.repr(&Value::tuple(many.to_vec())),
            _ => None,
        }
    }

    /// Whether several arguments are shown as a tuple: no constructor and no `__str__` of its own says otherwise.
    pub(super) fn is_plain_exception(&mut self, class: &Value) -> bool {
        if let Value::Class(own) = class
            && self.class_lookup(*own, Name::new("__init__")).1.is_some()
        {
            return false;
        }
        let special = ["OSError", "SyntaxError", "UnicodeError", "ImportError", "SystemExit", "BaseExceptionGroup"];
        let base = |machine: &mut Self, name: &str| {
            machine.is_subclass(class, &Value::external(&format!("builtins.{name}"))) != Some(false)
        };
        self.is_exception(class) && !special.iter().any(|name| base(self, name))
    }

    pub(super) fn cause_of(&mut self, class: &Value, kwargs: &[(Name, Value)]) -> Cause {
        let is = |machine: &mut Self, name: &str| machine.is_subclass(class, &Value::external(name)) == Some(true);
        if is(self, "builtins.SystemExit") {
            return Cause::Exit(Name::new("SystemExit"));
        }
        if is(self, "unittest.SkipTest") || is(self, "unittest.case.SkipTest") {
            return Cause::Skip { allowed: true };
        }
        if is(self, "_pytest.outcomes.Skipped") {
            let allowed =
                kwargs.iter().any(|(name, value)| name.as_str() == "allow_module_level" && *value == Value::Bool(true));
            return Cause::Skip { allowed };
        }
        Cause::Other
    }

    /// Whether pytest rewrites the assertions of the running module: it imports it by itself.
    pub(super) fn is_rewritten(&self) -> bool {
        self.frames.last().is_some_and(|frame| self.state.modules[frame.module].name == self.root)
    }

    pub(super) fn exec_assert(&mut self, span: Span, test: &Expr, message: Option<&Expr>) -> Eval<()> {
        let value = self.eval(test)?;
        let truth = self.truth(&value);
        if truth == Some(true) {
            return Ok(());
        }
        let text = match message {
            Some(message) if truth == Some(false) => {
                let value = self.eval(message)?;
                self.to_str(&value)
            }
            Some(_) => None,
            None => Some(String::new()),
        };
        self.at(span);
        let text = if self.is_rewritten() { rewritten(test, message.is_some(), text) } else { text };
        let throw = self.throw("AssertionError", text, Cause::Other);
        // What a followed call asserts depends on values that may be known too well.
        if truth == Some(false) && self.calls == 0 {
            return Err(throw);
        }
        self.may_raise(May::This(throw));
        Ok(())
    }
}

/// What pytest makes of an assertion's message, as far as its text alone tells.
fn rewritten(test: &Expr, has_message: bool, text: Option<String>) -> Option<String> {
    let shown = match &test.kind {
        ExprKind::Bool(false) => "assert False",
        ExprKind::None => "assert None",
        ExprKind::Int(0) => "assert 0",
        _ => return None,
    };
    if has_message { text.map(|text| format!("{text}\n{shown}")) } else { Some(shown.to_owned()) }
}
