//! The one call that reads an environment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::declared::{self, Target};
use super::interpreter::{self, Interpreter};
use super::locate;
use super::provided::Provided;
use super::pth::SiteReader;
use super::{Environment, assumed, distributions};
use crate::base::system::{System, absolute};
use crate::config::settings::PythonChoice;
use crate::python::version::{Platform, PythonVersion};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The directory of the run; absolute.
    pub root: PathBuf,
    /// Which environment.
    pub python: PythonChoice,
    /// Target version, where the user names one.
    pub version: Option<PythonVersion>,
    /// Target platform, where the user names one.
    pub platform: Option<Platform>,
}

/// Reads the environment that the tests would run in. What cannot be read becomes one of its problems.
#[must_use]
pub fn discover(shared: &Arc<dyn System>, request: &Request) -> Environment {
    let system = &**shared;
    let mut environment = Environment {
        provided: Provided::new(Arc::clone(shared)),
        interpreter_platform: Platform::current(),
        platform: request.platform.unwrap_or_else(Platform::current),
        python_path: python_path(system, request),
        ..Environment::default()
    };
    let found = locate::locate(system, request, &mut environment.problems);
    environment.origin.clone_from(&found.origin);
    if let Some(interpreter) = interpreter::read(system, &found, &mut environment.problems) {
        fill(system, &mut environment, interpreter);
    }
    let folders = locate::project_folders(system, &request.root);
    environment.declared = declared::read(system, &folders, &mut environment.problems);
    if !environment.is_found() {
        let project = environment.declared.project_name.as_deref();
        let finders = folders.iter().find_map(|folder| assumed::finder(system, folder, project));
        environment.finders.extend(finders);
    }
    choose_version(system, request, &mut environment);
    let target = Target::new(environment.version, environment.full_version.as_deref(), environment.platform);
    declared::apply(&mut environment.declared, &target);
    environment
}

fn fill(system: &dyn System, environment: &mut Environment, interpreter: Interpreter) {
    environment.installed_version = interpreter.version;
    environment.full_version = interpreter.full_version;
    environment.version_origin = interpreter.version_origin;
    environment.stdlib = interpreter.stdlib;
    environment.interpreter_platform = interpreter.platform;
    let mut reader = SiteReader::new(system, interpreter.version.unwrap_or_default());
    for (directory, origin) in &interpreter.site {
        reader.add_site(directory, origin);
    }
    let contents = reader.finish();
    let mut places: Vec<&Path> = environment.python_path.iter().map(PathBuf::as_path).collect();
    places.extend(contents.site.iter().map(|entry| entry.path.as_path()));
    environment.distributions = distributions::read_all(system, &places, contents.listings);
    environment.site = contents.site;
    environment.finders = contents.finders;
    environment.opaque_finders = contents.opaque;
    environment.shims = contents.shims;
    environment.problems.extend(contents.problems);
    environment.prefix = Some(interpreter.prefix);
}

/// `PYTHONPATH`, made absolute as the interpreter does; empty entries stand for the current directory.
fn python_path(system: &dyn System, request: &Request) -> Vec<PathBuf> {
    let Some(value) = system.variable("PYTHONPATH") else { return Vec::new() };
    if value.is_empty() {
        return Vec::new();
    }
    let separator = if Platform::current() == Platform::Win32 { ';' } else { ':' };
    value.split(separator).map(|entry| absolute(&request.root, Path::new(entry))).collect()
}

/// The target version: what the user says, else the interpreter's, else what the project says, else the default.
fn choose_version(system: &dyn System, request: &Request, environment: &mut Environment) {
    let told = environment.declared.requires_python.as_deref().and_then(declared::lower_bound);
    let (version, origin) = if let Some(version) = request.version {
        (version, "the python-version setting".to_owned())
    } else if let Some(version) = environment.installed_version {
        (version, std::mem::take(&mut environment.version_origin))
    } else if let Some(version) = locate::version_file(system, &request.root) {
        (version, ".python-version".to_owned())
    } else if let Some(version) = told {
        (version, "the lower bound of requires-python".to_owned())
    } else {
        (PythonVersion::default(), "the default".to_owned())
    };
    environment.version = version;
    environment.version_origin = origin;
}
