//! `parametrize`: parameter sets, their checks with pytest's texts, and the product of all calls on one function.

use std::borrow::Cow;
use std::sync::Arc;

use super::fixtures::Scope;
use super::ids::{self, Explicit, Id};
use super::rules::ItemRules;
use super::{objects, view};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::state::State;
use crate::machine::value::{Mark, Value};
use crate::machine::{Cause, Machine, Raised};

/// Values for the names of one `parametrize` call.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSet {
    /// One per name.
    pub values: Vec<Value>,
    /// `pytest.param(id=...)`
    pub id: Option<Value>,
    /// Names of its marks.
    pub marks: Vec<Name>,
}

/// Why a function's items cannot be listed.
#[derive(Debug, Clone)]
pub enum Stop {
    /// pytest raises this: a collect error of the module or class.
    Fails(Failure),
    /// Not known; what is not.
    Unknown(Cow<'static, str>),
}

/// An exception that collecting raises.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Bare class name.
    pub class: &'static str,
    /// Its text, if known.
    pub message: Option<String>,
    /// What code of the project raised, if it did.
    pub raised: Option<Box<Raised>>,
}

impl Failure {
    /// `pytest.fail`
    #[must_use]
    pub const fn failed(message: Option<String>) -> Self {
        Self { class: "Failed", message, raised: None }
    }

    /// `Collector.CollectError`
    #[must_use]
    pub const fn collect_error(message: Option<String>) -> Self {
        Self { class: "CollectError", message, raised: None }
    }

    /// `ValueError`
    #[must_use]
    pub const fn value_error(message: String) -> Self {
        Self { class: "ValueError", message: Some(message), raised: None }
    }

    /// `TypeError`
    #[must_use]
    pub const fn type_error(message: Option<String>) -> Self {
        Self { class: "TypeError", message, raised: None }
    }
}

impl Failure {
    /// As the outcome of a module.
    #[must_use]
    pub fn raised(self) -> Raised {
        if let Some(raised) = self.raised {
            return *raised;
        }
        Raised {
            class: Name::new(self.class),
            message: self.message,
            frames: Vec::new(),
            cause: Cause::Other,
            certainty: Certainty::Certain,
        }
    }
}

fn fails<T>(failure: Failure) -> Result<T, Stop> {
    Err(Stop::Fails(failure))
}

/// One parameter of an item, as reordering sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Value,
    /// Index of its set in its call.
    pub index: usize,
    /// Scope of its call.
    pub scope: Scope,
    /// Whether it is handed to the function itself, not to a fixture.
    pub direct: bool,
}

/// The parameters of one item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallSpec {
    /// Id parts, one per call that shows one.
    pub ids: Vec<Arc<str>>,
    /// Parameters in order of their calls.
    pub parameters: Vec<Parameter>,
    /// Names of the marks that its sets carry.
    pub marks: Vec<Name>,
}

/// What `parametrize` is given.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// `argnames`
    pub names: Option<Value>,
    /// `argvalues`
    pub values: Option<Value>,
    /// `indirect`
    pub indirect: Option<Value>,
    /// `ids`
    pub ids: Option<Value>,
    /// `scope`
    pub scope: Option<Value>,
}

/// What a function offers to its parameters.
pub struct Target<'a> {
    /// Node id without parameters.
    pub nodeid: &'a str,
    /// The function's name.
    pub function: &'a str,
    /// Line of its first decorator, for one message.
    pub line: Option<u32>,
    /// Its fixture closure.
    pub closure: &'a [Name],
    /// Whether the closure may hold more names than these.
    pub closure_open: bool,
    /// Parameters with a default value.
    pub defaults: &'a [Name],
    /// Scope of the deepest definition of a fixture.
    pub fixture_scope: &'a dyn Fn(Name) -> Option<Scope>,
}

impl Target<'_> {
    fn shown(&self, rules: &ItemRules) -> &str {
        if rules.at_least(9, 1) { self.nodeid } else { self.function }
    }
}

/// Reads the arguments of a mark, with pytest's complaints.
///
/// # Errors
/// pytest's error, or what is not known.
pub fn arguments(rules: &ItemRules, mark: &Mark) -> Result<Arguments, Stop> {
    if mark.inexact {
        return Err(Stop::Unknown("starred arguments of parametrize".into()));
    }
    let mut found = Arguments::default();
    let positional = if rules.at_least(9, 2) { 2 } else { 5 };
    if mark.args.len() > positional {
        let given = mark.args.len() + 1;
        let keywords = mark.kwargs.len() + 1;
        let noun = if keywords == 1 { "argument" } else { "arguments" };
        let text = format!(
            "Metafunc.parametrize() takes 3 positional arguments but {given} positional arguments (and {keywords} \
             keyword-only {noun}) were given"
        );
        return fails(Failure::type_error((positional == 2).then_some(text)));
    }
    let slots = [&mut found.names, &mut found.values, &mut found.indirect, &mut found.ids, &mut found.scope];
    for (slot, value) in slots.into_iter().zip(&mark.args) {
        *slot = Some(value.clone());
    }
    for (name, value) in &mark.kwargs {
        let slot = match name.as_str() {
            "argnames" => &mut found.names,
            "argvalues" => &mut found.values,
            "indirect" => &mut found.indirect,
            "ids" => &mut found.ids,
            "scope" => &mut found.scope,
            other => {
                let text = format!("Metafunc.parametrize() got an unexpected keyword argument '{other}'");
                let text = rules.python_at_least(10).then_some(text);
                return fails(Failure::type_error(text));
            }
        };
        *slot = Some(value.clone());
    }
    if found.names.is_none() || found.values.is_none() {
        return fails(missing(rules, &found));
    }
    Ok(found)
}

fn missing(rules: &ItemRules, found: &Arguments) -> Failure {
    let owner = if rules.python_at_least(10) { "ParameterSet." } else { "" };
    let text = match (&found.names, &found.values) {
        (Some(_), None) => "missing 1 required positional argument: 'argvalues'",
        (None, Some(_)) => "missing 1 required positional argument: 'argnames'",
        _ => "missing 2 required positional arguments: 'argnames' and 'argvalues'",
    };
    Failure::type_error(Some(format!("{owner}_parse_parametrize_args() {text}")))
}

/// `argnames` taken apart: names, and whether each value is wrapped.
///
/// # Errors
/// If they are not known.
pub fn split_names(state: &State, value: &Value) -> Result<(Vec<Name>, bool), Stop> {
    if let Value::Str(text) = value {
        let names: Vec<_> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Name::new).collect();
        let wrap = names.len() == 1 && !text.trim_end().ends_with(',');
        return Ok((names, wrap));
    }
    let unknown = Stop::Unknown("argument names of parametrize".into());
    let items = view::elements(state, value).ok_or_else(|| unknown.clone())?;
    let names: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(Name::new)).collect();
    Ok((names.ok_or(unknown)?, false))
}

/// Names that the function itself gets, not a fixture.
///
/// # Errors
/// If that is not known.
pub fn direct_names(state: &State, rules: &ItemRules, mark: &Mark) -> Result<Vec<Name>, Stop> {
    names_given_directly(state, &arguments(rules, mark)?)
}

/// The same of arguments that were read.
///
/// # Errors
/// If that is not known.
pub fn names_given_directly(state: &State, given: &Arguments) -> Result<Vec<Name>, Stop> {
    let (names, _) = split_names(state, given.names.as_ref().unwrap_or(&Value::Unknown))?;
    let indirect = Indirect::read(state, given.indirect.as_ref())?;
    Ok(names.into_iter().filter(|name| !indirect.holds(*name)).collect())
}

/// Names that the function itself gets, each with the scope that its parametrization states.
///
/// # Errors
/// If that is not known.
pub fn direct_scopes(state: &State, rules: &ItemRules, mark: &Mark) -> Result<Vec<(Name, Option<Scope>)>, Stop> {
    let scope = match arguments(rules, mark)?.scope {
        None | Some(Value::None) => Some(Scope::Function),
        Some(value) => value.as_str().and_then(Scope::from_text),
    };
    Ok(direct_names(state, rules, mark)?.into_iter().map(|name| (name, scope)).collect())
}

/// `indirect=`
#[derive(Debug, Clone)]
enum Indirect {
    All(bool),
    Names(Vec<Name>),
    Other(&'static str),
}

impl Indirect {
    fn read(state: &State, value: Option<&Value>) -> Result<Self, Stop> {
        let Some(value) = value else { return Ok(Self::All(false)) };
        match value {
            Value::Bool(flag) => return Ok(Self::All(*flag)),
            Value::Unknown => return Err(Stop::Unknown("indirect=".into())),
            _ => {}
        }
        let is_sequence = matches!(value, Value::Str(_) | Value::Tuple(_) | Value::List(_));
        match view::elements(state, value) {
            Some(items) if is_sequence => {
                let names: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(Name::new)).collect();
                names.map(Self::Names).ok_or(Stop::Unknown("indirect=".into()))
            }
            _ => objects::type_name(state, value).map(Self::Other).ok_or(Stop::Unknown("indirect=".into())),
        }
    }

    fn holds(&self, name: Name) -> bool {
        match self {
            Self::All(flag) => *flag,
            Self::Names(names) => names.contains(&name),
            Self::Other(_) => false,
        }
    }

    fn check(&self, rules: &ItemRules, target: &Target<'_>, names: &[Name]) -> Result<(), Stop> {
        let shown = target.shown(rules);
        match self {
            Self::All(_) => Ok(()),
            Self::Other(class) => fails(Failure::failed(Some(format!(
                "In {shown}: expected Sequence or boolean for indirect, got {class}"
            )))),
            Self::Names(given) => match given.iter().find(|name| !names.contains(name)) {
                Some(name) => {
                    fails(Failure::failed(Some(format!("In {shown}: indirect fixture '{name}' doesn't exist"))))
                }
                None => Ok(()),
            },
        }
    }
}

/// Parameter sets of `argvalues`, checked as pytest checks them.
fn sets(
    state: &State,
    rules: &ItemRules,
    target: &Target<'_>,
    names: &[Name],
    wrap: bool,
    values: &Value,
) -> Result<Vec<ParameterSet>, Stop> {
    let Some(items) = view::elements(state, values) else {
        if let Err(class) = view::length(state, values) {
            return fails(Failure::type_error(Some(format!("'{class}' object is not iterable"))));
        }
        return Err(Stop::Unknown("argument values of parametrize".into()));
    };
    if items.is_empty() {
        return Ok(vec![empty(rules, target, names)?]);
    }
    items.iter().map(|item| set(state, rules, target, names, wrap, item)).collect()
}

/// The set that stands in where there is none.
fn empty(rules: &ItemRules, target: &Target<'_>, names: &[Name]) -> Result<ParameterSet, Stop> {
    if rules.empty_fails {
        let text = target.line.map(|line| format!("Empty parameter set in '{}' at line {line}", target.function));
        return fails(Failure::collect_error(text));
    }
    // NOTSET has no text of its own.
    let values = vec![Value::Ellipsis; names.len()];
    Ok(ParameterSet { values, id: rules.at_least(8, 4).then(|| Value::str("NOTSET")), marks: Vec::new() })
}

fn set(
    state: &State,
    rules: &ItemRules,
    target: &Target<'_>,
    names: &[Name],
    wrap: bool,
    item: &Value,
) -> Result<ParameterSet, Stop> {
    let (values, id, shown) = match item {
        Value::Param(param) => {
            (param.values.clone(), param.id.clone(), view::repr(state, &Value::tuple(param.values.clone())))
        }
        _ if wrap => (vec![item.clone()], None, None),
        _ => match view::length(state, item) {
            Ok(_) => {
                let values = view::elements(state, item).ok_or(Stop::Unknown("values of a parameter set".into()))?;
                (values, None, view::repr(state, item))
            }
            Err(class) => return fails(not_sized(state, rules, target, item, class)),
        },
    };
    if values.len() != names.len() {
        let list = names.iter().map(|name| view::str_repr(name.as_str())).collect::<Vec<_>>().join(", ");
        let text = shown.map(|shown| {
            format!(
                "{}: in \"parametrize\" the number of names ({}):\n  [{list}]\nmust be equal to the number of values \
                 ({}):\n  {shown}",
                target.nodeid,
                names.len(),
                values.len()
            )
        });
        return fails(Failure::failed(text));
    }
    let marks = match item {
        Value::Param(param) => marks_of(state, param.marks.as_ref()),
        _ => Vec::new(),
    };
    Ok(ParameterSet { values, id: id.filter(|id| *id != Value::None), marks })
}

/// Names of the marks that `marks=` is given.
fn marks_of(state: &State, value: Option<&Value>) -> Vec<Name> {
    let items = match value {
        None => return Vec::new(),
        Some(mark @ Value::Mark(_)) => vec![mark.clone()],
        Some(other) => view::elements(state, other).unwrap_or_default(),
    };
    let name = |value: &Value| if let Value::Mark(mark) = value { Some(mark.name) } else { None };
    items.iter().filter_map(name).collect()
}

fn not_sized(state: &State, rules: &ItemRules, target: &Target<'_>, item: &Value, class: &str) -> Failure {
    if !rules.at_least(9, 2) {
        return Failure::type_error(Some(format!("object of type '{class}' has no len()")));
    }
    let text = view::repr(state, item).map(|shown| {
        format!(
            "{}: in \"parametrize\" expected a sequence of values, for a single value use a one-element tuple like \
             ('value',), got {class}:\n  {shown}",
            target.nodeid
        )
    });
    Failure::failed(text)
}

fn check_names(rules: &ItemRules, target: &Target<'_>, names: &[Name], indirect: &Indirect) -> Result<(), Stop> {
    for name in names {
        if target.closure.contains(name) {
            continue;
        }
        if target.closure_open {
            return Err(Stop::Unknown("fixtures of the function".into()));
        }
        let shown = target.shown(rules);
        if target.defaults.contains(name) {
            let text = format!("In {shown}: function already takes an argument '{name}' with a default value");
            return fails(Failure::failed(Some(text)));
        }
        let kind = if indirect.holds(*name) { "fixture" } else { "argument" };
        return fails(Failure::failed(Some(format!("In {shown}: function uses no {kind} '{name}'"))));
    }
    Ok(())
}

fn scope(
    state: &State,
    target: &Target<'_>,
    names: &[Name],
    indirect: &Indirect,
    given: Option<&Value>,
) -> Result<Scope, Stop> {
    let _ = state;
    match given {
        None | Some(Value::None) => {}
        Some(Value::Str(text)) => {
            return Scope::from_text(text).ok_or_else(|| {
                let function = target.function;
                let text = format!("parametrize() call in {function} got an unexpected scope value '{text}'");
                Stop::Fails(Failure::failed(Some(text)))
            });
        }
        Some(_) => return Err(Stop::Unknown("scope of parametrize".into())),
    }
    let all = match indirect {
        Indirect::All(flag) => *flag,
        Indirect::Names(given) => given.len() == names.len(),
        Indirect::Other(_) => false,
    };
    if !all {
        return Ok(Scope::Function);
    }
    Ok(names.iter().filter_map(|name| (target.fixture_scope)(*name)).min().unwrap_or(Scope::Function))
}

/// `ids=` made ready: a function is called for each value.
fn explicit(
    machine: &mut Machine<'_>,
    rules: &ItemRules,
    target: &Target<'_>,
    sets: &[ParameterSet],
    value: Option<&Value>,
) -> Result<Explicit, Stop> {
    let value = match value {
        None | Some(Value::None) => return Ok(Explicit::Absent),
        Some(Value::Unknown) => return Err(Stop::Unknown("ids=".into())),
        Some(value) => value,
    };
    if is_callable(machine.state(), value) {
        let mut results = Vec::with_capacity(sets.len());
        for set in sets {
            let known = |argument: &Value| {
                if set.id.is_some() { Some(Value::None) } else { machine_call(machine, rules, value, argument) }
            };
            results.push(call_each(&set.values, known));
        }
        return Ok(Explicit::Called(results));
    }
    let Some(items) = view::elements(machine.state(), value) else {
        if view::length(machine.state(), value).is_err() {
            return fails(Failure::type_error(Some("ids must be a callable or an iterable".to_owned())));
        }
        return Err(Stop::Unknown("ids=".into()));
    };
    if items.len() != sets.len() && !items.is_empty() {
        let (shown, sets, ids) = (target.shown(rules), sets.len(), items.len());
        let text = format!("In {shown}: {sets} parameter sets specified, with different number of ids: {ids}");
        return fails(Failure::failed(Some(text)));
    }
    Ok(Explicit::List(items))
}

fn call_each(values: &[Value], mut call: impl FnMut(&Value) -> Option<Value>) -> Vec<Option<Value>> {
    values.iter().map(&mut call).collect()
}

fn is_callable(state: &State, value: &Value) -> bool {
    match value {
        Value::Function(_) | Value::Class(_) | Value::Method(_) | Value::Partial(_) | Value::Descriptor(..) => true,
        Value::External(name) => !name.as_str().contains('('),
        Value::Instance(id) => match state.instances[*id].class {
            Value::Class(class) => view::own_attribute(state, class, "__call__").is_some(),
            _ => false,
        },
        _ => false,
    }
}

/// What the function gives for one value.
fn machine_call(machine: &mut Machine<'_>, rules: &ItemRules, function: &Value, argument: &Value) -> Option<Value> {
    if let Value::External(name) = function {
        let state = machine.state();
        return match name.as_str() {
            "builtins.repr" => match view::repr(state, argument) {
                Some(text) => Some(Value::str(&text)),
                None => machine.evaluate(function, vec![argument.clone()]),
            },
            "builtins.ascii" => {
                view::repr(state, argument).filter(|text| text.is_ascii()).map(|text| Value::str(&text))
            }
            "builtins.str" => match argument {
                Value::Str(_) => Some(argument.clone()),
                Value::Instance(_) => match ids::of_value(state, rules, argument) {
                    ids::Text::Known(text) => Some(Value::str(&text)),
                    _ => machine.evaluate(function, vec![argument.clone()]),
                },
                Value::Path(path) => Some(Value::str(&path.to_string_lossy())),
                other => view::repr(state, other).map(|text| Value::str(&text)),
            },
            _ => machine.evaluate(function, vec![argument.clone()]),
        };
    }
    machine.evaluate(function, vec![argument.clone()])
}

/// One call of `parametrize` on what earlier calls made.
///
/// # Errors
/// pytest's error, or what is not known.
pub fn apply(
    machine: &mut Machine<'_>,
    rules: &ItemRules,
    target: &Target<'_>,
    given: &Arguments,
    calls: Vec<CallSpec>,
) -> Result<Vec<CallSpec>, Stop> {
    let unknown = Value::Unknown;
    let values = machine.listed(given.values.clone().unwrap_or(Value::Unknown));
    let state = machine.state();
    let (names, wrap) = split_names(state, given.names.as_ref().unwrap_or(&unknown))?;
    let sets = sets(state, rules, target, &names, wrap, &values)?;
    if names.iter().any(|name| name.as_str() == "request") && rules.at_least(8, 0) {
        let text = "'request' is a reserved name and cannot be used in @pytest.mark.parametrize";
        return fails(Failure::failed(Some(format!("{}: {text}", target.nodeid))));
    }
    let indirect = Indirect::read(state, given.indirect.as_ref())?;
    let scope = scope(state, target, &names, &indirect, given.scope.as_ref())?;
    check_names(rules, target, &names, &indirect)?;
    let given_ids = given.ids.clone().map(|ids| machine.listed(ids));
    let explicit = explicit(machine, rules, target, &sets, given_ids.as_ref())?;
    let call = ids::Call {
        argnames: &names,
        sets: &sets,
        explicit: &explicit,
        nodeid: target.nodeid,
        shown: target.shown(rules),
    };
    let found = ids::make(machine.state(), rules, &call)?;
    indirect.check(rules, target, &names)?;
    let product = calls.len().max(1).saturating_mul(sets.len());
    if product > LIMIT {
        return Err(Stop::Unknown("more parameter sets than are listed".into()));
    }
    combine(rules, target, calls, &names, &sets, &found, scope, &indirect)
}

/// One row behind another, in a list that is as long as it has to be.
fn joined<T: Clone>(first: &[T], second: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::with_capacity(first.len() + second.size_hint().0);
    all.extend_from_slice(first);
    all.extend(second);
    all
}

/// Items of one function that are listed one by one.
const LIMIT: usize = 200_000;

#[expect(clippy::too_many_arguments, reason = "the parts of one call")]
fn combine(
    rules: &ItemRules,
    target: &Target<'_>,
    calls: Vec<CallSpec>,
    names: &[Name],
    sets: &[ParameterSet],
    found: &[Id],
    scope: Scope,
    indirect: &Indirect,
) -> Result<Vec<CallSpec>, Stop> {
    let before = if calls.is_empty() { vec![CallSpec::default()] } else { calls };
    let taken = before.first().map(|call| &call.parameters);
    if let Some(name) = names.iter().enumerate().find_map(|(at, name)| {
        let earlier = taken.is_some_and(|taken| taken.iter().any(|parameter| parameter.name == *name));
        (earlier || names[..at].contains(name)).then_some(name)
    }) {
        let text = format!("duplicate parametrization of '{name}'");
        return fails(if rules.at_least(8, 0) {
            Failure::collect_error(Some(format!("{}: {text}", target.nodeid)))
        } else {
            Failure::value_error(text)
        });
    }
    let shown: Vec<Option<Arc<str>>> = found.iter().map(|id| id.as_deref().map(Arc::from)).collect();
    let mut after = Vec::with_capacity(before.len() * sets.len());
    for call in &before {
        for (index, (set, id)) in sets.iter().zip(&shown).enumerate() {
            let more = names.iter().zip(&set.values).map(|(name, value)| Parameter {
                name: *name,
                value: value.clone(),
                index,
                scope,
                direct: !indirect.holds(*name),
            });
            after.push(CallSpec {
                ids: joined(&call.ids, id.iter().cloned()),
                marks: joined(&call.marks, set.marks.iter().copied()),
                parameters: joined(&call.parameters, more),
            });
        }
    }
    Ok(after)
}
