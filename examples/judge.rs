//! Prints what each version of Python would refuse in the files named on standard input, one JSON object per line:
//! `{"path": ..., "3.8": [exception, message, line] or null, ...}`. Used by `scripts/judge_check.py`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::io::BufRead;

use precollect::python::version::PythonVersion;
use precollect::syntax;

fn main() -> std::io::Result<()> {
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let bytes = std::fs::read(&path)?;
        let summary = syntax::summarise(&bytes);
        let mut object = serde_json::Map::new();
        object.insert("path".to_owned(), path.into());
        for minor in PythonVersion::OLDEST.minor..=PythonVersion::NEWEST.minor {
            let version = PythonVersion::three(minor);
            let said = summary
                .fatal_problem(version)
                .map(|problem| serde_json::json!([problem.exception, problem.message, problem.line]));
            object.insert(version.to_string(), said.unwrap_or_default());
        }
        println!("{}", serde_json::Value::Object(object));
    }
    Ok(())
}
