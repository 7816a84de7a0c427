//! What earlier runs found out, outside the analysed tree: whole answers with the questions they rest on, and what was worked
//! out about single files. Nothing here knows what the bytes mean; whatever is damaged, outdated or made by another build is
//! as good as absent.

pub mod glance;
pub mod log;
pub mod place;
pub mod recorder;
pub mod shelf;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::base::depot::{Depot, Stored};
use crate::base::system::System;
use log::{Changed, Verdict};
use shelf::Shelf;

/// First bytes of every answer.
const MAGIC: [u8; 8] = *b"pcanswr1";
/// Bytes before the log: magic, build, checksum, length of the log.
const HEADER: usize = 32;
/// Everything together stays below this many bytes, unless told otherwise.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// The cache directory, as one build of the program sees it.
#[derive(Debug, Clone)]
pub struct Cache {
    depot: Depot,
    build: u64,
    limit: u64,
}

/// What a command printed and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Texts in order; whether each went to standard error.
    pub said: Vec<(bool, String)>,
    /// The exit code.
    pub code: u8,
}

/// What is known about a command.
#[derive(Debug)]
pub enum Lookup {
    /// Nothing.
    Unknown,
    /// Something that cannot be read.
    Damaged,
    /// The world is as it was.
    Same(Answer, Verdict),
    /// Something that the answer rests on is different.
    Changed(Answer, Verdict),
}

impl Cache {
    /// The cache in this directory, which is made if it is not there; none if it cannot be.
    #[must_use]
    pub fn open(directory: PathBuf, limit: u64) -> Option<Self> {
        let build = u64::from_str_radix(env!("PRECOLLECT_BUILD"), 16).unwrap_or(0);
        Some(Self { depot: Depot::make(directory).ok()?, build, limit })
    }

    /// Looks for the answer to a command.
    #[must_use]
    pub fn look_up(&self, key: u64, system: &dyn System) -> Lookup {
        let name = answer_name(key);
        let mut kept = match self.open_kept(&name) {
            Ok(kept) => kept,
            Err(lookup) => return lookup,
        };
        let Ok(answer) = postcard::from_bytes(kept.rest()) else { return Lookup::Damaged };
        let Some(verdict) = log::compare(kept.log(), system) else { return Lookup::Damaged };
        if !verdict.is_same() {
            return Lookup::Changed(answer, verdict);
        }
        if verdict.refreshed {
            self.write(&name, kept.log, &kept.bytes[HEADER..]);
        }
        Lookup::Same(answer, verdict)
    }

    /// Removes the answer to a command.
    pub fn forget(&self, key: u64) {
        self.depot.remove(&answer_name(key));
    }

    /// What was kept besides under a key, if the world is as it was; or if all that changed are bytes of source files of
    /// which `alike` says, given what was kept, that they change nothing. Then they count as what was seen.
    #[must_use]
    pub fn recall(
        &self,
        key: u64,
        system: &dyn System,
        alike: &mut dyn FnMut(&[u8], &[Changed]) -> bool,
    ) -> Option<Vec<u8>> {
        let name = work_name(key);
        let mut kept = self.open_kept(&name).ok()?;
        let mut verdict = log::compare(kept.log(), system)?;
        if verdict.structure || !verdict.files.is_empty() && !alike(kept.rest(), &verdict.files) {
            return None;
        }
        if !verdict.files.is_empty() {
            log::accept(kept.log(), system, &mut verdict);
        }
        if verdict.refreshed {
            self.write(&name, kept.log, &kept.bytes[HEADER..]);
        }
        Some(kept.rest().to_vec())
    }

    fn open_kept(&self, name: &str) -> Result<Kept, Lookup> {
        let bytes = self.depot.read(name).map_err(|_| Lookup::Unknown)?;
        if let Some(log) = self.log_of(&bytes) {
            return Ok(Kept { log, bytes });
        }
        let outdated = bytes.starts_with(&MAGIC) && bytes.get(8..16) != Some(&self.build.to_le_bytes());
        Err(if outdated { Lookup::Unknown } else { Lookup::Damaged })
    }

    /// The length of the log in the bytes of a file, if they are whole and of this build.
    fn log_of(&self, bytes: &[u8]) -> Option<usize> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let number = |at: usize| Some(u64::from_le_bytes(header.get(at..at + 8)?.try_into().ok()?));
        if !header.starts_with(&MAGIC) || number(8)? != self.build || number(16)? != xxh3_64(rest) {
            return None;
        }
        usize::try_from(number(24)?).ok().filter(|log| *log <= rest.len())
    }

    /// Keeps the answer to a command, with an encoded [`Log`](log::Log). That it cannot be written is no failure.
    pub fn keep(&self, key: u64, log: &[u8], answer: &Answer) {
        if let Ok(answer) = postcard::to_stdvec(answer) {
            self.keep_bytes(&answer_name(key), log, &answer);
        }
    }

    /// Keeps something besides for [`Self::recall`].
    pub fn keep_work(&self, key: u64, log: &[u8], work: &[u8]) {
        self.keep_bytes(&work_name(key), log, work);
    }

    fn keep_bytes(&self, name: &str, log: &[u8], rest: &[u8]) {
        self.write(name, log.len(), &[log, rest].concat());
        self.depot.shrink(self.limit);
    }

    fn write(&self, name: &str, log: usize, rest: &[u8]) {
        let mut header = Vec::with_capacity(HEADER);
        header.extend(MAGIC);
        for word in [self.build, xxh3_64(rest), log as u64] {
            header.extend(word.to_le_bytes());
        }
        let _ = self.depot.replace(name, &[&header, rest]);
    }

    /// Where what is worked out about the files of a project is kept.
    #[must_use]
    pub fn shelf(&self, project: &Path) -> Shelf {
        let name = format!("{:016x}.files", xxh3_64(project.as_os_str().as_encoded_bytes()));
        let start = [*b"pcfiles1", self.build.to_le_bytes()].concat();
        Shelf::new(self.depot.clone(), name, start)
    }
}

fn answer_name(key: u64) -> String {
    format!("{key:016x}.answer")
}

fn work_name(key: u64) -> String {
    format!("{key:016x}.work")
}

/// The bytes of a file that are known to be whole: header, log, the rest.
struct Kept {
    log: usize,
    bytes: Vec<u8>,
}

impl Kept {
    fn log(&mut self) -> &mut [u8] {
        &mut self.bytes[HEADER..HEADER + self.log]
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[HEADER + self.log..]
    }
}

/// The files of a cache directory, whoever wrote them.
#[must_use]
pub fn contents(directory: &Path) -> Vec<Stored> {
    Depot::at(directory.to_path_buf()).list()
}

/// Removes everything that is kept there.
///
/// # Errors
/// What cannot be removed, and why.
pub fn clean(directory: &Path) -> std::io::Result<()> {
    Depot::at(directory.to_path_buf()).clean()
}
