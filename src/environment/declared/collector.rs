//! Gathers requirements from files of all kinds.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Declared, Requirement};
use crate::base::system::{Kind, System};

/// A file larger than this is not written by a person; lock files have their own reader.
const LARGEST: u64 = 16 << 20;

/// What has been read so far.
pub(super) struct Collector<'s> {
    pub(super) system: &'s dyn System,
    pub(super) declared: Declared,
    problems: Vec<String>,
}

/// Where a requirement stands.
pub(super) struct Place<'p> {
    pub(super) file: &'p Arc<PathBuf>,
    pub(super) line: u32,
    pub(super) group: &'p str,
}

/// A requirement taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parsed<'t> {
    pub(super) name: &'t str,
    pub(super) specifier: &'t str,
    pub(super) marker: &'t str,
}

impl<'s> Collector<'s> {
    pub(super) fn new(system: &'s dyn System) -> Self {
        Self { system, declared: Declared::default(), problems: Vec::new() }
    }

    pub(super) fn finish(mut self, problems: &mut Vec<String>) -> Declared {
        problems.append(&mut self.problems);
        if let Some(own) = self.declared.project_name.as_deref().map(crate::environment::normalise) {
            // `mypackage[test]` among a package's own extras is no dependency.
            self.declared.requirements.retain(|r| crate::environment::normalise(&r.name) != own);
        }
        self.declared.requirements.sort_by_key(|r| r.group == "lock");
        self.declared
    }

    /// The text of a declaring file, unless it was read before. A file that is not there is no problem.
    pub(super) fn open(&mut self, path: &Path) -> Option<(Arc<PathBuf>, String)> {
        if self.declared.files.iter().any(|file| file == path) {
            return None;
        }
        // A pipe would never end.
        let metadata = self.system.metadata(path).ok().filter(|metadata| metadata.kind == Kind::File)?;
        self.declared.files.push(path.to_path_buf());
        let bytes = if metadata.len > LARGEST { None } else { self.system.read(path).ok() };
        let Some(bytes) = bytes else {
            self.problem(path, "failed to read");
            return None;
        };
        let text = String::from_utf8_lossy(&bytes);
        Some((Arc::new(path.to_path_buf()), text.trim_start_matches('\u{feff}').to_owned()))
    }

    /// Notes that a file cannot be understood: then the list is not complete.
    pub(super) fn problem(&mut self, path: &Path, what: &str) {
        let text = format!("{what} {}", path.display());
        self.problems.push(text.clone());
        self.declared.incomplete.get_or_insert(text);
    }

    /// Notes that a file holds dependencies that only running it would tell.
    pub(super) fn computed(&mut self, path: &Path) {
        self.declared.incomplete.get_or_insert_with(|| format!("{} computes dependencies", path.display()));
    }

    /// Takes a file back that turned out to declare nothing.
    pub(super) fn declares_nothing(&mut self, path: &Path) {
        self.declared.files.retain(|file| file != path);
    }

    pub(super) fn project_name(&mut self, name: &str) {
        self.declared.project_name.get_or_insert_with(|| name.to_owned());
    }

    pub(super) fn requires_python(&mut self, specifier: &str) {
        self.declared.requires_python.get_or_insert_with(|| specifier.to_owned());
    }

    /// Adds a requirement in PEP 508's form; text that is none is passed over.
    pub(super) fn add(&mut self, text: &str, place: &Place) {
        if let Some(parsed) = parse(text) {
            self.push(parsed.name, parsed.specifier.to_owned(), parsed.marker.to_owned(), place);
        }
    }

    pub(super) fn push(&mut self, name: &str, specifier: String, marker: String, place: &Place) {
        self.declared.requirements.push(Requirement {
            name: name.to_owned(),
            specifier,
            file: Arc::clone(place.file),
            line: place.line,
            group: place.group.to_owned(),
            marker,
            applies: true,
        });
    }
}

/// Takes a requirement apart: name, extras, specifier or URL, marker. Tolerates what pip tolerates.
pub(super) fn parse(text: &str) -> Option<Parsed<'_>> {
    let text = text.split(" #").next().unwrap_or(text).trim();
    let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(length);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || name.ends_with(['-', '.', '_']) {
        return None;
    }
    // A path or URL: `./x`, `git+https://...`, `x/y.whl`, `C:\x`.
    if rest.starts_with(['/', ':', '\\', '+']) || name.ends_with(".whl") || name.ends_with(".tar.gz") {
        return None;
    }
    rest = rest.trim_start();
    if rest.starts_with('[') {
        rest = rest.split_once(']')?.1.trim_start();
    }
    let is_url = rest.starts_with('@');
    // A URL may hold a semicolon; its marker stands behind a space.
    let (specifier, marker) = if is_url { rest.split_once(" ;") } else { rest.split_once(';') }.unwrap_or((rest, ""));
    let specifier = if is_url { "" } else { specifier.trim().trim_start_matches('(').trim_end_matches(')').trim() };
    if !specifier.is_empty() && !specifier.starts_with(['=', '<', '>', '!', '~']) {
        return None;
    }
    Some(Parsed { name, specifier, marker: marker.trim() })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn parts(text: &str) -> Option<(&str, &str, &str)> {
        parse(text).map(|p| (p.name, p.specifier, p.marker))
    }

    #[test]
    fn requirements_come_apart() {
        assert_eq!(parts("requests"), Some(("requests", "", "")));
        assert_eq!(parts("a.b_c[x, y] >=1,<2 ; python_version<'3'"), Some(("a.b_c", ">=1,<2", "python_version<'3'")));
        assert_eq!(parts("a @ https://h/x;y.whl ; os_name=='nt'"), Some(("a", "", "os_name=='nt'")));
        assert_eq!(parts("a (>=1)"), Some(("a", ">=1", "")));
        for none in ["", "./x", "git+https://h/x", "-e .", "https://h/x.whl", "x/y", "# a", "plain words here", "a["] {
            assert_eq!(parts(none), None, "{none}");
        }
    }
}
