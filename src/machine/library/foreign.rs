//! Objects of compiled packages, as far as their kind is known: see [`crate::python::foreign`].

use super::dtypes::DTYPE;
use super::foreign_members::SHAPE;
use crate::base::intern::Name;
use crate::machine::attribute::Found;
use crate::machine::log::May;
use crate::machine::value::{ClassId, FnId, InstId, ModId, Value};
use crate::machine::{Machine, numbers};
use crate::python::foreign::{self, Fact};
use crate::python::location::Location;
use crate::summary::program::BinaryOp;

/// Functions whose arrays have the shape of what they get, which may be none.
const SHAPED: [&str; 10] = [
    "numpy.array",
    "numpy.asarray",
    "numpy.asanyarray",
    "numpy.zeros_like",
    "numpy.ones_like",
    "numpy.empty_like",
    "numpy.full_like",
    "numpy.zeros",
    "numpy.ones",
    "numpy.full",
];

/// The class of floats of 64 bits, a `float`.
const FLOAT64: &str = "numpy.float64";

/// A keyword that no call has: which function made the object.
pub(super) const MAKER: &str = "maker()";

/// What `pandas.to_datetime` makes of a list.
const TIMES: &str = "pandas.core.indexes.datetimes.DatetimeIndex";

/// What `pandas.col` gives.
const EXPRESSION: &str = "pandas.core.col.Expression";

/// What a value is in an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An object whose operations give plain objects.
    Plain,
    /// What goes together with one.
    Operand,
    /// Anything else.
    Other,
}

/// The name under which the table knows what a module defines: numpy shows what its inner modules make.
fn known_path(module: &str, qualname: &str) -> String {
    let inner = ["numpy._core.", "numpy.core.", "numpy.lib."].iter().find_map(|prefix| module.strip_prefix(prefix));
    match inner {
        None if matches!(module, "numpy.ma.core" | "numpy.ma.extras") => format!("numpy.ma.{qualname}"),
        Some("records") => format!("numpy.rec.{qualname}"),
        // Their functions go by other names, and some of these stand for something else in numpy itself.
        Some("defchararray" | "strings" | "recfunctions" | "scimath") | None => format!("{module}.{qualname}"),
        Some(_) => format!("numpy.{qualname}"),
    }
}

/// Whether an index of values of this kind is a plain one.
fn is_simple_dtype(name: &str) -> bool {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let kinds =
        ["int", "uint", "float", "complex", "Int", "UInt", "Float", "object", "str", "bool", "boolean", "string"];
    kinds.contains(&letters)
}

/// Whether a point in time or a span may turn out to be `NaT`, which is of another class.
fn may_be_missing(args: &[Value]) -> bool {
    match args.first() {
        None | Some(Value::Int(_)) => false,
        Some(Value::Str(text)) => !text.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
        _ => true,
    }
}

/// Whether it is the name of a time zone that every database has.
fn is_zone(name: &str) -> bool {
    let areas = ["US", "America", "Europe", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Canada"];
    name == "UTC" || name.split_once('/').is_some_and(|(area, _)| areas.contains(&area))
}

impl Machine<'_> {
    /// Puts what is known of a name of a compiled package in the place of nothing.
    pub(in crate::machine) fn refine_foreign(&mut self, module: ModId, name: Name, found: Found) -> Found {
        let own = self.state.modules[module].name;
        let open = match &found {
            // `numpy.False_`
            Found::Yes(Value::Bool(_)) => own.as_str() == "numpy",
            // `numpy.bool`, which a loop binds over what the module imports from `builtins`.
            Found::Yes(Value::External(builtin)) if builtin.as_str().starts_with("builtins.") => true,
            Found::Yes(value) | Found::Maybe(value) => self.is_foreign_blank(value),
            Found::Unknown => true,
            Found::No => false,
        };
        // Its dicts are plain, however it makes their classes.
        if own.as_str() == "typing_extensions" && name.as_str() == "TypedDict" && matches!(found, Found::Yes(_)) {
            return Found::Yes(Value::external("typing_extensions.TypedDict"));
        }
        if !open || !foreign::covers(own.as_str()) {
            return found;
        }
        let full = format!("{own}.{name}");
        let Some(value) = self.foreign_value(&full) else { return found };
        match found {
            Found::Yes(_) => Found::Yes(value),
            Found::Unknown if matches!(self.state.modules[module].location, Location::Extension { .. }) => {
                Found::Yes(value)
            }
            _ => Found::Maybe(value),
        }
    }

    /// Whether nothing is known of the value: functions behind decorators that are not followed included.
    fn is_foreign_blank(&self, value: &Value) -> bool {
        match value {
            Value::Unknown => true,
            // They hand out what they are asked for.
            Value::Instance(id) => match &self.state.instances[*id].class {
                Value::Class(class) => {
                    !matches!(self.state.classes[*class].name.as_str(), "IndexExpression" | "_IndexSlice")
                }
                _ => true,
            },
            Value::Function(id) => self.state.functions[*id].opaque,
            _ => false,
        }
    }

    pub(super) fn foreign_major(&mut self, full: &str) -> Option<u32> {
        let top = full.split('.').next().unwrap_or(full);
        if let Some(known) = self.majors.get(top) {
            return *known;
        }
        let version = self.world.distribution_version(top);
        let major = version.and_then(|version| version.split('.').next()?.parse().ok());
        if major.is_none() && self.state.loaded(Name::new(top)).is_some() {
            return self.stated_major(top);
        }
        self.majors.insert(top.into(), major);
        major
    }

    /// What a package that is not installed says of itself, once it has said it.
    fn stated_major(&self, top: &str) -> Option<u32> {
        let Some(Value::Module(module)) = self.state.loaded(Name::new(top)) else { return None };
        let slot = self.state.slot(self.state.modules[*module].ns, Name::new("__version__"))?;
        slot.value.as_str()?.split('.').next()?.parse().ok()
    }

    fn foreign_value(&mut self, full: &str) -> Option<Value> {
        let major = self.foreign_major(full);
        Some(match foreign::find(full, major)? {
            Fact::Class { name, .. } | Fact::Named(name) => {
                let full = Name::new(full);
                self.state.set_foreign_name(full, name);
                Value::External(full)
            }
            // What can be called is known by its name.
            Fact::Instance(_) if foreign::result(full).is_some() => Value::external(full),
            Fact::Instance(class) if foreign::is_plain_class(class) || class.starts_with("datetime.") => {
                self.plain_object(class)
            }
            Fact::Instance(_) => self.plain_object(foreign::PLAIN),
            Fact::Texts(texts) => {
                let list = self.state.list(texts.split(',').map(Value::str).collect());
                self.disguised(list)
            }
            Fact::Keys(texts) => {
                let keys: Vec<_> = texts.split(',').map(Value::str).collect();
                let values = vec![Value::Unknown; keys.len()];
                Value::Dict(self.state.new_object(keys, values, true))
            }
            Fact::Int(number) => Value::Int(number),
            Fact::Float(number) => Value::Float(number),
        })
    }

    /// An object of a class that is known by name.
    fn plain_object(&mut self, class: &str) -> Value {
        self.instance(Value::external(class), Vec::new(), Vec::new())
    }

    /// What a call of such a name gives, if its kind is known.
    pub(in crate::machine) fn call_foreign(
        &mut self,
        full: &str,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        if full == "dateutil.tz.tz.gettz" && !args.first().and_then(Value::as_str).is_some_and(is_zone) {
            return None;
        }
        if let Some(made) = self.call_foreign_method(full, args, kwargs) {
            return Some(made);
        }
        if foreign::result(full).is_some() {
            return self.foreign_result(full, args, kwargs);
        }
        let major = self.foreign_major(full);
        let Fact::Class { plain, .. } = foreign::find(full, major)? else { return None };
        if !plain && !matches!(full, "numpy.float64" | "numpy.complex128" | "numpy.str_") {
            return None;
        }
        self.may_raise(May::Anything);
        let last = full.rsplit('.').next().unwrap_or(full);
        // Every kind of dtype is a class of its own.
        let vague = full == "numpy.dtype"
            || matches!(last, "Timestamp" | "Timedelta" | "Period") && kwargs.is_empty() && may_be_missing(args);
        if let Some(dtype) = self.dtype_made_of(full, args) {
            return Some(dtype);
        }
        let class = if vague { foreign::PLAIN } else { full };
        Some(self.instance(Value::external(class), args.to_vec(), kwargs.to_vec()))
    }

    /// What a function of the table gives.
    fn foreign_result(&mut self, full: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<Value> {
        let class = foreign::result(full)?;
        // They hand back what is None, and some strings if they are told to.
        let converts = [".to_datetime", ".to_timedelta", ".to_offset"].iter().any(|name| full.ends_with(name));
        let open = matches!(args.first(), None | Some(Value::None | Value::Unknown));
        if converts && (open || kwargs.iter().any(|(name, _)| name.as_str() == "errors")) {
            return None;
        }
        self.may_raise(May::Anything);
        let shaped = !SHAPED.contains(&full)
            || kwargs.iter().any(|(name, value)| name.as_str() == "shape" && *value != Value::tuple(Vec::new()));
        let mark = shaped.then(|| (Name::new(SHAPE), Value::None));
        let maker = (Name::new(MAKER), Value::str(full));
        let kwargs = kwargs.iter().cloned().chain(mark).chain([maker]).collect();
        let class = if full.ends_with(".to_datetime") && self.are_plain_times(args) { TIMES } else { class };
        let made = self.foreign_object(class, kwargs);
        if let Value::Instance(id) = made {
            self.state.instances[id].args = args.to_vec();
        }
        Some(made)
    }

    /// `left op right`, `-value`: operations that give an object of the same kind, or of another plain one.
    pub(in crate::machine) fn combine_foreign(
        &mut self,
        op: Option<BinaryOp>,
        left: &Value,
        right: Option<&Value>,
    ) -> Option<Value> {
        if let Some(number) = self.combine_scalars(op, left, right) {
            return Some(number);
        }
        if self.is_expression(left) || right.is_some_and(|right| self.is_expression(right)) {
            return Some(self.foreign_object(EXPRESSION, Vec::new()));
        }
        let kept = matches!(op, None | Some(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mult));
        if !kept && !self.is_array(left) && !right.is_some_and(|right| self.is_array(right)) {
            return None;
        }
        let kinds = [Some(left), right].map(|value| value.map(|value| self.foreign_kind(value)));
        let plain = |kind: &Option<Kind>| matches!(kind, None | Some(Kind::Plain | Kind::Operand));
        if !kinds.iter().all(plain) || !kinds.contains(&Some(Kind::Plain)) {
            return None;
        }
        self.may_raise(May::Anything);
        let made = vec![(Name::new(SHAPE), Value::None)];
        let arrays = [Some(left), right].into_iter().flatten().all(|value| self.is_array_or_number(value));
        let class = if arrays { "numpy.ndarray" } else { foreign::PLAIN };
        let dtype = right.filter(|_| arrays && kept).and_then(|right| self.combined_dtype(left, right));
        let made = made.into_iter().chain(dtype.map(|text| (Name::new(DTYPE), Value::str(&text)))).collect();
        Some(self.instance(Value::external(class), Vec::new(), made))
    }

    fn is_array_or_number(&self, value: &Value) -> bool {
        match value {
            Value::Instance(id) => self.state.instances[*id].class == Value::external("numpy.ndarray"),
            _ => true,
        }
    }

    /// What a value is in an operation.
    fn foreign_kind(&self, value: &Value) -> Kind {
        let id = match value {
            Value::Int(_) | Value::Float(_) | Value::BigInt(_) | Value::Bool(_) | Value::Complex(..) => {
                return Kind::Operand;
            }
            Value::Instance(id) => *id,
            _ => return Kind::Other,
        };
        let data = &self.state.instances[id];
        let named = match &data.class {
            Value::External(name) => name.as_str().to_owned(),
            Value::Class(class) => {
                let class = &self.state.classes[*class];
                format!("{}.{}", self.state.modules[class.module].name, class.qualname)
            }
            _ => return Kind::Other,
        };
        match named.as_str() {
            "datetime.timedelta" | "datetime.datetime" => Kind::Operand,
            "numpy.ndarray" => {
                let shaped = data.kwargs.iter().any(|(name, _)| name.as_str() == SHAPE);
                if shaped || matches!(data.args.first(), Some(Value::List(_))) { Kind::Plain } else { Kind::Other }
            }
            // Their operations give numbers at times, or objects that are what they hold.
            name if name.starts_with("numpy.") && !matches!(name, "numpy.datetime64" | "numpy.timedelta64") => {
                Kind::Other
            }
            name if name == foreign::PLAIN || name.starts_with("dateutil.") => Kind::Other,
            name if foreign::covers(name) && foreign::is_plain_class(name) => Kind::Plain,
            _ => Kind::Other,
        }
    }

    /// Arithmetic of `numpy.float64`, which is a `float` but has another name.
    fn combine_scalars(&mut self, op: Option<BinaryOp>, left: &Value, right: Option<&Value>) -> Option<Value> {
        let number = |value: &Value| self.scalar(value).map_or_else(|| value.clone(), Value::Float);
        let involved = self.scalar(left).or_else(|| self.scalar(right?));
        involved?;
        let made = match (op, right) {
            (Some(op), Some(right)) => numbers::binary(op, &number(left), &number(right))?,
            _ => numbers::negative(&number(left))?,
        };
        matches!(made, Value::Float(_)).then(|| self.instance(Value::external(FLOAT64), vec![made], Vec::new()))
    }

    /// The number that a `numpy.float64` is.
    pub(in crate::machine) fn scalar(&self, value: &Value) -> Option<f64> {
        let Value::Instance(id) = value else { return None };
        let data = &self.state.instances[*id];
        match (&data.class, data.args.as_slice()) {
            (Value::External(class), [Value::Float(number)]) if class.as_str() == FLOAT64 => Some(*number),
            _ => None,
        }
    }

    /// `float(value)` of a number of numpy.
    pub(super) fn float_of(&self, value: &Value) -> Option<f64> {
        let Value::Instance(id) = value else { return None };
        let data = &self.state.instances[*id];
        match (&data.class, data.args.as_slice()) {
            (Value::External(class), [Value::Float(number)]) if matches!(class.as_str(), FLOAT64 | "numpy.float32") => {
                Some(*number)
            }
            _ => None,
        }
    }

    /// The elements of an array that plain numbers or texts were made into; none if they are not known.
    pub(in crate::machine) fn array_elements(&mut self, array: InstId) -> Option<Vec<Value>> {
        let data = &self.state.instances[array];
        let maker = data.kwargs.iter().find(|(name, _)| name.as_str() == MAKER)?.1.as_str()?.to_owned();
        let named: Vec<_> = data.kwargs.iter().filter(|(name, _)| !name.as_str().ends_with("()")).cloned().collect();
        let args = data.args.clone();
        if data.class != Value::external("numpy.ndarray") {
            return None;
        }
        let (class, items) = match (maker.as_str(), args.as_slice(), named.as_slice()) {
            ("numpy.arange", args, []) => ("numpy.int64", whole_range(args)?),
            ("numpy.linspace", args, named) => (FLOAT64, even_steps(args, named)?),
            ("numpy.array" | "numpy.asarray", [list @ Value::List(_)], []) => {
                let (items, true) = self.elements(list)? else { return None };
                kinds_of(items)?
            }
            _ => return None,
        };
        Some(items.into_iter().map(|item| self.instance(Value::external(class), vec![item], Vec::new())).collect())
    }

    /// Whether a value is an array, a table or an index of which more than one element may be compared.
    pub(in crate::machine) fn is_array(&self, value: &Value) -> bool {
        let Value::Instance(id) = value else { return false };
        let data = &self.state.instances[*id];
        match &data.class {
            Value::External(class) if class.as_str() == "numpy.ndarray" => {
                let shaped = data.kwargs.iter().any(|(name, _)| name.as_str() == SHAPE);
                shaped || matches!(data.args.first(), Some(Value::List(_)))
            }
            Value::Class(class) => {
                let class = &self.state.classes[*class];
                let module = self.state.modules[class.module].name;
                let home = module.as_str().strip_prefix("pandas.core.").unwrap_or_default();
                ["indexes.", "arrays.", "series", "frame"].iter().any(|part| home.starts_with(part))
            }
            _ => false,
        }
    }

    /// Whether it is what `pandas.col` gives: all that is done with it gives such an object again.
    pub(in crate::machine) fn is_expression(&self, value: &Value) -> bool {
        let Value::Instance(id) = value else { return false };
        match &self.state.instances[*id].class {
            Value::External(class) => class.as_str() == EXPRESSION,
            Value::Class(class) => {
                let data = &self.state.classes[*class];
                data.name.as_str() == "Expression" && self.state.modules[data.module].name.as_str() == "pandas.core.col"
            }
            _ => false,
        }
    }

    /// `left == right` and the like, where the answer is an array and no truth.
    pub(in crate::machine) fn compare_foreign(&mut self, left: &Value, right: &Value) -> Option<Value> {
        if [left, right].into_iter().any(|value| self.is_expression(value)) {
            return Some(self.foreign_object(EXPRESSION, Vec::new()));
        }
        let array = [left, right].into_iter().find(|value| self.is_array(value))?;
        let class = if self.is_array_or_number(array) { "numpy.ndarray" } else { foreign::PLAIN };
        Some(self.foreign_object(class, vec![(Name::new(SHAPE), Value::None)]))
    }

    /// `np.iinfo(dtype).max` and the like.
    pub(in crate::machine) fn limit_of(&mut self, instance: InstId, name: Name) -> Option<Value> {
        let data = &self.state.instances[instance];
        let Value::External(class) = data.class else { return None };
        let kind = match data.args.first()? {
            Value::Str(kind) => kind.to_string(),
            Value::External(kind) => kind.as_str().rsplit('.').next()?.to_owned(),
            _ => return None,
        };
        match (class.as_str(), name.as_str()) {
            ("numpy.iinfo", limit @ ("min" | "max")) => {
                let (unsigned, kind) = kind.strip_prefix('u').map_or((false, &kind[..]), |kind| (true, kind));
                let bits: u32 =
                    kind.strip_prefix("int")?.parse().ok().filter(|bits| matches!(bits, 8 | 16 | 32 | 64))?;
                let top = if unsigned { (1i128 << bits) - 1 } else { (1i128 << (bits - 1)) - 1 };
                let low = if unsigned { 0 } else { -top - 1 };
                Some(numbers::value(if limit == "max" { top } else { low }))
            }
            ("numpy.finfo", limit) => {
                let limits = match &kind[..] {
                    "float" | "float64" | "double" => [f64::MAX, f64::MIN, f64::EPSILON, f64::MIN_POSITIVE],
                    "float32" | "single" => [f32::MAX, f32::MIN, f32::EPSILON, f32::MIN_POSITIVE].map(f64::from),
                    _ => return None,
                };
                let at = ["max", "min", "eps", "tiny"].iter().position(|own| *own == limit)?;
                let class = if kind.ends_with("32") || kind == "single" { "numpy.float32" } else { FLOAT64 };
                Some(self.instance(Value::external(class), vec![Value::Float(limits[at])], Vec::new()))
            }
            _ => None,
        }
    }

    /// What a call of a function of such a package gives.
    pub(in crate::machine) fn call_foreign_function(
        &mut self,
        function: FnId,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let data = &self.state.functions[function];
        let module = self.state.modules[data.module].name;
        if !foreign::covers(module.as_str()) {
            return None;
        }
        self.foreign_result(&known_path(module.as_str(), &data.qualname), args, kwargs)
    }

    /// An object of a class of such a package that is written in Python.
    pub(in crate::machine) fn construct_foreign(
        &mut self,
        class: ClassId,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let data = &self.state.classes[class];
        let module = self.state.modules[data.module].name;
        if !foreign::covers(module.as_str()) {
            return None;
        }
        let full = known_path(module.as_str(), &data.qualname);
        if !foreign::is_plain_class(&full) {
            return None;
        }
        self.may_raise(May::Anything);
        if let Some(dtype) = self.dtype_made_of(&full, args) {
            return Some(dtype);
        }
        // `__new__` gives objects of other classes like it.
        let exact = self.class_lookup(class, Name::new("__new__")).1.is_none()
            || foreign::result(&full) == Some(&full)
            || full == "pandas.core.indexes.base.Index" && self.makes_index(args, kwargs);
        let class = match exact {
            true if full.starts_with("numpy.") => Value::external(&full),
            true => Value::Class(class),
            false => Value::external(foreign::PLAIN),
        };
        let object = self.instance(class, args.to_vec(), kwargs.to_vec());
        if let Value::Instance(id) = object {
            let ns = self.state.instances[id].ns;
            self.state.open(ns, "its class cannot be followed");
        }
        Some(object)
    }

    /// Whether `to_datetime` is given a list of texts without zones.
    fn are_plain_times(&self, args: &[Value]) -> bool {
        let plain = |value: &Value| match value {
            Value::Str(text) => text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['+', 'Z']),
            _ => false,
        };
        let [data @ Value::List(_)] = args else { return false };
        !self.state.is_disguised(data)
            && matches!(self.elements(data), Some((items, true)) if !items.is_empty() && items.iter().all(plain))
    }

    /// Whether `pd.Index(...)` gives an object of that very class: one of plain numbers or texts.
    fn makes_index(&mut self, args: &[Value], kwargs: &[(Name, Value)]) -> bool {
        if self.foreign_major("pandas").is_none_or(|major| major < 2) {
            return false;
        }
        let Some(data) = args.first() else { return false };
        let named = kwargs.iter().find(|(name, _)| name.as_str() == "dtype").map(|(_, value)| value);
        let dtype = match args.get(1).or(named) {
            None => None,
            Some(dtype) => match self.dtype_text(dtype) {
                Some(text) if is_simple_dtype(&text) => Some(text),
                _ => return false,
            },
        };
        let plain = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bool(_));
        match data {
            Value::Instance(id) => match self.dtype_of(*id) {
                _ if dtype.is_some() => self.is_array(data),
                Some(text) => is_simple_dtype(&text) && !self.is_range(*id),
                None => false,
            },
            // A range stays one where no dtype is given.
            Value::List(_) if dtype.is_some() || !self.state.is_disguised(data) => {
                matches!(self.elements(data), Some((items, true)) if items.iter().all(plain))
            }
            _ => false,
        }
    }

    /// Whether it is a `RangeIndex`, which an index made of it is as well.
    fn is_range(&self, instance: InstId) -> bool {
        self.foreign_class(instance).is_some_and(|class| class.ends_with(".RangeIndex"))
    }
}

/// Elements that an array may be made of here.
const MOST: i64 = 2_000;

/// `np.arange` of whole numbers.
fn whole_range(args: &[Value]) -> Option<Vec<Value>> {
    let numbers: Option<Vec<i64>> =
        args.iter().map(|arg| if let Value::Int(n) = arg { Some(*n) } else { None }).collect();
    let (start, stop, step) = match *numbers?.as_slice() {
        [stop] => (0, stop, 1),
        [start, stop] => (start, stop, 1),
        [start, stop, step] if step > 0 => (start, stop, step),
        _ => return None,
    };
    let count = stop.checked_sub(start)?.checked_add(step - 1)?.max(0) / step;
    (count <= MOST).then(|| (0..count).map(|at| Value::Int(start + at * step)).collect())
}

/// `np.linspace` of plain numbers, as numpy computes it.
fn even_steps(args: &[Value], named: &[(Name, Value)]) -> Option<Vec<Value>> {
    let (start, stop) = (numbers::float(args.first()?)?, numbers::float(args.get(1)?)?);
    let count = match (args.get(2), named) {
        (None, []) => 50,
        (Some(Value::Int(count)), []) => *count,
        (None, [(name, Value::Int(count))]) if name.as_str() == "num" => *count,
        _ => return None,
    };
    if args.len() > 3 || !(2..=MOST).contains(&count) || start == stop {
        return None;
    }
    let step = (stop - start) / (count - 1) as f64;
    let mut items: Vec<_> = (0..count).map(|at| Value::Float(at as f64 * step + start)).collect();
    *items.last_mut()? = Value::Float(stop);
    Some(items)
}

/// The class that numpy gives to plain values of one kind.
fn kinds_of(items: Vec<Value>) -> Option<(&'static str, Vec<Value>)> {
    if items.iter().all(|item| matches!(item, Value::Int(_))) {
        return Some(("numpy.int64", items));
    }
    if items.iter().all(|item| matches!(item, Value::Str(_))) {
        return Some(("numpy.str_", items));
    }
    let numbers: Option<Vec<_>> = items
        .iter()
        .map(|item| match item {
            Value::Int(_) | Value::Float(_) => numbers::float(item).map(Value::Float),
            _ => None,
        })
        .collect();
    Some((FLOAT64, numbers?))
}
