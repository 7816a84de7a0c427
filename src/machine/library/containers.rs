//! Methods of `list`, `dict`, `set` and `str`.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::convert::grown;
use crate::machine::log::{Eval, May};
use crate::machine::operate::is_literal;
use crate::machine::value::{ObjId, Value};

impl Machine<'_> {
    pub(super) fn play_container(&mut self, request: &Request) -> Played {
        let (kind, method) = request.name.strip_prefix("builtins.")?.split_once('.')?;
        let (object, args) = request.args.split_first()?;
        match (kind, object) {
            ("list", Value::List(list)) => Some(self.list_method(*list, method, args, request)),
            ("set", Value::Set(set)) => Some(self.set_method(*set, method, args)),
            ("dict", Value::Dict(dict)) => Some(self.dict_method(*dict, method, args, request)),
            ("dict", Value::NamespaceDict(_)) => Some(self.namespace_method(object, method, args, request)),
            ("str", Value::Str(text)) => Some(self.str_method(&Arc::clone(text), method, args, request)),
            (_, Value::Instance(own)) if method == "__init__" && crate::python::exceptions::is_known(kind) => {
                // `args` are those of the last constructor that ran.
                self.state.instances[*own].args = args.to_vec();
                Some(Ok(Value::None))
            }
            ("object", _) if !method.contains('.') => Some(self.object_method(object, method)),
            ("bytes", Value::Bytes(text)) => Some(Ok(self.bytes_method(&Arc::clone(text), method, args))),
            ("tuple", _) => Some(Ok(self.tuple_method(object, method, args))),
            ("bytes" | "int" | "float" | "bool", _) => {
                self.may_raise(May::Anything);
                Some(Ok(Value::Unknown))
            }
            _ => None,
        }
    }

    /// `super().__init__()` and the like, where the search ends at `object`.
    fn object_method(&mut self, object: &Value, method: &str) -> Eval {
        Ok(match (method, object) {
            ("__new__", Value::Class(_) | Value::External(_)) => self.instance(object.clone(), Vec::new(), Vec::new()),
            ("__init__" | "__init_subclass__" | "__setattr__", _) => Value::None,
            _ => Value::Unknown,
        })
    }

    fn list_method(&mut self, list: ObjId, method: &str, args: &[Value], request: &Request) -> Eval {
        let first = args.first().cloned();
        match (method, first) {
            // Packages add directories of their own that hold nothing a project imports by name.
            ("append", Some(Value::Unknown)) if list == self.sys_path && self.in_package() => {}
            ("append", Some(value)) => self.state.change(list, |list| list.items.push(value)),
            ("extend", Some(Value::Unknown)) if list == self.sys_path && self.in_package() => {}
            ("extend", Some(value)) => self.extend(list, &value),
            ("insert", Some(_))
                if list == self.sys_path && self.in_package() && args.get(1).is_some_and(Value::is_unknown) => {}
            ("insert", Some(at)) => {
                let value = args.get(1).cloned().unwrap_or(Value::Unknown);
                self.state.change(list, |list| match at {
                    Value::Int(at) => {
                        let len = i64::try_from(list.items.len()).unwrap_or(0);
                        let at = if at < 0 { (at + len).max(0) } else { at.min(len) };
                        list.items.insert(usize::try_from(at).unwrap_or(0), value);
                    }
                    _ => {
                        list.items.insert(0, value);
                        list.exact = false;
                    }
                });
            }
            ("remove", Some(value)) => return self.remove(list, &value),
            ("pop", at) => return Ok(self.pop(list, at)),
            ("clear", _) => self.state.change(list, |list| list.items.clear()),
            ("reverse", _) => self.state.change(list, |list| list.items.reverse()),
            ("sort", _) => {
                let object = self.state.object(list).clone();
                let len = object.items.len();
                let sorted = if object.exact {
                    self.in_order(object.items, request.keyword("key"), request.keyword("reverse")).transpose()?
                } else {
                    None
                };
                let items = sorted.unwrap_or_else(|| vec![Value::Unknown; len]);
                self.state.change(list, |list| list.items = items);
            }
            ("count", Some(value)) => {
                let object = self.state.object(list).clone();
                let equal: Option<Vec<bool>> = object.items.iter().map(|item| self.equal(item, &value)).collect();
                return Ok(match equal.filter(|_| object.exact) {
                    Some(equal) => Value::Int(i64::try_from(equal.iter().filter(|same| **same).count()).unwrap_or(0)),
                    None => Value::Unknown,
                });
            }
            ("copy", _) => {
                let object = self.state.object(list).clone();
                return Ok(Value::List(self.state.new_object(object.items, Vec::new(), object.exact)));
            }
            ("count" | "index", _) => {
                self.may_raise(May::Anything);
                return Ok(Value::Unknown);
            }
            _ => self.state.change(list, |list| list.exact = false),
        }
        Ok(Value::None)
    }

    fn in_package(&self) -> bool {
        self.frames.last().is_some_and(|frame| !self.units[frame.unit].is_project)
    }

    fn remove(&mut self, list: ObjId, value: &Value) -> Eval {
        let object = self.state.object(list).clone();
        let found = object.items.iter().position(|item| self.equal(item, value) == Some(true));
        match found {
            Some(at) => self.state.change(list, |list| {
                list.items.remove(at);
            }),
            None if object.exact && is_literal(value) && object.items.iter().all(is_literal) => {
                return self.fails("ValueError", "list.remove(x): x not in list");
            }
            None => {
                self.may_raise(May::Anything);
                self.state.change(list, |list| list.exact = false);
            }
        }
        Ok(Value::None)
    }

    fn pop(&mut self, list: ObjId, at: Option<Value>) -> Value {
        let len = self.state.object(list).items.len();
        let at = match at {
            None => len.checked_sub(1),
            Some(Value::Int(at)) if at >= 0 => usize::try_from(at).ok().filter(|at| *at < len),
            Some(Value::Int(-1)) => len.checked_sub(1),
            Some(_) => None,
        };
        let mut popped = Value::Unknown;
        let taken = &mut popped;
        self.state.change(list, |list| match at {
            Some(at) => *taken = list.items.remove(at),
            None => list.exact = false,
        });
        if popped.is_unknown() {
            self.may_raise(May::Anything);
        }
        popped
    }

    fn set_method(&mut self, set: ObjId, method: &str, args: &[Value]) -> Eval {
        match (method, args.first()) {
            ("add", Some(value)) => {
                let known = is_literal(value);
                let present = self.state.object(set).items.contains(value);
                self.state.change(set, |set| {
                    if !present || !known {
                        set.items.push(value.clone());
                    }
                });
                Ok(Value::None)
            }
            ("copy", _) => {
                let object = self.state.object(set).clone();
                Ok(self.new_set(object.items, object.exact))
            }
            ("discard" | "remove", Some(value)) if self.holds_literals(set) && is_literal(value) => {
                self.state.change(set, |set| set.items.retain(|item| item != value));
                Ok(Value::None)
            }
            ("clear", None) => {
                self.state.change(set, |set| set.items.clear());
                Ok(Value::None)
            }
            ("update", Some(_)) if args.iter().all(|other| self.sequence(other).is_some_and(|(_, exact)| exact)) => {
                let object = self.state.object(set).clone();
                let added = args.iter().filter_map(|other| self.sequence(other)).flat_map(|(items, _)| items);
                let items = object.items.into_iter().chain(added).collect();
                if let Value::Set(made) = self.new_set(items, object.exact) {
                    let made = self.state.object(made).clone();
                    self.state.change(set, |set| {
                        set.items = made.items;
                        set.exact = made.exact;
                    });
                }
                Ok(Value::None)
            }
            ("union" | "difference" | "intersection" | "symmetric_difference", _) => {
                let object = self.state.object(set).clone();
                let mut value = self.new_set(object.items, object.exact);
                for other in args {
                    let Some((items, exact)) = self.sequence(other) else { return Ok(Value::Unknown) };
                    let other = self.new_set(items, exact);
                    let Some(next) = self.combined_sets(method, &value, &other) else {
                        return Ok(Value::Unknown);
                    };
                    value = next;
                }
                Ok(value)
            }
            _ => {
                if matches!(
                    method,
                    "update" | "discard" | "remove" | "pop" | "clear" | "difference_update" | "intersection_update"
                ) {
                    self.state.change(set, |set| set.exact = false);
                }
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    fn holds_literals(&self, set: ObjId) -> bool {
        let object = self.state.object(set);
        object.exact && object.items.iter().all(is_literal)
    }

    /// `index` and `count` of a tuple.
    fn tuple_method(&mut self, object: &Value, method: &str, args: &[Value]) -> Value {
        if let (Some((items, true)), "index" | "count", [value]) = (self.elements(object), method, args) {
            let equal: Option<Vec<bool>> = items.iter().map(|item| self.equal(item, value)).collect();
            let found = equal.and_then(|equal| match method {
                "index" => equal.iter().position(|same| *same),
                _ => Some(equal.iter().filter(|same| **same).count()),
            });
            if let Some(number) = found.and_then(|number| i64::try_from(number).ok()) {
                return Value::Int(number);
            }
        }
        self.may_raise(May::Anything);
        Value::Unknown
    }

    /// Two sets of literals as one.
    pub(in crate::machine) fn combined_sets(&mut self, method: &str, left: &Value, right: &Value) -> Option<Value> {
        let ((a, true), (b, true)) = (self.elements(left)?, self.elements(right)?) else { return None };
        if method == "union" {
            return Some(self.new_set(a.into_iter().chain(b).collect(), true));
        }
        if !a.iter().chain(&b).all(is_literal) {
            return None;
        }
        let kept = match method {
            "difference" => a.into_iter().filter(|item| !b.contains(item)).collect(),
            "intersection" => a.into_iter().filter(|item| b.contains(item)).collect(),
            _ => {
                let only = |from: &[Value], other: &[Value]| -> Vec<Value> {
                    from.iter().filter(|item| !other.contains(item)).cloned().collect()
                };
                [only(&a, &b), only(&b, &a)].concat()
            }
        };
        Some(self.new_set(kept, true))
    }

    fn dict_method(&mut self, dict: ObjId, method: &str, args: &[Value], request: &Request) -> Eval {
        let object = self.state.object(dict).clone();
        match method {
            "get" | "setdefault" | "pop" => {
                let Some(key) = args.first() else { return Ok(Value::Unknown) };
                let default = args.get(1).cloned().unwrap_or(Value::None);
                let known = object.exact && is_literal(key) && object.items.iter().all(is_literal);
                let found = object.items.iter().position(|own| self.equal(own, key) == Some(true));
                match (method, found) {
                    ("get", Some(at)) => Ok(object.values[at].clone()),
                    ("get", None) if known => Ok(default),
                    ("setdefault", Some(at)) => Ok(object.values[at].clone()),
                    ("setdefault", None) => {
                        self.set_item(&Value::Dict(dict), key, default.clone());
                        Ok(if known { default } else { Value::Unknown })
                    }
                    ("pop", Some(at)) => {
                        self.state.change(dict, |dict| {
                            dict.items.remove(at);
                            dict.values.remove(at);
                        });
                        Ok(object.values[at].clone())
                    }
                    ("pop", None) if known && args.len() > 1 => Ok(default),
                    _ => {
                        self.may_raise(May::Anything);
                        Ok(Value::Unknown)
                    }
                }
            }
            "update" => {
                for other in args {
                    self.update(dict, other);
                }
                for (name, value) in request.kwargs {
                    self.set_item(&Value::Dict(dict), &Value::str(name.as_str()), value.clone());
                }
                Ok(Value::None)
            }
            "keys" | "values" => {
                let items = if method == "keys" { object.items } else { object.values };
                let view = Value::List(self.state.new_object(items, Vec::new(), object.exact));
                Ok(self.disguised(view))
            }
            "items" => {
                let pairs =
                    object.items.into_iter().zip(object.values).map(|(key, value)| Value::tuple(vec![key, value]));
                let pairs = pairs.collect();
                let view = Value::List(self.state.new_object(pairs, Vec::new(), object.exact));
                Ok(self.disguised(view))
            }
            "copy" => Ok(Value::Dict(self.state.new_object(object.items, object.values, object.exact))),
            "clear" => {
                self.state.change(dict, |dict| {
                    dict.items.clear();
                    dict.values.clear();
                    dict.exact = true;
                });
                Ok(Value::None)
            }
            _ => {
                self.state.change(dict, |dict| dict.exact = false);
                self.may_raise(May::Anything);
                Ok(Value::Unknown)
            }
        }
    }

    /// Methods of `globals()`, `vars(module)`, `__dict__`.
    fn namespace_method(&mut self, object: &Value, method: &str, args: &[Value], request: &Request) -> Eval {
        let Value::NamespaceDict(ns) = object else { return Ok(Value::Unknown) };
        match (method, args.first()) {
            ("get", Some(Value::Str(key))) => {
                let slot = self.state.slot(*ns, Name::new(key)).cloned();
                Ok(match slot {
                    Some(slot) if !slot.maybe => slot.value,
                    Some(_) => Value::Unknown,
                    None if self.state.ns(*ns).open.is_none() && !key.starts_with("__") => {
                        args.get(1).cloned().unwrap_or(Value::None)
                    }
                    None => Value::Unknown,
                })
            }
            ("update", Some(Value::Dict(dict))) => {
                let other = self.state.object(*dict).clone();
                for (key, value) in other.items.iter().zip(other.values) {
                    self.set_item(object, key, value);
                }
                if !other.exact {
                    self.state.open(*ns, "names are bound through globals().update");
                }
                Ok(Value::None)
            }
            ("update", Some(Value::NamespaceDict(other))) => {
                let slots: Vec<_> = self.state.ns(*other).iter().map(|(name, slot)| (name, slot.clone())).collect();
                for (name, slot) in slots {
                    self.state.bind_slot(*ns, name, slot);
                }
                self.state.open(*ns, "names are bound through globals().update");
                Ok(Value::None)
            }
            ("update", None) => {
                for (name, value) in request.kwargs {
                    self.state.bind(*ns, *name, value.clone());
                }
                Ok(Value::None)
            }
            ("pop", Some(Value::Str(key))) => {
                let value = self.state.slot(*ns, Name::new(key)).map(|slot| slot.value.clone());
                self.state.unbind(*ns, Name::new(key));
                Ok(value.or_else(|| args.get(1).cloned()).unwrap_or(Value::Unknown))
            }
            ("setdefault", Some(Value::Str(key))) => {
                let key = Name::new(key);
                if self.state.slot(*ns, key).is_none() {
                    self.state.bind(*ns, key, args.get(1).cloned().unwrap_or(Value::None));
                }
                Ok(Value::Unknown)
            }
            ("keys" | "items" | "values" | "copy", _) => Ok(Value::Unknown),
            ("get", _) => Ok(Value::Unknown),
            _ => {
                self.state.open(*ns, "names are bound through globals()");
                Ok(Value::Unknown)
            }
        }
    }

    fn str_method(&mut self, text: &str, method: &str, args: &[Value], request: &Request) -> Eval {
        let strings: Option<Vec<&str>> = args.iter().map(Value::as_str).collect();
        let known = match (method, strings.as_deref()) {
            ("format", _) => self.format(text, args, request.kwargs),
            ("join", None) => self.join_strings(text, args.first()),
            ("startswith" | "endswith", None) => self.affix_any(text, method, args.first()),
            (_, Some(strings)) => self.pure_str_method(text, method, strings),
            ("split" | "rsplit", None) => match (args.first(), args.get(1)) {
                (Some(Value::Str(by)), Some(Value::Int(count))) if *count >= 0 => {
                    let count = usize::try_from(*count).unwrap_or(0) + 1;
                    let parts: Vec<_> = if method == "split" {
                        text.splitn(count, &**by).map(Value::str).collect()
                    } else {
                        let mut parts: Vec<_> = text.rsplitn(count, &**by).map(Value::str).collect();
                        parts.reverse();
                        parts
                    };
                    Some(self.state.list(parts))
                }
                _ => None,
            },
            ("replace", None) => None,
            ("zfill", None) => match args {
                [Value::Int(width @ 0..=1000)] => self
                    .formatted(
                        &Value::str(text.trim_start_matches(['+', '-'])),
                        &format!(
                            "0>{}",
                            usize::try_from(*width)
                                .unwrap_or(0)
                                .saturating_sub(usize::from(text.starts_with(['+', '-'])))
                        ),
                    )
                    .map(|digits| {
                        Value::str(&format!(
                            "{}{digits}",
                            text.get(..1).filter(|sign| matches!(*sign, "+" | "-")).unwrap_or_default()
                        ))
                    }),
                _ => None,
            },
            ("ljust" | "rjust", None) => match args {
                [Value::Int(width @ 0..=1000)] => {
                    let align = if method == "ljust" { '<' } else { '>' };
                    self.formatted(&Value::str(text), &format!("{align}{width}")).map(|text| Value::str(&text))
                }
                _ => None,
            },
            _ => None,
        };
        Ok(known.unwrap_or_else(|| {
            self.may_raise(May::Anything);
            Value::Unknown
        }))
    }

    fn bytes_method(&mut self, text: &str, method: &str, args: &[Value]) -> Value {
        let bytes = |arg: Option<&Value>| match arg {
            Some(Value::Bytes(text)) => Some(Arc::clone(text)),
            _ => None,
        };
        let known = match (method, args) {
            ("decode", []) => super::functions::decoded(text, None),
            ("decode", [encoding]) => super::functions::decoded(text, Some(encoding)),
            ("upper", []) => Some(Value::Bytes(text.to_ascii_uppercase().into())),
            ("lower", []) => Some(Value::Bytes(text.to_ascii_lowercase().into())),
            ("hex", []) => Some(Value::str(&text.chars().map(|c| format!("{:02x}", u32::from(c))).collect::<String>())),
            ("startswith", [_]) => bytes(args.first()).map(|part| Value::Bool(text.starts_with(&*part))),
            ("endswith", [_]) => bytes(args.first()).map(|part| Value::Bool(text.ends_with(&*part))),
            ("replace", [_, _]) => bytes(args.first())
                .filter(|from| !from.is_empty())
                .zip(bytes(args.get(1)))
                .map(|(from, to)| Value::Bytes(text.replace(&*from, &to).into())),
            _ => None,
        };
        known.unwrap_or_else(|| {
            self.may_raise(May::Anything);
            Value::Unknown
        })
    }

    fn affix_any(&self, text: &str, method: &str, affixes: Option<&Value>) -> Option<Value> {
        let (items, true) = self.elements(affixes?)? else { return None };
        let matches =
            |affix: &str| if method == "startswith" { text.starts_with(affix) } else { text.ends_with(affix) };
        let strings: Option<Vec<_>> = items.iter().map(Value::as_str).collect();
        Some(Value::Bool(strings?.into_iter().any(matches)))
    }

    fn pure_str_method(&mut self, text: &str, method: &str, args: &[&str]) -> Option<Value> {
        Some(match (method, args) {
            ("lower", []) => Value::str(&text.to_lowercase()),
            ("upper", []) => Value::str(&text.to_uppercase()),
            ("strip", []) => Value::str(text.trim()),
            ("lstrip", []) => Value::str(text.trim_start()),
            ("rstrip", []) => Value::str(text.trim_end()),
            ("strip", [chars]) => Value::str(text.trim_matches(|c| chars.contains(c))),
            ("lstrip", [chars]) => Value::str(text.trim_start_matches(|c| chars.contains(c))),
            ("rstrip", [chars]) => Value::str(text.trim_end_matches(|c| chars.contains(c))),
            ("startswith", [part]) => Value::Bool(text.starts_with(part)),
            ("endswith", [part]) => Value::Bool(text.ends_with(part)),
            ("replace", [from, to]) if !from.is_empty() => grown(&text.replace(from, to)),
            ("removeprefix", [part]) => Value::str(text.strip_prefix(part).unwrap_or(text)),
            ("removesuffix", [part]) => Value::str(text.strip_suffix(part).unwrap_or(text)),
            ("split", []) => {
                let parts = text.split_whitespace().map(Value::str).collect();
                self.state.list(parts)
            }
            ("split", [by]) if !by.is_empty() => {
                let parts = text.split(by).map(Value::str).collect();
                self.state.list(parts)
            }
            ("splitlines", []) => {
                let parts = text.lines().map(Value::str).collect();
                self.state.list(parts)
            }
            ("partition", [by]) if !by.is_empty() => match text.split_once(by) {
                Some((a, b)) => Value::tuple(vec![Value::str(a), Value::str(by), Value::str(b)]),
                None => Value::tuple(vec![Value::str(text), Value::str(""), Value::str("")]),
            },
            ("rpartition", [by]) if !by.is_empty() => match text.rsplit_once(by) {
                Some((a, b)) => Value::tuple(vec![Value::str(a), Value::str(by), Value::str(b)]),
                None => Value::tuple(vec![Value::str(""), Value::str(""), Value::str(text)]),
            },
            ("isdigit", []) => Value::Bool(!text.is_empty() && text.chars().all(|c| c.is_ascii_digit())),
            ("isidentifier", []) => Value::Bool(crate::python::names::is_identifier(text)),
            ("encode", []) => super::functions::encoded(text, &Value::str("utf-8"))?,
            ("encode", [encoding]) => super::functions::encoded(text, &Value::str(encoding))?,
            ("title", []) if text.is_ascii() => {
                let mut before = ' ';
                let titled = text.chars().map(|c| {
                    let upper = !before.is_ascii_alphabetic();
                    before = c;
                    if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
                });
                Value::str(&titled.collect::<String>())
            }
            ("capitalize", []) if text.is_ascii() => {
                let mut lower = text.to_ascii_lowercase();
                if let Some(first) = lower.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                Value::str(&lower)
            }
            ("swapcase", []) if text.is_ascii() => {
                let swap =
                    |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
                Value::str(&text.chars().map(swap).collect::<String>())
            }
            ("count", [part]) if !part.is_empty() => Value::Int(i64::try_from(text.matches(part).count()).ok()?),
            ("find" | "index", [part]) if text.contains(part) => {
                let at = text.find(part)?;
                Value::Int(i64::try_from(text[..at].chars().count()).ok()?)
            }
            ("find", [_]) => Value::Int(-1),
            ("isupper", []) if text.is_ascii() => {
                Value::Bool(text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_lowercase))
            }
            ("islower", []) if text.is_ascii() => {
                Value::Bool(text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_uppercase))
            }
            ("isalpha", []) if text.is_ascii() => {
                Value::Bool(!text.is_empty() && text.chars().all(char::is_alphabetic))
            }
            ("isalnum", []) if text.is_ascii() => {
                Value::Bool(!text.is_empty() && text.chars().all(char::is_alphanumeric))
            }
            ("casefold", []) if text.is_ascii() => Value::str(&text.to_ascii_lowercase()),
            _ => return None,
        })
    }

    fn join_strings(&mut self, by: &str, value: Option<&Value>) -> Option<Value> {
        let (items, true) = self.elements(value?)? else { return None };
        let strings: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        Some(grown(&strings?.join(by)))
    }

    /// `str.format` with plain fields: `{}`, `{0}`, `{name}`, `{!r}`.
    fn format(&self, template: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<Value> {
        let mut out = String::new();
        let mut next = 0;
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            out.push_str(&rest[..at]);
            let (brace, behind) = (&rest[at..=at], &rest[at + 1..]);
            if let Some(behind) = behind.strip_prefix(brace) {
                out.push_str(brace);
                rest = behind;
                continue;
            }
            let (field, behind) = behind.split_once('}')?;
            rest = behind;
            let (field, spec) = field.split_once(':').unwrap_or((field, ""));
            let (name, conversion) = field.split_once('!').unwrap_or((field, ""));
            if spec.contains('{') {
                return None;
            }
            let value = if name.is_empty() {
                next += 1;
                args.get(next - 1)?
            } else if let Ok(at) = name.parse::<usize>() {
                args.get(at)?
            } else {
                &kwargs.iter().find(|(key, _)| key.as_str() == name)?.1
            };
            out.push_str(&match conversion {
                "" => self.formatted(value, spec)?,
                "s" => self.formatted(&Value::str(&self.to_str(value)?), spec)?,
                "r" => self.formatted(&Value::str(&self.repr(value)?), spec)?,
                _ => return None,
            });
        }
        out.push_str(rest);
        Some(grown(&out))
    }
}
