//! setuptools' older files and tox: `setup.cfg`, the literals of `setup.py`, `tox.ini`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::collector::{Collector, Place};
use super::requirements_txt;
use crate::base::span::LineTable;
use crate::base::system::absolute;
use crate::environment::literals::{Literal, Reader, assigned};

/// One line of an ini file's value.
struct IniLine<'t> {
    section: &'t str,
    key: &'t str,
    text: &'t str,
    line: u32,
}

/// All value lines of an ini file: a key's own line and the indented ones below.
fn ini_lines(text: &str) -> Vec<IniLine<'_>> {
    let (mut section, mut key, mut found) = ("", "", Vec::new());
    for (line, text) in (1_u32..).zip(text.lines()) {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if text.starts_with([' ', '\t']) {
            found.push(IniLine { section, key, text: trimmed, line });
        } else if let Some(name) = trimmed.strip_prefix('[') {
            section = name.trim_end_matches(']').trim();
            key = "";
        } else if let Some((name, value)) = trimmed.split_once(['=', ':']) {
            key = name.trim();
            if !value.trim().is_empty() {
                found.push(IniLine { section, key, text: value.trim(), line });
            }
        }
    }
    found
}

/// Reads a `setup.cfg`.
pub(super) fn read_cfg(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let lines = ini_lines(&text);
    if !lines.iter().any(|line| line.section.starts_with("options") || line.section == "metadata") {
        collector.declares_nothing(path);
    }
    for IniLine { section, key, text, line } in lines {
        let group = match (section, key.replace('-', "_").as_str()) {
            ("metadata", "name") => {
                collector.project_name(text);
                continue;
            }
            ("options", "python_requires") => {
                collector.requires_python(text);
                continue;
            }
            ("options", "install_requires") => "dependencies",
            ("options", "tests_require") => "test",
            ("options", "setup_requires") => "build",
            ("options.extras_require", _) => key,
            _ => continue,
        };
        add_or_include(collector, text, &Place { file: &file, line, group });
    }
}

/// setuptools reads `file: a.txt, b.txt` from other files; several requirements may share a line behind `;`.
fn add_or_include(collector: &mut Collector, text: &str, place: &Place) {
    let Some(files) = text.strip_prefix("file:") else { return collector.add(text, place) };
    let folder = place.file.parent().unwrap_or(place.file).to_path_buf();
    for name in files.split(',') {
        requirements_txt::read(collector, &absolute(&folder, Path::new(name.trim())));
    }
}

/// Reads a `tox.ini`.
pub(super) fn read_tox(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    tox_text(collector, &file, &text, 1);
    // tox lists what a run needs, not what the project depends on: alone it makes no list.
    collector.declares_nothing(path);
}

/// The `deps` of tox's environments, in a text whose first line has this number.
pub(super) fn tox_text(collector: &mut Collector, file: &Arc<PathBuf>, text: &str, first: u32) {
    let folder = file.parent().unwrap_or(file).to_path_buf();
    for IniLine { section, key, text, line } in ini_lines(text) {
        if key != "deps" || !section.starts_with("testenv") {
            continue;
        }
        // `py38: mock`, `{py38,py39}-django: django`.
        let factors = |prefix: &str| prefix.chars().all(|c| c.is_alphanumeric() || "{},-_!. ".contains(c));
        let text = text.split_once(':').filter(|(prefix, _)| factors(prefix)).map_or(text, |(_, rest)| rest).trim();
        let included = text.strip_prefix("-r").or_else(|| text.strip_prefix("--requirement"));
        if let Some(included) = included {
            let included =
                included.trim_start_matches(['=', ' ']).replace("{toxinidir}/", "").replace("{tox_root}/", "");
            if !included.contains('{') {
                requirements_txt::read(collector, &absolute(&folder, Path::new(included.trim())));
            }
            continue;
        }
        collector.add(text, &Place { file, line: first + line - 1, group: "tox" });
    }
}

/// Keywords of `setup()` and the group they stand for.
const KEYWORDS: &[(&str, &str)] = &[
    ("install_requires", "dependencies"),
    ("requires", "dependencies"),
    ("tests_require", "test"),
    ("setup_requires", "build"),
    ("extras_require", ""),
];

/// Reads the literals of a `setup.py`.
pub(super) fn read_py(collector: &mut Collector, path: &Path) {
    let Some((file, text)) = collector.open(path) else { return };
    let Some(call) = find_call(&text) else {
        collector.declares_nothing(path);
        return;
    };
    let mut setup = SetupFile { collector, file, text: &text, lines: LineTable::new(&text) };
    let mut arguments = Reader::new(&text, call);
    loop {
        let Some(keyword) = arguments.keyword() else {
            // `**kwargs` or a positional argument may hold anything.
            if arguments.eat("**") {
                setup.splat(arguments.at());
            }
            arguments.skip_expression();
            if !arguments.eat(",") {
                break;
            }
            continue;
        };
        let value = arguments.value(0);
        setup.argument(keyword, &value);
        if !arguments.eat(",") {
            break;
        }
    }
}

/// The offset behind `setup(`, called by this name or as an attribute.
fn find_call(text: &str) -> Option<usize> {
    let starts = text.match_indices("setup(").map(|(at, found)| (at, at + found.len()));
    let calls = starts.filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_') && !text[..*at].ends_with("def ")
    });
    calls.last().map(|(_, end)| end)
}

struct SetupFile<'c, 's, 't> {
    collector: &'c mut Collector<'s>,
    file: Arc<PathBuf>,
    text: &'t str,
    lines: LineTable,
}

impl SetupFile<'_, '_, '_> {
    fn argument(&mut self, keyword: &str, value: &Literal) {
        // `name=NAME`, with the string further up.
        let named = if let Literal::Name(name) = value { assigned(self.text, name) } else { None };
        match (keyword, named.as_ref().unwrap_or(value)) {
            ("name", Literal::Str(name)) => self.collector.project_name(name),
            ("python_requires", Literal::Str(python)) => self.collector.requires_python(python),
            _ => {}
        }
        let Some((_, group)) = KEYWORDS.iter().find(|(name, _)| *name == keyword) else { return };
        if !self.requirements(group, value, 0) {
            self.read_named_files();
        }
    }

    /// Adds what a value holds; false if part of it is computed.
    fn requirements(&mut self, group: &str, literal: &Literal, depth: usize) -> bool {
        match literal {
            // Names may refer to each other in a circle.
            _ if depth > 8 => false,
            Literal::Str(text) => {
                self.add(text, 0, group);
                true
            }
            Literal::List(items) => {
                for (at, text) in literal.strings() {
                    self.add(text, at, group);
                }
                items.iter().all(|(_, item)| item.as_str().is_some())
            }
            Literal::Dict(pairs) => {
                let mut whole = true;
                for (extra, list) in pairs {
                    // `extras_require={':python_version<"3"': [...]}` holds requirements of the package itself.
                    let extra = extra.as_str().unwrap_or("").split(':').next().unwrap_or("");
                    whole &= self.requirements(if extra.is_empty() { "dependencies" } else { extra }, list, depth + 1);
                }
                whole
            }
            Literal::Sum(terms) => {
                let mut whole = true;
                for term in terms {
                    whole &= self.requirements(group, term, depth + 1);
                }
                whole
            }
            Literal::Name(name) => match assigned(self.text, name) {
                Some(value) => self.requirements(group, &value, depth + 1),
                None => name == "None",
            },
            Literal::Other => false,
        }
    }

    fn add(&mut self, text: &str, at: usize, group: &str) {
        let line = if at == 0 { 0 } else { self.lines.line(u32::try_from(at).unwrap_or(0)) };
        let file = self.file.clone();
        for text in text.lines() {
            self.collector.add(text, &Place { file: &file, line, group });
        }
    }

    /// A value that is computed. Usually a requirements file is read; its name stands in a string somewhere.
    fn read_named_files(&mut self) {
        let folder = self.file.parent().unwrap_or(&self.file).to_path_buf();
        let mut found = false;
        for (at, _) in self.text.match_indices(".txt").chain(self.text.match_indices(".in")) {
            let start = self.text[..at].rfind(['"', '\'']).map_or(0, |quote| quote + 1);
            let end = self.text[at..].find(['"', '\'']).map_or(at, |quote| at + quote);
            let name = &self.text[start..end];
            let path = absolute(&folder, Path::new(name));
            if name.contains('\n') || name.contains("MANIFEST") {
                continue;
            }
            if self.collector.system.is_file(&path) {
                requirements_txt::read(self.collector, &path);
                found = true;
            }
            // `reqs("default.txt")` where the folder is joined elsewhere.
            found |= self.collector.declared.files.iter().any(|file| file.ends_with(name));
        }
        if !found {
            self.computed();
        }
    }

    fn computed(&mut self) {
        let path = self.file.to_path_buf();
        self.collector.computed(&path);
    }

    /// `**name`: a dict assigned at module level, perhaps changed further on.
    fn splat(&mut self, at: usize) {
        let name = Reader::new(self.text, at).name().unwrap_or("");
        let changed = self.text.contains(&format!("{name}[")) || self.text.contains(&format!("{name}.update("));
        match assigned(self.text, name) {
            Some(Literal::Dict(pairs)) => {
                for (key, value) in pairs {
                    if let Some(key) = key.as_str() {
                        self.argument(key, &value);
                    }
                }
                if changed && self.text.contains("install_requires") {
                    self.computed();
                }
            }
            _ if self.text.contains("install_requires") => self.computed(),
            _ => {}
        }
    }
}
