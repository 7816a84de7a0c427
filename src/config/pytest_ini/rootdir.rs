//! pytest's search for rootdir and configuration file.

use std::path::{Path, PathBuf};

use super::Refusal;
use super::files::{self, Values};
use crate::base::system::{System, absolute};

/// What the search finds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setup {
    /// pytest's rootdir.
    pub rootdir: PathBuf,
    /// The configuration file, also one that holds no options.
    pub inifile: Option<PathBuf>,
    /// Its keys and values.
    pub values: Values,
    /// Configuration files of the same directory that are ignored.
    pub ignored: Vec<PathBuf>,
}

/// What the command line says about it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// pytest's major version.
    pub major: u32,
    /// Where pytest is started.
    pub cwd: &'a Path,
    /// Positional arguments.
    pub positional: &'a [String],
    /// `-c`
    pub config_file: Option<&'a str>,
    /// `--rootdir`
    pub rootdir: Option<&'a str>,
}

/// Finds rootdir and configuration file.
///
/// # Errors
/// If pytest refuses a file or an argument.
pub fn determine(system: &dyn System, request: &Request<'_>) -> Result<Setup, Refusal> {
    let directories = directories(system, request);
    let mut setup = match request.config_file {
        Some(file) => given(system, request, file, &directories)?,
        None => search(system, request, &directories)?,
    };
    if let Some(rootdir) = request.rootdir {
        setup.rootdir = absolute(request.cwd, Path::new(&expand_variables(system, rootdir)));
        if !system.is_dir(&setup.rootdir) {
            return Err(Refusal::usage(format!(
                "Directory '{}' not found. Check your '--rootdir' option.",
                setup.rootdir.display()
            )));
        }
    }
    Ok(setup)
}

/// The directory of each argument that exists.
fn directories(system: &dyn System, request: &Request<'_>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for argument in request.positional.iter().filter(|a| !a.starts_with('-')) {
        let file = argument.split("::").next().unwrap_or(argument);
        let path = absolute(request.cwd, Path::new(file));
        if system.is_dir(&path) {
            found.push(path);
        } else if system.metadata(&path).is_ok() {
            found.extend(path.parent().map(Path::to_path_buf));
        }
    }
    found
}

fn common_ancestor(paths: &[PathBuf]) -> Option<PathBuf> {
    let mut paths = paths.iter();
    let mut common = paths.next()?.clone();
    for path in paths {
        while !path.starts_with(&common) && common.pop() {}
    }
    Some(common)
}

fn given(system: &dyn System, request: &Request<'_>, file: &str, dirs: &[PathBuf]) -> Result<Setup, Refusal> {
    let path = absolute(request.cwd, Path::new(file));
    let missing = |what: &str| {
        Refusal::usage(format!("Config file '{}' {what}. Check your '-c/--config-file' option.", path.display()))
    };
    if request.major >= 9 && system.metadata(&path).is_err() {
        return Err(missing("not found"));
    }
    if request.major >= 9 && system.is_dir(&path) {
        return Err(missing("is a directory"));
    }
    let known = path.extension().is_some_and(|e| e == "ini" || e == "cfg" || e == "toml");
    let mut rootdir = path.parent().unwrap_or(&path).to_path_buf();
    if !known && request.major >= 9 {
        if system.is_file(&path) {
            return Err(Refusal::usage(format!(
                "Config file '{}' has an unsupported format. Supported extensions are: .cfg, .ini, .toml.",
                path.display()
            )));
        }
        rootdir = common_ancestor(dirs).unwrap_or_else(|| request.cwd.to_path_buf());
        if rootdir.parent().is_none() {
            rootdir = request.cwd.to_path_buf();
        }
    }
    let values = files::load(system, &path, request.major)?.unwrap_or_default();
    Ok(Setup { rootdir, inifile: Some(path), values, ignored: Vec::new() })
}

fn search(system: &dyn System, request: &Request<'_>, dirs: &[PathBuf]) -> Result<Setup, Refusal> {
    let ancestor = common_ancestor(dirs).unwrap_or_else(|| request.cwd.to_path_buf());
    if let Some(setup) = locate(system, request.major, std::slice::from_ref(&ancestor))? {
        return Ok(setup);
    }
    let without_file = |rootdir: PathBuf| Setup { rootdir, ..Setup::default() };
    if request.rootdir.is_some() {
        return Ok(without_file(ancestor));
    }
    if let Some(found) = ancestor.ancestors().find(|dir| system.is_file(&dir.join("setup.py"))) {
        return Ok(without_file(found.to_path_buf()));
    }
    if *dirs != [ancestor.clone()] {
        let places = if dirs.is_empty() { &[request.cwd.to_path_buf()][..] } else { dirs };
        if let Some(setup) = locate(system, request.major, places)? {
            return Ok(setup);
        }
    }
    let rootdir = common_ancestor(&[request.cwd.to_path_buf(), ancestor.clone()]).unwrap_or_default();
    Ok(without_file(if rootdir.parent().is_none() { ancestor } else { rootdir }))
}

/// The first configuration file from each place upward.
fn locate(system: &dyn System, major: u32, places: &[PathBuf]) -> Result<Option<Setup>, Refusal> {
    let mut pyproject: Option<PathBuf> = None;
    for place in places {
        for base in place.ancestors() {
            let names = files::names(major);
            for (index, name) in names.iter().enumerate() {
                let path = base.join(name);
                if !system.is_file(&path) {
                    continue;
                }
                if *name == "pyproject.toml" && pyproject.is_none() {
                    pyproject = Some(path.clone());
                }
                if let Some(values) = files::load(system, &path, major)? {
                    let ignored = ignored(system, major, base, &names[index + 1..]);
                    return Ok(Some(Setup { rootdir: base.to_path_buf(), inifile: Some(path), values, ignored }));
                }
            }
        }
    }
    // Version 7 goes on to `setup.py` here; the rest takes the deepest pyproject.toml even without options.
    Ok(pyproject.filter(|_| major >= 8).map(|path| Setup {
        rootdir: path.parent().unwrap_or(&path).to_path_buf(),
        inifile: Some(path),
        ..Setup::default()
    }))
}

fn ignored(system: &dyn System, major: u32, base: &Path, names: &[&str]) -> Vec<PathBuf> {
    let paths = names.iter().map(|name| base.join(name));
    paths.filter(|p| system.is_file(p) && matches!(files::load(system, p, major), Ok(Some(_)))).collect()
}

/// `os.path.expandvars`: unknown variables stay.
fn expand_variables(system: &dyn System, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, behind) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
            Some((name, behind)) => (name, behind),
            None => after.split_at(after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len())),
        };
        match system.variable(name) {
            Some(value) if !name.is_empty() => out.push_str(&value),
            _ => {
                out.push('$');
                out.push_str(&after[..after.len() - behind.len()]);
            }
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Request, determine};
    use crate::base::system::MemorySystem;
    use std::path::Path;

    fn found(files: &[(&str, &str)], cwd: &str, args: &[&str], major: u32) -> (String, Option<String>) {
        let system = MemorySystem::new("/r", files);
        let positional: Vec<_> = args.iter().map(ToString::to_string).collect();
        let request = Request { major, cwd: Path::new(cwd), positional: &positional, config_file: None, rootdir: None };
        let setup = determine(&system, &request).expect("accepted");
        let text = |p: &Path| p.to_string_lossy().into_owned();
        (text(&setup.rootdir), setup.inifile.as_deref().map(text))
    }

    fn some(rootdir: &str, file: &str) -> (String, Option<String>) {
        (rootdir.into(), Some(file.into()))
    }

    #[test]
    fn the_search_starts_at_the_common_ancestor_of_the_arguments() {
        let files = [("tests/pytest.ini", ""), ("tests/test_a.py", ""), ("setup.cfg", "[tool:pytest]\n")];
        assert_eq!(found(&files, "/r", &["tests"], 8), some("/r/tests", "/r/tests/pytest.ini"));
        assert_eq!(found(&files, "/r", &[], 8), some("/r", "/r/setup.cfg"));
        assert_eq!(found(&files, "/r", &["tests/test_a.py::test_x"], 8), some("/r/tests", "/r/tests/pytest.ini"));
    }

    #[test]
    fn a_pyproject_without_options_counts_from_version_8_on() {
        let files = [("pyproject.toml", "[project]\n"), ("a/x.py", ""), ("setup.py", "")];
        assert_eq!(found(&files, "/r", &["a"], 8), some("/r", "/r/pyproject.toml"));
        assert_eq!(found(&files, "/r", &["a"], 7), ("/r".into(), None));
    }

    #[test]
    fn native_toml_is_known_from_version_9_on() {
        let files = [("pytest.toml", ""), ("pytest.ini", "")];
        assert_eq!(found(&files, "/r", &[], 9), some("/r", "/r/pytest.toml"));
        assert_eq!(found(&files, "/r", &[], 8), some("/r", "/r/pytest.ini"));
    }

    #[test]
    fn setup_py_marks_a_root_and_else_the_current_directory_does() {
        assert_eq!(found(&[("setup.py", ""), ("a/b/x.py", "")], "/r/a", &["b"], 9), ("/r".into(), None));
        assert_eq!(found(&[("a/b/x.py", "")], "/r/a", &["b"], 9), ("/r/a".into(), None));
    }
}
