//! Pure functions of `builtins`, `itertools` and `operator` on values that are known. What they cannot tell is left to
//! [`super::builtins`].

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Played, Request};
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::value::Value;
use crate::machine::{Machine, numbers};
use crate::python::format::Spec;
use crate::summary::program::BinaryOp;

/// Rows of a product that are listed.
const ROWS: usize = 20_000;

impl Machine<'_> {
    pub(super) fn play_functions(&mut self, request: &Request) -> Played {
        if !request.complete {
            return None;
        }
        let (module, name) = request.name.split_once('.')?;
        match module {
            "builtins" => self.play_pure_builtin(name, request),
            "itertools" => self.play_itertools(name, request),
            "operator" | "_operator" => self.play_operator(name, request),
            "math" => play_math(name, request),
            "re" if matches!(name, "sub" | "Pattern.sub") => self.play_substitution(request),
            "re" | "textwrap" => play_text(name, request),
            _ => None,
        }
    }

    fn play_pure_builtin(&mut self, name: &str, request: &Request) -> Played {
        let plain = request.kwargs.is_empty();
        let value = match (name, request.args) {
            ("sum", [items]) if plain => self.sum(items, &Value::Int(0))?,
            ("sum", [items, start]) if plain => self.sum(items, start)?,
            ("min" | "max", _) => return self.extreme(name == "max", request),
            ("sorted", [_]) => return self.sorted(request),
            ("map", [function, sources @ ..]) if plain && !sources.is_empty() => return self.mapped(function, sources),
            ("filter", [function, source]) if plain => return self.filtered(function, source),
            ("abs", [number]) => match number {
                Value::Float(number) => Value::Float(number.abs()),
                number => numbers::value(numbers::whole(number)?.checked_abs()?),
            },
            ("round", [number]) => match number {
                Value::Float(number) if number.abs() < 1e15 => Value::Int(number.round_ties_even() as i64),
                number => numbers::value(numbers::whole(number)?),
            },
            ("round", [Value::Float(number), Value::Int(places @ 0..=20)]) => {
                let places = usize::try_from(*places).ok()?;
                Value::Float(format!("{number:.places$}").parse().ok()?)
            }
            ("pow", [base, exponent]) if plain => numbers::binary(BinaryOp::Pow, base, exponent)?,
            ("divmod", [a, b]) => {
                Value::tuple(vec![numbers::binary(BinaryOp::FloorDiv, a, b)?, numbers::binary(BinaryOp::Mod, a, b)?])
            }
            ("ord", [Value::Str(text) | Value::Bytes(text)]) => {
                let mut chars = text.chars();
                let (Some(one), None) = (chars.next(), chars.next()) else { return None };
                if one == crate::summary::UNKNOWN_CHARACTER {
                    return None;
                }
                Value::Int(i64::from(u32::from(one)))
            }
            ("chr", [Value::Int(code)]) => {
                let one = char::from_u32(u32::try_from(*code).ok()?)
                    .filter(|one| *one != crate::summary::UNKNOWN_CHARACTER)?;
                Value::str(one.encode_utf8(&mut [0; 4]))
            }
            ("hex" | "oct" | "bin", [number]) => {
                let spec = Spec::read(match name {
                    "hex" => "#x",
                    "oct" => "#o",
                    _ => "#b",
                })?;
                Value::str(&spec.whole(numbers::whole(number)?)?)
            }
            ("float", [number @ Value::Instance(_)]) => Value::Float(self.float_of(number)?),
            ("float", [Value::BigInt(number)]) => Value::Float(**number as f64),
            ("int", [Value::BigInt(number)]) => Value::BigInt(Arc::clone(number)),
            ("int", [Value::Str(text), Value::Int(base @ 2..=36)]) if plain => {
                let text = text.trim().replace('_', "").to_lowercase();
                let prefix = match base {
                    16 => "0x",
                    8 => "0o",
                    2 => "0b",
                    _ => "",
                };
                let digits = text.strip_prefix(prefix).unwrap_or(&text);
                numbers::value(i128::from_str_radix(digits, u32::try_from(*base).ok()?).ok()?)
            }
            ("complex", [Value::Str(text)]) if matches!(&*text.to_lowercase(), "nan" | "inf" | "-inf") => {
                Value::Complex(text.parse().ok()?, 0.0)
            }
            ("complex", [real]) if plain => Value::Complex(numbers::float(real)?, 0.0),
            ("complex", [real, imaginary]) if plain => {
                Value::Complex(numbers::float(real)?, numbers::float(imaginary)?)
            }
            ("bytes", []) => Value::Bytes("".into()),
            ("bytes", [Value::Bytes(text)]) => Value::Bytes(Arc::clone(text)),
            ("bytes", [Value::Int(count @ 0..=10_000)]) => {
                Value::Bytes("\0".repeat(usize::try_from(*count).ok()?).into())
            }
            ("bytes", [Value::Str(text), rest @ ..]) => encoded(text, rest.first().or(request.keyword("encoding"))?)?,
            ("bytes", [items]) => {
                let byte = |item: &Value| match item {
                    Value::Int(code @ 0..=255) => u8::try_from(*code).ok().map(char::from),
                    _ => None,
                };
                let (items, true) = self.elements(items)? else { return None };
                Value::Bytes(items.iter().map(byte).collect::<Option<String>>()?.into())
            }
            ("bytearray" | "memoryview", _) => {
                self.instance(Value::external(request.name), request.args.to_vec(), Vec::new())
            }
            ("iter", [source]) if self.sequence(source).is_some() && !request.is_written_empty() => {
                self.instance(Value::external("builtins.iterator"), Vec::new(), Vec::new())
            }
            ("format", [value]) => Value::str(&self.to_str(value)?),
            ("format", [value, Value::Str(spec)]) => Value::str(&self.formatted(value, spec)?),
            ("ascii", [value]) => Value::str(&self.repr(value).filter(|text| text.is_ascii())?),
            ("str" | "repr", [Value::Instance(instance)]) if plain => return self.text_by_method(name, *instance),
            ("type", [value]) => self.hidden_type(value)?,
            ("dict.fromkeys", [keys, rest @ ..]) => {
                let keys = match self.iterate(keys) {
                    Ok(keys) => keys?,
                    Err(throw) => return Some(Err(throw)),
                };
                let value = rest.first().cloned().unwrap_or(Value::None);
                let dict = Value::Dict(self.state.new_object(Vec::new(), Vec::new(), true));
                for key in keys {
                    self.set_item(&dict, &key, value.clone());
                }
                dict
            }
            _ => return None,
        };
        Some(Ok(value))
    }

    /// The type of a value whose type has no name in `builtins`.
    fn hidden_type(&mut self, value: &Value) -> Option<Value> {
        let (full, name) = match value {
            Value::Function(_) => ("types.FunctionType", "function"),
            Value::None => ("types.NoneType", "NoneType"),
            Value::Module(_) => ("types.ModuleType", "module"),
            Value::Class(class) => {
                let data = &self.state.classes[*class];
                let ours = |base: &Value| {
                    matches!(base, Value::Class(_))
                        || matches!(base, Value::External(name) if name.as_str().starts_with("builtins."))
                };
                let plain = !data.open && data.metaclass.is_none() && data.mro.iter().all(ours);
                return plain.then(|| Value::external("builtins.type"));
            }
            Value::External(name) => {
                let (owner, last) = name.as_str().rsplit_once('.')?;
                let function = owner == "builtins" && last.starts_with(|c: char| c.is_ascii_lowercase());
                let types = [
                    "bool",
                    "bytearray",
                    "bytes",
                    "classmethod",
                    "complex",
                    "dict",
                    "enumerate",
                    "filter",
                    "float",
                    "frozenset",
                    "int",
                    "list",
                    "map",
                    "memoryview",
                    "object",
                    "property",
                    "range",
                    "reversed",
                    "set",
                    "slice",
                    "staticmethod",
                    "str",
                    "super",
                    "tuple",
                    "type",
                    "zip",
                ];
                let sites = ["exit", "quit", "copyright", "credits", "license", "help", "open"];
                if !function || sites.contains(&last) || last.contains('(') {
                    return None;
                }
                if types.contains(&last) {
                    return Some(Value::external("builtins.type"));
                }
                ("types.BuiltinFunctionType", "builtin_function_or_method")
            }
            _ => return None,
        };
        let full = crate::base::intern::Name::new(full);
        self.state.set_foreign_name(full, name);
        Some(Value::External(full))
    }

    /// `str` and `repr` of instances whose class defines them.
    fn text_by_method(&mut self, name: &str, instance: crate::machine::value::InstId) -> Played {
        if let Some(text) = self.instance_text(instance, name == "repr") {
            return Some(Ok(Value::str(&text)));
        }
        let Value::Class(class) = self.state.instances[instance].class else { return None };
        let wanted: &[&str] = if name == "repr" { &["__repr__"] } else { &["__str__", "__repr__"] };
        for method in wanted {
            match self.class_lookup(class, crate::base::intern::Name::new(method)) {
                (Found::Yes(function @ Value::Function(_)), _) => {
                    return Some(self.call(&function, vec![Value::Instance(instance)], Vec::new()));
                }
                // That of `object` is looked up behind all others.
                (Found::Unknown, None) if self.is_plain_text(class) => {}
                _ => return None,
            }
        }
        None
    }

    /// Whether all bases are classes of ours, so that what none of them defines is that of `object`.
    fn is_plain_text(&self, class: crate::machine::value::ClassId) -> bool {
        let data = &self.state.classes[class];
        let ours = |base: &Value| matches!(base, Value::Class(_)) || *base == Value::external("builtins.object");
        !data.open && data.metaclass.is_none() && data.mro.iter().all(ours)
    }

    /// `format(value, spec)`
    pub(in crate::machine) fn formatted(&self, value: &Value, spec: &str) -> Option<String> {
        if spec.is_empty() {
            return self.to_str(value);
        }
        let spec = Spec::read(spec)?;
        match value {
            Value::Str(text) => spec.text(text),
            Value::Float(number) => spec.float(*number),
            Value::Bool(_) => None,
            other => spec.whole(numbers::whole(other)?),
        }
    }

    /// Elements that are all known.
    fn items_of(&mut self, source: &Value) -> Option<Vec<Value>> {
        match source {
            Value::Suspended(_) => self.iterate(source).ok().flatten(),
            other => self.sequence(other).filter(|(_, exact)| *exact).map(|(items, _)| items),
        }
    }

    fn sum(&mut self, items: &Value, start: &Value) -> Option<Value> {
        let items = self.items_of(items)?;
        // Floats are summed in another way since 3.12.
        if items.iter().all(|item| numbers::whole(item).is_some()) {
            return items.iter().try_fold(start.clone(), |sum, item| numbers::binary(BinaryOp::Add, &sum, item));
        }
        let mut sum = start.clone();
        if !matches!(sum, Value::List(_) | Value::Tuple(_)) {
            return None;
        }
        for item in &items {
            if !matches!((&sum, item), (Value::List(_), Value::List(_)) | (Value::Tuple(_), Value::Tuple(_))) {
                return None;
            }
            sum = self.binary(BinaryOp::Add, &sum, item).ok()?;
        }
        Some(sum)
    }

    fn extreme(&mut self, largest: bool, request: &Request) -> Played {
        let items = match request.args {
            [one] => self.items_of(one)?,
            several => several.to_vec(),
        };
        let keys = match self.keys_of(&items, request.keyword("key"))? {
            Ok(keys) => keys,
            Err(throw) => return Some(Err(throw)),
        };
        if items.is_empty() {
            return request.keyword("default").cloned().map(Ok);
        }
        let mut best = 0;
        for at in 1..items.len() {
            let order = self.order(&keys[at], &keys[best])?;
            if order == if largest { Ordering::Greater } else { Ordering::Less } {
                best = at;
            }
        }
        Some(Ok(items[best].clone()))
    }

    /// What `key=` gives for each item; the items themselves where there is none.
    fn keys_of(&mut self, items: &[Value], key: Option<&Value>) -> Option<Eval<Vec<Value>>> {
        let Some(key) = key.filter(|key| **key != Value::None) else { return Some(Ok(items.to_vec())) };
        let mut keys = Vec::with_capacity(items.len());
        for item in items {
            match self.call(key, vec![item.clone()], Vec::new()) {
                Ok(Value::Unknown) => return None,
                Ok(value) => keys.push(value),
                Err(throw) => return Some(Err(throw)),
            }
        }
        Some(Ok(keys))
    }

    fn sorted(&mut self, request: &Request) -> Played {
        let items = self.items_of(request.args.first()?)?;
        let sorted = self.in_order(items, request.keyword("key"), request.keyword("reverse"))?;
        Some(sorted.map(|items| self.state.list(items)))
    }

    /// Items sorted, if their order is known.
    pub(in crate::machine) fn in_order(
        &mut self,
        items: Vec<Value>,
        key: Option<&Value>,
        reverse: Option<&Value>,
    ) -> Option<Eval<Vec<Value>>> {
        let reverse = match reverse {
            None => false,
            Some(flag) => self.truth(flag)?,
        };
        let keys = match self.keys_of(&items, key)? {
            Ok(keys) => keys,
            Err(throw) => return Some(Err(throw)),
        };
        let mut pairs: Vec<(Value, Value)> = keys.into_iter().zip(items).collect();
        let mut known = true;
        pairs.sort_by(|(a, _), (b, _)| {
            let order = self.order(a, b).unwrap_or_else(|| {
                known = false;
                Ordering::Equal
            });
            if reverse { order.reverse() } else { order }
        });
        known.then(|| Ok(pairs.into_iter().map(|(_, item)| item).collect()))
    }

    fn mapped(&mut self, function: &Value, sources: &[Value]) -> Played {
        let mut columns = Vec::with_capacity(sources.len());
        for source in sources {
            let items = self.items_of(source)?;
            columns.push(items);
        }
        let rows = columns.iter().map(Vec::len).min().unwrap_or(0);
        if rows > ROWS || function.is_unknown() {
            return None;
        }
        let mut mapped = Vec::with_capacity(rows);
        for row in 0..rows {
            let args = columns.iter().map(|column| column[row].clone()).collect();
            // It is lazy: what goes wrong is seen where it is iterated, which is nearly always at once.
            match self.call(function, args, Vec::new()) {
                Ok(value) => mapped.push(value),
                Err(throw) => return Some(Err(throw)),
            }
        }
        let mapped = self.state.list(mapped);
        Some(Ok(self.disguised(mapped)))
    }

    fn filtered(&mut self, function: &Value, source: &Value) -> Played {
        let items = self.items_of(source)?;
        let mut kept = Vec::new();
        for item in items {
            let result = if *function == Value::None {
                item.clone()
            } else {
                match self.call(function, vec![item.clone()], Vec::new()) {
                    Ok(value) => value,
                    Err(throw) => return Some(Err(throw)),
                }
            };
            if self.truth(&result)? {
                kept.push(item);
            }
        }
        let kept = self.state.list(kept);
        Some(Ok(self.disguised(kept)))
    }

    // ---- itertools ----

    fn play_itertools(&mut self, name: &str, request: &Request) -> Played {
        let rows = |rows: Vec<Vec<Value>>| rows.into_iter().map(Value::tuple).collect::<Vec<_>>();
        let count = |value: Option<&Value>| match value {
            Some(Value::Int(count)) => usize::try_from(*count).ok(),
            _ => None,
        };
        let items = match (name, request.args) {
            ("product", sources) => {
                let repeat = match request.keyword("repeat") {
                    None => 1,
                    repeat => count(repeat)?,
                };
                let columns = self.columns(sources)?;
                let columns: Vec<_> = std::iter::repeat_n(columns, repeat.min(64)).flatten().collect();
                rows(product(&columns)?)
            }
            ("permutations" | "combinations" | "combinations_with_replacement", [source, rest @ ..]) => {
                let items = self.columns(std::slice::from_ref(source))?.remove(0);
                let size = match rest.first().or(request.keyword("r")) {
                    None | Some(Value::None) if name == "permutations" => items.len(),
                    given => count(given)?,
                };
                rows(choose(&items, size, name)?)
            }
            ("chain", sources) => self.columns(sources)?.concat(),
            ("chain.from_iterable", [source]) => {
                let sources = self.columns(std::slice::from_ref(source))?.remove(0);
                self.columns(&sources)?.concat()
            }
            ("zip_longest", sources) => {
                let columns = self.columns(sources)?;
                let fill = request.keyword("fillvalue").cloned().unwrap_or(Value::None);
                let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
                let cell = |column: &Vec<Value>, at: usize| column.get(at).unwrap_or(&fill).clone();
                (0..longest).map(|at| Value::tuple(columns.iter().map(|column| cell(column, at)).collect())).collect()
            }
            ("repeat", [value, times]) => vec![value.clone(); count(Some(times)).filter(|times| *times <= ROWS)?],
            ("islice", [source, bounds @ ..]) => {
                let items = self.columns(std::slice::from_ref(source))?.remove(0);
                let bound = |at: usize| match bounds.get(at) {
                    None | Some(Value::None) => Some(None),
                    given => count(given).map(Some),
                };
                let (start, stop) = if bounds.len() == 1 { (None, bound(0)?) } else { (bound(0)?, bound(1)?) };
                let step = bound(2)?.unwrap_or(1).max(1);
                let stop = stop.unwrap_or(items.len()).min(items.len());
                items[..stop].iter().skip(start.unwrap_or(0)).step_by(step).cloned().collect()
            }
            ("starmap", [function, source]) => {
                let arguments = self.columns(std::slice::from_ref(source))?.remove(0);
                let arguments = self.columns(&arguments)?;
                let mut found = Vec::with_capacity(arguments.len());
                for args in arguments {
                    match self.call(function, args, Vec::new()) {
                        Ok(value) => found.push(value),
                        Err(throw) => return Some(Err(throw)),
                    }
                }
                found
            }
            ("pairwise", [source]) => {
                let items = self.columns(std::slice::from_ref(source))?.remove(0);
                items.windows(2).map(|pair| Value::tuple(pair.to_vec())).collect()
            }
            _ => return None,
        };
        let items = self.state.list(items);
        Some(Ok(self.disguised(items)))
    }

    fn columns(&mut self, sources: &[Value]) -> Option<Vec<Vec<Value>>> {
        sources.iter().map(|source| self.iterate(source).ok().flatten()).collect()
    }

    // ---- operator ----

    fn play_operator(&mut self, name: &str, request: &Request) -> Played {
        let made = format!("operator.{name}()");
        match (name, request.args) {
            ("itemgetter" | "attrgetter" | "methodcaller", [_, ..]) => {
                let args = request.args.to_vec();
                Some(Ok(Value::Partial(Arc::new((Value::external(&made), args, request.kwargs.to_vec())))))
            }
            ("itemgetter()", [key, object]) => Some(self.item(object, key)),
            ("attrgetter()", [Value::Str(path), object]) => {
                let mut value = object.clone();
                for name in path.split('.') {
                    match self.attribute(&value, crate::base::intern::Name::new(name)) {
                        Ok(found) => value = found,
                        Err(throw) => return Some(Err(throw)),
                    }
                }
                Some(Ok(value))
            }
            (_, [left, right]) => {
                let op = match name {
                    "add" | "concat" => BinaryOp::Add,
                    "sub" => BinaryOp::Sub,
                    "mul" => BinaryOp::Mult,
                    "or_" => BinaryOp::BitOr,
                    "and_" => BinaryOp::BitAnd,
                    _ => return None,
                };
                Some(self.binary(op, left, right))
            }
            _ => {
                self.may_raise(May::Anything);
                Some(Ok(Value::Unknown))
            }
        }
    }
}

impl Machine<'_> {
    /// `re.sub(pattern, replacement, text)`, `pattern.sub(replacement, text)`
    fn play_substitution(&self, request: &Request) -> Played {
        let [pattern, Value::Str(replacement), Value::Str(text)] = request.args else { return None };
        let pattern = match pattern {
            Value::Str(pattern) => pattern,
            Value::Instance(compiled) => {
                let made = &self.state.instances[*compiled];
                match made.args.as_slice() {
                    [Value::Str(pattern)] if made.class == Value::external("re.Pattern") && made.kwargs.is_empty() => {
                        pattern
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        let found = crate::python::regex::replaced(pattern, replacement, text).filter(|_| request.kwargs.is_empty())?;
        Some(Ok(Value::str(&found)))
    }
}

fn play_text(name: &str, request: &Request) -> Played {
    let [Value::Str(text)] = request.args else { return None };
    Some(Ok(match name {
        "escape" => {
            let mut out = String::with_capacity(text.len());
            for c in text.chars() {
                if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
                    out.push('\\');
                }
                out.push(c);
            }
            Value::str(&out)
        }
        "dedent" => Value::str(&dedented(text)?),
        _ => return None,
    }))
}

/// `textwrap.dedent`, for text that is indented with blanks.
fn dedented(text: &str) -> Option<String> {
    if text.contains(['\t', '\r']) {
        return None;
    }
    let is_blank = |line: &str| line.trim_matches(' ').is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let margin = text.split('\n').filter(|line| !is_blank(line)).map(indent).min().unwrap_or(0);
    let cut = |line: &'_ str| if is_blank(line) { String::new() } else { line[margin..].to_owned() };
    Some(text.split('\n').map(cut).collect::<Vec<_>>().join("\n"))
}

fn play_math(name: &str, request: &Request) -> Played {
    let number = match request.args {
        [number] => numbers::float(number)?,
        _ => return None,
    };
    let whole = |number: f64| (number.is_finite() && number.abs() < 1e15).then_some(Value::Int(number as i64));
    Some(Ok(match name {
        "floor" => whole(number.floor())?,
        "ceil" => whole(number.ceil())?,
        "trunc" => whole(number.trunc())?,
        "sqrt" if number >= 0.0 => Value::Float(number.sqrt()),
        "fabs" => Value::Float(number.abs()),
        "isnan" => Value::Bool(number.is_nan()),
        "isinf" => Value::Bool(number.is_infinite()),
        _ => return None,
    }))
}

/// `text.encode(encoding)`
pub(super) fn encoded(text: &str, encoding: &Value) -> Option<Value> {
    if text.contains(crate::summary::UNKNOWN_CHARACTER) {
        return None;
    }
    let name = encoding.as_str()?.to_lowercase().replace('_', "-");
    let bytes: String = match name.as_str() {
        "utf-8" | "utf8" => text.bytes().map(char::from).collect(),
        "ascii" | "us-ascii" if text.is_ascii() => text.to_owned(),
        "latin-1" | "latin1" | "iso-8859-1" if text.chars().all(|c| u32::from(c) < 256) => text.to_owned(),
        _ => return None,
    };
    Some(Value::Bytes(bytes.into()))
}

/// `bytes.decode(encoding)`
pub(super) fn decoded(bytes: &str, encoding: Option<&Value>) -> Option<Value> {
    let name = encoding.map_or(Some("utf-8"), Value::as_str)?.to_lowercase().replace('_', "-");
    match name.as_str() {
        "utf-8" | "utf8" => {
            let raw: Option<Vec<u8>> = bytes.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
            Some(Value::str(std::str::from_utf8(&raw?).ok()?))
        }
        "ascii" | "us-ascii" if bytes.is_ascii() => Some(Value::str(bytes)),
        "latin-1" | "latin1" | "iso-8859-1" => Some(Value::str(bytes)),
        _ => None,
    }
}

fn product(columns: &[Vec<Value>]) -> Option<Vec<Vec<Value>>> {
    let size = columns.iter().try_fold(1usize, |size, column| size.checked_mul(column.len()))?;
    if size > ROWS {
        return None;
    }
    let mut rows = vec![Vec::new()];
    for column in columns {
        rows = rows
            .iter()
            .flat_map(|row: &Vec<Value>| column.iter().map(|item| row.iter().chain([item]).cloned().collect()))
            .collect();
    }
    Some(rows)
}

/// Selections of `size` items in Python's order.
fn choose(items: &[Value], size: usize, kind: &str) -> Option<Vec<Vec<Value>>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut next = Vec::new();
        for row in &found {
            for at in 0..items.len() {
                let fits = match kind {
                    "permutations" => !row.contains(&at),
                    "combinations" => row.last().is_none_or(|last| at > *last),
                    _ => row.last().is_none_or(|last| at >= *last),
                };
                if fits {
                    next.push(row.iter().copied().chain([at]).collect());
                }
            }
            if next.len() > ROWS {
                return None;
            }
        }
        found = next;
    }
    Some(found.into_iter().map(|row| row.into_iter().map(|at| items[at].clone()).collect()).collect())
}
