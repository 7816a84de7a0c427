//! Known findings: a file of fingerprints with counts. What it knows is not told again; what it knows and is not found any
//! more is told once, by PRE002. It grows only when it is written anew.
//!
//! A finding is recognised by its fingerprint; failing that, by code and subject where the file was renamed or moved, or
//! the place is in another function now.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;

/// Version of the file's shape.
const VERSION: u32 = 1;

/// What a file knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// One finding, or several that differ in their place only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The file that the finding named.
    pub path: String,
    /// Its rule.
    pub code: String,
    /// What it was about.
    pub subject: String,
    /// See [`Diagnostic::fingerprint`].
    pub fingerprint: String,
    /// How many there were.
    pub count: usize,
}

impl Baseline {
    /// A baseline of these findings.
    #[must_use]
    pub fn of(findings: &[Diagnostic]) -> Self {
        let mut known: BTreeMap<String, Known> = BTreeMap::new();
        for finding in findings {
            let fingerprint = finding.fingerprint();
            let entry = known.entry(fingerprint.clone()).or_insert_with(|| Known {
                path: finding.place.path.to_string(),
                code: finding.code.to_owned(),
                subject: finding.subject.clone(),
                fingerprint,
                count: 0,
            });
            entry.count += 1;
        }
        let mut findings: Vec<Known> = known.into_values().collect();
        findings.sort();
        Self { version: VERSION, findings }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let baseline: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if baseline.version == VERSION {
            Ok(baseline)
        } else {
            Err(format!("it has version {}, and this program reads version {VERSION}", baseline.version))
        }
    }

    /// The text of a file: one finding per line, sorted, so that it merges well.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.findings.iter().filter_map(|known| serde_json::to_string(known).ok()).collect();
        let separator = if lines.is_empty() { "" } else { "\n  " };
        let end = if lines.is_empty() { "" } else { "\n" };
        format!("{{\"version\": {VERSION}, \"findings\": [{separator}{}{end}]}}\n", lines.join(",\n  "))
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Takes out what is known; says how many that were, and what is left of the baseline: findings that are gone.
    pub fn take_known(&self, findings: &mut Vec<Diagnostic>) -> (usize, Vec<Known>) {
        let mut left = self.findings.clone();
        let before = findings.len();
        let same = |known: &Known, finding: &Diagnostic| known.fingerprint == finding.fingerprint();
        let alike = |known: &Known, finding: &Diagnostic| {
            known.code == finding.code && known.subject == finding.subject && !known.subject.is_empty()
        };
        findings.retain(|finding| !take(&mut left, |known| same(known, finding)));
        findings.retain(|finding| !take(&mut left, |known| alike(known, finding)));
        left.retain(|known| known.count > 0);
        (before - findings.len(), left)
    }

    /// The same without entries that nothing is found of any more.
    #[must_use]
    pub fn without(&self, gone: &[Known]) -> Self {
        let lost = |known: &Known| gone.iter().filter(|g| g.fingerprint == known.fingerprint).map(|g| g.count).sum();
        let shrunk = |known: &Known| {
            let lost: usize = lost(known);
            Known { count: known.count.saturating_sub(lost), ..known.clone() }
        };
        let findings = self.findings.iter().map(shrunk).filter(|known| known.count > 0).collect();
        Self { version: VERSION, findings }
    }
}

fn take(left: &mut [Known], is_it: impl Fn(&Known) -> bool) -> bool {
    let found = left.iter_mut().find(|known| known.count > 0 && is_it(known));
    found.is_some_and(|known| {
        known.count -= 1;
        true
    })
}

/// Reads the baseline of a run; none if there is no such file, or it cannot be read, which the command line has told.
#[must_use]
pub fn load(system: &dyn crate::base::system::System, path: &Path) -> Option<(Baseline, String)> {
    let text = String::from_utf8(system.read(path).ok()?).ok()?;
    Some((Baseline::parse(&text).ok()?, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::span::Span;
    use crate::diagnostic::{Place, Severity};

    fn finding(path: &str, subject: &str, line: u32) -> Diagnostic {
        let place = Place { path: path.into(), line, column: 1, span: Span::new(line, line + 1) };
        let mut found = Diagnostic::new("IMP002", "missing-name", Severity::Error, place, String::new());
        subject.clone_into(&mut found.subject);
        found
    }

    #[test]
    fn known_findings_are_recognised_after_edits() {
        let known = [finding("a.py", "shop.x", 1), finding("a.py", "shop.y", 2), finding("b.py", "shop.z", 3)];
        let baseline = Baseline::parse(&Baseline::of(&known).text()).expect("is read as it is written");
        let mut today = vec![
            finding("a.py", "shop.x", 40),
            finding("a.py", "shop.x", 41),
            finding("moved/b.py", "shop.z", 3),
            finding("a.py", "shop.new", 1),
        ];
        let (count, gone) = baseline.take_known(&mut today);
        assert_eq!(count, 2, "moved lines and moved files are known; a second of a kind is not");
        let left: Vec<_> = today.iter().map(|finding| (finding.subject.as_str(), finding.place.line)).collect();
        assert_eq!(left, [("shop.x", 41), ("shop.new", 1)]);
        let gone_subjects: Vec<_> = gone.iter().map(|known| known.subject.as_str()).collect();
        assert_eq!(gone_subjects, ["shop.y"]);
        assert_eq!(baseline.without(&gone).len(), 2);
    }

    #[test]
    fn an_empty_baseline_can_be_written() {
        assert_eq!(Baseline::default().text(), "{\"version\": 1, \"findings\": []}\n");
        assert!(Baseline::parse("{\"version\": 9, \"findings\": []}").is_err());
    }
}
