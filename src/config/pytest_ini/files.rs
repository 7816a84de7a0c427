//! Which files hold pytest's configuration, and what they say.

use std::collections::BTreeMap;
use std::path::Path;

use super::iniconfig;
use super::{Refusal, Value};
use crate::base::system::System;

/// Keys with their values.
pub type Values = BTreeMap<String, Value>;

/// File names looked for in a directory, first that qualifies wins.
#[must_use]
pub const fn names(major: u32) -> &'static [&'static str] {
    const ALL: &[&str] =
        &["pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"];
    if major >= 9 { ALL } else { ALL.split_at(2).1 }
}

/// The configuration in a file; none if it holds none.
///
/// # Errors
/// If the file does not parse, or says what pytest refuses.
pub fn load(system: &dyn System, path: &Path, major: u32) -> Result<Option<Values>, Refusal> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let suffix = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
    match suffix.as_str() {
        "ini" => load_ini(system, path, &name, major),
        "cfg" => load_cfg(system, path),
        "toml" if name == "pytest.toml" || name == ".pytest.toml" => {
            let document = toml_document(system, path)?;
            Ok(Some(pytest_table(path, &document)?.unwrap_or_default()))
        }
        "toml" => load_toml(system, path, &name, major),
        _ => Ok(None),
    }
}

fn text(system: &dyn System, path: &Path) -> Result<String, Refusal> {
    let bytes = system.read(path).map_err(|error| {
        let name = iniconfig::quote(&path.to_string_lossy());
        Refusal::startup(match error.kind() {
            std::io::ErrorKind::NotFound => {
                format!("FileNotFoundError: [Errno 2] No such file or directory: {name}")
            }
            _ => format!("OSError: {error}: {name}"),
        })
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let error = error.utf8_error();
        Refusal::startup(format!(
            "UnicodeDecodeError: 'utf-8' codec can't decode bytes at position {} in {}",
            error.valid_up_to(),
            path.display()
        ))
    })
}

fn sections(system: &dyn System, path: &Path) -> Result<iniconfig::Sections, Refusal> {
    iniconfig::parse(&text(system, path)?)
        .map_err(|error| Refusal::usage(format!("{}:{}: {}", path.display(), error.line, error.message)))
}

fn texts(section: &BTreeMap<String, String>) -> Values {
    section.iter().map(|(key, value)| (key.clone(), Value::Text(value.clone()))).collect()
}

fn load_ini(system: &dyn System, path: &Path, name: &str, major: u32) -> Result<Option<Values>, Refusal> {
    let sections = sections(system, path)?;
    let always = name == "pytest.ini" || name == ".pytest.ini" && major >= 9;
    Ok(match sections.get("pytest") {
        Some(section) => Some(texts(section)),
        None => always.then(Values::new),
    })
}

fn load_cfg(system: &dyn System, path: &Path) -> Result<Option<Values>, Refusal> {
    let sections = sections(system, path)?;
    if let Some(section) = sections.get("tool:pytest") {
        return Ok(Some(texts(section)));
    }
    if sections.contains_key("pytest") {
        return Err(Refusal::startup(
            "Failed: [pytest] section in setup.cfg files is no longer supported, change to [tool:pytest] instead."
                .to_owned(),
        ));
    }
    Ok(None)
}

fn toml_document(system: &dyn System, path: &Path) -> Result<toml::Table, Refusal> {
    text(system, path)?.parse::<toml::Table>().map_err(|error| {
        let message = error.message().to_owned();
        Refusal::usage(format!("{}: {message}", path.display()))
    })
}

fn natives(table: &toml::Table) -> Values {
    table.iter().map(|(key, value)| (key.clone(), Value::Native(value.clone()))).collect()
}

/// The `[pytest]` table of pytest's own TOML files.
fn pytest_table(path: &Path, document: &toml::Table) -> Result<Option<Values>, Refusal> {
    if let Some(table) = document.get("pytest").and_then(toml::Value::as_table) {
        return Ok(Some(natives(table)));
    }
    let stray: Vec<_> = document.iter().filter(|(_, v)| !v.is_table()).map(|(k, _)| k.as_str()).collect();
    if stray.is_empty() {
        return Ok(None);
    }
    Err(Refusal::usage(format!(
        "{}: pytest configuration must be under a [pytest] table (found top-level options: {})",
        path.display(),
        stray.join(", ")
    )))
}

fn load_toml(system: &dyn System, path: &Path, name: &str, major: u32) -> Result<Option<Values>, Refusal> {
    let document = toml_document(system, path)?;
    let pytest = document.get("tool").and_then(|t| t.get("pytest")).and_then(toml::Value::as_table);
    let ini = pytest.and_then(|t| t.get("ini_options")).and_then(toml::Value::as_table);
    let ini_values = ini.map(|t| t.iter().map(|(key, value)| (key.clone(), Value::of_ini_options(value))).collect());
    if major < 9 {
        return Ok(ini_values);
    }
    let native: toml::Table = pytest
        .map(|t| t.iter().filter(|(k, _)| *k != "ini_options").map(|(k, v)| (k.clone(), v.clone())).collect())
        .unwrap_or_default();
    if !native.is_empty() && ini.is_some_and(|t| !t.is_empty()) {
        return Err(Refusal::usage(format!(
            "{}: Cannot use both [tool.pytest] (native TOML types) and [tool.pytest.ini_options] (string-based INI \
             format) simultaneously. Please use [tool.pytest] with native TOML types (recommended) or \
             [tool.pytest.ini_options] for backwards compatibility.",
            path.display()
        )));
    }
    if !native.is_empty() {
        return Ok(Some(natives(&native)));
    }
    if ini_values.is_none() && name != "pyproject.toml" {
        return pytest_table(path, &document);
    }
    Ok(ini_values)
}
