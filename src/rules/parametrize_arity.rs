//! COL007: a row of parametrize has more or fewer values than there are names.

use super::fault::{Fault, FaultKind};
use super::finding::{self, Described};
use super::words::exception_line;
use super::{Facts, Meta, Rule, Sink, declare_rule};

declare_rule!(
    ParametrizeArity,
    "COL007",
    "parametrize-arity",
    Error,
    on,
    "a row of parametrize has more or fewer values than there are names"
);

impl Rule for ParametrizeArity {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn check(&self, facts: &Facts, sink: &mut Sink) {
        finding::report(facts, sink, |kind| *kind == FaultKind::Said("COL007"), |fault| describe(facts, fault));
    }
}

fn describe(facts: &Facts, fault: &Fault) -> Described {
    Described {
        what: "a row of parametrize does not fit its names".to_owned(),
        subject: exception_line(facts, &fault.raised),
        label: "parametrized here".to_owned(),
        help: vec!["give each row one value per name; a single tuple value is a row of its own".to_owned()],
        ..Described::default()
    }
}
