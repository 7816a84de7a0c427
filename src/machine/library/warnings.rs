//! `warnings`: the filters of the process, as the interpreter starts with them, pytest adds to them and code changes
//! them; and warnings that they turn into exceptions.

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::{Eval, May, Throw};
use crate::machine::outcome::Cause;
use crate::machine::value::{ModId, Object, Value};
use crate::python::exceptions;
use crate::python::location::Location;
use crate::python::regex;
use crate::python::stdlib::{self, Occasion};
use crate::python::version::PythonVersion;

/// A line of pytest's `filterwarnings`, or a `-W` option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterLine {
    /// `action:message:category:module:line`
    pub text: String,
    /// Of the command line: message and module are meant literally.
    pub literal: bool,
}

/// Why pytest refuses a line.
#[derive(Debug, Clone)]
pub struct RefusedFilter {
    /// The line.
    pub line: String,
    /// What is wrong with it: the last line of what pytest prints.
    pub error: String,
    /// The exception, where the category cannot be imported.
    pub raised: Option<Box<crate::machine::Raised>>,
}

/// What filters make of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// An exception.
    Raised,
    /// Shown, recorded or ignored: the code goes on.
    Passes,
    /// Depends on what is not known.
    Unclear,
}

/// Where a warning is said to come from.
struct Blamed {
    module: Option<String>,
    line: Option<u32>,
}

impl Machine<'_> {
    // ---- the process's filters ----

    /// The filters that the interpreter starts with, and those of `PYTHONWARNINGS`.
    pub(in crate::machine) fn initial_filters(&mut self) {
        for category in ["ResourceWarning", "ImportWarning", "PendingDeprecationWarning", "DeprecationWarning"] {
            self.add_filter("ignore", "", builtin(category), "", 0, false);
        }
        self.add_filter("default", "", builtin("DeprecationWarning"), "__main__", 0, false);
        for text in self.warn_options() {
            // The interpreter complains about a bad one and goes on.
            let _ = self.add_line(&FilterLine { text, literal: true });
        }
    }

    /// `sys.warnoptions`
    fn warn_options(&self) -> Vec<String> {
        let given = self.world.variable("PYTHONWARNINGS").flatten().unwrap_or_default();
        given.split(',').map(str::trim).filter(|text| !text.is_empty()).map(ToOwned::to_owned).collect()
    }

    /// What pytest does around the initial conftests, and around collection: its own filters come in front of those of
    /// the process, until [`Machine::leave_filters`].
    pub fn enter_filters(&mut self) -> Result<(), RefusedFilter> {
        let before = self.state.object(self.filters).clone();
        self.outer_filters.push(before);
        if self.warn_options().is_empty() {
            for category in ["DeprecationWarning", "PendingDeprecationWarning"] {
                self.add_filter("always", "", builtin(category), "", 0, false);
            }
        }
        self.setup.filterwarnings.clone().iter().try_for_each(|line| self.add_line(line))
    }

    /// Takes back what [`Machine::enter_filters`] and any code since has changed.
    pub fn leave_filters(&mut self) {
        if let Some(before) = self.outer_filters.pop() {
            self.state.set_object(self.filters, before);
        }
    }

    /// `_pytest.config.parse_warning_filter` and `warnings.filterwarnings`.
    fn add_line(&mut self, line: &FilterLine) -> Result<(), RefusedFilter> {
        let refuse = |error: String| RefusedFilter { line: line.text.clone(), error, raised: None };
        let parts: Vec<&str> = line.text.split(':').map(str::trim).collect();
        if parts.len() > 5 {
            let guide = "https://docs.python.org/3/library/warnings.html#describing-warning-filters";
            return Err(refuse(format!("For more information please consult: {guide}")));
        }
        let part = |at: usize| parts.get(at).copied().unwrap_or_default();
        let Some(action) = action(part(0)) else { return Err(refuse(format!("invalid action: '{}'", part(0)))) };
        let Some(category) = self.category(part(2), line)? else { return Ok(()) };
        let number = match part(4) {
            "" => 0,
            text => text.parse::<i64>().map_err(|_| {
                refuse(format!("invalid lineno '{text}': invalid literal for int() with base 10: '{text}'"))
            })?,
        };
        let (message, module) = if line.literal {
            let end = if part(3).is_empty() { "" } else { "\\Z" };
            (escaped(part(1)), format!("{}{end}", escaped(part(3))))
        } else {
            (part(1).to_owned(), part(3).to_owned())
        };
        self.add_filter(action, &message, category, &module, number, false);
        Ok(())
    }

    /// The class that a line names; its module is imported for it. None where pytest leaves the line out.
    fn category(&mut self, text: &str, line: &FilterLine) -> Result<Option<Value>, RefusedFilter> {
        let refuse = |error: String, raised| RefusedFilter { line: line.text.clone(), error, raised };
        let Some((module, name)) = text.rsplit_once('.') else {
            let name = if text.is_empty() { "Warning" } else { text };
            if !exceptions::is_known(name) && self.builtin_name(Name::new(name)).is_none() {
                let error = format!("AttributeError: module 'builtins' has no attribute '{name}'");
                return Err(refuse(error, None));
            }
            return Ok(Some(builtin(name)));
        };
        if exceptions::is_known(text) || matches!(module.split('.').next(), Some("pytest" | "_pytest")) {
            let public = text.strip_prefix("_pytest.warning_types.").map(|name| format!("pytest.{name}"));
            return Ok(Some(Value::external(&public.unwrap_or_else(|| text.to_owned()))));
        }
        let mut class = Value::Unknown;
        let outcome = self.drive(module, |machine| {
            let found = machine.import_name(module)?;
            class = machine.attribute(&found, Name::new(name))?;
            Ok(())
        });
        match outcome {
            // Where it is found is not known: it is a class of that name, and none of the known ones.
            crate::machine::Outcome::Completes if class.is_unknown() => Ok(Some(Value::external(text))),
            crate::machine::Outcome::Completes => Ok(Some(class)),
            crate::machine::Outcome::Raises(raised) => {
                let is_import = matches!(raised.class.as_str(), "ImportError" | "ModuleNotFoundError");
                if is_import && self.setup.pytest_version >= (9, 0) {
                    return Ok(None);
                }
                if raised.certainty != crate::diagnostic::Certainty::Certain {
                    return Ok(Some(Value::external(text)));
                }
                let message = raised.message.clone().unwrap_or_default();
                Err(refuse(format!("{}: {message}", raised.class), Some(raised)))
            }
            _ => Ok(Some(Value::external(text))),
        }
    }

    fn add_filter(&mut self, action: &str, message: &str, category: Value, module: &str, line: i64, append: bool) {
        let (message, module) = (Value::str(message), Value::str(module));
        self.put_filter(Value::tuple(vec![Value::str(action), message, category, module, Value::Int(line)]), append);
    }

    fn put_filter(&mut self, filter: Value, append: bool) {
        self.state.change(self.filters, |object| {
            match (append, object.items.iter().position(|other| *other == filter)) {
                (true, Some(_)) => return,
                (false, Some(at)) => drop(object.items.remove(at)),
                (_, None) => {}
            }
            if append {
                object.items.push(filter);
            } else {
                object.items.insert(0, filter);
            }
        });
    }

    // ---- what code does to them ----

    pub(super) fn play_warnings(&mut self, request: &Request) -> Played {
        Some(match request.name {
            "warnings.warn" => self.warn(request),
            "warnings.warn_explicit" => self.warn_explicit(request),
            "warnings.simplefilter" => {
                let (action, category) =
                    (request.argument(0, "action").cloned(), request.argument(1, "category").cloned());
                let (line, append) = (request.argument(2, "lineno").cloned(), request.argument(3, "append").cloned());
                self.filter_call(request, [action, None, category, None, line, append])
            }
            "warnings.filterwarnings" => {
                let parts = ["action", "message", "category", "module", "lineno", "append"];
                let mut given = parts.iter().enumerate().map(|(at, name)| request.argument(at, name).cloned());
                let parts = std::array::from_fn(|_| given.next().flatten());
                self.filter_call(request, parts)
            }
            "warnings.resetwarnings" => {
                self.state.change(self.filters, |object| (object.items.clear(), object.exact = true).1);
                Ok(Value::None)
            }
            "warnings.catch_warnings" => {
                Ok(self.instance(Value::external(request.name), request.args.to_vec(), request.kwargs.to_vec()))
            }
            "warnings.deprecated" | "typing_extensions.deprecated" => Ok(self.deprecated(request)),
            "warnings.deprecated()" => {
                let function = request.args.get(1).cloned().unwrap_or(Value::Unknown);
                if let Value::Function(id) = function {
                    self.state.functions[id].warns = Some(Box::new(request.args[0].clone()));
                }
                Ok(function)
            }
            _ => return None,
        })
    }

    fn filter_call(&mut self, request: &Request, parts: [Option<Value>; 6]) -> Eval {
        let [action, message, category, module, line, append] = parts;
        let text = |value: Option<Value>| value.unwrap_or_else(|| Value::str(""));
        let append = append.is_some_and(|value| self.truth(&value) == Some(true));
        let known = request.complete && action.as_ref().is_some_and(|action| action.as_str().is_some());
        let filter = Value::tuple(vec![
            if known { text(action) } else { Value::Unknown },
            text(message),
            category.unwrap_or_else(|| builtin("Warning")),
            text(module),
            line.unwrap_or(Value::Int(0)),
        ]);
        self.put_filter(filter, append);
        Ok(Value::None)
    }

    /// `with catch_warnings():` begins: the filters to come back to.
    pub(in crate::machine) fn begin_catch(&mut self, manager: &Value) -> Option<Object> {
        let Value::Instance(instance) = manager else { return None };
        let data = &self.state.instances[*instance];
        let Value::External(class) = data.class else { return None };
        let record = matches!(class.as_str(), "pytest.warns" | "pytest.deprecated_call");
        if !record && class.as_str() != "warnings.catch_warnings" {
            return None;
        }
        let kwargs = data.kwargs.clone();
        let before = self.state.object(self.filters).clone();
        let named = |name: &str| kwargs.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value.clone());
        match named("action") {
            Some(Value::None) | None if record => self.add_filter("always", "", builtin("Warning"), "", 0, false),
            Some(Value::None) | None => {}
            Some(action) => {
                let category = named("category").unwrap_or_else(|| builtin("Warning"));
                let empty = Value::str("");
                self.put_filter(Value::tuple(vec![action, empty.clone(), category, empty, Value::Int(0)]), false);
            }
        }
        Some(before)
    }

    /// It ends.
    pub(in crate::machine) fn end_catch(&mut self, before: Object) {
        self.state.set_object(self.filters, before);
    }

    // ---- warnings ----

    /// `warnings.warn(message, category=None, stacklevel=1)`
    fn warn(&mut self, request: &Request) -> Eval {
        let message = request.argument(0, "message").cloned().unwrap_or(Value::Unknown);
        let level = match request.argument(2, "stacklevel") {
            None => Some(1),
            Some(Value::Int(level)) => usize::try_from(*level).ok(),
            Some(_) => None,
        };
        let level = level.filter(|_| request.complete && request.keyword("skip_file_prefixes").is_none());
        let blamed = self.blamed(level);
        let category = request.argument(1, "category").cloned();
        self.warn_value(message, category, &blamed)
    }

    fn warn_explicit(&mut self, request: &Request) -> Eval {
        let message = request.argument(0, "message").cloned().unwrap_or(Value::Unknown);
        let category = request.argument(1, "category").cloned();
        let module = request.argument(4, "module").and_then(Value::as_str).map(ToOwned::to_owned);
        self.warn_value(message, category, &Blamed { module, line: None })
    }

    fn warn_value(&mut self, message: Value, category: Option<Value>, blamed: &Blamed) -> Eval {
        let own = match &message {
            Value::Instance(instance) => Some(self.state.instances[*instance].class.clone()),
            _ => None,
        };
        let is_own = own.is_some();
        let category = match (own, category) {
            (Some(class), _) => class,
            (None, None | Some(Value::None)) => builtin("UserWarning"),
            (None, Some(category)) => category,
        };
        let text = self.warning_text(&message, &category);
        match self.fate(&category, text.as_deref(), blamed) {
            Fate::Passes => Ok(Value::None),
            fate => {
                let value = if is_own { message } else { self.call(&category, vec![message], Vec::new())? };
                let throw = self.throw_value(value)?;
                self.meet(fate, throw)
            }
        }
    }

    /// `str(message)`, where the class prints its argument.
    fn warning_text(&mut self, message: &Value, category: &Value) -> Option<String> {
        match message {
            Value::Instance(instance) => {
                let args = self.state.instances[*instance].args.clone();
                match args.as_slice() {
                    [one] if matches!(category, Value::External(_)) => self.to_str(one),
                    _ => None,
                }
            }
            other => self.to_str(other),
        }
    }

    fn meet(&mut self, fate: Fate, throw: Box<Throw>) -> Eval {
        if fate == Fate::Raised {
            return Err(throw);
        }
        self.may_raise(May::This(throw));
        Ok(Value::None)
    }

    /// A warning of a library class.
    fn warn_plainly(&mut self, category: &str, text: &str, blamed: &Blamed) -> Eval<()> {
        let fate = self.fate(&builtin(category), Some(text), blamed);
        if fate == Fate::Passes {
            return Ok(());
        }
        let throw = self.throw(category, Some(text.to_owned()), Cause::Other);
        self.meet(fate, throw).map(|_| ())
    }

    /// What the library's tables say of an import, a name or a call.
    pub(in crate::machine) fn library_warns(&mut self, occasion: Occasion, name: &str) -> Eval<()> {
        if !self.some_filter_raises() || self.is_served_elsewhere(name) {
            return Ok(());
        }
        for row in stdlib::warnings(occasion, name, self.setup.version) {
            let blamed = match row.blamed {
                Some(module) => Blamed { module: Some(module.to_owned()), line: None },
                None => self.blamed(Some(1)),
            };
            self.warn_plainly(row.category, &row.text, &blamed)?;
        }
        Ok(())
    }

    /// Nearly every run lets all warnings pass.
    fn some_filter_raises(&self) -> bool {
        self.state.object(self.filters).items.iter().any(|filter| match filter {
            Value::Tuple(parts) => parts.first().and_then(Value::as_str) == Some("error"),
            _ => true,
        })
    }

    /// A name of a library module that is deprecated is asked for.
    pub(in crate::machine) fn warn_of_name(&mut self, module: ModId, name: Name) -> Eval<()> {
        match self.state.modules[module].location {
            Location::Stdlib(own) if self.some_filter_raises() => {
                self.library_warns(Occasion::Name, &format!("{own}.{name}"))
            }
            _ => Ok(()),
        }
    }

    /// setuptools brings its own distutils, plugins an event loop.
    fn is_served_elsewhere(&self, name: &str) -> bool {
        name.split('.').next() == Some("distutils") && self.world.distribution_version("setuptools").is_some()
            || name == "asyncio.get_event_loop" && self.is_loaded("pytest_asyncio")
    }

    /// Whether pytest's filters turn a warning that pytest gives for the statement that runs into an exception; none if
    /// that depends on a filter that cannot be decided.
    #[must_use]
    pub fn becomes_error(&mut self, class: &str, message: &str) -> Option<bool> {
        let blamed = self.blamed(Some(1));
        match self.fate(&Value::external(class), Some(message), &blamed) {
            Fate::Raised => Some(true),
            Fate::Passes => Some(false),
            Fate::Unclear => None,
        }
    }

    /// The first filter that fits decides.
    fn fate(&mut self, category: &Value, text: Option<&str>, blamed: &Blamed) -> Fate {
        let object = self.state.object(self.filters).clone();
        let mut maybe = (false, false);
        for filter in &object.items {
            let Some((raises, fits)) = self.fits(filter, category, text, blamed) else { return Fate::Unclear };
            match fits {
                Some(false) => {}
                Some(true) if object.exact => {
                    return match (raises, maybe) {
                        (true, (_, false)) => Fate::Raised,
                        (false, (false, _)) => Fate::Passes,
                        _ => Fate::Unclear,
                    };
                }
                _ if raises => maybe.0 = true,
                _ => maybe.1 = true,
            }
        }
        if maybe.0 || !object.exact { Fate::Unclear } else { Fate::Passes }
    }

    /// Whether a filter raises, and whether it fits; none if nothing is known of it.
    fn fits(
        &mut self,
        filter: &Value,
        category: &Value,
        text: Option<&str>,
        blamed: &Blamed,
    ) -> Option<(bool, Option<bool>)> {
        let Value::Tuple(parts) = filter else { return None };
        let [action, message, class, module, line] = &**parts else { return None };
        let raises = action.as_str()? == "error";
        let of_class = self.is_of_category(category, class);
        if of_class == Some(false) {
            return Some((raises, Some(false)));
        }
        let matches = |pattern: &Value, text: Option<&str>, ignore_case| match (pattern.as_str(), text) {
            (Some(""), _) => Some(true),
            (Some(pattern), Some(text)) => regex::matches_at_start(pattern, text, ignore_case),
            _ => None,
        };
        let on_line = match (line, blamed.line) {
            (Value::Int(0), _) => Some(true),
            (Value::Int(wanted), Some(line)) => Some(i64::from(line) == *wanted),
            _ => None,
        };
        let all = [of_class, matches(message, text, true), matches(module, blamed.module.as_deref(), false), on_line];
        let fits = if all.contains(&Some(false)) {
            Some(false)
        } else if all.contains(&None) {
            None
        } else {
            Some(true)
        };
        Some((raises, fits))
    }

    /// Whether a warning's class derives from a filter's. All bases of Python's and pytest's own are known: a class that
    /// is found nowhere is none of them.
    fn is_of_category(&mut self, category: &Value, class: &Value) -> Option<bool> {
        let found = self.is_subclass(category, class);
        match (found, category, class) {
            (None, Value::External(category), Value::External(class))
                if exceptions::is_known(category.as_str()) && !exceptions::is_known(class.as_str()) =>
            {
                Some(false)
            }
            _ => found,
        }
    }

    /// The frame that a `stacklevel` blames; frames of the import machinery do not count, and above the module that
    /// pytest imports stands pytest's own.
    fn blamed(&self, level: Option<usize>) -> Blamed {
        let Some(level) = level else { return Blamed { module: None, line: None } };
        let inlined = self.setup.version >= PythonVersion::three(12);
        let mut frames = self.frames.iter().rev().filter(|frame| !(frame.is_comprehension && inlined));
        match frames.nth(level.max(1) - 1) {
            Some(frame) => Blamed {
                module: Some(self.module_name(frame.module)),
                line: Some(self.units[frame.unit].summary.line(frame.span.start)),
            },
            None => Blamed { module: Some("_pytest.assertion.rewrite".to_owned()), line: None },
        }
    }

    /// Whether a filter made an exception of a warning.
    pub(in crate::machine) fn is_warning(&mut self, throw: &Throw) -> bool {
        self.is_subclass(&throw.class.clone(), &builtin("Warning")) == Some(true)
    }

    // ---- deprecated() ----

    /// `@deprecated("use the other one")`
    fn deprecated(&mut self, request: &Request) -> Value {
        let text = request.argument(0, "message").cloned().unwrap_or(Value::Unknown);
        let category = request.keyword("category").cloned().unwrap_or_else(|| builtin("DeprecationWarning"));
        let level = request.keyword("stacklevel").cloned().unwrap_or(Value::Int(1));
        let what = Value::tuple(vec![text, category, level]);
        Value::Partial(std::sync::Arc::new((Value::external("warnings.deprecated()"), vec![what], Vec::new())))
    }

    /// A function with `@deprecated` is called.
    pub(in crate::machine) fn warn_of_call(&mut self, what: &Value) -> Eval<()> {
        let Value::Tuple(parts) = what else { return Ok(()) };
        let [text, category, level] = &**parts else { return Ok(()) };
        let level = match level {
            Value::Int(level) => usize::try_from(*level).ok(),
            Value::None => return Ok(()),
            _ => None,
        };
        if *category == Value::None {
            return Ok(());
        }
        let blamed = self.blamed(level);
        self.warn_value(text.clone(), Some(category.clone()), &blamed).map(|_| ())
    }
}

fn builtin(name: &str) -> Value {
    Value::external(&format!("builtins.{name}"))
}

/// `warnings._getaction`
fn action(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("default"),
        "all" => Some("always"),
        text => ["default", "always", "ignore", "module", "once", "error"].into_iter().find(|a| a.starts_with(text)),
    }
}

/// `re.escape`
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && c != '_' || c.is_ascii_whitespace() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
