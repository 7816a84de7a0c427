//! Which files and directories pytest looks at: arguments, patterns, what is ignored (spec: pytest-collection.md
//! sections 2 and 3). Knows no module and imports nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::base::system::{Entry, Kind, System, absolute};
use crate::config::pytest_ini::options::CommandLine;
use crate::config::pytest_ini::text::{fnmatch, fnmatch_ex};
use crate::config::pytest_ini::{PytestConfig, PytestVersion};

/// One positional argument, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The file or directory.
    pub path: PathBuf,
    /// Names behind `::`, the brackets of the last one cut off.
    pub parts: Vec<String>,
    /// `[...]` behind the last name.
    pub parametrization: Option<String>,
}

/// `path::name::name[id]` taken apart.
///
/// # Errors
/// pytest's usage error.
pub fn resolve_argument(system: &dyn System, cwd: &Path, text: &str, major: u32) -> Result<Argument, String> {
    let (base, bracket) = match text.split_once('[') {
        Some((base, rest)) => (base, Some(format!("[{rest}"))),
        None => (text, None),
    };
    let mut pieces = base.split("::").map(ToOwned::to_owned);
    let file = pieces.next().unwrap_or_default();
    let mut parts: Vec<String> = pieces.collect();
    // Before version 9 a bracket behind a path is dropped.
    if bracket.is_some() && parts.is_empty() && major >= 9 {
        return Err(format!("path cannot contain [] parametrization: {text}"));
    }
    let path = absolute(cwd, Path::new(&file));
    let Ok(metadata) = system.metadata(&path) else {
        return Err(format!("file or directory not found: {text}"));
    };
    if metadata.kind == Kind::Directory && !parts.is_empty() {
        return Err(format!("directory argument cannot contain :: selection parts: {text}"));
    }
    parts.retain(|part| !part.is_empty());
    let parametrization = bracket.filter(|_| !parts.is_empty());
    Ok(Argument { path, parts, parametrization })
}

/// Drops arguments that another one contains; the earliest of equal ones stays (pytest 9).
#[must_use]
pub fn without_overlaps(arguments: Vec<Argument>) -> Vec<Argument> {
    let contains = |outer: &Argument, inner: &Argument| {
        if outer.parts.is_empty() {
            return inner.path.starts_with(&outer.path);
        }
        outer.path == inner.path
            && inner.parts.starts_with(&outer.parts)
            && (outer.parametrization.is_none()
                || outer.parts == inner.parts && outer.parametrization == inner.parametrization)
    };
    let keep = |(at, argument): (usize, &Argument)| {
        !arguments
            .iter()
            .enumerate()
            .any(|(other, outer)| other != at && contains(outer, argument) && (outer != argument || other < at))
    };
    let kept: Vec<bool> = arguments.iter().enumerate().map(keep).collect();
    arguments.into_iter().zip(kept).filter_map(|(argument, keep)| keep.then_some(argument)).collect()
}

/// What the nearest conftest says with `collect_ignore` and `collect_ignore_glob`, as absolute paths and patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConftestIgnores {
    /// Equal paths are ignored.
    pub paths: Vec<PathBuf>,
    /// Paths that match are ignored.
    pub globs: Vec<String>,
}

/// What a file is to pytest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileKind {
    /// A test module.
    pub module: bool,
    /// A module whose docstrings hold examples (`--doctest-modules`).
    pub doctest_module: bool,
    /// A text file with examples.
    pub doctest_text: bool,
}

/// The rules of the walk.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    version: PytestVersion,
    python_files: Vec<String>,
    norecursedirs: Vec<String>,
    ignore: Vec<PathBuf>,
    ignore_glob: Vec<String>,
    in_virtualenv: bool,
    doctest_modules: bool,
    doctest_glob: Vec<String>,
    initial: BTreeSet<PathBuf>,
    initial_with_parents: BTreeSet<PathBuf>,
}

impl Rules {
    /// Reads the rules from the configuration.
    #[must_use]
    pub fn new(config: &PytestConfig, line: &CommandLine, arguments: &[Argument]) -> Self {
        let from_cwd = |text: &str| absolute(&config.cwd, Path::new(text));
        let initial: BTreeSet<_> = arguments.iter().map(|a| a.path.clone()).collect();
        let with_parents = initial.iter().flat_map(|p| p.ancestors().map(Path::to_path_buf)).collect();
        Self {
            version: config.version.clone(),
            python_files: config.words("python_files", &["test_*.py", "*_test.py"]),
            norecursedirs: config.words(
                "norecursedirs",
                &["*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}"],
            ),
            ignore: line.values("--ignore").map(from_cwd).collect(),
            ignore_glob: line.values("--ignore-glob").map(|g| from_cwd(g).to_string_lossy().into_owned()).collect(),
            in_virtualenv: line.has("--collect-in-virtualenv"),
            doctest_modules: line.has("--doctest-modules"),
            doctest_glob: line.values("--doctest-glob").map(ToOwned::to_owned).collect(),
            initial,
            initial_with_parents: with_parents,
        }
    }

    /// Whether the path was given as an argument.
    #[must_use]
    pub fn is_initial(&self, path: &Path) -> bool {
        self.initial.contains(path)
    }

    /// Whether the path was given, or lies above one that was.
    #[must_use]
    pub fn leads_to_initial(&self, path: &Path) -> bool {
        self.initial_with_parents.contains(path)
    }

    /// pytest's own `pytest_ignore_collect`.
    #[must_use]
    pub fn is_ignored(&self, system: &dyn System, path: &Path, is_dir: bool, conftest: &ConftestIgnores) -> bool {
        if path.file_name().is_some_and(|n| n == "__pycache__") {
            return true;
        }
        let equal = |p: &PathBuf| p == path;
        if self.ignore.iter().any(equal) || conftest.paths.iter().any(equal) {
            return true;
        }
        let whole = path.to_string_lossy();
        if self.ignore_glob.iter().chain(&conftest.globs).any(|glob| fnmatch(glob, &whole)) {
            return true;
        }
        is_dir
            && (!self.in_virtualenv && self.is_virtualenv(system, path)
                || self.norecursedirs.iter().any(|pattern| fnmatch_ex(pattern, path)))
    }

    fn is_virtualenv(&self, system: &dyn System, path: &Path) -> bool {
        if self.version.is_at_least(8, 1) {
            let conda = self.version.is_at_least(8, 3) && system.is_file(&path.join("conda-meta/history"));
            return conda || system.is_file(&path.join("pyvenv.cfg"));
        }
        let scripts = ["activate", "activate.csh", "activate.fish", "Activate", "Activate.bat", "Activate.ps1"];
        scripts.iter().any(|name| system.is_file(&path.join("bin").join(name)))
    }

    /// What a file is to pytest; nothing is wanted of most.
    #[must_use]
    pub fn kind(&self, system: &dyn System, path: &Path) -> FileKind {
        let extension = path.extension().and_then(|e| e.to_str());
        let initial = self.is_initial(path);
        let matches = |patterns: &[String]| patterns.iter().any(|pattern| fnmatch_ex(pattern, path));
        if extension == Some("py") {
            return FileKind {
                module: initial || matches(&self.python_files),
                doctest_module: self.doctest_modules && !is_main_or_setup(system, path),
                doctest_text: false,
            };
        }
        let text =
            if self.doctest_glob.is_empty() { fnmatch_ex("test*.txt", path) } else { matches(&self.doctest_glob) };
        let given = initial && matches!(extension, Some("txt" | "rst"));
        FileKind { doctest_text: text || given, ..FileKind::default() }
    }

    /// Whether a file of this path would be a module if it were walked over, given as an argument or not.
    #[must_use]
    pub fn matches_python_files(&self, path: &Path) -> bool {
        self.python_files.iter().any(|pattern| fnmatch_ex(pattern, path))
    }
}

/// `--doctest-modules` leaves out `__main__.py` and setup scripts.
fn is_main_or_setup(system: &dyn System, path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str());
    let contains = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    match name {
        Some("__main__.py") => true,
        Some("setup.py") => {
            let bytes = system.read(path).unwrap_or_default();
            contains(&bytes, b"setuptools") || contains(&bytes, b"distutils")
        }
        _ => false,
    }
}

/// Entries of a directory in pytest's order; none if it cannot be listed.
#[must_use]
pub fn list(system: &dyn System, directory: &Path) -> Vec<Entry> {
    system.read_dir(directory).unwrap_or_default()
}

/// Whether entering `directory` would go round in a loop of symlinks: it is one of the directories it lies in.
#[must_use]
pub fn is_loop(system: &dyn System, directory: &Path) -> bool {
    let Ok(Some(identity)) = system.metadata(directory).map(|m| m.identity) else { return false };
    let same = |path: &Path| system.metadata(path).is_ok_and(|m| m.identity == Some(identity));
    directory.ancestors().skip(1).any(same)
}

/// `testpaths`: every entry globbed, matches sorted.
#[must_use]
pub fn expand_testpaths(system: &dyn System, cwd: &Path, patterns: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for pattern in patterns {
        let mut matches = Vec::new();
        let segments: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
        let start = if pattern.starts_with('/') { PathBuf::from("/") } else { cwd.to_path_buf() };
        glob(system, &start, &segments, 0, &mut matches);
        let mut texts: Vec<String> = matches.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        texts.sort();
        texts.dedup();
        found.extend(texts);
    }
    found
}

fn has_magic(segment: &str) -> bool {
    segment.contains(['*', '?', '['])
}

fn glob(system: &dyn System, base: &Path, segments: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let Some((segment, rest)) = segments.split_first() else {
        found.push(base.to_path_buf());
        return;
    };
    if !has_magic(segment) {
        let path = absolute(base, Path::new(segment));
        if system.metadata(&path).is_ok() {
            glob(system, &path, rest, depth, found);
        }
        return;
    }
    if *segment == "**" {
        glob(system, base, rest, depth, found);
    }
    // Loops of symlinks end here; no real tree is that deep.
    if depth > 40 {
        return;
    }
    for entry in list(system, base) {
        if entry.name.starts_with('.') && !segment.starts_with('.') {
            continue;
        }
        let path = base.join(&entry.name);
        if *segment == "**" {
            if entry.kind == Kind::Directory {
                glob(system, &path, segments, depth + 1, found);
            } else if rest.is_empty() {
                found.push(path);
            }
        } else if fnmatch(segment, &entry.name) && (rest.is_empty() || entry.kind == Kind::Directory) {
            glob(system, &path, rest, depth, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Argument, ConftestIgnores, Rules, expand_testpaths, resolve_argument, without_overlaps};
    use crate::base::system::MemorySystem;
    use crate::config::pytest_ini::{PytestVersion, discover};
    use std::path::{Path, PathBuf};

    fn argument(path: &str, parts: &[&str]) -> Argument {
        Argument {
            path: PathBuf::from(path),
            parts: parts.iter().map(ToString::to_string).collect(),
            parametrization: None,
        }
    }

    #[test]
    fn ids_are_taken_apart() {
        let system = MemorySystem::new("/r", &[("t/test_a.py", "")]);
        let resolve = |text| resolve_argument(&system, Path::new("/r"), text, 9);
        let mut expected = argument("/r/t/test_a.py", &["A", "b"]);
        expected.parametrization = Some("[x::y]".into());
        assert_eq!(resolve("t/test_a.py::A::b[x::y]"), Ok(expected));
        assert_eq!(resolve("no"), Err("file or directory not found: no".into()));
        assert_eq!(resolve("t::x"), Err("directory argument cannot contain :: selection parts: t::x".into()));
        assert_eq!(resolve("t/test_a.py[1]"), Err("path cannot contain [] parametrization: t/test_a.py[1]".into()));
    }

    #[test]
    fn contained_arguments_fall_away() {
        let all =
            vec![argument("/r/t/a.py", &["A"]), argument("/r/b", &[]), argument("/r/t", &[]), argument("/r/b", &[])];
        assert_eq!(without_overlaps(all), [argument("/r/b", &[]), argument("/r/t", &[])]);
    }

    #[test]
    fn testpaths_are_globs() {
        let files = [("pkg/a/tests/x.py", ""), ("pkg/b/tests/x.py", ""), ("tests/x.py", ""), (".h/tests/x.py", "")];
        let system = MemorySystem::new("/r", &files);
        let expand = |pattern: &str| expand_testpaths(&system, Path::new("/r"), &[pattern.to_owned()]);
        assert_eq!(expand("pkg/*/tests"), ["/r/pkg/a/tests", "/r/pkg/b/tests"]);
        assert_eq!(expand("**/tests"), ["/r/pkg/a/tests", "/r/pkg/b/tests", "/r/tests"]);
        assert_eq!(expand("none"), Vec::<String>::new());
    }

    #[test]
    fn rules_ignore_what_pytest_ignores() {
        let files = [
            ("pytest.ini", "[pytest]\npython_files = check_*.py tests/*.py\n"),
            ("env/pyvenv.cfg", ""),
            ("old/bin/activate", ""),
            ("tests/x.py", ""),
        ];
        let system = MemorySystem::new("/r", &files);
        let args: Vec<String> = ["--ignore=tests/x.py", "--ignore-glob=*/y*"].map(ToOwned::to_owned).into();
        let rules = |version| {
            let config = discover(&system, Path::new("/r"), &args, &PytestVersion::new(version));
            Rules::new(&config, &config.line, &[])
        };
        let conftest = ConftestIgnores { paths: vec!["/r/z".into()], globs: vec!["/r/q/*".into()] };
        let ignored = |path: &str, is_dir| rules("8.4.2").is_ignored(&system, Path::new(path), is_dir, &conftest);
        for (path, is_dir) in
            [("/r/env", true), ("/r/.git", true), ("/r/tests/x.py", false), ("/r/a/yy/z", false), ("/r/z", true)]
        {
            assert!(ignored(path, is_dir), "{path}");
        }
        assert!(ignored("/r/q/a/b.py", false) && !ignored("/r/tests", true) && !ignored("/r/old", true));
        assert!(rules("7.4.4").is_ignored(&system, Path::new("/r/old"), true, &conftest));
        let kind = |path: &str| rules("9.2.0").kind(&system, Path::new(path)).module;
        assert!(kind("/r/a/check_b.py") && kind("/r/tests/a/b.py") && !kind("/r/test_a.py"));
    }
}
