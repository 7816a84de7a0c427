//! Finds and reads the files of `blocking.queries`.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};

use crate::base::system::{Kind, System};
use crate::config::settings::{ConfigError, QueryFiles};
use crate::syntax::queries::Patterns;

/// Why patterns cannot be used.
#[derive(Debug)]
pub enum PatternsError {
    /// A glob that no file matches, or that is none; as it is written, and what is wrong with it.
    Glob(String, String),
    /// A file with a mistake in it.
    File(ConfigError),
}

/// Reads the files that these globs match, in order of their paths below each glob.
///
/// # Errors
/// The first glob or file that is wrong.
pub fn read(system: &dyn System, globs: &[QueryFiles]) -> Result<Vec<Patterns>, PatternsError> {
    let mut patterns = Vec::new();
    for glob in globs {
        for path in files(system, glob)? {
            patterns.push(read_file(system, path)?);
        }
    }
    Ok(patterns)
}

fn read_file(system: &dyn System, path: PathBuf) -> Result<Patterns, PatternsError> {
    let failed = |path: &Path, message: String| {
        let path = path.to_path_buf();
        PatternsError::File(ConfigError { path, text: String::new(), span: None, message, help: None })
    };
    let bytes = system.read(&path).map_err(|error| failed(&path, error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed(&path, "queries are UTF-8, and this is not".into()))?;
    Patterns::new(&text).map_err(|error| {
        let (span, message, help) = (Some(error.span), error.message, error.help);
        PatternsError::File(ConfigError { path, text, span, message, help })
    })
}

fn files(system: &dyn System, glob: &QueryFiles) -> Result<Vec<PathBuf>, PatternsError> {
    let text = glob.pattern.to_string_lossy();
    let wrong = |message: String| PatternsError::Glob(glob.written.clone(), message);
    let matcher = GlobBuilder::new(&text).literal_separator(true).build().map_err(|error| wrong(error.to_string()))?;
    let mut found = Vec::new();
    let (start, depth) = fixed_part(&glob.pattern);
    if depth == 0 {
        found.extend(system.is_file(&start).then_some(start));
    } else {
        walk(system, &start, depth, &matcher.compile_matcher(), &mut found);
    }
    if found.is_empty() { Err(wrong("no file matches it".to_owned())) } else { Ok(found) }
}

/// The directory in front of the first part with a wildcard, and how many levels lie below it.
fn fixed_part(pattern: &Path) -> (PathBuf, usize) {
    let parts: Vec<Component<'_>> = pattern.components().collect();
    let wild = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
    let at = parts.iter().position(wild).unwrap_or(parts.len());
    let any_depth = parts.iter().any(|part| part.as_os_str().to_string_lossy().contains("**"));
    let depth = if any_depth { MOST_LEVELS } else { parts.len() - at };
    (parts[..at].iter().collect(), depth)
}

/// `**` looks that deep: symlinks may lead in circles.
const MOST_LEVELS: usize = 16;

fn walk(system: &dyn System, directory: &Path, depth: usize, matcher: &GlobMatcher, found: &mut Vec<PathBuf>) {
    let Ok(mut entries) = system.read_dir(directory) else { return };
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        let path = directory.join(&entry.name);
        match entry.kind {
            Kind::Directory if depth > 1 => walk(system, &path, depth - 1, matcher, found),
            Kind::Directory => {}
            _ if matcher.is_match(&path) && system.is_file(&path) => found.push(path),
            _ => {}
        }
    }
}
