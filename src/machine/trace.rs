//! What `why` tells step by step: imports of the project's code, and how each module ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Machine;
use super::log::Throw;
use super::outcome::{Event, Hit};
use super::state::Phase;
use super::value::{ModId, Value};
use crate::base::intern::Name;

impl Machine<'_> {
    /// pytest is about to import a module.
    pub fn trace_asked(&mut self, module: &str, file: Option<&Path>) {
        if self.setup.trace {
            let file = file.map(|file| Arc::new(file.to_path_buf()));
            self.events.push(Event::Asks { module: Name::new(module), file });
        }
    }

    /// Notes an import; false if it is not followed: what packages import of each other is theirs.
    pub(super) fn trace_import(&mut self, module: Name, file: &Arc<PathBuf>, hit: Hit) -> bool {
        if !self.setup.trace {
            return false;
        }
        let by_project = self.frames.last().is_none_or(|frame| self.units[frame.unit].is_project);
        if !by_project && !self.world.is_project(file) {
            return false;
        }
        let frames = self.stack();
        self.events.push(Event::Imports { module, file: Arc::clone(file), hit, frames });
        true
    }

    /// Notes an import that `sys.modules` answers.
    pub(super) fn trace_found(&mut self, name: Name, value: &Value) {
        if !self.setup.trace {
            return;
        }
        let Value::Module(module) = *value else { return };
        let data = &self.state.modules[module];
        let hit = if data.phase == Phase::Loading { Hit::Loading } else { Hit::Loaded };
        if let Some(file) = data.location.source().cloned() {
            self.trace_import(name, &file, hit);
        }
    }

    /// Notes the end of a module whose start was noted.
    pub(super) fn trace_end(&mut self, module: ModId, throw: Option<&Throw>) {
        let data = &self.state.modules[module];
        let slots = self.state.ns(data.ns).iter();
        let public = slots.filter(|(name, slot)| !name.as_str().starts_with('_') && !slot.maybe);
        let names = public.map(|(name, _)| name).collect();
        let raised = throw.map(|throw| Box::new(throw.raised.clone()));
        self.events.push(Event::Ends { module: data.name, names, raised });
    }
}
