//! What was worked out about files, kept by the hash of their bytes: one file per project that only ever grows, until it is
//! written anew. Beside it stands under which metadata a path had which bytes, so that an untouched file is not even read.
//!
//! The file is a row of segments, each written at once under a lock: a header, records of fixed width, what they point to.
//! Readers take the segments that are whole and believe nothing whose checksum is wrong.

use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use crate::base::depot::{Depot, Opened};
use crate::base::system::Metadata;

const MAGIC: u64 = u64::from_le_bytes(*b"pcshelf1");
const RECORD: usize = 64;
const SEGMENT: usize = 32;
/// What is kept is written out in portions of this size, so that a large project does not pile up in memory.
const PORTION: usize = 4 << 20;
/// A shelf with more segments than this is written anew.
const MOST_SEGMENTS: usize = 128;
/// Nothing longer is kept.
const LONGEST: usize = 64 << 20;

/// Kept bytes of one project.
pub struct Shelf {
    depot: Depot,
    name: String,
    start: Vec<u8>,
    index: OnceLock<Option<Index>>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    records: Vec<[u64; 8]>,
    bytes: Vec<u8>,
}

/// What is there to read.
struct Index {
    file: Opened,
    /// Path's hash to the number of the record.
    paths: FxHashMap<u64, u32>,
    /// Content's hash to where its bytes are.
    places: FxHashMap<u64, (u64, u32)>,
    records: Vec<[u64; 8]>,
    segments: usize,
    /// Whether the file goes on behind its last whole segment.
    torn: bool,
}

impl Shelf {
    /// The shelf of this name, written by this build.
    #[must_use]
    pub const fn new(depot: Depot, name: String, start: Vec<u8>) -> Self {
        let pending = Mutex::new(Pending { records: Vec::new(), bytes: Vec::new() });
        Self { depot, name, start, index: OnceLock::new(), pending }
    }

    fn index(&self) -> Option<&Index> {
        self.index.get_or_init(|| Index::read(&self.depot, &self.name, &self.start)).as_ref()
    }

    /// The hash of the bytes that the path had when its metadata were these.
    #[must_use]
    pub fn hash_of(&self, path: &Path, metadata: &Metadata) -> Option<u64> {
        let index = self.index()?;
        let record = index.records.get(*index.paths.get(&path_hash(path))? as usize)?;
        (record[1..6] == words(metadata)).then_some(record[6])
    }

    /// What was kept about bytes with this hash.
    #[must_use]
    pub fn get(&self, hash: u64) -> Option<Vec<u8>> {
        let index = self.index()?;
        let (at, len) = *index.places.get(&hash)?;
        let mut bytes = index.file.read_at(at, len as usize).ok()?;
        let (check, kept) = bytes.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*check) != xxh3_64(kept) ^ hash {
            return None;
        }
        bytes.drain(..8);
        Some(bytes)
    }

    /// Keeps something about a file whose bytes have this hash, and the metadata it has now if they can be trusted.
    pub fn put(&self, path: &Path, metadata: Option<&Metadata>, hash: u64, derived: &dyn Fn() -> Vec<u8>) {
        let known = self.index().and_then(|index| index.places.get(&hash)).copied();
        if known.is_some() && metadata.is_none() {
            return;
        }
        let fresh = if known.is_some() { Vec::new() } else { derived() };
        if fresh.len() > LONGEST {
            return;
        }
        let mut record = [0; 8];
        if let Some(metadata) = metadata {
            record[0] = path_hash(path);
            record[1..6].copy_from_slice(&words(metadata));
        }
        record[6] = hash;
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        record[7] = match known {
            // The highest bit tells that the place is one of the whole file already.
            Some((at, len)) => at << 27 | u64::from(len) | KNOWN,
            None => {
                let at = pending.bytes.len() as u64;
                pending.bytes.extend((xxh3_64(&fresh) ^ hash).to_le_bytes());
                pending.bytes.extend(&fresh);
                at << 27 | (fresh.len() as u64 + 8)
            }
        };
        pending.records.push(record);
        if pending.bytes.len() >= PORTION {
            self.write(&mut pending);
        }
    }

    /// What was kept last about the project as a whole, if it was under this key.
    #[must_use]
    pub fn work(&self, key: u64) -> Option<Vec<u8>> {
        let bytes = self.depot.read(&self.work_name()).ok()?;
        let rest = bytes.strip_prefix(&*self.start)?;
        let [own, check] = numbers::<2>(rest.get(..16)?)?;
        let work = &rest[16..];
        (own == key && check == xxh3_64(work) ^ key).then(|| work.to_vec())
    }

    /// Keeps something about the project as a whole, in place of what was kept before.
    pub fn keep_work(&self, key: u64, work: &[u8]) {
        let check = xxh3_64(work) ^ key;
        let _ = self.depot.replace(&self.work_name(), &[&self.start, &key.to_le_bytes(), &check.to_le_bytes(), work]);
    }

    fn work_name(&self) -> String {
        format!("{}.orders", self.name.trim_end_matches(".files"))
    }

    /// Writes what is not written yet. That it cannot be is no failure: the next run works it out again.
    pub fn flush(&self) {
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        if !pending.records.is_empty() {
            self.write(&mut pending);
        }
        drop(pending);
        let index = self.index.get().and_then(Option::as_ref);
        // What is appended behind damage would not be found.
        if index.is_some_and(|index| index.torn || index.segments > MOST_SEGMENTS) {
            self.rewrite();
        }
    }

    fn write(&self, pending: &mut Pending) {
        let Pending { records, bytes } = std::mem::take(pending);
        let _ = self.depot.append(&self.name, &self.start, &|end| segment(end, &records, &bytes));
    }

    /// Writes the shelf anew with what is still reached by some path. What another run appends meanwhile is lost, and worked
    /// out again.
    fn rewrite(&self) {
        let Some(index) = Index::read(&self.depot, &self.name, &self.start) else { return };
        let mut numbers: Vec<u32> = index.paths.values().copied().collect();
        numbers.sort_unstable();
        let mut pending = Pending::default();
        for number in numbers {
            let mut record = index.records[number as usize];
            let Some((at, len)) = index.places.get(&record[6]) else { continue };
            let Ok(kept) = index.file.read_at(*at, *len as usize) else { continue };
            record[7] = (pending.bytes.len() as u64) << 27 | kept.len() as u64;
            pending.bytes.extend(kept);
            pending.records.push(record);
        }
        let end = self.start.len() as u64;
        let _ = self.depot.replace(&self.name, &[&self.start, &segment(end, &pending.records, &pending.bytes)]);
    }
}

const KNOWN: u64 = 1 << 63;
const LEN: u64 = (1 << 27) - 1;

/// A segment that starts at `end` of the file; places of its own bytes become places of the file.
fn segment(end: u64, records: &[[u64; 8]], bytes: &[u8]) -> Vec<u8> {
    let body = end + (SEGMENT + records.len() * RECORD) as u64;
    let mut encoded = Vec::with_capacity(records.len() * RECORD);
    for record in records {
        let mut record = *record;
        record[7] = if record[7] & KNOWN == 0 { record[7] + (body << 27) } else { record[7] & !KNOWN };
        encoded.extend(record.iter().flat_map(|word| word.to_le_bytes()));
    }
    let mut whole = Vec::with_capacity(SEGMENT + encoded.len() + bytes.len());
    for word in [MAGIC, records.len() as u64, bytes.len() as u64, xxh3_64(&encoded)] {
        whole.extend(word.to_le_bytes());
    }
    whole.extend(encoded);
    whole.extend(bytes);
    whole
}

impl Index {
    fn read(depot: &Depot, name: &str, start: &[u8]) -> Option<Self> {
        let file = depot.open(name).ok()?;
        if file.read_at(0, start.len()).ok()? != start {
            return None;
        }
        let (paths, places) = (FxHashMap::default(), FxHashMap::default());
        let mut index = Self { file, paths, places, records: Vec::new(), segments: 0, torn: false };
        let mut at = start.len() as u64;
        while let Some(next) = index.take_segment(at) {
            at = next;
        }
        index.torn = index.file.size().ok()? != at;
        Some(index)
    }

    /// Where the next segment starts; none if this one is not whole.
    fn take_segment(&mut self, at: u64) -> Option<u64> {
        let header = self.file.read_at(at, SEGMENT).ok()?;
        let [magic, count, len, check] = numbers::<4>(&header)?;
        if magic != MAGIC || count > u64::from(u32::MAX) {
            return None;
        }
        let records_len = usize::try_from(count).ok()?.checked_mul(RECORD)?;
        let records = self.file.read_at(at + SEGMENT as u64, records_len).ok()?;
        if records.len() != records_len || xxh3_64(&records) != check {
            return None;
        }
        for bytes in records.chunks_exact(RECORD) {
            let record = numbers::<8>(bytes)?;
            let number = u32::try_from(self.records.len()).ok()?;
            if record[0] != 0 {
                self.paths.insert(record[0], number);
            }
            self.places.insert(record[6], (record[7] >> 27, u32::try_from(record[7] & LEN).ok()?));
            self.records.push(record);
        }
        self.segments += 1;
        at.checked_add((SEGMENT + records_len) as u64)?.checked_add(len)
    }
}

fn numbers<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let mut all = [0; N];
    for (number, bytes) in all.iter_mut().zip(bytes.chunks(8)) {
        *number = u64::from_le_bytes(bytes.try_into().ok()?);
    }
    (bytes.len() == N * 8).then_some(all)
}

fn words(metadata: &Metadata) -> [u64; 5] {
    let (device, inode) = metadata.identity.unwrap_or_default();
    [metadata.len, metadata.modified, metadata.changed, inode, device]
}

fn path_hash(path: &Path) -> u64 {
    // 0 stands for no path.
    xxh3_64(path.as_os_str().as_encoded_bytes()).max(1)
}
