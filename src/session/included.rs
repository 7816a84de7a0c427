//! Which files findings may name: `include`, `exclude`, `extend-exclude`, `respect-gitignore`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::base::system::System;
use crate::config::settings::Settings;
use crate::diagnostic::Diagnostic;

/// The settings, ready to be asked.
pub struct Included<'a> {
    system: &'a dyn System,
    root: &'a Path,
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    respect_gitignore: bool,
    /// The patterns of a directory; none if it has no file with them.
    patterns: RefCell<BTreeMap<PathBuf, Option<Gitignore>>>,
}

impl<'a> Included<'a> {
    /// For findings whose paths are relative to `root`.
    pub fn new(system: &'a dyn System, root: &'a Path, settings: &Settings) -> Self {
        let exclude: Vec<String> = settings.exclude.iter().chain(&settings.extend_exclude).cloned().collect();
        Self {
            system,
            root,
            include: globs(&settings.include),
            exclude: globs(&exclude),
            respect_gitignore: settings.respect_gitignore,
            patterns: RefCell::default(),
        }
    }

    /// Whether the finding is told. What breaks a test module is, whatever git ignores: pytest imports it all the same.
    pub fn names(&self, diagnostic: &Diagnostic) -> bool {
        let path = &diagnostic.place.path;
        self.globs_name(path) && (!diagnostic.victims.is_empty() || !self.respect_gitignore || !self.is_ignored(path))
    }

    fn globs_name(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|set| set.is_match(path))
            && !self.exclude.as_ref().is_some_and(|set| set.is_match(path))
    }

    /// Whether git ignores the file, as far as the `.gitignore` files between it and the top of its repository say.
    fn is_ignored(&self, path: &str) -> bool {
        let file = self.root.join(path);
        let mut folders: Vec<&Path> = Vec::new();
        let mut is_repository = false;
        for folder in file.ancestors().skip(1) {
            folders.push(folder);
            is_repository = self.system.metadata(&folder.join(".git")).is_ok();
            if is_repository {
                break;
            }
        }
        // A directory that is ignored hides all below it, whatever is said in there.
        let tops = folders.iter().rev().skip(1).map(|folder| (*folder, true)).chain([(file.as_path(), false)]);
        is_repository && tops.into_iter().any(|(path, is_dir)| self.says_ignore(path, is_dir, &folders))
    }

    /// The nearest file with an opinion decides.
    fn says_ignore(&self, path: &Path, is_dir: bool, folders: &[&Path]) -> bool {
        let above = folders.iter().filter(|folder| path != **folder && path.starts_with(folder));
        for folder in above {
            let mut patterns = self.patterns.borrow_mut();
            let known = patterns.entry(folder.to_path_buf()).or_insert_with(|| self.read(folder));
            match known.as_ref().map(|patterns| patterns.matched(path, is_dir)) {
                Some(found) if found.is_ignore() => return true,
                Some(found) if found.is_whitelist() => return false,
                _ => {}
            }
        }
        false
    }

    fn read(&self, folder: &Path) -> Option<Gitignore> {
        let names = [".git/info/exclude", ".gitignore"];
        let texts: Vec<Vec<u8>> = names.iter().filter_map(|name| self.system.read(&folder.join(name)).ok()).collect();
        let mut builder = GitignoreBuilder::new(folder);
        for text in &texts {
            for line in String::from_utf8_lossy(text).lines() {
                // A pattern that is none matches nothing.
                let _ = builder.add_line(None, line);
            }
        }
        if texts.is_empty() { None } else { builder.build().ok() }
    }
}

/// A pattern names the files it matches and all files below a directory it matches; none if there are no patterns.
fn globs(patterns: &[String]) -> Option<GlobSet> {
    if patterns.is_empty() {
        return None;
    }
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
        let below = if pattern == "." { "**".to_string() } else { format!("{pattern}/**") };
        for text in [pattern, &below] {
            if let Ok(glob) = GlobBuilder::new(text).literal_separator(true).build() {
                set.add(glob);
            }
        }
    }
    set.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::system::MemorySystem;

    #[test]
    fn globs_name_files_and_what_is_below_directories() {
        let system = MemorySystem::new("/p", &[]);
        let included = |include: &[&str], exclude: &[&str], path: &str| {
            let words = |list: &[&str]| list.iter().map(|text| (*text).to_string()).collect();
            let (include, extend_exclude) = (words(include), words(exclude));
            let settings = Settings { include, extend_exclude, ..Settings::default() };
            Included::new(&system, Path::new("/p"), &settings).globs_name(path)
        };
        assert!(included(&[], &[], "a.py"));
        assert!(included(&["."], &[], "src/a.py"));
        assert!(included(&["tests/"], &[], "tests/unit/test_a.py"));
        assert!(!included(&["tests"], &[], "src/a.py"));
        assert!(!included(&["tests"], &["tests/legacy"], "tests/legacy/test_a.py"));
        assert!(!included(&[], &["*.py"], "setup.py"));
        assert!(included(&[], &["*.py"], "src/a.py"), "a star does not cross directories");
    }

    #[test]
    fn files_that_git_ignores_are_known() {
        let files = [
            ("repo/.git/HEAD", ""),
            ("repo/.git/info/exclude", "mine.py\n"),
            ("repo/.gitignore", "build/\n*.gen.py\n!keep.gen.py\n"),
            ("repo/src/.gitignore", "local.py\n"),
            ("bare/.gitignore", "*.py\n"),
        ];
        let system = MemorySystem::new("/p", &files);
        let settings = Settings::default();
        let included = Included::new(&system, Path::new("/p"), &settings);
        let ignored = |path: &str| included.is_ignored(path);
        assert!(ignored("repo/build/a.py") && ignored("repo/src/build/deep/a.py"));
        assert!(ignored("repo/src/x.gen.py") && !ignored("repo/src/keep.gen.py"));
        assert!(ignored("repo/src/local.py") && !ignored("repo/local.py"));
        assert!(ignored("repo/mine.py"));
        assert!(!ignored("bare/a.py"), "without a repository nothing is ignored");
    }
}
