//! What machines ask of the world, with hashes of the answers, failed look-ups too. A machine has no other window: one that
//! starts alike, does alike and gets the same answers comes to the same end.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::Modules;
use crate::base::system::Kind;
use crate::python::location::Location;
use crate::summary::{ProgramId, Summary};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Question {
    /// In these directories, by number.
    Find(u32, String),
    FindLate(String),
    Summary(PathBuf),
    Kind(PathBuf),
    Text(PathBuf),
    Entries(PathBuf),
    IsSame(PathBuf, PathBuf),
    IsProject(PathBuf),
    IsAssumed(String),
    Variable(String),
    Version(String),
    /// A function body; the summary vouches for it.
    Body(PathBuf, u32),
    /// A file with all bodies; the summary vouches for them.
    Whole(PathBuf),
}

/// Questions with their answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    directories: Vec<Vec<Arc<PathBuf>>>,
    answers: Vec<(Question, u64)>,
}

impl Asked {
    /// Whether this world gives the same answers.
    #[must_use]
    pub fn holds(&self, world: &dyn Modules) -> bool {
        self.answers.iter().all(|(question, before)| self.ask(world, question) == Some(*before))
    }

    /// Function bodies that were asked for: file and number.
    pub fn bodies(&self) -> impl Iterator<Item = (&Path, u32)> {
        self.answers.iter().filter_map(|(question, _)| match question {
            Question::Body(file, body) => Some((&**file, *body)),
            _ => None,
        })
    }

    /// Files that were asked for with all bodies.
    pub fn wholes(&self) -> impl Iterator<Item = &Path> {
        self.answers.iter().filter_map(|(question, _)| match question {
            Question::Whole(file) => Some(&**file),
            _ => None,
        })
    }

    /// The hash of the answer of this world; none if the question makes no sense.
    fn ask(&self, world: &dyn Modules, question: &Question) -> Option<u64> {
        let mut hash = Hash::default();
        Some(match question {
            Question::Find(list, tail) => hash.location(&world.find(self.directories.get(*list as usize)?, tail)),
            Question::FindLate(name) => hash.location(&world.find_late(name)),
            Question::Summary(file) => hash.summary(world.summary(file).as_deref()),
            Question::Kind(path) => hash.kind(world.path_kind(path)),
            Question::Text(path) => hash.text(world.file_text(path).as_deref()),
            Question::Entries(directory) => hash.entries(world.entries(directory).as_deref()),
            Question::IsSame(a, b) => hash.flag(world.same_file(a, b)),
            Question::IsProject(file) => hash.flag(world.is_project(file)),
            Question::IsAssumed(name) => hash.flag(world.is_assumed(name)),
            Question::Variable(name) => hash.variable(world.variable(name)),
            Question::Version(name) => hash.text(world.distribution_version(name).as_deref()),
            Question::Body(..) | Question::Whole(_) => 0,
        })
    }
}

/// A window that notes what is asked through it.
pub struct Noting<'w> {
    world: &'w dyn Modules,
    notes: Mutex<Notes>,
}

#[derive(Default)]
struct Notes {
    asked: Asked,
    /// Hashes of the questions that were asked.
    seen: FxHashSet<u64>,
    /// Numbers of lists of directories, by their hashes.
    lists: FxHashMap<u64, u32>,
    hash: Hash,
}

impl<'w> Noting<'w> {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(world: &'w dyn Modules) -> Self {
        Self { world, notes: Mutex::default() }
    }

    /// What was asked.
    #[must_use]
    pub fn asked(self) -> Asked {
        self.notes.into_inner().unwrap_or_else(PoisonError::into_inner).asked
    }

    /// Notes a question, unless it was asked before: the world does not change its answers.
    fn note(
        &self,
        kind: u8,
        parts: &[&[u8]],
        answer: impl FnOnce(&mut Hash) -> u64,
        question: impl FnOnce(&mut Notes) -> Question,
    ) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.hash.0.push(kind);
        for part in parts {
            notes.hash.part(part);
        }
        let id = notes.hash.done();
        if notes.seen.insert(id) {
            let answer = answer(&mut notes.hash);
            let question = question(&mut notes);
            notes.asked.answers.push((question, answer));
        }
    }

    fn note_path(
        &self,
        kind: u8,
        path: &Path,
        answer: impl FnOnce(&mut Hash) -> u64,
        question: fn(PathBuf) -> Question,
    ) {
        self.note(kind, &[path.as_os_str().as_encoded_bytes()], answer, |_| question(path.to_path_buf()));
    }

    fn note_name(&self, kind: u8, name: &str, answer: impl FnOnce(&mut Hash) -> u64, question: fn(String) -> Question) {
        self.note(kind, &[name.as_bytes()], answer, |_| question(name.to_owned()));
    }
}

impl Notes {
    fn list(&mut self, directories: &[Arc<PathBuf>]) -> u32 {
        for directory in directories {
            self.hash.path(directory);
        }
        let (id, next) = (self.hash.done(), u32::try_from(self.asked.directories.len()).unwrap_or(u32::MAX));
        let number = *self.lists.entry(id).or_insert(next);
        if number == next {
            self.asked.directories.push(directories.to_vec());
        }
        number
    }
}

impl Modules for Noting<'_> {
    fn find(&self, directories: &[Arc<PathBuf>], tail: &str) -> Location {
        let found = self.world.find(directories, tail);
        let parts: Vec<&[u8]> = directories.iter().map(|path| path.as_os_str().as_encoded_bytes()).collect();
        let parts = [&[tail.as_bytes()], &*parts].concat();
        self.note(
            0,
            &parts,
            |hash| hash.location(&found),
            |notes| Question::Find(notes.list(directories), tail.to_owned()),
        );
        found
    }

    fn find_late(&self, name: &str) -> Location {
        let found = self.world.find_late(name);
        self.note_name(1, name, |hash| hash.location(&found), Question::FindLate);
        found
    }

    fn summary(&self, file: &Path) -> Option<Arc<Summary>> {
        let found = self.world.summary(file);
        self.note_path(2, file, |hash| hash.summary(found.as_deref()), Question::Summary);
        found
    }

    fn body(&self, file: &Path, summary: &Summary, body: ProgramId) -> Option<Arc<Summary>> {
        let parts = [file.as_os_str().as_encoded_bytes(), &body.0.to_le_bytes()];
        self.note(10, &parts, |_| 0, |_| Question::Body(file.to_path_buf(), body.0));
        self.world.body(file, summary, body)
    }

    fn whole(&self, file: &Path) -> Option<Arc<Summary>> {
        self.summary(file)?;
        self.note_path(11, file, |_| 0, Question::Whole);
        self.world.whole(file)
    }

    fn file_text(&self, file: &Path) -> Option<Arc<str>> {
        let found = self.world.file_text(file);
        self.note_path(12, file, |hash| hash.text(found.as_deref()), Question::Text);
        found
    }

    fn path_kind(&self, path: &Path) -> Option<Kind> {
        let found = self.world.path_kind(path);
        self.note_path(3, path, |hash| hash.kind(found), Question::Kind);
        found
    }

    fn entries(&self, directory: &Path) -> Option<Vec<(String, Kind)>> {
        let found = self.world.entries(directory);
        self.note_path(4, directory, |hash| hash.entries(found.as_deref()), Question::Entries);
        found
    }

    fn same_file(&self, a: &Path, b: &Path) -> bool {
        let found = self.world.same_file(a, b);
        let parts = [a.as_os_str().as_encoded_bytes(), b.as_os_str().as_encoded_bytes()];
        self.note(5, &parts, |hash| hash.flag(found), |_| Question::IsSame(a.to_path_buf(), b.to_path_buf()));
        found
    }

    fn is_project(&self, file: &Path) -> bool {
        let found = self.world.is_project(file);
        self.note_path(6, file, |hash| hash.flag(found), Question::IsProject);
        found
    }

    fn is_assumed(&self, top_level: &str) -> bool {
        let found = self.world.is_assumed(top_level);
        self.note_name(7, top_level, |hash| hash.flag(found), Question::IsAssumed);
        found
    }

    fn variable(&self, name: &str) -> Option<Option<String>> {
        let found = self.world.variable(name);
        self.note_name(8, name, |hash| hash.variable(found.clone()), Question::Variable);
        found
    }

    fn distribution_version(&self, name: &str) -> Option<String> {
        let found = self.world.distribution_version(name);
        self.note_name(9, name, |hash| hash.text(found.as_deref()), Question::Version);
        found
    }
}

/// Bytes to be hashed. Each part starts with its length, so that no two rows of parts look alike.
#[derive(Default)]
struct Hash(Vec<u8>);

impl Hash {
    fn part(&mut self, bytes: &[u8]) {
        self.0.extend((bytes.len() as u64).to_le_bytes());
        self.0.extend(bytes);
    }

    fn path(&mut self, path: &Path) {
        self.part(path.as_os_str().as_encoded_bytes());
    }

    fn done(&mut self) -> u64 {
        let hash = xxh3_64(&self.0);
        self.0.clear();
        hash
    }

    fn location(&mut self, location: &Location) -> u64 {
        match location {
            Location::Package { init, directory } => {
                self.0.push(0);
                self.path(init);
                self.path(directory);
            }
            Location::Module(file) => {
                self.0.push(1);
                self.path(file);
            }
            Location::Extension { file, stub, directory } => {
                self.0.push(2);
                self.path(file);
                for path in [stub, directory] {
                    self.0.push(u8::from(path.is_some()));
                    path.iter().for_each(|path| self.path(path));
                }
            }
            Location::Stdlib(name) => {
                self.0.push(3);
                self.part(name.as_str().as_bytes());
            }
            Location::Namespace(portions) => {
                self.0.push(4);
                portions.iter().for_each(|path| self.path(path));
            }
            Location::Opaque(reason) => {
                self.0.push(5);
                self.part(reason.as_bytes());
            }
            Location::Missing => self.0.push(6),
        }
        self.done()
    }

    fn summary(&mut self, summary: Option<&Summary>) -> u64 {
        self.0.push(u8::from(summary.is_some()));
        self.0.extend(summary.map_or(0, |summary| summary.content_hash).to_le_bytes());
        self.done()
    }

    fn kind(&mut self, kind: Option<Kind>) -> u64 {
        self.0.push(kind.map_or(u8::MAX, |kind| kind as u8));
        self.done()
    }

    fn entries(&mut self, entries: Option<&[(String, Kind)]>) -> u64 {
        self.0.push(u8::from(entries.is_some()));
        for (name, kind) in entries.into_iter().flatten() {
            self.part(name.as_bytes());
            self.0.push(*kind as u8);
        }
        self.done()
    }

    fn flag(&mut self, flag: bool) -> u64 {
        self.0.push(u8::from(flag));
        self.done()
    }

    fn text(&mut self, text: Option<&str>) -> u64 {
        self.0.push(u8::from(text.is_some()));
        self.part(text.unwrap_or_default().as_bytes());
        self.done()
    }

    fn variable(&mut self, value: Option<Option<String>>) -> u64 {
        self.0.push(u8::from(value.is_some()));
        self.text(value.flatten().as_deref())
    }
}
