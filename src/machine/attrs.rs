//! Classes made by attrs: their fields in order, and what the constructor that attrs makes sets on an instance.
//!
//! Such a class stays open, as any class behind a decorator that is not followed: what is not set here is not known.

use super::Machine;
use super::attribute::Found;
use super::log::Eval;
use super::value::{ClassId, InstId, Keywords, Value};
use crate::base::intern::Name;
use crate::summary::program::{ClassDef, Expr, ExprKind, OpKind};

/// Bound in the namespace of a class that attrs made: its own fields.
const FIELDS: &str = "attrs()";
/// What `field()` gives.
const FIELD: &str = "attr._make._CountingAttr";
/// What `Factory()` gives.
const FACTORY: &str = "attr._make.Factory()";
/// What a decorator with options gives.
const DECORATOR: &str = "attrs.define()";

/// One field, as it is noted in the class's namespace.
struct Field {
    name: Name,
    /// Of the constructor's argument; none if it takes none.
    argument: Option<Name>,
    keyword_only: bool,
    default: Default,
    /// The value is changed on its way.
    converted: bool,
}

enum Default {
    None,
    Value(Value),
    Factory(Value),
    Unknown,
}

impl Machine<'_> {
    /// Functions and classes of attrs by qualified name.
    pub(super) fn play_attrs(&mut self, name: &str, args: &[Value], kwargs: &[(Name, Value)]) -> Option<Value> {
        match name {
            "attr._next_gen.define" | "attr._make.attrs" if args.is_empty() => {
                Some(Value::Partial(std::sync::Arc::new((Value::external(DECORATOR), Vec::new(), kwargs.to_vec()))))
            }
            "attr._next_gen.field" | "attr._make.attrib" => {
                Some(self.instance(Value::external(FIELD), args.to_vec(), kwargs.to_vec()))
            }
            "attr._make.Factory" => Some(self.instance(Value::external(FACTORY), args.to_vec(), kwargs.to_vec())),
            _ => None,
        }
    }

    /// A decorator above a class: notes the fields if it is one of attrs.
    pub(super) fn note_fields(&mut self, class: ClassId, def: &ClassDef, decorator: &Value) {
        let (function, options) = match decorator {
            Value::Partial(partial) => (&partial.0, partial.2.as_slice()),
            other => (other, [].as_slice()),
        };
        let plain = match function {
            Value::Function(id) => match self.qualified(*id).as_str() {
                "attr._next_gen.define" => true,
                "attr._make.attrs" => false,
                _ => return,
            },
            Value::External(name) if name.as_str() == DECORATOR => true,
            _ => return,
        };
        let option = |wanted: &str| options.iter().find(|(name, _)| name.as_str() == wanted).map(|(_, value)| value);
        let unusual = ["these", "init", "field_transformer", "kw_only", "auto_attribs", "collect_by_mro"];
        let known = unusual.iter().all(|name| match option(name) {
            None => true,
            Some(value) => *name == "auto_attribs" && *value == Value::Bool(true),
        });
        let annotated = plain && option("auto_attribs").is_none() || option("auto_attribs").is_some();
        if known && let Some(fields) = self.written_fields(class, def, annotated) {
            let ns = self.state.classes[class].ns;
            let noted = Value::tuple(fields.iter().map(noted).collect());
            for field in &fields {
                if self.state.slot(ns, field.name).is_some() {
                    self.state.bind(ns, field.name, Value::Unknown);
                }
            }
            self.state.bind(ns, Name::new(FIELDS), noted);
        }
    }

    /// The fields of a class body: those with annotations, or those that `field()` made.
    fn written_fields(&mut self, class: ClassId, def: &ClassDef, annotated: bool) -> Option<Vec<Field>> {
        let ns = self.state.classes[class].ns;
        let (mut names, mut with) = (Vec::new(), rustc_hash::FxHashSet::default());
        for op in def.body.iter() {
            match &op.kind {
                OpKind::AnnAssign { target, annotation, .. } => {
                    let ExprKind::Name(name) = &target.kind else { continue };
                    let name = self.name(*name);
                    if !self.is_class_variable(annotation) {
                        names.push(name);
                        with.insert(name);
                    }
                }
                OpKind::Assign { targets, .. } => {
                    for target in targets {
                        if let ExprKind::Name(name) = &target.kind {
                            names.push(self.name(*name));
                        }
                    }
                }
                OpKind::If { .. } | OpKind::For { .. } | OpKind::Try(_) | OpKind::With { .. } => return None,
                _ => {}
            }
        }
        let made = |machine: &Self, name: Name| {
            let slot = machine.state.slot(ns, name)?;
            match slot.value {
                Value::Instance(id) if machine.state.instances[id].class == Value::external(FIELD) => Some(id),
                _ => None,
            }
        };
        // One field without an annotation, and annotations tell nothing.
        let annotated = annotated && names.iter().all(|name| with.contains(name) || made(self, *name).is_none());
        names.retain(|name| if annotated { with.contains(name) } else { made(self, *name).is_some() });
        let mut fields = Vec::with_capacity(names.len());
        for name in names {
            let own = made(self, name);
            fields.push(self.field(ns, name, own));
        }
        Some(fields)
    }

    fn is_class_variable(&mut self, annotation: &Expr) -> bool {
        match &annotation.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.text(*name) == "ClassVar",
            ExprKind::Subscript { value, .. } => self.is_class_variable(value),
            ExprKind::Str(text) => self.text(*text).contains("ClassVar"),
            _ => false,
        }
    }

    fn field(&self, ns: super::value::NsId, name: Name, made: Option<InstId>) -> Field {
        let plain = Name::new(name.as_str().trim_start_matches('_'));
        let mut field =
            Field { name, argument: Some(plain), keyword_only: false, default: Default::None, converted: false };
        let Some(made) = made else {
            field.default = match self.state.slot(ns, name) {
                None => Default::None,
                Some(slot) if slot.maybe => Default::Unknown,
                Some(slot) => self.default_of(&slot.value),
            };
            return field;
        };
        let made = &self.state.instances[made];
        let option =
            |wanted: &str| made.kwargs.iter().find(|(name, _)| name.as_str() == wanted).map(|(_, value)| value);
        field.default = match (option("default").or(made.args.first()), option("factory")) {
            (_, Some(Value::None)) | (None, None) => Default::None,
            (_, Some(factory)) => Default::Factory(factory.clone()),
            (Some(default), None) => self.default_of(default),
        };
        field.keyword_only = option("kw_only") == Some(&Value::Bool(true));
        field.converted = option("converter").is_some_and(|converter| *converter != Value::None);
        match (option("init"), option("alias")) {
            (Some(Value::Bool(false)), _) => field.argument = None,
            (_, Some(Value::Str(alias))) => field.argument = Some(Name::new(alias)),
            _ => {}
        }
        field
    }

    fn default_of(&self, value: &Value) -> Default {
        match value {
            Value::Unknown => Default::Unknown,
            Value::Instance(id) if self.state.instances[*id].class == Value::external(FACTORY) => {
                match (self.state.instances[*id].args.as_slice(), self.state.instances[*id].kwargs.is_empty()) {
                    ([factory], true) => Default::Factory(factory.clone()),
                    _ => Default::Unknown,
                }
            }
            other => Default::Value(other.clone()),
        }
    }

    /// All fields of a class, those of bases first; none if a base is not known.
    fn fields_of_attrs(&self, class: ClassId) -> Option<Vec<Field>> {
        let own = self.state.classes[class].ns;
        self.state.slot(own, Name::new(FIELDS))?;
        let mut found: Vec<Field> = Vec::new();
        for base in self.state.classes[class].mro.iter().rev() {
            let base = match base {
                Value::Class(base) => *base,
                Value::External(name) if matches!(name.as_str(), "builtins.object" | "abc.ABC" | "typing.Generic") => {
                    continue;
                }
                _ => return None,
            };
            let Some(slot) = self.state.slot(self.state.classes[base].ns, Name::new(FIELDS)) else {
                if self.state.classes[base].open {
                    return None;
                }
                continue;
            };
            let Value::Tuple(fields) = &slot.value else { return None };
            for field in fields.iter() {
                let field = read(field)?;
                found.retain(|other| other.name != field.name);
                found.push(field);
            }
        }
        Some(found)
    }

    /// Sets what the constructor of attrs sets. False if the class has another constructor.
    pub(super) fn construct_attrs(
        &mut self,
        class: ClassId,
        instance: InstId,
        args: &[Value],
        kwargs: &Keywords,
        complete: bool,
    ) -> Eval<bool> {
        let defines = |name: &str| self.state.slot(self.state.classes[class].ns, Name::new(name)).is_some();
        if defines("__init__") || defines("__new__") {
            return Ok(false);
        }
        let Some(fields) = self.fields_of_attrs(class) else { return Ok(false) };
        let ns = self.state.instances[instance].ns;
        let mut args = args.iter();
        for field in fields {
            let given = field.argument.and_then(|argument| {
                let positional = if field.keyword_only { None } else { args.next() };
                positional.or_else(|| kwargs.iter().find(|(name, _)| *name == argument).map(|(_, value)| value))
            });
            let value = match (given, field.default) {
                (Some(value), _) => value.clone(),
                (None, _) if !complete => Value::Unknown,
                (None, Default::Value(value)) => value,
                (None, Default::Factory(factory)) => self.call(&factory, Vec::new(), Vec::new())?,
                (None, Default::None | Default::Unknown) => Value::Unknown,
            };
            self.state.bind(ns, field.name, if field.converted { Value::Unknown } else { value });
        }
        self.state.open(ns, "attrs sets its attributes");
        if let Found::Yes(after @ Value::Function(_)) = self.class_lookup(class, Name::new("__attrs_post_init__")).0 {
            let result = self.call(&after, vec![Value::Instance(instance)], Vec::new());
            self.only_ends(result)?;
        }
        Ok(true)
    }
}

fn noted(field: &Field) -> Value {
    let (kind, value) = match &field.default {
        Default::None => (0, Value::None),
        Default::Value(value) => (1, value.clone()),
        Default::Factory(factory) => (2, factory.clone()),
        Default::Unknown => (3, Value::None),
    };
    let argument = field.argument.map_or(Value::None, |name| Value::str(name.as_str()));
    let flags = [Value::Bool(field.keyword_only), Value::Bool(field.converted)];
    let parts = [Value::str(field.name.as_str()), argument, Value::Int(kind), value].into_iter().chain(flags);
    Value::tuple(parts.collect())
}

fn read(noted: &Value) -> Option<Field> {
    let Value::Tuple(parts) = noted else { return None };
    let [name, argument, Value::Int(kind), value, keyword_only, converted] = &**parts else { return None };
    let default = match kind {
        0 => Default::None,
        1 => Default::Value(value.clone()),
        2 => Default::Factory(value.clone()),
        _ => Default::Unknown,
    };
    Some(Field {
        name: Name::new(name.as_str()?),
        argument: argument.as_str().map(Name::new),
        keyword_only: *keyword_only == Value::Bool(true),
        default,
        converted: *converted == Value::Bool(true),
    })
}
