//! The only door to the outside: files, variables, the current directory. Everything above asks through [`System`], so
//! that tests run in memory and nothing else touches the disk. (`std::fs` is allowed in this file only.)

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// What a path is, after following symlinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A device, socket, pipe, or a link that leads nowhere.
    Other,
}

/// Metadata of a path, symlinks followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: Kind,
    /// Size in bytes.
    pub len: u64,
    /// Modification time in nanoseconds since the epoch; 0 if unknown.
    pub modified: u64,
    /// Time of the last change of content, name or rights, which no program can set back; 0 if unknown.
    pub changed: u64,
    /// Device and inode, where the platform has them: equal for two paths to one file or directory.
    pub identity: Option<(u64, u64)>,
}

/// One entry of a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Base name. Names that are not UTF-8 are converted lossily; such an entry cannot be imported anyway.
    pub name: String,
    /// What it is, symlinks followed.
    pub kind: Kind,
    /// Whether the entry itself is a symlink.
    pub symlink: bool,
}

/// The outside world.
pub trait System: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// What the operating system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Metadata, symlinks followed.
    ///
    /// # Errors
    /// What the operating system says; a loop of symlinks is an error too.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Entries of a directory, sorted by name in code-point order, as pytest visits them.
    ///
    /// # Errors
    /// What the operating system says.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// The path with all symlinks resolved.
    ///
    /// # Errors
    /// What the operating system says.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// An environment variable, if set and UTF-8.
    fn variable(&self, name: &str) -> Option<String>;

    /// The current directory.
    fn current_dir(&self) -> PathBuf;

    /// Writes a file whole. For `FMT=FILE` outputs and, later, fixes; never called by the analysis.
    ///
    /// # Errors
    /// What the operating system says.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Whether the path itself is a symlink, wherever it leads.
    fn is_link(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// Nanoseconds since the epoch; 0 where there is no clock.
    fn now(&self) -> u64 {
        0
    }

    /// Reads the source of a module for what it means, not for where in the file it stands.
    ///
    /// # Errors
    /// What the operating system says.
    fn read_source(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.read(path)
    }

    /// The hash of a file's bytes, if it is known without reading them.
    fn known_hash(&self, path: &Path) -> Option<u64> {
        let _ = path;
        None
    }

    /// What an earlier run kept about bytes with this hash.
    fn recall(&self, hash: u64) -> Option<Vec<u8>> {
        let _ = hash;
        None
    }

    /// What an earlier run kept last about the project, under this key.
    fn recall_work(&self, key: u64) -> Option<Vec<u8>> {
        let _ = key;
        None
    }

    /// Keeps something that was worked out about the project, in place of what was kept before.
    fn keep_work(&self, key: u64, work: &[u8]) {
        let _ = (key, work);
    }

    /// Keeps what was worked out about the bytes of a file, for later runs.
    fn keep(&self, path: &Path, hash: u64, derived: &dyn Fn() -> Vec<u8>) {
        let _ = (path, hash, derived);
    }

    /// Writes a file so that a reader sees the old bytes or the new ones, never a part; permissions stay.
    ///
    /// # Errors
    /// What the operating system says; the file is as it was.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write(path, bytes)
    }

    /// What `git` prints, run in a directory, with this on its standard input.
    ///
    /// # Errors
    /// That it cannot be run, or what it says when it fails.
    fn git(&self, directory: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        let _ = (directory, arguments, input);
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// Whether the path is a regular file.
    fn is_file(&self, path: &Path) -> bool {
        self.metadata(path).is_ok_and(|m| m.kind == Kind::File)
    }

    /// Whether the path is a directory.
    fn is_dir(&self, path: &Path) -> bool {
        self.metadata(path).is_ok_and(|m| m.kind == Kind::Directory)
    }
}

/// The path made absolute against `base` and freed from `.` and `..`, without looking at the disk.
#[must_use]
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The machine this process runs on.
#[derive(Debug, Default)]
pub struct RealSystem;

impl System for RealSystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let meta = std::fs::metadata(path)?;
        let kind = kind_of(meta.file_type());
        let modified = meta.modified().map_or(0, nanoseconds);
        Ok(Metadata { kind, len: meta.len(), modified, changed: changed(&meta), identity: identity(&meta) })
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let Ok(kind) = entry.file_type() else { continue };
            let symlink = kind.is_symlink();
            let kind = if symlink {
                std::fs::metadata(entry.path()).map_or(Kind::Other, |m| kind_of(m.file_type()))
            } else {
                kind_of(kind)
            };
            entries.push(Entry { name: entry.file_name().to_string_lossy().into_owned(), kind, symlink });
        }
        entries.sort();
        Ok(entries)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn current_dir(&self) -> PathBuf {
        std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        std::fs::write(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        // A symlink stays one: what it leads to is replaced.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let written = std::fs::write(&beside, bytes)
            .and_then(|()| match std::fs::metadata(&path) {
                Ok(meta) => std::fs::set_permissions(&beside, meta.permissions()),
                Err(_) => Ok(()),
            })
            .and_then(|()| std::fs::rename(&beside, &path));
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written
    }

    fn is_link(&self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_symlink())
    }

    fn now(&self) -> u64 {
        nanoseconds(std::time::SystemTime::now())
    }

    fn git(&self, directory: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        use std::process::{Command, Stdio};
        let mut command = Command::new("git");
        // Nothing that the repository is configured with is to run, and nothing of it is to change.
        command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]).args(arguments);
        command.current_dir(directory).env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        // In a hook these say where git itself was started, which need not be here.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
            command.env_remove(variable);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                // git may have read enough before all is written.
                stdin.map(|mut stdin| io::Write::write_all(&mut stdin, input))
            });
            child.wait_with_output()
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

fn nanoseconds(time: std::time::SystemTime) -> u64 {
    let since = time.duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

fn kind_of(kind: std::fs::FileType) -> Kind {
    if kind.is_file() {
        Kind::File
    } else if kind.is_dir() {
        Kind::Directory
    } else {
        Kind::Other
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other platforms have none")]
fn identity(meta: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

#[cfg(unix)]
fn changed(meta: &std::fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(meta.ctime()).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(meta.ctime_nsec()).unwrap_or(0))
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// Another system with some files changed or added, in memory: what an analysis would say after an edit.
pub struct Overlay {
    below: Arc<dyn System>,
    /// None is a file that is not there.
    files: BTreeMap<PathBuf, Option<Vec<u8>>>,
}

impl Overlay {
    /// These files, by absolute path, over another system.
    #[must_use]
    pub fn new(below: Arc<dyn System>, files: BTreeMap<PathBuf, Vec<u8>>) -> Self {
        Self { below, files: files.into_iter().map(|(path, bytes)| (path, Some(bytes))).collect() }
    }

    /// These files over another system; none for one that is not to be there.
    #[must_use]
    pub fn with_absent(below: Arc<dyn System>, files: BTreeMap<PathBuf, Option<Vec<u8>>>) -> Self {
        Self { below, files }
    }

    /// Files of the overlay below a directory.
    fn inside<'s>(&'s self, directory: &'s Path) -> impl Iterator<Item = (&'s Path, bool)> {
        let from = (std::ops::Bound::Excluded(directory), std::ops::Bound::Unbounded);
        let below = self.files.range::<Path, _>(from).take_while(move |(file, _)| file.starts_with(directory));
        below.map(|(file, bytes)| (file.as_path(), bytes.is_some()))
    }

    /// Whether a directory of the disk holds nothing but files that are not to be there.
    fn is_emptied(&self, directory: &Path) -> bool {
        self.inside(directory).any(|(_, there)| !there) && self.read_dir(directory).is_ok_and(|left| left.is_empty())
    }
}

impl System for Overlay {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.files.get(path) {
            None => self.below.read(path),
            Some(Some(bytes)) => Ok(bytes.clone()),
            Some(None) => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let below = self.below.metadata(path);
        let made = |kind, len, identity| Metadata { kind, len, modified: 0, changed: 0, identity };
        match (self.files.get(path), &below) {
            // Without a time of modification nothing that is kept elsewhere is taken for this file.
            (Some(Some(bytes)), _) => {
                Ok(made(Kind::File, bytes.len() as u64, below.ok().and_then(|metadata| metadata.identity)))
            }
            (Some(None), _) => Err(io::Error::from(io::ErrorKind::NotFound)),
            (None, Ok(metadata)) if metadata.kind == Kind::Directory && self.is_emptied(path) => {
                Err(io::Error::from(io::ErrorKind::NotFound))
            }
            (None, Err(_)) if self.inside(path).any(|(_, there)| there) => Ok(made(Kind::Directory, 0, None)),
            _ => below,
        }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let below = self.below.read_dir(path);
        if below.is_err() && !self.inside(path).any(|(_, there)| there) {
            return below;
        }
        let mut entries = below.unwrap_or_default();
        entries.retain(|entry| {
            let full = path.join(&entry.name);
            let gone = self.files.get(&full).is_some_and(Option::is_none);
            !(gone || entry.kind == Kind::Directory && self.is_emptied(&full))
        });
        for (file, _) in self.inside(path).filter(|(_, there)| *there) {
            let mut parts = file.strip_prefix(path).into_iter().flat_map(Path::components);
            let Some(first) = parts.next() else { continue };
            let name = first.as_os_str().to_string_lossy().into_owned();
            let kind = if parts.next().is_some() { Kind::Directory } else { Kind::File };
            if !entries.iter().any(|entry| entry.name == name) {
                entries.push(Entry { name, kind, symlink: false });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let canonical = self.below.canonical(path);
        if canonical.is_err() && self.files.contains_key(path) { Ok(path.to_path_buf()) } else { canonical }
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.below.variable(name)
    }

    fn current_dir(&self) -> PathBuf {
        self.below.current_dir()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.below.write(path, bytes)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.below.is_link(path)
    }

    fn now(&self) -> u64 {
        self.below.now()
    }

    fn git(&self, directory: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        self.below.git(directory, arguments, input)
    }

    fn read_source(&self, path: &Path) -> io::Result<Vec<u8>> {
        if self.files.contains_key(path) { self.read(path) } else { self.below.read_source(path) }
    }

    fn known_hash(&self, path: &Path) -> Option<u64> {
        if self.files.contains_key(path) { None } else { self.below.known_hash(path) }
    }

    fn recall(&self, hash: u64) -> Option<Vec<u8>> {
        self.below.recall(hash)
    }

    fn recall_work(&self, key: u64) -> Option<Vec<u8>> {
        self.below.recall_work(key)
    }

    fn keep(&self, path: &Path, hash: u64, derived: &dyn Fn() -> Vec<u8>) {
        if !self.files.contains_key(path) {
            self.below.keep(path, hash, derived);
        }
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.below.replace(path, bytes)
    }
}

/// A file tree and variables in memory, for tests. Directories exist because files lie below them.
#[derive(Debug, Default, Clone)]
pub struct MemorySystem {
    /// Files by absolute path.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// Environment variables.
    pub variables: BTreeMap<String, String>,
    /// The current directory.
    pub current_dir: PathBuf,
}

impl MemorySystem {
    /// A tree of text files below `root`, which is also the current directory.
    #[must_use]
    pub fn new(root: &str, files: &[(&str, &str)]) -> Self {
        let root = PathBuf::from(root);
        let files = files.iter().map(|(path, text)| (absolute(&root, Path::new(path)), text.as_bytes().to_vec()));
        Self { files: files.collect(), variables: BTreeMap::new(), current_dir: root }
    }
}

impl System for MemorySystem {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        if let Some(bytes) = self.files.get(path) {
            return Ok(Metadata { kind: Kind::File, len: bytes.len() as u64, modified: 0, changed: 0, identity: None });
        }
        // Paths sort by component: what lies below a directory follows it.
        if self
            .files
            .range::<Path, _>((std::ops::Bound::Included(path), std::ops::Bound::Unbounded))
            .next()
            .is_some_and(|(file, _)| file.starts_with(path))
        {
            return Ok(Metadata { kind: Kind::Directory, len: 0, modified: 0, changed: 0, identity: None });
        }
        Err(io::Error::from(io::ErrorKind::NotFound))
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let mut entries = BTreeMap::new();
        for (file, _) in self.files.range::<Path, _>((std::ops::Bound::Included(path), std::ops::Bound::Unbounded)) {
            let Ok(below) = file.strip_prefix(path) else { break };
            let mut parts = below.components();
            let Some(first) = parts.next() else { continue };
            let kind = if parts.next().is_some() { Kind::Directory } else { Kind::File };
            entries.insert(first.as_os_str().to_string_lossy().into_owned(), kind);
        }
        if entries.is_empty() {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        Ok(entries.into_iter().map(|(name, kind)| Entry { name, kind, symlink: false }).collect())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_path_buf())
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn current_dir(&self) -> PathBuf {
        self.current_dir.clone()
    }

    fn write(&self, _: &Path, _: &[u8]) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::PermissionDenied))
    }
}
