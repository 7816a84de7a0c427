//! Where rules put what they find.

use std::cmp::Ordering;

use super::Meta;
use crate::diagnostic::{Diagnostic, Place, Severity};

/// A finding with what its rank depends on.
#[derive(Debug)]
pub struct Finding {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Nothing behind it is looked at, so it ranks first.
    pub ends_run: bool,
}

/// Collects the findings of one rule.
#[derive(Debug)]
pub struct Sink {
    meta: &'static Meta,
    findings: Vec<Finding>,
}

impl Sink {
    /// For the findings of this rule.
    #[must_use]
    pub const fn new(meta: &'static Meta) -> Self {
        Self { meta, findings: Vec::new() }
    }

    /// A finding of this rule with nothing but its core; give it to [`Self::push`] when it is complete.
    #[must_use]
    pub fn finding(&self, place: Place, message: String) -> Diagnostic {
        Diagnostic::new(self.meta.code, self.meta.name, self.meta.severity, place, message)
    }

    /// Reports.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.findings.push(Finding { diagnostic, ends_run: false });
    }

    /// Reports something behind which nothing is looked at.
    pub fn push_run_end(&mut self, diagnostic: Diagnostic) {
        self.findings.push(Finding { diagnostic, ends_run: true });
    }

    /// How many findings were reported.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether nothing was reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Gives the findings from this one on another severity.
    pub fn set_severity(&mut self, from: usize, severity: Severity) {
        for finding in self.findings.iter_mut().skip(from) {
            finding.diagnostic.severity = severity;
        }
    }

    /// Keeps what the predicate wants, in order.
    pub fn retain(&mut self, mut keep: impl FnMut(&Diagnostic) -> bool) {
        self.findings.retain(|finding| keep(&finding.diagnostic));
    }

    /// What was reported, in order.
    #[must_use]
    pub fn into_findings(self) -> Vec<Finding> {
        self.findings
    }
}

/// What unblocks most comes first; then by place, then by code.
#[must_use]
pub fn order(a: &Finding, b: &Finding) -> Ordering {
    let rank = |finding: &Finding| (finding.ends_run, finding.diagnostic.victims.len());
    let (x, y) = (&a.diagnostic, &b.diagnostic);
    rank(b)
        .cmp(&rank(a))
        .then_with(|| (&x.place.path, x.place.line, x.place.column).cmp(&(&y.place.path, y.place.line, y.place.column)))
        .then_with(|| (x.code, &x.subject, &x.message).cmp(&(y.code, &y.subject, &y.message)))
}
