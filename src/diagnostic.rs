//! What a finding is, apart from who found it and how it is shown.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::base::intern;
use crate::base::span::Span;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Tests are lost, or it works by accident, or it is likely to fail.
    Warning,
    /// Collection fails, ends or hangs.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Whether every path leads to the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Some step depends on something unknown.
    Likely,
    /// Nothing unknown is involved.
    Certain,
}

/// A place in a file, ready to print.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub struct Place {
    /// Path relative to the project root with `/`; absolute outside it.
    pub path: Arc<str>,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// Byte offsets in the decoded text; not told to other programs.
    pub span: Span,
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inside = !serializer.is_human_readable();
        let mut place = serializer.serialize_struct("Place", 3 + usize::from(inside))?;
        place.serialize_field("path", &self.path)?;
        place.serialize_field("line", &self.line)?;
        place.serialize_field("column", &self.column)?;
        if inside {
            place.serialize_field("span", &self.span)?;
        }
        place.end()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// One step of an import or call chain, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Step {
    /// Where the step is taken.
    pub place: Place,
    /// What happens there (`from shop.billing import invoice`); may be empty.
    pub text: String,
}

/// A collected file that a cause keeps from collecting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Victim {
    /// The test module or conftest, relative to the project root.
    pub path: Arc<str>,
    /// How it reaches the cause, outermost first; the cause itself comes last.
    pub chain: Vec<Step>,
}

/// A secondary place with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there.
    pub text: String,
}

/// One cause, with everything it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable code, such as `IMP002`.
    #[serde(deserialize_with = "intern::literal")]
    pub code: intern::Literal,
    /// Kebab-case name of the rule.
    #[serde(deserialize_with = "intern::literal")]
    pub name: intern::Literal,
    /// After certainty and configuration are applied.
    pub severity: Severity,
    /// Whether anything unknown is involved.
    pub certainty: Certainty,
    /// The first line: what is wrong, in the present tense.
    pub message: String,
    /// What the finding is about (a dotted name, say), stable under edits; part of the fingerprint.
    pub subject: String,
    /// Where it is.
    pub place: Place,
    /// What to print at the place in a source excerpt.
    pub label: String,
    /// What Python or pytest would print: `ImportError: cannot import name ...`.
    pub pytest: Option<String>,
    /// Further labelled facts in order, such as (`exports`, `a, b, c`).
    #[serde(deserialize_with = "intern::literals")]
    pub facts: Vec<(&'static str, String)>,
    /// Secondary places.
    pub related: Vec<Label>,
    /// The chain from the place to the effect, for findings that have one.
    pub chain: Vec<Step>,
    /// Files that do not collect because of it, in collection order.
    pub victims: Vec<Victim>,
    /// Nearest names, best first.
    pub suggestions: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// Index of the failure of the run that it explains, if it explains one.
    pub fault: Option<usize>,
    /// Edits that repair it, where that can be done by editing.
    pub fix: Option<Fix>,
    /// Dotted path of the definitions that the place lies in; empty at module level. Part of the fingerprint.
    pub scope: String,
}

/// Whether a fix keeps everything that works as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// What is meant is guessed, or something else may change: `--unsafe-fixes`.
    Unsafe,
    /// Nothing but the finding goes.
    Safe,
}

/// Edits that make a finding go away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does, as a command: `import login instead`.
    pub title: String,
    /// Whether anything else may change.
    pub safety: Safety,
    /// All of them, or none, are to be made; they do not overlap.
    pub edits: Vec<Edit>,
}

/// One change to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The text that goes; an empty span is an insertion.
    pub place: Place,
    /// 1-based line and column (in characters) behind it.
    pub end: (u32, u32),
    /// The text that comes, with `\n` for line ends: the file's own are put in.
    pub text: String,
    /// What is done with the file.
    pub action: Action,
}

/// What an [`Edit`] does with its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Replaces the span.
    Replace,
    /// Creates the file, which does not exist.
    Create,
    /// Writes the bytes of the file, read as Windows-1252, as UTF-8.
    Recode,
}

impl Diagnostic {
    /// A finding with nothing but its core.
    #[must_use]
    pub fn new(code: &'static str, name: &'static str, severity: Severity, place: Place, message: String) -> Self {
        Self {
            code,
            name,
            severity,
            certainty: Certainty::Certain,
            message,
            subject: String::new(),
            place,
            label: String::new(),
            pytest: None,
            facts: Vec::new(),
            related: Vec::new(),
            chain: Vec::new(),
            victims: Vec::new(),
            suggestions: Vec::new(),
            help: Vec::new(),
            fault: None,
            fix: None,
            scope: String::new(),
        }
    }

    /// Stable under edits around the finding: hashes code, path, subject and enclosing scope, not the line.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = format!("{}\0{}\0{}", self.code, self.place.path, self.subject);
        if !self.scope.is_empty() {
            text = format!("{text}\0{}", self.scope);
        }
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
    }
}
