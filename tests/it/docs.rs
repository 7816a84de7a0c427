//! The pages of `docs/rules`: their examples are run. What is under "What fires" fires, with the message shown; what is
//! under "What is silent" does not.

use serde_json::Value;

use crate::support::case::{self, Block, Case};
use crate::support::project::Project;
use crate::support::root;
use crate::support::run::precollect;

/// Rules whose example needs an older Python or pytest than the newest.
const RUNS: [(&str, &str); 1] = [("SRC006", "7/3.8")];

/// Rules whose example uses packages: judged without an environment, where packages are taken as present.
const WITHOUT_ENVIRONMENT: [&str; 3] = ["BLK010", "BLK011", "ENV002"];

/// Known wrong: none today.
const NOT_YET: [&str; 0] = [];

fn page(name: &str) -> Vec<Case> {
    let path = root().join(format!("docs/rules/{name}.md"));
    assert!(path.exists(), "docs/rules/{name}.md is there");
    case::read(&path)
}

fn section<'a>(page: &'a [Case], title: &str) -> &'a [Block] {
    page.iter().find(|case| case.title == title).map_or(&[], |case| &case.blocks)
}

/// The findings of one code in a project of these blocks; a block without a path is a test module.
fn findings(code: &str, blocks: &[&Block]) -> Vec<Value> {
    let run = RUNS.iter().find(|(rule, _)| *rule == code).map_or("9/3.13", |(_, run)| run);
    let project = Project::new(run);
    for block in blocks {
        let (language, path) = block.info.split_once(' ').unwrap_or((block.info.as_str(), ""));
        match (language, path) {
            ("text" | "console" | "sh", _) => {}
            ("escaped", path) => project.write(path, case::unescaped(&block.text)),
            ("python", "") => project.write("test_example.py", &block.text),
            (_, "") => {}
            (_, path) => match path.strip_prefix("site-packages/") {
                Some(path) => {
                    crate::support::project::write(&project.site_packages(run).join(path), block.text.as_bytes())
                }
                None => project.write(path, &block.text),
            },
        }
    }
    let environment = project.environment.to_string_lossy();
    let python = if WITHOUT_ENVIRONMENT.contains(&code) { "none" } else { &*environment };
    let arguments = ["check", "--output-format", "json", "--extend-select", code, "--python", python];
    let output = precollect(&project.folder, &arguments);
    output.assert_orderly();
    let all = output.json()["findings"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|finding| finding["code"] == code).collect()
}

#[test]
fn what_fires_fires() {
    let mut wrong = Vec::new();
    for rule in precollect::rules::all() {
        let meta = rule.meta();
        let page = page(meta.name);
        let blocks: Vec<&Block> = section(&page, "What fires").iter().collect();
        let found = findings(meta.code, &blocks);
        match (found.is_empty(), NOT_YET.contains(&meta.code)) {
            (true, false) => wrong.push(format!("{} ({}): the example does not fire", meta.code, meta.name)),
            (false, true) => {
                wrong.push(format!("{} ({}): the example fires by now: drop it from NOT_YET", meta.code, meta.name))
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_silent_is_silent() {
    let mut wrong = Vec::new();
    for rule in precollect::rules::all() {
        let meta = rule.meta();
        let page = page(meta.name);
        let silent = section(&page, "What is silent");
        let replaced = |block: &&Block| !silent.iter().any(|other| other.info == block.info);
        // A silent example with paths changes files of the one that fires; one without is a test module of its own.
        let alone = silent.iter().all(|block| !block.info.contains(' '));
        let fires = section(&page, "What fires").iter().filter(|_| !alone).filter(replaced);
        let blocks: Vec<&Block> = fires.chain(silent).collect();
        let found = findings(meta.code, &blocks);
        if !found.is_empty() {
            wrong.push(format!("{} ({}): {found:?}", meta.code, meta.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
