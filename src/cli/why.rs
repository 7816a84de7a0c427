//! `why`: what runs for a target, in order, and where it breaks.

use std::path::Path;

use super::analysis;
use super::args::{TextOrJson, Why};
use super::output::print;
use super::project::{self, Failure};
use super::{Context, exit};
use crate::base::system::absolute;
use crate::pytest::verdict::ModuleReport;
use crate::report::why::Evidence;
use crate::session::Analysis;

pub fn run(context: &Context, args: &Why) -> Result<exit::Code, Failure> {
    let file = args.target.split("::").next().unwrap_or(&args.target);
    let current = context.system.current_dir();
    let full = absolute(&current, Path::new(file));
    // A file tells its project by itself; a module name is looked up in the one that is named.
    let is_path = context.system.is_file(&full);
    let paths = if is_path { vec![full.clone()] } else { vec![args.path.clone()] };
    let root = project::find(&*context.system, &paths)?.root;
    let (mut settings, _) = analysis::settings(context, std::slice::from_ref(&root))?;
    settings.trace = true;
    let test = args.target.contains("::").then(|| node_id(&root, &current, &args.target));
    if test.is_some() {
        // Of one test is asked what it does when it runs, too.
        settings.extend_select.push("BLK020".to_owned());
    }
    let analysis = analysis::run(context, settings)?;
    let evidence = Evidence {
        root: &analysis.collection.rootdir,
        collection: &analysis.collection,
        graph: &analysis.graph,
        diagnostics: &analysis.diagnostics,
        environment: &analysis.world.environment,
        text: &|file| analysis.world.store.text(file),
        is_project: &|file| crate::machine::Modules::is_project(&analysis.world, file),
    };
    let module = test_module(&analysis, &args.target, &full);
    let text = match (module, args.output_format) {
        (Some(module), TextOrJson::Json) => evidence.module_json(module),
        (Some(module), TextOrJson::Text) => {
            let running = test.map(|test| evidence.running(&test, &context.look)).unwrap_or_default();
            evidence.module(module, &context.look) + &running
        }
        (None, format) => {
            let node = super::graph::module(context, &analysis, &args.target)?;
            match format {
                TextOrJson::Json => evidence.other_json(node),
                TextOrJson::Text => evidence.other(node, &context.look),
            }
        }
    };
    print(&text)?;
    Ok(exit::CLEAN)
}

/// A node id with its path as seen from the project.
fn node_id(root: &Path, current: &Path, target: &str) -> String {
    let (file, rest) = target.split_once("::").unwrap_or((target, ""));
    let full = absolute(current, Path::new(file));
    let shown = full.strip_prefix(root).unwrap_or(Path::new(file));
    format!("{}::{rest}", shown.to_string_lossy().replace('\\', "/"))
}

/// A test module by path, node id or the name pytest imports it under.
fn test_module<'a>(analysis: &'a Analysis, target: &str, full: &Path) -> Option<&'a ModuleReport> {
    let id = target.split("::").next().unwrap_or(target);
    let mut modules = analysis.collection.modules.iter();
    modules.find(|module| *module.file == *full || module.nodeid == id || module.module == target)
}
