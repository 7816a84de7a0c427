//! What was found of the interpreter's world, and from where.

use std::path::Path;

use serde_json::{Value, json};

use super::data::relative;
use super::json::pretty;
use super::look::{Detail, Look, Paint, clean, count, labelled};
use crate::environment::Environment;

/// For people.
#[must_use]
pub fn text(environment: &Environment, root: &Path, look: &Look) -> String {
    let mut out = String::new();
    let mut row = |label: &str, text: &str| labelled(&mut out, look, label, 14, &clean(text));
    match &environment.prefix {
        Some(prefix) => row("environment", &format!("{} ({})", prefix.display(), environment.origin)),
        None => row(
            "environment",
            &format!("none ({}); declared dependencies stand in for installed ones", environment.origin),
        ),
    }
    row("Python", &format!("{} ({})", environment.version, environment.version_origin));
    row("platform", environment.platform.sys_platform());
    if let Some(pytest) = environment.distribution("pytest") {
        row("pytest", &pytest.version);
    }
    for path in &environment.python_path {
        row("PYTHONPATH", &path.to_string_lossy());
    }
    for entry in &environment.site {
        row("search path", &format!("{} ({})", entry.path.display(), entry.origin));
    }
    for finder in &environment.finders {
        let names: Vec<&str> = finder.mapping.iter().map(|(name, _)| name.as_str()).collect();
        row("editable", &format!("{} ({})", names.join(", "), finder.file.display()));
    }
    for finder in &environment.opaque_finders {
        let names = finder.names.as_ref().map_or_else(|| "any module".to_owned(), |names| names.join(", "));
        row("opaque hook", &format!("{names} ({})", finder.origin));
    }
    for (name, directory) in &environment.shims {
        row("stand-in", &format!("{name} ({})", directory.display()));
    }
    if let Some(stdlib) = &environment.stdlib {
        row("library", &stdlib.to_string_lossy());
    }
    row("installed", &count(environment.distributions.len(), "distribution"));
    let declared = &environment.declared;
    if !declared.requirements.is_empty() {
        let files: Vec<String> = declared.files.iter().map(|file| relative(root, file).to_string()).collect();
        row("declared", &format!("{} in {}", count(declared.requirements.len(), "requirement"), files.join(", ")));
    } else if declared.incomplete.is_none() {
        row("declared", "nothing: no file of the project declares dependencies");
    }
    if let Some(reason) = &declared.incomplete {
        row("declared", &format!("not all of it: {reason}"));
    }
    for problem in &environment.problems {
        row("note", problem);
    }
    if look.detail == Detail::Verbose {
        out.push('\n');
        for distribution in &environment.distributions {
            let name = look.paint(Paint::Strong, &clean(environment.display_name(distribution)));
            let editable = if distribution.editable { ", editable" } else { "" };
            let line =
                format!("{}{editable}: {}", distribution.version, environment.top_level(distribution).join(", "));
            out.push_str(&format!("{name} {}\n", clean(&line)));
        }
    }
    out
}

/// As data.
#[must_use]
pub fn document(environment: &Environment, root: &Path) -> String {
    let shown = |path: &Path| relative(root, path).to_string();
    let distributions: Vec<Value> = environment
        .distributions
        .iter()
        .map(|d| json!({"name": environment.display_name(d), "version": d.version, "editable": d.editable, "modules": environment.top_level(d)}))
        .collect();
    let requirements: Vec<Value> = environment
        .declared
        .requirements
        .iter()
        .map(|r| {
            json!({"name": r.name, "specifier": r.specifier, "path": shown(&r.file), "line": r.line, "group": r.group, "applies": r.applies})
        })
        .collect();
    pretty(&json!({
        "schema": super::json::SCHEMA,
        "prefix": environment.prefix.as_deref().map(shown),
        "origin": environment.origin,
        "python": environment.version.to_string(),
        "python_origin": environment.version_origin,
        "platform": environment.platform.sys_platform(),
        "pythonpath": environment.python_path.iter().map(|path| shown(path)).collect::<Vec<_>>(),
        "site": environment.site.iter().map(|e| json!({"path": shown(&e.path), "origin": e.origin})).collect::<Vec<_>>(),
        "opaque": environment.opaque_finders.iter().map(|finder| &finder.origin).collect::<Vec<_>>(),
        "distributions": distributions,
        "requirements": requirements,
        "problems": environment.problems,
    }))
}
