//! SQLAlchemy's `MetaData`: tables that classes and `Table(...)` declare, and the second declaration of one.

use std::sync::Arc;

use super::{Played, Request};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::machine::Machine;
use crate::machine::attribute::Found;
use crate::machine::log::{Eval, May};
use crate::machine::outcome::Cause;
use crate::machine::value::{ClassId, InstId, Keywords, Value};

/// Stands for the metaclass of declarative bases.
const DECLARATIVE: &str = "sqlalchemy.orm.DeclarativeMeta";
/// The same for Flask-SQLAlchemy's, which names tables by itself.
const FLASK: &str = "flask_sqlalchemy.model.DefaultMeta";

/// What a declaration says of one that may be there already.
enum Existing {
    /// Refuse it.
    Refuse,
    /// `extend_existing`, `keep_existing`
    Accept,
    /// Not known.
    Unknown,
}

impl Machine<'_> {
    pub(super) fn play_sqlalchemy(&mut self, request: &Request) -> Played {
        let top = request.name.split('.').next()?;
        let last = request.name.rsplit('.').next()?;
        if top == "flask_sqlalchemy" && last == "SQLAlchemy" {
            return Some(self.flask_database());
        }
        if top != "sqlalchemy" {
            return None;
        }
        Some(match last {
            "MetaData" => Ok(self.metadata(request.kwargs.to_vec())),
            "declarative_base" | "base_of()" => self.declarative_base(request),
            "registry" => self.registry(request),
            "Table" | "table_in()" => self.table_call(request),
            _ => return None,
        })
    }

    fn metadata(&mut self, kwargs: Keywords) -> Value {
        self.instance(Value::external("sqlalchemy.MetaData"), Vec::new(), kwargs)
    }

    fn given_metadata(&mut self, request: &Request) -> Value {
        match request.keyword("metadata") {
            None | Some(Value::None) => self.metadata(Vec::new()),
            Some(given) => given.clone(),
        }
    }

    fn declarative_base(&mut self, request: &Request) -> Eval {
        let metadata = match request.args.first() {
            Some(given) if request.name.ends_with("()") => given.clone(),
            _ => self.given_metadata(request),
        };
        self.new_base("Base", DECLARATIVE, metadata)
    }

    fn new_base(&mut self, name: &str, metaclass: &str, metadata: Value) -> Eval {
        let ns = self.state.new_ns();
        self.state.bind(ns, Name::new("metadata"), metadata);
        self.state.open(ns, "a declarative base");
        let span = self.frames.last().map_or_else(Span::default, |frame| frame.span);
        let class = self.make_class(Name::new(name), span, Vec::new(), Some(Value::external(metaclass)), ns, true)?;
        Ok(Value::Class(class))
    }

    fn registry(&mut self, request: &Request) -> Eval {
        let metadata = self.given_metadata(request);
        let registry = self.instance(Value::external("sqlalchemy.orm.registry"), Vec::new(), Vec::new());
        if let Value::Instance(instance) = registry {
            let ns = self.state.instances[instance].ns;
            let bases = Value::external("sqlalchemy.base_of()");
            let generate = Value::Partial(Arc::new((bases, vec![metadata.clone()], Vec::new())));
            self.state.bind(ns, Name::new("generate_base"), generate);
            self.state.bind(ns, Name::new("metadata"), metadata);
        }
        Ok(registry)
    }

    /// `db = SQLAlchemy(app)`
    fn flask_database(&mut self) -> Eval {
        let metadata = self.metadata(Vec::new());
        let model = self.new_base("Model", FLASK, metadata.clone())?;
        let database = self.instance(Value::external("flask_sqlalchemy.SQLAlchemy"), Vec::new(), Vec::new());
        if let Value::Instance(instance) = database {
            let ns = self.state.instances[instance].ns;
            let table = Value::external("sqlalchemy.table_in()");
            let table = Value::Partial(Arc::new((table, vec![metadata.clone()], Vec::new())));
            for (name, value) in [("Model", model), ("metadata", metadata), ("Table", table)] {
                self.state.bind(ns, Name::new(name), value);
            }
        }
        self.may_raise(May::Anything);
        Ok(database)
    }

    /// `Table(name, metadata, *columns)`
    fn table_call(&mut self, request: &Request) -> Eval {
        let mut args = request.args.to_vec();
        if request.name.ends_with("()") && args.len() > 1 {
            // Flask-SQLAlchemy's takes the name first, and no metadata unless it is given.
            args.swap(0, 1);
        }
        self.may_raise(May::Anything);
        let [Value::Str(name), Value::Instance(metadata), columns @ ..] = args.as_slice() else {
            return Ok(Value::Unknown);
        };
        if columns.is_empty() && request.complete {
            return Ok(Value::Unknown);
        }
        let flags = request.kwargs.to_vec();
        let existing = if request.complete { self.existing(&flags) } else { Existing::Unknown };
        let schema = match request.keyword("schema") {
            None => self.default_schema(*metadata),
            Some(Value::Str(schema)) => Some(schema.to_string()),
            Some(_) => return Ok(Value::Unknown),
        };
        self.declare_table(*metadata, schema, name, &existing)?;
        Ok(Value::Unknown)
    }

    fn default_schema(&self, metadata: InstId) -> Option<String> {
        let kwargs = &self.state.instances[metadata].kwargs;
        let schema = kwargs.iter().find(|(name, _)| name.as_str() == "schema");
        schema.and_then(|(_, value)| value.as_str()).map(ToOwned::to_owned)
    }

    fn existing(&mut self, flags: &[(Name, Value)]) -> Existing {
        let mut found = Existing::Refuse;
        for (name, value) in flags {
            if matches!(name.as_str(), "extend_existing" | "keep_existing") {
                match self.truth(value) {
                    Some(true) => return Existing::Accept,
                    Some(false) => {}
                    None => found = Existing::Unknown,
                }
            }
        }
        found
    }

    /// A class that has just been made: one with a declarative base and a table name declares a table.
    pub(in crate::machine) fn map_class(&mut self, class: ClassId, keywords: &[(Name, Value)]) -> Eval<()> {
        let Some(named) = self.declares(class, keywords) else { return Ok(()) };
        let Found::Yes(Value::Instance(metadata)) = self.class_lookup(class, Name::new("metadata")).0 else {
            return Ok(());
        };
        let mut existing = Existing::Refuse;
        let mut schema = self.default_schema(metadata);
        let given = match self.class_lookup(class, Name::new("__table_args__")).0 {
            Found::Yes(Value::Dict(dict)) => Some(dict),
            Found::Yes(Value::Tuple(parts)) => match parts.last() {
                Some(Value::Dict(dict)) => Some(*dict),
                _ => None,
            },
            Found::No => None,
            // Looked for behind a base whose names are not all known.
            Found::Unknown => None,
            _ => return Ok(()),
        };
        if let Some(dict) = given {
            let object = self.state.object(dict).clone();
            let keys = object.items.iter().zip(&object.values);
            let flags: Keywords =
                keys.filter_map(|(key, value)| Some((Name::new(key.as_str()?), value.clone()))).collect();
            existing = if object.exact { self.existing(&flags) } else { Existing::Unknown };
            if let Some((_, value)) = flags.iter().find(|(name, _)| name.as_str() == "schema") {
                let Some(text) = value.as_str() else { return Ok(()) };
                schema = Some(text.to_owned());
            }
        }
        self.declare_table(metadata, schema, &named, &existing)
    }

    /// The name of the table that a class declares by itself, if it does.
    fn declares(&self, class: ClassId, keywords: &[(Name, Value)]) -> Option<String> {
        let data = &self.state.classes[class];
        let own = |name: &str| self.state.slot(data.ns, Name::new(name)).map(|slot| &slot.value);
        let is_sqlmodel = data.mro.iter().any(|base| self.is_library_base(base, "sqlmodel.", "SQLModel"));
        let declarative =
            matches!(&data.metaclass, Some(Value::External(meta)) if matches!(meta.as_str(), DECLARATIVE | FLASK));
        let modern = data.mro.iter().any(|base| self.is_library_base(base, "sqlalchemy.", "DeclarativeBase"));
        if !(declarative || modern || is_sqlmodel) || own("__table__").is_some() {
            return None;
        }
        if own("__abstract__").is_some_and(|value| *value != Value::Bool(false)) {
            return None;
        }
        if let Some(name) = own("__tablename__") {
            return name.as_str().map(ToOwned::to_owned);
        }
        let asked = keywords.iter().any(|(name, value)| name.as_str() == "table" && *value == Value::Bool(true));
        (is_sqlmodel && asked).then(|| data.name.as_str().to_lowercase())
    }

    fn is_library_base(&self, base: &Value, package: &str, wanted: &str) -> bool {
        match base {
            Value::Class(base) => {
                let data = &self.state.classes[*base];
                data.name.as_str() == wanted && self.state.modules[data.module].name.as_str().starts_with(package)
            }
            Value::External(name) => {
                name.as_str().starts_with(package) && name.as_str().rsplit('.').next() == Some(wanted)
            }
            _ => false,
        }
    }

    /// A direct subclass of `DeclarativeBase` has a `MetaData` of its own.
    pub(in crate::machine) fn adopt_metadata(&mut self, class: ClassId) {
        let data = &self.state.classes[class];
        let direct = data.bases.iter().any(|base| self.is_library_base(base, "sqlalchemy.", "DeclarativeBase"));
        let ns = data.ns;
        if direct && self.state.slot(ns, Name::new("metadata")).is_none() {
            let metadata = self.metadata(Vec::new());
            self.state.bind(ns, Name::new("metadata"), metadata);
        }
    }

    fn declare_table(&mut self, metadata: InstId, schema: Option<String>, name: &str, existing: &Existing) -> Eval<()> {
        let key = schema.map_or_else(|| name.to_owned(), |schema| format!("{schema}.{name}"));
        let slot = Name::new(&format!("{metadata:?} {key}"));
        let known = self.state.slot(self.tables, slot).map(|slot| slot.maybe);
        let Some(maybe) = known else {
            if let Some(frame) = self.frames.last() {
                let frame = self.frame_at(frame.unit, frame.module, frame.span);
                self.declared.insert(slot, frame);
            }
            self.state.bind(self.tables, slot, Value::Bool(true));
            return Ok(());
        };
        if matches!(existing, Existing::Accept) {
            return Ok(());
        }
        let text = format!(
            "Table '{key}' is already defined for this MetaData instance.  Specify 'extend_existing=True' to redefine \
             options and columns on an existing Table object."
        );
        let first = self.declared.get(&slot).cloned().map(Box::new);
        let mut throw = self.throw("Exception", Some(text), Cause::DuplicateTable { table: Name::new(&key), first });
        throw.raised.class = Name::new("InvalidRequestError");
        let home = self.state.loaded(Name::new("sqlalchemy.exc")).cloned();
        throw.class = match home {
            Some(Value::Module(module)) => match self.plain_module_attribute(module, "InvalidRequestError") {
                Found::Yes(class) => class,
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        };
        if maybe || matches!(existing, Existing::Unknown) {
            self.may_raise(May::This(throw));
            return Ok(());
        }
        Err(throw)
    }
}
