//! Configuration and discovery against what real pytest did with the same trees (`scripts/record_discovery.py`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use precollect::base::system::{MemorySystem, absolute};
use precollect::config::settings::{PythonChoice, Settings};
use precollect::pytest::collect::collect;
use precollect::pytest::verdict::{Collection, Verdict};
use precollect::world::World;
use serde_json::Value;

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// The world of a case, as this version of pytest would see it.
fn world(case: &Value, version: &str) -> World {
    let root = Path::new("/r");
    let files = case["files"].as_object().expect("files");
    let mut system = MemorySystem::new("/r", &[]);
    for (path, text) in files {
        system.files.insert(root.join(path), text.as_str().unwrap_or_default().as_bytes().to_vec());
    }
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        system.variables.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
    }
    let cwd = absolute(root, Path::new(case["cwd"].as_str().unwrap_or(".")));
    system.current_dir.clone_from(&cwd);
    // An environment that holds pytest and nothing else.
    let site = "/env/lib/python3.12/site-packages";
    let metadata = format!("Metadata-Version: 2.1\nName: pytest\nVersion: {version}\n");
    let installed = [
        ("/env/pyvenv.cfg".to_owned(), "version = 3.12.1\n".to_owned()),
        (format!("{site}/pytest-{version}.dist-info/METADATA"), metadata),
        (format!("{site}/pytest-{version}.dist-info/RECORD"), "pytest/__init__.py,,\n".to_owned()),
        (format!("{site}/pytest/__init__.py"), String::new()),
    ];
    system.files.extend(installed.map(|(path, text)| (PathBuf::from(path), text.into_bytes())));
    let python = PythonChoice::Path("/env".into());
    let settings = Settings { root: cwd, pytest_args: texts(&case["args"]), python, ..Settings::default() };
    World::load(Arc::new(system), settings)
}

/// Paths of the case's directory as the truth writes them, and versions as the case's world has them.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replacen("/r", "<R>", 1)
}

fn compare(case: &Value, version: &str, expected: &Value) -> Vec<String> {
    let world = world(case, version);
    let collection = collect(&world);
    let mut wrong = Vec::new();
    let mut check = |what: &str, found: String, wanted: String| {
        if found != wanted {
            wrong.push(format!("{what}: {found}, pytest {wanted}"));
        }
    };
    if let Some(rootdir) = expected["rootdir"].as_str() {
        check("rootdir", shown(&collection.rootdir), rootdir.to_owned());
        let inifile = world.config.inifile.as_deref().map_or("None".to_owned(), shown);
        check("inifile", inifile, expected["inifile"].as_str().unwrap_or_default().to_owned());
    }
    check("end", end(&collection), expected_end(expected));
    if collection.aborted.is_none() {
        check("files", collected(&collection).join(" "), texts(&expected["files"]).join(" "));
        check("failing", failing(&collection).join(" "), texts(&expected["failing"]).join(" "));
    }
    wrong
}

fn end(collection: &Collection) -> String {
    let Some(abort) = &collection.aborted else { return "comes to its end".to_owned() };
    match &abort.usage_error {
        Some(text) => text.replace("/r/", "<R>/").replace(": /r", ": <R>"),
        None => {
            let (how, what) = abort.reason.split_once(": ").expect("a kind and an exception");
            let file = abort.file.as_deref().map(|file| shown(file)).unwrap_or_default();
            if how == "conftest" { format!("{how} {file}") } else { what.replace("/r/", "<R>/") }
        }
    }
}

fn expected_end(expected: &Value) -> String {
    let errors = texts(&expected["errors"]);
    let exit = expected["exit"].as_i64().expect("an exit code");
    let conftest = errors.first().and_then(|line| line.strip_prefix("ImportError while loading conftest '"));
    match conftest {
        Some(file) => format!("conftest {}", file.trim_end_matches("'.")),
        None if matches!(exit, 1 | 4) => errors.join("\n"),
        None => "comes to its end".to_owned(),
    }
}

fn collected(collection: &Collection) -> Vec<String> {
    let good = collection.modules.iter().filter(|m| matches!(m.verdict, Verdict::Collected));
    good.map(|m| m.nodeid.clone()).collect()
}

/// Nodes that failed, as pytest's summary names them.
fn failing(collection: &Collection) -> Vec<String> {
    let bad = collection.modules.iter().filter(|m| matches!(m.verdict, Verdict::Error(_)));
    let mut nodes: Vec<String> = bad.map(|m| m.node.clone().unwrap_or_else(|| m.nodeid.clone())).collect();
    nodes.sort();
    nodes.dedup();
    // The session has no name in the summary.
    nodes.into_iter().map(|node| if node == "." { "-".to_owned() } else { node }).collect()
}

#[test]
fn discovery_is_pytests() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/truths/discovery.json");
    let truths: Value = serde_json::from_slice(&std::fs::read(file).expect("readable")).expect("JSON");
    let mut wrong = Vec::new();
    for (name, case) in truths.as_object().expect("cases") {
        for (version, expected) in case["expected"].as_object().expect("versions") {
            for difference in compare(case, version, expected) {
                wrong.push(format!("{name} ({version}): {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
