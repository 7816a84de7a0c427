//! pytest's own functions: skips, marks, fixtures.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::call::Site;
use crate::machine::log::{Eval, May, NoticeKind};
use crate::machine::outcome::Cause;
use crate::machine::value::{FnId, Keywords, Mark, Param, Value};
use crate::summary::program::ExprKind;

/// Since pytest 9.1 the functions of `_pytest.outcomes` are instances of classes: what making one gives.
fn outcome_function(class: &str) -> Option<&'static str> {
    Some(match class.strip_prefix("_pytest.outcomes.")? {
        "_Skip" => "pytest.skip",
        "_Fail" => "pytest.fail",
        "_XFail" => "pytest.xfail",
        "_Exit" => "pytest.exit",
        _ => return None,
    })
}

impl Machine<'_> {
    /// `pytest.mark.name` and attributes of pytest's functions.
    pub(super) fn pytest_attribute(&mut self, owner: &str, name: Name) -> Option<Value> {
        if owner != "pytest.mark" {
            return None;
        }
        let frame = self.frames.last()?;
        Some(Value::Mark(Arc::new(Mark {
            name,
            args: Vec::new(),
            kwargs: Vec::new(),
            inexact: false,
            unit: frame.unit,
            span: frame.span,
            called: false,
        })))
    }

    pub(super) fn play_pytest(&mut self, request: &Request) -> Played {
        if let Some(public) = outcome_function(request.name) {
            return Some(Ok(Value::external(public)));
        }
        let name = match request.name {
            "_pytest.outcomes.skip" => "skip",
            "_pytest.outcomes.importorskip" => "importorskip",
            "_pytest.outcomes.fail" => "fail",
            "_pytest.outcomes.exit" => "exit",
            "_pytest.outcomes.xfail" => "xfail",
            other => other.strip_prefix("pytest.")?,
        };
        Some(match name {
            "skip" => Err(self.skip(request)),
            "importorskip" => self.importorskip(request),
            "fail" => Err(self.outcome("_pytest.outcomes.Failed", request, "reason")),
            "xfail" => Err(self.outcome("_pytest.outcomes.XFailed", request, "reason")),
            "exit" => {
                let mut throw = self.outcome("_pytest.outcomes.Exit", request, "reason");
                throw.raised.cause = Cause::Exit(Name::new("pytest.exit"));
                Err(throw)
            }
            "skip.Exception" | "fail.Exception" | "exit.Exception" | "xfail.Exception" => {
                let class = Value::external(&format!("pytest.{name}"));
                Ok(self.instance(class, request.args.to_vec(), request.kwargs.to_vec()))
            }
            "fixture" | "yield_fixture" => self.fixture(request),
            "param" => Ok(Value::Param(Arc::new(Param {
                values: request.args.to_vec(),
                id: request.keyword("id").cloned(),
                marks: request.keyword("marks").cloned(),
            }))),
            "raises" | "warns" | "deprecated_call" => {
                Ok(self.instance(Value::external(request.name), request.args.to_vec(), request.kwargs.to_vec()))
            }
            "register_assert_rewrite" => Ok(Value::None),
            "approx" => Ok(self.instance(Value::external(request.name), request.args.to_vec(), Vec::new())),
            "hookimpl" | "hookspec" => Ok(request.args.first().cloned().unwrap_or(Value::external("builtins.same()"))),
            "MarkDecorator.with_args" => {
                let (mark, rest) = request.args.split_first()?;
                self.call_pytest_value(mark, rest.to_vec(), request.kwargs.to_vec(), request.complete, request.site)
            }
            _ => return None,
        })
    }

    fn skip(&mut self, request: &Request) -> Box<crate::machine::log::Throw> {
        let reason = request.argument(0, "reason").or_else(|| request.keyword("msg"));
        let message = match reason {
            None => Some(String::new()),
            Some(value) => self.to_str(value),
        };
        let allowed = request.argument(1, "allow_module_level").cloned();
        let allowed = allowed.is_some_and(|value| self.truth(&value) == Some(true));
        self.throw("_pytest.outcomes.Skipped", message, Cause::Skip { allowed })
    }

    fn outcome(&mut self, class: &str, request: &Request, keyword: &str) -> Box<crate::machine::log::Throw> {
        let message = match request.argument(0, keyword).or_else(|| request.keyword("msg")) {
            None => Some(String::new()),
            Some(value) => self.to_str(value),
        };
        self.throw(class, message, Cause::Other)
    }

    /// `pytest.importorskip(name, minversion, reason, exc_type)`
    fn importorskip(&mut self, request: &Request) -> Eval {
        let Some(name) = request.argument(0, "modname").and_then(Value::as_str) else {
            self.may_raise(May::Anything);
            return Ok(Value::Unknown);
        };
        let given = request.argument(2, "reason").cloned();
        let strict = self.setup.pytest_version >= (9, 1);
        let caught = match request.argument(3, "exc_type") {
            Some(types) if *types != Value::None => types.clone(),
            _ if strict => Value::external("builtins.ModuleNotFoundError"),
            _ => Value::external("builtins.ImportError"),
        };
        let module = match self.import_name(name) {
            Ok(module) => module,
            Err(throw) if self.is_caught_by(&throw.class.clone(), &caught) == Some(true) => {
                let text = match given {
                    Some(Value::Str(reason)) => Some(reason.to_string()),
                    None | Some(Value::None) => {
                        throw.raised.message.as_ref().map(|text| format!("could not import '{name}': {text}"))
                    }
                    Some(_) => None,
                };
                self.log_caught(&throw);
                return Err(self.throw("_pytest.outcomes.Skipped", text, Cause::Skip { allowed: true }));
            }
            Err(throw) => return Err(throw),
        };
        let top = name;
        let value = self.state.loaded(Name::new(top)).cloned().unwrap_or(module);
        let wanted = request.argument(1, "minversion").cloned();
        if let Some(Value::Str(wanted)) = wanted {
            self.check_version(&value, name, &wanted, given.as_ref())?;
        }
        Ok(value)
    }

    fn check_version(&mut self, module: &Value, name: &str, wanted: &str, reason: Option<&Value>) -> Eval<()> {
        let Value::Module(id) = module else { return Ok(()) };
        let found = match self.plain_module_attribute(*id, "__version__") {
            crate::machine::attribute::Found::Yes(Value::Str(text)) => Some(text.to_string()),
            _ => self.world.distribution_version(name),
        };
        let Some(found) = found else {
            self.may_raise(May::Anything);
            return Ok(());
        };
        if older(&found, wanted) != Some(true) {
            return Ok(());
        }
        let text = match reason {
            Some(Value::Str(reason)) => reason.to_string(),
            _ => format!("module '{name}' has __version__ '{found}', required is: '{wanted}'"),
        };
        Err(self.throw("_pytest.outcomes.Skipped", Some(text), Cause::Skip { allowed: true }))
    }

    fn fixture(&mut self, request: &Request) -> Eval {
        let settings: Arc<Vec<(Name, Value)>> = Arc::new(request.kwargs.to_vec());
        match request.args.first() {
            None => Ok(Value::FixtureDecorator(settings)),
            Some(function) => self.make_fixture(function, settings, request.site.is_none()),
        }
    }

    fn make_fixture(&mut self, function: &Value, settings: Arc<Vec<(Name, Value)>>, decorates: bool) -> Eval {
        let inner = match function {
            Value::Descriptor(_, inner) => inner,
            other => other,
        };
        match inner {
            Value::Function(id) => {
                let id = *id;
                let data = &self.state.functions[id];
                let name = data.name;
                // A function that is no fixture yet may be made into several.
                if decorates && data.fixture.is_some() {
                    let text = "fixture is being applied more than once to the same function";
                    let modern = self.setup.pytest_version.0 >= 8;
                    let text = if modern { format!("@pytest.{text} '{name}'") } else { text.to_owned() };
                    return Err(self.error("ValueError", text));
                }
                if let Some(mark) = data.marks.first().map(|mark| mark.name) {
                    self.check_marked_fixture(mark, name)?;
                }
                if !decorates {
                    // The function itself stays what it is.
                    let mut made = self.state.functions[id].clone();
                    (made.fixture, made.opaque) = (Some(settings), true);
                    let made = Value::Function(self.state.functions.push(made));
                    return Ok(match function {
                        Value::Descriptor(kind, _) => Value::Descriptor(*kind, Arc::new(made)),
                        _ => made,
                    });
                }
                self.state.functions[id].fixture = Some(settings);
                self.state.functions[id].opaque = true;
            }
            Value::Class(_) => {
                return Err(self.error("ValueError", "class fixtures not supported (maybe in the future)"));
            }
            Value::Str(_) => return Err(self.error("AttributeError", "'str' object has no attribute '__name__'")),
            _ => {}
        }
        Ok(function.clone())
    }

    /// A mark meets a fixture: an error from pytest 9 on, a warning before.
    fn check_marked_fixture(&mut self, mark: Name, fixture: Name) -> Eval<()> {
        const MORE: &str =
            "See docs: https://docs.pytest.org/en/stable/deprecations.html#applying-a-mark-to-a-fixture-function";
        const WARNING: &str = "Marks applied to fixtures have no effect";
        let version = self.setup.pytest_version;
        if version >= (9, 1) {
            let text = format!("Marks cannot be applied to fixtures.\n{MORE}");
            return Err(self.throw("_pytest.outcomes.Failed", Some(text), Cause::Other));
        }
        let text = format!("{WARNING}\n{MORE}");
        if version >= (9, 0) || self.becomes_error("pytest.PytestRemovedIn9Warning", &text) == Some(true) {
            return Err(self.throw("pytest.PytestRemovedIn9Warning", Some(text), Cause::Other));
        }
        self.notice(NoticeKind::MarkOnFixture { mark, fixture });
        Ok(())
    }

    /// Calling what `@pytest.fixture` made of a function fails.
    pub(in crate::machine) fn check_fixture_call(&mut self, id: FnId) -> Eval<()> {
        let function = &self.state.functions[id];
        let Some(settings) = function.fixture.clone() else { return Ok(()) };
        let (name, unit) = (function.name, function.unit);
        // `made = pytest.fixture(function)` leaves the function what it is.
        let Some(def) = self.function_def(id) else { return Ok(()) };
        let summary = &self.units[unit].summary;
        let decorated = def.decorators.iter().any(|decorator| {
            let callee = match &decorator.kind {
                ExprKind::Call(call) => &call.function,
                _ => decorator,
            };
            matches!(callee.kind, ExprKind::Name(name) | ExprKind::Attribute { name, .. } if summary.text(name) == "fixture")
        });
        let ours = self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project);
        if !decorated || !ours {
            return Ok(());
        }
        let given = settings.iter().find(|(key, _)| key.as_str() == "name");
        let name = given.and_then(|(_, value)| value.as_str()).unwrap_or(name.as_str()).to_owned();
        let end = if self.setup.pytest_version >= (8, 4) { "" } else { " about how to update your code." };
        let text = format!(
            "Fixture \"{name}\" called directly. Fixtures are not meant to be called directly,\nbut are created \
             automatically when test functions request them as parameters.\nSee \
             https://docs.pytest.org/en/stable/explanation/fixtures.html for more information about fixtures, \
             and\nhttps://docs.pytest.org/en/stable/deprecations.html#calling-fixtures-directly{end}"
        );
        Err(self.throw("_pytest.outcomes.Failed", Some(text), Cause::Other))
    }

    /// A mark or a fixture decorator is called.
    pub(in crate::machine) fn call_pytest_value(
        &mut self,
        value: &Value,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        match value {
            Value::FixtureDecorator(settings) => {
                let decorates = site.is_none();
                match args.first() {
                    Some(function) => self.make_fixture(function, Arc::clone(settings), decorates),
                    None => Ok(Value::Unknown),
                }
            }
            Value::Mark(mark) => self.call_mark(mark, args, kwargs, complete, site),
            _ => Ok(Value::Unknown),
        }
    }

    fn call_mark(&mut self, mark: &Arc<Mark>, args: Vec<Value>, kwargs: Keywords, complete: bool, site: Site) -> Eval {
        // Called with one function or class and nothing else, a mark decorates it.
        if let ([target], true) = (args.as_slice(), kwargs.is_empty()) {
            match target {
                Value::Function(id) if !self.state.functions[*id].is_lambda => {
                    let data = &self.state.functions[*id];
                    if data.fixture.is_some() {
                        let fixture = data.name;
                        self.check_marked_fixture(mark.name, fixture)?;
                    }
                    self.state.functions[*id].marks.push(Arc::clone(mark));
                    return Ok(target.clone());
                }
                Value::Class(id) => {
                    self.state.classes[*id].marks.push(Arc::clone(mark));
                    return Ok(target.clone());
                }
                Value::Unknown if site.is_none() => return Ok(Value::Unknown),
                _ => {}
            }
        }
        let mut all = mark.args.clone();
        all.extend(args);
        let mut named = mark.kwargs.clone();
        named.extend(kwargs);
        Ok(Value::Mark(Arc::new(Mark {
            args: all,
            kwargs: named,
            inexact: mark.inexact || !complete,
            called: true,
            span: site.map_or(mark.span, |(span, _)| span),
            ..(**mark).clone()
        })))
    }
}

/// Whether a version is older than another, by their numbers; none if one has anything else before them.
fn older(found: &str, wanted: &str) -> Option<bool> {
    let numbers = |text: &str| -> Option<Vec<u32>> {
        let release: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let parts: Option<Vec<u32>> = release.trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect();
        let mut parts = parts?;
        while parts.last() == Some(&0) {
            parts.pop();
        }
        Some(parts)
    };
    Some(numbers(found)? < numbers(wanted)?)
}
