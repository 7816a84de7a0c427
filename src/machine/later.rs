//! What code that did not run may have set by now: attributes that functions assign to modules and classes.
//!
//! Hooks, callbacks and functions that are called in ways the machine does not follow run all the same before pytest
//! collects. An attribute that such code sets somewhere is not missing for certain. Asked only where something would
//! fail, so it may look through the sources that were loaded.

use super::state::Phase;
use super::value::ModId;
use super::{Machine, Unit};
use crate::base::index::Id;
use crate::base::intern::Name;
use crate::base::system::Kind;
use crate::summary::program::{Block, Expr, ExprKind, Op, OpKind, blocks, walk};
use crate::summary::{Definition, DefinitionKind, ProgramId, Summary, Sym, expressions};

impl Machine<'_> {
    /// Whether code that is not seen running may have bound a name that is not there.
    pub(super) fn may_appear(&self, module: ModId, name: Name) -> bool {
        self.fills_itself(module)
            // Nobody has had a module in hand that is still being imported.
            || self.state.modules[module].phase != Phase::Loading
                && self.module_is_set_later(module, name)
                && (self.runs_unseen || self.has_hooks())
    }

    /// Whether loaded code of the project defines hooks, which pytest calls.
    fn has_hooks(&self) -> bool {
        let is_hook = |summary: &Summary, definition: &Definition| {
            let name = summary.text(definition.qualname);
            name.rsplit('.').next().unwrap_or(name).starts_with("pytest_")
        };
        self.units
            .iter()
            .filter(|unit| unit.is_project)
            .any(|unit| unit.summary.definitions.iter().any(|definition| is_hook(&unit.summary, definition)))
    }

    /// Whether an installed module has functions that bind any name in it when somebody calls them, as compiled code
    /// may.
    fn fills_itself(&self, module: ModId) -> bool {
        let data = &self.state.modules[module];
        let Some(unit) = data.unit.map(|unit| &self.units[unit]) else { return false };
        if unit.is_project {
            return false;
        }
        let own = data.name.as_str().rsplit('.').next().unwrap_or_default();
        let Some(summary) = self.whole(unit) else { return true };
        let uses = |word: &str| symbol(summary, word).is_some();
        let imports_itself = || {
            let itself = |name: Sym| summary.text(name) == own;
            summary.imports.iter().any(|import| import.program != ProgramId::MODULE && import.name.is_some_and(itself))
        };
        uses("globals") && summary.definitions.iter().any(|definition| hands_out_globals(summary, definition))
            || uses("setattr") && (uses("modules") || imports_itself())
    }

    /// Whether a function somewhere assigns `module.name`, or `global name` in the module's own code.
    pub(super) fn module_is_set_later(&self, module: ModId, name: Name) -> bool {
        let data = &self.state.modules[module];
        let last = data.name.as_str().rsplit('.').next().unwrap_or_default();
        let own = data.unit.map(|unit| &self.units[unit]);
        own.and_then(|unit| self.with_setters(unit, name))
            .is_some_and(|summary| declares_global(summary, name.as_str()))
            || self.is_set_on(last, name)
            || self.unread_code_sets(module, last, name)
    }

    /// Whether a conftest ran code that is not read (`exec` of a file): any plugin, hook or replaced object may come of it.
    #[must_use]
    pub fn conftest_runs_unread_code(&self) -> bool {
        let is_conftest = |id: &ModId| self.state.modules[*id].name.as_str().rsplit('.').next() == Some("conftest");
        self.wild.iter().any(is_conftest)
    }

    /// A conftest ran code that is not read, which may have run any file of the project: those around the module tell.
    fn unread_code_sets(&self, module: ModId, last: &str, name: Name) -> bool {
        if !self.conftest_runs_unread_code() {
            return false;
        }
        let data = &self.state.modules[module];
        let depth = data.name.as_str().matches('.').count() + usize::from(data.is_package);
        let file = data.unit.map(|unit| &self.units[unit].file);
        let Some(package) = file.and_then(|file| file.ancestors().nth(depth.max(1))) else { return false };
        let (mut folders, mut left) = (vec![package.to_path_buf()], FILES);
        while let Some(folder) = folders.pop() {
            for (entry, kind) in self.world.entries(&folder).unwrap_or_default() {
                let path = folder.join(&entry);
                if left == 0 {
                    return false;
                }
                left -= 1;
                match kind {
                    Kind::Directory => folders.push(path),
                    Kind::File if entry.ends_with(".py") => {
                        let summary = self.world.summary(&path);
                        let leaves = summary.as_ref().is_some_and(|summary| summary.leaves_setter(name.as_str()));
                        let summary = if leaves { self.world.whole(&path) } else { summary };
                        if summary.is_some_and(|summary| sets(&summary, last, name)) {
                            return true;
                        }
                    }
                    Kind::File | Kind::Other => {}
                }
            }
        }
        false
    }

    /// Whether a function somewhere assigns `owner.name`, `owner` being the last part of what stands before the dot.
    pub(super) fn is_set_on(&self, owner: &str, name: Name) -> bool {
        let may = self.setters.of(&self.units, name.as_str());
        let sets = |summary: &Summary| sets(summary, owner, name);
        may.into_iter().any(|unit| self.with_setters(&self.units[unit], name).is_some_and(sets))
    }

    /// How often a source was looked at for code that may set what is not there.
    #[must_use]
    pub fn sources_searched(&self) -> u64 {
        self.setters.looked()
    }

    /// A summary of the unit that holds all functions which may set the name on something.
    fn with_setters<'u>(&self, unit: &'u Unit, name: Name) -> Option<&'u Summary> {
        if unit.summary.leaves_setter(name.as_str()) { self.whole(unit) } else { Some(&unit.summary) }
    }

    /// The summary of the unit's file with all function bodies.
    fn whole<'u>(&self, unit: &'u Unit) -> Option<&'u Summary> {
        unit.whole.get_or_init(|| self.world.whole(&unit.file)).as_deref()
    }
}

/// Files and folders that are looked through around a module.
const FILES: usize = 2_000;

fn sets(summary: &Summary, owner: &str, name: Name) -> bool {
    let Some(symbol) = symbol(summary, name.as_str()) else { return false };
    let sets = Sets { summary, owner, name: symbol };
    summary.definitions.iter().any(|definition| sets.function(definition))
}

fn symbol(summary: &Summary, text: &str) -> Option<Sym> {
    summary.strings.iter().position(|known| known == text).map(Sym::from_usize)
}

fn declares_global(summary: &Summary, name: &str) -> bool {
    let Some(symbol) = symbol(summary, name) else { return false };
    summary.definitions.iter().any(|definition| {
        let mut found = false;
        if let Some(body) = body(summary, definition) {
            walk(&body, &mut |op| found |= matches!(&op.kind, OpKind::Global(names) if names.contains(&symbol)));
        }
        found
    })
}

/// The body of a function that may run before tests do.
fn body(summary: &Summary, definition: &Definition) -> Option<Block> {
    let DefinitionKind::Function { body } = definition.kind else { return None };
    let qualname = summary.text(definition.qualname);
    let is_test = qualname.split('.').any(|part| part.starts_with("test_") || part.starts_with("Test"));
    (!is_test).then(|| summary.program(body).body)
}

struct Sets<'a> {
    summary: &'a Summary,
    owner: &'a str,
    name: Sym,
}

impl Sets<'_> {
    fn function(&self, definition: &Definition) -> bool {
        body(self.summary, definition).is_some_and(|body| self.block(&body))
    }

    fn block(&self, block: &[Op]) -> bool {
        block.iter().any(|op| self.statement(op) || blocks(op).into_iter().any(|nested| self.block(nested)))
    }

    fn statement(&self, op: &Op) -> bool {
        let targets: &[Expr] = match &op.kind {
            OpKind::Assign { targets, .. } => targets,
            OpKind::AugAssign { target, .. } | OpKind::AnnAssign { target, value: Some(_), .. } => {
                std::slice::from_ref(target)
            }
            _ => &[],
        };
        if targets.iter().any(|target| self.target(target)) {
            return true;
        }
        let mut found = false;
        expressions::each(op, &mut |expr| found |= self.is_setattr(expr));
        found
    }

    fn target(&self, target: &Expr) -> bool {
        match &target.kind {
            ExprKind::Attribute { value, name, .. } => *name == self.name && self.is_owner(value),
            ExprKind::Tuple(items) | ExprKind::List(items) => items.iter().any(|item| self.target(item)),
            ExprKind::Starred(inner) => self.target(inner),
            _ => false,
        }
    }

    /// `setattr(owner, "name", value)`
    fn is_setattr(&self, expr: &Expr) -> bool {
        let ExprKind::Call(call) = &expr.kind else { return false };
        let called = matches!(&call.function.kind, ExprKind::Name(name) if self.summary.text(*name) == "setattr");
        let [owner, name, ..] = call.arguments.as_slice() else { return false };
        called && matches!(&name.kind, ExprKind::Str(text) if *text == self.name) && self.is_owner(owner)
    }

    fn is_owner(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => self.summary.text(*name) == self.owner || self.is_alias(*name),
            ExprKind::Attribute { name, .. } => self.summary.text(*name) == self.owner,
            // `sys.modules["pkg.config"].options = ...`
            ExprKind::Subscript { index, .. } => matches!(&index.kind,
                ExprKind::Str(text) if self.summary.text(*text).rsplit('.').next() == Some(self.owner)),
            _ => false,
        }
    }

    /// `import pkg.config as own`
    fn is_alias(&self, bound: Sym) -> bool {
        self.summary.imports.iter().any(|import| {
            import.alias == Some(bound)
                && self.summary.text(import.name.unwrap_or(import.module)).rsplit('.').next() == Some(self.owner)
        })
    }
}

/// Whether a function changes `globals()` or hands the dict on, as opposed to looking something up in it.
fn hands_out_globals(summary: &Summary, definition: &Definition) -> bool {
    let DefinitionKind::Function { body } = definition.kind else { return false };
    let program = summary.program(body);
    let is_globals = |expr: &Expr| {
        matches!(&expr.kind, ExprKind::Call(call)
            if matches!(&call.function.kind, ExprKind::Name(name) if summary.text(*name) == "globals"))
    };
    let (mut calls, mut reads, mut stores) = (0, 0, false);
    walk(&program.body, &mut |op| {
        let targets: &[Expr] = match &op.kind {
            OpKind::Assign { targets, .. } | OpKind::Delete(targets) => targets,
            OpKind::AugAssign { target, .. } => std::slice::from_ref(target),
            _ => &[],
        };
        stores |=
            targets.iter().any(|target| matches!(&target.kind, ExprKind::Subscript { value, .. } if is_globals(value)));
        expressions::each(op, &mut |expr| {
            calls += usize::from(is_globals(expr));
            reads += match &expr.kind {
                ExprKind::Subscript { value, .. } => usize::from(is_globals(value)),
                ExprKind::Attribute { value, name, .. } => {
                    let looks = matches!(summary.text(*name), "get" | "keys" | "items" | "values" | "copy");
                    usize::from(looks && is_globals(value))
                }
                // What such code binds goes to the names behind.
                ExprKind::Call(call) => {
                    let evaluates = matches!(&call.function.kind, ExprKind::Name(name)
                        if matches!(summary.text(*name), "eval" | "exec"));
                    usize::from(evaluates && call.arguments.len() == 3 && is_globals(&call.arguments[1]))
                }
                ExprKind::Compare { rest, .. } => rest.iter().filter(|(_, right)| is_globals(right)).count(),
                _ => 0,
            };
        });
    });
    stores || calls > reads
}
