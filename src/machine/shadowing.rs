//! Hints at files that stand in front of a module of the same name (spec: python-import.md section 5, "Shadowing hints"): from 3.13 on
//! they take the place of "most likely due to a circular import".

use std::path::Path;

use super::Machine;
use super::state::Phase;
use super::value::ModId;
use crate::base::intern::Name;
use crate::python::stdlib;
use crate::python::version::PythonVersion;

impl Machine<'_> {
    /// What 3.13 says of `module.name` where the module's file may shadow another module.
    pub(super) fn shadowing_attribute(&self, module: ModId, name: Name) -> Option<String> {
        let hint = self.shadowing_hint(module, PythonVersion::three(13))?;
        Some(format!("module '{}' has no attribute '{name}' ({hint})", self.module_name(module)))
    }

    /// What 3.14 says of `from module import name` there.
    pub(super) fn shadowing_name(&self, module: ModId, name: Name) -> Option<String> {
        let hint = self.shadowing_hint(module, PythonVersion::three(14))?;
        Some(format!("cannot import name '{name}' from '{}' ({hint})", self.module_name(module)))
    }

    fn shadowing_hint(&self, module: ModId, since: PythonVersion) -> Option<String> {
        let start = self.setup.start_directory.as_ref().filter(|_| self.setup.version >= since)?;
        let file = self.file_text(module)?;
        let path = Path::new(&file);
        let mut directory = path.parent()?;
        if path.file_name()? == "__init__.py" {
            directory = directory.parent()?;
        }
        if directory != start {
            return None;
        }
        let own = self.module_name(module);
        // 3.13.0 had other words.
        let first = self.setup.version == PythonVersion::three(13) && self.setup.is_first_release;
        let what = if stdlib::is_stdlib_name(&own) {
            let prevents = if first {
                "the import system gives it precedence"
            } else {
                "prevents importing that standard library module"
            };
            format!("since it has the same name as the standard library module named '{own}' and {prevents}")
        } else if self.state.modules[module].phase == Phase::Loading {
            let meant = if first { "a third-party module" } else { "a library" };
            format!("if it has the same name as {meant} you intended to import")
        } else {
            return None;
        };
        Some(format!("consider renaming '{file}' {what}"))
    }
}
