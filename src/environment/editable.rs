//! What code in a `.pth` file does to imports: the generated finders of editable installs are read, others are only
//! recognised.

use std::path::{Path, PathBuf};

use super::EditableFinder;
use super::literals::{Literal, Reader, assigned};
use crate::base::system::{System, absolute};

/// The effect of a line.
pub(super) enum Line {
    /// Imports are as before.
    Harmless,
    /// Directories are added to the path.
    Paths(Vec<PathBuf>),
    /// setuptools' finder, or one that says as much.
    Finder(EditableFinder),
    /// An import hook; the top-level names it serves, if they are known.
    Opaque(Option<Vec<String>>),
}

/// Files that change `sys.meta_path` without providing modules.
const HARMLESS: &[&str] = &["_virtualenv", "coverage", "pytest_cov", "pywin32_bootstrap", "sitecustomize"];

/// Judges an `import ...` line of a `.pth` file in this site directory.
pub(super) fn read_line(system: &dyn System, directory: &Path, line: &str) -> Line {
    if line.contains("addsitedir(") || line.contains("sys.path.") {
        return added_paths(system, directory, line);
    }
    if line.contains("meta_path") || line.contains("path_hooks") {
        return Line::Opaque(None);
    }
    for name in imported_names(line) {
        if HARMLESS.contains(&name) {
            continue;
        }
        let Some((file, text)) = module_text(system, directory, name) else { continue };
        match read_module(system, &file, &text) {
            Line::Harmless => {}
            found => return found,
        }
    }
    Line::Harmless
}

/// Modules that the line's first `import` statement names.
fn imported_names(line: &str) -> Vec<&str> {
    let statement = line.split(';').next().unwrap_or(line);
    let names = statement.trim_start_matches("import").split(',');
    names.filter_map(|name| name.split_whitespace().next()).collect()
}

fn module_text(system: &dyn System, directory: &Path, name: &str) -> Option<(PathBuf, String)> {
    let below = name.replace('.', "/");
    let candidates = [directory.join(format!("{below}.py")), directory.join(below).join("__init__.py")];
    candidates.into_iter().find_map(|file| {
        let text = String::from_utf8_lossy(&system.read(&file).ok()?).into_owned();
        Some((file, text))
    })
}

fn added_paths(system: &dyn System, directory: &Path, line: &str) -> Line {
    // `easy-install.pth` measures and reorders the path; it adds nothing.
    if line.contains("sys.__plen") || line.contains("sys.__egginsert") {
        return Line::Harmless;
    }
    let mut reader = Reader::new(line, 0);
    let mut paths = Vec::new();
    while let Some(at) = line[reader.at()..].find(['"', '\'']) {
        reader = Reader::new(line, reader.at() + at);
        let Some(text) = reader.string() else { break };
        let path = absolute(directory, Path::new(&text));
        if system.is_dir(&path) {
            paths.push(path);
        }
    }
    if paths.is_empty() { Line::Opaque(None) } else { Line::Paths(paths) }
}

/// Judges the module that such a line imports.
fn read_module(system: &dyn System, file: &Path, text: &str) -> Line {
    if let Some(Literal::Dict(mapping)) = assigned(text, "MAPPING") {
        return Line::Finder(setuptools_finder(file, mapping, assigned(text, "NAMESPACES")));
    }
    if text.contains("map_module(") && text.contains("F.install()") {
        return Line::Finder(redirecting_finder(file, text));
    }
    let is_hook = text.contains("meta_path") || text.contains("path_hooks");
    if !is_hook {
        return Line::Harmless;
    }
    Line::Opaque(names_of_install_call(text).or_else(|| names_of_finder(system, file)))
}

fn setuptools_finder(file: &Path, mapping: Vec<(Literal, Literal)>, namespaces: Option<Literal>) -> EditableFinder {
    let text = |literal: &Literal| literal.as_str().map(str::to_owned);
    let mapping = mapping.iter().filter_map(|(name, path)| Some((text(name)?, PathBuf::from(text(path)?)))).collect();
    let namespaces = match namespaces {
        Some(Literal::Dict(pairs)) => pairs,
        _ => Vec::new(),
    };
    let namespaces = namespaces.iter().filter_map(|(name, paths)| {
        Some((text(name)?, paths.strings().into_iter().map(|(_, path)| PathBuf::from(path)).collect()))
    });
    EditableFinder { file: file.to_path_buf(), mapping, namespaces: namespaces.collect() }
}

/// `editables`' redirector, used by hatchling: `F.map_module('name', '/path/to/file.py')`.
fn redirecting_finder(file: &Path, text: &str) -> EditableFinder {
    let mut mapping = Vec::new();
    for (at, call) in text.match_indices("map_module(") {
        let mut reader = Reader::new(text, at + call.len());
        let Some(name) = reader.string() else { continue };
        if let (true, Some(path)) = (reader.eat(","), reader.string()) {
            let path = path.strip_suffix("/__init__.py").or_else(|| path.strip_suffix(".py")).unwrap_or(&path);
            mapping.push((name, PathBuf::from(path)));
        }
    }
    EditableFinder { file: file.to_path_buf(), mapping, namespaces: Vec::new() }
}

/// meson-python ends its loader with `install('name', {'top', ...}, ...)`, scikit-build-core with
/// `install({'top.module': '/source.py', ...}, ...)`.
fn names_of_install_call(text: &str) -> Option<Vec<String>> {
    let at = text.rfind("\ninstall(")?;
    let mut reader = Reader::new(text, at + "\ninstall(".len());
    let mut names: Vec<String> = Vec::new();
    for _ in 0..2 {
        match reader.value(0) {
            Literal::Dict(pairs) => {
                names.extend(pairs.iter().filter_map(|(key, _)| key.as_str()).map(str::to_owned));
            }
            list @ Literal::List(_) => names.extend(list.strings().into_iter().map(|(_, name)| name.to_owned())),
            Literal::Str(_) | Literal::Name(_) | Literal::Sum(_) | Literal::Other => {}
        }
        if !reader.eat(",") {
            break;
        }
    }
    let mut tops: Vec<String> = names.iter().filter_map(|name| Some(name.split('.').next()?.to_owned())).collect();
    tops.sort();
    tops.dedup();
    (!tops.is_empty()).then_some(tops)
}

/// A hook that serves one project says so in its file's name: `_name_editable_loader`, `_name_editable`.
fn names_of_finder(system: &dyn System, file: &Path) -> Option<Vec<String>> {
    let stem = file.file_stem()?.to_str()?;
    let name = stem.trim_start_matches('_').strip_suffix("_loader").unwrap_or(stem.trim_start_matches('_'));
    let name = name.strip_suffix("_editable")?;
    // Where the top-level names are recorded, they are better than the guess from the file.
    let folder = file.parent()?;
    let infos = system.read_dir(folder).ok()?;
    let info = infos.iter().find(|e| e.name.starts_with(&format!("{name}-")) && e.name.ends_with(".dist-info"))?;
    let text = system.read(&folder.join(&info.name).join("top_level.txt")).ok();
    let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Some(text.map_or_else(|| vec![name.to_owned()], |t| t.lines().map(|line| line.trim().to_owned()).collect()))
}
