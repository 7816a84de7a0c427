//! `graph` and `exports`: modules, imports, names.

use super::analysis;
use super::args::{Exports, Graph, GraphFormat, TextOrJson};
use super::output::print;
use super::project::Failure;
use super::{Context, exit};
use crate::base::system::absolute;
use crate::graph::NodeIndex;
use crate::report::exports::View;
use crate::report::graph::Drawing;
use crate::session::{Analysis, Depth};

pub fn run(context: &Context, args: &Graph) -> Result<exit::Code, Failure> {
    let (settings, _) = analysis::settings(context, &args.paths)?;
    let analysis = analysis::run_to(Depth::Graph, context, settings)?;
    let drawing = Drawing { graph: &analysis.graph, root: &analysis.collection.rootdir };
    let look = &context.look;
    let format = args.output_format.unwrap_or(GraphFormat::Text);
    let text = if let (Some(from), Some(to)) = (&args.from, &args.to) {
        let (start, end) = (module(context, &analysis, from)?, module(context, &analysis, to)?);
        let chain = match format {
            GraphFormat::Json => drawing.chain_json(start, end),
            _ => drawing.chain(start, end, look),
        };
        chain.ok_or_else(|| Failure::Usage(format!("no chain of imports leads from {from} to {to}"), None))?
    } else {
        match (args.cycles, format) {
            (true, GraphFormat::Json) => drawing.cycles_json(),
            (true, _) => drawing.cycles(look),
            (false, GraphFormat::Text) => drawing.text(look),
            (false, GraphFormat::Json) => drawing.json(),
            (false, GraphFormat::Dot) => drawing.dot(),
            (false, GraphFormat::Mermaid) => drawing.mermaid(),
        }
    };
    print(&text)?;
    Ok(exit::CLEAN)
}

pub fn exports(context: &Context, args: &Exports) -> Result<exit::Code, Failure> {
    let (settings, _) = analysis::settings(context, std::slice::from_ref(&args.path))?;
    let analysis = analysis::run_to(Depth::Graph, context, settings)?;
    let index = module(context, &analysis, &args.module)?;
    let view = View::new(&analysis.graph, &analysis.collection.rootdir, index);
    print(&match args.output_format {
        TextOrJson::Text => view.text(&context.look),
        TextOrJson::Json => view.json(),
    })?;
    Ok(exit::CLEAN)
}

/// A module by its dotted name or its file.
pub fn module(context: &Context, analysis: &Analysis, wanted: &str) -> Result<NodeIndex, Failure> {
    let graph = &analysis.graph;
    if let Some(found) = graph.named(wanted) {
        return Ok(found);
    }
    // `flask.app` also where the run knows it as `src.flask.app`.
    let tail = format!(".{wanted}");
    let mut longer = graph.modules().filter(|(_, module)| module.name.ends_with(&tail));
    if let (Some((found, _)), None) = (longer.next(), longer.next()) {
        return Ok(found);
    }
    let path = std::path::Path::new(wanted);
    for base in [context.system.current_dir(), analysis.collection.rootdir.clone()] {
        if let Some(found) = graph.of_file(&absolute(&base, path)).first() {
            return Ok(*found);
        }
    }
    let nearest = crate::rules::words::nearest(wanted, graph.module_names());
    let help = match nearest.as_slice() {
        [] => "`precollect graph` lists the modules of the project".to_string(),
        names => format!("did you mean {}?", names.join(" or ")),
    };
    Err(Failure::Usage(format!("failed to find a module called {wanted} in the project"), Some(help)))
}
