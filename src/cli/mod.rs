//! Arguments and commands: the only layer that prints.

mod args;
pub mod exit;
mod known;
mod output;
mod project;

mod analysis;
mod cache;
mod cached;
mod check;
mod collect;
mod config;
mod env;
mod explain;
mod fixing;
mod fixtures;
mod graph;
mod init;
mod report;
mod shell;
mod timings;
mod watch;
mod why;
mod work;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use crate::base::system::{Overlay, RealSystem, System};
use crate::cache::glance::Glance;
use crate::report::look::Look;
use args::{Cli, Command, Global};
use project::Failure;

/// What every command works with.
struct Context {
    system: Arc<dyn System>,
    global: Global,
    look: Look,
    /// What is noted for later runs, where something is.
    kept: Option<cached::Kept>,
    /// What it costs.
    timings: timings::Timings,
}

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let joined = cached::joined(&arguments);
    let Cli { command, global } = match args::parse(arguments) {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    let mut system: Arc<dyn System> = Arc::new(RealSystem);
    let look = output::look(&*system, &global);
    if let Command::Check(check) = &command
        && let Some(file) = &check.stdin_filename
    {
        match output::typed(&*system, file) {
            Ok(typed) => system = Arc::new(Overlay::new(system, typed)),
            Err(failure) => return ExitCode::from(output::fail(&failure, &look)),
        }
    }
    if let Command::Check(check) = &command
        && check.watch
    {
        let round = || once(&system, &global, &command, &joined, look);
        return ExitCode::from(
            watch::run(&*system, check, look, round).unwrap_or_else(|failure| output::fail(&failure, &look)),
        );
    }
    ExitCode::from(once(&system, &global, &command, &joined, look))
}

/// Answers a command, from what an earlier run kept if that still holds.
fn once(system: &Arc<dyn System>, global: &Global, command: &Command, joined: &[u8], look: Look) -> exit::Code {
    let timings = timings::Timings::start(global.timings);
    let place = cached::Place::of(&**system, global, command, joined, &look);
    // Whoever asks what is kept looks at all that the run will look at.
    let system: Arc<dyn System> = match &place {
        Some(_) => Arc::new(Glance::new(Arc::clone(system))),
        None => Arc::clone(system),
    };
    let mut context = Context { system: Arc::clone(&system), global: global.clone(), look, kept: None, timings };
    let done = match place.as_ref().and_then(|place| place.answer(&*system, &context.timings)) {
        Some(answer) => answer,
        None => match &place {
            Some(place) => place.run(&mut context, |context| guarded(context, command)),
            None => guarded(&context, command),
        },
    };
    context.timings.lap("print and keep");
    context.timings.show();
    done.unwrap_or_else(|failure| output::fail(&failure, &look))
}

/// A defect must not look like a finding; the panic itself has been printed.
fn guarded(context: &Context, command: &Command) -> Result<exit::Code, Failure> {
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| dispatch(context, command)));
    done.unwrap_or_else(|_| {
        let help = "please report it, with the command and, if you can, the project".to_string();
        Err(Failure::Usage("failed for a reason of its own: this is a defect of precollect".into(), Some(help)))
    })
}

fn dispatch(context: &Context, command: &Command) -> Result<exit::Code, Failure> {
    match command {
        Command::Check(args) => check::run(context, args),
        Command::Collect(args) => collect::run(context, args),
        Command::Graph(args) => graph::run(context, args),
        Command::Why(args) => why::run(context, args),
        Command::Exports(args) => graph::exports(context, args),
        Command::Fixtures(args) => fixtures::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Env(args) => env::run(context, args),
        Command::Config(args) => config::run(context, args),
        Command::Report(args) => report::run(context, args),
        Command::Init(args) => init::run(context, args),
        Command::Completions(args) => shell::completions(args),
        Command::Man(args) => shell::man(context, args),
        Command::Cache(args) => cache::run(context, args),
    }
}
