//! Every rule has its page, and cases that show it firing.

use std::collections::BTreeSet;

use crate::support::case;
use crate::support::root;

/// Sections that a page has, in this order.
const SECTIONS: [&str; 4] = ["## What fires", "## What is silent", "## What to do", "## How to silence it"];

#[test]
fn every_page_belongs_to_a_rule_and_says_all_that_is_due() {
    let folder = root().join("docs/rules");
    let pages = std::fs::read_dir(&folder).expect("the pages are a folder");
    let pages = pages.map(|entry| entry.expect("the page is readable").file_name().to_string_lossy().into_owned());
    let pages: BTreeSet<String> = pages.filter(|page| page.ends_with(".md")).collect();
    let rules = precollect::rules::all().iter().map(|rule| rule.meta());
    let due: BTreeSet<String> = rules.clone().map(|meta| format!("{}.md", meta.name)).collect();
    assert_eq!(pages, due);
    for meta in rules {
        let title = format!("# {} ({})\n", meta.name, meta.code);
        assert!(meta.documentation.starts_with(&title), "{} opens with its name and code", meta.name);
        let places = SECTIONS.map(|section| meta.documentation.find(section));
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {SECTIONS:?}", meta.name);
        assert!(meta.documentation.contains("```text\n"), "{} shows what pytest prints", meta.name);
        assert!(meta.documentation.contains(&format!("ignore[{}]", meta.code)), "{} says how to silence it", meta.name);
    }
}

#[test]
fn every_rule_fires_in_a_case() {
    let cases = case::all();
    let stated = cases.iter().flat_map(|case| case.runs().into_iter().filter_map(|run| case.findings(&run)));
    let lines: Vec<&str> = stated.flat_map(str::lines).collect();
    let fires = |code: &str| lines.iter().any(|line| line.split(' ').nth(1) == Some(code));
    let never = precollect::rules::all().iter().map(|rule| rule.meta().code).filter(|code| !fires(code));
    assert_eq!(never.collect::<Vec<_>>(), Vec::<&str>::new());
}

/// A file of cases that shows a rule also shows what it keeps silent about.
#[test]
fn every_rule_is_silent_in_a_case() {
    let cases = case::all();
    for rule in precollect::rules::all() {
        let meta = rule.meta();
        let states = |case: &&case::Case| {
            let runs = case.runs();
            runs.iter().filter_map(|run| case.findings(run)).any(|lines| lines.contains(meta.code))
        };
        let files: BTreeSet<_> = cases.iter().filter(states).map(|case| case.file.clone()).collect();
        let silent = |case: &&case::Case| files.contains(&case.file) && !states(case);
        assert!(cases.iter().any(|case| silent(&case)), "{} has a look-alike that is silent", meta.code);
    }
}
