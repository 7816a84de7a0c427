//! What the search finds, and in which order.

use super::*;
use crate::base::system::MemorySystem;
use crate::environment::Environment;

fn resolver(files: &[(&str, &str)]) -> Resolver {
    resolver_of(MemorySystem::new("/w", files), &environment())
}

fn environment() -> Environment {
    Environment { version: PythonVersion::three(11), ..Environment::default() }
}

fn resolver_of(system: MemorySystem, environment: &Environment) -> Resolver {
    Resolver::new(Arc::new(system), environment)
}

fn dirs(paths: &[&str]) -> Vec<Arc<PathBuf>> {
    paths.iter().map(|path| Arc::new(PathBuf::from(path))).collect()
}

/// The answer in one line.
fn shown(location: &Location) -> String {
    match location {
        Location::Package { init, .. } => format!("package {}", init.display()),
        Location::Module(file) => format!("module {}", file.display()),
        Location::Extension { file, stub, directory } => {
            let stub = stub.as_ref().map_or(String::new(), |s| format!(" stub {}", s.display()));
            let kind = if directory.is_some() { " (package)" } else { "" };
            format!("extension {}{kind}{stub}", file.display())
        }
        Location::Stdlib(name) => format!("stdlib {name}"),
        Location::Namespace(paths) => {
            format!("namespace {}", paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" "))
        }
        Location::Opaque(_) => "opaque".to_owned(),
        Location::Missing => "missing".to_owned(),
    }
}

fn check(files: &[(&str, &str)], path: &[&str], name: &str, expected: &str) {
    assert_eq!(shown(&resolver(files).find(&dirs(path), name)), expected);
}

#[test]
fn a_package_beats_an_extension_beats_a_source() {
    let extension = "m.cpython-311-x86_64-linux-gnu.so";
    check(&[("m/__init__.py", ""), (extension, ""), ("m.py", "")], &["/w"], "m", "package /w/m/__init__.py");
    check(&[(extension, ""), ("m.py", ""), ("m.pyc", "")], &["/w"], "m", &format!("extension /w/{extension}"));
    check(&[("m.so", ""), ("m.abi3.so", "")], &["/w"], "m", "extension /w/m.abi3.so");
    check(&[("m.py", ""), ("m.pyc", "")], &["/w"], "m", "module /w/m.py");
    check(&[("m.pyc", "")], &["/w"], "m", "extension /w/m.pyc");
    check(&[("__pycache__/m.cpython-311.pyc", ""), ("m.pyi", "")], &["/w"], "m", "missing");
    check(&[("m/__init__.pyc", "")], &["/w"], "m", "extension /w/m/__init__.pyc (package)");
    check(&[("m.so", ""), ("m.pyi", "")], &["/w"], "m", "extension /w/m.so stub /w/m.pyi");
    check(&[("m.cpython-27-x86_64-linux-gnu.so", "")], &["/w"], "m", "missing");
}

#[test]
fn namespaces_yield_to_modules_further_back() {
    let files = &[("a/n/x.py", ""), ("b/n/y.py", ""), ("c/n.py", "")];
    check(files, &["/w/a", "/w/b", "/w/none"], "n", "namespace /w/a/n /w/b/n");
    check(files, &["/w/a", "/w/b", "/w/c"], "n", "module /w/c/n.py");
    check(&[("n/x.py", ""), ("n.py", "")], &["/w"], "n", "module /w/n.py");
}

#[test]
fn the_earlier_directory_wins() {
    let files = &[("a/m.py", ""), ("b/m/__init__.py", "")];
    check(files, &["/w/a", "/w/b"], "m", "module /w/a/m.py");
    check(files, &["/w/b", "/w/a"], "m", "package /w/b/m/__init__.py");
}

#[test]
fn case_matters() {
    check(&[("Mod.py", "")], &["/w"], "mod", "missing");
}

#[test]
fn the_library_stands_where_it_is_marked() {
    let files = &[("queue.py", ""), ("time.py", ""), ("os.py", "")];
    check(files, &["/w", ""], "queue", "module /w/queue.py");
    check(files, &["", "/w"], "queue", "stdlib queue");
    check(files, &["/w", ""], "time", "stdlib time");
    check(files, &["/w", ""], "os", "stdlib os");
    check(files, &["/w"], "time", "module /w/time.py");
    check(files, &["/w", ""], "nothing", "missing");
    let older = Environment { version: PythonVersion::three(10), ..Environment::default() };
    let resolver = resolver_of(MemorySystem::new("/w", files), &older);
    assert_eq!(shown(&resolver.find(&dirs(&["/w", ""]), "os")), "module /w/os.py");
}

#[test]
fn submodules_of_the_library_have_full_names() {
    let resolver = resolver(&[]);
    assert_eq!(shown(&resolver.find_stdlib("xml.etree.ElementTree")), "stdlib xml.etree.ElementTree");
    assert_eq!(shown(&resolver.find_stdlib("xml.nothing")), "missing");
    assert_eq!(shown(&resolver.find_stdlib("test.test_os")), "opaque");
}

#[test]
fn archives_are_opaque_for_what_they_hold() {
    let mut system = MemorySystem::new("/w", &[("x/m.py", ""), ("plain", "text")]);
    system.files.insert("/w/lib.egg".into(), zip::archive(&["m.py", "pkg/__init__.py"]));
    let resolver = resolver_of(system, &environment());
    let find = |path: &[&str], name| shown(&resolver.find(&dirs(path), name));
    assert_eq!(find(&["/w/lib.egg", "/w/x"], "m"), "opaque");
    assert_eq!(find(&["/w/x", "/w/lib.egg"], "m"), "module /w/x/m.py");
    assert_eq!(find(&["/w/lib.egg"], "pkg"), "opaque");
    assert_eq!(find(&["/w/lib.egg"], "other"), "missing");
    assert_eq!(find(&["/w/plain"], "m"), "missing");
}

#[test]
fn editable_finders_answer_late() {
    let files = &[("src/pkg/__init__.py", ""), ("src/pkg/sub.py", ""), ("src/one.py", ""), ("ns/part/m.py", "")];
    let finder = EditableFinder {
        file: "/site/finder.py".into(),
        mapping: vec![("pkg".into(), "/w/src/pkg".into()), ("one".into(), "/w/src/one".into())],
        namespaces: vec![("ns".into(), vec!["/w/ns".into()])],
    };
    let environment = Environment { finders: vec![finder], ..environment() };
    let resolver = resolver_of(MemorySystem::new("/w", files), &environment);
    let find = |name| shown(&resolver.find_late(name));
    assert_eq!(find("pkg"), "package /w/src/pkg/__init__.py");
    assert_eq!(find("pkg.sub"), "module /w/src/pkg/sub.py");
    assert_eq!(find("one"), "module /w/src/one.py");
    assert_eq!(find("ns"), "namespace /w/ns");
    assert_eq!(find("tests"), "missing");
}

#[test]
fn unknown_hooks_are_opaque_for_the_names_they_serve() {
    let named = OpaqueFinder { origin: "x.pth".into(), names: Some(vec!["pkg".into()]) };
    let environment = Environment { opaque_finders: vec![named], ..environment() };
    let resolver = resolver_of(MemorySystem::new("/w", &[]), &environment);
    assert_eq!(shown(&resolver.find_late("pkg.core")), "opaque");
    assert_eq!(shown(&resolver.find_late("other")), "missing");
}

#[test]
fn modules_of_a_directory_are_listed() {
    let resolver = resolver(&[("p/__init__.py", ""), ("p/b.py", ""), ("p/a/__init__.py", ""), ("p/data/x.txt", "")]);
    let expected = [("a".to_owned(), true), ("b".to_owned(), false)];
    assert_eq!(resolver.modules_in(Path::new("/w/p")), expected);
}
