//! Looks for modules as the run's later imports would, statically: for imports that did not run.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Facts;
use crate::graph::Source;
use crate::machine::Event;
use crate::python::location::Location;
use crate::python::stdlib;

/// What a dotted name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// It is there.
    Found,
    /// The first part that is not there.
    Missing(String),
    /// Something that cannot be read may provide it.
    Unknown,
}

/// Directories that imports search when collection is done: those of `sys.path`, and those from which files ran.
#[must_use]
pub fn directories(facts: &Facts) -> Vec<Arc<PathBuf>> {
    search_directories(facts.source, &facts.collection.events)
}

/// The same before there are facts.
#[must_use]
pub fn search_directories(source: &dyn Source, events: &[Event]) -> Vec<Arc<PathBuf>> {
    let mut found: Vec<Arc<PathBuf>> = Vec::new();
    let mut known: FxHashSet<Arc<PathBuf>> = FxHashSet::default();
    for event in events {
        if let Event::Executes { module, file, .. } = event
            && source.is_project(file)
            && let Some(base) = crate::graph::base_of(file, module.as_str())
            && !known.contains(&base)
        {
            let base = Arc::new(base);
            known.insert(Arc::clone(&base));
            found.push(base);
        }
    }
    found.extend(source.search_path());
    found
}

/// Where the name leads.
#[must_use]
pub fn locate(facts: &Facts, name: &str) -> Located {
    let directories = facts.search_directories();
    let environment = facts.environment;
    if stdlib::exists(name, environment.version, environment.platform) {
        return Located::Found;
    }
    let mut parts = name.split('.');
    let top = parts.next().unwrap_or(name);
    if stdlib::exists(top, environment.version, environment.platform) || facts.source.is_assumed(top) {
        return Located::Unknown;
    }
    let mut reached = top.to_owned();
    let mut location = facts.source.find(directories, top);
    if !location.is_found() {
        location = facts.source.find_late(top);
    }
    for part in parts {
        let inside = match location {
            Location::Package { directory, .. } => vec![directory],
            Location::Namespace(portions) => portions.iter().cloned().map(Arc::new).collect(),
            Location::Missing => return Located::Missing(reached),
            Location::Module(_) | Location::Extension { .. } | Location::Stdlib(_) | Location::Opaque(_) => {
                return Located::Unknown;
            }
        };
        reached = format!("{reached}.{part}");
        location = facts.source.find(&inside, part);
    }
    match location {
        Location::Missing => Located::Missing(reached),
        Location::Opaque(_) => Located::Unknown,
        _ => Located::Found,
    }
}
