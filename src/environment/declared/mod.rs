//! Dependencies that the project's own files declare, each with its file and line. Files are read as data: `setup.py` is
//! searched for literals, never run.

mod collector;
mod lock;
mod pyproject;
mod requirements_txt;
mod setup;
mod specifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::system::{Kind, System};
use collector::Collector;
pub(super) use specifier::{Target, lower_bound};

/// Dependencies that the project's own files declare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Declared {
    /// The project's own distribution name.
    pub project_name: Option<String>,
    /// `requires-python`.
    pub requires_python: Option<String>,
    /// All declared requirements: those of a package's files first, lock files last.
    pub requirements: Vec<Requirement>,
    /// Files that declare, read or not.
    pub files: Vec<PathBuf>,
    /// Why the list is not all there is: a file computes dependencies, or cannot be read. With a reason here, nothing
    /// can be called undeclared.
    pub incomplete: Option<String>,
}

impl Declared {
    /// Whether the list can be taken for complete: without a declaring file, or with one that computes what it needs,
    /// nothing can be called undeclared.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let tells = |r: &Requirement| !matches!(r.group.as_str(), "tox" | "build") && !is_side_file(&r.file);
        self.incomplete.is_none() && self.requirements.iter().any(tells)
    }
}

/// One declared requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Distribution name as written.
    pub name: String,
    /// Version specifier in PEP 440's terms; may be empty.
    pub specifier: String,
    /// The declaring file.
    pub file: Arc<PathBuf>,
    /// 1-based line, 0 if not known.
    pub line: u32,
    /// `dependencies`, an extra's or group's name, `build`, `lock`; for requirements files their name.
    pub group: String,
    /// The marker as written; may be empty.
    pub marker: String,
    /// Whether the marker holds for the target.
    pub applies: bool,
}

/// Folders below a project that may hold requirements files.
const FOLDERS: &[&str] = &[
    "requirements",
    "requires",
    "reqs",
    "tests",
    "test",
    "ci",
    ".ci",
    "docs",
    "doc",
    "tools",
    "dev",
    "dependencies",
    ".github",
];

/// Reads all declarations in these folders, the nearest first. Markers are not judged yet: the target may depend on what
/// is read here.
pub(super) fn read(system: &dyn System, folders: &[PathBuf], problems: &mut Vec<String>) -> Declared {
    let mut collector = Collector::new(system);
    for folder in folders {
        read_folder(&mut collector, folder);
    }
    collector.finish(problems)
}

/// Judges markers for the target.
pub(super) fn apply(declared: &mut Declared, target: &Target) {
    for requirement in &mut declared.requirements {
        requirement.applies = target.satisfies(&requirement.marker);
    }
}

fn read_folder(collector: &mut Collector, folder: &Path) {
    let Ok(entries) = collector.system.read_dir(folder) else { return };
    pyproject::read(collector, &folder.join("pyproject.toml"));
    for entry in &entries {
        let path = folder.join(&entry.name);
        match entry.name.as_str() {
            "hatch.toml" => pyproject::read_hatch(collector, &path),
            "Pipfile" => pyproject::read_pipfile(collector, &path),
            "setup.cfg" => setup::read_cfg(collector, &path),
            "setup.py" => setup::read_py(collector, &path),
            "tox.ini" => setup::read_tox(collector, &path),
            "environment.yml" | "environment.yaml" | "conda.yml" | "conda.yaml" => lock::read_conda(collector, &path),
            name if is_requirements(name) && entry.kind == Kind::File => requirements_txt::read(collector, &path),
            name if FOLDERS.contains(&name) && entry.kind == Kind::Directory => read_subfolder(collector, &path, name),
            _ => {}
        }
    }
    for name in ["poetry.lock", "uv.lock", "pdm.lock", "pylock.toml"] {
        lock::read_toml(collector, &folder.join(name));
    }
    lock::read_pipfile(collector, &folder.join("Pipfile.lock"));
}

/// Whether a requirements file serves documentation, CI or tools: alone it does not list what the project needs.
fn is_side_file(file: &Path) -> bool {
    let folder = file.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    matches!(folder.as_deref(), Some("docs" | "doc" | "ci" | ".ci" | "tools" | ".github"))
}

fn read_subfolder(collector: &mut Collector, folder: &Path, name: &str) {
    let is_tests = matches!(name, "test" | "tests");
    let whole = matches!(name, "requirements" | "requires" | "reqs" | "dependencies");
    for entry in collector.system.read_dir(folder).unwrap_or_default() {
        let is_text = entry.name.ends_with(".txt") || entry.name.ends_with(".in");
        let fits = is_requirements(&entry.name) || whole && is_text;
        if entry.kind == Kind::File && fits && !entry.name.contains("constraint") {
            requirements_txt::read(collector, &folder.join(&entry.name));
        }
        if entry.kind == Kind::Directory && is_tests {
            read_subfolder(collector, &folder.join(&entry.name), &entry.name);
        }
    }
}

/// `requirements.txt`, `dev-requirements.txt`, `requirements_test.in`, `test-reqs.txt`.
fn is_requirements(name: &str) -> bool {
    let Some((stem, "txt" | "in" | "pip")) = name.rsplit_once('.') else { return false };
    let stem = stem.to_lowercase();
    stem.contains("requirement") || stem.contains("requires") || stem.ends_with("reqs")
}

#[cfg(test)]
mod tests;
