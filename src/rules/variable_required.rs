//! ENV006: an environment variable that is read at import, without a default, and is not set.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    VariableRequired,
    "ENV006",
    "variable-required",
    Warning,
    on,
    "an environment variable is read at import without a default, and is not set",
    FaultKind::VariableRequired { .. } => describe
);

fn describe(_: &Facts, fault: &Fault) -> Described {
    let FaultKind::VariableRequired { variable } = &fault.kind else { return Described::default() };
    Described {
        what: format!("the environment variable {variable} is needed at import and not set"),
        subject: variable.clone(),
        label: "raises KeyError where it is not set".to_owned(),
        help: vec![
            format!("read it with a default, or inside the function that needs it: os.environ.get({variable:?})"),
            format!("or say that test runs set it: environment-variables = [{variable:?}]"),
        ],
        ..Described::default()
    }
}
