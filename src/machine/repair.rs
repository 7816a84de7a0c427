//! "What if this cause were repaired?": causes that the machine takes as mended, so that an audit can say what collects
//! then by running again instead of counting.

use std::path::PathBuf;
use std::sync::Arc;

use super::Machine;
use super::exec::Flow;
use super::log::{Eval, May, Throw, ThrowKind};
use super::outcome::{Cause, Raised};
use super::value::Value;
use crate::base::intern::Name;
use crate::summary::Sym;
use crate::summary::program::{Expr, ImportName, Op, OpKind};

/// A cause that is taken as repaired. What is not known of the repaired code stays unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repair {
    /// The module exists.
    Module(Name),
    /// The module has the name.
    Name {
        /// The module's `__name__`.
        module: Name,
        /// What it has now.
        name: Name,
    },
    /// The file is read without complaint.
    File(Arc<PathBuf>),
    /// The statement that starts here goes through.
    Statement {
        /// Its file.
        file: Arc<PathBuf>,
        /// Its byte offset in the decoded text.
        start: u32,
    },
    /// The directory is on `sys.path`, behind everything else.
    Path(PathBuf),
    /// Whatever pytest itself refuses in this file is mended.
    Refusal(Arc<PathBuf>),
}

impl Repair {
    /// What has to be repaired so that this is not raised; none if it is not raised by code that the machine runs.
    #[must_use]
    pub fn of(raised: &Raised) -> Option<Self> {
        Some(match &raised.cause {
            Cause::MissingModule { missing, .. } => Self::Module(*missing),
            Cause::MissingName { module, name, .. } | Cause::MissingAttribute { module, name, .. } => {
                Self::Name { module: *module, name: *name }
            }
            Cause::Refused { file, .. } => Self::File(Arc::clone(file)),
            _ => {
                let frame = raised.frames.last()?;
                Self::Statement { file: Arc::clone(&frame.file), start: frame.span.start }
            }
        })
    }
}

impl Machine<'_> {
    /// Whether the cause of this counts as repaired.
    #[must_use]
    pub fn is_repaired(&self, raised: &Raised) -> bool {
        !self.setup.repairs.is_empty() && Repair::of(raised).is_some_and(|repair| self.setup.repairs.contains(&repair))
    }

    /// Whether this counts as repaired.
    #[must_use]
    pub fn repairs(&self, repair: &Repair) -> bool {
        self.setup.repairs.contains(repair)
    }

    /// A statement left early: raises on, or, where the cause counts as repaired, goes on as if it had gone through, with
    /// unknown values.
    #[cold]
    pub(super) fn leaves(&mut self, op: &Op, throw: Box<Throw>) -> Eval<Flow> {
        if throw.kind == ThrowKind::GiveUp || !self.is_repaired(&throw.raised) {
            return Err(throw);
        }
        if let Cause::Skip { allowed: false } = throw.raised.cause {
            let mut throw = throw;
            throw.raised.cause = Cause::Skip { allowed: true };
            return Err(throw);
        }
        self.go_through(op, &throw.raised.cause)
    }

    fn go_through(&mut self, op: &Op, cause: &Cause) -> Eval<Flow> {
        match &op.kind {
            OpKind::Import { module, alias } => {
                if let Cause::MissingModule { missing, .. } = cause {
                    self.pretend_child(*missing);
                }
                let dotted = self.text(*module);
                let top = Name::new(dotted.split('.').next().unwrap_or_default());
                match alias {
                    Some(alias) => self.pretend_name(*alias),
                    None => {
                        let value = self.state.loaded(top).cloned().unwrap_or(Value::Unknown);
                        self.bind(top, value);
                    }
                }
            }
            OpKind::ImportFrom { star: true, .. } => self.lose_sight("a star import that is taken as repaired"),
            OpKind::ImportFrom { level, module, names, .. } => {
                for name in names {
                    self.import_or_pretend(*level, *module, name)?;
                }
            }
            OpKind::Assign { targets, .. } => targets.iter().try_for_each(|target| self.pretend(target))?,
            OpKind::AugAssign { target, .. } | OpKind::AnnAssign { target, .. } => self.pretend(target)?,
            OpKind::FunctionDef(def) => self.pretend_name(def.name),
            OpKind::ClassDef(class) => self.pretend_name(class.name),
            OpKind::With { items, body, .. } => {
                items.iter().filter_map(|(_, target)| target.as_ref()).try_for_each(|target| self.pretend(target))?;
                return self.exec_block(body);
            }
            OpKind::Return(_) => return Ok(Flow::Return(Value::Unknown)),
            _ => self.may_raise(May::Anything),
        }
        Ok(Flow::Next)
    }

    fn pretend_name(&mut self, name: Sym) {
        let name = self.name(name);
        self.bind(name, Value::Unknown);
    }

    fn pretend(&mut self, target: &Expr) -> Eval<()> {
        self.assign(target, Value::Unknown)
    }

    /// A repaired submodule is an attribute of its package.
    fn pretend_child(&mut self, missing: Name) {
        if let Some((parent, child)) = missing.as_str().rsplit_once('.')
            && let Some(parent) = self.state.loaded(Name::new(parent)).cloned()
        {
            self.set_attribute(&parent, Name::new(child), Value::Unknown);
        }
    }

    /// One name of a statement of which another was missing.
    fn import_or_pretend(&mut self, level: u32, module: Sym, name: &ImportName) -> Eval<()> {
        match self.exec_import_from(level, module, std::slice::from_ref(name), false) {
            Err(throw) if self.is_repaired(&throw.raised) => {
                self.pretend_name(name.alias.unwrap_or(name.name));
                Ok(())
            }
            other => other,
        }
    }
}
