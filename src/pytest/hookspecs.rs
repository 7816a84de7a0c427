//! What pluggy refuses of a plugin's hooks: arguments that no specification has, wrappers that yield nothing, and, when
//! collection is over, hooks that nobody specifies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::factories;
use super::run::{Plugin, Run};
use crate::base::intern::Name;
use crate::diagnostic::Certainty;
use crate::machine::value::{FnId, ModId, Value};
use crate::machine::{Cause, Modules as _, Raised};
use crate::python::hooks;
use crate::python::location::Location;
use crate::summary::program::{ExprKind, FunctionDef, OpKind, Parameter, ParameterKind};
use crate::summary::{DefinitionKind, ProgramId, Summary};

/// Arguments by hook of pytest's own.
pub(super) type Specs = BTreeMap<Name, Vec<Name>>;

/// A function of a plugin that pytest takes for a hook.
struct Hook {
    name: Name,
    function: FnId,
    /// Arguments without default, `self` left out.
    arguments: Vec<Name>,
    /// Options of `pytest.hookimpl`, as far as they are written out as true.
    options: BTreeSet<String>,
}

impl Run<'_> {
    /// What pluggy says when the plugin is registered, if it refuses it.
    pub(super) fn refused_hooks(&mut self, module: ModId, plugin: &str) -> Option<Box<Raised>> {
        let hooks = self.hooks_of(module);
        if hooks.is_empty() {
            return None;
        }
        let specs = self.hook_specs();
        for hook in hooks {
            let Some(spec) = specs.get(&hook.name) else { continue };
            let Some(raised) = self.refused_hook(&hook, spec, plugin) else { continue };
            let written = factories::location(&mut self.machine, hook.function);
            if let Some(file) = self.module_file_of(module) {
                self.collection.failed_at.push((file, written));
            }
            return Some(Box::new(raised));
        }
        None
    }

    fn refused_hook(&mut self, hook: &Hook, spec: &[Name], plugin: &str) -> Option<Raised> {
        let definition = || {
            let arguments: Vec<&str> = hook.arguments.iter().map(|name| name.as_str()).collect();
            format!(
                "Plugin '{plugin}' for hook '{0}'\nhookimpl definition: {0}({1})\n",
                hook.name,
                arguments.join(", ")
            )
        };
        let mut foreign: Vec<String> =
            hook.arguments.iter().filter(|name| !spec.contains(name)).map(|name| format!("'{name}'")).collect();
        foreign.sort();
        if !foreign.is_empty() {
            let text = format!(
                "{}Argument(s) {{{}}} are declared in the hookimpl but can not be found in the hookspec",
                definition(),
                foreign.join(", ")
            );
            return Some(raised("PluginValidationError", text));
        }
        if let Some(raised) = self.deprecated_argument(hook, spec) {
            return Some(raised);
        }
        let wraps = ["wrapper", "hookwrapper"].iter().any(|option| hook.options.contains(*option));
        if wraps && !self.machine.state().functions[hook.function].is_generator {
            let text = format!(
                "{}Declared as wrapper=True or hookwrapper=True but function is not a generator function",
                definition()
            );
            return Some(raised("PluginValidationError", text));
        }
        None
    }

    /// Version 8 warns of arguments that are `py.path.local` objects.
    fn deprecated_argument(&mut self, hook: &Hook, spec: &[Name]) -> Option<Raised> {
        let old = hook.arguments.iter().find(|name| matches!(name.as_str(), "path" | "startdir"))?;
        let new = spec.iter().find(|name| name.as_str().ends_with("_path"))?;
        if self.version().major != 8 {
            return None;
        }
        let text = format!(
            "The ({old}: py.path.local) argument is deprecated, please use ({new}: pathlib.Path)\nsee \
             https://docs.pytest.org/en/latest/deprecations.html#py-path-local-arguments-for-hooks-replaced-with-pathlib-path"
        );
        let fatal = self.machine.becomes_error("pytest.PytestRemovedIn9Warning", &text) == Some(true);
        fatal.then(|| raised("PytestRemovedIn9Warning", text))
    }

    /// What pluggy says when collection is over, if a hook is nobody's.
    pub(super) fn pending_hook(&mut self) -> Option<String> {
        let specs = self.hook_specs();
        if specs.is_empty() {
            return None;
        }
        let plugins: Vec<Plugin> = self.plugins.clone();
        let added = self.added_specs(&plugins, &specs)?;
        for plugin in plugins {
            let Some(file) = plugin.file else { continue };
            for hook in self.hooks_of(plugin.module) {
                let known = specs.contains_key(&hook.name) || added.contains(&hook.name);
                if !known && !hook.options.contains("optionalhook") && !hook.options.contains("specname") {
                    let module = self.machine.state().modules[plugin.module].name;
                    return Some(format!(
                        "unknown hook '{}' in plugin <module '{module}' from '{}'>",
                        hook.name,
                        file.display()
                    ));
                }
            }
        }
        None
    }

    /// Hooks that plugins specify: in classes of their own file, or in the files of its package. None if they may be
    /// anywhere.
    fn added_specs(&mut self, plugins: &[Plugin], specs: &Specs) -> Option<BTreeSet<Name>> {
        let mut found = BTreeSet::new();
        for plugin in plugins.iter().filter(|plugin| self.adds_hooks(plugin)) {
            let own = plugin.file.as_ref()?;
            let mut added: Vec<Name> = self.world.store.whole(own).iter().flat_map(|s| hook_names(s, true)).collect();
            let directory = own.parent()?;
            if !directory.ends_with("site-packages") {
                for entry in super::discover::list(&*self.world.system, directory) {
                    let path = directory.join(&entry.name);
                    if **own != path && path.extension().is_some_and(|extension| extension == "py") {
                        added.extend(self.world.store.whole(&path).iter().flat_map(|s| hook_names(s, false)));
                    }
                }
            }
            added.retain(|name| !specs.contains_key(name));
            if added.is_empty() {
                return None;
            }
            found.extend(added);
        }
        Some(found)
    }

    fn adds_hooks(&self, plugin: &Plugin) -> bool {
        super::lookup::attribute(&self.machine, plugin.module, "pytest_addhooks").is_some()
    }

    /// Functions that pytest takes for hooks, as `dir` lists them: those whose definition is known.
    fn hooks_of(&mut self, module: ModId) -> Vec<Hook> {
        let state = self.machine.state();
        let names = state.ns(state.modules[module].ns);
        let mut found: Vec<(Name, FnId)> = names
            .iter()
            .filter(|(name, slot)| name.as_str().starts_with("pytest_") && !slot.maybe)
            .filter_map(|(name, slot)| match slot.value {
                Value::Function(function) => Some((name, function)),
                _ => None,
            })
            .filter(|(name, function)| {
                let data = &state.functions[*function];
                data.name == *name && !data.opaque && data.fixture.is_none() && data.attributes.is_none()
            })
            .collect();
        found.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        found.into_iter().filter_map(|(name, function)| self.hook(name, function)).collect()
    }

    fn hook(&mut self, name: Name, function: FnId) -> Option<Hook> {
        let def = self.machine.function_def(function)?;
        let unit = self.machine.state().functions[function].unit;
        let is_method = self.machine.state().functions[function].class.is_some();
        let summary = Arc::clone(self.machine.unit(unit).1);
        let options = options(&summary, &def)?;
        let mut arguments = required(&summary, &def.parameters);
        if is_method && arguments.first().is_some_and(|first| first.as_str() == "self") {
            arguments.remove(0);
        }
        Some(Hook { name, function, arguments, options })
    }

    /// The specifications in the source of the pytest that is installed.
    fn hook_specs(&mut self) -> Arc<Specs> {
        if let Some(known) = &self.specs {
            return Arc::clone(known);
        }
        let path = self.machine.path();
        let found = match self.world.find(&path, "_pytest") {
            Location::Package { directory, .. } => self.read_specs(&directory.join("hookspec.py")),
            _ => Specs::new(),
        };
        let found = if found.is_empty() { self.specs_of_table() } else { found };
        Arc::clone(self.specs.insert(Arc::new(found)))
    }

    /// For an environment whose pytest shows no source.
    fn specs_of_table(&self) -> Specs {
        if !self.world.environment.is_found() {
            return Specs::new();
        }
        let hooks = hooks::of_version(self.version().major);
        hooks.map(|(name, arguments)| (Name::new(name), arguments.into_iter().map(Name::new).collect())).collect()
    }

    fn read_specs(&self, file: &Path) -> Specs {
        let mut found = Specs::new();
        let Ok(summary) = self.world.store.whole(file) else { return found };
        for op in &summary.program(ProgramId::MODULE).body {
            if let OpKind::FunctionDef(def) = &op.kind {
                let arguments = def.parameters.iter().map(|parameter| Name::new(summary.text(parameter.name)));
                found.insert(Name::new(summary.text(def.name)), arguments.collect());
            }
        }
        found
    }

    fn module_file_of(&self, module: ModId) -> Option<Arc<std::path::PathBuf>> {
        self.machine.state().modules[module].location.source().cloned()
    }
}

fn raised(class: &str, message: String) -> Raised {
    Raised {
        class: Name::new(class),
        message: Some(message),
        frames: Vec::new(),
        cause: Cause::Other,
        certainty: Certainty::Certain,
    }
}

/// Names of functions that may specify a hook; `nested`: of those in classes alone.
fn hook_names(summary: &Summary, nested: bool) -> Vec<Name> {
    let functions = summary.definitions.iter().filter(|definition| {
        matches!(definition.kind, DefinitionKind::Function { .. }) && (!nested || definition.parent.is_some())
    });
    let names = functions.map(|definition| summary.text(definition.name));
    names.filter(|name| name.starts_with("pytest_")).map(Name::new).collect()
}

/// Positional parameters without default.
fn required(summary: &Summary, parameters: &[Parameter]) -> Vec<Name> {
    let wanted = parameters.iter().filter(|parameter| {
        matches!(parameter.kind, ParameterKind::PositionalOrKeyword | ParameterKind::PositionalOnly)
            && parameter.default.is_none()
    });
    wanted.map(|parameter| Name::new(summary.text(parameter.name))).collect()
}

/// What decorators say of a hook; none if there is one that may have replaced the function.
fn options(summary: &Summary, def: &FunctionDef) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for decorator in &def.decorators {
        let (callee, call) = match &decorator.kind {
            ExprKind::Call(call) => (&call.function, Some(call)),
            _ => (decorator, None),
        };
        let last = match &callee.kind {
            ExprKind::Name(name) | ExprKind::Attribute { name, .. } => summary.text(*name),
            _ => return None,
        };
        match last {
            "hookimpl" => {
                let keywords = call.iter().flat_map(|call| &call.keywords);
                for (key, value) in keywords {
                    if !matches!(value.kind, ExprKind::Bool(false) | ExprKind::None) {
                        found.insert(summary.text((*key)?).to_owned());
                    }
                }
            }
            // Marks of old.
            "tryfirst" | "trylast" | "optionalhook" | "hookwrapper" => {
                found.insert(last.to_owned());
            }
            _ => return None,
        }
    }
    Some(found)
}
