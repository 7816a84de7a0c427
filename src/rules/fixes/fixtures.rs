//! FXT003: takes away a fixture that is a copy of the one above it.

use super::{replace, span};
use crate::diagnostic::{Certainty, Diagnostic, Fix, Safety};
use crate::rules::Facts;

/// Removes the definition, with the blank lines behind it.
pub fn remove_copy(facts: &Facts, diagnostic: &Diagnostic) -> Option<Fix> {
    if diagnostic.certainty != Certainty::Certain || diagnostic.label != "reads the same" {
        return None;
    }
    let file = facts.root.join(&*diagnostic.place.path);
    let summary = facts.summary(&file)?;
    let text = facts.text(&file)?;
    let definition = summary.definitions.iter().find(|known| known.name_span == diagnostic.place.span)?;
    let start = definition.span.start as usize;
    let opens = start == 0 || text[..start].ends_with(['\n', '\r']);
    let end = definition.span.end as usize;
    let rest = text[end..].trim_start_matches([' ', '\t']);
    if !opens || !(rest.is_empty() || rest.starts_with(['\n', '\r'])) {
        return None;
    }
    let behind = rest.trim_start_matches(['\n', '\r']);
    let end = text.len() - behind.len();
    // Where nothing follows, the blank lines in front go instead.
    let kept = text[..start].trim_end_matches(['\n', '\r']).len();
    let start =
        if behind.is_empty() && kept > 0 { kept + text[kept..start].find('\n').map_or(0, |at| at + 1) } else { start };
    let edits = vec![replace(facts, &file, span(start, end), "")];
    Some(Fix { title: format!("remove the copy of {}", diagnostic.subject), safety: Safety::Unsafe, edits })
}
