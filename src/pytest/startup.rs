//! What runs between the initial conftests and collection: hooks of the project, and what pytest-django does around them.

use std::path::{Path, PathBuf};

use super::lookup;
use super::run::{Run, last_line};
use crate::base::system::absolute;
use crate::diagnostic::Certainty;
use crate::machine::value::ModId;
use crate::machine::{DJANGO_SETTINGS as SETTINGS_VARIABLE, Modules as _, Outcome, Raised};

/// Module of pytest-django's plugin.
const DJANGO_PLUGIN: &str = "pytest_django.plugin";

impl Run<'_> {
    /// `pytest_configure` and `pytest_sessionstart` of the project's conftests and plugins, the last registered first.
    /// False if the run ends here.
    pub fn run_hooks(&mut self) -> bool {
        if !self.run_hook_of_all("pytest_configure") {
            return false;
        }
        if self.machine.is_loaded(DJANGO_PLUGIN) {
            // Its own hook comes last.
            let _ = self.machine.finish_django();
        }
        self.run_hook_of_all("pytest_sessionstart")
    }

    fn run_hook_of_all(&mut self, name: &str) -> bool {
        for index in (0..self.plugins.len()).rev() {
            let plugin = &self.plugins[index];
            let (module, file) = (plugin.module, plugin.file.clone());
            if file.as_ref().is_some_and(|file| self.world.is_project(file)) {
                match self.run_hook(module, name) {
                    Outcome::Raises(raised) if self.is_fatal(name, &raised) => {
                        self.end_by_hook(raised);
                        return false;
                    }
                    _ => {}
                }
            }
        }
        true
    }

    /// A hook is run for what it leaves behind; of its arguments nothing is known.
    pub fn run_hook(&mut self, module: ModId, name: &str) -> Outcome {
        let hook = lookup::attribute(&self.machine, module, name).map(|slot| slot.value.clone());
        let Some(hook) = hook else { return Outcome::Completes };
        let outcome = self.machine.run_hook(&hook);
        if !matches!(outcome, Outcome::Completes) {
            self.machine.doubt_django();
        }
        outcome
    }

    /// Whether what a hook raises ends the run, in words that are known.
    fn is_fatal(&self, name: &str, raised: &Raised) -> bool {
        let worded = match raised.class.as_str() {
            "Exit" | "UsageError" => name == "pytest_configure",
            "Skipped" | "SystemExit" | "KeyboardInterrupt" => false,
            _ => true,
        };
        worded && raised.certainty == Certainty::Certain && !self.machine.is_repaired(raised)
    }

    fn end_by_hook(&mut self, raised: Box<Raised>) {
        let text = last_line(raised.message.as_deref().unwrap_or_default()).to_owned();
        let file = raised.frames.first().map(|frame| frame.file.clone());
        let abort = self.abort(match raised.class.as_str() {
            "Exit" => format!("startup: Exit: {text}"),
            "UsageError" => format!("startup: ERROR: {text}"),
            class => format!("internal: {class}: {text}"),
        });
        abort.raised = Some(raised);
        abort.file = file;
    }

    /// What pytest-django does before any conftest. False if the run ends here.
    pub fn prepare_django(&mut self) -> bool {
        if !self.machine.is_loaded(DJANGO_PLUGIN) {
            return true;
        }
        let config = &self.world.config;
        if config.flag("django_find_project", true)
            && let Some(directory) = self.django_project()
        {
            self.machine.insert_path(0, &directory);
        }
        let variable = self.world.system.variable(SETTINGS_VARIABLE);
        let given = self.line.value("--ds").map(ToOwned::to_owned).or(variable);
        let settings = given.or_else(|| config.text(SETTINGS_VARIABLE).map(ToOwned::to_owned));
        match self.machine.prepare_django(settings.as_deref().filter(|name| !name.is_empty())) {
            Outcome::Raises(raised) if raised.certainty == Certainty::Certain => {
                let text = last_line(raised.message.as_deref().unwrap_or_default()).to_owned();
                let file = raised.frames.first().map(|frame| frame.file.clone());
                let abort = self.abort(format!("startup: {}: {text}", raised.class));
                abort.raised = Some(raised);
                abort.file = file;
                false
            }
            Outcome::Completes => true,
            _ => {
                self.machine.doubt_django();
                true
            }
        }
    }

    /// The directory of `manage.py`: at an argument, above it, or directly below it.
    fn django_project(&self) -> Option<PathBuf> {
        let config = &self.world.config;
        let is_project = |path: &Path| self.world.system.is_file(&path.join("manage.py"));
        let given = self.line.positional.iter().map(|text| text.split("::").next().unwrap_or(text));
        let mut places: Vec<PathBuf> = given.map(|text| absolute(&config.cwd, Path::new(text))).collect();
        if places.is_empty() {
            places.push(config.cwd.clone());
        }
        for place in &places {
            if is_project(place) {
                return Some(place.clone());
            }
            if let Some(above) = place.ancestors().skip(1).find(|path| is_project(path)) {
                return Some(above.to_path_buf());
            }
        }
        places.iter().find_map(|place| {
            let entries = if self.world.system.is_dir(place) {
                super::discover::list(&*self.world.system, place)
            } else {
                Vec::new()
            };
            entries.into_iter().map(|entry| place.join(entry.name)).find(|path| is_project(path))
        })
    }
}
