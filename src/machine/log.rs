//! Exceptions on their way, the frames they pass, and the events that rules want to know of.

use std::path::PathBuf;
use std::sync::Arc;

use super::Machine;
use super::outcome::{Cause, Event, Frame, Raised};
use super::value::Value;
use crate::base::intern::Name;
use crate::base::span::Span;
use crate::diagnostic::Certainty;
use crate::python::version::PythonVersion;

/// Why execution leaves a block early.
#[derive(Debug, Clone)]
pub struct Throw {
    /// What pytest would report.
    pub raised: Raised,
    /// Whether handlers see it.
    pub kind: ThrowKind,
    /// Its class.
    pub class: Value,
    /// The exception object, as `as` binds it.
    pub value: Value,
    /// `exc.name` of an ImportError.
    pub import_name: Option<Name>,
}

impl Throw {
    /// Whether an import statement failed.
    pub(super) fn is_import(&self) -> bool {
        matches!(self.raised.cause, Cause::MissingModule { .. } | Cause::MissingName { .. } | Cause::Refused { .. })
    }
}

/// Whether handlers see a [`Throw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrowKind {
    /// An ordinary exception.
    Exception,
    /// Does not come back: no handler runs.
    Hang,
    /// The process is gone: no handler runs.
    Dead,
    /// The budget of a call or of the import is used up.
    GiveUp,
}

/// A result that may leave early.
pub type Eval<T = Value> = Result<T, Box<Throw>>;

/// An exception that some path raises while others go on.
#[derive(Debug, Clone)]
pub enum May {
    /// A call or operation of unknown effect; never an ImportError of the code's own imports.
    Anything,
    /// An import whose success is not known.
    Import,
    /// A missing attribute or name.
    Attribute,
    /// This one.
    This(Box<Throw>),
}

/// Something of the project's code that pytest warns of and that changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Where.
    pub file: Arc<PathBuf>,
    /// See `file`.
    pub span: Span,
}

/// What a [`Notice`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeKind {
    /// A mark that nobody registers.
    UnknownMark(Name),
    /// A mark on a fixture.
    MarkOnFixture {
        /// The mark.
        mark: Name,
        /// The fixture's function.
        fixture: Name,
    },
}

impl Machine<'_> {
    /// Writes down what pytest would warn of, once per place, in code of the project.
    pub(super) fn notice(&mut self, kind: NoticeKind) {
        let Some(frame) = self.frames.last() else { return };
        let unit = &self.units[frame.unit];
        if !unit.is_project {
            return;
        }
        let notice = Notice { kind, file: Arc::clone(&unit.file), span: frame.span };
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Remembers that an exception is possible here; a `try` around it will ask.
    pub(super) fn may_raise(&mut self, may: May) {
        if let Some(list) = self.tries.last_mut() {
            let simple = !matches!(may, May::This(_));
            let same = |other: &May| std::mem::discriminant(other) == std::mem::discriminant(&may);
            if simple && list.iter().any(same) || list.len() > 64 {
                return;
            }
            list.push(may);
        }
    }

    /// Frames from the outermost to the one that runs.
    pub(super) fn stack(&self) -> Vec<Frame> {
        let inlined = self.setup.version >= PythonVersion::three(12);
        let shown = self.frames.iter().filter(|frame| !(frame.is_comprehension && inlined));
        shown.map(|frame| self.frame_at(frame.unit, frame.module, frame.span)).collect()
    }

    pub(super) fn frame_at(&self, unit: super::value::UnitId, module: super::value::ModId, span: Span) -> Frame {
        let unit = &self.units[unit];
        Frame {
            file: Arc::clone(&unit.file),
            module: self.state.modules[module].name,
            span,
            line: unit.summary.line(span.start),
        }
    }

    /// An exception of a builtin or library class.
    pub(super) fn throw(&mut self, class: &str, message: Option<String>, cause: Cause) -> Box<Throw> {
        let class = crate::python::exceptions::canonical(class);
        let bare = class.rsplit('.').next().unwrap_or(class);
        let text = message.as_deref().map_or(Value::Unknown, Value::str);
        let full = if class.contains('.') { class.to_owned() } else { format!("builtins.{class}") };
        let class = Value::external(&full);
        let value = self.instance(class.clone(), vec![text], Vec::new());
        Box::new(Throw {
            raised: Raised {
                class: Name::new(bare),
                message,
                frames: self.stack(),
                cause,
                certainty: Certainty::Certain,
            },
            kind: ThrowKind::Exception,
            class,
            value,
            import_name: None,
        })
    }

    /// Of what happens now: whether every path leads here.
    pub(super) fn certainty(&self) -> Certainty {
        if self.doubt == 0 && !self.frames.iter().any(|frame| frame.left || frame.loop_left) {
            Certainty::Certain
        } else {
            Certainty::Likely
        }
    }

    pub(super) fn error(&mut self, class: &str, message: impl Into<String>) -> Box<Throw> {
        self.throw(class, Some(message.into()), Cause::Other)
    }

    /// An operation on values fails. Values are known best in code of the project that runs at module level, or in a
    /// function that it called and that has decided nothing; behind other calls, and in packages, a value that is slightly
    /// wrong must not become an alarm: there it is only possible.
    pub(super) fn fails(&mut self, class: &str, message: impl Into<String>) -> Eval {
        let throw = self.error(class, message);
        let trusted = self.frames.last().is_some_and(|frame| self.units[frame.unit].is_project);
        if trusted && (self.calls == 0 || self.is_function_alone()) {
            return Err(throw);
        }
        self.may_raise(May::This(throw));
        Ok(Value::Unknown)
    }

    /// The same of a function that belongs to no object and to no other function: values that went through objects are known
    /// less well.
    fn is_function_alone(&self) -> bool {
        let alone = |frame: &super::Activation| {
            let is_method = frame.function.is_none_or(|function| self.state.functions[function].class.is_some());
            !is_method && frame.closure.is_empty()
        };
        let inner =
            self.frames.iter().rev().find(|frame| frame.scope == super::Scope::Function && !frame.is_comprehension);
        inner.is_some_and(alone) && self.is_plain_call()
    }

    /// Whether module level called the function that runs, which has decided nothing: what it knows is what it was given.
    pub(super) fn is_plain_call(&self) -> bool {
        self.calls_are_plain() && self.running_functions().count() == 1
    }

    /// Whether the functions that run are the project's and have decided nothing.
    pub(super) fn calls_are_plain(&self) -> bool {
        let own = |frame: &super::Activation| {
            self.units[frame.unit].is_project && !frame.has_decided && !frame.left && !frame.loop_left
        };
        self.running_functions().all(own)
            && self.package_calls == 0
            && self.getattrs == 0
            && !self.probing
            && self.listings.is_empty()
    }

    /// Calls of functions since module level, innermost first.
    fn running_functions(&self) -> impl Iterator<Item = &super::Activation> {
        let inner = self.frames.iter().rev().take_while(|frame| frame.scope != super::Scope::Module);
        inner.filter(|frame| frame.scope == super::Scope::Function && !frame.is_comprehension)
    }

    /// The budget is used up.
    pub(super) fn give_up(&mut self, reason: &str) -> Box<Throw> {
        let mut throw = self.throw("RuntimeError", Some(reason.to_owned()), Cause::Other);
        throw.kind = ThrowKind::GiveUp;
        throw
    }

    pub(super) fn log_executes(&mut self, module: Name, file: Arc<PathBuf>) {
        let from = self.frames.last().map(|frame| self.frame_at(frame.unit, frame.module, frame.span));
        self.events.push(Event::Executes { module, file, from });
    }

    pub(super) fn log_caught(&mut self, throw: &Throw) {
        self.events.push(Event::Caught { raised: Box::new(throw.raised.clone()) });
    }
}
