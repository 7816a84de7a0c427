//! pytest's configuration: rootdir, configuration file, command line (spec: pytest-collection.md sections 1 and 2).
//!
//! What plugins and conftests add to the parser is not known here: [`PytestConfig::command_line`] takes it.

pub mod declared;
pub mod files;
pub mod iniconfig;
pub mod keys;
pub mod options;
pub mod rootdir;
pub mod text;

use std::fmt;
use std::path::{Path, PathBuf};

use self::files::Values;
use self::options::{CommandLine, OptionSpec};
use crate::base::system::{System, absolute};

/// One value of a configuration file.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// From an ini file, `ini_options` or `-o`.
    Text(String),
    /// An array in `ini_options`.
    List(Vec<String>),
    /// From a native TOML table.
    Native(toml::Value),
}

impl Value {
    /// A value of `ini_options`: arrays stay, everything else becomes `str(value)`.
    fn of_ini_options(value: &toml::Value) -> Self {
        match value {
            toml::Value::Array(items) => Self::List(items.iter().map(python_text).collect()),
            other => Self::Text(python_text(other)),
        }
    }
}

/// `str(value)` of what a TOML value is in Python.
fn python_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Boolean(true) => "True".to_owned(),
        toml::Value::Boolean(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// Why pytest stops before it looks at anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A usage error (exit 4) as opposed to an uncaught exception.
    pub is_usage: bool,
    /// pytest's text, without `ERROR: `.
    pub text: String,
}

impl Refusal {
    /// `pytest.UsageError`
    #[must_use]
    pub const fn usage(text: String) -> Self {
        Self { is_usage: true, text }
    }

    /// Another exception, its class in front.
    #[must_use]
    pub const fn startup(text: String) -> Self {
        Self { is_usage: false, text }
    }
}

/// pytest's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PytestVersion {
    /// As its distribution says: `8.4.2`.
    pub text: String,
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl PytestVersion {
    /// Reads `8.4.2`; the newest version that is known for a text that is none.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut parts = text.split('.');
        let mut number = || parts.next().and_then(|p| p.parse().ok());
        match number() {
            Some(major) => Self { text: text.to_owned(), major, minor: number().unwrap_or(0) },
            None => Self::default(),
        }
    }

    /// Whether it is at least this one.
    #[must_use]
    pub const fn is_at_least(&self, major: u32, minor: u32) -> bool {
        self.major > major || self.major == major && self.minor >= minor
    }
}

impl Default for PytestVersion {
    fn default() -> Self {
        Self { text: "9.2.0".to_owned(), major: 9, minor: 2 }
    }
}

impl fmt::Display for PytestVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// pytest's configuration before plugins are looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PytestConfig {
    /// pytest's version.
    pub version: PytestVersion,
    /// Where pytest is started.
    pub cwd: PathBuf,
    /// pytest's rootdir.
    pub rootdir: PathBuf,
    /// The configuration file, also one without options.
    pub inifile: Option<PathBuf>,
    /// Configuration files beside it that are ignored.
    pub ignored: Vec<PathBuf>,
    /// Keys and values, `-o` included.
    pub values: Values,
    /// `addopts`, `PYTEST_ADDOPTS` and the command line, in this order.
    pub arguments: Vec<String>,
    /// What pytest's own parser makes of the arguments.
    pub line: CommandLine,
    /// Why pytest stops here.
    pub refusal: Option<Refusal>,
}

/// Finds and reads pytest's configuration as pytest does, for a run in `cwd` with these arguments.
#[must_use]
pub fn discover(system: &dyn System, cwd: &Path, arguments: &[String], version: &PytestVersion) -> PytestConfig {
    let mut config = PytestConfig {
        version: version.clone(),
        cwd: cwd.to_path_buf(),
        rootdir: cwd.to_path_buf(),
        arguments: arguments.to_vec(),
        ..PytestConfig::default()
    };
    if let Err(refusal) = config.read(system) {
        config.refusal = Some(refusal);
    }
    config
}

impl PytestConfig {
    fn read(&mut self, system: &dyn System) -> Result<(), Refusal> {
        let own = options::own(self.version.major);
        if let Some(text) = system.variable("PYTEST_ADDOPTS") {
            let mut words = text::shlex(&text).map_err(|e| Refusal::startup(format!("ValueError: {e}")))?;
            check_arguments(&words, &own, "via PYTEST_ADDOPTS")?;
            words.append(&mut self.arguments);
            self.arguments = words;
        }
        self.line = options::parse(&self.arguments, &own);
        let request = rootdir::Request {
            major: self.version.major,
            cwd: &self.cwd,
            positional: &self.line.positional,
            config_file: self.line.value("-c"),
            rootdir: self.line.value("--rootdir"),
        };
        let setup = rootdir::determine(system, &request)?;
        (self.rootdir, self.inifile) = (setup.rootdir, setup.inifile);
        (self.values, self.ignored) = (setup.values, setup.ignored);
        self.apply_overrides()?;
        let mut words = self.arguments_of("addopts")?;
        check_arguments(&words, &own, "via addopts config")?;
        words.append(&mut self.arguments);
        self.arguments = words;
        self.line = options::parse(&self.arguments, &own);
        self.apply_overrides()?;
        self.check_minversion()
    }

    fn apply_overrides(&mut self) -> Result<(), Refusal> {
        for pair in self.line.values("-o") {
            let (key, value) = pair.split_once('=').ok_or_else(|| {
                let quoted = iniconfig::quote(pair);
                Refusal::usage(format!("-o/--override-ini expects option=value style (got: {quoted})."))
            })?;
            self.values.insert(key.to_owned(), Value::Text(value.to_owned()));
        }
        Ok(())
    }

    /// `addopts` and other values of type *args*: split as in a shell.
    ///
    /// # Errors
    /// If the value has another type in a native table, or a quote does not close.
    pub fn arguments_of(&self, key: &str) -> Result<Vec<String>, Refusal> {
        match self.values.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Text(text)) => text::shlex(text).map_err(|e| Refusal::startup(format!("ValueError: {e}"))),
            Some(Value::List(items)) => Ok(items.clone()),
            Some(Value::Native(value)) => self.native_list(key, "args", value),
        }
    }

    /// Values of type *args*, or the default.
    #[must_use]
    pub fn words(&self, key: &str, default: &[&str]) -> Vec<String> {
        if self.values.contains_key(key) {
            return self.arguments_of(key).unwrap_or_default();
        }
        default.iter().map(ToString::to_string).collect()
    }

    /// Values of type *linelist*: one per line that is not blank.
    #[must_use]
    pub fn lines(&self, key: &str) -> Vec<String> {
        match self.values.get(key) {
            None => Vec::new(),
            Some(Value::Text(text)) => {
                text.lines().map(str::trim).filter(|l| !l.is_empty()).map(ToOwned::to_owned).collect()
            }
            Some(Value::List(items)) => items.clone(),
            Some(Value::Native(value)) => self.native_list(key, "linelist", value).unwrap_or_default(),
        }
    }

    /// A boolean value; the default for one that is none.
    #[must_use]
    pub fn flag(&self, key: &str, default: bool) -> bool {
        match self.values.get(key) {
            Some(Value::Text(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "y" | "yes" | "t" | "true" | "on" | "1" => true,
                "n" | "no" | "f" | "false" | "off" | "0" => false,
                _ => default,
            },
            Some(Value::Native(value)) => value.as_bool().unwrap_or(default),
            _ => default,
        }
    }

    /// A text value.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Native(value)) => value.as_str(),
            _ => None,
        }
    }

    /// Values of type *paths*, relative to the configuration file.
    #[must_use]
    pub fn paths(&self, key: &str) -> Vec<PathBuf> {
        let base = self.inifile.as_deref().and_then(Path::parent).unwrap_or(&self.cwd);
        self.words(key, &[]).iter().map(|word| absolute(base, Path::new(word))).collect()
    }

    fn native_list(&self, key: &str, kind: &str, value: &toml::Value) -> Result<Vec<String>, Refusal> {
        let wrong = |what: String| {
            let file = self.inifile.as_deref().unwrap_or(&self.rootdir).display();
            Refusal::usage(format!("{file}: config option '{key}' expects a list for type '{kind}', {what}"))
        };
        let Some(items) = value.as_array() else {
            return Err(wrong(format!("got {}: {}", python_type(value), python_repr(value))));
        };
        let item = |(at, item): (usize, &toml::Value)| {
            item.as_str().map(ToOwned::to_owned).ok_or_else(|| {
                let file = self.inifile.as_deref().unwrap_or(&self.rootdir).display();
                Refusal::usage(format!(
                    "{file}: config option '{key}' expects a list of strings, but item at index {at} is {}: {}",
                    python_type(item),
                    python_repr(item)
                ))
            })
        };
        items.iter().enumerate().map(item).collect()
    }

    fn check_minversion(&self) -> Result<(), Refusal> {
        let Some(minimum) = self.text("minversion").map(str::trim).filter(|m| !m.is_empty()) else { return Ok(()) };
        let numbers = |text: &str| -> Vec<u32> {
            let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
            let mut all: Vec<u32> = text.split('.').map(|p| digits(p).parse().unwrap_or(0)).collect();
            all.resize(4, 0);
            all
        };
        if numbers(minimum) > numbers(&self.version.text) {
            let file = self.inifile.as_deref().unwrap_or(&self.rootdir).display();
            return Err(Refusal::usage(format!(
                "{file}: 'minversion' requires pytest-{minimum}, actual pytest-{}'",
                self.version
            )));
        }
        Ok(())
    }

    /// Reads the arguments again, now that these options are known too.
    #[must_use]
    pub fn command_line(&self, more: &[OptionSpec]) -> CommandLine {
        let mut all = options::own(self.version.major);
        all.extend_from_slice(more);
        options::parse(&self.arguments, &all)
    }

    /// The usage error of arguments that the parser does not know or refuses.
    #[must_use]
    pub fn strict_error(&self, line: &CommandLine) -> Option<String> {
        if let Some(error) = &line.error {
            return Some(usage_text(error));
        }
        if line.unknown.is_empty() {
            return None;
        }
        let inifile = self.inifile.as_ref().map_or_else(|| "None".to_owned(), |p| p.display().to_string());
        let rootdir = self.rootdir.display();
        let unknown = line.unknown.join(" ");
        Some(usage_text(&format!("unrecognized arguments: {unknown}\n  inifile: {inifile}\n  rootdir: {rootdir}")))
    }

    /// The directory above which no conftest is loaded.
    #[must_use]
    pub fn confcutdir(&self, line: &CommandLine) -> PathBuf {
        match line.value("--confcutdir") {
            Some(given) => absolute(&self.cwd, Path::new(given)),
            None => self.inifile.as_deref().and_then(Path::parent).unwrap_or(&self.rootdir).to_path_buf(),
        }
    }

    /// What is collected: the command line's paths, else `testpaths`, else the current directory. Globs of `testpaths`
    /// are for the caller.
    #[must_use]
    pub fn uses_testpaths(&self, line: &CommandLine) -> bool {
        line.positional.is_empty() && self.cwd == self.rootdir && !self.words("testpaths", &[]).is_empty()
    }
}

fn usage_text(message: &str) -> String {
    format!("usage: pytest [options] [file_or_dir] [file_or_dir] [...]\npytest: error: {message}")
}

/// `config option ... got str: '-v'`
fn python_type(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "str",
        toml::Value::Integer(_) => "int",
        toml::Value::Float(_) => "float",
        toml::Value::Boolean(_) => "bool",
        toml::Value::Datetime(_) => "datetime",
        toml::Value::Array(_) => "list",
        toml::Value::Table(_) => "dict",
    }
}

fn python_repr(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => iniconfig::quote(text),
        other => python_text(other),
    }
}

/// Options of `addopts` must be readable where they stand: the error names where they come from.
fn check_arguments(words: &[String], own: &[OptionSpec], via: &str) -> Result<(), Refusal> {
    match options::parse(words, own).error {
        None => Ok(()),
        Some(error) => Err(Refusal::usage(usage_text(&format!("{error} ({via})")))),
    }
}

#[cfg(test)]
mod tests {
    use super::{PytestVersion, discover};
    use crate::base::system::MemorySystem;
    use std::path::Path;

    #[test]
    fn addopts_stand_before_the_variable_and_the_command_line() {
        let ini = "[pytest]\naddopts = -q --tb=short\ntestpaths = tests\nmarkers =\n  slow: x\n  # c\n  net\n";
        let mut system = MemorySystem::new("/r", &[("tox.ini", ini)]);
        system.variables.insert("PYTEST_ADDOPTS".into(), "--tb=long".into());
        let config = discover(&system, Path::new("/r"), &["-x".to_owned()], &PytestVersion::new("8.4.2"));
        assert_eq!(config.refusal, None);
        assert_eq!(config.arguments, ["-q", "--tb=short", "--tb=long", "-x"]);
        assert_eq!(config.line.value("--tb"), Some("long"));
        assert_eq!(config.lines("markers"), ["slow: x", "net"]);
        assert!(config.uses_testpaths(&config.line));
    }

    #[test]
    fn unknown_options_are_refused_once_plugins_are_known() {
        let system = MemorySystem::new("/r", &[("pytest.ini", "[pytest]\naddopts = --cov=x -p y\n")]);
        let config = discover(&system, Path::new("/r"), &[], &PytestVersion::new("9.2.0"));
        let text = config.strict_error(&config.command_line(&[])).expect("refused");
        assert_eq!(
            text,
            "usage: pytest [options] [file_or_dir] [file_or_dir] [...]\npytest: error: unrecognized arguments: \
             --cov=x\n  inifile: /r/pytest.ini\n  rootdir: /r"
        );
        let cov = super::OptionSpec::new(&["--cov"], super::options::Arity::Optional);
        assert_eq!(config.strict_error(&config.command_line(&[cov])), None);
    }

    #[test]
    fn native_values_are_strict_and_versions_are_checked() {
        let refusal = |name: &str, text: &str| {
            let system = MemorySystem::new("/r", &[(name, text)]);
            let config = discover(&system, Path::new("/r"), &[], &PytestVersion::new("9.2.0"));
            config.refusal.expect("refused").text
        };
        assert_eq!(
            refusal("pytest.toml", "[pytest]\naddopts = \"-v\"\n"),
            "/r/pytest.toml: config option 'addopts' expects a list for type 'args', got str: '-v'"
        );
        assert_eq!(
            refusal("pytest.ini", "[pytest]\nminversion = 99\n"),
            "/r/pytest.ini: 'minversion' requires pytest-99, actual pytest-9.2.0'"
        );
        assert_eq!(refusal("pytest.ini", " x\n"), "/r/pytest.ini:1: unexpected value continuation");
    }
}
