//! Commands whose answer depends on nothing but what they ask of the world: where every answer of the world is as it was, theirs
//! is too, and is printed without reading or working out anything.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

use super::analysis::Whole;
use super::args::{Command, Global};
use super::output::{self, warn};
use super::project::Failure;
use super::timings::Timings;
use super::{Context, exit, work};
use crate::base::system::System;
use crate::cache::recorder::Recorder;
use crate::cache::{Answer, Cache, DEFAULT_LIMIT, Lookup, place};
use crate::config::settings::Settings;
use crate::report::look::Look;
use crate::session::Analysis;

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
    pub fn answer(&self, system: &dyn System, timings: &Timings) -> Option<Result<exit::Code, Failure>> {
        let found = self.cache.look_up(self.key, system);
        timings.answer(match &found {
            Lookup::Same(..) => "used",
            Lookup::Damaged => "damaged",
            Lookup::Unknown => "none",
            Lookup::Changed(..) => "outdated",
        });
        match found {
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
                self.cache.forget(self.key);
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
        context.kept = Some(Kept {
            cache: self.cache.clone(),
            below: recorder.below(),
            recorder: recorder.clone(),
            work: RefCell::default(),
        });
        output::listen();
        let done = command(context);
        let said = output::heard();
        recorder.flush();
        let work = context.kept.take().map(|kept| kept.work.into_inner()).unwrap_or_default();
        if matches!(work, Work::Recalled) {
            // It did not ask anew what the answer rests on.
            return done;
        }
        if let (Ok(code), Some(log)) = (&done, recorder.log().and_then(|log| log.encode())) {
            if let Work::New(key, bytes) = work {
                self.cache.keep_work(key, &log, &bytes);
            }
            self.cache.keep(self.key, &log, &Answer { said, code: *code });
        }
        done
    }
}

/// What a run notes and keeps.
pub struct Kept {
    cache: Cache,
    recorder: Arc<Recorder>,
    /// The world as it is, without notes.
    below: Arc<dyn System>,
    work: RefCell<Work>,
}

/// What becomes of the findings of the whole project.
#[derive(Default)]
enum Work {
    /// Nothing was worked out.
    #[default]
    None,
    /// They are those of an earlier run.
    Recalled,
    /// To be kept under a key.
    New(u64, Vec<u8>),
}

impl Kept {
    /// Uses what is known about the files of this project.
    pub fn enter(&self, project: &std::path::Path) {
        self.recorder.use_shelf(self.cache.shelf(project));
    }

    /// The findings of an earlier run with these settings, if they still hold.
    pub fn recall(&self, settings: &Settings, timings: &Timings) -> Option<Whole> {
        let whole = work::recall(&self.cache, &self.below, settings, timings)?;
        self.work.replace(Work::Recalled);
        Some(whole)
    }

    /// Keeps the findings for later runs with these settings.
    pub fn remember(&self, settings: &Settings, whole: Whole, analysis: &Analysis) -> Whole {
        let (whole, bytes) = work::encode(whole, analysis);
        if let Some(bytes) = bytes {
            self.work.replace(Work::New(work::key(&*self.below, settings), bytes));
        }
        whole
    }
}

/// Whether a command does nothing but ask and print.
fn is_repeatable(command: &Command) -> bool {
    match command {
        // What pytest printed, or prints, is not ours to keep.
        Command::Collect(args) => !args.verify && args.compare.is_none(),
        Command::Check(args) => args.stdin_filename.is_none(),
        Command::Fixtures(_) | Command::Graph(_) | Command::Why(_) | Command::Exports(_) | Command::Report(_) => true,
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

/// The arguments in one row, so that no two rows look alike. Whether the cost is told changes no answer.
pub fn joined(arguments: &[std::ffi::OsString]) -> Vec<u8> {
    let mut all = Vec::new();
    let options = arguments.iter().position(|argument| argument == "--").unwrap_or(arguments.len());
    let is_asked = |argument: &std::ffi::OsString| {
        argument.to_str().is_some_and(|text| text == "--timings" || text.starts_with("--timings="))
    };
    let told = arguments.iter().enumerate().filter(|(at, argument)| *at > options || !is_asked(argument));
    for (_, argument) in told.skip(1) {
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
