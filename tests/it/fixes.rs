//! Repairs, over all cases: afterwards the finding is gone, nothing that worked fails, and a second run changes nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::case::{self, Case};
use crate::support::project::Project;
use crate::support::run::{Output, precollect_with};

fn check(case: &Case, project: &Project, more: &[&str]) -> Output {
    let environment = project.environment.to_string_lossy().into_owned();
    let settings = &case.settings;
    let mut arguments = vec!["check", "--output-format", "json"];
    let select = settings.select.join(",");
    if !select.is_empty() {
        arguments.extend(["--extend-select", &select]);
    }
    arguments.extend(["--python", if settings.no_environment { "none" } else { &environment }]);
    if settings.module {
        arguments.extend(["--config", "python-dash-m=true"]);
    }
    arguments.extend(more);
    arguments.push("--");
    arguments.extend(settings.args.iter().map(String::as_str));
    let folder = project.folder.join(settings.cwd.as_deref().unwrap_or("."));
    let output = precollect_with(&folder, &arguments, &settings.env);
    output.assert_orderly();
    output
}

fn findings(output: &Output) -> Vec<Value> {
    output.json()["findings"].as_array().cloned().unwrap_or_default()
}

/// What a finding is about.
fn key(finding: &Value) -> String {
    format!("{} {}", finding["code"].as_str().unwrap_or_default(), finding["subject"].as_str().unwrap_or_default())
}

fn victims(finding: &Value) -> BTreeSet<String> {
    let victims = finding["victims"].as_array().into_iter().flatten();
    victims.filter_map(|victim| victim["path"].as_str()).map(str::to_owned).collect()
}

/// What is wrong with the repairs of a case, and the codes that were repaired.
fn judge(case: &Case, run: &str) -> (Vec<String>, BTreeSet<String>) {
    let project = Project::of(case, run);
    let before = findings(&check(case, &project, &[]));
    let fixed: Vec<&Value> = before.iter().filter(|finding| !finding["fix"].is_null()).collect();
    let mut wrong = Vec::new();
    let codes = fixed.iter().filter_map(|finding| finding["code"].as_str()).map(str::to_owned).collect();
    if fixed.is_empty() {
        return (wrong, codes);
    }
    let diff = check(case, &project, &["--diff", "--unsafe-fixes"]);
    if diff.code != 1 || diff.text().is_empty() {
        wrong.push(format!("--diff shows nothing for {}", key(fixed[0])));
    }
    let after = findings(&check(case, &project, &["--fix", "--unsafe-fixes"]));
    let left: BTreeSet<String> = after.iter().map(|finding| finding["fingerprint"].to_string()).collect();
    let stays = |finding: &&&Value| left.contains(&finding["fingerprint"].to_string());
    wrong.extend(fixed.iter().filter(stays).map(|finding| format!("{} stays", key(finding))));
    // Behind what is repaired more may come to light, in modules that failed; nothing else may.
    let known: BTreeSet<String> = before.iter().map(key).collect();
    let failed: BTreeSet<String> = before.iter().flat_map(victims).collect();
    for finding in after.iter().filter(|finding| !known.contains(&key(finding))) {
        let new: Vec<String> = victims(finding).difference(&failed).cloned().collect();
        if !new.is_empty() || failed.is_empty() {
            wrong.push(format!("{} is new: {}", key(finding), finding["message"]));
        }
    }
    let again = check(case, &project, &["--diff", "--unsafe-fixes"]);
    if again.code != 0 || !again.text().is_empty() {
        wrong.push(format!("a second run changes more:\n{}", again.text()));
    }
    (wrong.into_iter().map(|text| format!("{} ({run}): {text}", case.title)).collect(), codes)
}

#[test]
fn a_repair_mends_and_breaks_nothing() {
    let (mut wrong, mut codes) = (Vec::new(), BTreeSet::new());
    for case in case::all() {
        // One run shows what a repair does.
        let Some(run) = case.runs().into_iter().next_back() else { continue };
        let (found, repaired) = judge(&case, &run);
        wrong.extend(found);
        codes.extend(repaired);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let offered = precollect::rules::all().iter().map(|rule| rule.meta().code);
    let offered = offered.filter(|code| precollect::rules::fixes::offered(code).is_some());
    let unseen: Vec<&str> = offered.filter(|code| !codes.contains(*code)).collect();
    assert_eq!(unseen, Vec::<&str>::new(), "every kind of repair is made in a case");
}

/// A project of one run after `--fix --unsafe-fixes`, as far as these files go.
fn repaired(run: &str, files: &[(&str, &str)]) -> Vec<String> {
    let project = Project::new(run);
    files.iter().for_each(|(path, text)| project.write(path, text));
    let environment = project.environment.to_string_lossy();
    let arguments = ["check", "--fix", "--unsafe-fixes", "--extend-select", "FXT011", "--python", &environment];
    precollect_with(&project.folder, &arguments, &std::collections::BTreeMap::new()).assert_orderly();
    let read = |path: &str| std::fs::read(project.folder.join(path)).expect("the file is there");
    files.iter().map(|(path, _)| String::from_utf8(read(path)).expect("is UTF-8")).collect()
}

#[test]
fn an_import_leaves_its_cycle() {
    let orders = "from billing import invoice\n\n\nclass Order:\n    bill = invoice\n";
    let test = "import orders\n\n\ndef test_a(): ...\n";
    let fixed = |billing: &str| {
        repaired("8/3.11", &[("billing.py", billing), ("orders.py", orders), ("test_a.py", test)]).remove(0)
    };
    // Where the functions are, behind their docstring; line ends and comments stay.
    assert_eq!(
        fixed(
            "import os  # why\r\nfrom orders import Order\r\n\r\n\r\ndef invoice(order):\r\n    \"\"\"Text.\"\"\"\r\n    # so\r\n    return Order\r\n"
        ),
        "import os  # why\r\n\r\n\r\ndef invoice(order):\r\n    \"\"\"Text.\"\"\"\r\n    # so\r\n    from orders import Order\r\n    return Order\r\n"
    );
    // Annotations that nobody evaluates need it for type checkers alone.
    assert_eq!(
        fixed(
            "from __future__ import annotations\nfrom orders import Order\n\n\ndef invoice(order: Order):\n    return 1\n"
        ),
        "from __future__ import annotations\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from orders import Order\n\n\ndef invoice(order: Order):\n    return 1\n"
    );
    // What the module needs when it runs stays where it is; so does a name that is said in a way that is not understood.
    for stays in [
        "from orders import Order\n\n\ndef invoice(order=Order):\n    return 1\n",
        "from orders import Order\n\n\ndef invoice():\n    global Order\n    return 1\n",
        "from orders import Order  # why\n\n\ndef invoice():\n    return Order\n",
    ] {
        assert_eq!(fixed(stays), stays);
    }
}

#[test]
fn what_is_not_to_be_collected_is_read_from_its_module() {
    let base = "class TestBase:\n    def test_a(self): ...\n\n\ndef helper(): ...\n";
    let fixed = |test: &str| repaired("8/3.11", &[("test_more.py", test), ("test_base.py", base)]).remove(0);
    assert_eq!(
        fixed("from test_base import TestBase, helper\n\n\nclass TestMore(TestBase):  # why\n    other = helper\n"),
        "import test_base\nfrom test_base import helper\n\n\nclass TestMore(test_base.TestBase):  # why\n    other = helper\n"
    );
    assert_eq!(
        fixed("import os\nfrom test_base import TestBase\n\n\ndef test_b(): ...\n"),
        "import os\n\n\ndef test_b(): ...\n"
    );
    let listed = "from test_base import TestBase\n\n__all__ = [\"TestBase\"]\n\n\nclass TestMore(TestBase): ...\n";
    assert_eq!(fixed(listed), listed, "others may take it from here");
}

#[test]
fn fixtures_are_mended_where_they_are_written() {
    let head = "import pytest\n\n\n";
    let fixed = |run: &str, text: &str| {
        repaired(run, &[("test_a.py", &format!("{head}{text}"))]).remove(0)[head.len()..].to_owned()
    };
    let test = "def test_a(user): ...\n";
    assert_eq!(
        fixed(
            "9/3.13",
            &format!("@pytest.mark.slow\n@pytest.fixture\n@pytest.mark.db  # why\ndef user(): ...\n\n\n{test}")
        ),
        format!("@pytest.fixture\n# why\ndef user(): ...\n\n\n{test}")
    );
    assert_eq!(
        fixed("8/3.11", &format!("@pytest.fixture(scope='sesion')\ndef user(): ...\n\n\n{test}")),
        format!("@pytest.fixture(scope='session')\ndef user(): ...\n\n\n{test}")
    );
    assert_eq!(
        fixed(
            "8/3.11",
            "@pytest.fixture\ndef user(): ...\n\n\n@pytest.mark.usefixtures(\"usr\")\ndef test_a(): ...\n\n\ndef test_b(usr):\n    assert f\"{usr}\" != \"usr\", usr.usr\n"
        ),
        "@pytest.fixture\ndef user(): ...\n\n\n@pytest.mark.usefixtures(\"user\")\ndef test_a(): ...\n\n\ndef test_b(user):\n    assert f\"{user}\" != \"usr\", user.usr\n"
    );
    assert_eq!(
        fixed(
            "8/3.11",
            &format!("@pytest.fixture\ndef old():\n    return 1\n\n\n@pytest.fixture\ndef user(): ...\n\n\n{test}")
        ),
        format!("@pytest.fixture\ndef user(): ...\n\n\n{test}")
    );
    let called = format!(
        "@pytest.fixture\ndef old():\n    return 1\n\n\n@pytest.fixture\ndef user():\n    return old\n\n\n{test}"
    );
    assert_eq!(fixed("8/3.11", &called), called, "something else says its name");
}
