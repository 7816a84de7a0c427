//! The world as one run sees it: each question is put to the system below once, and every answer is noted, failed ones too,
//! so that a later run can tell whether it would get the same answers.
//!
//! An answer's metadata is taken *before* the answer, and that of a directory before it is said that a name is not in it:
//! whatever happens in between makes the note look outdated, never the other way round.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::log::{Fact, Log};
use super::shelf::Shelf;
use crate::base::paths::{PathMap, PathSet};
use crate::base::system::{Entry, Kind, Metadata, System};

/// An error that can be given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refusal {
    code: Option<i32>,
    kind: io::ErrorKind,
}

impl Refusal {
    fn of(error: &io::Error) -> Self {
        Self { code: error.raw_os_error(), kind: error.kind() }
    }

    fn again(self) -> io::Error {
        self.code.map_or_else(|| io::Error::from(self.kind), io::Error::from_raw_os_error)
    }

    /// Whether it says that nothing is there.
    fn is_absence(self) -> bool {
        matches!(self.kind, io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

/// A directory that was listed.
struct Listing {
    before: Option<Metadata>,
    entries: Result<Arc<Vec<Entry>>, Refusal>,
}

/// Notes what is asked.
pub struct Recorder {
    system: Arc<dyn System>,
    started: u64,
    looked: RwLock<PathMap<Result<Metadata, Refusal>>>,
    listed: RwLock<PathMap<Arc<Listing>>>,
    /// Hashes of what was read, or why it could not be.
    read: Mutex<PathMap<Result<u64, Refusal>>>,
    /// Files that were not only read as sources of modules.
    read_as_text: Mutex<PathSet>,
    variables: Mutex<BTreeMap<String, Option<String>>>,
    resolved: Mutex<BTreeMap<PathBuf, Result<PathBuf, Refusal>>>,
    /// Whether something was done that noting cannot make happen again.
    tainted: AtomicBool,
    shelf: OnceLock<Shelf>,
}

impl Recorder {
    /// Nothing asked yet.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self {
            started: system.now(),
            system,
            looked: RwLock::default(),
            listed: RwLock::default(),
            read: Mutex::default(),
            read_as_text: Mutex::default(),
            variables: Mutex::default(),
            resolved: Mutex::default(),
            tainted: AtomicBool::new(false),
            shelf: OnceLock::new(),
        }
    }

    /// The world that is asked.
    #[must_use]
    pub fn below(&self) -> Arc<dyn System> {
        Arc::clone(&self.system)
    }

    /// Where summaries of the project's files are found and kept from now on; the first one stays.
    pub fn use_shelf(&self, shelf: Shelf) {
        let _ = self.shelf.set(shelf);
    }

    /// Writes what is still to be kept.
    pub fn flush(&self) {
        if let Some(shelf) = self.shelf.get() {
            shelf.flush();
        }
    }

    /// What was asked; none if the run did more than ask.
    #[must_use]
    pub fn log(&self) -> Option<Log> {
        if self.tainted.load(Ordering::Relaxed) {
            return None;
        }
        let mut log = Log::new(self.started);
        for (path, listing) in self.listed.read().unwrap_or_else(PoisonError::into_inner).sorted() {
            self.note_listing(&mut log, path, listing)?;
        }
        let (read, texts) = (lock(&self.read), lock(&self.read_as_text));
        for (path, found) in self.looked.read().unwrap_or_else(PoisonError::into_inner).sorted() {
            match found {
                Ok(metadata) if metadata.kind == Kind::Directory => log.folder(path, *metadata),
                Ok(metadata) => {
                    let hash = match read.get(path) {
                        Some(Ok(hash)) => Some(*hash),
                        // What cannot be read now may be readable another time without looking different.
                        Some(Err(_)) => return None,
                        None => None,
                    };
                    let source = hash.is_some() && !texts.contains(path);
                    log.fact(path, Fact::There { metadata: *metadata, hash, source });
                }
                Err(refusal) if refusal.is_absence() => self.note_absence(&mut log, path)?,
                Err(_) => return None,
            }
        }
        log.variables = lock(&self.variables).clone().into_iter().collect();
        for (path, found) in &*lock(&self.resolved) {
            log.resolved.push((path.clone(), found.clone().ok()));
        }
        Some(log)
    }

    fn note_listing(&self, log: &mut Log, path: &Path, listing: &Listing) -> Option<()> {
        match (&listing.entries, listing.before) {
            (Ok(entries), Some(before)) => {
                log.listed(path, before, hash_entries(entries));
                // What a link leads to can change without the directory.
                for entry in entries.iter().filter(|entry| entry.symlink) {
                    let target = path.join(&entry.name);
                    match self.metadata(&target) {
                        Ok(metadata) => log.fact(&target, Fact::There { metadata, hash: None, source: false }),
                        Err(_) => log.fact(&target, Fact::Dangling),
                    }
                }
                Some(())
            }
            (Err(_), Some(before)) if before.kind != Kind::Directory => {
                log.fact(path, Fact::There { metadata: before, hash: None, source: false });
                Some(())
            }
            (Err(refusal), _) if refusal.is_absence() => self.note_absence(log, path),
            _ => None,
        }
    }

    /// A path is not there because its first missing part is not in the directory above.
    fn note_absence(&self, log: &mut Log, path: &Path) -> Option<()> {
        let looked = self.looked.read().unwrap_or_else(PoisonError::into_inner);
        let mut missing = path;
        while let Some(parent) = missing.parent() {
            match looked.get(parent) {
                Some(Ok(metadata)) if metadata.kind == Kind::Directory => {
                    log.folder(parent, *metadata);
                    let link = !self.is_unlisted(parent, missing) && self.system.is_link(missing);
                    let fact = if link { Fact::Dangling } else { Fact::Absent };
                    log.fact(missing, fact);
                    return Some(());
                }
                // A file where a directory would have to be.
                Some(Ok(metadata)) => {
                    log.fact(parent, Fact::There { metadata: *metadata, hash: None, source: false });
                    return Some(());
                }
                _ => missing = parent,
            }
        }
        None
    }

    /// Whether a listing tells that a path is not there. Where names are compared without case, it cannot.
    fn is_unlisted(&self, parent: &Path, path: &Path) -> bool {
        if cfg!(not(any(target_os = "linux", target_os = "freebsd"))) {
            return false;
        }
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Ok(entries)) = listed.get(parent).map(|listing| &listing.entries) else { return false };
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return false };
        entries.binary_search_by(|entry| entry.name.as_str().cmp(name)).is_err()
    }

    fn is_trusted(&self, metadata: &Metadata) -> bool {
        super::log::is_trusted(metadata, self.started)
    }
}

impl System for Recorder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        lock(&self.read_as_text).insert(path);
        self.read_source(path)
    }

    fn read_source(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.metadata(path)?;
        let answer = self.system.read(path);
        let noted = match &answer {
            Ok(bytes) => Ok(xxh3_64(bytes)),
            Err(error) => Err(Refusal::of(error)),
        };
        if *lock(&self.read).get_or_insert_with(path, || noted) != noted {
            // It changed under our eyes.
            self.tainted.store(true, Ordering::Relaxed);
        }
        answer
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        if let Some(known) = self.looked.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return known.map_err(Refusal::again);
        }
        let found = match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => match self.metadata(parent) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
                _ if self.is_unlisted(parent, path) => return Err(not_found()),
                _ => self.system.metadata(path),
            },
            None => self.system.metadata(path),
        };
        let noted = found.as_ref().copied().map_err(Refusal::of);
        let mut looked = self.looked.write().unwrap_or_else(PoisonError::into_inner);
        looked.get_or_insert_with(path, || noted).map_err(Refusal::again)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let known = self.listed.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned();
        let listing = known.unwrap_or_else(|| {
            let before = self.metadata(path).ok();
            let entries = self.system.read_dir(path).map(Arc::new).map_err(|error| Refusal::of(&error));
            let mut listed = self.listed.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(listed.get_or_insert_with(path, || Arc::new(Listing { before, entries })))
        });
        listing.entries.as_ref().map(|entries| Vec::clone(entries)).map_err(|refusal| refusal.again())
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let mut resolved = lock(&self.resolved);
        let found = resolved.entry(path.to_path_buf());
        let found = found.or_insert_with(|| self.system.canonical(path).map_err(|error| Refusal::of(&error)));
        found.clone().map_err(Refusal::again)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let mut variables = lock(&self.variables);
        variables.entry(name.to_string()).or_insert_with(|| self.system.variable(name)).clone()
    }

    fn current_dir(&self) -> PathBuf {
        self.system.current_dir()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.tainted.store(true, Ordering::Relaxed);
        self.system.write(path, bytes)
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.tainted.store(true, Ordering::Relaxed);
        self.system.replace(path, bytes)
    }

    fn git(&self, directory: &Path, arguments: &[&str], input: &[u8]) -> io::Result<Vec<u8>> {
        self.tainted.store(true, Ordering::Relaxed);
        self.system.git(directory, arguments, input)
    }

    fn is_link(&self, path: &Path) -> bool {
        self.tainted.store(true, Ordering::Relaxed);
        self.system.is_link(path)
    }

    fn now(&self) -> u64 {
        self.tainted.store(true, Ordering::Relaxed);
        self.system.now()
    }

    fn known_hash(&self, path: &Path) -> Option<u64> {
        let metadata = self.metadata(path).ok()?;
        let hash = self.shelf.get()?.hash_of(path, &metadata)?;
        lock(&self.read).insert(path, Ok(hash));
        Some(hash)
    }

    fn recall(&self, hash: u64) -> Option<Vec<u8>> {
        self.shelf.get()?.get(hash)
    }

    fn recall_work(&self, key: u64) -> Option<Vec<u8>> {
        self.shelf.get()?.work(key)
    }

    fn keep_work(&self, key: u64, work: &[u8]) {
        if let Some(shelf) = self.shelf.get() {
            shelf.keep_work(key, work);
        }
    }

    fn keep(&self, path: &Path, hash: u64, derived: &dyn Fn() -> Vec<u8>) {
        let (Some(shelf), Ok(metadata)) = (self.shelf.get(), self.metadata(path)) else { return };
        let trusted = self.is_trusted(&metadata).then_some(metadata);
        shelf.put(path, trusted.as_ref(), hash, derived);
    }
}

/// The error of a path that is not there, as the operating system words it.
fn not_found() -> io::Error {
    if cfg!(unix) { io::Error::from_raw_os_error(2) } else { io::Error::from(io::ErrorKind::NotFound) }
}

/// What a directory holds, in one number.
pub(super) fn hash_entries(entries: &[Entry]) -> u64 {
    let mut hasher = Xxh3::new();
    for entry in entries {
        hasher.update(entry.name.as_bytes());
        hasher.update(&[0, entry.kind as u8, u8::from(entry.symlink)]);
    }
    hasher.digest()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
