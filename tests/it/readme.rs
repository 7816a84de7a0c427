//! The README shows real output: what stands between its markers is what the binary prints today.

use crate::support::root;
use crate::support::run::precollect;

/// `<!-- output: ARGUMENTS -->` is followed by a fenced block with the output of `precollect ARGUMENTS`.
const MARKER: &str = "<!-- output: ";

#[test]
fn shows_what_is_printed() {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).expect("the README is readable");
    let mut current = String::new();
    let mut rest = text.as_str();
    let mut examples = 0;
    while let Some(at) = rest.find(MARKER) {
        let (before, after) = rest.split_at(at);
        let (line, after) = after.split_once('\n').expect("the marker's line ends");
        let arguments = line.trim_start_matches(MARKER).trim_end_matches(" -->");
        let body = after.strip_prefix("```text\n").expect("a block follows the marker");
        let (_, after) = body.split_once("\n```\n").expect("the block is closed");
        let output = precollect(root(), &arguments.split(' ').collect::<Vec<_>>());
        let shown = output.text();
        current.push_str(&format!("{before}{line}\n```text\n{}\n```\n", shown.trim_end()));
        rest = after;
        examples += 1;
    }
    current.push_str(rest);
    assert!(examples > 0, "the README has examples");
    if std::env::var_os("PRECOLLECT_UPDATE").is_some_and(|kind| kind == "readme") {
        std::fs::write(&path, current).expect("the README is writable");
    } else {
        assert_eq!(text, current, "PRECOLLECT_UPDATE=readme cargo test --test it readme brings it up to date");
    }
}
