//! Cases in Markdown: a small project, what pytest does with it, and what we must find. `testdata/README.md` describes
//! the format; `scripts/record_cases.py` reads it too and writes the recorded blocks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{files_below, root};

/// Where a case is run unless it says otherwise: pytest's major version and Python's.
const DEFAULT_RUNS: [&str; 2] = ["8/3.11", "9/3.13"];

/// The `toml settings` block.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `pytest/python` pairs.
    pub runs: Option<Vec<String>>,
    /// pytest's arguments.
    pub args: Vec<String>,
    /// `python -m pytest` instead of `pytest`.
    pub module: bool,
    /// Environment variables of the run.
    pub env: BTreeMap<String, String>,
    /// Directory below the project in which the run starts.
    pub cwd: Option<String>,
    /// Files without content.
    pub empty: Vec<String>,
    /// A directory beside the case file that holds the project.
    pub tree: Option<String>,
    /// Rules to switch on.
    pub select: Vec<String>,
    /// Run the tests as well, and record what pytest says of those it cannot set up.
    pub setup: bool,
    /// The recorded events are those of a run of the tests, not of their collection.
    pub tests: bool,
    /// Judge without an environment, from declared dependencies.
    pub no_environment: bool,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    pub info: String,
    pub text: String,
    /// Zero-based lines of the fences.
    pub lines: (usize, usize),
}

/// One heading of a case file with the blocks below it.
#[derive(Debug, Clone)]
pub struct Case {
    pub file: PathBuf,
    pub title: String,
    pub settings: Settings,
    pub blocks: Vec<Block>,
}

impl Case {
    /// The `pytest/python` pairs to run it for.
    pub fn runs(&self) -> Vec<String> {
        self.settings.runs.clone().unwrap_or_else(|| DEFAULT_RUNS.map(str::to_owned).to_vec())
    }

    /// What pytest did in a run.
    pub fn recorded(&self, run: &str) -> Option<&str> {
        self.text("pytest", run).map(|block| block.text.as_str())
    }

    /// What we are known to answer wrongly in a run, with the reason in the info string.
    pub fn known_wrong(&self, run: &str) -> Option<&str> {
        self.text("known-wrong", run).map(|block| block.text.as_str())
    }

    /// What `check` must find in a run.
    pub fn findings(&self, run: &str) -> Option<&str> {
        self.text("findings", run).map(|block| block.text.as_str())
    }

    /// The `text KIND [RUN, ...]` block for a run; one without runs holds for all that have none of their own.
    fn text(&self, kind: &str, run: &str) -> Option<&Block> {
        let runs = |block: &Block| -> Option<Vec<String>> {
            let rest = block.info.strip_prefix("text ")?.strip_prefix(kind)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| {
                let words = rest.split([' ', ',']).filter(|word| !word.is_empty());
                words.map(str::to_owned).collect()
            })
        };
        let named = self.blocks.iter().find(|block| runs(block).is_some_and(|runs| runs.iter().any(|r| r == run)));
        named.or_else(|| self.blocks.iter().find(|block| runs(block).is_some_and(|runs| runs.is_empty())))
    }

    /// Path and bytes of every file; those of the environment start with `site-packages/`.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        if let Some(tree) = &self.settings.tree {
            let top = self.file.parent().expect("a case file has a directory").join(tree);
            for path in files_below(&top) {
                let relative = path.strip_prefix(&top).expect("below the tree").to_string_lossy().replace('\\', "/");
                if !relative.contains("__pycache__") {
                    found.push((relative, std::fs::read(&path).expect("a case's file is readable")));
                }
            }
        }
        found.extend(self.settings.empty.iter().map(|path| (path.clone(), Vec::new())));
        for block in &self.blocks {
            let Some((language, path)) = block.info.split_once(' ') else { continue };
            if language == "text" || (language == "toml" && path == "settings") {
                continue;
            }
            let bytes = if language == "escaped" { unescaped(&block.text) } else { block.text.clone().into_bytes() };
            // A block replaces the file of the tree.
            found.retain(|(known, _)| known != path);
            found.push((path.to_owned(), bytes));
        }
        found
    }
}

/// `\xHH`, `\t`, `\r`, `\f`, `\n` and `\\` stand for bytes; a `\` at a line's end joins lines.
pub fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&code, after) = rest.split_first().expect("something follows a backslash");
        rest = after;
        match code {
            b'\n' => {}
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'\\' => out.push(b'\\'),
            b'x' => {
                let digits = std::str::from_utf8(&rest[..2]).expect("two digits");
                out.push(u8::from_str_radix(digits, 16).expect("hexadecimal digits"));
                rest = &rest[2..];
            }
            other => panic!("unknown escape \\{}", char::from(other)),
        }
    }
    out
}

/// The cases of one file: every `##` heading with blocks below it, or the whole file if it has none.
pub fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("failed to read {file:?}: {error}"));
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut sections: Vec<(String, Vec<Block>)> = vec![(stem, Vec::new())];
    let mut open: Option<(String, Block)> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some((fence, block)) = &mut open {
            if line.trim_end() == fence {
                block.lines.1 = number;
                let (_, block) = open.take().expect("a block is open");
                sections.last_mut().expect("there is a section").1.push(block);
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if line.starts_with("```") {
            let fence: String = line.chars().take_while(|c| *c == '`').collect();
            let info = line[fence.len()..].trim().to_owned();
            open = Some((fence, Block { info, text: String::new(), lines: (number, number) }));
        } else if let Some(title) = line.strip_prefix("## ") {
            sections.push((title.trim().to_owned(), Vec::new()));
        }
    }
    assert!(open.is_none(), "{file:?}: a block is not closed");
    let case = |(title, blocks): (String, Vec<Block>)| {
        let settings: String =
            blocks.iter().filter(|b| b.info == "toml settings").map(|block| block.text.as_str()).collect();
        let settings = toml::from_str(&settings).unwrap_or_else(|error| panic!("{file:?}: {title}: {error}"));
        Case { file: file.to_owned(), title, settings, blocks }
    };
    sections.into_iter().filter(|(_, blocks)| !blocks.is_empty()).map(case).collect()
}

/// Every case below `testdata/cases` and `testdata/scenarios`, in the order of their files.
pub fn all() -> Vec<Case> {
    let tops = ["testdata/cases", "testdata/scenarios"].map(|top| root().join(top));
    let files = tops.iter().filter(|top| top.exists()).flat_map(|top| files_below(top));
    let is_case = |file: &PathBuf| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.ends_with(".md") && name != "README.md"
    };
    files.filter(is_case).flat_map(|file| read(&file)).collect()
}
