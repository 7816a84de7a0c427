//! Which names are local to a function, and where in the text lowering stands.

use rustc_hash::FxHashSet;

use crate::summary::{ProgramId, Sym};

/// The kind of namespace that a statement binds in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    /// The module.
    Module,
    /// A class body.
    Class,
    /// A function or lambda body.
    Function,
}

/// One namespace on the way to the place that is being lowered.
#[derive(Debug)]
pub(super) struct Scope {
    /// What it is.
    pub(super) kind: ScopeKind,
    /// The program whose statements it holds.
    pub(super) program: ProgramId,
    /// The definition that opened it.
    pub(super) definition: Option<u32>,
    /// Names bound in it, with repetitions.
    bound: Vec<Sym>,
    /// Names declared `global` or `nonlocal`.
    declared: Vec<Sym>,
    /// Whether a `yield` was seen.
    pub(super) yields: bool,
}

impl Scope {
    /// A scope in which nothing is bound yet.
    pub(super) const fn new(kind: ScopeKind, program: ProgramId, definition: Option<u32>) -> Self {
        Self { kind, program, definition, bound: Vec::new(), declared: Vec::new(), yields: false }
    }

    /// Notes that a statement binds the name.
    pub(super) fn bind(&mut self, name: Sym) {
        if self.kind == ScopeKind::Function {
            self.bound.push(name);
        }
    }

    /// Notes a `global` or `nonlocal` declaration.
    pub(super) fn declare(&mut self, name: Sym) {
        self.declared.push(name);
    }

    /// The names that are local, in order of their first binding.
    pub(super) fn locals(mut self) -> Vec<Sym> {
        let mut seen = FxHashSet::default();
        self.bound.retain(|name| seen.insert(*name) && !self.declared.contains(name));
        self.bound
    }
}

/// What surrounds a statement, for the kind of its imports.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Surroundings {
    /// Under `if TYPE_CHECKING`.
    pub(super) guarded: bool,
    /// Inside a `try` that may catch an ImportError, or `contextlib.suppress` of one.
    pub(super) optional: bool,
    /// Under any condition, loop or handler.
    pub(super) conditional: bool,
}
