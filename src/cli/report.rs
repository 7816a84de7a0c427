//! `report`: the audit.

use super::analysis::{self, data};
use super::args::Report;
use super::check::{put, show};
use super::project::Failure;
use super::{Context, exit};
use crate::config::settings::{Format, Output};
use crate::report::audit_json;
use crate::session::Scope;

pub fn run(context: &Context, args: &Report) -> Result<exit::Code, Failure> {
    let parsed = args.output_format.iter().map(|text| text.parse::<Output>());
    let wrong = |error| Failure::Usage(format!("--output-format: {error}"), None);
    let outputs: Vec<Output> = parsed.collect::<Result<_, _>>().map_err(wrong)?;
    if let Some(other) = outputs.iter().find(|output| !matches!(output.format, Format::Markdown | Format::Json)) {
        let text = format!("--output-format: a report is `markdown` or `json`, not `{}`", other.format.name());
        return Err(Failure::Usage(text, Some("`precollect check` prints the other formats".into())));
    }
    let (mut settings, paths) = analysis::settings(context, &args.paths)?;
    settings.pytest_args.clone_from(&args.pytest_args);
    // What tests reach is told in sections of their own.
    settings.extend_select.extend(["BLK020", "ENV008", "FXT011"].map(String::from));
    let mut analysis = analysis::run(context, settings)?;
    let mut data = data(&mut analysis, &Scope::new(paths));
    analysis::audit(&analysis, &mut data);
    for output in &outputs {
        match output.format {
            Format::Json => put(context, output, &audit_json::document(&data))?,
            _ => show(context, output, &data)?,
        }
    }
    Ok(exit::CLEAN)
}
