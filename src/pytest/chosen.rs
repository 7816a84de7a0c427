//! The tests of a module that arguments name: `path::Class::test[id]` (spec: pytest-collection.md section 2).

use std::path::Path;

use super::discover::Argument;
use super::items::{Item, ItemCollector, ModuleItems, bound};
use super::verdict::Verdict;
use super::{classes, view};
use crate::config::pytest_ini::PytestVersion;
use crate::machine::Machine;
use crate::machine::value::{ClassId, ModId};

/// What one argument names in its module.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Place of the argument among all.
    argument: usize,
    /// Names behind the path.
    parts: Vec<String>,
    /// `[...]` behind the last one.
    parametrization: Option<String>,
    /// Another node of the file has it.
    found: bool,
}

/// An argument whose names lead nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Missed {
    /// Place of the argument among all.
    pub argument: usize,
    /// The node that was asked last, if it has nodes below it.
    pub asked: Asked,
}

/// A node in which a name is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    /// The module itself.
    Module,
    /// A class in it, by name.
    Class(String),
    /// A function, or a module that does not collect: nothing lies below.
    Nothing,
}

impl Choice {
    /// Choices among the tests of a file; none if an argument takes all of it.
    pub fn of(arguments: &[Argument], file: &Path) -> Vec<Self> {
        let leads = |argument: &Argument| file.starts_with(&argument.path);
        if arguments.iter().any(|argument| leads(argument) && argument.parts.is_empty()) {
            return Vec::new();
        }
        let named = arguments.iter().enumerate().filter(|(_, argument)| argument.path == file);
        let choice = |(argument, given): (usize, &Argument)| Self {
            argument,
            parts: given.parts.clone(),
            parametrization: given.parametrization.clone(),
            found: false,
        };
        named.map(choice).collect()
    }

    /// Whether it names the node, or one above it; `below` is the node's id behind that of the module.
    fn takes(&self, below: &str) -> bool {
        let Some(rest) = below.strip_prefix(&self.parts.join("::")) else { return false };
        match &self.parametrization {
            Some(id) => rest == id || rest == "[...]",
            None => rest.is_empty() || rest.starts_with('[') || rest.starts_with("::"),
        }
    }
}

impl ItemCollector {
    /// Leaves the tests that the arguments name, in their order. `before` is how many functions were known before the module.
    pub(super) fn choose(
        &mut self,
        machine: &mut Machine<'_>,
        module: ModId,
        nodeid: &str,
        before: usize,
        out: &mut ModuleItems,
    ) {
        if self.chosen.is_empty() {
            return;
        }
        let chosen = std::mem::take(&mut self.chosen);
        let start = format!("{nodeid}::");
        let below = |id: &str| id.strip_prefix(&start).unwrap_or_default().to_owned();
        let place = |id: &str| chosen.iter().position(|choice| choice.takes(&below(id)));
        // Of a class that nobody names the names are not looked at.
        if let Some(failed) = &out.failure
            && let Some(node) = &failed.node
        {
            let inside = |choice: &Choice| choice.parts.join("::").starts_with(&below(node));
            if place(node).is_none() && !chosen.iter().any(inside) {
                out.failure = None;
            }
        }
        for choice in &chosen {
            let named = |id: &str| choice.takes(&below(id));
            let listed = out.items.iter().any(|item| named(&item.nodeid));
            let known = choice.parametrization.is_none()
                && self.functions.iter().skip(before).any(|function| named(&function.nodeid));
            let open = out.inexact.is_some() || self.deselected > 0;
            if listed || known || open || choice.found {
                continue;
            }
            let inside = |node: &str| choice.parts.join("::").starts_with(&format!("{}::", below(node)));
            let asked = match &out.failure {
                Some(failed) if failed.node.as_deref().is_none_or(inside) => Some(Asked::Nothing),
                _ => self.asked(machine, module, nodeid, &choice.parts, before),
            };
            self.missed.extend(asked.map(|asked| Missed { argument: choice.argument, asked }));
        }
        let mut items: Vec<(usize, Item)> =
            std::mem::take(&mut out.items).into_iter().filter_map(|item| Some((place(&item.nodeid)?, item))).collect();
        items.sort_by_key(|(place, _)| *place);
        out.items = items.into_iter().map(|(_, item)| item).collect();
        let functions = self.functions.split_off(before);
        let any =
            |id: &str| chosen.iter().any(|choice| Choice { parametrization: None, ..choice.clone() }.takes(&below(id)));
        self.functions.extend(functions.into_iter().filter(|function| any(&function.nodeid)));
        out.reasons.retain(|(id, _)| place(id).is_some());
        self.chosen = chosen;
    }

    /// The same for the examples in docstrings, which another node of the same file holds.
    pub(super) fn choose_examples(&mut self, nodeid: &str, out: &mut ModuleItems) {
        if self.chosen.is_empty() {
            return;
        }
        let start = format!("{nodeid}::");
        let below = |item: &Item| item.nodeid.strip_prefix(&start).unwrap_or_default().to_owned();
        let chosen = &self.chosen;
        out.items.retain(|item| chosen.iter().any(|choice| choice.takes(&below(item))));
        let (items, inexact) = (&out.items, out.inexact.is_some());
        for choice in &mut self.chosen {
            choice.found |= inexact || items.iter().any(|item| choice.takes(&below(item)));
        }
    }

    /// In a module that fails nothing is found.
    pub(super) fn miss_all(&mut self, verdict: &Verdict) {
        let chosen = std::mem::take(&mut self.chosen);
        if matches!(verdict, Verdict::Error(_) | Verdict::Skipped { .. }) {
            let missed = chosen.into_iter().map(|choice| Missed { argument: choice.argument, asked: Asked::Nothing });
            self.missed.extend(missed);
        }
    }

    /// The node whose names were searched last for names that are no test; none if they are a class without tests.
    fn asked(
        &self,
        machine: &mut Machine<'_>,
        module: ModId,
        nodeid: &str,
        parts: &[String],
        before: usize,
    ) -> Option<Asked> {
        let mut inside: Option<(ClassId, &str)> = None;
        let mut id = nodeid.to_owned();
        for part in parts {
            let state = machine.state();
            let value = match inside {
                Some((class, _)) => view::own_attribute(state, class, part).map(|slot| slot.value),
                None => bound(state, state.modules[module].ns, part),
            };
            id = format!("{id}::{part}");
            match value.as_ref().and_then(view::as_class) {
                Some(class) if classes::kind(machine, &self.rules, class, part) != classes::Kind::None => {
                    inside = Some((class, part));
                }
                _ => {
                    let is_test = self.functions.iter().skip(before).any(|function| *function.nodeid == *id);
                    let last = parts.last() == Some(part);
                    return Some(match inside {
                        _ if is_test && !last => Asked::Nothing,
                        Some((_, name)) => Asked::Class(name.to_owned()),
                        None => Asked::Module,
                    });
                }
            }
        }
        None
    }
}

/// pytest's usage error for arguments that lead nowhere; `module` gives the name of an argument's module node.
pub(super) fn refusal(
    version: &PytestVersion,
    missed: &[Missed],
    arguments: &[Argument],
    module: &dyn Fn(&Path) -> String,
) -> Option<String> {
    let mut missed: Vec<&Missed> = missed.iter().collect();
    missed.sort();
    missed.dedup_by_key(|missed| missed.argument);
    let told = |missed: &&Missed| {
        let argument = arguments.get(missed.argument)?;
        let mut shown = format!("{}::{}", argument.path.display(), argument.parts.join("::"));
        if !version.is_at_least(9, 0) {
            shown.push_str(argument.parametrization.as_deref().unwrap_or_default());
        }
        let name = module(&argument.path);
        Some(match &missed.asked {
            _ if !version.is_at_least(8, 0) => {
                format!("not found: {shown}\n(no name '{shown}' in any of [<Module {name}>])")
            }
            Asked::Module => format!("not found: {shown}\n(no match in any of [<Module {name}>])"),
            Asked::Class(class) => format!("not found: {shown}\n(no match in any of [<Class {class}>])"),
            Asked::Nothing => format!("found no collectors for {shown}"),
        })
    };
    let texts: Vec<String> = missed.iter().filter_map(told).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}
