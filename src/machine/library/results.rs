//! Which class an object is of that the standard library makes, where what it holds is not known: times, numbers and the
//! like as their methods and operators give them.

use crate::machine::Machine;
use crate::machine::log::May;
use crate::machine::value::Value;
use crate::summary::program::BinaryOp;

const DATETIME: &str = "datetime.datetime";
const DATE: &str = "datetime.date";
const DELTA: &str = "datetime.timedelta";
const DECIMAL: &str = "decimal.Decimal";

/// Functions and methods by their class, with the class of what they give.
const RESULTS: &[(&str, &[&str], &str)] = &[
    (
        DATETIME,
        &[
            "now",
            "utcnow",
            "today",
            "fromtimestamp",
            "utcfromtimestamp",
            "strptime",
            "fromisoformat",
            "fromordinal",
            "combine",
            "replace",
            "astimezone",
        ],
        DATETIME,
    ),
    (DATETIME, &["date"], DATE),
    (DATETIME, &["time", "timetz"], "datetime.time"),
    (DATE, &["today", "fromtimestamp", "fromisoformat", "fromordinal", "replace"], DATE),
    ("datetime.time", &["fromisoformat", "replace"], "datetime.time"),
    ("uuid", &["uuid1", "uuid3", "uuid4", "uuid5"], "uuid.UUID"),
    ("decimal.Decimal", &["quantize", "normalize", "copy_abs", "copy_negate", "sqrt", "from_float"], "decimal.Decimal"),
    ("fractions.Fraction", &["from_float", "from_decimal", "limit_denominator"], "fractions.Fraction"),
];

impl Machine<'_> {
    /// What a call of such a function or method gives.
    pub(super) fn library_result(&mut self, full: &str) -> Option<Value> {
        let (owner, name) = full.rsplit_once('.')?;
        let class = RESULTS.iter().find(|(own, names, _)| *own == owner && names.contains(&name))?.2;
        Some(self.object_of_library(class))
    }

    /// `left op right` of times and of exact numbers.
    pub(in crate::machine) fn combine_library(&mut self, op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
        use BinaryOp::{Add, Div, FloorDiv, Mult, Sub};
        let class = match (op, self.library_kind(left)?, self.library_kind(right)?) {
            (Add | Sub, DATETIME, DELTA) | (Add, DELTA, DATETIME) => DATETIME,
            (Add | Sub, DATE, DELTA) | (Add, DELTA, DATE) => DATE,
            (Sub, DATETIME, DATETIME) | (Sub, DATE, DATE) | (Add | Sub, DELTA, DELTA) => DELTA,
            (Mult | FloorDiv | Div, DELTA, "number") | (Mult, "number", DELTA) => DELTA,
            (Add | Sub | Mult | Div, DECIMAL, DECIMAL) => DECIMAL,
            _ => return None,
        };
        self.may_raise(May::Anything);
        Some(self.object_of_library(class))
    }

    fn library_kind(&self, value: &Value) -> Option<&str> {
        match value {
            Value::Int(_) | Value::Float(_) => Some("number"),
            Value::Instance(id) => match &self.state.instances[*id].class {
                Value::External(name) => Some(name.as_str()),
                _ => None,
            },
            _ => None,
        }
    }

    /// An object whose text and value nobody knows.
    fn object_of_library(&mut self, class: &str) -> Value {
        self.instance(Value::external(class), vec![Value::Unknown], Vec::new())
    }
}
