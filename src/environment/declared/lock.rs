//! Lock files, read line by line (they are long, and regular because tools write them), and conda's `environment.yml`.

use std::path::Path;

use super::collector::{Collector, Place};

/// `poetry.lock`, `uv.lock`, `pdm.lock`, `pylock.toml`: tables with `name` and `version`.
pub(super) fn read_toml(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let (mut in_package, mut name) = (false, None::<(&str, u32)>);
    for (line, text) in (1_u32..).zip(text.lines()) {
        if text.starts_with('[') {
            if let Some((name, line)) = name.take() {
                collector.push(name, String::new(), String::new(), &Place { file: &file, line, group: "lock" });
            }
            in_package = text.starts_with("[[package]]") || text.starts_with("[[packages]]");
            continue;
        }
        if !in_package {
            continue;
        }
        let Some((key, value)) = text.split_once(" = ") else { continue };
        let value = value.trim().trim_matches('"');
        match (key, name) {
            ("name", _) => name = Some((value, line)),
            ("version", Some((found, line))) => {
                collector.push(found, format!("=={value}"), String::new(), &Place { file: &file, line, group: "lock" });
                name = None;
            }
            _ => {}
        }
    }
    if let Some((name, line)) = name {
        collector.push(name, String::new(), String::new(), &Place { file: &file, line, group: "lock" });
    }
}

/// `Pipfile.lock`: JSON with `default` and `develop`.
pub(super) fn read_pipfile(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else {
        collector.problem(path, "failed to parse");
        return;
    };
    for section in ["default", "develop"] {
        for (name, entry) in value[section].as_object().into_iter().flatten() {
            let specifier = entry["version"].as_str().unwrap_or("").to_owned();
            let marker = entry["markers"].as_str().unwrap_or("").to_owned();
            collector.push(name, specifier, marker, &Place { file: &file, line: 0, group: "lock" });
        }
    }
}

/// The list under `dependencies:` of an `environment.yml`, with the list under `pip:` in it.
pub(super) fn read_conda(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let (mut inside, mut pip) = (false, None::<usize>);
    for (line, text) in (1_u32..).zip(text.lines()) {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = text.len() - text.trim_start().len();
        let Some(item) = trimmed.strip_prefix("- ") else {
            inside = trimmed == "dependencies:" || inside && indent > 0;
            continue;
        };
        if !inside {
            continue;
        }
        pip = pip.filter(|outer| indent > *outer);
        let item = item.split(" #").next().unwrap_or(item).trim().trim_matches(['"', '\'']);
        if item == "pip:" {
            pip = Some(indent);
            continue;
        }
        let place = Place { file: &file, line, group: "conda" };
        if pip.is_some() {
            collector.add(item, &place);
        } else {
            conda_item(collector, item, &place);
        }
    }
}

/// `channel::name=1.2=build`, `name>=1.2`.
fn conda_item(collector: &mut Collector, item: &str, place: &Place) {
    let item = item.rsplit("::").next().unwrap_or(item);
    let end = item.find(['=', '<', '>', '!', '~', ' ', '[']).unwrap_or(item.len());
    let (name, rest) = item.split_at(end);
    let rest = rest.trim();
    let specifier = match rest.strip_prefix('=').filter(|version| !version.starts_with('=')) {
        // One `=` is a prefix match.
        Some(version) => format!("=={}.*", version.split('=').next().unwrap_or(version)),
        None if rest.starts_with(['=', '<', '>', '!', '~']) => rest.to_owned(),
        None => String::new(),
    };
    if !matches!(name, "python" | "pip" | "") {
        collector.push(name, specifier, String::new(), place);
    }
}
