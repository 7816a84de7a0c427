//! CFG008: a warning at import that the run's filters turn into an exception.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::{Facts, declare_rule};

declare_rule!(
    WarningAsError,
    "CFG008",
    "warning-as-error",
    Error,
    on,
    "a warning raised at import becomes an error by filterwarnings or -W",
    FaultKind::WarningAsError => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let class = fault.raised.class;
    Described {
        what: format!("a {class} at import is an error by the run's filters"),
        subject: super::words::exception_line(facts, &fault.raised),
        label: format!("warns: {class}"),
        help: vec![
            "change what the warning is about".to_owned(),
            format!("or add \"ignore::{class}\" to filterwarnings, behind the line that makes errors"),
        ],
        ..Described::default()
    }
}
