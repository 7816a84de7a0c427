//! `fixtures`: what a test or path sees, the tree of conftests, what nobody asks for.

use std::path::Path;

use super::analysis;
use super::args::{Fixtures, TextOrJson};
use super::output::print;
use super::project::Failure;
use super::{Context, exit};
use crate::base::system::absolute;
use crate::report::fixtures::{View, document, text, tree_document, tree_text};
use crate::rules::Facts;

pub fn run(context: &Context, args: &Fixtures) -> Result<exit::Code, Failure> {
    let target = args.target.as_deref().unwrap_or(".");
    let (file, parts) = target.split_once("::").map_or((target, None), |(file, parts)| (file, Some(parts)));
    let (mut settings, _) = analysis::settings(context, &[file.into()])?;
    settings.pytest_args.clone_from(&args.pytest_args);
    let analysis = analysis::run(context, settings)?;
    let root = &analysis.collection.rootdir;
    let path = absolute(&context.system.current_dir(), Path::new(file));
    let node = path.strip_prefix(root).map(|below| below.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    let id = parts.map_or_else(|| node.clone(), |parts| format!("{node}::{parts}"));
    let view = View::new(&analysis.world, &analysis.collection, &analysis.diagnostics);
    let json = args.output_format == TextOrJson::Json;
    let whole = args.target.is_none() || node.is_empty();
    let shown = if args.unused {
        let (world, collection) = (&analysis.world, &analysis.collection);
        let facts = Facts::new(&world.settings, &world.environment, collection, world, &analysis.graph);
        let rows = view.unused(&facts.dynamic_texts());
        let inside = |row: &crate::report::fixtures::Row| row.place.starts_with(&id);
        let rows: Vec<_> = rows.into_iter().filter(inside).collect();
        match (json, rows.is_empty()) {
            (true, _) => document(&rows),
            (false, true) => "no unused fixtures\n".to_owned(),
            (false, false) => text(&rows, &context.look),
        }
    } else if args.tree || whole && parts.is_none() {
        let nodes = view.tree(&id);
        if json { tree_document(&nodes) } else { tree_text(&nodes, &context.look) }
    } else {
        let rows = match view.of_test(&id) {
            Some(rows) => rows,
            None if parts.is_some() && !is_class(&analysis.collection, &id) => {
                return Err(unknown_test(&analysis.collection, &id));
            }
            None => view.of_node(&id),
        };
        if json { document(&rows) } else { text(&rows, &context.look) }
    };
    print(&shown)?;
    Ok(exit::CLEAN)
}

fn is_class(collection: &crate::pytest::verdict::Collection, id: &str) -> bool {
    let below = format!("{id}::");
    collection.functions.iter().any(|function| function.nodeid.starts_with(&below))
}

/// There is no such test; the nearest ones.
pub(super) fn unknown_test(collection: &crate::pytest::verdict::Collection, id: &str) -> Failure {
    let names = collection.functions.iter().map(|function| &*function.nodeid);
    let nearest = crate::rules::words::nearest(id, names);
    let help = match nearest.as_slice() {
        [] => "`precollect collect -q` lists the tests".to_owned(),
        names => format!("did you mean {}?", names.join(" or ")),
    };
    Failure::Usage(format!("failed to find a test called {id}"), Some(help))
}
