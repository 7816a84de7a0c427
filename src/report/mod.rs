//! Renderers: [`data::ReportData`] in, text out. Nothing here analyses, reads files or prints.

pub mod audit;
pub mod audit_json;
pub mod collect_json;
pub mod compare;
pub mod data;
pub mod diff;
pub mod environment;
pub mod excerpt;
pub mod exports;
pub mod failure;
pub mod fixtures;
pub mod full;
pub mod graph;
pub mod json;
pub mod lines;
mod lists;
pub mod look;
pub mod machine_formats;
pub mod markdown;
mod reached;
pub mod sarif;
mod steps;
#[cfg(test)]
mod tests;
pub mod timings;
pub mod tree;
pub mod why;

use crate::config::settings::Format;
use data::ReportData;
use look::Look;

/// The report in one format, ending in a newline unless there is nothing to say.
#[must_use]
pub fn render(format: Format, data: &ReportData, look: &Look) -> String {
    match format {
        Format::Full => full::render(data, look),
        Format::Concise => lines::concise(data, look),
        Format::Grouped => lines::grouped(data, look),
        Format::Pylint => lines::pylint(data),
        Format::Azure => lines::azure(data),
        Format::Github => lines::github(data),
        Format::Json => json::document(data),
        Format::JsonLines => json::lines(data),
        Format::Sarif => sarif::render(data),
        Format::Gitlab => machine_formats::gitlab(data),
        Format::Junit => machine_formats::junit(data),
        Format::Rdjson => machine_formats::rdjson(data),
        Format::Markdown => markdown::render(data),
    }
}
