//! The project's own files: dependencies (ENV002, ENV003) and pytest's configuration (COL006).

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item};

use super::{replace, span};
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety};
use crate::environment::normalise;
use crate::rules::Facts;

/// The one edit that turns a text into another.
fn difference(facts: &Facts, file: &Path, old: &str, new: &str) -> Edit {
    let common = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| -> usize {
        a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum()
    };
    let start = common(&mut old.chars(), &mut new.chars());
    let end = common(&mut old[start..].chars().rev(), &mut new[start..].chars().rev());
    replace(facts, file, span(start, old.len() - end), &new[start..new.len() - end])
}

/// ENV002: adds the distribution to the dependencies, or to the group for tests where only tests need it.
pub fn declared(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let name = diagnostic.suggestions.first()?;
    let file = facts.root.join("pyproject.toml");
    let text = facts.text(&file)?;
    let tests_only = facts.collected_files().iter().any(|file| facts.shown(file) == *diagnostic.place.path);
    let (new, is_group) = with_dependency(&text, name, tests_only)?;
    let title = format!("add {name} to the {}", if is_group { "dependencies of tests" } else { "dependencies" });
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![difference(facts, &file, &text, &new)] })
}

/// The text with one dependency more, and whether it is in a group for tests.
fn with_dependency(text: &str, name: &str, tests_only: bool) -> Option<(String, bool)> {
    let mut document: DocumentMut = text.parse().ok()?;
    let group = if tests_only { test_group(&mut document) } else { None };
    let list = match &group {
        Some(group) => group.list(&mut document)?,
        None => document.get_mut("project")?.as_table_like_mut()?.get_mut("dependencies")?.as_array_mut()?,
    };
    append(list, name);
    Some((document.to_string(), group.is_some()))
}

/// ENV003: takes the distribution out of the project's dependencies.
pub fn undeclared(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let file = facts.root.join(&*diagnostic.place.path);
    if file.file_name().is_none_or(|name| name != "pyproject.toml") {
        return None;
    }
    let text = facts.text(&file)?;
    let new = without_dependency(&text, &diagnostic.subject)?;
    let title = format!("take {} out of the dependencies", diagnostic.subject);
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![difference(facts, &file, &text, &new)] })
}

fn without_dependency(text: &str, name: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let list = document.get_mut("project")?.get_mut("dependencies")?.as_array_mut()?;
    let end = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let is_it = |written: &str| normalise(written.split(end).next().unwrap_or(written)) == name;
    let at = list.iter().position(|item| item.as_str().is_some_and(|written| is_it(written.trim())))?;
    let decor = list.remove(at).decor().clone();
    let prefix = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
    // A comment belongs to the dependency whose line it ends: the one before keeps its own, what goes takes its own along.
    let line = prefix.split_once('\n').map(|(line, _)| line.to_owned());
    let joined = |own: &str, line: String| line + own.find('\n').map_or(own, |end| &own[end..]);
    match (list.get_mut(at), line) {
        (Some(next), _) if at == 0 => *next.decor_mut() = decor,
        (Some(next), Some(line)) => {
            let own = next.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
            let own = joined(own, line);
            next.decor_mut().set_prefix(own);
        }
        (None, Some(line)) => {
            let own = joined(list.trailing().as_str().unwrap_or_default(), line);
            list.set_trailing(own);
        }
        (_, None) => {}
    }
    Some(document.to_string())
}

/// Where a group of dependencies stands.
struct Group(&'static [&'static str], String);

impl Group {
    fn list<'d>(&self, document: &'d mut DocumentMut) -> Option<&'d mut Array> {
        // `Item::get_mut` would put empty tables where there are none.
        let mut item: &mut Item = document.as_item_mut();
        for key in self.0.iter().copied().chain([self.1.as_str()]) {
            item = item.as_table_like_mut()?.get_mut(key)?;
        }
        item.as_array_mut()
    }
}

fn test_group(document: &mut DocumentMut) -> Option<Group> {
    const TABLES: [&[&str]; 2] = [&["dependency-groups"], &["project", "optional-dependencies"]];
    const NAMES: [&str; 5] = ["test", "tests", "testing", "dev", "develop"];
    let groups = TABLES.iter().flat_map(|table| NAMES.iter().map(|name| Group(table, (*name).to_owned())));
    groups.into_iter().find(|group| group.list(document).is_some())
}

/// At the end, in the style of what is there.
fn append(list: &mut Array, name: &str) {
    let decor = list.iter().last().map(|last| last.decor().clone());
    list.push(name);
    if let (Some(decor), Some(last)) = (decor, list.len().checked_sub(1).and_then(|at| list.get_mut(at))) {
        *last.decor_mut() = decor;
        if list.len() == 2
            && let Some(last) = list.get_mut(1)
            && last.decor().prefix().and_then(|prefix| prefix.as_str()).is_none_or(str::is_empty)
        {
            last.decor_mut().set_prefix(" ");
        }
    }
}

/// COL006: registers the mark.
pub fn registered(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    let mark = diagnostic.subject.as_str();
    let file = facts.source.config_file()?;
    let text = facts.text(&file)?;
    let is_toml = file.extension().is_some_and(|suffix| suffix == "toml");
    let new = if is_toml { in_toml(&file, &text, mark)? } else { in_ini(&file, &text, mark)? };
    let title = format!("register the mark {mark} in {}", facts.shown(&file));
    Some(Fix { title, safety: Safety::Unsafe, edits: vec![difference(facts, &file, &text, &new)] })
}

fn in_toml(file: &Path, text: &str, mark: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let table = if file.file_name().is_some_and(|name| name == "pyproject.toml") {
        let pytest = document.get_mut("tool")?.get_mut("pytest")?;
        if pytest.get("ini_options").is_some() { pytest.get_mut("ini_options")? } else { pytest }
    } else {
        document.get_mut("pytest")?
    };
    let table = table.as_table_like_mut()?;
    match table.get_mut("markers") {
        Some(markers) => append(markers.as_array_mut()?, mark),
        None => {
            table.insert("markers", toml_edit::value(Array::from_iter([mark])));
        }
    }
    Some(document.to_string())
}

/// A line of `markers`, which is put at the end of the section where it is not there.
fn in_ini(file: &Path, text: &str, mark: &str) -> Option<String> {
    let header = if file.file_name().is_some_and(|name| name == "setup.cfg") { "[tool:pytest]" } else { "[pytest]" };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = lines.iter().position(|line| line.trim() == header)?;
    let end = lines[start + 1..].iter().position(|line| line.starts_with('[')).map_or(lines.len(), |at| start + 1 + at);
    let is_key = |line: &&str| line.split(['=', ':']).next().is_some_and(|key| key.trim_end() == "markers");
    let (at, new) = match lines[start + 1..end].iter().position(is_key) {
        Some(key) => (start + 2 + key, format!("    {mark}\n")),
        None => {
            let last = lines[start..end].iter().rposition(|line| !line.trim().is_empty())?;
            (start + last + 1, format!("markers =\n    {mark}\n"))
        }
    };
    let complete = if at > 0 && !lines[at - 1].ends_with('\n') { format!("\n{new}") } else { new };
    lines.insert(at, &complete);
    Some(lines.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_goes_and_comments_stay() {
        let without =
            |text: &str| without_dependency(&format!("[project]\n{text}"), "b-c").map(|new| new[10..].to_owned());
        assert_eq!(without("dependencies = ['b_c>=1', 'd']\n").as_deref(), Some("dependencies = ['d']\n"));
        assert_eq!(without("dependencies = ['a', 'B.C[x]~=1; y']\n").as_deref(), Some("dependencies = ['a']\n"));
        assert_eq!(
            without("dependencies = [\n  'a', # why\n  'b-c',\n  'd',\n]\n").as_deref(),
            Some("dependencies = [\n  'a', # why\n  'd',\n]\n")
        );
        assert_eq!(
            without("dependencies = [\n  'a', # why\n  'b-c', # gone\n]\n").as_deref(),
            Some("dependencies = [\n  'a', # why\n]\n")
        );
        assert_eq!(without("dependencies = ['b-c-d']\n"), None);
    }

    #[test]
    fn a_dependency_is_added_where_its_kind_stands() {
        let with = |text: &str, tests| with_dependency(text, "b", tests).map(|(new, _)| new);
        let plain = "[project]\nname = 'x'\ndependencies = ['a']\n";
        let more = "[project]\nname = 'x'\ndependencies = ['a', \"b\"]\n";
        assert_eq!(with(plain, false).as_deref(), Some(more));
        assert_eq!(with(plain, true).as_deref(), Some(more), "no group for tests is made");
        let group = "[project]\ndependencies = []\n[project.optional-dependencies]\ntest = []\n";
        assert_eq!(with(group, true), Some(group.replace("test = []", "test = [\"b\"]")));
        assert_eq!(with("[tool.x]\n", false), None);
    }

    #[test]
    fn marks_are_registered_where_pytest_looks() {
        let ini = |text: &str| in_ini(Path::new("pytest.ini"), text, "slow").expect("has the section");
        assert_eq!(ini("[pytest]\naddopts = -q\n"), "[pytest]\naddopts = -q\nmarkers =\n    slow\n");
        assert_eq!(ini("[pytest]\nmarkers =\n    db\n"), "[pytest]\nmarkers =\n    slow\n    db\n");
        assert_eq!(ini("[pytest]\nmarkers = db\n\n[x]\n"), "[pytest]\nmarkers = db\n    slow\n\n[x]\n");
        let toml = |text: &str| in_toml(Path::new("pyproject.toml"), text, "slow").expect("has the table");
        let table = "[tool.pytest.ini_options]\n";
        assert_eq!(toml(&format!("{table}x = 1 # c\n")), format!("{table}x = 1 # c\nmarkers = [\"slow\"]\n"));
        assert_eq!(
            toml(&format!("{table}markers = [\n  \"db\",\n]\n")),
            format!("{table}markers = [\n  \"db\",\n  \"slow\",\n]\n")
        );
    }
}
