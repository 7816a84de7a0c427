//! Objects of compiled packages, as far as their kind is known: see [`crate::python::foreign`].

use crate::base::intern::Name;
use crate::machine::attribute::Found;
use crate::machine::log::May;
use crate::machine::value::{ClassId, FnId, InstId, ModId, Value};
use crate::machine::{Machine, numbers};
use crate::python::foreign::{self, Fact};
use crate::python::location::Location;

/// A keyword that no call has: the array that it stands with has a dimension at least.
const SHAPE: &str = "shape()";

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

/// Classes whose code is read are not made by name: what derives from what would be forgotten.
fn class_of_result(class: &'static str) -> &'static str {
    if class.starts_with("pandas.core") { foreign::PLAIN } else { class }
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
            Found::Yes(value) | Found::Maybe(value) => self.is_foreign_blank(value),
            Found::Unknown => true,
            Found::No => false,
        };
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
            Value::Unknown | Value::Instance(_) => true,
            Value::Function(id) => self.state.functions[*id].opaque,
            _ => false,
        }
    }

    fn foreign_major(&mut self, full: &str) -> Option<u32> {
        let top = full.split('.').next().unwrap_or(full);
        if let Some(known) = self.majors.get(top) {
            return *known;
        }
        let version = self.world.distribution_version(top);
        let major = version.and_then(|version| version.split('.').next()?.parse().ok());
        self.majors.insert(top.into(), major);
        major
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
        if let Some(class) = foreign::result(full) {
            self.may_raise(May::Anything);
            let kwargs = if SHAPED.contains(&full) { kwargs.to_vec() } else { vec![(Name::new(SHAPE), Value::None)] };
            return Some(self.instance(Value::external(class_of_result(class)), args.to_vec(), kwargs));
        }
        let major = self.foreign_major(full);
        let Fact::Class { plain, .. } = foreign::find(full, major)? else { return None };
        if !plain && !matches!(full, "numpy.float64" | "numpy.complex128") {
            return None;
        }
        self.may_raise(May::Anything);
        Some(self.instance(Value::external(full), args.to_vec(), kwargs.to_vec()))
    }

    /// `left op right`, `-value`: operations that give an object of the same kind, or of another plain one.
    pub(in crate::machine) fn combine_foreign(&mut self, left: &Value, right: Option<&Value>) -> Option<Value> {
        let kinds = [Some(left), right].map(|value| value.map(|value| self.foreign_kind(value)));
        let plain = |kind: &Option<Kind>| matches!(kind, None | Some(Kind::Plain | Kind::Operand));
        if !kinds.iter().all(plain) || !kinds.contains(&Some(Kind::Plain)) {
            return None;
        }
        self.may_raise(May::Anything);
        let made = vec![(Name::new(SHAPE), Value::None)];
        let arrays = [Some(left), right].into_iter().flatten().all(|value| self.is_array_or_number(value));
        let class = if arrays { "numpy.ndarray" } else { foreign::PLAIN };
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
            Value::Int(_) | Value::Float(_) | Value::BigInt(_) | Value::Bool(_) => return Kind::Operand,
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

    /// `np.iinfo(dtype).max` and the like.
    pub(in crate::machine) fn limit_of(&self, instance: InstId, name: Name) -> Option<Value> {
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
            ("numpy.finfo", limit) if matches!(&kind[..], "float" | "float64") => match limit {
                "max" => Some(Value::Float(f64::MAX)),
                "min" => Some(Value::Float(f64::MIN)),
                "eps" => Some(Value::Float(f64::EPSILON)),
                "tiny" => Some(Value::Float(f64::MIN_POSITIVE)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a call of a function of such a package gives.
    pub(in crate::machine) fn call_foreign_function(&mut self, function: FnId, args: &[Value]) -> Option<Value> {
        let data = &self.state.functions[function];
        let module = self.state.modules[data.module].name;
        if !foreign::covers(module.as_str()) {
            return None;
        }
        let class = foreign::result(&format!("{module}.{}", data.qualname))?;
        self.may_raise(May::Anything);
        Some(self.instance(Value::external(class_of_result(class)), args.to_vec(), Vec::new()))
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
        if !foreign::covers(module.as_str()) || !foreign::is_plain_class(&format!("{module}.{}", data.qualname)) {
            return None;
        }
        self.may_raise(May::Anything);
        // `__new__` gives objects of other classes like it.
        let exact = self.class_lookup(class, Name::new("__new__")).1.is_none();
        let class = if exact { Value::Class(class) } else { Value::external(foreign::PLAIN) };
        let object = self.instance(class, args.to_vec(), kwargs.to_vec());
        if let Value::Instance(id) = object {
            let ns = self.state.instances[id].ns;
            self.state.open(ns, "its class cannot be followed");
        }
        Some(object)
    }

    /// An attribute of an instance of a class that is known by name.
    pub(in crate::machine) fn foreign_attribute(&mut self, class: Name, name: Name) -> Option<Value> {
        if !foreign::covers(class.as_str()) {
            return None;
        }
        let result = foreign::attribute(&format!("{class}.{name}"))?;
        Some(self.plain_object(result))
    }
}
