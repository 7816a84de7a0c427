//! `init`: a minimal configuration and the entry of the pre-commit hook, shown before they are written.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use super::args::Init;
use super::output::{print, write};
use super::project::{self, Failure};
use super::{Context, exit};
use crate::base::system::System;
use crate::config::settings::file;
use crate::report::look::{Paint, clean};

const SETTINGS: &str = "\
fail-on = \"warning\"         # or \"error\": warnings are shown, and fail nothing
# ignore = [\"ENV002\"]       # rules that this project does not want; `precollect explain --all` lists them
# baseline = \"precollect-baseline.json\"   # findings of today, told no more: `precollect check --update-baseline`
";

/// A file that `init` changes.
struct Change {
    file: PathBuf,
    /// What the file is to hold.
    text: String,
    /// The part of it that is new.
    new: String,
}

/// What there is to do for one purpose.
enum Part {
    Write(Change),
    /// Nothing, and why.
    Done(String),
    /// Only a person can; what to add where.
    ByHand(String),
}

pub fn run(context: &Context, args: &Init) -> Result<exit::Code, Failure> {
    let system = &*context.system;
    let root = project::find(system, std::slice::from_ref(&args.path))?.root;
    let mut changes = Vec::new();
    for part in [configuration(system, &root)?, hook(system, &root)?] {
        match part {
            Part::Write(change) => {
                let title = format!("{}:", shown(&root, &change.file));
                print(&format!("{}\n{}\n", context.look.paint(Paint::Strong, &title), indented(&change.new)))?;
                changes.push(change);
            }
            Part::Done(why) => print(&format!("{why}\n"))?,
            Part::ByHand(text) => print(&format!("{text}\n"))?,
        }
    }
    if changes.is_empty() {
        return Ok(exit::CLEAN);
    }
    if !args.yes && !agreed(changes.len())? {
        print("nothing was written\n")?;
        return Ok(exit::CLEAN);
    }
    for change in &changes {
        write(system, &change.file, &change.text)?;
        print(&format!("wrote {}\n", shown(&root, &change.file)))?;
    }
    print("next: precollect check; pre-commit install\n")?;
    print("much is found? precollect check --update-baseline keeps it apart, and only what is new is told\n")?;
    Ok(exit::CLEAN)
}

fn agreed(files: usize) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        let help = "--yes writes without asking".to_string();
        return Err(Failure::Usage("failed to ask whether to write: there is no terminal".into(), Some(help)));
    }
    print(if files == 1 { "Write this? [y/N] " } else { "Write these? [y/N] " })?;
    let mut answer = String::new();
    // Without an answer nothing is written.
    let _ = std::io::stdin().lock().read_line(&mut answer);
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn configuration(system: &dyn System, root: &Path) -> Result<Part, Failure> {
    if let Some(known) = file::discover(system, root)?.files.first() {
        return Ok(Part::Done(format!("{} has the configuration already", shown(root, known))));
    }
    let pyproject = root.join("pyproject.toml");
    let Some(text) = read(system, &pyproject)? else {
        let text = SETTINGS.to_string();
        return Ok(Part::Write(Change { file: root.join("precollect.toml"), new: text.clone(), text }));
    };
    let new = format!("[tool.precollect]\n{SETTINGS}");
    Ok(Part::Write(Change { file: pyproject, text: appended(&text, &new), new }))
}

fn hook(system: &dyn System, root: &Path) -> Result<Part, Failure> {
    let (top, below) = repository(system, root);
    let file = top.join(".pre-commit-config.yaml");
    let Some(text) = read(system, &file)? else {
        let text = format!("repos:\n{}", entry("  ", &below));
        return Ok(Part::Write(Change { file, new: text.clone(), text }));
    };
    if text.lines().any(|line| line.trim().trim_start_matches("- ").trim() == "id: precollect") {
        return Ok(Part::Done(format!("{} has the hook already", shown(root, &file))));
    }
    let Some(text_with) = with_entry(&text, &below) else {
        return Ok(Part::ByHand(format!(
            "add this below `repos:` in {}, whose form is not known to init:\n\n{}",
            shown(root, &file),
            indented(&entry("", &below))
        )));
    };
    Ok(Part::Write(Change { file, text: text_with.0, new: text_with.1 }))
}

/// The top of the git repository, where pre-commit looks for its configuration, and the project's path in it (`services/shop/`).
fn repository(system: &dyn System, root: &Path) -> (PathBuf, String) {
    let prefix = system.git(root, &["rev-parse", "--show-prefix"], &[]).ok();
    let prefix = prefix.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let prefix = prefix.trim_end_matches('\n');
    let depth = Path::new(prefix).components().count();
    let top = root.ancestors().nth(depth).unwrap_or(root);
    (top.to_path_buf(), prefix.to_owned())
}

/// The hook's entry, at that indentation.
fn entry(indent: &str, below: &str) -> String {
    let mut lines = vec![
        "- repo: https://github.com/precollect/precollect".to_string(),
        format!("  rev: v{}", env!("CARGO_PKG_VERSION")),
        "  hooks:".to_string(),
        "    - id: precollect".to_string(),
    ];
    if !below.is_empty() {
        lines.push(format!("      files: ^{}", below.replace('.', "\\.")));
    }
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}

/// The hooks' file with the entry at the end of its list, and the entry; none if the list is not in block style.
fn with_entry(text: &str, below: &str) -> Option<(String, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let top = lines.iter().position(|line| line.trim_end() == "repos:")?;
    let first = lines[top + 1..].iter().find(|line| line.trim_start().starts_with("- "))?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let is_key = |line: &&str| !line.starts_with([' ', '-', '#']) && line.contains(':');
    let end = lines[top + 1..].iter().position(is_key).map_or(lines.len(), |at| top + 1 + at);
    let last = lines[..end].iter().rposition(|line| !line.trim().is_empty())?;
    let new = entry(indent, below);
    let mut out: Vec<&str> = lines[..=last].to_vec();
    out.extend(new.lines());
    out.extend(&lines[last + 1..]);
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some((out.join(newline) + newline, new.clone()))
}

/// The text with more at its end, behind an empty line, in its own line ends.
fn appended(text: &str, new: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let body = text.trim_end();
    let gap = if body.is_empty() { String::new() } else { newline.repeat(2) };
    format!("{body}{gap}{}", new.replace('\n', newline))
}

fn read(system: &dyn System, file: &Path) -> Result<Option<String>, Failure> {
    if !system.is_file(file) {
        return Ok(None);
    }
    let failed = |why: String| Failure::Usage(format!("failed to read {}: {why}", file.display()), None);
    let bytes = system.read(file).map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map(Some).map_err(|_| failed("it is not UTF-8".into()))
}

fn shown(root: &Path, file: &Path) -> String {
    clean(&file.strip_prefix(root).unwrap_or(file).to_string_lossy())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::{appended, entry, with_entry};

    #[test]
    fn the_entry_joins_the_list_as_it_is_written() {
        let text = "repos:\n- repo: local\n  hooks:\n  - id: x\n\nci:\n  autofix: false\n";
        let (with, _) = with_entry(text, "").expect("a block list");
        assert_eq!(
            with,
            format!("repos:\n- repo: local\n  hooks:\n  - id: x\n{}\nci:\n  autofix: false\n", entry("", ""))
        );
        let text = "default_stages: [commit]\nrepos:\n  - repo: local\n    hooks: [{id: x}]\n";
        let (with, _) = with_entry(text, "").expect("a block list");
        assert_eq!(with, format!("{text}{}", entry("  ", "")));
        assert!(with_entry("repos: []\n", "").is_none());
        assert!(with_entry("repos:\n", "").is_none());
    }

    #[test]
    fn line_ends_are_kept() {
        assert_eq!(appended("[a]\r\nb = 1\r\n\r\n", "[c]\nd = 2\n"), "[a]\r\nb = 1\r\n\r\n[c]\r\nd = 2\r\n");
        assert_eq!(appended("", "[c]\n"), "[c]\n");
    }
}
