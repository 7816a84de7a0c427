//! Environments in memory: where they are found and what is read from them.

use std::sync::Arc;

use super::*;
use crate::base::system::MemorySystem;
use crate::config::settings::PythonChoice;

const CONFIG: &str = "home = /base/bin\ninclude-system-site-packages = false\nversion = 3.12.1\n";
const SITE: &str = ".venv/lib/python3.12/site-packages";

fn system(files: &[(&str, &str)]) -> MemorySystem {
    let mut all = vec![(".venv/pyvenv.cfg", CONFIG), (".venv/lib/python3.12/site-packages/anchor.py", "")];
    all.extend_from_slice(files);
    MemorySystem::new("/w", &all)
}

fn found(system: &MemorySystem, request: &Request) -> Environment {
    let shared: Arc<dyn crate::base::system::System> = Arc::new(system.clone());
    discover(&shared, request)
}

fn request() -> Request {
    Request { root: "/w".into(), ..Request::default() }
}

fn paths(environment: &Environment) -> Vec<String> {
    environment.site.iter().map(|entry| entry.path.display().to_string()).collect()
}

#[test]
fn a_venv_in_the_project_is_found() {
    let environment = found(&system(&[]), &request());
    assert_eq!(environment.prefix, Some("/w/.venv".into()));
    assert_eq!(environment.origin, ".venv");
    assert_eq!((environment.version, environment.version_origin.as_str()), (PythonVersion::three(12), "pyvenv.cfg"));
    assert_eq!(environment.full_version.as_deref(), Some("3.12.1"));
    assert_eq!(paths(&environment), [format!("/w/{SITE}")]);
}

#[test]
fn variables_come_before_directories_but_not_those_of_hooks() {
    let mut system =
        system(&[("/other/pyvenv.cfg", "version = 3.9.1\n"), ("/other/lib/python3.9/site-packages/x.py", "")]);
    system.variables.insert("VIRTUAL_ENV".into(), "/other".into());
    let environment = found(&system, &request());
    assert_eq!((environment.origin.as_str(), environment.version), ("VIRTUAL_ENV", PythonVersion::three(9)));
    system.variables.insert("VIRTUAL_ENV".into(), "/cache/repo/py_env-python3.12".into());
    assert_eq!(found(&system, &request()).origin, ".venv");
}

#[test]
fn none_is_respected_and_missing_is_told() {
    let none = Request { python: PythonChoice::None, ..request() };
    assert!(!found(&system(&[]), &none).is_found());
    let wrong = Request { python: PythonChoice::Path("nowhere".into()), ..request() };
    let environment = found(&system(&[]), &wrong);
    assert!(!environment.is_found() && environment.problems.len() == 1);
}

#[test]
fn an_interpreter_leads_to_its_environment() {
    let system = system(&[(".venv/bin/python", "")]);
    let choice = Request { python: PythonChoice::Path(".venv/bin/python".into()), ..request() };
    assert_eq!(found(&system, &choice).prefix, Some("/w/.venv".into()));
}

#[test]
fn system_site_packages_follow_and_a_missing_key_counts_as_true() {
    let base = [("/base/lib/python3.12/os.py", ""), ("/base/lib/python3.12/site-packages/x.py", "")];
    let mut files = vec![(".venv/pyvenv.cfg", "home = /base/bin\nversion_info = 3.12.1.final.0\n")];
    files.extend(base);
    let environment = found(&system(&files), &request());
    assert_eq!(paths(&environment), [format!("/w/{SITE}"), "/base/lib/python3.12/site-packages".to_owned()]);
    assert_eq!(environment.stdlib, Some("/base/lib/python3.12".into()));
    assert_eq!(environment.full_version.as_deref(), Some("3.12.1"));
}

#[test]
fn pth_lines_append_existing_paths_once_in_order() {
    let pth = format!("{SITE}/b.pth");
    let other = format!("{SITE}/a.pth");
    let hidden = format!("{SITE}/.c.pth");
    let files = [
        (pth.as_str(), "# note\n\n../../../../src\n/nowhere\nextra\nextra\n"),
        (other.as_str(), "/w/lib\nimport sys; sys.__plen = len(sys.path)\n"),
        (hidden.as_str(), "/w/hidden\n"),
        ("src/p.py", ""),
        ("lib/q.py", ""),
        ("hidden/h.py", ""),
        (".venv/lib/python3.12/site-packages/extra/e.py", ""),
    ];
    let environment = found(&system(&files), &request());
    let expected =
        [format!("/w/{SITE}"), "/w/hidden".into(), "/w/lib".into(), "/w/src".into(), format!("/w/{SITE}/extra")];
    assert_eq!(paths(&environment), expected);
    assert_eq!(environment.site[2].origin, "a.pth");
    assert!(environment.opaque_finders.is_empty());
    let newer = system_with_version("3.13", &files);
    assert!(!paths(&found(&newer, &request())).contains(&"/w/hidden".to_owned()));
}

fn system_with_version(version: &str, files: &[(&str, &str)]) -> MemorySystem {
    let mut system = system(files);
    system.files.insert("/w/.venv/pyvenv.cfg".into(), CONFIG.replace("3.12", version).into_bytes());
    system
}

#[test]
fn editable_finders_are_read() {
    let files = [
        (
            ".venv/lib/python3.12/site-packages/__editable__.x-1.pth",
            "import __editable___x_1_finder; __editable___x_1_finder.install()\n",
        ),
        (
            ".venv/lib/python3.12/site-packages/__editable___x_1_finder.py",
            "import sys\nMAPPING: dict[str, str] = {'x': '/w/x', 'x.y': '/w/z'}\nNAMESPACES: dict[str, list[str]] = {'n': ['/w/n']}\n",
        ),
        (".venv/lib/python3.12/site-packages/_m.pth", "import _m_editable_loader\n"),
        (
            ".venv/lib/python3.12/site-packages/_m_editable_loader.py",
            "import sys\ndef install(): sys.meta_path.insert(0, 1)\ninstall(\n    'm',\n    {'m', '_mcore'},\n    '/w/build',\n)\n",
        ),
        (".venv/lib/python3.12/site-packages/_virtualenv.pth", "import _virtualenv\n"),
        (".venv/lib/python3.12/site-packages/_virtualenv.py", "sys.meta_path.insert(0, _Finder())\n"),
    ];
    let environment = found(&system(&files), &request());
    assert_eq!(environment.finders.len(), 1);
    assert_eq!(environment.finders[0].mapping, [("x".into(), "/w/x".into()), ("x.y".into(), "/w/z".into())]);
    assert_eq!(environment.finders[0].namespaces, [("n".into(), vec!["/w/n".into()])]);
    let names = environment.opaque_finders.iter().map(|finder| finder.names.clone()).collect::<Vec<_>>();
    assert_eq!(names, [Some(vec!["_mcore".to_owned(), "m".to_owned()])]);
}

#[test]
fn setuptools_serves_distutils() {
    let files = [
        (
            ".venv/lib/python3.12/site-packages/distutils-precedence.pth",
            "import os; var = 'SETUPTOOLS_USE_DISTUTILS'\n",
        ),
        (".venv/lib/python3.12/site-packages/_distutils_hack/__init__.py", ""),
        (".venv/lib/python3.12/site-packages/setuptools/_distutils/__init__.py", ""),
    ];
    let mut system = system(&files);
    assert_eq!(found(&system, &request()).shims.len(), 1);
    system.variables.insert("SETUPTOOLS_USE_DISTUTILS".into(), "stdlib".into());
    assert!(found(&system, &request()).shims.is_empty());
}

#[test]
fn distributions_are_listed_and_read_on_demand() {
    let files = [
        (
            ".venv/lib/python3.12/site-packages/PyYAML-6.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: PyYAML\nVersion: 6.0\nRequires-Dist: a>1\n\nName: no\n",
        ),
        (
            ".venv/lib/python3.12/site-packages/PyYAML-6.0.dist-info/RECORD",
            "yaml/__init__.py,sha256=x,1\n_yaml/__init__.py,,\n_c.cpython-312-x86_64-linux-gnu.so,,\n../../../bin/x,,\nPyYAML-6.0.dist-info/RECORD,,\nyaml/a.py,,\n",
        ),
        (
            ".venv/lib/python3.12/site-packages/pytest_x-1.0.dist-info/entry_points.txt",
            "[pytest11]\nx = pytest_x.plugin\n\n[console_scripts]\nrun=a:b\n",
        ),
        (".venv/lib/python3.12/site-packages/pytest_x-1.0.dist-info/top_level.txt", "pytest_x\n"),
        (".venv/lib/python3.12/site-packages/old-2.0-py3.12.egg-info", "Name: old\nVersion: 2.0\n"),
        (".venv/lib/python3.12/site-packages/dev.egg-link", "/w/dev\n../"),
        ("dev/dev.egg-info/PKG-INFO", "Name: dev\nVersion: 0.1\n"),
    ];
    let system = system(&files);
    let environment = found(&system, &request());
    let listed: Vec<_> = environment.distributions.iter().map(|d| format!("{} {}", d.key, d.version)).collect();
    assert_eq!(listed, ["dev 0.1", "old 2.0", "pytest-x 1.0", "pyyaml 6.0"]);
    let yaml = environment.distribution("PyYAML").expect("it is installed");
    assert_eq!(environment.top_level(yaml), ["_c", "_yaml", "yaml"]);
    assert_eq!((environment.display_name(yaml), yaml.requires(&system)), ("PyYAML", vec!["a>1".to_owned()]));
    assert_eq!(environment.providers("yaml").map(|d| d.key.as_str()).collect::<Vec<_>>(), ["pyyaml"]);
    let plugin = environment.distribution("pytest.x").expect("it is installed");
    assert_eq!(plugin.entry_points[0], ("pytest11".into(), "x".into(), "pytest_x.plugin".into()));
    assert!(environment.distribution("dev").is_some_and(|d| d.editable));
}

#[test]
fn other_layouts_are_known() {
    let mut windows = MemorySystem::new(
        "/w",
        &[
            ("v/pyvenv.cfg", "version = 3.11.2\ninclude-system-site-packages = false\n"),
            ("v/Lib/site-packages/x.py", ""),
        ],
    );
    let choice = Request { python: PythonChoice::Path("v".into()), ..request() };
    let environment = found(&windows, &choice);
    assert_eq!(environment.interpreter_platform, Platform::Win32);
    assert_eq!(paths(&environment), ["/w/v", "/w/v/Lib/site-packages"]);
    windows.files.clear();
    let debian = MemorySystem::new(
        "/w",
        &[
            ("/usr/bin/python3.11", ""),
            ("/usr/lib/python3.11/os.py", ""),
            ("/usr/lib/python3/dist-packages/x.py", ""),
            ("/usr/local/lib/python3.11/dist-packages/y.py", ""),
        ],
    );
    let choice = Request { python: PythonChoice::Path("/usr/bin/python3.11".into()), ..request() };
    let environment = found(&debian, &choice);
    assert_eq!(environment.version, PythonVersion::three(11));
    assert_eq!(paths(&environment), ["/usr/local/lib/python3.11/dist-packages", "/usr/lib/python3/dist-packages"]);
}

#[test]
fn python_path_is_absolute() {
    let mut system = system(&[]);
    system.variables.insert("PYTHONPATH".into(), "src:/abs::../up".into());
    let environment = found(&system, &request());
    assert_eq!(environment.python_path, ["/w/src", "/abs", "/w", "/up"].map(PathBuf::from));
}

#[test]
fn the_projects_files_tell_the_version_without_an_environment() {
    let system = MemorySystem::new("/w", &[(".python-version", "3.10.4\n")]);
    let environment = found(&system, &request());
    assert_eq!(
        (environment.version, environment.version_origin.as_str()),
        (PythonVersion::three(10), ".python-version")
    );
}

#[test]
fn names_are_normalised() {
    assert_eq!(normalise("Foo._-Bar"), "foo-bar");
}

#[test]
fn without_an_environment_the_project_counts_as_installed() {
    let mapped = |files: &[(&str, &str)]| {
        let environment = found(&MemorySystem::new("/w", files), &request());
        environment.finders.iter().flat_map(|f| f.mapping.iter().map(|(name, _)| name.clone())).collect::<Vec<_>>()
    };
    let project = ("pyproject.toml", "[project]\nname = 'my-shop'\n");
    assert_eq!(
        mapped(&[project, ("src/shop/__init__.py", ""), ("src/extra.py", ""), ("src/data/x.txt", "")]),
        ["extra", "shop"]
    );
    assert_eq!(mapped(&[project, ("my_shop/__init__.py", ""), ("tests/__init__.py", "")]), ["my_shop"]);
    assert!(mapped(&[("src/shop/__init__.py", "")]).is_empty(), "nothing says that it is installed");
    let mut with = system(&[("src/shop/__init__.py", "")]);
    with.files.insert("/w/pyproject.toml".into(), project.1.into());
    assert!(found(&with, &request()).finders.is_empty(), "an environment says what is installed");
}
