//! What one source file says, and nothing else: it depends on the file's bytes alone, so that one cache serves every
//! environment. Made by `syntax`, executed by `machine`, read by rules.
//!
//! A [`Summary`] holds the file's strings once ([`Sym`] is an index into them), the module program and function bodies as
//! programs of their own, encoded, decoded only when used; and digests that rules and the graph read without decoding
//! anything. Most function bodies stay in the text: [`Programs::left`](codec::Programs::left) tells their places, and
//! the store reads them.

pub mod codec;
pub mod expressions;
pub mod items;
pub mod meaning;
pub mod pretty;
pub mod program;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::span::{LineTable, Span};
use crate::define_id;
use crate::python::version::PythonVersion;
use program::{FunctionDef, Program};

define_id! {
    /// A string of one summary. Meaningless outside it.
    Sym
}
define_id! {
    /// A program of one summary; 0 is the module.
    ProgramId
}

impl ProgramId {
    /// The module's own program.
    pub const MODULE: Self = Self(0);
    /// The body that a summary made by `syntax::body` is about.
    pub const BODY: Self = Self(1);
}

/// Changes whenever the meaning of stored bytes changes.
pub const FORMAT_VERSION: u32 = 3;

/// What stands in a text for a character that no reading gives: a lone surrogate, or a name of a later Unicode.
pub const UNKNOWN_CHARACTER: char = '\u{10ffff}';

/// The digest of one file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// xxh3 of the file's bytes.
    pub content_hash: u64,
    /// Length of the decoded text in bytes.
    pub text_len: u32,
    /// The strings that [`Sym`] indexes.
    pub strings: Strings,
    /// Line starts of the decoded text.
    pub lines: Arc<LineTable>,
    /// Programs, encoded; see [`codec`].
    pub programs: codec::Programs,
    /// Import statements and dynamic imports with a literal name, in source order, function bodies included.
    pub imports: Vec<ImportRef>,
    /// Functions and classes in source order; those within function bodies that are left in the text are not told.
    pub definitions: Vec<Definition>,
    /// Names that function bodies left in the text may set on some object, or in the module: attributes they assign
    /// (not those of `self` and `cls`), `setattr` with a literal, `global`. Bodies of tests are left out.
    pub setters: Vec<Sym>,
    /// Fixture definitions, tests and marks that decorators declare.
    pub items: items::Items,
    /// Suppression comments.
    pub suppressions: Vec<Suppression>,
    /// Why the file, or a version of Python, would not accept it.
    pub problems: Vec<Problem>,
    /// Whether the body starts with `from __future__ import annotations`.
    pub future_annotations: bool,
}

impl Summary {
    /// The text of a symbol.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.strings.get(sym)
    }

    /// Decodes one program; an empty one for a body that is left in the text.
    #[must_use]
    pub fn program(&self, id: ProgramId) -> Program {
        self.programs.decode(id)
    }

    /// Whether a body that is left in the text may set an attribute or global of this name.
    #[must_use]
    pub fn leaves_setter(&self, name: &str) -> bool {
        self.setters.iter().any(|sym| self.text(*sym) == name)
    }

    /// The 1-based line of an offset.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        self.lines.line(offset)
    }

    /// The first problem that the target version has, if any: then no statement of the file runs.
    #[must_use]
    pub fn fatal_problem(&self, version: PythonVersion) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.certain && problem.holds_for(version))
    }
}

/// An append-only table of distinct strings, stored end to end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// The text of a symbol; empty for one of another table.
    #[must_use]
    pub fn get(&self, sym: Sym) -> &str {
        let index = sym.0 as usize;
        let Some(end) = self.ends.get(index) else { return "" };
        let start = index.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        &self.text[start as usize..*end as usize]
    }

    /// All of them, in order of their symbols.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.text[start as usize..*end as usize])
    }

    /// Appends without looking for an equal one; the builder in `syntax` deduplicates.
    pub fn push(&mut self, text: &str) -> Sym {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Sym(u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX))
    }

    /// Gives back the memory that growing took.
    pub fn finish(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Number of strings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// One import in the text, at any depth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRef {
    /// Leading dots.
    pub level: u32,
    /// The dotted name behind the dots; the module of a `from` import. Empty for `from . import x`.
    pub module: Sym,
    /// The imported name of a `from` import: one reference per name; `*` for a star import.
    pub name: Option<Sym>,
    /// The name it binds, where the statement gives one (`as`).
    pub alias: Option<Sym>,
    /// The imported name for `from`, else the dotted name.
    pub span: Span,
    /// How it is reached.
    pub kind: ImportKind,
    /// The function body it stands in; the outermost one for a body that is left in the text.
    pub program: ProgramId,
    /// Whether an ImportError may be caught where it stands, whatever the kind (a deferred import can be optional too).
    pub optional: bool,
}

/// How an import is reached. Combinations are reduced to the first that applies, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ImportKind {
    /// Under `if TYPE_CHECKING`.
    Guarded,
    /// Inside a function body: runs when that is called.
    Deferred,
    /// Inside a `try` with a handler that may catch an ImportError.
    Optional,
    /// `importlib.import_module("literal")`, `__import__("literal")`, at module level.
    Dynamic,
    /// At module level.
    Plain,
}

/// A function or class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name.
    pub name: Sym,
    /// Dotted path of the enclosing definitions and its own name, as `__qualname__` without `<locals>`.
    pub qualname: Sym,
    /// The whole statement, decorators included.
    pub span: Span,
    /// The name in the statement.
    pub name_span: Span,
    /// Function or class.
    pub kind: DefinitionKind,
    /// Index of the enclosing definition.
    pub parent: Option<u32>,
}

/// What a [`Definition`] is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DefinitionKind {
    /// `class`
    Class,
    /// `def` or `async def`, with the program of its body.
    Function {
        /// The body.
        body: ProgramId,
    },
}

/// A suppression comment (`# precollect: ignore[CODE]`, `# precollect: ignore-file[CODE]`, `# noqa: CODE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The comment.
    pub span: Span,
    /// The statement whose findings it silences (the whole logical line); the whole file for `ignore-file`.
    pub covers: Option<Span>,
    /// Codes, prefixes or rule names; empty means all.
    pub codes: Vec<Sym>,
    /// Whether it is one of ours, as opposed to `# noqa`.
    pub ours: bool,
}

/// Something that CPython refuses before the first statement runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which rule reports it.
    pub kind: ProblemKind,
    /// `SyntaxError`, `IndentationError`, `TabError`, `ValueError` ... by version: first entry whose range holds.
    pub exception: String,
    /// The text of `str(exception)` as the newest version that has it prints it (without place).
    pub message: String,
    /// Where CPython points.
    pub span: Span,
    /// The line it reports: 0 where the file as a whole cannot be decoded.
    pub line: u32,
    /// The versions it holds for, both ends included.
    pub since: PythonVersion,
    /// See `since`.
    pub until: PythonVersion,
    /// Whether a strict judge said so; an error node of the grammar alone is not certain.
    pub certain: bool,
}

impl Problem {
    /// Whether this version refuses the file for this reason.
    #[must_use]
    pub fn holds_for(&self, version: PythonVersion) -> bool {
        let version = version.clamp(PythonVersion::OLDEST, PythonVersion::NEWEST);
        self.since <= version && version <= self.until
    }
}

/// The rule family of a [`Problem`] (`SRC001` to `SRC007`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// SRC001
    Syntax,
    /// SRC002
    Undecodable,
    /// SRC003
    UnknownEncoding,
    /// SRC004
    NullByte,
    /// SRC005
    Indentation,
    /// SRC006: valid in a later version than the target.
    NewerSyntax,
    /// SRC007: a compile-time error such as `return` outside a function.
    Misplaced,
}

/// All functions of a program's statements, nested blocks included; for rules that look at definitions.
pub fn functions(program: &Program) -> Vec<&FunctionDef> {
    let mut found = Vec::new();
    program::walk(&program.body, &mut |op| {
        if let program::OpKind::FunctionDef(def) = &op.kind {
            found.push(&**def);
        }
    });
    found
}
