//! Source files as the machine uses them, and blocks that run.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::value::{FnId, ModId, NsId, UnitId, Value};
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::python::effects::Marked;
use crate::summary::program::{FunctionDef, Program};
use crate::summary::{ProgramId, Summary};

/// A source file as the machine uses it.
pub(super) struct Unit {
    pub(super) file: Arc<PathBuf>,
    pub(super) summary: Arc<Summary>,
    pub(super) is_project: bool,
    pub(super) names: Vec<Option<Name>>,
    pub(super) programs: FxHashMap<ProgramId, Arc<Program>>,
    pub(super) functions: FxHashMap<ProgramId, Arc<FunctionDef>>,
    /// The body that it is about, if it is not about the whole file.
    pub(super) within: Option<ProgramId>,
    /// Bodies that were left in the text and asked for: units of their own. None where the text is gone.
    pub(super) bodies: FxHashMap<ProgramId, Option<UnitId>>,
    /// The summary with all bodies, once somebody has asked for it.
    pub(super) whole: OnceCell<Option<Arc<Summary>>>,
    /// Calls that the user's patterns say block, by place.
    pub(super) marked: Arc<[Marked]>,
}

impl Unit {
    pub(super) fn new(
        file: Arc<PathBuf>,
        summary: Arc<Summary>,
        marked: Option<Arc<[Marked]>>,
        within: Option<ProgramId>,
    ) -> Self {
        let (is_project, marked) = (marked.is_some(), marked.unwrap_or_default());
        let names = vec![None; summary.strings.len()];
        let (programs, functions, bodies, whole) = Default::default();
        Self { file, summary, is_project, names, programs, functions, within, bodies, whole, marked }
    }
}

/// A running block: a module, class body, function or comprehension.
pub(super) struct Activation {
    pub(super) unit: UnitId,
    pub(super) program: ProgramId,
    pub(super) module: ModId,
    pub(super) scope: Scope,
    /// Where names are bound.
    pub(super) ns: NsId,
    /// Namespaces of enclosing functions, innermost first.
    pub(super) closure: Vec<NsId>,
    /// Names local to the function.
    pub(super) locals: FxHashSet<Name>,
    /// `global` names.
    pub(super) globals: FxHashSet<Name>,
    /// `nonlocal` names.
    pub(super) nonlocals: FxHashSet<Name>,
    pub(super) span: Span,
    /// The function that runs, and its first argument.
    pub(super) function: Option<FnId>,
    pub(super) first: Option<Value>,
    /// What may have been returned.
    pub(super) may_return: Vec<Value>,
    /// Some path has returned.
    pub(super) left: bool,
    /// Some path has left the loop that runs.
    pub(super) loop_left: bool,
    pub(super) is_comprehension: bool,
    /// Whether a condition or loop has been met: what happens since hangs on values.
    pub(super) has_decided: bool,
    /// `__qualname__` prefix of what is defined here.
    pub(super) qualname: Arc<str>,
    /// Steps at which a call gives up.
    pub(super) limit: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Module,
    Class,
    Function,
}
