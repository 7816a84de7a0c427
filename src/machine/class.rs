//! `class` statements, resolution order, and instances.

use std::sync::Arc;

use super::log::Eval;
use super::mistakes::Refusal;
use super::value::{Class, ClassId, DescriptorKind, Instance, Value};
use super::{Activation, Machine, Scope};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::version::PythonVersion;
use crate::summary::program::ClassDef;

impl Machine<'_> {
    /// A new instance.
    pub(super) fn instance(&mut self, class: Value, args: Vec<Value>, kwargs: Vec<(Name, Value)>) -> Value {
        let ns = self.state.new_ns();
        if !matches!(class, Value::Class(_)) {
            self.state.open(ns, "its class is not executed");
        }
        Value::Instance(self.state.instances.push(Instance { class, ns, args, kwargs }))
    }

    /// `__name__` of a class.
    pub(super) fn class_name(&self, class: &Value) -> String {
        match class {
            Value::Class(class) => self.state.classes[*class].name.as_str().to_owned(),
            Value::External(name) => {
                let name = crate::python::exceptions::canonical(name.as_str());
                name.rsplit('.').next().unwrap_or(name).to_owned()
            }
            _ => "Exception".to_owned(),
        }
    }

    pub(super) fn exec_class(&mut self, def: &ClassDef, span: Span) -> Eval<()> {
        let mut decorators = Vec::new();
        for decorator in &def.decorators {
            self.at(decorator.span);
            decorators.push((self.eval(decorator)?, decorator.span));
        }
        let mut bases = Vec::new();
        let mut open = !def.type_params.is_empty() && !def.bases.is_empty();
        if def.type_params.is_empty() {
            for base in &def.bases {
                let value = self.eval(base)?;
                bases.push(self.judged(base, &value));
            }
        }
        let mut metaclass = None;
        let mut keywords = Vec::new();
        for (name, value) in &def.keywords {
            let value = if def.type_params.is_empty() { self.eval(value)? } else { Value::Unknown };
            match name.map(|name| self.name(name)) {
                Some(name) if name.as_str() == "metaclass" => metaclass = Some(value),
                Some(name) => keywords.push((name, value)),
                None => open = true,
            }
        }
        self.at(span);
        let name = self.name(def.name);
        let ns = self.state.new_ns();
        self.run_class_body(def, name, ns, span)?;
        self.at(span);
        let class = self.make_class(name, span, bases, metaclass, ns, open)?;
        self.adopt_methods(class);
        self.register_model(class)?;
        self.adopt_metadata(class);
        self.map_class(class, &keywords)?;
        self.make_members(class);
        self.refuse(self.refused_slots(class))?;
        self.set_names(class)?;
        self.init_subclass(class, keywords.clone())?;
        self.overhear_class(class, &keywords)?;
        self.forget_filled(class);
        let mut value = Value::Class(class);
        for ((decorator, place), expr) in decorators.into_iter().zip(&def.decorators).rev() {
            self.at(place);
            if decorator == Value::external("dataclasses.dataclass") && value == Value::Class(class) {
                self.make_dataclass(class, def, expr)?;
            }
            if value == Value::Class(class) {
                self.note_fields(class, def, &decorator);
            }
            value = self.decorate(&decorator, value)?;
        }
        self.at(span);
        self.bind(name, value);
        Ok(())
    }

    fn run_class_body(&mut self, def: &ClassDef, name: Name, ns: super::value::NsId, span: Span) -> Eval<()> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let mut closure = frame.closure.clone();
        if frame.scope == Scope::Function {
            closure.insert(0, frame.ns);
        }
        let qualname = match (frame.qualname.is_empty(), frame.scope) {
            (true, _) => name.as_str().to_owned(),
            (false, Scope::Function) => format!("{}.<locals>.{name}", frame.qualname),
            (false, _) => format!("{}.{name}", frame.qualname),
        };
        let activation = Activation {
            program: frame.program,
            scope: Scope::Class,
            closure,
            span,
            qualname: Arc::from(qualname),
            limit: frame.limit,
            ..self.module_frame(frame.unit, frame.module, ns)
        };
        if !def.type_params.is_empty() {
            // Type parameters live in a scope around the class.
            for parameter in &def.type_params {
                let name = self.name(*parameter);
                self.state.bind(ns, name, Value::Unknown);
            }
        }
        self.frames.push(activation);
        let result = self.exec_block(&def.body);
        self.frames.pop();
        result.map(|_| ())
    }

    /// Makes a class object, as `type(name, bases, namespace)` does.
    pub(super) fn make_class(
        &mut self,
        name: Name,
        span: Span,
        bases: Vec<Value>,
        metaclass: Option<Value>,
        ns: super::value::NsId,
        mut open: bool,
    ) -> Eval<ClassId> {
        let (unit, module, qualname) = match self.frames.last() {
            Some(frame) => {
                let qualname = match (frame.qualname.is_empty(), frame.scope) {
                    (true, _) => name.as_str().to_owned(),
                    (false, Scope::Function) => format!("{}.<locals>.{name}", frame.qualname),
                    (false, _) => format!("{}.{name}", frame.qualname),
                };
                (frame.unit, frame.module, qualname)
            }
            None => return Err(self.give_up("a class outside any module")),
        };
        self.refuse(self.refused_bases(&bases).or_else(|| self.refused_extension(name, &bases)))?;
        let refusal = self.refused_metaclass(metaclass.as_ref(), &bases);
        self.refuse(refusal)?;
        self.note_abstract(ns, metaclass.as_ref());
        for base in &bases {
            if let Value::None | Value::Int(_) | Value::Str(_) | Value::Bool(_) = base {
                open = true;
            }
        }
        let inherited = bases.iter().find_map(|base| match base {
            Value::Class(base) => self.state.classes[*base].metaclass.clone(),
            _ => None,
        });
        let metaclass = metaclass.or(inherited).filter(|meta| !is_plain_metaclass(meta));
        let id = ClassId(u32::try_from(self.state.classes.len()).unwrap_or(u32::MAX));
        let (mro, refusal) = self.linearise(id, &bases, &mut open);
        self.refuse(refusal)?;
        let complete = self.apply_metaclass(metaclass.as_ref(), ns);
        let class = Class {
            unit,
            name,
            qualname: Arc::from(qualname),
            module,
            span,
            bases,
            mro,
            ns,
            open,
            metaclass,
            complete,
            marks: Vec::new(),
            decorators: Vec::new(),
        };
        Ok(self.state.classes.push(class))
    }

    /// C3, as far as bases are known; in declaration order where they are not.
    fn linearise(&self, own: ClassId, bases: &[Value], open: &mut bool) -> (Vec<Value>, Option<Refusal>) {
        let object = Value::external("builtins.object");
        let mut lists: Vec<Vec<Value>> = bases
            .iter()
            .map(|base| match base {
                Value::Class(base) => self.state.classes[*base].mro.clone(),
                Value::External(_) if *base == object => vec![object.clone()],
                other => vec![other.clone(), object.clone()],
            })
            .collect();
        lists.push(bases.to_vec());
        let mut mro = vec![Value::Class(own)];
        let mut refusal = None;
        loop {
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                break;
            }
            let head = lists
                .iter()
                .map(|list| &list[0])
                .find(|head| head.is_unknown() || lists.iter().all(|list| !list[1..].contains(head)));
            let next = match head {
                Some(head) => head.clone(),
                None => {
                    let heads: Vec<Value> = lists.iter().map(|list| list[0].clone()).collect();
                    refusal = refusal.or_else(|| self.no_order(bases, &heads));
                    *open = true;
                    lists[0][0].clone()
                }
            };
            for list in &mut lists {
                if list.first() == Some(&next) {
                    list.remove(0);
                }
            }
            if next != object {
                mro.push(next);
            }
        }
        mro.push(object);
        (mro, refusal)
    }

    /// A metaclass of the project is not followed: what it may have filled is not known to be all.
    fn forget_filled(&mut self, class: ClassId) {
        let Some(Value::Class(meta)) = self.state.classes[class].metaclass else { return };
        let data = &self.state.classes[meta];
        for ns in [data.ns, self.state.modules[data.module].ns] {
            let values: Vec<_> = self.state.ns(ns).iter().map(|(_, slot)| slot.value.clone()).collect();
            for value in values {
                match value {
                    Value::List(id) if id == self.sys_path => {}
                    Value::List(id) | Value::Dict(id) | Value::Set(id) => {
                        self.state.change(id, |object| object.exact = false);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Functions of the body know their class, for `super()`.
    fn adopt_methods(&mut self, class: ClassId) {
        let ns = self.state.classes[class].ns;
        let functions: Vec<_> = self
            .state
            .ns(ns)
            .iter()
            .filter_map(|(_, slot)| match &slot.value {
                Value::Function(function) => Some(*function),
                Value::Descriptor(_, inner) => match **inner {
                    Value::Function(function) => Some(function),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        for function in functions {
            let function = &mut self.state.functions[function];
            if function.class.is_none() {
                function.class = Some(class);
            }
        }
    }

    /// `__init_subclass__` of the next class in the resolution order.
    fn init_subclass(&mut self, class: ClassId, keywords: Vec<(Name, Value)>) -> Eval<()> {
        let unit = self.state.classes[class].unit;
        if !self.units[unit].is_project {
            return Ok(());
        }
        let name = Name::new("__init_subclass__");
        let mro = self.state.classes[class].mro.clone();
        for base in mro.iter().skip(1) {
            let base = match base {
                Value::Class(base) => base,
                Value::External(base) if matches!(base.as_str(), "builtins.object" | "abc.ABC") => continue,
                _ => return Ok(()),
            };
            let ns = self.state.classes[*base].ns;
            let Some(slot) = self.state.slot(ns, name).cloned() else { continue };
            let function = match slot.value {
                Value::Descriptor(DescriptorKind::Class, inner) => (*inner).clone(),
                other => other,
            };
            if matches!(function, Value::Function(_)) {
                self.call(&function, vec![Value::Class(class)], keywords)?;
            }
            return Ok(());
        }
        if !keywords.is_empty() && self.is_followed(class) {
            let own = self.state.classes[class].name;
            let name = if self.setup.version >= PythonVersion::three(9) {
                format!("{own}.__init_subclass__")
            } else {
                name.as_str().to_owned()
            };
            return self.fails("TypeError", format!("{name}() takes no keyword arguments")).map(|_| ());
        }
        Ok(())
    }
}

/// Metaclasses that add no attributes a reader could miss.
fn is_plain_metaclass(meta: &Value) -> bool {
    matches!(meta, Value::External(name) if matches!(name.as_str(), "abc.ABCMeta" | "builtins.type"))
}
