//! The text form of a collection, in which pytest's answers are recorded and ours are compared with them.

use std::collections::BTreeMap;

/// One run: pytest's exit code, why it ended early, and its modules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    pub exit: String,
    pub aborted: Option<String>,
    pub modules: BTreeMap<String, Module>,
}

/// One module: its outcome with exception and message, the project's frames, the tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    pub outcome: String,
    pub frames: Vec<String>,
    pub items: Vec<String>,
    /// `NAME: TEXT` of tests that pytest cannot set up.
    pub setups: Vec<String>,
}

impl Module {
    /// `collected`, `error` and so on, without what follows.
    pub fn kind(&self) -> &str {
        self.outcome.split([' ', ':']).next().unwrap_or_default()
    }
}

const OUTCOMES: [&str; 6] = ["collected", "skipped", "error", "exit", "timeout", "unknown"];

impl Record {
    /// Reads the text of a `pytest` block; anything it does not understand is an error.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        let mut current: Option<String> = None;
        for line in text.lines() {
            if let Some(below) = line.strip_prefix("  ") {
                let path = current.as_ref().ok_or_else(|| format!("no module above {line:?}"))?;
                let module = record.modules.get_mut(path).ok_or("the current module is known")?;
                match (below.strip_prefix("at "), below.strip_prefix("fails ")) {
                    (Some(frame), _) => module.frames.push(frame.to_owned()),
                    (_, Some(text)) => module.setups.push(text.to_owned()),
                    _ => module.items.push(below.to_owned()),
                }
            } else if let Some(code) = line.strip_prefix("exit ") {
                record.exit = code.to_owned();
            } else if let Some(reason) = line.strip_prefix("aborted ") {
                record.aborted = Some(reason.to_owned());
            } else {
                let (path, outcome) = split_head(line).ok_or_else(|| format!("not understood: {line:?}"))?;
                record.modules.insert(path.clone(), Module { outcome, ..Module::default() });
                current = Some(path);
            }
        }
        if record.exit.is_empty() { Err("no exit code".to_owned()) } else { Ok(record) }
    }
}

impl Record {
    /// Whether the exception of a module, or an end of the run in it, came from this place of the project.
    pub fn ends_at(&self, place: &str) -> bool {
        self.modules.values().any(|module| module.frames.last().is_some_and(|frame| frame == place))
    }
}

/// Path and outcome of a module's line; paths may hold spaces.
fn split_head(line: &str) -> Option<(String, String)> {
    let starts = OUTCOMES.iter().flat_map(|outcome| {
        let needle = format!(" {outcome}");
        line.match_indices(&needle).map(|(at, _)| at).collect::<Vec<_>>()
    });
    let at = starts.min()?;
    Some((line[..at].to_owned(), line[at + 1..].to_owned()))
}
