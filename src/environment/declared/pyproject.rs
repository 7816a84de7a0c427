//! `pyproject.toml` in all its dialects (PEP 621, PEP 735, poetry, pdm, uv, hatch, flit), `hatch.toml`, `Pipfile`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::collector::{Collector, Place};
use super::specifier::to_pep440;
use super::{read_folder, requirements_txt};
use crate::base::span::LineTable;
use crate::base::system::absolute;

/// A parsed document and what is needed to name places in it.
struct Document<'c, 's> {
    collector: &'c mut Collector<'s>,
    file: Arc<PathBuf>,
    lines: LineTable,
}

type Value<'t> = Spanned<DeValue<'t>>;

/// Reads a `pyproject.toml`, if there is one.
pub(super) fn read(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let (table, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        collector.problem(path, "failed to parse");
    }
    let table = table.get_ref();
    if !declares(table) {
        collector.declares_nothing(path);
    }
    let mut document = Document { collector, file, lines: LineTable::new(&text) };
    document.project(table);
    document.groups(table.get("dependency-groups"));
    if let Some(build) = get(table, "build-system") {
        document.list(build.get("requires"), "build");
    }
    if let Some(tool) = get(table, "tool") {
        document.tools(tool, path.parent().unwrap_or(path));
    }
}

/// Reads a `hatch.toml`.
pub(super) fn read_hatch(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let (table, _) = DeTable::parse_recoverable(&text);
    let mut document = Document { collector, file, lines: LineTable::new(&text) };
    document.hatch_environments(table.get_ref());
}

/// Reads a `Pipfile`.
pub(super) fn read_pipfile(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let (table, _) = DeTable::parse_recoverable(&text);
    let mut document = Document { collector, file, lines: LineTable::new(&text) };
    for (section, group) in [("packages", "dependencies"), ("dev-packages", "dev")] {
        if let Some(table) = get(table.get_ref(), section) {
            document.poetry_table(table, group);
        }
    }
}

/// Whether the file says anything about dependencies: one that only configures tools does not.
fn declares(table: &DeTable) -> bool {
    let tools = ["poetry", "pdm", "uv", "hatch", "flit"];
    let by_tool = get(table, "tool").is_some_and(|tool| tools.iter().any(|name| tool.get(*name).is_some()));
    table.get("project").is_some() || table.get("dependency-groups").is_some() || by_tool
}

fn get<'v, 't>(table: &'v DeTable<'t>, key: &str) -> Option<&'v DeTable<'t>> {
    as_table(table.get(key)?)
}

fn as_table<'v, 't>(value: &'v Value<'t>) -> Option<&'v DeTable<'t>> {
    value.get_ref().as_table()
}

fn as_str<'v>(value: Option<&'v Value<'_>>) -> Option<&'v str> {
    value?.get_ref().as_str()
}

impl Document<'_, '_> {
    fn line(&self, value: &Value) -> u32 {
        self.lines.line(u32::try_from(value.span().start).unwrap_or(0))
    }

    /// An array of requirements; tables among them (`include-group`) are looked at elsewhere.
    fn list(&mut self, value: Option<&Value>, group: &str) {
        let Some(items) = value.and_then(|value| value.get_ref().as_array()) else { return };
        for item in items {
            if let Some(text) = item.get_ref().as_str() {
                let place = Place { file: &self.file.clone(), line: self.line(item), group };
                // pdm's groups may hold `-e file:///...#egg=name`.
                let text = text.split_once("#egg=").map_or(text, |(_, name)| name);
                self.collector.add(text, &place);
            }
        }
    }

    /// A table of such arrays.
    fn groups(&mut self, value: Option<&Value>) {
        for (name, list) in value.and_then(as_table).into_iter().flatten() {
            self.list(Some(list), name.get_ref());
        }
    }

    fn project(&mut self, table: &DeTable) {
        let Some(project) = get(table, "project") else { return };
        if let Some(name) = as_str(project.get("name")) {
            self.collector.project_name(name);
        }
        if let Some(python) = as_str(project.get("requires-python")) {
            self.collector.requires_python(python);
        }
        self.list(project.get("dependencies"), "dependencies");
        self.groups(project.get("optional-dependencies"));
        let dynamic = project.get("dynamic").and_then(|value| value.get_ref().as_array());
        let dynamic = dynamic.is_some_and(|d| d.iter().any(|item| item.get_ref().as_str() == Some("dependencies")));
        let folder = self.file.parent().map(Path::to_path_buf).unwrap_or_default();
        let told = ["setup.py", "setup.cfg"].iter().any(|name| self.collector.system.is_file(&folder.join(name)))
            || get(table, "tool").is_some_and(|tool| tool.get("poetry").is_some() || get(tool, "setuptools").is_some());
        if dynamic && !told {
            let path = self.file.to_path_buf();
            self.collector.computed(&path);
        }
    }

    fn tools(&mut self, tool: &DeTable, folder: &Path) {
        if let Some(poetry) = get(tool, "poetry") {
            self.poetry(poetry);
        }
        if let Some(pdm) = get(tool, "pdm") {
            self.groups(pdm.get("dev-dependencies"));
        }
        if let Some(uv) = get(tool, "uv") {
            self.list(uv.get("dev-dependencies"), "dev");
            self.workspace(uv, folder);
        }
        if let Some(hatch) = get(tool, "hatch") {
            self.hatch_environments(hatch);
        }
        if let Some(flit) = get(tool, "flit").and_then(|flit| get(flit, "metadata")) {
            self.list(flit.get("requires"), "dependencies");
            self.groups(flit.get("requires-extra"));
        }
        if let Some(tox) = get(tool, "tox") {
            self.tox(tox);
        }
        if let Some(dynamic) = get(tool, "setuptools").and_then(|t| get(t, "dynamic")) {
            self.dynamic_files(dynamic, folder);
        }
    }

    fn poetry(&mut self, poetry: &DeTable) {
        if let Some(name) = as_str(poetry.get("name")) {
            self.collector.project_name(name);
        }
        for (key, group) in [("dependencies", "dependencies"), ("dev-dependencies", "dev")] {
            if let Some(table) = get(poetry, key) {
                self.poetry_table(table, group);
            }
        }
        for (name, group) in get(poetry, "group").into_iter().flatten() {
            if let Some(table) = as_table(group).and_then(|group| get(group, "dependencies")) {
                self.poetry_table(table, name.get_ref());
            }
        }
    }

    /// `name = "^1.2"`, `name = { version = "^1.2", markers = "..." }`, or a list of such tables.
    fn poetry_table(&mut self, table: &DeTable, group: &str) {
        for (name, value) in table {
            if name.get_ref() == "python" {
                if let Some(python) = as_str(Some(value)) {
                    self.collector.requires_python(&to_pep440(python));
                }
                continue;
            }
            let line = self.lines.line(u32::try_from(name.span().start).unwrap_or(0));
            let place = Place { file: &self.file.clone(), line, group };
            match value.get_ref() {
                DeValue::Array(items) => {
                    for item in items {
                        self.poetry_entry(name.get_ref(), item, &place);
                    }
                }
                _ => self.poetry_entry(name.get_ref(), value, &place),
            }
        }
    }

    fn poetry_entry(&mut self, name: &str, value: &Value, place: &Place) {
        let table = as_table(value);
        let part = |key: &str| as_str(table.and_then(|table| table.get(key)));
        let specifier = as_str(Some(value)).or_else(|| part("version")).unwrap_or("");
        let mut marker = part("markers").unwrap_or("").to_owned();
        if let Some(python) = part("python").map(to_pep440).filter(|_| marker.is_empty()) {
            marker = python_marker(&python);
        }
        self.collector.push(name, to_pep440(specifier), marker, place);
    }

    fn hatch_environments(&mut self, hatch: &DeTable) {
        for (name, environment) in get(hatch, "envs").into_iter().flatten() {
            let Some(environment) = as_table(environment) else { continue };
            self.list(environment.get("dependencies"), name.get_ref());
            self.list(environment.get("extra-dependencies"), name.get_ref());
        }
    }

    fn tox(&mut self, tox: &DeTable) {
        if let Some(legacy) = tox.get("legacy_tox_ini") {
            let first = self.line(legacy);
            if let Some(text) = legacy.get_ref().as_str() {
                super::setup::tox_text(self.collector, &self.file, text, first);
            }
        }
        if let Some(base) = get(tox, "env_run_base") {
            self.list(base.get("deps"), "tox");
        }
        for (_, environment) in get(tox, "env").into_iter().flatten() {
            self.list(as_table(environment).and_then(|e| e.get("deps")), "tox");
        }
    }

    /// `dynamic.dependencies = { file = ["requirements.in"] }`.
    fn dynamic_files(&mut self, dynamic: &DeTable, folder: &Path) {
        let optional = get(dynamic, "optional-dependencies").into_iter().flatten().map(|(_, value)| value);
        let sources: Vec<&Value> = dynamic.get("dependencies").into_iter().chain(optional).collect();
        for source in sources {
            let files = as_table(source).and_then(|source| source.get("file"));
            let Some(files) = files.map(toml::Spanned::get_ref) else { continue };
            let one = files.as_str().into_iter();
            let many = files.as_array().into_iter().flatten().filter_map(|file| file.get_ref().as_str());
            for file in one.chain(many) {
                requirements_txt::read(self.collector, &absolute(folder, Path::new(file)));
            }
        }
    }

    /// Members of uv's workspace share its environment, so what they declare counts.
    fn workspace(&mut self, uv: &DeTable, folder: &Path) {
        let members = get(uv, "workspace").and_then(|workspace| workspace.get("members"));
        let Some(members) = members.and_then(|members| members.get_ref().as_array()) else { return };
        for member in members.iter().filter_map(|member| member.get_ref().as_str()) {
            let name = self.collector.declared.project_name.clone();
            match member.strip_suffix("/*") {
                Some(parent) => {
                    let parent = absolute(folder, Path::new(parent));
                    for entry in self.collector.system.read_dir(&parent).unwrap_or_default() {
                        read_folder(self.collector, &parent.join(entry.name));
                    }
                }
                None if !member.contains('*') => read_folder(self.collector, &absolute(folder, Path::new(member))),
                None => {}
            }
            self.collector.declared.project_name = name;
        }
    }
}

/// A constraint on the interpreter as a marker.
fn python_marker(specifiers: &str) -> String {
    let one = |part: &str| {
        let digits = part.find(|c: char| c.is_ascii_digit())?;
        let (operator, version) = part.split_at(digits);
        let variable = if version.split('.').count() > 2 { "python_full_version" } else { "python_version" };
        Some(format!("{variable} {operator} '{version}'"))
    };
    specifiers.split(',').filter_map(|part| one(part.trim())).collect::<Vec<_>>().join(" and ")
}
