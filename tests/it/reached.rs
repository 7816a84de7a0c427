//! What cases state of calls that block is what happened, in real Python under an audit hook.

use std::collections::BTreeSet;

use crate::support::case::{self, Case};
use crate::support::project::{Project, write};
use crate::support::record::Record;
use crate::support::root;
use crate::support::run::precollect;

/// What is stated as certain of calls that block really happened at that line (`scripts/record_events.py`); and where
/// nothing is stated, nothing hung and nothing ended the process.
#[test]
fn findings_are_borne_out_by_events() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in case::all() {
        let Some(events) = case.blocks.iter().find(|block| block.info == "text events") else { continue };
        cases += 1;
        let run = case.runs().pop().expect("a case has runs");
        let truth = case.recorded(&run).map(Record::parse).and_then(Result::ok);
        let findings: Vec<&str> = case.findings(&run).unwrap_or_default().lines().collect();
        let returns = ["BLK002", "BLK004", "BLK010"];
        let stated = |line: &&&str| {
            let told = returns.iter().any(|code| line.contains(code)) && !line.contains("breaks");
            line.contains(" BLK") && (!line.contains("likely") || told)
        };
        for finding in findings.iter().filter(stated) {
            if !is_borne_out(finding, &events.text, truth.as_ref(), &case) {
                wrong.push(format!("{}: {finding} is not borne out by\n{}", name(&case), events.text));
            }
        }
        let ends = events.text.lines().any(|line| line.starts_with("hangs") || line.starts_with("ends with "));
        if findings.is_empty() && ends {
            wrong.push(format!("{}: nothing is stated, and it\n{}", name(&case), events.text));
        }
    }
    assert!(cases >= 220, "there are {cases} cases with events");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn name(case: &Case) -> String {
    format!("{}: {}", case.file.strip_prefix(root()).unwrap_or(&case.file).display(), case.title)
}

/// Audit events that a call of each code raises, beside a hang or an end of the process at its line.
const EVENTS: &[(&str, &[&str])] = &[
    ("BLK001", &["os._exit", "os.exec"]),
    ("BLK002", &["socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "poplib."]),
    ("BLK003", &["time.sleep", "asyncio.sleep"]),
    // Waiting for a process with a bound sleeps between two looks.
    ("BLK004", &["subprocess.Popen", "os.", "_thread.", "webbrowser.", "time.sleep"]),
    ("BLK005", &["builtins.input"]),
    ("BLK010", &["sqlite3.connect", "socket."]),
    ("BLK012", &[""]),
    ("BLK020", &["socket.", "urllib.", "http."]),
];

/// Whether the record shows the event at the finding's own line: an audit event of its kind, a hang, an end, or pytest's
/// report of the exception that it raised there. A loop hangs where one of its lines stands.
fn is_borne_out(finding: &str, events: &str, truth: Option<&Record>, case: &Case) -> bool {
    let (place, rest) = finding.split_once(' ').unwrap_or((finding, ""));
    let code = rest.split(' ').next().unwrap_or_default();
    let kinds = EVENTS.iter().find(|(own, _)| *own == code).map_or(&[][..], |(_, kinds)| kinds);
    let is_kind = |what: &str| what.starts_with("hangs") || kinds.iter().any(|kind| what.starts_with(kind));
    let happened: Vec<(&str, &str)> = events.lines().filter_map(|line| line.split_once(" at ")).collect();
    if happened.iter().any(|(what, at)| *at == place && is_kind(what)) {
        return true;
    }
    if truth.is_some_and(|truth| truth.ends_at(place)) {
        return true;
    }
    let hung = events.lines().any(|line| line.starts_with("hangs"));
    let inside = block(case, place);
    matches!(code, "BLK006" | "BLK020") && hung && happened.iter().any(|(_, at)| inside.contains(*at))
}

/// The places of the block that the statement at a place opens.
fn block(case: &Case, place: &str) -> BTreeSet<String> {
    let (path, line) = place.rsplit_once(':').unwrap_or((place, "0"));
    let line: usize = line.parse().unwrap_or(0);
    let file = case.files().into_iter().find(|(own, _)| own == path).map(|(_, bytes)| bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&file).into_owned();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let lines: Vec<&str> = text.lines().collect();
    let Some(head) = line.checked_sub(1).and_then(|at| lines.get(at)) else { return BTreeSet::new() };
    let below = lines.iter().enumerate().skip(line);
    let own = below.take_while(|(_, text)| text.trim().is_empty() || depth(text) > depth(head));
    own.map(|(at, _)| format!("{path}:{}", at + 1)).collect()
}

/// The example of `docs/blocking.md` prints what the page shows.
#[test]
fn the_page_on_queries_shows_what_is_printed() {
    let pages = case::read(&root().join("docs/blocking.md"));
    let project = Project::new("9/3.13");
    let mut shown = String::new();
    for block in pages.iter().flat_map(|page| &page.blocks) {
        match block.info.split_once(' ') {
            None if block.info == "console" => shown.push_str(&block.text),
            None => {}
            Some((_, path)) => match path.strip_prefix("site-packages/") {
                Some(path) => write(&project.site_packages("9/3.13").join(path), block.text.as_bytes()),
                None => project.write(path, &block.text),
            },
        }
    }
    let (command, expected) = shown.split_once('\n').expect("a command and its output");
    assert_eq!(command, "$ precollect check -q --output-format concise");
    let environment = project.environment.to_string_lossy();
    let output = precollect(
        &project.folder,
        &["check", "-q", "--output-format", "concise", "--no-cache", "--python", &*environment],
    );
    output.assert_orderly();
    assert_eq!(output.text(), expected);
}

/// Mistakes in query files end the run with their place.
#[test]
fn mistakes_in_queries_are_shown_where_they_stand() {
    let project = Project::new("9/3.13");
    project.write("test_a.py", "def test_a():\n    pass\n");
    project.write("pyproject.toml", "[tool.precollect.blocking]\nqueries = [\"queries/*.scm\"]\n");
    let refused = |wanted: &[&str]| {
        let output = precollect(&project.folder, &["check", "--no-cache", "--python", "none"]);
        assert_eq!(output.code, 2);
        for text in wanted {
            assert!(output.stderr.contains(text), "{text} is not in\n{}", output.stderr);
        }
    };
    refused(&["`blocking.queries`: queries/*.scm: no file matches it", "pyproject.toml:2:13"]);
    project.write("queries/a.scm", "(call) @netwrok\n");
    refused(&["no effect is called `netwrok`", "queries/a.scm:1:8", "did you mean @network?"]);
    project.write("queries/a.scm", "(call function: (name)) @network\n");
    refused(&["the grammar of Python has no node `name`", "queries/a.scm:1:18"]);
    project.write("queries/a.scm", "((call) @lock\n  (#match? @lock \"(\"))\n");
    refused(&["the predicate cannot be used", "queries/a.scm:2:18"]);
    project.write("queries/a.scm", [0xff, 0xfe]);
    refused(&["queries are UTF-8, and this is not"]);
}

/// `why` tells the calls that lead to a hang, what pytest does there, and what a test reaches when it runs.
#[test]
fn why_tells_what_hangs() {
    let project = Project::new("9/3.13");
    project.write("feed.py", "class Feed:\n    def __init__(self):\n        while True:\n            pass\n");
    project.write("test_a.py", "from feed import Feed\n\nFEED = Feed()\n\n\ndef test_a():\n    pass\n");
    let later = "import queue\n\n\ndef test_b():\n    queue.Queue().get()\n\n\ndef test_c():\n    pass\n";
    project.write("test_b.py", later);
    let why = |target: &str| {
        let output = precollect(&project.folder, &["why", "--python", "none", target]);
        assert_eq!(output.code, 0);
        output.text()
    };
    let hang = why("test_a.py");
    assert!(hang.starts_with("test_a.py never returns: a loop that never ends\n"), "{hang}");
    for text in
        ["feed.py:3  while True:", "does not come back", "hangs at this import: 1 module behind it is never", "help"]
    {
        assert!(hang.contains(text), "{text} is not in\n{hang}");
    }
    let test = why("test_b.py::test_b");
    assert!(test.starts_with("test_b.py collects: 2 tests\n"), "{test}");
    assert!(test.contains("when test_b.py::test_b runs\ninfo[BLK020]: queue.Queue.get never comes back"), "{test}");
    assert!(!why("test_b.py::test_c").contains("BLK020"));
}
