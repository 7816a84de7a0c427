//! The examples in a module's docstrings (`--doctest-modules`): which objects `doctest.DocTestFinder` visits, and the items
//! that pytest makes of those with examples (spec: pytest-collection.md section 3).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::generate::Test;
use super::items::{Item, ItemCollector, ModuleItems, NodeFailure};
use super::items::{Node, bound};
use super::params::Failure;
use super::signature::Signature;
use super::{classes, factories, view};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::machine::state::{Slot, State};
use crate::machine::value::{ClassId, DescriptorKind, FnId, ModId, NsId, UnitId, Value};
use crate::machine::{Machine, Outcome};
use crate::python::doctest;
use crate::syntax::docstrings::{self, Docstrings};

/// Reads the text of a file of the tree.
pub(super) type ReadText<'t> = &'t dyn Fn(&Path) -> Option<Arc<str>>;

impl ItemCollector {
    /// Collects the examples of a module that was imported.
    pub(super) fn doctests(
        &mut self,
        machine: &mut Machine<'_>,
        module: ModId,
        nodeid: &str,
        text: ReadText<'_>,
    ) -> ModuleItems {
        let mut out = ModuleItems::default();
        if let Some(reason) = self.blurred.or(self.selection.unclear) {
            out.blur(reason);
        }
        if let Err(failure) = self.collect_doctests(machine, module, nodeid, text, &mut out) {
            out.items.clear();
            out.failure = Some(NodeFailure { node: None, failure, at: self.failed_place() });
        }
        self.choose_examples(nodeid, &mut out);
        self.plain(out.items.len());
        out
    }

    fn collect_doctests(
        &mut self,
        machine: &mut Machine<'_>,
        id: ModId,
        nodeid: &str,
        text: ReadText<'_>,
        out: &mut ModuleItems,
    ) -> Result<(), Failure> {
        let ns = machine.state().modules[id].ns;
        let mut node = Node::module(nodeid);
        // Before, the module was imported beside its node.
        if self.rules.at_least(8, 0) {
            node.marks.push(classes::marks_of(machine.state(), bound(machine.state(), ns, "pytestmark").as_ref())?);
            factories::scan_module(machine, &mut self.registry, ns, &node.id)?;
        }
        let mut finder = Finder::new(machine, id, text, self.rules.python_at_least(13));
        finder.module(ns)?;
        let Finder { mut found, doubt, .. } = finder;
        if let Some(reason) = doubt {
            out.blur(reason);
        }
        found.sort_unstable();
        let closure = self.closure(&node, &[], &Signature::default(), &[]);
        for name in found {
            let nodeid = format!("{nodeid}::{name}");
            if self.kept(machine.state(), &node, &nodeid, Test { function: None, marks: &[] }, Vec::new()).is_some() {
                self.remember(&nodeid, &closure);
                out.items.push(Item { nodeid, keys: Vec::new() });
            }
        }
        Ok(())
    }
}

/// `doctest.DocTestFinder` on one module.
struct Finder<'f, 'w> {
    machine: &'f mut Machine<'w>,
    text: ReadText<'f>,
    module: Name,
    /// Whether the compiler cuts the margin of docstrings.
    cut: bool,
    files: BTreeMap<PathBuf, Arc<Docstrings>>,
    seen: Vec<Value>,
    /// Names with examples.
    found: Vec<String>,
    /// Why there may be more, or less.
    doubt: Option<String>,
}

impl<'f, 'w> Finder<'f, 'w> {
    fn new(machine: &'f mut Machine<'w>, module: ModId, text: ReadText<'f>, cut: bool) -> Self {
        let module = machine.state().modules[module].name;
        Self { machine, text, module, cut, files: BTreeMap::new(), seen: Vec::new(), found: Vec::new(), doubt: None }
    }

    fn module(&mut self, ns: NsId) -> Result<(), Failure> {
        let name = self.module.as_str();
        let own = self.machine.module_file(name).map(|file| self.docstrings(&file)).unwrap_or_default();
        match bound(self.machine.state(), ns, "__doc__") {
            Some(Value::Str(text)) => self.examples(&text, name)?,
            Some(_) | None => own.module.as_ref().map_or(Ok(()), |text| self.docstring(text, name))?,
        }
        for (bound, slot) in slots(self.machine.state(), ns) {
            self.check_unwrapped(&slot.value)?;
            self.visit(&slot, &format!("{name}.{bound}"), &own)?;
        }
        if let Some(extra) = bound(self.machine.state(), ns, "__test__") {
            self.extra(&extra)?;
        }
        Ok(())
    }

    /// `inspect.unwrap` asks every object of a module for `__wrapped__`; what is raised but an `AttributeError` ends all.
    fn check_unwrapped(&mut self, value: &Value) -> Result<(), Failure> {
        let Value::Instance(instance) = value else { return Ok(()) };
        let Value::Class(class) = self.machine.state().instances[*instance].class else { return Ok(()) };
        if view::own_attribute(self.machine.state(), class, "__getattr__").is_none() {
            return Ok(());
        }
        match self.machine.asked_for(value, "__wrapped__") {
            Outcome::Raises(raised)
                if raised.certainty == Certainty::Certain && raised.class.as_str() != "AttributeError" =>
            {
                Err(Failure { class: "Exception", message: None, raised: Some(raised) })
            }
            _ => Ok(()),
        }
    }

    /// An object of the module's namespace or of a class's.
    fn visit(&mut self, slot: &Slot, name: &str, own: &Docstrings) -> Result<(), Failure> {
        let before = self.found.len();
        match &slot.value {
            Value::Function(function) => self.function(*function, name)?,
            Value::Class(class) => self.class(*class, name)?,
            Value::Unknown if !own.is_empty() => self.doubts(format!("what {name} is bound to is not known")),
            _ => {}
        }
        if slot.maybe && self.found.len() > before {
            self.doubts(format!("{name} may not be defined"));
        }
        Ok(())
    }

    fn function(&mut self, function: FnId, name: &str) -> Result<(), Failure> {
        if self.is_seen(&Value::Function(function)) {
            return Ok(());
        }
        let told = self.original(function);
        let state = self.machine.state();
        let data = &state.functions[told];
        let (opaque, unit, span) = (state.functions[function].opaque && data.fixture.is_none(), data.unit, data.span);
        let home = match view::function_attribute(state, told, "__module__") {
            Some(Value::Str(home)) => Name::new(home),
            _ => state.modules[data.module].name,
        };
        if home != self.module || data.is_lambda {
            return Ok(());
        }
        let own = match view::function_attribute(state, told, "__doc__").cloned() {
            Some(Value::Str(text)) => return self.examples(&text, name),
            Some(Value::None) => return Ok(()),
            Some(_) => None,
            None => match self.written(unit, span) {
                Some(text) => Some(text),
                None => return Ok(()),
            },
        };
        match own {
            Some(text) if !opaque => self.docstring(&text, name)?,
            Some(_) => self.doubts(format!("a decorator of {name} cannot be followed")),
            None => self.doubts(format!("the docstring of {name} is not known")),
        }
        Ok(())
    }

    /// The function whose docstring and module a wrapper took over with `functools.wraps`.
    fn original(&self, mut function: FnId) -> FnId {
        let state = self.machine.state();
        for _ in 0..32 {
            match view::function_attribute(state, function, "__wrapped__") {
                Some(Value::Function(inner)) => function = *inner,
                _ => break,
            }
        }
        function
    }

    fn class(&mut self, class: ClassId, name: &str) -> Result<(), Failure> {
        let data = &self.machine.state().classes[class];
        let (ns, unit, span) = (data.ns, data.unit, data.span);
        let home = match bound(self.machine.state(), ns, "__module__") {
            Some(Value::Str(home)) => Name::new(&home),
            _ => self.machine.state().modules[data.module].name,
        };
        if home != self.module || self.is_seen(&Value::Class(class)) {
            return Ok(());
        }
        match bound(self.machine.state(), ns, "__doc__") {
            Some(Value::Str(text)) => self.examples(&text, name)?,
            Some(Value::None) => {}
            Some(_) => self.doubts(format!("the docstring of {name} is not known")),
            None => self.written(unit, span).map_or(Ok(()), |text| self.docstring(&text, name))?,
        }
        let file = self.machine.unit(unit).0.to_path_buf();
        let own = self.docstrings(&file);
        for (bound, mut slot) in slots(self.machine.state(), ns) {
            let name = format!("{name}.{bound}");
            match &slot.value {
                Value::Descriptor(DescriptorKind::Property, getter) => {
                    // A property has no module: it always counts as the class's.
                    if let Value::Function(getter) = **getter {
                        self.property(&slot, getter, &name)?;
                    }
                    continue;
                }
                Value::Descriptor(_, inner) => slot.value = (**inner).clone(),
                _ => {}
            }
            self.visit(&slot, &name, &own)?;
        }
        Ok(())
    }

    fn property(&mut self, slot: &Slot, getter: FnId, name: &str) -> Result<(), Failure> {
        if self.is_seen(&slot.value) {
            return Ok(());
        }
        let data = &self.machine.state().functions[self.original(getter)];
        let (unit, span) = (data.unit, data.span);
        self.written(unit, span).map_or(Ok(()), |text| self.docstring(&text, name))
    }

    /// `__test__`: more texts and objects by name.
    fn extra(&mut self, value: &Value) -> Result<(), Failure> {
        let state = self.machine.state();
        let Value::Dict(id) = value else {
            if view::truth(state, value) != Some(false) {
                self.doubts("what __test__ holds is not known".to_owned());
            }
            return Ok(());
        };
        let object = state.object(*id).clone();
        if !object.exact {
            self.doubts("what __test__ holds is not known".to_owned());
        }
        for (key, value) in object.items.iter().zip(object.values) {
            let Some(key) = key.as_str() else { continue };
            let name = format!("{}.__test__.{key}", self.module);
            match &value {
                Value::Str(text) => self.examples(text, &name)?,
                _ => self.visit(&Slot { value, maybe: false }, &name, &Docstrings::default())?,
            }
        }
        Ok(())
    }

    /// A docstring as it is written.
    fn docstring(&mut self, text: &str, name: &str) -> Result<(), Failure> {
        if self.cut { self.examples(&doctest::compiled(text), name) } else { self.examples(text, name) }
    }

    fn examples(&mut self, text: &str, name: &str) -> Result<(), Failure> {
        match doctest::has_examples(text, name) {
            Ok(true) => self.found.push(name.to_owned()),
            Ok(false) => {}
            Err(refused) if refused.is_option => self.doubts(refused.message),
            Err(refused) => return Err(Failure::value_error(refused.message)),
        }
        Ok(())
    }

    fn written(&mut self, unit: UnitId, header: Span) -> Option<String> {
        let file = self.machine.unit(unit).0.to_path_buf();
        self.docstrings(&file).of(header).map(ToOwned::to_owned)
    }

    fn docstrings(&mut self, file: &Path) -> Arc<Docstrings> {
        if let Some(found) = self.files.get(file) {
            return Arc::clone(found);
        }
        let found = (self.text)(file).filter(|text| text.contains(">>>")).and_then(|text| docstrings::of(&text));
        let found = Arc::new(found.unwrap_or_default());
        self.files.insert(file.to_path_buf(), Arc::clone(&found));
        found
    }

    fn is_seen(&mut self, value: &Value) -> bool {
        let seen = self.seen.contains(value);
        if !seen {
            self.seen.push(value.clone());
        }
        seen
    }

    fn doubts(&mut self, reason: String) {
        self.doubt.get_or_insert(reason);
    }
}

fn slots(state: &State, ns: NsId) -> Vec<(Name, Slot)> {
    state.ns(ns).iter().map(|(name, slot)| (name, slot.clone())).collect()
}
