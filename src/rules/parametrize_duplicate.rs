//! COL009: an argument is parametrized twice.

use super::fault::{Fault, FaultKind};
use super::finding::Described;
use super::words::exception_line;
use super::{Facts, declare_rule};

declare_rule!(
    ParametrizeDuplicate, "COL009", "parametrize-duplicate", Error, on, "an argument is parametrized twice",
    FaultKind::Said("COL009") => describe
);

fn describe(facts: &Facts, fault: &Fault) -> Described {
    let text = exception_line(facts, &fault.raised);
    let name = text.rsplit('\'').nth(1).unwrap_or_default();
    Described {
        what: format!("{name} is parametrized twice"),
        subject: text.clone(),
        label: "parametrized more than once".to_owned(),
        help: vec!["keep one: marks of the class and of the module count as well".to_owned()],
        ..Described::default()
    }
}
