//! Ids of parameter sets, as pytest's `IdMaker` builds them (spec: pytest-collection.md section 7).

use rustc_hash::{FxHashMap, FxHashSet};

use super::params::{Failure, ParameterSet, Stop};
use super::rules::{ItemRules, LongText};
use super::{objects, view};
use crate::base::intern::Name;
use crate::machine::kinds::NAMELESS;
use crate::machine::state::State;
use crate::machine::value::{ClassId, DescriptorKind, InstId, Value};
use crate::python::version::PythonVersion;
use crate::summary::UNKNOWN_CHARACTER;

/// The id of one parameter set; none for `HIDDEN_PARAM`.
pub type Id = Option<String>;

/// The text of a value in an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// This.
    Known(String),
    /// It has none: the argument's name and the set's index stand in.
    Unsupported,
    /// Cannot be known.
    Unknown,
}

/// `ids=` as `parametrize` reads it.
#[derive(Debug, Clone)]
pub enum Explicit {
    /// None given.
    Absent,
    /// One per set, `None` where there is none.
    List(Vec<Value>),
    /// What the function gave for each value of each set; none where that cannot be known.
    Called(Vec<Vec<Option<Value>>>),
}

/// One call of `parametrize`.
pub struct Call<'a> {
    /// Names.
    pub argnames: &'a [Name],
    /// Values.
    pub sets: &'a [ParameterSet],
    /// `ids=`
    pub explicit: &'a Explicit,
    /// Node id of the function without parameters.
    pub nodeid: &'a str,
    /// How "In ..." messages name the function.
    pub shown: &'a str,
}

/// Qualified names of `pytest.HIDDEN_PARAM`.
pub const HIDDEN: &[&str] =
    &["pytest.HIDDEN_PARAM", "_pytest.mark.HIDDEN_PARAM", "_pytest.mark.structures.HIDDEN_PARAM"];

/// Ids of all sets of one call.
///
/// # Errors
/// pytest's error, or what makes them unknowable.
pub fn make(state: &State, rules: &ItemRules, call: &Call<'_>) -> Result<Vec<Id>, Stop> {
    let mut found = Vec::with_capacity(call.sets.len());
    for index in 0..call.sets.len() {
        found.push(resolve(state, rules, call, index)?);
    }
    make_unique(state, rules, call, found)
}

fn resolve(state: &State, rules: &ItemRules, call: &Call<'_>, index: usize) -> Result<Id, Stop> {
    let set = &call.sets[index];
    let given = match (&set.id, call.explicit) {
        (Some(id), _) => Some(id),
        (None, Explicit::List(ids)) => ids.get(index).filter(|id| **id != Value::None),
        _ => None,
    };
    if let Some(id) = given {
        return explicit(state, rules, call, id, index, set.id.is_some());
    }
    let mut parts = Vec::with_capacity(set.values.len());
    for (at, (value, name)) in set.values.iter().zip(call.argnames).enumerate() {
        let named = match call.explicit {
            Explicit::Called(results) => {
                Some(results[index][at].as_ref().ok_or(Stop::Unknown("result of ids=".into()))?)
            }
            _ => None,
        };
        parts.push(value_id(state, rules, call, value, named, *name, index)?);
    }
    Ok(Some(parts.join("-")))
}

fn explicit(
    state: &State,
    rules: &ItemRules,
    call: &Call<'_>,
    id: &Value,
    index: usize,
    of_param: bool,
) -> Result<Id, Stop> {
    if let Value::External(name) = id
        && HIDDEN.contains(&name.as_str())
    {
        return Ok(None);
    }
    match of_value(state, rules, id) {
        Text::Known(text) => Ok(Some(text)),
        Text::Unknown => Err(Stop::Unknown("id".into())),
        Text::Unsupported if of_param => Err(Stop::Unknown("id of pytest.param".into())),
        Text::Unsupported => {
            let shown = view::repr(state, id).zip(objects::type_name(state, id));
            Err(Stop::Fails(Failure::failed(shown.map(|(repr, class)| {
                format!(
                    "In {}: ids contains unsupported value {repr} (type: <class '{class}'>) at index {index}. Supported \
                     types are: str, bytes, int, float, complex, bool, enum, regex or anything with a __name__.",
                    call.shown
                )
            }))))
        }
    }
}

fn value_id(
    state: &State,
    rules: &ItemRules,
    call: &Call<'_>,
    value: &Value,
    named: Option<&Value>,
    argname: Name,
    index: usize,
) -> Result<String, Stop> {
    if let Some(named) = named.filter(|named| **named != Value::None) {
        match of_value(state, rules, named) {
            Text::Known(text) => return Ok(text),
            Text::Unknown => return Err(Stop::Unknown("result of ids=".into())),
            Text::Unsupported => {}
        }
    }
    if let Some(text) = long_text(rules, call, value, argname, index)? {
        return Ok(text);
    }
    match of_value(state, rules, value) {
        Text::Known(text) => Ok(text),
        Text::Unsupported => Ok(format!("{argname}{index}")),
        Text::Unknown => Err(Stop::Unknown(format!("the value of {argname} in set {index}").into())),
    }
}

/// What stands in for a text of more than 100 characters, where pytest replaces such texts.
fn long_text(
    rules: &ItemRules,
    call: &Call<'_>,
    value: &Value,
    argname: Name,
    index: usize,
) -> Result<Option<String>, Stop> {
    let (Value::Str(text) | Value::Bytes(text)) = value else { return Ok(None) };
    if text.len() <= 100 {
        return Ok(None);
    }
    let length = text.chars().count();
    match rules.long_text {
        LongText::Full => Ok(None),
        _ if length <= 100 => Ok(None),
        LongText::Short => Ok(Some(format!("{argname}{index}"))),
        LongText::Digest => Err(Stop::Unknown("digest of a long text".into())),
        LongText::Disallowed => Err(Stop::Fails(Failure::failed(Some(format!(
            "In {}: parametrize value for '{argname}' at index {index} is too long for an auto-generated ID ({length} \
             characters). Use pytest.param(..., id=...) or parametrize(..., ids=...) to set an explicit ID, or change \
             parametrize_long_str_id_strategy.",
            call.shown
        ))))),
    }
}

/// The text of a value, if its type is supported.
#[must_use]
pub fn of_value(state: &State, rules: &ItemRules, value: &Value) -> Text {
    match value {
        Value::Str(text) if text.contains(UNKNOWN_CHARACTER) => Text::Unknown,
        Value::Str(text) => Text::Known(if rules.unescaped { text.to_string() } else { escaped(text) }),
        Value::Bytes(text) => Text::Known(escaped_bytes(text)),
        Value::None => Text::Known("None".to_owned()),
        Value::Bool(flag) => Text::Known(if *flag { "True" } else { "False" }.to_owned()),
        Value::Int(number) => Text::Known(number.to_string()),
        Value::BigInt(number) => Text::Known(number.to_string()),
        Value::Float(number) => Text::Known(view::float_repr(*number)),
        Value::Complex(real, imaginary) => Text::Known(view::complex_repr(*real, *imaginary)),
        Value::Module(module) => Text::Known(state.modules[*module].name.to_string()),
        Value::Function(id) => {
            let function = &state.functions[*id];
            match view::function_attribute(state, *id, "__name__") {
                Some(Value::Str(name)) => Text::Known(name.to_string()),
                Some(_) => Text::Unknown,
                None if function.opaque => Text::Unknown,
                None => Text::Known(function.name.to_string()),
            }
        }
        Value::Suspended(parts) => Text::Known(state.functions[parts.0].name.to_string()),
        Value::Class(id) => Text::Known(state.classes[*id].name.to_string()),
        Value::Method(parts) => of_value(state, rules, &parts.0),
        Value::Descriptor(DescriptorKind::Static | DescriptorKind::Class, inner)
            if rules.python >= PythonVersion::three(10) =>
        {
            of_value(state, rules, inner)
        }
        Value::Descriptor(DescriptorKind::Property, inner) if rules.python >= PythonVersion::three(13) => {
            of_value(state, rules, inner)
        }
        Value::Instance(id) => of_instance(state, rules, *id),
        Value::External(name) => objects::id_of_external(state, *name, rules.python),
        Value::Unknown | Value::Super(..) => Text::Unknown,
        // `iter([])` looks the same, and has no name.
        Value::List(list) if state.object(*list).generator && state.object(*list).items.is_empty() => Text::Unknown,
        Value::List(list) if state.object(*list).generator => Text::Known("<genexpr>".to_owned()),
        Value::Ellipsis
        | Value::NotImplemented
        | Value::Tuple(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Dict(_)
        | Value::Descriptor(..)
        | Value::NamespaceDict(_)
        | Value::Path(_)
        | Value::Partial(_)
        | Value::Mark(_)
        | Value::Param(_)
        | Value::FixtureDecorator(_) => Text::Unsupported,
    }
}

fn of_instance(state: &State, rules: &ItemRules, id: InstId) -> Text {
    let instance = &state.instances[id];
    let class = match &instance.class {
        Value::Class(class) => *class,
        Value::External(name) => return objects::id_of_instance(state, *name, instance),
        _ => return Text::Unknown,
    };
    if view::is_enum(state, class) {
        return of_member(state, rules, class, id);
    }
    if view::inherits(state, class, objects::TEXTUAL) || view::has_unknown_base(state, class) {
        return Text::Unknown;
    }
    match view::instance_attribute(state, id, "__name__") {
        Some(Value::Str(name)) => return Text::Known(name.to_string()),
        Some(Value::Unknown) => return Text::Unknown,
        _ => {}
    }
    // Those of classes that are known by name answer for the labels of their data.
    let own: Vec<ClassId> = state.classes[class].mro.iter().filter_map(view::as_class).collect();
    let own: Vec<_> = own.into_iter().filter(|class| !objects::is_known_plain(state, *class)).collect();
    let defines = |name: &str| own.iter().any(|class| state.slot(state.classes[*class].ns, Name::new(name)).is_some());
    if ["__name__", "__getattr__", "__getattribute__"].into_iter().any(defines) {
        return Text::Unknown;
    }
    let foreign = state.classes[class].mro.iter().any(|base| match base {
        Value::External(name) => objects::may_have_name(*name),
        _ => false,
    });
    // Callable objects often take the name of the function they wrap, where what sets their attributes is not followed.
    let calls = defines("__call__") && state.ns(instance.ns).open.is_some_and(|reason| reason != NAMELESS);
    if foreign || calls {
        return Text::Unknown;
    }
    Text::Unsupported
}

/// `str(member)` of an enumeration.
fn of_member(state: &State, rules: &ItemRules, class: ClassId, id: InstId) -> Text {
    let attribute = |names: [&str; 2]| names.iter().find_map(|name| view::instance_attribute(state, id, name)).cloned();
    let value = attribute(["_value_", "value"]);
    let has = |name| view::inherits(state, class, &[name]);
    if has("builtins.str") || has("enum.StrEnum") {
        return value.map_or(Text::Unknown, |value| match value {
            Value::Str(_) => of_value(state, rules, &value),
            _ => Text::Unknown,
        });
    }
    if view::own_attribute(state, class, "__str__").is_some() || view::has_unknown_base(state, class) {
        return Text::Unknown;
    }
    let is_number = has("enum.IntEnum") || has("enum.IntFlag");
    if is_number && rules.python >= PythonVersion::three(11) {
        return match value {
            Some(Value::Int(number)) => Text::Known(number.to_string()),
            _ => Text::Unknown,
        };
    }
    match attribute(["_name_", "name"]) {
        Some(Value::Str(name)) => Text::Known(format!("{}.{name}", state.classes[class].name)),
        _ => Text::Unknown,
    }
}

/// Text as pytest escapes it: `unicode_escape`.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            _ => view::escape(c, &mut out),
        }
    }
    out
}

fn escaped_bytes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' => out.push(c),
            _ => view::escape(c, &mut out),
        }
    }
    out
}

fn make_unique(state: &State, rules: &ItemRules, call: &Call<'_>, ids: Vec<Id>) -> Result<Vec<Id>, Stop> {
    let mut counts: FxHashMap<Id, u32> = FxHashMap::default();
    for id in &ids {
        *counts.entry(id.clone()).or_default() += 1;
    }
    if counts.len() == ids.len() {
        return Ok(ids);
    }
    if rules.strict_ids {
        return Err(Stop::Fails(duplicates(state, call, &ids, &counts)));
    }
    if counts.get(&None).is_some_and(|count| *count > 1) && rules.at_least(8, 4) {
        let text = "multiple instances of HIDDEN_PARAM cannot be used in the same parametrize call, because the tests \
                    names need to be unique.";
        return Err(Stop::Fails(Failure::failed(Some(format!("In {}: {text}", call.shown)))));
    }
    let careful = rules.at_least(8, 1);
    let mut present: FxHashMap<Id, u32> = counts.clone();
    let mut next: FxHashMap<String, u32> = FxHashMap::default();
    let mut unique = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(text) = id else {
            unique.push(None);
            continue;
        };
        if counts[&Some(text.clone())] < 2 {
            unique.push(Some(text));
            continue;
        }
        let separator = if careful && text.ends_with(|c: char| c.is_numeric()) { "_" } else { "" };
        let number = next.entry(text.clone()).or_default();
        let mut candidate = Some(format!("{text}{separator}{number}"));
        while careful && present.get(&candidate).is_some_and(|count| *count > 0) {
            *number += 1;
            candidate = Some(format!("{text}{separator}{number}"));
        }
        *number += 1;
        if let Some(count) = present.get_mut(&Some(text)) {
            *count -= 1;
        }
        *present.entry(candidate.clone()).or_default() += 1;
        unique.push(candidate);
    }
    Ok(unique)
}

fn duplicates(state: &State, call: &Call<'_>, ids: &[Id], counts: &FxHashMap<Id, u32>) -> Failure {
    let shown = |id: &Id| id.clone().unwrap_or_else(|| "<hidden>".to_owned());
    let mut seen = FxHashSet::default();
    let repeated: Vec<_> = ids.iter().filter(|id| counts[*id] > 1 && seen.insert((*id).clone())).map(shown).collect();
    let names: Vec<_> = call.argnames.iter().map(|name| name.as_str()).collect();
    let sets: Option<Vec<_>> = call
        .sets
        .iter()
        .map(|set| set.values.iter().map(|value| view::repr(state, value)).collect::<Option<Vec<_>>>())
        .map(|values| Some(format!("[{}]", values?.join(", "))))
        .collect();
    let message = sets.map(|sets| {
        format!(
            "Duplicate parametrization IDs detected, but strict_parametrization_ids is set.\n\nTest name:      {}\n\
             Parameters:     {}\nParameter sets: {}\nIDs:            {}\nDuplicates:     {}\n\nYou can fix this \
             problem using `@pytest.mark.parametrize(..., ids=...)` or `pytest.param(..., id=...)`.",
            call.nodeid,
            names.join(", "),
            sets.join(", "),
            ids.iter().map(shown).collect::<Vec<_>>().join(", "),
            repeated.join(", ")
        )
    });
    Failure::collect_error(message)
}

#[cfg(test)]
mod tests {
    use super::{Call, Explicit, escaped, make};
    use crate::base::intern::Name;
    use crate::config::pytest_ini::{PytestConfig, PytestVersion};
    use crate::machine::state::State;
    use crate::machine::value::Value;
    use crate::pytest::params::ParameterSet;
    use crate::pytest::rules::ItemRules;
    use crate::python::version::PythonVersion;

    fn ids(version: &str, values: &[Value]) -> Vec<String> {
        let config = PytestConfig { version: PytestVersion::new(version), ..PytestConfig::default() };
        let rules = ItemRules::new(&config, PythonVersion::three(12));
        let sets: Vec<_> = values
            .iter()
            .map(|value| ParameterSet { values: vec![value.clone()], id: None, marks: Vec::new() })
            .collect();
        let names = [Name::new("v")];
        let call = Call { argnames: &names, sets: &sets, explicit: &Explicit::Absent, nodeid: "t.py::f", shown: "f" };
        match make(&State::default(), &rules, &call) {
            Ok(found) => found.into_iter().flatten().collect(),
            Err(stop) => vec![format!("{stop:?}")],
        }
    }

    #[test]
    fn values_of_each_type_read_as_pytest_writes_them() {
        let values = [
            Value::str("a b/c[d]::é\\\n"),
            Value::Bytes("\u{ff}\\x".into()),
            Value::Float(1e20),
            Value::Bool(true),
            Value::None,
            Value::tuple(vec![Value::Int(1)]),
            Value::Ellipsis,
        ];
        let expected = ["a b/c[d]::\\xe9\\\\\\n", "\\xff\\x", "1e+20", "True", "None", "v5", "v6"];
        assert_eq!(ids("9.2.0", &values), expected);
    }

    #[test]
    fn repeated_ids_are_counted() {
        let texts = |texts: &[&str]| texts.iter().map(|text| Value::str(text)).collect::<Vec<_>>();
        assert_eq!(ids("9.2.0", &texts(&["a", "a", "a0"])), ["a1", "a2", "a0"]);
        assert_eq!(ids("9.2.0", &texts(&["a", "a", "a1", "a1", "b"])), ["a0", "a2", "a1_0", "a1_1", "b"]);
        assert_eq!(ids("9.2.0", &texts(&["", "", ""])), ["0", "1", "2"]);
        assert_eq!(ids("8.4.2", &[Value::Int(1), Value::Int(1), Value::Float(1.0)]), ["1_0", "1_1", "1.0"]);
        assert_eq!(ids("7.4.4", &[Value::Int(1), Value::Int(1)]), ["10", "11"]);
    }

    #[test]
    fn long_texts_depend_on_the_version() {
        let long = "x".repeat(101);
        assert_eq!(ids("9.2.0", &[Value::str(&long)]), ["v0"]);
        assert_eq!(ids("8.4.2", &[Value::str(&long)]), [long]);
    }

    #[test]
    fn characters_beyond_ascii_are_escaped() {
        assert_eq!(escaped("日\u{1f600}\u{7f}\0"), "\\u65e5\\U0001f600\\x7f\\x00");
    }
}
