//! Finds the configuration file that is nearest to the project, and reads it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, KEYS, Value, Wrong};
use super::{ConfigError, Settings};
use crate::base::system::{System, absolute};

/// Names of configuration files within one directory, strongest first.
pub const FILE_NAMES: &[&str] = &[".precollect.toml", "precollect.toml", "pyproject.toml"];

/// Settings, and where each came from.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// Key to where it was set.
    pub origins: BTreeMap<&'static str, Origin>,
    /// The file that was read, if any; those that it extends are behind it.
    pub files: Vec<PathBuf>,
}

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// A file with its line, `--config`, or an option.
    pub name: String,
    /// The value as it is written there.
    pub written: String,
    /// The text that it stands in, with its place there.
    place: Option<(PathBuf, Arc<str>, Range<usize>)>,
}

impl Origin {
    /// An option of the command line.
    #[must_use]
    pub fn option(name: &str, written: &str) -> Self {
        Self { name: name.to_string(), written: written.to_string(), place: None }
    }

    /// An error about a word of the value, if the word stands in it.
    #[must_use]
    pub fn error(&self, word: &str, message: String, help: Option<String>) -> Option<ConfigError> {
        let (path, text, span) = self.place.as_ref()?;
        // The span of a table under a heading ends with the heading.
        let value = text.get(span.start..)?;
        let quoted = [format!("\"{word}\""), format!("'{word}'")];
        let at = quoted.iter().find_map(|quoted| value.find(quoted.as_str())).map(|at| at + 1);
        let at = span.start + at.or_else(|| value.find(word))?;
        let span = Some(at..at + word.len());
        Some(ConfigError { path: path.clone(), text: text.to_string(), span, message, help })
    }
}

/// Finds and reads the configuration that holds for `root`: the nearest directory, from there upwards, that has one.
///
/// # Errors
/// The first thing that is wrong in it.
pub fn discover(system: &dyn System, root: &Path) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded::default();
    for directory in root.ancestors() {
        for name in FILE_NAMES {
            let path = directory.join(name);
            if system.is_file(&path) && read_into(system, &path, &[], &mut loaded)? {
                return Ok(loaded);
            }
        }
    }
    Ok(loaded)
}

/// Reads one named file (`--config FILE`).
///
/// # Errors
/// The first thing that is wrong in it.
pub fn read(system: &dyn System, path: &Path) -> Result<Loaded, ConfigError> {
    let mut loaded = Loaded::default();
    read_into(system, path, &[], &mut loaded)?;
    Ok(loaded)
}

/// Applies one `KEY=VALUE` of the command line. A value that is no TOML is taken as a string.
///
/// # Errors
/// What is wrong with key or value.
pub fn apply_inline(text: &str, base: &Path, loaded: &mut Loaded) -> Result<(), ConfigError> {
    let source = Source { path: PathBuf::from("--config"), text, base };
    let quoted = match text.split_once('=') {
        Some((key, value)) if DeTable::parse(text).is_err() => format!("{} = {value:?}", key.trim()),
        _ => text.to_string(),
    };
    let Ok(document) = DeTable::parse(&quoted) else {
        return Err(source.error(Wrong {
            span: 0..text.len(),
            message: format!("expected KEY=VALUE, found `{text}`"),
            help: None,
        }));
    };
    let as_typed = |mut wrong: Wrong| {
        wrong.span = wrong.span.start.min(text.len())..wrong.span.end.min(text.len());
        source.error(wrong)
    };
    let values = Source { path: source.path.clone(), text: &quoted, base };
    apply(document.get_ref(), "", &values, "--config", loaded).map_err(as_typed)
}

struct Source<'a> {
    path: PathBuf,
    text: &'a str,
    base: &'a Path,
}

impl Source<'_> {
    fn origin(&self, name: &str, span: Range<usize>) -> Origin {
        let written = self.text.get(span.clone()).unwrap_or("").to_string();
        let is_file = !name.starts_with("--");
        let line = self.text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
        let name = if is_file { format!("{name}:{line}") } else { name.to_string() };
        Origin { name, written, place: Some((self.path.clone(), self.text.into(), span)) }
    }

    fn error(&self, wrong: Wrong) -> ConfigError {
        ConfigError {
            path: self.path.clone(),
            text: self.text.to_string(),
            span: Some(wrong.span),
            message: wrong.message,
            help: wrong.help,
        }
    }
}

/// Whether the file holds a configuration: any of our own files does, a `pyproject.toml` only with our table. `below` are
/// the files that extend it, outermost first.
fn read_into(system: &dyn System, path: &Path, below: &[PathBuf], loaded: &mut Loaded) -> Result<bool, ConfigError> {
    let text = text_of(system, path)?;
    let base = path.parent().unwrap_or(path);
    let source = Source { path: path.to_path_buf(), text: &text, base };
    let document = DeTable::parse(&text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        source.error(Wrong { span, message: format!("this is not TOML: {}", error.message()), help: None })
    })?;
    let table = if path.file_name().is_some_and(|name| name == "pyproject.toml") {
        match our_table(document.get_ref()) {
            Some(value) => value.map_err(|wrong| source.error(wrong))?,
            None => return Ok(false),
        }
    } else {
        document.get_ref()
    };
    loaded.files.push(path.to_path_buf());
    if let Some(value) = table.get("extend") {
        extend(system, &source, value, below, loaded)?;
    }
    apply(table, "", &source, &path.to_string_lossy(), loaded).map_err(|wrong| source.error(wrong))?;
    Ok(true)
}

fn text_of(system: &dyn System, path: &Path) -> Result<String, ConfigError> {
    let unreadable = |message: String| ConfigError {
        path: path.to_path_buf(),
        text: String::new(),
        span: None,
        message,
        help: None,
    };
    let bytes = system.read(path).map_err(|error| unreadable(error.to_string()))?;
    match std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)) {
        Ok(text) => Ok(text.to_string()),
        Err(_) => Err(unreadable("TOML is UTF-8, and this file is not".into())),
    }
}

/// Reads the file that `extend` names first, so that what stands in this one is stronger.
fn extend(
    system: &dyn System,
    source: &Source<'_>,
    value: &Spanned<DeValue<'_>>,
    below: &[PathBuf],
    loaded: &mut Loaded,
) -> Result<(), ConfigError> {
    let wrong = |message: String, help: Option<String>| source.error(Wrong { span: value.span(), message, help });
    let Some(name) = value.get_ref().as_str() else {
        return Err(wrong("`extend`: expected a path as a string".into(), None));
    };
    let path = absolute(source.base, Path::new(name));
    let chain: Vec<PathBuf> = below.iter().cloned().chain([source.path.clone()]).collect();
    if let Some(at) = chain.iter().position(|known| *known == path) {
        let names: Vec<_> = chain[at..].iter().chain([&path]).map(|path| path.to_string_lossy()).collect();
        return Err(wrong(format!("`extend` leads in a circle: {}", names.join(" extends ")), None));
    }
    if !system.is_file(&path) {
        return Err(wrong(format!("`extend`: failed to find {}", path.display()), None));
    }
    if !read_into(system, &path, &chain, loaded)? {
        let help = "put the settings under [tool.precollect]".to_string();
        return Err(wrong(format!("`extend`: {} has no [tool.precollect]", path.display()), Some(help)));
    }
    Ok(())
}

fn our_table<'t, 'i>(document: &'t DeTable<'i>) -> Option<Result<&'t DeTable<'i>, Wrong>> {
    let tool = document.get("tool")?.get_ref().as_table()?;
    let ours = tool.get("precollect")?;
    let wrong = || Wrong { span: ours.span(), message: "`tool.precollect` is not a table".into(), help: None };
    Some(ours.get_ref().as_table().ok_or_else(wrong))
}

fn apply(
    table: &DeTable<'_>,
    prefix: &str,
    source: &Source<'_>,
    origin: &str,
    loaded: &mut Loaded,
) -> Result<(), Wrong> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let name = format!("{prefix}{}", key.get_ref());
        if let Some(known) = keys::find(&name) {
            (known.set)(&mut loaded.settings, &Value { value, base: source.base })
                .map_err(|wrong| named(known.name, wrong))?;
            loaded.origins.insert(known.name, source.origin(origin, value.span()));
        } else if let Some(nested) = nested(&name, value) {
            apply(nested, &format!("{name}."), source, origin, loaded)?;
        } else {
            return Err(unknown(&name, key.span()));
        }
    }
    Ok(())
}

fn named(key: &str, wrong: Wrong) -> Wrong {
    Wrong { message: format!("`{key}`: {}", wrong.message), ..wrong }
}

fn nested<'t, 'i>(name: &str, value: &'t Spanned<DeValue<'i>>) -> Option<&'t DeTable<'i>> {
    let prefix = format!("{name}.");
    KEYS.iter().any(|key| key.name.starts_with(&prefix)).then(|| value.get_ref().as_table())?
}

fn unknown(name: &str, span: std::ops::Range<usize>) -> Wrong {
    let nearest = KEYS.iter().map(|key| (strsim::damerau_levenshtein(key.name, name), key.name)).min();
    let help = match nearest {
        Some((distance, key)) if distance <= 2.max(name.len() / 3) => format!("did you mean `{key}`?"),
        _ => "`precollect config` lists the keys".into(),
    };
    Wrong { span, message: format!("there is no key `{name}`"), help: Some(help) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::base::system::MemorySystem;
    use crate::config::settings::{Format, Output, PythonChoice};
    use crate::diagnostic::Severity;

    fn load(files: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        discover(&MemorySystem::new("/home/project", files), Path::new("/home/project"))
    }

    #[test]
    fn every_example_is_read_by_its_own_key() {
        for key in KEYS {
            let mut loaded = Loaded::default();
            let result = apply_inline(&format!("{} = {}", key.name, key.example), Path::new("/p"), &mut loaded);
            assert_eq!(result.err(), None, "{}", key.name);
            assert_eq!(loaded.origins.keys().copied().collect::<Vec<_>>(), [key.name]);
            let silent = key.name == "extend";
            assert_eq!(loaded.settings == Settings::default(), silent, "{}: an example says something", key.name);
        }
    }

    #[test]
    fn a_whole_table_is_read() {
        let text = r#"
[tool.precollect]
python = "env"
select = ["IMP", "missing-name"]
fail-on = "error"
output-format = ["concise", "sarif=out.sarif"]
severity = { CYC002 = "error" }
[tool.precollect.per-file-ignores]
"z/**" = ["IMP"]
"a/**" = ["ENV"]
[tool.precollect.blocking]
sleep-limit = 2
"#;
        let settings = load(&[("pyproject.toml", text)]).expect("is valid").settings;
        assert_eq!(settings.python, PythonChoice::Path("/home/project/env".into()));
        assert_eq!(settings.select, ["IMP", "missing-name"]);
        assert_eq!(settings.fails_on(), Severity::Error);
        let formats: Vec<_> = settings.output_format.iter().map(|o| o.format).collect();
        assert_eq!(formats, [Format::Concise, Format::Sarif]);
        assert_eq!(settings.output_format[1], Output { format: Format::Sarif, file: Some("out.sarif".into()) });
        let globs: Vec<_> = settings.per_file_ignores.iter().map(|(glob, _)| glob.as_str()).collect();
        assert_eq!(globs, ["z/**", "a/**"], "the order of the file is kept");
        assert!((settings.blocking.sleep_limit - 2.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_nearest_file_wins_and_a_foreign_pyproject_is_passed_over() {
        let outer = ("../precollect.toml", "ignore = [\"OUTER\"]");
        let foreign = ("pyproject.toml", "[tool.other]\nx = 1");
        assert_eq!(load(&[outer, foreign]).expect("is valid").settings.ignore, ["OUTER"]);
        let inner = (".precollect.toml", "ignore = [\"INNER\"]");
        assert_eq!(load(&[outer, inner, ("precollect.toml", "x = 1")]).expect("is valid").settings.ignore, ["INNER"]);
    }

    #[test]
    fn a_file_extends_another() {
        let base = ("../base.toml", "ignore = ['A']\nselect = ['S']\nextend-select = ['X']\nexclude = ['a']\n");
        let own =
            ("pyproject.toml", "[tool.precollect]\nextend = '../base.toml'\nignore = ['B']\nextend-select = ['Y']\n");
        let loaded = load(&[base, own]).expect("is valid");
        let settings = loaded.settings;
        assert_eq!((settings.ignore, settings.select), (vec!["B".to_string()], vec!["S".to_string()]));
        assert_eq!(settings.extend_select, ["X", "Y"], "what extends adds up");
        assert_eq!(loaded.origins["select"].name, "/home/base.toml:2");
        assert_eq!(loaded.origins["ignore"].name, "/home/project/pyproject.toml:3");
        assert_eq!(loaded.files, [Path::new("/home/project/pyproject.toml"), Path::new("/home/base.toml")]);
    }

    #[test]
    fn a_circle_of_extended_files_is_named() {
        let a = ("precollect.toml", "extend = 'b.toml'");
        let error = load(&[a, ("b.toml", "extend = 'c.toml'"), ("c.toml", "\nextend = 'b.toml'")]).expect_err("circle");
        assert_eq!(error.path, Path::new("/home/project/c.toml"));
        let circle = "/home/project/b.toml extends /home/project/c.toml extends /home/project/b.toml";
        assert_eq!(error.message, format!("`extend` leads in a circle: {circle}"));
        assert_eq!(&error.text[error.span.expect("has a place")], "'b.toml'");
        let error = load(&[("precollect.toml", "extend = 'nowhere.toml'")]).expect_err("is not there");
        assert_eq!(error.message, "`extend`: failed to find /home/project/nowhere.toml");
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = load(&[("precollect.toml", "[blocking]\nslep-limit = 1")]).expect_err("no such key");
        assert_eq!(error.message, "there is no key `blocking.slep-limit`");
        assert_eq!(error.help.as_deref(), Some("did you mean `blocking.sleep-limit`?"));
        assert_eq!(&error.text[error.span.expect("has a place")], "slep-limit");
    }

    #[test]
    fn wrong_values_are_pointed_at() {
        for (text, at, message) in [
            ("select = 3", "3", "`select`: expected a list of strings, found an integer"),
            ("fail-on = 'never'", "'never'", "`fail-on`: expected `error`, `warning` or `info`, found `never`"),
            ("select = ['A', 1]", "1", "`select`: expected a string, found an integer"),
            ("preview = 'yes'", "'yes'", "`preview`: expected true or false, found a string"),
            ("python-version = 'x'", "'x'", "`python-version`: failed to read \"x\" as a Python version such as 3.11"),
        ] {
            let error = load(&[("precollect.toml", text)]).expect_err(text);
            assert_eq!((&error.text[error.span.clone().expect(text)], error.message.as_str()), (at, message));
        }
    }

    #[test]
    fn what_is_not_toml_is_said_once_with_its_place() {
        let error = load(&[("pyproject.toml", "[tool.precollect]\nselect = [\n")]).expect_err("is broken");
        assert!(error.message.starts_with("this is not TOML: "), "{}", error.message);
        assert!(error.span.is_some());
    }

    #[test]
    fn inline_values_need_no_quotes() {
        let mut loaded = Loaded::default();
        apply_inline("fail-on=error", Path::new("/p"), &mut loaded).expect("a bare word is a string");
        assert_eq!(loaded.settings.fails_on(), Severity::Error);
        let error = apply_inline("fail-in=error", Path::new("/p"), &mut loaded).expect_err("no such key");
        assert_eq!(error.help.as_deref(), Some("did you mean `fail-on`?"));
    }
}
