//! Where pytest's own fixtures are written, for the one project of which they are a part: pytest itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::fixtures::{FixtureDef, Scope};
use super::verdict::FixtureReport;
use crate::base::intern::Name;
use crate::machine::{Machine, Modules};
use crate::python::location::Location;
use crate::summary::DefinitionKind;
use crate::world::World;

/// Modules of pytest that define fixtures.
const PLUGINS: &[&str] = &[
    "cacheprovider",
    "capture",
    "doctest",
    "fixtures",
    "junitxml",
    "legacypath",
    "logging",
    "monkeypatch",
    "pytester",
    "recwarn",
    "subtests",
    "tmpdir",
];

/// Fixtures that pytest makes up, the module and the function inside it that each of them calls.
const MADE: &[(&str, &str, &str)] = &[
    ("_xunit_setup_module_fixture", "python", "xunit_setup_module_fixture"),
    ("_xunit_setup_function_fixture", "python", "xunit_setup_function_fixture"),
    ("_xunit_setup_class_fixture", "python", "xunit_setup_class_fixture"),
    ("_xunit_setup_method_fixture", "python", "xunit_setup_method_fixture"),
    ("_unittest_setUpClass_fixture", "unittest", "unittest_setup_class_fixture"),
    ("_unittest_setup_method_fixture", "unittest", "unittest_setup_method_fixture"),
];

/// Files and lines by name of the fixture.
pub(super) struct Places(FxHashMap<Name, (Arc<PathBuf>, u32)>);

impl Places {
    /// None if pytest is installed, as it is nearly everywhere.
    pub fn find(world: &World, machine: &Machine<'_>) -> Option<Self> {
        let Location::Package { directory, .. } = world.find(&machine.path(), "_pytest") else { return None };
        if !world.is_project(&directory) {
            return None;
        }
        let mut found = FxHashMap::default();
        for module in PLUGINS {
            note_written(world, &directory.join(format!("{module}.py")), &mut found);
        }
        for (fixture, module, function) in MADE {
            let file = directory.join(format!("{module}.py"));
            let Some(summary) = world.whole(&file) else { continue };
            let made = summary.definitions.iter().find(|definition| {
                matches!(definition.kind, DefinitionKind::Function { .. }) && summary.text(definition.name) == *function
            });
            if let Some(made) = made {
                found.insert(Name::new(fixture), (Arc::new(file), summary.line(made.span.start)));
            }
        }
        Some(Self(found))
    }

    /// One of pytest's fixtures, as it is registered.
    pub fn report(&self, definition: &FixtureDef) -> Option<FixtureReport> {
        let (file, line) = self.0.get(&definition.name).cloned()?;
        let name = if definition.generated { made_name(definition) } else { definition.name };
        Some(FixtureReport {
            name,
            baseid: Arc::clone(&definition.baseid),
            file,
            line,
            scope: definition.scope.map(Scope::as_str),
            autouse: definition.autouse,
        })
    }
}

fn note_written(world: &World, file: &Path, found: &mut FxHashMap<Name, (Arc<PathBuf>, u32)>) {
    let Some(summary) = world.summary(file) else { return };
    let file = Arc::new(file.to_path_buf());
    for fixture in &summary.items.fixtures {
        let name = Name::new(summary.text(fixture.name));
        found.entry(name).or_insert_with(|| (Arc::clone(&file), summary.line(fixture.span.start)));
    }
}

/// The name that pytest gives it: with that of the class or module at its end.
fn made_name(definition: &FixtureDef) -> Name {
    let owner = match definition.baseid.split_once("::") {
        Some((_, classes)) => classes.replace("::", "."),
        None => Path::new(&*definition.baseid).file_stem().unwrap_or_default().to_string_lossy().into_owned(),
    };
    Name::new(&format!("{}_{owner}", definition.name))
}
