//! `collect`: the predicted run.

use super::analysis::{self, data};
use super::args::{Collect, CollectFormat};
use super::output::{print, warn};
use super::project::Failure;
use super::{Context, exit};
use crate::report::look::Detail;
use crate::report::{collect_json, json, tree};
use crate::session::Scope;

pub fn run(context: &Context, args: &Collect) -> Result<exit::Code, Failure> {
    let (mut settings, paths) = analysis::settings(context, &args.paths)?;
    settings.pytest_args.clone_from(&args.pytest_args);
    // Paths in the project are what pytest would be given.
    let root = settings.root.clone();
    let relative = |path: &std::path::PathBuf| path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
    settings.pytest_args.extend(paths.iter().map(relative));
    let mut analysis = analysis::run(context, settings)?;
    let text = match (args.output_format, context.look.detail) {
        (CollectFormat::Json, _) => json::pretty(&collect_json::render(&analysis.world, &analysis.collection)),
        (CollectFormat::Text, Detail::Quiet) => tree::node_ids(&analysis.collection),
        (CollectFormat::Text, _) => tree::render(&data(&mut analysis, &Scope::default()), &context.look),
    };
    print(&text)?;
    if args.output_format == CollectFormat::Text && context.look.detail == Detail::Quiet {
        // Beside the ids, so that they can be compared with pytest's.
        warn(&tree::remainder(&analysis.collection));
    }
    Ok(exit::CLEAN)
}
