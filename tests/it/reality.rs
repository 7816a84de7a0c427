//! The resolver and the library's tables against real interpreters. Needs environments, so these run on request:
//! `PRECOLLECT_VENVS="DIR DIR..." cargo test --test it reality -- --ignored`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use precollect::base::system::{RealSystem, System};
use precollect::config::settings::PythonChoice;
use precollect::environment::{Environment, Request, discover};
use precollect::python::location::Location;
use precollect::python::stdlib;
use precollect::resolve::Resolver;

/// Prints `sys.path` behind the library, then one line per module: depth-first, `name, kind, places`.
const ASK: &str = r#"
import importlib.machinery as m, importlib.util, os, sys
library = os.path.dirname(os.__file__)
behind = [p for p in sys.path if p and p not in (library, library + "/lib-dynload") and not p.endswith(".zip")]
print("\t".join(["path"] + behind))
finder = m.PathFinder
left = [60000]
def show(name, spec):
    if name in sys.builtin_module_names: return print(name, "stdlib", sep="\t")
    if spec is None: return print(name, "missing", sep="\t")
    origin = spec.origin
    where = list(spec.submodule_search_locations or []) if spec.submodule_search_locations is not None else None
    if origin in ("built-in", "frozen") or origin and origin.startswith(library) and "site-packages" not in origin:
        return print(name, "stdlib", sep="\t")
    if origin is None or spec.loader is None: print(name, "namespace", *where, sep="\t")
    else: print(name, "package" if where else "module", origin, sep="\t")
    return where
def names_in(where):
    found = set()
    for folder in where:
        try: entries = os.listdir(folder)
        except OSError: continue
        found.update(e.partition(".")[0] for e in entries)
    found.discard("__pycache__"); found.discard("")
    return sorted(found)
def walk(name, where, depth):
    for tail in names_in(where):
        if left[0] <= 0 or depth > 6: return
        left[0] -= 1
        full = name + "." + tail
        try: spec = finder.find_spec(full, where)
        except Exception: continue
        below = show(full, spec)
        if below: walk(full, below, depth + 1)
own = [n for n in names_in([library]) if n.isidentifier() and n != "config"]
for tail in sorted({*names_in(behind), *own, *sys.builtin_module_names}):
    try: spec = importlib.util.find_spec(tail)
    except Exception as error: continue
    below = show(tail, spec)
    if below: walk(tail, below, 1)
"#;

fn ask(python: &Path, script: &str, input: &str) -> String {
    let mut command = Command::new(python);
    command.args(["-I", "-W", "ignore", "-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the interpreter starts");
    child.stdin.take().expect("stdin is piped").write_all(input.as_bytes()).expect("the interpreter reads");
    let output = child.wait_with_output().expect("the interpreter ends");
    assert!(output.status.success(), "{} failed", python.display());
    String::from_utf8(output.stdout).expect("answers are UTF-8")
}

fn environment(system: &Arc<dyn System>, prefix: &Path) -> Environment {
    let request = Request { root: "/".into(), python: PythonChoice::Path(prefix.to_path_buf()), ..Request::default() };
    discover(system, &request)
}

fn directories(location: &Location) -> Vec<Arc<PathBuf>> {
    match location {
        Location::Package { directory, .. } => vec![directory.clone()],
        Location::Extension { directory: Some(directory), .. } => vec![directory.clone()],
        Location::Namespace(paths) => paths.iter().cloned().map(Arc::new).collect(),
        _ => Vec::new(),
    }
}

fn shown(location: &Location) -> String {
    match location {
        Location::Package { init, .. } => format!("package\t{}", init.display()),
        Location::Module(file) | Location::Extension { file, directory: None, .. } => {
            format!("module\t{}", file.display())
        }
        Location::Extension { file, .. } => format!("package\t{}", file.display()),
        Location::Namespace(paths) => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("namespace\t{}", paths.join("\t"))
        }
        Location::Stdlib(_) => "stdlib".to_owned(),
        Location::Opaque(reason) => format!("opaque\t{reason}"),
        Location::Missing => "missing".to_owned(),
    }
}

fn venvs() -> Vec<PathBuf> {
    let list = std::env::var("PRECOLLECT_VENVS").expect("PRECOLLECT_VENVS lists environments");
    list.split_whitespace().map(PathBuf::from).collect()
}

#[test]
#[ignore = "needs environments with interpreters"]
#[expect(clippy::print_stdout, reason = "figures for whoever asks")]
fn modules_are_found_where_the_interpreter_finds_them() {
    let system: Arc<dyn System> = Arc::new(RealSystem);
    let mut wrong = Vec::new();
    for venv in venvs() {
        let environment = environment(&system, &venv);
        let resolver = Resolver::new(system.clone(), &environment);
        let mut path = vec![Arc::new(PathBuf::new())];
        path.extend(environment.site.iter().map(|entry| Arc::new(entry.path.clone())));
        let answers = ask(&venv.join("bin/python"), ASK, "");
        let (mut count, mut parents) = (0, Vec::<(String, Vec<Arc<PathBuf>>)>::new());
        for line in answers.lines() {
            let (name, expected) = line.split_once('\t').expect("name and answer");
            if name == "path" {
                let ours: Vec<String> = path[1..].iter().map(|entry| entry.display().to_string()).collect();
                if ours.join("\t") != expected {
                    wrong.push(format!("{}: sys.path is {expected}, not {}", venv.display(), ours.join("\t")));
                }
                continue;
            }
            while parents.last().is_some_and(|(parent, _)| !name.starts_with(&format!("{parent}."))) {
                parents.pop();
            }
            let tail = name.rsplit('.').next().unwrap_or(name);
            let mut found = match parents.last() {
                Some((_, below)) => resolver.find(below, tail),
                None => resolver.find(&path, tail),
            };
            if !found.is_found() {
                found = resolver.find_late(name);
            }
            count += 1;
            // setuptools' copy comes first before 3.12, too; the library's own is taken to be as good.
            let shim = name == "distutils" && expected.contains("setuptools/_distutils");
            if shown(&found) != expected && !shim {
                wrong.push(format!("{}: {name} is {expected}, not {}", venv.display(), shown(&found)));
            }
            parents.push((name.to_owned(), directories(&found)));
        }
        println!("{}: {count} names", venv.display());
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong[..wrong.len().min(60)].join("\n"));
}

/// Reads lines `module name name ...`. Prints for each module `+name` for what it has besides and `-name` for what it lacks.
const ASK_LIBRARY: &str = r#"
import os, sys
for line in sys.stdin.read().splitlines():
    name, *names = line.split(" ")
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_RDWR); out = os.dup(1)
        for stream in (0, 1, 2): os.dup2(null, stream)
        try:
            module = __import__(name, fromlist=["x"])
            text = ["+" + n for n in dir(module) if n not in names] + ["-" + n for n in names if not hasattr(module, n)]
        except BaseException as error:
            text = ["!" + type(error).__name__]
        os.write(out, (" ".join([name, *text]) + "\n").encode())
        os._exit(0)
    os.waitpid(pid, 0)
"#;

const UNIVERSAL: &[&str] = &[
    "__builtins__",
    "__cached__",
    "__doc__",
    "__file__",
    "__loader__",
    "__name__",
    "__package__",
    "__path__",
    "__spec__",
    "__warningregistry__",
];

#[test]
#[ignore = "needs environments with interpreters"]
#[expect(clippy::print_stdout, reason = "figures for whoever asks")]
fn the_library_holds_what_the_table_says() {
    let system: Arc<dyn System> = Arc::new(RealSystem);
    let (mut wrong, mut seen) = (Vec::new(), std::collections::BTreeSet::new());
    for venv in venvs() {
        let environment = environment(&system, &venv);
        let (version, platform) = (environment.version, environment.platform);
        if !seen.insert(version) {
            continue;
        }
        let mut question = String::new();
        let (mut modules, mut total) = (0, 0);
        for name in stdlib::modules(version, platform) {
            let module = stdlib::module(name, version, platform).expect("it was listed");
            question.push_str(name);
            for (attribute, _) in module.names() {
                total += 1;
                question.extend([" ", attribute]);
            }
            question.push('\n');
        }
        for line in ask(&venv.join("bin/python"), ASK_LIBRARY, &question).lines() {
            modules += 1;
            let mut words = line.split(' ');
            let name = words.next().unwrap_or_default();
            let ours = stdlib::module(name, version, platform).expect("it was listed");
            for word in words.filter(|word| !word.is_empty()) {
                let attribute = &word[1..];
                let submodule = stdlib::exists(&format!("{name}.{attribute}"), version, platform);
                let universal = UNIVERSAL.contains(&attribute) || name.starts_with("typing.");
                // setuptools, where installed, puts its own `distutils` in place.
                if name.starts_with("distutils") {
                    continue;
                }
                if ours.complete && !(word.starts_with('+') && (submodule || universal)) {
                    wrong.push(format!("{version}: {name} {word}"));
                }
            }
        }
        println!("{version}: {modules} modules, {total} names");
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong[..wrong.len().min(80)].join("\n"));
}
