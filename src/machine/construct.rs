//! Calls of classes and of instances.

use std::sync::Arc;

use super::Machine;
use super::attribute::Found;
use super::call::Site;
use super::log::{Eval, May};
use super::value::{ClassId, FnId, InstId, Keywords, Value};
use crate::base::intern::Name;
use crate::summary::Summary;
use crate::summary::program::{Call, Expr, ExprKind, Op, OpKind, ParameterKind};

/// Constructors that hand on to each other which are looked through.
const HANDED_ON: usize = 4;

impl Machine<'_> {
    /// Calls a class.
    pub(super) fn construct(&mut self, class: ClassId, args: Vec<Value>, kwargs: Keywords, complete: bool) -> Eval {
        let data = &self.state.classes[class];
        let familiar = data.mro.iter().all(|base| matches!(base, Value::Class(_) | Value::External(_)));
        let replaced = data.metaclass.is_some() || !familiar;
        let (unit, open) = (data.unit, data.open || replaced);
        if let Some(result) = self.construct_special(class, &args, &kwargs, complete) {
            return result;
        }
        if let Some(result) = self.construct_modelled(class, &args, &kwargs, complete) {
            return result;
        }
        if complete {
            self.refuse(self.refused_instance(class, &args, &kwargs))?;
        }
        let instance = self.instance(Value::Class(class), args.clone(), kwargs.clone());
        let Value::Instance(id) = instance else { return Ok(Value::Unknown) };
        if self.construct_attrs(class, id, &args, &kwargs, complete)? {
            self.may_raise(May::Anything);
            return Ok(instance);
        }
        if !self.units[unit].is_project || open {
            return self.construct_unfollowed(class, id, (&args, &kwargs, complete), (open, replaced));
        }
        if self.is_dataclass(class) {
            return self.construct_dataclass(class, id, &args, kwargs, complete);
        }
        self.construct_followed(class, id, args, kwargs, complete)
    }

    /// Classes whose call has a meaning of its own: enumerations, typed dicts, named tuples, classes of known packages.
    fn construct_special(&mut self, class: ClassId, args: &[Value], kwargs: &Keywords, complete: bool) -> Option<Eval> {
        if self.is_enum(class) {
            if let ([value], true, true) = (args, kwargs.is_empty(), complete)
                && let Err(throw) = self.refuse(self.refused_member(class, value))
            {
                return Some(Err(throw));
            }
            self.may_raise(May::Anything);
            return Some(Ok(args.first().map_or(Value::Unknown, |value| self.member_of_value(class, value))));
        }
        if let Some(value) = self.construct_foreign(class, args, kwargs) {
            return Some(Ok(value));
        }
        if !complete {
            return None;
        }
        if self.is_typed_dict(class) {
            return Some(self.call(&Value::external("builtins.dict"), args.to_vec(), kwargs.clone()));
        }
        if let Err(throw) = self.refuse_fields(class, args, kwargs) {
            return Some(Err(throw));
        }
        self.construct_namedtuple(class, args, kwargs).map(Ok)
    }

    /// Library models and effects that go by the name of the class.
    fn construct_modelled(
        &mut self,
        class: ClassId,
        args: &[Value],
        kwargs: &Keywords,
        complete: bool,
    ) -> Option<Eval> {
        let data = &self.state.classes[class];
        let noted = if !self.units[data.unit].is_project {
            let name = Name::new(&format!("{}.{}", self.state.modules[data.module].name, data.qualname));
            if let Some(result) = self.call_model(name, args, kwargs, complete, None) {
                return Some(result);
            }
            self.note_effect(name, args, kwargs)
        } else if !self.setup.calls.is_empty() {
            let name = self.class_path(class);
            match self.setup.calls.iter().any(|(own, _)| *own == name) {
                true => self.note_effect(Name::new(&name), args, kwargs),
                false => Ok(()),
            }
        } else {
            Ok(())
        };
        noted.err().map(Err)
    }

    /// An object whose constructor is not run: of a package, or of a class that something else may have changed.
    fn construct_unfollowed(
        &mut self,
        class: ClassId,
        id: InstId,
        (args, kwargs, complete): (&[Value], &Keywords, bool),
        (open, replaced): (bool, bool),
    ) -> Eval {
        let (unit, ns, instance) = (self.state.classes[class].unit, self.state.instances[id].ns, Value::Instance(id));
        if !open
            && let (Found::Yes(Value::Function(init)), _) = self.class_lookup(class, Name::new("__init__"))
            && self.class_lookup(class, Name::new("__new__")).0 == Found::Unknown
        {
            let mut all = vec![Value::Unknown];
            all.extend(args.iter().cloned());
            self.check_signature(init, self.state.functions[init].opaque, &all, kwargs, complete)?;
            if complete {
                self.check_handed_on(class, init, kwargs)?;
            }
        }
        if self.units[unit].is_project || self.effect_of(Name::new(&self.class_path(class)), args).is_none() {
            self.overhear_making(class, &instance, args, kwargs, complete)?;
        }
        self.runs_unseen |= self.units[unit].is_project;
        self.unknown_call(args, kwargs);
        self.state.open(ns, "its class cannot be followed");
        let made = !replaced && self.class_lookup(class, Name::new("__new__")).1.is_none();
        Ok(if made || self.receiver_of(&instance) { instance } else { Value::Unknown })
    }

    fn construct_dataclass(
        &mut self,
        class: ClassId,
        id: InstId,
        args: &[Value],
        kwargs: Keywords,
        complete: bool,
    ) -> Eval {
        let (ns, instance) = (self.state.instances[id].ns, Value::Instance(id));
        if complete {
            self.check_fields(class, args, &kwargs)?;
        }
        for (name, value) in kwargs {
            self.state.bind(ns, name, value);
        }
        self.state.open(ns, "a dataclass sets its attributes");
        let after = self.class_lookup(class, Name::new("__post_init__")).0;
        if let Found::Yes(after @ Value::Function(_)) = after {
            let result = self.call(&after, vec![instance.clone()], Vec::new());
            self.only_ends(result)?;
        }
        Ok(instance)
    }

    /// Runs `__new__` and `__init__`.
    fn construct_followed(
        &mut self,
        class: ClassId,
        id: InstId,
        args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
    ) -> Eval {
        let value = Value::Class(class);
        let (mut instance, mut ns) = (Value::Instance(id), self.state.instances[id].ns);
        let mut is_known = true;
        if let (Found::Yes(Value::Function(new)), _) = self.class_lookup(class, Name::new("__new__")) {
            let mut all = vec![value.clone()];
            all.extend(args.clone());
            // What a decorator put around `__new__` gives an object of the same kind.
            let made = if self.state.functions[new].opaque {
                self.follow(new, all, kwargs.clone(), complete)?
            } else {
                self.call_function(new, all, kwargs.clone(), complete, None)?
            };
            match made {
                // `__init__` runs on what `__new__` made, if it is of the class.
                Value::Instance(id)
                    if self.is_subclass(&self.state.instances[id].class.clone(), &value) == Some(true) =>
                {
                    instance = Value::Instance(id);
                    ns = self.state.instances[id].ns;
                }
                Value::Unknown => is_known = false,
                made => return Ok(made),
            }
        }
        let known = self.state.classes[class].mro.iter().all(|base| match base {
            Value::Class(_) => true,
            Value::External(name) => {
                matches!(name.as_str(), "builtins.object" | "typing.Generic" | "abc.ABC" | "typing.Protocol")
                    || crate::python::exceptions::is_known(name.as_str())
            }
            _ => false,
        });
        if !known {
            self.state.open(ns, "a base of its class cannot be followed");
        }
        match self.class_lookup(class, Name::new("__init__")).0 {
            Found::Yes(Value::Function(init)) => {
                let mut all = vec![instance.clone()];
                all.extend(args);
                let outcome = self.call_function(init, all, kwargs, complete, None)?;
                if outcome.is_unknown() {
                    self.state.open(ns, "its constructor cannot be followed to its end");
                }
                self.refuse(self.refused_result(&outcome))?;
            }
            Found::No => {}
            // That of `object`, or of an exception, does nothing that could be seen.
            _ if self.shows_none_of(class, &["__init__"]) => {}
            _ => {
                self.unseen_call(&args, &kwargs);
            }
        }
        Ok(if is_known { instance } else { Value::Unknown })
    }

    /// Whether a class is a `TypedDict`, whose objects are plain dicts.
    fn is_typed_dict(&self, class: ClassId) -> bool {
        self.state.classes[class].mro.iter().any(|base| match base {
            Value::External(name) => matches!(name.as_str(), "typing.TypedDict" | "typing_extensions.TypedDict"),
            _ => false,
        })
    }

    /// `def __init__(self, **kw): super().__init__(**kw)` of a package: what it hands on has to fit the next one.
    fn check_handed_on(&mut self, class: ClassId, init: FnId, kwargs: &[(Name, Value)]) -> Eval<()> {
        let name = Name::new("__init__");
        let (mut init, mut kwargs) = (init, kwargs.to_vec());
        let mut owner = self.class_lookup(class, name).1;
        for _ in 0..HANDED_ON {
            let Some((args, rest)) = self.handed_on(init, &kwargs) else { return Ok(()) };
            let mro = self.state.classes[class].mro.clone();
            let behind = mro.iter().skip_while(|base| owner.is_none_or(|owner| **base != Value::Class(owner))).skip(1);
            let mut next = None;
            for base in behind {
                let Value::Class(base) = base else { return Ok(()) };
                match self.state.slot(self.state.classes[*base].ns, name).map(|slot| slot.value.clone()) {
                    Some(Value::Function(function)) => {
                        next = Some((*base, function));
                        break;
                    }
                    Some(_) => return Ok(()),
                    None => {}
                }
            }
            let Some((base, function)) = next else { return Ok(()) };
            self.check_signature(function, self.state.functions[function].opaque, &args, &rest, true)?;
            (owner, init, kwargs) = (Some(base), function, rest);
        }
        Ok(())
    }

    /// Arguments of the `super().__init__` that a constructor begins with, `self` first, if it hands on its keywords.
    fn handed_on(&mut self, init: FnId, kwargs: &[(Name, Value)]) -> Option<(Vec<Value>, Keywords)> {
        if self.state.functions[init].opaque {
            return None;
        }
        let unit = self.state.functions[init].unit;
        let own = Arc::clone(&self.units[unit].summary);
        let parameters = self.parameters(init)?;
        let rest = parameters.iter().find(|parameter| parameter.kind == ParameterKind::VarKeyword)?;
        let rest = own.text(rest.name);
        let (summary, program) = self.body(init)?;
        let is_docstring = |op: &&Op| matches!(&op.kind, OpKind::Expr(Expr { kind: ExprKind::Str(_), .. }));
        let OpKind::Expr(Expr { kind: ExprKind::Call(call), .. }) =
            &program.body.iter().find(|op| !is_docstring(op))?.kind
        else {
            return None;
        };
        if !is_super_init(&summary, call) || call.arguments.iter().any(|arg| matches!(arg.kind, ExprKind::Starred(_))) {
            return None;
        }
        let mut named = Vec::new();
        let mut hands_on = false;
        for (key, value) in &call.keywords {
            match key {
                Some(key) => named.push((Name::new(summary.text(*key)), Value::Unknown)),
                None => hands_on |= matches!(&value.kind, ExprKind::Name(name) if summary.text(*name) == rest),
            }
        }
        let doubled = call.keywords.iter().filter(|(key, _)| key.is_none()).count() > 1;
        let taken = |name: Name| parameters.iter().any(|parameter| own.text(parameter.name) == name.as_str());
        let others: Keywords = kwargs.iter().filter(|(name, _)| !taken(*name)).cloned().collect();
        if !hands_on || doubled || others.iter().any(|(name, _)| named.iter().any(|(own, _)| own == name)) {
            return None;
        }
        named.extend(others);
        Some((vec![Value::Unknown; call.arguments.len() + 1], named))
    }

    pub(super) fn call_instance(
        &mut self,
        instance: InstId,
        mut args: Vec<Value>,
        kwargs: Keywords,
        complete: bool,
        site: Site,
    ) -> Eval {
        let class = self.state.instances[instance].class.clone();
        if let Value::Class(class) = class
            && let (Found::Yes(Value::Function(call)), _) = self.class_lookup(class, Name::new("__call__"))
        {
            args.insert(0, Value::Instance(instance));
            return self.call_function(call, args, kwargs, complete, site);
        }
        if let Value::External(name) = class
            && let Some(result) = self.call_library_instance(name, instance, &args)
        {
            return result;
        }
        if self.is_expression(&Value::Instance(instance)) {
            self.may_raise(May::Anything);
            return Ok(Value::Instance(instance));
        }
        if let Some(kind) = self.kind_without(&Value::Instance(instance), &["__call__"]) {
            self.fails("TypeError", format!("'{kind}' object is not callable"))?;
        }
        Ok(self.unknown_call(&args, &kwargs))
    }
}

/// `super().__init__(...)`
fn is_super_init(summary: &Summary, call: &Call) -> bool {
    let ExprKind::Attribute { value, name, .. } = &call.function.kind else { return false };
    let ExprKind::Call(inner) = &value.kind else { return false };
    summary.text(*name) == "__init__"
        && inner.arguments.is_empty()
        && matches!(&inner.function.kind, ExprKind::Name(name) if summary.text(*name) == "super")
}
