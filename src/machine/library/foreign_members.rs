//! Methods, attributes and parts of objects of compiled packages: which class they give.

use std::sync::Arc;

use crate::base::intern::Name;
use crate::machine::Machine;
use crate::machine::log::May;
use crate::machine::value::{ClassId, InstId, Value};
use crate::python::foreign::{self, Given, Member, MemberKind};

/// A keyword that no call has: the array that it stands with has a dimension at least.
pub(super) const SHAPE: &str = "shape()";

/// What an array without a dimension gives of the same kind.
const SHAPELESS: [&str; 9] = ["astype", "copy", "reshape", "ravel", "flatten", "transpose", "view", "T", "dtype"];

/// Builtin classes from which no plain class derives.
const TEXTUAL: [&str; 6] = ["str", "bytes", "int", "float", "complex", "bool"];

impl Machine<'_> {
    /// The full name of an object's class, if it is one of a package that the table covers.
    pub(super) fn foreign_class(&self, instance: InstId) -> Option<String> {
        match &self.state.instances[instance].class {
            Value::External(name) => foreign::covers(name.as_str()).then(|| name.as_str().to_owned()),
            Value::Class(class) => {
                let data = &self.state.classes[*class];
                let module = self.state.modules[data.module].name;
                foreign::covers(module.as_str()).then(|| format!("{module}.{}", data.qualname))
            }
            _ => None,
        }
    }

    /// A method or attribute of such an object.
    pub(in crate::machine) fn foreign_member(&mut self, instance: InstId, name: Name) -> Option<Value> {
        if let Some(found) = self.dtype_member(instance, name) {
            return Some(found);
        }
        let class = self.foreign_class(instance)?;
        if self.is_expression(&Value::Instance(instance)) {
            return Some(Value::Instance(instance));
        }
        if class.ends_with(".NaTType") && matches!(name.as_str(), "_value" | "value") {
            return Some(Value::Int(i64::MIN));
        }
        let zoned = |(key, zone): &(Name, Value)| key.as_str() == "tz" && matches!(zone, Value::Str(_));
        if class.ends_with(".Timestamp")
            && matches!(name.as_str(), "tz" | "tzinfo")
            && self.state.instances[instance].kwargs.iter().any(zoned)
        {
            return Some(self.foreign_object(foreign::PLAIN, Vec::new()));
        }
        if let Some(member) = foreign::member_of(&class, MemberKind::Attribute, name.as_str()) {
            return self.member_value(&class, instance, member);
        }
        let method = self.foreign_method(&class, name)?;
        Some(Value::Method(Arc::new((method, Value::Instance(instance)))))
    }

    /// A name of a class itself: its limits, and its methods.
    pub(super) fn foreign_class_member(&mut self, class: Name, name: Name) -> Option<Value> {
        if matches!(name.as_str(), "min" | "max")
            && let Some(Member { given: Given::Same, .. }) =
                foreign::member_of(class.as_str(), MemberKind::Attribute, name.as_str())
        {
            return Some(self.foreign_object(class.as_str(), Vec::new()));
        }
        self.foreign_method(class.as_str(), name)
    }

    /// `Class.method`, if it is known what it gives.
    pub(in crate::machine) fn foreign_method(&mut self, class: &str, name: Name) -> Option<Value> {
        let member = foreign::member_of(class, MemberKind::Method, name.as_str())?;
        let full = Name::new(&format!("{class}.{name}"));
        self.state.set_foreign_name(full, member.name);
        Some(Value::External(full))
    }

    /// What a call of such a method gives; its object stands first.
    pub(super) fn call_foreign_method(
        &mut self,
        full: &str,
        args: &[Value],
        kwargs: &[(Name, Value)],
    ) -> Option<Value> {
        let (class, name) = full.rsplit_once('.')?;
        let member = foreign::member_of(class, MemberKind::Method, name)?;
        let Value::Instance(instance) = args.first()? else { return None };
        let in_place = kwargs.iter().any(|(name, _)| name.as_str() == "inplace");
        if in_place || !member.sized.is_none_or(|before| has_size(&args[1..], kwargs, before)) {
            return None;
        }
        self.may_raise(May::Anything);
        let made = self.member_value(class, *instance, member)?;
        self.note_dtype(name, *instance, &args[1..], &made);
        Some(made)
    }

    /// `object[index]` where it is a slice.
    pub(in crate::machine) fn foreign_part(&mut self, object: &Value, index: &Value) -> Option<Value> {
        let Value::Instance(instance) = object else { return None };
        let class = self.foreign_class(*instance)?;
        // `np.s_`, `pd.IndexSlice`: they give the index itself.
        match class.rsplit('.').next()? {
            "_IndexSlice" => return Some(index.clone()),
            "IndexExpression" => return (!matches!(index, Value::Unknown)).then(|| index.clone()),
            _ => {}
        }
        // A column, or several.
        if class == "pandas.core.frame.DataFrame" && !matches!(index, Value::Partial(_)) {
            self.may_raise(May::Anything);
            return Some(self.foreign_object(foreign::PLAIN, Vec::new()));
        }
        let Value::Partial(slice) = index else { return None };
        if slice.0 != Value::external("builtins.slice") {
            return None;
        }
        let member = foreign::member_of(&class, MemberKind::Slice, "")?;
        self.may_raise(May::Anything);
        let made = self.member_value(&class, *instance, member)?;
        self.note_dtype("[]", *instance, &[], &made);
        Some(made)
    }

    fn member_value(&mut self, class: &str, instance: InstId, member: Member) -> Option<Value> {
        let shaped = self.state.instances[instance].kwargs.iter().any(|(name, _)| name.as_str() == SHAPE)
            || matches!(self.state.instances[instance].args.first(), Some(Value::List(_)));
        if class == "numpy.ndarray" && !shaped && !SHAPELESS.contains(&member.name) {
            return None;
        }
        let kwargs = if shaped { vec![(Name::new(SHAPE), Value::None)] } else { Vec::new() };
        Some(match member.given {
            Given::Plain => self.foreign_object(foreign::PLAIN, kwargs),
            Given::Class(class) => self.foreign_object(class, vec![(Name::new(SHAPE), Value::None)]),
            Given::Same => self.foreign_object(class, kwargs),
        })
    }

    /// Whether a class of a compiled package derives from another one, or from a builtin class of texts and numbers.
    pub(in crate::machine) fn is_foreign_subclass(&mut self, class: &str, other: &str) -> Option<bool> {
        if !foreign::covers(class) {
            return None;
        }
        if other.strip_prefix("builtins.").is_some_and(|name| TEXTUAL.contains(&name)) {
            return foreign::is_plain_class(class).then_some(false);
        }
        let major = foreign::covers(other).then(|| self.foreign_major(class))?;
        foreign::derives(class, other, major)
    }

    /// Whether a class is written in Python in such a package, and decorators left it what it is.
    pub(in crate::machine) fn is_plain_foreign(&self, class: ClassId) -> bool {
        let data = &self.state.classes[class];
        let module = self.state.modules[data.module].name;
        foreign::covers(module.as_str()) && foreign::is_plain_class(&format!("{module}.{}", data.qualname))
    }

    /// An object of a class that is known by its full name.
    pub(super) fn foreign_object(&mut self, full: &str, kwargs: Vec<(Name, Value)>) -> Value {
        let plain = full.starts_with("datetime.") || foreign::is_plain_class(full);
        let class = match full.rsplit_once('.') {
            _ if !plain => None,
            // Classes whose code is read keep what they derive from.
            Some((module, name)) if full.starts_with("pandas.core") => self.loaded_class(module, name),
            _ => Some(Value::external(full)),
        };
        let object =
            self.instance(class.unwrap_or_else(|| Value::external(foreign::PLAIN)), vec![Value::Unknown], kwargs);
        if let Value::Instance(id) = object {
            let ns = self.state.instances[id].ns;
            self.state.open(ns, "its class cannot be followed");
        }
        object
    }

    /// A class of a module that is loaded.
    fn loaded_class(&self, module: &str, name: &str) -> Option<Value> {
        let Some(Value::Module(module)) = self.state.loaded(Name::new(module)) else { return None };
        let slot = self.state.slot(self.state.modules[*module].ns, Name::new(name))?;
        matches!(slot.value, Value::Class(_)).then(|| slot.value.clone())
    }
}

/// Whether a call states the size of what it wants.
fn has_size(args: &[Value], kwargs: &[(Name, Value)], before: usize) -> bool {
    let named = kwargs.iter().find(|(name, _)| name.as_str() == "size").map(|(_, value)| value);
    args.get(before).or(named).is_some_and(|size| !matches!(size, Value::None | Value::Unknown))
}
