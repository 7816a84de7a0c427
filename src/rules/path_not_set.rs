//! ENV009: the module is in the tree, its directory is not on sys.path.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::origin::{installed, top_level};
use super::{Facts, Meta, Rule, Sink, declare_rule};
use crate::machine::Cause;
use std::path::Path;

declare_rule!(
    PathNotSet,
    "ENV009",
    "path-not-set",
    Error,
    on,
    "the module is in the tree, its directory is not on sys.path"
);

impl Rule for PathNotSet {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(
            facts,
            sink,
            |kind| matches!(kind, FaultKind::NotOnPath { .. }),
            |fault| describe(facts, fault),
        );
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::NotOnPath { directory } = &fault.kind else { return Described::default() };
    let Cause::MissingModule { missing, .. } = &fault.raised.cause else { return Described::default() };
    let shown = facts.shown(directory);
    let shown = if shown.is_empty() { ".".to_owned() } else { shown };
    let place = if shown == "." { "the project's own directory".to_owned() } else { shown.clone() };
    let top = top_level(missing.as_str());
    let shadow = installed(facts, top).filter(|_| top != missing.as_str());
    let instead =
        shadow.map(|(name, version)| ("imported", format!("{name} {version} is installed and found instead")));
    Described {
        what: format!("{missing} is in {place}, which is not on sys.path"),
        facts: instead.into_iter().collect(),
        subject: missing.as_str().to_owned(),
        label: "found from there only".to_owned(),
        help: ways_out(facts, directory, &shown),
        ..Described::default()
    }
}

/// What puts the directory on the path, the least change first.
fn ways_out(facts: &Facts, directory: &Path, shown: &str) -> Vec<String> {
    let mut ways = Vec::new();
    let is_current = directory == facts.settings.root;
    if is_current && !facts.settings.python_dash_m {
        ways.push("python -m pytest puts the current directory on sys.path".to_owned());
    }
    ways.push(format!("pythonpath = [{shown:?}] in pytest's configuration"));
    let installable = ["pyproject.toml", "setup.py", "setup.cfg"].map(|name| facts.root.join(name));
    let near = directory == facts.root || directory.parent() == Some(facts.root);
    if near && installable.iter().any(|file| facts.source.is_file(file)) {
        ways.push("pip install -e . makes the project importable from everywhere".to_owned());
    }
    ways
}
