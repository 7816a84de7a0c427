//! Being told when files change, by the operating system.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

/// Editors write a file in several steps: what follows within this time belongs to one change.
const SETTLED: Duration = Duration::from_millis(60);

/// Changes below a directory.
pub struct Watch {
    events: Receiver<Vec<PathBuf>>,
    // Stops watching when it is dropped.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch a directory and all below it.
    ///
    /// # Errors
    /// What the operating system says: it watches only so many directories, for one.
    pub fn new(directory: &Path) -> Result<Self, String> {
        let (sender, events) = channel();
        let tell = move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && !matches!(event.kind, EventKind::Access(_))
            {
                // Nobody listens once the watch is dropped.
                let _ = sender.send(event.paths);
            }
        };
        let mut watcher = notify::recommended_watcher(tell).map_err(|error| error.to_string())?;
        watcher.watch(directory, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
        Ok(Self { events, _watcher: watcher })
    }

    /// Waits until something that `matters` has changed and all is quiet again; the first such path. None if nothing can
    /// change any more.
    #[must_use]
    pub fn wait(&self, matters: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        loop {
            let paths = self.events.recv().ok()?;
            let Some(changed) = paths.into_iter().find(|path| matters(path)) else { continue };
            loop {
                match self.events.recv_timeout(SETTLED) {
                    Ok(_) => {}
                    Err(RecvTimeoutError::Timeout) => return Some(changed),
                    Err(RecvTimeoutError::Disconnected) => return None,
                }
            }
        }
    }
}
