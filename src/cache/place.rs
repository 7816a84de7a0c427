//! Where the cache is: where the user said, else where the platform keeps such things.

use std::path::{Path, PathBuf};

use crate::base::system::{System, absolute};

/// The variable that names the directory.
pub const VARIABLE: &str = "PRECOLLECT_CACHE_DIR";

/// The cache directory and who chose it; none where there is no home to put it in.
#[must_use]
pub fn find(system: &dyn System, option: Option<&Path>) -> Option<(PathBuf, &'static str)> {
    let current = system.current_dir();
    let set = |name: &str| system.variable(name).filter(|value| !value.is_empty());
    if let Some(path) = option {
        return Some((absolute(&current, path), "--cache-dir"));
    }
    if let Some(path) = set(VARIABLE) {
        return Some((absolute(&current, Path::new(&path)), VARIABLE));
    }
    let inside = |name: &str, below: &str| {
        let base = PathBuf::from(set(name)?);
        // The specification says to ignore relative ones.
        base.is_absolute().then(|| base.join(below))
    };
    let home = |name: &str, below: &str| {
        inside(name, below).filter(|_| set(name).is_some_and(|home| system.is_dir(Path::new(&home))))
    };
    if let Some(path) = inside("XDG_CACHE_HOME", "precollect") {
        return Some((path, "XDG_CACHE_HOME"));
    }
    let (variable, below) = match std::env::consts::OS {
        "windows" => ("LOCALAPPDATA", "precollect/cache"),
        "macos" => ("HOME", "Library/Caches/precollect"),
        _ => ("HOME", ".cache/precollect"),
    };
    // A home that is not there is not made.
    home(variable, below).map(|path| (path, "the user's cache directory"))
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::base::system::MemorySystem;
    use std::path::Path;

    #[test]
    fn the_nearest_word_of_the_user_counts() {
        let mut system = MemorySystem::new("/p", &[("/h/x", "")]);
        let mut found = |name: &str, value: &str, option: Option<&str>| {
            system.variables.insert(name.into(), value.into());
            find(&system, option.map(Path::new)).map(|(path, _)| path.to_string_lossy().into_owned())
        };
        assert_eq!(found("HOME", "", None), None);
        if cfg!(target_os = "linux") {
            assert_eq!(found("HOME", "/h", None).as_deref(), Some("/h/.cache/precollect"));
        }
        assert_ne!(found("XDG_CACHE_HOME", "x", None).as_deref(), Some("/p/x/precollect"));
        assert_eq!(found("XDG_CACHE_HOME", "/x", None).as_deref(), Some("/x/precollect"));
        assert_eq!(found("PRECOLLECT_CACHE_DIR", "c", None).as_deref(), Some("/p/c"));
        assert_eq!(found("PRECOLLECT_CACHE_DIR", "c", Some("/o")).as_deref(), Some("/o"));
    }
}
