//! The programs of `testdata/machine`: what importing `m` comes to, for each Python version, as CPython answered.
//!
//! `PRECOLLECT_UPDATE=programs` writes what differs today into `known-wrong.txt`; read the diff before you commit it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use precollect::machine::Outcome;

use crate::support::memory::Tree;
use crate::support::root;

const NEWEST_RECORDED: u8 = 13;

fn folder() -> PathBuf {
    root().join("testdata/machine")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("failed to read {name}: {error}"))
}

/// Names with their files, in order.
fn programs() -> Vec<(String, Vec<(String, String)>)> {
    let mut found: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in read("programs.txt").lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            found.push((name.to_owned(), Vec::new()));
            continue;
        }
        let Some((_, files)) = found.last_mut() else { continue };
        match line.strip_prefix("--- ") {
            Some(path) => files.push((path.to_owned(), String::new())),
            None => {
                let (_, text) = files.last_mut().expect("a file comes first");
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    found
}

fn recorded(minor: u8) -> BTreeMap<String, String> {
    let newest = minor.min(NEWEST_RECORDED);
    let mut text = read(&format!("3.{newest}.txt"));
    if minor > NEWEST_RECORDED {
        text.push_str(&read(&format!("3.{minor}.txt")));
    }
    let pairs = text.lines().filter_map(|line| line.split_once(" =>"));
    pairs.map(|(name, answer)| (name.to_owned(), answer.trim().to_owned())).collect()
}

fn ours(minor: u8, files: &[(String, String)]) -> String {
    let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    // pytest rewrites the assertions of the module that it imports, and no other's.
    files.push(("entry.py", "import m\n"));
    let tree = Tree::new(&files);
    let outcome = tree.machine(minor).import("entry");
    match outcome {
        Outcome::Completes => "ok".to_owned(),
        Outcome::Unknown(_) => "unknown".to_owned(),
        Outcome::Hangs(_) => "hangs".to_owned(),
        Outcome::Raises(raised) => {
            let message = raised.message.as_deref().unwrap_or("?").split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}: {message}", raised.class).trim().to_owned()
        }
    }
}

#[test]
fn programs_end_as_cpython_ends_them() {
    let programs = programs();
    assert!(programs.len() > 100, "the programs are read");
    let mut wrong = String::new();
    for minor in 8..=14 {
        let truth = recorded(minor);
        for (name, files) in &programs {
            let due = truth.get(name).unwrap_or_else(|| panic!("3.{minor}: {name} is not recorded"));
            let ours = ours(minor, files);
            if ours != due.trim_end_matches(':') && ours != *due {
                writeln!(wrong, "3.{minor} {name} => {ours}").expect("strings grow");
            }
        }
    }
    if std::env::var("PRECOLLECT_UPDATE").is_ok_and(|kind| kind == "programs") {
        std::fs::write(folder().join("known-wrong.txt"), wrong).expect("the label can be written");
        return;
    }
    assert_eq!(wrong, read("known-wrong.txt"), "answers differ from CPython's, or a label no longer holds");
}
