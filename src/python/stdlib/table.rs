//! The lines of `data/stdlib.txt`: indexed by name once, decoded one at a time.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::{Constant, ModuleKind, StdlibModule, StdlibName};
use crate::python::version::{Platform, PythonVersion};

static TEXT: &str = include_str!("../../../data/stdlib.txt");

/// One line: a module, and its groups of names separated by tabs.
#[derive(Clone, Copy)]
pub(super) struct Line {
    pub(super) name: &'static str,
    groups: &'static str,
}

/// The line of a module.
pub(super) fn find(name: &str) -> Option<Line> {
    INDEX.get(name).copied()
}

/// Lines by name. They are long, so where they start is found once, not in each search.
pub(super) type Index = FxHashMap<&'static str, Line>;

static INDEX: LazyLock<Index> = LazyLock::new(|| index(TEXT));

/// The index of a table.
pub(super) fn index(text: &'static str) -> Index {
    text.lines().map(line).map(|line| (line.name, line)).collect()
}

/// All lines.
pub(super) fn lines() -> impl Iterator<Item = Line> {
    TEXT.lines().map(line)
}

fn line(text: &'static str) -> Line {
    let (name, groups) = text.split_once('\t').unwrap_or((text, ""));
    Line { name, groups }
}

/// A group that holds for the target: its sign and the text behind it.
pub(super) fn groups(
    line: Line,
    version: PythonVersion,
    platform: Platform,
) -> impl Iterator<Item = (u8, &'static str)> {
    line.groups.split('\t').filter_map(move |group| {
        let (mask, rest) = group.split_once(':')?;
        if !holds(mask, version, platform) || rest.is_empty() {
            return None;
        }
        Some((rest.as_bytes()[0], &rest[1..]))
    })
}

/// Whether a mask covers the target: two hexadecimal digits are versions on all platforms, six are two per platform.
fn holds(mask: &str, version: PythonVersion, platform: Platform) -> bool {
    let at = match (mask.len(), platform) {
        (2, _) | (_, Platform::Linux) => 0,
        (_, Platform::Darwin) => 2,
        (_, Platform::Win32) => 4,
    };
    let bits = mask.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    let minor = version.minor.clamp(PythonVersion::OLDEST.minor, PythonVersion::NEWEST.minor);
    bits >> (minor - PythonVersion::OLDEST.minor) & 1 == 1
}

/// How the target makes the module, and whether its names are all known; none if it has no such module.
pub(super) fn kind(line: Line, version: PythonVersion, platform: Platform) -> Option<(ModuleKind, bool)> {
    let (_, text) = groups(line, version, platform).find(|(sign, _)| *sign == b'@')?;
    let kind = match text.as_bytes().first() {
        Some(b'p') => ModuleKind::Package,
        Some(b'b') => ModuleKind::Builtin,
        Some(b'f' | b'z') => ModuleKind::Frozen,
        Some(b'g') => ModuleKind::FrozenPackage,
        Some(b'x') => ModuleKind::Extension,
        Some(b'v') => ModuleKind::Virtual,
        _ => ModuleKind::Module,
    };
    Some((kind, !text.ends_with(['?', 'o'])))
}

/// Whether the target's module has the name.
pub(super) fn has_name(line: Line, name: &str, version: PythonVersion, platform: Platform) -> bool {
    groups(line, version, platform)
        .filter(|(sign, _)| sign.is_ascii_alphabetic())
        .any(|(_, text)| text.split(' ').any(|entry| entry.split('=').next() == Some(name)))
}

/// The module as the target has it.
pub(super) fn decode(line: Line, version: PythonVersion, platform: Platform) -> Option<StdlibModule> {
    let (kind, complete) = kind(line, version, platform)?;
    let mut names = FxHashMap::default();
    let (mut has_all, mut outside, mut inside, mut frozen_only) = (false, Vec::new(), Vec::new(), false);
    for (sign, text) in groups(line, version, platform) {
        match sign {
            b'@' => frozen_only = text.starts_with('z'),
            b'*' => has_all = true,
            b'-' => outside.extend(text.split(' ')),
            b'+' => inside.extend(text.split(' ')),
            _ => names.extend(text.split(' ').map(|entry| name(line.name, sign, entry))),
        }
    }
    let mut order: Vec<&str> = names.keys().copied().collect();
    order.sort_unstable();
    let mut exports: Vec<&str> =
        order.iter().copied().filter(|n| !n.starts_with('_') && !outside.contains(n)).chain(inside).collect();
    exports.sort_unstable();
    let file = if frozen_only { None } else { file(line.name, kind, version, platform) };
    Some(StdlibModule { name: line.name, kind, complete, file, has_all, names, order, exports })
}

fn name(module: &'static str, sign: u8, entry: &'static str) -> (&'static str, StdlibName) {
    let (name, info) = entry.split_once('=').unwrap_or((entry, ""));
    let origin = (!info.is_empty()).then_some(info);
    let value = match sign {
        // A submodule that is bound under its own tail name carries no target.
        b'm' => StdlibName::Module(origin.unwrap_or_else(|| submodule(module, name))),
        b'c' => StdlibName::Class(origin),
        b'e' => exception(info),
        b'f' => StdlibName::Function(origin),
        b'a' => StdlibName::Coroutine(origin),
        _ => value(info),
    };
    (name, value)
}

fn submodule(module: &str, name: &'static str) -> &'static str {
    find(&format!("{module}.{name}")).map_or(name, |line| line.name)
}

fn exception(info: &'static str) -> StdlibName {
    let (origin, bases) = info.trim_end_matches(')').split_once('(').unwrap_or((info, ""));
    let bases = bases.split(',').filter(|base| !base.is_empty()).collect();
    StdlibName::Exception((!origin.is_empty()).then_some(origin), bases)
}

fn value(info: &'static str) -> StdlibName {
    match (info, info.split_once(':')) {
        ("", _) => StdlibName::Value(None),
        ("None", _) => StdlibName::Constant(Constant::None),
        ("True", _) => StdlibName::Constant(Constant::Bool(true)),
        ("False", _) => StdlibName::Constant(Constant::Bool(false)),
        (_, Some(("int", digits))) => match digits.parse() {
            Ok(number) => StdlibName::Constant(Constant::Int(number)),
            Err(_) => StdlibName::Value(Some("int")),
        },
        (_, Some(("str", text))) => StdlibName::Constant(Constant::Str(text)),
        _ => StdlibName::Value(Some(info)),
    }
}

/// The path that messages show. It follows from name and kind but for these few.
fn file(name: &str, kind: ModuleKind, version: PythonVersion, platform: Platform) -> Option<String> {
    let path = name.replace('.', "/");
    match (name, kind) {
        ("os.path", _) => Some(if platform == Platform::Win32 { "ntpath.py" } else { "posixpath.py" }.to_owned()),
        ("_frozen_importlib", _) if version.minor >= 11 => Some("importlib/_bootstrap.py".to_owned()),
        ("_frozen_importlib_external", _) if version.minor >= 11 => Some("importlib/_bootstrap_external.py".to_owned()),
        ("collections.abc", _) if version.minor >= 13 => Some("_collections_abc.py".to_owned()),
        (_, ModuleKind::Package | ModuleKind::FrozenPackage) => Some(path + "/__init__.py"),
        (_, ModuleKind::Module | ModuleKind::Frozen) => Some(path + ".py"),
        (_, ModuleKind::Extension) => Some(extension_file(name, version, platform)),
        (_, ModuleKind::Builtin | ModuleKind::Virtual) => None,
    }
}

fn extension_file(name: &str, version: PythonVersion, platform: Platform) -> String {
    match platform {
        Platform::Linux => format!("lib-dynload/{name}.cpython-3{}-x86_64-linux-gnu.so", version.minor),
        Platform::Darwin => format!("lib-dynload/{name}.cpython-3{}-darwin.so", version.minor),
        Platform::Win32 => format!("../DLLs/{name}.pyd"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_by_search() {
        let names: Vec<&str> = lines().map(|line| line.name).collect();
        assert!(names.is_sorted(), "the search needs sorted lines");
        assert!(names.len() > 700);
        assert!(names.iter().all(|name| find(name).is_some_and(|line| line.name == *name)));
        assert!(find("zzz").is_none() && find("").is_none() && find("asynci").is_none());
    }
}
