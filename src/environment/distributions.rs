//! Installed distributions: `.dist-info`, `.egg-info`, `.egg-link`, `.egg`. Names and versions come from directory names;
//! files are opened when something in them is asked for.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::normalise;
use crate::base::system::{Entry, Kind, System, absolute};

/// An installed distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Distribution {
    /// As its directory spells it; `_` may stand for `-`.
    pub name: String,
    /// The normalised name.
    pub key: String,
    /// As its directory or metadata says; empty if nothing does.
    pub version: String,
    /// The `.dist-info` or `.egg-info`.
    pub metadata: PathBuf,
    /// Entry points as (group, name, value).
    pub entry_points: Vec<(String, String, String)>,
    /// Whether it is an editable install.
    pub editable: bool,
    top_level: OnceLock<Vec<String>>,
    display_name: OnceLock<String>,
}

impl Distribution {
    /// Top-level modules it provides, sorted: from `top_level.txt`, else from the record of its files. Read on first use.
    pub(super) fn top_level(&self, system: &dyn System) -> &[String] {
        self.top_level.get_or_init(|| read_top_level(system, &self.metadata))
    }

    /// The name as its metadata spells it (`PyYAML`, `ruamel.yaml`). Read on first use.
    pub(super) fn display_name(&self, system: &dyn System) -> &str {
        self.display_name.get_or_init(|| {
            let text = read_metadata(system, &self.metadata);
            text.as_deref().and_then(|text| header(text, "Name")).map_or_else(|| self.name.clone(), str::to_owned)
        })
    }

    /// The `Requires-Dist` lines of its metadata, as written.
    pub fn requires(&self, system: &dyn System) -> Vec<String> {
        let Some(text) = read_metadata(system, &self.metadata) else { return Vec::new() };
        let headers = text.split("\n\n").next().unwrap_or(&text);
        headers
            .lines()
            .filter_map(|line| line.strip_prefix("Requires-Dist:"))
            .map(|value| value.trim().to_owned())
            .collect()
    }
}

/// All distributions in these directories, sorted by key. The first of a name wins, as on `sys.path`.
///
/// Directories that are listed already are not listed again.
pub(super) fn read_all(
    system: &dyn System,
    directories: &[&Path],
    mut listings: FxHashMap<PathBuf, Vec<Entry>>,
) -> Vec<Distribution> {
    let mut found: Vec<Distribution> = Vec::new();
    let mut known = FxHashSet::default();
    for directory in directories {
        let listed = listings.remove(*directory).unwrap_or_else(|| system.read_dir(directory).unwrap_or_default());
        for entry in listed {
            if let Some(distribution) = read(system, directory, &entry.name, entry.kind)
                && known.insert(distribution.key.clone())
            {
                found.push(distribution);
            }
        }
    }
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn read(system: &dyn System, directory: &Path, name: &str, kind: Kind) -> Option<Distribution> {
    let path = directory.join(name);
    if let Some(stem) = name.strip_suffix(".dist-info") {
        // A directory without METADATA is a leftover of an uninstallation.
        let (name, version) = stem.split_once('-').unwrap_or((stem, ""));
        let entry_points = read_entry_points(system, &path.join("entry_points.txt"));
        let editable = is_editable(system, &path);
        return Some(build(name, version, path, entry_points, editable));
    }
    if let Some(stem) = name.strip_suffix(".egg-info") {
        return Some(egg_info(system, path, stem, kind, false));
    }
    if let Some(stem) = name.strip_suffix(".egg-link") {
        let text = String::from_utf8(system.read(&path).ok()?).ok()?;
        let root = absolute(directory, Path::new(text.lines().next()?.trim()));
        let info = system.read_dir(&root).ok()?.into_iter().find(|entry| {
            entry.name.strip_suffix(".egg-info").is_some_and(|other| normalise(other) == normalise(stem))
        })?;
        return Some(egg_info(system, root.join(&info.name), stem, info.kind, true));
    }
    let stem = name.strip_suffix(".egg").filter(|_| kind == Kind::Directory)?;
    let info = path.join("EGG-INFO");
    system.is_dir(&info).then(|| egg_info(system, info, stem, Kind::Directory, false))
}

/// `name-1.0-py3.8.egg-info`, `name.egg-info`: a directory, or a lone file with the metadata.
fn egg_info(system: &dyn System, path: PathBuf, stem: &str, kind: Kind, editable: bool) -> Distribution {
    let mut parts = stem.split('-');
    let (name, version) = (parts.next().unwrap_or(stem), parts.next().unwrap_or(""));
    let mut version = version.to_owned();
    if version.is_empty()
        && let Some(text) = read_metadata(system, &path)
    {
        version = header(&text, "Version").unwrap_or_default().to_owned();
    }
    let points =
        if kind == Kind::Directory { read_entry_points(system, &path.join("entry_points.txt")) } else { Vec::new() };
    build(name, &version, path, points, editable)
}

fn build(
    name: &str,
    version: &str,
    metadata: PathBuf,
    entry_points: Vec<(String, String, String)>,
    editable: bool,
) -> Distribution {
    let (name, key, version) = (name.to_owned(), normalise(name), version.to_owned());
    Distribution { name, key, version, metadata, entry_points, editable, ..Distribution::default() }
}

/// `direct_url.json` says so.
fn is_editable(system: &dyn System, info: &Path) -> bool {
    let Ok(bytes) = system.read(&info.join("direct_url.json")) else { return false };
    let value: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    value.is_some_and(|v| v["dir_info"]["editable"].as_bool() == Some(true))
}

/// The sections of `entry_points.txt`.
fn read_entry_points(system: &dyn System, path: &Path) -> Vec<(String, String, String)> {
    let Ok(bytes) = system.read(path) else { return Vec::new() };
    let text = String::from_utf8_lossy(&bytes);
    let (mut group, mut found) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.trim().clone_into(&mut group);
        } else if let Some((name, value)) = line.split_once('=') {
            found.push((group.clone(), name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

/// `METADATA`, `PKG-INFO`, or the `.egg-info` file itself.
fn read_metadata(system: &dyn System, path: &Path) -> Option<String> {
    let candidates = [path.join("METADATA"), path.join("PKG-INFO"), path.to_path_buf()];
    let bytes = candidates.iter().find_map(|candidate| system.read(candidate).ok())?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn header<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut lines = text.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

fn read_top_level(system: &dyn System, metadata: &Path) -> Vec<String> {
    let text = |name: &str| system.read(&metadata.join(name)).ok().map(|b| String::from_utf8_lossy(&b).into_owned());
    let mut names: Vec<String> = match text("top_level.txt") {
        Some(text) => text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect(),
        None => text("RECORD").or_else(|| text("installed-files.txt")).map(|t| names_of_record(&t)).unwrap_or_default(),
    };
    names.sort();
    names.dedup();
    names
}

/// Top-level modules among the files of a `RECORD`.
fn names_of_record(text: &str) -> Vec<String> {
    let mut names: Vec<&str> = Vec::new();
    for line in text.lines() {
        let path = line.trim_start_matches('"').split([',', '"']).next().unwrap_or("");
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let module = if rest.is_empty() {
            let (stem, suffix) = first.split_once('.').unwrap_or((first, ""));
            (suffix == "py" || suffix.ends_with("so") || suffix.ends_with("pyd")).then_some(stem)
        } else {
            let importable = rest.ends_with(".py") || rest.ends_with(".so") || rest.ends_with(".pyd");
            (importable && !first.contains('.') && first != "__pycache__").then_some(first)
        };
        if let Some(module) = module.filter(|m| !m.starts_with("__editable__") && names.last() != Some(m)) {
            names.push(module);
        }
    }
    names.into_iter().filter(|name| crate::python::names::is_identifier(name)).map(str::to_owned).collect()
}
