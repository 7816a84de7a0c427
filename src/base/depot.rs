//! Files of our own, outside any analysed tree: written whole or appended under a lock, so that concurrent runs and crashes
//! leave nothing half done behind that a reader would believe. (The other place where `std::fs` is allowed.)

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Tells backup programs and the like that what lies here can be made again.
const TAG: (&str, &str) = ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# Made by precollect.\n");
/// A temporary file of a run that did not end is removed once it is this old.
const ABANDONED: Duration = Duration::from_hours(1);
/// The age of a file is told anew when it is used, but not more often than this.
const FRESH: Duration = Duration::from_hours(1);

/// A directory of our own.
#[derive(Debug, Clone)]
pub struct Depot {
    directory: PathBuf,
}

/// A file in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its size.
    pub len: u64,
    /// When it was last written or used.
    pub used: SystemTime,
}

impl Depot {
    /// Makes the directory if it is not there.
    ///
    /// # Errors
    /// What the operating system says: read-only, full, or something else in the way.
    pub fn make(directory: PathBuf) -> io::Result<Self> {
        if !directory.join(TAG.0).is_file() {
            std::fs::create_dir_all(&directory)?;
            std::fs::write(directory.join(TAG.0), TAG.1)?;
        }
        Ok(Self { directory })
    }

    /// The directory as it is, there or not.
    #[must_use]
    pub const fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Where it is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Opens a file for reading and tells that it is in use.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(&self, name: &str) -> io::Result<Opened> {
        let file = File::open(self.directory.join(name))?;
        let used = file.metadata()?.modified()?;
        if used.elapsed().is_ok_and(|age| age > FRESH) {
            // Only a hint for what to give up first.
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(Opened(file))
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let mut file = self.open(name)?.0;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Puts a file there, or a new one in its place: readers see the old or the new one, never a part.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn replace(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let temporary = self.directory.join(format!("{name}.{}.tmp", std::process::id()));
        let write = || {
            let mut file = File::create(&temporary)?;
            parts.iter().try_for_each(|part| file.write_all(part))?;
            drop(file);
            std::fs::rename(&temporary, self.directory.join(name))
        };
        write().inspect_err(|_| {
            let _ = std::fs::remove_file(&temporary);
        })
    }

    /// Appends to a file, while no other run does; with where it went. A file that is not as `check` wants it, given its
    /// first bytes and its length, is started anew.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn append(&self, name: &str, start: &[u8], bytes: &dyn Fn(u64) -> Vec<u8>) -> io::Result<u64> {
        let path = self.directory.join(name);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        let mut found = vec![0; start.len()];
        let usable = file.read_exact(&mut found).is_ok() && found == start;
        if !usable {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(start)?;
        }
        let end = file.seek(SeekFrom::End(0))?;
        let written = file.write_all(&bytes(end));
        if written.is_err() {
            // A full disk must not leave a part behind.
            let _ = file.set_len(end);
        }
        written.map(|()| end)
    }

    /// Removes a file; that it is not there is as good.
    pub fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.directory.join(name));
    }

    /// Its files, those that were not used for longest first.
    #[must_use]
    pub fn list(&self) -> Vec<Stored> {
        let Ok(entries) = std::fs::read_dir(&self.directory) else { return Vec::new() };
        let stored = |entry: io::Result<std::fs::DirEntry>| {
            let entry = entry.ok()?;
            let meta = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some(Stored { name: entry.file_name().into_string().ok()?, len: meta.len(), used: meta.modified().ok()? })
        };
        let mut found: Vec<Stored> = entries.filter_map(stored).filter(|stored| stored.name != TAG.0).collect();
        found.sort_by(|a, b| (a.used, &a.name).cmp(&(b.used, &b.name)));
        found
    }

    /// Gives up files, those that were not used for longest first, until the rest fits.
    pub fn shrink(&self, limit: u64) {
        let files = self.list();
        let mut total: u64 = files.iter().map(|stored| stored.len).sum();
        for stored in &files {
            let is_temporary = Path::new(&stored.name).extension().is_some_and(|suffix| suffix == "tmp");
            let abandoned = is_temporary && stored.used.elapsed().is_ok_and(|age| age > ABANDONED);
            if abandoned || total > limit && !is_temporary {
                self.remove(&stored.name);
                total -= stored.len;
            }
        }
    }

    /// Removes all files, and the directory if nothing else is in it.
    ///
    /// # Errors
    /// The first file that cannot be removed, and why.
    pub fn clean(&self) -> io::Result<()> {
        for stored in self.list() {
            match std::fs::remove_file(self.directory.join(&stored.name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let _ = std::fs::remove_file(self.directory.join(TAG.0));
        let _ = std::fs::remove_dir(&self.directory);
        Ok(())
    }
}

/// A file of a depot, open for reading.
#[derive(Debug)]
pub struct Opened(File);

impl Opened {
    /// Its bytes from a place on; fewer than asked for if it ends before. Threads do not disturb each other.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read_at(&self, mut at: u64, len: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        let mut filled = 0;
        while filled < len {
            match read_some(&self.0, &mut bytes[filled..], at)? {
                0 => break,
                count => {
                    filled += count;
                    at += count as u64;
                }
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    /// How many bytes it has now.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

#[cfg(unix)]
fn read_some(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_some(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

#[cfg(test)]
mod tests {
    use super::Depot;

    fn depot() -> (tempfile::TempDir, Depot) {
        let folder = tempfile::tempdir().expect("can be made");
        let depot = Depot::make(folder.path().join("a/b")).expect("can be made");
        (folder, depot)
    }

    #[test]
    fn files_are_replaced_whole_and_cleaned_away() {
        let (folder, depot) = depot();
        depot.replace("x", &[b"one"]).expect("is writable");
        depot.replace("x", &[b"t", b"wo"]).expect("is writable");
        assert_eq!(depot.read("x").expect("is there"), b"two");
        assert_eq!(depot.list().len(), 1);
        depot.clean().expect("can be removed");
        assert!(!folder.path().join("a/b").exists());
        depot.clean().expect("nothing is there");
    }

    #[test]
    fn what_is_appended_is_found_where_it_was_put() {
        let (_folder, depot) = depot();
        let first = depot.append("x", b"MAGIC", &|_| b"one".to_vec()).expect("is writable");
        let second = depot.append("x", b"MAGIC", &|at| at.to_le_bytes().to_vec()).expect("is writable");
        assert_eq!((first, second), (5, 8));
        let file = depot.open("x").expect("is there");
        assert_eq!(file.read_at(second, 99).expect("is readable"), 8_u64.to_le_bytes());
        let anew = depot.append("x", b"OTHER", &|_| b"new".to_vec()).expect("is writable");
        assert_eq!((anew, depot.read("x").expect("is there")), (5, b"OTHERnew".to_vec()));
    }

    #[test]
    fn shrinking_gives_up_what_was_not_used_for_longest() {
        let (_folder, depot) = depot();
        for name in ["a", "b", "c"] {
            depot.replace(name, &[&[0; 100]]).expect("is writable");
        }
        depot.shrink(250);
        assert_eq!(depot.list().iter().map(|stored| stored.len).sum::<u64>(), 200);
        depot.shrink(0);
        assert!(depot.list().is_empty());
    }
}
