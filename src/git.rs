//! What a repository holds at a revision: read with `git`, never checked out.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::system::System;

/// Files that an answer may depend on, by suffix; others are left as they are on the disk.
const READ: &[&str] = &["py", "pyi", "toml", "ini", "cfg", "txt", "in", "lock", "pth", "yml", "yaml", "Pipfile"];

/// Files of a directory's repository that are different now from what they were at a revision, by absolute path, with their
/// bytes then; none for a file that was not there. Files that git ignores are not looked at.
///
/// # Errors
/// What git says.
pub fn since(system: &dyn System, root: &Path, revision: &str) -> io::Result<BTreeMap<PathBuf, Option<Vec<u8>>>> {
    let commit = format!("{revision}^{{commit}}");
    let commit = text(system.git(root, &["rev-parse", "--verify", "--end-of-options", &commit], &[])?);
    let prefix = text(system.git(root, &["rev-parse", "--show-prefix"], &[])?);
    let mut top = root.to_path_buf();
    for _ in Path::new(&prefix).components() {
        top.pop();
    }
    let options = ["diff", "--no-ext-diff", "--no-textconv", "--no-renames", "--name-status", "-z", &commit, "--"];
    let listed = system.git(&top, &options, &[])?;
    let mut files = BTreeMap::new();
    let mut wanted = Vec::new();
    let mut parts = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
        match status.chars().next() {
            _ if !is_read(&path) => {}
            Some('A') => {
                files.insert(top.join(&*path), None);
            }
            Some(_) => wanted.push(path.into_owned()),
            None => {}
        }
    }
    let untracked = system.git(&top, &["ls-files", "--others", "--exclude-standard", "-z"], &[])?;
    for path in untracked.split(|byte| *byte == 0).map(String::from_utf8_lossy).filter(|path| is_read(path)) {
        files.insert(top.join(&*path), None);
    }
    files.extend(contents(system, &top, &commit, &wanted)?);
    Ok(files)
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
