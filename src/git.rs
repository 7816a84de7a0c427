//! What a repository holds at a revision: read with `git`, never checked out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::system::System;

/// Files that an answer may depend on, by suffix; others are left as they are on the disk.
const READ: &[&str] = &["py", "pyi", "toml", "ini", "cfg", "txt", "in", "lock", "pth", "yml", "yaml", "Pipfile"];

/// A tree at a revision, beside the one on the disk.
#[derive(Debug, Default)]
pub struct Then {
    /// Files that were different, by absolute path, with their bytes; none for a file that was not there.
    pub files: BTreeMap<PathBuf, Option<Vec<u8>>>,
    /// Files that had another name: absolute paths of then, with those of now.
    pub renamed: BTreeMap<PathBuf, PathBuf>,
}

/// Files of a directory's repository that are different now from what they were at a revision, by absolute path, with their
/// bytes then; none for a file that was not there. Files that git ignores are not looked at.
///
/// # Errors
/// What git says.
pub fn since(system: &dyn System, root: &Path, revision: &str) -> io::Result<Then> {
    let commit = match named(system, root, revision) {
        Ok(commit) => commit,
        Err(_) if revision == "HEAD" && has_no_commit(system, root) => return everything(system, root),
        Err(error) => return Err(error),
    };
    let prefix = text(system.git(root, &["rev-parse", "--show-prefix"], &[])?);
    let mut top = root.to_path_buf();
    for _ in Path::new(&prefix).components() {
        top.pop();
    }
    let options = ["diff", "--no-ext-diff", "--no-textconv", "--find-renames", "--raw", "-z", &commit, "--"];
    let listed = system.git(&top, &options, &[])?;
    let mut then = Then::default();
    let mut wanted = Vec::new();
    let mut parts = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    while let (Some(what), Some(path)) = (parts.next(), parts.next()) {
        let is_rename = what.rsplit(' ').next().is_some_and(|status| status.starts_with('R'));
        if let Some(new) = is_rename.then(|| parts.next()).flatten() {
            then.renamed.insert(top.join(&*path), top.join(&*new));
            if is_read(&new) {
                then.files.insert(top.join(&*new), None);
            }
        }
        if !is_read(&path) {
            continue;
        }
        // Before the first blank stands the mode that the path had. Links and submodules are left as they are on the disk.
        match what.trim_start_matches(':').split(' ').next() {
            Some("000000") => {
                then.files.insert(top.join(&*path), None);
            }
            Some("100644" | "100755") => wanted.push(path.into_owned()),
            _ => {}
        }
    }
    let untracked = system.git(&top, &["ls-files", "--others", "--exclude-standard", "-z"], &[])?;
    for path in untracked.split(|byte| *byte == 0).map(String::from_utf8_lossy).filter(|path| is_read(path)) {
        then.files.insert(top.join(&*path), None);
    }
    then.files.extend(contents(system, &top, &commit, &wanted)?);
    Ok(then)
}

/// The full hash of a commit.
fn named(system: &dyn System, root: &Path, revision: &str) -> io::Result<String> {
    let commit = format!("{revision}^{{commit}}");
    Ok(text(system.git(root, &["rev-parse", "--verify", "--end-of-options", &commit], &[])?))
}

/// Whether the repository is new: then a hook's first commit is compared with nothing.
fn has_no_commit(system: &dyn System, root: &Path) -> bool {
    system.git(root, &["rev-list", "--max-count=1", "--all"], &[]).is_ok_and(|bytes| bytes.is_empty())
}

/// Every file of the directory as one that was not there.
fn everything(system: &dyn System, root: &Path) -> io::Result<Then> {
    let options = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
    let listed = system.git(root, &options, &[])?;
    let paths = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    let files = paths.filter(|path| is_read(path)).map(|path| (root.join(&*path), None)).collect();
    Ok(Then { files, ..Then::default() })
}

fn is_read(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !path.contains('\n') && READ.contains(&name.rsplit('.').next().unwrap_or(name))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned()
}

/// The bytes of files at a commit, all with one process: `<hash> <type> <size>`, a line end, the bytes, a line end.
fn contents(
    system: &dyn System,
    top: &Path,
    commit: &str,
    paths: &[String],
) -> io::Result<BTreeMap<PathBuf, Option<Vec<u8>>>> {
    let mut found = BTreeMap::new();
    if paths.is_empty() {
        return Ok(found);
    }
    let asked: String = paths.iter().map(|path| format!("{commit}:{path}\n")).collect();
    let answer = system.git(top, &["cat-file", "--batch"], asked.as_bytes())?;
    let mut rest = answer.as_slice();
    for path in paths {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        rest = rest.get(end + 1..).unwrap_or_default();
        let mut words = head.rsplit(' ');
        let size: Option<usize> = words.next().and_then(|size| size.parse().ok());
        if let (Some(size), Some("blob")) = (size, words.next()) {
            found.insert(top.join(path), rest.get(..size).map(<[u8]>::to_vec));
            rest = rest.get(size + 1..).unwrap_or_default();
        }
    }
    Ok(found)
}
