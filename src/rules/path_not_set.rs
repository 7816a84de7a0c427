//! ENV009: the module is in the tree, its directory is not on sys.path.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::origin::{installed, top_level};
use super::words::{listed, thousands};
use super::{Facts, declare_rule};
use std::path::Path;

declare_rule!(
    PathNotSet,
    "ENV009",
    "path-not-set",
    Error,
    on,
    "the module is in the tree, its directory is not on sys.path",
    FaultKind::NotOnPath { .. } => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::NotOnPath { directory } = &fault.kind else { return Described::default() };
    let Some((first, _)) = fault.lacks.first() else { return Described::default() };
    let top = top_level(first);
    let shown = facts.shown(directory);
    let shown = if shown.is_empty() { ".".to_owned() } else { shown };
    let mut found = Vec::new();
    if fault.lacks.iter().any(|(name, _)| name != top) {
        found.extend(installed(facts, top).map(|(name, version)| {
            ("imported", format!("{name} {version} is installed and found instead, without these modules"))
        }));
        let mut lacks: Vec<_> = fault.lacks.iter().collect();
        lacks.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let lacks: Vec<String> =
            lacks.into_iter().map(|(name, count)| format!("{name} ({})", thousands(*count))).collect();
        found.push(("missing", listed(&lacks, 5)));
    }
    Described {
        what: format!("{top} is in {shown}, which is not on sys.path"),
        facts: found,
        subject: top.to_owned(),
        label: format!("found from {shown} only"),
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
