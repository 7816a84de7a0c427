//! What one entry of a search path holds, by module name.

use std::path::Path;

use rustc_hash::FxHashMap;

use super::suffixes::{Role, Suffixes};
use super::zip;
use crate::base::system::{Kind, System};

/// Archives beyond this size are not read.
const LARGEST: u64 = 256 << 20;

/// An entry of a search path.
pub(super) enum Listing {
    /// Nothing that can be searched.
    Absent,
    /// A directory.
    Directory(Members),
    /// A zip file or egg.
    Archive(Archive),
}

/// Modules of a directory by name.
#[derive(Default)]
pub(super) struct Members(FxHashMap<Box<str>, Member>);

/// Everything in a directory that has one module name.
#[derive(Clone, Default)]
pub(super) struct Member {
    /// A directory of that name.
    pub(super) directory: bool,
    /// The shared object's file name, and its rank.
    pub(super) extension: Option<(u8, Box<str>)>,
    /// The source's file name, where it is there.
    source_name: Option<Box<str>>,
    pub(super) source: bool,
    bytecode: Option<Box<str>>,
    pub(super) stub: bool,
}

impl Member {
    /// The file that an import loads, if there is one.
    pub(super) fn best(&self) -> Option<&str> {
        let extension = self.extension.as_ref().map(|(_, name)| name);
        extension.or(self.source_name.as_ref()).or(self.bytecode.as_ref()).map(|name| &**name)
    }
}

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Member> {
        self.0.get(name)
    }

    /// In no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.0.iter().map(|(name, member)| (&**name, member))
    }

    fn add(&mut self, name: &str, kind: Kind, suffixes: &Suffixes) {
        if kind == Kind::Directory {
            self.0.entry(name.into()).or_default().directory = true;
        }
        if kind != Kind::File {
            return;
        }
        let Some((module, role)) = suffixes.split(name) else { return };
        let member = self.0.entry(module.into()).or_default();
        match role {
            Role::Extension(rank) => {
                if member.extension.as_ref().is_none_or(|(other, _)| rank < *other) {
                    member.extension = Some((rank, name.into()));
                }
            }
            Role::Source => {
                // `.py` comes before Windows' `.pyw`, and sorts before it.
                member.source = true;
                member.source_name.get_or_insert_with(|| name.into());
            }
            Role::Bytecode => member.bytecode = Some(name.into()),
            Role::Stub => member.stub = true,
        }
    }
}

/// A zip file on the path.
pub(super) struct Archive(Option<Vec<String>>);

impl Archive {
    /// Why this name may come from the archive.
    pub(super) fn why_opaque(&self, tail: &str) -> Option<&'static str> {
        let Some(members) = &self.0 else { return Some("an archive on the path cannot be read") };
        let mut below = members.iter().filter_map(|member| member.strip_prefix(tail));
        below.any(|rest| matches!(rest, ".py" | ".pyc") || rest.starts_with('/')).then_some("it lies in an archive")
    }
}

impl Listing {
    pub(super) fn read(system: &dyn System, directory: &Path, suffixes: &Suffixes) -> Self {
        if let Ok(entries) = system.read_dir(directory) {
            let mut members = Members::default();
            for entry in entries {
                members.add(&entry.name, entry.kind, suffixes);
            }
            return Self::Directory(members);
        }
        match system.metadata(directory) {
            Ok(metadata) if metadata.kind == Kind::File && metadata.len > LARGEST => {
                return Self::Archive(Archive(None));
            }
            Ok(metadata) if metadata.kind == Kind::File => {}
            _ => return Self::Absent,
        }
        match system.read(directory).ok().map(|bytes| zip::members(&bytes)) {
            // A file that is no archive is passed over by CPython, too.
            Some(zip::Answer::NotAnArchive) => Self::Absent,
            Some(zip::Answer::Members(members)) => Self::Archive(Archive(Some(members))),
            Some(zip::Answer::Unreadable) | None => Self::Archive(Archive(None)),
        }
    }
}
