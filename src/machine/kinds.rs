//! Of which kind a result is that nobody can know: a call into a package, behind a decorator or beyond a budget gives an
//! object of a class all the same, and ids of tests ask for no more.
//!
//! Asked only where a module that pytest imports is executed itself. What is tried is undone.

use super::Machine;
use super::attribute::Found;
use super::value::{ClassId, FnId, Function, Keywords, NsId, Value};
use crate::base::intern::Name;
use crate::summary::program::{Expr, ExprKind, OpKind};
use crate::summary::{ProgramId, Sym};

/// Steps that finding out about one call may take.
const RUN_STEPS: u64 = 3_000;
/// Steps that all of it may take for one module.
const ALL_STEPS: u64 = 150_000;
/// Calls within such a call that are asked about in turn.
const DEPTH: u32 = 4;

/// Wrappers around wrappers that are looked through; they may go round.
const WRAPPERS: u32 = 16;

/// Why the attributes of an object are open of whose class no method could give it a name.
pub const NAMELESS: &str = "its class is not followed, and gives no names";

/// What is known of a result.
enum Kind {
    /// All of it.
    Value(Value),
    /// Its class, and what it was made of as far as that is plain.
    Instance(Value, Vec<Value>, Keywords),
    /// A container whose elements are not known.
    Container,
}

impl Machine<'_> {
    /// Whether kinds are worth finding out here.
    pub(super) fn asks_for_kinds(&self) -> bool {
        if self.kind_runs > 0 {
            return self.kind_runs < DEPTH;
        }
        let own = self.frames.last().is_some_and(|frame| self.state.modules[frame.module].name == self.root);
        own && self.calls == 0 && self.getattrs == 0 && !self.probing
    }

    /// The result of a call as far as its kind goes; `result` if that is all there is to tell.
    pub(super) fn with_kind(
        &mut self,
        result: Value,
        function: &Value,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
    ) -> Value {
        match result {
            Value::Unknown => match self.kind_of_call(function, args, kwargs, complete) {
                Some(kind) => self.object_of(kind),
                None => Value::Unknown,
            },
            Value::Instance(id) => {
                if let Value::Class(class) = self.state.instances[id].class {
                    self.note_nameless(class, &result);
                }
                result
            }
            other => other,
        }
    }

    /// Whether a decorator that is not followed otherwise gives back the class that it got, without new functions in it.
    pub(super) fn gives_back(&mut self, decorator: &Value, class: ClassId) -> bool {
        if !self.asks_for_kinds() {
            return false;
        }
        let ns = self.state.classes[class].ns;
        let before: Vec<Name> = self.state.ns(ns).iter().map(|(name, _)| name).collect();
        let (mut function, mut args) = (decorator.clone(), vec![Value::Class(class)]);
        if let Value::Instance(id) = decorator
            && let Value::Class(own) = self.state.instances[*id].class
            && let (Found::Yes(call @ Value::Function(_)), _) = self.class_lookup(own, Name::new("__call__"))
        {
            args.insert(0, function);
            function = call;
        }
        let Value::Function(id) = function else { return false };
        let added = self.attempt(id, args, Vec::new(), true, |machine, value| {
            let names = machine.state.ns(ns);
            let added: Vec<_> = names.iter().filter(|(name, _)| !before.contains(name)).collect();
            // No test has such a name.
            let hidden = |name: Name| name.as_str().starts_with('_') && !name.as_str().starts_with("__");
            let data = added.iter().all(|(name, slot)| hidden(*name) || is_data(&slot.value));
            let same = value == Value::Class(class) && names.open.is_none() && data;
            same.then(|| added.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        });
        let Some(added) = added else { return false };
        for name in added {
            self.state.bind(ns, name, Value::Unknown);
        }
        true
    }

    fn kind_of_call(
        &mut self,
        function: &Value,
        mut args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
    ) -> Option<Kind> {
        match function {
            Value::Function(id) => self.kind_of_function(*id, args, kwargs, complete),
            Value::Method(method) => {
                args.insert(0, method.1.clone());
                self.kind_of_call(&method.0, args, kwargs, complete)
            }
            Value::Partial(partial) => {
                let all = partial.1.iter().cloned().chain(args).collect();
                let named = partial.2.iter().cloned().chain(kwargs).collect();
                self.kind_of_call(&partial.0, all, named, complete)
            }
            Value::Class(class) => self.kind_of_object(*class, args, kwargs, complete),
            Value::Instance(id) => {
                let Value::Class(class) = self.state.instances[*id].class else { return None };
                if let Some(wrapped) = self.wrapped_by(function) {
                    return self.kind_of_wrapped(&wrapped, args, kwargs, complete);
                }
                let (Found::Yes(call @ Value::Function(_)), _) = self.class_lookup(class, Name::new("__call__")) else {
                    return None;
                };
                args.insert(0, function.clone());
                self.kind_of_call(&call, args, kwargs, complete)
            }
            _ => None,
        }
    }

    /// An object of a class whose construction is not followed.
    fn kind_of_object(&mut self, class: ClassId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Option<Kind> {
        let data = &self.state.classes[class];
        let familiar = data.mro.iter().all(|base| matches!(base, Value::Class(_) | Value::External(_)));
        let metaclass = data.metaclass.clone();
        if !familiar || self.is_enum(class) {
            return None;
        }
        match metaclass {
            None => {}
            Some(Value::Class(meta)) if self.class_lookup(meta, Name::new("__call__")).1.is_none() => {
                let own = self.state.classes[meta].mro.iter();
                let known = own.into_iter().all(|base| match base {
                    Value::Class(_) => true,
                    Value::External(name) => {
                        matches!(name.as_str(), "builtins.type" | "abc.ABCMeta" | "builtins.object")
                    }
                    _ => false,
                });
                if !known {
                    return None;
                }
            }
            Some(_) => return None,
        }
        if let (Found::Yes(new @ Value::Function(_)), _) = self.class_lookup(class, Name::new("__new__")) {
            let all = std::iter::once(Value::Class(class)).chain(args).collect();
            return match self.kind_of_call(&new, all, kwargs, complete)? {
                kind @ Kind::Instance(Value::Class(_), ..) => Some(kind),
                _ => None,
            };
        }
        Some(Kind::Instance(Value::Class(class), Vec::new(), Vec::new()))
    }

    fn kind_of_function(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Option<Kind> {
        let data = &self.state.functions[id];
        if data.is_async || data.is_generator || data.is_lambda || data.fixture.is_some() {
            return None;
        }
        let opaque = data.opaque;
        if let Some(kind) = self.annotated_kind(id, args.first()) {
            return Some(kind);
        }
        if let Some(wrapped) = self.wrapped_by(&Value::Function(id)) {
            return self.kind_of_wrapped(&wrapped, args, kwargs, complete);
        }
        // What a decorator hands on is not known: only that the call goes through.
        let keep = |(at, value): (usize, Value)| match value {
            Value::Class(_) if at == 0 => value,
            Value::None | Value::Bool(_) => value,
            _ if opaque => Value::Unknown,
            value => value,
        };
        let args: Vec<_> = args.into_iter().enumerate().map(keep).collect();
        let kwargs: Keywords = kwargs.into_iter().map(|(name, value)| (name, keep((1, value)))).collect();
        self.run_for_kind(id, args, kwargs, complete)
    }

    /// A call that something hands on to what it wraps, perhaps with other arguments.
    fn kind_of_wrapped(&mut self, wrapped: &Value, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Option<Kind> {
        let mut innermost = wrapped.clone();
        let mut left = WRAPPERS;
        while let Some(inner) = self.wrapped_by(&innermost) {
            left = left.checked_sub(1)?;
            innermost = inner;
        }
        let kept = |value: &Value| matches!(value, Value::Class(_) | Value::None | Value::Bool(_));
        let hidden = |value: Value| if kept(&value) { value } else { Value::Unknown };
        let args = args.into_iter().map(hidden).collect();
        let kwargs = kwargs.into_iter().map(|(name, value)| (name, hidden(value))).collect();
        self.kind_of_call(&innermost, args, kwargs, complete)
    }

    /// `function.__wrapped__`: what `functools.wraps` and those who do alike promise to stand for.
    fn wrapped_by(&self, function: &Value) -> Option<Value> {
        let attributes = match function {
            Value::Function(id) => self.state.functions[*id].attributes?,
            Value::Instance(id) => self.state.instances[*id].ns,
            _ => return None,
        };
        match &self.state.slot(attributes, Name::new("__wrapped__"))?.value {
            inner @ (Value::Function(_) | Value::Instance(_)) if inner != function => Some(inner.clone()),
            _ => None,
        }
    }

    /// What `-> ...` says.
    fn annotated_kind(&mut self, id: FnId, first: Option<&Value>) -> Option<Kind> {
        let def = self.function_def(id)?;
        let returns = def.returns.as_deref()?;
        let value = match &returns.kind {
            ExprKind::Str(_) => self.quoted_annotation(id, returns)?,
            ExprKind::Subscript { value, .. } => {
                let container = self.annotation_value(id, value)?;
                return is_container(&container).then_some(Kind::Container);
            }
            ExprKind::Name(name) => match self.annotation_value(id, returns) {
                Some(value) => value,
                None => self.checked_only(id, *name)?,
            },
            _ => self.annotation_value(id, returns)?,
        };
        match value {
            Value::Class(class) if self.is_ordinary(class) => {
                Some(Kind::Instance(Value::Class(class), Vec::new(), Vec::new()))
            }
            Value::External(name) if name.as_str().ends_with(".Self") => match first? {
                Value::Class(class) if self.is_ordinary(*class) => {
                    Some(Kind::Instance(Value::Class(*class), Vec::new(), Vec::new()))
                }
                Value::Instance(own) => {
                    Some(Kind::Instance(self.state.instances[*own].class.clone(), Vec::new(), Vec::new()))
                }
                _ => None,
            },
            container if is_container(&container) => Some(Kind::Container),
            _ => None,
        }
    }

    /// A name that only type checkers import: `Self`, or what a loaded module holds.
    fn checked_only(&mut self, id: FnId, sym: Sym) -> Option<Value> {
        let unit = self.state.functions[id].unit;
        let name = self.name_in(unit, sym);
        if name.as_str() == "Self" {
            return Some(Value::external("typing.Self"));
        }
        let program = self.program(unit, ProgramId(0));
        let mut guarded = program.body.iter().filter_map(|op| match &op.kind {
            OpKind::If { arms, .. } => Some(arms.iter().flat_map(|(_, block)| block.iter())),
            _ => None,
        });
        let (module, original) = guarded.by_ref().flatten().find_map(|op| match &op.kind {
            OpKind::ImportFrom { level: 0, module, names, .. } => {
                let found = names.iter().find(|found| found.alias.unwrap_or(found.name) == sym)?;
                Some((*module, found.name))
            }
            _ => None,
        })?;
        let module = self.name_in(unit, module);
        let Some(Value::Module(module)) = self.state.loaded(module).cloned() else { return None };
        let original = self.name_in(unit, original);
        self.state.slot(self.state.modules[module].ns, original).map(|slot| slot.value.clone())
    }

    fn quoted_annotation(&mut self, id: FnId, annotation: &Expr) -> Option<Value> {
        let unit = self.state.functions[id].unit;
        let ExprKind::Str(text) = &annotation.kind else { return None };
        let name = self.name_in(unit, *text);
        let data = &self.state.functions[id];
        let is_name = name.as_str().chars().all(|c| c.is_alphanumeric() || c == '_');
        let slot = self.state.slot(self.state.modules[data.module].ns, name).filter(|_| is_name)?;
        Some(slot.value.clone())
    }

    /// Whether what an annotation with this class promises is an object of it or of a class derived from it.
    fn is_ordinary(&self, class: ClassId) -> bool {
        let known = self.state.classes[class].mro.iter().all(|base| match base {
            Value::Class(base) => !matches!(self.state.classes[*base].name.as_str(), "Protocol" | "type"),
            Value::External(name) => !matches!(
                name.as_str(),
                "typing.Protocol" | "typing_extensions.Protocol" | "builtins.type" | "builtins.str" | "builtins.int"
            ),
            _ => false,
        });
        known && !self.is_enum(class)
    }

    /// Follows a function, whatever it belongs to, and undoes all of it.
    fn run_for_kind(&mut self, id: FnId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Option<Kind> {
        self.attempt(id, args, kwargs, complete, |machine, value| machine.kind_of(value))
    }

    /// Looks at what a function gives before all that it did is undone.
    fn attempt<T>(
        &mut self,
        id: FnId,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        look: impl FnOnce(&Self, Value) -> Option<T>,
    ) -> Option<T> {
        if self.kind_steps > ALL_STEPS {
            return None;
        }
        let (events, notices, variables) = (self.events.len(), self.notices.len(), self.variables_read.len());
        let (steps, call_steps, waits) = (self.steps, self.call_steps, self.waits.clone());
        let limit = self.frames.last_mut().map(|frame| {
            let limit = frame.limit;
            frame.limit = limit.min(steps + RUN_STEPS);
            limit
        })?;
        self.swap_budgets();
        self.kind_runs += 1;
        let kind = self.on_a_branch(|machine| {
            machine.tries.push(Vec::new());
            let result = machine.follow(id, args, kwargs, complete);
            machine.tries.pop();
            result.ok().and_then(|value| look(machine, value))
        });
        self.kind_runs -= 1;
        self.swap_budgets();
        if self.kind_runs == 0 {
            self.kind_steps += self.steps - steps;
        }
        self.call_steps = call_steps;
        self.waits = waits;
        self.events.truncate(events);
        self.notices.truncate(notices);
        self.variables_read.truncate(variables);
        if let Some(frame) = self.frames.last_mut() {
            frame.limit = limit;
        }
        kind
    }

    /// What is too long to follow for its kind may be followed for its sake, and the other way round.
    fn swap_budgets(&mut self) {
        if self.kind_runs == 0 {
            std::mem::swap(&mut self.spent, &mut self.kind_spent);
            std::mem::swap(&mut self.too_long, &mut self.kind_too_long);
        }
    }

    /// What stands for two results of one call: an object of their class where a function is followed for its kind alone,
    /// and a function that keeps their common name, as decorators give it that wrap only where they have to.
    pub(super) fn one_of_a_kind(&mut self, a: &Value, b: &Value) -> Option<Value> {
        let (x, y) = match (a, b) {
            (Value::Instance(x), Value::Instance(y)) => (x, y),
            (Value::Function(x), Value::Function(y)) => return self.one_of_a_name(*x, *y),
            _ => return None,
        };
        let (one, other) = (&self.state.instances[*x], &self.state.instances[*y]);
        if self.kind_runs == 0 || x == y || one.class != other.class {
            return None;
        }
        if matches!(one.class, Value::External(_)) && (&one.args, &one.kwargs) != (&other.args, &other.kwargs) {
            return None;
        }
        let ns = one.ns;
        self.state.open(ns, "it may be another object of its class");
        Some(a.clone())
    }

    fn one_of_a_name(&mut self, x: FnId, y: FnId) -> Option<Value> {
        let (one, other) = (&self.state.functions[x], &self.state.functions[y]);
        let named = |data: &Function| !data.opaque && data.attributes.is_none_or(|ns| !self.has_name(ns));
        if x == y || (one.unit, one.body) == (other.unit, other.body) || one.name != other.name {
            return None;
        }
        if !named(one) || !named(other) {
            return None;
        }
        let mut either = self.state.functions[x.min(y)].clone();
        let name = either.name;
        either.opaque = true;
        either.attributes = None;
        let either = Value::Function(self.state.functions.push(either));
        self.set_attribute(&either, Name::new("__name__"), Value::str(name.as_str()));
        Some(either)
    }

    fn has_name(&self, attributes: NsId) -> bool {
        self.state.slot(attributes, Name::new("__name__")).is_some()
    }

    fn kind_of(&self, value: Value) -> Option<Kind> {
        Some(match value {
            Value::Instance(id) => {
                let data = &self.state.instances[id];
                match &data.class {
                    Value::Class(class) if self.is_enum(*class) => return None,
                    Value::Class(_) => Kind::Instance(data.class.clone(), Vec::new(), Vec::new()),
                    Value::External(_) => {
                        let plain = |value: &Value| if is_plain(value) { value.clone() } else { Value::Unknown };
                        let args = data.args.iter().map(plain).collect();
                        let kwargs = data.kwargs.iter().map(|(name, value)| (*name, plain(value))).collect();
                        Kind::Instance(data.class.clone(), args, kwargs)
                    }
                    _ => return None,
                }
            }
            Value::List(_) | Value::Set(_) | Value::Dict(_) | Value::Tuple(_) => Kind::Container,
            Value::Path(_) => Kind::Value(value),
            _ => return None,
        })
    }

    /// A new object of the kind.
    fn object_of(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Value(value) => value,
            Kind::Container => Value::List(self.state.new_object(Vec::new(), Vec::new(), false)),
            Kind::Instance(class, args, kwargs) => {
                let made = self.instance(class.clone(), args, kwargs);
                if let (Value::Instance(id), Value::Class(class)) = (&made, class) {
                    let ns = self.state.instances[*id].ns;
                    self.state.open(ns, "what made it is not followed");
                    self.note_nameless(class, &made);
                }
                made
            }
        }
    }

    /// Objects that can be called often take the name of a function. Says so of one whose class does not.
    fn note_nameless(&mut self, class: ClassId, object: &Value) {
        let Value::Instance(id) = object else { return };
        let ns = self.state.instances[*id].ns;
        if self.state.ns(ns).open.is_none_or(|reason| reason == NAMELESS) {
            return;
        }
        let classes: Vec<_> = self.state.classes[class].mro.iter().filter_map(class_of).collect();
        let calls = |class: &ClassId| self.state.slot(self.state.classes[*class].ns, Name::new("__call__")).is_some();
        if !classes.iter().any(calls) {
            return;
        }
        if classes.into_iter().all(|class| !self.gives_names(class)) {
            self.state.reopen(ns, NAMELESS);
        }
    }

    /// Whether the text of a class may set `__name__` on its objects.
    fn gives_names(&self, class: ClassId) -> bool {
        let (unit, span) = (self.state.classes[class].unit, self.state.classes[class].span);
        let file = &self.units[unit].file;
        let Some(text) = self.world.source_text(file, &self.units[unit].summary) else { return true };
        let Some(text) = text.get(span.start as usize..) else { return true };
        NAMING.iter().any(|word| statement(text).contains(word))
    }
}

/// How code gives an object a name, or attributes that are not spelled out.
const NAMING: &[&str] = &[".__name__ =", "update_wrapper", "wraps(", "setattr(", "__dict__", "__getattr__"];

/// The lines of the compound statement that a text starts with; more if it is indented itself.
fn statement(text: &str) -> &str {
    let mut end = 0;
    let mut header = true;
    for line in text.split_inclusive('\n') {
        let inside = line.starts_with([' ', '\t', '#', ')', '\r', '\n']);
        if !header && !inside {
            break;
        }
        header &= !line.trim_end().ends_with(':');
        end += line.len();
    }
    &text[..end]
}

fn class_of(value: &Value) -> Option<ClassId> {
    match value {
        Value::Class(class) => Some(*class),
        _ => None,
    }
}

/// Whether a value is neither a function nor a class, nor may be one.
fn is_data(value: &Value) -> bool {
    let container = matches!(value, Value::List(_) | Value::Dict(_) | Value::Set(_) | Value::Path(_));
    container || matches!(value, Value::Tuple(_)) || is_plain(value)
}

fn is_container(value: &Value) -> bool {
    let Value::External(name) = value else { return false };
    matches!(
        name.as_str(),
        "builtins.list"
            | "builtins.dict"
            | "builtins.set"
            | "builtins.tuple"
            | "builtins.frozenset"
            | "typing.List"
            | "typing.Dict"
            | "typing.Set"
            | "typing.Tuple"
    )
}

/// Whether a value refers to nothing that an undone branch made.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::None
        | Value::Ellipsis
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Str(_)
        | Value::Bytes(_) => true,
        Value::Tuple(items) => items.iter().all(is_plain),
        _ => false,
    }
}
