//! What a run asked of the world, as bytes that a later run compares with the world of its own time.
//!
//! Records have a fixed width and are never decoded as a whole: an unchanged tree costs one look per directory and per file
//! that was read. An untouched directory vouches for every name that was not found in it. Where metadata differ, contents
//! decide: a file that was only touched is as it was.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::recorder::hash_entries;
use crate::base::system::{Kind, Metadata, System};

/// Bytes of one record: eight words.
const RECORD: usize = 64;
/// Words before the records.
const HEADER: usize = 64;

/// A file system that keeps fine times tells two writes apart unless they fall into one tick of its clock.
const TICK: u64 = 50_000_000;
/// Others keep even seconds.
const COARSE_TICK: u64 = 2_000_000_000;

/// Whether metadata would look different after any later change of the content: not if the last change fell into the
/// moment in which they were taken, or lies in the future of the clock.
#[must_use]
pub fn is_trusted(metadata: &Metadata, now: u64) -> bool {
    let last = metadata.modified.max(metadata.changed);
    let fine = !metadata.modified.is_multiple_of(1_000_000) || !metadata.changed.is_multiple_of(1_000_000);
    metadata.identity.is_some() && last != 0 && last.saturating_add(if fine { TICK } else { COARSE_TICK }) < now
}

/// What was seen at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// A file or something else that is no directory, with the hash of its bytes if they were read.
    There {
        /// As it was before it was read.
        metadata: Metadata,
        /// xxh3.
        hash: Option<u64>,
        /// Whether they were read as the source of a module and as nothing else.
        source: bool,
    },
    /// Nothing, and the directory knows.
    Absent,
    /// A link that leads nowhere, as far as it goes.
    Dangling,
}

/// A directory.
#[derive(Debug, Clone, Copy)]
struct Folder {
    metadata: Metadata,
    /// The hash of its entries, if it was listed.
    entries: Option<u64>,
}

/// A variable and its value.
type Variable = (String, Option<String>);
/// A path and what it is without links; none if they could not be followed.
type Link = (PathBuf, Option<PathBuf>);

/// Everything that a run asked.
#[derive(Debug, Default)]
pub struct Log {
    started: u64,
    /// By path; compared byte by byte, which is many times as quick as part by part.
    folders: BTreeMap<OsString, Folder>,
    facts: BTreeMap<OsString, Fact>,
    /// Variables by name.
    pub variables: Vec<Variable>,
    /// Paths whose links were followed.
    pub resolved: Vec<Link>,
}

impl Log {
    /// An empty log of a run that began at this time.
    #[must_use]
    pub fn new(started: u64) -> Self {
        Self { started, ..Self::default() }
    }

    /// A directory is there.
    pub fn folder(&mut self, path: &Path, metadata: Metadata) {
        self.folders.entry(path.into()).or_insert(Folder { metadata, entries: None });
    }

    /// A directory was listed.
    pub fn listed(&mut self, path: &Path, metadata: Metadata, entries: u64) {
        self.folders.insert(path.into(), Folder { metadata, entries: Some(entries) });
    }

    /// What else was seen.
    pub fn fact(&mut self, path: &Path, fact: Fact) {
        let known = self.facts.entry(path.into()).or_insert(fact);
        if matches!(fact, Fact::There { hash: Some(_), .. }) {
            *known = fact;
        }
    }

    /// As bytes; none if something was seen outside all directories, or has a name that is no text.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut by_folder: BTreeMap<&OsStr, Vec<(&str, &Fact)>> = BTreeMap::new();
        for (path, fact) in &self.facts {
            if let Fact::There { metadata, .. } = fact
                && metadata.kind == Kind::Directory
            {
                continue;
            }
            let path = Path::new(path);
            let parent = path.parent()?.as_os_str();
            self.folders.get(parent)?;
            by_folder.entry(parent).or_default().push((path.file_name()?.to_str()?, fact));
        }
        let (mut folders, mut facts, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut count = 0_u64;
        for (path, folder) in &self.folders {
            let inside = by_folder.get(path.as_os_str()).map_or(&[][..], Vec::as_slice);
            let entries = folder.entries.map_or(0, |_| LISTED);
            let tag = FOLDER | entries | self.trust(&folder.metadata);
            let range = count << 32 | inside.len() as u64;
            record(&mut folders, &mut names, path.to_str()?, tag, &folder.metadata, folder.entries.unwrap_or(0), range);
            for (name, fact) in inside {
                let nothing = Metadata { kind: Kind::Other, len: 0, modified: 0, changed: 0, identity: None };
                let (tag, metadata, hash, source) = match fact {
                    Fact::There { metadata, hash: Some(hash), source } => {
                        (READ | self.trust(metadata), metadata, *hash, u64::from(*source))
                    }
                    Fact::There { metadata, hash: None, .. } => (SEEN | self.trust(metadata), metadata, 0, 0),
                    Fact::Absent => (ABSENT, &nothing, 0, 0),
                    Fact::Dangling => (DANGLING, &nothing, 0, 0),
                };
                record(&mut facts, &mut names, name, tag, metadata, hash, source);
                count += 1;
            }
        }
        let rest = postcard::to_stdvec(&(&self.variables, &self.resolved)).ok()?;
        let mut bytes = Vec::with_capacity(HEADER + folders.len() + facts.len() + names.len() + rest.len());
        for word in [self.folders.len() as u64, count, names.len() as u64, rest.len() as u64, 0, 0, 0, 0] {
            bytes.extend(word.to_le_bytes());
        }
        for part in [folders, facts, names, rest] {
            bytes.extend(part);
        }
        Some(bytes)
    }

    fn trust(&self, metadata: &Metadata) -> u8 {
        if is_trusted(metadata, self.started) { TRUSTED } else { 0 }
    }
}

const FOLDER: u8 = 0;
const READ: u8 = 1;
const SEEN: u8 = 2;
const ABSENT: u8 = 3;
const DANGLING: u8 = 4;
const WHAT: u8 = 7;
/// Where the kind of what is there stands in a tag.
const KIND_SHIFT: u8 = 3;
const LISTED: u8 = 32;
const TRUSTED: u8 = 64;

fn record(to: &mut Vec<u8>, names: &mut Vec<u8>, name: &str, tag: u8, metadata: &Metadata, hash: u64, range: u64) {
    let (device, inode) = metadata.identity.unwrap_or_default();
    let tag = tag | (metadata.kind as u8) << KIND_SHIFT;
    let name_word = (names.len() as u64) << 32 | (name.len() as u64) << 8 | u64::from(tag);
    names.extend(name.as_bytes());
    for word in [name_word, metadata.len, metadata.modified, metadata.changed, inode, device, hash, range] {
        to.extend(word.to_le_bytes());
    }
}

/// What became of the answers in a log.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether anything else than the bytes of files is different.
    pub structure: bool,
    /// Files with other bytes. Looking for more ends where the structure is different or these are many.
    pub files: Vec<Changed>,
    /// Files that had to be read to know.
    pub read: u64,
    /// Whether newer metadata were written into the log.
    pub refreshed: bool,
}

/// A file with other bytes than when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The file.
    pub path: PathBuf,
    /// The hash of its bytes then.
    pub before: u64,
    /// The hash of its bytes now; none if it cannot be read.
    pub now: Option<u64>,
    /// As it was before it was read now.
    pub metadata: Metadata,
    /// Whether it was read as the source of a module and as nothing else.
    pub source: bool,
    record: usize,
}

impl Verdict {
    /// Whether every answer is as it was.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        !self.structure && self.files.is_empty()
    }
}

/// More changed files than this are not worth a look.
const MOST_CHANGED: usize = 16;

/// Encoded bytes being compared with the world.
struct Check<'a> {
    system: &'a dyn System,
    bytes: &'a mut [u8],
    folders: usize,
    names: std::ops::Range<usize>,
    now: u64,
    verdict: Verdict,
}

/// Asks everything again. Metadata that changed while the answer did not are brought up to date in `bytes`. None if the bytes
/// are no log.
#[must_use]
pub fn compare(bytes: &mut [u8], system: &dyn System) -> Option<Verdict> {
    let header = |index: usize| usize::try_from(word(bytes, 0, index)?).ok();
    let (folders, facts, names, rest) = (header(0)?, header(1)?, header(2)?, header(3)?);
    let names_start = folders.checked_add(facts)?.checked_mul(RECORD)?.checked_add(HEADER)?;
    let rest_start = names_start.checked_add(names)?;
    if bytes.len() != rest_start.checked_add(rest)? {
        return None;
    }
    let (variables, resolved): (Vec<Variable>, Vec<Link>) = postcard::from_bytes(&bytes[rest_start..]).ok()?;
    let same_variables = variables.iter().all(|(name, value)| system.variable(name) == *value);
    let same_links = || resolved.iter().all(|(path, found)| system.canonical(path).ok() == *found);
    if !same_variables || !same_links() {
        return Some(Verdict { structure: true, ..Verdict::default() });
    }
    let names = names_start..rest_start;
    let mut check = Check { system, bytes, folders, names, now: system.now(), verdict: Verdict::default() };
    for index in 0..folders {
        check.folder(index)?;
        if check.verdict.structure || check.verdict.files.len() > MOST_CHANGED {
            break;
        }
    }
    Some(check.verdict)
}

/// Writes into the log that the changed files were read as they are now.
pub fn accept(bytes: &mut [u8], system: &dyn System, verdict: &mut Verdict) {
    let (files, now) = (std::mem::take(&mut verdict.files), system.now());
    let mut check = Check { system, bytes, folders: 0, names: 0..0, now, verdict: Verdict::default() };
    for file in files {
        check.refresh(file.record, &file.metadata);
        let at = HEADER + file.record * RECORD + 6 * 8;
        check.bytes[at..at + 8].copy_from_slice(&file.now.unwrap_or_default().to_le_bytes());
    }
    verdict.refreshed = true;
}

impl Check<'_> {
    fn word(&self, record: usize, index: usize) -> u64 {
        word(self.bytes, HEADER + record * RECORD, index).unwrap_or(0)
    }

    fn name(&self, record: usize) -> Option<PathBuf> {
        let word = self.word(record, 0);
        let start = self.names.start + usize::try_from(word >> 32).ok()?;
        let end = start + usize::try_from(word >> 8 & 0xff_ffff).ok()?;
        let name = self.bytes.get(start..end).filter(|_| end <= self.names.end)?;
        Some(PathBuf::from(std::str::from_utf8(name).ok()?))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the lowest byte is the tag")]
    fn tag(&self, record: usize) -> u8 {
        self.word(record, 0) as u8
    }

    /// Whether the metadata are those of the record, so that nothing can be different.
    fn is_unchanged(&self, record: usize, metadata: &Metadata) -> bool {
        let (device, inode) = metadata.identity.unwrap_or_default();
        let now = [metadata.len, metadata.modified, metadata.changed, inode, device];
        self.tag(record) & TRUSTED != 0 && now.iter().enumerate().all(|(at, now)| self.word(record, at + 1) == *now)
    }

    fn is_of_kind(&self, record: usize, kind: Kind) -> bool {
        self.tag(record) >> KIND_SHIFT & 3 == kind as u8
    }

    fn is_same_thing(&self, record: usize, metadata: &Metadata) -> bool {
        let (device, inode) = metadata.identity.unwrap_or_default();
        self.is_of_kind(record, metadata.kind) && self.word(record, 4) == inode && self.word(record, 5) == device
    }

    fn refresh(&mut self, record: usize, metadata: &Metadata) {
        let at = HEADER + record * RECORD;
        let trusted = is_trusted(metadata, self.now);
        let tag = self.tag(record) & !TRUSTED | if trusted { TRUSTED } else { 0 };
        self.bytes[at] = tag;
        let (device, inode) = metadata.identity.unwrap_or_default();
        let now = [metadata.len, metadata.modified, metadata.changed, inode, device];
        for (index, now) in now.iter().enumerate() {
            let at = at + (index + 1) * 8;
            self.bytes[at..at + 8].copy_from_slice(&now.to_le_bytes());
        }
        self.verdict.refreshed |= trusted;
    }

    /// None if the record is damaged.
    fn folder(&mut self, index: usize) -> Option<()> {
        let mut path = self.name(index)?;
        let Some(metadata) = self.system.metadata(&path).ok().filter(|m| self.is_same_thing(index, m)) else {
            self.verdict.structure = true;
            return Some(());
        };
        let unchanged = self.is_unchanged(index, &metadata);
        if !unchanged && self.tag(index) & LISTED != 0 {
            let entries = self.system.read_dir(&path);
            if entries.map(|entries| hash_entries(&entries)).ok() != Some(self.word(index, 6)) {
                self.verdict.structure = true;
                return Some(());
            }
        }
        let range = self.word(index, 7);
        let first = self.folders + usize::try_from(range >> 32).ok()?;
        let count = usize::try_from(range & 0xffff_ffff).ok()?;
        if HEADER + (first + count) * RECORD > self.names.start {
            return None;
        }
        for fact in first..first + count {
            if unchanged && self.tag(fact) & WHAT == ABSENT {
                continue;
            }
            path.push(self.name(fact)?);
            self.fact(fact, &path);
            path.pop();
        }
        if !unchanged {
            self.refresh(index, &metadata);
        }
        Some(())
    }

    fn fact(&mut self, record: usize, path: &Path) {
        let found = self.system.metadata(path);
        let what = self.tag(record) & WHAT;
        let Ok(metadata) = found else {
            self.verdict.structure |= !matches!(what, ABSENT | DANGLING);
            return;
        };
        if !matches!(what, READ | SEEN) || !self.is_of_kind(record, metadata.kind) {
            self.verdict.structure = true;
            return;
        }
        if self.is_unchanged(record, &metadata) {
            return;
        }
        if what == READ {
            self.verdict.read += 1;
            let hash = self.system.read(path).map(|bytes| xxh3_64(&bytes)).ok();
            if hash == Some(self.word(record, 6)) {
                self.refresh(record, &metadata);
            } else {
                let (before, source) = (self.word(record, 6), self.word(record, 7) == 1);
                let path = path.to_path_buf();
                self.verdict.files.push(Changed { path, before, now: hash, metadata, source, record });
            }
        } else if self.is_same_thing(record, &metadata) && self.word(record, 1) == metadata.len {
            self.refresh(record, &metadata);
        } else {
            self.verdict.structure = true;
        }
    }
}

fn word(bytes: &[u8], start: usize, index: usize) -> Option<u64> {
    let at = start.checked_add(index * 8)?;
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
