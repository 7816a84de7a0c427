//! ENV007: a file that is opened at import and does not exist.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    FileRequired,
    "ENV007",
    "file-required",
    Warning,
    on,
    "a file that is opened at import does not exist",
    FaultKind::FileRequired { .. } => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let FaultKind::FileRequired { path } = &fault.kind else { return Described::default() };
    let shown = facts.without_root(path);
    let relative = !std::path::Path::new(path).is_absolute();
    let beside =
        fault.file.parent().map(|folder| folder.join(path)).filter(|file| relative && facts.source.is_file(file));
    let mut help = Vec::new();
    if let Some(beside) = beside {
        help.push(format!(
            "{} exists: a relative path starts at the directory in which pytest is started; use \
             Path(__file__).parent / {path:?}",
            facts.shown(&beside)
        ));
    }
    help.push("add the file, or open it inside the function that needs it".to_owned());
    Described {
        what: format!("the file {shown} is opened at import and does not exist"),
        subject: shown,
        label: "opened when the module is imported".to_owned(),
        help,
        ..Described::default()
    }
}
