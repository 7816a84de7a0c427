//! The standard library by version and platform: its modules and their names, from `data/stdlib.txt` (format:
//! `data/stdlib.md`, made by `scripts/make_stdlib.py`). Nothing is parsed before it is asked for.

mod classes;
mod hints;
mod table;
mod warned;

use std::sync::{LazyLock, RwLock};

use rustc_hash::FxHashMap;

use super::version::{Platform, PythonVersion};
pub use classes::{ClassMembers, MemberKind, class};
pub use hints::replacement;
pub use warned::{Occasion, Warned, warnings};

/// A module of the standard library, as one version on one platform has it.
#[derive(Debug)]
pub struct StdlibModule {
    /// Full dotted name.
    pub name: &'static str,
    /// How it is made.
    pub kind: ModuleKind,
    /// Whether [`StdlibModule::names`] is all there is. Otherwise a name that is not listed may exist all the same.
    pub complete: bool,
    /// Path shown in messages, relative to the library's directory; none where messages say `(unknown location)`.
    pub file: Option<String>,
    /// Whether it has an `__all__` (then [`StdlibModule::exports`] is exact).
    pub has_all: bool,
    names: FxHashMap<&'static str, StdlibName>,
    order: Vec<&'static str>,
    exports: Vec<&'static str>,
}

impl StdlibModule {
    /// What the name stands for, if the module has it right after its own import. Submodules that nothing has
    /// imported are not among them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&StdlibName> {
        self.names.get(name)
    }

    /// All names, sorted; without `__name__`, `__file__`, `__doc__`, `__spec__` and their like, which every module has.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &StdlibName)> {
        self.order.iter().filter_map(|name| Some((*name, self.names.get(name)?)))
    }

    /// What `from module import *` binds, sorted.
    #[must_use]
    pub fn exports(&self) -> &[&'static str] {
        &self.exports
    }

    /// Whether it has a `__path__`.
    #[must_use]
    pub const fn is_package(&self) -> bool {
        matches!(self.kind, ModuleKind::Package | ModuleKind::FrozenPackage)
    }

    /// Whether no file on the path can shadow it.
    #[must_use]
    pub const fn is_unshadowable(&self) -> bool {
        matches!(self.kind, ModuleKind::Builtin | ModuleKind::Frozen | ModuleKind::FrozenPackage)
    }
}

/// How a module of the standard library is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleKind {
    /// A directory with Python files.
    Package,
    /// A Python file.
    Module,
    /// Compiled into the interpreter.
    Builtin,
    /// Frozen into the interpreter.
    Frozen,
    /// A package frozen into the interpreter.
    FrozenPackage,
    /// A shared object.
    Extension,
    /// An object in `sys.modules` that has no file of its own, such as `typing.io`.
    Virtual,
}

/// A name of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StdlibName {
    /// A module, with its full name.
    Module(&'static str),
    /// A class, with the full name under which it was defined, where that is another one.
    Class(Option<&'static str>),
    /// An exception class, likewise, and the names of its bases.
    Exception(Option<&'static str>, Vec<&'static str>),
    /// A function, with the full name under which it was defined, where that is another one.
    Function(Option<&'static str>),
    /// A coroutine function, likewise.
    Coroutine(Option<&'static str>),
    /// Any other value: its type, if known.
    Value(Option<&'static str>),
    /// A constant.
    Constant(Constant),
}

/// A simple constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string.
    Str(&'static str),
}

type Cache = RwLock<FxHashMap<(&'static str, PythonVersion, Platform), Option<&'static StdlibModule>>>;

static CACHE: LazyLock<Cache> = LazyLock::new(RwLock::default);

/// The module of this full name, if that version has it on that platform.
#[must_use]
pub fn module(name: &str, version: PythonVersion, platform: Platform) -> Option<&'static StdlibModule> {
    let line = table::find(name)?;
    let key = (line.name, version, platform);
    if let Ok(cache) = CACHE.read()
        && let Some(known) = cache.get(&key)
    {
        return *known;
    }
    let mut cache = CACHE.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    // Kept until the process ends: there are about a thousand modules, and a run asks for one version.
    *cache.entry(key).or_insert_with(|| table::decode(line, version, platform).map(|m| &*Box::leak(Box::new(m))))
}

/// Whether the version has the module, without decoding its names.
#[must_use]
pub fn exists(name: &str, version: PythonVersion, platform: Platform) -> bool {
    table::find(name).is_some_and(|line| table::kind(line, version, platform).is_some())
}

/// Whether any known version has a module of this name on any platform.
#[must_use]
pub fn is_stdlib_name(name: &str) -> bool {
    table::find(name).is_some()
}

/// Whether a builtin or frozen module takes the name before `sys.path` is looked at.
#[must_use]
pub fn is_unshadowable(name: &str, version: PythonVersion, platform: Platform) -> bool {
    let kind = table::find(name).and_then(|line| table::kind(line, version, platform));
    kind.is_some_and(|(kind, _)| {
        matches!(kind, ModuleKind::Builtin | ModuleKind::Frozen | ModuleKind::FrozenPackage) && name != "os.path"
    })
}

/// The first version that does not have the module any more.
#[must_use]
pub fn removed_in(name: &str) -> Option<PythonVersion> {
    let newest = versions().rev().find(|v| exists_anywhere(name, *v))?;
    (newest < PythonVersion::NEWEST).then(|| PythonVersion::three(newest.minor + 1))
}

/// The first version that has the module, where it is not the oldest known one.
#[must_use]
pub fn added_in(name: &str) -> Option<PythonVersion> {
    versions().find(|v| exists_anywhere(name, *v)).filter(|v| *v > PythonVersion::OLDEST)
}

/// The first version in which a module that is still there does not have the name any more.
#[must_use]
pub fn name_removed_in(module: &str, name: &str, platform: Platform) -> Option<PythonVersion> {
    let line = table::find(module)?;
    let last = versions().rev().find(|v| table::has_name(line, name, *v, platform))?;
    (last < PythonVersion::NEWEST).then(|| PythonVersion::three(last.minor + 1))
}

/// The first version in which the module has the name, where it is not the oldest known one.
#[must_use]
pub fn name_added_in(module: &str, name: &str, platform: Platform) -> Option<PythonVersion> {
    let line = table::find(module)?;
    versions().find(|v| table::has_name(line, name, *v, platform)).filter(|v| *v > PythonVersion::OLDEST)
}

/// All top-level modules and submodules of the version, sorted.
pub fn modules(version: PythonVersion, platform: Platform) -> impl Iterator<Item = &'static str> {
    table::lines().filter(move |line| table::kind(*line, version, platform).is_some()).map(|line| line.name)
}

fn versions() -> impl DoubleEndedIterator<Item = PythonVersion> {
    (PythonVersion::OLDEST.minor..=PythonVersion::NEWEST.minor).map(PythonVersion::three)
}

fn exists_anywhere(name: &str, version: PythonVersion) -> bool {
    [Platform::Linux, Platform::Darwin, Platform::Win32].into_iter().any(|platform| exists(name, version, platform))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(name: &str, minor: u8) -> Option<&'static StdlibModule> {
        module(name, PythonVersion::three(minor), Platform::Linux)
    }

    #[test]
    fn modules_come_and_go() {
        assert!(linux("imp", 11).is_some());
        assert!(linux("imp", 12).is_none());
        assert_eq!(removed_in("imp"), Some(PythonVersion::three(12)));
        assert_eq!(removed_in("binhex"), Some(PythonVersion::three(11)));
        assert_eq!(removed_in("json"), None);
        assert_eq!(added_in("tomllib"), Some(PythonVersion::three(11)));
        assert_eq!(added_in("zoneinfo"), Some(PythonVersion::three(9)));
        assert!(!is_stdlib_name("numpy") && !is_stdlib_name("typing_extensions") && !is_stdlib_name("_typeshed"));
    }

    #[test]
    fn names_come_and_go() {
        assert!(linux("collections", 9).is_some_and(|m| m.get("Mapping").is_some()));
        assert!(linux("collections", 10).is_some_and(|m| m.get("Mapping").is_none()));
        assert_eq!(name_removed_in("inspect", "getargspec", Platform::Linux), Some(PythonVersion::three(11)));
        assert_eq!(name_removed_in("ast", "Num", Platform::Linux), Some(PythonVersion::three(14)));
        assert_eq!(name_added_in("typing", "Self", Platform::Linux), Some(PythonVersion::three(11)));
        assert_eq!(name_added_in("heapq", "heappush_max", Platform::Linux), Some(PythonVersion::three(14)));
        assert!(linux("unittest.mock", 12).is_some_and(|m| m.get("_patch").is_some()));
        assert!(linux("typing", 13).is_some_and(|m| m.get("_GenericAlias").is_some()));
        assert!(linux("typing", 14).is_some_and(|m| m.get("_GenericAlias").is_some()));
    }

    #[test]
    fn files_are_those_of_messages() {
        let file = |name, minor| linux(name, minor).and_then(|m| m.file.clone());
        assert_eq!(file("collections", 8).as_deref(), Some("collections/__init__.py"));
        assert_eq!(file("zipimport", 10), None);
        assert_eq!(file("zipimport", 11).as_deref(), Some("zipimport.py"));
        assert_eq!(file("time", 11), None);
        assert_eq!(file("os.path", 9).as_deref(), Some("posixpath.py"));
        assert_eq!(file("_json", 11).as_deref(), Some("lib-dynload/_json.cpython-311-x86_64-linux-gnu.so"));
    }

    #[test]
    fn names_have_kinds() {
        let socket = linux("socket", 12).expect("socket is there");
        assert_eq!(socket.get("timeout"), Some(&StdlibName::Exception(Some("builtins.TimeoutError"), vec!["OSError"])));
        let sleep = linux("asyncio", 12).and_then(|m| m.get("sleep").cloned());
        assert_eq!(sleep, Some(StdlibName::Coroutine(Some("asyncio.tasks.sleep"))));
        let value = linux("calendar", 11).and_then(|m| m.get("EPOCH").cloned());
        assert_eq!(value, Some(StdlibName::Constant(Constant::Int(1970))));
        assert_eq!(linux("os", 12).and_then(|m| m.get("path").cloned()), Some(StdlibName::Module("posixpath")));
    }

    #[test]
    fn stars_follow_all() {
        let shutil = linux("shutil", 12).expect("shutil is there");
        assert!(shutil.exports().contains(&"copy") && !shutil.exports().contains(&"os"));
    }

    #[test]
    fn platforms_differ() {
        let windows = |name| module(name, PythonVersion::three(12), Platform::Win32);
        assert!(windows("winreg").is_some() && linux("winreg", 12).is_none());
        assert!(windows("fcntl").is_none() && linux("fcntl", 12).is_some());
        assert!(windows("os").is_some_and(|m| m.get("startfile").is_some() && m.get("fork").is_none()));
    }
}
