//! `cache`: what is kept between runs, where, and how to be rid of it.

use super::args::{Cache, CacheAction};
use super::output::print;
use super::project::Failure;
use super::{Context, cached, exit};
use crate::cache;
use crate::report::look::{count, number};

pub fn run(context: &Context, args: &Cache) -> Result<exit::Code, Failure> {
    let (directory, chosen_by) = cached::directory(context)?;
    let shown = directory.display();
    let files = cache::contents(&directory);
    let bytes: u64 = files.iter().map(|file| file.len).sum();
    let text = match args.action.unwrap_or(CacheAction::Info) {
        CacheAction::Dir => format!("{shown}\n"),
        CacheAction::Info => {
            let projects = files.iter().filter(|file| file.name.ends_with(".files")).count();
            let answers = files.iter().filter(|file| file.name.ends_with(".answer")).count();
            format!(
                "directory  {shown} ({chosen_by})\nsize       {} kB of at most {} kB\nkept       {}, files of {}\n",
                number(kilobytes(bytes)),
                number(kilobytes(cache::DEFAULT_LIMIT)),
                count(answers, "answer"),
                count(projects, "project"),
            )
        }
        CacheAction::Clean => {
            cache::clean(&directory)
                .map_err(|error| Failure::Usage(format!("failed to clean {shown}: {error}"), None))?;
            format!("removed {}, {} kB, from {shown}\n", count(files.len(), "file"), number(kilobytes(bytes)))
        }
    };
    print(&text)?;
    Ok(exit::CLEAN)
}

fn kilobytes(bytes: u64) -> usize {
    usize::try_from(bytes.div_ceil(1024)).unwrap_or(usize::MAX)
}
