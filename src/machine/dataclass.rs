//! Dataclasses: the fields of a body, what the decorator refuses, and the constructor it makes.

use super::Machine;
use super::log::Eval;
use super::mistakes::Refusal;
use super::value::{ClassId, InstId, Value};
use crate::base::intern::Name;
use crate::python::version::PythonVersion;
use crate::summary::Sym;
use crate::summary::program::{ClassDef, Expr, ExprKind, OpKind};

/// Bound in the namespace of a dataclass: its own fields, as tuples of name and number.
const FIELDS: &str = "fields()";
/// Bound in the namespace of a dataclass whose instances do not change.
const FROZEN: &str = "frozen()";
/// Bound in the namespace of a dataclass that compares by value and changes: its instances have no hash.
const HASHLESS: &str = "hashless()";

/// What a field asks of the constructor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// An argument that must be given.
    Required = 0,
    /// An argument with a default.
    Optional = 1,
}

impl Machine<'_> {
    /// `@dataclass` above a class: raises what it refuses, and notes the fields that are plain to see.
    pub(super) fn make_dataclass(&mut self, class: ClassId, def: &ClassDef, decorator: &Expr) -> Eval<()> {
        if !self.is_plain_decorator(decorator) {
            return Ok(());
        }
        let ns = self.state.classes[class].ns;
        let frozen = self.has_option(decorator, "frozen", true);
        let hashed = self.has_option(decorator, "unsafe_hash", true) || self.has_option(decorator, "eq", false);
        let own_hash = self.state.slot(ns, Name::new("__hash__")).is_some();
        if frozen {
            self.state.bind(ns, Name::new(FROZEN), Value::Bool(true));
        } else if !hashed && !own_hash {
            self.state.bind(ns, Name::new(HASHLESS), Value::Bool(true));
        }
        let Some(fields) = self.own_fields(class, def)? else { return Ok(()) };
        let noted = fields.iter().map(|(name, field)| {
            Value::tuple(vec![Value::str(name.as_str()), Value::Int(i64::from(*field == Field::Optional))])
        });
        let noted = Value::tuple(noted.collect());
        self.state.bind(ns, Name::new(FIELDS), noted);
        if let Some(text) = self.misordered(class) {
            return self.fails("TypeError", text).map(|_| ());
        }
        Ok(())
    }

    /// `@dataclass` with options that leave constructor and order of fields alone.
    fn is_plain_decorator(&self, decorator: &Expr) -> bool {
        let ExprKind::Call(call) = &decorator.kind else { return true };
        let Some(frame) = self.frames.last() else { return false };
        let text = |sym: Sym| self.units[frame.unit].summary.text(sym);
        call.arguments.is_empty()
            && call.keywords.iter().all(|(name, value)| {
                let plain =
                    |name: Sym| matches!(text(name), "frozen" | "eq" | "order" | "repr" | "slots" | "unsafe_hash");
                name.is_some_and(plain) && matches!(value.kind, ExprKind::Bool(_))
            })
    }

    fn has_option(&self, decorator: &Expr, option: &str, wanted: bool) -> bool {
        let (ExprKind::Call(call), Some(frame)) = (&decorator.kind, self.frames.last()) else { return false };
        let text = |sym: Sym| self.units[frame.unit].summary.text(sym);
        call.keywords
            .iter()
            .any(|(name, value)| name.is_some_and(|name| text(name) == option) && value.kind == ExprKind::Bool(wanted))
    }

    /// What setting an attribute of a frozen dataclass raises.
    pub(super) fn refused_by_frozen(&self, class: ClassId, name: Name) -> Option<Refusal> {
        let data = &self.state.classes[class];
        let has = |text: &str| self.state.slot(data.ns, Name::new(text)).is_some();
        let frozen = has(FROZEN) && !has("__setattr__") && data.decorators.len() == 1 && !data.open;
        frozen.then(|| ("dataclasses.FrozenInstanceError", format!("cannot assign to field '{name}'")))
    }

    /// Fields of the body; none if one of them is more than an annotation with a plain default.
    fn own_fields(&mut self, class: ClassId, def: &ClassDef) -> Eval<Option<Vec<(Name, Field)>>> {
        let mut fields: Vec<(Name, Field)> = Vec::new();
        for op in def.body.iter() {
            let OpKind::AnnAssign { target, annotation, value } = &op.kind else {
                if matches!(op.kind, OpKind::If { .. } | OpKind::For { .. } | OpKind::Try(_) | OpKind::With { .. }) {
                    return Ok(None);
                }
                continue;
            };
            let ExprKind::Name(name) = &target.kind else { return Ok(None) };
            let name = self.name(*name);
            if self.is_no_field(annotation) {
                continue;
            }
            if self.mentions(annotation, &["InitVar", "KW_ONLY"]) {
                return Ok(None);
            }
            let field = match value {
                None => Field::Required,
                Some(value) => match self.field_of(value) {
                    Some(field) => field,
                    None => return Ok(None),
                },
            };
            match self.class_slot(class, name) {
                Some(Value::List(_) | Value::Dict(_) | Value::Set(_)) => self.refuse_default(class, name)?,
                Some(Value::Instance(id)) if self.setup.version >= PythonVersion::three(11) => {
                    self.refuse_unhashable_default(id, name)?;
                }
                _ => {}
            }
            match fields.iter_mut().find(|(own, _)| *own == name) {
                Some(own) => own.1 = field,
                None => fields.push((name, field)),
            }
        }
        Ok(Some(fields))
    }

    fn class_slot(&self, class: ClassId, name: Name) -> Option<Value> {
        self.state.slot(self.state.classes[class].ns, name).map(|slot| slot.value.clone())
    }

    fn refuse_default(&mut self, class: ClassId, name: Name) -> Eval<()> {
        let value = self.class_slot(class, name).unwrap_or(Value::Unknown);
        let Some(kind) = self.kind_without(&value, &[]) else { return Ok(()) };
        let text = format!("mutable default <class '{kind}'> for field {name} is not allowed: use default_factory");
        self.fails("ValueError", text).map(|_| ())
    }

    fn refuse_unhashable_default(&mut self, default: InstId, name: Name) -> Eval<()> {
        let Value::Class(class) = self.state.instances[default].class else { return Ok(()) };
        let data = &self.state.classes[class];
        if self.state.slot(data.ns, Name::new(HASHLESS)).is_none() || data.open || data.decorators.len() != 1 {
            return Ok(());
        }
        let kind = format!("{}.{}", self.state.modules[data.module].name, data.qualname);
        let text = format!("mutable default <class '{kind}'> for field {name} is not allowed: use default_factory");
        self.fails("ValueError", text).map(|_| ())
    }

    /// A default, or a call of `field` whose arguments are plain.
    fn field_of(&mut self, value: &Expr) -> Option<Field> {
        let ExprKind::Call(call) = &value.kind else { return Some(Field::Optional) };
        let called = match &call.function.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => self.text(*name),
            _ => return Some(Field::Optional),
        };
        if called != "field" {
            return Some(Field::Optional);
        }
        let mut field = Field::Required;
        for (name, _) in &call.keywords {
            match name.map(|name| self.text(name)) {
                Some("default" | "default_factory") => field = Field::Optional,
                Some("repr" | "compare" | "hash" | "metadata") => {}
                _ => return None,
            }
        }
        Some(field)
    }

    fn is_no_field(&mut self, annotation: &Expr) -> bool {
        self.mentions(annotation, &["ClassVar"])
    }

    fn mentions(&mut self, annotation: &Expr, names: &[&str]) -> bool {
        match &annotation.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => names.contains(&self.text(*name)),
            ExprKind::Subscript { value, .. } => self.mentions(value, names),
            ExprKind::Str(text) => {
                let text = self.text(*text);
                names.iter().any(|name| text.contains(name))
            }
            _ => false,
        }
    }

    /// All fields in order, bases first; none if a base is more than a dataclass whose fields are plain.
    fn fields(&self, class: ClassId) -> Option<Vec<(Name, Field)>> {
        let mut found: Vec<(Name, Field)> = Vec::new();
        for base in self.state.classes[class].mro.iter().rev() {
            let base = match base {
                Value::Class(base) => *base,
                Value::External(name) if matches!(name.as_str(), "builtins.object" | "abc.ABC") => continue,
                _ => return None,
            };
            let data = &self.state.classes[base];
            if data.open || !self.units[data.unit].is_project || self.state.ns(data.ns).open.is_some() {
                return None;
            }
            let Some(own) = self.state.slot(data.ns, Name::new(FIELDS)) else {
                if self.is_dataclass_itself(base) || self.state.slot(data.ns, Name::new("__init__")).is_some() {
                    return None;
                }
                continue;
            };
            let Value::Tuple(own) = &own.value else { return None };
            for field in own.iter() {
                let Value::Tuple(parts) = field else { return None };
                let (Some(name), Some(Value::Int(kind))) = (parts[0].as_str(), parts.get(1)) else { return None };
                let (name, kind) = (Name::new(name), if *kind == 1 { Field::Optional } else { Field::Required });
                match found.iter_mut().find(|(own, _)| *own == name) {
                    Some(own) => own.1 = kind,
                    None => found.push((name, kind)),
                }
            }
        }
        Some(found)
    }

    fn is_dataclass_itself(&self, class: ClassId) -> bool {
        let decorated =
            |decorator: &Value| matches!(decorator, Value::External(name) if name.as_str().starts_with("dataclasses."));
        self.state.classes[class].decorators.iter().any(decorated)
    }

    fn misordered(&self, class: ClassId) -> Option<String> {
        let mut default = None;
        for (name, field) in self.fields(class)? {
            match (field, default) {
                (Field::Optional, _) => default = Some(name),
                (Field::Required, Some(before)) => {
                    let text = format!("non-default argument '{name}' follows default argument");
                    let new = self.setup.version >= PythonVersion::three(13);
                    return Some(if new { format!("{text} '{before}'") } else { text });
                }
                (Field::Required, None) => {}
            }
        }
        None
    }

    /// Raises what the constructor of a dataclass refuses.
    pub(super) fn check_fields(&mut self, class: ClassId, args: &[Value], kwargs: &[(Name, Value)]) -> Eval<()> {
        let data = &self.state.classes[class];
        let own = |name| self.state.slot(data.ns, Name::new(name));
        if own(FIELDS).is_none() || own("__init__").is_some() || own("__new__").is_some() {
            return Ok(());
        }
        let Some(fields) = self.fields(class) else { return Ok(()) };
        let new = self.setup.version >= PythonVersion::three(10);
        let name = if new { format!("{}.__init__", data.qualname) } else { "__init__".to_owned() };
        if let Some((unexpected, _)) = kwargs.iter().find(|(name, _)| !fields.iter().any(|(own, _)| own == name)) {
            return self
                .fails("TypeError", format!("{name}() got an unexpected keyword argument '{unexpected}'"))
                .map(|_| ());
        }
        if let Some((twice, _)) =
            fields.iter().take(args.len()).find(|(own, _)| kwargs.iter().any(|(name, _)| name == own))
        {
            return self.fails("TypeError", format!("{name}() got multiple values for argument '{twice}'")).map(|_| ());
        }
        let required = fields.iter().filter(|(_, field)| *field == Field::Required).count();
        if args.len() > fields.len() {
            let text = super::binding::too_many(&name, required + 1, fields.len() + 1, args.len() + 1);
            return self.fails("TypeError", text).map(|_| ());
        }
        let missing: Vec<Name> = fields
            .iter()
            .skip(args.len())
            .filter(|(own, field)| *field == Field::Required && !kwargs.iter().any(|(name, _)| name == own))
            .map(|(own, _)| *own)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        self.fails("TypeError", super::binding::missing_text(&name, &missing, "positional")).map(|_| ())
    }
}
