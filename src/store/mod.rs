//! Summaries on demand: each file is read and summarised once, in parallel where many are asked for.
//!
//! What cannot be read is an answer too, and is remembered like any other.
//!
//! A summary leaves most function bodies in the text. Who needs one asks for it ([`Store::body`]); who needs them all
//! asks for the summary of the whole file ([`Store::whole`]). Neither is kept: the machine keeps what it runs.

mod alike;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use rayon::prelude::*;

use alike::body_hash;
pub use alike::{Alike, alike};

use crate::base::paths::PathMap;
use crate::base::system::{Kind, System};
use crate::summary::{ProgramId, Summary, codec};
use crate::syntax::{self, Reading};

/// Larger files are not read.
pub const SIZE_LIMIT: u64 = 64 << 20;

/// Why a file has no summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The operating system refused; its own words.
    Unreadable(String),
    /// A directory, device, socket or the like.
    NotAFile,
    /// More bytes than [`SIZE_LIMIT`].
    TooLarge(u64),
    /// Reading it met a defect of this program.
    Defect,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "failed to read the file: {reason}"),
            Self::Defect => {
                f.write_str("failed to read the file: a defect of precollect, please report it with the file")
            }
            Self::NotAFile => f.write_str("failed to read the file: it is not a regular file"),
            Self::TooLarge(size) => {
                write!(f, "failed to read the file: {size} bytes are more than the limit of {SIZE_LIMIT}")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// What the store has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Files whose bytes were read for a summary.
    pub read: u64,
    /// Files that were parsed, with or without function bodies.
    pub parsed: u64,
    /// Those of them that the strict judge refused, so that the tolerant parser read them again, with all function bodies.
    pub fallbacks: u64,
    /// Files that were parsed again as a whole, for those who read every function.
    pub whole: u64,
    /// Function bodies that were parsed on demand.
    pub bodies: u64,
    /// Bytes of the files that were parsed.
    pub bytes: u64,
    /// Bytes given to a parser: all of a file, twice where the judge refused it, and bodies on demand.
    pub parsed_bytes: u64,
    /// Files without a summary.
    pub failed: u64,
    /// Summaries that an earlier run kept.
    pub recalled: u64,
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.parsed += other.parsed;
        self.fallbacks += other.fallbacks;
        self.whole += other.whole;
        self.bodies += other.bodies;
        self.bytes += other.bytes;
        self.parsed_bytes += other.parsed_bytes;
        self.failed += other.failed;
        self.recalled += other.recalled;
    }
}

#[derive(Default)]
struct Counts {
    read: AtomicU64,
    parsed: AtomicU64,
    fallbacks: AtomicU64,
    whole: AtomicU64,
    bodies: AtomicU64,
    bytes: AtomicU64,
    parsed_bytes: AtomicU64,
    failed: AtomicU64,
    recalled: AtomicU64,
}

/// A summary, or why there is none.
pub type Answer = Result<Arc<Summary>, Arc<ReadError>>;

/// Stack of a worker in bytes: generous, for sources that nest deeply. Pages that are never touched cost nothing.
const WORKER_STACK: usize = 64 << 20;

/// Uses this many threads for everything that runs in parallel; 0 is one per core. Later calls change nothing.
pub fn use_threads(threads: usize) {
    // An error means that the pool is there already.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(WORKER_STACK).build_global();
}

/// Answers by path. One cell per path, so that two threads that ask for one file read it once.
pub struct Store {
    system: Arc<dyn System>,
    cells: RwLock<PathMap<Arc<OnceLock<Answer>>>>,
    /// Texts that bodies were read from last, the latest one last.
    texts: Mutex<Vec<Known>>,
    counts: Counts,
    bodies: Mutex<Bodies>,
    /// Summaries with all bodies, for those who run over the same files many times.
    wholes: Mutex<Option<PathMap<Answer>>>,
}

/// Function bodies that were read on demand, by file: number and hash of the text.
pub type Bodies = BTreeMap<PathBuf, BTreeMap<u32, u64>>;

/// A text that is kept for a while.
struct Known {
    path: PathBuf,
    hash: u64,
    text: Arc<str>,
}

/// How many texts are kept for bodies: functions that call each other often share a file.
const KNOWN_TEXTS: usize = 8;

impl Store {
    /// An empty store over a file system.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self {
            system,
            cells: RwLock::default(),
            texts: Mutex::default(),
            counts: Counts::default(),
            bodies: Mutex::default(),
            wholes: Mutex::default(),
        }
    }

    /// From now on a file with all its function bodies is parsed once and kept.
    pub fn keep_wholes(&self) {
        self.wholes.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default();
    }

    /// The summary of a file; read and parsed at the first request only.
    ///
    /// # Errors
    /// If the file cannot be read, is none, or is too large. A file that Python would refuse has a summary with problems.
    pub fn summary(&self, path: &Path) -> Answer {
        self.cell(path).get_or_init(|| self.load(path)).clone()
    }

    /// The summary of a file with all its function bodies; read and parsed at every request, but for [`Store::keep_wholes`].
    ///
    /// # Errors
    /// Like [`Store::summary`].
    pub fn whole(&self, path: &Path) -> Answer {
        let wholes = || self.wholes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = wholes().as_ref().and_then(|known| known.get(path)) {
            return known.clone();
        }
        let answer = self.parse_whole(path);
        if let Some(known) = wholes().as_mut() {
            known.insert(path, answer.clone());
        }
        answer
    }

    fn parse_whole(&self, path: &Path) -> Answer {
        let bytes = self.read_text(path).map_err(Arc::new)?;
        self.counts.whole.fetch_add(1, Ordering::Relaxed);
        self.parse(&bytes, false).map(Arc::new)
    }

    /// A function body that the summary of a file left in the text, as a summary of its own. None if the file is not
    /// the same any more.
    #[must_use]
    pub fn body(&self, path: &Path, file: &Summary, id: ProgramId) -> Option<Arc<Summary>> {
        let text = self.text_of(path, file.content_hash)?;
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let known = bodies.entry(path.to_path_buf()).or_default();
        known.entry(id.0).or_insert_with(|| body_hash(&text, file, id));
        drop(bodies);
        let Reading { summary, bytes, .. } = std::panic::catch_unwind(|| syntax::body(&text, file, id)).ok()?;
        self.counts.bodies.fetch_add(1, Ordering::Relaxed);
        self.counts.parsed_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        Some(Arc::new(summary))
    }

    /// The text of a file, if it is still what the hash tells.
    pub fn text_of(&self, path: &Path, hash: u64) -> Option<Arc<str>> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = texts.iter().position(|known| known.hash == hash && known.path == path) {
            let known = texts.remove(at);
            let text = Arc::clone(&known.text);
            texts.push(known);
            return Some(text);
        }
        let bytes = self.read(path).ok().filter(|bytes| syntax::hash(bytes) == hash)?;
        let text: Arc<str> = syntax::decode(&bytes).into();
        if texts.len() >= KNOWN_TEXTS {
            texts.remove(0);
        }
        texts.push(Known { path: path.to_path_buf(), hash, text: Arc::clone(&text) });
        Some(text)
    }

    /// Summarises many files in parallel, so that later requests find them ready.
    pub fn load_all(&self, paths: &[PathBuf]) {
        paths.par_iter().with_max_len(8).for_each(|path| {
            let _ = self.summary(path);
        });
    }

    /// How many files were asked for.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.cells.read().unwrap_or_else(PoisonError::into_inner).len() as u64
    }

    /// The decoded text of a file, read anew: summaries keep none.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<Arc<str>> {
        let bytes = self.read_text(path).ok()?;
        Some(syntax::decode(&bytes).into())
    }

    /// Function bodies that were read on demand so far.
    #[must_use]
    pub fn bodies(&self) -> Bodies {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of bodies that an earlier run read for something that is used now.
    pub fn add_bodies(&self, bodies: Bodies) {
        let mut all = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, more) in bodies {
            all.entry(path).or_default().extend(more);
        }
    }

    /// What was read and parsed so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counters {
            read: get(&self.counts.read),
            parsed: get(&self.counts.parsed),
            fallbacks: get(&self.counts.fallbacks),
            whole: get(&self.counts.whole),
            bodies: get(&self.counts.bodies),
            bytes: get(&self.counts.bytes),
            parsed_bytes: get(&self.counts.parsed_bytes),
            failed: get(&self.counts.failed),
            recalled: get(&self.counts.recalled),
        }
    }

    fn cell(&self, path: &Path) -> Arc<OnceLock<Answer>> {
        if let Some(cell) = self.cells.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return Arc::clone(cell);
        }
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(cells.get_or_insert_with(path, Arc::default))
    }

    fn load(&self, path: &Path) -> Answer {
        if let Some(summary) = self.system.known_hash(path).and_then(|hash| self.recall(hash)) {
            return Ok(summary);
        }
        let bytes = self.read(path).map_err(|error| {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
            Arc::new(error)
        })?;
        self.counts.read.fetch_add(1, Ordering::Relaxed);
        let hash = syntax::hash(&bytes);
        if let Some(summary) = self.recall(hash) {
            self.system.keep(path, hash, &|| codec::encode(&summary));
            return Ok(summary);
        }
        self.counts.parsed.fetch_add(1, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let summary = self.parse(&bytes, true)?;
        self.system.keep(path, hash, &|| codec::encode(&summary));
        Ok(Arc::new(summary))
    }

    fn parse(&self, bytes: &[u8], may_leave: bool) -> Result<Summary, Arc<ReadError>> {
        // A defect met in one file must not take the answers for all others with it.
        let read = std::panic::catch_unwind(|| syntax::read(bytes, may_leave)).map_err(|_| {
            self.counts.failed.fetch_add(1, Ordering::Relaxed);
            Arc::new(ReadError::Defect)
        });
        let Reading { summary, bytes, fell_back } = read?;
        self.counts.parsed_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.counts.fallbacks.fetch_add(u64::from(fell_back), Ordering::Relaxed);
        Ok(summary)
    }

    /// What an earlier run kept about bytes with this hash.
    fn recall(&self, hash: u64) -> Option<Arc<Summary>> {
        let summary = codec::decode(&self.system.recall(hash)?).ok()?;
        self.counts.recalled.fetch_add(1, Ordering::Relaxed);
        Some(Arc::new(summary))
    }

    fn read(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.read_as(path, |system, path| system.read_source(path))
    }

    /// Reads for more than what the text means.
    fn read_text(&self, path: &Path) -> Result<Vec<u8>, ReadError> {
        self.read_as(path, |system, path| system.read(path))
    }

    fn read_as(&self, path: &Path, read: fn(&dyn System, &Path) -> io::Result<Vec<u8>>) -> Result<Vec<u8>, ReadError> {
        let metadata = self.system.metadata(path).map_err(|error| unreadable(&error))?;
        if metadata.kind != Kind::File {
            return Err(ReadError::NotAFile);
        }
        if metadata.len > SIZE_LIMIT {
            return Err(ReadError::TooLarge(metadata.len));
        }
        read(&*self.system, path).map_err(|error| unreadable(&error))
    }
}

/// The kind of error, whose words are the same on every platform.
fn unreadable(error: &std::io::Error) -> ReadError {
    ReadError::Unreadable(error.kind().to_string())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use super::{ReadError, Store};
    use crate::base::system::MemorySystem;
    use crate::summary::{DefinitionKind, ProgramId};

    #[test]
    fn a_file_is_parsed_once_and_failures_are_answers() {
        let system = MemorySystem::new("/p", &[("a.py", "import b\n"), ("d/b.py", "x = 1\n")]);
        let store = Store::new(Arc::new(system));
        let paths: Vec<PathBuf> = ["/p/a.py", "/p/d/b.py", "/p/a.py", "/p/d", "/p/none.py"].map(PathBuf::from).into();
        store.load_all(&paths);
        let summary = store.summary(Path::new("/p/a.py")).expect("a.py is readable");
        assert_eq!(summary.imports.len(), 1);
        assert_eq!(store.summary(Path::new("/p/d")).err().as_deref(), Some(&ReadError::NotAFile));
        assert!(matches!(store.summary(Path::new("/p/none.py")).err().as_deref(), Some(ReadError::Unreadable(_))));
        let counters = store.counters();
        assert_eq!((counters.read, counters.parsed, counters.bytes, counters.failed), (2, 2, 15, 2));
        assert_eq!(store.text(Path::new("/p/a.py")).as_deref(), Some("import b\n"));
    }

    #[test]
    fn bodies_are_parsed_when_they_are_asked_for() {
        let text = "def f():\n    import b\n    return 1\n\nclass C:\n    def g(self):\n        yield 2\n";
        let alone = "def _():\n    import b\n    return 1\n";
        let store = Store::new(Arc::new(MemorySystem::new("/p", &[("a.py", text), ("b.py", "def f(:\n")])));
        let path = Path::new("/p/a.py");
        let summary = store.summary(path).expect("a.py is readable");
        let counters = store.counters();
        assert_eq!((counters.bytes, counters.parsed_bytes), (text.len() as u64, text.len() as u64));
        let DefinitionKind::Function { body } = summary.definitions[0].kind else { panic!("f is a function") };
        let read = store.body(path, &summary, body).expect("the text is the same");
        assert_eq!(read.program(ProgramId::BODY).body.len(), 2);
        let _ = store.summary(Path::new("/p/b.py"));
        let whole = store.whole(path).expect("a.py is readable");
        assert_eq!(whole.program(body).body.len(), 2);
        let counters = store.counters();
        assert_eq!((counters.parsed, counters.bodies, counters.whole, counters.fallbacks), (2, 1, 1, 1));
        let broken = 2 * "def f(:\n".len();
        assert_eq!(counters.parsed_bytes, (text.len() + alone.len() + broken + text.len()) as u64);
    }
}
