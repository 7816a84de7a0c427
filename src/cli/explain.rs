//! `explain`: the page of a rule, or the table of all of them.

use serde_json::json;

use super::args::{Explain, TextOrJson};
use super::output::print;
use super::project::Failure;
use super::{Context, exit};
use crate::report::json::pretty;
use crate::report::look::{Look, Paint};
use crate::rules::{self, Meta};

pub fn run(context: &Context, args: &Explain) -> Result<exit::Code, Failure> {
    let metas = if args.all {
        rules::all().iter().map(|rule| rule.meta()).collect()
    } else {
        args.rules.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?
    };
    print(&match args.output_format {
        TextOrJson::Json => pretty(&metas.iter().map(|meta| data(meta)).collect::<Vec<_>>()),
        TextOrJson::Text if args.all => table(&metas, &context.look),
        TextOrJson::Text => pages(&metas, &context.look),
    })?;
    Ok(exit::CLEAN)
}

fn find(name: &str) -> Result<&'static Meta, Failure> {
    if let Some(rule) = rules::find(name) {
        return Ok(rule.meta());
    }
    let nearest = rules::nearest_rule(name);
    let help = nearest.map_or_else(
        || "`precollect explain --all` lists the rules".to_string(),
        |known| format!("did you mean {known}?"),
    );
    Err(Failure::Usage(format!("failed to find a rule called {name}"), Some(help)))
}

fn data(meta: &Meta) -> serde_json::Value {
    json!({
        "code": meta.code,
        "name": meta.name,
        "summary": meta.summary,
        "severity": meta.severity,
        "default": meta.default_on && !meta.preview,
        "preview": meta.preview,
        "documentation": meta.documentation,
    })
}

fn table(metas: &[&Meta], look: &Look) -> String {
    let widest = metas.iter().map(|meta| meta.name.len()).max().unwrap_or(0);
    let row = |meta: &&Meta| {
        let code = look.paint(Paint::Severity(meta.severity), meta.code);
        let off = match (meta.preview, meta.default_on) {
            (true, _) => " (under trial: on with preview)",
            (false, true) => "",
            (false, false) => " (off unless selected)",
        };
        format!("{code}  {:<widest$}  {:<7}  {}{off}\n", meta.name, meta.severity.to_string(), meta.summary)
    };
    metas.iter().map(row).collect()
}

/// The pages as they are written: Markdown reads well in a terminal.
fn pages(metas: &[&Meta], look: &Look) -> String {
    let page = |meta: &&Meta| {
        let state = if meta.default_on { "on by default" } else { "off unless selected" };
        let head = format!("{} {} ({}, {state})", meta.code, meta.name, meta.severity);
        let body = meta.documentation.split_once('\n').map_or("", |(_, body)| body.trim());
        format!("{}\n\n{body}\n", look.paint(Paint::Strong, &head))
    };
    metas.iter().map(page).collect::<Vec<_>>().join("\n")
}
