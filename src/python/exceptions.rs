//! Exception classes that code meets at import: their hierarchy, and the exact texts CPython prints, by version
//! (spec: python-import.md sections 5 and 10).

use super::version::PythonVersion;

/// (class, base), by qualified name without `builtins.`.
const BASES: &[(&str, &str)] = &[
    ("Exception", "BaseException"),
    ("SystemExit", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("BaseExceptionGroup", "BaseException"),
    ("ExceptionGroup", "Exception"),
    ("StopIteration", "Exception"),
    ("StopAsyncIteration", "Exception"),
    ("ArithmeticError", "Exception"),
    ("FloatingPointError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("BlockingIOError", "OSError"),
    ("ChildProcessError", "OSError"),
    ("ConnectionError", "OSError"),
    ("BrokenPipeError", "ConnectionError"),
    ("ConnectionAbortedError", "ConnectionError"),
    ("ConnectionRefusedError", "ConnectionError"),
    ("ConnectionResetError", "ConnectionError"),
    ("FileExistsError", "OSError"),
    ("FileNotFoundError", "OSError"),
    ("InterruptedError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("NotADirectoryError", "OSError"),
    ("PermissionError", "OSError"),
    ("ProcessLookupError", "OSError"),
    ("TimeoutError", "OSError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("PythonFinalizationError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("SyntaxError", "Exception"),
    ("IndentationError", "SyntaxError"),
    ("TabError", "IndentationError"),
    ("SystemError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("UnicodeTranslateError", "UnicodeError"),
    ("Warning", "Exception"),
    ("BytesWarning", "Warning"),
    ("DeprecationWarning", "Warning"),
    ("EncodingWarning", "Warning"),
    ("FutureWarning", "Warning"),
    ("ImportWarning", "Warning"),
    ("PendingDeprecationWarning", "Warning"),
    ("ResourceWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
    ("SyntaxWarning", "Warning"),
    ("UnicodeWarning", "Warning"),
    ("UserWarning", "Warning"),
    // The standard library.
    ("unittest.SkipTest", "Exception"),
    ("unittest.case.SkipTest", "Exception"),
    ("importlib.metadata.PackageNotFoundError", "ModuleNotFoundError"),
    ("json.JSONDecodeError", "ValueError"),
    ("json.decoder.JSONDecodeError", "ValueError"),
    ("subprocess.SubprocessError", "Exception"),
    ("subprocess.CalledProcessError", "subprocess.SubprocessError"),
    ("subprocess.TimeoutExpired", "subprocess.SubprocessError"),
    ("zipfile.BadZipFile", "Exception"),
    ("configparser.Error", "Exception"),
    ("socket.gaierror", "OSError"),
    ("socket.herror", "OSError"),
    ("locale.Error", "Exception"),
    ("re.error", "Exception"),
    ("re.PatternError", "Exception"),
    ("binascii.Error", "ValueError"),
    ("argparse.ArgumentError", "Exception"),
    ("pickle.PickleError", "Exception"),
    ("sqlite3.Error", "Exception"),
    ("dataclasses.FrozenInstanceError", "AttributeError"),
    ("ssl.SSLError", "OSError"),
    ("shutil.Error", "OSError"),
    ("zlib.error", "Exception"),
    ("struct.error", "Exception"),
    ("queue.Empty", "Exception"),
    ("queue.Full", "Exception"),
    ("bdb.BdbQuit", "Exception"),
    ("asyncio.CancelledError", "BaseException"),
    ("urllib.error.URLError", "OSError"),
    ("urllib.error.HTTPError", "urllib.error.URLError"),
    ("xml.parsers.expat.ExpatError", "Exception"),
    // pytest.
    ("_pytest.outcomes.OutcomeException", "BaseException"),
    ("_pytest.outcomes.Skipped", "_pytest.outcomes.OutcomeException"),
    ("_pytest.outcomes.Failed", "_pytest.outcomes.OutcomeException"),
    ("_pytest.outcomes.XFailed", "_pytest.outcomes.Failed"),
    ("_pytest.outcomes.Exit", "Exception"),
    ("pytest.UsageError", "Exception"),
    ("pytest.PytestWarning", "UserWarning"),
    ("pytest.PytestUnknownMarkWarning", "pytest.PytestWarning"),
    ("pytest.PytestAssertRewriteWarning", "pytest.PytestWarning"),
    ("pytest.PytestCacheWarning", "pytest.PytestWarning"),
    ("pytest.PytestCollectionWarning", "pytest.PytestWarning"),
    ("pytest.PytestConfigWarning", "pytest.PytestWarning"),
    ("pytest.PytestDeprecationWarning", "DeprecationWarning"),
    ("pytest.PytestExperimentalApiWarning", "FutureWarning"),
    ("pytest.PytestFDWarning", "pytest.PytestWarning"),
    ("pytest.PytestReturnNotNoneWarning", "pytest.PytestWarning"),
    ("pytest.PytestUnhandledCoroutineWarning", "pytest.PytestWarning"),
    ("pytest.PytestUnhandledThreadExceptionWarning", "pytest.PytestWarning"),
    ("pytest.PytestUnraisableExceptionWarning", "pytest.PytestWarning"),
    ("pytest.PytestRemovedIn8Warning", "pytest.PytestDeprecationWarning"),
    ("pytest.PytestRemovedIn9Warning", "pytest.PytestDeprecationWarning"),
    ("pytest.PytestRemovedIn10Warning", "pytest.PytestDeprecationWarning"),
];

/// Other names of the same class.
const ALIASES: &[(&str, &str)] = &[
    ("IOError", "OSError"),
    ("EnvironmentError", "OSError"),
    ("WindowsError", "OSError"),
    ("socket.error", "OSError"),
    ("select.error", "OSError"),
    ("os.error", "OSError"),
    ("socket.timeout", "TimeoutError"),
    ("asyncio.TimeoutError", "TimeoutError"),
    ("concurrent.futures.TimeoutError", "TimeoutError"),
    ("pytest.skip.Exception", "_pytest.outcomes.Skipped"),
    ("pytest.fail.Exception", "_pytest.outcomes.Failed"),
    ("pytest.exit.Exception", "_pytest.outcomes.Exit"),
    ("pytest.xfail.Exception", "_pytest.outcomes.XFailed"),
    ("importlib_metadata.PackageNotFoundError", "importlib.metadata.PackageNotFoundError"),
];

/// One name for the class: without `builtins.`, aliases resolved.
#[must_use]
pub fn canonical(class: &str) -> &str {
    let class = class.strip_prefix("builtins.").unwrap_or(class);
    ALIASES.iter().find(|(alias, _)| *alias == class).map_or(class, |(_, name)| name)
}

/// The base of a known exception class.
#[must_use]
pub fn base(class: &str) -> Option<&'static str> {
    let class = canonical(class);
    BASES.iter().find(|(name, _)| *name == class).map(|(_, base)| *base)
}

/// Whether the class is one whose place in the hierarchy is known.
#[must_use]
pub fn is_known(class: &str) -> bool {
    canonical(class) == "BaseException" || base(class).is_some()
}

/// Whether `class` is `other` or derives from it; none if the place of either is not known.
#[must_use]
pub fn is_subclass(class: &str, other: &str) -> Option<bool> {
    let other = canonical(other);
    let mut at = canonical(class);
    loop {
        if at == other || other == "object" {
            return Some(true);
        }
        if at == "BaseException" {
            return is_known(other).then_some(false);
        }
        at = base(at)?;
    }
}

/// `str()` of the exception that a missing module raises.
#[must_use]
pub fn no_module(missing: &str, not_a_package: Option<&str>) -> String {
    match not_a_package {
        Some(parent) => format!("No module named '{missing}'; '{parent}' is not a package"),
        None => format!("No module named '{missing}'"),
    }
}

/// `from module import name` that finds nothing; `file` is `__file__`.
#[must_use]
pub fn cannot_import_name(name: &str, module: &str, file: Option<&str>, partial: bool) -> String {
    let place = file.unwrap_or("unknown location");
    if partial {
        format!(
            "cannot import name '{name}' from partially initialized module '{module}' \
             (most likely due to a circular import) ({place})"
        )
    } else {
        format!("cannot import name '{name}' from '{module}' ({place})")
    }
}

/// `module.name` that finds nothing.
#[must_use]
pub fn no_module_attribute(
    version: PythonVersion,
    name: &str,
    module: &str,
    file: Option<&str>,
    partial: bool,
) -> String {
    if !partial {
        return format!("module '{module}' has no attribute '{name}'");
    }
    let from = match file {
        Some(file) if version >= PythonVersion::three(13) => format!(" from '{file}'"),
        _ => String::new(),
    };
    format!(
        "partially initialized module '{module}'{from} has no attribute '{name}' (most likely due to a circular import)"
    )
}

/// `package.submodule` while the submodule is being imported and not bound yet.
#[must_use]
pub fn no_submodule_yet(version: PythonVersion, name: &str, module: &str) -> String {
    if version >= PythonVersion::three(11) {
        format!("cannot access submodule '{name}' of module '{module}' (most likely due to a circular import)")
    } else {
        format!("module '{module}' has no attribute '{name}'")
    }
}

/// A local variable that is read before it is bound.
#[must_use]
pub fn unbound_local(version: PythonVersion, name: &str) -> String {
    if version >= PythonVersion::three(11) {
        format!("cannot access local variable '{name}' where it is not associated with a value")
    } else {
        format!("local variable '{name}' referenced before assignment")
    }
}

/// The class of "attempted relative import beyond top-level package".
#[must_use]
pub fn beyond_top_class(version: PythonVersion) -> &'static str {
    if version >= PythonVersion::three(9) { "ImportError" } else { "ValueError" }
}

#[cfg(test)]
mod tests {
    use super::{canonical, is_subclass};

    #[test]
    fn the_hierarchy_answers_or_says_that_it_cannot() {
        assert_eq!(is_subclass("ModuleNotFoundError", "builtins.ImportError"), Some(true));
        assert_eq!(is_subclass("ImportError", "ModuleNotFoundError"), Some(false));
        assert_eq!(is_subclass("SystemExit", "Exception"), Some(false));
        assert_eq!(is_subclass("_pytest.outcomes.Skipped", "Exception"), Some(false));
        assert_eq!(is_subclass("somewhere.Error", "Exception"), None);
        assert_eq!(is_subclass("ImportError", "somewhere.Error"), None);
        assert_eq!(canonical("builtins.IOError"), "OSError");
    }
}
