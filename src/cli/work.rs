//! The findings of a whole project, kept for all who ask for a part of them, and for as long as what changes in the project
//! changes nothing of what was worked out.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::analysis::Whole;
use super::timings::Timings;
use crate::base::system::System;
use crate::cache::Cache;
use crate::cache::log::{Changed, is_trusted};
use crate::cache::shelf::Shelf;
use crate::config::settings::Settings;
use crate::session::{Analysis, Cost};
use crate::store::{Alike, Bodies, Counters, SIZE_LIMIT, alike};
use crate::summary::codec;

/// More than that is not looked through for what a file is about.
const MOST_TEXT: u64 = 4 << 20;

/// What is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Work {
    whole: Whole,
    /// Function bodies that somebody asked for.
    bodies: Bodies,
}

/// What the findings are kept under: all settings but those that only bear on how they are shown.
pub fn key(system: &dyn System, settings: &Settings) -> u64 {
    let settings = Settings { output_format: Vec::new(), fail_on: None, jobs: 0, ..settings.clone() };
    let mut hasher = Xxh3::new();
    hasher.update(format!("{settings:?}").as_bytes());
    hasher.update(system.current_dir().as_os_str().as_encoded_bytes());
    hasher.digest()
}

/// As bytes.
pub fn encode(whole: Whole, analysis: &Analysis) -> (Whole, Option<Vec<u8>>) {
    let work = Work { whole, bodies: analysis.world.store.bodies() };
    let bytes = postcard::to_stdvec(&work).ok();
    (work.whole, bytes)
}

/// What an earlier run kept, if it would come to the same today.
pub fn recall(cache: &Cache, system: &Arc<dyn System>, settings: &Settings, timings: &Timings) -> Option<Whole> {
    let mut look = Look { system: &**system, shelf: cache.shelf(&settings.root), counters: Counters::default() };
    let bytes = cache.recall(key(&**system, settings), &**system, &mut |work, changed| look.are_alike(work, changed));
    look.shelf.flush();
    timings.add(&Cost { store: look.counters, ..Cost::default() });
    let work: Option<Work> = bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok());
    timings.lap("look up");
    let work = work?;
    timings.answer("reused");
    Some(work.whole)
}

/// Looks at what changed.
struct Look<'a> {
    system: &'a dyn System,
    shelf: Shelf,
    counters: Counters,
}

impl Look<'_> {
    fn are_alike(&mut self, work: &[u8], changed: &[Changed]) -> bool {
        let Ok(work) = postcard::from_bytes::<Work>(work) else { return false };
        changed.iter().all(|change| self.is_alike(&work, change).is_some())
    }

    fn is_alike(&mut self, work: &Work, change: &Changed) -> Option<()> {
        let path = &change.path;
        let fits = change.metadata.len <= SIZE_LIMIT.min(MOST_TEXT);
        if !change.source || !fits || work.whole.mentions(path) {
            return None;
        }
        let now = change.now?;
        let before = codec::decode(&self.shelf.get(change.before)?).ok()?;
        let bytes = self.system.read(path).ok()?;
        self.counters.read += 1;
        if xxh3_64(&bytes) != now {
            return None;
        }
        let Alike { summary, parsed_bytes, same } = self.parse(&before, &bytes, path, work)?;
        self.counters.parsed_bytes += parsed_bytes as u64;
        // Whoever has to look further need not parse it again.
        let trusted = is_trusted(&change.metadata, self.system.now()).then_some(&change.metadata);
        self.shelf.put(path, trusted, now, &|| codec::encode(&summary));
        same.then_some(())
    }

    fn parse(&mut self, before: &crate::summary::Summary, bytes: &[u8], path: &Path, work: &Work) -> Option<Alike> {
        self.counters.parsed += 1;
        self.counters.bytes += bytes.len() as u64;
        alike(before, bytes, work.bodies.get(path))
    }
}
