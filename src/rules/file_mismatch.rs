//! COL001: two test files become one module name.

use std::path::Path;

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::origin::top_level;
use super::{Facts, declare_rule};
use crate::summary::ImportKind;

declare_rule!(
    FileMismatch, "COL001", "file-mismatch", Error, on, "two test files become one module name",
    FaultKind::FileMismatch => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let shown = facts.shown(&fault.file);
    let directory = shown.rsplit_once('/').map_or("", |(directory, _)| directory);
    let sibling = imported_sibling(facts, &fault.file);
    let package = format!("add {directory}/__init__.py, so that the two get different module names");
    let rename = "rename one of the files";
    let help = match &sibling {
        None => vec![package, format!("or {rename}"), "or set --import-mode=importlib".to_owned()],
        // Neither in a package nor with importlib the directory is on sys.path.
        Some(_) => vec![rename.to_owned()],
    };
    Described {
        what: format!("{shown} has the module name of another test file"),
        subject: shown.clone(),
        label: String::new(),
        facts: sibling.map(|text| ("package", text)).into_iter().collect(),
        help,
        ..Described::default()
    }
}

/// A test module beside the file that imports another module of the directory by its bare name, which it could not in a
/// package; as a phrase.
pub(super) fn imported_sibling(facts: &Facts, file: &Path) -> Option<String> {
    let directory = file.parent()?;
    let beside = facts.project_files().iter().filter(|other| other.parent() == Some(directory));
    for other in beside {
        let Some(summary) = facts.summary(other) else { continue };
        let plain = summary.imports.iter().filter(|import| import.level == 0 && import.kind == ImportKind::Plain);
        for import in plain {
            let top = top_level(summary.text(import.module));
            if facts.source.is_file(&directory.join(format!("{top}.py"))) {
                return Some(format!("an __init__.py here would hide {top} from {}", facts.shown(other)));
            }
        }
    }
    None
}
