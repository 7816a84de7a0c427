//! The judge against what real interpreters said of `testdata/syntax/snippets.txt`.
//!
//! `scripts/judge_check.py --record testdata/syntax/said.json ... testdata/syntax/snippets.txt` records anew.

use std::path::Path;

use serde_json::Value;

use super::summarise;
use crate::base::system::{RealSystem, System};
use crate::python::version::PythonVersion;

/// Answers that differ today, by version: class, message or line. A repair lowers a number, nothing may raise one.
const WRONG: &[(&str, usize)] = &[("3.8", 4), ("3.9", 5), ("3.10", 7), ("3.11", 7), ("3.12", 9), ("3.13", 7)];

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/syntax").join(name);
    String::from_utf8(RealSystem.read(&path).expect("the file is there")).expect("the file is UTF-8")
}

fn ours(text: &str, version: PythonVersion) -> Value {
    let summary = summarise(text.as_bytes());
    let problem = summary.fatal_problem(version);
    problem.map_or(Value::Null, |problem| serde_json::json!([problem.exception, problem.message, problem.line]))
}

/// Equal, but for places that CPython does not tell.
fn agrees(ours: &Value, theirs: &Value) -> bool {
    let placed = theirs.get(2).and_then(Value::as_u64).is_some_and(|line| line > 0);
    if placed { ours == theirs } else { ours.get(0) == theirs.get(0) && ours.get(1) == theirs.get(1) }
}

#[test]
fn snippets_are_refused_as_cpython_refuses_them() {
    let snippets = read("snippets.txt");
    let said: Value = serde_json::from_str(&read("said.json")).expect("the record is JSON");
    for (version, wrong) in WRONG {
        let target: PythonVersion = version.parse().expect("a version");
        let theirs = said[*version].as_array().expect("a list per version");
        let pairs = snippets.split("####\n").zip(theirs);
        let differing: Vec<&str> =
            pairs.filter(|(text, theirs)| !agrees(&ours(text, target), theirs)).map(|(text, _)| text).collect();
        assert_eq!(differing.len(), *wrong, "{version}: {differing:#?}");
        let alarms = snippets.split("####\n").zip(theirs).filter(|(_, theirs)| theirs.is_null());
        let alarms: Vec<&str> = alarms.map(|(text, _)| text).filter(|text| !ours(text, target).is_null()).collect();
        assert_eq!(alarms, Vec::<&str>::new(), "{version}: valid code is refused");
    }
}
