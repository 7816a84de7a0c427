//! What one file comes to: a test module, one that is looked at for its examples, a text file with examples.

use std::path::Path;
use std::sync::Arc;

use super::chosen::Choice;
use super::collect::Walk;
use super::conftest::Failure;
use super::discover::FileKind;
use super::items::ModuleItems;
use super::params::Failure as ItemFailure;
use super::run::{Imported, last_line};
use super::verdict::{ModuleReport, Verdict};
use crate::diagnostic::Certainty;
use crate::machine::value::ModId;
use crate::machine::{Cause, Raised, Repair};
use crate::python::doctest;
use crate::python::exceptions::is_subclass;

impl Walk<'_, '_> {
    pub(super) fn file(&mut self, file: &Path, kind: FileKind) {
        if !self.seen.insert(file) {
            return;
        }
        if kind.doctest_text && !self.run.blocked.contains("doctest") {
            self.text_file(file);
            return;
        }
        if !(kind.module || kind.doctest_module) {
            return;
        }
        let file = Arc::new(file.to_path_buf());
        self.run.machine.begins_test();
        let (module, imported) = self.run.import_path(&file);
        let borrowed = self.run.machine.take_borrowed();
        let mut report = ModuleReport::new(self.run.node_id(&file), Arc::clone(&file), module);
        self.run.items.chosen = Choice::of(self.given, &file);
        report.exact = false;
        report.borrowed = borrowed;
        match imported {
            Imported::Loaded(module) => match self.run.world.store.summary(&file) {
                Ok(_) => self.collected(&mut report, module, kind),
                Err(error) => report.verdict = Verdict::Unknown(error.to_string()),
            },
            Imported::Raised(raised) => report.verdict = self.raised_verdict(raised),
            Imported::Hangs(raised) => report.verdict = Verdict::Timeout(raised),
            Imported::Unknown(reason) => report.verdict = Verdict::Unknown(reason),
            // It collects; what it holds is not known.
            Imported::Repaired => {}
        }
        self.forgive_import(&mut report, kind);
        if self.is_mended(&report) {
            report.verdict = Verdict::Collected;
        }
        self.run.items.miss_all(&report.verdict);
        self.run.prints(&report.verdict);
        let parent = file.parent().unwrap_or(&file);
        if let Verdict::Error(raised) = &mut report.verdict
            && !self.run.ignores_in(parent).1
        {
            raised.certainty = Certainty::Likely;
        }
        self.note_end(&report);
        self.run.collection.modules.push(report);
    }

    /// `--doctest-ignore-import-errors`: a file that is looked at for its examples alone is skipped.
    fn forgive_import(&self, report: &mut ModuleReport, kind: FileKind) {
        let Verdict::Error(raised) = &report.verdict else { return };
        if kind.module || !self.run.line.has("--doctest-ignore-import-errors") {
            return;
        }
        let is_new = self.run.version().is_at_least(8, 0);
        let is_conftest = report.file.file_name().is_some_and(|name| name == "conftest.py");
        let forgiven = match raised.class.as_str() {
            _ if is_conftest && !is_new => false,
            "SyntaxError" | "IndentationError" | "TabError" | "ImportPathMismatchError" => is_new,
            class => is_subclass(class, "ImportError") == Some(true),
        };
        if forgiven {
            let reason = Some(format!("unable to import module PosixPath('{}')", report.file.display()));
            report.verdict = Verdict::Skipped { reason };
        }
    }

    /// A text file with examples is one test; without any it is none.
    fn text_file(&mut self, file: &Path) {
        let nodeid = self.run.node_id(file);
        let bytes = self.run.world.system.read(file).unwrap_or_default();
        let text = String::from_utf8(bytes);
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let examples =
            text.as_deref().map_or(Ok(false), |text| doctest::has_examples(&text.replace("\r\n", "\n"), &name));
        let items = if examples == Ok(true) { vec![format!("{nodeid}::{name}")] } else { Vec::new() };
        self.run.items.plain(items.len());
        self.run.collection.modules.push(ModuleReport {
            verdict: match (text, examples) {
                (Err(_), _) => Verdict::Unknown("the text is not UTF-8".to_owned()),
                (_, Err(refused)) if refused.is_option => Verdict::Unknown(refused.message),
                (_, Err(refused)) => Verdict::Error(Box::new(ItemFailure::value_error(refused.message).raised())),
                _ => Verdict::Collected,
            },
            exact: true,
            items,
            ..ModuleReport::new(nodeid, Arc::new(file.to_path_buf()), String::new())
        });
    }

    fn collected(&mut self, report: &mut ModuleReport, module: ModId, kind: FileKind) {
        match self.run.consider_module(module) {
            Ok(()) | Err(Failure::Unknown(_)) => {}
            Err(Failure::Raised(raised)) => report.verdict = self.raised_verdict(raised),
            Err(Failure::Hangs(raised)) => report.verdict = Verdict::Timeout(raised),
        }
        if !matches!(report.verdict, Verdict::Collected) {
            return;
        }
        report.exact = true;
        if kind.doctest_module && !self.run.blocked.contains("doctest") {
            let store = &self.run.world.store;
            let text = |file: &Path| store.text(file);
            let found = self.run.items.doctests(&mut self.run.machine, module, &report.nodeid, &text);
            self.holds(report, found);
        }
        if kind.module {
            let found = self.run.items.module(&mut self.run.machine, module, &report.nodeid);
            self.holds(report, found);
        }
        self.run.machine.release(module);
    }

    /// Notes what a node of a module came to.
    fn holds(&mut self, report: &mut ModuleReport, found: ModuleItems) {
        report.exact &= found.inexact.is_none();
        report.inexact = report.inexact.take().or(found.inexact);
        report.reasons.extend(found.reasons);
        report.unordered = report.unordered.or(found.unordered);
        report.items.extend(found.items.into_iter().map(|item| item.nodeid));
        if let Some(failed) = found.failure {
            let place = failed.at.map(|at| (Arc::clone(&report.file), at));
            self.run.collection.failed_at.extend(place);
            report.node = failed.node;
            report.verdict = Verdict::Error(Box::new(failed.failure.raised()));
        }
    }

    /// Whether what pytest itself refuses here counts as repaired.
    fn is_mended(&self, report: &ModuleReport) -> bool {
        let Verdict::Error(raised) = &report.verdict else { return false };
        let refusal = || Repair::Refusal(Arc::clone(&report.file));
        self.run.machine.is_repaired(raised) || Repair::of(raised).is_none() && self.run.machine.repairs(&refusal())
    }

    pub(super) fn raised_verdict(&self, raised: Box<Raised>) -> Verdict {
        match (raised.class.as_str(), &raised.cause) {
            (_, Cause::Skip { allowed: true }) => Verdict::Skipped { reason: raised.message.clone() },
            ("SystemExit" | "KeyboardInterrupt", _) if self.run.version().is_at_least(8, 2) => Verdict::Exit(raised),
            _ => Verdict::Error(raised),
        }
    }

    /// The first module that ends or hangs the run is what the run says; the rest is what it would be without it.
    fn note_end(&mut self, report: &ModuleReport) {
        if self.run.collection.aborted.is_some() {
            return;
        }
        let (how, raised) = match &report.verdict {
            Verdict::Exit(raised) => ("exit", raised),
            Verdict::Timeout(raised) => ("timeout", raised),
            _ => return,
        };
        if raised.certainty != Certainty::Certain {
            return;
        }
        let message = last_line(raised.message.as_deref().unwrap_or_default());
        let reason = match how {
            "exit" => format!("exit in {}: {}: {message}", report.nodeid, raised.class),
            _ => format!("timeout in {}", report.nodeid),
        };
        let (file, raised) = (Arc::clone(&report.file), raised.clone());
        let abort = self.run.abort(reason);
        abort.file = Some(file);
        abort.raised = Some(raised);
    }
}
