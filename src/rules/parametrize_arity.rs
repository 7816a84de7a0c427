//! COL007: a row of parametrize has more or fewer values than there are names.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::exception_line;
use super::{Facts, declare_rule};

declare_rule!(
    ParametrizeArity,
    "COL007",
    "parametrize-arity",
    Error,
    on,
    "a row of parametrize has more or fewer values than there are names",
    FaultKind::Said("COL007") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: "a row of parametrize does not fit its names".to_owned(),
        subject: exception_line(facts, &fault.raised),
        label: "parametrized here".to_owned(),
        help: vec!["give each row one value per name; a single tuple value is a row of its own".to_owned()],
        ..Described::default()
    }
}
