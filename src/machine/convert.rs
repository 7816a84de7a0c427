//! Questions about values: truth, elements, text.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Machine;
use super::log::{Eval, May};
use super::operate::is_literal;
use super::state::State;
use super::value::{ObjId, Object, Value};
use crate::base::intern::Name;
use crate::python::repr;

impl Machine<'_> {
    /// `bool(value)`; none if it is not known.
    pub(super) fn truth(&mut self, value: &Value) -> Option<bool> {
        match value {
            Value::None => Some(false),
            Value::Bool(value) => Some(*value),
            Value::Int(value) => Some(*value != 0),
            Value::Float(value) => Some(*value != 0.0),
            Value::Str(text) | Value::Bytes(text) => Some(!text.is_empty()),
            Value::Tuple(items) => Some(!items.is_empty()),
            Value::List(id) | Value::Set(id) | Value::Dict(id) => {
                let object = self.state.object(*id);
                object.exact.then_some(!object.items.is_empty())
            }
            Value::Module(_)
            | Value::Function(_)
            | Value::Method(_)
            | Value::Ellipsis
            | Value::Path(_)
            | Value::Mark(_)
            | Value::Suspended(_) => Some(true),
            Value::Class(class) => (self.state.classes[*class].metaclass.is_none()).then_some(true),
            Value::External(name) => self.external_truth(*name),
            _ => None,
        }
    }

    /// Classes, functions and modules are true; other objects may be anything.
    fn external_truth(&self, name: Name) -> Option<bool> {
        let text = name.as_str();
        if text == "builtins.NotImplemented" {
            return None;
        }
        (text.starts_with("builtins.") && !text.ends_with(')')).then_some(true)
    }

    /// Elements that are known of a container, and whether those are all.
    pub(super) fn elements(&self, value: &Value) -> Option<(Vec<Value>, bool)> {
        match value {
            Value::Tuple(items) => Some((items.to_vec(), true)),
            Value::List(id) | Value::Set(id) | Value::Dict(id) => {
                let object = self.state.object(*id);
                Some((object.items.clone(), object.exact))
            }
            _ => None,
        }
    }

    /// Elements of a tuple, list or string that unpacking takes apart.
    pub(super) fn sequence(&self, value: &Value) -> Option<(Vec<Value>, bool)> {
        match value {
            Value::Str(text) => Some((characters(text), true)),
            Value::External(name) if name.as_str() == "sys.version_info" => Some((self.version_info(), true)),
            Value::Class(class) => self.members(*class).map(|members| (members, true)),
            Value::Instance(instance) => self.state.namedtuple_items(*instance).map(|items| (items, true)),
            other => self.elements(other),
        }
    }

    /// `list(value)`; none if it is not known.
    pub(super) fn iterate(&mut self, value: &Value) -> Eval<Option<Vec<Value>>> {
        match value {
            Value::None => self.fails("TypeError", "'NoneType' object is not iterable").map(|_| None),
            Value::NamespaceDict(ns) if self.state.ns(*ns).open.is_none() => Ok(None),
            Value::Suspended(generator) => {
                let items = self.list_generator(generator)?;
                if items.is_none() {
                    self.may_raise(May::Anything);
                }
                Ok(items)
            }
            Value::Instance(file) if self.is_open_file(value) => {
                let lines = self.lines_of_file(*file);
                if lines.is_none() {
                    self.may_raise(May::Anything);
                }
                Ok(lines)
            }
            Value::Instance(array) if let Some(items) = self.array_elements(*array) => Ok(Some(items)),
            _ => match self.sequence(value) {
                Some((items, true)) => Ok(Some(items)),
                _ => {
                    if let Some(kind) = self.not_iterable(value) {
                        self.fails("TypeError", format!("'{kind}' object is not iterable"))?;
                    }
                    self.may_raise(May::Anything);
                    Ok(None)
                }
            },
        }
    }

    /// A new set: equal elements once.
    pub(super) fn new_set(&mut self, items: Vec<Value>, exact: bool) -> Value {
        let mut once: Vec<Value> = Vec::with_capacity(items.len());
        let mut places = FxHashMap::default();
        // Two that are not plainly different may be equal: how many there are is not known.
        let exact = exact && (items.len() < 2 || items.iter().all(is_plainly_compared));
        for item in items {
            let known = match Key::of(&item) {
                Some(key) => places.insert(key, once.len()).is_some(),
                None => !item.is_unknown() && once.contains(&item),
            };
            if !known {
                once.push(item);
            }
        }
        Value::Set(self.state.new_object(once, Vec::new(), exact))
    }

    /// `list.extend` and `+=`.
    pub(super) fn extend(&mut self, list: ObjId, value: &Value) {
        let added = self.sequence(value);
        self.state.change(list, |object| match added {
            Some((items, _)) if object.items.len() + items.len() > LONGEST_LIST => object.exact = false,
            Some((items, exact)) => {
                object.items.extend(items);
                object.exact &= exact;
            }
            None => object.exact = false,
        });
    }

    /// `dict.update`
    pub(super) fn update(&mut self, dict: ObjId, other: &Value) {
        let Value::Dict(other) = other else {
            self.state.change(dict, |object| object.exact = false);
            return;
        };
        let Object { items, values, exact, .. } = self.state.object(*other).clone();
        for (key, value) in items.into_iter().zip(values) {
            self.set_item(&Value::Dict(dict), &key, value);
        }
        if !exact {
            self.state.change(dict, |object| object.exact = false);
        }
    }

    /// `str(value)`
    pub(super) fn to_str(&self, value: &Value) -> Option<String> {
        match value {
            Value::Str(text) => Some(text.to_string()),
            Value::Path(path) => {
                let text = path.to_string_lossy();
                Some(text.strip_prefix("./").unwrap_or(&text).to_owned())
            }
            Value::Instance(instance) => {
                let data = &self.state.instances[*instance];
                match (&data.class, data.args.as_slice()) {
                    (Value::External(class), [one]) if crate::python::exceptions::is_known(class.as_str()) => {
                        self.to_str(one)
                    }
                    _ => self.instance_text(*instance, false),
                }
            }
            other => self.repr(other),
        }
    }

    /// `repr(value)`
    pub(super) fn repr(&self, value: &Value) -> Option<String> {
        self.repr_within(value, 0, &mut LARGEST.clone())
    }

    /// Lists may hold themselves, and tuples each other many times over.
    fn repr_within(&self, value: &Value, depth: usize, budget: &mut usize) -> Option<String> {
        *budget = budget.checked_sub(1)?;
        if depth > DEEPEST {
            return None;
        }
        let all = |items: &[Value], budget: &mut usize| -> Option<Vec<String>> {
            items.iter().map(|item| self.repr_within(item, depth + 1, budget)).collect()
        };
        match value {
            Value::None => Some("None".to_owned()),
            Value::Ellipsis => Some("Ellipsis".to_owned()),
            Value::Bool(true) => Some("True".to_owned()),
            Value::Bool(false) => Some("False".to_owned()),
            Value::Int(value) => Some(value.to_string()),
            Value::BigInt(value) => Some(value.to_string()),
            Value::Float(value) => Some(repr::float_repr(*value)),
            Value::Complex(real, imaginary) => Some(repr::complex_repr(*real, *imaginary)),
            Value::Str(text) if text.contains(crate::summary::UNKNOWN_CHARACTER) => None,
            Value::Str(text) => Some(repr::str_repr(text)),
            Value::Bytes(text) => Some(repr::bytes_repr(text)),
            Value::Instance(instance) => self.instance_text(*instance, true),
            Value::External(name) if name.as_str() == "datetime.timezone.utc" || name.as_str() == "datetime.UTC" => {
                Some("datetime.timezone.utc".to_owned())
            }
            Value::Tuple(items) => {
                let shown = all(items, budget)?;
                Some(if items.len() == 1 { format!("({},)", shown[0]) } else { format!("({})", shown.join(", ")) })
            }
            Value::List(id) => {
                let object = self.state.object(*id);
                if !object.exact || object.disguised {
                    return None;
                }
                Some(format!("[{}]", all(&object.items, budget)?.join(", ")))
            }
            Value::Dict(id) => {
                let object = self.state.object(*id);
                if !object.exact || object.disguised {
                    return None;
                }
                let (keys, values) = (all(&object.items, budget)?, all(&object.values, budget)?);
                let pairs: Vec<_> = keys.iter().zip(values).map(|(key, value)| format!("{key}: {value}")).collect();
                Some(format!("{{{}}}", pairs.join(", ")))
            }
            _ => None,
        }
    }
}

/// Values that one comparison or one text may look at.
pub(super) const LARGEST: usize = 100_000;
/// Containers inside each other that are looked into.
pub(super) const DEEPEST: usize = 60;
/// Elements of a list or tuple that code puts together.
pub(super) const LONGEST_LIST: usize = 100_000;
/// Bytes of a text that code puts together.
const LONGEST_TEXT: usize = 1_000_000;

/// A text that code put together; only its type is known where it is very long.
pub(super) fn grown(text: &str) -> Value {
    if text.len() > LONGEST_TEXT { Value::external("builtins.str()") } else { Value::str(text) }
}

/// Whether tuples inside these add up to more than anybody writes down: they are compared element by element.
pub(super) fn is_heavy(items: &[Value]) -> bool {
    fn weigh(items: &[Value], left: &mut usize) -> bool {
        items.iter().all(|item| match item {
            Value::Tuple(inner) => match left.checked_sub(inner.len() + 1) {
                Some(rest) => {
                    *left = rest;
                    weigh(inner, left)
                }
                None => false,
            },
            _ => true,
        })
    }
    !weigh(items, &mut 50_000)
}

/// A key that can be looked up by hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Text(Arc<str>),
    Number(i64),
}

impl Key {
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Str(text) => Some(Self::Text(Arc::clone(text))),
            Value::Int(number) => Some(Self::Number(*number)),
            _ => None,
        }
    }
}

/// A dict while its display is evaluated.
#[derive(Default)]
pub(super) struct Table {
    items: Vec<Value>,
    values: Vec<Value>,
    places: FxHashMap<Key, usize>,
    inexact: bool,
}

impl Table {
    pub(super) fn put(&mut self, key: Value, value: Value) {
        let hashed = Key::of(&key);
        let found = match &hashed {
            Some(hashed) => self.places.get(hashed).copied(),
            None => self.items.iter().position(|known| *known == key),
        };
        match found {
            Some(at) if is_literal(&key) => self.values[at] = value,
            _ => {
                self.inexact |= !is_literal(&key);
                if let Some(hashed) = hashed {
                    self.places.insert(hashed, self.items.len());
                }
                self.items.push(key);
                self.values.push(value);
            }
        }
    }

    pub(super) fn take(&mut self, state: &mut State) -> ObjId {
        let table = std::mem::take(self);
        state.new_object(table.items, table.values, !table.inexact)
    }
}

fn characters(text: &str) -> Vec<Value> {
    text.chars().map(|c| Value::str(c.encode_utf8(&mut [0; 4]))).collect()
}

/// Whether two such values are equal for Python just when they are for us: no `__eq__` of somebody's is asked.
fn is_plainly_compared(value: &Value) -> bool {
    match value {
        Value::Tuple(items) => items.iter().all(is_plainly_compared),
        Value::External(name) => name.as_str().starts_with("builtins.") && !name.as_str().ends_with("()"),
        Value::Module(_) | Value::Function(_) | Value::Class(_) | Value::Path(_) => true,
        other => is_literal(other),
    }
}
