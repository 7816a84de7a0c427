//! Every key of `[tool.precollect]`, declared once: the file reader, `--config KEY=VALUE`, the help texts and the
//! reference page all come from [`KEYS`].

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use schemars::{Schema, SchemaGenerator};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::schema::{EffectName, OneOrMany, OutputName, PlatformName, SectionName, schema_of};
use super::{Output, PythonChoice, QueryFiles, Report, Settings};
use crate::base::system::absolute;
use crate::diagnostic::Severity;
use crate::python::effects;
use crate::python::version::{Platform, PythonVersion};

/// One key.
pub struct Key {
    /// Its name; a dot leads into a nested table.
    pub name: &'static str,
    /// What its value looks like, in words.
    pub kind: &'static str,
    /// The default, in TOML.
    pub default: &'static str,
    /// One sentence, for help texts and the reference.
    pub help: &'static str,
    /// A value one could write, in TOML.
    pub example: &'static str,
    /// What a value may be, for editors: made from a type.
    pub(super) schema: fn(&mut SchemaGenerator) -> Schema,
    /// Puts a value into the settings.
    pub(super) set: fn(&mut Settings, &Value<'_, '_>) -> Result<(), Wrong>,
}

/// The declared key of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The help sentence of a declared key; empty for one that is not declared, which a test rules out.
#[must_use]
pub fn help(name: &str) -> &'static str {
    find(name).map_or("", |key| key.help)
}

/// All keys, in the order of the reference.
pub const KEYS: &[Key] = &[
    Key {
        name: "extend",
        kind: "path",
        default: "none",
        help: "Another configuration file to start from; what stands here is stronger",
        example: r#""../precollect.toml""#,
        schema: schema_of::<String>,
        set: |_, v| v.text().map(|_| ()),
    },
    Key {
        name: "include",
        kind: "list of globs",
        default: "[]",
        help: "Files that findings may name; all if empty",
        example: r#"["src/**", "tests/**"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.include = list),
    },
    Key {
        name: "exclude",
        kind: "list of globs",
        default: "[]",
        help: "Files that no finding names",
        example: r#"["tests/legacy/**"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.exclude = list),
    },
    Key {
        name: "extend-exclude",
        kind: "list of globs",
        default: "[]",
        help: "More files that no finding names, added to those of `exclude` and of the file it extends",
        example: r#"["docs/**"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.extend_exclude.extend(list)),
    },
    Key {
        name: "respect-gitignore",
        kind: "boolean",
        default: "true",
        help: "Name no file that git ignores, unless it breaks a test module",
        example: "false",
        schema: schema_of::<bool>,
        set: |s, v| v.boolean().map(|on| s.respect_gitignore = on),
    },
    Key {
        name: "follow-symlinks",
        kind: "boolean",
        default: "false",
        help: "Look for modules of the project behind symlinked directories too",
        example: "true",
        schema: schema_of::<bool>,
        set: |s, v| v.boolean().map(|on| s.follow_symlinks = on),
    },
    Key {
        name: "python",
        kind: "path or \"none\"",
        default: "found by itself",
        help: "Environment to read (a virtual environment or an interpreter), or \"none\" to judge third-party modules from \
               declared dependencies",
        example: r#"".venv""#,
        schema: schema_of::<String>,
        set: |s, v| v.text().map(|text| s.python = python_choice(text, v.base)),
    },
    Key {
        name: "python-version",
        kind: "version",
        default: "the environment's",
        help: "Python version to judge for, such as 3.11",
        example: r#""3.11""#,
        schema: schema_of::<String>,
        set: |s, v| v.parsed::<PythonVersion>().map(|version| s.python_version = Some(version)),
    },
    Key {
        name: "python-platform",
        kind: "\"linux\", \"darwin\" or \"win32\"",
        default: "this machine's",
        help: "Platform to judge for: linux, darwin or win32",
        example: r#""linux""#,
        schema: schema_of::<PlatformName>,
        set: |s, v| platform(v.text()?).map(|found| s.python_platform = Some(found)).map_err(|e| v.wrong(e)),
    },
    Key {
        name: "pytest-version",
        kind: "version",
        default: "the environment's",
        help: "pytest version to judge for, such as 8.4",
        example: r#""8.4""#,
        schema: schema_of::<String>,
        set: |s, v| pytest_version(v.text()?).map(|found| s.pytest_version = Some(found)).map_err(|e| v.wrong(e)),
    },
    Key {
        name: "select",
        kind: "list of rules",
        default: "[]",
        help: "Rules to run, as codes, prefixes or names; the default set if empty",
        example: r#"["IMP", "ENV001"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.select = list),
    },
    Key {
        name: "extend-select",
        kind: "list of rules",
        default: "[]",
        help: "Rules to run besides",
        example: r#"["CYC003"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.extend_select.extend(list)),
    },
    Key {
        name: "ignore",
        kind: "list of rules",
        default: "[]",
        help: "Rules not to run",
        example: r#"["ENV002"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.ignore = list),
    },
    Key {
        name: "fixable",
        kind: "list of rules",
        default: "[\"ALL\"]",
        help: "Rules whose findings `--fix` may repair",
        example: r#"["IMP003", "PRE"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.fixable = Some(list)),
    },
    Key {
        name: "unfixable",
        kind: "list of rules",
        default: "[]",
        help: "Rules whose findings `--fix` leaves alone",
        example: r#"["IMP009"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.unfixable = list),
    },
    Key {
        name: "per-file-ignores",
        kind: "table of glob to list of rules",
        default: "{}",
        help: "Rules that are silent in files that match a glob",
        example: r#"{ "tests/legacy/**" = ["IMP"] }"#,
        schema: schema_of::<BTreeMap<String, Vec<String>>>,
        set: |s, v| v.entries(|v| v.strings()).map(|table| s.per_file_ignores = table),
    },
    Key {
        name: "severity",
        kind: "table of rule to \"error\", \"warning\" or \"info\"",
        default: "{}",
        help: "Severity of a rule's findings",
        example: r#"{ CYC002 = "error" }"#,
        schema: schema_of::<BTreeMap<String, Severity>>,
        set: |s, v| v.entries(severity_of).map(|table| s.severity = table),
    },
    Key {
        name: "fail-on",
        kind: "\"error\", \"warning\" or \"info\"",
        default: "\"warning\"",
        help: "Lowest severity that makes the exit code 1: error, warning or info",
        example: r#""error""#,
        schema: schema_of::<Severity>,
        set: |s, v| severity_of(v).map(|severity| s.fail_on = Some(severity)),
    },
    Key {
        name: "baseline",
        kind: "path",
        default: "none",
        help: "File with known findings, which are not told again",
        example: r#""precollect-baseline.json""#,
        schema: schema_of::<String>,
        set: |s, v| {
            s.baseline = Some(crate::base::system::absolute(v.base, Path::new(v.text()?)));
            Ok(())
        },
    },
    Key {
        name: "output-format",
        kind: "list of FORMAT or FORMAT=FILE",
        default: "[\"full\"]",
        help: "How to print; FORMAT=FILE writes to a file instead, and several may be given",
        example: r#"["full", "sarif=precollect.sarif"]"#,
        schema: schema_of::<OneOrMany<OutputName>>,
        set: |s, v| {
            s.output_format = v.items()?.iter().map(Value::parsed::<Output>).collect::<Result<_, _>>()?;
            Ok(())
        },
    },
    Key {
        name: "assume-installed",
        kind: "list of modules",
        default: "[]",
        help: "Modules taken as importable, whatever the environment holds",
        example: r#"["numpy"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.assume_installed = list),
    },
    Key {
        name: "module-map",
        kind: "table of module to distribution",
        default: "{}",
        help: "The distribution that provides a module, where it is not known",
        example: r#"{ PIL = "pillow" }"#,
        schema: schema_of::<BTreeMap<String, String>>,
        set: |s, v| v.entries(|v| v.text().map(String::from)).map(|table| s.module_map = table),
    },
    Key {
        name: "environment-variables",
        kind: "list of names",
        default: "[]",
        help: "Environment variables that are set when tests run",
        example: r#"["DATABASE_URL"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.environment_variables = list),
    },
    Key {
        name: "python-dash-m",
        kind: "boolean",
        default: "false",
        help: "Judge `python -m pytest`, which puts the current directory on sys.path, instead of `pytest`",
        example: "true",
        schema: schema_of::<bool>,
        set: |s, v| v.boolean().map(|on| s.python_dash_m = on),
    },
    Key {
        name: "preview",
        kind: "boolean",
        default: "false",
        help: "Also run rules that are still under trial",
        example: "true",
        schema: schema_of::<bool>,
        set: |s, v| v.boolean().map(|on| s.preview = on),
    },
    Key {
        name: "blocking.sleep-limit",
        kind: "seconds",
        default: "1.0",
        help: "A sleep at import of this many seconds or more is an error, a shorter one a warning",
        example: "0.5",
        schema: schema_of::<f64>,
        set: |s, v| v.number().map(|seconds| s.blocking.sleep_limit = seconds),
    },
    Key {
        name: "blocking.calls",
        kind: "table of qualified name to effect",
        default: "{}",
        help: "Calls of your own that block, with their effect",
        example: r#"{ "acme.rpc.connect" = "network" }"#,
        schema: schema_of::<BTreeMap<String, EffectName>>,
        set: |s, v| v.entries(effect).map(|table| s.blocking.calls = table),
    },
    Key {
        name: "blocking.allow",
        kind: "list of PATH or PATH::NAME",
        default: "[]",
        help: "Files, or functions in them, that may block",
        example: r#"["tests/e2e/conftest.py::pytest_configure"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.blocking.allow = list),
    },
    Key {
        name: "blocking.queries",
        kind: "list of globs",
        default: "[]",
        help: "Files of tree-sitter queries whose captures name calls that block (docs/blocking.md)",
        example: r#"["queries/*.scm"]"#,
        schema: schema_of::<OneOrMany<String>>,
        set: |s, v| v.strings().map(|list| s.blocking.queries = query_files(list, v.base)),
    },
    Key {
        name: "report.title",
        kind: "text",
        default: "made from the name of what was looked at",
        help: "Title of the audit report",
        example: r#""Test audit""#,
        schema: schema_of::<String>,
        set: |s, v| v.text().map(|text| s.report.title = Some(text.to_string())),
    },
    Key {
        name: "report.sections",
        kind: "list of section names",
        default: "[]",
        help: "Sections that the audit report has; all if empty",
        example: r#"["verdict", "plan"]"#,
        schema: schema_of::<OneOrMany<SectionName>>,
        set: |s, v| {
            s.report.sections = v.items()?.iter().map(section).collect::<Result<_, _>>()?;
            Ok(())
        },
    },
];

/// What is wrong with a value, and where.
#[derive(Debug)]
pub struct Wrong {
    pub(super) span: std::ops::Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// A TOML value under a key.
pub struct Value<'a, 'i> {
    pub(super) value: &'a Spanned<DeValue<'i>>,
    /// The directory that relative paths start from.
    pub(super) base: &'a Path,
}

impl<'i> Value<'_, 'i> {
    fn wrong(&self, message: impl Into<String>) -> Wrong {
        Wrong { span: self.value.span(), message: message.into(), help: None }
    }

    fn expected(&self, what: &str) -> Wrong {
        self.wrong(format!("expected {what}, found {} {}", article(self.kind()), self.kind()))
    }

    fn kind(&self) -> &'static str {
        match self.value.get_ref() {
            DeValue::String(_) => "string",
            DeValue::Integer(_) => "integer",
            DeValue::Float(_) => "float",
            DeValue::Boolean(_) => "boolean",
            DeValue::Datetime(_) => "date",
            DeValue::Array(_) => "list",
            DeValue::Table(_) => "table",
        }
    }

    fn text(&self) -> Result<&str, Wrong> {
        self.value.get_ref().as_str().ok_or_else(|| self.expected("a string"))
    }

    fn boolean(&self) -> Result<bool, Wrong> {
        self.value.get_ref().as_bool().ok_or_else(|| self.expected("true or false"))
    }

    fn number(&self) -> Result<f64, Wrong> {
        let text = match self.value.get_ref() {
            DeValue::Integer(number) => number.as_str(),
            DeValue::Float(number) => number.as_str(),
            _ => return Err(self.expected("a number")),
        };
        let number: f64 = text.parse().map_err(|_| self.expected("a decimal number"))?;
        if number >= 0.0 { Ok(number) } else { Err(self.wrong("expected a number that is not negative")) }
    }

    /// The items of a list; a lone value stands for a list of one.
    fn items(&self) -> Result<Vec<Value<'_, 'i>>, Wrong> {
        match self.value.get_ref() {
            DeValue::Array(items) => Ok(items.iter().map(|value| Value { value, base: self.base }).collect()),
            DeValue::String(_) => Ok(vec![Value { value: self.value, base: self.base }]),
            _ => Err(self.expected("a list of strings")),
        }
    }

    fn strings(&self) -> Result<Vec<String>, Wrong> {
        self.items()?.iter().map(|item| item.text().map(String::from)).collect()
    }

    fn parsed<T: FromStr<Err = String>>(&self) -> Result<T, Wrong> {
        self.text()?.parse().map_err(|error: String| self.wrong(error))
    }

    /// A table with free keys, in the order of the file.
    fn entries<T>(&self, read: impl Fn(&Value<'_, 'i>) -> Result<T, Wrong>) -> Result<Vec<(String, T)>, Wrong> {
        let DeValue::Table(table) = self.value.get_ref() else { return Err(self.expected("a table")) };
        let entry = |(name, value)| Ok((name, read(&Value { value, base: self.base })?));
        in_order(table).into_iter().map(entry).collect()
    }
}

/// Entries of a table in the order of the file.
fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(String, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries.into_iter().map(|(key, value)| (key.get_ref().to_string(), value)).collect()
}

fn query_files(globs: Vec<String>, base: &Path) -> Vec<QueryFiles> {
    let file = |written: String| QueryFiles { pattern: absolute(base, Path::new(&written)), written };
    globs.into_iter().map(file).collect()
}

/// The word for an effect.
fn effect(value: &Value<'_, '_>) -> Result<String, Wrong> {
    let text = value.text()?;
    if effects::kinds().any(|kind| kind == text) {
        return Ok(text.to_string());
    }
    let kinds: Vec<_> = effects::kinds().collect();
    Err(value.wrong(format!("no effect is called `{text}`; there are {}", kinds.join(", "))))
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// The name of a section of the report.
fn section(value: &Value<'_, '_>) -> Result<String, Wrong> {
    let text = value.text()?;
    if Report::SECTIONS.contains(&text) {
        return Ok(text.to_string());
    }
    Err(value.wrong(format!("the report has no section `{text}`; there are {}", Report::SECTIONS.join(", "))))
}

fn severity_of(value: &Value<'_, '_>) -> Result<Severity, Wrong> {
    severity(value.text()?).map_err(|error| value.wrong(error))
}

/// Reads `error`, `warning` or `info`.
///
/// # Errors
/// A sentence if it is none of them.
pub fn severity(text: &str) -> Result<Severity, String> {
    match text {
        "error" => Ok(Severity::Error),
        "warning" => Ok(Severity::Warning),
        "info" => Ok(Severity::Info),
        _ => Err(format!("expected `error`, `warning` or `info`, found `{text}`")),
    }
}

/// Reads a value of `sys.platform`.
///
/// # Errors
/// A sentence if it is none that is known.
pub fn platform(text: &str) -> Result<Platform, String> {
    match text {
        "linux" => Ok(Platform::Linux),
        "darwin" | "macos" => Ok(Platform::Darwin),
        "win32" | "windows" => Ok(Platform::Win32),
        _ => Err(format!("expected `linux`, `darwin` or `win32`, found `{text}`")),
    }
}

/// Reads `8`, `8.4` or `8.4.2`.
///
/// # Errors
/// A sentence if it is no version.
pub fn pytest_version(text: &str) -> Result<(u32, u32), String> {
    let wrong = || format!("expected a version of pytest such as 8.4, found `{text}`");
    let mut parts = text.split('.').map(str::parse::<u32>);
    let major = parts.next().and_then(Result::ok).ok_or_else(wrong)?;
    match parts.next() {
        None => Ok((major, 0)),
        Some(Ok(minor)) => Ok((major, minor)),
        Some(Err(_)) => Err(wrong()),
    }
}

/// Reads `none` or a path, relative to `base`.
#[must_use]
pub fn python_choice(text: &str, base: &Path) -> PythonChoice {
    match text {
        "none" => PythonChoice::None,
        path => PythonChoice::Path(crate::base::system::absolute(base, Path::new(path))),
    }
}
