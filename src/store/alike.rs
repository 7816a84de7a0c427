//! Whether a source file that changed still says the same to those who read it: then what was worked out holds, as long as it
//! tells of no place in the file.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::summary::{ProgramId, Summary, meaning};
use crate::syntax::{self, Reading};

/// A file as it is now.
pub struct Alike {
    /// Its summary.
    pub summary: Summary,
    /// Bytes given to the parser.
    pub parsed_bytes: usize,
    /// Whether it means what it meant before, function bodies that nobody asked for left aside.
    pub same: bool,
}

/// The file as it is now; none if reading it meets a defect. `asked` are the function bodies that somebody asked for, with the
/// hashes of their texts.
#[must_use]
pub fn alike(before: &Summary, now: &[u8], asked: Option<&BTreeMap<u32, u64>>) -> Option<Alike> {
    let Reading { summary, bytes, .. } = std::panic::catch_unwind(|| syntax::read(now, true)).ok()?;
    let text = syntax::decode(now);
    let is_same = |(id, hash): (&u32, &u64)| body_hash(&text, &summary, ProgramId(*id)) == *hash;
    let means = meaning::of(before).filter(|meaning| meaning::of(&summary) == Some(*meaning));
    let same = means.is_some() && asked.into_iter().flatten().all(is_same);
    Some(Alike { summary, parsed_bytes: bytes, same })
}

/// The hash of a function body that is left in the text; 0 for one that is not.
pub(super) fn body_hash(text: &str, file: &Summary, id: ProgramId) -> u64 {
    let left = file.programs.left(id).and_then(|span| text.get(span.start as usize..span.end as usize));
    left.map_or(0, |text| xxh3_64(text.as_bytes()))
}
