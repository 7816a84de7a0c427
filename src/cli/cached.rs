//! Commands whose answer depends on nothing but what they ask of the world: where every answer of the world is as it was, theirs
//! is too, and is printed without reading or working out anything.

use std::path::PathBuf;
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use super::args::{Command, Global};
use super::output::{self, warn};
use super::project::Failure;
use super::{Context, exit};
use crate::base::system::System;
use crate::cache::recorder::Recorder;
use crate::cache::{Answer, Cache, DEFAULT_LIMIT, Lookup, place};
use crate::report::look::Look;

/// What a command's answer is kept under.
pub struct Place {
    cache: Cache,
    key: u64,
}

impl Place {
    /// Where the answer to these arguments is kept; none where nothing is to be kept, or can be.
    pub fn of(system: &dyn System, global: &Global, command: &Command, arguments: &[u8], look: &Look) -> Option<Self> {
        if global.no_cache || !is_repeatable(command) {
            return None;
        }
        let (directory, _) = place::find(system, global.cache_dir.as_deref())?;
        let cache = Cache::open(directory, DEFAULT_LIMIT)?;
        let mut hasher = Xxh3::new();
        hasher.update(arguments);
        hasher.update(system.current_dir().as_os_str().as_encoded_bytes());
        hasher.update(format!("{look:?}").as_bytes());
        Some(Self { cache, key: hasher.digest() })
    }

    /// The answer of an earlier run, if nothing that it rests on is different; it is printed again.
    pub fn answer(&self, system: &dyn System) -> Option<Result<exit::Code, Failure>> {
        match self.cache.look_up(self.key, system) {
            Lookup::Same(answer, _) => {
                let say = |(error, text): &(bool, String)| {
                    if *error {
                        warn(text);
                        return Ok(());
                    }
                    output::print(text)
                };
                let printed = answer.said.iter().try_for_each(say);
                Some(printed.map(|()| answer.code))
            }
            Lookup::Damaged => {
                warn("precollect: what an earlier run kept is damaged; it is worked out anew\n");
                None
            }
            Lookup::Unknown | Lookup::Changed(..) => None,
        }
    }

    /// Runs the command and keeps its answer.
    pub fn run(
        &self,
        context: &mut Context,
        command: impl FnOnce(&Context) -> Result<exit::Code, Failure>,
    ) -> Result<exit::Code, Failure> {
        let recorder = Arc::new(Recorder::new(Arc::clone(&context.system)));
        context.system = recorder.clone();
        context.kept = Some(Kept { cache: self.cache.clone(), recorder: recorder.clone() });
        output::listen();
        let done = command(context);
        let said = output::heard();
        recorder.flush();
        if let (Ok(code), Some(log)) = (&done, recorder.log()) {
            self.cache.keep(self.key, &log, &Answer { said, code: *code });
        }
        done
    }
}

/// What a run notes and keeps.
pub struct Kept {
    cache: Cache,
    recorder: Arc<Recorder>,
}

impl Kept {
    /// Uses what is known about the files of this project.
    pub fn enter(&self, project: &std::path::Path) {
        self.recorder.use_shelf(self.cache.shelf(project));
    }
}

/// Whether a command does nothing but ask and print.
fn is_repeatable(command: &Command) -> bool {
    match command {
        // What pytest printed, or prints, is not ours to keep.
        Command::Collect(args) => !args.verify && args.compare.is_none(),
        Command::Check(_)
        | Command::Fixtures(_)
        | Command::Graph(_)
        | Command::Why(_)
        | Command::Exports(_)
        | Command::Report(_) => true,
        // Quick, or about something else than the project.
        Command::Explain(_)
        | Command::Env(_)
        | Command::Config(_)
        | Command::Init(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Cache(_) => false,
    }
}

/// The arguments in one row, so that no two rows look alike.
pub fn joined(arguments: &[std::ffi::OsString]) -> Vec<u8> {
    let mut all = Vec::new();
    for argument in arguments.iter().skip(1) {
        all.extend(argument.as_encoded_bytes());
        all.push(0);
    }
    all
}

/// The directory that `cache` speaks of.
pub fn directory(context: &Context) -> Result<(PathBuf, &'static str), Failure> {
    place::find(&*context.system, context.global.cache_dir.as_deref()).ok_or_else(|| {
        let help = format!("say where with --cache-dir or {}", place::VARIABLE);
        Failure::Usage("failed to find a place for the cache: there is no home directory".into(), Some(help))
    })
}
