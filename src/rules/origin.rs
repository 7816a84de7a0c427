//! Whose module a name is: the project's, the standard library's, or somebody else's.

use std::path::{Path, PathBuf};

use super::Facts;
use crate::environment::{Requirement, normalise};
use crate::python::distributions;
use crate::python::location::Location;
use crate::python::replacements::is_python_2_module;
use crate::python::stdlib;

/// Who a top-level module belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Its files lie in the tree.
    Project,
    /// Some version's standard library has it.
    Stdlib,
    /// A distribution provides it, or nobody does.
    ThirdParty,
}

/// The part before the first dot.
#[must_use]
pub fn top_level(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Who a top-level module belongs to: to the owner of what an import finds; a name that nothing provides to the
/// library whose version differs, to the project that has it in a usual place, or to a third party.
#[must_use]
pub fn of(facts: &Facts, top: &str) -> Origin {
    let found = facts.source.find(facts.search_directories(), top);
    match found {
        Location::Package { init: file, .. } | Location::Module(file) | Location::Extension { file, .. } => {
            return if facts.source.is_project(&file) { Origin::Project } else { Origin::ThirdParty };
        }
        Location::Namespace(portions) => {
            let ours = portions.iter().any(|portion| facts.source.is_project(portion));
            return if ours { Origin::Project } else { Origin::ThirdParty };
        }
        Location::Stdlib(_) => return Origin::Stdlib,
        Location::Opaque(_) | Location::Missing => {}
    }
    if stdlib::is_stdlib_name(top) || is_python_2_module(top) {
        Origin::Stdlib
    } else if facts.source.find_late(top).source().is_some_and(|file| facts.source.is_project(file))
        || in_usual_place(facts, top)
    {
        Origin::Project
    } else {
        Origin::ThirdParty
    }
}

/// Whether the tree has the package or module at its root, or where packages are kept.
fn in_usual_place(facts: &Facts, top: &str) -> bool {
    ["", "src", "lib", "python"].iter().any(|place| {
        let directory = facts.root.join(place);
        let is_package = facts.source.is_file(&directory.join(top).join("__init__.py"));
        is_package || facts.source.is_file(&directory.join(format!("{top}.py")))
    })
}

/// Whether the import name looks like the project's own though nothing in the tree has it.
#[must_use]
pub fn sounds_like_project(facts: &Facts, top: &str) -> bool {
    facts.environment.sounds_like_project(top)
}

/// Directories of the tree from which the whole dotted name could be imported, the likeliest first.
#[must_use]
pub fn directories_with(facts: &Facts, wanted: &str) -> Vec<PathBuf> {
    let tail: PathBuf = wanted.split('.').collect();
    let (module, package) = (tail.with_extension("py"), tail.join("__init__.py"));
    let mut found: Vec<PathBuf> = Vec::new();
    for file in facts.project_files() {
        let is_it = file.ends_with(&module) || file.ends_with(&package);
        let depth = tail.components().count() + usize::from(file.ends_with(&package));
        let Some(directory) = is_it.then(|| file.ancestors().nth(depth)).flatten() else { continue };
        if !found.iter().any(|known| known == directory) {
            found.push(directory.to_path_buf());
        }
    }
    found.retain(|directory| !facts.source.is_file(&directory.join("__init__.py")) && !is_aside(facts, directory));
    found.sort_by_key(|directory| (rank(directory), directory.components().count(), directory.clone()));
    found
}

/// Examples and documentation hold files of any name; nobody means them.
fn is_aside(facts: &Facts, directory: &Path) -> bool {
    let below = directory.strip_prefix(facts.root).unwrap_or(directory);
    let aside = ["example", "doc", "sample", "demo", "vendor", "third_party", "template", "fixture"];
    below.iter().filter_map(std::ffi::OsStr::to_str).any(|part| aside.iter().any(|word| part.contains(word)))
}

/// `src` and its kin are where packages are kept.
fn rank(directory: &Path) -> u8 {
    let name = directory.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or("");
    u8::from(!matches!(name, "src" | "lib" | "python"))
}

/// The distribution of a module whose package many distributions share, by more of its name.
#[must_use]
pub fn distribution_of_part(wanted: &str) -> Option<String> {
    let mut parts = wanted.split('.');
    let (top, second, third) = (parts.next()?, parts.next()?, parts.next());
    match (top, second, third) {
        ("google", "cloud", Some(product)) => {
            Some(format!("google-cloud-{}", product.trim_end_matches("_v1").replace('_', "-")))
        }
        ("google", "protobuf", _) => Some("protobuf".to_owned()),
        ("google", "auth" | "oauth2", _) => Some("google-auth".to_owned()),
        ("google", "api_core", _) => Some("google-api-core".to_owned()),
        ("azure", product, Some(part)) => Some(format!("azure-{product}-{}", part.replace('_', "-"))),
        ("azure" | "zope" | "ruamel" | "backports" | "opentelemetry", part, _) => {
            let joint = if matches!(top, "azure" | "opentelemetry") { "-" } else { "." };
            Some(format!("{top}{joint}{}", part.replace('_', "-")))
        }
        _ => None,
    }
}

/// Distributions that are known to provide a module, the likeliest first: what the settings say, what is installed,
/// what everybody knows.
#[must_use]
pub fn distributions(facts: &Facts, top: &str) -> Vec<String> {
    let mapped = facts.settings.module_map.iter().filter(|(module, _)| module == top);
    let mut found: Vec<String> = mapped.map(|(_, distribution)| distribution.clone()).collect();
    found.extend(facts.environment.providers(top).map(|d| facts.environment.display_name(d).to_owned()));
    found.extend(distributions::of(top).iter().map(|name| (*name).to_owned()));
    found
}

/// The declared requirement that provides a module, if there is one.
#[must_use]
pub fn requirement<'a>(facts: &'a Facts, top: &str) -> Option<&'a Requirement> {
    let known: Vec<String> = distributions(facts, top).iter().map(|name| normalise(name)).collect();
    let module = normalise(top);
    let provides = |r: &&Requirement| {
        let name = normalise(&r.name);
        known.contains(&name) || distributions::resembles(&name, &module)
    };
    let requirements = &facts.environment.declared.requirements;
    requirements.iter().find(|r| r.group != "lock" && provides(r)).or_else(|| requirements.iter().find(provides))
}

/// `declared in pyproject.toml:12 (extra test)` or that nothing declares it.
#[must_use]
pub fn declared_fact(facts: &Facts, top: &str) -> Option<String> {
    if !facts.environment.declared.is_known() {
        return None;
    }
    let Some(requirement) = requirement(facts, top) else { return Some("nowhere".to_owned()) };
    let line = if requirement.line > 0 { format!(":{}", requirement.line) } else { String::new() };
    let group = match requirement.group.as_str() {
        "dependencies" | "" => String::new(),
        group => format!(" ({group})"),
    };
    let applies = if requirement.applies { "" } else { ", whose marker leaves it out here" };
    Some(format!("{} in {}{line}{group}{applies}", requirement.name, facts.shown(&requirement.file)))
}

/// The installed distribution that provides a module, with its version.
#[must_use]
pub fn installed(facts: &Facts, top: &str) -> Option<(String, String)> {
    let found = facts.environment.providers(top).next()?;
    Some((facts.environment.display_name(found).to_owned(), found.version.clone()))
}
