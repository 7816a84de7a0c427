//! Calls that builtin functions and methods refuse, in CPython's words: what is not there, what has the wrong type.

use super::Request;
use crate::machine::Machine;
use crate::machine::mistakes::{Refusal, Use, type_error};
use crate::machine::operate::is_literal;
use crate::machine::value::Value;
use crate::python::version::PythonVersion;
use crate::summary::program::{BinaryOp, CompareOp};

fn value_error(text: &str) -> Option<Refusal> {
    Some(("ValueError", text.to_owned()))
}

impl Machine<'_> {
    /// What a call of a builtin raises for certain, whatever a model makes of it.
    pub(super) fn refused_call(&self, request: &Request) -> Option<Refusal> {
        if !request.complete {
            return None;
        }
        let name = request.name.strip_prefix("builtins.")?;
        match name.split_once('.') {
            Some((kind, method)) => self.refused_method(kind, method, request),
            None => self.refused_builtin(name, request),
        }
    }

    // ---- methods ----

    fn refused_method(&self, kind: &str, method: &str, request: &Request) -> Option<Refusal> {
        let (object, args) = request.args.split_first()?;
        let plain = request.kwargs.is_empty();
        if self.kind_without(object, &[]).is_none_or(|own| own != kind) {
            return None;
        }
        if let Some(refusal) = self.refused_count(kind, method, args.len()).filter(|_| plain) {
            return Some(refusal);
        }
        match (kind, object) {
            ("list" | "tuple", _) => self.refused_row_method(kind, method, object, args),
            ("dict", _) => self.refused_dict_method(method, object, args),
            ("set", _) => self.refused_set_method(method, object, args),
            ("str", Value::Str(text)) => self.refused_str_method(text, method, args, request),
            ("bytes", Value::Bytes(text)) if method == "decode" => undecodable(text, args.first()),
            _ => None,
        }
    }

    /// Methods that take none or exactly one argument.
    fn refused_count(&self, kind: &str, method: &str, given: usize) -> Option<Refusal> {
        let none: &[&str] = match kind {
            "str" => {
                &["upper", "lower", "title", "capitalize", "swapcase", "casefold", "isdigit", "isalpha", "isupper"]
            }
            "dict" => &["keys", "values", "items", "copy", "clear", "popitem"],
            "list" => &["copy", "clear", "reverse"],
            "set" => &["copy", "clear", "pop"],
            _ => &[],
        };
        let one: &[&str] = match kind {
            "list" => &["append", "extend", "remove", "count"],
            "set" => &["add", "remove", "discard", "issubset", "issuperset"],
            "str" => &["join", "partition", "rpartition"],
            _ => &[],
        };
        let shown =
            if self.setup.version >= PythonVersion::three(9) { format!("{kind}.{method}") } else { method.to_owned() };
        if none.contains(&method) && given > 0 {
            return type_error(format!("{shown}() takes no arguments ({given} given)"));
        }
        (one.contains(&method) && given != 1)
            .then(|| ("TypeError", format!("{shown}() takes exactly one argument ({given} given)")))
    }

    /// Elements of a container of which all are known and compared by what they hold.
    fn plain_items(&self, value: &Value) -> Option<Vec<Value>> {
        let (items, exact) = self.elements(value)?;
        (exact && items.iter().all(is_literal)).then_some(items)
    }

    fn lacks(&self, container: &Value, value: &Value) -> bool {
        is_literal(value)
            && self
                .plain_items(container)
                .is_some_and(|items| items.iter().all(|item| self.equal(item, value) == Some(false)))
    }

    fn refused_row_method(&self, kind: &str, method: &str, object: &Value, args: &[Value]) -> Option<Refusal> {
        let new = self.setup.version >= PythonVersion::three(14);
        match (method, args) {
            ("index", [value]) if self.lacks(object, value) => Some((
                "ValueError",
                match kind {
                    "list" if !new => format!("{} is not in list", self.repr(value)?),
                    _ => format!("{kind}.index(x): x not in {kind}"),
                },
            )),
            ("pop", _) if self.elements(object)? == (Vec::new(), true) => {
                Some(("IndexError", "pop from empty list".to_owned()))
            }
            ("pop", [Value::Int(at)]) => {
                let len = i64::try_from(self.elements(object)?.0.len()).ok()?;
                (*at >= len || *at < -len).then(|| ("IndexError", "pop index out of range".to_owned()))
            }
            ("sort", _) => self.unordered(&self.elements(object).filter(|(_, exact)| *exact)?.0),
            ("extend", [value]) => self.not_iterable(value).filter(|_| *value != Value::None).and_then(not_iterable),
            _ => None,
        }
    }

    fn refused_dict_method(&self, method: &str, object: &Value, args: &[Value]) -> Option<Refusal> {
        match (method, args) {
            ("pop" | "get" | "setdefault", [key, ..])
                if key.is_container() && self.unhashable(key, Use::Key).is_some() =>
            {
                self.unhashable(key, Use::Key)
            }
            ("pop", [key]) if self.lacks(object, key) => Some(("KeyError", self.repr(key)?)),
            ("popitem", []) if self.elements(object)?.0.is_empty() => {
                Some(("KeyError", "'popitem(): dictionary is empty'".to_owned()))
            }
            _ => None,
        }
    }

    fn refused_set_method(&self, method: &str, object: &Value, args: &[Value]) -> Option<Refusal> {
        match (method, args) {
            ("add", [value]) if value.is_container() => self.unhashable(value, Use::Element),
            ("remove", [value]) if self.lacks(object, value) => Some(("KeyError", self.repr(value)?)),
            ("pop", []) if self.elements(object)?.0.is_empty() => {
                Some(("KeyError", "'pop from an empty set'".to_owned()))
            }
            _ => None,
        }
    }

    fn refused_str_method(&self, text: &str, method: &str, args: &[Value], request: &Request) -> Option<Refusal> {
        match (method, args) {
            ("index" | "rindex", [Value::Str(part)]) if !text.contains(&**part) => value_error("substring not found"),
            ("split" | "rsplit" | "partition" | "rpartition", [Value::Str(by), ..]) if by.is_empty() => {
                value_error("empty separator")
            }
            ("join", [value]) => self.unjoinable(value),
            ("format", _) => self.refused_format(text, args, request),
            ("encode", _) => unencodable(text, args.first().or_else(|| request.keyword("encoding")), args.len()),
            _ => None,
        }
    }

    fn unjoinable(&self, value: &Value) -> Option<Refusal> {
        if *value != Value::None && self.not_iterable(value).is_some() {
            return type_error("can only join an iterable".to_owned());
        }
        let (items, true) = self.elements(value)? else { return None };
        for (at, item) in items.iter().enumerate() {
            match self.kind_without(item, &[])? {
                kind if kind == "str" => {}
                kind if *item == Value::None => {
                    let _ = kind;
                    return None;
                }
                kind => return type_error(format!("sequence item {at}: expected str instance, {kind} found")),
            }
        }
        None
    }

    /// Plain fields that have no argument.
    fn refused_format(&self, template: &str, args: &[Value], request: &Request) -> Option<Refusal> {
        let (mut next, mut rest) = (0, template);
        while let Some(at) = rest.find(['{', '}']) {
            let (brace, behind) = (&rest[at..=at], &rest[at + 1..]);
            if let Some(behind) = behind.strip_prefix(brace) {
                rest = behind;
                continue;
            }
            let (field, behind) = behind.split_once('}')?;
            rest = behind;
            let name = field.split([':', '!']).next().unwrap_or_default();
            if field.contains('{') || name.contains(['.', '[']) || brace == "}" {
                return None;
            }
            let position = if name.is_empty() {
                next += 1;
                Some(next - 1)
            } else {
                name.parse::<usize>().ok()
            };
            match position {
                Some(at) if at >= args.len() => {
                    let text = format!("Replacement index {at} out of range for positional args tuple");
                    return Some(("IndexError", text));
                }
                Some(_) => {}
                None if request.keyword(name).is_none() => return Some(("KeyError", self.repr(&Value::str(name))?)),
                None => {}
            }
        }
        None
    }

    // ---- functions ----

    fn refused_builtin(&self, name: &str, request: &Request) -> Option<Refusal> {
        let plain = request.kwargs.is_empty();
        match (name, request.args) {
            ("max" | "min", args) => self.refused_extreme(name, args, request),
            ("sum", [items]) if plain => self.refused_sum(items),
            ("sorted", [items]) if plain => self.unordered(&self.elements(items).filter(|(_, exact)| *exact)?.0),
            ("next", [iterator]) if plain => self.refused_next(iterator),
            (
                "iter" | "list" | "tuple" | "set" | "frozenset" | "enumerate" | "reversed" | "any" | "all" | "sorted",
                [one, ..],
            ) if *one != Value::None && self.not_iterable(one).is_some() && name != "reversed" => {
                self.not_iterable(one).and_then(not_iterable)
            }
            ("zip", args) => args
                .iter()
                .filter(|one| **one != Value::None)
                .find_map(|one| self.not_iterable(one))
                .and_then(not_iterable),
            ("set" | "frozenset", [items]) => {
                let (items, true) = self.elements(items)? else { return None };
                items.iter().filter(|item| item.is_container()).find_map(|item| self.unhashable(item, Use::Element))
            }
            ("hash", [value]) => self.unhashable(value, Use::Hash),
            ("dict", [items]) => self.refused_pairs(items),
            ("range", args) => self.refused_range(args),
            ("ord", [Value::Str(text)])
                if text.chars().count() != 1 && !text.contains(crate::summary::UNKNOWN_CHARACTER) =>
            {
                type_error(format!("ord() expected a character, but string of length {} found", text.chars().count()))
            }
            ("ord", [number @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))]) => {
                type_error(format!("ord() expected string of length 1, but {} found", self.kind_without(number, &[])?))
            }
            ("chr", [Value::Int(code)]) if !(0..=0x10_ffff).contains(code) => {
                value_error("chr() arg not in range(0x110000)")
            }
            ("abs", [value]) => {
                let kind =
                    self.kind_without(value, &["__abs__"]).filter(|kind| !is_number(kind) && kind != "NoneType")?;
                type_error(format!("bad operand type for abs(): '{kind}'"))
            }
            ("round", [value, ..]) => {
                let kind =
                    self.kind_without(value, &["__round__"]).filter(|kind| !is_number(kind) && kind != "NoneType")?;
                type_error(format!("type {kind} doesn't define __round__ method"))
            }
            ("isinstance" | "issubclass", [_, Value::Str(_) | Value::Int(_)])
                if name == "isinstance" || matches!(request.args[0], Value::Class(_)) =>
            {
                let union = self.setup.version >= PythonVersion::three(10);
                let what = match (union, name) {
                    (true, "isinstance") => "a type, a tuple of types, or a union",
                    (true, _) => "a class, a tuple of classes, or a union",
                    (false, "isinstance") => "a type or tuple of types",
                    (false, _) => "a class or tuple of classes",
                };
                type_error(format!("{name}() arg 2 must be {what}"))
            }
            ("issubclass", [Value::Str(_) | Value::Int(_) | Value::Tuple(_), _]) => {
                type_error("issubclass() arg 1 must be a class".to_owned())
            }
            ("int", [Value::Str(text), Value::Int(base @ 2..=36)]) => self.refused_digits(text, *base),
            _ => None,
        }
    }

    fn refused_digits(&self, text: &str, base: i64) -> Option<Refusal> {
        let radix = u32::try_from(base).ok()?;
        let prefixed = text.contains(['_', '+', '-', ' ', '\n', '\t']) || text.starts_with('0') || !text.is_ascii();
        if prefixed || text.chars().all(|c| c.is_digit(radix)) && !text.is_empty() {
            return None;
        }
        Some(("ValueError", format!("invalid literal for int() with base {base}: {}", self.repr(&Value::str(text))?)))
    }

    fn refused_extreme(&self, name: &str, args: &[Value], request: &Request) -> Option<Refusal> {
        let items = match args {
            [one] => {
                let (items, true) = self.elements(one)? else { return None };
                if items.is_empty() && request.keyword("default").is_none() {
                    let new = self.setup.version >= PythonVersion::three(EMPTY_EXTREME);
                    let what = if new { "iterable argument is empty" } else { "arg is an empty sequence" };
                    return Some(("ValueError", format!("{name}() {what}")));
                }
                items
            }
            many => many.to_vec(),
        };
        if !request.kwargs.is_empty() {
            return None;
        }
        let op = if name == "max" { CompareOp::Gt } else { CompareOp::Lt };
        let [first, second, ..] = items.as_slice() else { return None };
        self.refused_comparison(op, second, first).filter(|_| *first != Value::None && *second != Value::None)
    }

    /// Sorting compares the second element with the first, before anything else.
    fn unordered(&self, items: &[Value]) -> Option<Refusal> {
        let [first, second, ..] = items else { return None };
        if *first == Value::None || *second == Value::None {
            return None;
        }
        self.refused_comparison(CompareOp::Lt, second, first)
    }

    fn refused_sum(&self, items: &Value) -> Option<Refusal> {
        let (items, true) = self.elements(items)? else { return None };
        let first = items.first().filter(|first| **first != Value::None)?;
        self.refused_binary(BinaryOp::Add, &Value::Int(0), first)
    }

    fn refused_next(&self, iterator: &Value) -> Option<Refusal> {
        if let Value::List(id) = iterator {
            let object = self.state.object(*id);
            if object.generator && object.exact && object.items.is_empty() {
                return Some(("StopIteration", String::new()));
            }
        }
        let kind = self.kind_without(iterator, &["__next__"]).filter(|kind| kind != "NoneType")?;
        type_error(format!("'{kind}' object is not an iterator"))
    }

    fn refused_pairs(&self, items: &Value) -> Option<Refusal> {
        if *items != Value::None
            && let Some(kind) = self.not_iterable(items)
        {
            return not_iterable(kind);
        }
        if matches!(items, Value::Dict(_)) {
            return None;
        }
        let (items, true) = self.elements(items)? else { return None };
        for (at, pair) in items.iter().enumerate() {
            if matches!(pair, Value::Int(_) | Value::Float(_) | Value::Bool(_)) {
                return type_error(format!("cannot convert dictionary update sequence element #{at} to a sequence"));
            }
            let (parts, true) = self.sequence(pair)? else { return None };
            if parts.len() != 2 {
                let length = parts.len();
                let text = format!("dictionary update sequence element #{at} has length {length}; 2 is required");
                return Some(("ValueError", text));
            }
        }
        None
    }

    fn refused_range(&self, args: &[Value]) -> Option<Refusal> {
        for arg in args.iter().filter(|arg| **arg != Value::None) {
            let kind = self.kind_without(arg, &["__index__"])?;
            if kind != "int" && kind != "bool" {
                return type_error(format!("'{kind}' object cannot be interpreted as an integer"));
            }
        }
        if let [_, _, Value::Int(0)] = args { value_error("range() arg 3 must not be zero") } else { None }
    }
}

/// The first version that words the empty argument of `max` and `min` anew.
const EMPTY_EXTREME: u8 = 12;

fn is_number(kind: &str) -> bool {
    matches!(kind, "bool" | "int" | "float")
}

fn not_iterable(kind: crate::machine::lacks::Kind) -> Option<Refusal> {
    type_error(format!("'{kind}' object is not iterable"))
}

/// Names of encodings under which they are asked for, and the codec they mean.
fn codec(encoding: Option<&Value>) -> Option<&'static str> {
    let Some(encoding) = encoding else { return Some("utf-8") };
    let name = encoding.as_str()?.to_ascii_lowercase().replace('_', "-");
    Some(match name.as_str() {
        "ascii" | "us-ascii" => "ascii",
        "utf-8" | "utf8" => "utf-8",
        _ => return None,
    })
}

fn unencodable(text: &str, encoding: Option<&Value>, given: usize) -> Option<Refusal> {
    if codec(encoding)? != "ascii" || given > 1 || text.contains(crate::summary::UNKNOWN_CHARACTER) {
        return None;
    }
    let wide: Vec<(usize, char)> = text.chars().enumerate().filter(|(_, c)| !c.is_ascii()).collect();
    let (&(first, c), run) =
        (wide.first()?, wide.iter().enumerate().take_while(|(n, (at, _))| wide[0].0 + n == *at).count());
    let what = match (run, u32::from(c)) {
        (1, code @ 0..=0xff) => format!("character '\\x{code:02x}' in position {first}"),
        (1, code @ 0..=0xffff) => format!("character '\\u{code:04x}' in position {first}"),
        (1, code) => format!("character '\\U{code:08x}' in position {first}"),
        _ => format!("characters in position {first}-{}", first + run - 1),
    };
    Some(("UnicodeEncodeError", format!("'ascii' codec can't encode {what}: ordinal not in range(128)")))
}

/// Bytes are characters of the same number here.
fn undecodable(bytes: &str, encoding: Option<&Value>) -> Option<Refusal> {
    if codec(encoding)? != "ascii" {
        return None;
    }
    let (at, byte) = bytes.chars().enumerate().find(|(_, c)| u32::from(*c) >= 0x80)?;
    let text = format!(
        "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
        u32::from(byte)
    );
    Some(("UnicodeDecodeError", text))
}
