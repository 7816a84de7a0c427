//! Files that Python refuses before their first statement: what the SRC rules have in common.

use super::fault::FaultKind;
use super::finding::{Described, report as report_faults};
use super::{Facts, Sink};
use crate::diagnostic::{Certainty, Severity};
use crate::machine::Cause;
use crate::summary::ProblemKind;

/// Reports the refused files of a kind: those that keep modules from collecting, and those that nothing imports.
pub fn report(facts: &Facts, sink: &mut Sink, kind: ProblemKind) {
    report_faults(
        facts,
        sink,
        |fault| *fault == FaultKind::Refused(kind),
        |facts, fault| {
            let version = facts.environment.version;
            let detail = detail(facts, &fault.raised.cause);
            Described {
                what: format!("Python {version} refuses {}", facts.shown(&fault.file)),
                subject: detail.clone(),
                label: detail,
                help: help(kind, version),
                ..Described::default()
            }
        },
    );
    unread(facts, sink, kind);
}

fn detail(facts: &Facts, cause: &Cause) -> String {
    let Cause::Refused { file, problem } = cause else { return String::new() };
    let summary = facts.summary(file);
    summary.and_then(|summary| summary.problems.get(*problem).map(|p| p.message.clone())).unwrap_or_default()
}

fn help(kind: ProblemKind, version: crate::python::version::PythonVersion) -> Vec<String> {
    match kind {
        ProblemKind::NewerSyntax => vec![format!("write it for Python {version}, or run the tests with a later one")],
        ProblemKind::Undecodable => {
            vec!["save the file as UTF-8, or name its encoding in a comment on the first line".to_owned()]
        }
        ProblemKind::UnknownEncoding => vec!["name a codec that Python knows, such as utf-8".to_owned()],
        ProblemKind::NullByte => vec!["save the file as UTF-8: NUL bytes are usually UTF-16".to_owned()],
        ProblemKind::Indentation => vec!["indent with spaces only".to_owned()],
        ProblemKind::Syntax | ProblemKind::Misplaced => Vec::new(),
    }
}

/// A broken file that the run does not read breaks no collection: an information, and never certain.
fn unread(facts: &Facts, sink: &mut Sink, kind: ProblemKind) {
    for file in facts.project_files() {
        let Some(summary) = facts.summary(file) else { continue };
        let version = facts.environment.version;
        let Some((index, problem)) = summary.problems.iter().enumerate().find(|(_, p)| p.holds_for(version)) else {
            continue;
        };
        let told = |cause: &Cause| *cause == Cause::Refused { file: file.clone(), problem: index };
        if problem.kind != kind || facts.faults.iter().any(|fault| told(&fault.raised.cause)) {
            continue;
        }
        let place = facts.place(file, problem.span);
        let what = format!("Python {version} refuses {}, which the run does not import", facts.shown(file));
        let mut finding = sink.finding(place, what);
        finding.severity = Severity::Info;
        finding.certainty = if problem.certain { Certainty::Certain } else { Certainty::Likely };
        finding.label.clone_from(&problem.message);
        finding.subject.clone_from(&problem.message);
        sink.push(finding);
    }
}
