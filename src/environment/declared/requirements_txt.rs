//! Requirements files, as pip reads them.

use std::path::Path;

use super::collector::{Collector, Place};
use crate::base::system::absolute;

/// Includes deeper than this are a loop that hides behind links.
const DEEPEST: usize = 20;

/// Reads a requirements file and the files it includes.
pub(super) fn read(collector: &mut Collector, path: &Path) {
    read_at(collector, path, 0);
}

fn read_at(collector: &mut Collector, path: &Path, depth: usize) {
    // Opening marks the file as read, which ends loops of includes.
    let Some((file, text)) = collector.open(path) else { return };
    let folder = path.parent().unwrap_or(path).to_path_buf();
    let group = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    for (line, text) in logical_lines(&text) {
        if let Some(included) = option(&text, &["-r", "--requirement"]) {
            if depth < DEEPEST && !included.contains("://") {
                read_at(collector, &absolute(&folder, Path::new(included)), depth + 1);
            }
            continue;
        }
        let place = Place { file: &file, line, group: &group };
        if let Some(source) = option(&text, &["-e", "--editable"]) {
            collector.add(egg(source), &place);
        } else if text.contains("#egg=") {
            collector.add(egg(&text), &place);
        } else if !text.starts_with('-') {
            // Options of one requirement: `x==1 --hash=sha256:...`.
            collector.add(text.split(" --").next().unwrap_or(&text), &place);
        }
    }
}

/// Lines joined at backslashes, without comments, each with the number of its first.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let (mut lines, mut open) = (Vec::new(), None::<(u32, String)>);
    for (number, line) in (1_u32..).zip(text.lines()) {
        let (start, mut joined) = open.take().unwrap_or((number, String::new()));
        if let Some(part) = line.strip_suffix('\\') {
            joined.push_str(part);
            open = Some((start, joined));
            continue;
        }
        joined.push_str(line);
        lines.push((start, joined));
    }
    lines.extend(open);
    lines
        .into_iter()
        .map(|(number, line)| (number, without_comment(&line).trim().to_owned()))
        .filter(|(_, l)| !l.is_empty())
        .collect()
}

/// A comment starts the line or follows a space: `#egg=` belongs to a URL.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.find(" #").or_else(|| line.find("\t#")).map_or(line, |at| &line[..at])
}

/// The value of an option: `-r x`, `-rx`, `--requirement=x`.
fn option<'l>(line: &'l str, names: &[&str]) -> Option<&'l str> {
    names.iter().find_map(|name| {
        let rest = line.strip_prefix(name)?;
        let short = !name.starts_with("--");
        (short || rest.starts_with([' ', '=', '\t'])).then(|| rest.trim_start_matches([' ', '=', '\t']).trim())
    })
}

/// The requirement that a URL names: `...#egg=name`.
fn egg(url: &str) -> &str {
    url.split_once("#egg=").map_or("", |(_, name)| name.split('&').next().unwrap_or(name))
}
