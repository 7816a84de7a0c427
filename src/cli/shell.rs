//! `completions` and `man`: made from the declaration of the arguments.

use std::path::Path;

use clap::CommandFactory;

use super::args::{Cli, Completions, Man};
use super::output::{print, write_bytes};
use super::project::Failure;
use super::{Context, exit};

pub fn completions(args: &Completions) -> Result<exit::Code, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "precollect", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(exit::CLEAN)
}

pub fn man(context: &Context, args: &Man) -> Result<exit::Code, Failure> {
    let command = Cli::command();
    match &args.directory {
        None => print(&String::from_utf8_lossy(&page(command)?))?,
        Some(directory) => pages(context, command, directory)?,
    }
    Ok(exit::CLEAN)
}

/// One page per command, named as `man` looks for them.
fn pages(context: &Context, command: clap::Command, directory: &Path) -> Result<(), Failure> {
    for sub in command.get_subcommands().cloned() {
        let name = format!("precollect-{}", sub.get_name());
        let sub = sub.name(name.clone()).version(env!("CARGO_PKG_VERSION"));
        write_bytes(&*context.system, &directory.join(format!("{name}.1")), &page(sub)?)?;
    }
    write_bytes(&*context.system, &directory.join("precollect.1"), &page(command)?)
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let failed = |error| Failure::Usage(format!("failed to make the manual page: {error}"), None);
    clap_mangen::Man::new(command).render(&mut text).map_err(failed)?;
    Ok(text)
}
