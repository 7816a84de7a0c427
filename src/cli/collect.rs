//! `collect`: the predicted run.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::analysis::{self, data};
use super::args::{Collect, CollectFormat};
use super::output::{print, warn};
use super::project::Failure;
use super::{Context, exit};
use crate::base::process;
use crate::base::system::absolute;
use crate::pytest::verdict::Collection;
use crate::report::compare::{Recorded, compare};
use crate::report::look::{Detail, clean};
use crate::report::{collect_json, json, tree};
use crate::session::{Analysis, Depth, Scope};

pub fn run(context: &Context, args: &Collect) -> Result<exit::Code, Failure> {
    let (mut settings, paths) = analysis::settings(context, &args.paths)?;
    settings.pytest_args.clone_from(&args.pytest_args);
    // Paths in the project are what pytest would be given.
    let root = settings.root.clone();
    let relative = |path: &std::path::PathBuf| path.strip_prefix(&root).unwrap_or(path).to_string_lossy().into_owned();
    settings.pytest_args.extend(paths.iter().map(relative));
    let mut analysis = analysis::run_to(Depth::Collection, context, settings)?;
    if let Some(file) = &args.compare {
        return compare_with(&analysis.collection, &recorded(context, file)?, false);
    }
    if args.verify {
        return verify(context, &analysis, args.time_limit);
    }
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

/// What a recorded run printed.
fn recorded(context: &Context, file: &Path) -> Result<Recorded, Failure> {
    let failed = |error: std::io::Error| {
        Failure::Usage(
            format!("failed to read {}: {error}", file.display()),
            Some("give a file, or - for standard input".into()),
        )
    };
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
        bytes
    } else {
        context.system.read(&absolute(&context.system.current_dir(), file)).map_err(failed)?
    };
    Ok(Recorded::parse(&String::from_utf8_lossy(&bytes)))
}

fn compare_with(collection: &Collection, recorded: &Recorded, errors: bool) -> Result<exit::Code, Failure> {
    let found = compare(collection, recorded, errors);
    print(&found.text())?;
    Ok(if found.is_empty() { exit::CLEAN } else { exit::FINDINGS })
}

/// Runs the project's own pytest: the one place where code of the project is executed, because the user asks for it.
fn verify(context: &Context, analysis: &Analysis, limit: u64) -> Result<exit::Code, Failure> {
    let world = &analysis.world;
    let Some(prefix) = &world.environment.prefix else {
        let help = "--python names the environment whose pytest is to run".to_owned();
        return Err(Failure::Usage("failed to verify: no Python environment was found".into(), Some(help)));
    };
    let places = ["bin/python", "bin/python3", "Scripts/python.exe", "python.exe"].map(|name| prefix.join(name));
    let Some(python) = places.into_iter().find(|path| context.system.metadata(path).is_ok()) else {
        let text = format!("failed to verify: {} holds no interpreter", prefix.display());
        return Err(Failure::Usage(text, None));
    };
    let script = prefix.join("bin/pytest");
    let mut arguments = if !world.settings.python_dash_m && context.system.metadata(&script).is_ok() {
        vec![script.to_string_lossy().into_owned()]
    } else {
        vec!["-m".to_owned(), "pytest".to_owned()]
    };
    arguments.extend(["--collect-only", "--color=no", "-p", "no:cacheprovider"].map(ToOwned::to_owned));
    arguments.extend(world.settings.pytest_args.iter().cloned());
    // Whatever the configuration adds: one id per line.
    arguments.push("--verbosity=-1".to_owned());
    warn(&format!("running {} {}\nthis executes code of the project\n", python.display(), arguments.join(" ")));
    let failed = |error| Failure::Usage(format!("failed to run {}: {error}", python.display()), None);
    let done = process::run(&python, &arguments, &world.config.cwd, Duration::from_secs(limit)).map_err(failed)?;
    if done.timed_out {
        let text = format!("failed to verify: pytest did not end within {limit} seconds");
        return Err(Failure::Usage(text, Some("--time-limit gives it more".into())));
    }
    let code = done.code.unwrap_or(-1);
    let recorded = Recorded::parse(&done.out);
    // 0 and 5: all collects; 2: some modules do not. Anything else is a run that ended early.
    let ended = !matches!(code, 0 | 2 | 5);
    if ended != analysis.collection.aborted.is_some() {
        let told = done.err.lines().chain(done.out.lines()).rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        let predicted =
            analysis.collection.aborted.as_ref().map_or("collects".to_owned(), |abort| abort.reason.clone());
        print(&format!("pytest ends with {code}: {}\npredicted: {}\n", clean(told), clean(&predicted)))?;
        return Ok(exit::FINDINGS);
    }
    compare_with(&analysis.collection, &recorded, true)
}
